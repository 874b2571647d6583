/* Rows are cut into blocks of outputs; each tap of the window is one pass over a block, so that the outputs are the lanes of
 * vectors. The common window of 2 x 2 with stride 2 takes all four taps in one pass. */
#include "kernels/THNNPoolingKernel.h"

#include <math.h>

#define BLOCK 64

/* As wide as scalar_t: lanes of values and of positions then match. */
#if TH_DTYPE_IS(Float)
typedef int32_t position_t;
#else
typedef int64_t position_t;
#endif

TH_INLINE int64_t lower(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- maximum ---------------------------------------------------------------------------------------------------------------
 *
 * gcc turns `value > best` into vectors, and not the test that also lets nan win. So loops compare plainly and note whether
 * they met a nan; the rare block with one is done again with care. */

TH_INLINE void take(scalar_t *best, position_t *where, scalar_t value, position_t position, int careful)
{
    const int wins = careful ? !(value <= *best) && *best == *best : value > *best;
    *where = wins ? position : *where;
    *best = wins ? value : *best;
}

/* n windows of 2 x 2 whose upper left corner is x[2 * i], at `position + 2 * i` in the plane. True if there may be a nan. */
TH_INLINE int maximumOfFour(int64_t n, const scalar_t *x, int64_t width, int64_t position, int careful, scalar_t *y,
                            int64_t *indices)
{
    const scalar_t *below = x + width;
    const position_t second = (position_t)width;
    position_t where[BLOCK];
    position_t met = 0;
    for (int64_t i = 0; i < n; i++) {
        const scalar_t a = x[2 * i], b = x[2 * i + 1], c = below[2 * i], d = below[2 * i + 1];
        const scalar_t sum = (a + b) + (c + d);
        scalar_t best = a;
        position_t at = 0;
        take(&best, &at, b, 1, careful);
        take(&best, &at, c, second, careful);
        take(&best, &at, d, second + 1, careful);
        y[i] = best;
        where[i] = at;
        met |= !(sum == sum);
    }
    for (int64_t i = 0; i < n; i++) indices[i] = position + 2 * i + where[i];
    return met != 0;
}

/* One tap for outputs [0, n): values x[i * stride] at `position + i * stride`. True if there is a nan. */
TH_INLINE int maximumTap(int64_t n, const scalar_t *x, int64_t stride, position_t position, int careful, scalar_t *best,
                         position_t *where)
{
    position_t met = 0;
    for (int64_t i = 0; i < n; i++) {
        const scalar_t value = x[i * stride];
        take(&best[i], &where[i], value, position + (position_t)(i * stride), careful);
        met |= !(value == value);
    }
    return met != 0;
}

/* What outputs [begin, begin + n) of a row say if all values are -inf: the first position inside. */
TH_INLINE void startMaximum(const THNNPlane *plane, int64_t slice, int64_t row, int64_t begin, int64_t n, scalar_t *best,
                            position_t *where)
{
    const THNNWindow w = plane->w;
    int64_t first_slice = THNNWindow_position(&plane->d, slice, 0);
    while (first_slice < 0) first_slice += plane->d.dilation;
    int64_t first_row = THNNWindow_position(&plane->h, row, 0);
    while (first_row < 0) first_row += plane->h.dilation;
    first_row += first_slice * plane->h.input; /* rows of a volume run on from slice to slice */
    const position_t start = (position_t)(first_row * w.input + THNNWindow_position(&w, begin, 0));
    for (int64_t i = 0; i < n; i++) {
        best[i] = (scalar_t)-INFINITY;
        where[i] = start + (position_t)(i * w.stride);
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t column = THNNWindow_position(&w, begin + i, 0);
        if (column >= 0) break;
        while (column < 0) column += w.dilation;
        where[i] = (position_t)(first_row * w.input + column);
    }
}

/* One row of taps for outputs [begin, begin + n) of one output row; `source_row` counts through slices. */
TH_INLINE int maximumRow(const THNNWindow *w, int64_t source_row, int64_t begin, int64_t n, const scalar_t *x, int careful,
                         scalar_t *best, position_t *where)
{
    int met = 0;
    for (int64_t kw = 0; kw < w->kernel; kw++) {
        int64_t left, right;
        THNNWindow_inside(w, kw, &left, &right);
        left = left < begin ? begin : left;
        right = lower(right, begin + n);
        if (left >= right) continue;
        const int64_t position = source_row * w->input + THNNWindow_position(w, left, kw);
        const scalar_t *source = x + position;
        const int64_t at = left - begin;
        const position_t p = (position_t)position;
        if (w->stride == 1)
            met |= maximumTap(right - left, source, 1, p, careful, best + at, where + at);
        else if (w->stride == 2)
            met |= maximumTap(right - left, source, 2, p, careful, best + at, where + at);
        else
            met |= maximumTap(right - left, source, w->stride, p, careful, best + at, where + at);
    }
    return met;
}

/* Outputs [begin, begin + n) of one output row; n <= BLOCK. True if there is a nan. */
TH_INLINE int maximumBlock(const THNNPlane *plane, int64_t slice, int64_t row, int64_t begin, int64_t n, const scalar_t *x,
                           int careful, scalar_t *y, int64_t *indices)
{
    const THNNWindow w = plane->w;
    scalar_t best[BLOCK];
    position_t where[BLOCK];
    int met = 0;
    startMaximum(plane, slice, row, begin, n, best, where);
    for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
        const int64_t depth = THNNWindow_position(&plane->d, slice, kd);
        if (depth < 0 || depth >= plane->d.input) continue;
        for (int64_t kh = 0; kh < plane->h.kernel; kh++) {
            const int64_t source_row = THNNWindow_position(&plane->h, row, kh);
            if (source_row < 0 || source_row >= plane->h.input) continue;
            met |= maximumRow(&w, depth * plane->h.input + source_row, begin, n, x, careful, best, where);
        }
    }
    for (int64_t i = 0; i < n; i++) y[i] = best[i];
    for (int64_t i = 0; i < n; i++) indices[i] = where[i];
    return met;
}

