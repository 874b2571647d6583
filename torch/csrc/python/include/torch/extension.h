// torch for extensions in C++17: a handle for tensors, and Python functions made of C++ functions. Needs no pybind11.
//
//   #include <torch/extension.h>
//
//   torch::Tensor product(const torch::Tensor& x, const torch::Tensor& y) {
//     torch::Tensor result = torch::empty_like(x);
//     torch::check(THTensor_cmul(result.get(), x.get(), y.get()));
//     return result;
//   }
//
//   TORCH_EXTENSION_MODULE(TORCH_EXTENSION_NAME, "What the module is for.",
//     TORCH_FUNCTION(product, "product(x, y) -> Tensor"))
//
// Arguments may be torch::Tensor, bool, integers, floating-point numbers, std::string, std::optional (None if empty) and
// std::vector of these; results also std::pair, std::tuple, void. C++ exceptions become Python's.
#ifndef TORCH_EXTENSION_H
#define TORCH_EXTENSION_H

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <torch/capi.h>

namespace torch {

// A failure of TH on its way to Python, where its code decides the exception's class.
class Error : public std::runtime_error {
 public:
  Error(THStatus code, const std::string& message) : std::runtime_error(message), code_(code) {}
  THStatus code() const noexcept { return code_; }

 private:
  THStatus code_;
};

inline void check(THStatus status) {
  if (status != TH_OK) throw Error(status, THStatus_message());
}

// The dtype whose elements are a T.
template <class T>
constexpr THDtype dtype_of() {
#define TORCH_DTYPE_CASE(Name, ctype, acc, python)                            \
  if constexpr (THDtype_##Name != THDtype_Half && std::is_same_v<T, ctype>) { \
    return THDtype_##Name;                                                    \
  } else
  TH_FORALL_DTYPES(TORCH_DTYPE_CASE)
#undef TORCH_DTYPE_CASE
  return THDtype_None;
}

// One reference to a tensor. Copies are cheap and mean the same tensor. Empty by default.
class Tensor {
 public:
  Tensor() noexcept = default;
  Tensor(const Tensor& other) noexcept : impl_(other.impl_) {
    if (impl_) THTensor_retain(impl_);
  }
  Tensor(Tensor&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
  Tensor& operator=(Tensor other) noexcept {
    std::swap(impl_, other.impl_);
    return *this;
  }
  ~Tensor() { THTensor_free(impl_); }

  // Takes over what a `new` function returned; NULL throws its failure.
  static Tensor steal(THTensor* impl) {
    if (impl == nullptr) throw Error(THStatus_last(), THStatus_message());
    Tensor tensor;
    tensor.impl_ = impl;
    return tensor;
  }
  static Tensor borrow(THTensor* impl) noexcept {
    THTensor_retain(impl);
    Tensor tensor;
    tensor.impl_ = impl;
    return tensor;
  }

  explicit operator bool() const noexcept { return impl_ != nullptr; }
  THTensor* get() const noexcept { return impl_; }
  THTensor* release() noexcept { return std::exchange(impl_, nullptr); }

  THDtype dtype() const noexcept { return static_cast<THDtype>(impl_->dtype); }
  int dim() const noexcept { return impl_->ndim; }
  int64_t numel() const noexcept { return impl_->numel; }
  int64_t size(int dim) const noexcept { return impl_->size[dim]; }
  int64_t stride(int dim) const noexcept { return impl_->stride[dim]; }  // in elements
  std::vector<int64_t> sizes() const { return {impl_->size, impl_->size + impl_->ndim}; }
  bool is_contiguous() const noexcept { return THTensor_isContiguous(impl_); }
  // This tensor if its elements follow each other in row-major order, else such a copy.
  Tensor contiguous() const { return steal(THTensor_newContiguous(impl_)); }
  Tensor clone() const { return steal(THTensor_newClone(impl_)); }

  // The first element. NULL for a tensor without elements; throws for another dtype.
  template <class T>
  const T* data() const {
    return elements<T>();
  }
  // The same for writing, which counts as a change: autograd refuses to use what it had saved of the tensor.
  template <class T>
  T* mutable_data() {
    T* first = elements<T>();
    check(THTensor_output(impl_, "mutable_data", dtype(), impl_->ndim, impl_->size));
    return first;
  }

 private:
  template <class T>
  T* elements() const {
    static_assert(dtype_of<T>() != THDtype_None, "no tensor has elements of this type");
    if (dtype() != dtype_of<T>()) {
      throw Error(TH_ERR_DTYPE, std::string("data: the elements are ") + THDtype_pythonName(dtype()) + ", not " +
                                    THDtype_pythonName(dtype_of<T>()) + "; convert the tensor first");
    }
    return impl_->numel == 0 ? nullptr : reinterpret_cast<T*>(THTensor_dataBytes(impl_));
  }

  THTensor* impl_ = nullptr;
};

// Contents undefined.
inline Tensor empty(const std::vector<int64_t>& sizes, THDtype dtype = THDtype_Float) {
  return Tensor::steal(THTensor_newWithSize(dtype, static_cast<int>(sizes.size()), sizes.data()));
}
inline Tensor empty_like(const Tensor& other) {
  return Tensor::steal(THTensor_newWithSize(other.dtype(), other.dim(), other.get()->size));
}

namespace python {

// Thrown where Python's error is set already.
struct PythonError {};

inline PyObject* check_object(PyObject* object) {
  if (object == nullptr) throw PythonError{};
  return object;
}

// Sets the Python error for the C++ exception in flight.
inline void set_error() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
  } catch (const Error& error) {
    if (const TorchCApi* api = Torch_api()) api->raise(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::invalid_argument& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const std::out_of_range& error) {
    PyErr_SetString(PyExc_IndexError, error.what());
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "an unknown C++ exception");
  }
}

// A tensor that a C++ function may compute with: nothing that it does is recorded, so one whose history must be is refused.
inline Tensor unwrap(PyObject* object) {
  THTensor* tensor = TorchTensor_get(object);
  if (tensor == nullptr) throw PythonError{};
  const int recorded = TorchTensor_recorded(object);
  if (recorded < 0) throw PythonError{};
  if (recorded > 0) {
    throw Error(TH_ERR_STATE,
                "this tensor requires a gradient, and autograd cannot see what a C++ function does with it: call the function "
                "in forward and backward of a torch.autograd.Function, or under torch.no_grad()");
  }
  return Tensor::borrow(tensor);
}

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_tuple : std::false_type {};
template <class... T>
struct is_tuple<std::tuple<T...>> : std::true_type {};
template <class A, class B>
struct is_tuple<std::pair<A, B>> : std::true_type {};

template <class T>
T from_python(PyObject* object);

template <class T>
T integer_from_python(PyObject* object) {
  const long long value = PyLong_AsLongLong(object);
  if (value == -1 && PyErr_Occurred()) throw PythonError{};
  if (static_cast<long long>(static_cast<T>(value)) != value || (std::is_unsigned_v<T> && value < 0)) {
    PyErr_Format(PyExc_OverflowError, "%lld does not fit into %d bytes", value, static_cast<int>(sizeof(T)));
    throw PythonError{};
  }
  return static_cast<T>(value);
}

template <class V>
V vector_from_python(PyObject* object) {
  PyObject* items = check_object(PySequence_Fast(object, "expected a sequence"));
  V result;
  try {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); ++i) {
      result.push_back(from_python<typename V::value_type>(PySequence_Fast_GET_ITEM(items, i)));
    }
  } catch (...) {
    Py_DECREF(items);
    throw;
  }
  Py_DECREF(items);
  return result;
}

