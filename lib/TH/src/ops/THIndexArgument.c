/* Index tensors, checked once before anything is written. */
#include "ops/THIndexArgument.h"

#include "TH/THThreads.h"
#include "kernels/THSelect.h"
#include "ops/THHalfLoop.h"

typedef struct Range {
    const int64_t *data;
    int64_t least, most;
    int found; /* of all parts */
} Range;

static void look_at(int64_t begin, int64_t end, int thread, void *context)
{
    Range *const self = context;
    const THSelect *const table = TH_PICK(THSelect_tables, THDtype_Long);
    (void)thread;
    __atomic_fetch_or(&self->found, table->outside(self->data + begin, end - begin, self->least, self->most), __ATOMIC_RELAXED);
}

static THStatus check_range(const char *op, const int64_t *data, int64_t n, int64_t least, int64_t size, bool *negative)
{
    Range range = {.data = data, .least = least, .most = size - 1};
    THThreads_for(n, TH_GRAIN, look_at, &range);
    *negative = (range.found & TH_INDEX_NEGATIVE) != 0;
    if ((range.found & TH_INDEX_OUTSIDE) == 0) return TH_OK;
    int64_t k = 0;
    while (data[k] >= least && data[k] < size) k++;
    return THStatus_fail(TH_ERR_INDEX, "[%s] index %lld at place %lld is out of range for a dimension of size %lld", op,
                         (long long)data[k], (long long)k, (long long)size);
}

THStatus THIndexArgument_of(THIndexArgument *self, const char *op, const THTensor *index, int64_t size, bool wrap)
{
    bool negative;
    self->owner = NULL;
    TH_FAIL_IF(index->dtype != THDtype_Long, TH_ERR_DTYPE, "[%s] index is %s, expected Long", op,
               THDtype_name((THDtype)index->dtype));
    THTensor *owner = THTensor_newContiguous((THTensor *)index);
    if (owner == NULL) return THStatus_last();
    THStatus status =
        check_range(op, (const int64_t *)THTensor_dataBytes(owner), owner->numel, wrap ? -size : 0, size, &negative);
    if (status == TH_OK && negative) {
        THTensor *const wrapped = THTensor_newClone(owner);
        if (wrapped == NULL) {
            status = THStatus_last();
        } else {
            int64_t *const data = (int64_t *)THTensor_dataBytes(wrapped);
            for (int64_t k = 0; k < wrapped->numel; k++) data[k] += data[k] < 0 ? size : 0;
            THTensor_free(owner);
            owner = wrapped;
        }
    }
    if (status != TH_OK) {
        THTensor_free(owner);
        return status;
    }
    self->owner = owner;
    self->data = (const int64_t *)THTensor_dataBytes(owner);
    self->n = owner->numel;
    return TH_OK;
}

THStatus THIndexArgument_write(const char *op, THTensor *self)
{
    for (int d = 0; d < self->ndim; d++)
        TH_FAIL_IF(self->stride[d] == 0 && self->size[d] > 1, TH_ERR_SHAPE,
                   "[%s] output is expanded along dimension %d, its elements share memory; clone it first", op, d);
    return THTensor_output(self, op, (THDtype)self->dtype, self->ndim, self->size);
}

typedef struct HalfAddition {
    THIndexAdd add;
    int dim;
    const THTensor *index;
} HalfAddition;

static THStatus add_floats(const void *call, THTensor *self, const THTensor *source)
{
    const HalfAddition *const c = call;
    return c->add(self, c->dim, c->index, source);
}

THStatus THIndexArgument_addHalves(THIndexAdd add, THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    const HalfAddition call = {.add = add, .dim = dim, .index = index};
    return THHalfLoop_update(add_floats, &call, self, source);
}
