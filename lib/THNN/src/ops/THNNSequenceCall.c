/* LSTMSequence, GRUSequence, and the packed ones, whose steps have fewer and fewer samples: checks and tensors. */
#include <stdlib.h>

#include "TH/THArgument.h"
#include "ops/THNNSequence.h"

/* Rows before each step: of `sizes`, or of `batch` samples each. */
static THStatus initSteps(THNNSequence *s, const THTensor *like, const char *name, int64_t steps, const int64_t *sizes)
{
    TH_FAIL_IF(steps < 0, TH_ERR_VALUE, "[%s] steps, %lld: must not be negative", s->op, (long long)steps);
    s->steps = steps;
    s->offset = malloc((size_t)(steps + 1) * sizeof(int64_t));
    TH_FAIL_IF(s->offset == NULL, TH_ERR_MEMORY, "[%s] out of memory: %lld steps", s->op, (long long)steps);
    s->offset[0] = 0;
    for (int64_t t = 0; t < steps; t++) {
        const int64_t count = sizes == NULL ? s->batch : sizes[t], most = t == 0 || sizes == NULL ? s->batch : sizes[t - 1];
        TH_FAIL_IF(sizes != NULL && (count < 0 || count > most || (t == 0 && count != most)), TH_ERR_VALUE,
                   "[%s] sizes[%lld] is %lld: steps must not grow, from %lld samples (hx) at the first on", s->op, (long long)t,
                   (long long)count, (long long)s->batch);
        s->offset[t + 1] = s->offset[t] + count;
    }
    TH_FAIL_IF(sizes != NULL && like->size[0] != s->offset[steps], TH_ERR_SHAPE, "[%s] %s has %lld rows, sizes add up to %lld",
               s->op, name, (long long)like->size[0], (long long)s->offset[steps]);
    return TH_OK;
}

/* `like` says the dtype and the rows: gates or storage. sizes: NULL where like is T x N x gates. s->offset is the caller's. */
static THStatus init(THNNSequence *s, const char *op, const THNNSequenceCell *cell, const char *name, const THTensor *like,
                     int steps, const int64_t *sizes, bool packed, const THTensor *weight, const THTensor *hx, int reverse)
{
    *s = (THNNSequence){.op = op, .cell = cell};
    TH_TRY(THNN_checkFloating(op, name, like));
    TH_FAIL_IF(like->ndim != (packed ? 2 : 3), TH_ERR_SHAPE, "[%s] %s has %d dimensions, expected %s", op, name, like->ndim,
               packed ? "2 (rows x gates)" : "3 (T x N x gates)");
    TH_FAIL_IF(hx->ndim != 2, TH_ERR_SHAPE, "[%s] hx has %d dimensions, expected 2 (N x H)", op, hx->ndim);
    const THDtype dtype = (THDtype)like->dtype;
    s->kernel = TH_PICK(THNNCellKernel_tables, dtype);
    s->row_kernel = TH_PICK(THNNRowKernel_tables, dtype);
    s->dtype = dtype;
    s->itemsize = (int64_t)THDtype_size(dtype);
    s->batch = hx->size[0];
    s->width = hx->size[1];
    s->reverse = reverse != 0;
    s->packed = packed;
    const int64_t of_weight[2] = {cell->parts * s->width, s->width};
    TH_TRY(THNN_checkDtype(op, "weight", weight, dtype));
    TH_TRY(THNN_checkShape(op, "weight", weight, 2, of_weight));
    TH_TRY(THNN_checkDtype(op, "hx", hx, dtype));
    return initSteps(s, like, name, packed ? steps : like->size[0], sizes);
}

/* The shape of a tensor of `parts` parts; its number of dimensions. */
static int shapeOf(const THNNSequence *s, int64_t parts, int64_t *shape)
{
    const int64_t width = parts * s->width;
    shape[0] = s->packed ? s->offset[s->steps] : s->steps;
    shape[1] = s->packed ? width : s->batch;
    shape[2] = width;
    return s->packed ? 2 : 3;
}

