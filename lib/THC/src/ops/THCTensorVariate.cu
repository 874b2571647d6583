// Random numbers with parameters for each element: those of the host, by the same functions (TH/THVariateMath.h).
#define TH_DTYPE Double

#include "TH/THVariateMath.h"
#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "THC/device/THCPlace.cuh"
#include "kernels/THCPhilox.cuh"

namespace
{

enum class Law { GAMMA, GAMMA_LOG, POISSON, BINOMIAL };

// One call: n numbers, the parameters, and the share of the generator's stream.
struct Variates {
    double *out;
    const double *a, *b;
    int64_t n;
    uint64_t seed, counter;
};

__device__ double open53(const THCWords &words, int word)
{
    return (bits53(words.w[word], words.w[word + 1]) + 1.0) * 0x1p-53;
}

__device__ double gammaNumber(double a, uint64_t seed, uint64_t counter, uint64_t step, bool in_log)
{
    if (!(a > 0.0 && a < INFINITY)) return a >= 0.0 ? (in_log ? (a > 0.0 ? INFINITY : -INFINITY) : a) : NAN;
    // Shapes below 1: a number of the shape above times a uniform one to the power of 1 / shape.
    const double d = (a < 1.0 ? a + 1.0 : a) - 1.0 / 3;
    for (int k = 0; k + TH_VARIATE_ROUND <= TH_VARIATE_COUNTERS; k += TH_VARIATE_ROUND, counter += TH_VARIATE_ROUND * step) {
        const THCWords first = thc_philox(seed, counter), second = thc_philox(seed, counter + step);
        double cosine, sine, more;
        circle(open53(first, 2) - 0x1p-53, &cosine, &sine);
        const double radius = root(-2.0 * logarithm(open53(first, 0)));
        if (!(gammaTry(radius * cosine, open53(second, 0), d, &more) || gammaTry(radius * sine, open53(second, 2), d, &more)))
            continue;
        const double shift = a < 1.0 ? logarithm(open53(thc_philox(seed, counter + 2 * step), 0)) / a : 0.0;
        if (in_log) return logarithm(d) + logarithm(1.0 + more) + shift;
        return d * (1.0 + more) * (a < 1.0 ? exponential(shift) : 1.0);
    }
    return in_log ? logarithm(d) : d; // all tries failed, which does not happen
}

template <Law LAW> __device__ double numberOf(const Variates &v, int64_t i)
{
    const uint64_t counter = v.counter + (uint64_t)i, step = (uint64_t)v.n;
    if constexpr (LAW == Law::GAMMA || LAW == Law::GAMMA_LOG) {
        return gammaNumber(v.a[i], v.seed, counter, step, LAW == Law::GAMMA_LOG);
    } else {
        double number = 0;
        for (uint64_t k = 0; k < TH_VARIATE_COUNTERS; k++) {
            const THCWords words = thc_philox(v.seed, counter + k * step);
            const Try t = {open53(words, 0), open53(words, 2)};
            if (LAW == Law::POISSON ? poissonNumber(&t, v.a[i], 0.0, &number) : binomialNumber(&t, v.a[i], v.b[i], &number))
                break;
        }
        return number;
    }
}

template <Law LAW> __global__ void __launch_bounds__(THC_MAP_THREADS) fillVariates(const Variates v)
{
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t i = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; i < v.n; i += step) v.out[i] = numberOf<LAW>(v, i);
}

THStatus checkFloating(const char *op, const char *name, const THTensor *t)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)t->dtype), TH_ERR_DTYPE, "[%s] %s, a tensor of dtype %s: must be floating", op,
               name, THDtype_name((THDtype)t->dtype));
    return thc_onDevice(op, t);
}

// r becomes numbers of a's dtype; b may be NULL. They are made in double and rounded once.
template <Law LAW> THStatus draw(const char *op, THTensor *r, THGenerator *generator, const THTensor *a, const THTensor *b)
{
    const int device = THTensor_device(a);
    if (generator == nullptr) generator = THC_generator(device);
    const THCOwned first(THCTensor_newConvert(a, THDtype_Double)),
        second(b == nullptr ? nullptr : THCTensor_newConvert(b, THDtype_Double)),
        drawn(THCTensor_newWithSize(device, THDtype_Double, a->ndim, a->size));
    if (generator == nullptr || !first || (b != nullptr && !second) || !drawn) return THStatus_last();
    Variates v = {thc_data<double>(drawn.get()),
                  thc_data<double>(first.get()),
                  b == nullptr ? nullptr : thc_data<double>(second.get()),
                  a->numel,
                  0,
                  0};
    v.seed = THGenerator_initialSeed(generator);
    v.counter = THGenerator_reserve(generator, (uint64_t)v.n * TH_VARIATE_COUNTERS);
    if (v.n > 0) {
        const THCGuard guard(device);
        const int64_t blocks = (v.n + THC_MAP_THREADS - 1) / THC_MAP_THREADS;
        fillVariates<LAW><<<(unsigned)(blocks < 65536 ? blocks : 65536), THC_MAP_THREADS, 0, thc_stream()>>>(v);
        TH_TRY(thc_started(op));
    }
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    return THCTensor_copy(r, drawn.get());
}

} // namespace

THStatus THCTensor_standardGamma(THTensor *r, THGenerator *generator, const THTensor *shape, int in_log)
{
    TH_GIVEN("standardGamma", r, shape);
    TH_TRY(checkFloating("standardGamma", "shape", shape));
    return in_log ? draw<Law::GAMMA_LOG>("standardGamma", r, generator, shape, nullptr)
                  : draw<Law::GAMMA>("standardGamma", r, generator, shape, nullptr);
}

THStatus THCTensor_poisson(THTensor *r, THGenerator *generator, const THTensor *rate)
{
    TH_GIVEN("poisson", r, rate);
    TH_TRY(checkFloating("poisson", "rate", rate));
    return draw<Law::POISSON>("poisson", r, generator, rate, nullptr);
}

THStatus THCTensor_binomial(THTensor *r, THGenerator *generator, const THTensor *count, const THTensor *p)
{
    TH_GIVEN("binomial", r, count, p);
    TH_TRY(checkFloating("binomial", "count", count));
    TH_TRY(thc_same("binomial", count, p));
    bool fits = count->ndim == p->ndim;
    for (int d = 0; fits && d < p->ndim; d++) fits = count->size[d] == p->size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[binomial] count and p: must have one shape");
    return draw<Law::BINOMIAL>("binomial", r, generator, count, p);
}
