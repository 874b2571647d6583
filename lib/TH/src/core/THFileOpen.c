#include "TH/THArgument.h"
/* Files opened, positioned and closed. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/THFileStream.h"

THStatus thFile_fail(THFile *self, THStatus code, const char *op, const char *what)
{
    self->error = true;
    return self->quiet ? code : THStatus_fail(code, "[%s] %s: %s", op, self->name, what);
}

THStatus thFile_begin(THFile *self, const char *op, THFileMove move)
{
    if (self->stream == NULL) return thFile_fail(self, TH_ERR_STATE, op, "the file is closed");
    if (move == THFileMove_READ && !self->readable) return thFile_fail(self, TH_ERR_STATE, op, "opened for writing only");
    if (move == THFileMove_WRITE && !self->writable) return thFile_fail(self, TH_ERR_STATE, op, "opened for reading only");
    if (self->last != THFileMove_NONE && self->last != move && !self->pipe) (void)fseeko(self->stream, 0, SEEK_CUR);
    self->last = move;
    return TH_OK;
}

/* --- opening ------------------------------------------------------------------------------------------------------------- */

static THFile *new_file(const char *name, const char *mode, int isQuiet)
{
    const bool known = mode != NULL && (strcmp(mode, "r") == 0 || strcmp(mode, "w") == 0 || strcmp(mode, "rw") == 0);
    if (name == NULL || !known) {
        THStatus_fail(TH_ERR_VALUE, "[file] name or mode, \"%s\": expected a name, and \"r\", \"w\" or \"rw\"",
                      mode == NULL ? "NULL" : mode);
        return NULL;
    }
    THFile *const self = calloc(1, sizeof *self);
    char *const kept = strdup(name);
    if (self == NULL || kept == NULL) {
        free(self);
        free(kept);
        THStatus_fail(TH_ERR_MEMORY, "[file] not enough memory");
        return NULL;
    }
    *self = (THFile){.name = kept, .quiet = isQuiet != 0, .spacing = true, .long_size = 8};
    self->readable = strchr(mode, 'r') != NULL;
    self->writable = strchr(mode, 'w') != NULL;
    return self;
}

/* The file if its stream was opened, else NULL. */
static THFile *opened(THFile *self)
{
    if (self->stream != NULL) return self;
    (void)thFile_fail(self, TH_ERR_STATE, "file", strerror(errno));
    THFile_free(self);
    return NULL;
}

THFile *THDiskFile_new(const char *name, const char *mode, int isQuiet)
{
    TH_GIVEN_OR(NULL, "new", name, mode);
    THFile *const self = new_file(name, mode, isQuiet);
    if (self == NULL) return NULL;
    self->stream = fopen(name, !self->writable ? "re" : self->readable ? "r+e" : "we");
    if (self->stream == NULL && self->readable && self->writable) self->stream = fopen(name, "w+e");
    return opened(self);
}

THFile *THPipeFile_new(const char *name, const char *mode, int isQuiet)
{
    TH_GIVEN_OR(NULL, "new", name, mode);
    THFile *const self = new_file(name, mode, isQuiet);
    if (self == NULL) return NULL;
    self->pipe = true;
    errno = EINVAL; /* a pipe is read or written, not both */
    self->stream = self->readable && self->writable ? NULL : popen(name, self->readable ? "re" : "we");
    return opened(self);
}

/* --- memory: a stream over a storage ------------------------------------------------------------------------------------- */

static ssize_t memory_read(void *cookie, char *data, size_t n)
{
    THFileMemory *const m = cookie;
    const int64_t left = m->position < m->size ? m->size - m->position : 0;
    const size_t count = (int64_t)n < left ? n : (size_t)left;
    if (count > 0) memcpy(data, m->storage->data + m->position, count);
    m->position += (int64_t)count;
    return (ssize_t)count;
}

/* Room for `size` bytes and a 0; what is new is 0. */
static bool memory_grow(THFileMemory *m, int64_t size)
{
    const int64_t have = THStorage_size(m->storage);
    if (size < have) return true;
    const int64_t room = size + size / 2 + 64;
    if (THStorage_resize(m->storage, room) != TH_OK) return false;
    memset(m->storage->data + have, 0, (size_t)(room - have));
    return true;
}

static ssize_t memory_write(void *cookie, const char *data, size_t n)
{
    THFileMemory *const m = cookie;
    int64_t end;
    if (__builtin_add_overflow(m->position, (int64_t)n, &end) || end > INT64_MAX / 2 || !memory_grow(m, end)) return 0;
    if (m->position > m->size) memset(m->storage->data + m->size, 0, (size_t)(m->position - m->size));
    memcpy(m->storage->data + m->position, data, n);
    m->position = end;
    if (end > m->size) m->size = end;
    return (ssize_t)n;
}