static THStatus checkSteps(const THNNSequence *s, const char *name, const THTensor *tensor, int64_t parts)
{
    int64_t shape[3];
    const int ndim = shapeOf(s, parts, shape);
    if (tensor == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(s->op, name, tensor, s->dtype));
    return THNN_checkShape(s->op, name, tensor, ndim, shape);
}

static THStatus checkState(const THNNSequence *s, const char *name, const THTensor *state)
{
    const int64_t shape[2] = {s->batch, s->width};
    if (state == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(s->op, name, state, s->dtype));
    return THNN_checkShape(s->op, name, state, 2, shape);
}

static THStatus checkBias(const THNNSequence *s, const THTensor *bias)
{
    const int64_t of_bias = s->cell->parts * s->width;
    if (bias == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(s->op, "bias", bias, s->dtype));
    return THNN_checkShape(s->op, "bias", bias, 1, &of_bias);
}

static char *writeSteps(const THNNSequence *s, THNNCall *call, THTensor *output, int64_t parts)
{
    int64_t shape[3];
    const int ndim = shapeOf(s, parts, shape);
    return THNN_data(THNNCall_write(call, output, s->dtype, ndim, shape));
}

static char *writeState(const THNNSequence *s, THNNCall *call, THTensor *output)
{
    const int64_t shape[2] = {s->batch, s->width};
    return THNN_data(THNNCall_write(call, output, s->dtype, 2, shape));
}

/* Runs `body` if the tensors are there. */
static THStatus finish(THNNSequence *s, THNNCall *call, void (*body)(THNNSequence *))
{
    if (call->status == TH_OK) body(s);
    if (call->status == TH_OK && s->status != TH_OK)
        THNNCall_fail(call, THStatus_fail(s->status, "[%s] a step failed: out of memory", s->op));
    return THNNCall_close(call);
}

/* The tensors of a call; a kind of cell that lacks one has NULL. */
typedef struct Forward {
    const THTensor *gates, *weight, *bias, *hx, *cx;
    THTensor *output, *cells, *storage;
} Forward;

static THStatus forwardChecked(THNNSequence *s, const Forward *f)
{
    TH_TRY(checkSteps(s, "gates", f->gates, s->cell->parts));
    TH_TRY(checkState(s, "cx", f->cx));
    TH_TRY(checkBias(s, f->bias));
    THNNCall call = {.op = s->op};
    s->gates = THNN_data(THNNCall_read(&call, f->gates));
    s->weight = THNN_data(THNNCall_read(&call, f->weight));
    s->bias = THNN_data(THNNCall_read(&call, f->bias));
    s->hx = THNN_data(THNNCall_read(&call, f->hx));
    s->cx = THNN_data(THNNCall_read(&call, f->cx));
    s->output = writeSteps(s, &call, f->output, 1);
    if (f->cells != NULL) s->cells = writeSteps(s, &call, f->cells, 1);
    s->storage = f->storage == NULL ? s->output : writeSteps(s, &call, f->storage, s->cell->stored);
    return finish(s, &call, THNNSequence_forward);
}

static THStatus forward(const char *op, const THNNSequenceCell *cell, int steps, const int64_t *sizes, bool packed, int reverse,
                        const Forward *f)
{
    THNNSequence s;
    THStatus status = init(&s, op, cell, "gates", f->gates, steps, sizes, packed, f->weight, f->hx, reverse);
    if (status == TH_OK) status = forwardChecked(&s, f);
    free(s.offset);
    return status;
}

typedef struct Backward {
    const THTensor *gradOutput, *gradCells, *weight, *hx, *cx, *output, *cells, *storage;
    THTensor *gradGates, *gradHidden, *gradWeight, *gradHx, *gradCx;
} Backward;

