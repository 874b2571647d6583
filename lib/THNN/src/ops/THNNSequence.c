/* Samples do not know each other, so a thread runs all steps of a block of samples. A step's product with the recurrent weight
 * is written where the step's storage will be: the kernel reads a gate before it writes there. The gradient of the weight is
 * one product over all steps. */
#include "ops/THNNSequence.h"

#include <stdlib.h>
#include <string.h>

#include "TH/THBlas.h"

/* Samples of a block where the library multiplies: the same for any number of threads, so that the results are. */
#define BLOCK 16
#define LITTLE 100000 /* multiplications that are not worth a thread */

static void note(THNNSequence *s, THStatus status)
{
    if (status != TH_OK) __atomic_store_n(&s->status, status, __ATOMIC_RELAXED);
}

/* Where the rows of sample `sample` at step `step` begin in a tensor of `parts` parts. */
static char *at(const THNNSequence *s, const char *data, int64_t step, int64_t sample, int64_t parts)
{
    return (char *)data + (s->offset[step] + sample) * parts * s->width * s->itemsize;
}

static int64_t samplesOf(const THNNSequence *s, int64_t step)
{
    return s->offset[step + 1] - s->offset[step];
}

/* The k-th step to run. */
static int64_t stepAt(const THNNSequence *s, int64_t k)
{
    return s->reverse ? s->steps - 1 - k : k;
}

/* Of the samples [begin, end) of the k-th step to run, the first that no step ran before. */
static int64_t firstNew(const THNNSequence *s, int64_t k, int64_t begin, int64_t end)
{
    return k == 0 ? begin : THNN_min(end, THNN_max(begin, samplesOf(s, stepAt(s, k - 1))));
}

/* The row of a sample's state before the k-th step to run. */
static const char *before(const THNNSequence *s, const char *states, const char *first, int64_t k, int64_t sample)
{
    if (firstNew(s, k, sample, sample + 1) == sample) return first + sample * s->width * s->itemsize;
    return at(s, states, stepAt(s, k - 1), sample, 1);
}

/* --- cells --------------------------------------------------------------------------------------------------------- */

static THNNGates gatesAt(const THNNSequence *s, int64_t step, int64_t sample)
{
    return (THNNGates){at(s, s->gates, step, sample, s->cell->parts), at(s, s->storage, step, sample, s->cell->stored), NULL,
                       s->bias};
}

static void lstmStep(const THNNSequence *s, int64_t k, int64_t i)
{
    const int64_t t = stepAt(s, k);
    const THNNGates gates = gatesAt(s, t, i);
    s->kernel->lstm(s->width, &gates, before(s, s->cells, s->cx, k, i), at(s, s->storage, t, i, 4), at(s, s->output, t, i, 1),
                    at(s, s->cells, t, i, 1));
}

static void lstmBack(const THNNSequence *s, int64_t k, int64_t i, const THNNCarry *carry)
{
    const int64_t t = stepAt(s, k);
    s->kernel->lstm_backward(s->width, at(s, s->storage, t, i, 4), before(s, s->cells, s->cx, k, i), at(s, s->cells, t, i, 1),
                             carry->hidden, carry->cell, at(s, s->grad_gates, t, i, 4), carry->next_cell);
}

static void gruStep(const THNNSequence *s, int64_t k, int64_t i)
{
    const int64_t t = stepAt(s, k);
    const THNNGates gates = gatesAt(s, t, i);
    s->kernel->gru(s->width, &gates, before(s, s->output, s->hx, k, i), at(s, s->storage, t, i, 5), at(s, s->output, t, i, 1));
}

static void gruBack(const THNNSequence *s, int64_t k, int64_t i, const THNNCarry *carry)
{
    const int64_t t = stepAt(s, k);
    s->kernel->gru_backward(s->width, at(s, s->storage, t, i, 5), carry->hidden, at(s, s->grad_gates, t, i, 3),
                            at(s, s->grad_hidden, t, i, 3), carry->next_hidden);
}

static void tanhStep(const THNNSequence *s, int64_t k, int64_t i)
{
    const THNNGates gates = gatesAt(s, stepAt(s, k), i);
    s->kernel->tanh(s->width, &gates, at(s, s->output, stepAt(s, k), i, 1));
}

