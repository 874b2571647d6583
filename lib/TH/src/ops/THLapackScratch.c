#include "ops/THLapackScratch.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "TH/THTensorReduce.h"
#include "ops/THOps.h"

static THTensor *keep(THLapackScratch *s, THTensor *t)
{
    if (t == NULL)
        s->status = THStatus_last();
    else
        s->tensors[s->count++] = t;
    return t;
}

void thLapackScratch_fail(THLapackScratch *s, THStatus status)
{
    if (s->status == TH_OK) s->status = status;
}

static THStatus check_sizes(const char *op, const char *name, const THTensor *t, int ndim)
{
    TH_FAIL_IF(ndim >= 0 && t->ndim != ndim, TH_ERR_SHAPE, "[%s] %s should have %d dimensions, but has %d", op, name, ndim,
               t->ndim);
    for (int d = 0; d < t->ndim; d++)
        TH_FAIL_IF(t->size[d] > INT_MAX, TH_ERR_SHAPE, "[%s] %s's dimension %d, of size %lld: LAPACK counts up to %d", op, name,
                   d, (long long)t->size[d], INT_MAX);
    return TH_OK;
}

static THStatus find_library(THLapackScratch *s)
{
    if (s->dtype != THDtype_Float && s->dtype != THDtype_Double) return THOps_unsupported(s->op, s->dtype);
    s->library = thLapackLibrary_get(s->dtype);
    TH_FAIL_IF(s->library == NULL, TH_ERR_UNSUPPORTED,
               "[%s] no LAPACK library: TH was built with BLAS=none, or its library has no LAPACK; build with BLAS=openblas",
               s->op);
    return TH_OK;
}

void thLapackScratch_begin(THLapackScratch *s, const char *op, const THTensor *a, int ndim)
{
    *s = (THLapackScratch){.op = op, .dtype = (THDtype)a->dtype};
    s->status = find_library(s);
    if (s->status == TH_OK) s->status = check_sizes(op, "A", a, ndim);
}

void thLapackScratch_give(THLapackScratch *s, THTensor *r, THTensor *result)
{
    if (s->status != TH_OK) return;
    s->output[s->outputs] = r;
    s->result[s->outputs++] = result;
}

static THStatus check_outputs(const THLapackScratch *s)
{
    for (int i = 0; i < s->outputs; i++) {
        const THTensor *const result = s->result[i];
        TH_TRY(THOps_checkOutput(s->op, s->output[i], (THDtype)result->dtype, result->ndim, result->size));
        for (int k = 0; k < i; k++) TH_TRY(THOps_checkTwo(s->op, s->output[k], s->output[i]));
    }
    return TH_OK;
}

static THStatus deliver(const char *op, THTensor *r, THTensor *result)
{
    if (r->storage == NULL) return THTensor_set(r, result);
    TH_TRY(THTensor_output(r, op, (THDtype)result->dtype, result->ndim, result->size));
    return THTensor_copy(r, result);
}

THStatus thLapackScratch_end(THLapackScratch *s)
{
    if (s->status == TH_OK) s->status = check_outputs(s);
    for (int i = 0; i < s->outputs && s->status == TH_OK; i++) s->status = deliver(s->op, s->output[i], s->result[i]);
    while (s->count > 0) THTensor_free(s->tensors[--s->count]);
    return s->status;
}

void thLapackScratch_check(THLapackScratch *s, const char *name, const THTensor *t, int ndim)
{
    if (s->status != TH_OK) return;
    if ((THDtype)t->dtype != s->dtype)
        s->status = THStatus_fail(TH_ERR_DTYPE, "[%s] %s is %s, expected %s as A", s->op, name, THDtype_name((THDtype)t->dtype),
                                  THDtype_name(s->dtype));
    else
        s->status = check_sizes(s->op, name, t, ndim);
}

void thLapackScratch_result(THLapackScratch *s, const THTensor *r, THDtype dtype)
{
    if (s->status == TH_OK && r->storage != NULL && (THDtype)r->dtype != dtype)
        s->status = THStatus_fail(TH_ERR_DTYPE, "[%s] an output is %s, expected %s", s->op, THDtype_name((THDtype)r->dtype),
                                  THDtype_name(dtype));
}

void thLapackScratch_square(THLapackScratch *s, const THTensor *a)
{
    const int d = a->ndim - 2;
    if (s->status == TH_OK && a->size[d] != a->size[d + 1])
        s->status = THStatus_fail(TH_ERR_SHAPE, "[%s] A should be square, but is %lld x %lld", s->op, (long long)a->size[d],
                                  (long long)a->size[d + 1]);
}

void thLapackScratch_finite(THLapackScratch *s, const THTensor *a)
{
    if (s->status != TH_OK || a->numel == 0) return;
    THTensor *const extreme = keep(s, THTensor_new());
    /* nan is both the least and the greatest element. */
    for (int high = 0; high < 2 && s->status == TH_OK; high++) {
        THScalar value;
        s->status = high ? THTensor_maxall(extreme, a) : THTensor_minall(extreme, a);
        if (s->status == TH_OK) s->status = THTensor_item(extreme, &value);
        if (s->status == TH_OK && !isfinite(THScalar_toDouble(value)))
            s->status =
                THStatus_fail(TH_ERR_VALUE, "[%s] A, an element is %g: all must be finite", s->op, THScalar_toDouble(value));
    }
}

void thLapackScratch_info(THLapackScratch *s, int info, const char *found)
{
    if (s->status != TH_OK || info == 0) return;
    char text[256];
    if (info < 0)
        snprintf(text, sizeof(text), "illegal argument %d", -info);
    else
        snprintf(text, sizeof(text), found, info, info);
    s->status = THStatus_fail(TH_ERR_VALUE, "[%s] Lapack Error %s : %s", s->op, s->op, text);
}

THTensor *thLapackScratch_matrix(THLapackScratch *s, int64_t rows, int64_t columns)
{
    const int64_t size[] = {columns, rows};
    if (s->status != TH_OK) return NULL;
    THTensor *const rowwise = THTensor_newWithSize(s->dtype, 2, size);
    THTensor *const t = rowwise == NULL ? NULL : THTensor_newTranspose(rowwise, 0, 1);
    THTensor_free(rowwise);
    return keep(s, t);
}

THTensor *thLapackScratch_copy(THLapackScratch *s, const THTensor *a)
{
    THTensor *const t = thLapackScratch_matrix(s, a->ndim == 0 ? 1 : a->size[0], a->ndim < 2 ? 1 : a->size[1]);
    if (t == NULL) return NULL;
    THTensor *const column = a->ndim == 1 ? THTensor_newUnsqueeze(a, -1) : NULL;
    if (a->ndim == 1 && column == NULL)
        s->status = THStatus_last();
    else
        s->status = THTensor_copy(t, column == NULL ? a : column);
    THTensor_free(column);
    return s->status == TH_OK ? t : NULL;
}

THTensor *thLapackScratch_vector(THLapackScratch *s, THDtype dtype, int64_t size)
{
    if (size < 1) size = 1;
    return s->status == TH_OK ? keep(s, THTensor_newWithSize(dtype, 1, &size)) : NULL;
}
