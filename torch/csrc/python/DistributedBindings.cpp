#include "python/DistributedBindings.h"

#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <vector>

#include "THD/THD.h"
#include "python/GilRelease.h"
#include "python/TensorType.h"
#include "tensor/Tensor.h"

namespace py = pybind11;

namespace torch::python {

namespace {

// Ctrl-C: whether Python has an exception for the thread that waits.
bool interrupted() {
  const GilAcquire gil;
  return PyErr_CheckSignals() != 0;
}

// Around every call that may wait. The library's locks are never waited for with the interpreter's lock held.
class Waiting {
 public:
  Waiting() : state_(PyEval_SaveThread()) { THD_setInterrupt(interrupted); }
  ~Waiting() {
    THD_setInterrupt(nullptr);
    PyEval_RestoreThread(state_);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  PyThreadState* state_;
};

template <class Body>
auto waiting(const Body& body) {
  const Waiting outside;
  return body();
}

// The exception of Ctrl-C wins over the failure that it caused.
void raise_if(bool failed) {
  if (!failed) return;
  if (PyErr_Occurred()) throw py::error_already_set();
  throw_last_error();
}

struct World {
  explicit World(THDWorld* handle) : handle(handle) {}
  ~World() {
    waiting([this] { THDWorld_free(handle); });
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  THDWorld* handle;
};

struct Group {
  std::shared_ptr<World> world;
  THDGroup* handle;  // the world's
};

struct Request {
  Request(std::shared_ptr<World> world, THDRequest* handle) : world(std::move(world)), handle(handle) {}
  ~Request() {
    waiting([this] { THDRequest_free(handle); });
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  std::shared_ptr<World> world;
  THDRequest* handle;
};

// Another handle on the same elements: it may die in a thread that knows no Python, and takes no history along.
Tensor elements_of(py::handle object, const char* what) {
  if (!is_tensor(object.ptr())) {
    throw py::type_error(std::string(what) + ": expected a dense Tensor, not " + Py_TYPE(object.ptr())->tp_name);
  }
  return Tensor::steal(THTensor_newWithTensor(as_tensor(object.ptr()).get()));
}

struct Named {
  const char* name;
  int value;
};

constexpr Named kCalls[] = {{"barrier", THDCall_BARRIER},       {"broadcast", THDCall_BROADCAST},
                            {"all_reduce", THDCall_ALL_REDUCE}, {"reduce", THDCall_REDUCE},
                            {"all_gather", THDCall_ALL_GATHER}, {"gather", THDCall_GATHER},
                            {"scatter", THDCall_SCATTER}};
constexpr Named kReductions[] = {
    {"sum", THDReduce_SUM}, {"product", THDReduce_PRODUCT}, {"min", THDReduce_MIN}, {"max", THDReduce_MAX}};

template <size_t N>
int value_of(const Named (&table)[N], const std::string& name) {
  for (const Named& row : table) {
    if (name == row.name) return row.value;
  }
  throw py::value_error("there is no '" + name + "' among the calls and reductions of process groups");
}

// A call with the tensors that it names.
struct Call {
  Call(const std::string& kind, const py::object& tensor, const py::object& list, int root, const std::string& reduce) {
    call.kind = static_cast<THDCallKind>(value_of(kCalls, kind));
    call.reduce = static_cast<THDReduce>(value_of(kReductions, reduce));
    call.root = root;
    if (!tensor.is_none()) own = elements_of(tensor, kind.c_str());
    call.tensor = own.get();
    if (list.is_none()) return;
    for (const py::handle item : list) tensors.push_back(elements_of(item, kind.c_str()));
    for (const Tensor& item : tensors) pointers.push_back(item.get());
    call.list = pointers.data();
    call.list_length = static_cast<int>(pointers.size());
  }
  THDCall call{};
  Tensor own;
  std::vector<Tensor> tensors;
  std::vector<THTensor*> pointers;
};

void run(const Group& self, const std::string& kind, const py::object& tensor, const py::object& list, int root,
         const std::string& reduce) {
  const Call call(kind, tensor, list, root, reduce);
  const THStatus status = waiting([&] { return THDGroup_run(self.handle, &call.call); });
  raise_if(status != TH_OK);
}

std::unique_ptr<Request> made(const Group& group, THDRequest* handle) {
  raise_if(handle == nullptr);
  return std::make_unique<Request>(group.world, handle);
}

std::unique_ptr<Request> start(const Group& self, const std::string& kind, const py::object& tensor, const py::object& list,
                               int root, const std::string& reduce) {
  const Call call(kind, tensor, list, root, reduce);
  return made(self, waiting([&] { return THDGroup_newStart(self.handle, &call.call); }));
}

std::unique_ptr<Request> send(const Group& self, py::handle tensor, int to) {
  const Tensor elements = elements_of(tensor, "send");
  return made(self, waiting([&] { return THDGroup_newSend(self.handle, elements.get(), to); }));
}

std::unique_ptr<Request> receive(const Group& self, py::handle tensor, int from) {
  const Tensor elements = elements_of(tensor, "recv");
  return made(self, waiting([&] { return THDGroup_newReceive(self.handle, elements.get(), from); }));
}

std::shared_ptr<World> join(int rank, int size, const std::string& host, int port, int listener, double timeout) {
  const THDPlace place = {rank, size, host.c_str(), port, listener, timeout};
  THDWorld* const world = waiting([&] { return THDWorld_new(&place); });
  raise_if(world == nullptr);
  return std::make_shared<World>(world);
}

Group add_group(const std::shared_ptr<World>& self, const std::vector<int>& ranks) {
  THDGroup* const group =
      waiting([&] { return THDWorld_addGroup(self->handle, static_cast<int>(ranks.size()), ranks.data()); });
  raise_if(group == nullptr);
  return Group{self, group};
}

py::tuple listen_at(const std::string& host, int port) {
  int listener = -1;
  check(THD_listen(host.c_str(), &port, &listener));
  return py::make_tuple(port, listener);
}

void add_world(py::module_& module) {
  py::class_<World, std::shared_ptr<World>>(module, "World")
      .def(py::init(&join), py::arg("rank"), py::arg("size"), py::arg("host"), py::arg("port"), py::arg("listener") = -1,
           py::arg("timeout"))
      .def_property_readonly("rank", [](const World& self) { return THDWorld_rank(self.handle); })
      .def_property_readonly("size", [](const World& self) { return THDWorld_size(self.handle); })
      .def("group", [](const std::shared_ptr<World>& self) { return Group{self, THDWorld_group(self->handle)}; })
      .def("add_group", &add_group, py::arg("ranks"))
      .def(
          "close", [](World& self, double timeout) { waiting([&] { THDWorld_close(self.handle, timeout); }); },
          py::arg("timeout"));
}

void add_group_type(py::module_& module) {
  py::class_<Group>(module, "Group")
      .def_property_readonly("size", [](const Group& self) { return THDGroup_size(self.handle); })
      .def(
          "index_of", [](const Group& self, int rank) { return THDGroup_indexOf(self.handle, rank); }, py::arg("rank"))
      .def(
          "rank_at", [](const Group& self, int index) { return THDGroup_rankAt(self.handle, index); }, py::arg("index"))
      .def("run", &run, py::arg("kind"), py::arg("tensor") = py::none(), py::arg("list") = py::none(), py::arg("root") = -1,
           py::arg("reduce") = "sum")
      .def("start", &start, py::arg("kind"), py::arg("tensor") = py::none(), py::arg("list") = py::none(), py::arg("root") = -1,
           py::arg("reduce") = "sum")
      .def("send", &send, py::arg("tensor"), py::arg("to"))
      .def("receive", &receive, py::arg("tensor"), py::arg("source"));
}

}  // namespace

// Worlds, groups and requests of libTHD, for torch.distributed.
void add_distributed_module(py::module_& module) {
  py::module_ distributed = module.def_submodule("distributed", "Processes that exchange tensors.");
  add_world(distributed);
  add_group_type(distributed);
  py::class_<Request>(distributed, "Request")
      .def("wait", [](Request& self) { raise_if(waiting([&] { return THDRequest_wait(self.handle); }) != TH_OK); })
      .def("is_done", [](Request& self) { return waiting([&] { return THDRequest_isDone(self.handle); }); })
      .def_property_readonly("rank", [](const Request& self) { return THDRequest_rank(self.handle); });
  distributed.def("listen", &listen_at, py::arg("host"), py::arg("port"));
  distributed.attr("ANY_RANK") = THD_ANY_RANK;
}

}  // namespace torch::python
