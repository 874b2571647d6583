#include "ops/THCUNNCall.cuh"

#include "THC/device/THCAnswer.cuh"

namespace
{

THStatus checkPlace(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(THTensor_device(tensor) == TH_DEVICE_HOST, TH_ERR_STATE,
               "[%s] %s lies on the host, expected a CUDA device; move it with .to(device)", op, argument);
    return TH_OK;
}

} // namespace

THStatus cunn_findOutside(const char *op, const THTensor *indices, int64_t low, int64_t high, const int64_t *exempt,
                          bool *outside, int64_t *value)
{
    *outside = false;
    if (indices->numel == 0) return TH_OK;
    const int64_t *const data = thc_data<int64_t>(indices);
    int64_t place;
    THCAsked asked;
    TH_TRY(asked.outside(op, THTensor_device(indices), data, indices->numel, low, high, exempt));
    TH_TRY(asked.await(op, &place));
    if (place < 0) return TH_OK;
    *outside = true;
    THC_TRY(op, cudaMemcpyAsync(value, data + place, sizeof *value, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY(op, cudaStreamSynchronize(thc_stream()));
    return TH_OK;
}

THStatus cunn_checkFloating(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)tensor->dtype), TH_ERR_UNSUPPORTED,
               "[%s] %s is a %s tensor, Half, Float or Double are implemented on CUDA", op, argument,
               THDtype_name((THDtype)tensor->dtype));
    return checkPlace(op, argument, tensor);
}

THStatus cunn_checkDtype(const char *op, const char *argument, const THTensor *tensor, THDtype dtype)
{
    TH_FAIL_IF(tensor->dtype != dtype, TH_ERR_DTYPE, "[%s] %s is a %s tensor, expected %s", op, argument,
               THDtype_name((THDtype)tensor->dtype), THDtype_name(dtype));
    return checkPlace(op, argument, tensor);
}

THStatus cunn_checkShape(const char *op, const char *argument, const THTensor *tensor, int ndim, const int64_t *size)
{
    bool same = tensor->ndim == ndim;
    for (int d = 0; same && d < ndim; d++) same = tensor->size[d] == size[d];
    if (same) return TH_OK;
    char has[128], expected[128];
    return THStatus_fail(TH_ERR_SHAPE, "[%s] %s has shape %s, expected %s", op, argument,
                         THTensor_describeSize(tensor->ndim, tensor->size, has, sizeof has),
                         THTensor_describeSize(ndim, size, expected, sizeof expected));
}

THStatus cunn_checkLike(const char *op, const char *argument, const THTensor *tensor, const THTensor *like)
{
    TH_TRY(cunn_checkDtype(op, argument, tensor, (THDtype)like->dtype));
    TH_TRY(cunn_checkShape(op, argument, tensor, like->ndim, like->size));
    return thc_sameDevice(op, like, tensor);
}