/* All windows are 2 x 2, side by side, and inside the input. */
TH_INLINE int isPlainTwo(const THNNWindow *self)
{
    return self->kernel == 2 && self->stride == 2 && self->pad == 0 && self->dilation == 1 && 2 * self->output <= self->input;
}

/* One output row of general windows. */
TH_INLINE void maximumWindows(const THNNPlane *plane, int64_t slice, int64_t row, const scalar_t *x, scalar_t *y,
                              int64_t *indices)
{
    for (int64_t begin = 0; begin < plane->w.output; begin += BLOCK) {
        const int64_t n = lower(BLOCK, plane->w.output - begin);
        if (maximumBlock(plane, slice, row, begin, n, x, 0, y + begin, indices + begin))
            maximumBlock(plane, slice, row, begin, n, x, 1, y + begin, indices + begin);
    }
}

static void TH_KERNEL(maximum)(const THNNPlane *plane, const void *x_, void *y_, int64_t *indices)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    const int64_t width = plane->w.input;
    const int64_t out_width = plane->w.output;
    const int plain = isPlainTwo(&plane->h) && isPlainTwo(&plane->w) && plane->d.input == 1;
    const int64_t rows = THNNPlane_rows(plane);
    for (int64_t row = 0; row < rows; row++, y += out_width, indices += out_width) {
        if (!plain) {
            maximumWindows(plane, row / plane->h.output, row % plane->h.output, x, y, indices);
            continue;
        }
        for (int64_t begin = 0; begin < out_width; begin += BLOCK) {
            const int64_t n = lower(BLOCK, out_width - begin);
            const int64_t position = 2 * (row * width + begin);
            if (maximumOfFour(n, x + position, width, position, 0, y + begin, indices + begin))
                maximumOfFour(n, x + position, width, position, 1, y + begin, indices + begin);
        }
    }
}

