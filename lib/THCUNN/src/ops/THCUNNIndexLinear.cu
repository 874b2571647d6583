// IndexLinear: the functions of THNN's header of that name, for tensors on devices. Pairs that share a row of the weight are
// the work of one thread, one after the other, as on the host.
#include "ops/THCUNNRuns.cuh"

extern "C" {
#include "ops/THNNIndexLinear.h"
}

#define OP "IndexLinear"

namespace
{

// The numbers before those of a row that normalises values.
enum { LARGEST, INVERSE, FACTOR, SHIFT, SKIP };

// The arguments of one call, checked.
struct Task {
    THDtype dtype;
    int device;
    int64_t count, samples, inputs, out, skip;
    THTensor *rows, *begins, *values; // of the weight, for each pair; of each sample's pairs, and their end; dense

    Task() : dtype(THDtype_None), device(0), count(0), samples(0), inputs(0), out(0), skip(0)
    {
        rows = begins = values = nullptr;
    }
    ~Task()
    {
        THTensor_free(rows);
        THTensor_free(begins);
        THTensor_free(values);
    }
    Task(const Task &) = delete;
    Task &operator=(const Task &) = delete;
    int64_t width() const { return skip + out; }
};

THStatus checkWeight(Task *task, const THTensor *weight, const THTensor *bias)
{
    TH_TRY(THNN_checkFloating(OP, "weight", weight));
    task->dtype = (THDtype)weight->dtype;
    task->device = THTensor_device(weight);
    TH_TRY(THNN_checkDtype(OP, "bias", bias, task->dtype));
    TH_TRY(thc_sameDevice(OP, weight, bias));
    TH_FAIL_IF(bias->ndim != 1, TH_ERR_SHAPE, "[" OP "] bias has %d dimensions, expected 1 (out)", bias->ndim);
    TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 2 (in x out)", weight->ndim);
    task->inputs = weight->size[0];
    task->out = bias->size[0];
    task->skip = weight->size[1] - task->out;
    TH_FAIL_IF(task->skip != 0 && task->skip != SKIP, TH_ERR_SHAPE,
               "[" OP "] weight has %lld columns, expected %lld (out), or %lld to normalise values", (long long)weight->size[1],
               (long long)task->out, (long long)task->out + SKIP);
    return TH_OK;
}

THStatus checkPairs(Task *task, const THNNPairs *pairs, const THTensor *weight)
{
    TH_TRY(THNN_checkDtype(OP, "keys", pairs->keys, THDtype_Long));
    TH_TRY(thc_sameDevice(OP, weight, pairs->keys));
    TH_FAIL_IF(pairs->keys->ndim != 1, TH_ERR_SHAPE, "[" OP "] keys has %d dimensions, expected 1", pairs->keys->ndim);
    task->count = pairs->keys->numel;
    if (pairs->values != nullptr) {
        TH_TRY(THNN_checkDtype(OP, "values", pairs->values, task->dtype));
        TH_TRY(thc_sameDevice(OP, weight, pairs->values));
        TH_FAIL_IF(pairs->values->numel != task->count, TH_ERR_SHAPE, "[" OP "] values has %lld elements, keys %lld",
                   (long long)pairs->values->numel, (long long)task->count);
    }
    if (pairs->sizes != nullptr) {
        TH_TRY(THNN_checkDtype(OP, "sizes", pairs->sizes, THDtype_Long));
        TH_TRY(thc_sameDevice(OP, weight, pairs->sizes));
        task->samples = pairs->sizes->numel;
    }
    return TH_OK;
}

struct Shift {
    const int64_t *keys;
    int64_t offset, *rows;
    __device__ void operator()(int64_t i) const { rows[i] = (int64_t)((uint64_t)keys[i] + (uint64_t)offset); }
};

THStatus fillRows(Task *task, const THNNPairs *pairs)
{
    const CunnDense keys(pairs->keys);
    task->rows = THCTensor_newWithSize(task->device, THDtype_Long, 1, &task->count);
    if (keys.failed() || task->rows == nullptr) return THStatus_last();
    // The keys that name a row; an offset without a negative leaves none.
    int64_t low, high, value;
    bool outside;
    if (__builtin_sub_overflow((int64_t)0, pairs->keysOffset, &low)) low = INT64_MAX;
    if (__builtin_add_overflow(low, task->inputs, &high)) high = INT64_MAX;
    TH_TRY(cunn_findOutside(OP, keys.get(), low, high, nullptr, &outside, &value));
    TH_FAIL_IF(outside, TH_ERR_INDEX, "[" OP "] keys holds %lld, with keysOffset %lld outside of the weight's %lld rows",
               (long long)value, (long long)pairs->keysOffset, (long long)task->inputs);
    return cunn_each(OP, task->count, Shift{keys.data<int64_t>(), pairs->keysOffset, thc_data<int64_t>(task->rows)});
}

// begins: of the host.
THStatus fillBegins(const Task *task, const int64_t *sizes, int64_t *begins)
{
    int64_t end = 0;
    for (int64_t j = 0; j < task->samples; j++) {
        begins[j] = end;
        TH_FAIL_IF(sizes[j] < 0 || sizes[j] > task->count - end, TH_ERR_VALUE,
                   "[" OP "] sizes holds %lld for sample %lld, with %lld of %lld pairs left", (long long)sizes[j], (long long)j,
                   (long long)(task->count - end), (long long)task->count);
        end += sizes[j];
    }
    begins[task->samples] = end;
    TH_FAIL_IF(end != task->count, TH_ERR_VALUE, "[" OP "] sizes add up to %lld, keys has %lld elements", (long long)end,
               (long long)task->count);
    return TH_OK;
}

// Checked on the host: there are few of them.
THStatus placeBegins(Task *task, const THTensor *sizes)
{
    const int64_t edges = task->samples + 1;
    const THCOwned there(THCTensor_newOnDevice(sizes, TH_DEVICE_HOST)), begins(THTensor_newWithSize(THDtype_Long, 1, &edges));
    if (!there || !begins) return THStatus_last();
    TH_TRY(fillBegins(task, thc_data<int64_t>(there.get()), thc_data<int64_t>(begins.get())));
    task->begins = THCTensor_newOnDevice(begins.get(), task->device);
    return task->begins == nullptr ? THStatus_last() : TH_OK;
}

THStatus openTask(Task *task, const THNNPairs *pairs, const THTensor *weight, const THTensor *bias)
{
    TH_TRY(checkWeight(task, weight, bias));
    TH_TRY(checkPairs(task, pairs, weight));
    const THCGuard guard(weight);
    TH_TRY(fillRows(task, pairs));
    if (pairs->values != nullptr) {
        task->values = THCTensor_newContiguous(const_cast<THTensor *>(pairs->values));
        if (task->values == nullptr) return THStatus_last();
    }
    return pairs->sizes == nullptr ? TH_OK : placeBegins(task, pairs->sizes);
}

// --- output -----------------------------------------------------------------------------------------------------------------

template <class T> struct Normalize {
    using C = CunnSum<T>;
    int64_t width;
    bool train;
    const int64_t *order;
    const T *values;
    T *weight, *result;
    __device__ void operator()(int64_t key, int64_t first, int64_t last, int64_t) const
    {
        T *const row = weight + key * width;
        for (int64_t i = first; i < last; i++) {
            const C value = THCElement<T>::up(values[order[i]]), size = value < 0 ? -value : value;
            if (train && size > THCElement<T>::up(row[LARGEST])) {
                row[LARGEST] = THCElement<T>::down(size);
                row[INVERSE] = THCElement<T>::down(1 / size);
            }
            if (train) row[FACTOR] = THCElement<T>::down(1);
            const C sign = value < 0 ? -1 : 1;
            const C used = size > THCElement<T>::up(row[LARGEST]) ? sign : value * THCElement<T>::up(row[INVERSE]);
            result[order[i]] = THCElement<T>::down(used + THCElement<T>::up(row[SHIFT]));
        }
    }
};

template <class T> struct Output {
    int64_t out, skip;
    const int64_t *begins, *rows;
    const T *values, *weight, *bias;
    T *output;
    __device__ void operator()(int64_t i) const
    {
        const int64_t sample = i / out, k = i - sample * out;
        CunnSum<T> sum = THCElement<T>::up(bias[k]);
        for (int64_t p = begins[sample]; p < begins[sample + 1]; p++)
            sum += (CunnSum<T>)THCElement<T>::up(values[p]) * THCElement<T>::up(weight[rows[p] * (skip + out) + skip + k]);
        output[i] = THCElement<T>::down(sum);
    }
};

THStatus normalizeValues(Task *task, THTensor *weight, THTensor *normalized, bool train)
{
    TH_FAIL_IF(normalized == nullptr, TH_ERR_VALUE, "[" OP "] normalizedValues is NULL, and the weight normalises values");
    CunnRuns runs;
    CunnResult table, result;
    TH_TRY(runs.open(task->rows));
    TH_TRY(table.openUpdate(weight));
    TH_TRY(result.open(OP, normalized, task->dtype, 1, &task->count, {task->values, weight}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, task->dtype, T, {
            return cunn_eachRun(
                OP, runs, 1,
                Normalize<T>{task->width(), train, runs.order(), thc_data<T>(task->values), table.data<T>(), result.data<T>()});
        })
    };
    TH_TRY(run());
    THTensor *const used = result.get();
    THTensor_retain(used);
    THTensor_free(task->values);
    task->values = used;
    if (train) TH_TRY(table.close());
    return result.close();
}

THStatus outputOf(const Task &task, const THTensor *weight, const THTensor *bias, THTensor *output)
{
    const int64_t shape[2] = {task.samples, task.out};
    const CunnDense w(weight), b(bias);
    CunnResult result;
    if (w.failed() || b.failed()) return THStatus_last();
    TH_TRY(result.open(OP, output, task.dtype, 2, shape, {weight, bias, task.values}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, task.dtype, T, {
            return cunn_each(OP, task.samples * task.out,
                             Output<T>{task.out, task.skip, thc_data<int64_t>(task.begins), thc_data<int64_t>(task.rows),
                                       thc_data<T>(task.values), w.data<T>(), b.data<T>(), result.data<T>()});
        })
    };
    TH_TRY(run());
    return result.close();
}

// --- gradients --------------------------------------------------------------------------------------------------------------

// A row for each pair.
template <class T> struct Gradient {
    using C = CunnSum<T>;
    int64_t out, skip;
    C scale;
    const int64_t *begins;
    const T *values, *gy;
    T *gw;
    __device__ void operator()(int64_t i) const
    {
        const int64_t sample = i / out, k = i - sample * out, row = (skip == 0 ? 1 : 2) * out;
        const C g = THCElement<T>::up(gy[i]);
        for (int64_t p = begins[sample]; p < begins[sample + 1]; p++) {
            if (skip != 0) gw[p * row + k] = THCElement<T>::down(scale * g);
            gw[(p + 1) * row - out + k] = THCElement<T>::down(scale * THCElement<T>::up(values[p]) * g);
        }
    }
};

// gradOutput as samples x out; NULL with the failure set.
THTensor *newGradOutput(const Task &task, const THTensor *gradOutput)
{
    const int64_t shape[2] = {task.samples, task.out};
    if (THNN_checkDtype(OP, "gradOutput", gradOutput, task.dtype) != TH_OK) return nullptr;
    if (thc_sameDevice(OP, task.rows, gradOutput) != TH_OK) return nullptr;
    if (gradOutput->numel != task.samples * task.out) {
        THStatus_fail(TH_ERR_SHAPE, "[" OP "] gradOutput has %lld elements, expected %lld samples x %lld",
                      (long long)gradOutput->numel, (long long)task.samples, (long long)task.out);
        return nullptr;
    }
    const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(gradOutput)));
    return dense ? THCTensor_newReshape(dense.get(), 2, shape) : nullptr;
}

