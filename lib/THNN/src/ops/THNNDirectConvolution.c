/* Forward passes, and gradients of inputs where the stride is 1, without columns (THNNDirectKernel.h): a gradient is the
 * convolution of gradOutput with the filters turned around.
 *
 * A job is some output lines of one image and group: rows, or slices of a volume. It copies what they see of the input, with
 * the zeros at the left and the right, into memory that the second-level cache holds; lines above and below are left out. */
#include <stdlib.h>

#include "kernels/THNNDirectKernel.h"
#include "ops/THNNConvolution.h"

#define INPUT_BYTES (384 * 1024) /* of a job's input: half of a small second-level cache */
#define JOBS 16                  /* of a batch, to aim at: enough for the threads of one socket */
#define POSITIONS_MIN 512        /* of the whole batch: for fewer, packing the weights costs too much */
#define ALIGNMENT 64

typedef struct Direct {
    THNNConvolutionJob job;
    const THNNConvolution *conv;
    const THNNDirectKernel *kernel;
    THNNWindow line; /* d of volumes, else h */
    int64_t lines;   /* of one job */
    int64_t across;  /* jobs of one image and group */
    int64_t width;   /* of a padded row */
    int64_t blocks;  /* of output channels, in a group */
    bool turned;     /* the weights are those of the convolution whose gradient this is */
    int64_t *offset; /* of each tap */
    char *packed;    /* groups x blocks x group_in x taps x block */
    char *bias;      /* groups x blocks x block, or NULL */
    int64_t row_at;  /* in a slot: behind the input */
} Direct;

static bool isVolume(const THNNConvolution *conv)
{
    return conv->plane.d.input > 1 || conv->plane.d.kernel > 1;
}

/* Rows of one input line. */
static int64_t rowsOfLine(const THNNConvolution *conv)
{
    return isVolume(conv) ? conv->plane.h.input : 1;
}

/* Input lines [*first, *last) that the output lines [begin, end) see. */
static void linesSeen(const Direct *self, int64_t begin, int64_t end, int64_t *first, int64_t *last)
{
    const THNNWindow *w = &self->line;
    *first = THNN_min(THNN_max(0, THNNWindow_position(w, begin, 0)), w->input);
    *last = THNN_max(*first, THNN_min(w->input, THNNWindow_position(w, end - 1, w->kernel - 1) + 1));
}

/* Taps [*begin, *end) of output position o that lie inside the input. */
static void tapsInside(const THNNWindow *w, int64_t o, int64_t *begin, int64_t *end)
{
    const int64_t first = THNNWindow_position(w, o, 0);
    *begin = first >= 0 ? 0 : THNN_min(w->kernel, (-first + w->dilation - 1) / w->dilation);
    *end = first >= w->input ? 0 : THNN_min(w->kernel, (w->input - 1 - first) / w->dilation + 1);
    if (*begin > *end) *begin = *end;
}

static void packRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Direct *self = context;
    const THNNConvolution *conv = self->conv;
    const int64_t block = self->kernel->block, taps = conv->taps, size = conv->itemsize;
    for (int64_t i = begin; i < end; i++) {
        const int64_t group = i / self->blocks, first = i % self->blocks * block;
        const int64_t outputs = THNN_min(block, conv->group_out - first);
        const char *weight = conv->weight + group * conv->group_in * conv->group_out * taps * size;
        char *packed = self->packed + i * conv->group_in * taps * block * size;
        if (self->turned)
            self->kernel->pack(outputs, conv->group_in, taps, taps, conv->group_out * taps, -1,
                               weight + (first * taps + taps - 1) * size, packed);
        else
            self->kernel->pack(outputs, conv->group_in, taps, conv->group_in * taps, taps, 1,
                               weight + first * conv->group_in * taps * size, packed);
        if (self->bias != NULL)
            self->kernel->pack(outputs, 1, 1, 1, 0, 0, conv->bias + (group * conv->group_out + first) * size,
                               self->bias + i * block * size);
    }
}

/* Copies input lines [first, last) of all channels of a group; returns elements from one channel to the next. */
static int64_t padLines(const Direct *self, int64_t plane, int64_t first, int64_t last, char *padded)
{
    const THNNConvolution *conv = self->conv;
    const int64_t rows = (last - first) * rowsOfLine(conv), stride = rows * self->width;
    const int64_t line = rowsOfLine(conv) * conv->plane.w.input;
    for (int64_t c = 0; c < conv->group_in; c++)
        self->kernel->pad(rows, conv->plane.w.input, conv->plane.w.pad, self->width,
                          conv->x + ((plane + c) * conv->in_plane + first * line) * conv->itemsize,
                          padded + c * stride * conv->itemsize);
    return stride;
}

