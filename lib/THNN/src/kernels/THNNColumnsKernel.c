#include "kernels/THNNColumnsKernel.h"

#include <string.h>

#define LANES ((int)(256 / sizeof(scalar_t)))

/* Rows of images are short: a call of memcpy would cost more than the copy. Ends are copied as overlapping whole pieces. */
#define COPY_ENDS(piece)                                                                                                       \
    if (bytes >= (piece)) {                                                                                                    \
        memcpy(to, from, (piece));                                                                                             \
        memcpy(to + bytes - (piece), from + bytes - (piece), (piece));                                                         \
        return;                                                                                                                \
    }

TH_INLINE void copyRun(scalar_t *target, const scalar_t *source, int64_t n)
{
    char *to = (char *)target;
    const char *from = (const char *)source;
    const int64_t bytes = n * (int64_t)sizeof(scalar_t);
    if (bytes >= 64) {
        for (int64_t i = 0; i + 64 <= bytes; i += 64) memcpy(to + i, from + i, 64);
        memcpy(to + bytes - 64, from + bytes - 64, 64);
        return;
    }
    COPY_ENDS(32)
    COPY_ENDS(16)
    COPY_ENDS(8)
    if (bytes > 0) memcpy(to, from, sizeof(scalar_t));
}

/* For the one or two elements of a border; the empty statement keeps the compiler from calling memset for them. */
TH_INLINE void zeroBorder(scalar_t *target, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        target[i] = 0;
        __asm__ volatile("");
    }
}

TH_INLINE void copyStrided(scalar_t *target, const scalar_t *source, int64_t n, int64_t stride)
{
    if (stride == 1) {
        copyRun(target, source, n);
    } else if (stride == 2) {
        for (int64_t i = 0; i < n; i++) target[i] = source[2 * i];
    } else {
        for (int64_t i = 0; i < n; i++) target[i] = source[i * stride];
    }
}

/* One row of the columns: what one tap sees in the output rows [row, row + rows). */
TH_INLINE void unrollTap(const THNNPlane *plane, int64_t kh, int64_t kw, int64_t row, int64_t rows, const scalar_t *x,
                         scalar_t *column)
{
    const THNNWindow h = plane->h;
    const THNNWindow w = plane->w;
    int64_t top, bottom, left, right;
    THNNWindow_inside(&h, kh, &top, &bottom);
    THNNWindow_inside(&w, kw, &left, &right);
    top = top < row ? row : top > row + rows ? row + rows : top;
    bottom = bottom > row + rows ? row + rows : bottom < top ? top : bottom;
    if (left == right) bottom = top;
    if (top > row) memset(column, 0, (size_t)((top - row) * w.output) * sizeof(scalar_t));
    const scalar_t *source = x + THNNWindow_position(&h, top, kh) * w.input + THNNWindow_position(&w, left, kw);
    scalar_t *target = column + (top - row) * w.output;
    if (w.stride == 1 && h.stride == 1 && left == 0 && right == w.input && w.output == w.input) {
        if (bottom > top) memcpy(target, source, (size_t)((bottom - top) * w.input) * sizeof(scalar_t));
        target += (bottom - top) * w.output;
    } else {
        for (int64_t o = top; o < bottom; o++) {
            zeroBorder(target, left);
            copyStrided(target + left, source, right - left, w.stride);
            zeroBorder(target + right, w.output - right);
            source += h.stride * w.input;
            target += w.output;
        }
    }
    if (bottom < row + rows) memset(target, 0, (size_t)((row + rows - bottom) * w.output) * sizeof(scalar_t));
}

