/* Single elements by number along one dimension. */
#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "TH/THThreads.h"
#include "kernels/THIndex.h"
#include "kernels/THSelect.h"
#include "ops/THIndexArgument.h"
#include "ops/THOps.h"

typedef struct Lines Lines;

/* One line: `start` is where index 0 of base's dimension lies for its first element; stride and step in bytes. */
typedef void (*LineBody)(const Lines *w, char *start, const int64_t *index, char *line, int64_t n, int64_t stride,
                         int64_t step);

/* Lines of the index along its last dimension; `base` (a or self) is strided, `line` (r or source) is contiguous like the
 * index. */
struct Lines {
    LineBody body;
    const THTensor *base;
    const THTensor *shape; /* the index */
    int dim;
    const int64_t *index;
    char *line;       /* NULL: there is only the element below */
    int64_t per_item; /* lines that one unit of the parallel loop covers */
    const THSelect *moves;
    const THIndex *sums;
    int64_t element; /* the bytes of one element, for scatterFill */
};

static void gather_line(const Lines *w, char *start, const int64_t *index, char *line, int64_t n, int64_t stride, int64_t step)
{
    w->moves->gather(line, start, index, n, stride, step);
}

static void scatter_line(const Lines *w, char *start, const int64_t *index, char *line, int64_t n, int64_t stride, int64_t step)
{
    w->moves->scatter(start, index, line, n, stride, step);
}

static void scatter_fill_line(const Lines *w, char *start, const int64_t *index, char *line, int64_t n, int64_t stride,
                              int64_t step)
{
    (void)line;
    w->moves->scatterFill(start, index, (const char *)&w->element, n, stride, step);
}

static void scatter_add_line(const Lines *w, char *start, const int64_t *index, char *line, int64_t n, int64_t stride,
                             int64_t step)
{
    w->sums->scatterAdd(start, index, line, n, stride, step);
}

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
    char *const line = w->line == NULL ? NULL : w->line + number * length * itemsize;
    w->body(w, start, w->index + number * length, line, length, stride, step);
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
    Lines w = {.body = gather_line, .base = a, .shape = places->owner, .dim = dim, .index = places->data, .per_item = 1};
    w.line = THTensor_dataBytes(r);
    w.moves = THSelect_of((THDtype)a->dtype);
    if (r->numel == 0) return TH_OK;
    const int64_t length = last < 0 ? 1 : r->size[last];
    THThreads_for(r->numel / length, TH_GRAIN / length + 1, walk_lines, &w);
    return TH_OK;
}

THStatus THTensor_gather(THTensor *r, const THTensor *a, int dim, const THTensor *index)
{
    TH_GIVEN("gather", r, a, index);
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

/* --- scatter, scatterFill, scatterAdd ------------------------------------------------------------------------------------- */

/* Into self; `source`, contiguous and of the index's shape, is NULL for scatterFill. */
static void scatter_into(Lines *w, THTensor *self, const THTensor *source)
{
    const THTensor *const shape = w->shape;
    const int64_t length = shape->ndim == 0 ? 1 : shape->size[shape->ndim - 1];
    w->base = self;
    w->line = source == NULL ? NULL : THTensor_dataBytes(source);
    /* Lines with different places in the first dimension never meet, unless that is the one which is scattered. */
    const int64_t items = w->dim == 0 || shape->ndim < 2 ? 1 : shape->size[0];
    w->per_item = shape->numel / length / items;
    THThreads_for(items, TH_GRAIN / (w->per_item * length) + 1, walk_lines, w);
}

/* Source's elements of the index's shape, contiguous: it may be larger than the index. */
static THStatus dense_source(const THTensor *source, const THTensor *index, THTensor **dense)
{
    *dense = THTensor_newWithTensor(source);
    for (int d = 0; *dense != NULL && d < index->ndim; d++) {
        THTensor *const narrow = THTensor_newNarrow(*dense, d, 0, index->size[d]);
        THTensor_free(*dense);
        *dense = narrow;
    }
    if (*dense == NULL) return THStatus_last();
    THTensor *const contiguous = THTensor_newContiguous(*dense);
    THTensor_free(*dense);
    *dense = contiguous;
    return contiguous == NULL ? THStatus_last() : TH_OK;
}

static THStatus check_source(const char *op, const THTensor *self, const THTensor *index, const THTensor *source)
{
    char have[128], want[128];
    TH_TRY(THOps_sameDtype(op, self, source));
    bool fits = index->ndim == source->ndim;
    for (int d = 0; fits && d < index->ndim; d++) fits = index->size[d] <= source->size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[%s] source of size %s, expected at least the index's %s", op,
               THTensor_describeSize(source->ndim, source->size, have, sizeof(have)),
               THTensor_describeSize(index->ndim, index->size, want, sizeof(want)));
    return TH_OK;
}

