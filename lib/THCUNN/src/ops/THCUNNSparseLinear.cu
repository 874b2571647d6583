// SparseLinear: the functions of THNN's header of that name, for tensors on devices. Elements are put in order by what they add
// to, and each number of a result is the work of one thread, which adds in the order of the input.
#include "ops/THCUNNRuns.cuh"

extern "C" {
#include "ops/THNNSparseLinear.h"
}

#define OP "SparseLinear"

namespace
{

// What an input lists, numbers counted from 0. Elements that count nothing have the feature -1.
struct Listed {
    const THCOwned samples, features;
    int64_t pairs; // of each sample; 0 in the form of three numbers
    const CunnDense input;

    explicit Listed(const THTensor *given, int64_t n)
        : samples(THCTensor_newWithSize(THTensor_device(given), THDtype_Long, 1, &n)),
          features(THCTensor_newWithSize(THTensor_device(given), THDtype_Long, 1, &n)),
          pairs(given->ndim == 3 ? given->size[1] : 0), input(given)
    {
    }
    bool failed() const { return !samples || !features || input.failed(); }
    int64_t count() const { return samples.get()->numel; }
    int64_t words() const { return pairs == 0 ? 3 : 2; }
};

template <class T> struct Split {
    const T *input;
    int64_t pairs, width, *samples, *features;
    __device__ void operator()(int64_t k) const
    {
        const T *const at = input + k * (pairs == 0 ? 3 : 2);
        const int64_t feature = (int64_t)THCElement<T>::up(at[pairs == 0]) - 1;
        const bool counts = THCElement<T>::up(at[pairs == 0 ? 2 : 1]) != 0 && feature >= 0 && feature < width;
        samples[k] = pairs == 0 ? (int64_t)THCElement<T>::up(at[0]) - 1 : k / pairs;
        features[k] = counts ? feature : -1;
    }
};

int64_t countOf(const THTensor *input)
{
    return input->ndim == 3 ? input->size[0] * input->size[1] : input->size[0];
}

THStatus checkInput(const THTensor *input)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    const bool legacy = input->ndim == 3;
    TH_FAIL_IF(!(legacy && input->size[2] == 2) && !(input->ndim == 2 && input->size[1] == 3), TH_ERR_SHAPE,
               "[" OP "] input has %d dimensions, the last of size %lld; expected elements x 3, or N x elements x 2",
               input->ndim, input->ndim ? (long long)input->size[input->ndim - 1] : 0LL);
    return TH_OK;
}

// The tensor is a matrix beside the input, of its dtype.
THStatus checkMatrix(const THTensor *input, const char *argument, const THTensor *matrix)
{
    TH_TRY(THNN_checkDtype(OP, argument, matrix, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(OP, input, matrix));
    TH_FAIL_IF(matrix->ndim != 2, TH_ERR_SHAPE, "[" OP "] %s has %d dimensions, expected 2", argument, matrix->ndim);
    return TH_OK;
}

THStatus checkBias(const THTensor *input, const char *argument, const THTensor *bias, int64_t out)
{
    TH_TRY(THNN_checkDtype(OP, argument, bias, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(OP, input, bias));
    return THNN_checkShape(OP, argument, bias, 1, &out);
}

// width: features of the weight. samples: how many there are, or -1 if no sample is asked for.
THStatus split(const Listed &listed, int64_t width, int64_t samples)
{
    if (listed.failed()) return THStatus_last();
    bool outside;
    int64_t value;
    const auto start = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, listed.input.get()->dtype, T, {
            return cunn_each(OP, listed.count(),
                             Split<T>{listed.input.data<T>(), listed.pairs, width, thc_data<int64_t>(listed.samples.get()),
                                      thc_data<int64_t>(listed.features.get())});
        })
    };
    TH_TRY(start());
    if (samples < 0) return TH_OK;
    TH_TRY(cunn_findOutside(OP, listed.samples.get(), 0, samples, nullptr, &outside, &value));
    TH_FAIL_IF(outside, TH_ERR_INDEX, "[" OP "] input names sample %lld, expected 1 to %lld", (long long)value + 1,
               (long long)samples);
    return TH_OK;
}

