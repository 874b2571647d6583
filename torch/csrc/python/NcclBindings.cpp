#include "python/NcclBindings.h"

#include <string>
#include <vector>

#include "THNCCL/THNCCL.h"
#include "backend/Device.h"
#include "python/TensorType.h"
#include "tensor/Tensor.h"

namespace py = pybind11;

// The library is looked for when it is first needed. It is not one of the build's where NCCL's headers were missing: required()
// then throws, which is what every function here does.
#define TORCH_THNCCL(function) TORCH_OF("THNCCL", function)

namespace torch::python {

namespace {

THTensor* tensor_of(py::handle object) {
  if (!is_tensor(object.ptr())) throw py::type_error("nccl: expected a Tensor, or a sequence of them");
  return as_tensor(object.ptr()).get();
}

// Borrowed: the caller's arguments live as long as the call.
std::vector<THTensor*> tensors_of(const py::sequence& objects) {
  std::vector<THTensor*> tensors;
  for (const py::handle object : objects) tensors.push_back(tensor_of(object));
  return tensors;
}

int same_count(const std::vector<THTensor*>& outputs, const std::vector<THTensor*>& inputs) {
  if (outputs.size() != inputs.size()) {
    throw py::value_error("nccl: " + std::to_string(outputs.size()) + " outputs for " + std::to_string(inputs.size()) +
                          " inputs, expected one for each");
  }
  return static_cast<int>(inputs.size());
}

// Calls the library without the interpreter's lock: the first call of a list of devices takes long, and one of several
// processes waits for the others.
template <class Call>
void run(const Call& call) {
  THStatus status;
  {
    const py::gil_scoped_release released;
    status = call();
  }
  check(status);
}

void all_reduce(const py::sequence& inputs, const py::sequence& outputs, int op) {
  const std::vector<THTensor*> from = tensors_of(inputs), to = tensors_of(outputs);
  const int count = same_count(to, from);
  const auto function = TORCH_THNCCL(THNCCL_allReduce);
  run([&] { return function(to.data(), from.data(), count, static_cast<THNCCLOp>(op)); });
}

void reduce(const py::sequence& inputs, py::handle output, int root, int op) {
  const std::vector<THTensor*> from = tensors_of(inputs);
  THTensor* const to = tensor_of(output);
  const auto function = TORCH_THNCCL(THNCCL_reduce);
  run([&] { return function(to, from.data(), static_cast<int>(from.size()), root, static_cast<THNCCLOp>(op)); });
}

void broadcast(const py::sequence& objects, int root) {
  const std::vector<THTensor*> tensors = tensors_of(objects);
  const auto function = TORCH_THNCCL(THNCCL_broadcast);
  run([&] { return function(tensors.data(), static_cast<int>(tensors.size()), root); });
}

void all_gather(const py::sequence& inputs, const py::sequence& outputs) {
  const std::vector<THTensor*> from = tensors_of(inputs), to = tensors_of(outputs);
  const int count = same_count(to, from);
  const auto function = TORCH_THNCCL(THNCCL_allGather);
  run([&] { return function(to.data(), from.data(), count); });
}

void reduce_scatter(const py::sequence& inputs, const py::sequence& outputs, int op) {
  const std::vector<THTensor*> from = tensors_of(inputs), to = tensors_of(outputs);
  const int count = same_count(to, from);
  const auto function = TORCH_THNCCL(THNCCL_reduceScatter);
  run([&] { return function(to.data(), from.data(), count, static_cast<THNCCLOp>(op)); });
}

py::bytes unique_id() {
  uint8_t id[THNCCL_UNIQUE_ID_BYTES];
  check(TORCH_THNCCL(THNCCL_uniqueId)(id));
  return py::bytes(reinterpret_cast<const char*>(id), sizeof id);
}

// A process's place in a group. Ended by close() or abort() only: ending it otherwise, when Python happens to collect it, would
// wait for the other processes.
class Communicator {
 public:
  Communicator(int device, int size, const std::string& id, int rank) {
    if (id.size() != THNCCL_UNIQUE_ID_BYTES) {
      throw py::value_error("nccl: an id of " + std::to_string(id.size()) + " bytes, expected what unique_id() returns, " +
                            std::to_string(THNCCL_UNIQUE_ID_BYTES));
    }
    const auto function = TORCH_THNCCL(THNCCLComm_new);
    run([&] {
      comm_ = function(device, size, reinterpret_cast<const uint8_t*>(id.data()), rank);
      return comm_ == nullptr ? THStatus_last() : TH_OK;
    });
  }
  THNCCLComm* get() const {
    if (comm_ == nullptr) throw Error(TH_ERR_STATE, "[nccl] the communicator is closed");
    return comm_;
  }
  void end(THStatus (*function)(THNCCLComm*)) {
    THNCCLComm* const ended = comm_;
    comm_ = nullptr;
    run([&] { return function(ended); });
  }

