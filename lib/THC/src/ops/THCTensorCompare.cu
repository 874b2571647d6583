// Comparisons and choice.
#include "THC/THCTensor.h"

#include <cmath>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"

namespace
{

enum Relation { LT, LE, GT, GE, EQ, NE };

// The relation is an argument: a branch that all threads take costs nothing beside the memory, and saves five sixths of the
// kernels.
template <class C> struct Compare {
    Relation relation;
    __device__ uint8_t operator()(C x, C y) const
    {
        switch (relation) {
        case LT:
            return x < y;
        case LE:
            return x <= y;
        case GT:
            return x > y;
        case GE:
            return x >= y;
        case EQ:
            return x == y;
        default:
            return x != y;
        }
    }
};

template <class C> struct CompareValue {
    Relation relation;
    C value;
    __device__ uint8_t operator()(C x) const { return Compare<C>{relation}(x, value); }
};

// One call; b NULL: against the value.
struct Comparison {
    const char *op;
    Relation relation;
    const THTensor *a, *b;
    THScalar value;
};

THStatus compareTensors(const Comparison &c, THTensor *r)
{
    TH_TRY(thc_outputOfTwo(c.op, r, c.a, c.b, THDtype_Byte));
    THC_FOR_ALL(c.op, c.a->dtype, T, { return thc_map<uint8_t, T, T>(c.op, Compare<THCCompute<T>>{c.relation}, r, c.a, c.b); })
}

// Replaces a comparison of integers with a value by an equivalent one with an integer that the dtype has. True if that is
// possible; else the answer is the same for each element: *constant.
bool integerBound(Relation relation, THScalar *value, THDtype dtype, bool *constant)
{
    const int bits = 8 * (int)THDtype_itemsize(dtype);
    const int64_t max = dtype == THDtype_Byte ? UINT8_MAX : (int64_t)(UINT64_MAX >> (65 - bits));
    const int64_t min = dtype == THDtype_Byte ? 0 : -max - 1;
    bool above = false, below = false;
    *constant = relation == NE;
    if (value->is_float) {
        const double d = value->value.d;
        if (std::isnan(d) || ((relation == EQ || relation == NE) && d != std::floor(d))) return false;
        const double whole = relation == LT || relation == GE ? std::ceil(d) : std::floor(d);
        above = whole >= 0x1p63;
        below = whole < -0x1p63;
        if (!above && !below) *value = THScalar_fromLong((int64_t)whole);
    }
    above = above || (!below && value->value.i > max);
    below = below || (!above && value->value.i < min);
    if (above) *constant = relation == LT || relation == LE || relation == NE;
    if (below) *constant = relation == GT || relation == GE || relation == NE;
    return !above && !below;
}

THStatus compareValue(const Comparison &c, THTensor *r)
{
    const THDtype dtype = (THDtype)c.a->dtype;
    THScalar value = c.value;
    bool constant = false;
    if (dtype == THDtype_None) return thc_unsupported(c.op, dtype);
    TH_TRY(thc_outputLike(c.op, r, c.a, THDtype_Byte));
    if (!THDtype_isFloating(dtype) && !integerBound(c.relation, &value, dtype, &constant))
        return THCTensor_fill(r, THScalar_fromLong(constant));
    THC_FOR_ALL(c.op, dtype, T, {
        using C = THCCompute<T>;
        return thc_map<uint8_t, T>(c.op, CompareValue<C>{c.relation, thc_scalar<C>(value)}, r, c.a);
    })
}

// With a Byte output: r itself, or, if r has a's dtype, a temporary that is then converted into r.
THStatus compare(const Comparison &c, THTensor *r)
{
    THStatus (*const compute)(const Comparison &, THTensor *) = c.b == nullptr ? compareValue : compareTensors;
    if (c.b != nullptr) TH_TRY(thc_same(c.op, c.a, c.b));
    if (c.a->dtype == THDtype_None) return thc_unsupported(c.op, THDtype_None);
    if (r->dtype == THDtype_None || r->dtype == THDtype_Byte || r->dtype != c.a->dtype) return compute(c, r);
    const THCOwned bytes(THTensor_new());
    if (!bytes) return THStatus_last();
    TH_TRY(compute(c, bytes.get()));
    TH_FAIL_IF((r == c.a || r == c.b) && !THTensor_isSameSizeAs(r, bytes.get()), TH_ERR_SHAPE,
               "[%s] the output is an input that does not have the broadcast size", c.op);
    TH_TRY(thc_outputLike(c.op, r, bytes.get(), (THDtype)r->dtype));
    return THCTensor_copy(r, bytes.get());
}

// Sets *flag if two elements differ; nan differs from all.
template <class T>
__global__ void __launch_bounds__(THC_MAP_THREADS) findDifference(int64_t n, const T *a, const T *b, unsigned *flag)
{
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t i = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; i < n; i += step)
        if (THCElement<T>::up(a[i]) != THCElement<T>::up(b[i])) *flag = 1;
}