template <class T> struct Start {
    int64_t out;
    const T *bias;
    T *output;
    __device__ void operator()(int64_t i) const { output[i] = bias[i % out]; }
};

template <class T> struct Output {
    int64_t in, out, words;
    const int64_t *order, *features;
    const T *input, *weight, *bias;
    T *output;
    __device__ void operator()(int64_t sample, int64_t first, int64_t last, int64_t j) const
    {
        CunnSum<T> sum = 0;
        for (int64_t i = first; i < last; i++) {
            const int64_t k = order[i], feature = features[k];
            if (feature < 0) continue;
            sum += (CunnSum<T>)THCElement<T>::up(weight[j * in + feature]) * THCElement<T>::up(input[(k + 1) * words - 1]);
        }
        output[sample * out + j] = THCElement<T>::down(sum + THCElement<T>::up(bias[j]));
    }
};

template <class T> struct Gradient {
    int64_t in, out, words;
    double scale;
    const int64_t *order, *samples;
    const T *input, *gy;
    T *gw;
    __device__ void operator()(int64_t feature, int64_t first, int64_t last, int64_t j) const
    {
        T *const target = gw + j * in + feature;
        CunnSum<T> sum = THCElement<T>::up(*target);
        for (int64_t i = first; i < last; i++) {
            const int64_t k = order[i];
            const CunnSum<T> factor = (CunnSum<T>)(scale * (double)THCElement<T>::up(input[(k + 1) * words - 1]));
            sum += factor * THCElement<T>::up(gy[samples[k] * out + j]);
        }
        *target = THCElement<T>::down(sum);
    }
};

template <class T> struct Zero {
    int64_t in;
    T *gw;
    __device__ void operator()(int64_t feature, int64_t, int64_t, int64_t j) const
    {
        gw[j * in + feature] = THCElement<T>::down(0);
    }
};

template <class T> struct Step {
    int64_t in;
    double rate;
    const T *gw;
    T *weight;
    __device__ void operator()(int64_t feature, int64_t, int64_t, int64_t j) const
    {
        T *const target = weight + j * in + feature;
        const CunnSum<T> change = (CunnSum<T>)-rate * THCElement<T>::up(gw[j * in + feature]);
        *target = THCElement<T>::down(THCElement<T>::up(*target) + change);
    }
};

THStatus outputOf(const Listed &listed, const THTensor *weight, const THTensor *bias, THTensor *output)
{
    CunnRuns runs;
    const CunnDense w(weight), b(bias);
    if (w.failed() || b.failed()) return THStatus_last();
    const int64_t in = weight->size[1], out = weight->size[0];
    TH_TRY(runs.open(listed.samples.get()));
    THC_FOR_FLOATING(OP, weight->dtype, T, {
        T *const y = thc_data<T>(output);
        TH_TRY(cunn_each(OP, output->numel, Start<T>{out, b.data<T>(), y}));
        return cunn_eachRun(OP, runs, out,
                            Output<T>{in, out, listed.words(), runs.order(), thc_data<int64_t>(listed.features.get()),
                                      listed.input.data<T>(), w.data<T>(), b.data<T>(), y});
    })
}

THStatus gradientOf(const Listed &listed, const THTensor *gradOutput, THTensor *gradWeight, double scale)
{
    CunnRuns runs;
    const CunnDense gy(gradOutput);
    if (gy.failed()) return THStatus_last();
    TH_TRY(runs.open(listed.features.get()));
    THC_FOR_FLOATING(OP, gradWeight->dtype, T, {
        return cunn_eachRun(OP, runs, gradWeight->size[0],
                            Gradient<T>{gradWeight->size[1], gradWeight->size[0], listed.words(), scale, runs.order(),
                                        thc_data<int64_t>(listed.samples.get()), listed.input.data<T>(), gy.data<T>(),
                                        thc_data<T>(gradWeight)});
    })
}

} // namespace

