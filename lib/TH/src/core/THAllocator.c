#define _GNU_SOURCE
#include "core/THAllocator.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "TH/THStorage.h"

void *thAllocator_new(int64_t nbytes)
{
    if (nbytes <= 0 || nbytes > PTRDIFF_MAX - TH_HUGE_PAGE) return NULL;
    const int64_t alignment = nbytes >= TH_HUGE_PAGE ? TH_HUGE_PAGE : TH_STORAGE_ALIGNMENT;
    void *block = NULL;
    if (posix_memalign(&block, (size_t)alignment, (size_t)nbytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    /* Fresh memory costs a page fault for every 4 KiB otherwise: four times the time of an add into it. Whole pages only: the
     * last part of the block shares its page with others. A kernel without the feature refuses, which changes nothing. */
    if (nbytes >= TH_HUGE_PAGE) (void)madvise(block, (size_t)(nbytes & -TH_HUGE_PAGE), MADV_HUGEPAGE);
#endif
    return block;
}

void thAllocator_free(void *block)
{
    free(block);
}
