#include "python/DeviceObject.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "backend/Device.h"
#include "python/Errors.h"

namespace torch::python {

namespace {

struct DeviceObject {
  PyObject_HEAD Device device;
};

struct LayoutObject {
  PyObject_HEAD const char* name;
};

PyTypeObject* DeviceType = nullptr;
PyTypeObject* LayoutType = nullptr;
PyObject* cpu_device = nullptr;
PyObject* strided_layout = nullptr;

Device& device_of(PyObject* object) {
  return reinterpret_cast<DeviceObject*>(object)->device;
}

Device parse_device(const char* text) {
  Device device;
  const char* colon = std::strchr(text, ':');
  const std::string type = colon ? std::string(text, colon) : std::string(text);
  if (type != "cpu" && type != "cuda") {
    fail(PyExc_RuntimeError, "Expected one of cpu, cuda device type at start of device string: %s", text);
  }
  device.cuda = type == "cuda";
  if (colon == nullptr) return device;
  char* end = nullptr;
  device.index = std::strtoll(colon + 1, &end, 10);
  if (end == colon + 1 || *end != '\0' || device.index < 0) {
    fail(PyExc_RuntimeError, "device '%s': the part behind ':' must be a device number, 0 or more", text);
  }
  if (!device.cuda && device.index != 0) fail(PyExc_RuntimeError, "device '%s': the cpu device index must be 0", text);
  return device;
}

PyObject* Device_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  TORCH_PY_TRY
  static const char* names[] = {"type", "index", nullptr};
  PyObject* what = nullptr;
  PyObject* index = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:device", const_cast<char**>(names), &what, &index)) return nullptr;
  Device device = to_device(what);
  if (index && index != Py_None) {
    if (device.index >= 0) fail(PyExc_RuntimeError, "device(): the type %R names an index already", what);
    const PyRef text = PyRef::steal(PyUnicode_FromFormat("%s:%S", device.cuda ? "cuda" : "cpu", index));
    device = parse_device(PyUnicode_AsUTF8(text.get()));
  }
  PyObject* self = type->tp_alloc(type, 0);
  if (self) device_of(self) = device;
  return self;
  TORCH_PY_CATCH(nullptr)
}

PyObject* Device_str(PyObject* self) {
  const Device& device = device_of(self);
  const char* type = device.cuda ? "cuda" : "cpu";
  if (device.index < 0) return PyUnicode_FromString(type);
  return PyUnicode_FromFormat("%s:%lld", type, static_cast<long long>(device.index));
}

PyObject* Device_repr(PyObject* self) {
  const Device& device = device_of(self);
  const char* type = device.cuda ? "cuda" : "cpu";
  if (device.index < 0) return PyUnicode_FromFormat("device(type='%s')", type);
  return PyUnicode_FromFormat("device(type='%s', index=%lld)", type, static_cast<long long>(device.index));
}

PyObject* Device_compare(PyObject* self, PyObject* other, int op) {
  if ((op != Py_EQ && op != Py_NE) || !is_device(other)) Py_RETURN_NOTIMPLEMENTED;
  const Device& a = device_of(self);
  const Device& b = device_of(other);
  return PyBool_FromLong((a.cuda == b.cuda && a.index == b.index) == (op == Py_EQ));
}

Py_hash_t Device_hash(PyObject* self) {
  return static_cast<Py_hash_t>(device_of(self).cuda * 1000 + device_of(self).index + 2);
}

PyObject* Device_type(PyObject* self, void*) {
  return PyUnicode_FromString(device_of(self).cuda ? "cuda" : "cpu");
}

PyObject* Device_index(PyObject* self, void*) {
  if (device_of(self).index < 0) Py_RETURN_NONE;
  return PyLong_FromLongLong(device_of(self).index);
}

PyObject* Device_reduce(PyObject* self, PyObject*) {
  return Py_BuildValue("O(N)", Py_TYPE(self), Device_str(self));
}

PyMethodDef device_methods[] = {
    {"__reduce__", Device_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef device_attributes[] = {
    {"type", Device_type, nullptr,
     "'cpu' or 'cuda'"
     "\n\n>>> torch.device(\"cuda:1\").type\n"
     "'cuda'",
     nullptr},
    {"index", Device_index, nullptr,
     "The device's number, or None."
     "\n\n>>> torch.device(\"cuda:1\").index, torch.device(\"cpu\").index\n"
     "(1, None)",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot device_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(Device_new)},
    {Py_tp_repr, reinterpret_cast<void*>(Device_repr)},
    {Py_tp_str, reinterpret_cast<void*>(Device_str)},
    {Py_tp_richcompare, reinterpret_cast<void*>(Device_compare)},
    {Py_tp_hash, reinterpret_cast<void*>(Device_hash)},
    {Py_tp_methods, device_methods},
    {Py_tp_getset, device_attributes},
    {Py_tp_doc, const_cast<char*>("device(type, index=None): where a tensor lives: device('cpu'), device('cuda:1')."
                                  "\n\n>>> torch.device(\"cuda:1\"), torch.device(\"cuda\", 1) == torch.device(\"cuda:1\")\n"
                                  "(device(type='cuda', index=1), True)\n"
                                  ">>> torch.zeros(2).device, torch.device(\"cuda:1\").index\n"
                                  "(device(type='cpu'), 1)")},
    {0, nullptr},
};

PyType_Spec device_spec = {"torch.device", sizeof(DeviceObject), 0, Py_TPFLAGS_DEFAULT, device_slots};

PyObject* Layout_repr(PyObject* self) {
  return PyUnicode_FromFormat("torch.%s", reinterpret_cast<LayoutObject*>(self)->name);
}

// As PyTorch writes it, whose safe reader takes no other form.
PyObject* Layout_reduce(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  const PyRef module = PyRef::steal(PyImport_ImportModule("torch.serialization"));
  const PyRef maker = PyRef::steal(PyObject_GetAttrString(module.get(), "_get_layout"));
  const PyRef name = PyRef::steal(Layout_repr(self));
  return Py_BuildValue("(O(O))", maker.get(), name.get());
  TORCH_PY_CATCH(nullptr)
}

PyMethodDef layout_methods[] = {
    {"__reduce__", Layout_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot layout_slots[] = {
    {Py_tp_repr, reinterpret_cast<void*>(Layout_repr)},
    {Py_tp_methods, layout_methods},
    {Py_tp_doc, const_cast<char*>("How the elements of a tensor are stored: torch.strided or torch.sparse_coo."
                                  "\n\n>>> torch.zeros(2).layout, torch.zeros(2, layout=torch.sparse_coo).layout\n"
                                  "(torch.strided, torch.sparse_coo)")},
    {0, nullptr},
};

PyType_Spec layout_spec = {"torch.layout", sizeof(LayoutObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                           layout_slots};

}  // namespace

bool is_device(PyObject* object) {
  return Py_TYPE(object) == DeviceType;
}

Device to_device(PyObject* object) {
  if (is_device(object)) return device_of(object);
  if (PyLong_Check(object)) {
    const long long index = PyLong_AsLongLong(object);
    if (index < 0) fail(PyExc_RuntimeError, "device(): a device number must be 0 or more, got %R", object);
    return Device{true, index};
  }
  if (!PyUnicode_Check(object)) {
    fail(PyExc_TypeError, "device(): argument 'type' must be str, torch.device or int, not %s", Py_TYPE(object)->tp_name);
  }
  const char* text = PyUnicode_AsUTF8(object);
  if (text == nullptr) throw PythonError{};
  return parse_device(text);
}

int device_ordinal(PyObject* object) {
  if (object == nullptr || object == Py_None || object == cpu_device) return backend::HOST;
  const Device device = to_device(object);
  if (!device.cuda) return backend::HOST;
  const char* why = nullptr;
  if (backend::device_count(&why) == 0) {
    fail(PyExc_RuntimeError, "no tensor can live on %S: %s. Use device='cpu', or ask torch.cuda.is_available() first", object,
         why);
  }
  return backend::usable_device(device.index);
}

PyObject* new_device(int64_t ordinal) {
  PyObject* device = ordinal < 0 ? cpu_device : DeviceType->tp_alloc(DeviceType, 0);
  if (device == nullptr) throw PythonError{};
  if (ordinal < 0)
    Py_INCREF(device);
  else
    device_of(device) = Device{true, ordinal};
  return device;
}

bool is_layout(PyObject* object) {
  return Py_TYPE(object) == LayoutType;
}

PyObject* strided_layout_object() {
  return strided_layout;
}

void require_strided(PyObject* object) {
  if (object == nullptr || object == Py_None || object == strided_layout) return;
  fail(PyExc_RuntimeError, "layout %R: only torch.strided is supported here", object);
}

int init_device_types(PyObject* module) {
  DeviceType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&device_spec));
  LayoutType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&layout_spec));
  if (DeviceType == nullptr || LayoutType == nullptr) return -1;
  cpu_device = DeviceType->tp_alloc(DeviceType, 0);
  if (cpu_device == nullptr) return -1;
  device_of(cpu_device) = Device{};
  for (const char* name : {"strided", "sparse_coo"}) {
    auto* layout = PyObject_New(LayoutObject, LayoutType);
    if (layout == nullptr) return -1;
    layout->name = name;
    if (PyModule_AddObjectRef(module, name, reinterpret_cast<PyObject*>(layout)) < 0) return -1;
    if (strided_layout == nullptr) strided_layout = reinterpret_cast<PyObject*>(layout);
  }
  if (PyModule_AddObjectRef(module, "device", reinterpret_cast<PyObject*>(DeviceType)) < 0) return -1;
  return PyModule_AddObjectRef(module, "layout", reinterpret_cast<PyObject*>(LayoutType));
}

}  // namespace torch::python
