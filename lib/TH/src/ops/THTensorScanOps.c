/* Running sums and products along one dimension. */
#include "TH/THArgument.h"
#include "TH/THTensorScan.h"

#include <stdlib.h>

#include "TH/THThreads.h"
#include "iter/THIterPlan.h"
#include "iter/THIterReduce.h"
#include "kernels/THScan.h"
#include "ops/THLines.h"
#include "ops/THOps.h"

typedef struct Scan {
    const char *op;
    const THScanKernels *kernels;
    int64_t out_stride; /* along the dimension, in bytes */
} Scan;

/* out: the first results of the lines. */
static void scan_piece(const THIterReduce *plan, const char *a, char *const out[], int64_t columns, const void *args)
{
    const Scan *const scan = args;
    const int64_t a_step = plan->a_stride[plan->ndim - 1], out_step = plan->out_stride[0][plan->ndim - 1];
    char *to = out[0];
    while (columns > 0) {
        const int64_t width = !plan->by_columns ? 1 : (columns < TH_SCAN_COLUMNS ? columns : TH_SCAN_COLUMNS);
        THScanState state = scan->kernels->neutral;
        if (plan->by_columns)
            scan->kernels->columns(a, plan->stride, plan->n, a_step, width, to, scan->out_stride, out_step);
        else
            scan->kernels->run(a, plan->stride, plan->n, to, scan->out_stride, &state);
        a += width * a_step;
        to += width * out_step;
        columns -= width;
    }
}

/* --- a single long line: the parts' states side by side, then what lies before each part, then the results --------------- */

typedef struct Parts {
    const Scan *scan;
    const THIterReduce *plan;
    THScanState *states; /* one for each part */
    bool results;        /* the second pass */
} Parts;

static void scan_parts(int64_t begin, int64_t end, int thread, void *context)
{
    const Parts *const p = context;
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        const int64_t first = part * TH_SCAN_PART, rest = p->plan->n - first;
        char *const to = p->results ? p->plan->out[0] + first * p->scan->out_stride : NULL;
        p->scan->kernels->run(p->plan->a + first * p->plan->stride, p->plan->stride, rest < TH_SCAN_PART ? rest : TH_SCAN_PART,
                              to, p->scan->out_stride, &p->states[part]);
    }
}

/* The states of sums: what lies before each part. */
static void accumulate(THScanState *states, int64_t count, bool floating)
{
    THScanState sum = {.i = 0}; /* 0.0 as well */
    for (int64_t k = 0; k < count; k++) {
        const THScanState own = states[k];
        states[k] = sum;
        if (floating)
            sum.d += own.d;
        else
            sum.i = (int64_t)((uint64_t)sum.i + (uint64_t)own.i);
    }
}

static THStatus scan_shared(const Scan *scan, const THIterReduce *plan, bool floating)
{
    const int64_t count = (plan->n + TH_SCAN_PART - 1) / TH_SCAN_PART;
    THScanState *const states = calloc((size_t)count, sizeof(*states)); /* zeros are the neutral element of sums */
    TH_FAIL_IF(states == NULL, TH_ERR_MEMORY, "[%s] %lld bytes, no memory", scan->op, (long long)(count * 8));
    Parts parts = {.scan = scan, .plan = plan, .states = states};
    THThreads_for(count, 1, scan_parts, &parts);
    accumulate(states, count, floating);
    parts.results = true;
    THThreads_for(count, 1, scan_parts, &parts);
    free(states);
    return TH_OK;
}

/* --- the operations ------------------------------------------------------------------------------------------------------- */

