/* From TH_DTYPE to every other dtype. The rules stand in core/THConvert.h. */
#include "kernels/THConversion.h"

#include <string.h>

#include "core/THConvert.h"
#include "core/THHalf.h"

#if TH_CPU_IS(AVX2) || TH_CPU_IS(AVX512)
#include <immintrin.h>
#define TH_HAS_F16C 1
#else
#define TH_HAS_F16C 0
#endif

/* Elements that are converted at a time; operands that are not contiguous are gathered and scattered around that. */
#define BLOCK 256

/* What the source is converted from: Half is widened first. */
#if TH_DTYPE_IS(Half)
typedef float wide_t;
#else
typedef scalar_t wide_t;
#endif

#if TH_DTYPE_IS(Half)
TH_INLINE void widen(float *restrict to, const uint16_t *restrict from, int64_t n)
{
    int64_t i = 0;
#if TH_CPU_IS(AVX512)
    for (; i + 16 <= n; i += 16)
        _mm512_storeu_ps(to + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)(from + i))));
#endif
#if TH_HAS_F16C
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(from + i))));
#endif
    for (; i < n; i++) to[i] = thHalf_toFloat(from[i]);
}
#endif

#if !TH_DTYPE_IS(Half) && !TH_DTYPE_IS(Double)
/* Integers beyond 65,520 become inf either way: rounding to float first changes nothing. */
TH_INLINE void narrowFloats(uint16_t *restrict to, const float *restrict from, int64_t n)
{
    int64_t i = 0;
#if TH_CPU_IS(AVX512)
#pragma GCC unroll 4
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm512_cvtps_ph(_mm512_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
#endif
#if TH_HAS_F16C
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(void *)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
#endif
    for (; i < n; i++) to[i] = thHalf_fromFloat(from[i]);
}
#endif

#if !TH_DTYPE_IS(Half)
TH_INLINE void blockHalf(uint16_t *restrict to, const wide_t *restrict from, int64_t n)
{
#if TH_DTYPE_IS(Double)
    for (int64_t i = 0; i < n; i++) to[i] = thHalf_fromDouble(from[i]);
#elif TH_DTYPE_IS(Float)
    narrowFloats(to, from, n);
#else
    float floats[BLOCK];
    for (int64_t i = 0; i < n; i++) floats[i] = (float)from[i];
    narrowFloats(to, floats, n);
#endif
}
#endif

#if TH_DTYPE_IS_FLOATING
/* All elements fit int32, whose conversion vectorises everywhere, for int64 as well; int64's own does not. */
TH_INLINE int fitsInt(const wide_t *from, int64_t n)
{
    int fits = 1;
    for (int64_t i = 0; i < n; i++) fits &= (from[i] >= (wide_t)-2147483648.0) & (from[i] < (wide_t)2147483648.0);
    return fits;
}
#define CONVERT_INTEGER(ctype, to, from, n)                                                                                    \
    if (fitsInt(from, n)) {                                                                                                    \
        for (int64_t i = 0; i < n; i++) to[i] = (ctype)(int32_t)from[i];                                                       \
    } else {                                                                                                                   \
        for (int64_t i = 0; i < n; i++) to[i] = (ctype)thConvert_doubleToLong((double)from[i]);                                \
    }
#else
#define CONVERT_INTEGER(ctype, to, from, n)                                                                                    \
    for (int64_t i = 0; i < n; i++) to[i] = (ctype)from[i];
#endif

#define DEFINE_BLOCK_INTEGER(Name, ctype)                                                                                      \
    TH_INLINE void block##Name(ctype *restrict to, const wide_t *restrict from, int64_t n)                                     \
    {                                                                                                                          \
        CONVERT_INTEGER(ctype, to, from, n)                                                                                    \
    }
#define DEFINE_BLOCK_FLOAT(Name, ctype)                                                                                        \
    TH_INLINE void block##Name(ctype *restrict to, const wide_t *restrict from, int64_t n)                                     \
    {                                                                                                                          \
        for (int64_t i = 0; i < n; i++) to[i] = (ctype)from[i];                                                                \
    }

/* n elements (at most BLOCK) of the source, contiguous and wide: in place where they are that already. */
TH_INLINE const wide_t *gather(wide_t *wide, const char *from, int64_t stride, int64_t n)
{
#if TH_DTYPE_IS(Half)
    scalar_t narrow[BLOCK];
    if (stride == (int64_t)sizeof(scalar_t)) {
        widen(wide, (const scalar_t *)(const void *)from, n);
    } else {
        for (int64_t i = 0; i < n; i++) narrow[i] = *(const scalar_t *)(const void *)(from + i * stride);
        widen(wide, narrow, n);
    }
    return wide;
#else
    if (stride == (int64_t)sizeof(scalar_t)) return (const wide_t *)(const void *)from;
    for (int64_t i = 0; i < n; i++) wide[i] = *(const scalar_t *)(const void *)(from + i * stride);
    return wide;
#endif
}

#define DEFINE_LOOP(Name, ctype)                                                                                               \
    static void TH_KERNEL(to##Name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                   \
    {                                                                                                                          \
        (void)args;                                                                                                            \
        wide_t wide[BLOCK];                                                                                                    \
        ctype results[BLOCK];                                                                                                  \
        for (int64_t done = 0; done < n; done += BLOCK) {                                                                      \
            const int64_t count = n - done < BLOCK ? n - done : BLOCK;                                                         \
            const wide_t *from = gather(wide, data[1] + done * stride[1], stride[1], count);                                   \
            char *to = data[0] + done * stride[0];                                                                             \
            if (stride[0] == (int64_t)sizeof(ctype)) {                                                                         \
                block##Name((ctype *)(void *)to, from, count);                                                                 \
                continue;                                                                                                      \
            }                                                                                                                  \
            block##Name(results, from, count);                                                                                 \
            for (int64_t i = 0; i < count; i++) *(ctype *)(void *)(to + i * stride[0]) = results[i];                           \
        }                                                                                                                      \
    }

#define DEFINE_INTEGER(Name, ctype) DEFINE_BLOCK_INTEGER(Name, ctype) DEFINE_LOOP(Name, ctype)
#define DEFINE_FLOAT(Name, ctype) DEFINE_BLOCK_FLOAT(Name, ctype) DEFINE_LOOP(Name, ctype)

#if !TH_DTYPE_IS(Byte)
DEFINE_INTEGER(Byte, uint8_t)
#endif
#if !TH_DTYPE_IS(Char)
DEFINE_INTEGER(Char, int8_t)
#endif
#if !TH_DTYPE_IS(Short)
DEFINE_INTEGER(Short, int16_t)
#endif
#if !TH_DTYPE_IS(Int)
DEFINE_INTEGER(Int, int32_t)
#endif
#if !TH_DTYPE_IS(Long)
DEFINE_INTEGER(Long, int64_t)
#endif
#if !TH_DTYPE_IS(Half)
DEFINE_LOOP(Half, uint16_t)
#endif
#if TH_DTYPE_IS(Half)
DEFINE_BLOCK_FLOAT(Widened, float)
DEFINE_LOOP(Widened, float)
/* Side by side, the result is what is widened. */
static void TH_KERNEL(toFloat)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    if (stride[0] == sizeof(float) && stride[1] == sizeof(scalar_t))
        widen((float *)(void *)data[0], (const scalar_t *)(const void *)data[1], n);
    else
        TH_KERNEL(toWidened)(data, stride, n, args);
}
#elif !TH_DTYPE_IS(Float)
DEFINE_FLOAT(Float, float)
#endif
#if !TH_DTYPE_IS(Double)
DEFINE_FLOAT(Double, double)
#endif

const THConversion TH_TABLE(THConversion) = {
    .to =
        {
#if !TH_DTYPE_IS(Byte)
            [THDtype_Byte] = TH_KERNEL(toByte),
#endif
#if !TH_DTYPE_IS(Char)
            [THDtype_Char] = TH_KERNEL(toChar),
#endif
#if !TH_DTYPE_IS(Short)
            [THDtype_Short] = TH_KERNEL(toShort),
#endif
#if !TH_DTYPE_IS(Int)
            [THDtype_Int] = TH_KERNEL(toInt),
#endif
#if !TH_DTYPE_IS(Long)
            [THDtype_Long] = TH_KERNEL(toLong),
#endif
#if !TH_DTYPE_IS(Half)
            [THDtype_Half] = TH_KERNEL(toHalf),
#endif
#if !TH_DTYPE_IS(Float)
            [THDtype_Float] = TH_KERNEL(toFloat),
#endif
#if !TH_DTYPE_IS(Double)
            [THDtype_Double] = TH_KERNEL(toDouble),
#endif
        },
};
