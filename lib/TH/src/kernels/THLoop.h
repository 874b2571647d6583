/* The shape of an inner loop, and the scheme that makes gcc vectorise one: see TH_LOOP1 to TH_LOOP3.
 *
 * A loop whose strides are known only at run time is never vectorised (measured: 3 to 28 times slower). So each body is an
 * always-inline function with the strides as arguments, called with constants for the cases that matter, the general one last.
 * */
#ifndef TH_LOOP_H
#define TH_LOOP_H

#include <stddef.h>

#include "TH/THKernel.h"

/* As in TH/THIter.h, which kernels do not see: n >= 1 elements; data[k] walks by stride[k] bytes. */
typedef void (*THLoop)(char *const data[], const int64_t stride[], int64_t n, const void *args);

#define TH_AT(type, pointer, stride, i) (*(type *)((pointer) + (i) * (stride)))
#define TH_CONST_AT(type, pointer, stride, i) (*(const type *)((pointer) + (i) * (stride)))

/* Defines TH_KERNEL(name): out_t r[i] = expression of x (in_t) and of `args`, which `setup` may unpack. */
#define TH_LOOP1(name, out_t, in_t, setup, expression)                                                                         \
    TH_INLINE void name##_body(char *r, const char *a, int64_t sr, int64_t sa, int64_t n, const void *args)                    \
    {                                                                                                                          \
        (void)args;                                                                                                            \
        setup;                                                                                                                 \
        TH_INDEPENDENT                                                                                                         \
        for (int64_t i = 0; i < n; i++) {                                                                                      \
            const in_t x = TH_CONST_AT(in_t, a, sa, i);                                                                        \
            TH_AT(out_t, r, sr, i) = (out_t)(expression);                                                                      \
        }                                                                                                                      \
    }                                                                                                                          \
    static void TH_KERNEL(name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                       \
    {                                                                                                                          \
        const int64_t o = sizeof(out_t), s = sizeof(in_t);                                                                     \
        if (stride[0] == o && stride[1] == s)                                                                                  \
            name##_body(data[0], data[1], o, s, n, args);                                                                      \
        else                                                                                                                   \
            name##_body(data[0], data[1], stride[0], stride[1], n, args);                                                      \
    }

/* Defines TH_KERNEL(name): out_t r[i] = expression of x and y (in_t). */
#define TH_LOOP2(name, out_t, in_t, setup, expression)                                                                         \
    TH_INLINE void name##_body(char *r, const char *a, const char *b, int64_t sr, int64_t sa, int64_t sb, int64_t n,           \
                               const void *args)                                                                               \
    {                                                                                                                          \
        (void)args;                                                                                                            \
        setup;                                                                                                                 \
        const in_t x0 = TH_CONST_AT(in_t, a, 0, 0), y0 = TH_CONST_AT(in_t, b, 0, 0);                                           \
        TH_INDEPENDENT                                                                                                         \
        for (int64_t i = 0; i < n; i++) {                                                                                      \
            const in_t x = sa == 0 ? x0 : TH_CONST_AT(in_t, a, sa, i);                                                         \
            const in_t y = sb == 0 ? y0 : TH_CONST_AT(in_t, b, sb, i);                                                         \
            TH_AT(out_t, r, sr, i) = (out_t)(expression);                                                                      \
        }                                                                                                                      \
    }                                                                                                                          \
    static void TH_KERNEL(name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                       \
    {                                                                                                                          \
        const int64_t o = sizeof(out_t), s = sizeof(in_t), sa = stride[1], sb = stride[2];                                     \
        if (stride[0] == o && sa == s && sb == s)                                                                              \
            name##_body(data[0], data[1], data[2], o, s, s, n, args);                                                          \
        else if (stride[0] == o && sa == s && sb == 0)                                                                         \
            name##_body(data[0], data[1], data[2], o, s, 0, n, args);                                                          \
        else if (stride[0] == o && sa == 0 && sb == s)                                                                         \
            name##_body(data[0], data[1], data[2], o, 0, s, n, args);                                                          \
        else                                                                                                                   \
            name##_body(data[0], data[1], data[2], stride[0], sa, sb, n, args);                                                \
    }

/* Defines TH_KERNEL(name): type r[i] = expression of x, y, z. */
#define TH_LOOP3(name, type, setup, expression)                                                                                \
    TH_INLINE void name##_body(char *const data[], int64_t s0, int64_t s1, int64_t s2, int64_t s3, int64_t n,                  \
                               const void *args)                                                                               \
    {                                                                                                                          \
        char *r = data[0];                                                                                                     \
        const char *a = data[1], *b = data[2], *c = data[3];                                                                   \
        (void)args;                                                                                                            \
        setup;                                                                                                                 \
        const type x0 = TH_CONST_AT(type, a, 0, 0), y0 = TH_CONST_AT(type, b, 0, 0), z0 = TH_CONST_AT(type, c, 0, 0);          \
        TH_INDEPENDENT                                                                                                         \
        for (int64_t i = 0; i < n; i++) {                                                                                      \
            const type x = s1 == 0 ? x0 : TH_CONST_AT(type, a, s1, i), y = s2 == 0 ? y0 : TH_CONST_AT(type, b, s2, i);         \
            const type z = s3 == 0 ? z0 : TH_CONST_AT(type, c, s3, i);                                                         \
            TH_AT(type, r, s0, i) = (type)(expression);                                                                        \
        }                                                                                                                      \
    }                                                                                                                          \
    static void TH_KERNEL(name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                       \
    {                                                                                                                          \
        const int64_t s = sizeof(type), s1 = stride[1], s2 = stride[2], s3 = stride[3];                                        \
        if (stride[0] != s)                                                                                                    \
            name##_body(data, stride[0], s1, s2, s3, n, args);                                                                 \
        else if (s1 == s && s2 == s && s3 == s)                                                                                \
            name##_body(data, s, s, s, s, n, args);                                                                            \
        else if (s1 == 0 && s2 == s && s3 == s)                                                                                \
            name##_body(data, s, 0, s, s, n, args);                                                                            \
        else if (s1 == s && s2 == 0 && s3 == s)                                                                                \
            name##_body(data, s, s, 0, s, n, args);                                                                            \
        else if (s1 == s && s2 == s && s3 == 0)                                                                                \
            name##_body(data, s, s, s, 0, n, args);                                                                            \
        else if (s1 == s && s2 == 0 && s3 == 0)                                                                                \
            name##_body(data, s, s, 0, 0, n, args);                                                                            \
        else                                                                                                                   \
            name##_body(data, s, s1, s2, s3, n, args);                                                                         \
    }

/* fold(lane, half) for each power of two from `most` (at most 128) down to 1: by constants, because a loop over halves would
 * not become vector code. */
#define TH_FOLD_ONE(fold, lane, half, most)                                                                                    \
    if ((half) <= (most)) fold(lane, half)
#define TH_FOLD(fold, lane, most)                                                                                              \
    do {                                                                                                                       \
        TH_FOLD_ONE(fold, lane, 128, most);                                                                                    \
        TH_FOLD_ONE(fold, lane, 64, most);                                                                                     \
        TH_FOLD_ONE(fold, lane, 32, most);                                                                                     \
        TH_FOLD_ONE(fold, lane, 16, most);                                                                                     \
        TH_FOLD_ONE(fold, lane, 8, most);                                                                                      \
        TH_FOLD_ONE(fold, lane, 4, most);                                                                                      \
        TH_FOLD_ONE(fold, lane, 2, most);                                                                                      \
        TH_FOLD_ONE(fold, lane, 1, most);                                                                                      \
    } while (0)

#endif
