// Events are kept, not destroyed: cudaEventDestroy waits while another thread of the process waits for a copy to or from
// pageable memory, or for cudaFree, and with them for whatever runs on the device.
#pragma once

#include <cuda_runtime.h>

#include "TH/TH.h"

TH_BEGIN_DECLS

// An event of `device`, which is the current one; flags as for cudaEventCreateWithFlags. It may have been recorded for somebody
// else: record it before anything else. Events for other processes are always new.
TH_API cudaError_t thc_takeEvent(int device, unsigned flags, cudaEvent_t *event);
// Work that was asked of the device may still wait for it.
TH_API void thc_giveEvent(int device, unsigned flags, cudaEvent_t event);

TH_END_DECLS
