/* Convolution without columns: a row of output positions times a block of output channels is summed up in registers over all
 * input channels and taps. */
#ifndef THNN_DIRECT_KERNEL_H
#define THNN_DIRECT_KERNEL_H

#include "TH/THKernel.h"

/* What one tap of the depth and one of the height see: `lines` times `rows` rows of `columns` output positions. */
typedef struct THNNDirectPlane {
    int64_t channels;       /* of the input */
    int64_t channel_stride; /* elements from one to the next */
    int64_t base;           /* where in a channel the first position's tap 0 (of the width) is */
    int64_t kernel;         /* taps of the width */
    int64_t dilation;
    int64_t tap;         /* the first of these taps, among all */
    int64_t taps;        /* all */
    int64_t stride;      /* 1 or 2 elements from one position to the next */
    int64_t lines, rows; /* none may be 0 */
    int64_t columns;
    int64_t x_line, x_row; /* elements of x from one to the next */
    int64_t y_line, y_row; /* the same of the packed gradient */
} THNNDirectPlane;

/* One row of output. Taps run through depth, height, width; a row sees the depths [depth_begin, depth_end) and, of each, the
 * taps [tap_begin, tap_end): the others lie outside of the input. */
typedef struct THNNDirectRow {
    int64_t channels;       /* of the input */
    int64_t channel_stride; /* elements from one to the next */
    int64_t base;           /* where in a channel tap 0 of the first position would be; may be negative */
    const int64_t *offset;  /* of each tap, from there */
    int64_t taps;           /* of all depths */
    int64_t depth_taps;     /* of one depth */
    int64_t depth_begin, depth_end;
    int64_t tap_begin, tap_end;
    int64_t stride;   /* 1 or 2 elements from one position to the next */
    int64_t columns;  /* output positions */
    int64_t outputs;  /* output channels, at most a block */
    int64_t y_stride; /* elements from one to the next */
} THNNDirectRow;

typedef struct THNNDirectKernel {
    int64_t block; /* output channels that are computed together */
    /* packed[(c * taps + t) * block + o] = weight[o * output_stride + c * channel_stride + t * tap_stride]; 0 for
     * outputs <= o < block. */
    void (*pack)(int64_t outputs, int64_t channels, int64_t taps, int64_t output_stride, int64_t channel_stride,
                 int64_t tap_stride, const void *weight, void *packed);
    /* Rows of `width` elements from rows of `input` ones, with `left` zeros before them and zeros behind. */
    void (*pad)(int64_t rows, int64_t input, int64_t left, int64_t width, const void *x, void *padded);
    /* y[o * y_stride + p] = bias[o] (0 with bias NULL) + the sum. buffer: columns * block elements. */
    void (*row)(const THNNDirectRow *row, const void *x, const void *packed, const void *bias, void *buffer, void *y);
    /* packed[p * block + o] = gy[o * stride + p], 0 for outputs <= o < block. */
    void (*pack_output)(int64_t positions, int64_t outputs, int64_t stride, const void *gy, void *packed);
    /* sums[(c * taps + t) * block + o] += the sum over positions of the packed gradient times what tap t of channel c sees. */
    void (*weights)(const THNNDirectPlane *plane, const void *x, const void *packed, void *sums);
    /* gw[o * n + i] += scale * (sums[i * block + o] + sums[stride + i * block + o] + ...), `parts` terms in this order. */
    void (*unpack)(int64_t outputs, int64_t n, int64_t parts, int64_t stride, const void *sums, double scale, void *gw);
    /* y[p * y_ld + o] (+= with `add`) the sum over c of x[p * x_ld + c] times what `pack` made of one tap, blocks of
     * outputs one after the other. room: rows * depth elements. */
    void (*product)(int64_t rows, int64_t depth, int64_t outputs, const void *x, int64_t x_ld, const void *packed, int add,
                    void *y, int64_t y_ld, void *room);
} THNNDirectKernel;

/* Without FMA a matrix product is as fast: level BASE has block 0 and no functions. */
extern const THNNDirectKernel *const THNNDirectKernel_tables[THDtype_Count][THCpu_Count];

#endif
