// Recurrent networks: checks, the parameters' memory, and cuDNN's calls.
#include <algorithm>

#include "TH/THArgument.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCDense.cuh"
#include "ops/THCUDNNRecurrentPlan.cuh"

#define OP "recurrent"

namespace
{

using Shape = THCUDNNRecurrentShape;
using Plan = THCUDNNRecurrentPlan;
constexpr int64_t MOST = INT32_MAX; // of anything that cuDNN counts

// --- checks -----------------------------------------------------------------------------------------------------------------

THStatus checkTensor(const char *name, const THTensor *tensor, const THTensor *like, int ndim, const int64_t *size)
{
    TH_FAIL_IF(tensor->dtype != like->dtype, TH_ERR_DTYPE, "[" OP "] %s is %s, expected %s", name,
               THDtype_name((THDtype)tensor->dtype), THDtype_name((THDtype)like->dtype));
    TH_FAIL_IF(THTensor_device(tensor) != THTensor_device(like), TH_ERR_STATE,
               "[" OP "] %s is on device %d (-1: the host), expected %d", name, THTensor_device(tensor), THTensor_device(like));
    char found[128], wanted[128];
    TH_FAIL_IF(tensor->ndim != ndim || !std::equal(size, size + ndim, tensor->size), TH_ERR_SHAPE,
               "[" OP "] %s has size %s, expected %s", name,
               THTensor_describeSize(tensor->ndim, tensor->size, found, sizeof found),
               THTensor_describeSize(ndim, size, wanted, sizeof wanted));
    return TH_OK;
}

// `like` is the tensor that all others go by.
THStatus checkNetwork(const THCUDNNRecurrent *network, const char *name, const THTensor *like, Shape *s)
{
    TH_FAIL_IF((unsigned)network->cell > THCUDNN_CELL_GRU, TH_ERR_VALUE, "[" OP "] cell, %d: must be from 0 to 3",
               (int)network->cell);
    TH_FAIL_IF(network->layers < 1, TH_ERR_VALUE, "[" OP "] layers, %lld: must be at least 1", (long long)network->layers);
    TH_FAIL_IF(network->hidden_size < 0, TH_ERR_VALUE, "[" OP "] hidden_size, %lld: must not be negative",
               (long long)network->hidden_size);
    TH_FAIL_IF(THTensor_device(like) == TH_DEVICE_HOST, TH_ERR_STATE, "[" OP "] %s is on the host, expected a device", name);
    TH_FAIL_IF(!THDtype_isFloating((THDtype)like->dtype), TH_ERR_DTYPE, "[" OP "] %s is %s, expected Half, Float or Double",
               name, THDtype_name((THDtype)like->dtype));
    TH_FAIL_IF(like->ndim != 2, TH_ERR_SHAPE, "[" OP "] %s has %d dimensions, expected 2", name, like->ndim);
    *s = Shape{};
    s->cell = network->cell;
    s->dtype = like->dtype;
    s->allow_tf32 = thcudnn_option(THCUDNN_ALLOW_TF32);
    s->layers = network->layers;
    s->directions = network->bidirectional ? 2 : 1;
    s->biased = network->biased;
    s->hidden_size = network->hidden_size;
    s->input_size = like->size[1];
    return TH_OK;
}

THStatus checkSteps(const THTensor *input, int steps, const int64_t *sizes, Shape *s)
{
    TH_FAIL_IF(steps < 0, TH_ERR_VALUE, "[" OP "] steps, %d: must not be negative", steps);
    s->steps = steps;
    s->batch = steps == 0 ? 0 : sizes[0];
    for (int t = 0; t < steps; t++) {
        TH_FAIL_IF(sizes[t] < 0 || (t > 0 && sizes[t] > sizes[t - 1]), TH_ERR_VALUE,
                   "[" OP "] sizes[%d] is %lld: steps must not grow", t, (long long)sizes[t]);
        s->rows += sizes[t];
    }
    TH_FAIL_IF(input->size[0] != s->rows, TH_ERR_SHAPE, "[" OP "] input has %lld rows, sizes add up to %lld",
               (long long)input->size[0], (long long)s->rows);
    return TH_OK;
}

THStatus checkState(const Shape &s, const char *name, const THTensor *state, const THTensor *input)
{
    const int64_t size[] = {s.groups(), s.batch, s.hidden_size};
    return state == nullptr ? TH_OK : checkTensor(name, state, input, 3, size);
}

THStatus checkParameters(const Shape &s, THTensor *const *parameters, const THTensor *like)
{
    for (int64_t i = 0; i < s.parameters(); i++) {
        int64_t size[2];
        const int ndim = s.parameter(i, size);
        char name[64];
        snprintf(name, sizeof name, "parameters[%lld]", (long long)i);
        TH_FAIL_IF(parameters[i] == nullptr, TH_ERR_VALUE, "[" OP "] %s, NULL: must be given", name);
        TH_TRY(checkTensor(name, parameters[i], like, ndim, size));
    }
    return TH_OK;
}

// TH_ERR_UNSUPPORTED, without a message, for what is left to others.
THStatus checkLimits(const Shape &s)
{
    const int64_t widest = std::max(s.input_size, s.hidden_size * s.directions);
    if (s.steps < 1 || s.input_size < 1 || s.hidden_size < 1 || s.rows < s.steps) return TH_ERR_UNSUPPORTED;
    if (s.hidden_size > MOST / 8 || s.input_size > MOST || s.layers > MOST / 2 || s.rows > MOST) return TH_ERR_UNSUPPORTED;
    if (s.rows * widest > MOST || s.groups() * s.batch * s.hidden_size > MOST) return TH_ERR_UNSUPPORTED;
    return thcudnn_option(THCUDNN_DETERMINISTIC) || thcudnn_library(OP) == nullptr ? TH_ERR_UNSUPPORTED : TH_OK;
}

// --- parameters -------------------------------------------------------------------------------------------------------------

int64_t weightNumel(const Shape &s, const Plan &plan)
{
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)s.dtype);
    return ((int64_t)plan.weight + itemsize - 1) / itemsize;
}

