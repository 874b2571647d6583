/* A number on its way into a kernel: tagged, so that int64 beyond 2^53 survives. */
#ifndef TH_SCALAR_H
#define TH_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/THDtype.h"
#include "TH/THStatus.h"

typedef struct THScalar {
    bool is_float; /* which of the two below holds the number */
    union {
        int64_t i;
        double d;
    } value;
} THScalar;

static inline THScalar THScalar_fromDouble(double value)
{
    THScalar s;
    s.is_float = true;
    s.value.d = value;
    return s;
}

static inline THScalar THScalar_fromLong(int64_t value)
{
    THScalar s;
    s.is_float = false;
    s.value.i = value;
    return s;
}

static inline double THScalar_toDouble(THScalar s)
{
    return s.is_float ? s.value.d : (double)s.value.i;
}

TH_BEGIN_DECLS

/* The number as an integer. A float that is not finite or lies outside int64 gives 0. */
TH_API int64_t THScalar_toLong(THScalar s);

/* Fails with TH_ERR_DTYPE if `s` cannot become an element of `dtype` without changing its value in kind (a float for an
 * integer dtype); with TH_ERR_VALUE if an integer lies outside the dtype's range. `op` and `argument` name it in the
 * message. */
TH_API THStatus THScalar_check(THScalar s, THDtype dtype, const char *op, const char *argument);

/* Writes `s`, converted, as one element of `dtype` to `element` (THDtype_size(dtype) bytes). */
TH_API void THScalar_store(THScalar s, THDtype dtype, void *element);

/* Reads one element of `dtype`. */
TH_API THScalar THScalar_load(THDtype dtype, const void *element);

TH_END_DECLS

#endif
