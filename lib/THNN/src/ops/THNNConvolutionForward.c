/* y = weight * columns(x) + bias, tile by tile. */
#include <string.h>

#include "ops/THNNConvolution.h"

typedef struct Forward {
    THNNConvolutionJob job;
    const THNNConvolution *conv;
    THNNTiles tiles;
    int64_t result_offset; /* in a slot: behind the columns */
} Forward;

/* Several images side by side go back to where each belongs. */
static void scatterResult(const THNNConvolution *conv, const THNNTile *tile, int64_t group, const char *result)
{
    const int64_t run = conv->out_plane * conv->itemsize;
    for (int64_t i = 0; i < tile->images; i++) {
        char *target = conv->y + ((tile->image + i) * conv->groups + group) * conv->group_out * run;
        for (int64_t o = 0; o < conv->group_out; o++)
            memcpy(target + o * run, result + (o * tile->columns + i * conv->out_plane) * conv->itemsize, (size_t)run);
    }
}

static void forwardTile(Forward *f, int64_t index, char *slot)
{
    const THNNConvolution *conv = f->conv;
    const int64_t group = index % conv->groups;
    const THNNTile tile = THNNTiles_at(&f->tiles, conv, index / conv->groups);
    const int64_t depth = conv->group_in * conv->taps;
    const int64_t start = tile.row * conv->plane.w.output; /* first column of the tile in its image */
    const char *columns = slot;
    int64_t ld = tile.columns;
    if (conv->pointwise && tile.images == 1) {
        columns = conv->x + ((tile.image * conv->groups + group) * conv->group_in * conv->in_plane + start) * conv->itemsize;
        ld = conv->in_plane;
    } else {
        THNNConvolution_unroll(conv, &tile, group, 0, conv->group_in, slot);
    }
    char *result = slot + f->result_offset;
    int64_t result_ld = tile.columns;
    if (tile.images == 1) {
        result = conv->y + ((tile.image * conv->groups + group) * conv->group_out * conv->out_plane + start) * conv->itemsize;
        result_ld = conv->out_plane;
    }
    const char *bias = conv->bias == NULL ? NULL : conv->bias + group * conv->group_out * conv->itemsize;
    if (bias != NULL) conv->kernel->fill_rows(conv->group_out, tile.columns, result_ld, bias, result);
    THNNConvolutionJob_note(&f->job,
                            THBlas_gemm(conv->dtype, 'n', 'n', tile.columns, conv->group_out, depth, THScalar_fromDouble(1),
                                        columns, ld, conv->weight + group * conv->group_out * depth * conv->itemsize, depth,
                                        THScalar_fromDouble(bias != NULL ? 1 : 0), result, result_ld));
    if (tile.images > 1) scatterResult(conv, &tile, group, result);
}

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    Forward *f = context;
    for (int64_t i = begin; i < end; i++) forwardTile(f, i, f->job.slots + thread * f->job.slot_bytes);
}

THStatus THNNConvolution_forward(const THNNConvolution *conv)
{
    const int64_t depth = conv->group_in * conv->taps;
    Forward f = {.conv = conv};
    f.tiles = THNNTiles_plan(conv, THNNTiles_columns(conv, depth), false);
    const int64_t width = THNNTiles_width(&f.tiles, conv);
    const bool unrolled = !conv->pointwise || f.tiles.images > 1;
    f.result_offset = unrolled ? depth * width * conv->itemsize : 0;
    const int64_t result_bytes = f.tiles.images > 1 ? conv->group_out * width * conv->itemsize : 0;
    return THNNConvolution_run(conv->op, f.tiles.count * conv->groups, 2.0 * (double)(depth * conv->group_out * width), false,
                               f.result_offset + result_bytes, forwardRange, &f);
}
