/* gx = roll(weight' * gy). Jobs are images (or several small ones) times blocks of input channels: no two write one element. */
#include <string.h>

#include "ops/THNNConvolution.h"

#define BLOCK_BYTES (768 * 1024) /* of columns; as for the tiles of the forward pass */

typedef struct Backward {
    THNNConvolutionJob job;
    const THNNConvolution *conv;
    THNNTiles tiles;
    int64_t block;         /* input channels of one job */
    int64_t blocks;        /* jobs for each tile and group */
    int64_t gather_offset; /* in a slot: behind the columns */
} Backward;

static void rollTile(const THNNConvolution *conv, const THNNTile *tile, int64_t group, int64_t channel, int64_t channels,
                     const char *columns)
{
    for (int64_t i = 0; i < tile->images; i++) {
        const int64_t first = ((tile->image + i) * conv->groups + group) * conv->group_in + channel;
        char *target = conv->gx + first * conv->in_plane * conv->itemsize;
        const char *source = columns + i * conv->out_plane * conv->itemsize;
        memset(target, 0, (size_t)(channels * conv->in_plane * conv->itemsize));
        conv->kernel->roll(&conv->plane, channels, source, tile->columns, target);
    }
}

static void backwardJob(Backward *b, int64_t index, char *slot)
{
    const THNNConvolution *conv = b->conv;
    const int64_t channel = index % b->blocks * b->block;
    const int64_t channels = THNN_min(b->block, conv->group_in - channel);
    const int64_t group = index / b->blocks % conv->groups;
    const THNNTile tile = THNNTiles_at(&b->tiles, conv, index / b->blocks / conv->groups);
    const int64_t depth = conv->group_in * conv->taps;
    int64_t gy_ld;
    const char *gy = THNNConvolution_gatherOutput(conv, &tile, group, slot + b->gather_offset, &gy_ld);
    const bool direct = conv->pointwise && tile.images == 1;
    char *columns = slot;
    if (direct) {
        columns = conv->gx + ((tile.image * conv->groups + group) * conv->group_in + channel) * conv->in_plane * conv->itemsize;
    }
    const char *weight = conv->weight + (group * conv->group_out * depth + channel * conv->taps) * conv->itemsize;
    THNNConvolutionJob_note(&b->job, THBlas_gemm(conv->dtype, 'n', 't', tile.columns, channels * conv->taps, conv->group_out,
                                                 THScalar_fromDouble(1), gy, gy_ld, weight, depth, THScalar_fromDouble(0),
                                                 columns, tile.columns));
    if (!direct) rollTile(conv, &tile, group, channel, channels, columns);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    Backward *b = context;
    for (int64_t i = begin; i < end; i++) backwardJob(b, i, b->job.slots + thread * b->job.slot_bytes);
}

THStatus THNNConvolution_gradInput(const THNNConvolution *conv)
{
    const int64_t depth = conv->group_in * conv->taps;
    Backward b = {.conv = conv};
    b.tiles = THNNTiles_plan(conv, THNNTiles_columns(conv, depth), true);
    const int64_t width = THNNTiles_width(&b.tiles, conv);
    const int64_t channel_bytes = conv->taps * width * conv->itemsize;
    const bool direct = conv->pointwise && b.tiles.images == 1;
    b.block = direct ? conv->group_in : THNN_max(1, THNN_min(conv->group_in, BLOCK_BYTES / channel_bytes));
    b.blocks = (conv->group_in + b.block - 1) / b.block;
    b.gather_offset = direct ? 0 : b.block * channel_bytes;
    const int64_t gather_bytes = b.tiles.images > 1 ? conv->group_out * width * conv->itemsize : 0;
    return THNNConvolution_run(conv->op, b.tiles.count * conv->groups * b.blocks,
                               2.0 * (double)(b.block * conv->taps * conv->group_out * width), false,
                               b.gather_offset + gather_bytes, backwardRange, &b);
}