static THStatus backwardChecked(THNNSequence *s, const Backward *b)
{
    TH_TRY(checkSteps(s, "storage", b->storage, s->cell->stored));
    TH_TRY(checkState(s, "cx", b->cx));
    TH_TRY(checkSteps(s, "gradOutput", b->gradOutput, 1));
    TH_TRY(checkSteps(s, "gradCells", b->gradCells, 1));
    TH_TRY(checkSteps(s, "output", b->output, 1));
    TH_TRY(checkSteps(s, "cells", b->cells, 1));
    THNNCall call = {.op = s->op};
    s->grad_output = THNN_data(THNNCall_read(&call, b->gradOutput));
    s->grad_cells = THNN_data(THNNCall_read(&call, b->gradCells));
    s->weight = THNN_data(THNNCall_read(&call, b->weight));
    s->hx = THNN_data(THNNCall_read(&call, b->hx));
    s->cx = THNN_data(THNNCall_read(&call, b->cx));
    s->output = THNN_data(THNNCall_read(&call, b->output));
    s->cells = THNN_data(THNNCall_read(&call, b->cells));
    s->storage = THNN_data(THNNCall_read(&call, b->storage));
    s->grad_gates = writeSteps(s, &call, b->gradGates, s->cell->parts);
    s->grad_hidden = b->gradHidden == NULL ? s->grad_gates : writeSteps(s, &call, b->gradHidden, s->cell->parts);
    s->grad_hx = writeState(s, &call, b->gradHx);
    if (b->gradCx != NULL) s->grad_cx = writeState(s, &call, b->gradCx);
    const int64_t of_weight[2] = {s->cell->parts * s->width, s->width};
    s->grad_weight = THNN_data(THNNCall_write(&call, b->gradWeight, s->dtype, 2, of_weight));
    return finish(s, &call, THNNSequence_backward);
}

static THStatus backward(const char *op, const THNNSequenceCell *cell, int steps, const int64_t *sizes, bool packed,
                         int reverse, const Backward *b)
{
    THNNSequence s;
    const THTensor *like = b->storage == NULL ? b->output : b->storage;
    THStatus status =
        init(&s, op, cell, b->storage == NULL ? "output" : "storage", like, steps, sizes, packed, b->weight, b->hx, reverse);
    if (status == TH_OK) status = backwardChecked(&s, b);
    free(s.offset);
    return status;
}

/* --- T x N --------------------------------------------------------------------------------------------------------- */

THStatus THNN_LSTMSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *hx, const THTensor *cx,
                                        int reverse, THTensor *output, THTensor *cells, THTensor *storage)
{
    TH_GIVEN("LSTMSequence", gates, weight, hx, cx, output, cells, storage);
    const Forward f = {gates, weight, NULL, hx, cx, output, cells, storage};
    return forward("LSTMSequence", &THNNSequence_lstm, 0, NULL, false, reverse, &f);
}

THStatus THNN_LSTMSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, const THTensor *weight,
                                    const THTensor *hx, const THTensor *cx, int reverse, const THTensor *output,
                                    const THTensor *cells, const THTensor *storage, THTensor *gradGates, THTensor *gradWeight,
                                    THTensor *gradHx, THTensor *gradCx)
{
    TH_GIVEN("LSTMSequence", weight, hx, cx, output, cells, storage);
    TH_GIVEN("LSTMSequence", gradGates, gradWeight, gradHx, gradCx);
    const Backward b = {gradOutput, gradCells, weight, hx,         cx,     output, cells,
                        storage,    gradGates, NULL,   gradWeight, gradHx, gradCx};
    return backward("LSTMSequence", &THNNSequence_lstm, 0, NULL, false, reverse, &b);
}

THStatus THNN_GRUSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *bias, const THTensor *hx,
                                       int reverse, THTensor *output, THTensor *storage)
{
    TH_GIVEN("GRUSequence", gates, weight, hx, output, storage);
    const Forward f = {gates, weight, bias, hx, NULL, output, NULL, storage};
    return forward("GRUSequence", &THNNSequence_gru, 0, NULL, false, reverse, &f);
}

THStatus THNN_GRUSequence_backward(const THTensor *gradOutput, const THTensor *weight, const THTensor *hx, int reverse,
                                   const THTensor *output, const THTensor *storage, THTensor *gradGates, THTensor *gradHidden,
                                   THTensor *gradWeight, THTensor *gradHx)
{
    TH_GIVEN("GRUSequence", weight, hx, output, storage, gradGates, gradHidden, gradWeight, gradHx);
    const Backward b = {gradOutput, NULL,      weight,     hx,         NULL,   output, NULL,
                        storage,    gradGates, gradHidden, gradWeight, gradHx, NULL};
    return backward("GRUSequence", &THNNSequence_gru, 0, NULL, false, reverse, &b);
}

