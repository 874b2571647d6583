#include "iter/THIterPlan.h"

#include "TH/THArgument.h"
#include "TH/THThreads.h"
#include "core/THCore.h"

/* Runs shorter than this cost more in calls than a strided walk along a longer dimension does. */
#define TH_SHORT_RUN 16

static THStatus failBroadcast(const char *op, const THTensor *output, const THTensor *input)
{
    char own[128], wanted[128];
    return THStatus_fail(TH_ERR_SHAPE, "[%s] shape %s: cannot be broadcast to the output's shape %s", op,
                         THTensor_describeSize(input->ndim, input->size, own, sizeof own),
                         THTensor_describeSize(output->ndim, output->size, wanted, sizeof wanted));
}

/* Appends the output's dimension `d` as the plan's next one. */
static THStatus addDim(THIterPlan *plan, const char *op, int d, THTensor *const tensors[])
{
    const THTensor *output = tensors[0];
    const int64_t size = output->size[d];
    const int to = plan->ndim;
    for (int k = 0; k < plan->nargs; k++) {
        const THTensor *t = tensors[k];
        const int own = d - (output->ndim - t->ndim);
        const int64_t itemsize = THDtype_itemsize((THDtype)t->dtype);
        int64_t stride = 0;
        if (own >= 0 && t->size[own] == size)
            stride = t->stride[own] * itemsize;
        else if (own >= 0 && t->size[own] != 1)
            return failBroadcast(op, output, t);
        plan->stride[k][to] = stride;
    }
    if (size == 1) return TH_OK;
    plan->size[to] = size;
    plan->ndim = to + 1;
    return TH_OK;
}

static void swapDims(THIterPlan *plan, int a, int b)
{
    const int64_t size = plan->size[a];
    plan->size[a] = plan->size[b];
    plan->size[b] = size;
    for (int k = 0; k < plan->nargs; k++) {
        const int64_t stride = plan->stride[k][a];
        plan->stride[k][a] = plan->stride[k][b];
        plan->stride[k][b] = stride;
    }
}

/* True if dimension b should be walked inside dimension a: smaller steps in the output, else in the inputs in turn. */
static bool belongsInside(const THIterPlan *plan, int b, int a)
{
    for (int k = 0; k < plan->nargs; k++) {
        if (plan->stride[k][b] != plan->stride[k][a]) return plan->stride[k][b] < plan->stride[k][a];
    }
    return false;
}

static void sortDims(THIterPlan *plan)
{
    for (int i = 1; i < plan->ndim; i++) {
        for (int j = i; j > 0 && belongsInside(plan, j, j - 1); j--) swapDims(plan, j, j - 1);
    }
}

/* Two neighbours that are one run for every operand become one dimension. */
static void collapseDims(THIterPlan *plan)
{
    int last = 0;
    for (int d = 1; d < plan->ndim; d++) {
        bool joined = true;
        for (int k = 0; joined && k < plan->nargs; k++) joined = plan->stride[k][d] == plan->stride[k][last] * plan->size[last];
        if (joined) {
            plan->size[last] *= plan->size[d];
            continue;
        }
        last++;
        if (last == d) continue;
        plan->size[last] = plan->size[d];
        for (int k = 0; k < plan->nargs; k++) plan->stride[k][last] = plan->stride[k][d];
    }
    if (plan->ndim > 0) plan->ndim = last + 1;
}

THStatus THIter_plan(THIterPlan *plan, const char *op, int nargs, THTensor *const tensors[])
{
    TH_GIVEN("plan", plan, op, tensors);
    const THTensor *output = tensors[0];
    TH_TRY(thTensor_checkWritable(output, op));
    plan->nargs = nargs;
    plan->ndim = 0;
    plan->numel = output->numel;
    for (int k = 0; k < nargs; k++) {
        TH_FAIL_IF(tensors[k]->storage == NULL, TH_ERR_STATE, "[%s] operand %d: has no dtype and no elements yet", op, k);
        if (tensors[k]->ndim > output->ndim) return failBroadcast(op, output, tensors[k]);
        plan->data[k] = THTensor_dataBytes(tensors[k]);
    }
    for (int d = output->ndim - 1; d >= 0; d--) TH_TRY(addDim(plan, op, d, tensors));
    sortDims(plan);
    collapseDims(plan);
    return TH_OK;
}