/* All rows of output line `line` of a block of channels. first: the first input line in `x`. */
static void computeLine(const Direct *self, THNNDirectRow *row, int64_t line, int64_t first, const char *x, const char *packed,
                        const char *bias, char *buffer, char *y)
{
    const THNNConvolution *conv = self->conv;
    const THNNPlane *plane = &conv->plane;
    const bool volume = isVolume(conv);
    const int64_t rows = volume ? plane->h.output : 1;
    const int64_t start = (THNNWindow_position(&self->line, line, 0) - first) * rowsOfLine(conv);
    int64_t taps_begin, taps_end;
    tapsInside(&self->line, line, &taps_begin, &taps_end);
    for (int64_t r = 0; r < rows; r++) {
        int64_t high_begin = taps_begin, high_end = taps_end;
        row->depth_begin = volume ? taps_begin : 0;
        row->depth_end = volume ? taps_end : 1;
        if (volume) tapsInside(&plane->h, r, &high_begin, &high_end);
        row->tap_begin = high_begin * plane->w.kernel;
        row->tap_end = high_end * plane->w.kernel;
        row->base = (start + (volume ? THNNWindow_position(&plane->h, r, 0) : 0)) * self->width;
        self->kernel->row(row, x, packed, bias, buffer, y + r * plane->w.output * conv->itemsize);
    }
}

static void directJob(const Direct *self, int64_t index, char *slot)
{
    const THNNConvolution *conv = self->conv;
    const int64_t size = conv->itemsize, block = self->kernel->block;
    const int64_t group = index / self->across % conv->groups, image = index / self->across / conv->groups;
    const int64_t begin = index % self->across * self->lines, end = THNN_min(self->line.output, begin + self->lines);
    const int64_t rows = isVolume(conv) ? conv->plane.h.output : 1;
    int64_t first, last;
    linesSeen(self, begin, end, &first, &last);
    THNNDirectRow row = {.channels = conv->group_in,
                         .offset = self->offset,
                         .taps = conv->taps,
                         .depth_taps = conv->plane.h.kernel * conv->plane.w.kernel,
                         .stride = conv->plane.w.stride,
                         .columns = conv->plane.w.output,
                         .y_stride = conv->out_plane};
    row.channel_stride = padLines(self, (image * conv->groups + group) * conv->group_in, first, last, slot);
    for (int64_t b = 0; b < self->blocks; b++) {
        const int64_t at = group * self->blocks + b, output = group * conv->group_out + b * block;
        const char *packed = self->packed + at * conv->group_in * conv->taps * block * size;
        const char *bias = self->bias == NULL ? NULL : self->bias + at * block * size;
        char *y = conv->y + (image * conv->groups * conv->group_out + output) * conv->out_plane * size;
        row.outputs = THNN_min(block, conv->group_out - b * block);
        for (int64_t line = begin; line < end; line++)
            computeLine(self, &row, line, first, slot, packed, bias, slot + self->row_at,
                        y + line * rows * conv->plane.w.output * size);
    }
}

static void directRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Direct *self = context;
    for (int64_t i = begin; i < end; i++) directJob(self, i, self->job.slots + thread * self->job.slot_bytes);
}

static void initOffsets(Direct *self)
{
    const THNNPlane *plane = &self->conv->plane;
    int64_t t = 0;
    for (int64_t d = 0; d < plane->d.kernel; d++)
        for (int64_t h = 0; h < plane->h.kernel; h++)
            for (int64_t w = 0; w < plane->w.kernel; w++)
                self->offset[t++] =
                    (d * plane->d.dilation * plane->h.input + h * plane->h.dilation) * self->width + w * plane->w.dilation;
}

