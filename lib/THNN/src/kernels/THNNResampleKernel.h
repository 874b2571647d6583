/* Resampling of volumes, axis by axis: each output position is a weighted sum of a few input positions. Padding by reflection
 * or replication, and nearest, linear and cubic interpolation are all of this kind. */
#ifndef THNN_RESAMPLE_KERNEL_H
#define THNN_RESAMPLE_KERNEL_H

#include "TH/THKernel.h"

#define THNN_RESAMPLE_TAPS 4 /* at most, of an axis */

/* Output o of an axis is the sum over k < taps of weight[o * taps + k] * input[index[o * taps + k]]. */
typedef struct THNNAxis {
    int64_t input;
    int64_t output;
    int taps;
    const int64_t *index;
    const double *weight;
} THNNAxis;

typedef struct THNNResampleKernel {
    /* axes: depth, height, width. row: room for axes[2].input elements, or axes[2].output for each pair of taps of
     * depth and height where these are more. */
    void (*forward)(const THNNAxis axes[3], const void *x, void *y, void *row);
    /* Adds to gx. */
    void (*backward)(const THNNAxis axes[3], const void *gy, void *gx, void *row);
} THNNResampleKernel;

extern const THNNResampleKernel *const THNNResampleKernel_tables[THDtype_Count][THCpu_Count];

#endif
