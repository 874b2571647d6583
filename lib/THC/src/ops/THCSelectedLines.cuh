// The first elements of sorted lines where sorting all of each would be a waste.
#pragma once

#include "ops/THCSortedLines.cuh"

// Whether to select: few elements of lines that are neither short, nor too few to fill a device.
bool thc_selects(int64_t lines, int64_t length, int64_t k);

// The first k of each line of a dense tensor in ascending or descending order, equal elements in that of their places: what
// sorting would put there. values and indices: dense, [lines, k].
THStatus thc_selectLines(const char *op, const THTensor *dense, int64_t lines, int64_t length, int64_t k, bool descending,
                         THTensor *values, THTensor *indices);