/* The same in a volume: output rows run through height, then depth. */
TH_INLINE void unrollVolumeTap(const THNNPlane *plane, int64_t kd, int64_t kh, int64_t kw, int64_t row, int64_t rows,
                               const scalar_t *x, scalar_t *column)
{
    const int64_t height = plane->h.output;
    for (int64_t begin = row; begin < row + rows;) {
        const int64_t slice = begin / height;
        const int64_t end = (slice + 1) * height < row + rows ? (slice + 1) * height : row + rows;
        const int64_t depth = THNNWindow_position(&plane->d, slice, kd);
        scalar_t *target = column + (begin - row) * plane->w.output;
        if (depth < 0 || depth >= plane->d.input)
            memset(target, 0, (size_t)((end - begin) * plane->w.output) * sizeof(scalar_t));
        else
            unrollTap(plane, kh, kw, begin - slice * height, end - begin, x + depth * plane->h.input * plane->w.input, target);
        begin = end;
    }
}

static void TH_KERNEL(unroll)(const THNNPlane *plane, int64_t channels, int64_t row, int64_t rows, const void *x_,
                              void *columns_, int64_t ld)
{
    const scalar_t *x = x_;
    scalar_t *column = columns_;
    for (int64_t c = 0; c < channels; c++, x += plane->d.input * plane->h.input * plane->w.input) {
        for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
            for (int64_t kh = 0; kh < plane->h.kernel; kh++) {
                for (int64_t kw = 0; kw < plane->w.kernel; kw++, column += ld)
                    unrollVolumeTap(plane, kd, kh, kw, row, rows, x, column);
            }
        }
    }
}

TH_INLINE void addStrided(scalar_t *target, const scalar_t *source, int64_t n, int64_t stride)
{
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) target[i * stride] += source[i];
}

/* target[2 i] += even[i], target[2 i + 1] += odd[i]: two taps side by side with a stride of 2 fill a row without gaps, which
 * makes vectors of what each alone would scatter. */
TH_INLINE void addPairs(scalar_t *target, const scalar_t *even, const scalar_t *odd, int64_t n)
{
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        target[2 * i] += even[i];
        target[2 * i + 1] += odd[i];
    }
}

/* Outputs [begin, end) of a row, of one tap. source: those of the whole row. */
TH_INLINE void rollRun(const THNNWindow *w, int64_t kw, int64_t begin, int64_t end, const scalar_t *source, scalar_t *row)
{
    scalar_t *target = row + THNNWindow_position(w, begin, kw);
    if (w->stride == 1)
        addStrided(target, source + begin, end - begin, 1);
    else
        addStrided(target, source + begin, end - begin, w->stride);
}

/* One slice of the columns of tap kw, and with `pair` of the one after it, which lie `ld` behind, back to one slice of the
 * volume. */
TH_INLINE void rollTaps(const THNNPlane *plane, int64_t kh, int64_t kw, int pair, const scalar_t *column, int64_t ld,
                        scalar_t *x)
{
    const THNNWindow h = plane->h;
    const THNNWindow w = plane->w;
    int64_t top, bottom, left[2], right[2];
    THNNWindow_inside(&h, kh, &top, &bottom);
    for (int i = 0; i < 1 + pair; i++) THNNWindow_inside(&w, kw + i, &left[i], &right[i]);
    const int64_t begin = pair && left[1] > left[0] ? left[1] : left[0],
                  end = pair && right[1] < right[0] ? right[1] : right[0];
    const int64_t both = pair && begin < end ? end - begin : 0; /* outputs of which both taps are inside */
    for (int64_t o = top; o < bottom; o++) {
        scalar_t *row = x + THNNWindow_position(&h, o, kh) * w.input;
        const scalar_t *source = column + o * w.output;
        if (both > 0) addPairs(row + THNNWindow_position(&w, begin, kw), source + begin, source + ld + begin, both);
        for (int i = 0; i < 1 + pair; i++) {
            const int64_t first = both > 0 ? begin : right[i], second = both > 0 ? end : right[i];
            if (left[i] < first) rollRun(&w, kw + i, left[i], first, source + i * ld, row);
            if (second < right[i]) rollRun(&w, kw + i, second, right[i], source + i * ld, row);
        }
    }
}

