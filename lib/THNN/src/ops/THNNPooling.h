/* What the poolings share: inputs of one to three spatial dimensions, with or without a batch, seen as a stack of volumes. */
#ifndef THNN_POOLING_H
#define THNN_POOLING_H

#include "kernels/THNNPoolingKernel.h"
#include "ops/THNNCall.h"
#include "ops/THNNWindowCheck.h"

typedef struct THNNPooling {
    const THNNPoolingKernel *kernel;
    THNNPlane plane;
    int dims;
    int64_t planes;    /* samples times channels */
    int64_t in_plane;  /* D * H * W */
    int64_t out_plane; /* oD * oH * oW */
    int64_t itemsize;
    int count_include_pad;
    int64_t shape[2 + THNN_SPATIAL_MAX]; /* of the output; as many entries as the input has dimensions */
    const char *x;
    const char *gy;
    char *out; /* y or gx */
    int64_t *indices;
} THNNPooling;

/* Dtype, dimensions, sizes of `input`; `shape` as far as the output is like the input. */
THStatus THNNPooling_initInput(THNNPooling *self, const char *op, const THTensor *input, int dims);
/* The windows, and the output's shape. */
THStatus THNNPooling_initWindows(THNNPooling *self, const char *op, const THTensor *input, const int64_t *kernel,
                                 const THNNGeometry *geometry, int ceil_mode);
/* Planes that make a parallel region worth its while. */
int64_t THNNPooling_grain(const THNNPooling *self);
/* gradOutput and indices as the passes that go back by indices need them; out_plane from their size. */
THStatus THNNPooling_checkIndexed(THNNPooling *self, const char *op, const THTensor *input, const THTensor *gradOutput,
                                  const THTensor *indices);
/* All indices are in [0, bound): before anything is written. */
THStatus THNNPooling_checkIndices(const char *op, int64_t n, const int64_t *indices, int64_t bound);

#endif
