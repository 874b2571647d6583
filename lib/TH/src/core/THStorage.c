#define _GNU_SOURCE
#include "TH/THStorage.h"
#include "TH/THArgument.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/THAllocator.h"
#include "core/THCore.h"
#include "core/THDeviceMemory.h"
#include "core/THLocal.h"

/* Bytes of `numel` elements, or -1 with a failure set. */
static int64_t bytesOf(THDtype dtype, int64_t numel)
{
    int64_t nbytes = 0;
    if ((unsigned)dtype >= (unsigned)THDtype_Count) {
        THStatus_fail(TH_ERR_DTYPE, "[storage] dtype, %d: must name an element type", (int)dtype);
        return -1;
    }
    if (numel < 0) {
        THStatus_fail(TH_ERR_SHAPE, "[storage] size, %lld: must not be negative", (long long)numel);
        return -1;
    }
    if (__builtin_mul_overflow(numel, THDtype_itemsize(dtype), &nbytes)) {
        THStatus_fail(TH_ERR_SHAPE, "[storage] size, %lld elements of %s: more bytes than an address can count",
                      (long long)numel, THDtype_name(dtype));
        return -1;
    }
    return nbytes;
}

static THStatus failMemory(int64_t nbytes)
{
    return THStatus_fail(TH_ERR_MEMORY, "[storage] size, %lld bytes (%.1f GiB): not enough memory", (long long)nbytes,
                         (double)nbytes / 0x1p30);
}

/* A header with one reference and nothing behind it. */
static THStorage *newHeader(THDtype dtype)
{
    THStorage *self = thCache_take(&th_local.storages);
    if (__builtin_expect(self == NULL, 0)) {
        self = aligned_alloc(TH_STORAGE_ALIGNMENT, sizeof(THStorage));
        if (self == NULL) {
            failMemory((int64_t)sizeof(THStorage));
            return NULL;
        }
    }
    self->refcount = 1;
    self->version = 0;
    self->dtype = (uint8_t)dtype;
    self->flags = 0;
    self->device = -1;
    self->nbytes = 0;
    self->data = NULL;
    self->drop = NULL;
    self->owner = NULL;
    return self;
}

static void freeHeader(THStorage *self)
{
    if (!thCache_give(&th_local.storages, self)) free(self);
}

THStorage *THStorage_newWithSize(THDtype dtype, int64_t numel)
{
    const int64_t nbytes = bytesOf(dtype, numel);
    if (__builtin_expect(nbytes < 0, 0)) return NULL;
    THStorage *self = newHeader(dtype);
    if (__builtin_expect(self == NULL, 0)) return NULL;
    self->nbytes = nbytes;
    self->flags = THStorage_RESIZABLE;
    if (nbytes == 0) return self;
    if (nbytes <= TH_STORAGE_INLINE_BYTES) {
        self->flags |= THStorage_INLINE;
        self->data = self->inline_bytes;
        return self;
    }
    self->data = thAllocator_new(nbytes);
    if (__builtin_expect(self->data == NULL, 0)) {
        freeHeader(self);
        failMemory(nbytes);
        return NULL;
    }
    return self;
}

THStorage *THStorage_newOnDevice(THDtype dtype, int64_t numel, int device)
{
    if (device == TH_DEVICE_HOST) return THStorage_newWithSize(dtype, numel);
    const int64_t nbytes = bytesOf(dtype, numel);
    if (nbytes < 0) return NULL;
    THStorage *self = newHeader(dtype);
    if (self == NULL) return NULL;
    self->nbytes = nbytes;
    self->flags = THStorage_RESIZABLE;
    self->device = (int16_t)device;
    if (nbytes == 0) return self;
    self->data = thDevice_allocate(device, nbytes);
    if (self->data != NULL) return self;
    freeHeader(self);
    return NULL;
}

THStorage *THStorage_newWithData(THDtype dtype, int64_t numel, void *data, void (*drop)(void *owner, void *data), void *owner)
{
    if (numel > 0) TH_GIVEN_OR(NULL, "newWithData", data);
    const int64_t nbytes = bytesOf(dtype, numel);
    if (nbytes < 0) return NULL;
    THStorage *self = newHeader(dtype);
    if (self == NULL) return NULL;
    self->nbytes = nbytes;
    self->data = data;
    self->drop = drop;
    self->owner = owner;
    return self;
}

void THStorage_retain(THStorage *self)
{
    TH_GIVEN_OR(, "retain", self);
    THRefcount_retain(&self->refcount);
}

static void freeBytes(THStorage *self)
{
    if (self->flags & THStorage_RESIZABLE) {
        if (self->device != TH_DEVICE_HOST)
            thDevice_release(self->device, self->data, self->nbytes);
        else if (!(self->flags & THStorage_INLINE))
            thAllocator_free(self->data, self->nbytes);
    } else if (self->drop != NULL) {
        self->drop(self->owner, self->data);
    }
}

void THStorage_free(THStorage *self)
{
    if (self == NULL || !THRefcount_release(&self->refcount)) return;
    freeBytes(self);
    freeHeader(self);
}

