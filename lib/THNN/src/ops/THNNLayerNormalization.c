#include "TH/THArgument.h"
/* LayerNormalization: each row less its mean, over its standard deviation, times weight, plus bias,
 * the last two element by element.
 *
 * Rows go to threads; gradients of weight and bias go by columns, each added up in the order of the rows, so that results do
 * not depend on the number of threads. */
#include <stdlib.h>

#include "kernels/THNNNormalizationKernel.h"
#include "ops/THNNCall.h"

#define OP "LayerNormalization"

typedef struct Task {
    const THNNNormalizationKernel *kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t rows;
    int64_t inner;
    int ndim;             /* of the outer dimensions, whose sizes statistics have */
    const int64_t *shape; /* of weight and bias: the inner dimensions */
    double eps;
    double scale;
    const char *x;
    const char *gy;
    const char *weight;
    const char *bias;
    char *y;
    char *gx;
    char *mean;
    char *invstd;
    char *gw;
    char *gb;
    char *scratch; /* a row for each thread */
} Task;

static THStatus initTask(Task *task, const THTensor *input, int dims)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_FAIL_IF(dims < 1 || dims > input->ndim, TH_ERR_VALUE, "[" OP "] dims, %d: must be 1 to the input's %d", dims,
               input->ndim);
    *task = (Task){.kernel = TH_PICK(THNNNormalizationKernel_tables, input->dtype),
                   .dtype = (THDtype)input->dtype,
                   .itemsize = (int64_t)THDtype_size((THDtype)input->dtype),
                   .rows = 1,
                   .inner = 1,
                   .ndim = input->ndim - dims,
                   .shape = input->size + input->ndim - dims};
    for (int d = 0; d < task->ndim; d++) task->rows *= input->size[d];
    for (int d = 0; d < dims; d++) task->inner *= task->shape[d];
    return TH_OK;
}

static THStatus checkElements(const Task *task, const char *name, const THTensor *tensor, int dims)
{
    if (tensor == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(OP, name, tensor, task->dtype));
    return THNN_checkShape(OP, name, tensor, dims, task->shape);
}

static void forwardRows(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t size = t->inner * t->itemsize;
    for (int64_t r = begin; r < end; r++)
        t->kernel->row(t->inner, t->x + r * size, t->weight, t->bias, t->eps, t->y + r * size, t->mean + r * t->itemsize,
                       t->invstd + r * t->itemsize);
}

static void backwardRows(int64_t begin, int64_t end, int thread, void *context)
{
    const Task *t = context;
    const int64_t size = t->inner * t->itemsize;
    char *const scaled = t->weight == NULL ? NULL : t->scratch + thread * size;
    for (int64_t r = begin; r < end; r++)
        t->kernel->row_backward(t->inner, t->x + r * size, t->gy + r * size, t->weight, t->mean + r * t->itemsize,
                                t->invstd + r * t->itemsize, scaled, t->gx + r * size);
}

static void add(const Task *t, char *vector, int64_t at, double value)
{
    char *const place = vector + at * t->itemsize;
    const double old = THScalar_toDouble(THScalar_load(t->dtype, place));
    THScalar_store(THScalar_fromDouble(old + t->scale * value), t->dtype, place);
}

/* Of blocks of columns. */
static void backwardColumns(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * THNN_COLUMNS, n = THNN_min(THNN_COLUMNS, t->inner - first);
        double gw[THNN_COLUMNS] = {0}, gb[THNN_COLUMNS] = {0};
        t->kernel->columns(t->rows, n, t->inner, t->x + first * t->itemsize, t->gy + first * t->itemsize, t->mean, t->invstd,
                           gw, gb);
        for (int64_t i = 0; i < n; i++) {
            if (t->gw != NULL) add(t, t->gw, first + i, gw[i]);
            if (t->gb != NULL) add(t, t->gb, first + i, gb[i]);
        }
    }
}

THStatus THNN_LayerNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                              const THTensor *bias, THTensor *save_mean, THTensor *save_invstd, int dims,
                                              double eps)
{
    TH_GIVEN("LayerNormalization", input, output, save_mean, save_invstd);
    Task task;
    TH_TRY(initTask(&task, input, dims));
    TH_TRY(checkElements(&task, "weight", weight, dims));
    TH_TRY(checkElements(&task, "bias", bias, dims));
    task.eps = eps;
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.bias = THNN_data(THNNCall_read(&call, bias));
    task.mean = THNN_data(THNNCall_write(&call, save_mean, task.dtype, task.ndim, input->size));
    task.invstd = THNN_data(THNNCall_write(&call, save_invstd, task.dtype, task.ndim, input->size));
    const THTensor *y = THNNCall_write(&call, output, task.dtype, input->ndim, input->size);
    if (call.status == TH_OK && y->numel > 0) {
        task.y = THNN_data(y);
        THThreads_for(task.rows, THNN_max(1, TH_GRAIN / task.inner), forwardRows, &task);
    }
    return THNNCall_close(&call);
}

static void runBackward(Task *task, THNNCall *call)
{
    if (task->gx != NULL && task->weight != NULL) {
        task->scratch = malloc((size_t)(THThreads_get() * task->inner * task->itemsize));
        if (task->scratch == NULL) {
            THNNCall_fail(call, THStatus_fail(TH_ERR_MEMORY, "[" OP "] no memory for a row of %lld elements for each thread",
                                              (long long)task->inner));
            return;
        }
    }
    if (task->gx != NULL) THThreads_for(task->rows, THNN_max(1, TH_GRAIN / task->inner), backwardRows, task);
    if (task->gw != NULL || task->gb != NULL)
        THThreads_for((task->inner + THNN_COLUMNS - 1) / THNN_COLUMNS, THNN_max(1, TH_GRAIN / (THNN_COLUMNS * task->rows)),
                      backwardColumns, task);
    free(task->scratch);
}

THStatus THNN_LayerNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                          THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                          const THTensor *save_mean, const THTensor *save_invstd, int dims, double scale)
{
    TH_GIVEN("LayerNormalization", input, gradOutput, save_mean, save_invstd);
    Task task;
    TH_TRY(initTask(&task, input, dims));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, task.dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, input->size));
    TH_TRY(checkElements(&task, "weight", weight, dims));
    TH_TRY(checkElements(&task, "gradWeight", gradWeight, dims));
    TH_TRY(checkElements(&task, "gradBias", gradBias, dims));
    TH_TRY(THNN_checkDtype(OP, "save_mean", save_mean, task.dtype));
    TH_TRY(THNN_checkShape(OP, "save_mean", save_mean, task.ndim, input->size));
    TH_TRY(THNN_checkDtype(OP, "save_invstd", save_invstd, task.dtype));
    TH_TRY(THNN_checkShape(OP, "save_invstd", save_invstd, task.ndim, input->size));
    task.scale = scale;
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.mean = THNN_data(THNNCall_read(&call, save_mean));
    task.invstd = THNN_data(THNNCall_read(&call, save_invstd));
    task.gw = THNN_data(THNNCall_update(&call, gradWeight));
    task.gb = THNN_data(THNNCall_update(&call, gradBias));
    if (gradInput != NULL) task.gx = THNN_data(THNNCall_write(&call, gradInput, task.dtype, input->ndim, input->size));
    if (call.status == TH_OK && input->numel > 0) runBackward(&task, &call);
    return THNNCall_close(&call);
}
