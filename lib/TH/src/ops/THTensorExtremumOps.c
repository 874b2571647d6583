/* Maxima and minima, and where they are. */
#include <stdlib.h>

#include "TH/THArgument.h"
#include "TH/THTensorReduce.h"

#include "TH/THTensorFill.h"
#include "TH/THThreads.h"
#include "iter/THIterReduce.h"
#include "kernels/THReduce.h"
#include "ops/THOps.h"
#include "ops/THReduceOutput.h"

#define CHUNK 65536   /* elements that one kernel call looks at */
#define LEAST_ROW 5   /* elements; of shorter ones many are better taken by columns */
#define FEW_CHUNKS 64 /* whose results are kept on the stack */

/* One direction's kernels. */
typedef struct Extremum {
    const char *op;
    THDtype dtype;
    THRun best; /* the value alone, which is faster */
    void (*find)(const char *a, int64_t stride, int64_t n, char *out, int64_t *index);
    THColumnsIndex columns;
    THRowsIndex rows; /* may be NULL */
} Extremum;

static Extremum greatest(const char *op, const THReduce *table, THDtype dtype)
{
    return (Extremum){.op = op,
                      .dtype = dtype,
                      .best = table->max,
                      .find = table->argmax,
                      .columns = table->argmaxColumns,
                      .rows = table->argmaxRows};
}

static Extremum least(const char *op, const THReduce *table, THDtype dtype)
{
    return (Extremum){.op = op,
                      .dtype = dtype,
                      .best = table->min,
                      .find = table->argmin,
                      .columns = table->argminColumns,
                      .rows = table->argminRows};
}

/* --- all elements -------------------------------------------------------------------------------------------------------- */

typedef struct Chunks {
    const Extremum *extremum;
    const THFlat *flat;
    char *values;
    int64_t *places; /* within the chunk; NULL: not asked for */
} Chunks;

static void find_in_chunks(int64_t begin, int64_t end, int thread, void *context)
{
    const Chunks *const c = context;
    const int64_t size = (int64_t)THDtype_size(c->extremum->dtype);
    (void)thread;
    for (int64_t k = begin; k < end; k++) {
        const int64_t first = k * CHUNK;
        const int64_t count = c->flat->n - first < CHUNK ? c->flat->n - first : CHUNK;
        const char *const data = c->flat->data + first * c->flat->stride;
        if (c->places == NULL)
            c->extremum->best(data, c->flat->stride, count, NULL, c->values + k * size);
        else
            c->extremum->find(data, c->flat->stride, count, c->values + k * size, &c->places[k]);
    }
}

/* The winning element's value (at `value`, any dtype) and place in the run; `place` may be NULL. */
static THStatus find_in_flat(const Extremum *e, const THFlat *flat, char *value, int64_t *place)
{
    const int64_t size = (int64_t)THDtype_size(e->dtype), count = (flat->n + CHUNK - 1) / CHUNK;
    if (count <= 1) {
        if (place == NULL)
            e->best(flat->data, flat->stride, flat->n, NULL, value);
        else
            e->find(flat->data, flat->stride, flat->n, value, place);
        return TH_OK;
    }
    int64_t few[2 * FEW_CHUNKS]; /* room for values of any dtype, and places */
    int64_t *const room = count <= FEW_CHUNKS ? few : malloc((size_t)(2 * count) * sizeof(*room));
    TH_FAIL_IF(room == NULL, TH_ERR_MEMORY, "[%s] %lld bytes, no memory", e->op, (long long)(2 * count) * 8);
    Chunks chunks = {.extremum = e, .flat = flat, .values = (char *)room, .places = place == NULL ? NULL : room + count};
    THThreads_for(count, 1, find_in_chunks, &chunks);
    int64_t winner;
    e->find(chunks.values, size, count, value, &winner);
    if (place != NULL) *place = winner * CHUNK + chunks.places[winner];
    if (count > FEW_CHUNKS) free(room);
    return TH_OK;
}