static THStatus scan_dim(Scan *scan, THTensor *r, const THTensor *a, int dim)
{
    THIterReduce plan;
    const bool floating = THDtype_isFloating((THDtype)a->dtype);
    TH_TRY(THTensor_wrapDim(a, dim, scan->op, &dim));
    TH_FAIL_IF(r->storage != NULL && THIter_conflicts(r, a), TH_ERR_VALUE,
               "[%s] output shares memory with the input, expected memory of its own, or the input itself", scan->op);
    TH_TRY(THOps_outputLike(scan->op, r, a, floating ? (THDtype)a->dtype : THDtype_Long));
    TH_FAIL_IF(THIter_conflicts(r, a), TH_ERR_VALUE, "[%s] output shares memory with the input", scan->op);
    if (r->numel == 0) return TH_OK;
    THTensor *const first = r->ndim == 0 ? THTensor_newWithTensor(r) : THTensor_newNarrow(r, dim, 0, 1);
    if (first == NULL) return THStatus_last();
    scan->out_stride = (r->ndim == 0 ? 1 : r->stride[dim]) * (int64_t)THDtype_size((THDtype)r->dtype);
    thIterReduce_plan(&plan, a, dim, 1, &first);
    THStatus status = TH_OK;
    if (plan.outputs == 1 && plan.n > TH_SCAN_PART && scan->kernels->parted && THThreads_get() > 1)
        status = scan_shared(scan, &plan, floating);
    else
        thIterReduce_run(&plan, scan_piece, scan);
    THTensor_free(first);
    return status;
}

static THStatus cumsum_of_floats(const void *dim, THTensor *r, const THTensor *a)
{
    return THTensor_cumsum(r, a, *(const int *)dim);
}

static THStatus cumprod_of_floats(const void *dim, THTensor *r, const THTensor *a)
{
    return THTensor_cumprod(r, a, *(const int *)dim);
}

THStatus THTensor_cumsum(THTensor *r, const THTensor *a, int dim)
{
    TH_GIVEN("cumsum", r, a);
    if (a->dtype == THDtype_Half) return THHalfLoop_reduce("cumsum", cumsum_of_floats, &dim, r, a);
    TH_OPS_TABLE(THScan, table, "cumsum", (THDtype)a->dtype);
    Scan scan = {.op = "cumsum", .kernels = &table->sum};
    return scan_dim(&scan, r, a, dim);
}

THStatus THTensor_cumprod(THTensor *r, const THTensor *a, int dim)
{
    TH_GIVEN("cumprod", r, a);
    if (a->dtype == THDtype_Half) return THHalfLoop_reduce("cumprod", cumprod_of_floats, &dim, r, a);
    TH_OPS_TABLE(THScan, table, "cumprod", (THDtype)a->dtype);
    Scan scan = {.op = "cumprod", .kernels = &table->prod};
    return scan_dim(&scan, r, a, dim);
}

THStatus THTensor_recurrence(THTensor *r, const THTensor *a, const THTensor *x, int dim)
{
    TH_GIVEN("recurrence", r, a, x);
    char have[128], want[128];
    THLines from, factor, to;
    TH_OPS_TABLE(THScan, table, "recurrence", (THDtype)a->dtype);
    if (table->recurrence == NULL) return THOps_unsupported("recurrence", (THDtype)a->dtype);
    TH_TRY(THTensor_wrapDim(a, dim, "recurrence", &dim));
    TH_TRY(THOps_sameDtype("recurrence", a, x));
    TH_FAIL_IF(!THOps_sameSize(a, x), TH_ERR_SHAPE, "[recurrence] x of size %s, expected %s",
               THTensor_describeSize(x->ndim, x->size, have, sizeof(have)),
               THTensor_describeSize(a->ndim, a->size, want, sizeof(want)));
    TH_TRY(THOps_outputApart("recurrence", r, a, (THDtype)a->dtype, a->ndim, a->size));
    TH_TRY(THOps_outputApart("recurrence", r, x, (THDtype)a->dtype, a->ndim, a->size));
    TH_TRY(thLines_read(&from, a, dim));
    THStatus status = thLines_read(&factor, x, dim);
    if (status == TH_OK) {
        status = thLines_write(&to, r, dim);
        for (int64_t line = 0; status == TH_OK && line < from.count; line++)
            table->recurrence(from.data + line * from.bytes, factor.data + line * from.bytes, from.length,
                              to.data + line * from.bytes);
        if (to.owner != NULL) status = thLines_finish(&to, r, dim, status);
        THTensor_free(factor.owner);
    }
    THTensor_free(from.owner);
    return status;
}
