#include "TH/THArgument.h"
/* Padding by reflection or replication, and interpolation: which input positions make an output position, and how much. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/THNNResampleKernel.h"
#include "ops/THNNPooling.h"

typedef struct Task {
    const THNNResampleKernel *kernel;
    THNNPooling pool; /* planes and shapes */
    THNNAxis axes[3];
    int64_t *indices; /* of all axes */
    double *weights;
    char *rows; /* one for each thread */
    int64_t row_bytes;
} Task;

/* How one axis is resampled. */
typedef struct Rule {
    THNNResampling mode;
    bool align_corners;
    int64_t before; /* of a padding */
} Rule;

static int64_t clampTo(int64_t value, int64_t size)
{
    return value < 0 ? 0 : value >= size ? size - 1 : value;
}

/* Where output o lies among the inputs. */
static double sourceOf(const Rule *rule, int64_t o, int64_t in, int64_t out)
{
    if (rule->align_corners) return out > 1 ? (double)o * (double)(in - 1) / (double)(out - 1) : 0;
    const double at = ((double)o + 0.5) * (double)in / (double)out - 0.5;
    return rule->mode == THNNResampling_LINEAR && at < 0 ? 0 : at;
}

/* Cubic convolution (Keys, 1981) with a = -3/4: the weight at distance x. */
static double cubicWeight(double x)
{
    const double a = -0.75;
    const double d = fabs(x);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

static void fillPosition(const Rule *rule, int64_t o, int64_t in, int64_t out, int64_t *index, double *weight)
{
    const int64_t at = o - rule->before;
    switch (rule->mode) {
    case THNNResampling_REPLICATE:
        *index = clampTo(at, in), *weight = 1;
        return;
    case THNNResampling_REFLECT:
        *index = at < 0 ? -at : at >= in ? 2 * (in - 1) - at : at, *weight = 1;
        return;
    case THNNResampling_NEAREST:
        *index = clampTo(o * in / out, in), *weight = 1;
        return;
    case THNNResampling_LINEAR: {
        const double source = sourceOf(rule, o, in, out);
        const int64_t low = clampTo((int64_t)source, in);
        index[0] = low, index[1] = clampTo(low + 1, in);
        weight[1] = source - (double)low, weight[0] = 1 - weight[1];
        return;
    }
    case THNNResampling_CUBIC: {
        const double source = sourceOf(rule, o, in, out);
        const double low = floor(source);
        for (int k = 0; k < 4; k++) {
            index[k] = clampTo((int64_t)low - 1 + k, in);
            weight[k] = cubicWeight(source - (low - 1 + k));
        }
        return;
    }
    }
}

static int tapsOf(THNNResampling mode)
{
    return mode == THNNResampling_LINEAR ? 2 : mode == THNNResampling_CUBIC ? 4 : 1;
}

/* Axes that a tensor does not have stay as they are. */
static const Rule WHOLE = {.mode = THNNResampling_REPLICATE};

static THStatus buildAxes(Task *task, const char *op, const int64_t in[3], const int64_t out[3], const Rule *const rules[3])
{
    int64_t total = 0;
    for (int a = 0; a < 3; a++) total += out[a] * tapsOf(rules[a]->mode);
    const int64_t room = THNN_max(in[2], out[2] * tapsOf(rules[0]->mode) * tapsOf(rules[1]->mode));
    task->row_bytes = (room * task->pool.itemsize + 63) / 64 * 64;
    task->indices = malloc((size_t)THNN_max(total, 1) * sizeof(int64_t));
    task->weights = malloc((size_t)THNN_max(total, 1) * sizeof(double));
    task->rows = malloc((size_t)THNN_max(task->row_bytes * THThreads_get(), 1));
    TH_FAIL_IF(task->indices == NULL || task->weights == NULL || task->rows == NULL, TH_ERR_MEMORY,
               "[%s] out of memory: positions of %lld outputs", op, (long long)total);
    int64_t at = 0;
    for (int a = 0; a < 3; a++) {
        const int taps = tapsOf(rules[a]->mode);
        task->axes[a] = (THNNAxis){
            .input = in[a], .output = out[a], .taps = taps, .index = task->indices + at, .weight = task->weights + at};
        for (int64_t o = 0; o < out[a]; o++, at += taps)
            fillPosition(rules[a], o, in[a], out[a], task->indices + at, task->weights + at);
    }
    return TH_OK;
}

static void release(Task *task)
{
    free(task->indices);
    free(task->weights);
    free(task->rows);
}

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Task *t = context;
    const THNNPooling *p = &t->pool;
    for (int64_t i = begin; i < end; i++)
        t->kernel->forward(t->axes, p->x + i * p->in_plane * p->itemsize, p->out + i * p->out_plane * p->itemsize,
                           t->rows + thread * t->row_bytes);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    const Task *t = context;
    const THNNPooling *p = &t->pool;
    for (int64_t i = begin; i < end; i++) {
        char *gx = p->out + i * p->in_plane * p->itemsize;
        memset(gx, 0, (size_t)(p->in_plane * p->itemsize));
        t->kernel->backward(t->axes, p->gy + i * p->out_plane * p->itemsize, gx, t->rows + thread * t->row_bytes);
    }
}

