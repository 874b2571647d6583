#include "TH/THArgument.h"
/* Questions about sizes and strides. */
#include <stdio.h>
#include <string.h>

#include "core/THCore.h"

THStatus thShape_numel(const char *op, int ndim, const int64_t *size, int64_t *numel)
{
    int64_t product = 1;
    bool empty = false;
    TH_FAIL_IF(ndim < 0 || ndim > TH_MAX_DIMS, TH_ERR_SHAPE, "[%s] number of dimensions, %d: must be 0 to %d", op, ndim,
               TH_MAX_DIMS);
    for (int d = 0; d < ndim; d++) {
        TH_FAIL_IF(size[d] < 0, TH_ERR_SHAPE, "[%s] size of dimension %d, %lld: must not be negative", op, d,
                   (long long)size[d]);
        if (size[d] == 0)
            empty = true; /* the other sizes still make strides, which must not overflow either */
        else
            TH_FAIL_IF(__builtin_mul_overflow(product, size[d], &product), TH_ERR_SHAPE,
                       "[%s] sizes: their product is more than an int64 can count", op);
    }
    *numel = empty ? 0 : product;
    return TH_OK;
}

void thShape_strides(int ndim, const int64_t *size, int64_t *stride)
{
    int64_t step = 1;
    for (int d = ndim - 1; d >= 0; d--) {
        stride[d] = step;
        if (size[d] > 1) step *= size[d];
    }
}

bool thShape_isContiguous(int ndim, const int64_t *size, const int64_t *stride)
{
    int64_t expected = 1;
    bool contiguous = true;
    for (int d = ndim - 1; d >= 0; d--) {
        if (size[d] == 0) return true;
        if (size[d] == 1) continue;
        contiguous &= stride[d] == expected;
        expected *= size[d];
    }
    return contiguous;
}

THStatus THTensor_wrapDim(const THTensor *self, int dim, const char *op, int *wrapped)
{
    TH_GIVEN("wrapDim", self, op, wrapped);
    const int range = self->ndim > 0 ? self->ndim : 1;
    TH_FAIL_IF(dim < -range || dim >= range, TH_ERR_INDEX,
               "[%s] dimension out of range (expected to be in range of [%d, %d], but got %d)", op, -range, range - 1, dim);
    *wrapped = dim < 0 ? dim + range : dim;
    return TH_OK;
}

bool THTensor_isSameSizeAs(const THTensor *self, const THTensor *other)
{
    TH_GIVEN_OR(false, "isSameSizeAs", self, other);
    if (self->ndim != other->ndim) return false;
    for (int d = 0; d < self->ndim; d++) {
        if (self->size[d] != other->size[d]) return false;
    }
    return true;
}

THStatus THTensor_broadcast(const THTensor *a, const THTensor *b, const char *op, int *ndim, int64_t *size)
{
    TH_GIVEN("broadcast", a, b, op, ndim, size);
    const int n = a->ndim > b->ndim ? a->ndim : b->ndim;
    for (int d = n - 1; d >= 0; d--) {
        const int da = d - (n - a->ndim);
        const int db = d - (n - b->ndim);
        const int64_t sa = da >= 0 ? a->size[da] : 1;
        const int64_t sb = db >= 0 ? b->size[db] : 1;
        if (__builtin_expect(sa != sb && sa != 1 && sb != 1, 0)) {
            char ta[128], tb[128];
            return THStatus_fail(TH_ERR_SHAPE,
                                 "[%s] shapes %s and %s: The size of tensor a (%lld) must match the size of tensor b (%lld) at "
                                 "non-singleton dimension %d",
                                 op, THTensor_describeSize(a->ndim, a->size, ta, sizeof ta),
                                 THTensor_describeSize(b->ndim, b->size, tb, sizeof tb), (long long)sa, (long long)sb, d);
        }
        size[d] = sa == 1 ? sb : sa;
    }
    *ndim = n;
    return TH_OK;
}

const char *THTensor_describeSize(int ndim, const int64_t *size, char *text, size_t room)
{
    if (room == 0) return text;
    TH_GIVEN_OR(NULL, "describeSize", text);
    if (ndim > 0) TH_GIVEN_OR(NULL, "describeSize", size);
    size_t used = 0;
    text[0] = '\0';
    for (int d = 0; d <= ndim && used < room; d++) {
        int wrote;
        if (d == ndim)
            wrote = snprintf(text + used, room - used, ndim == 0 ? "()" : ndim == 1 ? ",)" : ")");
        else
            wrote = snprintf(text + used, room - used, d == 0 ? "(%lld" : ", %lld", (long long)size[d]);
        if (wrote < 0) break;
        used += (size_t)wrote;
    }
    if (used >= room && room >= 5) memcpy(text + room - 5, "...)", 5);
    return text;
}

void thTensor_extent(const THTensor *self, const char **begin, const char **end)
{
    *begin = *end = NULL;
    if (self->numel == 0) return;
    const int64_t itemsize = THDtype_itemsize((THDtype)self->dtype);
    int64_t last = 0;
    for (int d = 0; d < self->ndim; d++) last += (self->size[d] - 1) * self->stride[d];
    *begin = THTensor_dataBytes(self);
    *end = *begin + (last + 1) * itemsize;
}

bool THTensor_mayOverlap(const THTensor *a, const THTensor *b)
{
    TH_GIVEN_OR(false, "mayOverlap", a, b);
    const char *a_begin, *a_end, *b_begin, *b_end;
    thTensor_extent(a, &a_begin, &a_end);
    thTensor_extent(b, &b_begin, &b_end);
    return a_begin < b_end && b_begin < a_end;
}

THStatus thTensor_checkWritable(const THTensor *self, const char *op)
{
    TH_FAIL_IF(self->storage == NULL, TH_ERR_STATE, "[%s] self: has no dtype and no elements yet", op);
    for (int d = 0; d < self->ndim; d++) {
        TH_FAIL_IF(self->stride[d] == 0 && self->size[d] > 1, TH_ERR_SHAPE,
                   "[%s] self, expanded along dimension %d (size %lld, stride 0): its elements share memory and cannot be "
                   "written; clone it first",
                   op, d, (long long)self->size[d]);
    }
    return TH_OK;
}
