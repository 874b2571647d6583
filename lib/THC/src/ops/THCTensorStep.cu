// Steps of optimisers: a launch works on as many tensors as its arguments hold.
#include "THC/THCTensorStep.h"

#include <algorithm>
#include <memory>

#include "THC/device/THCArithmetic.cuh"
#include "THC/device/THCDense.cuh"
#include "THC/device/THCMap.cuh"

namespace
{

constexpr int THREADS = 256;
constexpr int MOST = 48;  // tensors of a launch: its arguments have 4 KiB
constexpr int ROUNDS = 4; // packs of a thread

template <class T> constexpr int PACK = sizeof(T) > 4 ? 2 : 4;
template <class T> constexpr int64_t CHUNK = (int64_t)THREADS * ROUNDS * PACK<T>; // elements of a block

// ARGS tensors for each number; the first block of each, and of none.
template <class T, int ARGS> struct Batch {
    T *data[MOST][ARGS];
    int64_t n[MOST];
    unsigned first[MOST + 1];
    bool packed[MOST];
    int count;
};

// As if it had been stored.
template <class T> __device__ THCCompute<T> rounded(THCCompute<T> x)
{
    return THCElement<T>::up(THCElement<T>::down(x));
}

template <class T, int ARGS, class F> __global__ void __launch_bounds__(THREADS) step(const Batch<T, ARGS> batch, F f)
{
    using C = THCCompute<T>;
    constexpr int V = PACK<T>;
    int k = 0;
    for (int high = batch.count; high - k > 1;) {
        const int middle = (k + high) / 2;
        if (batch.first[middle] <= blockIdx.x)
            k = middle;
        else
            high = middle;
    }
    const int64_t begin = (int64_t)(blockIdx.x - batch.first[k]) * CHUNK<T>, end = min(batch.n[k], begin + CHUNK<T>);
    const auto one = [&](T(&item)[ARGS]) {
        C value[ARGS];
#pragma unroll
        for (int a = 0; a < ARGS; a++) value[a] = THCElement<T>::up(item[a]);
        f(value);
#pragma unroll
        for (int a = 0; a < ARGS; a++) item[a] = THCElement<T>::down(value[a]);
    };
    for (int64_t i = begin + (int64_t)threadIdx.x * V; i < end; i += THREADS * V) {
        if (batch.packed[k] && i + V <= end) {
            THCPack<T, V> pack[ARGS];
#pragma unroll
            for (int a = 0; a < ARGS; a++) pack[a] = *reinterpret_cast<const THCPack<T, V> *>(batch.data[k][a] + i);
#pragma unroll
            for (int v = 0; v < V; v++) {
                T item[ARGS];
#pragma unroll
                for (int a = 0; a < ARGS; a++) item[a] = pack[a].item[v];
                one(item);
#pragma unroll
                for (int a = 0; a < ARGS; a++) pack[a].item[v] = item[a];
            }
#pragma unroll
            for (int a = 0; a < ARGS; a++)
                if (a != 1) *reinterpret_cast<THCPack<T, V> *>(batch.data[k][a] + i) = pack[a];
            continue;
        }
        for (int64_t at = i; at < min(i + V, end); at++) {
            T item[ARGS];
#pragma unroll
            for (int a = 0; a < ARGS; a++) item[a] = batch.data[k][a][at];
            one(item);
#pragma unroll
            for (int a = 0; a < ARGS; a++)
                if (a != 1) batch.data[k][a][at] = item[a];
        }
    }
}

// value: the parameter, its gradient, its velocity.
template <class T, bool MOMENTUM> struct Sgd {
    using C = THCCompute<T>;
    C size, momentum, rest, decay; // size: less than 0
    bool decays, nesterov;
    template <int ARGS> __device__ void operator()(C (&value)[ARGS]) const
    {
        C change = value[1];
        if (decays) change = rounded<T>(change + decay * value[0]);
        if constexpr (MOMENTUM) {
            const C velocity = rounded<T>(rounded<T>(value[2] * momentum) + rest * change);
            change = nesterov ? rounded<T>(change + momentum * velocity) : velocity;
            value[2] = velocity;
        }
        value[0] = value[0] + size * change;
    }
};

// value: the parameter, its gradient, means of it and of its square, and perhaps the largest of the latter.
template <class T> struct Adam {
    using C = THCCompute<T>;
    C size, beta1, rest1, beta2, rest2, eps, decay; // size: less than 0
    bool decays;
    template <int ARGS> __device__ void operator()(C (&value)[ARGS]) const
    {
        C grad = value[1];
        if (decays) grad = rounded<T>(grad + decay * value[0]);
        value[2] = rounded<T>(rounded<T>(value[2] * beta1) + rest1 * grad);
        value[3] = rounded<T>(rounded<T>(value[3] * beta2) + rest2 * grad * grad);
        C square = value[3];
        if constexpr (ARGS > 4) square = value[4] = THCMax<C>{}(value[4], square);
        const C under = rounded<T>(rounded<T>(sqrt(square)) + eps);
        value[0] = value[0] + size * value[2] / under;
    }
};

// The lists of one call: the parameters first, then the gradients, then the state.
template <int ARGS> struct Lists {
    const char *op;
    int count;
    THTensor *const *list[ARGS];

    THStatus check() const
    {
        for (int i = 0; i < count; i++) {
            const THTensor *const param = list[0][i];
            for (int a = 0; a < ARGS; a++) {
                const THTensor *const t = list[a][i];
                TH_FAIL_IF(!THDtype_isFloating((THDtype)t->dtype), TH_ERR_DTYPE,
                           "[%s] tensor %d has dtype %s: must be floating", op, i, THDtype_name((THDtype)t->dtype));
                TH_TRY(thc_same(op, list[0][0], t));
                bool fits = t->ndim == param->ndim;
                for (int d = 0; fits && d < t->ndim; d++) fits = t->size[d] == param->size[d];
                TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[%s] the tensors of number %d differ in size, expected the parameter's", op,
                           i);
                for (int d = 0; a != 1 && d < t->ndim; d++)
                    TH_FAIL_IF(t->stride[d] == 0 && t->size[d] > 1, TH_ERR_SHAPE,
                               "[%s] tensor %d is expanded along dimension %d, its elements share memory; clone it first", op,
                               i, d);
            }
        }
        return TH_OK;
    }

