/* Elements that are moved and not computed: the table of one element size, under the integer dtype of that size.
 *
 * THSelect_dtypeOfSize names it, so Half, Float and Double need no code of their own. */
#ifndef TH_SELECT_H
#define TH_SELECT_H

#include "kernels/THLoop.h"

#define TH_INDEX_OUTSIDE 1
#define TH_INDEX_NEGATIVE 2

typedef struct THSelect {
    THLoop where;      /* data: r, condition (uint8_t), a, b: r = condition ? a : b */
    THLoop maskedFill; /* data: r, mask (uint8_t); args: the element */
    /* r[k] = a[index[k] * stride + k * step], k < n; r contiguous; stride and step in bytes. Negative indices are not
     * expected. */
    void (*gather)(char *r, const char *a, const int64_t *index, int64_t n, int64_t stride, int64_t step);
    /* r[index[k] * stride + k * step] = source[k], k < n, in order; source contiguous. */
    void (*scatter)(char *r, const int64_t *index, const char *source, int64_t n, int64_t stride, int64_t step);
    /* The same, of one element. */
    void (*scatterFill)(char *r, const int64_t *index, const char *element, int64_t n, int64_t stride, int64_t step);
    /* Long only: what there is among n indices, TH_INDEX_OUTSIDE of [least, most] and TH_INDEX_NEGATIVE; least <= 0 and
     * most >= -1. */
    int (*outside)(const int64_t *index, int64_t n, int64_t least, int64_t most);
    /* Contiguous arrays: the first `count` elements of a whose mask is not 0; mask has at least that many. */
    void (*maskedSelect)(char *r, const char *a, const uint8_t *mask, int64_t count);
    /* Contiguous arrays: r[k] becomes the next element of source where mask[k] is not 0. */
    void (*maskedCopy)(char *r, const uint8_t *mask, const char *source, int64_t n);
} THSelect;

extern const THSelect *const THSelect_tables[THDtype_Count][THCpu_Count];

/* The integer dtype with elements of `size` bytes (1, 2, 4, 8). */
static inline THDtype THSelect_dtypeOfSize(size_t size)
{
    return size == 1 ? THDtype_Byte : (size == 2 ? THDtype_Short : (size == 4 ? THDtype_Int : THDtype_Long));
}

/* The table that moves elements of the dtype, at this CPU's level. */
static inline const THSelect *THSelect_of(THDtype dtype)
{
    return TH_PICK(THSelect_tables, THSelect_dtypeOfSize(THDtype_size(dtype)));
}

#endif
