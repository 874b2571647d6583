// Windows of convolutions and poolings: one to three spatial dimensions, seen as D x H x W.
#pragma once

#include "ops/THCUNNCall.cuh"

struct CunnWindow {
    int64_t input, output, kernel, stride, pad, dilation;

    int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

constexpr CunnWindow CUNN_WHOLE = {1, 1, 1, 1, 0, 1};

struct CunnPlane {
    CunnWindow d, h, w;

    __host__ __device__ int64_t in() const { return d.input * h.input * w.input; }
    __host__ __device__ int64_t out() const { return d.output * h.output * w.output; }
    __host__ __device__ int64_t taps() const { return d.kernel * h.kernel * w.kernel; }
    CunnWindow &axis(int k) { return k == 0 ? d : k == 1 ? h : w; }
};

// Bounds within which no product of window arguments overflows.
inline THStatus cunn_initWindow(CunnWindow *self, const char *op, char axis, int64_t input, int64_t kernel, int64_t stride,
                                int64_t pad, int64_t dilation)
{
    const struct {
        const char *name;
        int64_t value, least;
    } checks[] = {{"k", kernel, 1}, {"d", stride, 1}, {"pad", pad, 0}, {"dilation", dilation, 1}};
    for (const auto &check : checks)
        TH_FAIL_IF(check.value < check.least || check.value > INT32_MAX, TH_ERR_VALUE, "[%s] %s%c is %lld, expected %lld to %d",
                   op, check.name, axis, (long long)check.value, (long long)check.least, INT32_MAX);
    *self = CunnWindow{input, 0, kernel, stride, pad, dilation};
    return TH_OK;
}

// The number of windows; with `up` (poolings) rounded up, but none that begins beyond input and padding.
inline THStatus cunn_countWindows(CunnWindow *self, const char *op, char axis, bool up)
{
    const int64_t room = self->input + 2 * self->pad - self->extent(), rounded = up ? room + self->stride - 1 : room;
    TH_FAIL_IF(self->input < 1, TH_ERR_SHAPE, "[%s] input has %c %lld, expected 1 or more before padding", op, axis,
               (long long)self->input);
    TH_FAIL_IF(rounded < 0, TH_ERR_SHAPE,
               "[%s] input has %c %lld, with padding %lld: smaller than the window of %lld; output would be too small", op,
               axis, (long long)self->input, (long long)(self->input + 2 * self->pad), (long long)self->extent());
    self->output = rounded / self->stride + 1;
    if (up && (self->output - 1) * self->stride >= self->input + self->pad) self->output--;
    return TH_OK;
}