template <class T>
T from_python(PyObject* object) {
  if constexpr (std::is_same_v<T, Tensor>) {
    return unwrap(object);
  } else if constexpr (std::is_same_v<T, bool>) {
    const int truth = PyObject_IsTrue(object);
    if (truth < 0) throw PythonError{};
    return truth != 0;
  } else if constexpr (std::is_integral_v<T>) {
    return integer_from_python<T>(object);
  } else if constexpr (std::is_floating_point_v<T>) {
    const double value = PyFloat_AsDouble(object);
    if (value == -1.0 && PyErr_Occurred()) throw PythonError{};
    return static_cast<T>(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    Py_ssize_t length = 0;
    const char* text = PyUnicode_AsUTF8AndSize(object, &length);
    if (text == nullptr) throw PythonError{};
    return std::string(text, static_cast<size_t>(length));
  } else if constexpr (is_optional<T>::value) {
    if (object == Py_None) return std::nullopt;
    return from_python<typename T::value_type>(object);
  } else if constexpr (is_vector<T>::value) {
    return vector_from_python<T>(object);
  } else {
    static_assert(std::is_void_v<T>, "an argument of this type cannot come from Python");
  }
}

template <class T>
PyObject* to_python(T value);

template <class V>
PyObject* list_to_python(V& values) {
  PyObject* list = check_object(PyList_New(static_cast<Py_ssize_t>(values.size())));
  try {
    Py_ssize_t i = 0;
    for (auto&& value : values) PyList_SET_ITEM(list, i++, to_python<typename V::value_type>(std::move(value)));
  } catch (...) {
    Py_DECREF(list);
    throw;
  }
  return list;
}

template <class T, size_t... I>
PyObject* tuple_to_python(T& values, std::index_sequence<I...>) {
  PyObject* tuple = check_object(PyTuple_New(sizeof...(I)));
  try {
    const auto set = [tuple](size_t i, PyObject* item) { PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), item); };
    (set(I, to_python<std::tuple_element_t<I, T>>(std::move(std::get<I>(values)))), ...);
  } catch (...) {
    Py_DECREF(tuple);
    throw;
  }
  return tuple;
}

