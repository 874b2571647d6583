// What sliding windows see, as columns: (channels x taps) x (samples x windows), and back.
#pragma once

#include "ops/THCUNNWindow.cuh"

// Some channels of `samples` samples.
struct CunnPart {
    CunnPlane p;
    int64_t samples, channels, channel_stride, sample_stride; // strides in elements
};

// Each thread unrolls one window of one channel: its taps are rows of the columns.
template <class T> __global__ void cunn_unroll(CunnPart a, const T *image, T *columns)
{
    const CunnPlane &p = a.p;
    const int64_t windows = a.samples * p.out(), taps = p.taps();
    CUNN_LOOP(i, a.channels * windows)
    {
        const int64_t c = thc_quotient(i, windows), place = i - c * windows, n = thc_quotient(place, p.out());
        const int64_t o = place - n * p.out(), row = thc_quotient(o, p.w.output), od = thc_quotient(row, p.h.output);
        const int64_t ow = o - row * p.w.output, oh = row - od * p.h.output;
        const T *x = image + n * a.sample_stride + c * a.channel_stride;
        T *column = columns + c * taps * windows + place;
        for (int64_t kd = 0; kd < p.d.kernel; kd++) {
            const int64_t d = od * p.d.stride - p.d.pad + kd * p.d.dilation;
            for (int64_t kh = 0; kh < p.h.kernel; kh++) {
                const int64_t h = oh * p.h.stride - p.h.pad + kh * p.h.dilation;
                for (int64_t kw = 0; kw < p.w.kernel; kw++, column += windows) {
                    const int64_t w = ow * p.w.stride - p.w.pad + kw * p.w.dilation;
                    const bool inside = d >= 0 && d < p.d.input && h >= 0 && h < p.h.input && w >= 0 && w < p.w.input;
                    *column = inside ? x[(d * p.h.input + h) * p.w.input + w] : T(0);
                }
            }
        }
    }
}

// The window whose tap k sees input element i, or -1.
__device__ inline int64_t cunn_windowOf(const CunnWindow &w, int64_t i, int64_t k)
{
    const int64_t start = i + w.pad - k * w.dilation;
    if (start < 0 || start % w.stride != 0) return -1;
    const int64_t o = start / w.stride;
    return o < w.output ? o : -1;
}

// Each thread adds up what one input element is in all windows.
template <class T> __global__ void cunn_roll(CunnPart a, const T *columns, T *image)
{
    using A = CunnSum<T>;
    const CunnPlane &p = a.p;
    const int64_t windows = a.samples * p.out(), taps = p.taps();
    CUNN_LOOP(i, a.channels * a.samples * p.in())
    {
        const int64_t e = i % p.in(), c = i / p.in() % a.channels, n = i / p.in() / a.channels;
        const int64_t w = e % p.w.input, h = e / p.w.input % p.h.input, d = e / p.w.input / p.h.input;
        const T *column = columns + c * taps * windows + n * p.out();
        A sum = 0;
        for (int64_t kd = 0; kd < p.d.kernel; kd++) {
            const int64_t od = cunn_windowOf(p.d, d, kd);
            for (int64_t kh = 0; kh < p.h.kernel; kh++) {
                const int64_t oh = cunn_windowOf(p.h, h, kh);
                for (int64_t kw = 0; kw < p.w.kernel; kw++, column += windows) {
                    const int64_t ow = cunn_windowOf(p.w, w, kw);
                    if (od < 0 || oh < 0 || ow < 0) continue;
                    sum += (A)THCElement<T>::up(column[(od * p.h.output + oh) * p.w.output + ow]);
                }
            }
        }
        image[n * a.sample_stride + c * a.channel_stride + e] = THCElement<T>::down((THCCompute<T>)sum);
    }
}
