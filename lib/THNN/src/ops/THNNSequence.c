/* LSTMSequence, GRUSequence: all steps of one direction of a recurrent layer, T steps of N samples of H elements.
 *
 * Samples do not know each other, so a thread runs all steps of a block of samples. A step's product with the recurrent weight
 * is written where the step's storage will be: the kernel reads a gate before it writes there. The gradient of the weight is
 * one product over all steps. */
#include <stdlib.h>
#include <string.h>

#include "TH/THArgument.h"
#include "TH/THBlas.h"
#include "kernels/THNNCellKernel.h"
#include "kernels/THNNRowKernel.h"
#include "ops/THNNCall.h"

#define LSTM "LSTMSequence"
#define GRU "GRUSequence"
#define UNPACKED 1000000
/* Samples: pieces of products of so few are not packed up to a width of NARROW. Blocks, unlike the shares of threads, are the
 * same for any number of threads: so are the results. */
#define BLOCK 16
#define WIDE_BLOCK 64
#define NARROW 976
#define LITTLE 100000 /* multiplications that are not worth a thread */

/* Rows of all tensors are H elements; a step of one with p parts is N * p rows. */
typedef struct Sequence {
    const char *op;
    const THNNCellKernel *kernel;
    const THNNRowKernel *row_kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t steps;
    int64_t batch;
    int64_t width;
    int64_t parts;   /* gates: 4 or 3 */
    int64_t stored;  /* parts of storage: 4 or 5 */
    int64_t reverse; /* 1: the last step runs first */
    const char *gates;
    const char *weight; /* forward: transposed, H x parts H */
    const char *bias;   /* of the hidden product: GRU; or NULL */
    const char *hx;
    const char *cx; /* LSTM; else NULL */
    char *output;
    char *cells;
    char *storage;
    const char *grad_output; /* or NULL */
    const char *grad_cells;
    char *grad_gates;
    char *grad_hidden; /* of the hidden product; LSTM: grad_gates */
    char *grad_hx;
    char *grad_cx;
    THStatus status; /* a failure in any thread */
    void (*body)(struct Sequence *, int64_t begin, int64_t end);
    int64_t block; /* of samples that run through all steps together */
} Sequence;

static void note(Sequence *s, THStatus status)
{
    if (status != TH_OK) __atomic_store_n(&s->status, status, __ATOMIC_RELAXED);
}

/* Where the rows of sample `sample` at step `step` begin in a tensor of `parts` parts. */
static char *at(const Sequence *s, const char *data, int64_t step, int64_t sample, int64_t parts)
{
    return (char *)data + (step * s->batch + sample) * parts * s->width * s->itemsize;
}

/* The k-th step to run. */
static int64_t stepAt(const Sequence *s, int64_t k)
{
    return s->reverse ? s->steps - 1 - k : k;
}

/* The state before the k-th step to run. */
static const char *before(const Sequence *s, const char *states, const char *first, int64_t k, int64_t sample)
{
    return k == 0 ? at(s, first, 0, sample, 1) : at(s, states, stepAt(s, k - 1), sample, 1);
}

/* A product of few rows with a large matrix in pieces: OpenBLAS packs the matrix anew for each product of more than UNPACKED
 * multiplications, which then costs as much as they do. Measured: 32 x 192 times 192 x 768 in 38 us instead of 54, 8 x 256
 * times 256 x 1024 in 22 us instead of 88. Pieces below 64 are not worth it. */
static int64_t pieceOf(int64_t whole, int64_t rows, int64_t width)
{
    const int64_t most = UNPACKED / (rows * width);
    if (whole <= most || most < 64) return whole;
    return most < 128 ? 64 : 128;
}

