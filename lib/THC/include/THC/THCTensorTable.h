/* Tables of probabilities. See THC/THCTensor.h. */
#ifndef THC_TENSOR_TABLE_H
#define THC_TENSOR_TABLE_H

#include "THC/THCTensor.h"

TH_BEGIN_DECLS

THC_LIKE(aliasSetup); /* made by the host: each step depends on those before it; Half as well */
THC_LIKE(aliasDraw);  /* the host's draws; Half as well */

TH_END_DECLS

#endif
