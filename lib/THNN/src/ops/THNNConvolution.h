/* What the parts of the convolution share: the geometry, the cutting into tiles, and one task for all threads.
 *
 * Images are unrolled tile by tile into a matrix that stays in the second-level cache and multiplied with the weights there. A
 * tile is a number of output rows of one image, or several small images side by side. How tiles are cut depends on shapes
 * alone, never on the number of threads. */
#ifndef THNN_CONVOLUTION_H
#define THNN_CONVOLUTION_H

#include "kernels/THNNColumnsKernel.h"
#include "ops/THNNCall.h"

typedef struct THNNConvolution {
    const char *op;
    THDtype dtype;
    int64_t itemsize;
    int64_t batch;
    int64_t groups;
    int64_t group_in;  /* input channels of one group */
    int64_t group_out; /* output channels of one group */
    THNNPlane plane;
    int64_t in_plane;  /* D * H * W */
    int64_t out_plane; /* oD * oH * oW */
    int64_t taps;      /* kD * kH * kW */
    bool pointwise;    /* 1 x 1, stride 1, no padding of either side: an image is its own columns */
    const THNNColumnsKernel *kernel;
    const char *x;      /* batch x groups * group_in x D x H x W */
    const char *weight; /* groups * group_out x group_in x kD x kH x kW */
    const char *bias;   /* groups * group_out, or NULL */
    const char *gy;     /* as y */
    char *y;            /* batch x groups * group_out x oD x oH x oW */
    char *gx;           /* as x */
    char *gw;           /* as weight */
    char *gb;           /* as bias */
    double scale;       /* of the gradients of parameters */
} THNNConvolution;

typedef struct THNNTiles {
    int64_t images; /* of one tile; 1 if an image is cut */
    int64_t rows;   /* output rows of one tile; oD * oH if images are whole */
    int64_t across; /* tiles of one image */
    int64_t count;  /* tiles of the batch */
} THNNTiles;

typedef struct THNNTile {
    int64_t image;
    int64_t images;
    int64_t row;
    int64_t rows;
    int64_t columns; /* images * rows * oW */
} THNNTile;

/* Tiles of about `columns` columns; whole: images are not cut. */
THNNTiles THNNTiles_plan(const THNNConvolution *conv, int64_t columns, bool whole);
THNNTile THNNTiles_at(const THNNTiles *self, const THNNConvolution *conv, int64_t index);
/* Columns of the largest tile. */
int64_t THNNTiles_width(const THNNTiles *self, const THNNConvolution *conv);
/* Columns of which a tile should have about, so that `depth` rows of them stay in the cache. */
int64_t THNNTiles_columns(const THNNConvolution *conv, int64_t depth);

/* Unrolls the input of a tile, channels [channel, channel + channels) of a group, into rows of tile->columns elements. */
void THNNConvolution_unroll(const THNNConvolution *conv, const THNNTile *tile, int64_t group, int64_t channel, int64_t channels,
                            char *columns);
/* The rows of gradOutput of a tile and group, as one matrix: in place (*ld is then oD * oH * oW), or gathered into `buffer`. */
const char *THNNConvolution_gatherOutput(const THNNConvolution *conv, const THNNTile *tile, int64_t group, char *buffer,
                                         int64_t *ld);

/* Runs body(0 .. jobs-1) over the pool, or in this thread if there are fewer jobs than threads: the products then use the
 * threads. flops: of one job. fixed: always in a region, so that products never do. slot_bytes: of working memory for each
 * thread, at *slots; TH_ERR_MEMORY. The context has to begin with a THNNConvolutionJob. */
typedef struct THNNConvolutionJob {
    char *slots;
    int64_t slot_bytes;
    int64_t jobs;
    THStatus status; /* the first failure of a product */
} THNNConvolutionJob;
THStatus THNNConvolution_run(const char *op, int64_t jobs, double flops, bool fixed, int64_t slot_bytes, THRange body,
                             void *context);
/* Keeps a failure of a product, whichever thread it happens in. */
void THNNConvolutionJob_note(THNNConvolutionJob *self, THStatus status);

/* Without columns, where that is the faster way: false if it is not, and nothing happened. */
bool THNNConvolution_directForward(const THNNConvolution *conv, THStatus *status);
bool THNNConvolution_directGradInput(const THNNConvolution *conv, THStatus *status);
bool THNNConvolution_directGradWeight(const THNNConvolution *conv, THStatus *status);

THStatus THNNConvolution_forward(const THNNConvolution *conv);
THStatus THNNConvolution_gradInput(const THNNConvolution *conv);
THStatus THNNConvolution_gradWeight(const THNNConvolution *conv);
THStatus THNNConvolution_gradBias(const THNNConvolution *conv);
/* The same for one input channel in each group, without a matrix product. */
THStatus THNNConvolution_depthwiseForward(const THNNConvolution *conv);
THStatus THNNConvolution_depthwiseGradInput(const THNNConvolution *conv);
THStatus THNNConvolution_depthwiseGradWeight(const THNNConvolution *conv);

#endif