THStatus THNNSparseLinear_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias)
{
    TH_TRY(checkInput(input));
    TH_TRY(checkMatrix(input, "weight", weight));
    TH_TRY(checkBias(input, "bias", bias, weight->size[0]));
    const bool legacy = input->ndim == 3, shaped = output->ndim == 2 && output->dtype == input->dtype;
    TH_FAIL_IF(!legacy && !shaped, TH_ERR_SHAPE, "[" OP "] output is not a matrix yet: its rows are the samples of the input");
    const int64_t shape[2] = {legacy ? input->size[0] : output->size[0], weight->size[0]};
    const THCGuard guard(input);
    const Listed listed(input, countOf(input));
    TH_TRY(split(listed, weight->size[1], shape[0]));
    CunnResult result;
    TH_TRY(result.open(OP, output, (THDtype)input->dtype, 2, shape, {input, weight, bias}));
    TH_TRY(outputOf(listed, weight, bias, result.get()));
    return result.close();
}

THStatus THNNSparseLinear_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                            THTensor *gradBias, const THTensor *weight, double decay, double scale)
{
    TH_TRY(checkInput(input));
    TH_TRY(checkMatrix(input, "gradWeight", gradWeight));
    TH_TRY(checkBias(input, "gradBias", gradBias, gradWeight->size[0]));
    TH_TRY(checkMatrix(input, "gradOutput", gradOutput));
    TH_FAIL_IF(gradOutput->size[1] != gradWeight->size[0], TH_ERR_SHAPE,
               "[" OP "] gradOutput has %d dimensions, expected N x %lld", gradOutput->ndim, (long long)gradWeight->size[0]);
    const THCGuard guard(input);
    const Listed listed(input, countOf(input));
    TH_TRY(split(listed, gradWeight->size[1], gradOutput->size[0]));
    CunnResult result;
    TH_TRY(result.openUpdate(gradWeight));
    TH_TRY(gradientOf(listed, gradOutput, result.get(), scale));
    TH_TRY(result.close());
    const THCOwned sums(THTensor_new());
    if (!sums) return THStatus_last();
    TH_TRY(THCTensor_sum(sums.get(), gradOutput, 0, 0));
    TH_TRY(THCTensor_cadd(gradBias, gradBias, sums.get(), THScalar_fromDouble(scale)));
    return decay == 0 ? TH_OK : THCTensor_cadd(gradWeight, gradWeight, weight, THScalar_fromDouble(decay));
}

THStatus THNNSparseLinear_zeroGradParameters(THTensor *gradWeight, THTensor *gradBias, const THTensor *input)
{
    TH_TRY(checkInput(input));
    TH_TRY(checkMatrix(input, "gradWeight", gradWeight));
    const THCGuard guard(input);
    const Listed listed(input, countOf(input));
    CunnRuns runs;
    CunnResult result;
    TH_TRY(split(listed, gradWeight->size[1], -1));
    TH_TRY(runs.open(listed.features.get()));
    TH_TRY(result.openUpdate(gradWeight));
    const auto zero = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, gradWeight->dtype, T, {
            return cunn_eachRun(OP, runs, gradWeight->size[0], Zero<T>{gradWeight->size[1], result.data<T>()});
        })
    };
    TH_TRY(zero());
    TH_TRY(result.close());
    return THCTensor_zero(gradBias);
}

THStatus THNNSparseLinear_updateParameters(THTensor *weight, THTensor *bias, const THTensor *gradWeight,
                                           const THTensor *gradBias, const THTensor *input, double rate)
{
    TH_TRY(checkInput(input));
    TH_TRY(checkMatrix(input, "weight", weight));
    TH_TRY(checkMatrix(input, "gradWeight", gradWeight));
    TH_TRY(THNN_checkShape(OP, "gradWeight", gradWeight, weight->ndim, weight->size));
    const THCGuard guard(input);
    const Listed listed(input, countOf(input));
    const CunnDense gw(gradWeight);
    CunnRuns runs;
    CunnResult result;
    if (gw.failed()) return THStatus_last();
    TH_TRY(split(listed, weight->size[1], -1));
    TH_TRY(runs.open(listed.features.get()));
    TH_TRY(result.openUpdate(weight));
    const auto step = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, weight->dtype, T, {
            return cunn_eachRun(OP, runs, weight->size[0], Step<T>{weight->size[1], rate, gw.data<T>(), result.data<T>()});
        })
    };
    TH_TRY(step());
    TH_TRY(result.close());
    return THCTensor_cadd(bias, bias, gradBias, THScalar_fromDouble(-rate));
}
