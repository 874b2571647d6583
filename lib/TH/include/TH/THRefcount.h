/* Reference counts that threads may share.
 *
 * A locked instruction costs 5 ns, and a view takes four: half of its whole cost. While the process has one thread there is
 * nobody to lock out; the C library says so in a byte that it clears before it starts a second one. */
#ifndef TH_REFCOUNT_H
#define TH_REFCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/THExport.h"

TH_BEGIN_DECLS

/* Points to a byte that is not 0 while the process has one thread: glibc's own (2.32 or newer), or one that stays 0. */
TH_API extern const char *THRefcount_oneThread;

TH_END_DECLS

static inline void THRefcount_retain(int32_t *count)
{
    if (*THRefcount_oneThread)
        __atomic_store_n(count, __atomic_load_n(count, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
    else
        __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

/* Gives one reference back; true if it was the last: then the count stays as it was. */
static inline bool THRefcount_release(int32_t *count)
{
    /* The holder of the only reference needs no locked instruction: nobody else can have one to copy. */
    const int32_t held = __atomic_load_n(count, __ATOMIC_ACQUIRE);
    if (held == 1) return true;
    if (*THRefcount_oneThread) {
        __atomic_store_n(count, held - 1, __ATOMIC_RELAXED);
        return false;
    }
    if (__atomic_fetch_sub(count, 1, __ATOMIC_ACQ_REL) != 1) return false;
    __atomic_store_n(count, 1, __ATOMIC_RELAXED); /* the others went meanwhile */
    return true;
}

#endif
