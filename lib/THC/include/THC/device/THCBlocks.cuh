// What the caching allocator knows of its blocks.
#pragma once

#include <stdint.h>

#include "TH/TH.h"

TH_BEGIN_DECLS

// The device on which a block that is in use begins at `data`; -1 if there is none.
TH_API int thc_deviceOf(const char *data);
// Bytes of the segment of which that block is a part.
TH_API int64_t thc_segmentBytes(int device, const char *data);
// Bytes of the largest free block.
TH_API int64_t thc_largestCached(int device);

TH_END_DECLS
