/* What each thread keeps: freed blocks for reuse, the text of its last failure. */
#ifndef TH_LOCAL_H
#define TH_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

#include "TH/THStatus.h"

/* Freed blocks of one kind, chained through their first word. */
typedef struct THCache {
    void *head;
    int count;
} THCache;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TH_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TH_ADDRESS_SANITIZER 1
#endif

/* At most this many blocks of each kind wait in a thread: none under the address sanitizer, which so sees that a block is used
 * after it was freed. */
#ifdef TH_ADDRESS_SANITIZER
#define TH_CACHE_BLOCKS 0
#else
#define TH_CACHE_BLOCKS 64
#endif
#define TH_MESSAGE_BYTES 1024

typedef struct THLocal {
    THCache tensors;
    THCache storages;
    char *message;    /* TH_MESSAGE_BYTES, allocated by the first failure */
    THStatus last;    /* the code of the last failure */
    bool registered;  /* the destructor knows this thread */
    bool closed;      /* the destructor has run: nothing may be cached any more */
    bool in_parallel; /* inside a parallel region */
} THLocal;

/* initial-exec: one instruction instead of a call; the struct is small enough for the room that the loader reserves. */
extern _Thread_local THLocal th_local __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* Has the thread's caches freed when it ends. Called before the first block is cached. */
void thLocal_register(void);

/* A block from the cache; NULL if it is empty. */
static inline void *thCache_take(THCache *cache)
{
    void *block = cache->head;
    if (block != NULL) {
        cache->head = *(void **)block;
        cache->count--;
    }
    return block;
}

/* Keeps the block; false if it cannot (the caller frees it). */
static inline bool thCache_give(THCache *cache, void *block)
{
    if (__builtin_expect(!th_local.registered, 0)) thLocal_register();
    if (cache->count >= TH_CACHE_BLOCKS || th_local.closed) return false;
    *(void **)block = cache->head;
    cache->head = block;
    cache->count++;
    return true;
}

#endif