// target += factor * the sum of gy's rows.
THStatus addRows(const THTensor *gy, double factor, THTensor *target)
{
    const THCOwned sums(THTensor_new());
    if (!sums) return THStatus_last();
    TH_TRY(THCTensor_sum(sums.get(), gy, 0, 0));
    return THCTensor_cadd(target, target, sums.get(), THScalar_fromDouble(factor));
}

THStatus checkGradient(const Task &task, const char *argument, const THTensor *gradient, int ndim, const int64_t *shape)
{
    TH_TRY(THNN_checkDtype(OP, argument, gradient, task.dtype));
    TH_TRY(thc_sameDevice(OP, task.rows, gradient));
    return THNN_checkShape(OP, argument, gradient, ndim, shape);
}

// --- steps ------------------------------------------------------------------------------------------------------------------

// What a step takes off a row for pair p: rate * factor * g, and, where values are normalised, what gs gives off the shift.
template <class T> struct OfPairs {
    int64_t samples, out;
    const int64_t *begins;
    const T *values, *gy;
    __device__ const T *of(int64_t p) const
    {
        int64_t low = 0, high = samples; // the sample whose pairs begin last before p
        while (high - low > 1) {
            const int64_t middle = (low + high) / 2;
            if (begins[middle] <= p)
                low = middle;
            else
                high = middle;
        }
        return gy + low * out;
    }
    __device__ const T *gs(int64_t p) const { return of(p); }
    __device__ const T *g(int64_t p) const { return of(p); }
    __device__ CunnSum<T> factor(int64_t p) const { return THCElement<T>::up(values[p]); }
};