THTensor *newWeight(const Shape &s, const Plan &plan)
{
    const int64_t numel = weightNumel(s, plan);
    return THCTensor_newWithSize(thc_currentDevice(), (THDtype)s.dtype, 1, &numel);
}

// The place of a parameter in the weight.
THTensor *newPart(const Shape &s, const Plan &plan, const THTensor *weight, int64_t index)
{
    int64_t size[2];
    const int ndim = s.parameter(index, size);
    return THTensor_newWithStorage(weight->storage, (THDtype)s.dtype, weight->offset + plan.offsets[(size_t)index], ndim, size,
                                   nullptr);
}

// The parameters' own memory, if they are parts of one storage and lie there as cuDNN wants them; NULL if not.
THTensor *newInPlace(const Shape &s, const Plan &plan, THTensor *const *parameters)
{
    constexpr int64_t ALIGNMENT = 16;
    THStorage *const storage = parameters[0]->storage;
    const int64_t first = parameters[0]->offset - plan.offsets[0], numel = weightNumel(s, plan);
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)s.dtype);
    if (first < 0 || (first + numel) * itemsize > storage->nbytes || first * itemsize % ALIGNMENT != 0) return nullptr;
    for (int64_t i = 0; i < s.parameters(); i++) {
        const THTensor *const p = parameters[i];
        if (p->storage != storage || p->offset != first + plan.offsets[(size_t)i] || !THTensor_isContiguous(p)) return nullptr;
    }
    return THTensor_newWithStorage(storage, (THDtype)s.dtype, first, 1, &numel, nullptr);
}

// All parameters in cuDNN's order: in their own memory, or else copied.
THTensor *newGathered(const Shape &s, const Plan &plan, THTensor *const *parameters)
{
    THTensor *const there = newInPlace(s, plan, parameters);
    if (there != nullptr) return there;
    THCOwned weight(newWeight(s, plan));
    if (!weight) return nullptr;
    for (int64_t i = 0; i < s.parameters(); i++) {
        const THCOwned part(newPart(s, plan, weight.get(), i));
        if (!part || THCTensor_copy(part.get(), parameters[i]) != TH_OK) return nullptr;
    }
    return weight.release();
}