static void TH_KERNEL(maximum_backward)(int64_t n, const void *gy_, const int64_t *indices, void *gx_)
{
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    for (int64_t i = 0; i < n; i++) gx[indices[i]] += gy[i];
}

/* --- average ------------------------------------------------------------------------------------------------------------- */

/* Elements that the window at `o` covers along one dimension. */
TH_INLINE int64_t covered(const THNNWindow *self, int64_t o, int include_pad)
{
    const int64_t start = THNNWindow_position(self, o, 0);
    const int64_t end = lower(start + self->kernel, self->input + self->pad);
    if (include_pad) return end - start;
    return lower(end, self->input) - (start < 0 ? 0 : start);
}

/* What outputs [begin, begin + n) of a row of windows are divided by. Only windows at the two ends need a closer look. */
TH_INLINE void fillDivisors(const THNNWindow *self, int64_t rows, int64_t begin, int64_t n, int include_pad, scalar_t *divisor)
{
    for (int64_t i = 0; i < n; i++) divisor[i] = (scalar_t)(rows * self->kernel);
    for (int64_t i = 0; i < n && THNNWindow_position(self, begin + i, 0) < 0; i++)
        divisor[i] = (scalar_t)(rows * covered(self, begin + i, include_pad));
    for (int64_t i = n - 1; i >= 0 && THNNWindow_position(self, begin + i, 0) + self->kernel > self->input; i--)
        divisor[i] = (scalar_t)(rows * covered(self, begin + i, include_pad));
}

TH_INLINE void addTap(int64_t n, const scalar_t *x, int64_t stride, scalar_t *sum)
{
    for (int64_t i = 0; i < n; i++) sum[i] += x[i * stride];
}

/* One row of taps, added to outputs [begin, begin + n) of one output row. */
TH_INLINE void averageRow(const THNNWindow *w, int64_t begin, int64_t n, const scalar_t *x, scalar_t *sum)
{
    for (int64_t kw = 0; kw < w->kernel; kw++) {
        int64_t left, right;
        THNNWindow_inside(w, kw, &left, &right);
        left = left < begin ? begin : left;
        right = lower(right, begin + n);
        if (left >= right) continue;
        const scalar_t *source = x + THNNWindow_position(w, left, kw);
        if (w->stride == 1)
            addTap(right - left, source, 1, sum + left - begin);
        else if (w->stride == 2)
            addTap(right - left, source, 2, sum + left - begin);
        else
            addTap(right - left, source, w->stride, sum + left - begin);
    }
}

/* Outputs [begin, begin + n) of one output row; n <= BLOCK. */
TH_INLINE void averageBlock(const THNNPlane *plane, int64_t slice, int64_t row, int64_t begin, int64_t n, int include_pad,
                            const scalar_t *x, scalar_t *y)
{
    const THNNWindow w = plane->w;
    scalar_t sum[BLOCK] = {0};
    for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
        const int64_t depth = THNNWindow_position(&plane->d, slice, kd);
        if (depth < 0 || depth >= plane->d.input) continue;
        for (int64_t kh = 0; kh < plane->h.kernel; kh++) {
            const int64_t source_row = THNNWindow_position(&plane->h, row, kh);
            if (source_row < 0 || source_row >= plane->h.input) continue;
            averageRow(&w, begin, n, x + (depth * plane->h.input + source_row) * w.input, sum);
        }
    }
    scalar_t divisor[BLOCK];
    fillDivisors(&w, covered(&plane->d, slice, include_pad) * covered(&plane->h, row, include_pad), begin, n, include_pad,
                 divisor);
    for (int64_t i = 0; i < n; i++) y[i] = sum[i] / divisor[i];
}

