/* gw += scale * gy * columns(x)', gb += scale * sums of gy.
 *
 * Bit for bit the same for every number of threads: the tiles are dealt into a number of parts that follows from the shapes,
 * each part adds up its tiles in order, and the parts are added in order. Where parts would need much memory (many weights),
 * there are fewer of them, and blocks of input channels become jobs as well. */
#include <stdlib.h>

#include "ops/THNNConvolution.h"

#define JOBS 16                           /* to aim at: enough for the threads of one socket's worth of images */
#define PART_BYTES_MAX (16 * 1024 * 1024) /* of all parts together */

typedef struct Backward {
    THNNConvolutionJob job;
    const THNNConvolution *conv;
    THNNTiles tiles;
    int64_t parts;
    int64_t block;  /* input channels of one job */
    int64_t blocks; /* jobs for each part and group */
    int64_t gather_offset;
    int64_t weights; /* elements of one part */
    char *sums;      /* parts x weights */
} Backward;

static void addTile(Backward *b, int64_t index, int64_t group, int64_t channel, bool first, char *slot, char *sum)
{
    const THNNConvolution *conv = b->conv;
    const THNNTile tile = THNNTiles_at(&b->tiles, conv, index);
    const int64_t channels = THNN_min(b->block, conv->group_in - channel);
    const int64_t depth = conv->group_in * conv->taps;
    const char *columns = slot;
    int64_t ld = tile.columns;
    if (conv->pointwise && tile.images == 1) {
        const int64_t plane = (tile.image * conv->groups + group) * conv->group_in + channel;
        columns = conv->x + (plane * conv->in_plane + tile.row * conv->plane.w.output) * conv->itemsize;
        ld = conv->in_plane;
    } else {
        THNNConvolution_unroll(conv, &tile, group, channel, channels, slot);
    }
    int64_t gy_ld;
    const char *gy = THNNConvolution_gatherOutput(conv, &tile, group, slot + b->gather_offset, &gy_ld);
    THNNConvolutionJob_note(&b->job, THBlas_gemm(conv->dtype, 't', 'n', channels * conv->taps, conv->group_out, tile.columns,
                                                 THScalar_fromDouble(1), columns, ld, gy, gy_ld,
                                                 THScalar_fromDouble(first ? 0 : 1), sum, depth));
}

static void partsRange(int64_t begin, int64_t end, int thread, void *context)
{
    Backward *b = context;
    const THNNConvolution *conv = b->conv;
    for (int64_t i = begin; i < THNN_min(end, b->job.jobs); i++) {
        const int64_t channel = i % b->blocks * b->block;
        const int64_t group = i / b->blocks % conv->groups;
        const int64_t part = i / b->blocks / conv->groups;
        const int64_t first = part * b->tiles.count / b->parts;
        const int64_t last = (part + 1) * b->tiles.count / b->parts;
        const int64_t at = part * b->weights + (group * conv->group_out * conv->group_in + channel) * conv->taps;
        for (int64_t tile = first; tile < last; tile++)
            addTile(b, tile, group, channel, tile == first, b->job.slots + thread * b->job.slot_bytes,
                    b->sums + at * conv->itemsize);
    }
}

static void addRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Backward *b = context;
    const int64_t at = begin * b->conv->itemsize;
    b->conv->kernel->add_parts(end - begin, b->parts, b->weights, b->sums + at, b->conv->scale, b->conv->gw + at);
}

THStatus THNNConvolution_gradWeight(const THNNConvolution *conv)
{
    if (conv->batch == 0) return TH_OK;
    const int64_t depth = conv->group_in * conv->taps;
    Backward b = {.conv = conv, .weights = conv->groups * conv->group_out * depth};
    const int64_t columns = THNNTiles_columns(conv, depth);
    b.tiles = THNNTiles_plan(conv, columns, false);
    const int64_t part_bytes = b.weights * conv->itemsize;
    b.parts = THNN_max(1, THNN_min(THNN_min(JOBS, b.tiles.count), PART_BYTES_MAX / part_bytes));
    const int64_t blocks = (JOBS + b.parts * conv->groups - 1) / (b.parts * conv->groups);
    b.block = (conv->group_in + blocks - 1) / blocks;
    b.blocks = (conv->group_in + b.block - 1) / b.block;
    const int64_t width = THNNTiles_width(&b.tiles, conv);
    const bool unrolled = !conv->pointwise || b.tiles.images > 1;
    b.gather_offset = unrolled ? b.block * conv->taps * width * conv->itemsize : 0;
    const int64_t gather_bytes = b.tiles.images > 1 ? conv->group_out * width * conv->itemsize : 0;
    b.sums = malloc((size_t)(b.parts * part_bytes));
    TH_FAIL_IF(b.sums == NULL, TH_ERR_MEMORY, "[%s] out of memory: %lld partial sums of %lld bytes", conv->op,
               (long long)b.parts, (long long)part_bytes);
    const THStatus status = THNNConvolution_run(conv->op, b.parts * conv->groups * b.blocks, 0, true,
                                                b.gather_offset + gather_bytes, partsRange, &b);
    if (status == TH_OK) THThreads_for(b.weights, TH_GRAIN, addRange, &b);
    free(b.sums);
    return status;
}

static void biasRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const THNNConvolution *conv = context;
    const int64_t channels = conv->groups * conv->group_out;
    for (int64_t o = begin; o < end; o++) {
        double sum = 0;
        for (int64_t image = 0; image < conv->batch; image++)
            sum += conv->kernel->sum(conv->out_plane, conv->gy + (image * channels + o) * conv->out_plane * conv->itemsize);
        char *target = conv->gb + o * conv->itemsize;
        const double before = THScalar_toDouble(THScalar_load(conv->dtype, target));
        THScalar_store(THScalar_fromDouble(before + conv->scale * sum), conv->dtype, target);
    }
}

THStatus THNNConvolution_gradBias(const THNNConvolution *conv)
{
    const int64_t each = THNN_max(1, conv->batch * conv->out_plane);
    THThreads_for(conv->groups * conv->group_out, THNN_max(1, TH_GRAIN / each), biasRange, (void *)conv);
    return TH_OK;
}