template <class T> void startDifference(const THTensor *a, const THTensor *b, unsigned *flag)
{
    const int64_t most = 32 * (int64_t)thc_multiprocessors(), needed = thc_blocks(a->numel, THC_MAP_THREADS);
    findDifference<T><<<(unsigned)(needed < most ? needed : most), THC_MAP_THREADS, 0, thc_stream()>>>(a->numel, thc_data<T>(a),
                                                                                                       thc_data<T>(b), flag);
}

THStatus lookForDifference(const THTensor *a, const THTensor *b, unsigned *flag)
{
    THC_FOR_ALL("equal", a->dtype, T, {
        startDifference<T>(a, b, flag);
        return thc_started("equal");
    })
}

// r becomes condition ? a : b by the elements' bits.
template <class T> struct Choose {
    __device__ T operator()(uint8_t condition, T a, T b) const { return condition != 0 ? a : b; }
};

template <class T> THStatus choose(THTensor *r, const THTensor *condition, const THTensor *a, const THTensor *b)
{
    return thc_map<T, uint8_t, T, T>("where", Choose<T>{}, r, condition, a, b);
}

} // namespace

#define COMPARE_OP(name, which)                                                                                                \
    THStatus THCTensor_##name##Tensor(THTensor *r, const THTensor *a, const THTensor *b)                                       \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a, b);                                                                                              \
        return compare({#name, which, a, b, THScalar_fromLong(0)}, r);                                                         \
    }                                                                                                                          \
    THStatus THCTensor_##name##Value(THTensor *r, const THTensor *a, THScalar value)                                           \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        return compare({#name, which, a, nullptr, value}, r);                                                                  \
    }

COMPARE_OP(lt, LT)
COMPARE_OP(le, LE)
COMPARE_OP(gt, GT)
COMPARE_OP(ge, GE)
COMPARE_OP(eq, EQ)
COMPARE_OP(ne, NE)

// Waits for the device.
THStatus THCTensor_equal(int *result, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("equal", result, a, b);
    *result = 0;
    TH_TRY(thc_same("equal", a, b));
    if (a->dtype == THDtype_None) return thc_unsupported("equal", THDtype_None);
    if (!THTensor_isSameSizeAs(a, b)) return TH_OK;
    *result = 1;
    if (a->numel == 0) return TH_OK;
    const THCGuard guard(a);
    const THCOwned x(THCTensor_newContiguous(const_cast<THTensor *>(a))), y(THCTensor_newContiguous(const_cast<THTensor *>(b)));
    const THCScratch place(THTensor_device(a), sizeof(unsigned));
    if (!x || !y || place.data() == nullptr) return THStatus_last();
    unsigned found = 0, *const flag = reinterpret_cast<unsigned *>(place.data());
    THC_TRY("equal", cudaMemsetAsync(flag, 0, sizeof found, thc_stream()));
    TH_TRY(lookForDifference(x.get(), y.get(), flag));
    THC_TRY("equal", cudaMemcpyAsync(&found, flag, sizeof found, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY("equal", cudaStreamSynchronize(thc_stream()));
    *result = found == 0;
    return TH_OK;
}

THStatus THCTensor_where(THTensor *r, const THTensor *condition, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("where", r, condition, a, b);
    TH_TRY(thc_same("where", a, b));
    TH_FAIL_IF(condition->dtype != THDtype_Byte, TH_ERR_DTYPE, "[where] condition is %s, expected Byte",
               THDtype_name((THDtype)condition->dtype));
    if (a->dtype == THDtype_None) return thc_unsupported("where", THDtype_None);
    TH_TRY(thc_outputOfThree("where", r, a, b, condition, (THDtype)a->dtype));
    switch (THDtype_itemsize((THDtype)a->dtype)) {
    case 1:
        return choose<uint8_t>(r, condition, a, b);
    case 2:
        return choose<uint16_t>(r, condition, a, b);
    case 4:
        return choose<uint32_t>(r, condition, a, b);
    default:
        return choose<uint64_t>(r, condition, a, b);
    }
}