static int64_t grainOf(const Task *task)
{
    return THNN_max(1, TH_GRAIN / 2 / THNN_max(1, task->pool.out_plane));
}

/* rules and sizes: [dims]. task->pool knows the input. */
static THStatus initTask(Task *task, const char *op, const THTensor *input, int dims, const int64_t *size, const Rule *rules)
{
    int64_t in[3] = {1, 1, 1};
    int64_t out[3] = {1, 1, 1};
    const Rule *all[3] = {&WHOLE, &WHOLE, &WHOLE};
    task->pool.out_plane = 1;
    for (int d = 0; d < dims; d++) {
        const int axis = 3 - dims + d;
        in[axis] = input->size[input->ndim - dims + d];
        out[axis] = size[d];
        all[axis] = &rules[d];
        task->pool.shape[input->ndim - dims + d] = size[d];
        task->pool.out_plane *= size[d];
    }
    return buildAxes(task, op, in, out, all);
}

static THStatus runForward(Task *task, const char *op, const THTensor *input, THTensor *output)
{
    THNNCall call = {.op = op};
    task->pool.x = THNN_data(THNNCall_read(&call, input));
    task->pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, task->pool.shape));
    if (call.status == TH_OK) THThreads_for(task->pool.planes, grainOf(task), forwardRange, task);
    return THNNCall_close(&call);
}

static THStatus runBackward(Task *task, const char *op, const THTensor *like, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_TRY(THNN_checkDtype(op, "gradOutput", gradOutput, (THDtype)like->dtype));
    TH_TRY(THNN_checkShape(op, "gradOutput", gradOutput, like->ndim, task->pool.shape));
    THNNCall call = {.op = op};
    task->pool.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task->pool.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)like->dtype, like->ndim, like->size));
    if (call.status == TH_OK) THThreads_for(task->pool.planes, grainOf(task), backwardRange, task);
    return THNNCall_close(&call);
}

/* --- padding ------------------------------------------------------------------------------------------------------- */

#define PADDING "Padding"

