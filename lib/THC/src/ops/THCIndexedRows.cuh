// Elements by index within rows: gather and scatterAdd along the last dimension of tensors without gaps.
#pragma once

#include "ops/THCIndexArgument.cuh"

// True if r was gathered from a, and then what came of it in *status. known: the indices have been checked; else the check is
// asked for here, or made by the way.
bool thc_gatherRows(THTensor *r, const THTensor *a, int dim, THCIndexArgument &places, bool known, THStatus *status);
// True if `source` was added to `to`, and then what came of it in *status. Within the change of places.
bool thc_scatterAddRows(THTensor *to, int dim, const THCIndexArgument &places, const THTensor *source, THStatus *status);
