/* The maximum and the sums run over LANES independent partial results, because compilers do not reorder floating point: one
 * lane would take a latency for each element. Exponentials go through a small buffer, so that each loop is of one kind. */
#include "kernels/THNNSoftMaxKernel.h"

#include <math.h>

#include "TH/THKernelMath.h"

#define LANES ((int)(256 / sizeof(scalar_t)))
#define BLOCK 512 /* elements of the buffer: a multiple of LANES, small beside the first-level cache */

#if TH_DTYPE_IS(Float)
#define EXP THMath_expFloatBelow
#else
#define EXP THMath_expDouble
#endif

TH_INLINE scalar_t larger(scalar_t a, scalar_t b)
{
    return a > b ? a : b;
}

/* A nan may be overlooked: exp(nan - maximum) brings it back. */
TH_INLINE scalar_t maximumOf(int64_t n, const scalar_t *x)
{
    scalar_t lane[LANES];
    scalar_t maximum = x[0];
    int64_t i = 0;
    if (n >= LANES) {
        for (int j = 0; j < LANES; j++) lane[j] = x[j];
        for (i = LANES; i + LANES <= n; i += LANES) {
            for (int j = 0; j < LANES; j++) lane[j] = larger(x[i + j], lane[j]);
        }
        for (int j = 0; j < LANES; j++) maximum = larger(lane[j], maximum);
    }
    for (; i < n; i++) maximum = larger(x[i], maximum);
    return maximum;
}

TH_INLINE scalar_t sumOf(int64_t n, const scalar_t *x)
{
    scalar_t sum = 0;
    int64_t i = 0;
    if (n >= LANES) {
        scalar_t lane[LANES];
        for (int j = 0; j < LANES; j++) lane[j] = x[j];
        for (i = LANES; i + LANES <= n; i += LANES) {
            for (int j = 0; j < LANES; j++) lane[j] += x[i + j];
        }
        for (int width = LANES / 2; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) lane[j] += lane[j + width];
        }
        sum = lane[0];
    }
    for (; i < n; i++) sum += x[i];
    return sum;
}

static void TH_KERNEL(softmax_row)(int64_t n, const void *x_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    const scalar_t maximum = maximumOf(n, x);
    scalar_t sum = 0;
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        TH_INDEPENDENT
        for (int64_t i = 0; i < count; i++) y[begin + i] = EXP(x[begin + i] - maximum);
        sum += sumOf(count, y + begin);
    }
    const scalar_t scale = (scalar_t)1 / sum;
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
}

static void TH_KERNEL(log_softmax_row)(int64_t n, const void *x_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    const scalar_t maximum = maximumOf(n, x);
    scalar_t sum = 0;
    scalar_t buffer[BLOCK];
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        for (int64_t i = 0; i < count; i++) buffer[i] = EXP(x[begin + i] - maximum);
        sum += sumOf(count, buffer);
    }
    const scalar_t log_sum = (scalar_t)log((double)sum);
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] - maximum) - log_sum;
}

/* gx = y * (gy - sum(gy * y)) */
static void TH_KERNEL(softmax_row_backward)(int64_t n, const void *gy_, const void *y_, void *gx_)
{
    const scalar_t *gy = gy_;
    const scalar_t *y = y_;
    scalar_t *gx = gx_;
    scalar_t sum = 0;
    scalar_t buffer[BLOCK];
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        for (int64_t i = 0; i < count; i++) buffer[i] = gy[begin + i] * y[begin + i];
        sum += sumOf(count, buffer);
    }
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) gx[i] = y[i] * (gy[i] - sum);
}

/* gx = gy - exp(y) * sum(gy) */
static void TH_KERNEL(log_softmax_row_backward)(int64_t n, const void *gy_, const void *y_, void *gx_)
{
    const scalar_t *gy = gy_;
    const scalar_t *y = y_;
    scalar_t *gx = gx_;
    scalar_t sum = 0;
    for (int64_t begin = 0; begin < n; begin += BLOCK) sum += sumOf(n - begin < BLOCK ? n - begin : BLOCK, gy + begin);
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) gx[i] = gy[i] - EXP(y[i]) * sum;
}

/* --- panels: the columns are the lanes ------------------------------------------------------------------------------------ */

