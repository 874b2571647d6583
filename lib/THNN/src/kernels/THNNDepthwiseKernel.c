/* Each tap adds a multiple of a run of the input's row to a run of the output's row, which stays in the first-level cache. */
#include "kernels/THNNDepthwiseKernel.h"

#define LANES ((int)(64 / sizeof(scalar_t)))

/* y[i * y_stride] += a * x[i * x_stride]; called with constant strides where they are 1, so that those loops become vectors. */
TH_INLINE void addRun(int64_t n, scalar_t a, const scalar_t *x, int64_t x_stride, scalar_t *y, int64_t y_stride)
{
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) y[i * y_stride] += a * x[i * x_stride];
}

TH_INLINE void forwardTap(const THNNWindow *w, int64_t kw, scalar_t a, const scalar_t *x, scalar_t *y)
{
    int64_t left, right;
    THNNWindow_inside(w, kw, &left, &right);
    if (left == right) return;
    x += THNNWindow_position(w, left, kw);
    if (w->stride == 1)
        addRun(right - left, a, x, 1, y + left, 1);
    else if (w->stride == 2)
        addRun(right - left, a, x, 2, y + left, 1);
    else
        addRun(right - left, a, x, w->stride, y + left, 1);
}

/* One slice of the filter over one slice of the volume, added to one slice of the output. */
TH_INLINE void forwardSlice(const THNNPlane *plane, const scalar_t *x, const scalar_t *filter, scalar_t *y)
{
    const THNNWindow h = plane->h;
    const THNNWindow w = plane->w;
    for (int64_t o = 0; o < h.output; o++, y += w.output) {
        for (int64_t kh = 0; kh < h.kernel; kh++) {
            const int64_t row = THNNWindow_position(&h, o, kh);
            if (row < 0 || row >= h.input) continue;
            for (int64_t kw = 0; kw < w.kernel; kw++) forwardTap(&w, kw, filter[kh * w.kernel + kw], x + row * w.input, y);
        }
    }
}

static void TH_KERNEL(depthwise)(const THNNPlane *plane, const void *x_, const void *filter_, const void *bias, void *y_)
{
    const int64_t slice = plane->h.input * plane->w.input;
    const int64_t out_slice = plane->h.output * plane->w.output;
    const scalar_t *x = x_;
    const scalar_t *filter = filter_;
    const scalar_t start = bias == NULL ? (scalar_t)0 : *(const scalar_t *)bias;
    scalar_t *y = y_;
    for (int64_t o = 0; o < plane->d.output; o++, y += out_slice) {
        for (int64_t i = 0; i < out_slice; i++) y[i] = start;
        for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
            const int64_t depth = THNNWindow_position(&plane->d, o, kd);
            if (depth < 0 || depth >= plane->d.input) continue;
            forwardSlice(plane, x + depth * slice, filter + kd * plane->h.kernel * plane->w.kernel, y);
        }
    }
}

TH_INLINE void gradInputSlice(const THNNPlane *plane, const scalar_t *gy, const scalar_t *filter, scalar_t *gx)
{
    const THNNWindow h = plane->h;
    const THNNWindow w = plane->w;
    for (int64_t o = 0; o < h.output; o++, gy += w.output) {
        for (int64_t kh = 0; kh < h.kernel; kh++) {
            const int64_t row = THNNWindow_position(&h, o, kh);
            if (row < 0 || row >= h.input) continue;
            for (int64_t kw = 0; kw < w.kernel; kw++) {
                const scalar_t a = filter[kh * w.kernel + kw];
                int64_t left, right;
                THNNWindow_inside(&w, kw, &left, &right);
                if (left == right) continue;
                scalar_t *target = gx + row * w.input + THNNWindow_position(&w, left, kw);
                if (w.stride == 1)
                    addRun(right - left, a, gy + left, 1, target, 1);
                else
                    addRun(right - left, a, gy + left, 1, target, w.stride);
            }
        }
    }
}

static void TH_KERNEL(depthwise_grad_input)(const THNNPlane *plane, const void *gy_, const void *filter_, void *gx_)
{
    const int64_t slice = plane->h.input * plane->w.input;
    const scalar_t *gy = gy_;
    const scalar_t *filter = filter_;
    scalar_t *gx = gx_;
    for (int64_t o = 0; o < plane->d.output; o++, gy += plane->h.output * plane->w.output) {
        for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
            const int64_t depth = THNNWindow_position(&plane->d, o, kd);
            if (depth < 0 || depth >= plane->d.input) continue;
            gradInputSlice(plane, gy, filter + kd * plane->h.kernel * plane->w.kernel, gx + depth * slice);
        }
    }
}

TH_INLINE void dotRun(int64_t n, const scalar_t *x, int64_t stride, const scalar_t *gy, scalar_t *lane)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int j = 0; j < LANES; j++) lane[j] += x[(i + j) * stride] * gy[i + j];
    }
    for (int j = 0; i + j < n; j++) lane[j] += x[(i + j) * stride] * gy[i + j];
}

TH_INLINE void gradFilterSlice(const THNNPlane *plane, const scalar_t *x, const scalar_t *gy, double *sums)
{
    const THNNWindow h = plane->h;
    const THNNWindow w = plane->w;
    for (int64_t kh = 0; kh < h.kernel; kh++) {
        int64_t top, bottom;
        THNNWindow_inside(&h, kh, &top, &bottom);
        for (int64_t kw = 0; kw < w.kernel; kw++) {
            int64_t left, right;
            THNNWindow_inside(&w, kw, &left, &right);
            if (left == right) continue;
            scalar_t lane[LANES] = {0};
            const int64_t column = THNNWindow_position(&w, left, kw);
            for (int64_t o = top; o < bottom; o++) {
                const scalar_t *source = x + THNNWindow_position(&h, o, kh) * w.input + column;
                if (w.stride == 1)
                    dotRun(right - left, source, 1, gy + o * w.output + left, lane);
                else
                    dotRun(right - left, source, w.stride, gy + o * w.output + left, lane);
            }
            for (int j = 0; j < LANES; j++) sums[kh * w.kernel + kw] += (double)lane[j];
        }
    }
}

static void TH_KERNEL(depthwise_grad_filter)(const THNNPlane *plane, const void *x_, const void *gy_, double *sums)
{
    const scalar_t *x = x_;
    const scalar_t *gy = gy_;
    for (int64_t kd = 0; kd < plane->d.kernel; kd++, sums += plane->h.kernel * plane->w.kernel) {
        int64_t front, back;
        THNNWindow_inside(&plane->d, kd, &front, &back);
        for (int64_t o = front; o < back; o++)
            gradFilterSlice(plane, x + THNNWindow_position(&plane->d, o, kd) * plane->h.input * plane->w.input,
                            gy + o * plane->h.output * plane->w.output, sums);
    }
}

const THNNDepthwiseKernel TH_TABLE(THNNDepthwiseKernel) = {
    .forward = TH_KERNEL(depthwise),
    .grad_input = TH_KERNEL(depthwise_grad_input),
    .grad_filter = TH_KERNEL(depthwise_grad_filter),
};
