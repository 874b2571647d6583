/* Arithmetic, element by element. Integer overflow wraps, without undefined behaviour: the arithmetic is unsigned. */
#include "kernels/THPointwise.h"

#include <math.h>

#define SCALE const scalar_t s = *(const scalar_t *)args

#if TH_DTYPE_IS_FLOATING

#if TH_DTYPE_IS(Float)
#define FN(name) __builtin_##name##f
#else
#define FN(name) __builtin_##name
#endif

TH_LOOP2(add, scalar_t, scalar_t, , x + y)
TH_LOOP2(sub, scalar_t, scalar_t, , x - y)
TH_LOOP2(mul, scalar_t, scalar_t, , x *y)
TH_LOOP2(addScaled, scalar_t, scalar_t, SCALE, x + s * y)
TH_LOOP2(div, scalar_t, scalar_t, , x / y)
TH_LOOP2(fmod, scalar_t, scalar_t, , FN(fmod)(x, y))
TH_LOOP2(lshift, scalar_t, scalar_t, , x *FN(exp2)(y))
TH_LOOP2(rshift, scalar_t, scalar_t, , x / FN(exp2)(y))
TH_LOOP2(max, scalar_t, scalar_t, , x != x || x > y ? x : y)
TH_LOOP2(min, scalar_t, scalar_t, , x != x || x < y ? x : y)
TH_LOOP3(addcmul, scalar_t, SCALE, x + s * y * z)
TH_LOOP3(addcdiv, scalar_t, SCALE, x + s * y / z)
TH_LOOP1(neg, scalar_t, scalar_t, , -x)
TH_LOOP1(abs, scalar_t, scalar_t, , FN(fabs)(x))
TH_LOOP1(sign, scalar_t, scalar_t, , x != x ? x : (scalar_t)((x > 0) - (x < 0)))

/* Python's %: the sign of b, exact like fmod. */
TH_INLINE scalar_t floor_mod(scalar_t x, scalar_t y)
{
    const scalar_t m = FN(fmod)(x, y);
    return m != 0 && (m < 0) != (y < 0) ? m + y : m;
}

#else /* integers */

#if TH_DTYPE_IS(Byte) || TH_DTYPE_IS(Char)
typedef uint8_t unsigned_t;
#elif TH_DTYPE_IS(Short)
typedef uint16_t unsigned_t;
#elif TH_DTYPE_IS(Int)
typedef uint32_t unsigned_t;
#else
typedef uint64_t unsigned_t;
#endif

#if TH_DTYPE_IS(Byte)
#define IS_NEGATIVE(x) ((void)(x), 0)
#define IS_MINUS_ONE(x) ((void)(x), 0)
#else
#define IS_NEGATIVE(x) ((x) < 0)
#define IS_MINUS_ONE(x) ((x) == -1)
#endif

/* 1u: small types would be promoted to int, where a product of two uint16_t can overflow. */
TH_INLINE scalar_t wrap_mul(scalar_t x, scalar_t y)
{
    return (scalar_t)(unsigned_t)(1u * (unsigned_t)x * (unsigned_t)y);
}

TH_INLINE scalar_t wrap_add(scalar_t x, scalar_t y)
{
    return (scalar_t)(unsigned_t)((unsigned_t)x + (unsigned_t)y);
}

TH_INLINE scalar_t wrap_neg(scalar_t x)
{
    return (scalar_t)(unsigned_t)(0u - (unsigned_t)x);
}

/* Towards zero. A divisor of 0 gives 0, so that an unchecked element cannot trap; min / -1 wraps to min. */
TH_INLINE scalar_t safe_div(scalar_t x, scalar_t y)
{
    if (y == 0) return 0;
    if (IS_MINUS_ONE(y)) return wrap_neg(x);
    return (scalar_t)(x / y);
}

TH_INLINE scalar_t safe_mod(scalar_t x, scalar_t y)
{
    if (y == 0 || IS_MINUS_ONE(y)) return 0;
    return (scalar_t)(x % y);
}

TH_INLINE scalar_t floor_mod(scalar_t x, scalar_t y)
{
    const scalar_t m = safe_mod(x, y);
    return m != 0 && IS_NEGATIVE(m) != IS_NEGATIVE(y) ? wrap_add(m, y) : m;
}

