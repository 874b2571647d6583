// Arguments of fast calls: one table of signatures for each name, tried in order; no allocation while it matches.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "python/TensorObject.h"

namespace torch::python {

enum class Kind : uint8_t {
  Tensor,
  TensorOrNone,
  TensorList,
  Scalar,
  ScalarOrNone,
  Int,
  IntOrNone,
  IntList,
  Bool,
  Float,
  Generator,
  Dtype,
  Device,
  Layout,
  Object,
};

struct Parameter {
  const char* name;
  Kind kind;
  bool required;
};

struct Signature {
  const char* text;  // for error messages: "(Tensor other, *, Number alpha=1)"; "" for a form that is taken but no longer told
  const Parameter* parameters;
  uint8_t count;
  uint8_t positional;  // how many may be given by position, `self` of a method included
  bool varargs;        // the last positional parameter is int[] and may be spread: x.view(2, 3)
};

constexpr int kMaxParameters = 20;

// A vector of sizes whose memory is kept for the next call. Only with the interpreter lock held at both ends.
class ScratchSizes {
 public:
  ScratchSizes() noexcept;
  ~ScratchSizes();
  ScratchSizes(const ScratchSizes&) = delete;
  ScratchSizes& operator=(const ScratchSizes&) = delete;
  Sizes value;
};

// The arguments of one call after parsing. References stay valid while the caller's arguments do.
class Arguments {
 public:
  // Matches the call against `signatures` and returns the index of the first that fits. `self` is NULL for a function.
  // Throws PythonError with a TypeError that says what does not fit and lists the signatures; or what torch.sparse answers.
  int parse(const char* name, const Signature* signatures, int signature_count, PyObject* self, PyObject* const* args,
            Py_ssize_t nargs, PyObject* kwnames);

  bool given(int i) const { return values_[i] != nullptr; }
  bool given_value(int i) const { return values_[i] != nullptr && values_[i] != Py_None; }
  PyObject* object(int i) const { return values_[i]; }  // borrowed; NULL if absent
  const Tensor& tensor(int i) const { return as_tensor(values_[i]); }
  const Tensor& tensor_or_empty(int i) const;
  std::vector<Tensor> tensors(int i) const;
  Scalar scalar(int i) const;
  Scalar scalar(int i, Scalar absent) const { return given_value(i) ? scalar(i) : absent; }
  std::optional<Scalar> scalar_or_none(int i) const;
  int64_t integer(int i) const;
  int64_t integer(int i, int64_t absent) const { return given_value(i) ? integer(i) : absent; }
  std::optional<int64_t> integer_or_none(int i) const;
  // Fills and returns `scratch`.
  const Sizes& sizes(int i, ScratchSizes& scratch) const;
  const Sizes& sizes(int i, ScratchSizes& scratch, std::initializer_list<int64_t> absent) const;
  bool boolean(int i) const;
  bool boolean(int i, bool absent) const { return given_value(i) ? boolean(i) : absent; }
  double real(int i) const;
  std::optional<double> real_or_none(int i) const;
  double real(int i, double absent) const { return given_value(i) ? real(i) : absent; }
  THGenerator* generator(int i) const;  // NULL: the default one
  THDtype dtype(int i) const;           // THDtype_None if absent
  THDtype dtype(int i, THDtype absent) const { return given_value(i) ? dtype(i) : absent; }

 private:
  bool bind(const Signature& signature, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
            bool lenient);
  const char* bind_keywords(const Signature& signature, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
  [[noreturn]] void report(const char* name, const Signature* signatures, int signature_count, PyObject* self,
                           PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);

  std::array<PyObject*, kMaxParameters> values_;
  PyObject* const* spread_ = nullptr;  // the items of a spread int[]
  Py_ssize_t spread_count_ = 0;
  int spread_at_ = -1;
};

// --- single conversions, used by slots and hand-written functions as well ------------------------------------------------

// A Python or NumPy number (not a tensor) as a scalar. False without an error if `object` is no number.
bool number_to_scalar(PyObject* object, Scalar* scalar);
// As above, or the only element of a tensor. Throws TypeError naming `what`.
Scalar to_scalar(PyObject* object, const char* what);
// An integer; throws TypeError or OverflowError.
int64_t to_int64(PyObject* object);
// A tuple or list of integers, or one integer. Throws TypeError.
void to_sizes(PyObject* object, Sizes* sizes);
bool looks_like_int(PyObject* object);
// Whether `object` can be given where a parameter of `kind` stands.
bool kind_fits(Kind kind, PyObject* object);

PyObject* scalar_to_python(Scalar scalar);

// --- for generated code ---------------------------------------------------------------------------------------------------

using FastMethod = PyObject* (*)(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);

inline PyCFunction as_method(FastMethod function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

// The object of `tensor`, which a call wrote and returns.
inline PyObject* new_reference(const Tensor& tensor) {
  auto* object = static_cast<PyObject*>(tensor.get()->pyobj);
  Py_INCREF(object);
  return object;
}

// Throws TypeError unless `argument`, a list, has `expected` items.
void require_count(const char* name, const char* argument, size_t count, size_t expected);

}  // namespace torch::python
