/* Single elements by number along one dimension. */
#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "TH/THThreads.h"
#include "kernels/THIndex.h"
#include "kernels/THSelect.h"
#include "ops/THIndexArgument.h"
#include "ops/THOps.h"

/* Lines of the index along its last dimension; `base` (a or self) is strided, `line` (r or source) is contiguous like the
 * index. */
typedef struct Lines {
    const THTensor *base;
    const THTensor *shape; /* the index */
    int dim;
    const int64_t *index;
    char *line;
    int64_t per_item; /* lines that one unit of the parallel loop covers */
    const THSelect *gather;
    const THIndex *scatter; /* NULL: gather */
} Lines;

static void walk_line(const Lines *w, int64_t number, int64_t length)
{
    const THTensor *const base = w->base;
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)base->dtype);
    const int last = w->shape->ndim - 1;
    char *start = THTensor_dataBytes(base);
    int64_t rest = number;
    for (int d = last - 1; d >= 0; d--) {
        if (d != w->dim) start += rest % w->shape->size[d] * base->stride[d] * itemsize;
        rest /= w->shape->size[d];
    }
    const int64_t stride = base->ndim == 0 ? itemsize : base->stride[w->dim] * itemsize;
    const int64_t step = w->dim >= last ? 0 : base->stride[last] * itemsize;
    const int64_t *const index = w->index + number * length;
    char *const line = w->line + number * length * itemsize;
    if (w->scatter != NULL)
        w->scatter->scatterAdd(start, index, line, length, stride, step);
    else
        w->gather->gather(line, start, index, length, stride, step);
}

static void walk_lines(int64_t begin, int64_t end, int thread, void *context)
{
    const Lines *const w = context;
    const int64_t length = w->shape->ndim == 0 ? 1 : w->shape->size[w->shape->ndim - 1];
    (void)thread;
    for (int64_t k = begin * w->per_item; k < end * w->per_item; k++) walk_line(w, k, length);
}

/* The index may be smaller than base, but for dim. */
static THStatus check_shapes(const char *op, const THTensor *base, int dim, const THTensor *index)
{
    bool fits = index->ndim == base->ndim;
    char have[128], want[128];
    for (int d = 0; fits && d < base->ndim; d++) fits = d == dim || index->size[d] <= base->size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[%s] index of size %s, expected at most %s but for dimension %d", op,
               THTensor_describeSize(index->ndim, index->size, have, sizeof(have)),
               THTensor_describeSize(base->ndim, base->size, want, sizeof(want)), dim);
    return TH_OK;
}

static THStatus gather_into(THTensor *r, const THTensor *a, int dim, const THIndexArgument *places)
{
    const int last = r->ndim - 1;
    Lines w = {.base = a, .shape = places->owner, .dim = dim, .index = places->data, .per_item = 1};
    w.line = THTensor_dataBytes(r);
    w.gather = TH_PICK(THSelect_tables, THSelect_dtypeOfSize(THDtype_size((THDtype)a->dtype)));
    if (r->numel == 0) return TH_OK;
    const int64_t length = last < 0 ? 1 : r->size[last];
    THThreads_for(r->numel / length, TH_GRAIN / length + 1, walk_lines, &w);
    return TH_OK;
}

THStatus THTensor_gather(THTensor *r, const THTensor *a, int dim, const THTensor *index)
{
    THIndexArgument places;
    if (a->dtype == THDtype_None) return THOps_unsupported("gather", THDtype_None);
    TH_TRY(THTensor_wrapDim(a, dim, "gather", &dim));
    TH_TRY(check_shapes("gather", a, dim, index));
    TH_FAIL_IF(r == a || r == index, TH_ERR_VALUE, "[gather] the output is an input, expected another tensor");
    TH_TRY(THIndexArgument_of(&places, "gather", index, a->ndim == 0 ? 1 : a->size[dim], false));
    THStatus status = THTensor_output(r, "gather", (THDtype)a->dtype, index->ndim, index->size);
    if (status == TH_OK) {
        const bool direct = THTensor_isContiguous(r) && !THTensor_mayOverlap(r, a) && !THTensor_mayOverlap(r, places.owner);
        THTensor *const target = direct ? r : THTensor_newWithSize((THDtype)a->dtype, index->ndim, index->size);
        status = target == NULL ? THStatus_last() : gather_into(target, a, dim, &places);
        if (status == TH_OK && !direct) status = THTensor_copy(r, target);
        if (!direct) THTensor_free(target);
    }
    THTensor_free(places.owner);
    return status;
}

static THStatus scatter_into(THTensor *self, int dim, const THIndexArgument *places, const THTensor *source,
                             const THIndex *table)
{
    THTensor *const dense = THTensor_newContiguous((THTensor *)source);
    if (dense == NULL) return THStatus_last();
    Lines w = {.base = self, .shape = places->owner, .dim = dim, .index = places->data, .scatter = table};
    w.line = THTensor_dataBytes(dense);
    const int64_t length = dense->ndim == 0 ? 1 : dense->size[dense->ndim - 1];
    /* Lines with different places in the first dimension never meet, unless that is the one which is scattered. */
    const int64_t items = dim == 0 || dense->ndim < 2 ? 1 : dense->size[0];
    w.per_item = dense->numel / length / items;
    THThreads_for(items, TH_GRAIN / (w.per_item * length) + 1, walk_lines, &w);
    THTensor_free(dense);
    return TH_OK;
}

THStatus THTensor_scatterAdd(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    THIndexArgument places;
    char have[128], want[128];
    TH_TRY(THOps_sameDtype("scatterAdd", self, source));
    TH_OPS_TABLE(THIndex, table, "scatterAdd", (THDtype)self->dtype);
    TH_TRY(THTensor_wrapDim(self, dim, "scatterAdd", &dim));
    TH_TRY(check_shapes("scatterAdd", self, dim, index));
    TH_FAIL_IF(!THOps_sameSize(index, source), TH_ERR_SHAPE, "[scatterAdd] source of size %s, expected the index's %s",
               THTensor_describeSize(source->ndim, source->size, have, sizeof(have)),
               THTensor_describeSize(index->ndim, index->size, want, sizeof(want)));
    TH_TRY(THIndexArgument_of(&places, "scatterAdd", index, self->ndim == 0 ? 1 : self->size[dim], false));
    THStatus status = THIndexArgument_write("scatterAdd", self);
    if (status == TH_OK && source->numel > 0) {
        const bool direct = !THTensor_mayOverlap(self, source) && !THTensor_mayOverlap(self, places.owner);
        THTensor *const target = direct ? self : THTensor_newClone(self);
        status = target == NULL ? THStatus_last() : scatter_into(target, dim, &places, source, table);
        if (status == TH_OK && !direct) status = THTensor_copy(self, target);
        if (!direct) THTensor_free(target);
    }
    THTensor_free(places.owner);
    return status;
}
