// LSTMFused and GRUFused: a step of a recurrent cell after its matrix products, N samples of H elements.
#include "ops/THCUNNCell.cuh"

#define LSTM "LSTMFused"
#define GRU "GRUFused"

namespace
{

// A call's states are N x H.
struct States {
    const char *op;
    const THTensor *state;
    THDtype dtype;
    int64_t batch, width;

    int64_t count() const { return batch * width; }
};

THStatus init(States *s, const char *op, const char *name, const THTensor *state)
{
    TH_TRY(cunn_checkFloating(op, name, state));
    TH_FAIL_IF(state->ndim != 2, TH_ERR_SHAPE, "[%s] %s has %d dimensions, expected 2 (N x H)", op, name, state->ndim);
    *s = States{op, state, (THDtype)state->dtype, state->size[0], state->size[1]};
    return TH_OK;
}

// `tensor` is N x (parts * H), or NULL.
THStatus checkRows(const States &s, const char *name, const THTensor *tensor, int64_t parts)
{
    if (tensor == nullptr) return TH_OK;
    const int64_t shape[] = {s.batch, parts * s.width};
    TH_TRY(cunn_checkDtype(s.op, name, tensor, s.dtype));
    TH_TRY(thc_sameDevice(s.op, s.state, tensor));
    return cunn_checkShape(s.op, name, tensor, 2, shape);
}

THStatus checkBias(const States &s, const char *name, const THTensor *bias, int64_t parts)
{
    if (bias == nullptr) return TH_OK;
    TH_TRY(cunn_checkDtype(s.op, name, bias, s.dtype));
    TH_TRY(thc_sameDevice(s.op, s.state, bias));
    TH_FAIL_IF(bias->numel != parts * s.width, TH_ERR_SHAPE, "[%s] %s has %lld elements, expected %lld", s.op, name,
               (long long)bias->numel, (long long)(parts * s.width));
    return TH_OK;
}

THStatus openRows(const States &s, CunnResult *result, THTensor *output, int64_t parts,
                  std::initializer_list<const THTensor *> inputs)
{
    const int64_t shape[] = {s.batch, parts * s.width};
    return result->open(s.op, output, s.dtype, 2, shape, inputs);
}

} // namespace

