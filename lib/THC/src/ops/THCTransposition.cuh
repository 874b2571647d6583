// Copies between layouts whose innermost dimensions differ.
#pragma once

#include "THC/device/THCCore.cuh"

// True if self[...] = source of the same dtype, which has self's shape or broadcasts to it, was started here, and then what
// came of it in *status.
bool thc_transposes(const char *op, THTensor *self, const THTensor *source, THStatus *status);
