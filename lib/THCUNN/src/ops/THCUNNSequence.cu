// The steps of recurrent layers. A step is a product of matrices and a kernel for the rest; the gradient of the weight is one
// product over all steps. Samples that begin in the middle (packed, from the last step on) have states of their own before it,
// so a step is a range of samples that go on, and one of those that begin.
#include "ops/THCUNNSequence.cuh"

namespace
{

const THScalar ONE = THScalar_fromLong(1), ZERO = THScalar_fromLong(0);

using S = CunnSequence;

// Samples [first, end) of the k-th step to run. Their states before it begin at row `before` of all rows, or are given.
struct Range {
    int64_t k, first, end, row, before;
    bool given;

    int64_t count() const { return end - first; }
};

// f(range) for the samples of a step that go on and for those that begin.
template <class F> THStatus forRanges(const S &s, int64_t k, const F &f)
{
    const int64_t t = s.stepAt(k), fresh = s.firstNew(k), end = s.samples(t);
    if (fresh > 0) TH_TRY(f(Range{k, 0, fresh, s.offset[t], s.offset[s.stepAt(k - 1)], false}));
    return fresh < end ? f(Range{k, fresh, end, s.offset[t] + fresh, fresh, true}) : TH_OK;
}

// Rows [first, first + count) of all rows, or of states, of `parts` parts: count x (parts H).
THTensor *newRows(const S &s, const THTensor *all, int64_t first, int64_t count, int64_t parts)
{
    const int64_t size[] = {all->numel / (parts * s.width), parts * s.width};
    const THCOwned flat(THTensor_newView(all, 2, size));
    return flat ? THTensor_newNarrow(flat.get(), 0, first, count) : nullptr;
}

THTensor *newStatesBefore(const S &s, const Range &range, const THTensor *states, const THTensor *given)
{
    return newRows(s, range.given ? given : states, range.before, range.count(), 1);
}

// The first element of a row.
template <class T> const T *at(const S &s, const THTensor *tensor, int64_t row, int64_t parts)
{
    return tensor == nullptr ? nullptr : thc_data<T>(tensor) + row * parts * s.width;
}
template <class T> T *at(const S &s, THTensor *tensor, int64_t row, int64_t parts)
{
    return tensor == nullptr ? nullptr : thc_data<T>(tensor) + row * parts * s.width;
}

template <class T> const T *before(const S &s, const Range &range, const THTensor *states, const THTensor *given)
{
    return at<T>(s, range.given ? given : states, range.before, 1);
}

// --- plain networks ---------------------------------------------------------------------------------------------------------

template <class T> struct Plain {
    const T *input, *hidden;
    T *hy;
    bool relu;

    __device__ void operator()(int64_t k) const
    {
        const THCCompute<T> sum = THCElement<T>::up(input[k]) + THCElement<T>::up(hidden[k]);
        hy[k] = THCElement<T>::down(relu ? (sum < 0 ? (THCCompute<T>)0 : sum) : tanh(sum)); // nan stays
    }
};

template <class T> struct PlainBackward {
    const T *hy, *ghy, *ghy2;
    T *ggates;
    bool relu;

    __device__ void operator()(int64_t k) const
    {
        const THCCompute<T> y = THCElement<T>::up(hy[k]), gradient = cunn_orZero(ghy, k) + cunn_orZero(ghy2, k);
        ggates[k] = THCElement<T>::down(relu ? (y <= 0 ? (THCCompute<T>)0 : gradient) : gradient * (1 - y * y));
    }
};

// --- forward ----------------------------------------------------------------------------------------------------------------

template <class T> THStatus step(const S &s, const CunnForward &p, const Range &range, const THTensor *product)
{
    const int64_t row = range.row, n = range.count() * s.width;
    const T *const gates = at<T>(s, p.gates, row, s.parts), *const hidden = thc_data<T>(product);
    const T *const bias = p.bias == nullptr ? nullptr : thc_data<T>(p.bias);
    T *const storage = at<T>(s, p.storage, row, s.stored), *const hy = at<T>(s, p.output, row, 1);
    switch (s.kind) {
    case CunnKind::LSTM:
        return cunn_each(s.op, n,
                         CunnLstm<T>{s.width, gates, hidden, nullptr, bias, before<T>(s, range, p.cells, p.cx), storage, hy,
                                     at<T>(s, p.cells, row, 1)});
    case CunnKind::GRU:
        return cunn_each(s.op, n,
                         CunnGru<T>{s.width, gates, hidden, nullptr, bias, before<T>(s, range, p.output, p.hx), storage, hy});
    default:
        return cunn_each(s.op, n, Plain<T>{gates, hidden, hy, s.kind == CunnKind::RELU});
    }
}

// --- backward ---------------------------------------------------------------------------------------------------------------

// grad_hx and grad_cx are what is on its way back: rows of samples that no step has seen yet are zero, and those that have
// reached the state that was given stay as they are.
template <class T> THStatus stepBack(const S &s, const CunnBackward &p, const Range &range)
{
    const int64_t row = range.row, n = range.count() * s.width;
    const T *const storage = at<T>(s, p.storage, row, s.stored), *const ghy = at<T>(s, p.grad_output, row, 1);
    T *const gates = at<T>(s, p.grad_gates, row, s.parts), *const carry = at<T>(s, p.grad_hx, range.first, 1);
    T *const carry_cell = at<T>(s, p.grad_cx, range.first, 1);
    switch (s.kind) {
    case CunnKind::LSTM:
        return cunn_each(s.op, n,
                         CunnLstmBackward<T>{s.width, storage, before<T>(s, range, p.cells, p.cx), at<T>(s, p.cells, row, 1),
                                             ghy, carry, at<T>(s, p.grad_cells, row, 1), carry_cell, gates, carry_cell});
    case CunnKind::GRU:
        return cunn_each(s.op, n,
                         CunnGruBackward<T>{s.width, storage, ghy, carry, gates, at<T>(s, p.grad_hidden, row, s.parts), carry});
    default:
        return cunn_each(s.op, n, PlainBackward<T>{storage, ghy, carry, gates, s.kind == CunnKind::RELU});
    }
}

THStatus runBack(const S &s, const CunnBackward &p)
{
    // A GRU's state reaches the next step also past the gates.
    const THScalar direct = s.kind == CunnKind::GRU ? ONE : ZERO;
    for (int64_t k = s.steps - 1; k >= 0; k--) {
        const int64_t t = s.stepAt(k), count = s.samples(t);
        if (count == 0) continue;
        TH_TRY(forRanges(s, k, [&](const Range &range) -> THStatus {
            THC_FOR_FLOATING(s.op, s.dtype, T, return stepBack<T>(s, p, range);)
        }));
        const THCOwned gradient(newRows(s, p.grad_hidden, s.offset[t], count, s.parts)),
            carry(newRows(s, p.grad_hx, 0, count, 1));
        if (!gradient || !carry) return THStatus_last();
        TH_TRY(THCTensor_addmm(carry.get(), direct, carry.get(), ONE, gradient.get(), p.weight));
    }
    return TH_OK;
}

// r = beta * r + (gradients)' (states), both rows of samples.
THStatus addProduct(const THCOwned &gradients, const THCOwned &states, THTensor *r, THScalar beta)
{
    if (!gradients || !states) return THStatus_last();
    const THCOwned turned(THTensor_newTranspose(gradients.get(), 0, 1));
    return turned ? THCTensor_addmm(r, beta, r, ONE, turned.get(), states.get()) : THStatus_last();
}

// Where all steps have all samples, the states before all steps but the first are the outputs but the last ones that ran.
THStatus sumEvenWeight(const S &s, const CunnBackward &p)
{
    const int64_t n = s.batch, rest = s.rows() - n;
    const THCOwned first(newRows(s, p.grad_hidden, s.offset[s.stepAt(0)], n, s.parts)), given(newRows(s, p.hx, 0, n, 1));
    TH_TRY(addProduct(first, given, p.grad_weight, ZERO));
    if (rest == 0) return TH_OK;
    const THCOwned others(newRows(s, p.grad_hidden, s.reverse ? 0 : n, rest, s.parts));
    const THCOwned states(newRows(s, p.output, s.reverse ? n : 0, rest, 1));
    return addProduct(others, states, p.grad_weight, ONE);
}

THStatus sumWeight(const S &s, const CunnBackward &p)
{
    if (s.samples(0) == s.samples(s.steps - 1)) return sumEvenWeight(s, p);
    const int64_t size[] = {s.rows(), s.width};
    const THCOwned states(THCTensor_newWithSize(THTensor_device(s.like), s.dtype, 2, size));
    const THCOwned gradients(newRows(s, p.grad_hidden, 0, s.rows(), s.parts));
    if (!states || !gradients) return THStatus_last();
    for (int64_t k = 0; k < s.steps; k++)
        TH_TRY(forRanges(s, k, [&](const Range &range) -> THStatus {
            const THCOwned target(newRows(s, states.get(), range.row, range.count(), 1));
            const THCOwned source(newStatesBefore(s, range, p.output, p.hx));
            return target && source ? THCTensor_copy(target.get(), source.get()) : THStatus_last();
        }));
    return addProduct(gradients, states, p.grad_weight, ZERO);
}

} // namespace