template <class T> struct OfGradient {
    int64_t out, parts;
    const T *gradient;
    __device__ const T *gs(int64_t p) const { return gradient + p * parts * out; }
    __device__ const T *g(int64_t p) const { return gradient + ((p + 1) * parts - 1) * out; }
    __device__ CunnSum<T> factor(int64_t) const { return 1; }
};

// One number of a row.
template <class T, class Source> struct StepNumber {
    using C = CunnSum<T>;
    int64_t out;
    C rate, decay;
    Source source;
    const int64_t *order;
    T *weight;
    __device__ void operator()(int64_t key, int64_t first, int64_t last, int64_t k) const
    {
        C number = THCElement<T>::up(weight[key * out + k]);
        for (int64_t i = first; i < last; i++) {
            const int64_t p = order[i];
            number -= decay * number + rate * source.factor(p) * THCElement<T>::up(source.g(p)[k]);
        }
        weight[key * out + k] = THCElement<T>::down(number);
    }
};

// A row whose shift depends on all of its numbers.
template <class T, class Source> struct StepRow {
    using C = CunnSum<T>;
    int64_t out;
    C rate, decay;
    Source source;
    const int64_t *order;
    T *weight;
    __device__ void operator()(int64_t key, int64_t first, int64_t last, int64_t) const
    {
        T *const head = weight + key * (SKIP + out), *const row = head + SKIP;
        const C own_rate = rate * THCElement<T>::up(head[FACTOR]), own_decay = decay * THCElement<T>::up(head[FACTOR]);
        for (int64_t i = first; i < last; i++) {
            const int64_t p = order[i];
            const T *const gs = source.gs(p), *const g = source.g(p);
            const C factor = own_rate * source.factor(p);
            C slope = 0;
            for (int64_t k = 0; k < out; k++) slope += (C)THCElement<T>::up(gs[k]) * THCElement<T>::up(row[k]);
            head[SHIFT] = THCElement<T>::down(THCElement<T>::up(head[SHIFT]) - own_rate * slope);
            for (int64_t k = 0; k < out; k++) {
                const C number = THCElement<T>::up(row[k]);
                row[k] = THCElement<T>::down(number - (own_decay * number + factor * THCElement<T>::up(g[k])));
            }
        }
    }
};

