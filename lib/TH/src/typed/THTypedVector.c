/* THFloatVector_*: tensors put around the memory for one call. */
#include "TH/THCpu.h"
#include "typed/THTypedBody.h"

typedef struct Operands {
    THTensor *z, *x, *y; /* y NULL: none */
    THStatus status;
} Operands;

static THTensor *around(const real *data, int64_t n)
{
    THStorage *const storage = THStorage_newWithData(REAL_DTYPE, n, (void *)(uintptr_t)data, NULL, NULL);
    THTensor *const t = storage == NULL ? NULL : THTensor_newWithStorage(storage, REAL_DTYPE, 0, 1, &n, NULL);
    THStorage_free(storage);
    return t;
}

static Operands begin(const char *op, real *z, const real *x, const real *y, int64_t n)
{
    Operands o = {.status = TH_OK};
    if (n < 0) {
        o.status = THStatus_fail(TH_ERR_VALUE, "[%s] n, %lld: must not be negative", op, (long long)n);
        return o;
    }
    o.z = around(z, n);
    o.x = x == z ? o.z : around(x, n);
    if (y != NULL) o.y = y == z ? o.z : around(y, n);
    if (o.z == NULL || o.x == NULL || (y != NULL && o.y == NULL)) o.status = THStatus_last();
    return o;
}

static THStatus end(const Operands *o, THStatus status)
{
    if (o->y != o->z) THTensor_free(o->y);
    if (o->x != o->z) THTensor_free(o->x);
    THTensor_free(o->z);
    return status;
}

#define EACH(...) __VA_ARGS__

/* Defines a function that makes `call` with o.z, o.x and o.y. given, in parentheses: what may be NULL only if n is 0. */
#define VECTOR(name, parameters, given, z, x, y, call)                                                                         \
    THStatus THVector_(name) parameters                                                                                        \
    {                                                                                                                          \
        if (n > 0) TH_GIVEN("vector " #name, EACH given);                                                                      \
        const Operands o = begin("vector " #name, z, x, y, n);                                                                 \
        return end(&o, o.status == TH_OK ? call : o.status);                                                                   \
    }

VECTOR(fill, (real * x, real c, int64_t n), (x), x, x, NULL, THTensor_fill(o.z, SCALAR(c)))
VECTOR(cadd, (real * z, const real *x, const real *y, real c, int64_t n), (z, x, y), z, x, y,
       THTensor_cadd(o.z, o.x, o.y, SCALAR(c)))
VECTOR(adds, (real * y, const real *x, real c, int64_t n), (y, x), y, x, NULL,
       THTensor_add(o.z, o.x, SCALAR(c), THScalar_fromLong(1)))
VECTOR(muls, (real * y, const real *x, real c, int64_t n), (y, x), y, x, NULL, THTensor_mul(o.z, o.x, SCALAR(c)))
VECTOR(divs, (real * y, const real *x, real c, int64_t n), (y, x), y, x, NULL, THTensor_div(o.z, o.x, SCALAR(c)))
VECTOR(cmul, (real * z, const real *x, const real *y, int64_t n), (z, x, y), z, x, y, THTensor_cmul(o.z, o.x, o.y))
VECTOR(cdiv, (real * z, const real *x, const real *y, int64_t n), (z, x, y), z, x, y, THTensor_cdiv(o.z, o.x, o.y))
VECTOR(copy, (real * y, const real *x, int64_t n), (y, x), y, x, NULL, o.z == o.x ? TH_OK : THTensor_copy(o.z, o.x))

void THVector_(vectorDispatchInit)(void)
{
    (void)THCpu_level();
}
