/* Slices by number: selecting, adding, copying, joining. */
#include "TH/THArgument.h"
#include "TH/THTensorIndex.h"

#include "TH/THTensorFill.h"
#include "TH/THThreads.h"
#include "iter/THMove.h"
#include "kernels/THIndex.h"
#include "kernels/THPointwise.h"
#include "kernels/THSelect.h"
#include "ops/THIndexArgument.h"
#include "ops/THLines.h"
#include "ops/THOps.h"

#define GRAIN_BYTES (4 * TH_GRAIN)
#define ROW_BYTES 2048 /* of a row that threads share, at least for each: for shorter pieces calls take longer than additions */

/* A tensor as outer x n x inner, where `inner` is one dense run of bytes: what lies behind dim. Strides in bytes. */
typedef struct Slices {
    char *data;
    int64_t outer, outer_stride;
    int64_t n, stride;
    int64_t inner;
} Slices;

/* False if the strides do not allow it; always possible for a contiguous tensor. */
static bool slices_of(Slices *self, const THTensor *a, int dim)
{
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)a->dtype);
    int64_t dense = 1;
    self->data = THTensor_dataBytes(a);
    self->n = a->ndim == 0 ? 1 : a->size[dim];
    self->stride = a->ndim == 0 ? itemsize : a->stride[dim] * itemsize;
    for (int d = a->ndim - 1; d > dim; d--) {
        if (a->size[d] != 1 && a->stride[d] != dense) return false;
        dense *= a->size[d];
    }
    self->inner = dense * itemsize;
    self->outer = 1;
    self->outer_stride = 0;
    for (int d = dim - 1; d >= 0; d--) {
        if (a->size[d] == 1) continue;
        if (self->outer > 1 && a->stride[d] * itemsize != self->outer * self->outer_stride) return false;
        if (self->outer == 1) self->outer_stride = a->stride[d] * itemsize;
        self->outer *= a->size[d];
    }
    return true;
}

/* The same, of a contiguous copy if need be; *owner is to be freed. */
static THStatus readable_slices(Slices *self, const THTensor *a, int dim, THTensor **owner)
{
    const bool direct = slices_of(self, a, dim);
    if (direct) THTensor_retain((THTensor *)a);
    *owner = direct ? (THTensor *)a : THTensor_newClone(a);
    if (*owner == NULL) return THStatus_last();
    slices_of(self, *owner, dim);
    return TH_OK;
}

static THStatus check_index_shape(const char *op, const THTensor *index)
{
    TH_FAIL_IF(index->ndim > 1, TH_ERR_SHAPE, "[%s] index has %d dimensions, expected 1", op, index->ndim);
    return TH_OK;
}

/* --- indexSelect -----------------------------------------------------------------------------------------------------------
 * */

typedef struct Selection {
    Slices from;
    char *to; /* contiguous: outer x n x inner */
    const int64_t *index;
    int64_t n, itemsize;
    const THSelect *table;
} Selection;

static void select_slices(int64_t begin, int64_t end, int thread, void *context)
{
    const Selection *const s = context;
    (void)thread;
    while (begin < end) {
        const int64_t outer = begin / s->n, first = begin % s->n;
        const int64_t count = s->n - first < end - begin ? s->n - first : end - begin;
        const char *const from = s->from.data + outer * s->from.outer_stride;
        char *to = s->to + begin * s->from.inner;
        if (s->from.inner == s->itemsize) {
            s->table->gather(to, from, s->index + first, count, s->from.stride, 0);
        } else {
            for (int64_t k = first; k < first + count; k++, to += s->from.inner)
                memcpy(to, from + s->index[k] * s->from.stride, (size_t)s->from.inner);
        }
        begin += count;
    }
}

static THStatus select_into(THTensor *r, const THTensor *a, int dim, const THIndexArgument *index)
{
    THTensor *owner;
    Selection s = {.index = index->data, .n = index->n, .itemsize = (int64_t)THDtype_size((THDtype)a->dtype)};
    s.table = THSelect_of((THDtype)a->dtype);
    TH_TRY(readable_slices(&s.from, a, dim, &owner));
    s.to = THTensor_dataBytes(r);
    if (r->numel > 0) THThreads_for(s.from.outer * s.n, GRAIN_BYTES / s.from.inner + 1, select_slices, &s);
    THTensor_free(owner);
    return TH_OK;
}