static void runStep(Sequence *s, int64_t k, int64_t begin, int64_t end)
{
    const int64_t t = stepAt(s, k), gates = s->parts * s->width;
    char *hidden = at(s, s->storage, t, begin, s->stored);
    const int64_t piece = pieceOf(gates, end - begin, s->width);
    for (int64_t g = 0; g < gates; g += piece)
        note(s, THBlas_gemm(s->dtype, 'n', 'n', THNN_min(piece, gates - g), end - begin, s->width, THScalar_fromDouble(1),
                            s->weight + g * s->itemsize, gates, before(s, s->output, s->hx, k, begin), s->width,
                            THScalar_fromDouble(0), hidden + g * s->itemsize, s->stored * s->width));
    for (int64_t i = begin; i < end; i++) {
        char *storage = at(s, s->storage, t, i, s->stored);
        const THNNGates sums = {at(s, s->gates, t, i, s->parts), storage, NULL, s->bias};
        if (s->cx != NULL)
            s->kernel->lstm(s->width, &sums, before(s, s->cells, s->cx, k, i), storage, at(s, s->output, t, i, 1),
                            at(s, s->cells, t, i, 1));
        else
            s->kernel->gru(s->width, &sums, before(s, s->output, s->hx, k, i), storage, at(s, s->output, t, i, 1));
    }
}

static void runBlock(Sequence *s, int64_t begin, int64_t end)
{
    for (int64_t k = 0; k < s->steps; k++) runStep(s, k, begin, end);
}

/* Gradients on their way back through the steps, of the samples of one block. */
typedef struct Carry {
    char *hidden;
    char *next_hidden;
    char *cell;
    char *next_cell;
} Carry;

static void swap(char **a, char **b)
{
    char *other = *a;
    *a = *b;
    *b = other;
}

/* carry += what comes from outside at the k-th step. */
static void addGradient(const Sequence *s, const char *gradient, int64_t k, int64_t begin, int64_t end, char *carry)
{
    if (gradient != NULL) s->row_kernel->add((end - begin) * s->width, 1, at(s, gradient, stepAt(s, k), begin, 1), carry);
}

static void backStep(Sequence *s, int64_t k, int64_t begin, int64_t end, Carry *carry)
{
    const int64_t t = stepAt(s, k), row = s->width * s->itemsize, gates = s->parts * s->width;
    addGradient(s, s->grad_output, k, begin, end, carry->hidden);
    addGradient(s, s->grad_cells, k, begin, end, carry->cell);
    for (int64_t i = begin; i < end; i++) {
        const int64_t place = (i - begin) * row;
        const char *storage = at(s, s->storage, t, i, s->stored);
        char *of_gates = at(s, s->grad_gates, t, i, s->parts);
        if (s->cx != NULL)
            s->kernel->lstm_backward(s->width, storage, before(s, s->cells, s->cx, k, i), at(s, s->cells, t, i, 1),
                                     carry->hidden + place, carry->cell + place, of_gates, carry->next_cell + place);
        else
            s->kernel->gru_backward(s->width, storage, carry->hidden + place, of_gates, at(s, s->grad_hidden, t, i, s->parts),
                                    carry->next_hidden + place);
    }
    /* An LSTM's hidden state reaches the next step through the gates alone; a GRU's also directly. */
    double beta = s->cx != NULL ? 0 : 1;
    const int64_t piece = pieceOf(gates, end - begin, s->width);
    for (int64_t g = 0; g < gates; g += piece, beta = 1)
        note(s, THBlas_gemm(s->dtype, 'n', 'n', s->width, end - begin, THNN_min(piece, gates - g), THScalar_fromDouble(1),
                            s->weight + g * row, s->width, at(s, s->grad_hidden, t, begin, s->parts) + g * s->itemsize, gates,
                            THScalar_fromDouble(beta), carry->next_hidden, s->width));
    swap(&carry->hidden, &carry->next_hidden);
    swap(&carry->cell, &carry->next_cell);
}

