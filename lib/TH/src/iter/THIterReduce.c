/* The walk of a reduction. */
#include "iter/THIterReduce.h"

#include "TH/THIter.h"
#include "TH/THThreads.h"

#define SHORT_RUN 32 /* elements; a call for each output costs more than that */

static void swap(int64_t *a, int64_t *b)
{
    const int64_t kept = *a;
    *a = *b;
    *b = kept;
}

/* The smallest stride in `a` last. */
static void sort_dims(THIterReduce *plan)
{
    for (int i = 1; i < plan->ndim; i++) {
        for (int k = i; k > 0 && plan->a_stride[k - 1] < plan->a_stride[k]; k--) {
            swap(&plan->size[k], &plan->size[k - 1]);
            swap(&plan->a_stride[k], &plan->a_stride[k - 1]);
            for (int o = 0; o < plan->noutputs; o++) swap(&plan->out_stride[o][k], &plan->out_stride[o][k - 1]);
        }
    }
}

static bool can_merge(const THIterReduce *plan, int outer, int inner)
{
    bool can = plan->a_stride[outer] == plan->a_stride[inner] * plan->size[inner];
    for (int o = 0; o < plan->noutputs; o++)
        can = can && plan->out_stride[o][outer] == plan->out_stride[o][inner] * plan->size[inner];
    return can;
}

static void merge_dims(THIterReduce *plan)
{
    int last = 0;
    for (int d = 1; d < plan->ndim; d++) {
        const bool merged = can_merge(plan, last, d);
        const int64_t size = merged ? plan->size[last] * plan->size[d] : plan->size[d];
        if (!merged) last++;
        plan->size[last] = size;
        plan->a_stride[last] = plan->a_stride[d];
        for (int o = 0; o < plan->noutputs; o++) plan->out_stride[o][last] = plan->out_stride[o][d];
    }
    plan->ndim = last + 1;
}

void thIterReduce_plan(THIterReduce *plan, const THTensor *a, int dim, int noutputs, THTensor *const outputs[])
{
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)a->dtype);
    plan->a = THTensor_dataBytes(a);
    plan->n = a->ndim == 0 ? 1 : a->size[dim];
    plan->stride = a->ndim == 0 ? itemsize : a->stride[dim] * itemsize;
    plan->outputs = 1;
    plan->noutputs = noutputs;
    plan->ndim = 0;
    for (int o = 0; o < noutputs; o++) plan->out[o] = THTensor_dataBytes(outputs[o]);
    for (int d = 0; d < a->ndim; d++) {
        if (d == dim) continue;
        plan->outputs *= a->size[d];
        if (a->size[d] == 1) continue;
        const int k = plan->ndim++;
        plan->size[k] = a->size[d];
        plan->a_stride[k] = a->stride[d] * itemsize;
        for (int o = 0; o < noutputs; o++) {
            const THTensor *const r = outputs[o];
            const int place = r->ndim == a->ndim ? d : d - (d > dim); /* keepdim or not */
            plan->out_stride[o][k] = r->stride[place] * (int64_t)THDtype_size((THDtype)r->dtype);
        }
    }
    if (plan->ndim == 0) {
        plan->ndim = 1;
        plan->size[0] = 1;
        plan->a_stride[0] = 0;
        for (int o = 0; o < noutputs; o++) plan->out_stride[o][0] = 0;
    }
    sort_dims(plan);
    merge_dims(plan);
    const int columns = plan->ndim - 1;
    plan->by_columns = plan->size[columns] > 1 &&
                       (plan->a_stride[columns] < plan->stride || (plan->n < SHORT_RUN && plan->size[columns] > plan->n));
}

typedef struct Walk {
    const THIterReduce *plan;
    THReducePiece piece;
    const void *args;
} Walk;

/* Outputs are numbered with the columns fastest. */
static void walk_range(int64_t begin, int64_t end, int thread, void *context)
{
    const Walk *const walk = context;
    const THIterReduce *const plan = walk->plan;
    const int last = plan->ndim - 1;
    (void)thread;
    while (begin < end) {
        const int64_t column = begin % plan->size[last];
        const int64_t count = plan->size[last] - column < end - begin ? plan->size[last] - column : end - begin;
        const char *a = plan->a;
        char *out[TH_REDUCE_OUTPUTS] = {plan->out[0], plan->out[1]};
        int64_t rest = begin;
        for (int d = last; d >= 0; d--) {
            const int64_t place = rest % plan->size[d];
            rest /= plan->size[d];
            a += place * plan->a_stride[d];
            for (int o = 0; o < plan->noutputs; o++) out[o] += place * plan->out_stride[o][d];
        }
        walk->piece(plan, a, out, count, walk->args);
        begin += count;
    }
}

void thIterReduce_run(const THIterReduce *plan, THReducePiece piece, const void *args)
{
    Walk walk = {.plan = plan, .piece = piece, .args = args};
    const int64_t grain = plan->n < TH_GRAIN ? TH_GRAIN / (plan->n + 1) + 1 : 1;
    THThreads_for(plan->outputs, grain, walk_range, &walk);
}

THStatus thFlat_of(THFlat *self, const THTensor *a, bool ordered)
{
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)a->dtype);
    THIterReduce dims = {.ndim = 0};
    for (int d = 0; d < a->ndim; d++) {
        if (a->size[d] == 1) continue;
        dims.size[dims.ndim] = a->size[d];
        dims.a_stride[dims.ndim++] = a->stride[d] * itemsize;
    }
    if (dims.ndim == 0) dims.ndim = 1, dims.size[0] = 1, dims.a_stride[0] = itemsize;
    if (!ordered) sort_dims(&dims);
    merge_dims(&dims);
    const bool even = a->numel > 0 && dims.ndim == 1;
    if (even) THTensor_retain((THTensor *)a);
    self->owner = even ? (THTensor *)a : THTensor_newContiguous((THTensor *)a);
    if (self->owner == NULL) return THStatus_last();
    self->data = THTensor_dataBytes(self->owner);
    self->n = a->numel;
    self->stride = even ? dims.a_stride[0] : itemsize;
    return TH_OK;
}