THStatus THTensor_indexSelect(THTensor *r, const THTensor *a, int dim, const THTensor *index)
{
    TH_GIVEN("indexSelect", r, a, index);
    int64_t size[TH_MAX_DIMS];
    THIndexArgument places;
    if (a->dtype == THDtype_None) return THOps_unsupported("indexSelect", THDtype_None);
    TH_TRY(THTensor_wrapDim(a, dim, "indexSelect", &dim));
    TH_TRY(check_index_shape("indexSelect", index));
    TH_FAIL_IF(r == a || r == index, TH_ERR_VALUE, "[indexSelect] the output is an input, expected another tensor");
    TH_FAIL_IF(a->ndim == 0 && index->numel != 1, TH_ERR_SHAPE, "[indexSelect] %lld indices into a scalar, expected 1",
               (long long)index->numel);
    TH_TRY(THIndexArgument_of(&places, "indexSelect", index, a->ndim == 0 ? 1 : a->size[dim], true));
    thLines_size(a, dim, places.n, size);
    THStatus status = THTensor_output(r, "indexSelect", (THDtype)a->dtype, a->ndim, size);
    if (status == TH_OK) {
        const bool direct = THTensor_isContiguous(r) && !THTensor_mayOverlap(r, a) && !THTensor_mayOverlap(r, places.owner);
        THTensor *const target = direct ? r : THTensor_newWithSize((THDtype)a->dtype, a->ndim, size);
        status = target == NULL ? THStatus_last() : select_into(target, a, dim, &places);
        if (status == TH_OK && !direct) status = THTensor_copy(r, target);
        if (!direct) THTensor_free(target);
    }
    THTensor_free(places.owner);
    return status;
}

/* --- indexAdd, indexCopy, indexFill --------------------------------------------------------------------------------------- */

/* Slice k of source goes to slice index[k], for k in order; the threads share the outer slices, or the bytes of the slices, so
 * the order of additions to one element never changes. */
typedef struct Placement {
    Slices to, from;
    const int64_t *index;
    int64_t n, itemsize;
    THLoop add, fill; /* NULL both: copy */
    const THIndex *sums;
    const THSelect *moves;
    int64_t element; /* the bytes of one element, for fill */
} Placement;

static void place_bytes(const Placement *p, int64_t outer, int64_t begin, int64_t bytes)
{
    char *const to = p->to.data + outer * p->to.outer_stride + begin;
    const char *const from = p->fill != NULL ? NULL : p->from.data + outer * p->from.outer_stride + begin;
    const int64_t strides[] = {p->itemsize, p->itemsize, p->itemsize};
    for (int64_t k = 0; k < p->n; k++) {
        char *target = to + p->index[k] * p->to.stride;
        const char *const source = p->fill != NULL ? NULL : from + k * p->from.stride;
        if (p->fill != NULL) {
            p->fill(&target, strides, bytes / p->itemsize, &p->element);
        } else if (p->add == NULL) {
            memcpy(target, source, (size_t)bytes);
        } else {
            char *const data[] = {target, target, (char *)source};
            p->add(data, strides, bytes / p->itemsize, NULL);
        }
    }
}

static void place_outer(int64_t begin, int64_t end, int thread, void *context)
{
    const Placement *const p = context;
    /* Element by element. */
    const bool alone = p->to.inner == p->itemsize && (p->fill != NULL || p->from.stride == p->itemsize);
    (void)thread;
    for (int64_t o = begin; o < end; o++) {
        char *const to = p->to.data + o * p->to.outer_stride;
        const char *const from = p->fill != NULL ? (const char *)&p->element : p->from.data + o * p->from.outer_stride;
        if (!alone)
            place_bytes(p, o, 0, p->to.inner);
        else if (p->add != NULL)
            p->sums->scatterAdd(to, p->index, from, p->n, p->to.stride, 0);
        else
            (p->fill != NULL ? p->moves->scatterFill : p->moves->scatter)(to, p->index, from, p->n, p->to.stride, 0);
    }
}

static void place_inner(int64_t begin, int64_t end, int thread, void *context)
{
    const Placement *const p = context;
    (void)thread;
    place_bytes(p, 0, begin * p->itemsize, (end - begin) * p->itemsize);
}

