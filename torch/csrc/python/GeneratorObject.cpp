#include "python/GeneratorObject.h"

#include "backend/Device.h"

#include <cstring>

#include "python/ArgParser.h"

namespace torch::python {

namespace {

struct GeneratorObject {
  PyObject_HEAD THGenerator* generator;
};

PyTypeObject* GeneratorType = nullptr;
PyObject* default_generator = nullptr;

PyObject* new_object(THGenerator* generator) {
  PyObject* self = GeneratorType->tp_alloc(GeneratorType, 0);
  if (self) reinterpret_cast<GeneratorObject*>(self)->generator = generator;
  return self;
}

PyObject* Generator_new(PyTypeObject*, PyObject* args, PyObject* kwargs) {
  TORCH_PY_TRY
  if (PyTuple_GET_SIZE(args) > 0 || (kwargs && PyDict_GET_SIZE(kwargs) > 0)) {
    fail(PyExc_TypeError, "Generator() takes no arguments");
  }
  THGenerator* generator = THGenerator_new();
  if (generator == nullptr) throw_last_error();
  return new_object(generator);
  TORCH_PY_CATCH(nullptr)
}

void Generator_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  THGenerator_free(as_generator(self));
  type->tp_free(self);
  Py_DECREF(type);
}

// The functions of the module act on the default generator, the methods on their own.
THGenerator* target(PyObject* self) {
  return is_generator(self) ? as_generator(self) : THGenerator_default();
}

PyObject* manual_seed(PyObject* self, PyObject* argument) {
  TORCH_PY_TRY
  const PyRef index = PyRef::steal(PyNumber_Index(argument));
  int overflow = 0;
  // Negative seeds are taken as their two's complement.
  auto seed = static_cast<unsigned long long>(PyLong_AsLongLongAndOverflow(index.get(), &overflow));
  if (overflow > 0) seed = PyLong_AsUnsignedLongLong(index.get());
  if (overflow < 0 || PyErr_Occurred()) {
    PyErr_Clear();
    fail(PyExc_OverflowError, "[manual_seed] seed, %R: must be from -2**63 to 2**64 - 1", argument);
  }
  THGenerator_manualSeed(target(self), seed);
  if (!is_generator(self)) backend::seed_devices(seed);
  PyObject* result = is_generator(self) ? self : default_generator;
  Py_INCREF(result);
  return result;
  TORCH_PY_CATCH(nullptr)
}

PyObject* initial_seed(PyObject* self, PyObject*) {
  return PyLong_FromUnsignedLongLong(THGenerator_initialSeed(target(self)));
}

PyObject* seed(PyObject* self, PyObject*) {
  return PyLong_FromUnsignedLongLong(THGenerator_seed(target(self)));
}

// The state is seed and offset as 16 bytes of a uint8 tensor.
PyObject* get_state(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  const THGenerator* generator = target(self);
  const int64_t size = 2 * sizeof(uint64_t);
  Tensor state = Tensor::steal(THTensor_newWithSize(THDtype_Byte, 1, &size));
  char* bytes = THTensor_dataBytes(state.get());
  std::memcpy(bytes, &generator->seed, sizeof(uint64_t));
  std::memcpy(bytes + sizeof(uint64_t), &generator->offset, sizeof(uint64_t));
  return wrap(std::move(state));
  TORCH_PY_CATCH(nullptr)
}

PyObject* set_state(PyObject* self, PyObject* argument) {
  TORCH_PY_TRY
  if (!is_tensor(argument) || as_tensor(argument).dtype() != THDtype_Byte || as_tensor(argument).numel() != 16) {
    fail(PyExc_TypeError,
         "set_rng_state(): the state must be a torch.ByteTensor of 16 elements, as get_rng_state() returns it");
  }
  const Tensor state = Tensor::steal(THTensor_newContiguous(as_tensor(argument).get()));
  const char* bytes = THTensor_dataBytes(state.get());
  THGenerator* generator = target(self);
  std::memcpy(&generator->seed, bytes, sizeof(uint64_t));
  std::memcpy(&generator->offset, bytes + sizeof(uint64_t), sizeof(uint64_t));
  if (!is_generator(self)) Py_RETURN_NONE;
  Py_INCREF(self);
  return self;
  TORCH_PY_CATCH(nullptr)
}

PyMethodDef methods[] = {
    {"manual_seed", manual_seed, METH_O,
     "manual_seed(seed) -> Generator: itself, at the beginning of the stream that the seed names.\n\nseed: from -2**63 to "
     "2**64 - 1; others are an OverflowError."
     "\n\n>>> torch.Generator().manual_seed(7).initial_seed()\n"
     "7"},
    {"initial_seed", initial_seed, METH_NOARGS,
     "initial_seed() -> int: the seed that the stream began with."
     "\n\n>>> torch.Generator().manual_seed(7).initial_seed()\n"
     "7"},
    {"seed", seed, METH_NOARGS,
     "seed() -> int: seeds from the operating system's entropy."
     "\n\n>>> generator = torch.Generator()\n"
     ">>> generator.seed() == generator.initial_seed()\n"
     "True"},
    {"get_state", get_state, METH_NOARGS,
     "get_state() -> Tensor: uint8, 16 elements."
     "\n\n>>> generator = torch.Generator()\n"
     ">>> state = generator.get_state()\n"
     ">>> a = torch.rand(2, generator=generator)\n"
     ">>> torch.equal(a, torch.rand(2, generator=generator.set_state(state)))\n"
     "True"},
    {"set_state", set_state, METH_O,
     "set_state(state) -> Generator: itself, where the stream was at get_state(). A TypeError for other tensors."
     "\n\n>>> generator, other = torch.Generator().manual_seed(7), torch.Generator()\n"
     ">>> _ = other.set_state(generator.get_state())\n"
     ">>> torch.equal(torch.rand(2, generator=generator), torch.rand(2, generator=other))\n"
     "True"},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(Generator_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Generator_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("Generator(): a stream of random numbers of its own."
                                  "\n\n>>> generator = torch.Generator().manual_seed(7)\n"
                                  ">>> a = torch.rand(2, generator=generator)\n"
                                  ">>> torch.equal(a, torch.rand(2, generator=generator.manual_seed(7)))\n"
                                  "True")},
    {0, nullptr},
};

PyType_Spec spec = {"torch.Generator", sizeof(GeneratorObject), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

PyObject* new_generator(THGenerator* generator) {
  PyObject* const self = new_object(generator);
  if (self == nullptr) throw PythonError{};
  return self;
}

const PyMethodDef generator_functions[] = {
    {"manual_seed", manual_seed, METH_O,
     "manual_seed(seed) -> Generator: seeds the default generator."
     "\n\n>>> _ = torch.manual_seed(7)\n"
     ">>> a = torch.rand(2)\n"
     ">>> _ = torch.manual_seed(7)\n"
     ">>> torch.equal(a, torch.rand(2))\n"
     "True"},
    {"initial_seed", initial_seed, METH_NOARGS,
     "initial_seed() -> int: the seed of the default generator's stream."
     "\n\n>>> _ = torch.manual_seed(7)\n"
     ">>> torch.initial_seed()\n"
     "7"},
    {"seed", seed, METH_NOARGS,
     "seed() -> int: seeds the default generator from the operating system's entropy."
     "\n\n>>> torch.seed() == torch.initial_seed()\n"
     "True"},
    {"get_rng_state", get_state, METH_NOARGS,
     "get_rng_state() -> Tensor: state of the default generator."
     "\n\n>>> state = torch.get_rng_state()\n"
     ">>> a = torch.rand(2)\n"
     ">>> torch.set_rng_state(state)\n"
     ">>> torch.equal(a, torch.rand(2))\n"
     "True"},
    {"set_rng_state", set_state, METH_O,
     "set_rng_state(new_state)\n\nTakes the default generator back to where get_rng_state() found it. A TypeError for other "
     "tensors."
     "\n\n>>> state = torch.get_rng_state()\n"
     ">>> torch.set_rng_state(state)\n"
     ">>> torch.equal(torch.get_rng_state(), state)\n"
     "True"},
    {nullptr, nullptr, 0, nullptr},
};

bool is_generator(PyObject* object) {
  return Py_TYPE(object) == GeneratorType;
}

THGenerator* as_generator(PyObject* object) {
  return reinterpret_cast<GeneratorObject*>(object)->generator;
}

int init_generator_type(PyObject* module) {
  GeneratorType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (GeneratorType == nullptr) return -1;
  THGenerator_retain(THGenerator_default());
  default_generator = new_object(THGenerator_default());
  if (default_generator == nullptr) return -1;
  if (PyModule_AddObjectRef(module, "default_generator", default_generator) < 0) return -1;
  return PyModule_AddObjectRef(module, "Generator", reinterpret_cast<PyObject*>(GeneratorType));
}

}  // namespace torch::python
