// LSTMSequence, GRUSequence, and the packed ones, whose steps have fewer and fewer samples: checks and tensors.
#include <new>

#include "TH/THArgument.h"
#include "ops/THCUNNSequence.cuh"

namespace
{

// What a call says of its steps. sizes: NULL where tensors are T x N x ..., and the steps are those of the tensor.
struct Steps {
    const char *op;
    CunnKind kind;
    int steps;
    const int64_t *sizes;
    int reverse;
};

// Rows before each step.
THStatus initOffsets(CunnSequence *s, const char *name, const int64_t *sizes)
{
    TH_FAIL_IF(s->steps < 0, TH_ERR_VALUE, "[%s] steps, %lld: must not be negative", s->op, (long long)s->steps);
    s->offset.reset(new (std::nothrow) int64_t[s->steps + 1]);
    TH_FAIL_IF(s->offset == nullptr, TH_ERR_MEMORY, "[%s] out of memory: %lld steps", s->op, (long long)s->steps);
    s->offset[0] = 0;
    for (int64_t t = 0; t < s->steps; t++) {
        const int64_t most = t == 0 || sizes == nullptr ? s->batch : sizes[t - 1], count = sizes == nullptr ? most : sizes[t];
        TH_FAIL_IF(count < 0 || count > most || (t == 0 && count != most), TH_ERR_VALUE,
                   "[%s] sizes[%lld] is %lld: steps must not grow, from %lld samples (hx) at the first on", s->op, (long long)t,
                   (long long)count, (long long)s->batch);
        s->offset[t + 1] = s->offset[t] + count;
    }
    TH_FAIL_IF(s->packed && s->like->size[0] != s->rows(), TH_ERR_SHAPE, "[%s] %s has %lld rows, sizes add up to %lld", s->op,
               name, (long long)s->like->size[0], (long long)s->rows());
    return TH_OK;
}

// `like` says the dtype, the device and the rows: gates or storage.
THStatus init(CunnSequence *s, const Steps &call, const char *name, const THTensor *like, const THTensor *weight,
              const THTensor *hx)
{
    const char *const op = call.op;
    const bool packed = call.sizes != nullptr;
    TH_TRY(cunn_checkFloating(op, name, like));
    TH_FAIL_IF(like->ndim != (packed ? 2 : 3), TH_ERR_SHAPE, "[%s] %s has %d dimensions, expected %s", op, name, like->ndim,
               packed ? "2 (rows x gates)" : "3 (T x N x gates)");
    TH_FAIL_IF(hx->ndim != 2, TH_ERR_SHAPE, "[%s] hx has %d dimensions, expected 2 (N x H)", op, hx->ndim);
    s->op = op;
    s->kind = call.kind;
    s->parts = call.kind == CunnKind::LSTM ? 4 : call.kind == CunnKind::GRU ? 3 : 1;
    s->stored = call.kind == CunnKind::GRU ? 5 : s->parts;
    s->like = like;
    s->dtype = (THDtype)like->dtype;
    s->steps = packed ? call.steps : like->size[0];
    s->batch = hx->size[0];
    s->width = hx->size[1];
    s->reverse = call.reverse != 0;
    s->packed = packed;
    const int64_t of_weight[] = {s->parts * s->width, s->width};
    TH_TRY(cunn_checkDtype(op, "weight", weight, s->dtype));
    TH_TRY(cunn_checkShape(op, "weight", weight, 2, of_weight));
    TH_TRY(thc_sameDevice(op, like, weight));
    TH_TRY(cunn_checkDtype(op, "hx", hx, s->dtype));
    TH_TRY(thc_sameDevice(op, like, hx));
    return initOffsets(s, name, call.sizes);
}

// The shape of a tensor of all rows of `parts` parts.
struct Shape {
    int64_t size[3];
    int ndim;

