#include "ops/THCUNNCall.cuh"

namespace
{

// Leaves the first place in *first, counted from the end.
struct FindOutside {
    const int64_t *indices;
    int64_t n, low, high, exempt;
    bool exempts;
    unsigned long long *first;

    __device__ void operator()(int64_t i) const
    {
        const int64_t index = indices[i];
        if ((index < low || index >= high) && !(exempts && index == exempt)) atomicMax(first, (unsigned long long)(n - i));
    }
};

} // namespace

THStatus cunn_findOutside(const char *op, const THTensor *indices, int64_t low, int64_t high, const int64_t *exempt,
                          bool *outside, int64_t *value)
{
    const int64_t n = indices->numel;
    *outside = false;
    if (n == 0) return TH_OK;
    const THCScratch scratch(THTensor_device(indices), sizeof(unsigned long long));
    if (scratch.data() == nullptr) return THStatus_last();
    auto *const place = reinterpret_cast<unsigned long long *>(scratch.data());
    const int64_t *const data = thc_data<int64_t>(indices);
    const cudaStream_t stream = thc_stream();
    unsigned long long first = 0;
    THC_TRY(op, cudaMemsetAsync(place, 0, sizeof first, stream));
    TH_TRY(cunn_each(op, n, FindOutside{data, n, low, high, exempt == nullptr ? 0 : *exempt, exempt != nullptr, place}));
    THC_TRY(op, cudaMemcpyAsync(&first, place, sizeof first, cudaMemcpyDeviceToHost, stream));
    THC_TRY(op, cudaStreamSynchronize(stream));
    if (first == 0) return TH_OK;
    *outside = true;
    THC_TRY(op, cudaMemcpyAsync(value, data + (n - (int64_t)first), sizeof *value, cudaMemcpyDeviceToHost, stream));
    THC_TRY(op, cudaStreamSynchronize(stream));
    return TH_OK;
}

THStatus cunn_checkFloating(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)tensor->dtype), TH_ERR_UNSUPPORTED,
               "[%s] %s is a %s tensor, Half, Float or Double are implemented on CUDA", op, argument,
               THDtype_name((THDtype)tensor->dtype));
    return TH_OK;
}

THStatus cunn_checkDtype(const char *op, const char *argument, const THTensor *tensor, THDtype dtype)
{
    TH_FAIL_IF(tensor->dtype != dtype, TH_ERR_DTYPE, "[%s] %s is a %s tensor, expected %s", op, argument,
               THDtype_name((THDtype)tensor->dtype), THDtype_name(dtype));
    return TH_OK;
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
