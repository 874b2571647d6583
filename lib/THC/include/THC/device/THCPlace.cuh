// Where tensors may lie.
#pragma once

#include "TH/TH.h"

TH_BEGIN_DECLS

// TH_ERR_STATE for a tensor of the host.
TH_API THStatus thc_onDevice(const char *op, const THTensor *tensor);

TH_END_DECLS
