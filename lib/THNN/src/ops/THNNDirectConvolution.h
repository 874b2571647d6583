/* What the passes of a convolution without columns share (kernels/THNNDirectKernel.h).
 *
 * A job is some output lines of one image and group: rows of an image, slices of a volume. It copies what they see of the
 * input, with the zeros at the left and the right, into memory that the second-level cache holds; lines above and below are
 * left out. */
#ifndef THNN_DIRECT_CONVOLUTION_H
#define THNN_DIRECT_CONVOLUTION_H

#include "kernels/THNNDirectKernel.h"
#include "ops/THNNConvolution.h"

#define THNN_DIRECT_ALIGNMENT 64

typedef struct THNNDirect {
    const THNNConvolution *conv;
    const THNNDirectKernel *kernel;
    THNNWindow line;     /* d of volumes, else h */
    int64_t lines;       /* of one job */
    int64_t across;      /* jobs of one image and group */
    int64_t width;       /* of a padded row */
    int64_t blocks;      /* of output channels, in a group */
    int64_t input_bytes; /* of a job, at most */
} THNNDirect;

typedef struct THNNDirectJob {
    int64_t image;
    int64_t begin, end;     /* output lines */
    int64_t first;          /* input line */
    int64_t channel_stride; /* elements of the padded input */
} THNNDirectJob;

static inline bool THNNDirect_isVolume(const THNNConvolution *conv)
{
    return conv->plane.d.input > 1 || conv->plane.d.kernel > 1;
}

static inline int64_t THNNDirect_aligned(int64_t bytes)
{
    return (bytes + THNN_DIRECT_ALIGNMENT - 1) / THNN_DIRECT_ALIGNMENT * THNN_DIRECT_ALIGNMENT;
}

/* Jobs of at most `lines` lines. False if the direct way is not there for `conv`, or not the better one: that needs enough
 * positions for the packed weights, stride 1 or 2 in a row, and output channels that fill at least half of their blocks. */
bool THNNDirect_init(THNNDirect *self, const THNNConvolution *conv, int64_t lines);
/* Job `index`, 0 <= index < batch * across, of a group: copies its input to `padded`. */
THNNDirectJob THNNDirect_begin(const THNNDirect *self, int64_t index, int64_t group, char *padded);
/* Elements from the start of a padded channel to what tap `tap` (of the line's dimension) of output line `line` sees. */
int64_t THNNDirect_place(const THNNDirect *self, const THNNDirectJob *job, int64_t line, int64_t tap);

#endif
