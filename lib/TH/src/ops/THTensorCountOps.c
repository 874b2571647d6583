/* Histograms. */
#include "TH/THArgument.h"
#include "TH/THTensorCount.h"

#include <math.h>

#include "TH/THTensorFill.h"
#include "TH/THTensorReduce.h"
#include "kernels/THCount.h"
#include "kernels/THIndex.h"
#include "ops/THIndexArgument.h"
#include "ops/THOps.h"

/* --- histc, bhistc -------------------------------------------------------------------------------------------------------- */

/* The least or greatest element. */
static THStatus extremum(THStatus (*find)(THTensor *, const THTensor *), const THTensor *a, THScalar *value)
{
    THTensor *const r = THTensor_new();
    THStatus status = r == NULL ? THStatus_last() : find(r, a);
    if (status == TH_OK) status = THTensor_item(r, value);
    THTensor_free(r);
    return status;
}

static THStatus find_limits(const char *op, const THTensor *a, int64_t bins, double *low, double *high)
{
    THScalar least, most;
    TH_FAIL_IF(isnan(*low) || isnan(*high) || *low > *high, TH_ERR_VALUE, "[%s] limits %g and %g, expected min <= max", op,
               *low, *high);
    if (*low == *high && a->numel > 0) {
        TH_TRY(extremum(THTensor_minall, a, &least));
        TH_TRY(extremum(THTensor_maxall, a, &most));
        *low = THScalar_toDouble(least);
        *high = THScalar_toDouble(most);
    }
    TH_FAIL_IF(!isfinite(*low) || !isfinite(*high), TH_ERR_VALUE, "[%s] range of [%g, %g], expected a finite one", op, *low,
               *high);
    if (*low == *high) {
        /* Beside a large number 1 is nothing: the edges of all bins have to differ. */
        const double step = fmax(1, fabs(*low) * 0x1p-52 * (double)bins);
        *low -= step;
        *high += step;
    }
    TH_FAIL_IF(!isfinite(*high - *low), TH_ERR_VALUE, "[%s] range of [%g, %g] is too wide", op, *low, *high);
    return TH_OK;
}

/* rows: how many histograms, of as many elements each. */
static THStatus histogram(const char *op, THTensor *r, const THTensor *a, int64_t bins, double low, double high, int64_t rows,
                          int ndim)
{
    TH_OPS_TABLE(THCount, table, op, (THDtype)a->dtype);
    if (table->histogram == NULL) return THOps_unsupported(op, (THDtype)a->dtype);
    TH_FAIL_IF(bins < 1, TH_ERR_VALUE, "[%s] bins, %lld: must be > 0", op, (long long)bins);
    TH_TRY(find_limits(op, a, bins, &low, &high));
    const int64_t size[] = {rows, bins};
    TH_TRY(THOps_outputApart(op, r, a, (THDtype)a->dtype, ndim, ndim == 2 ? size : size + 1));
    THTensor *const counts = THTensor_newWithSize(THDtype_Long, ndim, ndim == 2 ? size : size + 1);
    THTensor *const dense = THTensor_newContiguous((THTensor *)a);
    THStatus status = counts == NULL || dense == NULL ? THStatus_last() : THTensor_zero(counts);
    if (status == TH_OK) {
        const int64_t n = rows == 0 ? 0 : a->numel / rows, bytes = n * (int64_t)THDtype_size((THDtype)a->dtype);
        for (int64_t k = 0; k < rows; k++)
            table->histogram(THTensor_dataBytes(dense) + k * bytes, n, low, high, bins,
                             (int64_t *)THTensor_dataBytes(counts) + k * bins);
        status = THTensor_copy(r, counts);
    }
    THTensor_free(counts);
    THTensor_free(dense);
    return status;
}

THStatus THTensor_histc(THTensor *r, const THTensor *a, int64_t bins, double low, double high)
{
    TH_GIVEN("histc", r, a);
    return histogram("histc", r, a, bins, low, high, 1, 1);
}

THStatus THTensor_bhistc(THTensor *r, const THTensor *a, int64_t bins, double low, double high)
{
    TH_GIVEN("bhistc", r, a);
    TH_FAIL_IF(a->ndim != 1 && a->ndim != 2, TH_ERR_SHAPE, "[bhistc] a tensor of %d dimensions, expected 1 or 2", a->ndim);
    return histogram("bhistc", r, a, bins, low, high, a->ndim == 2 ? a->size[0] : 1, 2);
}

