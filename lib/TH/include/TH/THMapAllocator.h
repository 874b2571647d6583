/* Where storages of the typed functions may have their memory from: an allocator of the caller's, malloc, or a mapped file. */
#ifndef TH_MAP_ALLOCATOR_H
#define TH_MAP_ALLOCATOR_H

#include <stdint.h>

#include "TH/THStatus.h"

/* Functions that are given the context first. malloc gives NULL if it cannot. realloc may be NULL. TH gives blocks back with
 * free, and grows none: storages with an allocator do not resize. */
typedef struct THAllocator {
    void *(*malloc)(void *context, int64_t size);
    void *(*realloc)(void *context, void *block, int64_t size);
    void (*free)(void *context, void *block);
} THAllocator;

/* How a file is mapped; the values are Torch's. Without any: read and copied on writing, the file stays as it is. */
#define TH_ALLOCATOR_MAPPED_SHARED 1    /* writes go to the file, which is made longer where it is too short */
#define TH_ALLOCATOR_MAPPED_SHAREDMEM 2 /* the name is one of shm_open */
#define TH_ALLOCATOR_MAPPED_EXCLUSIVE 4 /* with SHAREDMEM: fails if the name exists */
#define TH_ALLOCATOR_MAPPED_NOCREATE 8  /* fails if it does not */
#define TH_ALLOCATOR_MAPPED_KEEPFD 16   /* the descriptor stays open until the end: THMapAllocatorContext_fd */
#define TH_ALLOCATOR_MAPPED_FROMFD 32   /* set by newWithFd */
#define TH_ALLOCATOR_MAPPED_UNLINK 64   /* the name goes once it is mapped: the memory goes with its last user */

TH_BEGIN_DECLS

typedef struct THMapAllocatorContext THMapAllocatorContext;

/* malloc and free; its context is NULL. */
TH_API extern THAllocator THDefaultAllocator;
/* Maps; its context is a THMapAllocatorContext, used for one block, which frees it with the block. */
TH_API extern THAllocator THMapAllocator;

/* NULL: no memory, or flags that say nothing together (TH_ERR_VALUE). */
TH_API THMapAllocatorContext *THMapAllocatorContext_new(const char *filename, int flags);
/* Of a descriptor, which the context takes over. */
TH_API THMapAllocatorContext *THMapAllocatorContext_newWithFd(const char *filename, int fd, int flags);
TH_API const char *THMapAllocatorContext_filename(const THMapAllocatorContext *self);
/* The descriptor while it is open, or -1. */
TH_API int THMapAllocatorContext_fd(const THMapAllocatorContext *self);
/* Bytes that are mapped; 0 before. */
TH_API int64_t THMapAllocatorContext_size(const THMapAllocatorContext *self);
/* A context that no block has taken. NULL is allowed. */
TH_API void THMapAllocatorContext_free(THMapAllocatorContext *self);

TH_END_DECLS

#endif
