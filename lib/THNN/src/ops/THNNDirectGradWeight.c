/* gw += scale * gy * what each tap sees, without columns (THNNDirectKernel.h).
 *
 * As in THNNConvolutionGradWeight.c: the jobs' lines are dealt into a number of parts that follows from the shapes, each part
 * adds up its own in order, and the parts are added in order. */
#include <stdlib.h>
#include <string.h>

#include "ops/THNNDirectConvolution.h"

#define PARTS 16                          /* to aim at: enough for the threads of one socket */
#define PART_BYTES_MAX (16 * 1024 * 1024) /* of all parts together */
#define POSITIONS 1024                    /* that one sum runs over */

typedef struct Direct {
    THNNConvolutionJob job;
    THNNDirect direct;
    int64_t parts;
    int64_t weights; /* packed elements of a part */
    char *sums;      /* parts x groups x blocks x group_in x taps x block */
} Direct;

/* Output rows of a line. */
static int64_t rowsOf(const THNNConvolution *conv)
{
    return THNNDirect_isVolume(conv) ? conv->plane.h.output : 1;
}

/* The taps of the width that belong to tap d of the depth and h of the height. */
static void sumTaps(const THNNDirect *direct, const THNNDirectJob *job, int64_t d, int64_t h, const char *x, const char *packed,
                    char *sums)
{
    const THNNConvolution *conv = direct->conv;
    const THNNPlane *shape = &conv->plane;
    const bool volume = THNNDirect_isVolume(conv);
    int64_t first, last, top = 0, bottom = 1;
    THNNWindow_inside(&direct->line, volume ? d : h, &first, &last);
    if (volume) THNNWindow_inside(&shape->h, h, &top, &bottom);
    first = THNN_max(first, job->begin);
    last = THNN_min(last, job->end);
    if (first >= last || top >= bottom) return;
    const int64_t row = shape->w.output * direct->kernel->block, line = rowsOf(conv) * row;
    THNNDirectPlane plane = {.channels = conv->group_in,
                             .channel_stride = job->channel_stride,
                             .kernel = shape->w.kernel,
                             .dilation = shape->w.dilation,
                             .tap = (d * shape->h.kernel + h) * shape->w.kernel,
                             .taps = conv->taps,
                             .stride = shape->w.stride,
                             .lines = last - first,
                             .rows = bottom - top,
                             .columns = shape->w.output,
                             .x_row = shape->h.stride * direct->width,
                             .y_line = line,
                             .y_row = row};
    plane.base = THNNDirect_place(direct, job, first, volume ? d : h);
    plane.x_line = THNNDirect_place(direct, job, first + 1, volume ? d : h) - plane.base;
    if (volume) plane.base += THNNWindow_position(&shape->h, top, h) * direct->width;
    direct->kernel->weights(&plane, x, packed + ((first - job->begin) * line + top * row) * conv->itemsize, sums);
}

static void addJob(const Direct *self, int64_t index, int64_t group, char *slot, char *sums)
{
    const THNNDirect *direct = &self->direct;
    const THNNConvolution *conv = direct->conv;
    const int64_t block = direct->kernel->block, line = rowsOf(conv) * conv->plane.w.output;
    const THNNDirectJob job = THNNDirect_begin(direct, index, group, slot);
    char *packed = slot + direct->input_bytes;
    for (int64_t b = 0; b < direct->blocks; b++) {
        const int64_t output = (job.image * conv->groups + group) * conv->group_out + b * block;
        direct->kernel->pack_output((job.end - job.begin) * line, THNN_min(block, conv->group_out - b * block), conv->out_plane,
                                    conv->gy + (output * conv->out_plane + job.begin * line) * conv->itemsize, packed);
        for (int64_t d = 0; d < conv->plane.d.kernel; d++)
            for (int64_t h = 0; h < conv->plane.h.kernel; h++) sumTaps(direct, &job, d, h, slot, packed, sums);
        sums += conv->group_in * conv->taps * block * conv->itemsize;
    }
}

static void partsRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Direct *self = context;
    const THNNConvolution *conv = self->direct.conv;
    const int64_t jobs = conv->batch * self->direct.across, bytes = self->weights / conv->groups * conv->itemsize;
    for (int64_t i = begin; i < THNN_min(end, self->job.jobs); i++) {
        const int64_t part = i / conv->groups, last = (part + 1) * jobs / self->parts;
        char *sums = self->sums + i * bytes;
        memset(sums, 0, (size_t)bytes);
        for (int64_t job = part * jobs / self->parts; job < last; job++)
            addJob(self, job, i % conv->groups, self->job.slots + thread * self->job.slot_bytes, sums);
    }
}

static void unpackRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Direct *self = context;
    const THNNDirect *direct = &self->direct;
    const THNNConvolution *conv = direct->conv;
    const int64_t block = direct->kernel->block, n = conv->group_in * conv->taps;
    for (int64_t i = begin; i < end; i++) {
        const int64_t output = i / direct->blocks * conv->group_out + i % direct->blocks * block;
        direct->kernel->unpack(THNN_min(block, conv->group_out - i % direct->blocks * block), n, self->parts, self->weights,
                               self->sums + i * n * block * conv->itemsize, conv->scale,
                               conv->gw + output * n * conv->itemsize);
    }
}

bool THNNConvolution_directGradWeight(const THNNConvolution *conv, THStatus *status)
{
    Direct self = {.parts = PARTS};
    const int64_t line = rowsOf(conv) * conv->plane.w.output;
    if (!THNNDirect_init(&self.direct, conv, THNN_max(1, POSITIONS / line))) return false;
    const int64_t block = self.direct.kernel->block, n = conv->group_in * conv->taps;
    self.weights = conv->groups * self.direct.blocks * n * block;
    self.parts = THNN_min(PARTS, conv->batch * self.direct.across);
    const int64_t bytes = THNNDirect_aligned(self.parts * self.weights * conv->itemsize);
    if (bytes > PART_BYTES_MAX) return false;
    self.sums = aligned_alloc(THNN_DIRECT_ALIGNMENT, (size_t)bytes);
    if (self.sums == NULL) {
        *status = THStatus_fail(TH_ERR_MEMORY, "[%s] out of memory: %lld bytes of partial sums", conv->op, (long long)bytes);
        return true;
    }
    *status =
        THNNConvolution_run(conv->op, self.parts * conv->groups, 0, true,
                            self.direct.input_bytes + self.direct.lines * line * block * conv->itemsize, partsRange, &self);
    if (*status == TH_OK)
        THThreads_for(conv->groups * self.direct.blocks, THNN_max(1, TH_GRAIN / (n * block)), unpackRange, &self);
    free(self.sums);
    return true;
}
