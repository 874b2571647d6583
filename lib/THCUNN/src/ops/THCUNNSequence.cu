// LSTMSequence, GRUSequence: all steps of one direction of a recurrent layer, T steps of N samples of H elements. A step is a
// product of matrices and a kernel for the rest; the gradient of the weight is one product over all steps.
#include "ops/THCUNNCell.cuh"

#define LSTM "LSTMSequence"
#define GRU "GRUSequence"

namespace
{

const THScalar ONE = THScalar_fromLong(1), ZERO = THScalar_fromLong(0);

struct Sequence {
    const char *op;
    const THTensor *like; // gates or storage: T x N x (parts of it) H
    THDtype dtype;
    int64_t steps, batch, width, parts, stored; // parts: gates, 4 or 3; stored: parts of storage, 4 or 5
    bool reverse;                               // the last step runs first

    int64_t count() const { return batch * width; }
    // The k-th step to run.
    int64_t stepAt(int64_t k) const { return reverse ? steps - 1 - k : k; }
};

// Rows of a step, or of the state before, in a tensor of `parts` parts of H.
template <class T> T *at(const Sequence &s, T *data, int64_t step, int64_t parts)
{
    return data == nullptr ? nullptr : data + step * s.count() * parts;
}
template <class T> T *before(const Sequence &s, T *states, T *first, int64_t k)
{
    return k == 0 ? first : at(s, states, s.stepAt(k - 1), 1);
}

THStatus init(Sequence *s, const char *op, int64_t parts, int64_t stored, const char *name, const THTensor *like,
              const THTensor *weight, const THTensor *hx, int reverse)
{
    TH_TRY(cunn_checkFloating(op, name, like));
    TH_FAIL_IF(like->ndim != 3, TH_ERR_SHAPE, "[%s] %s has %d dimensions, expected 3 (T x N x gates)", op, name, like->ndim);
    TH_FAIL_IF(hx->ndim != 2, TH_ERR_SHAPE, "[%s] hx has %d dimensions, expected 2 (N x H)", op, hx->ndim);
    *s = Sequence{op, like, (THDtype)like->dtype, like->size[0], hx->size[0], hx->size[1], parts, stored, reverse != 0};
    const int64_t of_weight[] = {parts * s->width, s->width};
    TH_TRY(cunn_checkDtype(op, "weight", weight, s->dtype));
    TH_TRY(cunn_checkShape(op, "weight", weight, 2, of_weight));
    TH_TRY(thc_sameDevice(op, like, weight));
    TH_TRY(cunn_checkDtype(op, "hx", hx, s->dtype));
    return thc_sameDevice(op, like, hx);
}

THStatus checkSteps(const Sequence &s, const char *name, const THTensor *tensor, int64_t parts)
{
    if (tensor == nullptr) return TH_OK;
    const int64_t shape[] = {s.steps, s.batch, parts * s.width};
    TH_TRY(cunn_checkDtype(s.op, name, tensor, s.dtype));
    TH_TRY(thc_sameDevice(s.op, s.like, tensor));
    return cunn_checkShape(s.op, name, tensor, 3, shape);
}

THStatus checkState(const Sequence &s, const char *name, const THTensor *state)
{
    const int64_t shape[] = {s.batch, s.width};
    TH_TRY(cunn_checkDtype(s.op, name, state, s.dtype));
    TH_TRY(thc_sameDevice(s.op, s.like, state));
    return cunn_checkShape(s.op, name, state, 2, shape);
}

THStatus openSteps(const Sequence &s, CunnResult *result, THTensor *output, int64_t parts,
                   std::initializer_list<const THTensor *> inputs)
{
    const int64_t shape[] = {s.steps, s.batch, parts * s.width};
    return result->open(s.op, output, s.dtype, 3, shape, inputs);
}

THTensor *newRows(const Sequence &s, int64_t parts)
{
    const int64_t size[] = {s.batch, parts * s.width};
    return THCTensor_newWithSize(THTensor_device(s.like), s.dtype, 2, size);
}

// --- forward ----------------------------------------------------------------------------------------------------------------

// All dense. cx, cells: of an LSTM, else NULL.
struct Pass {
    const THTensor *gates, *weight, *bias, *hx, *cx;
    THTensor *output, *cells, *storage;
};

template <class T> const T *elements(const THTensor *tensor)
{
    return tensor == nullptr ? nullptr : thc_data<T>(tensor);
}
template <class T> T *elements(THTensor *tensor)
{
    return tensor == nullptr ? nullptr : thc_data<T>(tensor);
}

template <class T> THStatus step(const Sequence &s, const Pass &p, int64_t k, const T *product)
{
    const int64_t t = s.stepAt(k);
    const T *const gates = at(s, elements<T>(p.gates), t, s.parts), *const bias = elements<T>(p.bias);
    T *const storage = at(s, elements<T>(p.storage), t, s.stored), *const hy = at(s, elements<T>(p.output), t, 1);
    if (p.cx != nullptr) {
        const T *const cx = before<const T>(s, elements<T>(p.cells), elements<T>(p.cx), k);
        return cunn_each(
            s.op, s.count(),
            CunnLstm<T>{s.width, gates, product, nullptr, bias, cx, storage, hy, at(s, elements<T>(p.cells), t, 1)});
    }
    const T *const hx = before<const T>(s, elements<T>(p.output), elements<T>(p.hx), k);
    return cunn_each(s.op, s.count(), CunnGru<T>{s.width, gates, product, nullptr, bias, hx, storage, hy});
}

THStatus runSteps(const Sequence &s, const Pass &p)
{
    const THCOwned turned(THTensor_newTranspose(p.weight, 0, 1)), product(newRows(s, s.parts));
    if (!turned || !product) return THStatus_last();
    for (int64_t k = 0; k < s.steps; k++) {
        const THCOwned state(k == 0 ? THTensor_newWithTensor(p.hx) : THTensor_newSelect(p.output, 0, s.stepAt(k - 1)));
        if (!state) return THStatus_last();
        TH_TRY(THCTensor_addmm(product.get(), ZERO, nullptr, ONE, state.get(), turned.get()));
        const auto rest = [&]() -> THStatus {
            THC_FOR_FLOATING(s.op, s.dtype, T, return step(s, p, k, elements<T>(static_cast<const THTensor *>(product.get())));)
        };
        TH_TRY(rest());
    }
    return TH_OK;
}

THStatus forward(const Sequence &s, const THTensor *gates, const THTensor *weight, const THTensor *bias, const THTensor *hx,
                 const THTensor *cx, THTensor *output, THTensor *cells, THTensor *storage)
{
    const THCGuard guard(gates);
    const CunnDense g(gates), w(weight), b(bias), h(hx), c(cx);
    if (g.failed() || w.failed() || b.failed() || h.failed() || c.failed()) return THStatus_last();
    CunnResult y, of_cells, kept;
    TH_TRY(openSteps(s, &y, output, 1, {gates, weight, bias, hx, cx}));
    if (cells != nullptr) TH_TRY(openSteps(s, &of_cells, cells, 1, {gates, weight, bias, hx, cx}));
    TH_TRY(openSteps(s, &kept, storage, s.stored, {gates, weight, bias, hx, cx}));
    if (s.count() > 0)
        TH_TRY(runSteps(s, Pass{g.get(), w.get(), b.get(), h.get(), c.get(), y.get(), of_cells.get(), kept.get()}));
    TH_TRY(y.close());
    TH_TRY(of_cells.close());
    return kept.close();
}

// --- backward ---------------------------------------------------------------------------------------------------------------

// All dense; grad_hidden: of the hidden product, an LSTM's grad_gates. carry, carry_cell: N x H, the gradients on their way
// back.
struct BackwardPass {
    const THTensor *grad_output, *grad_cells, *weight, *hx, *cx, *output, *cells, *storage;
    THTensor *grad_gates, *grad_hidden, *grad_weight, *carry, *carry_cell;
};

template <class T> THStatus stepBack(const Sequence &s, const BackwardPass &p, int64_t k)
{
    const int64_t t = s.stepAt(k);
    const T *const storage = at(s, elements<T>(p.storage), t, s.stored);
    const T *const ghy = at(s, elements<T>(p.grad_output), t, 1);
    T *const gates = at(s, elements<T>(p.grad_gates), t, s.parts), *const carry = elements<T>(p.carry);
    if (p.cx == nullptr)
        return cunn_each(
            s.op, s.count(),
            CunnGruBackward<T>{s.width, storage, ghy, carry, gates, at(s, elements<T>(p.grad_hidden), t, s.parts), carry});
    const T *const cx = before(s, elements<T>(p.cells), elements<T>(p.cx), k), *const cy = at(s, elements<T>(p.cells), t, 1);
    T *const carry_cell = elements<T>(p.carry_cell);
    return cunn_each(s.op, s.count(),
                     CunnLstmBackward<T>{s.width, storage, cx, cy, ghy, carry, at(s, elements<T>(p.grad_cells), t, 1),
                                         carry_cell, gates, carry_cell});
}

THStatus runBack(const Sequence &s, const BackwardPass &p)
{
    // An LSTM's hidden state reaches the next step through the gates alone; a GRU's also directly.
    const THScalar direct = p.cx != nullptr ? ZERO : ONE;
    for (int64_t k = s.steps - 1; k >= 0; k--) {
        const auto rest = [&]() -> THStatus { THC_FOR_FLOATING(s.op, s.dtype, T, return stepBack<T>(s, p, k);) };
        TH_TRY(rest());
        const THCOwned gradient(THTensor_newSelect(p.grad_hidden, 0, s.stepAt(k)));
        if (!gradient) return THStatus_last();
        TH_TRY(THCTensor_addmm(p.carry, direct, p.carry, ONE, gradient.get(), p.weight));
    }
    return TH_OK;
}

// r = beta * r + (gradients of the hidden products of steps [first, first + count))' (states that these steps had before).
THStatus addWeight(const Sequence &s, THTensor *r, THScalar beta, const THTensor *gradients, int64_t first, int64_t count,
                   const THTensor *states, int64_t first_state)
{
    const int64_t size[] = {count * s.batch, s.parts * s.width}, of_states[] = {count * s.batch, s.width};
    const THCOwned g(THTensor_newNarrow(gradients, 0, first, count));
    const THCOwned h(states->ndim == 2 ? THTensor_newWithTensor(states) : THTensor_newNarrow(states, 0, first_state, count));
    if (!g || !h) return THStatus_last();
    const THCOwned flat(THTensor_newView(g.get(), 2, size)), rows(THTensor_newView(h.get(), 2, of_states));
    if (!flat || !rows) return THStatus_last();
    const THCOwned turned(THTensor_newTranspose(flat.get(), 0, 1));
    return turned ? THCTensor_addmm(r, beta, r, ONE, turned.get(), rows.get()) : THStatus_last();
}

THStatus sumWeight(const Sequence &s, const BackwardPass &p)
{
    if (s.steps == 0) return THCTensor_zero(p.grad_weight);
    TH_TRY(addWeight(s, p.grad_weight, ZERO, p.grad_hidden, s.stepAt(0), 1, p.hx, 0));
    if (s.steps == 1) return TH_OK;
    // All other steps: their states before are the outputs but the last one that ran.
    return addWeight(s, p.grad_weight, ONE, p.grad_hidden, s.reverse ? 0 : 1, s.steps - 1, p.output, s.reverse ? 1 : 0);
}

// Of an LSTM if there is cx: it has gradCells, cells and gradCx too, a GRU has gradHidden.
THStatus backward(const Sequence &s, const THTensor *gradOutput, const THTensor *gradCells, const THTensor *weight,
                  const THTensor *hx, const THTensor *cx, const THTensor *output, const THTensor *cells,
                  const THTensor *storage, THTensor *gradGates, THTensor *gradHidden, THTensor *gradWeight, THTensor *gradHx,
                  THTensor *gradCx)
{
    TH_TRY(checkSteps(s, "gradOutput", gradOutput, 1));
    TH_TRY(checkSteps(s, "gradCells", gradCells, 1));
    TH_TRY(checkSteps(s, "output", output, 1));
    TH_TRY(checkSteps(s, "cells", cells, 1));
    const THCGuard guard(storage);
    const CunnDense gy(gradOutput), gc(gradCells), w(weight), h(hx), c(cx), y(output), states(cells), kept(storage);
    if (gy.failed() || gc.failed() || w.failed() || h.failed() || c.failed()) return THStatus_last();
    if (y.failed() || states.failed() || kept.failed()) return THStatus_last();
    const int64_t of_weight[] = {s.parts * s.width, s.width}, of_state[] = {s.batch, s.width};
    const std::initializer_list<const THTensor *> inputs = {storage, gradOutput, gradCells, weight, hx, cx, output, cells};
    CunnResult gates, hidden, gw, ghx, gcx;
    TH_TRY(openSteps(s, &gates, gradGates, s.parts, inputs));
    if (cx == nullptr) TH_TRY(openSteps(s, &hidden, gradHidden, s.parts, inputs));
    TH_TRY(gw.open(s.op, gradWeight, s.dtype, 2, of_weight, inputs));
    TH_TRY(ghx.open(s.op, gradHx, s.dtype, 2, of_state, inputs));
    if (cx != nullptr) TH_TRY(gcx.open(s.op, gradCx, s.dtype, 2, of_state, inputs));
    TH_TRY(THCTensor_zero(ghx.get()));
    if (cx != nullptr) TH_TRY(THCTensor_zero(gcx.get()));
    const BackwardPass pass = {gy.get(), gc.get(),     w.get(),    h.get(),     c.get(),
                               y.get(),  states.get(), kept.get(), gates.get(), cx == nullptr ? hidden.get() : gates.get(),
                               gw.get(), ghx.get(),    gcx.get()};
    TH_TRY(s.count() > 0 ? runBack(s, pass) : TH_OK);
    TH_TRY(s.count() > 0 ? sumWeight(s, pass) : THCTensor_zero(gw.get()));
    for (CunnResult *result : {&gates, &hidden, &gw, &ghx, &gcx}) TH_TRY(result->close());
    return TH_OK;
}

} // namespace

