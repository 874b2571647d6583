// Random tensors: element i of a call takes its bits from the same counter as on the host.
#include <cmath>

#include "THC/THCTensor.h"
#include "THC/device/THCDtype.cuh"
#include "THC/device/THCMap.cuh"
#include "THC/device/THCPlace.cuh"
#include "kernels/THCConvert.cuh"
#include "kernels/THCPhilox.cuh"
#include "ops/THCRandomFill.cuh"
#include "ops/THCTarget.cuh"

namespace
{

// Takes the counters of one call. generator NULL: the device's own.
THStatus reserve(THCStreamShare *share, THGenerator *generator, const THTensor *self, int64_t per_counter)
{
    if (generator == nullptr) generator = THC_generator(THTensor_device(self));
    if (generator == nullptr) return THStatus_last();
    share->n = self->numel;
    share->seed = THGenerator_initialSeed(generator);
    share->counter = THGenerator_reserve(generator, (uint64_t)((share->n + per_counter - 1) / per_counter));
    return TH_OK;
}

THStatus fillFloating(const char *op, THTensor *self, THGenerator *generator, THCLaw law, double a, double b)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)self->dtype), TH_ERR_DTYPE, "[%s] self, a tensor of dtype %s: must be floating", op,
               THDtype_name((THDtype)self->dtype));
    TH_TRY(thc_outputLike(op, self, self, (THDtype)self->dtype)); // counts the write
    const THCGuard guard(self);
    const THCTarget target(self);
    if (!target) return THStatus_last();
    THCStreamShare share = {0, 0, 0, a, b};
    TH_TRY(reserve(&share, generator, self, self->dtype == THDtype_Double ? 2 : 4));
    if (share.n == 0) return TH_OK;
    if (self->dtype == THDtype_Float)
        TH_TRY(thc_fillFloat(op, law, share, thc_data<float>(target.get())));
    else if (self->dtype == THDtype_Double)
        TH_TRY(thc_fillDouble(op, law, share, thc_data<double>(target.get())));
    else
        TH_TRY(thc_fillHalf(op, law, share, THTensor_dataBytes(target.get())));
    return target.finish();
}

template <class T> __device__ T number(int64_t value)
{
    return THCElement<T>::down(THCConvert<int64_t, THCCompute<T>>{}(value));
}

// Where the four elements of a counter go: together where they may.
template <class T> __device__ void store(const THCPack<T, 4> &pack, int64_t i, int64_t n, bool aligned, T *out)
{
    if (aligned && 4 * (i + 1) <= n) {
        reinterpret_cast<THCPack<T, 4> *>(out)[i] = pack;
        return;
    }
    for (int k = 0; k < 4 && 4 * i + k < n; k++) out[4 * i + k] = pack.item[k];
}

template <class... T> bool areAligned(const T *...data)
{
    return ((reinterpret_cast<uintptr_t>(data) % sizeof(THCPack<T, 4>) == 0) && ...);
}

// 1 where a word is below `range`: four elements for each counter.
template <class T> __global__ void coins(THCStreamShare share, uint64_t range, bool aligned, T *out)
{
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; 4 * i < share.n; i += (int64_t)gridDim.x * blockDim.x) {
        const THCWords words = thc_philox(share.seed, share.counter + (uint64_t)i);
        THCPack<T, 4> pack;
#pragma unroll
        for (int k = 0; k < 4; k++) pack.item[k] = number<T>(words.w[k] < range ? 1 : 0);
        store(pack, i, share.n, aligned, out);
    }
}

// Dropout: coins, and x times `factor` where they are 1, times 0 elsewhere.
template <class T>
__global__ void thin(THCStreamShare share, uint64_t range, THCCompute<T> factor, bool aligned, const T *x, T *r, uint8_t *keep)
{
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; 4 * i < share.n; i += (int64_t)gridDim.x * blockDim.x) {
        THCPack<T, 4> pack;
        if (aligned && 4 * (i + 1) <= share.n)
            pack = reinterpret_cast<const THCPack<T, 4> *>(x)[i];
        else
            for (int k = 0; k < 4 && 4 * i + k < share.n; k++) pack.item[k] = x[4 * i + k];
        const THCWords words = thc_philox(share.seed, share.counter + (uint64_t)i);
        THCPack<uint8_t, 4> bytes;
#pragma unroll
        for (int k = 0; k < 4; k++) {
            bytes.item[k] = words.w[k] < range;
            pack.item[k] = THCElement<T>::down(THCElement<T>::up(pack.item[k]) * (bytes.item[k] ? factor : 0));
        }
        store(pack, i, share.n, aligned, r);
        store(bytes, i, share.n, aligned, keep);
    }
}

