#define _GNU_SOURCE
#include "TH/THMapAllocator.h"
#include "TH/THArgument.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct THMapAllocatorContext {
    char *filename;
    int flags, fd;
    int64_t size;
};

static void *allocate(void *context, int64_t size)
{
    (void)context;
    return size < 0 ? NULL : malloc((size_t)size);
}

static void *reallocate(void *context, void *block, int64_t size)
{
    (void)context;
    return size < 0 ? NULL : realloc(block, (size_t)size);
}

static void release(void *context, void *block)
{
    (void)context;
    free(block);
}

THAllocator THDefaultAllocator = {allocate, reallocate, release};

static THStatus check_flags(const char *filename, int flags)
{
    const int known = TH_ALLOCATOR_MAPPED_UNLINK * 2 - 1;
    TH_FAIL_IF(filename == NULL, TH_ERR_VALUE, "[map] filename, NULL: expected a name");
    TH_FAIL_IF((flags & ~known) != 0, TH_ERR_VALUE, "[map] flags, %d: only those of THMapAllocator.h", flags);
    const int shared = TH_ALLOCATOR_MAPPED_SHARED | TH_ALLOCATOR_MAPPED_SHAREDMEM;
    TH_FAIL_IF((flags & shared) == 0 && (flags & ~TH_ALLOCATOR_MAPPED_FROMFD & ~TH_ALLOCATOR_MAPPED_NOCREATE) != 0,
               TH_ERR_VALUE, "[map] flags, %d: EXCLUSIVE, KEEPFD and UNLINK ask for SHARED or SHAREDMEM", flags);
    return TH_OK;
}

THMapAllocatorContext *THMapAllocatorContext_new(const char *filename, int flags)
{
    TH_GIVEN_OR(NULL, "map", filename);
    if (check_flags(filename, flags) != TH_OK) return NULL;
    THMapAllocatorContext *const self = malloc(sizeof *self);
    char *const name = strdup(filename);
    if (self == NULL || name == NULL) {
        free(self);
        free(name);
        THStatus_fail(TH_ERR_MEMORY, "[map] not enough memory");
        return NULL;
    }
    *self = (THMapAllocatorContext){name, flags, -1, 0};
    return self;
}

THMapAllocatorContext *THMapAllocatorContext_newWithFd(const char *filename, int fd, int flags)
{
    TH_GIVEN_OR(NULL, "newWithFd", filename);
    THMapAllocatorContext *const self = THMapAllocatorContext_new(filename, flags | TH_ALLOCATOR_MAPPED_FROMFD);
    if (self != NULL) self->fd = fd;
    return self;
}

const char *THMapAllocatorContext_filename(const THMapAllocatorContext *self)
{
    TH_GIVEN_OR(NULL, "filename", self);
    return self->filename;
}

int THMapAllocatorContext_fd(const THMapAllocatorContext *self)
{
    TH_GIVEN_OR(-1, "fd", self);
    return self->fd;
}

int64_t THMapAllocatorContext_size(const THMapAllocatorContext *self)
{
    TH_GIVEN_OR(0, "size", self);
    return self->size;
}

void THMapAllocatorContext_free(THMapAllocatorContext *self)
{
    if (self == NULL) return;
    if (self->fd >= 0) close(self->fd);
    free(self->filename);
    free(self);
}

static THStatus fail(const THMapAllocatorContext *self, const char *what)
{
    return THStatus_fail(TH_ERR_STATE, "[map] %s, %s: %s", self->filename, what, strerror(errno));
}

static THStatus open_file(THMapAllocatorContext *self)
{
    const int flags = self->flags;
    if (flags & TH_ALLOCATOR_MAPPED_FROMFD) return TH_OK;
    int how = flags & (TH_ALLOCATOR_MAPPED_SHARED | TH_ALLOCATOR_MAPPED_SHAREDMEM) ? O_RDWR | O_CREAT : O_RDONLY;
    if (flags & TH_ALLOCATOR_MAPPED_EXCLUSIVE) how |= O_EXCL;
    if (flags & TH_ALLOCATOR_MAPPED_NOCREATE) how &= ~O_CREAT;
    self->fd = flags & TH_ALLOCATOR_MAPPED_SHAREDMEM ? shm_open(self->filename, how | O_CLOEXEC, 0600)
                                                     : open(self->filename, how | O_CLOEXEC, 0666);
    return self->fd < 0 ? fail(self, "cannot be opened") : TH_OK;
}

/* The file has `size` bytes, or gets them where it may be written. size 0: what it has. */
static THStatus fit_file(THMapAllocatorContext *self, int64_t *size)
{
    struct stat facts;
    if (fstat(self->fd, &facts) != 0) return fail(self, "cannot be looked at");
    if (*size == 0) *size = (int64_t)facts.st_size;
    if (*size <= (int64_t)facts.st_size) return TH_OK;
    TH_FAIL_IF((self->flags & (TH_ALLOCATOR_MAPPED_SHARED | TH_ALLOCATOR_MAPPED_SHAREDMEM)) == 0, TH_ERR_VALUE,
               "[map] %s has %lld bytes, expected %lld: map it shared to have it made longer", self->filename,
               (long long)facts.st_size, (long long)*size);
    return ftruncate(self->fd, (off_t)*size) != 0 ? fail(self, "cannot be made longer") : TH_OK;
}

static THStatus map(THMapAllocatorContext *self, int64_t size, void **block)
{
    const int shared = self->flags & (TH_ALLOCATOR_MAPPED_SHARED | TH_ALLOCATOR_MAPPED_SHAREDMEM);
    TH_FAIL_IF(self->size != 0, TH_ERR_STATE, "[map] %s: the context has mapped a block already", self->filename);
    TH_TRY(open_file(self));
    TH_TRY(fit_file(self, &size));
    TH_FAIL_IF(size <= 0, TH_ERR_VALUE, "[map] %s, %lld bytes: nothing to map", self->filename, (long long)size);
    void *const found = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, shared ? MAP_SHARED : MAP_PRIVATE, self->fd, 0);
    if (found == MAP_FAILED) return fail(self, "cannot be mapped");
    self->size = size;
    *block = found;
    if (!(self->flags & TH_ALLOCATOR_MAPPED_KEEPFD)) {
        close(self->fd);
        self->fd = -1;
    }
    if (self->flags & TH_ALLOCATOR_MAPPED_UNLINK)
        (void)(self->flags & TH_ALLOCATOR_MAPPED_SHAREDMEM ? shm_unlink(self->filename) : unlink(self->filename));
    return TH_OK;
}

static void *map_block(void *context, int64_t size)
{
    void *block = NULL;
    return map(context, size, &block) == TH_OK ? block : NULL;
}

static void unmap_block(void *context, void *block)
{
    THMapAllocatorContext *const self = context;
    if (block != NULL) munmap(block, (size_t)self->size);
    THMapAllocatorContext_free(self);
}

THAllocator THMapAllocator = {map_block, NULL, unmap_block};
