// Padding, interpolation and tables: lists of the declarations into THNN's arguments.
#include <algorithm>
#include <memory>
#include <vector>

#include "THC/THCRows.h"
#include "backend/Device.h"
#include "backend/Functions.h"
#include "ops/LayerKernels.h"

namespace torch::ops {
namespace {

struct Free {
  void operator()(THTensor* t) const { THTensor_free(t); }
};
using Handle = std::unique_ptr<THTensor, Free>;

// The last dimension's first, into the order of dimensions.
THStatus spatial_order(int count, const int64_t* pad, int64_t* result, int* dims) {
  TH_FAIL_IF(count % 2 != 0 || count < 2 || count > 2 * THNN_SPATIAL_MAX, TH_ERR_VALUE,
             "[pad] pad has %d numbers, expected 2, 4 or 6: before and after for each dimension", count);
  *dims = count / 2;
  for (int d = 0; d < *dims; d++) {
    result[2 * d] = pad[2 * (*dims - 1 - d)];
    result[2 * d + 1] = pad[2 * (*dims - 1 - d) + 1];
  }
  return TH_OK;
}

// The part of `tensor` that `before` and `after` leave, where they are positive, in one dimension.
Handle crop(const Handle& tensor, int dim, int64_t before, int64_t after) {
  const int64_t begin = std::max<int64_t>(0, before), end = std::max<int64_t>(0, after);
  return Handle(THTensor_newNarrow(tensor.get(), dim, begin, tensor->size[dim] - begin - end));
}

}  // namespace

THStatus constantPad(THTensor* r, const THTensor* self, int pad_count, const int64_t* pad, double value) {
  TH_FAIL_IF(pad_count % 2 != 0 || pad_count > 2 * self->ndim, TH_ERR_VALUE,
             "[pad] pad has %d numbers, expected before and after for at most %d dimensions", pad_count, self->ndim);
  std::vector<int64_t> size(self->size, self->size + self->ndim);
  for (int i = 0; i < pad_count / 2; i++) {
    int64_t& n = size[static_cast<size_t>(self->ndim - 1 - i)];
    n += pad[2 * i] + pad[2 * i + 1];
    TH_FAIL_IF(n < 0, TH_ERR_SHAPE, "[pad] padding (%lld, %lld) takes more than there is in dimension %d",
               static_cast<long long>(pad[2 * i]), static_cast<long long>(pad[2 * i + 1]), self->ndim - 1 - i);
  }
  TH_TRY(THTensor_outputOn(r, "pad", THTensor_device(self), static_cast<THDtype>(self->dtype), self->ndim, size.data()));
  TH_TRY(THTensor_fill(r, THScalar_fromDouble(value)));
  Handle source(THTensor_newWithTensor(self)), target(THTensor_newWithTensor(r));
  for (int i = 0; i < pad_count / 2 && source && target; i++) {
    const int dim = self->ndim - 1 - i;
    source = crop(source, dim, -pad[2 * i], -pad[2 * i + 1]);
    target = crop(target, dim, pad[2 * i], pad[2 * i + 1]);
  }
  return source && target ? THTensor_copy(target.get(), source.get()) : THStatus_last();
}

THStatus resamplingPad(THTensor* r, const THTensor* self, int pad_count, const int64_t* pad, bool border) {
  int64_t ordered[2 * THNN_SPATIAL_MAX];
  int dims;
  TH_TRY(spatial_order(pad_count, pad, ordered, &dims));
  return THNN_Padding_updateOutput(self, r, dims, ordered, border ? THNNResampling_REPLICATE : THNNResampling_REFLECT);
}

THStatus resamplingPadBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int pad_count,
                               const int64_t* pad, bool border) {
  int64_t ordered[2 * THNN_SPATIAL_MAX];
  int dims;
  TH_TRY(spatial_order(pad_count, pad, ordered, &dims));
  return THNN_Padding_updateGradInput(self, grad_output, r, dims, ordered,
                                      border ? THNNResampling_REPLICATE : THNNResampling_REFLECT);
}

THStatus upsampleForward(THTensor* r, const THTensor* self, int dims, const int64_t* size, int64_t mode, bool align_corners) {
  TH_FAIL_IF(dims < 1 || dims > THNN_SPATIAL_MAX || self->ndim != dims + 2, TH_ERR_SHAPE,
             "[upsample] input has %d dimensions and output_size %d, expected two fewer, 1 to 3", self->ndim, dims);
  TH_FAIL_IF(mode < THNNResampling_NEAREST || mode > THNNResampling_CUBIC, TH_ERR_VALUE,
             "[upsample] mode is %lld, expected 2 to 4", static_cast<long long>(mode));
  return THNN_UpSampling_updateOutput(self, r, dims, size, static_cast<THNNResampling>(mode), align_corners);
}

THStatus upsampleBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int dims, const int64_t*,
                          int64_t mode, bool align_corners) {
  return THNN_UpSampling_updateGradInput(self, grad_output, r, dims, static_cast<THNNResampling>(mode), align_corners);
}

namespace {

// indexSelect counts negative indices from the end; in a table they are mistakes, as a label of -1. `flat`: of one dimension.
THStatus check_not_negative(const THTensor* flat, int64_t rows) {
  if (flat->dtype != THDtype_Long || THTensor_device(flat) != TH_DEVICE_HOST) return TH_OK;
  const int64_t* data = reinterpret_cast<const int64_t*>(THTensor_dataBytes(flat));
  const int64_t stride = flat->stride[0];
  int64_t signs = 0;
  for (int64_t i = 0; i < flat->numel; i++) signs |= data[i * stride];
  for (int64_t i = 0; signs < 0 && i < flat->numel; i++) {
    TH_FAIL_IF(data[i * stride] < 0, TH_ERR_INDEX, "[embedding] index %lld at place %lld is out of range for %lld rows",
               static_cast<long long>(data[i * stride]), static_cast<long long>(i), static_cast<long long>(rows));
  }
  return TH_OK;
}

}  // namespace

THStatus embeddingForward(THTensor* r, const THTensor* weight, const THTensor* indices) {
  TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[embedding] weight has %d dimensions, expected 2 (rows x width)", weight->ndim);
  const Handle flat(THTensor_newReshape(indices, 1, &indices->numel));
  if (!flat) return THStatus_last();
  std::vector<int64_t> size(indices->size, indices->size + indices->ndim);
  size.push_back(weight->size[1]);
  if (THTensor_device(weight) != TH_DEVICE_HOST && THTensor_device(indices) != TH_DEVICE_HOST) {
    TH_TRY(TORCH_THC(THCTensor_rows)(r, weight, flat.get(), "embedding"));
  } else {
    TH_TRY(check_not_negative(flat.get(), weight->size[0]));
    TH_TRY(THTensor_indexSelect(r, weight, 0, flat.get()));
  }
  const Handle shaped(THTensor_newView(r, static_cast<int>(size.size()), size.data()));
  return shaped ? THTensor_set(r, shaped.get()) : THStatus_last();
}

THStatus embeddingBackward(THTensor* r, const THTensor* grad_output, const THTensor* indices, int ndim, const int64_t* size,
                           int64_t padding_idx, bool scale_grad_by_freq) {
  TH_TRY(THTensor_outputOn(r, "embedding_backward", THTensor_device(grad_output), static_cast<THDtype>(grad_output->dtype),
                           ndim, size));
  TH_TRY(THTensor_zero(r));
  return THNN_LookupTable_accGradParameters(indices, grad_output, r, scale_grad_by_freq, padding_idx, 1.0);
}

}  // namespace torch::ops
