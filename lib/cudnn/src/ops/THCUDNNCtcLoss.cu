// Connectionist temporal classification: what may be wrong is found on the host, where labels and lengths are: on the device
// a label outside the alphabet would read memory of others.
#include <algorithm>
#include <utility>

#include "TH/THArgument.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCDense.cuh"
#include "core/THCUDNNOwned.cuh"
#include "core/THCUDNNPlanCache.cuh"

#define OP "ctcLoss"

namespace
{

constexpr int LABELS_MOST = 255; // of a sample: cuDNN's limit

struct Problem {
    int64_t size[3]; // T, N, A
};

THStatus checkInts(const char *name, const THTensor *tensor)
{
    TH_FAIL_IF(THTensor_device(tensor) != TH_DEVICE_HOST, TH_ERR_STATE, "[" OP "] %s is on device %d, expected the host", name,
               THTensor_device(tensor));
    TH_FAIL_IF(tensor->dtype != THDtype_Int, TH_ERR_DTYPE, "[" OP "] %s is %s, expected %s", name,
               THDtype_name((THDtype)tensor->dtype), THDtype_name(THDtype_Int));
    TH_FAIL_IF(tensor->ndim != 1, TH_ERR_SHAPE, "[" OP "] %s has %d dimensions, expected 1", name, tensor->ndim);
    return TH_OK;
}

int at(const THTensor *ints, int64_t index)
{
    return reinterpret_cast<const int *>(THTensor_dataBytes(ints))[index * ints->stride[0]];
}

// The labels of sample `i`, which begin at `first`.
THStatus checkSample(const Problem &p, int64_t i, const THTensor *labels, int64_t first, int count, int steps)
{
    TH_FAIL_IF(steps < 1 || steps > p.size[0], TH_ERR_VALUE, "[" OP "] inputLengths[%lld] is %d: must be from 1 to %lld",
               (long long)i, steps, (long long)p.size[0]);
    TH_FAIL_IF(count == 0, TH_ERR_UNSUPPORTED, "[" OP "] labelLengths[%lld] is 0: cuDNN has no way for samples without labels",
               (long long)i);
    TH_FAIL_IF(count < 0 || count > LABELS_MOST, TH_ERR_VALUE, "[" OP "] labelLengths[%lld] is %d: must be from 1 to %d",
               (long long)i, count, LABELS_MOST);
    TH_FAIL_IF(count > labels->size[0] - first, TH_ERR_VALUE,
               "[" OP "] labelLengths[%lld] is %d: of %lld labels %lld are left for it", (long long)i, count,
               (long long)labels->size[0], (long long)(labels->size[0] - first));
    int needed = count;
    for (int64_t k = first; k < first + count; k++) {
        const int label = at(labels, k);
        TH_FAIL_IF(label < 1 || label >= p.size[2], TH_ERR_VALUE, "[" OP "] labels[%lld] is %d: must be from 1 to %lld",
                   (long long)k, label, (long long)p.size[2] - 1);
        needed += k > first && at(labels, k - 1) == label;
    }
    TH_FAIL_IF(needed > steps, TH_ERR_VALUE, "[" OP "] inputLengths[%lld] is %d: its labels take %d steps", (long long)i, steps,
               needed);
    return TH_OK;
}

THStatus check(Problem *p, const THTensor *input, const THTensor *labels, const THTensor *labelLengths,
               const THTensor *inputLengths)
{
    TH_FAIL_IF(THTensor_device(input) == TH_DEVICE_HOST, TH_ERR_STATE, "[" OP "] input is on the host, expected a device");
    TH_FAIL_IF(input->dtype != THDtype_Float, TH_ERR_DTYPE, "[" OP "] input is %s, expected %s",
               THDtype_name((THDtype)input->dtype), THDtype_name(THDtype_Float));
    TH_FAIL_IF(input->ndim != 3, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 3 (T x N x classes)", input->ndim);
    std::copy_n(input->size, 3, p->size);
    TH_TRY(checkInts("labels", labels));
    for (const auto &[name, lengths] : {std::pair("labelLengths", labelLengths), std::pair("inputLengths", inputLengths)}) {
        TH_TRY(checkInts(name, lengths));
        TH_FAIL_IF(lengths->size[0] != p->size[1], TH_ERR_SHAPE, "[" OP "] %s has %lld elements, input has %lld samples", name,
                   (long long)lengths->size[0], (long long)p->size[1]);
    }
    int64_t first = 0;
    for (int64_t i = 0; i < p->size[1]; i++) {
        const int count = at(labelLengths, i);
        TH_TRY(checkSample(*p, i, labels, first, count, at(inputLengths, i)));
        first += count;
    }
    TH_FAIL_IF(first != labels->size[0], TH_ERR_VALUE, "[" OP "] labels has %lld elements, labelLengths add up to %lld",
               (long long)labels->size[0], (long long)first);
    TH_FAIL_IF(std::any_of(p->size, p->size + 3, [](int64_t n) { return n > INT32_MAX; }), TH_ERR_UNSUPPORTED,
               "[" OP "] input has a dimension of more than 2147483647, cuDNN's limit");
    return TH_OK;
}

// All on the current device: `ints` are labels, label lengths and input lengths.
THStatus run(const Problem &p, cudnnHandle_t handle, const float *input, const int *const ints[3], float *costs,
             float *gradient)
{
    const THCUDNNLibrary &lib = thcudnn();
    THCUDNNOwned<cudnnTensorDescriptor_t> steps;
    THCUDNNOwned<cudnnCTCLossDescriptor_t> loss;
    const int size[] = {(int)p.size[0], (int)p.size[1], (int)p.size[2]}, stride[] = {size[1] * size[2], size[2], 1};
    THCUDNN_TRY(OP, steps.make(lib.cudnnCreateTensorDescriptor, lib.cudnnDestroyTensorDescriptor));
    THCUDNN_TRY(OP, lib.cudnnSetTensorNdDescriptor(steps.get(), CUDNN_DATA_FLOAT, 3, size, stride));
    THCUDNN_TRY(OP, loss.make(lib.cudnnCreateCTCLossDescriptor, lib.cudnnDestroyCTCLossDescriptor));
    THCUDNN_TRY(OP, lib.cudnnSetCTCLossDescriptor_v9(loss.get(), CUDNN_DATA_FLOAT, CUDNN_LOSS_NORMALIZATION_SOFTMAX,
                                                     CUDNN_CTC_ZERO_OOB_GRADIENTS, LABELS_MOST));
    size_t room = 0;
    const cudnnTensorDescriptor_t of_gradient = gradient == nullptr ? nullptr : steps.get();
    const cudnnCTCLossAlgo_t algorithm = CUDNN_CTC_LOSS_ALGO_DETERMINISTIC;
    THCUDNN_TRY(OP, lib.cudnnGetCTCLossWorkspaceSize_v8(handle, algorithm, loss.get(), steps.get(), of_gradient, &room));
    const THCScratch scratch(thc_currentDevice(), (int64_t)room);
    if (room > 0 && scratch.data() == nullptr) return THStatus_last();
    THCUDNN_TRY(OP, lib.cudnnCTCLoss_v8(handle, algorithm, loss.get(), steps.get(), input, ints[0], ints[1], ints[2], costs,
                                        of_gradient, gradient, room, scratch.data()));
    return thc_started(OP);
}

} // namespace

THStatus THCUDNN_ctcLoss(const THTensor *input, const THTensor *labels, const THTensor *labelLengths,
                         const THTensor *inputLengths, THTensor *costs, THTensor *gradInput)
{
    TH_GIVEN(OP, input, labels, labelLengths, inputLengths, costs);
    Problem p;
    TH_TRY(check(&p, input, labels, labelLengths, inputLengths));
    if (thcudnn_library(OP) == nullptr) return TH_ERR_UNSUPPORTED;
    const THCGuard guard(input);
    const int device = THTensor_device(input);
    const THCDense x(input);
    const THCOwned there(THCTensor_newOnDevice(labels, device)), counts(THCTensor_newOnDevice(labelLengths, device)),
        steps(THCTensor_newOnDevice(inputLengths, device));
    if (x.failed() || !there || !counts || !steps) return THStatus_last();
    THCResult cost, gradient;
    TH_TRY(cost.open(OP, costs, THDtype_Float, 1, p.size + 1, {input}));
    if (gradInput != nullptr) TH_TRY(gradient.open(OP, gradInput, THDtype_Float, 3, p.size, {input}));
    // Behind the length of a sample cuDNN may leave what lay there, whatever it is told of gradients out of bounds.
    if (gradInput != nullptr) TH_TRY(THCTensor_zero(gradient.get()));
    if (p.size[1] > 0) {
        const THCDense dense[] = {THCDense(there.get()), THCDense(counts.get()), THCDense(steps.get())};
        if (dense[0].failed() || dense[1].failed() || dense[2].failed()) return THStatus_last();
        const int *const ints[] = {dense[0].data<int>(), dense[1].data<int>(), dense[2].data<int>()};
        TH_TRY(thcudnn_withHandle(OP, [&](cudnnHandle_t handle, THCUDNNPlanUse *) {
            return run(p, handle, x.data<float>(), ints, cost.data<float>(), gradient.data<float>());
        }));
    }
    TH_TRY(cost.close());
    return gradient.close();
}
