// A walk over operands, in as many launches as it takes: what does not depend on element types, and is compiled once.
#pragma once

#include "TH/THIter.h"
#include "THC/device/THCCore.cuh"

constexpr int THC_MAP_DIMS = 8;                     // a walk with more dimensions, after joining, is cut into several
constexpr int64_t THC_MAP_LIMIT = INT64_C(1) << 30; // elements of one launch

TH_BEGIN_DECLS

// Starts kernels for a part that one launch holds, on the current stream. `context` is what the caller of the walk gave.
typedef void (*THCLaunch)(const THIterPlan *part, const void *context);

// Walks over tensors of one device in the shape of the first, which has elements and is not expanded: one launch, or several
// for parts of it. A failure is a status whose message names `op`.
TH_API THStatus thc_walk(const char *op, int nargs, THTensor *const *tensors, THCLaunch launch, const void *context);

// One run without gaps, whose operands start where packs of `pack` elements may. itemsize[k]: bytes of an element of operand k.
TH_API bool thc_isDense(const THIterPlan *plan, int pack, const int64_t *itemsize);

// Packs of `pack` elements along the innermost dimension: the output has no gaps there, an input has none or stands still.
// *packs becomes a walk over packs; in *still the bit k is set if input k (operand k + 1) stands still within a pack.
TH_API bool thc_isPacked(const THIterPlan *plan, int pack, const int64_t *itemsize, THIterPlan *packs, uint32_t *still);

// A tensor of r's shape, dtype and device, without gaps: for a result whose inputs lie in r. NULL if that fails.
TH_API THTensor *thc_newApart(const char *op, const THTensor *r);
// r[...] = apart, where the result is complete.
TH_API THStatus thc_bringBack(const char *op, THTensor *r, const THTensor *apart);

TH_END_DECLS

// What a launch is told of a functor.
template <class F> void thc_calling(const THIterPlan *part, const void *context)
{
    (*static_cast<const F *>(context))(*part);
}
