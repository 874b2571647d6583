#include "python/PythonObservers.h"

#include "autograd/DeviceTimes.h"
#include "autograd/Engine.h"
#include "autograd/Marks.h"
#include "autograd/Mode.h"
#include "autograd/Observers.h"
#include "autograd/Profiler.h"
#include "python/GilRelease.h"

namespace torch::python {

namespace {

// Raises KeyboardInterrupt, or what another signal's handler raised, in the main thread.
void poll_signals() {
  const GilAcquire gil;
  check_python(PyErr_CheckSignals());
}

// A stack of the program as text, added to an exception as a note (PEP 678).
class PythonOrigin final : public autograd::Origin {
 public:
  explicit PythonOrigin(PyRef stack) : stack_(stack.release()) {}
  ~PythonOrigin() override {
    if (!Py_IsInitialized()) return;
    const GilAcquire gil;
    Py_DECREF(stack_);
  }
  PythonOrigin(const PythonOrigin&) = delete;
  PythonOrigin& operator=(const PythonOrigin&) = delete;

  [[noreturn]] void rethrow() const override {
    const GilAcquire gil;
    set_error_from_exception();
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject* done = PyObject_CallMethod(value, "add_note", "O", stack_);
    if (done == nullptr) PyErr_Clear();  // what failed first is what matters
    Py_XDECREF(done);
    PyErr_Restore(type, value, traceback);
    throw PythonError{};
  }

 private:
  PyObject* stack_;
};

std::shared_ptr<autograd::Origin> here() {
  const GilAcquire gil;
  const PyRef module = PyRef::steal(PyImport_ImportModule("torch.autograd.anomaly_mode"));
  return std::make_shared<PythonOrigin>(PyRef::steal(PyObject_CallMethod(module.get(), "_describe_stack", nullptr)));
}

PyObject* set_anomaly_enabled(PyObject*, PyObject* on) {
  if (!PyBool_Check(on)) {
    return PyErr_Format(PyExc_TypeError, "set_anomaly_enabled(): argument 'mode' must be bool, not %s", Py_TYPE(on)->tp_name);
  }
  autograd::mode = on == Py_True ? autograd::mode | autograd::MODE_ANOMALY : autograd::mode & ~uint32_t{autograd::MODE_ANOMALY};
  Py_RETURN_NONE;
}

PyObject* is_anomaly_enabled(PyObject*, PyObject*) {
  return PyBool_FromLong(autograd::mode & autograd::MODE_ANOMALY);
}

PyObject* in_gradient(PyObject*, PyObject*) {
  return PyBool_FromLong(autograd::in_gradient());
}

PyObject* start_profile(PyObject*, PyObject*) {
  TORCH_PY_TRY
  autograd::start_profile();
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* stop_profile(PyObject*, PyObject*) {
  TORCH_PY_TRY
  const std::vector<autograd::ProfileEvent> events = autograd::stop_profile();
  PyRef list = PyRef::steal(PyList_New(static_cast<Py_ssize_t>(events.size())));
  for (size_t i = 0; i < events.size(); ++i) {
    PyObject* item = Py_BuildValue("(sLL)", events[i].name.c_str(), static_cast<long long>(events[i].start),
                                   static_cast<long long>(events[i].end));
    if (item == nullptr) return nullptr;
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), item);
  }
  return list.release();
  TORCH_PY_CATCH(nullptr)
}

PyObject* start_device_profile(PyObject*, PyObject*) {
  TORCH_PY_TRY
  autograd::start_device_profile();
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* device_times(PyObject*, PyObject*) {
  TORCH_PY_TRY
  std::vector<double> times;
  {
    const GilRelease gil(kGilReleaseNumel + 1);
    times = autograd::device_times();
  }
  PyRef list = PyRef::steal(PyList_New(static_cast<Py_ssize_t>(times.size())));
  for (size_t i = 0; i < times.size(); ++i) {
    PyObject* item = PyFloat_FromDouble(times[i]);
    if (item == nullptr) return nullptr;
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), item);
  }
  return list.release();
  TORCH_PY_CATCH(nullptr)
}

PyObject* start_marking(PyObject*, PyObject*) {
  TORCH_PY_TRY
  autograd::start_marking();
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* stop_marking(PyObject*, PyObject*) {
  autograd::stop_marking();
  Py_RETURN_NONE;
}

PyObject* begin_record(PyObject*, PyObject* name) {
  TORCH_PY_TRY
  const char* text = PyUnicode_AsUTF8(name);
  if (text == nullptr) return nullptr;
  return PyLong_FromUnsignedLongLong(autograd::begin_record(text));
  TORCH_PY_CATCH(nullptr)
}

PyObject* end_record(PyObject*, PyObject* number) {
  const unsigned long long value = PyLong_AsUnsignedLongLong(number);
  if (PyErr_Occurred()) return nullptr;
  autograd::end_record(value);
  Py_RETURN_NONE;
}

}  // namespace

const PyMethodDef observer_functions[] = {
    {"set_anomaly_enabled", set_anomaly_enabled, METH_O, "set_anomaly_enabled(mode)"},
    {"is_anomaly_enabled", is_anomaly_enabled, METH_NOARGS, "is_anomaly_enabled() -> bool"},
    {"in_gradient", in_gradient, METH_NOARGS, "in_gradient() -> bool: whether torch.autograd.grad is what runs backward"},
    {"start_profile", start_profile, METH_NOARGS, "start_profile(): records this thread's ops"},
    {"stop_profile", stop_profile, METH_NOARGS, "stop_profile() -> [(name, start, end)] in ns"},
    {"start_device_profile", start_device_profile, METH_NOARGS,
     "start_device_profile(): also how long the current device takes"},
    {"device_times", device_times, METH_NOARGS, "device_times() -> [microseconds], in the order of stop_profile's"},
    {"start_marking", start_marking, METH_NOARGS, "start_marking(): this thread's ops become ranges of NVTX"},
    {"stop_marking", stop_marking, METH_NOARGS, "stop_marking()"},
    {"begin_record", begin_record, METH_O, "begin_record(name) -> number for end_record"},
    {"end_record", end_record, METH_O, "end_record(number)"},
    {nullptr, nullptr, 0, nullptr},
};

void lend_observers() {
  autograd::observers.origin = here;
  autograd::observers.poll = poll_signals;
}

}  // namespace torch::python
