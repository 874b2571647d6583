// Recurrent networks by cuDNN, for torch.nn: passes without a graph. None where cuDNN does not do it.
#include <pybind11/stl.h>

#include <tuple>
#include <vector>

#include "THCUDNN/THCUDNN.h"
#include "backend/Cudnn.h"
#include "backend/Device.h"
#include "python/CudnnBindings.h"
#include "python/TensorObject.h"

namespace py = pybind11;

#define TORCH_THCUDNN(function) TORCH_OF("THCUDNN", function)

namespace torch::python {

namespace {

// cell, hidden size, layers, bidirectional, biased
using Network = std::tuple<int, int64_t, int64_t, bool, bool>;

THCUDNNRecurrent described(const Network& network) {
  const auto& [cell, hidden_size, layers, bidirectional, biased] = network;
  return {static_cast<THCUDNNCell>(cell), hidden_size, layers, bidirectional, biased};
}

THTensor* tensor_of(py::handle object) {
  if (!is_tensor(object.ptr())) throw py::type_error("cudnn: expected a Tensor");
  return as_tensor(object.ptr()).get();
}

// Borrowed: the caller's arguments live as long as the call.
std::vector<THTensor*> tensors_of(const py::sequence& objects) {
  std::vector<THTensor*> tensors;
  for (const py::handle object : objects) tensors.push_back(tensor_of(object));
  return tensors;
}

THTensor* get(const std::vector<THTensor*>& tensors, size_t place) {
  return place < tensors.size() ? tensors[place] : nullptr;
}

// Outputs, as the libraries and as Python want them.
struct Fresh {
  std::vector<Tensor> tensors;
  std::vector<THTensor*> raw;

  explicit Fresh(size_t count) {
    for (size_t i = 0; i < count; i++) {
      tensors.push_back(Tensor::fresh());
      raw.push_back(tensors.back().get());
    }
  }
  py::object tuple() const { return py::reinterpret_steal<py::object>(wrap_tuple(tensors)); }
};

// Without the interpreter's lock: cuDNN is loaded at the first call. False: it has no way.
template <class Call>
bool done(const Call& call) {
  THStatus status;
  {
    const py::gil_scoped_release released;
    status = call();
  }
  if (status == TH_ERR_UNSUPPORTED) return false;
  check(status);
  return true;
}

// ((output, final states), weight, reserve)
py::object forward(const Network& network, py::handle input, const Sizes& sizes, const py::sequence& states,
                   const py::sequence& parameters, bool training) {
  if (!backend::cudnn_usable()) return py::none();
  const THCUDNNRecurrent told = described(network);
  const std::vector<THTensor*> before = tensors_of(states), all = tensors_of(parameters);
  const Fresh results(1 + before.size()), kept(2);
  const auto function = TORCH_THCUDNN(THCUDNN_recurrentForward);
  const THTensor* const x = tensor_of(input);
  if (!done([&] {
        return function(&told, x, static_cast<int>(sizes.size()), sizes.data(), get(before, 0), get(before, 1), all.data(),
                        results.raw[0], get(results.raw, 1), get(results.raw, 2), kept.raw[0],
                        training ? kept.raw[1] : nullptr);
      }))
    return py::none();
  const auto wrapped = [&](size_t place) { return py::reinterpret_steal<py::object>(wrap(kept.tensors[place])); };
  return py::make_tuple(results.tuple(), wrapped(0), training ? wrapped(1) : py::none());
}

// The gradients of input, states and parameters (0: these are not wanted). grads: of the output and the final states.
py::object backward(const Network& network, py::handle input, const Sizes& sizes, const py::sequence& states, py::handle weight,
                    py::handle output, const py::sequence& grads, py::handle reserve, size_t parameters) {
  const THCUDNNRecurrent told = described(network);
  const std::vector<THTensor*> before = tensors_of(states), outer = tensors_of(grads);
  const Fresh results(1 + before.size() + parameters);
  const auto function = TORCH_THCUDNN(THCUDNN_recurrentBackward);
  const THTensor *const x = tensor_of(input), *const w = tensor_of(weight), *const y = tensor_of(output);
  THTensor* const room = tensor_of(reserve);
  check([&] {
    const py::gil_scoped_release released;
    return function(&told, x, static_cast<int>(sizes.size()), sizes.data(), get(before, 0), get(before, 1), w, y, get(outer, 0),
                    get(outer, 1), get(outer, 2), room, results.raw[0], get(results.raw, 1),
                    before.size() > 1 ? results.raw[2] : nullptr,
                    parameters > 0 ? results.raw.data() + 1 + before.size() : nullptr);
  }());
  return results.tuple();
}

// The parameters in one piece of memory.
py::object gather(const Network& network, const py::sequence& parameters) {
  if (!backend::cudnn_usable()) return py::none();
  const THCUDNNRecurrent told = described(network);
  const std::vector<THTensor*> all = tensors_of(parameters);
  const Fresh gathered(all.size());
  const auto function = TORCH_THCUDNN(THCUDNN_recurrentGather);
  return done([&] { return function(&told, all.data(), gathered.raw.data()); }) ? gathered.tuple() : py::none();
}

}  // namespace

void add_recurrent_functions(py::module_& cudnn) {
  cudnn.def("recurrent_forward", &forward, py::arg("network"), py::arg("input"), py::arg("sizes"), py::arg("states"),
            py::arg("parameters"), py::arg("training"));
  cudnn.def("recurrent_backward", &backward, py::arg("network"), py::arg("input"), py::arg("sizes"), py::arg("states"),
            py::arg("weight"), py::arg("output"), py::arg("grads"), py::arg("reserve"), py::arg("parameters"));
  cudnn.def("recurrent_gather", &gather, py::arg("network"), py::arg("parameters"));
}

}  // namespace torch::python