static THStatus extremum_all(const Extremum *e, THTensor *r, const THTensor *a, bool want_place)
{
    THFlat flat;
    int64_t value = 0, place = 0;
    TH_FAIL_IF(a->numel == 0, TH_ERR_SHAPE, "[%s] a tensor without elements, expected at least one", e->op);
    TH_TRY(THReduceOutput_all(e->op, r, a, want_place ? THDtype_Long : e->dtype));
    TH_TRY(thFlat_of(&flat, a, want_place));
    const THStatus status = find_in_flat(e, &flat, (char *)&value, want_place ? &place : NULL);
    THTensor_free(flat.owner);
    TH_TRY(status);
    memcpy(THTensor_dataBytes(r), want_place ? &place : &value, THDtype_size((THDtype)r->dtype));
    return TH_OK;
}

/* Of halves the float copy is searched: it has the same order and exactly the same values. */
static THStatus all_of_halves(const char *op, THStatus (*search)(THTensor *r, const THTensor *a), THTensor *r,
                              const THTensor *a, bool want_place)
{
    THTensor *const wide = THTensor_newConvert(a, THDtype_Float), *const value = want_place ? NULL : THTensor_new();
    THStatus status = wide == NULL || (!want_place && value == NULL) ? THStatus_last() : search(want_place ? r : value, wide);
    if (status == TH_OK && !want_place) status = THTensor_output(r, op, THDtype_Half, 0, NULL);
    if (status == TH_OK && !want_place) status = THTensor_copy(r, value);
    THTensor_free(wide);
    THTensor_free(value);
    return status;
}

