/* Tiles, working memory and threads of the convolution. */
#include "ops/THNNConvolution.h"

#include <stdlib.h>
#include <string.h>

#define TILE_BYTES (768 * 1024) /* of columns: leaves room in a second-level cache of 1 MiB */
#define TILE_COLUMNS_MIN 256    /* fewer, and the product spends its time on packing the weights */
#define TILE_COLUMNS_MAX 2048
#define FLOPS_OF_REGION 2e5 /* a thread is worth waking for this much */
#define SLOT_ALIGNMENT 4096

int64_t THNNTiles_columns(const THNNConvolution *conv, int64_t depth)
{
    const int64_t columns = TILE_BYTES / (depth * conv->itemsize);
    return THNN_max(TILE_COLUMNS_MIN, THNN_min(columns, TILE_COLUMNS_MAX));
}

THNNTiles THNNTiles_plan(const THNNConvolution *conv, int64_t columns, bool whole)
{
    const int64_t out_h = THNNPlane_rows(&conv->plane);
    THNNTiles tiles = {.images = 1, .rows = out_h, .across = 1};
    if (conv->out_plane * 2 <= columns) {
        /* Equal tiles: the last one would else be a small rest. */
        const int64_t count = THNN_max(1, (conv->batch * conv->out_plane + columns - 1) / columns);
        tiles.images = THNN_max(1, (conv->batch + count - 1) / count);
    } else if (!whole) {
        const int64_t rows = THNN_max(1, columns / conv->plane.w.output);
        tiles.across = (out_h + rows - 1) / rows;
        tiles.rows = (out_h + tiles.across - 1) / tiles.across;
        tiles.across = (out_h + tiles.rows - 1) / tiles.rows;
    }
    tiles.count = tiles.across * ((conv->batch + tiles.images - 1) / tiles.images);
    return tiles;
}

THNNTile THNNTiles_at(const THNNTiles *self, const THNNConvolution *conv, int64_t index)
{
    THNNTile tile = {.image = index / self->across * self->images, .row = index % self->across * self->rows};
    tile.images = THNN_min(self->images, conv->batch - tile.image);
    tile.rows = THNN_min(self->rows, THNNPlane_rows(&conv->plane) - tile.row);
    tile.columns = tile.images * tile.rows * conv->plane.w.output;
    return tile;
}

int64_t THNNTiles_width(const THNNTiles *self, const THNNConvolution *conv)
{
    return self->images * self->rows * conv->plane.w.output;
}

void THNNConvolution_unroll(const THNNConvolution *conv, const THNNTile *tile, int64_t group, int64_t channel, int64_t channels,
                            char *columns)
{
    for (int64_t i = 0; i < tile->images; i++) {
        const int64_t first = ((tile->image + i) * conv->groups + group) * conv->group_in + channel;
        conv->kernel->unroll(&conv->plane, channels, tile->row, tile->rows, conv->x + first * conv->in_plane * conv->itemsize,
                             columns + i * conv->out_plane * conv->itemsize, tile->columns);
    }
}

const char *THNNConvolution_gatherOutput(const THNNConvolution *conv, const THNNTile *tile, int64_t group, char *buffer,
                                         int64_t *ld)
{
    const int64_t run = conv->out_plane * conv->itemsize;
    if (tile->images == 1) {
        *ld = conv->out_plane;
        return conv->gy + (tile->image * conv->groups + group) * conv->group_out * run +
               tile->row * conv->plane.w.output * conv->itemsize;
    }
    *ld = tile->columns;
    for (int64_t i = 0; i < tile->images; i++) {
        const char *source = conv->gy + ((tile->image + i) * conv->groups + group) * conv->group_out * run;
        for (int64_t o = 0; o < conv->group_out; o++)
            memcpy(buffer + (o * tile->columns + i * conv->out_plane) * conv->itemsize, source + o * run, (size_t)run);
    }
    return buffer;
}

void THNNConvolutionJob_note(THNNConvolutionJob *self, THStatus status)
{
    if (status != TH_OK) __atomic_store_n(&self->status, status, __ATOMIC_RELAXED);
}

THStatus THNNConvolution_run(const char *op, int64_t jobs, double flops, bool fixed, int64_t slot_bytes, THRange body,
                             void *context)
{
    THNNConvolutionJob *job = context;
    const int64_t threads = THThreads_get();
    job->jobs = jobs;
    job->status = TH_OK;
    job->slot_bytes = (slot_bytes + SLOT_ALIGNMENT - 1) / SLOT_ALIGNMENT * SLOT_ALIGNMENT;
    const bool spread = fixed || jobs >= threads;
    const int64_t bytes = THNN_max(SLOT_ALIGNMENT, job->slot_bytes * (spread ? threads : 1));
    job->slots = aligned_alloc(SLOT_ALIGNMENT, (size_t)bytes);
    TH_FAIL_IF(job->slots == NULL, TH_ERR_MEMORY, "[%s] out of memory: %lld bytes of working memory", op, (long long)bytes);
    if (fixed) {
        /* At least two ranges, or the only one would run outside of a region and its products on several threads. */
        THThreads_for(THNN_max(jobs, 2), 1, body, context);
    } else if (spread) {
        THThreads_for(jobs, THNN_max(1, (int64_t)(FLOPS_OF_REGION / (flops + 1))), body, context);
    } else {
        body(0, jobs, 0, context);
    }
    free(job->slots);
    TH_FAIL_IF(job->status != TH_OK, job->status, "[%s] a matrix product failed", op);
    return TH_OK;
}