THStatus scatter(const Shape &s, const Plan &plan, const THTensor *weight, THTensor *const *parts)
{
    for (int64_t i = 0; i < s.parameters(); i++) {
        const THCOwned part(newPart(s, plan, weight, i));
        if (!part) return THStatus_last();
        TH_TRY(THTensor_set(parts[i], part.get()));
    }
    return TH_OK;
}

// --- passes -----------------------------------------------------------------------------------------------------------------

// A call of cuDNN's for these samples, with its plan and working memory.
template <class Call> THStatus run(const Shape &s, const int64_t *sizes, cudnnForwardMode_t mode, const Call &call)
{
    return thcudnn_withHandle(OP, [&](cudnnHandle_t handle, THCUDNNPlanUse *use) -> THStatus {
        const Plan *plan = nullptr;
        TH_TRY(thcudnn_recurrentPlan(OP, s, sizes, handle, use, &plan));
        const THCScratch workspace(thc_currentDevice(), (int64_t)plan->workspace[mode]);
        if (plan->workspace[mode] > 0 && workspace.data() == nullptr) return THStatus_last();
        return call(handle, *plan, workspace.data());
    });
}

struct Forward {
    const THTensor *input, *hx, *cx;
    THTensor *const *parameters;
    THTensor *output, *hy, *cy, *weight, *reserve;
};

THStatus forward(const Shape &s, const int64_t *sizes, const Forward &f)
{
    const THCGuard guard(f.input);
    const cudnnForwardMode_t mode = f.reserve == nullptr ? CUDNN_FWD_MODE_INFERENCE : CUDNN_FWD_MODE_TRAINING;
    const THCDense x(f.input), hx(f.hx), cx(f.cx);
    if (x.failed() || hx.failed() || cx.failed()) return THStatus_last();
    const int64_t of_output[] = {s.rows, s.hidden_size * s.directions};
    THCResult y, hy, cy, reserve;
    TH_TRY(y.open(OP, f.output, (THDtype)s.dtype, 2, of_output, {f.input}));
    TH_TRY(hy.open(OP, f.hy, (THDtype)s.dtype, 3, f.hx->size, {f.hx}));
    if (f.cy != nullptr) TH_TRY(cy.open(OP, f.cy, (THDtype)s.dtype, 3, f.hx->size, {f.cx}));
    TH_TRY(run(s, sizes, mode, [&](cudnnHandle_t handle, const Plan &plan, void *workspace) -> THStatus {
        const THCOwned weight(newGathered(s, plan, f.parameters));
        if (!weight) return THStatus_last();
        const int64_t room = mode == CUDNN_FWD_MODE_TRAINING ? (int64_t)plan.reserve[mode] : 0;
        if (f.reserve != nullptr) TH_TRY(reserve.open(OP, f.reserve, THDtype_Byte, 1, &room, {f.input}));
        THCUDNN_TRY(OP, thcudnn().cudnnRNNForward(handle, plan.network.get(), mode, nullptr, plan.input.get(), x.data<char>(),
                                                  plan.output.get(), y.data<char>(), plan.states.get(), hx.data<char>(),
                                                  hy.data<char>(), plan.states.get(), cx.data<char>(), cy.data<char>(),
                                                  plan.weight, THTensor_dataBytes(weight.get()), plan.workspace[mode],
                                                  workspace, (size_t)room, reserve.data<char>()));
        TH_TRY(thc_started(OP));
        return THTensor_set(f.weight, weight.get());
    }));
    TH_TRY(y.close());
    TH_TRY(hy.close());
    TH_TRY(cy.close());
    return reserve.close();
}

struct Backward {
    const THTensor *input, *hx, *cx, *weight, *output, *grad_output, *grad_hy, *grad_cy;
    THTensor *reserve, *grad_input, *grad_hx, *grad_cx;
    THTensor *const *grad_parameters;
};

// All dense; NULL where there is none.
struct BackwardData {
    const char *x, *hx, *cx, *y, *gy, *ghy, *gcy;
    char *gx, *ghx, *gcx;
};

