/* Memory for tensors' elements. */
#ifndef TH_ALLOCATOR_H
#define TH_ALLOCATOR_H

#include <stdint.h>

/* Blocks from this size on are kept for reuse when they are freed: the C library gives them back, also small ones once more
 * than 128 KiB lie free at the end of its heap, for which a few vectors of 40 KB that come and go are enough. */
#define TH_KEPT_FROM (INT64_C(32) << 10)
/* Blocks from this size on are aligned to it. */
#define TH_LARGE (INT64_C(128) << 10)
/* Blocks from this size on are aligned to that and asked to lie in huge pages. */
#define TH_HUGE_PAGE (INT64_C(2) << 20)
/* Freed large blocks together, in the whole process, at most: what lies above goes back to the system at once. */
#define TH_KEPT_BYTES (INT64_C(64) << 20)

/* `nbytes` (> 0) aligned to TH_STORAGE_ALIGNMENT or better, contents undefined; NULL if there is not enough. */
void *thAllocator_new(int64_t nbytes);
/* `nbytes` as at thAllocator_new. NULL is allowed. */
void thAllocator_free(void *block, int64_t nbytes);
/* Gives the kept blocks back to the system. */
void thAllocator_trim(void);
/* Bytes of the blocks that are kept now. */
int64_t thAllocator_kept(void);

#endif