template <class T, class Source>
THStatus stepAll(const Task &task, THTensor *weight, double rate, double decay, const Source &source)
{
    using C = CunnSum<T>;
    CunnRuns runs;
    CunnResult table;
    TH_TRY(runs.open(task.rows));
    TH_TRY(table.openUpdate(weight));
    const StepNumber<T, Source> number = {task.out, (C)rate, (C)decay, source, runs.order(), table.data<T>()};
    const StepRow<T, Source> row = {task.out, (C)rate, (C)decay, source, runs.order(), table.data<T>()};
    if (task.skip == 0)
        TH_TRY(cunn_eachRun(OP, runs, task.out, number));
    else
        TH_TRY(cunn_eachRun(OP, runs, 1, row));
    return table.close();
}

} // namespace

THStatus THNNIndexLinear_updateOutput(const THNNPairs *pairs, THTensor *output, THTensor *weight, const THTensor *bias,
                                      THTensor *normalized, bool train)
{
    Task task;
    TH_TRY(openTask(&task, pairs, weight, bias));
    const THCGuard guard(weight);
    if (task.skip != 0) TH_TRY(normalizeValues(&task, weight, normalized, train));
    return outputOf(task, weight, bias, output);
}

THStatus THNNIndexLinear_accGradParameters(const THNNPairs *pairs, const THTensor *gradOutput, THTensor *gradWeight,
                                           THTensor *gradBias, const THTensor *weight, const THTensor *bias, double scale)
{
    Task task;
    TH_TRY(openTask(&task, pairs, weight, bias));
    const THCGuard guard(weight);
    TH_TRY(checkGradient(task, "gradBias", gradBias, 1, &task.out));
    const THCOwned gy(newGradOutput(task, gradOutput));
    if (!gy) return THStatus_last();
    const int64_t shape[2] = {task.count, (task.skip == 0 ? 1 : 2) * task.out};
    CunnResult result;
    TH_TRY(result.open(OP, gradWeight, task.dtype, 2, shape, {task.values, gradOutput}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, task.dtype, T, {
            return cunn_each(OP, task.samples * task.out,
                             Gradient<T>{task.out, task.skip, (CunnSum<T>)scale, thc_data<int64_t>(task.begins),
                                         thc_data<T>(task.values), thc_data<T>(gy.get()), result.data<T>()});
        })
    };
    TH_TRY(run());
    TH_TRY(result.close());
    return addRows(gy.get(), scale, gradBias);
}

