#include "TH/THArgument.h"
/* Poolings whose windows differ from output to output: adaptive ones, whose sizes follow from the output's, and fractional
 * ones, whose places are random. */
#include <stdlib.h>
#include <string.h>

#include "kernels/THNNBoxKernel.h"
#include "ops/THNNPooling.h"

typedef struct Task {
    const THNNBoxKernel *kernel;
    THNNPooling pool;
    THNNBoxes boxes;
    int64_t *edges;      /* begins and ends of all axes, of one plane or (fractional) of each */
    int64_t plane_edges; /* of one plane; 0 if all planes share */
    int64_t begin_at[3]; /* in edges */
    int64_t end_at[3];
} Task;

static void setOutput(Task *task, const THTensor *input, const int64_t *size)
{
    const int dims = task->pool.dims;
    task->pool.out_plane = 1;
    for (int axis = 0; axis < THNN_SPATIAL_MAX; axis++) {
        const int d = axis - (THNN_SPATIAL_MAX - dims);
        task->boxes.input[axis] = d < 0 ? 1 : input->size[input->ndim - dims + d];
        task->boxes.output[axis] = d < 0 ? 1 : size[d];
        if (d >= 0) task->pool.shape[input->ndim - dims + d] = size[d];
        task->pool.out_plane *= task->boxes.output[axis];
    }
    int64_t at = 0;
    for (int axis = 0; axis < THNN_SPATIAL_MAX; axis++) {
        task->begin_at[axis] = at;
        task->end_at[axis] = at + task->boxes.output[axis];
        at += 2 * task->boxes.output[axis];
    }
}

static int64_t edgesOf(const Task *task)
{
    return 2 * (task->boxes.output[0] + task->boxes.output[1] + task->boxes.output[2]);
}

static THNNBoxes boxesOf(const Task *task, int64_t plane)
{
    THNNBoxes boxes = task->boxes;
    const int64_t *edges = task->edges + plane * task->plane_edges;
    for (int axis = 0; axis < THNN_SPATIAL_MAX; axis++) {
        boxes.begin[axis] = edges + task->begin_at[axis];
        boxes.end[axis] = edges + task->end_at[axis];
    }
    return boxes;
}

static void maximumRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const THNNPooling *p = &t->pool;
    for (int64_t i = begin; i < end; i++) {
        const THNNBoxes boxes = boxesOf(t, i);
        t->kernel->maximum(&boxes, p->x + i * p->in_plane * p->itemsize, p->out + i * p->out_plane * p->itemsize,
                           p->indices + i * p->out_plane);
    }
}

static void averageRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const THNNPooling *p = &t->pool;
    for (int64_t i = begin; i < end; i++) {
        const THNNBoxes boxes = boxesOf(t, i);
        t->kernel->average(&boxes, p->x + i * p->in_plane * p->itemsize, p->out + i * p->out_plane * p->itemsize);
    }
}

static void averageBackwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const THNNPooling *p = &t->pool;
    for (int64_t i = begin; i < end; i++) {
        const THNNBoxes boxes = boxesOf(t, i);
        char *gx = p->out + i * p->in_plane * p->itemsize;
        memset(gx, 0, (size_t)(p->in_plane * p->itemsize));
        t->kernel->average_backward(&boxes, p->gy + i * p->out_plane * p->itemsize, gx);
    }
}

static int64_t grainOf(const Task *task)
{
    return THNN_max(1, TH_GRAIN / THNN_max(1, task->pool.in_plane));
}

/* --- adaptive ------------------------------------------------------------------------------------------------------ */