/* --- bincount ------------------------------------------------------------------------------------------------------------- */

/* One more than the greatest element, and at least min_length. */
static THStatus count_length(const THTensor *a, int64_t min_length, int64_t *length)
{
    THScalar least, most;
    *length = min_length;
    if (a->numel == 0) return TH_OK;
    TH_TRY(extremum(THTensor_minall, a, &least));
    TH_TRY(extremum(THTensor_maxall, a, &most));
    TH_FAIL_IF(least.value.i < 0, TH_ERR_VALUE, "[bincount] element %lld: elements must not be negative",
               (long long)least.value.i);
    TH_FAIL_IF(most.value.i >= INT64_MAX / 8, TH_ERR_VALUE, "[bincount] element %lld: too large for a result of that length",
               (long long)most.value.i);
    if (most.value.i >= *length) *length = most.value.i + 1;
    return TH_OK;
}

static THStatus check_counted(const THTensor *a, const THTensor *weights, int64_t min_length)
{
    TH_FAIL_IF(a->dtype == THDtype_None || THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[bincount] tensor is %s, expected integers",
               a->dtype == THDtype_None ? "without dtype" : THDtype_name((THDtype)a->dtype));
    TH_FAIL_IF(a->ndim != 1, TH_ERR_SHAPE, "[bincount] a tensor of %d dimensions, expected a vector", a->ndim);
    TH_FAIL_IF(min_length < 0, TH_ERR_VALUE, "[bincount] minlength, %lld: must not be negative", (long long)min_length);
    if (weights == NULL) return TH_OK;
    TH_FAIL_IF(weights->dtype != THDtype_Float && weights->dtype != THDtype_Double, TH_ERR_DTYPE,
               "[bincount] weights are %s, expected Float or Double", THDtype_name((THDtype)weights->dtype));
    TH_FAIL_IF(!THOps_sameSize(a, weights), TH_ERR_SHAPE, "[bincount] weights must have the tensor's size, %lld elements",
               (long long)a->numel);
    return TH_OK;
}

/* Into zeros. */
static THStatus count_into(THTensor *r, const THTensor *a, const THTensor *weights)
{
    if (weights == NULL) {
        const THCount *const table = TH_PICK(THCount_tables, (THDtype)a->dtype);
        THTensor *const dense = THTensor_newContiguous((THTensor *)a);
        if (dense == NULL) return THStatus_last();
        table->count(THTensor_dataBytes(dense), a->numel, (int64_t *)THTensor_dataBytes(r));
        THTensor_free(dense);
        return TH_OK;
    }
    const THIndex *const table = TH_PICK(THIndex_tables, (THDtype)weights->dtype);
    THTensor *const places = THTensor_newConvert(a, THDtype_Long);
    THTensor *const dense = THTensor_newContiguous((THTensor *)weights);
    const THStatus status = places == NULL || dense == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK)
        table->scatterAdd(THTensor_dataBytes(r), (const int64_t *)THTensor_dataBytes(places), THTensor_dataBytes(dense),
                          a->numel, (int64_t)THDtype_size((THDtype)r->dtype), 0);
    THTensor_free(places);
    THTensor_free(dense);
    return status;
}

THStatus THTensor_bincount(THTensor *r, const THTensor *a, const THTensor *weights, int64_t min_length)
{
    TH_GIVEN("bincount", r, a);
    int64_t length;
    TH_TRY(check_counted(a, weights, min_length));
    TH_TRY(count_length(a, min_length, &length));
    const THDtype dtype = weights == NULL ? THDtype_Long : (THDtype)weights->dtype;
    TH_TRY(THOps_outputApart("bincount", r, a, dtype, 1, &length));
    if (weights != NULL) TH_TRY(THOps_outputApart("bincount", r, weights, dtype, 1, &length));
    THTensor *const target = THTensor_isContiguous(r) ? r : THTensor_newWithSize(dtype, 1, &length);
    if (target == NULL) return THStatus_last();
    THStatus status = THTensor_zero(target);
    if (status == TH_OK && a->numel > 0) status = count_into(target, a, weights);
    if (target != r) {
        if (status == TH_OK) status = THTensor_copy(r, target);
        THTensor_free(target);
    }
    return status;
}
