// Convolutions that need no columns.
#pragma once

#include "ops/THCUNNColumns.cuh"

struct CunnConvolution {
    const char *op;
    THDtype dtype;
    int device;
    CunnPlane plane;
    int64_t batch, groups, group_in, group_out;
    int64_t chunk; // samples at a time

    int64_t rows() const { return group_in * plane.taps(); }
    // One input channel in each of several groups.
    bool isDepthwise() const { return groups > 1 && group_in == 1; }
    // Windows of one element, each of them: a product of matrices for each sample.
    bool isPointwise() const;
};

constexpr int64_t CUNN_COLUMNS_BYTES = INT64_C(256) << 20; // of one chunk of samples

// y = weight * x + bias (or NULL); the gradient of x; gw += scale * that of the weight. All dense, nothing is empty.
THStatus cunn_depthwiseForward(const CunnConvolution &conv, const THTensor *x, const THTensor *weight, const THTensor *bias,
                               THTensor *y);
THStatus cunn_depthwiseGradInput(const CunnConvolution &conv, const THTensor *gy, const THTensor *weight, THTensor *gx);
THStatus cunn_depthwiseGradWeight(const CunnConvolution &conv, const THTensor *x, const THTensor *gy, THTensor *gw,
                                  double scale);
THStatus cunn_pointwiseForward(const CunnConvolution &conv, const THTensor *x, const THTensor *weight, const THTensor *bias,
                               THTensor *y);
THStatus cunn_pointwiseGradInput(const CunnConvolution &conv, const THTensor *gy, const THTensor *weight, THTensor *gx);
THStatus cunn_pointwiseGradWeight(const CunnConvolution &conv, const THTensor *x, const THTensor *gy, THTensor *gw,
                                  double scale);
