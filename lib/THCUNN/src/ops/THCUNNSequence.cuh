// All steps of one direction of a recurrent layer: what the calls of an LSTM, a GRU and a plain network share.
//
// Tensors are rows of one or several parts of H elements: a row for each sample of a step, step after step. The number of
// samples never grows from one step to the next.
#pragma once

#include <memory>

#include "ops/THCUNNCell.cuh"

enum class CunnKind { LSTM, GRU, TANH, RELU };

struct CunnSequence {
    const char *op;
    CunnKind kind;
    int64_t parts, stored; // parts of gates: 4, 3 or 1; of storage: 4, 5 or 1
    const THTensor *like;  // gates, storage or a plain network's output
    THDtype dtype;
    int64_t steps, batch, width;
    bool reverse, packed;              // the last step runs first; tensors have one dimension for all rows, not T x N
    std::unique_ptr<int64_t[]> offset; // steps + 1: rows before each step

    int64_t rows() const { return offset[steps]; }
    int64_t samples(int64_t step) const { return offset[step + 1] - offset[step]; }
    // The k-th step to run.
    int64_t stepAt(int64_t k) const { return reverse ? steps - 1 - k : k; }
    // Of its samples, the first that no step ran before.
    int64_t firstNew(int64_t k) const
    {
        const int64_t here = samples(stepAt(k)), there = k == 0 ? 0 : samples(stepAt(k - 1));
        return here < there ? here : there;
    }
};

// All dense. What a kind of cell lacks is NULL; a plain network's storage is its output.
struct CunnForward {
    const THTensor *gates, *weight, *bias, *hx, *cx;
    THTensor *output, *cells, *storage;
};

// grad_hidden: of the hidden product, but for a GRU grad_gates.
struct CunnBackward {
    const THTensor *grad_output, *grad_cells, *weight, *hx, *cx, *output, *cells, *storage;
    THTensor *grad_gates, *grad_hidden, *grad_weight, *grad_hx, *grad_cx;
};

// Fills output, cells and storage.
THStatus cunn_runForward(const CunnSequence &s, const CunnForward &p);
// Fills all gradients.
THStatus cunn_runBackward(const CunnSequence &s, const CunnBackward &p);