template <class C> struct Thin {
    C factor;
    __device__ C operator()(C x, uint8_t keep) const { return x * (keep ? factor : 0); }
};

// low + 64 bits scaled to [0, range): two elements for each counter.
template <class T> __global__ void integers(THCStreamShare share, int64_t low, uint64_t range, T *out)
{
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; 2 * i < share.n; i += (int64_t)gridDim.x * blockDim.x) {
        const THCWords words = thc_philox(share.seed, share.counter + (uint64_t)i);
        for (int k = 0; k < 2 && 2 * i + k < share.n; k++) {
            const uint64_t bits = (uint64_t)words.w[2 * k] | (uint64_t)words.w[2 * k + 1] << 32;
            out[2 * i + k] = number<T>((int64_t)((uint64_t)low + __umul64hi(bits, range)));
        }
    }
}

unsigned gridOf(int64_t counters)
{
    const int64_t blocks = (counters + 255) / 256;
    return (unsigned)(blocks < 65536 ? blocks : 65536);
}

// The largest integer up to which `dtype` has all of them, as a double.
double largestInteger(THDtype dtype)
{
    switch (dtype) {
    case THDtype_Byte:
        return 0xff;
    case THDtype_Char:
        return 0x7f;
    case THDtype_Short:
        return 0x7fff;
    case THDtype_Int:
        return 0x7fffffff;
    case THDtype_Long:
        return 0x1p63 - 1024;
    case THDtype_Half:
        return 2048;
    case THDtype_Float:
        return 0x1p24;
    default:
        return 0x1p53;
    }
}

// Fails if `dtype` cannot hold `value` exactly.
THStatus checkHolds(const char *op, THDtype dtype, int64_t value)
{
    const int digits = dtype == THDtype_Half ? 11 : dtype == THDtype_Float ? 24 : 53;
    const int64_t limit = INT64_C(1) << digits;
    if (!THDtype_isFloating(dtype)) return THScalar_check(THScalar_fromLong(value), dtype, op, "a bound");
    TH_FAIL_IF(value > limit || value < -limit, TH_ERR_VALUE, "[%s] a bound, %lld: %s holds integers up to %lld only", op,
               (long long)value, THDtype_name(dtype), (long long)limit);
    return TH_OK;
}

} // namespace

THStatus THCTensor_uniform(THTensor *self, THGenerator *generator, double low, double high)
{
    TH_GIVEN("uniform", self);
    TH_FAIL_IF(!(low <= high), TH_ERR_VALUE,
               "[uniform] uniform_ expects to return a [from, to) range, but found from=%g > to=%g", low, high);
    TH_FAIL_IF(!(high - low <= 1.7976931348623157e308), TH_ERR_VALUE,
               "[uniform] low %g, high %g: their distance must be finite", low, high);
    return fillFloating("uniform", self, generator, THCLaw::UNIFORM, low, high);
}

THStatus THCTensor_normal(THTensor *self, THGenerator *generator, double mean, double stddev)
{
    TH_GIVEN("normal", self);
    TH_FAIL_IF(!(stddev >= 0), TH_ERR_VALUE, "[normal] stddev, %g: normal_ expects std >= 0.0", stddev);
    return fillFloating("normal", self, generator, THCLaw::NORMAL, mean, stddev);
}

THStatus THCTensor_exponential(THTensor *self, THGenerator *generator, double rate)
{
    TH_GIVEN("exponential", self);
    TH_FAIL_IF(!(rate > 0), TH_ERR_VALUE, "[exponential] lambda, %g: exponential_ expects lambda > 0", rate);
    return fillFloating("exponential", self, generator, THCLaw::EXPONENTIAL, rate, 0);
}

