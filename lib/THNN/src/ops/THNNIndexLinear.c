#include "ops/THNNIndexLinear.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/THNNIndexKernel.h"

#define OP "IndexLinear"

/* The arguments of one call, checked. */
typedef struct Task {
    THNNCall call;
    const THNNIndexKernel *kernel;
    THDtype dtype;
    int64_t bytes;   /* of one number */
    int64_t count;   /* of pairs */
    int64_t samples; /* 0 without sizes */
    int64_t *rows;   /* of the weight, for each pair; owned, with begins behind them */
    int64_t *begins; /* samples + 1 */
    int64_t out;
    int64_t skip;
    const char *values;
    const char *weight;
    char *target; /* output, or gradWeight */
    const char *gy;
    double scale;
} Task;

static THStatus checkWeight(Task *task, const THTensor *weight, const THTensor *bias)
{
    TH_TRY(THNN_checkFloating(OP, "weight", weight));
    task->dtype = (THDtype)weight->dtype;
    task->bytes = (int64_t)THDtype_size(task->dtype);
    task->kernel = TH_PICK(THNNIndexKernel_tables, task->dtype);
    TH_TRY(THNN_checkDtype(OP, "bias", bias, task->dtype));
    TH_FAIL_IF(bias->ndim != 1, TH_ERR_SHAPE, "[" OP "] bias has %d dimensions, expected 1 (out)", bias->ndim);
    task->out = bias->size[0];
    TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 2 (in x out)", weight->ndim);
    task->skip = weight->size[1] - task->out;
    TH_FAIL_IF(task->skip != 0 && task->skip != THNN_INDEX_SKIP, TH_ERR_SHAPE,
               "[" OP "] weight has %lld columns, expected %lld (out), or %lld to normalise values", (long long)weight->size[1],
               (long long)task->out, (long long)task->out + THNN_INDEX_SKIP);
    return TH_OK;
}

static THStatus checkPairs(Task *task, const THNNPairs *pairs)
{
    TH_TRY(THNN_checkDtype(OP, "keys", pairs->keys, THDtype_Long));
    TH_FAIL_IF(pairs->keys->ndim != 1, TH_ERR_SHAPE, "[" OP "] keys has %d dimensions, expected 1", pairs->keys->ndim);
    task->count = pairs->keys->numel;
    if (pairs->values != NULL) {
        TH_TRY(THNN_checkDtype(OP, "values", pairs->values, task->dtype));
        TH_FAIL_IF(pairs->values->numel != task->count, TH_ERR_SHAPE, "[" OP "] values has %lld elements, keys %lld",
                   (long long)pairs->values->numel, (long long)task->count);
    }
    if (pairs->sizes != NULL) {
        TH_TRY(THNN_checkDtype(OP, "sizes", pairs->sizes, THDtype_Long));
        task->samples = pairs->sizes->numel;
    }
    return TH_OK;
}

static THStatus fillRows(Task *task, const THNNPairs *pairs, const int64_t *keys, int64_t inputs)
{
    for (int64_t i = 0; i < task->count; i++) {
        const bool huge = __builtin_add_overflow(keys[i], pairs->keysOffset, &task->rows[i]);
        TH_FAIL_IF(huge || task->rows[i] < 0 || task->rows[i] >= inputs, TH_ERR_INDEX,
                   "[" OP "] keys holds %lld, with keysOffset %lld outside of the weight's %lld rows", (long long)keys[i],
                   (long long)pairs->keysOffset, (long long)inputs);
    }
    return TH_OK;
}

static THStatus fillBegins(Task *task, const int64_t *sizes)
{
    int64_t end = 0;
    for (int64_t j = 0; j < task->samples; j++) {
        task->begins[j] = end;
        TH_FAIL_IF(sizes[j] < 0 || sizes[j] > task->count - end, TH_ERR_VALUE,
                   "[" OP "] sizes holds %lld for sample %lld, with %lld of %lld pairs left", (long long)sizes[j], (long long)j,
                   (long long)(task->count - end), (long long)task->count);
        end += sizes[j];
    }
    task->begins[task->samples] = end;
    TH_FAIL_IF(end != task->count, TH_ERR_VALUE, "[" OP "] sizes add up to %lld, keys has %lld elements", (long long)end,
               (long long)task->count);
    return TH_OK;
}