/* --- packed -------------------------------------------------------------------------------------------------------- */

THStatus THNN_LSTMPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes, const THTensor *weight,
                                              const THTensor *hx, const THTensor *cx, int reverse, THTensor *output,
                                              THTensor *cells, THTensor *storage)
{
    TH_GIVEN("LSTMPackedSequence", gates, sizes, weight, hx, cx, output, cells, storage);
    const Forward f = {gates, weight, NULL, hx, cx, output, cells, storage};
    return forward("LSTMPackedSequence", &THNNSequence_lstm, steps, sizes, true, reverse, &f);
}

THStatus THNN_LSTMPackedSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, int steps,
                                          const int64_t *sizes, const THTensor *weight, const THTensor *hx, const THTensor *cx,
                                          int reverse, const THTensor *output, const THTensor *cells, const THTensor *storage,
                                          THTensor *gradGates, THTensor *gradWeight, THTensor *gradHx, THTensor *gradCx)
{
    TH_GIVEN("LSTMPackedSequence", sizes, weight, hx, cx, output, cells, storage);
    TH_GIVEN("LSTMPackedSequence", gradGates, gradWeight, gradHx, gradCx);
    const Backward b = {gradOutput, gradCells, weight, hx,         cx,     output, cells,
                        storage,    gradGates, NULL,   gradWeight, gradHx, gradCx};
    return backward("LSTMPackedSequence", &THNNSequence_lstm, steps, sizes, true, reverse, &b);
}

THStatus THNN_GRUPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes, const THTensor *weight,
                                             const THTensor *bias, const THTensor *hx, int reverse, THTensor *output,
                                             THTensor *storage)
{
    TH_GIVEN("GRUPackedSequence", gates, sizes, weight, hx, output, storage);
    const Forward f = {gates, weight, bias, hx, NULL, output, NULL, storage};
    return forward("GRUPackedSequence", &THNNSequence_gru, steps, sizes, true, reverse, &f);
}

THStatus THNN_GRUPackedSequence_backward(const THTensor *gradOutput, int steps, const int64_t *sizes, const THTensor *weight,
                                         const THTensor *hx, int reverse, const THTensor *output, const THTensor *storage,
                                         THTensor *gradGates, THTensor *gradHidden, THTensor *gradWeight, THTensor *gradHx)
{
    TH_GIVEN("GRUPackedSequence", sizes, weight, hx, output, storage);
    TH_GIVEN("GRUPackedSequence", gradGates, gradHidden, gradWeight, gradHx);
    const Backward b = {gradOutput, NULL,      weight,     hx,         NULL,   output, NULL,
                        storage,    gradGates, gradHidden, gradWeight, gradHx, NULL};
    return backward("GRUPackedSequence", &THNNSequence_gru, steps, sizes, true, reverse, &b);
}

static const THNNSequenceCell *plainCell(int relu)
{
    return relu ? &THNNSequence_relu : &THNNSequence_tanh;
}

THStatus THNN_RNNPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes, const THTensor *weight,
                                             const THTensor *hx, int relu, int reverse, THTensor *output)
{
    TH_GIVEN("RNNPackedSequence", gates, sizes, weight, hx, output);
    const Forward f = {gates, weight, NULL, hx, NULL, output, NULL, NULL};
    return forward("RNNPackedSequence", plainCell(relu), steps, sizes, true, reverse, &f);
}

THStatus THNN_RNNPackedSequence_backward(const THTensor *gradOutput, int steps, const int64_t *sizes, const THTensor *weight,
                                         const THTensor *hx, int relu, int reverse, const THTensor *output, THTensor *gradGates,
                                         THTensor *gradWeight, THTensor *gradHx)
{
    TH_GIVEN("RNNPackedSequence", gradOutput, sizes, weight, hx, output, gradGates, gradWeight);
    TH_GIVEN("RNNPackedSequence", gradHx);
    const Backward b = {gradOutput, NULL, weight, hx, NULL, output, NULL, NULL, gradGates, NULL, gradWeight, gradHx, NULL};
    return backward("RNNPackedSequence", plainCell(relu), steps, sizes, true, reverse, &b);
}