int64_t THStorage_size(const THStorage *self)
{
    TH_GIVEN_OR(0, "size", self);
    const int64_t itemsize = THDtype_itemsize((THDtype)self->dtype);
    return itemsize == 0 ? 0 : self->nbytes / itemsize;
}

/* Keeps the first bytes that both sizes have. */
static THStatus resizeOnDevice(THStorage *self, int64_t nbytes)
{
    char *data = NULL;
    if (nbytes > 0) {
        data = thDevice_allocate(self->device, nbytes);
        if (data == NULL) return THStatus_last();
    }
    const int64_t kept = nbytes < self->nbytes ? nbytes : self->nbytes;
    const THStatus status = kept == 0 ? TH_OK : thDevice_copy(self->device, data, self->data, kept);
    if (status != TH_OK) {
        thDevice_release(self->device, data, nbytes);
        return status;
    }
    thDevice_release(self->device, self->data, self->nbytes);
    self->data = data;
    self->nbytes = nbytes;
    return TH_OK;
}

THStatus THStorage_resize(THStorage *self, int64_t numel)
{
    TH_GIVEN("resize", self);
    const int64_t nbytes = bytesOf((THDtype)self->dtype, numel);
    if (nbytes < 0) return THStatus_last();
    if (nbytes == self->nbytes) return TH_OK;
    TH_FAIL_IF(!(self->flags & THStorage_RESIZABLE), TH_ERR_STATE,
               "[resize] storage: its memory is borrowed and cannot be resized; resize a clone");
    TH_FAIL_IF(self->flags & THStorage_FIXED, TH_ERR_STATE,
               "[resize] storage: an array or another storage looks at its memory, which cannot be resized; resize a clone");
    if (self->device != TH_DEVICE_HOST) return resizeOnDevice(self, nbytes);
    const bool was_inline = (self->flags & THStorage_INLINE) != 0;
    char *old = self->data;
    char *data = NULL;
    if (nbytes > 0 && nbytes <= TH_STORAGE_INLINE_BYTES) {
        data = self->inline_bytes;
    } else if (nbytes > 0) {
        data = thAllocator_new(nbytes);
        if (data == NULL) return failMemory(nbytes);
    }
    const int64_t kept = nbytes < self->nbytes ? nbytes : self->nbytes;
    if (kept > 0 && data != old) memcpy(data, old, (size_t)kept);
    if (!was_inline) thAllocator_free(old, self->nbytes);
    self->data = data;
    self->nbytes = nbytes;
    self->flags = (uint8_t)(THStorage_RESIZABLE | (data == self->inline_bytes ? THStorage_INLINE : 0));
    return TH_OK;
}

static void dropMapping(void *owner, void *data)
{
    munmap(data, (size_t)(uintptr_t)owner);
}

THStatus THStorage_shareIn(THStorage *self, void *data, void (*drop)(void *owner, void *data), void *owner)
{
    TH_GIVEN("share", self, data);
    TH_FAIL_IF(self->device != TH_DEVICE_HOST, TH_ERR_STATE,
               "[share] storage: lives on device %d, only memory of the host can be shared with other processes", self->device);
    TH_FAIL_IF(self->flags & THStorage_FIXED, TH_ERR_STATE,
               "[share] storage: an array or another storage looks at its memory, which cannot be moved; share a clone");
    if (self->nbytes > 0) memcpy(data, self->data, (size_t)self->nbytes);
    freeBytes(self);
    self->data = data;
    self->drop = drop;
    self->owner = owner;
    self->flags = THStorage_SHARED;
    return TH_OK;
}

THStatus THStorage_share(THStorage *self)
{
    TH_GIVEN("share", self);
    if ((self->flags & THStorage_SHARED) || self->nbytes == 0) return TH_OK;
    const size_t nbytes = (size_t)self->nbytes;
    void *mapping = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) return failMemory(self->nbytes);
    const THStatus status = THStorage_shareIn(self, mapping, dropMapping, (void *)(uintptr_t)nbytes);
    if (status != TH_OK) dropMapping((void *)(uintptr_t)nbytes, mapping);
    return status;
}

/* What lies at the front of `self` to the end of what may be swapped, and the bytes that lie inside. */
static void take_contents(THStorage *self, const THStorage *from)
{
    const int32_t references = self->refcount;
    const uint32_t version = self->version;
    *self = *from;
    self->refcount = references;
    self->version = version + 1;
    if (self->flags & THStorage_INLINE) self->data = self->inline_bytes;
}

THStatus THStorage_swap(THStorage *a, THStorage *b)
{
    TH_GIVEN("swap", a, b);
    TH_FAIL_IF(((a->flags | b->flags) & THStorage_FIXED) != 0, TH_ERR_STATE,
               "[swap] storage: somebody else looks at its bytes, which may not move");
    if (a == b) return TH_OK;
    const THStorage held = *a;
    take_contents(a, b);
    take_contents(b, &held);
    return TH_OK;
}
