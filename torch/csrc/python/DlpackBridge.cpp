#include "python/DlpackBridge.h"

#include <memory>

#include "autograd/Variable.h"

namespace torch::python {

namespace {

// --- the ABI of DLPack 1.0, and of the versions before it ----------------------------------------------------------------

struct DLDevice {
  int32_t type;
  int32_t id;
};
struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; NULL: row-major
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor* self);
};
struct DLManagedTensorVersioned {
  uint32_t major;
  uint32_t minor;
  void* context;
  void (*deleter)(DLManagedTensorVersioned* self);
  uint64_t flags;
  DLTensor tensor;
};
enum : uint64_t { READ_ONLY = 1 };
enum : int32_t { DEVICE_CPU = 1, DEVICE_CUDA = 2 };
enum : uint8_t { CODE_INT = 0, CODE_UINT = 1, CODE_FLOAT = 2, CODE_BOOL = 6 };

// Names of the capsules, and those that they get once somebody has taken what is inside.
template <class Managed>
struct Capsule;
template <>
struct Capsule<DLManagedTensor> {
  static constexpr const char* name = "dltensor";
  static constexpr const char* used = "used_dltensor";
};
template <>
struct Capsule<DLManagedTensorVersioned> {
  static constexpr const char* name = "dltensor_versioned";
  static constexpr const char* used = "used_dltensor_versioned";
};

DLDataType type_of(THDtype dtype) {
  uint8_t code = CODE_INT;
  if (THDtype_isFloating(dtype)) code = CODE_FLOAT;
  if (dtype == THDtype_Byte) code = CODE_UINT;
  return {code, static_cast<uint8_t>(8 * THDtype_size(dtype)), 1};
}

THDtype dtype_of(DLDataType type) {
  if (type.code == CODE_BOOL && type.bits == 8 && type.lanes == 1) return THDtype_Byte;
  for (int d = 0; d < THDtype_Count; ++d) {
    const DLDataType known = type_of(static_cast<THDtype>(d));
    if (known.code == type.code && known.bits == type.bits && known.lanes == type.lanes) return static_cast<THDtype>(d);
  }
  fail(PyExc_TypeError, "from_dlpack(): no dtype of torch has code %d, %d bits and %d lanes", type.code, type.bits, type.lanes);
}

// --- out --------------------------------------------------------------------------------------------------------------------

template <class Managed>
struct Export {
  Managed managed;
  Tensor tensor;  // keeps the memory
};

template <class Managed>
void drop_capsule(PyObject* capsule) {
  if (!PyCapsule_IsValid(capsule, Capsule<Managed>::name)) return;  // taken
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, Capsule<Managed>::name));
  managed->deleter(managed);
}

template <class Managed>
PyObject* exported(const Tensor& source, Managed managed) {
  auto out = std::make_unique<Export<Managed>>();
  out->tensor = autograd::detach(source);
  THTensor* tensor = out->tensor.get();
  tensor->storage->flags |= THStorage_FIXED;
  out->managed = managed;
  out->managed.context = out.get();
  out->managed.deleter = [](Managed* self) { delete static_cast<Export<Managed>*>(self->context); };
  char* data = tensor->numel > 0 ? THTensor_dataBytes(tensor) : nullptr;
  const auto device = static_cast<int32_t>(out->tensor.device());
  const DLDevice place = device < 0 ? DLDevice{DEVICE_CPU, 0} : DLDevice{DEVICE_CUDA, device};
  out->managed.tensor = {data, place, tensor->ndim, type_of(out->tensor.dtype()), tensor->size, tensor->stride, 0};
  PyObject* capsule = PyCapsule_New(&out->managed, Capsule<Managed>::name, drop_capsule<Managed>);
  if (capsule) out.release();
  return capsule;
}

PyObject* to_dlpack(PyObject*, PyObject* args) {
  TORCH_PY_TRY
  PyObject* tensor = nullptr;
  int versioned = 0;
  if (!PyArg_ParseTuple(args, "Op:_to_dlpack", &tensor, &versioned)) return nullptr;
  if (!is_tensor(tensor))
    fail(PyExc_TypeError, "to_dlpack(): argument 'tensor' must be Tensor, not %s", Py_TYPE(tensor)->tp_name);
  if (autograd::requires_grad(as_tensor(tensor))) {
    fail(PyExc_BufferError, "a tensor that requires grad cannot be exported; export x.detach()");
  }
  if (versioned) return exported(as_tensor(tensor), DLManagedTensorVersioned{1, 0, nullptr, nullptr, 0, {}});
  return exported(as_tensor(tensor), DLManagedTensor{});
  TORCH_PY_CATCH(nullptr)
}