TH_INLINE scalar_t power(scalar_t x, scalar_t exponent)
{
    scalar_t result = 1;
    for (; exponent > 0; exponent = (scalar_t)(exponent / 2)) {
        if (exponent & 1) result = wrap_mul(result, x);
        x = wrap_mul(x, x);
    }
    return result;
}

#define WIDTH (8 * sizeof(scalar_t))

TH_INLINE scalar_t shift_left(scalar_t x, scalar_t count)
{
    return (unsigned_t)count < WIDTH ? (scalar_t)(unsigned_t)(1u * (unsigned_t)x << count) : 0;
}

/* Keeps the sign. */
TH_INLINE scalar_t shift_right(scalar_t x, scalar_t count)
{
    return (unsigned_t)count < WIDTH ? (scalar_t)(x >> count) : (scalar_t)-IS_NEGATIVE(x);
}

TH_LOOP2(add, scalar_t, scalar_t, , wrap_add(x, y))
TH_LOOP2(sub, scalar_t, scalar_t, , wrap_add(x, wrap_neg(y)))
TH_LOOP2(mul, scalar_t, scalar_t, , wrap_mul(x, y))
TH_LOOP2(addScaled, scalar_t, scalar_t, SCALE, wrap_add(x, wrap_mul(s, y)))
TH_LOOP2(div, scalar_t, scalar_t, , safe_div(x, y))
TH_LOOP2(fmod, scalar_t, scalar_t, , safe_mod(x, y))
TH_LOOP2(pow, scalar_t, scalar_t, , power(x, y))
TH_LOOP2(max, scalar_t, scalar_t, , x > y ? x : y)
TH_LOOP2(min, scalar_t, scalar_t, , x < y ? x : y)
TH_LOOP3(addcmul, scalar_t, SCALE, wrap_add(x, wrap_mul(wrap_mul(s, y), z)))
TH_LOOP3(addcdiv, scalar_t, SCALE, wrap_add(x, safe_div(wrap_mul(s, y), z)))
TH_LOOP1(neg, scalar_t, scalar_t, , wrap_neg(x))
TH_LOOP1(abs, scalar_t, scalar_t, , IS_NEGATIVE(x) ? wrap_neg(x) : x)
TH_LOOP1(sign, scalar_t, scalar_t, , (x > 0) - IS_NEGATIVE(x))
TH_LOOP2(lshift, scalar_t, scalar_t, , shift_left(x, y))
TH_LOOP2(rshift, scalar_t, scalar_t, , shift_right(x, y))
TH_LOOP2(bitand, scalar_t, scalar_t, , x &y)
TH_LOOP2(bitor, scalar_t, scalar_t, , x | y)
TH_LOOP2(bitxor, scalar_t, scalar_t, , x ^ y)

#endif

TH_LOOP2(remainder, scalar_t, scalar_t, , floor_mod(x, y))
TH_LOOP1(clamp, scalar_t, scalar_t, const scalar_t lower = ((const scalar_t *)args)[0];
         const scalar_t upper = ((const scalar_t *)args)[1], x < lower ? lower : (x > upper ? upper : x))

const THPointwise TH_TABLE(THPointwise) = {
    .add = TH_KERNEL(add),
    .sub = TH_KERNEL(sub),
    .mul = TH_KERNEL(mul),
    .addScaled = TH_KERNEL(addScaled),
    .div = TH_KERNEL(div),
    .fmod = TH_KERNEL(fmod),
    .remainder = TH_KERNEL(remainder),
    .lshift = TH_KERNEL(lshift),
    .rshift = TH_KERNEL(rshift),
#if !TH_DTYPE_IS_FLOATING
    .pow = TH_KERNEL(pow),
    .bitand = TH_KERNEL(bitand),
    .bitor = TH_KERNEL(bitor),
    .bitxor = TH_KERNEL(bitxor),
#endif
    .max = TH_KERNEL(max),
    .min = TH_KERNEL(min),
    .addcmul = TH_KERNEL(addcmul),
    .addcdiv = TH_KERNEL(addcdiv),
    .clamp = TH_KERNEL(clamp),
    .neg = TH_KERNEL(neg),
    .abs = TH_KERNEL(abs),
    .sign = TH_KERNEL(sign),
};
