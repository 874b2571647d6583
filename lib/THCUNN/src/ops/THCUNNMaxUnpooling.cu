// MaxUnpooling: elements back to where a max pooling took them from, zeros elsewhere.
#include "ops/THCUNNPool.cuh"

#define OP "MaxUnpooling"

namespace
{

// Elements of planes of `here` to or from their indices in planes of `there`. Where indices are equal, the element that stays
// there is one of theirs.
template <bool SCATTER, class T> struct Move {
    const T *from;
    const int64_t *indices;
    T *to;
    int64_t here, there;

    __device__ void operator()(int64_t i) const
    {
        const int64_t at = thc_quotient(i, here) * there + indices[i];
        if constexpr (SCATTER)
            to[at] = from[i];
        else
            to[i] = from[at];
    }
};

THStatus init(CunnPool *pool, const THTensor *input, const THTensor *indices, int dims, const int64_t *size)
{
    TH_TRY(cunn_initPool(pool, OP, input, dims));
    TH_TRY(cunn_checkDtype(OP, "indices", indices, THDtype_Long));
    TH_TRY(cunn_checkShape(OP, "indices", indices, input->ndim, input->size));
    TH_TRY(thc_sameDevice(OP, input, indices));
    for (int d = 0; d < dims; d++)
        TH_FAIL_IF(size[d] < 0 || size[d] > INT32_MAX, TH_ERR_VALUE, "[" OP "] output size is %lld, expected 0 to %d",
                   (long long)size[d], INT32_MAX);
    return cunn_setOutput(pool, OP, input, dims, size);
}

THStatus checkIndices(const CunnPool &pool, const THTensor *places)
{
    bool outside;
    int64_t value;
    TH_TRY(cunn_findOutside(OP, places, 0, pool.p.out(), nullptr, &outside, &value));
    TH_FAIL_IF(outside, TH_ERR_INDEX, "[" OP "] indices hold %lld, expected positions in [0, %lld)", (long long)value,
               (long long)pool.p.out());
    return TH_OK;
}

} // namespace

THStatus THCUNN_MaxUnpooling_updateOutput(const THTensor *input, THTensor *output, const THTensor *indices, int dims,
                                          const int64_t *size)
{
    TH_GIVEN("MaxUnpooling", input, output, indices, size);
    CunnPool pool;
    TH_TRY(init(&pool, input, indices, dims, size));
    const THCGuard guard(input);
    const CunnDense x(input), places(indices);
    if (x.failed() || places.failed()) return THStatus_last();
    TH_TRY(checkIndices(pool, places.get()));
    CunnResult y;
    TH_TRY(y.open(OP, output, (THDtype)input->dtype, input->ndim, pool.shape, {input, indices}));
    TH_TRY(THCTensor_zero(y.get()));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, input->dtype, T, {
            return cunn_each(OP, input->numel,
                             Move<true, T>{x.data<T>(), places.data<int64_t>(), y.data<T>(), pool.p.in(), pool.p.out()});
        })
    };
    TH_TRY(run());
    return y.close();
}

THStatus THCUNN_MaxUnpooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                             const THTensor *indices, int dims, const int64_t *size)
{
    TH_GIVEN("MaxUnpooling", input, gradOutput, gradInput, indices, size);
    CunnPool pool;
    TH_TRY(init(&pool, input, indices, dims, size));
    TH_TRY(cunn_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(cunn_checkShape(OP, "gradOutput", gradOutput, input->ndim, pool.shape));
    TH_TRY(thc_sameDevice(OP, input, gradOutput));
    const THCGuard guard(input);
    const CunnDense gy(gradOutput), places(indices);
    if (gy.failed() || places.failed()) return THStatus_last();
    TH_TRY(checkIndices(pool, places.get()));
    CunnResult gx;
    TH_TRY(gx.open(OP, gradInput, (THDtype)input->dtype, input->ndim, input->size, {gradOutput, indices}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, input->dtype, T, {
            return cunn_each(OP, input->numel,
                             Move<false, T>{gy.data<T>(), places.data<int64_t>(), gx.data<T>(), pool.p.in(), pool.p.out()});
        })
    };
    TH_TRY(run());
    return gx.close();
}
