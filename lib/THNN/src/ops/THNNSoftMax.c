#include "TH/THArgument.h"
/* SoftMax and LogSoftMax along one dimension.
 *
 * Seen from the dimension, a tensor is outer x n x inner. With inner 1 the work is cut into rows, else into panels of
 * neighbouring columns, so that a softmax along the first dimension keeps all threads busy as well. */
#include "kernels/THNNSoftMaxKernel.h"
#include "ops/THNNCall.h"

typedef struct Task {
    const THNNSoftMaxKernel *kernel;
    int log; /* index into the kernel's functions */
    int64_t n;
    int64_t inner;
    int64_t panels; /* for each outer position */
    int64_t itemsize;
    const char *x; /* backward: the output */
    const char *gy;
    char *out;
} Task;

static const char *opName(int log)
{
    return log ? "LogSoftMax" : "SoftMax";
}

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        if (t->inner == 1) {
            const int64_t at = i * t->n * t->itemsize;
            t->kernel->row[t->log](t->n, t->x + at, t->out + at);
            continue;
        }
        const int64_t column = i % t->panels * THNN_SOFTMAX_PANEL;
        const int64_t at = (i / t->panels * t->n * t->inner + column) * t->itemsize;
        t->kernel->panel[t->log](t->n, THNN_min(THNN_SOFTMAX_PANEL, t->inner - column), t->inner, t->x + at, t->out + at);
    }
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        if (t->inner == 1) {
            const int64_t at = i * t->n * t->itemsize;
            t->kernel->row_backward[t->log](t->n, t->gy + at, t->x + at, t->out + at);
            continue;
        }
        const int64_t column = i % t->panels * THNN_SOFTMAX_PANEL;
        const int64_t at = (i / t->panels * t->n * t->inner + column) * t->itemsize;
        t->kernel->panel_backward[t->log](t->n, THNN_min(THNN_SOFTMAX_PANEL, t->inner - column), t->inner, t->gy + at,
                                          t->x + at, t->out + at);
    }
}

/* Fills in the geometry and runs `range` over all rows or panels. */
static void runTask(Task *task, const THTensor *tensor, int dim, THRange range)
{
    int64_t outer = 1;
    task->inner = 1;
    for (int d = 0; d < dim; d++) outer *= tensor->size[d];
    for (int d = dim + 1; d < tensor->ndim; d++) task->inner *= tensor->size[d];
    task->n = tensor->ndim == 0 ? 1 : tensor->size[dim];
    task->panels = (task->inner + THNN_SOFTMAX_PANEL - 1) / THNN_SOFTMAX_PANEL;
    task->itemsize = (int64_t)THDtype_size((THDtype)tensor->dtype);
    task->kernel = TH_PICK(THNNSoftMaxKernel_tables, tensor->dtype);
    const int64_t unit = task->n * THNN_min(task->inner, THNN_SOFTMAX_PANEL);
    /* An exponential costs a few times as much as the elements that TH_GRAIN has in mind. */
    THThreads_for(task->inner == 1 ? outer : outer * task->panels, THNN_max(1, TH_GRAIN / 4 / unit), range, task);
}

static THStatus forward(const THTensor *input, THTensor *output, int dim, int log)
{
    TH_TRY(THNN_checkFloating(opName(log), "input", input));
    int wrapped;
    TH_TRY(THTensor_wrapDim(input, dim, opName(log), &wrapped));
    THNNCall call = {.op = opName(log)};
    const THTensor *x = THNNCall_read(&call, input);
    THTensor *y = THNNCall_writeInPlace(&call, output, (THDtype)input->dtype, input->ndim, input->size);
    if (call.status == TH_OK && y->numel > 0) {
        Task task = {.log = log, .x = THTensor_dataBytes(x), .out = THTensor_dataBytes(y)};
        runTask(&task, y, wrapped, forwardRange);
    }
    return THNNCall_close(&call);
}

static THStatus backward(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim, int log)
{
    TH_TRY(THNN_checkFloating(opName(log), "output", output));
    const THDtype dtype = (THDtype)output->dtype;
    TH_TRY(THNN_checkDtype(opName(log), "gradOutput", gradOutput, dtype));
    TH_TRY(THNN_checkShape(opName(log), "gradOutput", gradOutput, output->ndim, output->size));
    int wrapped;
    TH_TRY(THTensor_wrapDim(output, dim, opName(log), &wrapped));
    THNNCall call = {.op = opName(log)};
    const THTensor *gy = THNNCall_read(&call, gradOutput);
    const THTensor *y = THNNCall_read(&call, output);
    THTensor *gx = THNNCall_writeInPlace(&call, gradInput, dtype, output->ndim, output->size);
    if (call.status == TH_OK && gx->numel > 0) {
        Task task = {.log = log, .x = THTensor_dataBytes(y), .gy = THTensor_dataBytes(gy), .out = THTensor_dataBytes(gx)};
        runTask(&task, gx, wrapped, backwardRange);
    }
    return THNNCall_close(&call);
}

THStatus THNN_SoftMax_updateOutput(const THTensor *input, THTensor *output, int dim)
{
    TH_GIVEN("SoftMax", input, output);
    return forward(input, output, dim, 0);
}

THStatus THNN_SoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim)
{
    TH_GIVEN("SoftMax", gradOutput, gradInput, output);
    return backward(gradOutput, gradInput, output, dim, 0);
}

THStatus THNN_LogSoftMax_updateOutput(const THTensor *input, THTensor *output, int dim)
{
    TH_GIVEN("LogSoftMax", input, output);
    return forward(input, output, dim, 1);
}

THStatus THNN_LogSoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim)
{
    TH_GIVEN("LogSoftMax", gradOutput, gradInput, output);
    return backward(gradOutput, gradInput, output, dim, 1);
}
