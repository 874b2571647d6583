/* Sparse tensors in coordinate format: sums of what lies at one place, products with dense matrices. */
#include "TH/THArgument.h"
#include "TH/THTensorSparse.h"

#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "TH/THTensorOrder.h"
#include "TH/THTensorPointwise.h"
#include "ops/THIndexArgument.h"
#include "ops/THOps.h"

static THStatus check_range(const char *op, const THTensor *index, int64_t size)
{
    THIndexArgument found;
    TH_TRY(THIndexArgument_of(&found, op, index, size, false));
    THTensor_free(found.owner);
    return TH_OK;
}

THStatus THTensor_coalesce(THTensor *different, THTensor *sums, THTensor *inverse, const THTensor *places,
                           const THTensor *values, int64_t limit)
{
    TH_GIVEN("coalesce", different, sums, inverse, places, values);
    int64_t size[TH_MAX_DIMS];
    char have[128];
    if (values->dtype == THDtype_None) return THOps_unsupported("coalesce", THDtype_None);
    TH_FAIL_IF(places->ndim != 1, TH_ERR_SHAPE, "[coalesce] places has %d dimensions, expected 1", places->ndim);
    TH_FAIL_IF(values->ndim < 1 || values->size[0] != places->numel, TH_ERR_SHAPE,
               "[coalesce] values of size %s, expected %lld rows",
               THTensor_describeSize(values->ndim, values->size, have, sizeof have), (long long)places->numel);
    TH_TRY(check_range("coalesce", places, limit));
    TH_TRY(THOps_checkTwo("coalesce", sums, different));
    TH_TRY(THOps_checkTwo("coalesce", sums, inverse));
    TH_TRY(THTensor_unique(different, inverse, places));
    for (int d = 0; d < values->ndim; d++) size[d] = d == 0 ? different->numel : values->size[d];
    TH_TRY(THOps_outputApart("coalesce", sums, values, (THDtype)values->dtype, values->ndim, size));
    TH_TRY(THTensor_zero(sums));
    return THTensor_indexAdd(sums, 0, inverse, values);
}

static THStatus check_product(const THTensor *index, const THTensor *values, const THTensor *dense, int64_t rows)
{
    if (values->dtype == THDtype_None) return THOps_unsupported("spmm", THDtype_None);
    TH_TRY(THOps_sameDtype("spmm", values, dense));
    TH_FAIL_IF(index->ndim != 2 || index->size[0] != 2, TH_ERR_SHAPE, "[spmm] index has %d dimensions, expected 2 x n",
               index->ndim);
    TH_FAIL_IF(values->ndim != 1 || values->numel != index->size[1], TH_ERR_SHAPE,
               "[spmm] values has %d dimensions and %lld elements, expected 1 and %lld", values->ndim, (long long)values->numel,
               (long long)index->size[1]);
    TH_FAIL_IF(dense->ndim != 2, TH_ERR_SHAPE, "[spmm] dense has %d dimensions, expected 2", dense->ndim);
    TH_FAIL_IF(rows < 0, TH_ERR_VALUE, "[spmm] rows is %lld, expected 0 or more", (long long)rows);
    return TH_OK;
}

/* Of float copies, rounded once. */
static THStatus product_of_halves(THTensor *r, const THTensor *index, const THTensor *values, const THTensor *dense,
                                  int64_t rows)
{
    const int64_t size[2] = {rows, dense->size[1]};
    THTensor *const factors = THTensor_newConvert(values, THDtype_Float), *const sums = THTensor_new();
    THTensor *const matrix = THTensor_newConvert(dense, THDtype_Float);
    THStatus status = factors == NULL || matrix == NULL || sums == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = THTensor_spmm(sums, index, factors, matrix, rows);
    if (status == TH_OK) status = THOps_outputApart("spmm", r, dense, THDtype_Half, 2, size);
    if (status == TH_OK) status = THTensor_copy(r, sums);
    THTensor *const all[] = {factors, matrix, sums};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
    return status;
}

THStatus THTensor_spmm(THTensor *r, const THTensor *index, const THTensor *values, const THTensor *dense, int64_t rows)
{
    TH_GIVEN("spmm", r, index, values, dense);
    TH_TRY(check_product(index, values, dense, rows));
    if (dense->dtype == THDtype_Half) return product_of_halves(r, index, values, dense, rows);
    const int64_t size[2] = {rows, dense->size[1]};
    THTensor *const row = THTensor_newSelect(index, 0, 0), *const column = THTensor_newSelect(index, 0, 1);
    THTensor *const factors = THTensor_newUnsqueeze(values, 1), *const products = THTensor_new();
    const bool made = row != NULL && column != NULL && factors != NULL && products != NULL;
    THStatus status = made ? check_range("spmm", row, rows) : THStatus_last();
    if (status == TH_OK) status = check_range("spmm", column, dense->size[0]);
    if (status == TH_OK) status = THOps_checkApart("spmm", r, values, (THDtype)dense->dtype, 2, size);
    if (status == TH_OK) status = THOps_checkApart("spmm", r, index, (THDtype)dense->dtype, 2, size);
    if (status == TH_OK) status = THTensor_indexSelect(products, dense, 0, column);
    if (status == TH_OK) status = THTensor_cmul(products, products, factors);
    if (status == TH_OK) status = THOps_outputApart("spmm", r, dense, (THDtype)dense->dtype, 2, size);
    if (status == TH_OK) status = THTensor_zero(r);
    if (status == TH_OK) status = THTensor_indexAdd(r, 0, row, products);
    THTensor *const all[] = {row, column, factors, products};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
    return status;
}