/* Fills the task. What it holds is given back by closeTask, whatever comes out. */
static THStatus openTask(Task *task, const THNNPairs *pairs, const THTensor *weight, const THTensor *bias)
{
    TH_TRY(checkWeight(task, weight, bias));
    TH_TRY(checkPairs(task, pairs));
    task->rows = malloc((size_t)(task->count + task->samples + 1) * sizeof(int64_t));
    TH_FAIL_IF(task->rows == NULL, TH_ERR_MEMORY, "[" OP "] out of memory: rows of %lld pairs", (long long)task->count);
    task->begins = task->rows + task->count;
    const int64_t *keys = THNN_data(THNNCall_read(&task->call, pairs->keys));
    task->values = THNN_data(THNNCall_read(&task->call, pairs->values));
    const int64_t *sizes = THNN_data(THNNCall_read(&task->call, pairs->sizes));
    TH_TRY(task->call.status);
    TH_TRY(fillRows(task, pairs, keys, weight->size[0]));
    return pairs->sizes == NULL ? TH_OK : fillBegins(task, sizes);
}

static THStatus closeTask(Task *task, THStatus status)
{
    THNNCall_fail(&task->call, status);
    status = THNNCall_close(&task->call);
    free(task->rows);
    return status;
}

static void outputOfSamples(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t j = begin; j < end; j++)
        t->kernel->output(t->begins[j + 1] - t->begins[j], t->rows + t->begins[j], t->out, t->skip,
                          t->values + t->begins[j] * t->bytes, t->weight, t->target + j * t->out * t->bytes);
}

/* Few samples for each thread only where they have many pairs. */
static int64_t grainOf(const Task *task)
{
    const int64_t work = task->samples == 0 ? 1 : task->count / task->samples * THNN_max(task->out, 1);
    return THNN_max(1, TH_GRAIN / THNN_max(work, 1));
}

static THStatus normalizeValues(Task *task, THTensor *weight, THTensor *normalized, bool train)
{
    TH_FAIL_IF(normalized == NULL, TH_ERR_VALUE, "[" OP "] normalizedValues is NULL, and the weight normalises values");
    char *result = THNN_data(THNNCall_write(&task->call, normalized, task->dtype, 1, &task->count));
    char *data = THNN_data(train ? THNNCall_update(&task->call, weight) : THNNCall_read(&task->call, weight));
    TH_TRY(task->call.status);
    task->kernel->normalize(task->count, task->rows, task->skip + task->out, train, task->values, data, result);
    task->values = result;
    task->weight = data;
    return TH_OK;
}

static THStatus outputOf(Task *task, THTensor *output, THTensor *weight, const THTensor *bias, THTensor *normalized, bool train)
{
    const int64_t shape[2] = {task->samples, task->out};
    if (task->skip != 0)
        TH_TRY(normalizeValues(task, weight, normalized, train));
    else
        task->weight = THNN_data(THNNCall_read(&task->call, weight));
    const char *start = THNN_data(THNNCall_read(&task->call, bias));
    task->target = THNN_data(THNNCall_write(&task->call, output, task->dtype, 2, shape));
    TH_TRY(task->call.status);
    const size_t row = (size_t)(task->out * task->bytes);
    for (int64_t j = 0; j < task->samples && row > 0; j++) memcpy(task->target + j * (int64_t)row, start, row);
    THThreads_for(task->samples, grainOf(task), outputOfSamples, task);
    return TH_OK;
}

THStatus THNNIndexLinear_updateOutput(const THNNPairs *pairs, THTensor *output, THTensor *weight, const THTensor *bias,
                                      THTensor *normalized, bool train)
{
    Task task = {.call = {.op = OP}};
    THStatus status = openTask(&task, pairs, weight, bias);
    if (status == TH_OK) status = outputOf(&task, output, weight, bias, normalized, train);
    return closeTask(&task, status);
}

static THStatus readGradOutput(Task *task, const THTensor *gradOutput)
{
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, task->dtype));
    TH_FAIL_IF(gradOutput->numel != task->samples * task->out, TH_ERR_SHAPE,
               "[" OP "] gradOutput has %lld elements, expected %lld samples x %lld", (long long)gradOutput->numel,
               (long long)task->samples, (long long)task->out);
    task->gy = THNN_data(THNNCall_read(&task->call, gradOutput));
    return task->call.status;
}

static void gradientOfSamples(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t row = (t->skip == 0 ? 1 : 2) * t->out * t->bytes;
    for (int64_t j = begin; j < end; j++)
        t->kernel->gradient(t->begins[j + 1] - t->begins[j], t->out, t->skip, t->scale, t->values + t->begins[j] * t->bytes,
                            t->gy + j * t->out * t->bytes, t->target + t->begins[j] * row);
}

/* target += factor * the sum of gradOutput's rows: as one step of a row without skip for each sample. */
static void addRows(const Task *task, double factor, char *target)
{
    const char *gy = task->gy;
    for (int64_t j = 0; j < task->samples; j++, gy += task->out * task->bytes)
        task->kernel->step(task->out, 0, -factor, 0, NULL, 1, gy, target);
}

