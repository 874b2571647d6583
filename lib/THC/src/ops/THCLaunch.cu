// Walks in several launches, and the ways in which a run may go.
#include "THC/device/THCLaunch.cuh"

#include "ops/THCConversion.cuh"

namespace
{

void inParts(const THIterPlan &plan, THCLaunch launch, const void *context);

// One walk for each place of the shortest dimension.
void inSlices(const THIterPlan &plan, THCLaunch launch, const void *context)
{
    int shortest = 0;
    for (int d = 1; d < plan.ndim; d++)
        if (plan.size[d] < plan.size[shortest]) shortest = d;
    THIterPlan part = plan;
    part.numel /= plan.size[shortest];
    part.ndim--;
    for (int d = shortest; d < part.ndim; d++) {
        part.size[d] = plan.size[d + 1];
        for (int k = 0; k < plan.nargs; k++) part.stride[k][d] = plan.stride[k][d + 1];
    }
    for (int64_t i = 0; i < plan.size[shortest]; i++) {
        for (int k = 0; k < plan.nargs; k++) part.data[k] = plan.data[k] + i * plan.stride[k][shortest];
        inParts(part, launch, context);
    }
}

// Halves of the longest dimension, again and again.
void inHalves(const THIterPlan &plan, THCLaunch launch, const void *context)
{
    int longest = 0;
    for (int d = 1; d < plan.ndim; d++)
        if (plan.size[d] > plan.size[longest]) longest = d;
    THIterPlan low = plan, high = plan;
    low.size[longest] = plan.size[longest] / 2;
    high.size[longest] = plan.size[longest] - low.size[longest];
    low.numel = plan.numel / plan.size[longest] * low.size[longest];
    high.numel = plan.numel - low.numel;
    for (int k = 0; k < plan.nargs; k++) high.data[k] += low.size[longest] * plan.stride[k][longest];
    inParts(low, launch, context);
    inParts(high, launch, context);
}

void inParts(const THIterPlan &plan, THCLaunch launch, const void *context)
{
    if (plan.ndim > THC_MAP_DIMS) return inSlices(plan, launch, context);
    if (plan.numel > THC_MAP_LIMIT) return inHalves(plan, launch, context);
    launch(&plan, context);
}

} // namespace

THStatus thc_walk(const char *op, int nargs, THTensor *const *tensors, THCLaunch launch, const void *context)
{
    THIterPlan plan;
    TH_TRY(THIter_plan(&plan, op, nargs, tensors));
    const THCGuard guard(tensors[0]);
    inParts(plan, launch, context);
    return thc_started(op);
}

bool thc_isDense(const THIterPlan *plan, int pack, const int64_t *itemsize)
{
    if (plan->ndim > 1) return false;
    for (int k = 0; k < plan->nargs; k++) {
        if (plan->ndim == 1 && plan->stride[k][0] != itemsize[k]) return false;
        if (reinterpret_cast<uintptr_t>(plan->data[k]) % (uintptr_t)(pack * itemsize[k]) != 0) return false;
    }
    return true;
}

bool thc_isPacked(const THIterPlan *plan, int pack, const int64_t *itemsize, THIterPlan *packs, uint32_t *still)
{
    if (plan->ndim < 1 || plan->size[0] % pack != 0 || plan->stride[0][0] == 0) return false;
    *packs = *plan;
    *still = 0;
    packs->numel /= pack;
    packs->size[0] /= pack;
    for (int k = 0; k < plan->nargs; k++) {
        const int64_t bytes = pack * itemsize[k];
        if (plan->stride[k][0] == 0) {
            *still |= 1u << (k - 1);
            continue;
        }
        packs->stride[k][0] = bytes;
        bool whole = plan->stride[k][0] == itemsize[k] && reinterpret_cast<uintptr_t>(plan->data[k]) % (uintptr_t)bytes == 0;
        for (int d = 1; d < plan->ndim; d++) whole = whole && plan->stride[k][d] % bytes == 0;
        if (!whole) return false;
    }
    return true;
}

THTensor *thc_newApart(const char *op, const THTensor *r)
{
    THCOwned apart(THTensor_new());
    if (!apart) return nullptr;
    const THStatus made = THTensor_outputOn(apart.get(), op, THTensor_device(r), (THDtype)r->dtype, r->ndim, r->size);
    return made == TH_OK ? apart.release() : nullptr;
}

THStatus thc_bringBack(const char *op, THTensor *r, const THTensor *apart)
{
    return thc_convert(op, r, apart);
}