static void backBlock(Sequence *s, int64_t begin, int64_t end)
{
    const size_t bytes = (size_t)((end - begin) * s->width * s->itemsize);
    char *room = calloc(4, bytes);
    if (room == NULL) {
        note(s, TH_ERR_MEMORY);
        return;
    }
    Carry carry = {room, room + bytes, room + 2 * bytes, room + 3 * bytes};
    for (int64_t k = s->steps - 1; k >= 0; k--) backStep(s, k, begin, end, &carry);
    memcpy(at(s, s->grad_hx, 0, begin, 1), carry.hidden, bytes);
    if (s->cx != NULL) memcpy(at(s, s->grad_cx, 0, begin, 1), carry.cell, bytes);
    free(room);
}

static void doBlocks(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    Sequence *s = context;
    for (int64_t i = begin * s->block; i < THNN_min(end * s->block, s->batch); i += s->block)
        s->body(s, i, THNN_min(i + s->block, s->batch));
}

static void forBlocks(Sequence *s, void (*body)(Sequence *, int64_t, int64_t))
{
    if (s->batch == 0 || s->width == 0) return;
    s->body = body;
    s->block = s->width <= NARROW ? BLOCK : WIDE_BLOCK;
    const int64_t work = s->block * s->parts * s->width * s->width * THNN_max(1, s->steps);
    THThreads_for((s->batch + s->block - 1) / s->block, LITTLE / work + 1, doBlocks, s);
}

/* gradWeight = the sum over steps of (gradient of the hidden product)' (state before). */
static void sumWeight(Sequence *s, char *grad_weight)
{
    const int64_t gates = s->parts * s->width;
    memset(grad_weight, 0, (size_t)(gates * s->width * s->itemsize));
    if (s->batch == 0 || s->width == 0 || s->steps == 0) return;
    const int64_t first = stepAt(s, 0);
    const THScalar one = THScalar_fromDouble(1);
    note(s, THBlas_gemm(s->dtype, 'n', 't', s->width, gates, s->batch, one, s->hx, s->width,
                        at(s, s->grad_hidden, first, 0, s->parts), gates, one, grad_weight, s->width));
    if (s->steps == 1) return;
    /* All other steps: their states before are the outputs but the last one that ran. */
    note(s, THBlas_gemm(s->dtype, 'n', 't', s->width, gates, (s->steps - 1) * s->batch, one,
                        at(s, s->output, s->reverse ? 1 : 0, 0, 1), s->width,
                        at(s, s->grad_hidden, s->reverse ? 0 : 1, 0, s->parts), gates, one, grad_weight, s->width));
}

/* `like` says the dtype and T: gates or storage, T x N x (parts of it) H. */
static THStatus init(Sequence *s, const char *op, int64_t parts, int64_t stored, const char *name, const THTensor *like,
                     const THTensor *weight, const THTensor *hx, int reverse)
{
    TH_TRY(THNN_checkFloating(op, name, like));
    TH_FAIL_IF(like->ndim != 3, TH_ERR_SHAPE, "[%s] %s has %d dimensions, expected 3 (T x N x gates)", op, name, like->ndim);
    TH_FAIL_IF(hx->ndim != 2, TH_ERR_SHAPE, "[%s] hx has %d dimensions, expected 2 (N x H)", op, hx->ndim);
    const THDtype dtype = (THDtype)like->dtype;
    *s = (Sequence){.op = op,
                    .kernel = TH_PICK(THNNCellKernel_tables, dtype),
                    .row_kernel = TH_PICK(THNNRowKernel_tables, dtype),
                    .dtype = dtype,
                    .itemsize = (int64_t)THDtype_size(dtype),
                    .steps = like->size[0],
                    .batch = hx->size[0],
                    .width = hx->size[1],
                    .parts = parts,
                    .stored = stored,
                    .reverse = reverse != 0};
    const int64_t of_weight[2] = {parts * s->width, s->width};
    TH_TRY(THNN_checkDtype(op, "weight", weight, dtype));
    TH_TRY(THNN_checkShape(op, "weight", weight, 2, of_weight));
    return THNN_checkDtype(op, "hx", hx, dtype);
}