    Shape(const CunnSequence &s, int64_t parts)
        : size{s.packed ? s.rows() : s.steps, s.packed ? parts * s.width : s.batch, parts * s.width}, ndim(s.packed ? 2 : 3)
    {
    }
};

THStatus check(const CunnSequence &s, const char *name, const THTensor *tensor, int ndim, const int64_t *size)
{
    if (tensor == nullptr) return TH_OK;
    TH_TRY(cunn_checkDtype(s.op, name, tensor, s.dtype));
    TH_TRY(thc_sameDevice(s.op, s.like, tensor));
    return cunn_checkShape(s.op, name, tensor, ndim, size);
}
THStatus checkSteps(const CunnSequence &s, const char *name, const THTensor *tensor, int64_t parts)
{
    const Shape shape(s, parts);
    return check(s, name, tensor, shape.ndim, shape.size);
}
THStatus checkState(const CunnSequence &s, const char *name, const THTensor *state)
{
    const int64_t shape[] = {s.batch, s.width};
    return check(s, name, state, 2, shape);
}

using Inputs = std::initializer_list<const THTensor *>;

// Nothing where the kind of cell has no such output.
THStatus openSteps(const CunnSequence &s, CunnResult *result, THTensor *output, int64_t parts, Inputs inputs)
{
    const Shape shape(s, parts);
    return output == nullptr ? TH_OK : result->open(s.op, output, s.dtype, shape.ndim, shape.size, inputs);
}
THStatus openState(const CunnSequence &s, CunnResult *result, THTensor *output, Inputs inputs)
{
    const int64_t shape[] = {s.batch, s.width};
    return output == nullptr ? TH_OK : result->open(s.op, output, s.dtype, 2, shape, inputs);
}

// f: the caller's tensors, of any strides.
THStatus forward(const Steps &steps, const CunnForward &f)
{
    CunnSequence s;
    TH_TRY(init(&s, steps, "gates", f.gates, f.weight, f.hx));
    const int64_t of_bias = s.parts * s.width;
    TH_TRY(checkSteps(s, "gates", f.gates, s.parts));
    TH_TRY(checkState(s, "cx", f.cx));
    TH_TRY(check(s, "bias", f.bias, 1, &of_bias));
    const THCGuard guard(f.gates);
    const CunnDense gates(f.gates), weight(f.weight), bias(f.bias), hx(f.hx), cx(f.cx);
    for (const CunnDense *input : {&gates, &weight, &bias, &hx, &cx})
        if (input->failed()) return THStatus_last();
    const Inputs inputs = {f.gates, f.weight, f.bias, f.hx, f.cx};
    CunnResult output, cells, storage;
    TH_TRY(openSteps(s, &output, f.output, 1, inputs));
    TH_TRY(openSteps(s, &cells, f.cells, 1, inputs));
    TH_TRY(openSteps(s, &storage, f.storage, s.stored, inputs));
    TH_TRY(cunn_runForward(s, CunnForward{gates.get(), weight.get(), bias.get(), hx.get(), cx.get(), output.get(), cells.get(),
                                          f.storage == nullptr ? output.get() : storage.get()}));
    for (CunnResult *result : {&output, &cells, &storage}) TH_TRY(result->close());
    return TH_OK;
}

THStatus checkBackward(CunnSequence *s, const Steps &steps, const CunnBackward &b)
{
    const bool plain = b.storage == nullptr;
    const char *const name = plain ? "output" : "storage";
    TH_TRY(init(s, steps, name, plain ? b.output : b.storage, b.weight, b.hx));
    TH_TRY(checkSteps(*s, "storage", b.storage, s->stored));
    TH_TRY(checkState(*s, "cx", b.cx));
    TH_TRY(checkSteps(*s, "gradOutput", b.grad_output, 1));
    TH_TRY(checkSteps(*s, "gradCells", b.grad_cells, 1));
    TH_TRY(checkSteps(*s, "output", b.output, 1));
    return checkSteps(*s, "cells", b.cells, 1);
}

THStatus backward(const Steps &steps, const CunnBackward &b)
{
    CunnSequence s;
    TH_TRY(checkBackward(&s, steps, b));
    const THCGuard guard(s.like);
    const CunnDense gy(b.grad_output), gc(b.grad_cells), weight(b.weight), hx(b.hx), cx(b.cx), y(b.output), cells(b.cells),
        storage(b.storage);
    for (const CunnDense *input : {&gy, &gc, &weight, &hx, &cx, &y, &cells, &storage})
        if (input->failed()) return THStatus_last();
    const int64_t of_weight[] = {s.parts * s.width, s.width};
    const Inputs inputs = {s.like, b.grad_output, b.grad_cells, b.weight, b.hx, b.cx, b.output, b.cells};
    CunnResult gates, hidden, gw, ghx, gcx;
    TH_TRY(openSteps(s, &gates, b.grad_gates, s.parts, inputs));
    TH_TRY(openSteps(s, &hidden, b.grad_hidden, s.parts, inputs));
    TH_TRY(gw.open(s.op, b.grad_weight, s.dtype, 2, of_weight, inputs));
    TH_TRY(openState(s, &ghx, b.grad_hx, inputs));
    TH_TRY(openState(s, &gcx, b.grad_cx, inputs));
    TH_TRY(cunn_runBackward(s, CunnBackward{gy.get(), gc.get(), weight.get(), hx.get(), cx.get(), y.get(), cells.get(),
                                            b.storage == nullptr ? y.get() : storage.get(), gates.get(),
                                            b.grad_hidden == nullptr ? gates.get() : hidden.get(), gw.get(), ghx.get(),
                                            gcx.get()}));
    for (CunnResult *result : {&gates, &hidden, &gw, &ghx, &gcx}) TH_TRY(result->close());
    return TH_OK;
}

CunnKind plainKind(int relu)
{
    return relu ? CunnKind::RELU : CunnKind::TANH;
}

} // namespace

