#include "TH/THArgument.h"
/* LSTMFused and GRUFused: a step of a recurrent cell after its matrix products, N samples of H elements. */
#include "kernels/THNNCellKernel.h"
#include "ops/THNNCall.h"

#define LSTM "LSTMFused"
#define GRU "GRUFused"

typedef struct Task {
    const THNNCellKernel *kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t batch;
    int64_t width; /* H */
    const char *input;
    const char *hidden;
    const char *bias1;
    const char *bias2;
    const char *cx; /* the state before: of the cell, or hx */
    const char *cy;
    const char *ghy;
    const char *gcy;
    char *storage;
    char *hy;
    char *cy_out;
    char *ggates;
    char *ghidden;
    char *gcx;
} Task;

static THStatus initTask(Task *task, const char *op, const char *name, const THTensor *state)
{
    TH_TRY(THNN_checkFloating(op, name, state));
    TH_FAIL_IF(state->ndim != 2, TH_ERR_SHAPE, "[%s] %s has %d dimensions, expected 2 (N x H)", op, name, state->ndim);
    *task = (Task){.kernel = TH_PICK(THNNCellKernel_tables, state->dtype),
                   .dtype = (THDtype)state->dtype,
                   .itemsize = (int64_t)THDtype_size((THDtype)state->dtype),
                   .batch = state->size[0],
                   .width = state->size[1]};
    return TH_OK;
}

/* `tensor` is N x (parts * H), or NULL. */
static THStatus checkRows(const Task *task, const char *op, const char *name, const THTensor *tensor, int64_t parts)
{
    if (tensor == NULL) return TH_OK;
    const int64_t shape[2] = {task->batch, parts * task->width};
    TH_TRY(THNN_checkDtype(op, name, tensor, task->dtype));
    return THNN_checkShape(op, name, tensor, 2, shape);
}

static THStatus checkBias(const Task *task, const char *op, const char *name, const THTensor *bias, int64_t parts)
{
    if (bias == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(op, name, bias, task->dtype));
    TH_FAIL_IF(bias->numel != parts * task->width, TH_ERR_SHAPE, "[%s] %s has %lld elements, expected %lld", op, name,
               (long long)bias->numel, (long long)(parts * task->width));
    return TH_OK;
}

static const char *row(const Task *t, const char *data, int64_t sample, int64_t parts)
{
    return data == NULL ? NULL : data + sample * parts * t->width * t->itemsize;
}

static char *rowOut(const Task *t, char *data, int64_t sample, int64_t parts)
{
    return data + sample * parts * t->width * t->itemsize;
}

static THNNGates gatesOf(const Task *t, int64_t sample, int64_t parts)
{
    return (THNNGates){row(t, t->input, sample, parts), row(t, t->hidden, sample, parts), t->bias1, t->bias2};
}

static void lstmRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        const THNNGates gates = gatesOf(t, i, 4);
        t->kernel->lstm(t->width, &gates, row(t, t->cx, i, 1), rowOut(t, t->storage, i, 4), rowOut(t, t->hy, i, 1),
                        rowOut(t, t->cy_out, i, 1));
    }
}

static void lstmBackwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++)
        t->kernel->lstm_backward(t->width, row(t, t->storage, i, 4), row(t, t->cx, i, 1), row(t, t->cy, i, 1),
                                 row(t, t->ghy, i, 1), row(t, t->gcy, i, 1), rowOut(t, t->ggates, i, 4),
                                 rowOut(t, t->gcx, i, 1));
}

static void gruRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        const THNNGates gates = gatesOf(t, i, 3);
        t->kernel->gru(t->width, &gates, row(t, t->cx, i, 1), rowOut(t, t->storage, i, 5), rowOut(t, t->hy, i, 1));
    }
}

static void gruBackwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++)
        t->kernel->gru_backward(t->width, row(t, t->storage, i, 5), row(t, t->ghy, i, 1), rowOut(t, t->ggates, i, 3),
                                rowOut(t, t->ghidden, i, 3), rowOut(t, t->gcx, i, 1));
}

static int64_t grainOf(const Task *task)
{
    return THNN_max(1, TH_GRAIN / 16 / THNN_max(1, task->width));
}

static THTensor *writeRows(Task *task, THNNCall *call, THTensor *output, int64_t parts)
{
    const int64_t shape[2] = {task->batch, parts * task->width};
    return THNNCall_write(call, output, task->dtype, 2, shape);
}