static THStatus initPadding(Task *task, const THTensor *input, int dims, const int64_t *pad, THNNResampling mode)
{
    *task = (Task){.kernel = NULL};
    TH_TRY(THNNPooling_initInput(&task->pool, PADDING, input, dims));
    task->kernel = TH_PICK(THNNResampleKernel_tables, input->dtype);
    Rule rules[THNN_SPATIAL_MAX];
    int64_t size[THNN_SPATIAL_MAX];
    for (int d = 0; d < dims; d++) {
        const int64_t in = input->size[input->ndim - dims + d];
        const int64_t before = pad[2 * d], after = pad[2 * d + 1];
        TH_FAIL_IF(mode == THNNResampling_REFLECT && (before >= in || after >= in), TH_ERR_SHAPE,
                   "[" PADDING "] Padding size should be less than the corresponding input dimension, but got: padding (%lld, "
                   "%lld) at dimension %d of size %lld",
                   (long long)before, (long long)after, input->ndim - dims + d, (long long)in);
        size[d] = in + before + after;
        TH_FAIL_IF(in < 1 || size[d] < 1 || size[d] > INT32_MAX, TH_ERR_SHAPE,
                   "[" PADDING "] input size %lld and padding (%lld, %lld) give %lld: expected 1 to %d", (long long)in,
                   (long long)before, (long long)after, (long long)size[d], INT32_MAX);
        rules[d] = (Rule){.mode = mode, .before = before};
    }
    return initTask(task, PADDING, input, dims, size, rules);
}

THStatus THNN_Padding_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *pad, THNNResampling mode)
{
    TH_GIVEN("Padding", input, output, pad);
    Task task;
    THStatus status = initPadding(&task, input, dims, pad, mode);
    if (status == TH_OK) status = runForward(&task, PADDING, input, output);
    release(&task);
    return status;
}

THStatus THNN_Padding_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                      const int64_t *pad, THNNResampling mode)
{
    TH_GIVEN("Padding", input, gradOutput, gradInput, pad);
    Task task;
    THStatus status = initPadding(&task, input, dims, pad, mode);
    if (status == TH_OK) status = runBackward(&task, PADDING, input, gradOutput, gradInput);
    release(&task);
    return status;
}

/* --- interpolation ------------------------------------------------------------------------------------------------- */

#define UPSAMPLING "UpSampling"

static THStatus initUpSampling(Task *task, const THTensor *input, int dims, const int64_t *size, THNNResampling mode,
                               bool align_corners)
{
    *task = (Task){.kernel = NULL};
    TH_TRY(THNNPooling_initInput(&task->pool, UPSAMPLING, input, dims));
    task->kernel = TH_PICK(THNNResampleKernel_tables, input->dtype);
    Rule rules[THNN_SPATIAL_MAX];
    for (int d = 0; d < dims; d++) {
        TH_FAIL_IF(input->size[input->ndim - dims + d] < 1 || size[d] < 1 || size[d] > INT32_MAX, TH_ERR_SHAPE,
                   "[" UPSAMPLING
                   "] Input and output sizes should be greater than 0 and within 32 bits, but got input %lld and output %lld",
                   (long long)input->size[input->ndim - dims + d], (long long)size[d]);
        rules[d] = (Rule){.mode = mode, .align_corners = align_corners};
    }
    return initTask(task, UPSAMPLING, input, dims, size, rules);
}

THStatus THNN_UpSampling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *size,
                                      THNNResampling mode, int align_corners)
{
    TH_GIVEN("UpSampling", input, output, size);
    Task task;
    THStatus status = initUpSampling(&task, input, dims, size, mode, align_corners);
    if (status == TH_OK) status = runForward(&task, UPSAMPLING, input, output);
    release(&task);
    return status;
}

THStatus THNN_UpSampling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                         THNNResampling mode, int align_corners)
{
    TH_GIVEN("UpSampling", input, gradOutput, gradInput);
    TH_FAIL_IF(gradOutput->ndim != input->ndim || input->ndim < dims, TH_ERR_SHAPE,
               "[" UPSAMPLING "] gradOutput has %d dimensions, expected %d", gradOutput->ndim, input->ndim);
    Task task;
    THStatus status = initUpSampling(&task, input, dims, gradOutput->size + gradOutput->ndim - dims, mode, align_corners);
    if (status == TH_OK) status = runBackward(&task, UPSAMPLING, input, gradOutput, gradInput);
    release(&task);
    return status;
}