static int64_t aligned(int64_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The number of output lines of a job, and how many bytes of input they see. */
static int64_t planLines(Direct *self)
{
    const THNNConvolution *conv = self->conv;
    const int64_t line_bytes = conv->group_in * rowsOfLine(conv) * self->width * conv->itemsize;
    const int64_t extent = (self->line.kernel - 1) * self->line.dilation + 1;
    const int64_t fit = (INPUT_BYTES / line_bytes - extent) / self->line.stride + 1;
    const int64_t share = (self->line.output * conv->batch * conv->groups + JOBS - 1) / JOBS;
    self->lines = THNN_max(1, THNN_min(THNN_min(fit, share), self->line.output));
    self->across = (self->line.output + self->lines - 1) / self->lines;
    self->lines = (self->line.output + self->across - 1) / self->across; /* equal jobs */
    self->across = (self->line.output + self->lines - 1) / self->lines;
    return line_bytes * ((self->lines - 1) * self->line.stride + extent);
}

static THStatus run(const THNNConvolution *conv, const THNNDirectKernel *kernel, bool turned)
{
    const THNNWindow *w = &conv->plane.w;
    Direct self = {.conv = conv, .kernel = kernel, .turned = turned, .line = isVolume(conv) ? conv->plane.d : conv->plane.h};
    self.width = (w->output - 1) * w->stride + (w->kernel - 1) * w->dilation + 1;
    self.blocks = (conv->group_out + kernel->block - 1) / kernel->block;
    const int64_t packed_blocks = conv->groups * self.blocks, block_bytes = kernel->block * conv->itemsize;
    const int64_t packed_bytes = aligned(packed_blocks * conv->group_in * conv->taps * block_bytes);
    const int64_t offset_bytes = aligned(conv->taps * (int64_t)sizeof(int64_t));
    const int64_t bytes = packed_bytes + packed_blocks * aligned(block_bytes) + offset_bytes;
    char *memory = aligned_alloc(ALIGNMENT, (size_t)bytes);
    TH_FAIL_IF(memory == NULL, TH_ERR_MEMORY, "[%s] out of memory: %lld bytes of working memory", conv->op, (long long)bytes);
    self.packed = memory;
    self.offset = (int64_t *)(void *)(memory + packed_bytes);
    self.bias = conv->bias == NULL ? NULL : memory + packed_bytes + offset_bytes;
    initOffsets(&self);
    const int64_t packed_elements = conv->group_in * conv->taps * kernel->block;
    THThreads_for(packed_blocks, THNN_max(1, TH_GRAIN / packed_elements), packRange, &self);
    self.row_at = aligned(planLines(&self));
    const double flops =
        2.0 * (double)(conv->group_in * conv->taps) * (double)(conv->group_out * conv->out_plane / self.across);
    const THStatus status = THNNConvolution_run(conv->op, conv->batch * conv->groups * self.across, flops, true,
                                                self.row_at + aligned(w->output * block_bytes), directRange, &self);
    free(memory);
    return status;
}

/* Whether the direct way is there for `conv`, and the better one: enough positions for the packed weights, stride 1 or 2 in a
 * row, and output channels that fill at least half of their blocks. */
static const THNNDirectKernel *kernelFor(const THNNConvolution *conv)
{
    const THNNDirectKernel *kernel = TH_PICK(THNNDirectKernel_tables, conv->dtype);
    if (kernel == NULL || kernel->block == 0 || conv->pointwise || conv->plane.w.stride > 2) return NULL;
    const int64_t blocks = (conv->group_out + kernel->block - 1) / kernel->block;
    if (conv->group_out * 2 < blocks * kernel->block) return NULL;
    return conv->batch * conv->out_plane >= POSITIONS_MIN ? kernel : NULL;
}

bool THNNConvolution_directForward(const THNNConvolution *conv, THStatus *status)
{
    const THNNDirectKernel *kernel = kernelFor(conv);
    if (kernel == NULL) return false;
    *status = run(conv, kernel, false);
    return true;
}

/* The window of the gradient: `window` with input and output exchanged. False unless its stride is 1. */
static bool turnWindow(THNNWindow *window)
{
    const THNNWindow old = *window;
    window->input = old.output;
    window->output = old.input;
    window->pad = (old.kernel - 1) * old.dilation - old.pad;
    return old.stride == 1 && window->pad >= 0;
}

bool THNNConvolution_directGradInput(const THNNConvolution *conv, THStatus *status)
{
    THNNConvolution turned = *conv;
    if (!turnWindow(&turned.plane.d) || !turnWindow(&turned.plane.h) || !turnWindow(&turned.plane.w)) return false;
    turned.group_in = conv->group_out;
    turned.group_out = conv->group_in;
    turned.in_plane = conv->out_plane;
    turned.out_plane = conv->in_plane;
    turned.x = conv->gy;
    turned.y = conv->gx;
    turned.bias = NULL;
    const THNNDirectKernel *kernel = kernelFor(&turned);
    if (kernel == NULL) return false;
    *status = run(&turned, kernel, true);
    return true;
}
