/* torch.Tensor objects and THTensor, from C11 or C++17, without pybind11: what an extension in C is written against.
 *
 *   static PyObject *twice(PyObject *module, PyObject *argument)
 *   {
 *       THTensor *x = TorchTensor_get(argument);                   borrowed; NULL and a TypeError for anything else
 *       if (x == NULL) return NULL;
 *       THTensor *y = THTensor_new();
 *       if (y == NULL || THTensor_mul(y, x, THScalar_fromLong(2)) != TH_OK) {
 *           THTensor_free(y);
 *           return Torch_raise();                                  the failure of TH as a Python exception
 *       }
 *       return TorchTensor_wrap(y);                                takes the reference over
 *   }
 *
 * The functions need the interpreter lock; those of TH and THNN do not. Nothing here is linked: a table is fetched from the
 * torch that is loaded, at the first call. It has a number for its layout and its size: functions are only ever added at the
 * end, so that what was built for an older torch keeps working; TORCH_CAPI_ABI is raised if that cannot be. TH's structs are
 * part of the agreement as well (TH_ABI). An extension that does not fit gets an ImportError.
 *
 * Autograd records nothing of what C functions do: call them in a torch.autograd.Function (docs/extending.md). */
#ifndef TORCH_CAPI_H
#define TORCH_CAPI_H

#include <Python.h>

#include "TH/TH.h"

#define TORCH_CAPI_ABI 1
#define TORCH_CAPI_CAPSULE "torch._C._capi"

typedef struct TorchCApi {
  uint32_t abi;  /* TORCH_CAPI_ABI, */
  uint32_t size; /* sizeof(TorchCApi), */
  int32_t th_abi;
  const char* version; /* ... TH_ABI and version of the torch that is loaded */
  PyTypeObject* tensor_type;
  THTensor* (*get)(PyObject* object);
  PyObject* (*wrap)(THTensor* tensor);
  void (*raise)(THStatus code, const char* message);
  int (*recorded)(PyObject* object);
} TorchCApi;

#ifdef __cplusplus
#define TORCH_CAPI_CAST(type, value) static_cast<type>(value)
#else
#define TORCH_CAPI_CAST(type, value) ((type)(value))
#endif

/* The table of the torch that is loaded (imported if it is not yet); NULL with an ImportError. A module should call it when it
 * is initialised, so that one that does not fit fails there. */
static inline const TorchCApi* Torch_api(void) {
  static const TorchCApi* api = NULL;
  if (api == NULL) {
    const TorchCApi* found = TORCH_CAPI_CAST(const TorchCApi*, PyCapsule_Import(TORCH_CAPI_CAPSULE, 0));
    if (found == NULL) return NULL;
    if (found->abi != TORCH_CAPI_ABI || found->size < sizeof(TorchCApi) || found->th_abi != TH_ABI) {
      PyErr_Format(PyExc_ImportError,
                   "this extension was built for another torch: its C API is %d (%d bytes) and its libTH %d, while torch "
                   "%s has %u (%u bytes) and %d; build the extension again",
                   TORCH_CAPI_ABI, TORCH_CAPI_CAST(int, sizeof(TorchCApi)), TH_ABI, found->version, found->abi, found->size,
                   TORCH_CAPI_CAST(int, found->th_abi));
      return NULL;
    }
    api = found;
  }
  return api;
}

/* 1 for a torch.Tensor (or an instance of a subclass), 0 for anything else, -1 with an ImportError. */
static inline int TorchTensor_check(PyObject* object) {
  const TorchCApi* api = Torch_api();
  return api == NULL ? -1 : PyObject_TypeCheck(object, api->tensor_type);
}

/* The tensor of a torch.Tensor: borrowed, valid as long as the object. NULL with a TypeError for anything else. */
static inline THTensor* TorchTensor_get(PyObject* object) {
  const TorchCApi* api = Torch_api();
  return api == NULL ? NULL : api->get(object);
}

/* The Python object of `tensor`, whose reference is taken over, also on failure. NULL for `tensor` means that TH failed: its
 * failure becomes the exception, so that `return TorchTensor_wrap(THTensor_newClone(x));` is complete. */
static inline PyObject* TorchTensor_wrap(THTensor* tensor) {
  const TorchCApi* api = Torch_api();
  if (api == NULL) {
    THTensor_free(tensor);
    return NULL;
  }
  return api->wrap(tensor);
}

/* Makes the last failure of TH in this thread a Python exception: IndexError, MemoryError, else RuntimeError. Returns NULL. */
static inline PyObject* Torch_raise(void) {
  const TorchCApi* api = Torch_api();
  if (api != NULL) api->raise(THStatus_last(), THStatus_message());
  return NULL;
}

/* 1 if autograd would have to record what is computed from this torch.Tensor now: it requires a gradient and recording is on.
 * 0 if not, -1 with an exception. */
static inline int TorchTensor_recorded(PyObject* object) {
  const TorchCApi* api = Torch_api();
  return api == NULL ? -1 : api->recorded(object);
}

#endif