THStatus THNN_LSTMFused_updateOutput(const THTensor *input, const THTensor *hidden, const THTensor *bias1,
                                     const THTensor *bias2, const THTensor *cx, THTensor *hy, THTensor *cy, THTensor *storage)
{
    TH_GIVEN("LSTMFused", input, cx, hy, cy, storage);
    Task task;
    TH_TRY(initTask(&task, LSTM, "cell", cx));
    TH_TRY(checkRows(&task, LSTM, "input", input, 4));
    TH_TRY(checkRows(&task, LSTM, "hidden", hidden, 4));
    TH_TRY(checkBias(&task, LSTM, "bias1", bias1, 4));
    TH_TRY(checkBias(&task, LSTM, "bias2", bias2, 4));
    THNNCall call = {.op = LSTM};
    task.input = THNN_data(THNNCall_read(&call, input));
    task.hidden = THNN_data(THNNCall_read(&call, hidden));
    task.bias1 = THNN_data(THNNCall_read(&call, bias1));
    task.bias2 = THNN_data(THNNCall_read(&call, bias2));
    task.cx = THNN_data(THNNCall_read(&call, cx));
    task.hy = THNN_data(writeRows(&task, &call, hy, 1));
    task.cy_out = THNN_data(writeRows(&task, &call, cy, 1));
    task.storage = THNN_data(writeRows(&task, &call, storage, 4));
    if (call.status == TH_OK) THThreads_for(task.batch, grainOf(&task), lstmRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_LSTMFused_updateGradInput(const THTensor *storage, THTensor *gradGates, const THTensor *cx, const THTensor *cy,
                                        const THTensor *gradHy, const THTensor *gradCy, THTensor *gradCx)
{
    TH_GIVEN("LSTMFused", storage, gradGates, cx, cy, gradCx);
    Task task;
    TH_TRY(initTask(&task, LSTM, "cell", cx));
    TH_TRY(checkRows(&task, LSTM, "storage", storage, 4));
    TH_TRY(checkRows(&task, LSTM, "outputCell", cy, 1));
    TH_TRY(checkRows(&task, LSTM, "gradOutput", gradHy, 1));
    TH_TRY(checkRows(&task, LSTM, "gradOutputCell", gradCy, 1));
    THNNCall call = {.op = LSTM};
    task.storage = THNN_data(THNNCall_read(&call, storage));
    task.cx = THNN_data(THNNCall_read(&call, cx));
    task.cy = THNN_data(THNNCall_read(&call, cy));
    task.ghy = THNN_data(THNNCall_read(&call, gradHy));
    task.gcy = THNN_data(THNNCall_read(&call, gradCy));
    task.ggates = THNN_data(writeRows(&task, &call, gradGates, 4));
    task.gcx = THNN_data(writeRows(&task, &call, gradCx, 1));
    if (call.status == TH_OK) THThreads_for(task.batch, grainOf(&task), lstmBackwardRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_GRUFused_updateOutput(const THTensor *input, const THTensor *hidden, const THTensor *bias1, const THTensor *bias2,
                                    const THTensor *hx, THTensor *hy, THTensor *storage)
{
    TH_GIVEN("GRUFused", input, hx, hy, storage);
    Task task;
    TH_TRY(initTask(&task, GRU, "hx", hx));
    TH_TRY(checkRows(&task, GRU, "input", input, 3));
    TH_TRY(checkRows(&task, GRU, "hidden", hidden, 3));
    TH_TRY(checkBias(&task, GRU, "bias1", bias1, 3));
    TH_TRY(checkBias(&task, GRU, "bias2", bias2, 3));
    THNNCall call = {.op = GRU};
    task.input = THNN_data(THNNCall_read(&call, input));
    task.hidden = THNN_data(THNNCall_read(&call, hidden));
    task.bias1 = THNN_data(THNNCall_read(&call, bias1));
    task.bias2 = THNN_data(THNNCall_read(&call, bias2));
    task.cx = THNN_data(THNNCall_read(&call, hx));
    task.hy = THNN_data(writeRows(&task, &call, hy, 1));
    task.storage = THNN_data(writeRows(&task, &call, storage, 5));
    if (call.status == TH_OK) THThreads_for(task.batch, grainOf(&task), gruRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_GRUFused_updateGradInput(THTensor *gradInput, THTensor *gradHidden, const THTensor *gradHy, THTensor *gradHx,
                                       const THTensor *storage)
{
    TH_GIVEN("GRUFused", gradInput, gradHidden, gradHy, gradHx, storage);
    Task task;
    TH_TRY(initTask(&task, GRU, "gradOutput", gradHy));
    TH_TRY(checkRows(&task, GRU, "storage", storage, 5));
    THNNCall call = {.op = GRU};
    task.storage = THNN_data(THNNCall_read(&call, storage));
    task.ghy = THNN_data(THNNCall_read(&call, gradHy));
    task.ggates = THNN_data(writeRows(&task, &call, gradInput, 3));
    task.ghidden = THNN_data(writeRows(&task, &call, gradHidden, 3));
    task.gcx = THNN_data(writeRows(&task, &call, gradHx, 1));
    if (call.status == TH_OK) THThreads_for(task.batch, grainOf(&task), gruBackwardRange, &task);
    return THNNCall_close(&call);
}
