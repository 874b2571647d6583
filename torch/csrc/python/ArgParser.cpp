#include "python/ArgParser.h"

#include <cstring>

#include "python/DeviceObject.h"
#include "python/DtypeObject.h"
#include "python/GeneratorObject.h"
#include "python/SizeObject.h"
#include "python/TensorData.h"

namespace torch::python {

namespace {

// Vectors that wait for the next call. Guarded by the interpreter lock.
constexpr int kScratchSlots = 8;
Sizes scratch_slots[kScratchSlots];
int scratch_free = kScratchSlots;

const Tensor kNoTensor;

bool is_int_list(PyObject* object, bool lenient) {
  if (PyTuple_Check(object) || PyList_Check(object)) {
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(object);
    PyObject** items = PySequence_Fast_ITEMS(object);
    for (Py_ssize_t i = 0; i < n; ++i) {
      if (!looks_like_int(items[i])) return false;
    }
    return true;
  }
  return PyLong_CheckExact(object) || (lenient && looks_like_int(object));
}

bool is_tensor_list(PyObject* object) {
  if (!PyTuple_Check(object) && !PyList_Check(object)) return false;
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(object);
  PyObject** items = PySequence_Fast_ITEMS(object);
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (!is_tensor(items[i])) return false;
  }
  return true;
}

bool is_scalar_tensor(PyObject* object) {
  return is_tensor(object) && as_tensor(object).ndim() == 0;
}

// lenient: a tensor of no dimensions stands for its number. Tried only after all signatures failed strictly, so that overloads
// on tensors win.
bool matches(Kind kind, PyObject* object, bool lenient) {
  Scalar number;
  switch (kind) {
    case Kind::Tensor:
      return is_tensor(object);
    case Kind::TensorOrNone:
      return object == Py_None || is_tensor(object);
    case Kind::TensorList:
      return is_tensor_list(object);
    case Kind::ScalarOrNone:
      if (object == Py_None) return true;
      [[fallthrough]];
    case Kind::Scalar:
    case Kind::Float:
      return PyFloat_CheckExact(object) || PyLong_CheckExact(object) || (lenient && is_scalar_tensor(object)) ||
             (!is_tensor(object) && number_to_scalar(object, &number));
    case Kind::IntOrNone:
      if (object == Py_None) return true;
      [[fallthrough]];
    case Kind::Int:
      return PyLong_CheckExact(object) || (looks_like_int(object) && (lenient || !is_tensor(object)));
    case Kind::IntList:
      return is_int_list(object, lenient);
    case Kind::Bool:
      return PyBool_Check(object);
    case Kind::Generator:
      return object == Py_None || is_generator(object);
    case Kind::Dtype:
      return object == Py_None || is_dtype(object);
    case Kind::Device:
      return object == Py_None || is_device(object) || PyUnicode_Check(object) || PyLong_CheckExact(object);
    case Kind::Layout:
      return object == Py_None || object == strided_layout_object();  // of sparse ones, report() asks torch.sparse
    case Kind::Object:
      return true;
  }
  return false;
}

}  // namespace

bool kind_fits(Kind kind, PyObject* object) {
  return matches(kind, object, true);
}

bool looks_like_int(PyObject* object) {
  if (PyLong_Check(object)) return true;
  if (is_tensor(object)) return as_tensor(object).numel() == 1 && !THDtype_isFloating(as_tensor(object).dtype());
  return PyIndex_Check(object) != 0;
}

bool number_to_scalar(PyObject* object, Scalar* scalar) {
  if (PyFloat_Check(object)) {
    *scalar = THScalar_fromDouble(PyFloat_AS_DOUBLE(object));
    return true;
  }
  if (PyLong_Check(object)) {
    *scalar = THScalar_fromLong(to_int64(object));
    return true;
  }
  const PyNumberMethods* number = Py_TYPE(object)->tp_as_number;
  if (number == nullptr || is_tensor(object) || PySequence_Check(object)) return false;
  if (number->nb_index) {  // NumPy's integers
    *scalar = THScalar_fromLong(to_int64(object));
    return true;
  }
  if (number->nb_float && !PyComplex_Check(object)) {  // NumPy's floats, Fraction, Decimal
    const double value = PyFloat_AsDouble(object);
    if (value == -1.0 && PyErr_Occurred()) {
      PyErr_Clear();
      return false;
    }
    *scalar = THScalar_fromDouble(value);
    return true;
  }
  return false;
}

Scalar to_scalar(PyObject* object, const char* what) {
  Scalar scalar;
  if (number_to_scalar(object, &scalar)) return scalar;
  if (!is_tensor(object)) fail(PyExc_TypeError, "%s must be a number, not %.100s", what, Py_TYPE(object)->tp_name);
  return element_of(as_tensor(object));
}

int64_t to_int64(PyObject* object) {
  const PyRef index = PyLong_CheckExact(object) ? PyRef() : PyRef::steal(PyNumber_Index(object));
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(index ? index.get() : object, &overflow);
  if (overflow != 0) fail(PyExc_OverflowError, "%R does not fit into a 64-bit integer", object);
  if (value == -1 && PyErr_Occurred()) throw PythonError{};
  return value;
}

void to_sizes(PyObject* object, Sizes* sizes) {
  sizes->clear();
  if (!PyTuple_Check(object) && !PyList_Check(object)) {
    sizes->push_back(to_int64(object));
    return;
  }
  // A list may change while an item's __index__ runs: look at its length anew each time.
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(object); ++i) {
    sizes->push_back(to_int64(PySequence_Fast_GET_ITEM(object, i)));
  }
}

