#include "python/CudnnBindings.h"

#include "backend/Cudnn.h"

namespace py = pybind11;

namespace torch::python {

// The switches of cuDNN, for torch.backends.cudnn.
void add_cudnn_module(py::module_& module) {
  py::module_ cudnn = module.def_submodule("cudnn", "Whether layers on CUDA devices are cuDNN's, and how.");
  cudnn.def(
      "unavailable_reason",
      [] {
        std::string why;
        backend::cudnn_available(&why);
        return why;
      },
      "Why cuDNN does no work; \"\" if it does.");
  cudnn.def("version", &backend::cudnn_version);
  cudnn.def(
      "plans",
      [] {
        const backend::CudnnPlans use = backend::cudnn_plans();
        return py::dict(py::arg("hits") = use.hits, py::arg("misses") = use.misses, py::arg("refusals") = use.refusals,
                        py::arg("kept") = use.kept);
      },
      "What became of the problems so far.");
  cudnn.def(
      "switches",
      [] {
        const backend::CudnnSwitches now = backend::cudnn_switches();
        return py::make_tuple(now.enabled, now.benchmark, now.deterministic, now.allow_tf32);
      },
      "(enabled, benchmark, deterministic, allow_tf32).");
  cudnn.def(
      "set_switches",
      [](bool enabled, bool benchmark, bool deterministic, bool allow_tf32) {
        backend::set_cudnn_switches({enabled, benchmark, deterministic, allow_tf32});
      },
      py::arg("enabled"), py::arg("benchmark"), py::arg("deterministic"), py::arg("allow_tf32"));
  add_recurrent_functions(cudnn);
}

}  // namespace torch::python
