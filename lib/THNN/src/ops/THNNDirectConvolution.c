/* Forward passes, and gradients of inputs where the stride is 1, without columns (THNNDirectKernel.h): a gradient is the
 * convolution of gradOutput with the filters turned around. */
#include "ops/THNNDirectConvolution.h"

#include <stdlib.h>

#define INPUT_BYTES (384 * 1024) /* of a job's input: half of a small second-level cache */
#define JOBS 16                  /* of a batch, to aim at: enough for the threads of one socket */
#define POSITIONS_MIN 512        /* of the whole batch: for fewer, packing the weights costs too much */

/* Rows of one input line. */
static int64_t rowsOfLine(const THNNConvolution *conv)
{
    return THNNDirect_isVolume(conv) ? conv->plane.h.input : 1;
}

/* Copies input lines [first, last) of all channels of a group; returns elements from one channel to the next. */
static int64_t padLines(const THNNDirect *self, int64_t plane, int64_t first, int64_t last, char *padded)
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

THNNDirectJob THNNDirect_begin(const THNNDirect *self, int64_t index, int64_t group, char *padded)
{
    const THNNConvolution *conv = self->conv;
    const THNNWindow *w = &self->line;
    THNNDirectJob job = {.image = index / self->across, .begin = index % self->across * self->lines};
    job.end = THNN_min(w->output, job.begin + self->lines);
    job.first = THNN_min(THNN_max(0, THNNWindow_position(w, job.begin, 0)), w->input);
    const int64_t last = THNN_max(job.first, THNN_min(w->input, THNNWindow_position(w, job.end - 1, w->kernel - 1) + 1));
    job.channel_stride = padLines(self, (job.image * conv->groups + group) * conv->group_in, job.first, last, padded);
    return job;
}

int64_t THNNDirect_place(const THNNDirect *self, const THNNDirectJob *job, int64_t line, int64_t tap)
{
    return (THNNWindow_position(&self->line, line, tap) - job->first) * rowsOfLine(self->conv) * self->width;
}

/* Cuts images into jobs whose input fits the cache and of which a batch has enough. */
static void planLines(THNNDirect *self, int64_t lines)
{
    const THNNConvolution *conv = self->conv;
    const int64_t line_bytes = conv->group_in * rowsOfLine(conv) * self->width * conv->itemsize;
    const int64_t extent = (self->line.kernel - 1) * self->line.dilation + 1;
    const int64_t fit = (INPUT_BYTES / line_bytes - extent) / self->line.stride + 1;
    const int64_t share = (self->line.output * conv->batch * conv->groups + JOBS - 1) / JOBS;
    self->lines = THNN_max(1, THNN_min(THNN_min(fit, share), THNN_min(lines, self->line.output)));
    self->across = (self->line.output + self->lines - 1) / self->lines;
    self->lines = (self->line.output + self->across - 1) / self->across; /* equal jobs */
    self->across = (self->line.output + self->lines - 1) / self->lines;
    self->input_bytes = THNNDirect_aligned(line_bytes * ((self->lines - 1) * self->line.stride + extent));
}

bool THNNDirect_init(THNNDirect *self, const THNNConvolution *conv, int64_t lines)
{
    const THNNDirectKernel *kernel = TH_PICK(THNNDirectKernel_tables, conv->dtype);
    const THNNWindow *w = &conv->plane.w;
    if (kernel == NULL || kernel->block == 0 || conv->pointwise || w->stride > 2) return false;
    if (conv->batch * conv->out_plane < POSITIONS_MIN) return false;
    *self = (THNNDirect){.conv = conv, .kernel = kernel, .line = THNNDirect_isVolume(conv) ? conv->plane.d : conv->plane.h};
    self->width = (w->output - 1) * w->stride + (w->kernel - 1) * w->dilation + 1;
    self->blocks = (conv->group_out + kernel->block - 1) / kernel->block;
    if (conv->group_out * 2 < self->blocks * kernel->block) return false;
    planLines(self, lines);
    return true;
}

/* Taps [*begin, *end) of output position o that lie inside the input. */
static void tapsInside(const THNNWindow *w, int64_t o, int64_t *begin, int64_t *end)
{
    const int64_t first = THNNWindow_position(w, o, 0);
    *begin = first >= 0 ? 0 : THNN_min(w->kernel, (-first + w->dilation - 1) / w->dilation);
    *end = first >= w->input ? 0 : THNN_min(w->kernel, (w->input - 1 - first) / w->dilation + 1);
    if (*begin > *end) *begin = *end;
}

typedef struct Direct {
    THNNConvolutionJob job;
    THNNDirect direct;
    bool turned;     /* the weights are those of the convolution whose gradient this is */
    int64_t *offset; /* of each tap */
    char *packed;    /* groups x blocks x group_in x taps x block */
    char *bias;      /* groups x blocks x block, or NULL */
} Direct;

static void packRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Direct *self = context;
    const THNNConvolution *conv = self->direct.conv;
    const int64_t block = self->direct.kernel->block, taps = conv->taps, size = conv->itemsize;
    for (int64_t i = begin; i < end; i++) {
        const int64_t group = i / self->direct.blocks, first = i % self->direct.blocks * block;
        const int64_t outputs = THNN_min(block, conv->group_out - first);
        const char *weight = conv->weight + group * conv->group_in * conv->group_out * taps * size;
        char *packed = self->packed + i * conv->group_in * taps * block * size;
        if (self->turned)
            self->direct.kernel->pack(outputs, conv->group_in, taps, taps, conv->group_out * taps, -1,
                                      weight + (first * taps + taps - 1) * size, packed);
        else
            self->direct.kernel->pack(outputs, conv->group_in, taps, conv->group_in * taps, taps, 1,
                                      weight + first * conv->group_in * taps * size, packed);
        if (self->bias != NULL)
            self->direct.kernel->pack(outputs, 1, 1, 1, 0, 0, conv->bias + (group * conv->group_out + first) * size,
                                      self->bias + i * block * size);
    }
}