THStatus THCUNN_LSTMSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *hx, const THTensor *cx,
                                          int reverse, THTensor *output, THTensor *cells, THTensor *storage)
{
    Sequence s;
    TH_TRY(init(&s, LSTM, 4, 4, "gates", gates, weight, hx, reverse));
    TH_TRY(checkSteps(s, "gates", gates, 4));
    TH_TRY(checkState(s, "cx", cx));
    return forward(s, gates, weight, nullptr, hx, cx, output, cells, storage);
}

THStatus THCUNN_GRUSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *bias,
                                         const THTensor *hx, int reverse, THTensor *output, THTensor *storage)
{
    Sequence s;
    TH_TRY(init(&s, GRU, 3, 5, "gates", gates, weight, hx, reverse));
    TH_TRY(checkSteps(s, "gates", gates, 3));
    const int64_t of_bias = 3 * s.width;
    if (bias != nullptr) {
        TH_TRY(cunn_checkDtype(GRU, "bias", bias, s.dtype));
        TH_TRY(cunn_checkShape(GRU, "bias", bias, 1, &of_bias));
        TH_TRY(thc_sameDevice(GRU, gates, bias));
    }
    return forward(s, gates, weight, bias, hx, nullptr, output, nullptr, storage);
}

THStatus THCUNN_LSTMSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, const THTensor *weight,
                                      const THTensor *hx, const THTensor *cx, int reverse, const THTensor *output,
                                      const THTensor *cells, const THTensor *storage, THTensor *gradGates, THTensor *gradWeight,
                                      THTensor *gradHx, THTensor *gradCx)
{
    Sequence s;
    TH_TRY(init(&s, LSTM, 4, 4, "storage", storage, weight, hx, reverse));
    TH_TRY(checkSteps(s, "storage", storage, 4));
    TH_TRY(checkState(s, "cx", cx));
    return backward(s, gradOutput, gradCells, weight, hx, cx, output, cells, storage, gradGates, nullptr, gradWeight, gradHx,
                    gradCx);
}

THStatus THCUNN_GRUSequence_backward(const THTensor *gradOutput, const THTensor *weight, const THTensor *hx, int reverse,
                                     const THTensor *output, const THTensor *storage, THTensor *gradGates, THTensor *gradHidden,
                                     THTensor *gradWeight, THTensor *gradHx)
{
    Sequence s;
    TH_TRY(init(&s, GRU, 3, 5, "storage", storage, weight, hx, reverse));
    TH_TRY(checkSteps(s, "storage", storage, 5));
    return backward(s, gradOutput, nullptr, weight, hx, nullptr, output, nullptr, storage, gradGates, gradHidden, gradWeight,
                    gradHx, nullptr);
}
