/* Memory for tensors' elements. */
#ifndef TH_ALLOCATOR_H
#define TH_ALLOCATOR_H

#include <stdint.h>

/* Blocks from this size on are aligned to it and asked to lie in huge pages. */
#define TH_HUGE_PAGE (INT64_C(2) << 20)

/* `nbytes` (> 0) aligned to TH_STORAGE_ALIGNMENT or better, contents undefined; NULL if there is not enough. */
void *thAllocator_new(int64_t nbytes);
void thAllocator_free(void *block);

#endif