/* Into self itself if nothing overlaps, else into a copy that is written back. */
static THStatus scatter_apart(Lines *w, THTensor *self, const THTensor *index, const THTensor *source)
{
    THTensor *dense = NULL;
    if (source != NULL) TH_TRY(dense_source(source, index, &dense));
    const bool direct = (source == NULL || !THTensor_mayOverlap(self, source)) && !THTensor_mayOverlap(self, w->shape);
    THTensor *const target = direct ? self : THTensor_newClone(self);
    THStatus status = target == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) scatter_into(w, target, dense);
    if (status == TH_OK && !direct) status = THTensor_copy(self, target);
    if (!direct) THTensor_free(target);
    THTensor_free(dense);
    return status;
}

/* w: body, tables, element. source NULL: scatterFill. */
static THStatus scatter(const char *op, Lines *w, THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    THIndexArgument places;
    TH_TRY(THTensor_wrapDim(self, dim, op, &w->dim));
    TH_TRY(check_shapes(op, self, w->dim, index));
    if (source != NULL) TH_TRY(check_source(op, self, index, source));
    TH_TRY(THIndexArgument_of(&places, op, index, self->ndim == 0 ? 1 : self->size[w->dim], false));
    THStatus status = THIndexArgument_write(op, self);
    w->shape = places.owner;
    w->index = places.data;
    if (status == TH_OK && index->numel > 0) status = scatter_apart(w, self, index, source);
    THTensor_free(places.owner);
    return status;
}

THStatus THTensor_scatter(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("scatter", self, index, source);
    if (self->dtype == THDtype_None) return THOps_unsupported("scatter", THDtype_None);
    Lines w = {.body = scatter_line, .moves = THSelect_of((THDtype)self->dtype)};
    return scatter("scatter", &w, self, dim, index, source);
}

THStatus THTensor_scatterFill(THTensor *self, int dim, const THTensor *index, THScalar value)
{
    TH_GIVEN("scatterFill", self, index);
    if (self->dtype == THDtype_None) return THOps_unsupported("scatterFill", THDtype_None);
    TH_TRY(THScalar_check(value, (THDtype)self->dtype, "scatterFill", "value"));
    Lines w = {.body = scatter_fill_line, .moves = THSelect_of((THDtype)self->dtype)};
    THScalar_store(value, (THDtype)self->dtype, &w.element);
    return scatter("scatterFill", &w, self, dim, index, NULL);
}

THStatus THTensor_scatterAdd(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("scatterAdd", self, index, source);
    TH_TRY(THOps_sameDtype("scatterAdd", self, source));
    if (self->dtype == THDtype_Half) return THIndexArgument_addHalves(THTensor_scatterAdd, self, dim, index, source);
    TH_OPS_TABLE(THIndex, table, "scatterAdd", (THDtype)self->dtype);
    Lines w = {.body = scatter_add_line, .sums = table};
    return scatter("scatterAdd", &w, self, dim, index, source);
}
