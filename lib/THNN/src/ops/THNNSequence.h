/* All steps of one direction of a recurrent layer: what the calls of an LSTM, a GRU and a plain network share.
 *
 * Rows of all tensors are H elements. A step of a tensor with p parts is as many times p rows as the step has samples; steps
 * lie one after the other. The number of samples never grows from one step to the next. */
#ifndef THNN_SEQUENCE_H
#define THNN_SEQUENCE_H

#include "kernels/THNNCellKernel.h"
#include "kernels/THNNRowKernel.h"
#include "ops/THNNRepeatedProduct.h"

typedef struct THNNSequence THNNSequence;

/* Gradients on their way back through the steps, of some samples: where the rows of one sample are. */
typedef struct THNNCarry {
    char *hidden;
    char *next_hidden;
    char *cell;
    char *next_cell;
} THNNCarry;

/* What one kind of cell does at the k-th step that runs, with one sample. */
typedef struct THNNSequenceCell {
    int64_t parts;  /* gates: 4, 3 or 1 */
    int64_t stored; /* parts of storage: 4, 5 or 1 */
    bool direct;    /* the state before reaches the next one also past the gates */
    void (*step)(const THNNSequence *sequence, int64_t k, int64_t sample);
    void (*back)(const THNNSequence *sequence, int64_t k, int64_t sample, const THNNCarry *carry);
} THNNSequenceCell;

struct THNNSequence {
    const char *op;
    const THNNSequenceCell *cell;
    const THNNCellKernel *kernel;
    const THNNRowKernel *row_kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t steps;
    int64_t batch; /* samples of the first step */
    int64_t width;
    bool reverse;    /* the last step runs first */
    bool packed;     /* tensors have one dimension for all rows, not T x N */
    int64_t *offset; /* steps + 1: rows before each step */
    const char *gates;
    const char *weight; /* parts H x H */
    const char *bias;   /* of the hidden product: GRU; or NULL */
    const char *hx;
    const char *cx; /* LSTM; else NULL */
    char *output;
    char *cells;
    char *storage; /* a plain network's is its output */
    const char *grad_output;
    const char *grad_cells;
    char *grad_gates;
    char *grad_hidden; /* of the hidden product; but for GRU: grad_gates */
    char *grad_weight;
    char *grad_hx;
    char *grad_cx;
    THNNRepeatedProduct product;
    THStatus status; /* a failure in any thread */
    void (*body)(THNNSequence *sequence, int64_t begin, int64_t end);
    int64_t block; /* of samples that run through all steps together */
};

extern const THNNSequenceCell THNNSequence_lstm, THNNSequence_gru, THNNSequence_tanh, THNNSequence_relu;

/* Fills output, cells and storage. */
void THNNSequence_forward(THNNSequence *self);
/* Fills all gradients. */
void THNNSequence_backward(THNNSequence *self);

#endif
