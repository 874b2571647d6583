/* The element types: one list, from which enums, sizes, names and tables are made. */
#ifndef TH_DTYPE_H
#define TH_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "TH/THExport.h"

/* X(Name, C type, accumulator, Python name). Half is kept as its 16 bits and computes in float.
 * Order is part of the ABI: append only. */
#define TH_FORALL_DTYPES(X)                                                                                                    \
    X(Byte, uint8_t, int64_t, "uint8")                                                                                         \
    X(Char, int8_t, int64_t, "int8")                                                                                           \
    X(Short, int16_t, int64_t, "int16")                                                                                        \
    X(Int, int32_t, int64_t, "int32")                                                                                          \
    X(Long, int64_t, int64_t, "int64")                                                                                         \
    X(Half, uint16_t, float, "float16")                                                                                        \
    X(Float, float, float, "float32")                                                                                          \
    X(Double, double, double, "float64")

typedef enum THDtype {
#define X(Name, ctype, acc, python) THDtype_##Name,
    TH_FORALL_DTYPES(X)
#undef X
        THDtype_Count,
    THDtype_None = THDtype_Count /* a tensor that has no elements yet; the first op that writes it decides */
} THDtype;

/* THDtype_size without a call, for hot paths: one hexadecimal digit for each dtype, Byte's last. */
static inline int64_t THDtype_itemsize(THDtype dtype)
{
    return (int64_t)(UINT64_C(0x084284211) >> (4 * (unsigned)dtype) & 15);
}

TH_BEGIN_DECLS

/* Bytes of one element; 0 for THDtype_None. */
TH_API size_t THDtype_size(THDtype dtype);
/* "Float", the name in symbols and in error messages; "None" for THDtype_None. */
TH_API const char *THDtype_name(THDtype dtype);
/* "float32", the name that Python shows. */
TH_API const char *THDtype_pythonName(THDtype dtype);
/* Half, Float and Double. */
TH_API bool THDtype_isFloating(THDtype dtype);

TH_END_DECLS

#endif
