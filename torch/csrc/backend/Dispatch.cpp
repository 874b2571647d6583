#include "backend/Dispatch.h"

#include <cstring>

namespace torch::backend {
namespace {

std::string place(const THTensor* tensor) {
  const int device = THTensor_device(tensor);
  return device == HOST ? "cpu" : "cuda:" + std::to_string(device);
}

// THTensor_cadd is add to the people who read the message.
std::string operation(const char* name) {
  if (std::strncmp(name, "THTensor_", 9) == 0) return name + 9;
  return std::strncmp(name, "THNN_", 5) == 0 ? name + 5 : name;
}

}  // namespace

THStatus fail_mixed(const char* name, std::initializer_list<const THTensor*> tensors) {
  const THTensor* first = nullptr;
  for (const THTensor* tensor : tensors) {
    if (tensor == nullptr || tensor->storage == nullptr) continue;
    if (first == nullptr) first = tensor;
    if (THTensor_device(tensor) == THTensor_device(first)) continue;
    return THStatus_fail(TH_ERR_STATE, "[%s] tensors on %s and %s, expected all on one device; move one with .to(device)",
                         operation(name).c_str(), place(first).c_str(), place(tensor).c_str());
  }
  return THStatus_fail(TH_ERR_STATE, "[%s] tensors on several devices, expected one", operation(name).c_str());
}

THStatus fail_missing(const char* name) {
  return THStatus_fail(TH_ERR_UNSUPPORTED, "[%s] not implemented on CUDA; move the tensors to the host with .cpu()",
                       operation(name).c_str());
}

ScalarsOn::~ScalarsOn() {
  for (int i = 0; i < count_; i++) THTensor_free(made_[i]);
}

const THTensor* ScalarsOn::moved(const THTensor* scalar) {
  THScalar value;
  THTensor* const made = new_on(device_, static_cast<THDtype>(scalar->dtype), 0, nullptr);
  if (made != nullptr) made_[count_++] = made;
  failed_ =
      failed_ || made == nullptr || ::THTensor_item(scalar, &value) != TH_OK || TORCH_THC(THCTensor_fill)(made, value) != TH_OK;
  return made;
}

void* counterpart(const char* name) {
  if (std::strncmp(name, "THTensor_", 9) == 0) return find("THC", ("THCTensor_" + std::string(name + 9)).c_str());
  return find("THCUNN", ("THCUNN_" + std::string(name + 5)).c_str());
}

}  // namespace torch::backend