void require_count(const char* name, const char* argument, size_t count, size_t expected) {
  if (count == expected) return;
  fail(PyExc_TypeError, "%s(): argument '%s' must be a tuple of %zu Tensors, got %zu", name, argument, expected, count);
}

PyObject* scalar_to_python(Scalar scalar) {
  return scalar.is_float ? PyFloat_FromDouble(scalar.value.d) : PyLong_FromLongLong(scalar.value.i);
}

ScratchSizes::ScratchSizes() noexcept {
  if (scratch_free > 0) value = std::move(scratch_slots[--scratch_free]);
}

ScratchSizes::~ScratchSizes() {
  if (scratch_free < kScratchSlots) scratch_slots[scratch_free++] = std::move(value);
}

bool Arguments::bind(const Signature& signature, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                     bool lenient) {
  const int first = self ? 1 : 0;
  spread_at_ = -1;
  values_[0] = self;
  Py_ssize_t bound = nargs;
  if (signature.varargs && nargs > signature.positional - first - 1 && nargs > 0) {
    // The last positional parameter takes all that is left, if that is integers rather than one list.
    const int at = signature.positional - 1;
    const Py_ssize_t begin = at - first;
    if (begin < nargs && (nargs - begin > 1 || PyLong_CheckExact(args[begin]))) {
      for (Py_ssize_t i = begin; i < nargs; ++i) {
        if (!looks_like_int(args[i])) return false;
      }
      spread_ = args + begin;
      spread_count_ = nargs - begin;
      spread_at_ = at;
      bound = begin + 1;
    }
  }
  if (bound > signature.positional - first) return false;
  for (Py_ssize_t i = 0; i < bound; ++i) values_[first + i] = args[i];
  for (int i = first + static_cast<int>(bound); i < signature.count; ++i) values_[i] = nullptr;
  if (kwnames && bind_keywords(signature, args, nargs, kwnames) != nullptr) return false;
  for (int i = first; i < signature.count; ++i) {
    if (i == spread_at_) continue;
    const Parameter& parameter = signature.parameters[i];
    if (values_[i] ? !matches(parameter.kind, values_[i], lenient) : parameter.required) return false;
  }
  return true;
}

// Returns the first keyword that does not belong, or NULL.
const char* Arguments::bind_keywords(const Signature& signature, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const Py_ssize_t n = PyTuple_GET_SIZE(kwnames);
  for (Py_ssize_t k = 0; k < n; ++k) {
    const char* keyword = PyUnicode_AsUTF8(PyTuple_GET_ITEM(kwnames, k));
    if (keyword == nullptr) throw PythonError{};
    int found = -1;
    for (int i = 0; i < signature.count; ++i) {
      if (std::strcmp(signature.parameters[i].name, keyword) == 0) found = i;
    }
    if (found < 0 || values_[found] != nullptr) return keyword;
    values_[found] = args[nargs + k];
  }
  return nullptr;
}

int Arguments::parse(const char* name, const Signature* signatures, int signature_count, PyObject* self, PyObject* const* args,
                     Py_ssize_t nargs, PyObject* kwnames) {
  for (int i = 0; i < signature_count; ++i) {
    if (bind(signatures[i], self, args, nargs, kwnames, false)) return i;
  }
  for (int i = 0; i < signature_count; ++i) {
    if (bind(signatures[i], self, args, nargs, kwnames, true)) return i;
  }
  report(name, signatures, signature_count, self, args, nargs, kwnames);
}

const Tensor& Arguments::tensor_or_empty(int i) const {
  return given_value(i) ? as_tensor(values_[i]) : kNoTensor;
}

std::vector<Tensor> Arguments::tensors(int i) const {
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(values_[i]);
  PyObject** items = PySequence_Fast_ITEMS(values_[i]);
  std::vector<Tensor> result;
  result.reserve(static_cast<size_t>(n));
  for (Py_ssize_t k = 0; k < n; ++k) result.push_back(as_tensor(items[k]));
  return result;
}

Scalar Arguments::scalar(int i) const {
  return to_scalar(values_[i], "the argument");
}

std::optional<Scalar> Arguments::scalar_or_none(int i) const {
  if (!given_value(i)) return std::nullopt;
  return scalar(i);
}

int64_t Arguments::integer(int i) const {
  return to_int64(values_[i]);
}

std::optional<int64_t> Arguments::integer_or_none(int i) const {
  if (!given_value(i)) return std::nullopt;
  return to_int64(values_[i]);
}

const Sizes& Arguments::sizes(int i, ScratchSizes& scratch) const {
  if (i != spread_at_) {
    to_sizes(values_[i], &scratch.value);
    return scratch.value;
  }
  scratch.value.clear();
  for (Py_ssize_t k = 0; k < spread_count_; ++k) scratch.value.push_back(to_int64(spread_[k]));
  return scratch.value;
}

const Sizes& Arguments::sizes(int i, ScratchSizes& scratch, std::initializer_list<int64_t> absent) const {
  if (values_[i] != nullptr || i == spread_at_) return sizes(i, scratch);
  scratch.value.assign(absent);
  return scratch.value;
}

bool Arguments::boolean(int i) const {
  return values_[i] == Py_True;
}

double Arguments::real(int i) const {
  return THScalar_toDouble(scalar(i));
}

std::optional<double> Arguments::real_or_none(int i) const {
  if (!given_value(i)) return std::nullopt;
  return real(i);
}

THGenerator* Arguments::generator(int i) const {
  return given_value(i) ? as_generator(values_[i]) : nullptr;
}

THDtype Arguments::dtype(int i) const {
  return given_value(i) ? as_dtype(values_[i]) : THDtype_None;
}

}  // namespace torch::python