static THStatus checkSteps(const Sequence *s, const char *name, const THTensor *tensor, int64_t parts)
{
    const int64_t shape[3] = {s->steps, s->batch, parts * s->width};
    if (tensor == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(s->op, name, tensor, s->dtype));
    return THNN_checkShape(s->op, name, tensor, 3, shape);
}

static THStatus checkState(const Sequence *s, const char *name, const THTensor *state)
{
    const int64_t shape[2] = {s->batch, s->width};
    TH_TRY(THNN_checkDtype(s->op, name, state, s->dtype));
    return THNN_checkShape(s->op, name, state, 2, shape);
}

static char *writeSteps(const Sequence *s, THNNCall *call, THTensor *output, int64_t parts)
{
    const int64_t shape[3] = {s->steps, s->batch, parts * s->width};
    return THNN_data(THNNCall_write(call, output, s->dtype, 3, shape));
}

static char *writeState(const Sequence *s, THNNCall *call, THTensor *output)
{
    const int64_t shape[2] = {s->batch, s->width};
    return THNN_data(THNNCall_write(call, output, s->dtype, 2, shape));
}

static THStatus close(Sequence *s, THNNCall *call)
{
    if (call->status == TH_OK && s->status != TH_OK)
        THNNCall_fail(call, THStatus_fail(s->status, "[%s] a step failed: out of memory", s->op));
    return THNNCall_close(call);
}

static THStatus forward(Sequence *s, const THTensor *gates, const THTensor *weight, const THTensor *bias, const THTensor *hx,
                        const THTensor *cx, THTensor *output, THTensor *cells, THTensor *storage)
{
    THNNCall call = {.op = s->op};
    THTensor *turned = THTensor_newTranspose((THTensor *)weight, 0, 1);
    if (turned == NULL) return THStatus_last();
    s->gates = THNN_data(THNNCall_read(&call, gates));
    s->weight = THNN_data(THNNCall_read(&call, turned));
    THTensor_free(turned);
    s->bias = THNN_data(THNNCall_read(&call, bias));
    s->hx = THNN_data(THNNCall_read(&call, hx));
    s->cx = THNN_data(THNNCall_read(&call, cx));
    s->output = writeSteps(s, &call, output, 1);
    if (cells != NULL) s->cells = writeSteps(s, &call, cells, 1);
    s->storage = writeSteps(s, &call, storage, s->stored);
    if (call.status == TH_OK) forBlocks(s, runBlock);
    return close(s, &call);
}

THStatus THNN_LSTMSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *hx, const THTensor *cx,
                                        int reverse, THTensor *output, THTensor *cells, THTensor *storage)
{
    TH_GIVEN("LSTMSequence", gates, weight, hx, cx, output, cells, storage);
    Sequence s;
    TH_TRY(init(&s, LSTM, 4, 4, "gates", gates, weight, hx, reverse));
    TH_TRY(checkSteps(&s, "gates", gates, 4));
    TH_TRY(checkState(&s, "cx", cx));
    return forward(&s, gates, weight, NULL, hx, cx, output, cells, storage);
}

THStatus THNN_GRUSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *bias, const THTensor *hx,
                                       int reverse, THTensor *output, THTensor *storage)
{
    TH_GIVEN("GRUSequence", gates, weight, hx, output, storage);
    Sequence s;
    TH_TRY(init(&s, GRU, 3, 5, "gates", gates, weight, hx, reverse));
    TH_TRY(checkSteps(&s, "gates", gates, 3));
    const int64_t of_bias = 3 * s.width;
    if (bias != NULL) {
        TH_TRY(THNN_checkDtype(GRU, "bias", bias, s.dtype));
        TH_TRY(THNN_checkShape(GRU, "bias", bias, 1, &of_bias));
    }
    return forward(&s, gates, weight, bias, hx, NULL, output, NULL, storage);
}