THStatus call(const Shape &s, const Plan &plan, cudnnHandle_t handle, void *workspace, const Backward &b, const BackwardData &d)
{
    const size_t room = plan.workspace[CUDNN_FWD_MODE_TRAINING], kept = plan.reserve[CUDNN_FWD_MODE_TRAINING];
    TH_FAIL_IF((size_t)b.reserve->numel != kept || b.weight->numel != weightNumel(s, plan), TH_ERR_SHAPE,
               "[" OP "] reserve, weight: of %lld and %lld elements; those of a forward pass have %lld and %lld",
               (long long)b.reserve->numel, (long long)b.weight->numel, (long long)kept, (long long)weightNumel(s, plan));
    THCUDNN_TRY(OP, thcudnn().cudnnRNNBackwardData_v8(
                        handle, plan.network.get(), nullptr, plan.output.get(), d.y, d.gy, plan.input.get(), d.gx,
                        plan.states.get(), d.hx, d.ghy, d.ghx, plan.states.get(), d.cx, d.gcy, d.gcx, plan.weight,
                        THTensor_dataBytes(b.weight), room, workspace, kept, THTensor_dataBytes(b.reserve)));
    TH_TRY(thc_started(OP));
    if (b.grad_parameters == nullptr) return TH_OK;
    const THCOwned gradient(newWeight(s, plan));
    if (!gradient) return THStatus_last();
    TH_TRY(THCTensor_zero(gradient.get())); // cuDNN adds
    THCUDNN_TRY(OP, thcudnn().cudnnRNNBackwardWeights_v8(handle, plan.network.get(), CUDNN_WGRAD_MODE_ADD, nullptr,
                                                         plan.input.get(), d.x, plan.states.get(), d.hx, plan.output.get(), d.y,
                                                         plan.weight, THTensor_dataBytes(gradient.get()), room, workspace, kept,
                                                         THTensor_dataBytes(b.reserve)));
    TH_TRY(thc_started(OP));
    return scatter(s, plan, gradient.get(), b.grad_parameters);
}

THStatus backward(const Shape &s, const int64_t *sizes, const Backward &b)
{
    const THCGuard guard(b.input);
    const THCDense x(b.input), hx(b.hx), cx(b.cx), y(b.output), gy(b.grad_output), ghy(b.grad_hy), gcy(b.grad_cy);
    for (const THCDense *one : {&x, &hx, &cx, &y, &gy, &ghy, &gcy})
        if (one->failed()) return THStatus_last();
    THCResult gx, ghx, gcx;
    TH_TRY(gx.open(OP, b.grad_input, (THDtype)s.dtype, 2, b.input->size, {b.input, b.output, b.grad_output}));
    TH_TRY(ghx.open(OP, b.grad_hx, (THDtype)s.dtype, 3, b.hx->size, {b.hx, b.grad_hy}));
    if (b.grad_cx != nullptr) TH_TRY(gcx.open(OP, b.grad_cx, (THDtype)s.dtype, 3, b.hx->size, {b.cx, b.grad_cy}));
    const BackwardData data = {x.data<char>(),   hx.data<char>(),  cx.data<char>(), y.data<char>(),   gy.data<char>(),
                               ghy.data<char>(), gcy.data<char>(), gx.data<char>(), ghx.data<char>(), gcx.data<char>()};
    TH_TRY(run(s, sizes, CUDNN_FWD_MODE_TRAINING, [&](cudnnHandle_t handle, const Plan &plan, void *workspace) {
        return call(s, plan, handle, workspace, b, data);
    }));
    TH_TRY(gx.close());
    TH_TRY(ghx.close());
    return gcx.close();
}

