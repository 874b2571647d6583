/* Sampling of one volume (an image has depth 1) at the places of a grid, linearly. */
#ifndef THNN_GRID_KERNEL_H
#define THNN_GRID_KERNEL_H

#include "TH/THKernel.h"

typedef struct THNNGrid {
    int dims;   /* 2: grid holds (x, y); 3: (x, y, z); from -1, the first element's middle, to 1, the last one's */
    int border; /* places outside count as the nearest inside, else as zeros */
    int64_t channels;
    int64_t size[3];   /* depth, height, width */
    int64_t positions; /* of the grid */
} THNNGrid;

typedef struct THNNGridKernel {
    /* x: channels x volume; grid: positions x dims; y: channels x positions */
    void (*sample)(const THNNGrid *shape, const void *x, const void *grid, void *y);
    /* Adds to gx; writes ggrid. */
    void (*sample_backward)(const THNNGrid *shape, const void *x, const void *grid, const void *gy, void *gx, void *ggrid);
} THNNGridKernel;

extern const THNNGridKernel *const THNNGridKernel_tables[THDtype_Count][THCpu_Count];

#endif
