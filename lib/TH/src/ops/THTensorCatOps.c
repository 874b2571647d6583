/* Tensors one behind the other. */
#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "ops/THLines.h"
#include "ops/THOps.h"

/* Torch lets 1-d tensors without elements stand for nothing, whatever the others' shape. */
static bool is_nothing(const THTensor *t)
{
    return t->ndim == 1 && t->size[0] == 0;
}

/* The common shape, with the sum along *dim. */
static THStatus cat_size(THTensor *const *tensors, int count, int *dim, const THTensor **model, int64_t *size)
{
    int64_t total = 0;
    *model = tensors[0];
    for (int k = 0; k < count; k++) {
        TH_TRY(THOps_sameDtype("cat", tensors[0], tensors[k]));
        TH_FAIL_IF(tensors[k]->ndim == 0, TH_ERR_SHAPE,
                   "[cat] tensor %d, zero-dimensional tensor (at position %d) cannot be concatenated", k, k);
        if (is_nothing(*model)) *model = tensors[k];
    }
    TH_TRY(THTensor_wrapDim(*model, *dim, "cat", dim));
    for (int k = 0; k < count; k++) {
        const THTensor *const t = tensors[k];
        if (is_nothing(t)) continue;
        bool fits = t->ndim == (*model)->ndim;
        for (int d = 0; fits && d < t->ndim; d++) fits = d == *dim || t->size[d] == (*model)->size[d];
        char have[128], want[128];
        TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[cat] tensor %d of size %s, expected the sizes of %s but for dimension %d", k,
                   THTensor_describeSize(t->ndim, t->size, have, sizeof(have)),
                   THTensor_describeSize((*model)->ndim, (*model)->size, want, sizeof(want)), *dim);
        total += t->size[*dim];
    }
    thLines_size(*model, *dim, is_nothing(*model) ? 0 : total, size);
    return TH_OK;
}

THStatus THTensor_cat(THTensor *r, THTensor *const *tensors, int count, int dim)
{
    TH_GIVEN("cat", r, tensors);
    const THTensor *model;
    int64_t size[TH_MAX_DIMS], start = 0;
    TH_FAIL_IF(count < 1, TH_ERR_VALUE, "[cat] %d tensors, expected a non-empty list of tensors", count);
    for (int k = 0; k < count; k++) TH_FAIL_IF(tensors[k] == NULL, TH_ERR_VALUE, "[cat] tensor %d, NULL: must be given", k);
    if (tensors[0]->dtype == THDtype_None) return THOps_unsupported("cat", THDtype_None);
    TH_TRY(cat_size(tensors, count, &dim, &model, size));
    for (int k = 0; k < count; k++)
        TH_FAIL_IF(r == tensors[k] || (r->storage != NULL && THTensor_mayOverlap(r, tensors[k])), TH_ERR_VALUE,
                   "[cat] output shares memory with tensor %d, expected memory of its own", k);
    TH_TRY(THTensor_output(r, "cat", (THDtype)model->dtype, model->ndim, size));
    for (int k = 0; k < count; k++) {
        if (tensors[k]->numel == 0) continue;
        THTensor *const part = THTensor_newNarrow(r, dim, start, tensors[k]->size[dim]);
        if (part == NULL) return THStatus_last();
        const THStatus status = THTensor_copy(part, tensors[k]);
        THTensor_free(part);
        TH_TRY(status);
        start += tensors[k]->size[dim];
    }
    return TH_OK;
}
