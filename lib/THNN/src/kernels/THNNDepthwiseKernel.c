/* Where the filter moves by one along the width the volume is copied with its padding, and all taps of a run of outputs
 * are added up in registers. Otherwise each tap adds a multiple of a run of the input row to a run of the output row, which
 * stays in the first-level cache. */
#include "kernels/THNNDepthwiseKernel.h"

#include <string.h>

#define LANES ((int)(64 / sizeof(scalar_t)))

typedef scalar_t Lanes __attribute__((vector_size(64), aligned(sizeof(scalar_t)), may_alias));
typedef scalar_t FewLanes __attribute__((vector_size(16), aligned(sizeof(scalar_t)), may_alias));
#define FEW ((int)(16 / sizeof(scalar_t)))
#define RUN 4 /* vectors of outputs at once */
#define TAPS 3

/* --- with padding -------------------------------------------------------------------------------------------------- */

/* A volume with its padding: distances of rows and slices. */
typedef struct Padded {
    const scalar_t *data;
    int64_t row;
    int64_t slice;
} Padded;

TH_INLINE Padded padVolume(const THNNPlane *plane, const scalar_t *x, scalar_t *room)
{
    const THNNWindow d = plane->d, h = plane->h, w = plane->w;
    const Padded padded = {.data = room, .row = w.input + 2 * w.pad, .slice = (h.input + 2 * h.pad) * (w.input + 2 * w.pad)};
    memset(room, 0, (size_t)THNNDepthwise_padded(plane) * sizeof(scalar_t));
    for (int64_t i = 0; i < d.input; i++) {
        scalar_t *target = room + (i + d.pad) * padded.slice + h.pad * padded.row + w.pad;
        for (int64_t j = 0; j < h.input; j++, x += w.input, target += padded.row)
            memcpy(target, x, (size_t)w.input * sizeof(scalar_t));
    }
    return padded;
}

/* What a run is added to, and where. */
typedef struct Target {
    scalar_t *y;
    scalar_t *end; /* of the volume: what a vector writes past a run is written again, but not past the end */
    scalar_t start;
    int add; /* to what is there, instead of to start */
} Target;

/* `vectors`, a constant, times LANES outputs, of which `count` are wanted, some of the last vector at least; x: what the first
 * tap of the first one sees. The filter is read by steps of `step`. */
TH_INLINE void forwardRun(const int vectors, const THNNPlane *plane, const Padded *padded, const scalar_t *x,
                          const scalar_t *filter, int64_t step, int64_t count, const Target *to, scalar_t *y)
{
    Lanes sum[RUN];
    Lanes part;
    const int64_t rest = count - (vectors - 1) * LANES;
    const int whole = rest == LANES || (!to->add && to->end - y >= vectors * LANES);
    scalar_t *const last = y + (vectors - 1) * LANES;
    if (to->add) {
        if (!whole) part = (Lanes){0}, memcpy(&part, last, (size_t)rest * sizeof(scalar_t));
#pragma GCC unroll 4
        for (int v = 0; v < vectors - 1; v++) sum[v] = *(const Lanes *)(y + v * LANES);
        sum[vectors - 1] = whole ? *(const Lanes *)last : part;
    } else {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) sum[v] = (Lanes){0} + to->start;
    }
    for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
        for (int64_t kh = 0; kh < plane->h.kernel; kh++) {
            const scalar_t *row = x + kd * plane->d.dilation * padded->slice + kh * plane->h.dilation * padded->row;
            for (int64_t kw = 0; kw < plane->w.kernel; kw++, filter += step, row += plane->w.dilation) {
                const scalar_t a = *filter;
#pragma GCC unroll 4
                for (int v = 0; v < vectors; v++) sum[v] += a * *(const Lanes *)(row + v * LANES);
            }
        }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors - 1; v++) *(Lanes *)(y + v * LANES) = sum[v];
    part = sum[vectors - 1];
    if (whole)
        *(Lanes *)last = part;
    else
        memcpy(last, &part, (size_t)rest * sizeof(scalar_t));
}

TH_INLINE void forwardPadded(const THNNPlane *plane, const Padded *padded, const scalar_t *filter, int64_t step, Target to)
{
    const THNNWindow d = plane->d, h = plane->h, w = plane->w;
    scalar_t *y = to.y;
    to.end = y + d.output * h.output * w.output;
    for (int64_t i = 0; i < d.output; i++) {
        for (int64_t j = 0; j < h.output; j++, y += w.output) {
            const scalar_t *x = padded->data + i * d.stride * padded->slice + j * h.stride * padded->row;
            for (int64_t k = 0; k < w.output; k += RUN * LANES) {
                const int64_t rest = w.output - k;
                if (rest <= LANES)
                    forwardRun(1, plane, padded, x + k, filter, step, rest, &to, y + k);
                else if (rest <= 2 * LANES)
                    forwardRun(2, plane, padded, x + k, filter, step, rest, &to, y + k);
                else if (rest <= 3 * LANES)
                    forwardRun(3, plane, padded, x + k, filter, step, rest, &to, y + k);
                else
                    forwardRun(4, plane, padded, x + k, filter, step, rest < RUN * LANES ? rest : RUN * LANES, &to, y + k);
            }
        }
    }
}

