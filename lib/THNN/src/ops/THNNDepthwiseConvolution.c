/* Convolution with one input channel in each group: matrices of one row's depth would waste the matrix product. */
#include <stdlib.h>
#include <string.h>

#include "kernels/THNNDepthwiseKernel.h"
#include "ops/THNNConvolution.h"

static const THNNDepthwiseKernel *kernelOf(const THNNConvolution *conv)
{
    return TH_PICK(THNNDepthwiseKernel_tables, conv->dtype);
}

typedef struct Task {
    const THNNConvolution *conv;
    double *sums; /* output channels x taps */
    char *rooms;  /* one for each thread, or NULL */
    int64_t room_bytes;
} Task;

/* Rooms for what `plane` reads; the kernels do without where they do not fit, or memory has none. */
static Task taskOf(const THNNConvolution *conv, const THNNPlane *plane)
{
    Task task = {.conv = conv};
    if (!THNNDepthwise_fits(plane)) return task;
    task.room_bytes = (THNNDepthwise_padded(plane) * conv->itemsize + 63) / 64 * 64;
    task.rooms = malloc((size_t)(task.room_bytes * THThreads_get()));
    return task;
}

static void *roomOf(const Task *task, int thread)
{
    return task->rooms == NULL ? NULL : task->rooms + thread * task->room_bytes;
}

/* Planes that make a region worth its while. */
static int64_t grainOf(const THNNConvolution *conv)
{
    return THNN_max(1, TH_GRAIN / (conv->out_plane * conv->taps));
}

/* An output plane: image * output channels + output channel. */
static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Task *t = context;
    const THNNConvolution *conv = t->conv;
    const int64_t channels = conv->groups * conv->group_out;
    for (int64_t i = begin; i < end; i++) {
        const int64_t o = i % channels;
        const int64_t source = i / channels * conv->groups + o / conv->group_out;
        kernelOf(conv)->forward(&conv->plane, conv->x + source * conv->in_plane * conv->itemsize,
                                conv->weight + o * conv->taps * conv->itemsize,
                                conv->bias == NULL ? NULL : conv->bias + o * conv->itemsize, roomOf(t, thread),
                                conv->y + i * conv->out_plane * conv->itemsize);
    }
}

/* An input plane: image * groups + group. */
static void gradInputRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Task *t = context;
    const THNNConvolution *conv = t->conv;
    for (int64_t i = begin; i < end; i++) {
        char *target = conv->gx + i * conv->in_plane * conv->itemsize;
        if (conv->group_out == 0) memset(target, 0, (size_t)(conv->in_plane * conv->itemsize));
        for (int64_t k = 0; k < conv->group_out; k++) {
            const int64_t o = i % conv->groups * conv->group_out + k;
            kernelOf(conv)->grad_input(&conv->plane, conv->gy + (i * conv->group_out + k) * conv->out_plane * conv->itemsize,
                                       conv->weight + o * conv->taps * conv->itemsize, roomOf(t, thread), k > 0, target);
        }
    }
}

/* An output channel, over all images in order: the same sums for every number of threads. */
static void gradWeightRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Task *t = context;
    const THNNConvolution *conv = t->conv;
    const int64_t channels = conv->groups * conv->group_out;
    for (int64_t o = begin; o < end; o++) {
        double *sums = t->sums + o * conv->taps;
        for (int64_t image = 0; image < conv->batch; image++) {
            const int64_t source = image * conv->groups + o / conv->group_out;
            kernelOf(conv)->grad_filter(&conv->plane, conv->x + source * conv->in_plane * conv->itemsize,
                                        conv->gy + (image * channels + o) * conv->out_plane * conv->itemsize, roomOf(t, thread),
                                        sums);
        }
        for (int64_t k = 0; k < conv->taps; k++) {
            char *target = conv->gw + (o * conv->taps + k) * conv->itemsize;
            const double before = THScalar_toDouble(THScalar_load(conv->dtype, target));
            THScalar_store(THScalar_fromDouble(before + conv->scale * sums[k]), conv->dtype, target);
        }
    }
}

THStatus THNNConvolution_depthwiseForward(const THNNConvolution *conv)
{
    Task task = taskOf(conv, &conv->plane);
    THThreads_for(conv->batch * conv->groups * conv->group_out, grainOf(conv), forwardRange, &task);
    free(task.rooms);
    return TH_OK;
}

THStatus THNNConvolution_depthwiseGradInput(const THNNConvolution *conv)
{
    const THNNPlane back = THNNDepthwise_turned(&conv->plane);
    const bool near = conv->plane.d.stride == 1 && conv->plane.h.stride == 1 && conv->plane.w.stride == 1;
    Task task = near ? taskOf(conv, &back) : (Task){.conv = conv};
    THThreads_for(conv->batch * conv->groups, grainOf(conv), gradInputRange, &task);
    free(task.rooms);
    return TH_OK;
}

THStatus THNNConvolution_depthwiseGradWeight(const THNNConvolution *conv)
{
    const int64_t channels = conv->groups * conv->group_out;
    double *const sums = calloc((size_t)(channels * conv->taps), sizeof(double));
    TH_FAIL_IF(sums == NULL, TH_ERR_MEMORY, "[%s] out of memory: %lld sums", conv->op, (long long)(channels * conv->taps));
    Task task = taskOf(conv, &conv->plane);
    task.sums = sums;
    THThreads_for(channels, 1, gradWeightRange, &task);
    free(task.rooms);
    free(sums);
    return TH_OK;
}
