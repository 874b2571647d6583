/* The classic typed names of Torch: THFloatTensor_addmm, THByteTensor_ltValue, THLongStorage_newWithSize, ...
 *
 * Signatures are Torch7's (as PyTorch kept them until 0.4), with these differences:
 *   - what returned void returns a THStatus;
 *   - what returns a value returns 0 (nan for floats) or NULL on failure. THStatus_last and THStatus_message then tell why;
 *     THStatus_clear before the call tells an old failure from a new one, THStatus_setHandler installs a callback. Nothing
 *     exits;
 *   - `long` and `ptrdiff_t` are int64_t;
 *   - a new tensor without sizes has one dimension of size 0.
 * THFloatTensor is THTensor: both interfaces work on the same objects. A typed function refuses a tensor of another dtype.
 * Sums and products come back as accreal: int64_t for integers, double for Float and Double. Those of Float were computed in
 * float (Torch: in double), so that beyond 3.4e38 they are infinite.
 * Tensors of different sizes are broadcast, as in Python; Torch takes any two of as many elements. Only copies do so here, and
 * dot wants vectors.
 * Half has storage, tensor and copy functions only, and its elements are the 16 bits as uint16_t.
 *
 * The prototypes are in generic/, read once for each dtype. The macros that they use (real, accreal, Real, THTensor_,
 * THStorage_, THBlas_, THLapack_, THVector_) exist only there. */
#ifndef TH_TYPED_H
#define TH_TYPED_H

#include "TH/THGenerator.h"
#include "TH/THMapAllocator.h"
#include "TH/THStatus.h"
#include "TH/THStorage.h"
#include "TH/THTensor.h"

/* A short text, by value. */
typedef struct THDescBuff {
    char str[64];
} THDescBuff;

#define X(Name, ctype, acc, python)                                                                                            \
    typedef THTensor TH##Name##Tensor;                                                                                         \
    typedef THStorage TH##Name##Storage;
TH_FORALL_DTYPES(X)
#undef X

#define TH_TYPED_NAME Byte
#define TH_TYPED_BYTES 1
#define TH_TYPED_REAL uint8_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "TH/generic/THGenerateType.h"

#define TH_TYPED_NAME Char
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int8_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "TH/generic/THGenerateType.h"

#define TH_TYPED_NAME Short
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int16_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "TH/generic/THGenerateType.h"

#define TH_TYPED_NAME Int
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int32_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "TH/generic/THGenerateType.h"

#define TH_TYPED_NAME Long
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int64_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "TH/generic/THGenerateType.h"

#define TH_TYPED_NAME Half
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL uint16_t
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 0
#define TH_TYPED_FLOATING 1
#include "TH/generic/THGenerateType.h"

#define TH_TYPED_NAME Float
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL float
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 1
#include "TH/generic/THGenerateType.h"

#define TH_TYPED_NAME Double
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL double
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 1
#include "TH/generic/THGenerateType.h"

#endif
