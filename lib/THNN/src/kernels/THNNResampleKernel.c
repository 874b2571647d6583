/* Mixing rows, along depth and height, is vector code; resampling them along the width is not. So rows are mixed first where
 * there are fewer mixed ones than rows of the input, else each row of the input is resampled once and kept for the mixing. */
#include "kernels/THNNResampleKernel.h"

#include <string.h>

TH_INLINE void addScaled(int64_t n, scalar_t a, const scalar_t *x, scalar_t *y)
{
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

/* The input row and weight that the taps kd, kh of output row (d, h) take. */
TH_INLINE int64_t sourceRow(const THNNAxis axes[3], int64_t d, int64_t h, int kd, int kh, scalar_t *weight)
{
    const int64_t depth = d * axes[0].taps + kd;
    const int64_t height = h * axes[1].taps + kh;
    *weight = (scalar_t)(axes[0].weight[depth] * axes[1].weight[height]);
    return (axes[0].index[depth] * axes[1].input + axes[1].index[height]) * axes[2].input;
}

TH_INLINE void widen(const THNNAxis *axis, const scalar_t *row, scalar_t *y)
{
    const int64_t *index = axis->index;
    const double *weight = axis->weight;
    if (axis->taps == 1) {
        for (int64_t o = 0; o < axis->output; o++) y[o] = row[index[o]];
        return;
    }
    if (axis->taps == 2) {
        for (int64_t o = 0; o < axis->output; o++)
            y[o] = (scalar_t)weight[2 * o] * row[index[2 * o]] + (scalar_t)weight[2 * o + 1] * row[index[2 * o + 1]];
        return;
    }
    for (int64_t o = 0; o < axis->output; o++) {
        scalar_t sum = 0;
        for (int k = 0; k < axis->taps; k++) sum += (scalar_t)weight[o * axis->taps + k] * row[index[o * axis->taps + k]];
        y[o] = sum;
    }
}

/* Rows of the input, resampled, lie in `rows`: one for each pair of taps of depth and height. */
TH_INLINE void forwardWide(const THNNAxis axes[3], const scalar_t *x, scalar_t *y, scalar_t *rows)
{
    const int64_t width = axes[2].output;
    int64_t held[THNN_RESAMPLE_TAPS * THNN_RESAMPLE_TAPS];
    for (int i = 0; i < axes[0].taps * axes[1].taps; i++) held[i] = -1;
    for (int64_t d = 0; d < axes[0].output; d++) {
        for (int64_t h = 0; h < axes[1].output; h++, y += width) {
            memset(y, 0, (size_t)width * sizeof(scalar_t));
            for (int kd = 0; kd < axes[0].taps; kd++) {
                const int64_t depth = axes[0].index[d * axes[0].taps + kd] % axes[0].taps;
                for (int kh = 0; kh < axes[1].taps; kh++) {
                    scalar_t weight;
                    const int64_t source = sourceRow(axes, d, h, kd, kh, &weight);
                    if (weight == 0) continue;
                    const int64_t slot = depth * axes[1].taps + axes[1].index[h * axes[1].taps + kh] % axes[1].taps;
                    if (held[slot] != source) widen(&axes[2], x + source, rows + slot * width);
                    held[slot] = source;
                    addScaled(width, weight, rows + slot * width, y);
                }
            }
        }
    }
}

static void TH_KERNEL(forward)(const THNNAxis axes[3], const void *x_, void *y_, void *row_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    scalar_t *row = row_;
    const int64_t width = axes[2].input;
    const int single = axes[0].taps == 1 && axes[1].taps == 1; /* one row, whose weight is 1 */
    if (!single && axes[0].output * axes[1].output >= axes[0].input * axes[1].input) {
        forwardWide(axes, x, y, row);
        return;
    }
    for (int64_t d = 0; d < axes[0].output; d++) {
        for (int64_t h = 0; h < axes[1].output; h++, y += axes[2].output) {
            scalar_t weight;
            if (single) {
                widen(&axes[2], x + sourceRow(axes, d, h, 0, 0, &weight), y);
                continue;
            }
            memset(row, 0, (size_t)width * sizeof(scalar_t));
            for (int kd = 0; kd < axes[0].taps; kd++) {
                for (int kh = 0; kh < axes[1].taps; kh++) {
                    const int64_t source = sourceRow(axes, d, h, kd, kh, &weight);
                    if (weight != 0) addScaled(width, weight, x + source, row);
                }
            }
            widen(&axes[2], row, y);
        }
    }
}

static void TH_KERNEL(backward)(const THNNAxis axes[3], const void *gy_, void *gx_, void *row_)
{
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    scalar_t *row = row_;
    const THNNAxis *across = &axes[2];
    for (int64_t d = 0; d < axes[0].output; d++) {
        for (int64_t h = 0; h < axes[1].output; h++, gy += across->output) {
            memset(row, 0, (size_t)across->input * sizeof(scalar_t));
            for (int64_t o = 0; o < across->output; o++) {
                for (int k = 0; k < across->taps; k++)
                    row[across->index[o * across->taps + k]] += (scalar_t)across->weight[o * across->taps + k] * gy[o];
            }
            for (int kd = 0; kd < axes[0].taps; kd++) {
                for (int kh = 0; kh < axes[1].taps; kh++) {
                    scalar_t weight;
                    const int64_t target = sourceRow(axes, d, h, kd, kh, &weight);
                    if (weight != 0) addScaled(across->input, weight, row, gx + target);
                }
            }
        }
    }
}

const THNNResampleKernel TH_TABLE(THNNResampleKernel) = {
    .forward = TH_KERNEL(forward),
    .backward = TH_KERNEL(backward),
};