 private:
  THNCCLComm* comm_ = nullptr;
};

void add_facts(py::class_<Communicator>& type) {
  type.def(py::init<int, int, const std::string&, int>(), py::arg("device"), py::arg("size"), py::arg("id"), py::arg("rank"));
  type.def_property_readonly("device", [](const Communicator& self) { return TORCH_THNCCL(THNCCLComm_device)(self.get()); });
  type.def_property_readonly("size", [](const Communicator& self) { return TORCH_THNCCL(THNCCLComm_size)(self.get()); });
  type.def_property_readonly("rank", [](const Communicator& self) { return TORCH_THNCCL(THNCCLComm_rank)(self.get()); });
  type.def("close", [](Communicator& self) { self.end(TORCH_THNCCL(THNCCLComm_free)); });
  type.def("abort", [](Communicator& self) { self.end(TORCH_THNCCL(THNCCLComm_abort)); });
}

void add_collectives(py::class_<Communicator>& type) {
  type.def("all_reduce", [](const Communicator& self, py::handle input, py::handle output, int op) {
    THTensor *const from = tensor_of(input), *const to = tensor_of(output);
    const auto function = TORCH_THNCCL(THNCCLComm_allReduce);
    run([&, comm = self.get()] { return function(comm, to, from, static_cast<THNCCLOp>(op)); });
  });
  type.def("reduce", [](const Communicator& self, py::handle input, py::handle output, int root, int op) {
    THTensor *const from = tensor_of(input), *const to = output.is_none() ? nullptr : tensor_of(output);
    const auto function = TORCH_THNCCL(THNCCLComm_reduce);
    run([&, comm = self.get()] { return function(comm, to, from, root, static_cast<THNCCLOp>(op)); });
  });
  type.def("broadcast", [](const Communicator& self, py::handle object, int root) {
    THTensor* const tensor = tensor_of(object);
    const auto function = TORCH_THNCCL(THNCCLComm_broadcast);
    run([&, comm = self.get()] { return function(comm, tensor, root); });
  });
  type.def("all_gather", [](const Communicator& self, py::handle input, py::handle output) {
    THTensor *const from = tensor_of(input), *const to = tensor_of(output);
    const auto function = TORCH_THNCCL(THNCCLComm_allGather);
    run([&, comm = self.get()] { return function(comm, to, from); });
  });
  type.def("reduce_scatter", [](const Communicator& self, py::handle input, py::handle output, int op) {
    THTensor *const from = tensor_of(input), *const to = tensor_of(output);
    const auto function = TORCH_THNCCL(THNCCLComm_reduceScatter);
    run([&, comm = self.get()] { return function(comm, to, from, static_cast<THNCCLOp>(op)); });
  });
}

}  // namespace

// Tensors over several devices, for torch.cuda.nccl. Functions throw RuntimeError where there is no NCCL.
void add_nccl_module(py::module_& module) {
  py::module_ nccl = module.def_submodule("nccl", "Sums, copies and pieces of tensors over several devices.");
  nccl.def("version", [] {
    int version = 0;
    check(TORCH_THNCCL(THNCCL_getVersion)(&version));
    return version;
  });
  nccl.def("unique_id", &unique_id);
  nccl.def("all_reduce", &all_reduce);
  nccl.def("reduce", &reduce);
  nccl.def("broadcast", &broadcast);
  nccl.def("all_gather", &all_gather);
  nccl.def("reduce_scatter", &reduce_scatter);
  py::class_<Communicator> type(nccl, "Communicator");
  add_facts(type);
  add_collectives(type);
}

}  // namespace torch::python