TH_INLINE void panelMaximum(int64_t n, int64_t columns, int64_t stride, const scalar_t *x, scalar_t *maximum)
{
    for (int64_t j = 0; j < columns; j++) maximum[j] = x[j];
    for (int64_t k = 1; k < n; k++) {
        for (int64_t j = 0; j < columns; j++) maximum[j] = larger(x[k * stride + j], maximum[j]);
    }
}

static void TH_KERNEL(softmax_panel)(int64_t n, int64_t columns, int64_t stride, const void *x_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    scalar_t maximum[THNN_SOFTMAX_PANEL];
    scalar_t sum[THNN_SOFTMAX_PANEL] = {0};
    panelMaximum(n, columns, stride, x, maximum);
    for (int64_t k = 0; k < n; k++) {
        TH_INDEPENDENT
        for (int64_t j = 0; j < columns; j++) {
            const scalar_t e = EXP(x[k * stride + j] - maximum[j]);
            y[k * stride + j] = e;
            sum[j] += e;
        }
    }
    for (int64_t j = 0; j < columns; j++) sum[j] = (scalar_t)1 / sum[j];
    for (int64_t k = 0; k < n; k++) {
        TH_INDEPENDENT
        for (int64_t j = 0; j < columns; j++) y[k * stride + j] *= sum[j];
    }
}

static void TH_KERNEL(log_softmax_panel)(int64_t n, int64_t columns, int64_t stride, const void *x_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    scalar_t maximum[THNN_SOFTMAX_PANEL];
    scalar_t sum[THNN_SOFTMAX_PANEL] = {0};
    panelMaximum(n, columns, stride, x, maximum);
    for (int64_t k = 0; k < n; k++) {
        for (int64_t j = 0; j < columns; j++) sum[j] += EXP(x[k * stride + j] - maximum[j]);
    }
    for (int64_t j = 0; j < columns; j++) sum[j] = (scalar_t)log((double)sum[j]);
    for (int64_t k = 0; k < n; k++) {
        TH_INDEPENDENT
        for (int64_t j = 0; j < columns; j++) y[k * stride + j] = (x[k * stride + j] - maximum[j]) - sum[j];
    }
}

static void TH_KERNEL(softmax_panel_backward)(int64_t n, int64_t columns, int64_t stride, const void *gy_, const void *y_,
                                              void *gx_)
{
    const scalar_t *gy = gy_;
    const scalar_t *y = y_;
    scalar_t *gx = gx_;
    scalar_t sum[THNN_SOFTMAX_PANEL] = {0};
    for (int64_t k = 0; k < n; k++) {
        for (int64_t j = 0; j < columns; j++) sum[j] += gy[k * stride + j] * y[k * stride + j];
    }
    for (int64_t k = 0; k < n; k++) {
        TH_INDEPENDENT
        for (int64_t j = 0; j < columns; j++) gx[k * stride + j] = y[k * stride + j] * (gy[k * stride + j] - sum[j]);
    }
}

static void TH_KERNEL(log_softmax_panel_backward)(int64_t n, int64_t columns, int64_t stride, const void *gy_, const void *y_,
                                                  void *gx_)
{
    const scalar_t *gy = gy_;
    const scalar_t *y = y_;
    scalar_t *gx = gx_;
    scalar_t sum[THNN_SOFTMAX_PANEL] = {0};
    for (int64_t k = 0; k < n; k++) {
        for (int64_t j = 0; j < columns; j++) sum[j] += gy[k * stride + j];
    }
    for (int64_t k = 0; k < n; k++) {
        TH_INDEPENDENT
        for (int64_t j = 0; j < columns; j++) gx[k * stride + j] = gy[k * stride + j] - EXP(y[k * stride + j]) * sum[j];
    }
}

const THNNSoftMaxKernel TH_TABLE(THNNSoftMaxKernel) = {
    .row = {TH_KERNEL(softmax_row), TH_KERNEL(log_softmax_row)},
    .panel = {TH_KERNEL(softmax_panel), TH_KERNEL(log_softmax_panel)},
    .row_backward = {TH_KERNEL(softmax_row_backward), TH_KERNEL(log_softmax_row_backward)},
    .panel_backward = {TH_KERNEL(softmax_panel_backward), TH_KERNEL(log_softmax_panel_backward)},
};