static void TH_KERNEL(average)(const THNNPlane *plane, int count_include_pad, const void *x_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    const int64_t width = plane->w.input;
    const int64_t out_width = plane->w.output;
    const int plain = isPlainTwo(&plane->h) && isPlainTwo(&plane->w) && plane->d.input == 1;
    const int64_t rows = THNNPlane_rows(plane);
    for (int64_t row = 0; row < rows; row++, y += out_width) {
        if (plain) {
            const scalar_t *upper = x + 2 * row * width;
            const scalar_t *below = upper + width;
            for (int64_t i = 0; i < out_width; i++)
                y[i] = (((upper[2 * i] + upper[2 * i + 1]) + below[2 * i]) + below[2 * i + 1]) * (scalar_t)0.25;
            continue;
        }
        for (int64_t begin = 0; begin < out_width; begin += BLOCK)
            averageBlock(plane, row / plane->h.output, row % plane->h.output, begin, lower(BLOCK, out_width - begin),
                         count_include_pad, x, y + begin);
    }
}

TH_INLINE void spreadTap(int64_t n, const scalar_t *share, scalar_t *gx, int64_t stride)
{
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) gx[i * stride] += share[i];
}

/* Shares of outputs [begin, begin + n), added to one input row. */
TH_INLINE void spreadRow(const THNNWindow *w, int64_t begin, int64_t n, const scalar_t *share, scalar_t *gx)
{
    for (int64_t kw = 0; kw < w->kernel; kw++) {
        int64_t left, right;
        THNNWindow_inside(w, kw, &left, &right);
        left = left < begin ? begin : left;
        right = lower(right, begin + n);
        if (left >= right) continue;
        scalar_t *target = gx + THNNWindow_position(w, left, kw);
        if (w->stride == 1)
            spreadTap(right - left, share + left - begin, target, 1);
        else
            spreadTap(right - left, share + left - begin, target, w->stride);
    }
}

TH_INLINE void spreadBlock(const THNNPlane *plane, int64_t slice, int64_t row, int64_t begin, int64_t n, const scalar_t *share,
                           scalar_t *gx)
{
    for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
        const int64_t depth = THNNWindow_position(&plane->d, slice, kd);
        if (depth < 0 || depth >= plane->d.input) continue;
        for (int64_t kh = 0; kh < plane->h.kernel; kh++) {
            const int64_t target_row = THNNWindow_position(&plane->h, row, kh);
            if (target_row < 0 || target_row >= plane->h.input) continue;
            spreadRow(&plane->w, begin, n, share, gx + (depth * plane->h.input + target_row) * plane->w.input);
        }
    }
}

static void TH_KERNEL(average_backward)(const THNNPlane *plane, int count_include_pad, const void *gy_, void *gx_)
{
    const THNNWindow w = plane->w;
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    const int64_t rows = THNNPlane_rows(plane);
    for (int64_t row = 0; row < rows; row++, gy += w.output) {
        const int64_t slice = row / plane->h.output;
        const int64_t line = row % plane->h.output;
        const int64_t lines = covered(&plane->d, slice, count_include_pad) * covered(&plane->h, line, count_include_pad);
        for (int64_t begin = 0; begin < w.output; begin += BLOCK) {
            const int64_t n = lower(BLOCK, w.output - begin);
            scalar_t share[BLOCK];
            scalar_t divisor[BLOCK];
            fillDivisors(&w, lines, begin, n, count_include_pad, divisor);
            for (int64_t i = 0; i < n; i++) share[i] = gy[begin + i] / divisor[i];
            spreadBlock(plane, slice, line, begin, n, share, gx);
        }
    }
}

const THNNPoolingKernel TH_TABLE(THNNPoolingKernel) = {
    .maximum = TH_KERNEL(maximum),
    .maximum_backward = TH_KERNEL(maximum_backward),
    .average = TH_KERNEL(average),
    .average_backward = TH_KERNEL(average_backward),
};
