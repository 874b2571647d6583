// The module torch._C: the only unit that includes pybind11, which binds what is called rarely. Everything hot is made of raw
// CPython tables that this file puts together.
#include <dlfcn.h>
#include <pybind11/pybind11.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "python/AutogradBindings.h"
#include "python/CApi.h"
#include "python/CudaBindings.h"
#include "python/CudnnBindings.h"
#include "python/DeviceObject.h"
#include "python/DistributedBindings.h"
#include "python/DlpackBridge.h"
#include "python/DtypeObject.h"
#include "python/Errors.h"
#include "python/GeneratedTables.h"
#include "python/GeneratorObject.h"
#include "python/LegacyConstructor.h"
#include "python/NcclBindings.h"
#include "python/NodeObject.h"
#include "python/NumpyBridge.h"
#include "python/PythonFunction.h"
#include "python/PythonHook.h"
#include "python/SharedMemoryObject.h"
#include "python/SizeObject.h"
#include "python/SparseBridge.h"
#include "python/StorageObject.h"
#include "python/TensorData.h"
#include "python/TensorObject.h"
#include "tensor/Tensor.h"

namespace py = pybind11;

namespace torch::python {

namespace {

std::string folder_of(const std::string& path) {
  return path.substr(0, path.find_last_of('/'));
}

bool same_folder(const std::string& a, const std::string& b) {
  struct stat first;
  struct stat second;
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// Another libTH than the one this was built with must not be used: its structs could differ.
void check_library() {
  const std::string loaded = TH_path();
  const std::string rebuild = "\nRebuild: python setup.py develop";
  if (TH_abi() != TH_ABI) {
    throw py::import_error("torch._C was built for ABI " + std::to_string(TH_ABI) + " of libTH, but " + loaded + " has ABI " +
                           std::to_string(TH_abi()) + rebuild);
  }
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&same_folder), &self) == 0) return;
  const std::string expected = folder_of(self.dli_fname) + "/lib";
  if (!same_folder(folder_of(loaded), expected)) {
    throw py::import_error("torch._C needs the libTH in " + expected + ", but the one that was loaded is " + loaded +
                           "; something (LD_PRELOAD, or another module) loaded it before" + rebuild);
  }
}

// Method tables are copied: Python keeps pointers to the entries, and ours are const.
void add_functions(py::module_& module, const PyMethodDef* functions) {
  auto* table = new std::vector<PyMethodDef>;  // as long as the process
  for (; functions->ml_name; ++functions) table->push_back(*functions);
  table->push_back({nullptr, nullptr, 0, nullptr});
  check_python(PyModule_AddFunctions(module.ptr(), table->data()));
}

void add_types(py::module_& module) {
  PyObject* m = module.ptr();
  for (int (*init)(PyObject*) : {init_dtype_type, init_device_types, init_size_type, init_generator_type, init_tensor_type,
                                 init_numpy_bridge, init_shared_memory_type, init_storage_type, init_hook_types, init_node_type,
                                 init_function_type, init_autograd_module, init_sparse_bridge, init_capi}) {
    check_python(init(m));
  }
}

void add_operations(py::module_& module) {
  py::module_ ops = module.def_submodule("ops", "Every torch.* function.");
  for (auto tables = generated_functions; *tables; ++tables) add_functions(ops, *tables);
  for (const PyMethodDef* table : {dtype_functions, generator_functions, data_functions, numpy_functions})
    add_functions(ops, table);
  py::module_ nn = module.def_submodule("nn", "Neural-network functions, for torch.nn.functional.");
  for (auto tables = generated_nn_functions; *tables; ++tables) add_functions(nn, *tables);
  for (const PyMethodDef* table : {legacy_functions, dlpack_functions, buffer_functions}) add_functions(module, table);
}

void add_settings(py::module_& module) {
  module.def("get_num_threads", &THThreads_get,
             "Threads that one op may use: at first OMP_NUM_THREADS, else the CPUs that this process may run on."
             "\n\n>>> torch.get_num_threads() >= 1\n"
             "True");
  module.def(
      "set_num_threads", [](int count) { check(THThreads_set(count)); }, py::arg("count"),
      "Threads that one op may use from now on, 1 or more; results do not depend on it."
      "\n\n>>> threads = torch.get_num_threads()\n"
      ">>> torch.set_num_threads(1)\n"
      ">>> torch.get_num_threads()\n"
      "1\n"
      ">>> torch.set_num_threads(threads)");
  module.def("set_flush_denormal", &THDenormal_setFlush, py::arg("mode"),
             "Whether this thread's arithmetic takes and gives zero for denormal numbers. False if the CPU cannot."
             "\n\n>>> torch.set_flush_denormal(True)\n"
             "True\n"
             ">>> torch.tensor([1e-323], dtype=torch.float64) * 1\n"
             "tensor([0.], dtype=torch.float64)\n"
             ">>> torch.set_flush_denormal(False)\n"
             "True\n"
             ">>> torch.tensor([1e-323], dtype=torch.float64) * 1\n"
             "tensor([9.8813e-324], dtype=torch.float64)");
  module.def(
      "cpu_capability", [] { return std::string(THCpu_name(THCpu_level())); }, "The CPU level in use: base, avx2, avx512.");
  module.def(
      "set_cpu_capability",
      [](const std::string& name) {
        for (int level = 0; level < THCpu_Count; ++level) {
          if (name == THCpu_name(static_cast<THCpu>(level))) return check(THCpu_force(static_cast<THCpu>(level)));
        }
        throw py::value_error("cpu level '" + name + "', expected base, avx2 or avx512");
      },
      py::arg("name"), "For tests: use no higher CPU level than this.");
  module.def(
      "blas_info", [] { return py::make_tuple(THBlas_name(), THBlas_describe()); },
      "(library, description); opens the library.");
  module.def("th_path", [] { return std::string(TH_path()); }, "The file that libTH was loaded from.");
  module.def("th_version", [] { return std::string(TH_version()); });
}

}  // namespace

}  // namespace torch::python

PYBIND11_MODULE(_C, module) {
  using namespace torch::python;
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const torch::Error&) {
      set_error_from_exception();
    }
  });
  try {
    check_library();
    add_types(module);
    add_operations(module);
    add_cuda_module(module);
    add_nccl_module(module);
    add_cudnn_module(module);
    add_distributed_module(module);
    add_settings(module);
  } catch (const PythonError&) {
    throw py::error_already_set();
  }
}
