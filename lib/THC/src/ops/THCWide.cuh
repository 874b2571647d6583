// Halves on the way through float32: what several roundings would lose is there, and one rounding is left.
#pragma once

#include "THC/THCTensor.h"
#include "ops/THCTarget.cuh"

// self += ... in a copy of float32, whose additions `add(self, source)` makes; then rounded into self.
template <class Add> THStatus thc_addWide(THTensor *self, const THTensor *source, Add add)
{
    const THCOwned wide(THCTensor_newConvert(self, THDtype_Float)), addend(THCTensor_newConvert(source, THDtype_Float));
    if (!wide || !addend) return THStatus_last();
    TH_TRY(add(wide.get(), addend.get()));
    return THCTensor_copy(self, wide.get());
}
