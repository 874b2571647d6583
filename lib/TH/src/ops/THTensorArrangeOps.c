/* Turning around, and parts of matrices. */
#include "TH/THArgument.h"
#include "TH/THTensorArrange.h"

#include "TH/THTensorFill.h"
#include "TH/THTensorPointwise.h"
#include "TH/THTensorReduce.h"
#include "TH/THThreads.h"
#include "iter/THIterPlan.h"
#include "iter/THMove.h"
#include "ops/THOps.h"

/* --- flip ----------------------------------------------------------------------------------------------------------------- */

/* The dimensions as bits. */
static THStatus check_dims(const THTensor *a, int count, const int64_t *dims, uint64_t *turned)
{
    *turned = 0;
    for (int k = 0; k < count; k++) {
        int dim;
        TH_TRY(THTensor_wrapDim(a, dims[k] < -TH_MAX_DIMS || dims[k] > TH_MAX_DIMS ? TH_MAX_DIMS : (int)dims[k], "flip", &dim));
        TH_FAIL_IF(*turned >> dim & 1, TH_ERR_VALUE, "[flip] dims, dimension %d appears twice, expected different ones", dim);
        *turned |= UINT64_C(1) << dim;
    }
    return TH_OK;
}

THStatus THTensor_flip(THTensor *r, const THTensor *a, int count, const int64_t *dims)
{
    TH_GIVEN("flip", r, a);
    if (count > 0) TH_GIVEN("flip", dims);
    THIterPlan plan;
    uint64_t turned;
    int64_t strides[TH_MAX_DIMS];
    if (a->dtype == THDtype_None) return THOps_unsupported("flip", THDtype_None);
    TH_TRY(check_dims(a, count, dims, &turned));
    TH_TRY(THOps_outputApart("flip", r, a, (THDtype)a->dtype, a->ndim, a->size));
    if (r->numel == 0) return TH_OK;
    THTensor backwards = *a; /* only for the plan: tensors have no negative strides */
    backwards.stride = strides;
    for (int d = 0; d < a->ndim; d++) {
        const bool turn = turned >> d & 1;
        strides[d] = turn ? -a->stride[d] : a->stride[d];
        if (turn) backwards.offset += (a->size[d] - 1) * a->stride[d];
    }
    THTensor *const operands[] = {r, &backwards};
    TH_TRY(THIter_plan(&plan, "flip", 2, operands));
    thIterPlan_run(&plan, thMove_loop((int64_t)THDtype_size((THDtype)a->dtype)), NULL, TH_GRAIN);
    return TH_OK;
}

/* --- triangles ------------------------------------------------------------------------------------------------------------ */

typedef struct Triangle {
    THTensor *r;
    const THTensor *a; /* NULL: r itself */
    int64_t k;
    bool upper;
    THLoop move, fill;
    int64_t itemsize;
} Triangle;

static void triangle_rows(int64_t begin, int64_t end, int thread, void *context)
{
    const Triangle *const t = context;
    const int64_t columns = t->r->size[1], zero = 0, r_step = t->r->stride[1] * t->itemsize;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        /* Columns before `edge` are one side of the diagonal, the others the other side. */
        int64_t edge = t->upper ? i + t->k : i + t->k + 1;
        edge = edge < 0 ? 0 : (edge > columns ? columns : edge);
        const int64_t first = t->upper ? edge : 0, kept = t->upper ? columns - edge : edge;
        char *const row = THTensor_dataBytes(t->r) + i * t->r->stride[0] * t->itemsize;
        if (t->a != NULL && kept > 0) {
            const int64_t a_step = t->a->stride[1] * t->itemsize, strides[] = {r_step, a_step};
            char *const from = THTensor_dataBytes(t->a) + i * t->a->stride[0] * t->itemsize + first * a_step;
            char *const data[] = {row + first * r_step, from};
            t->move(data, strides, kept, NULL);
        }
        char *const rest[] = {row + (t->upper ? 0 : edge) * r_step};
        if (kept < columns) t->fill(rest, &r_step, columns - kept, &zero);
    }
}

static THStatus triangle(const char *op, THTensor *r, const THTensor *a, int64_t k, bool upper)
{
    if (a->dtype == THDtype_None) return THOps_unsupported(op, THDtype_None);
    TH_FAIL_IF(a->ndim != 2, TH_ERR_SHAPE, "[%s] a tensor of %d dimensions, expected a matrix", op, a->ndim);
    if (r != a)
        TH_TRY(THOps_outputApart(op, r, a, (THDtype)a->dtype, 2, a->size));
    else
        TH_TRY(THTensor_output(r, op, (THDtype)a->dtype, 2, a->size));
    for (int d = 0; d < 2; d++)
        TH_FAIL_IF(r->stride[d] == 0 && r->size[d] > 1, TH_ERR_SHAPE,
                   "[%s] output is expanded along dimension %d, its elements share memory; clone it first", op, d);
    if (r->numel == 0) return TH_OK;
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)a->dtype), most = a->size[0] + a->size[1];
    Triangle t = {.r = r, .a = r == a ? NULL : a, .upper = upper, .itemsize = itemsize};
    t.k = k > most ? most : (k < -most ? -most : k);
    t.move = thMove_loop(itemsize);
    t.fill = thMove_fillLoop(itemsize);
    THThreads_for(a->size[0], TH_GRAIN / a->size[1] + 1, triangle_rows, &t);
    return TH_OK;
}

THStatus THTensor_tril(THTensor *r, const THTensor *a, int64_t k)
{
    TH_GIVEN("tril", r, a);
    return triangle("tril", r, a, k, false);
}