THStatus THCTensor_cauchy(THTensor *self, THGenerator *generator, double median, double scale)
{
    TH_GIVEN("cauchy", self);
    TH_FAIL_IF(!(scale > 0), TH_ERR_VALUE, "[cauchy] sigma, %g: cauchy_ expects sigma > 0", scale);
    return fillFloating("cauchy", self, generator, THCLaw::CAUCHY, median, scale);
}

THStatus THCTensor_logNormal(THTensor *self, THGenerator *generator, double mean, double stddev)
{
    TH_GIVEN("logNormal", self);
    TH_FAIL_IF(!(stddev > 0), TH_ERR_VALUE, "[logNormal] stddev, %g: log_normal_ expects std > 0", stddev);
    return fillFloating("logNormal", self, generator, THCLaw::LOG_NORMAL, mean, stddev);
}

// As doubles, which are converted to any dtype.
THStatus THCTensor_geometric(THTensor *self, THGenerator *generator, double p)
{
    TH_GIVEN("geometric", self);
    TH_FAIL_IF(!(p > 0 && p < 1), TH_ERR_VALUE, "[geometric] p, %g: geometric_ expects p to be in (0, 1)", p);
    if (self->dtype == THDtype_None) return thc_unsupported("geometric", THDtype_None);
    const double most = largestInteger((THDtype)self->dtype);
    const THCOwned numbers(THCTensor_newWithSize(THTensor_device(self), THDtype_Double, self->ndim, self->size));
    if (!numbers) return THStatus_last();
    TH_TRY(fillFloating("geometric", numbers.get(), generator, THCLaw::GEOMETRIC, std::log1p(-p), most));
    return THCTensor_copy(self, numbers.get());
}

namespace
{

THStatus checkParameter(const THTensor *self, const char *name, const THTensor *p)
{
    TH_FAIL_IF(p->dtype != self->dtype, TH_ERR_DTYPE, "[normal] %s is %s, expected %s", name, THDtype_name((THDtype)p->dtype),
               THDtype_name((THDtype)self->dtype));
    return thc_sameDevice("normal", self, p);
}

THStatus checkStddev(const THTensor *stddev)
{
    THScalar value;
    if (stddev->numel == 0) return TH_OK;
    const THCOwned least(THTensor_new());
    if (!least) return THStatus_last();
    TH_TRY(THCTensor_minall(least.get(), stddev));
    TH_TRY(THCTensor_item(least.get(), &value));
    TH_FAIL_IF(!(THScalar_toDouble(value) >= 0), TH_ERR_VALUE,
               "[normal] stddev's least element, %g: normal expects all std >= 0.0", THScalar_toDouble(value));
    return TH_OK;
}

} // namespace

THStatus THCTensor_normalTensors(THTensor *self, THGenerator *generator, const THTensor *mean, const THTensor *stddev)
{
    TH_GIVEN("normal", self);
    if (mean != nullptr) TH_TRY(checkParameter(self, "mean", mean));
    if (stddev != nullptr) TH_TRY(checkParameter(self, "stddev", stddev));
    if (stddev != nullptr) TH_TRY(checkStddev(stddev));
    const THCOwned z(THCTensor_newWithSize(THTensor_device(self), (THDtype)self->dtype, self->ndim, self->size));
    if (!z) return THStatus_last();
    TH_TRY(THCTensor_normal(z.get(), generator, 0, 1));
    if (stddev != nullptr) TH_TRY(THCTensor_cmul(z.get(), z.get(), stddev));
    if (mean != nullptr) TH_TRY(THCTensor_cadd(z.get(), z.get(), mean, THScalar_fromLong(1)));
    return THCTensor_copy(self, z.get());
}

