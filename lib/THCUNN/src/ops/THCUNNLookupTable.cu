// LookupTable: gradients of the rows of a table that were looked up.
#include "ops/THCUNNCall.cuh"

#define OP "LookupTable"

namespace
{

__global__ void countUses(int64_t n, const int64_t *indices, int64_t rows, unsigned long long *uses, unsigned *wrong)
{
    CUNN_LOOP(i, n)
    {
        if (indices[i] < 0 || indices[i] >= rows)
            *wrong = 1;
        else if (uses != nullptr)
            atomicAdd(&uses[indices[i]], 1ull);
    }
}

// Rows that are used more than once are added up by atomic additions, whose order, and so the last bits, may differ.
template <class T>
__global__ void add(int64_t n, int64_t width, int64_t rows, const int64_t *indices, const unsigned long long *uses,
                    int64_t padding, double scale, const T *gy, T *gw)
{
    CUNN_LOOP(i, n * width)
    {
        const int64_t row = indices[i / width];
        if (row == padding || row < 0 || row >= rows) continue;
        const double own = uses == nullptr ? scale : scale / (double)uses[row];
        atomicAdd(&gw[row * width + i % width], THCElement<T>::down((THCCompute<T>)(own * (double)THCElement<T>::up(gy[i]))));
    }
}

} // namespace

THStatus THCUNN_LookupTable_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                              int scale_by_frequency, int64_t padding, double scale)
{
    TH_TRY(cunn_checkFloating(OP, "gradWeight", gradWeight));
    TH_TRY(cunn_checkDtype(OP, "input", input, THDtype_Long));
    TH_TRY(cunn_checkDtype(OP, "gradOutput", gradOutput, (THDtype)gradWeight->dtype));
    TH_FAIL_IF(gradWeight->ndim != 2, TH_ERR_SHAPE, "[" OP "] gradWeight has %d dimensions, expected 2 (rows x width)",
               gradWeight->ndim);
    const int64_t rows = gradWeight->size[0], width = gradWeight->size[1], n = input->numel;
    TH_FAIL_IF(gradOutput->numel != n * width, TH_ERR_SHAPE,
               "[" OP "] gradOutput has %lld elements, expected %lld for each of %lld indices", (long long)gradOutput->numel,
               (long long)width, (long long)n);
    const THCGuard guard(input);
    const CunnDense places(input), gy(gradOutput);
    if (places.failed() || gy.failed()) return THStatus_last();
    CunnResult gw;
    TH_TRY(gw.openUpdate(gradWeight));
    if (n == 0 || width == 0) return gw.close();
    const int device = THTensor_device(input);
    const int64_t nbytes = 8 + (scale_by_frequency ? rows * 8 : 0);
    const THCScratch scratch(device, nbytes);
    if (scratch.data() == nullptr) return THStatus_last();
    auto *const wrong = reinterpret_cast<unsigned *>(scratch.data());
    auto *const uses = scale_by_frequency ? reinterpret_cast<unsigned long long *>(scratch.data() + 8) : nullptr;
    const cudaStream_t stream = thc_stream();
    unsigned found = 0;
    THC_TRY(OP, cudaMemsetAsync(wrong, 0, (size_t)nbytes, stream));
    countUses<<<cunn_blocks(n), CUNN_THREADS, 0, stream>>>(n, places.data<int64_t>(), rows, uses, wrong);
    TH_TRY(thc_started(OP));
    THC_TRY(OP, cudaMemcpyAsync(&found, wrong, sizeof found, cudaMemcpyDeviceToHost, stream));
    THC_TRY(OP, cudaStreamSynchronize(stream));
    TH_FAIL_IF(found != 0, TH_ERR_INDEX, "[" OP "] input holds an index outside of the table's rows, [0, %lld)",
               (long long)rows);
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, gradWeight->dtype, T, {
            add<T><<<cunn_blocks(n * width), CUNN_THREADS, 0, stream>>>(n, width, rows, places.data<int64_t>(), uses, padding,
                                                                        scale, gy.data<T>(), gw.data<T>());
            return thc_started(OP);
        })
    };
    TH_TRY(run());
    return gw.close();
}