THStatus THNNIndexLinear_accUpdateGradParameters(const THNNPairs *pairs, const THTensor *gradOutput, THTensor *weight,
                                                 THTensor *bias, double decay, double scale)
{
    Task task;
    TH_TRY(openTask(&task, pairs, weight, bias));
    const THCGuard guard(weight);
    const THCOwned gy(newGradOutput(task, gradOutput));
    if (!gy) return THStatus_last();
    TH_TRY(addRows(gy.get(), -scale, bias));
    THC_FOR_FLOATING(OP, task.dtype, T, {
        const OfPairs<T> source = {task.samples, task.out, thc_data<int64_t>(task.begins), thc_data<T>(task.values),
                                   thc_data<T>(gy.get())};
        return stepAll<T>(task, weight, scale, decay, source);
    })
}

THStatus THNNIndexLinear_updateParameters(const THNNPairs *pairs, const THTensor *gradWeight, const THTensor *gradBias,
                                          THTensor *weight, THTensor *bias, double decay, double rate)
{
    Task task;
    TH_TRY(openTask(&task, pairs, weight, bias));
    const THCGuard guard(weight);
    const int64_t parts = task.skip == 0 ? 1 : 2, shape[2] = {task.count, parts * task.out};
    TH_TRY(checkGradient(task, "gradWeight", gradWeight, 2, shape));
    TH_TRY(checkGradient(task, "gradBias", gradBias, 1, &task.out));
    TH_TRY(THCTensor_cadd(bias, bias, gradBias, THScalar_fromDouble(-rate)));
    const CunnDense gradient(gradWeight);
    if (gradient.failed()) return THStatus_last();
    THC_FOR_FLOATING(OP, task.dtype, T,
                     { return stepAll<T>(task, weight, rate, decay, OfGradient<T>{task.out, parts, gradient.data<T>()}); })
}