/* taps, a constant: sums[t] += the sums over `rows` rows of x[i + t * dilation] * gy[i]; rows lie a stride apart. */
TH_INLINE void dotRows(const int taps, int64_t rows, int64_t n, int64_t dilation, const scalar_t *x, int64_t x_stride,
                       const scalar_t *gy, int64_t gy_stride, double *sums)
{
    Lanes lane[TAPS] = {{0}}, other[TAPS] = {{0}};
    FewLanes few[TAPS] = {{0}};
    scalar_t rest[TAPS] = {0};
    for (int64_t o = 0; o < rows; o++, x += x_stride, gy += gy_stride) {
        int64_t i = 0;
        for (; i + 2 * LANES <= n; i += 2 * LANES) {
            const Lanes g = *(const Lanes *)(gy + i), h = *(const Lanes *)(gy + i + LANES);
#pragma GCC unroll 3
            for (int t = 0; t < taps; t++) {
                lane[t] += *(const Lanes *)(x + i + t * dilation) * g;
                other[t] += *(const Lanes *)(x + i + LANES + t * dilation) * h;
            }
        }
        if (i + LANES <= n) {
            const Lanes g = *(const Lanes *)(gy + i);
#pragma GCC unroll 3
            for (int t = 0; t < taps; t++) lane[t] += *(const Lanes *)(x + i + t * dilation) * g;
            i += LANES;
        }
        for (; i + FEW <= n; i += FEW) {
            const FewLanes g = *(const FewLanes *)(gy + i);
#pragma GCC unroll 3
            for (int t = 0; t < taps; t++) few[t] += *(const FewLanes *)(x + i + t * dilation) * g;
        }
        for (; i < n; i++) {
#pragma GCC unroll 3
            for (int t = 0; t < taps; t++) rest[t] += x[i + t * dilation] * gy[i];
        }
    }
#pragma GCC unroll 3
    for (int t = 0; t < taps; t++) {
        lane[t] += other[t];
        for (int j = 0; j < LANES; j++) sums[t] += (double)lane[t][j];
        for (int j = 0; j < FEW; j++) sums[t] += (double)few[t][j];
        sums[t] += (double)rest[t];
    }
}

TH_INLINE void gradFilterPadded(const THNNPlane *plane, const Padded *padded, const scalar_t *gy, double *sums)
{
    const THNNWindow d = plane->d, h = plane->h, w = plane->w;
    for (int64_t kd = 0; kd < d.kernel; kd++) {
        for (int64_t kh = 0; kh < h.kernel; kh++, sums += w.kernel) {
            for (int64_t o = 0; o < d.output; o++) {
                const scalar_t *x =
                    padded->data + (o * d.stride + kd * d.dilation) * padded->slice + kh * h.dilation * padded->row;
                const scalar_t *g = gy + o * h.output * w.output;
                int64_t kw = 0;
                for (; kw + TAPS <= w.kernel; kw += TAPS)
                    dotRows(TAPS, h.output, w.output, w.dilation, x + kw * w.dilation, h.stride * padded->row, g, w.output,
                            sums + kw);
                for (; kw < w.kernel; kw++)
                    dotRows(1, h.output, w.output, w.dilation, x + kw * w.dilation, h.stride * padded->row, g, w.output,
                            sums + kw);
            }
        }
    }
}

/* --- without ------------------------------------------------------------------------------------------------------- */

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

static void TH_KERNEL(depthwise)(const THNNPlane *plane, const void *x_, const void *filter_, const void *bias, void *room,
                                 void *y_)
{
    const int64_t slice = plane->h.input * plane->w.input;
    const int64_t out_slice = plane->h.output * plane->w.output;
    const scalar_t *x = x_;
    const scalar_t *filter = filter_;
    const scalar_t start = bias == NULL ? (scalar_t)0 : *(const scalar_t *)bias;
    scalar_t *y = y_;
    if (room != NULL) {
        const Padded padded = padVolume(plane, x, room);
        forwardPadded(plane, &padded, filter, 1, (Target){.y = y, .start = start});
        return;
    }
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

static void TH_KERNEL(depthwise_grad_input)(const THNNPlane *plane, const void *gy_, const void *filter_, void *room, int add,
                                            void *gx_)
{
    const int64_t slice = plane->h.input * plane->w.input;
    const scalar_t *gy = gy_;
    const scalar_t *filter = filter_;
    scalar_t *gx = gx_;
    if (room != NULL) {
        const THNNPlane back = THNNDepthwise_turned(plane);
        const Padded padded = padVolume(&back, gy, room);
        forwardPadded(&back, &padded, filter + plane->d.kernel * plane->h.kernel * plane->w.kernel - 1, -1,
                      (Target){.y = gx, .add = add});
        return;
    }
    if (!add) memset(gx, 0, (size_t)(plane->d.input * slice) * sizeof(scalar_t));
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

static void TH_KERNEL(depthwise_grad_filter)(const THNNPlane *plane, const void *x_, const void *gy_, void *room, double *sums)
{
    const scalar_t *x = x_;
    const scalar_t *gy = gy_;
    if (room != NULL) {
        const Padded padded = padVolume(plane, x, room);
        gradFilterPadded(plane, &padded, gy, sums);
        return;
    }
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