static void TH_KERNEL(roll)(const THNNPlane *plane, int64_t channels, const void *columns_, int64_t ld, void *x_)
{
    const int64_t slice = plane->h.input * plane->w.input;
    const int64_t out_slice = plane->h.output * plane->w.output;
    const scalar_t *column = columns_;
    scalar_t *x = x_;
    for (int64_t c = 0; c < channels; c++, x += plane->d.input * slice) {
        for (int64_t kd = 0; kd < plane->d.kernel; kd++) {
            int64_t front, back;
            THNNWindow_inside(&plane->d, kd, &front, &back);
            for (int64_t kh = 0; kh < plane->h.kernel; kh++) {
                for (int64_t kw = 0, taps; kw < plane->w.kernel; kw += taps, column += taps * ld) {
                    taps = plane->w.stride == 2 && plane->w.dilation == 1 && kw + 1 < plane->w.kernel ? 2 : 1;
                    for (int64_t o = front; o < back; o++)
                        rollTaps(plane, kh, kw, taps == 2, column + o * out_slice, ld,
                                 x + THNNWindow_position(&plane->d, o, kd) * slice);
                }
            }
        }
    }
}

static void TH_KERNEL(fill_rows)(int64_t rows, int64_t n, int64_t ld, const void *bias_, void *y_)
{
    const scalar_t *bias = bias_;
    scalar_t *y = y_;
    for (int64_t r = 0; r < rows; r++) {
        const scalar_t value = bias == NULL ? (scalar_t)0 : bias[r];
        for (int64_t i = 0; i < n; i++) y[r * ld + i] = value;
    }
}

static void TH_KERNEL(add_rows)(int64_t rows, int64_t n, const void *bias_, void *y_)
{
    const scalar_t *bias = bias_;
    scalar_t *y = y_;
    for (int64_t r = 0; r < rows; r++) {
        const scalar_t value = bias[r];
        for (int64_t i = 0; i < n; i++) y[r * n + i] += value;
    }
}

static double TH_KERNEL(sum)(int64_t n, const void *x_)
{
    const scalar_t *x = x_;
    double sum = 0;
    int64_t i = 0;
    while (n - i >= LANES) {
        /* Blocks of 64 rounds: single partial sums stay short, the blocks add up in double. */
        const int64_t end = n - i < 64 * LANES ? i + (n - i) / LANES * LANES : i + 64 * LANES;
        scalar_t lane[LANES] = {0};
        for (; i < end; i += LANES) {
            for (int j = 0; j < LANES; j++) lane[j] += x[i + j];
        }
        for (int width = LANES / 2; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) lane[j] += lane[j + width];
        }
        sum += (double)lane[0];
    }
    for (; i < n; i++) sum += (double)x[i];
    return sum;
}

static void TH_KERNEL(add_parts)(int64_t n, int64_t parts, int64_t stride, const void *x_, double scale_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    const scalar_t scale = (scalar_t)scale_;
    for (int64_t begin = 0; begin < n; begin += 512) {
        const int64_t count = n - begin < 512 ? n - begin : 512;
        scalar_t total[512];
        for (int64_t i = 0; i < count; i++) total[i] = x[begin + i];
        for (int64_t p = 1; p < parts; p++) {
            for (int64_t i = 0; i < count; i++) total[i] += x[p * stride + begin + i];
        }
        for (int64_t i = 0; i < count; i++) y[begin + i] += scale * total[i];
    }
}

const THNNColumnsKernel TH_TABLE(THNNColumnsKernel) = {
    .unroll = TH_KERNEL(unroll),
    .roll = TH_KERNEL(roll),
    .fill_rows = TH_KERNEL(fill_rows),
    .add_rows = TH_KERNEL(add_rows),
    .sum = TH_KERNEL(sum),
    .add_parts = TH_KERNEL(add_parts),
};