static void tanhBack(const THNNSequence *s, int64_t k, int64_t i, const THNNCarry *carry)
{
    const int64_t t = stepAt(s, k);
    s->kernel->tanh_backward(s->width, at(s, s->output, t, i, 1), carry->hidden, at(s, s->grad_gates, t, i, 1));
}

static void reluStep(const THNNSequence *s, int64_t k, int64_t i)
{
    const THNNGates gates = gatesAt(s, stepAt(s, k), i);
    s->kernel->relu(s->width, &gates, at(s, s->output, stepAt(s, k), i, 1));
}

static void reluBack(const THNNSequence *s, int64_t k, int64_t i, const THNNCarry *carry)
{
    const int64_t t = stepAt(s, k);
    s->kernel->relu_backward(s->width, at(s, s->output, t, i, 1), carry->hidden, at(s, s->grad_gates, t, i, 1));
}

const THNNSequenceCell THNNSequence_lstm = {.parts = 4, .stored = 4, .step = lstmStep, .back = lstmBack};
const THNNSequenceCell THNNSequence_gru = {.parts = 3, .stored = 5, .direct = true, .step = gruStep, .back = gruBack};
const THNNSequenceCell THNNSequence_tanh = {.parts = 1, .stored = 1, .step = tanhStep, .back = tanhBack};
const THNNSequenceCell THNNSequence_relu = {.parts = 1, .stored = 1, .step = reluStep, .back = reluBack};

/* --- blocks of samples --------------------------------------------------------------------------------------------- */

static void doBlocks(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    THNNSequence *s = context;
    for (int64_t i = begin * s->block; i < THNN_min(end * s->block, s->batch); i += s->block)
        s->body(s, i, THNN_min(i + s->block, s->batch));
}

/* Where the product is the same for any number of rows, a thread has one block: the weights are then read least often. */
static void forBlocks(THNNSequence *s, void (*body)(THNNSequence *, int64_t, int64_t))
{
    if (s->batch == 0 || s->width == 0) return;
    const int64_t each = s->cell->parts * s->width * s->width * THNN_max(1, s->steps);
    const int64_t threads = THNN_max(1, THNN_min(THThreads_get(), s->batch * each / LITTLE));
    s->body = body;
    s->block = s->product.packed == NULL ? BLOCK : (s->batch + threads - 1) / threads;
    THThreads_for((s->batch + s->block - 1) / s->block, LITTLE / (s->block * each) + 1, doBlocks, s);
}

static char *allocate(THNNSequence *s, int64_t elements)
{
    char *memory = calloc((size_t)THNN_max(1, elements), (size_t)s->itemsize);
    if (memory == NULL) note(s, TH_ERR_MEMORY);
    return memory;
}

/* --- forward ------------------------------------------------------------------------------------------------------- */

static void runStep(THNNSequence *s, int64_t k, int64_t begin, int64_t end, char *room)
{
    const int64_t t = stepAt(s, k), stored = s->cell->stored;
    const int64_t last = THNN_min(end, samplesOf(s, t)), fresh = firstNew(s, k, begin, last);
    if (begin >= last) return;
    const int64_t ld = stored * s->width;
    if (fresh > begin)
        note(s, THNNRepeatedProduct_multiply(&s->product, fresh - begin, at(s, s->output, stepAt(s, k - 1), begin, 1), s->width,
                                             false, at(s, s->storage, t, begin, stored), ld, room));
    note(s, THNNRepeatedProduct_multiply(&s->product, last - fresh, s->hx + fresh * s->width * s->itemsize, s->width, false,
                                         at(s, s->storage, t, fresh, stored), ld, room));
    for (int64_t i = begin; i < last; i++) s->cell->step(s, k, i);
}

static void runBlock(THNNSequence *s, int64_t begin, int64_t end)
{
    char *room = allocate(s, THNNRepeatedProduct_room(&s->product, end - begin));
    for (int64_t k = 0; room != NULL && k < s->steps; k++) runStep(s, k, begin, end, room);
    free(room);
}

