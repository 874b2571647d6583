/* Running sums and products.
 *
 * One element at a time, each would wait for the one before. So four elements are combined among themselves first, and the
 * chain through the line has one operation for four of them. Where that could overflow although the running result does not,
 * in Double, it is not done: there is no wider number to keep the parts in. */
#include "kernels/THScan.h"

#include <stddef.h>

#define GROUPED (!TH_DTYPE_IS(Double))
#define PARTED (!TH_DTYPE_IS(Double))
#define TH_AT(type, pointer, stride, i) (*(type *)((pointer) + (i) * (stride)))

#if TH_DTYPE_IS_FLOATING
typedef double sum_t;
typedef scalar_t out_t;
#define FIELD d
#define ADD(a, b) ((a) + (b))
#define MULTIPLY(a, b) ((a) * (b))
#else
typedef int64_t sum_t;
typedef int64_t out_t;
#define FIELD i
#define ADD(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define MULTIPLY(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))
#endif

/* parted: a part of a line is scanned by itself, and what lies before it is added to each result. */
#define DEFINE_SCAN(name, combine, neutral, parted)                                                                            \
    TH_INLINE sum_t name##_body(const char *a, int64_t stride, int64_t n, char *out, int64_t out_stride, sum_t base,           \
                                sum_t acc)                                                                                     \
    {                                                                                                                          \
        int64_t i = 0;                                                                                                         \
        for (; GROUPED && i + 4 <= n; i += 4) {                                                                                \
            const sum_t x0 = (sum_t)TH_AT(const scalar_t, a, stride, i);                                                       \
            const sum_t x1 = (sum_t)TH_AT(const scalar_t, a, stride, i + 1);                                                   \
            const sum_t x2 = (sum_t)TH_AT(const scalar_t, a, stride, i + 2);                                                   \
            const sum_t x3 = (sum_t)TH_AT(const scalar_t, a, stride, i + 3);                                                   \
            const sum_t two = combine(x0, x1), four = combine(two, combine(x2, x3));                                           \
            if (out != NULL) {                                                                                                 \
                const sum_t from = parted ? combine(base, acc) : acc;                                                          \
                TH_AT(out_t, out, out_stride, i) = (out_t)combine(from, x0);                                                   \
                TH_AT(out_t, out, out_stride, i + 1) = (out_t)combine(from, two);                                              \
                TH_AT(out_t, out, out_stride, i + 2) = (out_t)combine(from, combine(two, x2));                                 \
                TH_AT(out_t, out, out_stride, i + 3) = (out_t)combine(from, four);                                             \
            }                                                                                                                  \
            acc = combine(acc, four);                                                                                          \
        }                                                                                                                      \
        for (; i < n; i++) {                                                                                                   \
            acc = combine(acc, (sum_t)TH_AT(const scalar_t, a, stride, i));                                                    \
            if (out != NULL) TH_AT(out_t, out, out_stride, i) = (out_t)(parted ? combine(base, acc) : acc);                    \
        }                                                                                                                      \
        return acc;                                                                                                            \
    }                                                                                                                          \
    static void TH_KERNEL(name)(const char *a, int64_t stride, int64_t n, char *out, int64_t out_stride, THScanState *state)   \
    {                                                                                                                          \
        const int64_t s = sizeof(scalar_t), o = sizeof(out_t);                                                                 \
        for (int64_t begin = 0; begin < n; begin += TH_SCAN_PART) {                                                            \
            const int64_t count = n - begin < TH_SCAN_PART ? n - begin : TH_SCAN_PART;                                         \
            const sum_t base = state->FIELD, start = parted ? (sum_t)(neutral) : base;                                         \
            const char *const from = a + begin * stride;                                                                       \
            char *const to = out == NULL ? NULL : out + begin * out_stride;                                                    \
            sum_t all;                                                                                                         \
            if (out == NULL)                                                                                                   \
                all = name##_body(from, stride, count, NULL, 0, base, start);                                                  \
            else if (stride == s && out_stride == o)                                                                           \
                all = name##_body(from, s, count, to, o, base, start);                                                         \
            else                                                                                                               \
                all = name##_body(from, stride, count, to, out_stride, base, start);                                           \
            state->FIELD = parted ? combine(base, all) : all;                                                                  \
        }                                                                                                                      \
    }                                                                                                                          \
    TH_INLINE void name##_row(const char *a, int64_t stride, int64_t columns, sum_t *acc, char *out, int64_t out_stride)       \
    {                                                                                                                          \
        TH_INDEPENDENT for (int64_t j = 0; j < columns; j++)                                                                   \
        {                                                                                                                      \
            acc[j] = combine(acc[j], (sum_t)TH_AT(const scalar_t, a, stride, j));                                              \
            TH_AT(out_t, out, out_stride, j) = (out_t)acc[j];                                                                  \
        }                                                                                                                      \
    }                                                                                                                          \
    static void TH_KERNEL(name##Columns)(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns,     \
                                         char *out, int64_t out_row_stride, int64_t out_stride)                                \
    {                                                                                                                          \
        const int64_t s = sizeof(scalar_t), o = sizeof(out_t);                                                                 \
        sum_t acc[TH_SCAN_COLUMNS];                                                                                            \
        for (int64_t j = 0; j < columns; j++) acc[j] = neutral;                                                                \
        for (int64_t i = 0; i < rows; i++, a += row_stride, out += out_row_stride) {                                           \
            if (stride == s && out_stride == o)                                                                                \
                name##_row(a, s, columns, acc, out, o);                                                                        \
            else                                                                                                               \
                name##_row(a, stride, columns, acc, out, out_stride);                                                          \
        }                                                                                                                      \
    }

DEFINE_SCAN(sum, ADD, 0, PARTED)
DEFINE_SCAN(prod, MULTIPLY, 1, 0)

#if TH_DTYPE_IS_FLOATING
static void TH_KERNEL(recurrence)(const char *a, const char *x, int64_t n, char *out)
{
    double y = 0;
    for (int64_t i = 0; i < n; i++) {
        y = (double)((const scalar_t *)a)[i] + (double)((const scalar_t *)x)[i] * y;
        ((scalar_t *)out)[i] = (scalar_t)y;
    }
}
#endif

const THScan TH_TABLE(THScan) = {
    .sum = {.neutral.FIELD = 0, .parted = PARTED, .run = TH_KERNEL(sum), .columns = TH_KERNEL(sumColumns)},
    .prod = {.neutral.FIELD = 1, .run = TH_KERNEL(prod), .columns = TH_KERNEL(prodColumns)},
#if TH_DTYPE_IS_FLOATING
    .recurrence = TH_KERNEL(recurrence),
#endif
};