#define EXTREMUM_ALL(name, op, direction, want_place)                                                                          \
    THStatus THTensor_##name(THTensor *r, const THTensor *a)                                                                   \
    {                                                                                                                          \
        TH_GIVEN(op, r, a);                                                                                                    \
        if (a->dtype == THDtype_Half) return all_of_halves(op, THTensor_##name, r, a, want_place);                             \
        TH_OPS_TABLE(THReduce, table, op, (THDtype)a->dtype);                                                                  \
        const Extremum e = direction(op, table, (THDtype)a->dtype);                                                            \
        return extremum_all(&e, r, a, want_place);                                                                             \
    }

EXTREMUM_ALL(maxall, "max", greatest, false)
EXTREMUM_ALL(minall, "min", least, false)
EXTREMUM_ALL(argmaxall, "argmax", greatest, true)
EXTREMUM_ALL(argminall, "argmin", least, true)

/* --- one dimension ------------------------------------------------------------------------------------------------------- */

/* out: values, indices. */
static void extremum_piece(const THIterReduce *plan, const char *a, char *const out[], int64_t columns, const void *args)
{
    const Extremum *const e = args;
    const int last = plan->ndim - 1;
    const int64_t a_step = plan->a_stride[last];
    const int64_t value_step = plan->out_stride[0][last], index_step = plan->out_stride[1][last];
    const bool few = plan->by_columns && plan->n < LEAST_ROW;
    if (e->rows != NULL && !few && plan->n > 1 && plan->stride == (int64_t)THDtype_size(e->dtype)) {
        e->rows(a, a_step, columns, plan->n, out[0], value_step, out[1], index_step);
        return;
    }
    if (plan->by_columns) {
        e->columns(a, plan->stride, plan->n, a_step, columns, out[0], value_step, out[1], index_step);
        return;
    }
    for (int64_t j = 0; j < columns; j++)
        e->find(a + j * a_step, plan->stride, plan->n, out[0] + j * value_step, (int64_t *)(out[1] + j * index_step));
}

static THStatus extremum_dim(const Extremum *e, THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    THIterReduce plan;
    THTensor *const outputs[] = {values, indices};
    const THDtype dtypes[] = {e->dtype, THDtype_Long};
    TH_TRY(THTensor_wrapDim(a, dim, e->op, &dim));
    TH_FAIL_IF(a->ndim > 0 && a->size[dim] == 0, TH_ERR_SHAPE, "[%s] dimension %d of size 0, expected at least one element",
               e->op, dim);
    TH_FAIL_IF(values == indices, TH_ERR_VALUE, "[%s] values and indices are one tensor, expected two", e->op);
    TH_TRY(THReduceOutput_dim(e->op, 2, outputs, dtypes, a, &dim, keepdim));
    if (values->numel == 0) return TH_OK;
    thIterReduce_plan(&plan, a, dim, 2, outputs);
    if (plan.outputs == 1) {
        const THFlat flat = {.data = plan.a, .n = plan.n, .stride = plan.stride};
        return find_in_flat(e, &flat, plan.out[0], (int64_t *)plan.out[1]);
    }
    thIterReduce_run(&plan, extremum_piece, e);
    return TH_OK;
}

static THStatus dim_of_halves(const char *op,
                              THStatus (*search)(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim),
                              THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    TH_FAIL_IF(values->storage != NULL && values->dtype != THDtype_Half, TH_ERR_DTYPE, "[%s] values are %s, expected Half", op,
               THDtype_name((THDtype)values->dtype));
    TH_FAIL_IF(values == indices, TH_ERR_VALUE, "[%s] values and indices are one tensor, expected two", op);
    THTensor *const wide = THTensor_newConvert(a, THDtype_Float), *const found = THTensor_new();
    THStatus status = wide == NULL || found == NULL ? THStatus_last() : search(found, indices, wide, dim, keepdim);
    if (status == TH_OK) status = THTensor_output(values, op, THDtype_Half, found->ndim, found->size);
    if (status == TH_OK) status = THTensor_copy(values, found);
    THTensor_free(wide);
    THTensor_free(found);
    return status;
}

#define EXTREMUM_DIM(name, direction)                                                                                          \
    THStatus THTensor_##name(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)                     \
    {                                                                                                                          \
        TH_GIVEN(#name, values, indices, a);                                                                                   \
        if (a->dtype == THDtype_Half) return dim_of_halves(#name, THTensor_##name, values, indices, a, dim, keepdim);          \
        TH_OPS_TABLE(THReduce, table, #name, (THDtype)a->dtype);                                                               \
        const Extremum e = direction(#name, table, (THDtype)a->dtype);                                                         \
        return extremum_dim(&e, values, indices, a, dim, keepdim);                                                             \
    }

EXTREMUM_DIM(max, greatest)
EXTREMUM_DIM(min, least)

/* The values are computed as well (they cost nothing beside the search) and given back. */
#define ARG_EXTREMUM_DIM(name, direction)                                                                                      \
    THStatus THTensor_##name(THTensor *r, const THTensor *a, int dim, int keepdim)                                             \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        const bool halves = a->dtype == THDtype_Half;                                                                          \
        TH_OPS_COMPUTE(THReduce, table, #name, (THDtype)a->dtype);                                                             \
        const Extremum e = direction(#name, table, THHalfLoop_computes((THDtype)a->dtype));                                    \
        THTensor *const wide = halves ? THTensor_newConvert(a, THDtype_Float) : NULL;                                          \
        if (halves && wide == NULL) return THStatus_last();                                                                    \
        THTensor *const values = THTensor_new();                                                                               \
        if (values == NULL) {                                                                                                  \
            THTensor_free(wide);                                                                                               \
            return THStatus_last();                                                                                            \
        }                                                                                                                      \
        const THStatus status = extremum_dim(&e, values, r, halves ? wide : a, dim, keepdim);                                  \
        THTensor_free(wide);                                                                                                   \
        THTensor_free(values);                                                                                                 \
        return status;                                                                                                         \
    }

ARG_EXTREMUM_DIM(argmax, greatest)
ARG_EXTREMUM_DIM(argmin, least)