void THNNSequence_forward(THNNSequence *s)
{
    note(s, THNNRepeatedProduct_init(&s->product, s->dtype, s->weight, s->width, s->cell->parts * s->width, true,
                                     s->offset[s->steps]));
    if (s->status == TH_OK) forBlocks(s, runBlock);
    THNNRepeatedProduct_free(&s->product);
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

static void swap(char **a, char **b)
{
    char *other = *a;
    *a = *b;
    *b = other;
}

/* carry += what comes from outside at step t. */
static void addGradient(const THNNSequence *s, const char *gradient, int64_t t, int64_t begin, int64_t end, char *carry)
{
    if (gradient != NULL) s->row_kernel->add((end - begin) * s->width, 1, at(s, gradient, t, begin, 1), carry);
}

/* carry: of sample `begin`. */
static void backStep(THNNSequence *s, int64_t k, int64_t begin, int64_t end, THNNCarry *carry, char *room)
{
    const int64_t t = stepAt(s, k), row = s->width * s->itemsize, parts = s->cell->parts;
    const int64_t last = THNN_min(end, samplesOf(s, t));
    if (begin >= last) return;
    addGradient(s, s->grad_output, t, begin, last, carry->hidden);
    addGradient(s, s->grad_cells, t, begin, last, carry->cell);
    for (int64_t i = begin; i < last; i++) {
        const int64_t place = (i - begin) * row;
        const THNNCarry rows = {carry->hidden + place, carry->next_hidden + place, carry->cell + place,
                                carry->next_cell + place};
        s->cell->back(s, k, i, &rows);
    }
    note(s, THNNRepeatedProduct_multiply(&s->product, last - begin, at(s, s->grad_hidden, t, begin, parts), parts * s->width,
                                         s->cell->direct, carry->next_hidden, s->width, room));
    swap(&carry->hidden, &carry->next_hidden);
    swap(&carry->cell, &carry->next_cell);
    const int64_t over = firstNew(s, k, begin, last); /* what is left reached the state that was given */
    const size_t bytes = (size_t)((last - over) * row);
    memcpy(s->grad_hx + over * row, carry->hidden + (over - begin) * row, bytes);
    if (s->cx != NULL) memcpy(s->grad_cx + over * row, carry->cell + (over - begin) * row, bytes);
}

/* Rows of samples that no step has seen yet are zero in both halves of the carry: steps write those of their samples alone. */
static void backBlock(THNNSequence *s, int64_t begin, int64_t end)
{
    const int64_t elements = (end - begin) * s->width, bytes = elements * s->itemsize;
    char *memory = allocate(s, 4 * elements + THNNRepeatedProduct_room(&s->product, end - begin));
    if (memory == NULL) return;
    THNNCarry carry = {memory, memory + bytes, memory + 2 * bytes, memory + 3 * bytes};
    for (int64_t k = s->steps - 1; k >= 0; k--) backStep(s, k, begin, end, &carry, memory + 4 * bytes);
    free(memory);
}

/* gradWeight = the sum over steps of (gradient of the hidden product)' (state before). */
static void sumWeight(THNNSequence *s)
{
    const int64_t gates = s->cell->parts * s->width, rows = s->offset[s->steps], row = s->width * s->itemsize;
    if (rows == 0 || s->width == 0) {
        memset(s->grad_weight, 0, (size_t)(gates * row));
        return;
    }
    char *states = allocate(s, rows * s->width);
    if (states == NULL) return;
    for (int64_t k = 0; k < s->steps; k++) {
        const int64_t t = stepAt(s, k), count = samplesOf(s, t), fresh = firstNew(s, k, 0, count);
        char *target = states + s->offset[t] * row;
        if (fresh > 0) memcpy(target, at(s, s->output, stepAt(s, k - 1), 0, 1), (size_t)(fresh * row));
        memcpy(target + fresh * row, s->hx + fresh * row, (size_t)((count - fresh) * row));
    }
    note(s, THBlas_gemm(s->dtype, 'n', 't', s->width, gates, rows, THScalar_fromDouble(1), states, s->width, s->grad_hidden,
                        gates, THScalar_fromDouble(0), s->grad_weight, s->width));
    free(states);
}

void THNNSequence_backward(THNNSequence *s)
{
    const size_t bytes = (size_t)(s->batch * s->width * s->itemsize);
    if (s->steps == 0) {
        memset(s->grad_hx, 0, bytes);
        if (s->cx != NULL) memset(s->grad_cx, 0, bytes);
    }
    note(s, THNNRepeatedProduct_init(&s->product, s->dtype, s->weight, s->cell->parts * s->width, s->width, false,
                                     s->offset[s->steps]));
    if (s->status == TH_OK) forBlocks(s, backBlock);
    THNNRepeatedProduct_free(&s->product);
    sumWeight(s);
}