static THStatus initAdaptive(Task *task, const char *op, const THTensor *input, int dims, const int64_t *size)
{
    *task = (Task){.kernel = TH_PICK(THNNBoxKernel_tables, input->dtype)};
    TH_TRY(THNNPooling_initInput(&task->pool, op, input, dims));
    for (int d = 0; d < dims; d++)
        TH_FAIL_IF(size[d] < 0 || size[d] > INT32_MAX, TH_ERR_VALUE, "[%s] output size is %lld, expected 0 to %d", op,
                   (long long)size[d], INT32_MAX);
    TH_FAIL_IF(task->pool.in_plane == 0, TH_ERR_SHAPE, "[%s] input has a spatial size of 0, expected at least 1", op);
    setOutput(task, input, size);
    task->edges = malloc((size_t)THNN_max(1, edgesOf(task)) * sizeof(int64_t));
    TH_FAIL_IF(task->edges == NULL, TH_ERR_MEMORY, "[%s] out of memory: edges of windows", op);
    for (int axis = 0; axis < THNN_SPATIAL_MAX; axis++) {
        const int64_t in = task->boxes.input[axis];
        const int64_t out = task->boxes.output[axis];
        for (int64_t o = 0; o < out; o++) {
            task->edges[task->begin_at[axis] + o] = o * in / out;
            task->edges[task->end_at[axis] + o] = ((o + 1) * in + out - 1) / out;
        }
    }
    return TH_OK;
}

THStatus THNN_AdaptiveMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                              const int64_t *size)
{
    TH_GIVEN("AdaptiveMaxPooling", input, output, indices, size);
    const char *op = "AdaptiveMaxPooling";
    Task task;
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_TRY(initAdaptive(&task, op, input, dims, size));
    THNNCall call = {.op = op};
    task.pool.x = THNN_data(THNNCall_read(&call, input));
    task.pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, task.pool.shape));
    task.pool.indices = THNN_data(THNNCall_write(&call, indices, THDtype_Long, input->ndim, task.pool.shape));
    if (call.status == TH_OK) THThreads_for(task.pool.planes, grainOf(&task), maximumRange, &task);
    free(task.edges);
    return THNNCall_close(&call);
}

THStatus THNN_AdaptiveAveragePooling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *size)
{
    TH_GIVEN("AdaptiveAveragePooling", input, output, size);
    const char *op = "AdaptiveAveragePooling";
    Task task;
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_TRY(initAdaptive(&task, op, input, dims, size));
    THNNCall call = {.op = op};
    task.pool.x = THNN_data(THNNCall_read(&call, input));
    task.pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, task.pool.shape));
    if (call.status == TH_OK) THThreads_for(task.pool.planes, grainOf(&task), averageRange, &task);
    free(task.edges);
    return THNNCall_close(&call);
}

