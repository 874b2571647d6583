/* Elements by mask. */
#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "kernels/THIndex.h"
#include "kernels/THSelect.h"
#include "ops/THIndexArgument.h"
#include "ops/THOps.h"

static THStatus check_mask(const char *op, const THTensor *self, const THTensor *mask)
{
    if (self->dtype == THDtype_None) return THOps_unsupported(op, THDtype_None);
    TH_FAIL_IF(mask->dtype != THDtype_Byte, TH_ERR_DTYPE, "[%s] mask is %s, expected Byte", op,
               THDtype_name((THDtype)mask->dtype));
    return TH_OK;
}

/* `t` expanded to a size and made contiguous. */
static THStatus expand_dense(const THTensor *t, int ndim, const int64_t *size, THTensor **dense)
{
    THTensor *const expanded = THTensor_newExpand(t, ndim, size);
    *dense = expanded == NULL ? NULL : THTensor_newContiguous(expanded);
    THTensor_free(expanded);
    return *dense == NULL ? THStatus_last() : TH_OK;
}

static int64_t count_set(const THTensor *mask)
{
    const THIndex *const bytes = TH_PICK(THIndex_tables, THDtype_Byte);
    return mask->numel == 0 ? 0 : bytes->countNonzero(THTensor_dataBytes(mask), mask->numel);
}

THStatus THTensor_maskedFill(THTensor *self, const THTensor *mask, THScalar value)
{
    TH_GIVEN("maskedFill", self, mask);
    int64_t element = 0; /* room for any dtype */
    TH_TRY(check_mask("maskedFill", self, mask));
    TH_TRY(THScalar_check(value, (THDtype)self->dtype, "maskedFill", "value"));
    THScalar_store(value, (THDtype)self->dtype, &element);
    THTensor *const wide = THTensor_newExpand(mask, self->ndim, self->size);
    if (wide == NULL) return THStatus_last();
    THStatus status = THIndexArgument_write("maskedFill", self);
    if (status == TH_OK) {
        THTensor *const tensors[] = {self, wide};
        if (THTensor_mayOverlap(self, wide)) { /* a Byte tensor masked by itself: the loop must read the old mask */
            THTensor *const apart = THTensor_newClone(wide);
            THTensor *const two[] = {self, apart};
            status = apart == NULL
                         ? THStatus_last()
                         : THIter_map("maskedFill", THSelect_of((THDtype)self->dtype)->maskedFill, &element, TH_GRAIN, 2, two);
            THTensor_free(apart);
        } else {
            status = THIter_map("maskedFill", THSelect_of((THDtype)self->dtype)->maskedFill, &element, TH_GRAIN, 2, tensors);
        }
    }
    THTensor_free(wide);
    return status;
}

static THStatus select_dense(THTensor *r, const THTensor *a, const THTensor *mask)
{
    const int64_t count = count_set(mask);
    TH_TRY(THTensor_output(r, "maskedSelect", (THDtype)a->dtype, 1, &count));
    if (count == 0) return TH_OK;
    const bool direct = THTensor_isContiguous(r) && !THTensor_mayOverlap(r, a) && !THTensor_mayOverlap(r, mask);
    THTensor *const target = direct ? r : THTensor_newWithSize((THDtype)a->dtype, 1, &count);
    if (target == NULL) return THStatus_last();
    const uint8_t *const set = (const uint8_t *)THTensor_dataBytes(mask);
    THSelect_of((THDtype)a->dtype)->maskedSelect(THTensor_dataBytes(target), THTensor_dataBytes(a), set, count);
    if (direct) return TH_OK;
    const THStatus status = THTensor_copy(r, target);
    THTensor_free(target);
    return status;
}

THStatus THTensor_maskedSelect(THTensor *r, const THTensor *a, const THTensor *mask)
{
    TH_GIVEN("maskedSelect", r, a, mask);
    int ndim;
    int64_t size[TH_MAX_DIMS];
    THTensor *x = NULL, *m = NULL;
    TH_TRY(check_mask("maskedSelect", a, mask));
    TH_FAIL_IF(r == a || r == mask, TH_ERR_VALUE, "[maskedSelect] the output is an input, expected another tensor");
    TH_TRY(THTensor_broadcast(a, mask, "maskedSelect", &ndim, size));
    THStatus status = expand_dense(a, ndim, size, &x);
    if (status == TH_OK) status = expand_dense(mask, ndim, size, &m);
    if (status == TH_OK) status = select_dense(r, x, m);
    THTensor_free(x);
    THTensor_free(m);
    return status;
}