/* Of an LSTM if there is cx: it has gradCells, cells and gradCx too, a GRU has gradHidden. */
static THStatus backward(Sequence *s, const THTensor *gradOutput, const THTensor *gradCells, const THTensor *weight,
                         const THTensor *hx, const THTensor *cx, const THTensor *output, const THTensor *cells,
                         const THTensor *storage, THTensor *gradGates, THTensor *gradHidden, THTensor *gradWeight,
                         THTensor *gradHx, THTensor *gradCx)
{
    TH_TRY(checkSteps(s, "gradOutput", gradOutput, 1));
    TH_TRY(checkSteps(s, "gradCells", gradCells, 1));
    TH_TRY(checkSteps(s, "output", output, 1));
    TH_TRY(checkSteps(s, "cells", cells, 1));
    THNNCall call = {.op = s->op};
    s->grad_output = THNN_data(THNNCall_read(&call, gradOutput));
    s->grad_cells = THNN_data(THNNCall_read(&call, gradCells));
    s->weight = THNN_data(THNNCall_read(&call, weight));
    s->hx = THNN_data(THNNCall_read(&call, hx));
    s->cx = THNN_data(THNNCall_read(&call, cx));
    s->output = THNN_data(THNNCall_read(&call, output));
    s->cells = THNN_data(THNNCall_read(&call, cells));
    s->storage = THNN_data(THNNCall_read(&call, storage));
    s->grad_gates = writeSteps(s, &call, gradGates, s->parts);
    s->grad_hidden = cx != NULL ? s->grad_gates : writeSteps(s, &call, gradHidden, s->parts);
    s->grad_hx = writeState(s, &call, gradHx);
    if (cx != NULL) s->grad_cx = writeState(s, &call, gradCx);
    const int64_t of_weight[2] = {s->parts * s->width, s->width};
    char *grad_weight = THNN_data(THNNCall_write(&call, gradWeight, s->dtype, 2, of_weight));
    if (call.status == TH_OK) {
        forBlocks(s, backBlock);
        sumWeight(s, grad_weight);
    }
    return close(s, &call);
}

THStatus THNN_LSTMSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, const THTensor *weight,
                                    const THTensor *hx, const THTensor *cx, int reverse, const THTensor *output,
                                    const THTensor *cells, const THTensor *storage, THTensor *gradGates, THTensor *gradWeight,
                                    THTensor *gradHx, THTensor *gradCx)
{
    TH_GIVEN("LSTMSequence", weight, hx, cx, output, cells, storage);
    TH_GIVEN("LSTMSequence", gradGates, gradWeight, gradHx, gradCx);
    Sequence s;
    TH_TRY(init(&s, LSTM, 4, 4, "storage", storage, weight, hx, reverse));
    TH_TRY(checkSteps(&s, "storage", storage, 4));
    TH_TRY(checkState(&s, "cx", cx));
    return backward(&s, gradOutput, gradCells, weight, hx, cx, output, cells, storage, gradGates, NULL, gradWeight, gradHx,
                    gradCx);
}

THStatus THNN_GRUSequence_backward(const THTensor *gradOutput, const THTensor *weight, const THTensor *hx, int reverse,
                                   const THTensor *output, const THTensor *storage, THTensor *gradGates, THTensor *gradHidden,
                                   THTensor *gradWeight, THTensor *gradHx)
{
    TH_GIVEN("GRUSequence", weight, hx, output, storage, gradGates, gradHidden, gradWeight, gradHx);
    Sequence s;
    TH_TRY(init(&s, GRU, 3, 5, "storage", storage, weight, hx, reverse));
    TH_TRY(checkSteps(&s, "storage", storage, 5));
    return backward(&s, gradOutput, NULL, weight, hx, NULL, output, NULL, storage, gradGates, gradHidden, gradWeight, gradHx,
                    NULL);
}
