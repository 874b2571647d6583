/* What the poolings share: inputs of N x C x H x W or C x H x W, seen as a stack of planes. */
#ifndef THNN_POOLING_H
#define THNN_POOLING_H

#include "kernels/THNNPoolingKernel.h"
#include "ops/THNNCall.h"
#include "ops/THNNWindowCheck.h"

typedef struct THNNPooling {
    const THNNPoolingKernel *kernel;
    THNNPlane plane;
    int64_t planes;
    int64_t in_plane;  /* H * W */
    int64_t out_plane; /* oH * oW */
    int64_t itemsize;
    int count_include_pad;
    int64_t shape[4]; /* of the output; as many entries as the input has dimensions */
    const char *x;
    const char *gy;
    char *out; /* y or gx */
    int64_t *indices;
} THNNPooling;

/* Dtype, dimensions, sizes of `input`; plane.h and plane.w as far as THNNWindow_init goes. */
THStatus THNNPooling_initInput(THNNPooling *self, const char *op, const THTensor *input);
/* The number of windows, the output's shape. */
THStatus THNNPooling_initOutput(THNNPooling *self, const char *op, const THTensor *input, int ceil_mode);
/* Planes that make a parallel region worth its while. */
int64_t THNNPooling_grain(const THNNPooling *self);

#endif
