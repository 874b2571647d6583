/* Storage: a reference-counted run of bytes that tensors look into. */
#ifndef TH_STORAGE_H
#define TH_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/THDtype.h"
#include "TH/THStatus.h"

#define TH_STORAGE_INLINE_BYTES 64 /* storages up to this size live inside their header: one allocation, not two */
#define TH_STORAGE_ALIGNMENT 64    /* bytes; of every block that TH allocates */

typedef enum THStorageFlag {
    THStorage_RESIZABLE = 1, /* TH owns the bytes and may grow them */
    THStorage_INLINE = 2,    /* data points at inline_bytes */
    THStorage_FIXED = 4,     /* somebody else looks at the bytes (an array of NumPy, say): they may not move */
    THStorage_SHARED = 8,    /* other processes see and write the same bytes: forked ones at least */
} THStorageFlag;

typedef struct THStorage {
    int32_t refcount; /* see THRefcount.h */
    uint32_t version; /* atomic; counts writes through tensors, so that autograd notices them */
    uint8_t dtype;    /* THDtype of the elements it was made for */
    uint8_t flags;    /* THStorageFlag */
    int16_t device;   /* -1: host memory; else the ordinal of the accelerator */
    int64_t nbytes;
    char *data;                            /* NULL if nbytes is 0 */
    void (*drop)(void *owner, void *data); /* gives borrowed memory back; NULL if TH allocated it */
    void *owner;                           /* handed to drop */
    __attribute__((aligned(TH_STORAGE_ALIGNMENT))) char inline_bytes[TH_STORAGE_INLINE_BYTES];
} THStorage;

TH_BEGIN_DECLS

/* An owned storage of `numel` elements, contents undefined. NULL if memory is short or numel < 0. */
TH_API THStorage *THStorage_newWithSize(THDtype dtype, int64_t numel);

/* A storage over memory of somebody else; `drop(owner, data)` is called once, when the last reference goes, unless drop is
 * NULL. */
TH_API THStorage *THStorage_newWithData(THDtype dtype, int64_t numel, void *data, void (*drop)(void *owner, void *data),
                                        void *owner);

TH_API void THStorage_retain(THStorage *self);
/* Gives one reference back. NULL is allowed. */
TH_API void THStorage_free(THStorage *self);
/* Number of elements. */
TH_API int64_t THStorage_size(const THStorage *self);
/* Grows or shrinks to `numel` elements, keeping the first ones. TH_ERR_STATE if the memory is borrowed or may not move. */
TH_API THStatus THStorage_resize(THStorage *self, int64_t numel);
/* Moves the bytes to `data`, as many bytes that forked processes or others share; `drop(owner, data)` is called once, when the
 * last reference goes. TH_ERR_STATE if they may not move. */
TH_API THStatus THStorage_shareIn(THStorage *self, void *data, void (*drop)(void *owner, void *data), void *owner);
/* Everything but the references changes places. TH_ERR_STATE if the bytes of one may not move. */
TH_API THStatus THStorage_swap(THStorage *a, THStorage *b);
/* Moves the bytes to memory that processes forked from now on share. Does nothing where they are there already. TH_ERR_STATE if
 * they may not move. */
TH_API THStatus THStorage_share(THStorage *self);

TH_END_DECLS

#endif
