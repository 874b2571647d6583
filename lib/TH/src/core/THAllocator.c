/* Blocks that are not small are kept when they are freed: getting fresh memory from the system, page by page, takes longer than
 * an addition into it. What is kept is bounded, goes back when nobody takes it while many others are freed, and goes back at
 * once when memory is short. (Marking the pages as free while they are kept, MADV_FREE, was measured: it costs half of an
 * addition.)
 *
 * No locks: a slot is one word, the block's address with its size in the high bits, which no address of a process uses, and its
 * age in the low ones, which its alignment leaves empty. So it needs no care in a forked child either. */
#define _GNU_SOURCE
#include "core/THAllocator.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "TH/THStorage.h"
#include "core/THLocal.h"

#define SLOTS 32
#define UNIT (INT64_C(4) << 10)
#define ALIGNMENT UNIT                 /* of blocks that are not large */
#define SMALL_STEP (INT64_C(8) << 10)  /* sizes are whole steps, so that nearly equal ones share a block: below TH_LARGE */
#define LARGE_STEP (INT64_C(64) << 10) /* and above */
#define UNITS_SHIFT 48
#define UNITS_MASK ((UINT64_C(1) << 14) - 1) /* of the number of units less one */
#define AGE_MASK UINT64_C(127)
#define COLD 64 /* so many blocks freed since it was: nobody will take it soon */
#define ADDRESS_MASK (((UINT64_C(1) << UNITS_SHIFT) - 1) & ~((uint64_t)ALIGNMENT - 1))

_Static_assert(TH_KEPT_BYTES / UNIT - 1 <= (int64_t)UNITS_MASK, "a kept block's size fits its bits");
_Static_assert(ALIGNMENT > (int64_t)AGE_MASK && AGE_MASK >= COLD, "the age fits the bits that the alignment leaves");

static uint64_t th_kept[SLOTS];
static int64_t th_kept_units;
static uint32_t th_clock;  /* counts the blocks that were freed */
static uint32_t th_victim; /* the slot that is emptied next if there is no room */

#ifdef TH_ADDRESS_SANITIZER
/* The blocks in the slots, as the search for leaks knows them: an address with other bits in it is none. */
static void *th_seen[SLOTS];
#define SHOW(slot, block) __atomic_store_n(&th_seen[slot], block, __ATOMIC_RELAXED)
#else
#define SHOW(slot, block) (void)(block)
#endif

static int64_t unitsOf(int64_t nbytes)
{
    const int64_t step = nbytes < TH_LARGE ? SMALL_STEP : LARGE_STEP;
    return (nbytes + step - 1) / step * (step / UNIT);
}

static int64_t unitsIn(uint64_t word)
{
    return (int64_t)(word >> UNITS_SHIFT & UNITS_MASK) + 1;
}

/* The slot's block if it is still `word`. */
static void *claim(int slot, uint64_t word)
{
    if (!__atomic_compare_exchange_n(&th_kept[slot], &word, 0, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return NULL;
    __atomic_fetch_sub(&th_kept_units, unitsIn(word), __ATOMIC_RELAXED);
    SHOW(slot, NULL);
    return (void *)(uintptr_t)(word & ADDRESS_MASK);
}

static void *takeKept(int64_t units)
{
    for (int slot = 0; slot < SLOTS; slot++) {
        const uint64_t word = __atomic_load_n(&th_kept[slot], __ATOMIC_RELAXED);
        if (word == 0 || unitsIn(word) != units) continue;
        void *block = claim(slot, word);
        if (block != NULL) return block;
    }
    return NULL;
}

static void dropSlot(int slot)
{
    const uint64_t word = __atomic_load_n(&th_kept[slot], __ATOMIC_RELAXED);
    if (word != 0) free(claim(slot, word));
}

static void dropVictim(void)
{
    dropSlot((int)(__atomic_fetch_add(&th_victim, 1, __ATOMIC_RELAXED) % SLOTS));
}

/* Counts the block, makes room, finds a slot. False: the caller frees the block. */
static bool keep(void *block, int64_t units)
{
    if (units * UNIT > TH_KEPT_BYTES || ((uint64_t)(uintptr_t)block & ~ADDRESS_MASK) != 0) return false;
    __atomic_fetch_add(&th_kept_units, units, __ATOMIC_RELAXED);
    for (int tries = 0; tries < SLOTS && thAllocator_kept() > TH_KEPT_BYTES; tries++) dropVictim();
    const uint32_t now = __atomic_fetch_add(&th_clock, 1, __ATOMIC_RELAXED);
    const uint64_t mine = (uint64_t)(uintptr_t)block | (uint64_t)(units - 1) << UNITS_SHIFT | (now & AGE_MASK);
    bool kept = false;
    for (int slot = 0; slot < SLOTS; slot++) {
        uint64_t word = __atomic_load_n(&th_kept[slot], __ATOMIC_RELAXED);
        if (word != 0 && ((now - (uint32_t)word) & AGE_MASK) >= COLD)
            free(claim(slot, word));
        else if (word == 0 && !kept) {
            kept = __atomic_compare_exchange_n(&th_kept[slot], &word, mine, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
            if (kept) SHOW(slot, block);
        }
    }
    if (kept) return true;
    __atomic_fetch_sub(&th_kept_units, units, __ATOMIC_RELAXED);
    dropVictim(); /* room for the next one */
    return false;
}

void thAllocator_trim(void)
{
    for (int slot = 0; slot < SLOTS; slot++) dropSlot(slot);
}

int64_t thAllocator_kept(void)
{
    return __atomic_load_n(&th_kept_units, __ATOMIC_RELAXED) * UNIT;
}

static void *newKept(int64_t units)
{
    void *block = takeKept(units);
    if (block != NULL) return block;
    const size_t nbytes = (size_t)(units * UNIT);
    const bool huge = units * UNIT >= TH_HUGE_PAGE;
    const size_t alignment = (size_t)(huge ? TH_HUGE_PAGE : units * UNIT >= TH_LARGE ? TH_LARGE : ALIGNMENT);
    if (posix_memalign(&block, alignment, nbytes) != 0) {
        thAllocator_trim();
        if (posix_memalign(&block, alignment, nbytes) != 0) return NULL;
    }
#ifdef MADV_HUGEPAGE
    /* Fresh memory costs a page fault for every 4 KiB otherwise: four times the time of an add into it. Whole pages only: the
     * last part of the block shares its page with others. A kernel without the feature refuses, which changes nothing. */
    if (huge) (void)madvise(block, nbytes & -(size_t)TH_HUGE_PAGE, MADV_HUGEPAGE);
#endif
    return block;
}

void *thAllocator_new(int64_t nbytes)
{
    if (nbytes <= 0 || nbytes > PTRDIFF_MAX - TH_HUGE_PAGE) return NULL;
    if (nbytes >= TH_KEPT_FROM) return newKept(unitsOf(nbytes));
    void *block = NULL;
    if (posix_memalign(&block, TH_STORAGE_ALIGNMENT, (size_t)nbytes) == 0) return block;
    thAllocator_trim();
    return posix_memalign(&block, TH_STORAGE_ALIGNMENT, (size_t)nbytes) == 0 ? block : NULL;
}

void thAllocator_free(void *block, int64_t nbytes)
{
    if (block != NULL && nbytes >= TH_KEPT_FROM && keep(block, unitsOf(nbytes))) return;
    free(block);
}
