#include "python/NcclBindings.h"

#include <pybind11/stl.h>

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

// output: None if there are no tensors.
void reduce(const py::sequence& inputs, py::handle output, int root, int op) {
  const std::vector<THTensor*> from = tensors_of(inputs);
  THTensor* const to = output.is_none() ? nullptr : tensor_of(output);
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

// A process's places in a group. Ended by close() only: ending it otherwise, when Python happens to collect it, would wait for
// the other processes.
class Communicator {
 public:
  Communicator(const std::vector<int>& devices, int size, const std::string& id, int rank) {
    if (id.size() != THNCCL_UNIQUE_ID_BYTES) {
      throw py::value_error("nccl: an id of " + std::to_string(id.size()) + " bytes, expected what unique_id() returns, " +
                            std::to_string(THNCCL_UNIQUE_ID_BYTES));
    }
    const auto function = TORCH_THNCCL(THNCCLComm_newOn);
    const int count = static_cast<int>(devices.size());
    run([&] {
      comm_ = function(devices.data(), count, size, reinterpret_cast<const uint8_t*>(id.data()), rank);
      return comm_ == nullptr ? THStatus_last() : TH_OK;
    });
    count_ = devices.size();
  }
  THNCCLComm* get() const {
    if (comm_ == nullptr) throw Error(TH_ERR_STATE, "[nccl] the communicator is closed");
    return comm_;
  }
  // One for each of its devices.
  std::vector<THTensor*> own(const py::sequence& objects) const {
    return counted(objects, count_, "device of the communicator in this process");
  }
  // One for each rank, or none.
  std::vector<THTensor*> of_ranks(const py::object& objects) const {
    if (objects.is_none()) return {};
    const auto size = static_cast<size_t>(TORCH_THNCCL(THNCCLComm_size)(get()));
    return counted(py::sequence(objects), size, "rank");
  }
  void close() {
    THNCCLComm* const ended = comm_;
    comm_ = nullptr;
    const auto function = TORCH_THNCCL(THNCCLComm_free);
    run([&] { return function(ended); });
  }
  void abort() {
    const auto function = TORCH_THNCCL(THNCCLComm_abort);
    run([&] { return function(comm_); });
  }

 private:
  static std::vector<THTensor*> counted(const py::sequence& objects, size_t count, const std::string& what) {
    std::vector<THTensor*> tensors = tensors_of(objects);
    if (tensors.size() == count) return tensors;
    throw py::value_error("nccl: " + std::to_string(tensors.size()) + " tensors, expected one for each " + what + ", " +
                          std::to_string(count));
  }

  THNCCLComm* comm_ = nullptr;
  size_t count_ = 0;
};

void add_facts(py::class_<Communicator>& type) {
  type.def(py::init<const std::vector<int>&, int, const std::string&, int>(), py::arg("devices"), py::arg("size"),
           py::arg("id"), py::arg("rank"));
  type.def_property_readonly("device", [](const Communicator& self) { return TORCH_THNCCL(THNCCLComm_device)(self.get()); });
  type.def_property_readonly("size", [](const Communicator& self) { return TORCH_THNCCL(THNCCLComm_size)(self.get()); });
  type.def_property_readonly("rank", [](const Communicator& self) { return TORCH_THNCCL(THNCCLComm_rank)(self.get()); });
  type.def("close", &Communicator::close);
  type.def("abort", &Communicator::abort);
}

void add_collectives(py::class_<Communicator>& type) {
  type.def("all_reduce", [](const Communicator& self, const py::sequence& inputs, const py::sequence& outputs, int op) {
    const std::vector<THTensor*> from = self.own(inputs), to = self.own(outputs);
    const auto function = TORCH_THNCCL(THNCCLComm_allReduce);
    run([&, comm = self.get()] { return function(comm, to.data(), from.data(), static_cast<THNCCLOp>(op)); });
  });
  type.def("reduce", [](const Communicator& self, const py::sequence& inputs, py::handle output, int root, int op) {
    const std::vector<THTensor*> from = self.own(inputs);
    THTensor* const to = output.is_none() ? nullptr : tensor_of(output);
    const auto function = TORCH_THNCCL(THNCCLComm_reduce);
    run([&, comm = self.get()] { return function(comm, to, from.data(), root, static_cast<THNCCLOp>(op)); });
  });
  type.def("broadcast", [](const Communicator& self, const py::sequence& objects, int root) {
    const std::vector<THTensor*> tensors = self.own(objects);
    const auto function = TORCH_THNCCL(THNCCLComm_broadcast);
    run([&, comm = self.get()] { return function(comm, tensors.data(), root); });
  });
  type.def("all_gather", [](const Communicator& self, const py::sequence& inputs, const py::sequence& outputs) {
    const std::vector<THTensor*> from = self.own(inputs), to = self.own(outputs);
    const auto function = TORCH_THNCCL(THNCCLComm_allGather);
    run([&, comm = self.get()] { return function(comm, to.data(), from.data()); });
  });
  type.def("reduce_scatter", [](const Communicator& self, const py::sequence& inputs, const py::sequence& outputs, int op) {
    const std::vector<THTensor*> from = self.own(inputs), to = self.own(outputs);
    const auto function = TORCH_THNCCL(THNCCLComm_reduceScatter);
    run([&, comm = self.get()] { return function(comm, to.data(), from.data(), static_cast<THNCCLOp>(op)); });
  });
}

// With one device in each process.
void add_messages(py::class_<Communicator>& type) {
  type.def("gather", [](const Communicator& self, py::handle input, const py::object& outputs, int root) {
    THTensor* const from = tensor_of(input);
    const std::vector<THTensor*> to = self.of_ranks(outputs);
    const auto function = TORCH_THNCCL(THNCCLComm_gather);
    run([&, comm = self.get()] { return function(comm, to.empty() ? nullptr : to.data(), from, root); });
  });
  type.def("scatter", [](const Communicator& self, py::handle output, const py::object& inputs, int root) {
    THTensor* const to = tensor_of(output);
    const std::vector<THTensor*> from = self.of_ranks(inputs);
    const auto function = TORCH_THNCCL(THNCCLComm_scatter);
    run([&, comm = self.get()] { return function(comm, to, from.empty() ? nullptr : from.data(), root); });
  });
  type.def("send", [](const Communicator& self, py::handle object, int to) {
    THTensor* const tensor = tensor_of(object);
    const auto function = TORCH_THNCCL(THNCCLComm_send);
    run([&, comm = self.get()] { return function(comm, tensor, to); });
  });
  type.def("recv", [](const Communicator& self, py::handle object, int from) {
    THTensor* const tensor = tensor_of(object);
    const auto function = TORCH_THNCCL(THNCCLComm_recv);
    run([&, comm = self.get()] { return function(comm, tensor, from); });
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
  nccl.def("set_alarm",
           [](double seconds, const std::string& message) { check(TORCH_THNCCL(THNCCL_setAlarm)(seconds, message.c_str())); });
  nccl.def("all_reduce", &all_reduce);
  nccl.def("reduce", &reduce);
  nccl.def("broadcast", &broadcast);
  nccl.def("all_gather", &all_gather);
  nccl.def("reduce_scatter", &reduce_scatter);
  py::class_<Communicator> type(nccl, "Communicator");
  add_facts(type);
  add_collectives(type);
  add_messages(type);
}

}  // namespace torch::python
