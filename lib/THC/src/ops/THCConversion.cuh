// Copies between dtypes and layouts of one device.
#pragma once

#include "THC/device/THCCore.cuh"

// self[...] = source, which broadcasts to it; any two dtypes.
THStatus thc_convert(const char *op, THTensor *self, const THTensor *source);