/* --- running ------------------------------------------------------------------------------------------------------- */

typedef struct Walk {
    const THIterPlan *plan;
    THLoop loop;
    const void *args;
    int64_t inner_stride[TH_ITER_MAX_ARGS];
} Walk;

/* The loop over elements [begin, end) of the plan's order. */
static void walkRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Walk *walk = context;
    const THIterPlan *plan = walk->plan;
    const int nargs = plan->nargs;
    int64_t index[TH_MAX_DIMS] = {0};
    char *data[TH_ITER_MAX_ARGS];
    for (int k = 0; k < nargs; k++) data[k] = plan->data[k];
    for (int64_t rest = begin, d = 0; rest > 0; d++) {
        index[d] = rest % plan->size[d];
        rest /= plan->size[d];
        for (int k = 0; k < nargs; k++) data[k] += index[d] * plan->stride[k][d];
    }
    const int64_t inner = plan->size[0];
    int64_t left = end - begin;
    int64_t run = inner - index[0];
    if (run > left) run = left;
    walk->loop(data, walk->inner_stride, run, walk->args);
    for (int k = 0; k < nargs; k++) data[k] -= index[0] * walk->inner_stride[k];
    while ((left -= run) > 0) {
        for (int d = 1;; d++) {
            for (int k = 0; k < nargs; k++) data[k] += plan->stride[k][d];
            if (++index[d] < plan->size[d]) break;
            for (int k = 0; k < nargs; k++) data[k] -= plan->size[d] * plan->stride[k][d];
            index[d] = 0;
        }
        run = inner < left ? inner : left;
        walk->loop(data, walk->inner_stride, run, walk->args);
    }
}

void thIterPlan_run(const THIterPlan *plan, THLoop loop, const void *args, int64_t grain)
{
    Walk walk = {.plan = plan, .loop = loop, .args = args};
    if (plan->numel == 0) return;
    if (plan->ndim == 0) {
        loop(plan->data, walk.inner_stride, 1, args);
        return;
    }
    for (int k = 0; k < plan->nargs; k++) walk.inner_stride[k] = plan->stride[k][0];
    THThreads_for(plan->numel, grain, walkRange, &walk);
}

void thIterPlan_lengthenRuns(THIterPlan *plan)
{
    if (plan->ndim < 2 || plan->size[0] >= TH_SHORT_RUN) return;
    int longest = 0;
    for (int d = 1; d < plan->ndim; d++) {
        if (plan->size[d] > plan->size[longest]) longest = d;
    }
    if (plan->size[longest] >= 4 * plan->size[0]) swapDims(plan, 0, longest);
}

/* --- overlap ------------------------------------------------------------------------------------------------------- */

/* The same elements in the same order, dimensions of size 1 and broadcasting aside. */
static bool isSameView(const THTensor *output, const THTensor *input)
{
    if (output->dtype != input->dtype || THTensor_dataBytes(output) != THTensor_dataBytes(input)) return false;
    const int missing = output->ndim - input->ndim;
    for (int d = 0; d < output->ndim; d++) {
        const int64_t size = d < missing ? 1 : input->size[d - missing];
        if (size != output->size[d]) return false;
        if (size != 1 && input->stride[d - missing] != output->stride[d]) return false;
    }
    return true;
}

bool THIter_conflicts(const THTensor *output, const THTensor *input)
{
    TH_GIVEN_OR(false, "conflicts", output, input);
    return input != output && THTensor_mayOverlap(output, input) && !isSameView(output, input);
}