THStatus THCTensor_randperm(THTensor *r, THGenerator *generator, int64_t n)
{
    TH_GIVEN("randperm", r);
    TH_TRY(thc_onDevice("randperm", r));
    int device = THTensor_device(r);
    if (device == TH_DEVICE_HOST) TH_TRY(THC_getDevice(&device));
    if (generator == nullptr) generator = THC_generator(device);
    if (generator == nullptr) return THStatus_last();
    const THDtype dtype = r->storage == nullptr ? THDtype_Long : (THDtype)r->dtype;
    if (n < THC_SHUFFLES_FROM || n > INT32_MAX) { // the host is fast enough, and knows what it refuses
        const THCOwned numbers(THTensor_newWithSize(dtype, 0, nullptr));
        if (!numbers) return THStatus_last();
        TH_TRY(THTensor_randperm(numbers.get(), generator, n));
        TH_TRY(THTensor_outputOn(r, "randperm", device, dtype, 1, &n));
        return THCTensor_copy(r, numbers.get());
    }
    TH_TRY(checkHolds("randperm", dtype, n - 1));
    TH_TRY(THTensor_outputOn(r, "randperm", device, dtype, 1, &n));
    const bool direct = dtype == THDtype_Long && THTensor_isContiguous(r);
    if (direct) THTensor_retain(r);
    const THCOwned numbers(direct ? r : THCTensor_newWithSize(device, THDtype_Long, 1, &n));
    if (!numbers) return THStatus_last();
    THCStreamShare share = {};
    TH_TRY(reserve(&share, generator, numbers.get(), 2));
    TH_TRY(thc_shuffle("randperm", share, device, thc_data<int64_t>(numbers.get())));
    return direct ? TH_OK : THCTensor_copy(r, numbers.get());
}

THStatus THCTensor_bernoulli(THTensor *self, THGenerator *generator, double p)
{
    TH_GIVEN("bernoulli", self);
    TH_FAIL_IF(!(p >= 0 && p <= 1), TH_ERR_VALUE, "[bernoulli] p, %g: bernoulli_ expects p to be in [0, 1]", p);
    TH_TRY(thc_outputLike("bernoulli", self, self, (THDtype)self->dtype));
    const THCGuard guard(self);
    const THCTarget target(self);
    if (!target) return THStatus_last();
    THCStreamShare share = {};
    TH_TRY(reserve(&share, generator, self, 4));
    if (share.n == 0) return TH_OK;
    const uint64_t range = (uint64_t)(p * 0x1p32 + 0.5);
    const auto run = [&]() -> THStatus {
        THC_FOR_ALL("bernoulli", self->dtype, T, {
            T *const out = thc_data<T>(target.get());
            coins<T><<<gridOf((share.n + 3) / 4), 256, 0, thc_stream()>>>(share, range, areAligned(out), out);
            return thc_started("bernoulli");
        })
    };
    TH_TRY(run());
    return target.finish();
}

THStatus THCTensor_bernoulliTensor(THTensor *self, THGenerator *generator, const THTensor *p)
{
    TH_GIVEN("bernoulli", self, p);
    TH_FAIL_IF(!THDtype_isFloating((THDtype)p->dtype), TH_ERR_DTYPE, "[bernoulli] p, a tensor of dtype %s: must be floating",
               THDtype_name((THDtype)p->dtype));
    TH_TRY(thc_sameDevice("bernoulli", self, p));
    const THCOwned uniform(THCTensor_newWithSize(THTensor_device(self), (THDtype)p->dtype, self->ndim, self->size));
    const THCOwned bits(THTensor_new()), least(THTensor_new()), greatest(THTensor_new());
    if (!uniform || !bits || !least || !greatest) return THStatus_last();
    if (p->numel > 0) {
        THScalar low, high;
        TH_TRY(THCTensor_minall(least.get(), p));
        TH_TRY(THCTensor_maxall(greatest.get(), p));
        TH_TRY(THCTensor_item(least.get(), &low));
        TH_TRY(THCTensor_item(greatest.get(), &high));
        const bool inside = THScalar_toDouble(low) >= 0 && THScalar_toDouble(high) <= 1;
        TH_FAIL_IF(!inside, TH_ERR_VALUE, "[bernoulli] p: an element is not in [0, 1]");
    }
    TH_TRY(THCTensor_uniform(uniform.get(), generator, 0, 1));
    TH_TRY(THCTensor_ltTensor(bits.get(), uniform.get(), p));
    return THCTensor_copy(self, bits.get());
}

namespace
{

THStatus checkDropout(const THTensor *x, double p)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)x->dtype), TH_ERR_DTYPE, "[dropout] a tensor of dtype %s: must be floating",
               THDtype_name((THDtype)x->dtype));
    TH_FAIL_IF(!(p >= 0 && p < 1), TH_ERR_VALUE, "[dropout] p, %g: must be at least 0 and less than 1", p);
    return TH_OK;
}