THStatus cunn_runForward(const CunnSequence &s, const CunnForward &p)
{
    if (s.rows() == 0 || s.width == 0) return TH_OK;
    const int64_t size[] = {s.batch, s.parts * s.width};
    const THCOwned turned(THTensor_newTranspose(p.weight, 0, 1));
    const THCOwned room(THCTensor_newWithSize(THTensor_device(s.like), s.dtype, 2, size));
    if (!turned || !room) return THStatus_last();
    for (int64_t k = 0; k < s.steps; k++)
        TH_TRY(forRanges(s, k, [&](const Range &range) -> THStatus {
            const THCOwned states(newStatesBefore(s, range, p.output, p.hx));
            const THCOwned product(newRows(s, room.get(), 0, range.count(), s.parts));
            if (!states || !product) return THStatus_last();
            TH_TRY(THCTensor_addmm(product.get(), ZERO, nullptr, ONE, states.get(), turned.get()));
            THC_FOR_FLOATING(s.op, s.dtype, T, return step<T>(s, p, range, product.get());)
        }));
    return TH_OK;
}

THStatus cunn_runBackward(const CunnSequence &s, const CunnBackward &p)
{
    TH_TRY(THCTensor_zero(p.grad_hx));
    if (p.grad_cx != nullptr) TH_TRY(THCTensor_zero(p.grad_cx));
    if (s.rows() == 0 || s.width == 0) return THCTensor_zero(p.grad_weight);
    TH_TRY(runBack(s, p));
    return sumWeight(s, p);
}
