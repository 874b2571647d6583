// LookupTable: gradients of the rows of a table that were looked up, and rows kept within a norm.
#include "ops/THCUNNCall.cuh"

#define OP "LookupTable"

namespace
{

// Waits for the device.
THStatus checkRows(const THTensor *indices, int64_t rows)
{
    bool outside;
    int64_t value;
    TH_TRY(cunn_findOutside(OP, indices, 0, rows, nullptr, &outside, &value));
    TH_FAIL_IF(outside, TH_ERR_INDEX, "[" OP "] input holds %lld, expected rows in [0, %lld)", (long long)value,
               (long long)rows);
    return TH_OK;
}

struct CountUses {
    const int64_t *indices;
    unsigned long long *uses;
    __device__ void operator()(int64_t i) const { atomicAdd(&uses[indices[i]], 1ull); }
};

// Rows that are used more than once are added up by atomic additions, whose order, and so the last bits, may differ.
template <class T>
__global__ void add(int64_t n, int64_t width, const int64_t *indices, const unsigned long long *uses, int64_t padding,
                    double scale, const T *gy, T *gw)
{
    CUNN_LOOP(i, n * width)
    {
        const int64_t row = indices[i / width];
        if (row == padding) continue;
        const double own = uses == nullptr ? scale : scale / (double)uses[row];
        atomicAdd(&gw[row * width + i % width], THCElement<T>::down((THCCompute<T>)(own * (double)THCElement<T>::up(gy[i]))));
    }
}

template <class T> __device__ double sizeOf(T value, double p)
{
    const double size = fabs((double)THCElement<T>::up(value));
    return p == 2 ? size * size : p == 1 || isinf(p) ? size : pow(size, p);
}

// A warp for each index; the first that comes to a row works on it.
template <class T>
__global__ void __launch_bounds__(CUNN_THREADS)
    renorm(int64_t n, int64_t width, const int64_t *indices, unsigned *taken, double max_norm, double p, T *table)
{
    const int64_t i = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32;
    const int lane = (int)threadIdx.x % 32;
    if (i >= n) return;
    unsigned before = 0;
    if (lane == 0) before = atomicExch(&taken[indices[i]], 1u);
    if (__shfl_sync(0xffffffffu, before, 0) != 0) return;
    T *const row = table + indices[i] * width;
    double norm = 0;
    for (int64_t k = lane; k < width; k += 32) {
        const double size = sizeOf(row[k], p);
        norm = isinf(p) ? fmax(norm, size) : norm + size;
    }
    for (int step = 16; step > 0; step /= 2) {
        const double other = __shfl_xor_sync(0xffffffffu, norm, step);
        norm = isinf(p) ? fmax(norm, other) : norm + other;
    }
    norm = p == 2 ? sqrt(norm) : p == 1 || isinf(p) ? norm : pow(norm, 1 / p);
    if (!(norm > max_norm)) return;
    const THCCompute<T> factor = (THCCompute<T>)(max_norm / (norm + 1e-7));
    for (int64_t k = lane; k < width; k += 32) row[k] = THCElement<T>::down(THCElement<T>::up(row[k]) * factor);
}

} // namespace

THStatus THCUNN_LookupTable_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                              int scale_by_frequency, int64_t padding, double scale)
{
    TH_GIVEN("LookupTable", input, gradOutput, gradWeight);
    TH_TRY(cunn_checkFloating(OP, "gradWeight", gradWeight));
    TH_TRY(cunn_checkDtype(OP, "input", input, THDtype_Long));
    TH_TRY(cunn_checkDtype(OP, "gradOutput", gradOutput, (THDtype)gradWeight->dtype));
    TH_FAIL_IF(gradWeight->ndim != 2, TH_ERR_SHAPE, "[" OP "] gradWeight has %d dimensions, expected 2 (rows x width)",
               gradWeight->ndim);
    const int64_t rows = gradWeight->size[0], width = gradWeight->size[1], n = input->numel;
    TH_FAIL_IF(gradOutput->numel != n * width, TH_ERR_SHAPE,
               "[" OP "] gradOutput has %lld elements, expected %lld for each of %lld indices", (long long)gradOutput->numel,
               (long long)width, (long long)n);
    if (gradWeight->dtype == THDtype_Half) { // sums in float32, rounded once
        const THCOwned wide(THCTensor_newConvert(gradWeight, THDtype_Float)),
            rows_of(THCTensor_newConvert(gradOutput, THDtype_Float));
        if (!wide || !rows_of) return THStatus_last();
        TH_TRY(THCUNN_LookupTable_accGradParameters(input, rows_of.get(), wide.get(), scale_by_frequency, padding, scale));
        return THCTensor_copy(gradWeight, wide.get());
    }
    const THCGuard guard(input);
    const CunnDense places(input), gy(gradOutput);
    if (places.failed() || gy.failed()) return THStatus_last();
    CunnResult gw;
    TH_TRY(gw.openUpdate(gradWeight));
    if (n == 0 || width == 0) return gw.close();
    TH_TRY(checkRows(places.get(), rows));
    const THCScratch scratch(THTensor_device(input), scale_by_frequency ? rows * 8 : 0);
    if (scale_by_frequency && scratch.data() == nullptr) return THStatus_last();
    auto *const uses = reinterpret_cast<unsigned long long *>(scratch.data());
    const cudaStream_t stream = thc_stream();
    if (scale_by_frequency) {
        THC_TRY(OP, cudaMemsetAsync(uses, 0, (size_t)rows * 8, stream));
        TH_TRY(cunn_each(OP, n, CountUses{places.data<int64_t>(), uses}));
    }
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, gradWeight->dtype, T, {
            add<T><<<cunn_blocks(n * width), CUNN_THREADS, 0, stream>>>(n, width, places.data<int64_t>(), uses, padding, scale,
                                                                        gy.data<T>(), gw.data<T>());
            return thc_started(OP);
        })
    };
    TH_TRY(run());
    return gw.close();
}

THStatus THCUNN_LookupTable_renorm(const THTensor *input, THTensor *weight, double max_norm, double norm_type)
{
    TH_GIVEN("LookupTable", input, weight);
    TH_TRY(cunn_checkFloating(OP, "weight", weight));
    TH_TRY(cunn_checkDtype(OP, "input", input, THDtype_Long));
    TH_TRY(thc_sameDevice(OP, weight, input));
    TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 2 (rows x width)", weight->ndim);
    TH_FAIL_IF(!(norm_type > 0), TH_ERR_VALUE, "[" OP "] norm_type is %g: non-positive-norm not supported", norm_type);
    const int64_t n = input->numel, rows = weight->size[0];
    const THCGuard guard(input);
    const CunnDense places(input);
    if (places.failed()) return THStatus_last();
    TH_TRY(checkRows(places.get(), rows));
    if (n == 0) return TH_OK;
    CunnResult table;
    TH_TRY(table.openUpdate(weight));
    const THCScratch scratch(THTensor_device(input), rows * (int64_t)sizeof(unsigned));
    if (scratch.data() == nullptr) return THStatus_last();
    auto *const taken = reinterpret_cast<unsigned *>(scratch.data());
    THC_TRY(OP, cudaMemsetAsync(taken, 0, (size_t)rows * sizeof(unsigned), thc_stream()));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, weight->dtype, T, {
            renorm<T><<<thc_blocks(n * 32, CUNN_THREADS), CUNN_THREADS, 0, thc_stream()>>>(
                n, weight->size[1], places.data<int64_t>(), taken, max_norm, norm_type, table.data<T>());
            return thc_started(OP);
        })
    };
    TH_TRY(run());
    return table.close();
}