    // F of every element.
    template <class T, class F> THStatus run(F f) const
    {
        if (count == 0) return TH_OK;
        const THCGuard guard(list[0][0]);
        std::unique_ptr<THCResult[]> open(new THCResult[(size_t)count * ARGS]); // gradients among them, which stay as they are
        for (int i = 0; i < count * ARGS; i++) TH_TRY(open[i].openUpdate(list[i % ARGS][i / ARGS]));
        for (int begin = 0; begin < count; begin += MOST) start<T>(f, begin, std::min(count, begin + MOST), open.get());
        TH_TRY(thc_started(op));
        for (int i = 0; i < count * ARGS; i++)
            if (i % ARGS != 1) TH_TRY(open[i].close());
        return TH_OK;
    }

  private:
    template <class T, class F> static void start(F f, int begin, int end, const THCResult *open)
    {
        Batch<T, ARGS> batch = {};
        unsigned blocks = 0;
        for (int i = begin; i < end; i++) {
            const int64_t n = open[i * ARGS].get()->numel;
            if (n == 0) continue;
            const int k = batch.count++;
            batch.n[k] = n;
            batch.first[k] = blocks;
            batch.packed[k] = true;
            for (int a = 0; a < ARGS; a++) {
                batch.data[k][a] = open[i * ARGS + a].template data<T>();
                batch.packed[k] = batch.packed[k] && reinterpret_cast<uintptr_t>(batch.data[k][a]) % (PACK<T> * sizeof(T)) == 0;
            }
            blocks += (unsigned)((n + CHUNK<T> - 1) / CHUNK<T>);
        }
        if (blocks > 0) step<T, ARGS, F><<<blocks, THREADS, 0, thc_stream()>>>(batch, f);
    }
};

template <int ARGS, bool MOMENTUM> THStatus runSgd(const Lists<ARGS> &lists, const THCSgd &o)
{
    TH_TRY(lists.check());
    if (lists.count == 0) return TH_OK;
    THC_FOR_FLOATING(lists.op, lists.list[0][0]->dtype, T, {
        using C = THCCompute<T>;
        return lists.template run<T>(
            Sgd<T, MOMENTUM>{(C)-o.rate, (C)o.momentum, (C)(1 - o.dampening), (C)o.decay, o.decay != 0, o.nesterov});
    })
}

template <int ARGS> THStatus runAdam(const Lists<ARGS> &lists, const THCAdam &o)
{
    TH_TRY(lists.check());
    if (lists.count == 0) return TH_OK;
    THC_FOR_FLOATING(lists.op, lists.list[0][0]->dtype, T, {
        using C = THCCompute<T>;
        return lists.template run<T>(Adam<T>{(C)-o.size, (C)o.beta1, (C)(1 - o.beta1), (C)o.beta2, (C)(1 - o.beta2), (C)o.eps,
                                             (C)o.decay, o.decay != 0});
    })
}

} // namespace

THStatus THCTensor_sgdStep(int count, THTensor *const *params, THTensor *const *grads, THTensor *const *velocities,
                           const THCSgd *options)
{
    TH_GIVEN("sgdStep", params, grads, options);
    if (velocities == nullptr) return runSgd<2, false>(Lists<2>{"sgdStep", count, {params, grads}}, *options);
    return runSgd<3, true>(Lists<3>{"sgdStep", count, {params, grads, velocities}}, *options);
}

THStatus THCTensor_adamStep(int count, THTensor *const *params, THTensor *const *grads, THTensor *const *means,
                            THTensor *const *squares, THTensor *const *maxima, const THCAdam *options)
{
    TH_GIVEN("adamStep", params, grads, means, squares, options);
    if (maxima == nullptr) return runAdam(Lists<4>{"adamStep", count, {params, grads, means, squares}}, *options);
    return runAdam(Lists<5>{"adamStep", count, {params, grads, means, squares, maxima}}, *options);
}
