// Convolutions of one input channel in each group: sums of a few taps, by one thread for each element of the result.
#include "ops/THCUNNConvolution.cuh"
#include "ops/THCUNNPool.cuh"

namespace
{

// Calls f(tap, position in the plane) for the taps of window o that lie within the input.
template <class F> __device__ void eachTap(const CunnPlane &p, const CunnSpot &o, F f)
{
    for (int64_t kd = 0; kd < p.d.kernel; kd++) {
        const int64_t d = o.d * p.d.stride - p.d.pad + kd * p.d.dilation;
        if (d < 0 || d >= p.d.input) continue;
        for (int64_t kh = 0; kh < p.h.kernel; kh++) {
            const int64_t h = o.h * p.h.stride - p.h.pad + kh * p.h.dilation;
            if (h < 0 || h >= p.h.input) continue;
            for (int64_t kw = 0; kw < p.w.kernel; kw++) {
                const int64_t w = o.w * p.w.stride - p.w.pad + kw * p.w.dilation;
                if (w >= 0 && w < p.w.input) f((kd * p.h.kernel + kh) * p.w.kernel + kw, (d * p.h.input + h) * p.w.input + w);
            }
        }
    }
}

template <class T> struct Forward {
    CunnPlane p;
    int64_t channels, group_out; // channels: of the output
    const T *x, *weight, *bias;
    T *y;

    __device__ void operator()(int64_t at, const CunnSpot &o) const
    {
        using A = CunnSum<T>;
        const int64_t channel = o.plane - thc_quotient(o.plane, channels) * channels;
        const T *const plane = x + thc_quotient(o.plane, group_out) * p.in(), *const taps = weight + channel * p.taps();
        A sum = bias == nullptr ? (A)0 : (A)THCElement<T>::up(bias[channel]);
        eachTap(p, o, [&](int64_t tap, int64_t i) { sum += (A)THCElement<T>::up(taps[tap]) * (A)THCElement<T>::up(plane[i]); });
        y[at] = THCElement<T>::down((THCCompute<T>)sum);
    }
};

template <class T> struct GradInput {
    CunnPlane p;
    int64_t groups, group_out;
    const T *gy, *weight;
    T *gx;

    __device__ void operator()(int64_t at, const CunnSpot &i) const
    {
        using A = CunnSum<T>;
        const int64_t group = i.plane - thc_quotient(i.plane, groups) * groups;
        A sum = 0;
        for (int64_t o = 0; o < group_out; o++) {
            const T *const plane = gy + (i.plane * group_out + o) * p.out();
            const T *tap = weight + (group * group_out + o) * p.taps();
            for (int64_t kd = 0; kd < p.d.kernel; kd++) {
                const int64_t od = cunn_windowOf(p.d, i.d, kd);
                for (int64_t kh = 0; kh < p.h.kernel; kh++) {
                    const int64_t oh = cunn_windowOf(p.h, i.h, kh);
                    for (int64_t kw = 0; kw < p.w.kernel; kw++, tap++) {
                        const int64_t ow = cunn_windowOf(p.w, i.w, kw);
                        if (od < 0 || oh < 0 || ow < 0) continue;
                        sum +=
                            (A)THCElement<T>::up(*tap) * (A)THCElement<T>::up(plane[(od * p.h.output + oh) * p.w.output + ow]);
                    }
                }
            }
        }
        gx[at] = THCElement<T>::down((THCCompute<T>)sum);
    }
};

// A block for each weight; its warps take rows of windows.
template <class T>
__global__ void __launch_bounds__(CUNN_THREADS)
    gradWeight(CunnPlane p, int64_t batch, int64_t channels, int64_t group_out, double scale, const T *x, const T *gy, T *gw)
{
    using A = CunnSum<T>;
    const int64_t channel = blockIdx.x / p.taps(), tap = blockIdx.x - channel * p.taps(), groups = channels / group_out;
    const int64_t kd = tap / (p.h.kernel * p.w.kernel), kh = tap / p.w.kernel % p.h.kernel, kw = tap % p.w.kernel;
    A sum = 0;
    for (int64_t row = threadIdx.x / 32; row < batch * p.d.output * p.h.output; row += CUNN_THREADS / 32) {
        const int64_t image = thc_quotient(row, p.h.output), n = thc_quotient(image, p.d.output);
        const int64_t d = (image - n * p.d.output) * p.d.stride - p.d.pad + kd * p.d.dilation;
        const int64_t h = (row - image * p.h.output) * p.h.stride - p.h.pad + kh * p.h.dilation;
        if (d < 0 || d >= p.d.input || h < 0 || h >= p.h.input) continue;
        const T *const line = x + (((n * groups + channel / group_out) * p.d.input + d) * p.h.input + h) * p.w.input;
        const T *const g = gy + (n * channels + channel) * p.out() + (row - n * p.d.output * p.h.output) * p.w.output;
        for (int64_t ow = threadIdx.x % 32; ow < p.w.output; ow += 32) {
            const int64_t w = ow * p.w.stride - p.w.pad + kw * p.w.dilation;
            if (w >= 0 && w < p.w.input) sum += (A)THCElement<T>::up(g[ow]) * (A)THCElement<T>::up(line[w]);
        }
    }
    const double all = cunn_blockReduce((double)sum, CunnPlus{});
    if (threadIdx.x != 0) return;
    gw[blockIdx.x] = THCElement<T>::down((THCCompute<T>)((double)THCElement<T>::up(gw[blockIdx.x]) + scale * all));
}

template <class T> const T *dataOf(const THTensor *tensor)
{
    return tensor == nullptr ? nullptr : thc_data<T>(tensor);
}

} // namespace

THStatus cunn_depthwiseForward(const CunnConvolution &conv, const THTensor *x, const THTensor *weight, const THTensor *bias,
                               THTensor *y)
{
    const CunnPlane &p = conv.plane;
    const int64_t channels = conv.groups * conv.group_out;
    THC_FOR_FLOATING(conv.op, conv.dtype, T, {
        return cunn_eachSpot(
            conv.op, conv.batch * channels, p.d.output, p.h.output, p.w.output,
            Forward<T>{p, channels, conv.group_out, dataOf<T>(x), dataOf<T>(weight), dataOf<T>(bias), thc_data<T>(y)});
    })
}

THStatus cunn_depthwiseGradInput(const CunnConvolution &conv, const THTensor *gy, const THTensor *weight, THTensor *gx)
{
    const CunnPlane &p = conv.plane;
    THC_FOR_FLOATING(conv.op, conv.dtype, T, {
        return cunn_eachSpot(conv.op, conv.batch * conv.groups, p.d.input, p.h.input, p.w.input,
                             GradInput<T>{p, conv.groups, conv.group_out, dataOf<T>(gy), dataOf<T>(weight), thc_data<T>(gx)});
    })
}

THStatus cunn_depthwiseGradWeight(const CunnConvolution &conv, const THTensor *x, const THTensor *gy, THTensor *gw,
                                  double scale)
{
    const int64_t channels = conv.groups * conv.group_out;
    THC_FOR_FLOATING(conv.op, conv.dtype, T, {
        gradWeight<T><<<(unsigned)(channels * conv.plane.taps()), CUNN_THREADS, 0, thc_stream()>>>(
            conv.plane, conv.batch, channels, conv.group_out, scale, dataOf<T>(x), dataOf<T>(gy), thc_data<T>(gw));
        return thc_started(conv.op);
    })
}
