#include "TH/THArgument.h"
/* Views of another shape: view and expand. */
#include <stdio.h>

#include "core/THCore.h"

/* "[2, 3]", as users know shapes from the messages about views. */
static const char *describeList(int ndim, const int64_t *size, char *text, size_t room)
{
    size_t used = (size_t)snprintf(text, room, "[");
    for (int d = 0; d < ndim && used < room; d++)
        used += (size_t)snprintf(text + used, room - used, d == 0 ? "%lld" : ", %lld", (long long)size[d]);
    if (used < room) snprintf(text + used, room - used, "]");
    return text;
}

/* Copies `size` to `full`, one -1 replaced by what is left of `numel`. */
static THStatus inferSize(int ndim, const int64_t *size, int64_t numel, int64_t *full)
{
    int64_t known = 1;
    int inferred = -1;
    char text[128];
    TH_FAIL_IF(ndim < 0 || ndim > TH_MAX_DIMS, TH_ERR_SHAPE, "[view] number of dimensions, %d: must be 0 to %d", ndim,
               TH_MAX_DIMS);
    for (int d = 0; d < ndim; d++) {
        full[d] = size[d];
        if (size[d] == -1) {
            TH_FAIL_IF(inferred >= 0, TH_ERR_SHAPE, "[view] size %s: only one dimension can be inferred",
                       THTensor_describeSize(ndim, size, text, sizeof text));
            inferred = d;
            continue;
        }
        TH_FAIL_IF(size[d] < 0, TH_ERR_SHAPE, "[view] size %s: invalid shape dimension %lld",
                   THTensor_describeSize(ndim, size, text, sizeof text), (long long)size[d]);
        TH_FAIL_IF(__builtin_mul_overflow(known, size[d], &known), TH_ERR_SHAPE,
                   "[view] size %s: the product is more than an int64 can count",
                   THTensor_describeSize(ndim, size, text, sizeof text));
    }
    if (inferred >= 0 && known == 0)
        return THStatus_fail(TH_ERR_SHAPE, "[view] size %s: cannot infer -1 beside a size of 0, any value would do",
                             THTensor_describeSize(ndim, size, text, sizeof text));
    if (inferred >= 0 && numel % known == 0) {
        full[inferred] = numel / known;
        known = numel;
    }
    TH_FAIL_IF(known != numel || (inferred >= 0 && full[inferred] < 0), TH_ERR_SHAPE,
               "[view] shape '%s' is invalid for input of size %lld", describeList(ndim, size, text, sizeof text),
               (long long)numel);
    return TH_OK;
}

/* Strides that show self in the shape `size` (same number of elements); false if that needs a copy. Old dimensions fall into
 * runs that are contiguous among themselves; each new dimension has to lie within one run. */
static bool viewStrides(const THTensor *self, int ndim, const int64_t *size, int64_t *stride)
{
    if (self->numel == 0 || THTensor_isContiguous(self)) {
        thShape_strides(ndim, size, stride);
        return true;
    }
    int to = ndim - 1;
    for (int from = self->ndim - 1; from >= 0;) {
        const int64_t innermost = self->stride[from];
        int64_t run = self->size[from];
        for (from--; from >= 0; from--) {
            if (self->size[from] != 1 && run != 1 && self->stride[from] != run * innermost) break;
            if (run == 1 && self->size[from] != 1) break;
            run *= self->size[from];
        }
        int64_t covered = 1;
        while (to >= 0 && (covered < run || size[to] == 1)) {
            stride[to] = covered * innermost;
            covered *= size[to--];
        }
        if (covered != run) return false;
    }
    return to < 0;
}

THTensor *thTensor_newViewOrNone(const THTensor *self, int ndim, const int64_t *size, bool *none)
{
    *none = false;
    int64_t full[TH_MAX_DIMS];
    int64_t numel;
    if (inferSize(ndim, size, self->numel, full) != TH_OK || thShape_numel("view", ndim, full, &numel) != TH_OK) return NULL;
    THTensor *view = thTensor_newLike(self, ndim);
    if (view == NULL) return NULL;
    for (int d = 0; d < ndim; d++) view->size[d] = full[d];
    if (!viewStrides(self, ndim, view->size, view->stride)) {
        *none = true;
        THTensor_free(view);
        return NULL;
    }
    return thTensor_finish(view, "view");
}

THTensor *THTensor_newView(const THTensor *self, int ndim, const int64_t *size)
{
    TH_GIVEN_OR(NULL, "view", self);
    if (ndim > 0) TH_GIVEN_OR(NULL, "view", size);
    bool none;
    THTensor *const view = thTensor_newViewOrNone(self, ndim, size, &none);
    if (none)
        THStatus_fail(TH_ERR_SHAPE, "[view] view size is not compatible with input tensor's size and stride (at least one "
                                    "dimension spans across two contiguous subspaces). Call .contiguous() before .view().");
    return view;
}

THTensor *THTensor_newExpand(const THTensor *self, int ndim, const int64_t *size)
{
    TH_GIVEN_OR(NULL, "expand", self);
    if (ndim > 0) TH_GIVEN_OR(NULL, "expand", size);
    char asked[128], own[128];
    if (ndim < self->ndim) {
        THStatus_fail(TH_ERR_SHAPE,
                      "[expand] size %s: the number of sizes provided (%d) must be greater or equal to the number of "
                      "dimensions in the tensor (%d)",
                      THTensor_describeSize(ndim, size, asked, sizeof asked), ndim, self->ndim);
        return NULL;
    }
    THTensor *view = thTensor_newLike(self, ndim);
    if (view == NULL) return NULL;
    const int fresh = ndim - self->ndim;
    for (int d = 0; d < ndim; d++) {
        const int64_t have = d < fresh ? 1 : self->size[d - fresh];
        const int64_t want = size[d] == -1 && d >= fresh ? have : size[d];
        if (want < 0 || (have != want && have != 1)) {
            THStatus_fail(TH_ERR_SHAPE,
                          "[expand] size %s of a tensor of size %s: The expanded size of the tensor (%lld) must match the "
                          "existing size (%lld) at non-singleton dimension %d",
                          THTensor_describeSize(ndim, size, asked, sizeof asked),
                          THTensor_describeSize(self->ndim, self->size, own, sizeof own), (long long)want, (long long)have, d);
            THTensor_free(view);
            return NULL;
        }
        view->size[d] = want;
        view->stride[d] = have == want && d >= fresh ? self->stride[d - fresh] : 0;
    }
    return thTensor_finish(view, "expand");
}