THStatus checkBackward(const THCUDNNRecurrent *network, int steps, const int64_t *sizes, const Backward &b, Shape *s)
{
    TH_TRY(checkNetwork(network, "input", b.input, s));
    TH_TRY(checkSteps(b.input, steps, sizes, s));
    TH_TRY(checkState(*s, "hx", b.hx, b.input));
    const bool lstm = s->cell == THCUDNN_CELL_LSTM;
    TH_FAIL_IF((b.cx != nullptr) != lstm || (b.grad_cx != nullptr) != lstm || (b.grad_cy != nullptr && !lstm), TH_ERR_VALUE,
               "[" OP "] cx, gradCx, gradCy: the cell's state is an LSTM's, and all of it is given there");
    TH_TRY(checkState(*s, "cx", b.cx, b.input));
    TH_TRY(checkState(*s, "gradHy", b.grad_hy, b.input));
    TH_TRY(checkState(*s, "gradCy", b.grad_cy, b.input));
    const int64_t of_output[] = {s->rows, s->hidden_size * s->directions};
    TH_TRY(checkTensor("output", b.output, b.input, 2, of_output));
    TH_TRY(checkTensor("gradOutput", b.grad_output, b.input, 2, of_output));
    TH_TRY(checkTensor("weight", b.weight, b.input, 1, &b.weight->numel));
    TH_FAIL_IF(b.reserve->dtype != THDtype_Byte || THTensor_device(b.reserve) != THTensor_device(b.input) ||
                   !THTensor_isContiguous(b.reserve) || !THTensor_isContiguous(b.weight),
               TH_ERR_VALUE, "[" OP "] reserve, weight: must be what a forward pass gave");
    return TH_OK;
}

} // namespace

THStatus THCUDNN_recurrentForward(const THCUDNNRecurrent *network, const THTensor *input, int steps, const int64_t *sizes,
                                  const THTensor *hx, const THTensor *cx, THTensor *const *parameters, THTensor *output,
                                  THTensor *hy, THTensor *cy, THTensor *weight, THTensor *reserve)
{
    TH_GIVEN(OP, network, input, sizes, hx, parameters, output, hy, weight);
    Shape s;
    TH_TRY(checkNetwork(network, "input", input, &s));
    TH_TRY(checkSteps(input, steps, sizes, &s));
    TH_TRY(checkState(s, "hx", hx, input));
    TH_FAIL_IF((cx != nullptr) != (s.cell == THCUDNN_CELL_LSTM) || (cy != nullptr) != (s.cell == THCUDNN_CELL_LSTM),
               TH_ERR_VALUE, "[" OP "] cx, cy: the cell's state is an LSTM's, and both are given there");
    TH_TRY(checkState(s, "cx", cx, input));
    TH_TRY(checkParameters(s, parameters, input));
    TH_TRY(checkLimits(s));
    return forward(s, sizes, Forward{input, hx, cx, parameters, output, hy, cy, weight, reserve});
}

THStatus THCUDNN_recurrentBackward(const THCUDNNRecurrent *network, const THTensor *input, int steps, const int64_t *sizes,
                                   const THTensor *hx, const THTensor *cx, const THTensor *weight, const THTensor *output,
                                   const THTensor *gradOutput, const THTensor *gradHy, const THTensor *gradCy,
                                   THTensor *reserve, THTensor *gradInput, THTensor *gradHx, THTensor *gradCx,
                                   THTensor *const *gradParameters)
{
    TH_GIVEN(OP, network, input, sizes, hx, weight, output, gradOutput);
    TH_GIVEN(OP, reserve, gradInput, gradHx);
    const Backward b = {input,  hx,      cx,        weight, output, gradOutput,    gradHy,
                        gradCy, reserve, gradInput, gradHx, gradCx, gradParameters};
    Shape s;
    TH_TRY(checkBackward(network, steps, sizes, b, &s));
    TH_TRY(checkLimits(s));
    return backward(s, sizes, b);
}

THStatus THCUDNN_recurrentGather(const THCUDNNRecurrent *network, THTensor *const *parameters, THTensor *const *gathered)
{
    TH_GIVEN(OP, network, parameters, gathered);
    TH_FAIL_IF(parameters[0] == nullptr, TH_ERR_VALUE, "[" OP "] parameters[0], NULL: must be given");
    Shape s;
    TH_TRY(checkNetwork(network, "parameters[0]", parameters[0], &s));
    TH_TRY(checkParameters(s, parameters, parameters[0]));
    const int64_t one = 1; // the order does not depend on the samples
    s.steps = s.batch = s.rows = one;
    TH_TRY(checkLimits(s));
    const THCGuard guard(parameters[0]);
    return run(s, &one, CUDNN_FWD_MODE_INFERENCE, [&](cudnnHandle_t, const Plan &plan, void *) -> THStatus {
        const THCOwned weight(newGathered(s, plan, parameters));
        return weight ? scatter(s, plan, weight.get(), gathered) : THStatus_last();
    });
}
