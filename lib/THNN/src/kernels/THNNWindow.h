/* A window that slides along one dimension, and the three of a volume: plain numbers, for ops and kernels. */
#ifndef THNN_WINDOW_H
#define THNN_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/* Tap k of output position o looks at input position o * stride - pad + k * dilation; outside [0, input) it sees zeros. */
typedef struct THNNWindow {
    int64_t input;
    int64_t kernel;
    int64_t stride;
    int64_t pad;
    int64_t dilation;
    int64_t output;
} THNNWindow;

/* Images have a depth of one window that sees all of it, signals also such a height: THNN_WINDOW_WHOLE. */
typedef struct THNNPlane {
    THNNWindow d;
    THNNWindow h;
    THNNWindow w;
} THNNPlane;

#define THNN_WINDOW_WHOLE ((THNNWindow){.input = 1, .kernel = 1, .stride = 1, .dilation = 1, .output = 1})

/* Rows of output: depth times height. */
static inline int64_t THNNPlane_rows(const THNNPlane *self)
{
    return self->d.output * self->h.output;
}

/* Output positions [*begin, *end) whose tap `k` lies inside the input; *begin <= *end. */
static inline void THNNWindow_inside(const THNNWindow *self, int64_t k, int64_t *begin, int64_t *end)
{
    const int64_t first = k * self->dilation - self->pad; /* input position of output 0 */
    int64_t low = first >= 0 ? 0 : (-first + self->stride - 1) / self->stride;
    int64_t high = first >= self->input ? 0 : (self->input - 1 - first) / self->stride + 1;
    if (high > self->output) high = self->output;
    if (low > high) low = high;
    *begin = low;
    *end = high;
}

/* Input position of tap k of output position o; may lie outside. */
static inline int64_t THNNWindow_position(const THNNWindow *self, int64_t o, int64_t k)
{
    return o * self->stride - self->pad + k * self->dilation;
}

#endif