// 1 / (1 - p) as the dtype has it.
template <class T> THCCompute<T> factorOf(double p)
{
    using C = THCCompute<T>;
    return THCElement<T>::up(THCElement<T>::down((C)1 / (C)(1 - p)));
}

} // namespace

THStatus THCTensor_dropout(THTensor *r, THTensor *keep, const THTensor *x, THGenerator *generator, double p)
{
    TH_GIVEN("dropout", r, keep, x);
    TH_TRY(checkDropout(x, p));
    const bool shared = r == keep || (r->storage != nullptr && keep->storage != nullptr && THTensor_mayOverlap(r, keep));
    TH_FAIL_IF(shared, TH_ERR_VALUE, "[dropout] two outputs share memory, expected memory of its own for each");
    TH_TRY(thc_outputApart("dropout", r, x, (THDtype)x->dtype, x->ndim, x->size));
    TH_TRY(thc_outputApart("dropout", keep, x, THDtype_Byte, x->ndim, x->size));
    const THCGuard guard(x);
    const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(x)));
    const THCTarget to(r), bytes(keep);
    if (!dense || !to || !bytes) return THStatus_last();
    THCStreamShare share = {};
    TH_TRY(reserve(&share, generator, dense.get(), 4));
    if (share.n == 0) return TH_OK;
    const uint64_t range = (uint64_t)((1 - p) * 0x1p32 + 0.5);
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING("dropout", x->dtype, T, {
            const T *const from = thc_data<T>(dense.get());
            T *const out = thc_data<T>(to.get());
            uint8_t *const kept = thc_data<uint8_t>(bytes.get());
            thin<T><<<gridOf((share.n + 3) / 4), 256, 0, thc_stream()>>>(share, range, factorOf<T>(p),
                                                                         areAligned(from, out, kept), from, out, kept);
            return thc_started("dropout");
        })
    };
    TH_TRY(run());
    TH_TRY(to.finish());
    return bytes.finish();
}

THStatus THCTensor_dropoutGrad(THTensor *r, const THTensor *grad, const THTensor *keep, double p)
{
    TH_GIVEN("dropout", r, grad, keep);
    TH_TRY(checkDropout(grad, p));
    TH_TRY(thc_sameDevice("dropout", grad, keep));
    TH_FAIL_IF(keep->dtype != THDtype_Byte, TH_ERR_DTYPE, "[dropout] keep, a tensor of dtype %s: must be Byte",
               THDtype_name((THDtype)keep->dtype));
    bool same = grad->ndim == keep->ndim;
    for (int d = 0; same && d < grad->ndim; d++) same = grad->size[d] == keep->size[d];
    TH_FAIL_IF(!same, TH_ERR_SHAPE, "[dropout] keep: must have the gradient's shape");
    TH_TRY(thc_outputLike("dropout", r, grad, (THDtype)grad->dtype));
    THC_FOR_FLOATING("dropout", grad->dtype, T,
                     { return thc_map<T, T, uint8_t>("dropout", Thin<THCCompute<T>>{factorOf<T>(p)}, r, grad, keep); })
}

THStatus THCTensor_randint(THTensor *self, THGenerator *generator, int64_t low, int64_t high)
{
    TH_GIVEN("randint", self);
    TH_FAIL_IF(low >= high, TH_ERR_VALUE, "[randint] random_ expects 'from' to be less than 'to', but got from=%lld >= to=%lld",
               (long long)low, (long long)high);
    TH_TRY(checkHolds("randint", (THDtype)self->dtype, low));
    TH_TRY(checkHolds("randint", (THDtype)self->dtype, high - 1));
    TH_TRY(thc_outputLike("randint", self, self, (THDtype)self->dtype));
    const THCGuard guard(self);
    const THCTarget target(self);
    if (!target) return THStatus_last();
    THCStreamShare share = {};
    TH_TRY(reserve(&share, generator, self, 2));
    if (share.n == 0) return TH_OK;
    const uint64_t range = (uint64_t)high - (uint64_t)low;
    const auto run = [&]() -> THStatus {
        THC_FOR_ALL("randint", self->dtype, T, {
            integers<T><<<gridOf((share.n + 1) / 2), 256, 0, thc_stream()>>>(share, low, range, thc_data<T>(target.get()));
            return thc_started("randint");
        })
    };
    TH_TRY(run());
    return target.finish();
}
