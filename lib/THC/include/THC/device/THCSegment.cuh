// What the caching allocators of devices and of page-locked memory tell other units.
#pragma once

#include <cuda_runtime.h>

#include "TH/TH.h"

TH_BEGIN_DECLS

// Where the segment that holds a block in use begins; NULL for memory that is not from the allocator.
TH_API char *thc_segmentOf(int device, const char *data);
// A copy from or to page-locked memory has been asked of `stream`, and nobody waits for it. Other memory is left alone.
TH_API void thc_pinnedIsCopied(const char *data, cudaStream_t stream);
// Unlocks what no tensor uses.
TH_API void thc_releasePinned(void);

TH_END_DECLS