// --- T x N ------------------------------------------------------------------------------------------------------------------

THStatus THCUNN_LSTMSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *hx, const THTensor *cx,
                                          int reverse, THTensor *output, THTensor *cells, THTensor *storage)
{
    TH_GIVEN("LSTMSequence", gates, weight, hx, cx, output, cells, storage);
    return forward({"LSTMSequence", CunnKind::LSTM, 0, nullptr, reverse},
                   {gates, weight, nullptr, hx, cx, output, cells, storage});
}

THStatus THCUNN_LSTMSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, const THTensor *weight,
                                      const THTensor *hx, const THTensor *cx, int reverse, const THTensor *output,
                                      const THTensor *cells, const THTensor *storage, THTensor *gradGates, THTensor *gradWeight,
                                      THTensor *gradHx, THTensor *gradCx)
{
    TH_GIVEN("LSTMSequence", weight, hx, cx, output, cells, storage);
    TH_GIVEN("LSTMSequence", gradGates, gradWeight, gradHx, gradCx);
    return backward(
        {"LSTMSequence", CunnKind::LSTM, 0, nullptr, reverse},
        {gradOutput, gradCells, weight, hx, cx, output, cells, storage, gradGates, nullptr, gradWeight, gradHx, gradCx});
}

THStatus THCUNN_GRUSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *bias,
                                         const THTensor *hx, int reverse, THTensor *output, THTensor *storage)
{
    TH_GIVEN("GRUSequence", gates, weight, hx, output, storage);
    return forward({"GRUSequence", CunnKind::GRU, 0, nullptr, reverse},
                   {gates, weight, bias, hx, nullptr, output, nullptr, storage});
}

THStatus THCUNN_GRUSequence_backward(const THTensor *gradOutput, const THTensor *weight, const THTensor *hx, int reverse,
                                     const THTensor *output, const THTensor *storage, THTensor *gradGates, THTensor *gradHidden,
                                     THTensor *gradWeight, THTensor *gradHx)
{
    TH_GIVEN("GRUSequence", weight, hx, output, storage, gradGates, gradHidden, gradWeight);
    TH_GIVEN("GRUSequence", gradHx);
    return backward({"GRUSequence", CunnKind::GRU, 0, nullptr, reverse},
                    {gradOutput, nullptr, weight, hx, nullptr, output, nullptr, storage, gradGates, gradHidden, gradWeight,
                     gradHx, nullptr});
}