THStatus THCUNN_LSTMFused_updateOutput(const THTensor *input, const THTensor *hidden, const THTensor *bias1,
                                       const THTensor *bias2, const THTensor *cx, THTensor *hy, THTensor *cy, THTensor *storage)
{
    TH_GIVEN("LSTMFused", input, cx, hy, cy, storage);
    States s{};
    TH_TRY(init(&s, LSTM, "cell", cx));
    TH_TRY(checkRows(s, "input", input, 4));
    TH_TRY(checkRows(s, "hidden", hidden, 4));
    TH_TRY(checkBias(s, "bias1", bias1, 4));
    TH_TRY(checkBias(s, "bias2", bias2, 4));
    const THCGuard guard(cx);
    const CunnDense x(input), h(hidden), b1(bias1), b2(bias2), c(cx);
    if (x.failed() || h.failed() || b1.failed() || b2.failed() || c.failed()) return THStatus_last();
    CunnResult of_hy, of_cy, kept;
    TH_TRY(openRows(s, &of_hy, hy, 1, {cx, input, hidden, bias1, bias2}));
    TH_TRY(openRows(s, &of_cy, cy, 1, {cx, input, hidden, bias1, bias2}));
    TH_TRY(openRows(s, &kept, storage, 4, {cx, input, hidden, bias1, bias2}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(LSTM, s.dtype, T, {
            return cunn_each(LSTM, s.count(),
                             CunnLstm<T>{s.width, x.data<T>(), h.data<T>(), b1.data<T>(), b2.data<T>(), c.data<T>(),
                                         kept.data<T>(), of_hy.data<T>(), of_cy.data<T>()});
        })
    };
    TH_TRY(run());
    TH_TRY(of_hy.close());
    TH_TRY(of_cy.close());
    return kept.close();
}

THStatus THCUNN_LSTMFused_updateGradInput(const THTensor *storage, THTensor *gradGates, const THTensor *cx, const THTensor *cy,
                                          const THTensor *gradHy, const THTensor *gradCy, THTensor *gradCx)
{
    TH_GIVEN("LSTMFused", storage, gradGates, cx, cy, gradCx);
    States s{};
    TH_TRY(init(&s, LSTM, "cell", cx));
    TH_TRY(checkRows(s, "storage", storage, 4));
    TH_TRY(checkRows(s, "outputCell", cy, 1));
    TH_TRY(checkRows(s, "gradOutput", gradHy, 1));
    TH_TRY(checkRows(s, "gradOutputCell", gradCy, 1));
    const THCGuard guard(cx);
    const CunnDense kept(storage), c(cx), next(cy), ghy(gradHy), gcy(gradCy);
    if (kept.failed() || c.failed() || next.failed() || ghy.failed() || gcy.failed()) return THStatus_last();
    CunnResult gates, gcx;
    TH_TRY(openRows(s, &gates, gradGates, 4, {cx, storage, cy, gradHy, gradCy}));
    TH_TRY(openRows(s, &gcx, gradCx, 1, {cx, storage, cy, gradHy, gradCy}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(LSTM, s.dtype, T, {
            return cunn_each(LSTM, s.count(),
                             CunnLstmBackward<T>{s.width, kept.data<T>(), c.data<T>(), next.data<T>(), ghy.data<T>(), nullptr,
                                                 gcy.data<T>(), nullptr, gates.data<T>(), gcx.data<T>()});
        })
    };
    TH_TRY(run());
    TH_TRY(gates.close());
    return gcx.close();
}

THStatus THCUNN_GRUFused_updateOutput(const THTensor *input, const THTensor *hidden, const THTensor *bias1,
                                      const THTensor *bias2, const THTensor *hx, THTensor *hy, THTensor *storage)
{
    TH_GIVEN("GRUFused", input, hx, hy, storage);
    States s{};
    TH_TRY(init(&s, GRU, "hx", hx));
    TH_TRY(checkRows(s, "input", input, 3));
    TH_TRY(checkRows(s, "hidden", hidden, 3));
    TH_TRY(checkBias(s, "bias1", bias1, 3));
    TH_TRY(checkBias(s, "bias2", bias2, 3));
    const THCGuard guard(hx);
    const CunnDense x(input), h(hidden), b1(bias1), b2(bias2), before(hx);
    if (x.failed() || h.failed() || b1.failed() || b2.failed() || before.failed()) return THStatus_last();
    CunnResult of_hy, kept;
    TH_TRY(openRows(s, &of_hy, hy, 1, {hx, input, hidden, bias1, bias2}));
    TH_TRY(openRows(s, &kept, storage, 5, {hx, input, hidden, bias1, bias2}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(GRU, s.dtype, T, {
            return cunn_each(GRU, s.count(),
                             CunnGru<T>{s.width, x.data<T>(), h.data<T>(), b1.data<T>(), b2.data<T>(), before.data<T>(),
                                        kept.data<T>(), of_hy.data<T>()});
        })
    };
    TH_TRY(run());
    TH_TRY(of_hy.close());
    return kept.close();
}

THStatus THCUNN_GRUFused_updateGradInput(THTensor *gradInput, THTensor *gradHidden, const THTensor *gradHy, THTensor *gradHx,
                                         const THTensor *storage)
{
    TH_GIVEN("GRUFused", gradInput, gradHidden, gradHy, gradHx, storage);
    States s{};
    TH_TRY(init(&s, GRU, "gradOutput", gradHy));
    TH_TRY(checkRows(s, "storage", storage, 5));
    const THCGuard guard(gradHy);
    const CunnDense kept(storage), ghy(gradHy);
    if (kept.failed() || ghy.failed()) return THStatus_last();
    CunnResult gates, hidden, ghx;
    TH_TRY(openRows(s, &gates, gradInput, 3, {gradHy, storage}));
    TH_TRY(openRows(s, &hidden, gradHidden, 3, {gradHy, storage}));
    TH_TRY(openRows(s, &ghx, gradHx, 1, {gradHy, storage}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(GRU, s.dtype, T, {
            return cunn_each(GRU, s.count(),
                             CunnGruBackward<T>{s.width, kept.data<T>(), ghy.data<T>(), nullptr, gates.data<T>(),
                                                hidden.data<T>(), ghx.data<T>()});
        })
    };
    TH_TRY(run());
    TH_TRY(gates.close());
    TH_TRY(hidden.close());
    return ghx.close();
}