/* All rows of output line `line` of a block of channels. */
static void computeLine(const Direct *self, THNNDirectRow *row, const THNNDirectJob *job, int64_t line, const char *x,
                        const char *packed, const char *bias, char *buffer, char *y)
{
    const THNNConvolution *conv = self->direct.conv;
    const THNNPlane *plane = &conv->plane;
    const bool volume = THNNDirect_isVolume(conv);
    const int64_t rows = volume ? plane->h.output : 1, start = THNNDirect_place(&self->direct, job, line, 0);
    int64_t taps_begin, taps_end;
    tapsInside(&self->direct.line, line, &taps_begin, &taps_end);
    for (int64_t r = 0; r < rows; r++) {
        int64_t high_begin = taps_begin, high_end = taps_end;
        row->depth_begin = volume ? taps_begin : 0;
        row->depth_end = volume ? taps_end : 1;
        if (volume) tapsInside(&plane->h, r, &high_begin, &high_end);
        row->tap_begin = high_begin * plane->w.kernel;
        row->tap_end = high_end * plane->w.kernel;
        row->base = start + (volume ? THNNWindow_position(&plane->h, r, 0) * self->direct.width : 0);
        self->direct.kernel->row(row, x, packed, bias, buffer, y + r * plane->w.output * conv->itemsize);
    }
}

static void directJob(const Direct *self, int64_t index, char *slot)
{
    const THNNDirect *direct = &self->direct;
    const THNNConvolution *conv = direct->conv;
    const int64_t size = conv->itemsize, block = direct->kernel->block, group = index % conv->groups;
    const THNNDirectJob job = THNNDirect_begin(direct, index / conv->groups, group, slot);
    const int64_t rows = THNNDirect_isVolume(conv) ? conv->plane.h.output : 1;
    THNNDirectRow row = {.channels = conv->group_in,
                         .channel_stride = job.channel_stride,
                         .offset = self->offset,
                         .taps = conv->taps,
                         .depth_taps = conv->plane.h.kernel * conv->plane.w.kernel,
                         .stride = conv->plane.w.stride,
                         .columns = conv->plane.w.output,
                         .y_stride = conv->out_plane};
    for (int64_t b = 0; b < direct->blocks; b++) {
        const int64_t at = group * direct->blocks + b, output = group * conv->group_out + b * block;
        const char *packed = self->packed + at * conv->group_in * conv->taps * block * size;
        const char *bias = self->bias == NULL ? NULL : self->bias + at * block * size;
        char *y = conv->y + (job.image * conv->groups * conv->group_out + output) * conv->out_plane * size;
        row.outputs = THNN_min(block, conv->group_out - b * block);
        for (int64_t line = job.begin; line < job.end; line++)
            computeLine(self, &row, &job, line, slot, packed, bias, slot + direct->input_bytes,
                        y + line * rows * conv->plane.w.output * size);
    }
}

static void directRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Direct *self = context;
    for (int64_t i = begin; i < THNN_min(end, self->job.jobs); i++)
        directJob(self, i, self->job.slots + thread * self->job.slot_bytes);
}

static void initOffsets(Direct *self)
{
    const THNNPlane *plane = &self->direct.conv->plane;
    int64_t t = 0;
    for (int64_t d = 0; d < plane->d.kernel; d++)
        for (int64_t h = 0; h < plane->h.kernel; h++)
            for (int64_t w = 0; w < plane->w.kernel; w++)
                self->offset[t++] = (d * plane->d.dilation * plane->h.input + h * plane->h.dilation) * self->direct.width +
                                    w * plane->w.dilation;
}

static THStatus run(Direct *self)
{
    const THNNDirect *direct = &self->direct;
    const THNNConvolution *conv = direct->conv;
    const int64_t blocks = conv->groups * direct->blocks, block_bytes = direct->kernel->block * conv->itemsize;
    const int64_t packed_bytes = THNNDirect_aligned(blocks * conv->group_in * conv->taps * block_bytes);
    const int64_t offset_bytes = THNNDirect_aligned(conv->taps * (int64_t)sizeof(int64_t));
    const int64_t bytes = packed_bytes + blocks * block_bytes + offset_bytes;
    char *memory = aligned_alloc(THNN_DIRECT_ALIGNMENT, (size_t)THNNDirect_aligned(bytes));
    TH_FAIL_IF(memory == NULL, TH_ERR_MEMORY, "[%s] out of memory: %lld bytes of working memory", conv->op, (long long)bytes);
    self->packed = memory;
    self->offset = (int64_t *)(void *)(memory + packed_bytes);
    self->bias = conv->bias == NULL ? NULL : memory + packed_bytes + offset_bytes;
    initOffsets(self);
    THThreads_for(blocks, THNN_max(1, TH_GRAIN / (conv->group_in * conv->taps * direct->kernel->block)), packRange, self);
    const THStatus status =
        THNNConvolution_run(conv->op, conv->batch * direct->across * conv->groups, 0, true,
                            direct->input_bytes + THNNDirect_aligned(conv->plane.w.output * block_bytes), directRange, self);
    free(memory);
    return status;
}

bool THNNConvolution_directForward(const THNNConvolution *conv, THStatus *status)
{
    Direct self = {.turned = false};
    if (!THNNDirect_init(&self.direct, conv, conv->out_plane)) return false;
    *status = run(&self);
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
    Direct self = {.turned = true};
    if (!THNNDirect_init(&self.direct, &turned, turned.out_plane)) return false;
    *status = run(&self);
    return true;
}