// New references; throws PythonError or Error.
template <class T>
PyObject* to_python(T value) {
  if constexpr (std::is_same_v<T, Tensor>) {
    if (!value) Py_RETURN_NONE;
    return check_object(TorchTensor_wrap(value.release()));
  } else if constexpr (std::is_same_v<T, bool>) {
    return PyBool_FromLong(value);
  } else if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T>) {
    return check_object(PyLong_FromUnsignedLongLong(value));
  } else if constexpr (std::is_integral_v<T>) {
    return check_object(PyLong_FromLongLong(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    return check_object(PyFloat_FromDouble(static_cast<double>(value)));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return check_object(PyUnicode_FromStringAndSize(value.data(), static_cast<Py_ssize_t>(value.size())));
  } else if constexpr (is_optional<T>::value) {
    if (!value) Py_RETURN_NONE;
    return to_python<typename T::value_type>(std::move(*value));
  } else if constexpr (is_vector<T>::value) {
    return list_to_python(value);
  } else if constexpr (is_tuple<T>::value) {
    return tuple_to_python(value, std::make_index_sequence<std::tuple_size_v<T>>{});
  } else {
    static_assert(std::is_void_v<T>, "a result of this type cannot become a Python object");
  }
}

template <class R, class... A, size_t... I>
PyObject* invoke(R (*function)(A...), PyObject* const* args, std::index_sequence<I...>) {
  // In a tuple, which is filled from left to right.
  std::tuple<std::decay_t<A>...> arguments{from_python<std::decay_t<A>>(args[I])...};
  if constexpr (std::is_void_v<R>) {
    function(std::forward<A>(std::get<I>(arguments))...);
    Py_RETURN_NONE;
  } else {
    return to_python<std::decay_t<R>>(function(std::forward<A>(std::get<I>(arguments))...));
  }
}

template <class R, class... A>
PyObject* call(R (*function)(A...), const char* name, PyObject* const* args, Py_ssize_t count) noexcept {
  constexpr Py_ssize_t wanted = sizeof...(A);
  if (count != wanted) {
    PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments (%zd given)", name, wanted, count);
    return nullptr;
  }
  try {
    return invoke(function, args, std::index_sequence_for<A...>{});
  } catch (...) {
    set_error();
    return nullptr;
  }
}

inline PyObject* make_module(PyModuleDef* definition) {
  return Torch_api() == nullptr ? nullptr : PyModule_Create(definition);
}

}  // namespace python

}  // namespace torch

#define TORCH_CONCATENATED(a, b) a##b
#define TORCH_CONCATENATE(a, b) TORCH_CONCATENATED(a, b)
#define TORCH_TEXT_OF(a) #a
#define TORCH_TEXT(a) TORCH_TEXT_OF(a)

// A row of TORCH_EXTENSION_MODULE: a function (no overloads, no template) and its doc string.
#define TORCH_FUNCTION(function, doc)                                                                           \
  PyMethodDef {                                                                                                 \
    #function,                                                                                                  \
        reinterpret_cast<PyCFunction>(                                                                          \
            reinterpret_cast<void (*)()>(+[](PyObject*, PyObject* const* args, Py_ssize_t count) -> PyObject* { \
              return ::torch::python::call(&function, #function, args, count);                                  \
            })),                                                                                                \
        METH_FASTCALL, doc                                                                                      \
  }

// The module's initialisation. `name` is the last part of its name: torch.utils.cpp_extension defines TORCH_EXTENSION_NAME.
#define TORCH_EXTENSION_MODULE(name, doc, ...)                                                            \
  PyMODINIT_FUNC TORCH_CONCATENATE(PyInit_, name)(void) {                                                 \
    static PyMethodDef functions[] = {__VA_ARGS__, PyMethodDef{nullptr, nullptr, 0, nullptr}};            \
    static PyModuleDef definition = {                                                                     \
        PyModuleDef_HEAD_INIT, TORCH_TEXT(name), doc, -1, functions, nullptr, nullptr, nullptr, nullptr}; \
    return ::torch::python::make_module(&definition);                                                     \
  }

#endif
