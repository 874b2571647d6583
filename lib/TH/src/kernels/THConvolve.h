/* Convolution of one plane or volume with one kernel: the table of one dtype and CPU level. */
#ifndef TH_CONVOLVE_H
#define TH_CONVOLVE_H

#include "TH/THKernel.h"

/* One of the three dimensions. Step g of the grid and element q of the kernel meet r at g r_step + q r_shift, t at
 * g t_step + q t_shift. Valid: the grid is the output (1, 0 and stride, 1); full: the input (stride, 1 and 1, 0); reversed: the
 * output, the kernel's elements a stride apart (1, 0 and 1, stride). */
typedef struct THConvolveAxis {
    int64_t count, kernel; /* steps of the grid, elements of the kernel */
    int64_t r_step, r_shift;
    int64_t t_step, t_shift;
    int64_t r_size, t_size; /* elements of r and t */
} THConvolveAxis;

typedef struct THConvolve {
    /* r += scale * the sums; axes: depth, rows, columns, the last one contiguous; flip: the kernel's elements in reverse order.
     * scale: one element. */
    void (*add)(void *r, const void *t, const void *k, const void *scale, const THConvolveAxis axes[3], int flip);
} THConvolve;

extern const THConvolve *const THConvolve_tables[THDtype_Count][THCpu_Count];

#endif
