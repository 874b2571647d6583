// The TypeError of a call that fits no signature: written once, read by people; nothing here is fast.
#include <cstring>
#include <string>

#include "python/ArgParser.h"
#include "python/DeviceObject.h"
#include "python/SparseBridge.h"

namespace torch::python {

namespace {

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::Tensor:
      return "Tensor";
    case Kind::TensorOrNone:
      return "Tensor or None";
    case Kind::TensorList:
      return "tuple of Tensors";
    case Kind::Scalar:
    case Kind::ScalarOrNone:
      return "Number";
    case Kind::Int:
    case Kind::IntOrNone:
      return "int";
    case Kind::IntList:
      return "tuple of ints";
    case Kind::Bool:
      return "bool";
    case Kind::Float:
      return "float";
    case Kind::Generator:
      return "torch.Generator";
    case Kind::Dtype:
      return "torch.dtype";
    case Kind::Device:
      return "torch.device or str";
    case Kind::Layout:
      return "torch.layout";
    case Kind::Object:
      return "object";
  }
  return "?";
}

struct Call {
  PyObject* self;
  PyObject* const* args;
  Py_ssize_t nargs;
  PyObject* kwnames;
};

enum class Fault { TooMany, Unexpected, Repeated, Missing, Type };

struct Mismatch {
  Fault fault;
  std::string argument;  // its name; with its position if it was given by position
  std::string expected;  // what fits there
  std::string got;       // type of what was given
};

// Why the call does not fit: the same rules as Arguments::bind, told apart. `fits` decides about one value.
template <class Fits>
Mismatch explain(const Signature& signature, const Call& call, const Fits& fits) {
  const int first = call.self ? 1 : 0;
  const Py_ssize_t room = signature.positional - first;
  if (call.nargs > room && !signature.varargs) {
    return {Fault::TooMany, std::to_string(room), "", std::to_string(call.nargs)};
  }
  std::array<PyObject*, kMaxParameters> values{};
  for (Py_ssize_t i = 0; i < call.nargs && i < room; ++i) values[first + i] = call.args[i];
  for (Py_ssize_t i = room; i < call.nargs; ++i) {  // spread integers: show the one that is none
    if (!looks_like_int(call.args[i])) values[signature.positional - 1] = call.args[i];
  }
  const Py_ssize_t keywords = call.kwnames ? PyTuple_GET_SIZE(call.kwnames) : 0;
  for (Py_ssize_t k = 0; k < keywords; ++k) {
    const char* keyword = PyUnicode_AsUTF8(PyTuple_GET_ITEM(call.kwnames, k));
    int found = -1;
    for (int i = first; i < signature.count; ++i) {
      if (std::strcmp(signature.parameters[i].name, keyword) == 0) found = i;
    }
    if (found < 0) return {Fault::Unexpected, keyword, "", ""};
    if (values[found]) return {Fault::Repeated, keyword, "", ""};
    values[found] = call.args[call.nargs + k];
  }
  Mismatch missing{Fault::Missing, "", "", ""};
  for (int i = first; i < signature.count; ++i) {
    const Parameter& parameter = signature.parameters[i];
    std::string name = std::string("'") + parameter.name + "'";
    if (values[i] == nullptr) {
      if (parameter.required && missing.argument.empty()) missing.argument = name;
      continue;
    }
    if (fits(parameter.kind, values[i])) continue;
    if (i - first < call.nargs) name += " (position " + std::to_string(i - first + 1) + ")";
    return {Fault::Type, name, kind_name(parameter.kind), Py_TYPE(values[i])->tp_name};
  }
  return missing;
}

std::string sentence(const Mismatch& mismatch) {
  switch (mismatch.fault) {
    case Fault::TooMany:
      return "takes at most " + mismatch.argument + " positional arguments (" + mismatch.got + " given)";
    case Fault::Unexpected:
      return "got an unexpected keyword argument '" + mismatch.argument + "'";
    case Fault::Repeated:
      return "got multiple values for argument '" + mismatch.argument + "'";
    case Fault::Missing:
      return "missing required argument " + mismatch.argument;
    case Fault::Type:
      return "argument " + mismatch.argument + " must be " + mismatch.expected + ", not " + mismatch.got;
  }
  return "";
}

std::string given_types(const Call& call) {
  std::string text = "(";
  const Py_ssize_t keywords = call.kwnames ? PyTuple_GET_SIZE(call.kwnames) : 0;
  for (Py_ssize_t i = 0; i < call.nargs + keywords; ++i) {
    if (i > 0) text += ", ";
    if (i >= call.nargs) text += std::string(PyUnicode_AsUTF8(PyTuple_GET_ITEM(call.kwnames, i - call.nargs))) + "=";
    text += Py_TYPE(call.args[i])->tp_name;
  }
  return text + ")";
}

// One sentence if all signatures stumble at the same argument: its expected types joined.
std::string summary(const std::vector<Mismatch>& mismatches, const Call& call) {
  Mismatch joined = mismatches.front();
  for (const Mismatch& other : mismatches) {
    if (other.fault != joined.fault || other.argument != joined.argument) {
      return "received an invalid combination of arguments - got " + given_types(call);
    }
    if (joined.expected.find(other.expected) == std::string::npos) joined.expected += " or " + other.expected;
  }
  return sentence(joined);
}

}  // namespace

void Arguments::report(const char* name, const Signature* signatures, int signature_count, PyObject* self,
                       PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  if (PyObject* answer = answer_sparse(name, self, args, nargs, kwnames)) throw Answered{PyRef::steal(answer)};
  const Py_ssize_t keywords = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;
  for (Py_ssize_t i = 0; i < nargs + keywords; ++i) {
    if (is_layout(args[i])) require_strided(args[i]);
  }
  const Call call{self, args, nargs, kwnames};
  std::vector<Mismatch> mismatches;
  for (int i = 0; i < signature_count; ++i) {
    if (*signatures[i].text) mismatches.push_back(explain(signatures[i], call, kind_fits));
  }
  std::string text = std::string(name) + "(): " + summary(mismatches, call);
  if (mismatches.size() > 1) {
    text += "\nexpected one of:";
    for (int i = 0; i < signature_count; ++i) {
      if (*signatures[i].text) text += std::string("\n  ") + name + signatures[i].text;
    }
  }
  PyErr_SetString(PyExc_TypeError, text.c_str());
  throw PythonError{};
}

}  // namespace torch::python
