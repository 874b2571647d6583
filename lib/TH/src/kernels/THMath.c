/* Elementary functions, element by element. */
#include "kernels/THMath.h"

#include <math.h>

#if TH_DTYPE_IS(Float)
#include "kernels/THMathFloat.h"
#define FN(name) __builtin_##name##f
#define BITS THMath_bitsFloat
typedef uint32_t bits_t;
#else
#include "kernels/THMathDouble.h"
#define FN(name) __builtin_##name
#define BITS THMath_bitsDouble
typedef uint64_t bits_t;
#endif

#if TH_CPU_IS(BASE)
#define ANGLE(name) math_##name
#elif TH_DTYPE_IS(Float)
#include "kernels/THSingle.h"
#define ANGLE(name) single_##name
#else
#include "kernels/THFused.h"
#define ANGLE(name) TH_PASTE(ANGLE_, name)
#define ANGLE_sin math_sin
#define ANGLE_cos math_cos
#define ANGLE_tan fused_tan
#endif

/* With AVX-512 these functions are written in its instructions, but for tanh of doubles. */
#define CODE_LOOP(name) TH_LOOP1(name, scalar_t, scalar_t, , math_##name(x))
#if !TH_CPU_IS(AVX512)
#define MATH_LOOP CODE_LOOP
#define TANH_LOOP CODE_LOOP
#elif TH_DTYPE_IS(Float)
#include "kernels/THMathVector.h"
#define MATH_LOOP VECTOR_LOOP
#define TANH_LOOP VECTOR_LOOP
#else
#include "kernels/THMathVectorDouble.h"
#define MATH_LOOP VECTOR_LOOP
#define TANH_LOOP CODE_LOOP
#endif

TH_LOOP1(sqrt, scalar_t, scalar_t, , FN(sqrt)(x))
TH_LOOP1(rsqrt, scalar_t, scalar_t, , 1 / FN(sqrt)(x))
MATH_LOOP(exp)
MATH_LOOP(log)
MATH_LOOP(log1p)
TANH_LOOP(tanh)
MATH_LOOP(sigmoid)
TH_LOOP1(floor, scalar_t, scalar_t, , FN(floor)(x))
TH_LOOP1(ceil, scalar_t, scalar_t, , FN(ceil)(x))
TH_LOOP1(round, scalar_t, scalar_t, , FN(rint)(x))
TH_LOOP1(trunc, scalar_t, scalar_t, , FN(trunc)(x))

/* Whether the vector code may have all of the elements. False for nan and infinities. The size of a number is that of its bits
 * without the sign: to these is added what makes the sum of a large one reach the sign, so that nothing is compared. */
TH_INLINE int are_small(const char *a, int64_t stride, int64_t n)
{
    const bits_t sign = ~((bits_t)-1 >> 1), beyond = sign - 1 - BITS(MATH_TRIG_LIMIT);
    bits_t sums = 0;
    for (int64_t i = 0; i < n; i++) sums |= (BITS(TH_CONST_AT(scalar_t, a, stride, i)) & ~sign) + beyond;
    return (sums & sign) == 0;
}

/* Blocks without large angles take the vector code; the others leave each large element to the C library. */
#define TRIG_LOOP(name, function)                                                                                              \
    TH_LOOP1(name##Small, scalar_t, scalar_t, , function(x))                                                                   \
    static void TH_KERNEL(name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                       \
    {                                                                                                                          \
        const int64_t block = 256;                                                                                             \
        for (int64_t begin = 0; begin < n; begin += block) {                                                                   \
            const int64_t count = n - begin < block ? n - begin : block;                                                       \
            char *const part[2] = {data[0] + begin * stride[0], data[1] + begin * stride[1]};                                  \
            const int dense = stride[1] == sizeof(scalar_t);                                                                   \
            if (dense ? are_small(part[1], sizeof(scalar_t), count) : are_small(part[1], stride[1], count)) {                  \
                TH_KERNEL(name##Small)(part, stride, count, args);                                                             \
                continue;                                                                                                      \
            }                                                                                                                  \
            for (int64_t i = 0; i < count; i++) {                                                                              \
                const scalar_t x = TH_CONST_AT(scalar_t, part[1], stride[1], i);                                               \
                const int small = FN(fabs)(x) <= MATH_TRIG_LIMIT;                                                              \
                TH_AT(scalar_t, part[0], stride[0], i) = small ? function(x) : FN(name)(x);                                    \
            }                                                                                                                  \
        }                                                                                                                      \
    }

TRIG_LOOP(sin, ANGLE(sin))
TRIG_LOOP(cos, ANGLE(cos))
#if TH_DTYPE_IS(Float) && TH_CPU_IS(AVX512)
#include "kernels/THTanVector.h"
VECTOR_LOOP(tan)
#else
TRIG_LOOP(tan, ANGLE(tan))
#endif

const THMath TH_TABLE(THMath) = {
    .sqrt = TH_KERNEL(sqrt),
    .rsqrt = TH_KERNEL(rsqrt),
    .exp = TH_KERNEL(exp),
    .log = TH_KERNEL(log),
    .log1p = TH_KERNEL(log1p),
    .sin = TH_KERNEL(sin),
    .cos = TH_KERNEL(cos),
    .tan = TH_KERNEL(tan),
    .tanh = TH_KERNEL(tanh),
    .sigmoid = TH_KERNEL(sigmoid),
    .floor = TH_KERNEL(floor),
    .ceil = TH_KERNEL(ceil),
    .round = TH_KERNEL(round),
    .trunc = TH_KERNEL(trunc),
};