// --- in ---------------------------------------------------------------------------------------------------------------------

// Elements from the first to behind the last one. Throws for geometry that a tensor cannot have.
int64_t extent_of(const DLTensor& source) {
  int64_t last = 0;
  bool empty = false;
  for (int d = 0; d < source.ndim; ++d) {
    if (source.shape[d] < 0) fail(PyExc_ValueError, "from_dlpack(): a size is negative");
    empty = empty || source.shape[d] == 0;
    if (source.strides == nullptr) continue;
    if (source.strides[d] < 0)
      fail(PyExc_ValueError, "from_dlpack(): a stride is negative, which a tensor cannot have; copy it first");
    int64_t reach = 0;
    if (__builtin_mul_overflow(source.shape[d] - 1, source.strides[d], &reach) || __builtin_add_overflow(last, reach, &last)) {
      fail(PyExc_ValueError, "from_dlpack(): the strides reach farther than an address can count");
    }
  }
  if (empty) return 0;
  if (source.strides) return last + 1;
  int64_t numel = 1;
  for (int d = 0; d < source.ndim; ++d) {
    if (__builtin_mul_overflow(numel, source.shape[d], &numel)) fail(PyExc_ValueError, "from_dlpack(): too many elements");
  }
  return numel;
}

template <class Managed>
void drop_import(void* owner, void*) {
  auto* managed = static_cast<Managed*>(owner);
  if (managed->deleter) managed->deleter(managed);
}

// The device that an array lives on. Throws for one that this process does not know.
int place_of(const DLDevice& device) {
  if (device.type == DEVICE_CPU) return backend::HOST;
  if (device.type != DEVICE_CUDA || device.id < 0)
    fail(PyExc_BufferError, "from_dlpack(): the array lives on another device than the CPU or a CUDA device");
  return backend::usable_device(device.id);
}

template <class Managed>
Tensor imported(PyObject* capsule) {
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, Capsule<Managed>::name));
  if (managed == nullptr) throw PythonError{};
  const DLTensor& source = managed->tensor;
  const int place = place_of(source.device);
  if (source.ndim < 0 || source.ndim > TH_MAX_DIMS) fail(PyExc_ValueError, "from_dlpack(): at most %d dimensions", TH_MAX_DIMS);
  const THDtype dtype = dtype_of(source.dtype);
  const int64_t extent = extent_of(source);
  char* data = static_cast<char*>(source.data) + source.byte_offset;
  if (extent > 0 && reinterpret_cast<uintptr_t>(data) % THDtype_size(dtype) != 0) {
    fail(PyExc_ValueError, "from_dlpack(): the elements are not aligned, as those of a tensor are; copy the array first");
  }
  THStorage* storage = THStorage_newWithData(dtype, extent, data, drop_import<Managed>, managed);
  if (storage == nullptr) throw_last_error();
  storage->device = static_cast<int16_t>(place);
  check_python(PyCapsule_SetName(capsule, Capsule<Managed>::used));
  THTensor* tensor =
      THTensor_newWithStorage(storage, dtype, 0, source.ndim, source.shape, extent > 0 ? source.strides : nullptr);
  THStorage_free(storage);
  return Tensor::steal(tensor);
}

PyObject* from_dlpack(PyObject*, PyObject* capsule) {
  TORCH_PY_TRY
  if (PyCapsule_IsValid(capsule, Capsule<DLManagedTensor>::name)) return wrap(imported<DLManagedTensor>(capsule));
  if (!PyCapsule_IsValid(capsule, Capsule<DLManagedTensorVersioned>::name)) {
    fail(PyExc_ValueError,
         "from_dlpack(): argument must be a capsule named 'dltensor' or 'dltensor_versioned' that nobody has taken yet (each "
         "can "
         "be taken once), not %R",
         capsule);
  }
  auto* managed =
      static_cast<DLManagedTensorVersioned*>(PyCapsule_GetPointer(capsule, Capsule<DLManagedTensorVersioned>::name));
  if (managed->major > 1)
    fail(PyExc_BufferError, "from_dlpack(): version %u of DLPack is newer than this torch", managed->major);
  if (managed->flags & READ_ONLY) {
    check_python(
        PyErr_WarnEx(PyExc_UserWarning, "from_dlpack(): the array is not writable, but a tensor always is; copy it first", 2));
  }
  return wrap(imported<DLManagedTensorVersioned>(capsule));
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef dlpack_functions[] = {
    {"_to_dlpack", to_dlpack, METH_VARARGS, "_to_dlpack(tensor, versioned) -> capsule"},
    {"_from_dlpack", from_dlpack, METH_O, "_from_dlpack(capsule) -> Tensor"},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace torch::python