// --- packed -----------------------------------------------------------------------------------------------------------------

THStatus THCUNN_LSTMPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes, const THTensor *weight,
                                                const THTensor *hx, const THTensor *cx, int reverse, THTensor *output,
                                                THTensor *cells, THTensor *storage)
{
    TH_GIVEN("LSTMPackedSequence", gates, sizes, weight, hx, cx, output, cells);
    TH_GIVEN("LSTMPackedSequence", storage);
    return forward({"LSTMPackedSequence", CunnKind::LSTM, steps, sizes, reverse},
                   {gates, weight, nullptr, hx, cx, output, cells, storage});
}

THStatus THCUNN_LSTMPackedSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, int steps,
                                            const int64_t *sizes, const THTensor *weight, const THTensor *hx,
                                            const THTensor *cx, int reverse, const THTensor *output, const THTensor *cells,
                                            const THTensor *storage, THTensor *gradGates, THTensor *gradWeight,
                                            THTensor *gradHx, THTensor *gradCx)
{
    TH_GIVEN("LSTMPackedSequence", sizes, weight, hx, cx, output, cells, storage);
    TH_GIVEN("LSTMPackedSequence", gradGates, gradWeight, gradHx, gradCx);
    return backward(
        {"LSTMPackedSequence", CunnKind::LSTM, steps, sizes, reverse},
        {gradOutput, gradCells, weight, hx, cx, output, cells, storage, gradGates, nullptr, gradWeight, gradHx, gradCx});
}

THStatus THCUNN_GRUPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes, const THTensor *weight,
                                               const THTensor *bias, const THTensor *hx, int reverse, THTensor *output,
                                               THTensor *storage)
{
    TH_GIVEN("GRUPackedSequence", gates, sizes, weight, hx, output, storage);
    return forward({"GRUPackedSequence", CunnKind::GRU, steps, sizes, reverse},
                   {gates, weight, bias, hx, nullptr, output, nullptr, storage});
}

THStatus THCUNN_GRUPackedSequence_backward(const THTensor *gradOutput, int steps, const int64_t *sizes, const THTensor *weight,
                                           const THTensor *hx, int reverse, const THTensor *output, const THTensor *storage,
                                           THTensor *gradGates, THTensor *gradHidden, THTensor *gradWeight, THTensor *gradHx)
{
    TH_GIVEN("GRUPackedSequence", sizes, weight, hx, output, storage);
    TH_GIVEN("GRUPackedSequence", gradGates, gradHidden, gradWeight, gradHx);
    return backward({"GRUPackedSequence", CunnKind::GRU, steps, sizes, reverse},
                    {gradOutput, nullptr, weight, hx, nullptr, output, nullptr, storage, gradGates, gradHidden, gradWeight,
                     gradHx, nullptr});
}

THStatus THCUNN_RNNPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes, const THTensor *weight,
                                               const THTensor *hx, int relu, int reverse, THTensor *output)
{
    TH_GIVEN("RNNPackedSequence", gates, sizes, weight, hx, output);
    return forward({"RNNPackedSequence", plainKind(relu), steps, sizes, reverse},
                   {gates, weight, nullptr, hx, nullptr, output, nullptr, nullptr});
}

THStatus THCUNN_RNNPackedSequence_backward(const THTensor *gradOutput, int steps, const int64_t *sizes, const THTensor *weight,
                                           const THTensor *hx, int relu, int reverse, const THTensor *output,
                                           THTensor *gradGates, THTensor *gradWeight, THTensor *gradHx)
{
    TH_GIVEN("RNNPackedSequence", gradOutput, sizes, weight, hx, output, gradGates, gradWeight);
    TH_GIVEN("RNNPackedSequence", gradHx);
    return backward(
        {"RNNPackedSequence", plainKind(relu), steps, sizes, reverse},
        {gradOutput, nullptr, weight, hx, nullptr, output, nullptr, nullptr, gradGates, nullptr, gradWeight, gradHx, nullptr});
}