/* self, mask and source contiguous, self apart from the others. */
static THStatus copy_dense(THTensor *self, const THTensor *mask, const THTensor *source)
{
    const int64_t count = count_set(mask);
    TH_FAIL_IF(count > source->numel, TH_ERR_SHAPE, "[maskedCopy] source has %lld elements, the mask asks for %lld",
               (long long)source->numel, (long long)count);
    if (count > 0)
        THSelect_of((THDtype)self->dtype)
            ->maskedCopy(THTensor_dataBytes(self), (const uint8_t *)THTensor_dataBytes(mask), THTensor_dataBytes(source),
                         self->numel);
    return TH_OK;
}

THStatus THTensor_maskedCopy(THTensor *self, const THTensor *mask, const THTensor *source)
{
    TH_GIVEN("maskedCopy", self, mask, source);
    THTensor *m = NULL;
    TH_TRY(check_mask("maskedCopy", self, mask));
    TH_TRY(THOps_sameDtype("maskedCopy", self, source));
    TH_TRY(expand_dense(mask, self->ndim, self->size, &m));
    THTensor *const from = THTensor_newContiguous((THTensor *)source);
    THStatus status = from == NULL ? THStatus_last() : THIndexArgument_write("maskedCopy", self);
    if (status == TH_OK) {
        const bool direct = THTensor_isContiguous(self) && !THTensor_mayOverlap(self, from) && !THTensor_mayOverlap(self, m);
        THTensor *const target = direct ? self : THTensor_newClone(self);
        status = target == NULL ? THStatus_last() : copy_dense(target, m, from);
        if (status == TH_OK && !direct) status = THTensor_copy(self, target);
        if (!direct) THTensor_free(target);
    }
    THTensor_free(from);
    THTensor_free(m);
    return status;
}

/* Row-major places, in ascending order, into coordinates. Neighbours mostly share a line, so that divisions are few. */
static void unravel(int64_t *rows, const int64_t *places, int64_t count, int ndim, const int64_t *size)
{
    const int64_t length = size[ndim - 1];
    int64_t line = 0; /* the place where the current line along the last dimension begins */
    memset(rows, 0, sizeof(*rows) * (size_t)ndim);
    for (int64_t k = 0; k < count; k++) {
        int64_t *const row = rows + k * ndim;
        if (places[k] - line < length) {
            if (k > 0) memcpy(row, row - ndim, sizeof(*row) * (size_t)(ndim - 1));
        } else {
            int64_t rest = places[k] / length;
            line = rest * length;
            for (int d = ndim - 2; d >= 0; d--) {
                row[d] = rest % size[d];
                rest /= size[d];
            }
        }
        row[ndim - 1] = places[k] - line;
    }
}

/* Into r, contiguous, of count rows. */
static THStatus write_places(THTensor *r, const THTensor *a, const THIndex *table)
{
    const int64_t count = r->size[0];
    int64_t *const rows = (int64_t *)THTensor_dataBytes(r);
    if (a->ndim == 1) {
        table->nonzero(THTensor_dataBytes(a), 0, count, rows);
        return TH_OK;
    }
    THTensor *const places = THTensor_newWithSize(THDtype_Long, 1, &count);
    if (places == NULL) return THStatus_last();
    table->nonzero(THTensor_dataBytes(a), 0, count, (int64_t *)THTensor_dataBytes(places));
    unravel(rows, (const int64_t *)THTensor_dataBytes(places), count, a->ndim, a->size);
    THTensor_free(places);
    return TH_OK;
}

static THStatus nonzero_dense(THTensor *r, const THTensor *a, const THIndex *table)
{
    const int64_t count = a->numel == 0 ? 0 : table->countNonzero(THTensor_dataBytes(a), a->numel);
    const int64_t size[] = {count, a->ndim};
    TH_TRY(THTensor_output(r, "nonzero", THDtype_Long, 2, size));
    if (r->numel == 0) return TH_OK;
    const bool direct = THTensor_isContiguous(r) && !THTensor_mayOverlap(r, a);
    THTensor *const target = direct ? r : THTensor_newWithSize(THDtype_Long, 2, size);
    THStatus status = target == NULL ? THStatus_last() : write_places(target, a, table);
    if (status == TH_OK && !direct) status = THTensor_copy(r, target);
    if (!direct) THTensor_free(target);
    return status;
}

THStatus THTensor_nonzero(THTensor *r, const THTensor *a)
{
    TH_GIVEN("nonzero", r, a);
    TH_OPS_COMPUTE(THIndex, table, "nonzero", (THDtype)a->dtype);
    TH_FAIL_IF(r == a, TH_ERR_VALUE, "[nonzero] the output is the input, expected another tensor");
    THTensor *const dense = THHalfLoop_newDense(a);
    if (dense == NULL) return THStatus_last();
    const THStatus status = nonzero_dense(r, dense, table);
    THTensor_free(dense);
    return status;
}