static int memory_seek(void *cookie, off64_t *offset, int whence)
{
    THFileMemory *const m = cookie;
    const int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m->position : m->size;
    int64_t to;
    if (__builtin_add_overflow(from, (int64_t)*offset, &to) || to < 0) return -1;
    *offset = m->position = to;
    return 0;
}

THFile *THMemoryFile_newWithStorage(THStorage *storage, const char *mode)
{
    TH_GIVEN_OR(NULL, "file", mode);
    if (storage != NULL && storage->dtype != THDtype_Char) {
        THStatus_fail(TH_ERR_DTYPE, "[file] storage is of %s, expected Char", THDtype_name((THDtype)storage->dtype));
        return NULL;
    }
    THFile *const self = new_file("memory", mode, 0);
    if (self == NULL) return NULL;
    THFileMemory *const m = &self->memory;
    m->storage = storage == NULL ? THStorage_newWithSize(THDtype_Char, 0) : storage;
    if (storage != NULL) THStorage_retain(storage);
    if (m->storage == NULL) {
        THFile_free(self);
        return NULL;
    }
    m->size = self->readable ? THStorage_size(m->storage) : 0; /* "w": what was there goes */
    const cookie_io_functions_t functions = {memory_read, memory_write, memory_seek, NULL};
    self->stream = fopencookie(m, !self->writable ? "r" : self->readable ? "r+" : "w", functions);
    return opened(self);
}

THFile *THMemoryFile_new(const char *mode)
{
    TH_GIVEN_OR(NULL, "new", mode);
    return THMemoryFile_newWithStorage(NULL, mode);
}

THStorage *THMemoryFile_storage(THFile *self)
{
    TH_GIVEN_OR(NULL, "storage", self);
    THFileMemory *const m = &self->memory;
    if (m->storage == NULL) {
        (void)thFile_fail(self, TH_ERR_VALUE, "storage", "not a file in memory");
        return NULL;
    }
    if (self->writable && self->stream != NULL) (void)fflush(self->stream);
    if (!self->writable) return m->storage;
    if (!memory_grow(m, m->size) || THStorage_resize(m->storage, m->size + 1) != TH_OK) {
        (void)thFile_fail(self, TH_ERR_STATE, "storage", "its bytes may not move");
        return NULL;
    }
    m->storage->data[m->size] = 0;
    return m->storage;
}

/* --- positions ----------------------------------------------------------------------------------------------------------- */

static THStatus seek(THFile *self, const char *op, int64_t position, int whence)
{
    TH_TRY(thFile_begin(self, op, THFileMove_NONE));
    if (position < 0 || fseeko(self->stream, (off_t)position, whence) != 0)
        return thFile_fail(self, TH_ERR_VALUE, op, "the position is negative, or the file has none");
    return TH_OK;
}

THStatus THFile_seek(THFile *self, int64_t position)
{
    TH_GIVEN("seek", self);
    return seek(self, "seek", position, SEEK_SET);
}

THStatus THFile_seekEnd(THFile *self)
{
    TH_GIVEN("seekEnd", self);
    return seek(self, "seekEnd", 0, SEEK_END);
}

int64_t THFile_position(THFile *self)
{
    TH_GIVEN_OR(0, "position", self);
    const int64_t place = self->stream == NULL ? -1 : (int64_t)ftello(self->stream);
    if (place >= 0) return place;
    (void)thFile_fail(self, TH_ERR_STATE, "position", "the file is closed, or has no position");
    return 0;
}

THStatus THFile_synchronize(THFile *self)
{
    TH_GIVEN("synchronize", self);
    if (self->stream == NULL) return thFile_fail(self, TH_ERR_STATE, "synchronize", "the file is closed");
    return fflush(self->stream) != 0 ? thFile_fail(self, TH_ERR_STATE, "synchronize", strerror(errno)) : TH_OK;
}

THStatus THFile_close(THFile *self)
{
    TH_GIVEN("close", self);
    if (self->stream == NULL) return thFile_fail(self, TH_ERR_STATE, "close", "the file is closed");
    const int status = self->pipe ? pclose(self->stream) : fclose(self->stream);
    self->stream = NULL;
    return status == -1 ? thFile_fail(self, TH_ERR_STATE, "close", strerror(errno)) : TH_OK;
}

void THFile_free(THFile *self)
{
    if (self == NULL) return;
    if (self->stream != NULL) (void)(self->pipe ? pclose(self->stream) : fclose(self->stream));
    THStorage_free(self->memory.storage);
    free(self->name);
    free(self);
}