static THStatus gradientOf(Task *task, const THTensor *gradOutput, THTensor *gradWeight, THTensor *gradBias, double scale)
{
    const int64_t shape[2] = {task->count, (task->skip == 0 ? 1 : 2) * task->out};
    TH_TRY(THNN_checkShape(OP, "gradBias", gradBias, 1, &task->out));
    TH_TRY(THNN_checkDtype(OP, "gradBias", gradBias, task->dtype));
    TH_TRY(readGradOutput(task, gradOutput));
    task->target = THNN_data(THNNCall_write(&task->call, gradWeight, task->dtype, 2, shape));
    char *of_bias = THNN_data(THNNCall_update(&task->call, gradBias));
    TH_TRY(task->call.status);
    task->scale = scale;
    THThreads_for(task->samples, grainOf(task), gradientOfSamples, task);
    addRows(task, scale, of_bias);
    return TH_OK;
}

THStatus THNNIndexLinear_accGradParameters(const THNNPairs *pairs, const THTensor *gradOutput, THTensor *gradWeight,
                                           THTensor *gradBias, const THTensor *weight, const THTensor *bias, double scale)
{
    Task task = {.call = {.op = OP}};
    THStatus status = openTask(&task, pairs, weight, bias);
    if (status == TH_OK) status = gradientOf(&task, gradOutput, gradWeight, gradBias, scale);
    return closeTask(&task, status);
}

static THStatus updateDirectly(Task *task, const THTensor *gradOutput, THTensor *weight, THTensor *bias, double decay,
                               double scale)
{
    TH_TRY(readGradOutput(task, gradOutput));
    char *rows = THNN_data(THNNCall_update(&task->call, weight));
    char *of_bias = THNN_data(THNNCall_update(&task->call, bias));
    TH_TRY(task->call.status);
    addRows(task, -scale, of_bias);
    /* In order: a row that occurs again takes its next step from where the last one led. */
    for (int64_t j = 0; j < task->samples; j++) {
        const char *gy = task->gy + j * task->out * task->bytes;
        for (int64_t i = task->begins[j]; i < task->begins[j + 1]; i++)
            task->kernel->step(task->out, task->skip, scale, decay, gy, task->kernel->at(task->values, i), gy,
                               rows + task->rows[i] * (task->skip + task->out) * task->bytes);
    }
    return TH_OK;
}

THStatus THNNIndexLinear_accUpdateGradParameters(const THNNPairs *pairs, const THTensor *gradOutput, THTensor *weight,
                                                 THTensor *bias, double decay, double scale)
{
    Task task = {.call = {.op = OP}};
    THStatus status = openTask(&task, pairs, weight, bias);
    if (status == TH_OK) status = updateDirectly(&task, gradOutput, weight, bias, decay, scale);
    return closeTask(&task, status);
}

static THStatus updateFrom(Task *task, const THTensor *gradWeight, const THTensor *gradBias, THTensor *weight, THTensor *bias,
                           double decay, double rate)
{
    const int64_t parts = task->skip == 0 ? 1 : 2;
    const int64_t shape[2] = {task->count, parts * task->out};
    TH_TRY(THNN_checkDtype(OP, "gradWeight", gradWeight, task->dtype));
    TH_TRY(THNN_checkShape(OP, "gradWeight", gradWeight, 2, shape));
    TH_TRY(THNN_checkDtype(OP, "gradBias", gradBias, task->dtype));
    TH_TRY(THNN_checkShape(OP, "gradBias", gradBias, 1, &task->out));
    const char *gradient = THNN_data(THNNCall_read(&task->call, gradWeight));
    const char *of_bias = THNN_data(THNNCall_read(&task->call, gradBias));
    char *rows = THNN_data(THNNCall_update(&task->call, weight));
    char *start = THNN_data(THNNCall_update(&task->call, bias));
    TH_TRY(task->call.status);
    task->kernel->step(task->out, 0, rate, 0, NULL, 1, of_bias, start);
    const int64_t part = task->out * task->bytes;
    for (int64_t i = 0; i < task->count; i++, gradient += parts * part)
        task->kernel->step(task->out, task->skip, rate, decay, gradient, 1, gradient + (parts - 1) * part,
                           rows + task->rows[i] * (task->skip + task->out) * task->bytes);
    return TH_OK;
}

THStatus THNNIndexLinear_updateParameters(const THNNPairs *pairs, const THTensor *gradWeight, const THTensor *gradBias,
                                          THTensor *weight, THTensor *bias, double decay, double rate)
{
    Task task = {.call = {.op = OP}};
    THStatus status = openTask(&task, pairs, weight, bias);
    if (status == TH_OK) status = updateFrom(&task, gradWeight, gradBias, weight, bias, decay, rate);
    return closeTask(&task, status);
}