THStatus THNN_AdaptiveAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                     int dims)
{
    TH_GIVEN("AdaptiveAveragePooling", input, gradOutput, gradInput);
    const char *op = "AdaptiveAveragePooling";
    Task task;
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_TRY(THNN_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_FAIL_IF(gradOutput->ndim != input->ndim, TH_ERR_SHAPE, "[%s] gradOutput has %d dimensions, expected %d", op,
               gradOutput->ndim, input->ndim);
    TH_TRY(initAdaptive(&task, op, input, dims, gradOutput->size + gradOutput->ndim - dims));
    THNNCall call = {.op = op};
    THNNCall_fail(&call, THNN_checkShape(op, "gradOutput", gradOutput, input->ndim, task.pool.shape));
    task.pool.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.pool.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(task.pool.planes, grainOf(&task), averageBackwardRange, &task);
    free(task.edges);
    return THNNCall_close(&call);
}

/* --- fractional (Graham, 2014) ------------------------------------------------------------------------------------- */

/* Places of windows along one axis, from one random number in [0, 1). */
static void placeWindows(double sample, int64_t in, int64_t out, int64_t kernel, int64_t *begin, int64_t *end)
{
    const double alpha = out > 1 ? (double)(in - kernel) / (double)(out - 1) : 0;
    for (int64_t o = 0; o < out; o++) {
        begin[o] = o + 1 == out ? in - kernel : (int64_t)(((double)o + sample) * alpha) - (int64_t)(sample * alpha);
        end[o] = begin[o] + kernel;
    }
}

/* The windows of every plane; `numbers` is contiguous. */
static void placePlanes(Task *task, int dims, const int64_t *size, const int64_t *kernel, const THTensor *numbers)
{
    for (int64_t plane = 0; plane < task->pool.planes; plane++) {
        int64_t *edges = task->edges + plane * task->plane_edges;
        edges[task->begin_at[0]] = 0, edges[task->end_at[0]] = 1; /* where there is no depth */
        for (int d = 0; d < dims; d++) {
            const int axis = THNN_SPATIAL_MAX - dims + d;
            const char *number = THTensor_dataBytes(numbers) + (plane * dims + dims - 1 - d) * task->pool.itemsize;
            const double sample = THScalar_toDouble(THScalar_load((THDtype)numbers->dtype, number));
            placeWindows(sample < 0   ? 0
                         : sample > 1 ? 1
                                      : sample,
                         task->boxes.input[axis], size[d], kernel[d], edges + task->begin_at[axis], edges + task->end_at[axis]);
        }
    }
}

/* samples: N x C x dims (or C x dims), the width's first. */
static THStatus initFractional(Task *task, const char *op, const THTensor *input, int dims, const int64_t *size,
                               const int64_t *kernel, const THTensor *samples)
{
    *task = (Task){.kernel = TH_PICK(THNNBoxKernel_tables, input->dtype)};
    TH_TRY(THNNPooling_initInput(&task->pool, op, input, dims));
    for (int d = 0; d < dims; d++) {
        const int64_t in = input->size[input->ndim - dims + d];
        TH_FAIL_IF(kernel[d] < 1 || size[d] < 1 || size[d] + kernel[d] - 1 > in, TH_ERR_SHAPE,
                   "[%s] pool of %lld and output of %lld are too large for an input of %lld along %c", op, (long long)kernel[d],
                   (long long)size[d], (long long)in, "DHW"[THNN_SPATIAL_MAX - dims + d]);
    }
    TH_TRY(THNN_checkDtype(op, "randomSamples", samples, (THDtype)input->dtype));
    TH_FAIL_IF(samples->numel != task->pool.planes * dims, TH_ERR_SHAPE,
               "[%s] randomSamples have %lld elements, expected %d for each of %lld planes", op, (long long)samples->numel,
               dims, (long long)task->pool.planes);
    setOutput(task, input, size);
    task->plane_edges = edgesOf(task);
    task->edges = malloc((size_t)THNN_max(1, task->plane_edges * task->pool.planes) * sizeof(int64_t));
    THTensor *numbers = THTensor_newContiguous((THTensor *)samples);
    if (numbers != NULL && task->edges != NULL) placePlanes(task, dims, size, kernel, numbers);
    TH_FAIL_IF(task->edges == NULL || numbers == NULL, TH_ERR_MEMORY, "[%s] out of memory: edges of windows", op);
    THTensor_free(numbers);
    return TH_OK;
}

THStatus THNN_FractionalMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                                const int64_t *size, const int64_t *kernel, const THTensor *randomSamples)
{
    TH_GIVEN("FractionalMaxPooling", input, output, indices, kernel, randomSamples, size);
    const char *op = "FractionalMaxPooling";
    Task task;
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_TRY(initFractional(&task, op, input, dims, size, kernel, randomSamples));
    THNNCall call = {.op = op};
    task.pool.x = THNN_data(THNNCall_read(&call, input));
    task.pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, task.pool.shape));
    task.pool.indices = THNN_data(THNNCall_write(&call, indices, THDtype_Long, input->ndim, task.pool.shape));
    if (call.status == TH_OK) THThreads_for(task.pool.planes, grainOf(&task), maximumRange, &task);
    free(task.edges);
    return THNNCall_close(&call);
}
