// The softmax along a dimension: for cuDNN, that of channels of images.
#include "TH/THArgument.h"
#include "THC/device/THCDense.cuh"
#include "core/THCUDNNOwned.cuh"
#include "core/THCUDNNPlanCache.cuh"

namespace
{

const char *nameOf(bool logarithm)
{
    return logarithm ? "LogSoftMax" : "SoftMax";
}

// Images: what stands before the dimension, the dimension, what stands behind it.
struct Problem {
    const char *op;
    cudnnSoftmaxAlgorithm_t algorithm;
    cudnnDataType_t type;
    int size[4];
};

// TH_ERR_UNSUPPORTED, without a message, for what is left to THCUNN.
THStatus describe(const THTensor *like, int dim, bool logarithm, Problem *p)
{
    int wrapped = 0;
    p->op = nameOf(logarithm);
    TH_FAIL_IF(THTensor_device(like) == TH_DEVICE_HOST, TH_ERR_STATE, "[%s] a tensor is on the host, expected a device", p->op);
    TH_FAIL_IF(!THDtype_isFloating((THDtype)like->dtype), TH_ERR_DTYPE, "[%s] %s: expected Half, Float or Double", p->op,
               THDtype_name((THDtype)like->dtype));
    TH_TRY(THTensor_wrapDim(like, dim, p->op, &wrapped));
    int64_t before = 1, behind = 1;
    for (int d = 0; d < like->ndim; d++) (d < wrapped ? before : behind) *= d == wrapped ? 1 : like->size[d];
    const int64_t along = like->ndim == 0 ? 1 : like->size[wrapped];
    if (like->numel == 0 || like->numel > INT32_MAX || thcudnn_library(p->op) == nullptr) return TH_ERR_UNSUPPORTED;
    p->algorithm = logarithm ? CUDNN_SOFTMAX_LOG : CUDNN_SOFTMAX_ACCURATE;
    p->type = like->dtype == THDtype_Half    ? CUDNN_DATA_HALF
              : like->dtype == THDtype_Float ? CUDNN_DATA_FLOAT
                                             : CUDNN_DATA_DOUBLE;
    const int64_t size[] = {before, along, behind, 1};
    for (int d = 0; d < 4; d++) p->size[d] = (int)size[d];
    return TH_OK;
}

// call(handle, one, zero, descriptor), which returns cuDNN's status.
template <class Call> THStatus run(const Problem &p, const Call &call)
{
    return thcudnn_withHandle(p.op, [&](cudnnHandle_t handle, THCUDNNPlanUse *) -> THStatus {
        const THCUDNNLibrary &lib = thcudnn();
        THCUDNNOwned<cudnnTensorDescriptor_t> images;
        const int stride[] = {p.size[1] * p.size[2], p.size[2], 1, 1};
        THCUDNN_TRY(p.op, images.make(lib.cudnnCreateTensorDescriptor, lib.cudnnDestroyTensorDescriptor));
        THCUDNN_TRY(p.op, lib.cudnnSetTensorNdDescriptor(images.get(), p.type, 4, p.size, stride));
        const double one = 1, zero = 0;
        const float one_single = 1, zero_single = 0;
        const bool wide = p.type == CUDNN_DATA_DOUBLE;
        THCUDNN_TRY(p.op, call(handle, wide ? (const void *)&one : &one_single, wide ? (const void *)&zero : &zero_single,
                               images.get()));
        return thc_started(p.op);
    });
}

} // namespace

THStatus THCUDNN_softmaxForward(const THTensor *input, THTensor *output, int dim, bool logarithm)
{
    TH_GIVEN(nameOf(logarithm), input, output);
    Problem p;
    TH_TRY(describe(input, dim, logarithm, &p));
    const THCGuard guard(input);
    const THCDense x(input);
    if (x.failed()) return THStatus_last();
    THCResult y;
    TH_TRY(y.open(p.op, output, (THDtype)input->dtype, input->ndim, input->size, {input}));
    TH_TRY(run(p, [&](cudnnHandle_t handle, const void *one, const void *zero, cudnnTensorDescriptor_t images) {
        return thcudnn().cudnnSoftmaxForward(handle, p.algorithm, CUDNN_SOFTMAX_MODE_CHANNEL, one, images, x.data<char>(), zero,
                                             images, y.data<char>());
    }));
    return y.close();
}

THStatus THCUDNN_softmaxBackward(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim,
                                 bool logarithm)
{
    TH_GIVEN(nameOf(logarithm), gradOutput, gradInput, output);
    Problem p;
    TH_TRY(describe(output, dim, logarithm, &p));
    TH_TRY(thc_same(p.op, gradOutput, output));
    TH_FAIL_IF(!THTensor_isSameSizeAs(gradOutput, output), TH_ERR_SHAPE, "[%s] gradOutput has another size than output", p.op);
    const THCGuard guard(output);
    const THCDense y(output), gy(gradOutput);
    if (y.failed() || gy.failed()) return THStatus_last();
    THCResult gx;
    TH_TRY(gx.open(p.op, gradInput, (THDtype)output->dtype, output->ndim, output->size, {output, gradOutput}));
    TH_TRY(run(p, [&](cudnnHandle_t handle, const void *one, const void *zero, cudnnTensorDescriptor_t images) {
        return thcudnn().cudnnSoftmaxBackward(handle, p.algorithm, CUDNN_SOFTMAX_MODE_CHANNEL, one, images, y.data<char>(),
                                              images, gy.data<char>(), zero, images, gx.data<char>());
    }));
    return gx.close();
}

// --- in THCUNN's place ------------------------------------------------------------------------------------------------------

namespace
{

// Rows for which cuDNN was ahead of THCUNN on an H100, by up to twelve times: of at most `most` elements, and enough of them.
// Its gradients of rows of more than 512 elements take hundreds of times as long as THCUNN's, its columns as long, and its
// logarithms lose digits of large activations.
bool ahead(const THTensor *like, int dim, int64_t most)
{
    constexpr int64_t ENOUGH = 1 << 18; // elements
    const bool last = like->ndim > 0 && (dim == like->ndim - 1 || dim == -1);
    const bool narrow = like->dtype == THDtype_Half || like->dtype == THDtype_Float;
    return last && narrow && like->numel >= ENOUGH && like->size[like->ndim - 1] <= most;
}

constexpr int64_t FORWARD_HALF = INT32_MAX, FORWARD_FLOAT = 2048, BACKWARD = 512;

} // namespace

THStatus THCUDNN_SoftMax_updateOutput(const THTensor *input, THTensor *output, int dim)
{
    TH_GIVEN("SoftMax", input, output);
    const int64_t most = input->dtype == THDtype_Half ? FORWARD_HALF : FORWARD_FLOAT;
    return ahead(input, dim, most) ? THCUDNN_softmaxForward(input, output, dim, false) : TH_ERR_UNSUPPORTED;
}

THStatus THCUDNN_SoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim)
{
    TH_GIVEN("SoftMax", gradOutput, gradInput, output);
    return ahead(output, dim, BACKWARD) ? THCUDNN_softmaxBackward(gradOutput, gradInput, output, dim, false)
                                        : TH_ERR_UNSUPPORTED;
}

THStatus THCUDNN_LogSoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim)
{
    TH_GIVEN("LogSoftMax", gradOutput, gradInput, output);
    return ahead(output, dim, BACKWARD) ? THCUDNN_softmaxBackward(gradOutput, gradInput, output, dim, true)
                                        : TH_ERR_UNSUPPORTED;
}
