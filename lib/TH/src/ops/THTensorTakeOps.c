/* take, put: elements by their number in row-major order. */
#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "TH/THThreads.h"
#include "kernels/THIndex.h"
#include "kernels/THSelect.h"
#include "ops/THIndexArgument.h"
#include "ops/THOps.h"

typedef struct Take {
    const THSelect *moves;
    char *to;
    const char *from;
    const int64_t *index;
    int64_t itemsize;
} Take;

static void take_range(int64_t begin, int64_t end, int thread, void *context)
{
    const Take *const t = context;
    (void)thread;
    t->moves->gather(t->to + begin * t->itemsize, t->from, t->index + begin, end - begin, t->itemsize, 0);
}

static THStatus take_into(THTensor *r, const THTensor *a, const THIndexArgument *places)
{
    THTensor *const dense = THTensor_newContiguous((THTensor *)a);
    if (dense == NULL) return THStatus_last();
    Take t = {
        .moves = THSelect_of((THDtype)a->dtype), .index = places->data, .itemsize = (int64_t)THDtype_size((THDtype)a->dtype)};
    t.to = THTensor_dataBytes(r);
    t.from = THTensor_dataBytes(dense);
    THThreads_for(places->n, TH_GRAIN, take_range, &t);
    THTensor_free(dense);
    return TH_OK;
}

THStatus THTensor_take(THTensor *r, const THTensor *a, const THTensor *index)
{
    TH_GIVEN("take", r, a, index);
    THIndexArgument places;
    if (a->dtype == THDtype_None) return THOps_unsupported("take", THDtype_None);
    TH_TRY(THIndexArgument_of(&places, "take", index, a->numel, true));
    THStatus status = THOps_outputApart("take", r, a, (THDtype)a->dtype, index->ndim, index->size);
    if (status == TH_OK) status = THOps_outputApart("take", r, places.owner, (THDtype)a->dtype, index->ndim, index->size);
    if (status == TH_OK && places.n > 0) {
        const bool direct = THTensor_isContiguous(r);
        THTensor *const target = direct ? r : THTensor_newWithSize((THDtype)a->dtype, index->ndim, index->size);
        status = target == NULL ? THStatus_last() : take_into(target, a, &places);
        if (status == TH_OK && !direct) status = THTensor_copy(r, target);
        if (!direct) THTensor_free(target);
    }
    THTensor_free(places.owner);
    return status;
}

/* Into self if it is contiguous and nothing overlaps, else into a copy that is written back. sums NULL: copies. */
static THStatus put_into(THTensor *self, const THIndexArgument *places, const THTensor *source, const THIndex *sums)
{
    const bool apart = !THTensor_mayOverlap(self, source) && !THTensor_mayOverlap(self, places->owner);
    const bool direct = THTensor_isContiguous(self) && apart;
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)self->dtype);
    THTensor *const target = direct ? self : THTensor_newClone(self);
    THTensor *const dense = THTensor_newContiguous((THTensor *)source);
    THStatus status = target == NULL || dense == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        char *const to = THTensor_dataBytes(target), *const from = THTensor_dataBytes(dense);
        if (sums != NULL)
            sums->scatterAdd(to, places->data, from, places->n, itemsize, 0);
        else
            THSelect_of((THDtype)self->dtype)->scatter(to, places->data, from, places->n, itemsize, 0);
        if (!direct) status = THTensor_copy(self, target);
    }
    if (!direct) THTensor_free(target);
    THTensor_free(dense);
    return status;
}

static THStatus add_floats(const void *index, THTensor *self, const THTensor *source)
{
    return THTensor_put(self, index, source, 1);
}

THStatus THTensor_put(THTensor *self, const THTensor *index, const THTensor *source, int accumulate)
{
    TH_GIVEN("put", self, index, source);
    THIndexArgument places;
    const THIndex *sums = NULL;
    TH_TRY(THOps_sameDtype("put", self, source));
    if (self->dtype == THDtype_None) return THOps_unsupported("put", THDtype_None);
    if (accumulate && self->dtype == THDtype_Half) return THHalfLoop_update(add_floats, index, self, source);
    if (accumulate) {
        TH_OPS_TABLE(THIndex, table, "put", (THDtype)self->dtype);
        sums = table;
    }
    TH_FAIL_IF(source->numel != index->numel, TH_ERR_SHAPE, "[put] source of %lld elements, expected the index's %lld",
               (long long)source->numel, (long long)index->numel);
    TH_TRY(THIndexArgument_of(&places, "put", index, self->numel, true));
    THStatus status = THIndexArgument_write("put", self);
    if (status == TH_OK && places.n > 0) status = put_into(self, &places, source, sums);
    THTensor_free(places.owner);
    return status;
}
