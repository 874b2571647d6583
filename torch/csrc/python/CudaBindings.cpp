#include "python/CudaBindings.h"

#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "THC/THCIpc.h"
#include "backend/Device.h"
#include "ops/Defaults.h"
#include "python/DtypeObject.h"
#include "python/GeneratorObject.h"
#include "python/TensorType.h"
#include "tensor/Tensor.h"

namespace py = pybind11;

namespace torch::python {

namespace {

// libTHC is there where a stream or event was made.
struct FreeStream {
  void operator()(THCStream* stream) const { TORCH_THC(THCStream_free)(stream); }
};
struct FreeEvent {
  void operator()(THCEvent* event) const { TORCH_THC(THCEvent_free)(event); }
};

struct Event {
  std::unique_ptr<THCEvent, FreeEvent> handle;
};

// A stream of its own, or the default one of a device (no handle).
struct Stream {
  int device;
  std::shared_ptr<THCStream> handle;
};

// The one that Python set for this thread and device: the library only borrows it.
thread_local std::shared_ptr<THCStream> current_streams[THC_MAX_DEVICES];

Stream new_stream(int device, int priority) {
  THCStream* const made = TORCH_THC(THCStream_new)(device, priority);
  if (made == nullptr) throw_last_error();
  return Stream{device, std::shared_ptr<THCStream>(made, FreeStream())};
}

Stream current_stream(int device) {
  device = backend::usable_device(device);
  return Stream{device, current_streams[device]};
}

void set_stream(const Stream& stream) {
  check(TORCH_THC(THC_setStream)(stream.device, stream.handle.get()));
  current_streams[stream.device] = stream.handle;
}

bool stream_done(const Stream& self) {
  bool done = false;
  check(TORCH_THC(THCStream_query)(self.handle.get(), self.device, &done));
  return done;
}

void add_stream(py::module_& module) {
  py::class_<Stream>(module, "Stream")
      .def(py::init(&new_stream), py::arg("device"), py::arg("priority") = 0, py::call_guard<py::gil_scoped_release>())
      .def_readonly("device", &Stream::device)
      .def_property_readonly(
          "handle", [](const Stream& s) { return reinterpret_cast<uintptr_t>(TORCH_THC(THCStream_handle)(s.handle.get())); })
      .def("query", &stream_done, py::call_guard<py::gil_scoped_release>())
      .def(
          "synchronize", [](const Stream& s) { check(TORCH_THC(THCStream_synchronize)(s.handle.get(), s.device)); },
          py::call_guard<py::gil_scoped_release>())
      .def("wait_event", [](const Stream& s, const Event& event) {
        check(TORCH_THC(THCStream_wait)(s.handle.get(), s.device, event.handle.get()));
      });
  module.def("current_stream", &current_stream);
  module.def("default_stream", [](int device) { return Stream{backend::usable_device(device), nullptr}; });
  module.def("set_stream", &set_stream);
  module.def("record_stream", [](py::handle object, const Stream& stream) {
    if (!is_tensor(object.ptr())) throw py::type_error("record_stream(): expected a Tensor");
    check(TORCH_THC(THCTensor_recordStream)(as_tensor(object.ptr()).get(), stream.handle.get()));
  });
}

// Marks in a profiler's timeline: no device is needed, but the library.
void add_nvtx(py::module_& module) {
  module.def("nvtx_mark", [](const char* message) {
    check(TORCH_THC(THC_nvtxAvailable)());
    TORCH_THC(THC_nvtxMark)(message);
  });
  module.def("nvtx_range_push", [](const char* message) {
    check(TORCH_THC(THC_nvtxAvailable)());
    return TORCH_THC(THC_nvtxRangePush)(message);
  });
  module.def("nvtx_range_pop", [] {
    check(TORCH_THC(THC_nvtxAvailable)());
    return TORCH_THC(THC_nvtxRangePop)();
  });
}

Event event_of(THCEvent* made) {
  if (made == nullptr) throw_last_error();
  return Event{std::unique_ptr<THCEvent, FreeEvent>(made)};
}

Event new_event(int device, bool timing, bool blocking, bool shared) {
  return event_of(shared ? TORCH_THC(THCEvent_newShared)(device, blocking) : TORCH_THC(THCEvent_new)(device, timing, blocking));
}

Event received_event(int device, const std::string& handle) {
  if (handle.size() != THC_IPC_EVENT_BYTES) throw py::value_error("Event(): no handle of an event");
  return event_of(TORCH_THC(THCEvent_newFromIpc)(device, reinterpret_cast<const unsigned char*>(handle.data())));
}

py::bytes event_handle(const Event& event) {
  unsigned char bytes[THC_IPC_EVENT_BYTES];
  check(TORCH_THC(THCEvent_ipcHandle)(event.handle.get(), bytes));
  return py::bytes(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

void add_event(py::module_& module) {
  py::class_<Event>(module, "Event")
      .def(py::init(&new_event), py::arg("device"), py::arg("timing"), py::arg("blocking"), py::arg("shared"),
           py::call_guard<py::gil_scoped_release>())
      .def_static("received", &received_event)
      .def("ipc_handle", &event_handle)
      .def("record", [](Event& e, const Stream& s) { check(TORCH_THC(THCEvent_record)(e.handle.get(), s.handle.get())); })
      .def(
          "query",
          [](const Event& e) {
            bool done = false;
            check(TORCH_THC(THCEvent_query)(e.handle.get(), &done));
            return done;
          },
          py::call_guard<py::gil_scoped_release>())
      .def(
          "synchronize", [](const Event& e) { check(TORCH_THC(THCEvent_synchronize)(e.handle.get())); },
          py::call_guard<py::gil_scoped_release>())
      .def("elapsed_time", [](const Event& start, const Event& end) {
        float milliseconds = 0;
        check(TORCH_THC(THCEvent_elapsed)(start.handle.get(), end.handle.get(), &milliseconds));
        return milliseconds;
      });
}

void drop_pinned(void*, void* data) {
  TORCH_THC(THC_freePinned)(data);
}

// A copy in page-locked memory of the host.
py::object new_pinned(py::handle object) {
  if (!is_tensor(object.ptr())) throw py::type_error("new_pinned(): expected a Tensor");
  const Tensor& tensor = as_tensor(object.ptr());
  const int64_t nbytes = tensor.numel() * THDtype_itemsize(tensor.dtype());
  check(TORCH_THC(THC_initialize)());
  void* const data = nbytes > 0 ? TORCH_THC(THC_newPinned)(nbytes) : nullptr;
  if (nbytes > 0 && data == nullptr) throw_last_error();
  THStorage* const storage = THStorage_newWithData(tensor.dtype(), tensor.numel(), data, drop_pinned, nullptr);
  if (storage == nullptr) throw_last_error();
  THTensor* const view = THTensor_newWithStorage(storage, tensor.dtype(), 0, tensor.ndim(), tensor.get()->size, nullptr);
  THStorage_free(storage);
  Tensor pinned = Tensor::steal(view);
  check(THTensor_copy(pinned.get(), tensor.get()));
  return py::reinterpret_steal<py::object>(wrap(std::move(pinned)));
}

bool is_pinned(py::handle object) {
  if (!is_tensor(object.ptr())) throw py::type_error("is_pinned(): expected a Tensor");
  const Tensor& tensor = as_tensor(object.ptr());
  if (tensor.device() >= 0 || tensor.numel() == 0 || backend::device_count(nullptr) == 0) return false;
  bool pinned = false;
  check(TORCH_THC(THC_isPinned)(THTensor_dataBytes(tensor.get()), &pinned));
  return pinned;
}

// A handle of the device memory that a tensor looks into, for other processes.
py::bytes ipc_export(py::handle object) {
  if (!is_tensor(object.ptr())) throw py::type_error("ipc_export(): expected a Tensor");
  const THStorage* const storage = as_tensor(object.ptr()).get()->storage;
  THCIpcHandle handle;
  THStatus status = TH_OK;
  {
    const py::gil_scoped_release waiting;
    status = TORCH_THC(THC_ipcExport)(storage, &handle);
  }
  check(status);
  return py::bytes(reinterpret_cast<const char*>(&handle), sizeof handle);
}

// The exporter reads the end of file when this process, and those forked from it, hold the memory no more.
void close_claim(void* owner) {
  close(static_cast<int>(reinterpret_cast<intptr_t>(owner)));
}

// All of another process's memory as a vector; fd, which it takes over, is closed with the last tensor there.
py::object ipc_import(const std::string& bytes, py::handle dtype, int fd) {
  THCIpcHandle handle;
  if (bytes.size() != sizeof handle || !is_dtype(dtype.ptr()))
    throw py::value_error("ipc_import(): no handle of device memory");
  std::memcpy(&handle, bytes.data(), sizeof handle);
  const THDtype type = as_dtype(dtype.ptr());
  const int64_t numel = handle.nbytes / THDtype_itemsize(type);
  void* const owner = reinterpret_cast<void*>(static_cast<intptr_t>(fd));
  THStorage* const storage = TORCH_THC(THC_ipcImport)(&handle, type, numel, close_claim, owner);
  if (storage == nullptr) throw_last_error();
  THTensor* const view = THTensor_newWithStorage(storage, type, 0, 1, &numel, nullptr);
  THStorage_free(storage);
  return py::reinterpret_steal<py::object>(wrap(Tensor::steal(view)));
}

// What devices are, and what their memory is used for.
void add_facts(py::module_& cuda) {
  cuda.def(
      "memory_use",
      [](int device) {
        THCMemoryUse use;
        check(TORCH_THC(THC_getMemoryUse)(device, &use));
        return py::dict(py::arg("allocated") = use.allocated, py::arg("max_allocated") = use.max_allocated,
                        py::arg("cached") = use.cached, py::arg("max_cached") = use.max_cached,
                        py::arg("allocations") = use.allocations, py::arg("device_allocations") = use.device_allocations);
      },
      "Bytes that tensors hold and that are kept for later ones, with their highest values.");
  cuda.def(
      "properties",
      [](int device) {
        THCDeviceProperties found;
        check(TORCH_THC(THC_getDeviceProperties)(device, &found));
        return py::dict(py::arg("name") = found.name, py::arg("major") = found.major, py::arg("minor") = found.minor,
                        py::arg("multiprocessors") = found.multiprocessors, py::arg("total_memory") = found.total_memory);
      },
      "What a device is.");
  cuda.def(
      "can_access_peer",
      [](int device, int peer) {
        bool possible = false;
        check(TORCH_THC(THC_canAccessPeer)(device, peer, &possible));
        return possible;
      },
      "Whether a device reads the memory of another itself.");
  cuda.def(
      "versions",
      [] {
        int runtime = 0, driver = 0;
        check(TORCH_THC(THC_getVersions)(&runtime, &driver));
        return py::make_tuple(runtime, driver);
      },
      "(runtime, driver), 13000 being 13.0.");
}

using TensorList = std::vector<THTensor*>;

// Lists of as many tensors, the first of a step's being the parameters, in parts of one device and dtype.
class StepLists {
 public:
  explicit StepLists(const py::list& given) {
    for (const py::handle item : given) {
      const auto list = py::cast<py::list>(item);
      TensorList tensors;
      for (const py::handle tensor : list) {
        if (!is_tensor(tensor.ptr())) throw py::type_error("a step takes lists of tensors");
        tensors.push_back(as_tensor(tensor.ptr()).get());
      }
      lists_.push_back(std::move(tensors));
      if (lists_.back().size() != lists_[0].size()) throw py::value_error("lists of a step differ in length");
    }
    if (lists_.size() < 2) throw py::value_error("a step takes parameters and their gradients");
  }

  // run(count, lists) for each part.
  template <class Run>
  void each(Run run) const {
    std::vector<bool> done(lists_[0].size());
    for (size_t i = 0; i < done.size(); i++) {
      if (done[i]) continue;
      std::vector<TensorList> part(lists_.size());
      for (size_t k = i; k < done.size(); k++) {
        const THTensor *const param = lists_[0][k], *const first = lists_[0][i];
        if (done[k] || param->dtype != first->dtype || THTensor_device(param) != THTensor_device(first)) continue;
        done[k] = true;
        for (size_t list = 0; list < lists_.size(); list++) part[list].push_back(lists_[list][k]);
      }
      check(run(static_cast<int>(part[0].size()), part));
    }
  }

 private:
  std::vector<TensorList> lists_;
};

// Steps of optimisers (THC/THCTensorStep.h).
void add_steps(py::module_& cuda) {
  cuda.def(
      "sgd_step",
      [](const py::list& lists, double rate, double momentum, double dampening, double decay, bool nesterov) {
        const THCSgd options = {rate, momentum, dampening, decay, nesterov};
        StepLists(lists).each([&](int count, const std::vector<TensorList>& l) {
          return TORCH_THC(THCTensor_sgdStep)(count, l[0].data(), l[1].data(), l.size() > 2 ? l[2].data() : nullptr, &options);
        });
      },
      "Parameters, gradients and, with momentum, velocities.");
  cuda.def(
      "adam_step",
      [](const py::list& lists, double size, double beta1, double beta2, double eps, double decay) {
        const THCAdam options = {size, beta1, beta2, eps, decay};
        if (py::len(lists) < 4) throw py::value_error("a step of Adam takes four lists or five");
        StepLists(lists).each([&](int count, const std::vector<TensorList>& l) {
          return TORCH_THC(THCTensor_adamStep)(count, l[0].data(), l[1].data(), l[2].data(), l[3].data(),
                                               l.size() > 4 ? l[4].data() : nullptr, &options);
        });
      },
      "Parameters, gradients, means, squares and, with AMSGrad, the largest of these.");
}

// sys.path, for what is looked for among Python packages. Now: later the interpreter may be busy in another thread.
void note_package_folders() {
  for (const py::handle folder : py::list(py::module_::import("sys").attr("path"))) {
    if (py::isinstance<py::str>(folder)) backend::package_folders += py::cast<std::string>(folder) + ":";
  }
}

}  // namespace

// Devices and their memory, for torch.cuda. Functions throw RuntimeError where there is no CUDA; device_count says why there
// is none.
void add_cuda_module(py::module_& module) {
  note_package_folders();
  py::module_ cuda = module.def_submodule("cuda", "Devices, their memory and their order of work.");
  cuda.def(
      "device_count",
      [] {
        const char* why = nullptr;
        const int count = backend::device_count(&why);
        return py::make_tuple(count, why);
      },
      "(number of devices, why there are none).");
  cuda.def("current_device", [] { return backend::usable_device(-1); });
  cuda.def("set_default", &ops::set_default_is_cuda, "Whether new tensors are made on the current device.");
  cuda.def("is_default", &ops::default_is_cuda);
  cuda.def("set_device", [](int device) { check(TORCH_THC(THC_setDevice)(device)); });
  cuda.def(
      "synchronize", [](int device) { check(TORCH_THC(THC_synchronize)(device)); }, py::call_guard<py::gil_scoped_release>());
  cuda.def("empty_cache", [] { check(TORCH_THC(THC_emptyCache)()); });
  cuda.def("reset_peak_memory", [](int device) { check(TORCH_THC(THC_resetPeakMemory)(device)); });
  add_facts(cuda);
  add_steps(cuda);
  cuda.def(
      "generator",
      [](int device) {
        THGenerator* const found = TORCH_THC(THC_generator)(device);
        if (found == nullptr) throw_last_error();
        THGenerator_retain(found);
        return py::reinterpret_steal<py::object>(new_generator(found));
      },
      "The default generator of a device.");
  cuda.def("ipc_export", &ipc_export);
  cuda.def("ipc_import", &ipc_import);
  cuda.def("new_pinned", &new_pinned);
  cuda.def("is_pinned", &is_pinned);
  add_event(cuda);
  add_stream(cuda);
  add_nvtx(cuda);
}

}  // namespace torch::python