THStatus THTensor_triu(THTensor *r, const THTensor *a, int64_t k)
{
    TH_GIVEN("triu", r, a);
    return triangle("triu", r, a, k, true);
}

/* --- diagonals ------------------------------------------------------------------------------------------------------------ */

/* The diagonal of r or a becomes (a copy of) the other. */
static THStatus copy_diagonal(THTensor *r, const THTensor *a, int64_t k)
{
    const bool read = a->ndim == 2;
    THTensor *const diagonal = THTensor_newDiagonal(read ? a : r, k, 0, 1);
    if (diagonal == NULL) return THStatus_last();
    const THStatus status = read ? THTensor_copy(r, diagonal) : THTensor_copy(diagonal, a);
    THTensor_free(diagonal);
    return status;
}

THStatus THTensor_diag(THTensor *r, const THTensor *a, int64_t k)
{
    TH_GIVEN("diag", r, a);
    if (a->dtype == THDtype_None) return THOps_unsupported("diag", THDtype_None);
    TH_FAIL_IF(a->ndim != 1 && a->ndim != 2, TH_ERR_SHAPE, "[diag] a tensor of %d dimensions, expected a matrix or a vector",
               a->ndim);
    const int64_t most = INT64_C(1) << 31;
    TH_FAIL_IF(k < -most || k > most, TH_ERR_VALUE, "[diag] diagonal %lld, expected a number between -2^31 and 2^31",
               (long long)k);
    if (a->ndim == 1) {
        const int64_t n = a->size[0] + (k < 0 ? -k : k), size[] = {n, n};
        TH_TRY(THOps_outputApart("diag", r, a, (THDtype)a->dtype, 2, size));
        TH_TRY(THTensor_zero(r));
        return a->numel == 0 ? TH_OK : copy_diagonal(r, a, k);
    }
    THTensor *const view = THTensor_newDiagonal(a, k, 0, 1);
    if (view == NULL) return THStatus_last();
    THStatus status = THOps_outputApart("diag", r, a, (THDtype)a->dtype, 1, view->size);
    if (status == TH_OK && view->numel > 0) status = THTensor_copy(r, view);
    THTensor_free(view);
    return status;
}

THStatus THTensor_trace(THTensor *r, const THTensor *a)
{
    TH_GIVEN("trace", r, a);
    if (a->dtype == THDtype_None) return THOps_unsupported("trace", THDtype_None);
    TH_FAIL_IF(a->ndim != 2, TH_ERR_SHAPE, "[trace] a tensor of %d dimensions, expected a matrix", a->ndim);
    THTensor *const diagonal = THTensor_newDiagonal(a, 0, 0, 1);
    if (diagonal == NULL) return THStatus_last();
    const THStatus status = THTensor_sumall(r, diagonal);
    THTensor_free(diagonal);
    return status;
}

/* --- cross ---------------------------------------------------------------------------------------------------------------- */

/* r's part number i is a[i + 1] * b[i + 2] - a[i + 2] * b[i + 1], counted modulo 3. */
static THStatus cross_part(THTensor *r, const THTensor *a, const THTensor *b, int dim, int i)
{
    const int next = (i + 1) % 3, last = (i + 2) % 3;
    THTensor *const parts[] = {THTensor_newSelect(r, dim, i),    THTensor_newSelect(a, dim, next),
                               THTensor_newSelect(b, dim, last), THTensor_newSelect(a, dim, last),
                               THTensor_newSelect(b, dim, next), THTensor_new()};
    THStatus status = TH_OK;
    for (int k = 0; k < 6; k++)
        if (parts[k] == NULL) status = THStatus_last();
    if (status == TH_OK) status = THTensor_cmul(parts[0], parts[1], parts[2]);
    if (status == TH_OK) status = THTensor_cmul(parts[5], parts[3], parts[4]);
    if (status == TH_OK) status = THTensor_csub(parts[0], parts[0], parts[5], THScalar_fromLong(1));
    for (int k = 0; k < 6; k++) THTensor_free(parts[k]);
    return status;
}

THStatus THTensor_cross(THTensor *r, const THTensor *a, const THTensor *b, int dim)
{
    TH_GIVEN("cross", r, a, b);
    char have[128], want[128];
    if (a->dtype == THDtype_None || a->dtype == THDtype_Half) return THOps_unsupported("cross", (THDtype)a->dtype);
    TH_TRY(THOps_sameDtype("cross", a, b));
    TH_TRY(THTensor_wrapDim(a, dim, "cross", &dim));
    TH_FAIL_IF(!THOps_sameSize(a, b), TH_ERR_SHAPE, "[cross] inconsistent tensors: sizes %s and %s, expected one",
               THTensor_describeSize(a->ndim, a->size, have, sizeof(have)),
               THTensor_describeSize(b->ndim, b->size, want, sizeof(want)));
    TH_FAIL_IF(a->ndim == 0 || a->size[dim] != 3, TH_ERR_SHAPE, "[cross] dimension %d of size %lld, expected 3", dim,
               (long long)(a->ndim == 0 ? 1 : a->size[dim]));
    TH_TRY(THOps_outputApart("cross", r, a, (THDtype)a->dtype, a->ndim, a->size));
    TH_TRY(THOps_outputApart("cross", r, b, (THDtype)a->dtype, a->ndim, a->size));
    for (int i = 0; i < 3; i++) TH_TRY(cross_part(r, a, b, dim, i));
    return TH_OK;
}