static void place_all(Placement *p)
{
    const int64_t bytes = p->n * p->to.inner;
    if (p->n == 0 || p->to.inner == 0) return;
    if (p->to.outer > 1)
        THThreads_for(p->to.outer, GRAIN_BYTES / bytes + 1, place_outer, p);
    else if (p->to.inner == p->itemsize)
        place_outer(0, 1, 0, p);
    else {
        const int64_t grain = GRAIN_BYTES / (p->n * p->itemsize) + 1, least = ROW_BYTES / p->itemsize;
        THThreads_for(p->to.inner / p->itemsize, grain > least ? grain : least, place_inner, p);
    }
}

static THStatus check_source(const char *op, const THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    int64_t size[TH_MAX_DIMS];
    char have[128], want[128];
    TH_TRY(THOps_sameDtype(op, self, source));
    TH_TRY(check_index_shape(op, index));
    thLines_size(self, dim, index->numel, size);
    bool fits = self->ndim == source->ndim && (self->ndim > 0 || index->numel == 1);
    for (int d = 0; fits && d < self->ndim; d++) fits = source->size[d] == size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[%s] source of size %s, expected %s", op,
               THTensor_describeSize(source->ndim, source->size, have, sizeof(have)),
               THTensor_describeSize(self->ndim, size, want, sizeof(want)));
    return TH_OK;
}

/* Into self itself if its slices are dense and nothing overlaps, else into a copy that is written back. source NULL: fill. */
static THStatus place_slices(Placement *p, THTensor *self, int dim, const THIndexArgument *index, const THTensor *source)
{
    THTensor *owner = NULL;
    if (source != NULL) TH_TRY(readable_slices(&p->from, source, dim, &owner));
    const bool apart = (source == NULL || !THTensor_mayOverlap(self, source)) && !THTensor_mayOverlap(self, index->owner);
    const bool direct = slices_of(&p->to, self, dim) && apart;
    THTensor *const target = direct ? self : THTensor_newClone(self);
    THStatus status = target == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        slices_of(&p->to, target, dim);
        place_all(p);
        if (!direct) status = THTensor_copy(self, target);
    }
    if (!direct) THTensor_free(target);
    THTensor_free(owner);
    return status;
}

static THStatus place(const char *op, Placement *p, THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    THIndexArgument places;
    TH_TRY(THTensor_wrapDim(self, dim, op, &dim));
    if (source != NULL)
        TH_TRY(check_source(op, self, dim, index, source));
    else
        TH_TRY(check_index_shape(op, index));
    TH_TRY(THIndexArgument_of(&places, op, index, self->ndim == 0 ? 1 : self->size[dim], true));
    THStatus status = THIndexArgument_write(op, self);
    p->index = places.data;
    p->n = places.n;
    p->itemsize = (int64_t)THDtype_size((THDtype)self->dtype);
    p->moves = THSelect_of((THDtype)self->dtype);
    if (status == TH_OK && self->numel > 0 && places.n > 0) status = place_slices(p, self, dim, &places, source);
    THTensor_free(places.owner);
    return status;
}

THStatus THTensor_indexAdd(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("indexAdd", self, index, source);
    TH_TRY(THOps_sameDtype("indexAdd", self, source));
    if (self->dtype == THDtype_Half) return THIndexArgument_addHalves(THTensor_indexAdd, self, dim, index, source);
    TH_OPS_TABLE(THPointwise, arithmetic, "indexAdd", (THDtype)self->dtype);
    TH_OPS_TABLE(THIndex, sums, "indexAdd", (THDtype)self->dtype);
    Placement p = {.add = arithmetic->add, .sums = sums};
    return place("indexAdd", &p, self, dim, index, source);
}

THStatus THTensor_indexCopy(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("indexCopy", self, index, source);
    if (self->dtype == THDtype_None) return THOps_unsupported("indexCopy", THDtype_None);
    Placement p = {.add = NULL};
    return place("indexCopy", &p, self, dim, index, source);
}

THStatus THTensor_indexFill(THTensor *self, int dim, const THTensor *index, THScalar value)
{
    TH_GIVEN("indexFill", self, index);
    if (self->dtype == THDtype_None) return THOps_unsupported("indexFill", THDtype_None);
    TH_TRY(THScalar_check(value, (THDtype)self->dtype, "indexFill", "value"));
    Placement p = {.fill = thMove_fillLoop((int64_t)THDtype_size((THDtype)self->dtype))};
    THScalar_store(value, (THDtype)self->dtype, &p.element);
    return place("indexFill", &p, self, dim, index, NULL);
}
