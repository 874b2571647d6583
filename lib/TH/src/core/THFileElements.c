/* Elements of files, as text and as bytes; the state around them. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "TH/THArgument.h"
#include "TH/THScalar.h"
#include "core/THFileStream.h"

/* --- state --------------------------------------------------------------------------------------------------------------- */

#define TELL(name, value)                                                                                                      \
    int THFile_##name(const THFile *self)                                                                                      \
    {                                                                                                                          \
        TH_GIVEN_OR(0, #name, self);                                                                                           \
        return value;                                                                                                          \
    }
#define SET(name, field, value)                                                                                                \
    void THFile_##name(THFile *self)                                                                                           \
    {                                                                                                                          \
        TH_GIVEN_OR(, #name, self);                                                                                            \
        self->field = value;                                                                                                   \
    }

TELL(isOpened, self->stream != NULL)
TELL(isQuiet, self->quiet)
TELL(isReadable, self->readable)
TELL(isWritable, self->writable)
TELL(isBinary, self->binary)
TELL(isAutoSpacing, self->spacing)
TELL(hasError, self->error)
SET(binary, binary, true)
SET(ascii, binary, false)
SET(autoSpacing, spacing, true)
SET(noAutoSpacing, spacing, false)
SET(quiet, quiet, true)
SET(pedantic, quiet, false)
SET(clearError, error, false)

const char *THDiskFile_name(const THFile *self)
{
    TH_GIVEN_OR(NULL, "name", self);
    return self->name;
}

int THDiskFile_isLittleEndianCPU(void)
{
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

int THDiskFile_isBigEndianCPU(void)
{
    return !THDiskFile_isLittleEndianCPU();
}

static THStatus set_order(THFile *self, const char *op, bool swaps)
{
    if (self->stream == NULL) return thFile_fail(self, TH_ERR_STATE, op, "the file is closed");
    self->swaps = swaps;
    return TH_OK;
}

THStatus THDiskFile_nativeEndianEncoding(THFile *self)
{
    TH_GIVEN("nativeEndianEncoding", self);
    return set_order(self, "nativeEndianEncoding", false);
}

THStatus THDiskFile_littleEndianEncoding(THFile *self)
{
    TH_GIVEN("littleEndianEncoding", self);
    return set_order(self, "littleEndianEncoding", !THDiskFile_isLittleEndianCPU());
}

THStatus THDiskFile_bigEndianEncoding(THFile *self)
{
    TH_GIVEN("bigEndianEncoding", self);
    return set_order(self, "bigEndianEncoding", THDiskFile_isLittleEndianCPU());
}

THStatus THDiskFile_longSize(THFile *self, int size)
{
    TH_GIVEN("longSize", self);
    if (size != 0 && size != 4 && size != 8) return thFile_fail(self, TH_ERR_VALUE, "longSize", "a Long has 4 or 8 bytes");
    self->long_size = size == 0 ? 8 : size;
    return TH_OK;
}

THStatus THMemoryFile_longSize(THFile *self, int size)
{
    TH_GIVEN("longSize", self);
    return THDiskFile_longSize(self, size);
}

THStatus THDiskFile_noBuffer(THFile *self)
{
    TH_GIVEN("noBuffer", self);
    if (self->stream == NULL) return thFile_fail(self, TH_ERR_STATE, "noBuffer", "the file is closed");
    return setvbuf(self->stream, NULL, _IONBF, 0) != 0 ? thFile_fail(self, TH_ERR_STATE, "noBuffer", "it is in use") : TH_OK;
}

/* --- bytes --------------------------------------------------------------------------------------------------------------- */

static void turn(char *element, int64_t size)
{
    for (int64_t i = 0; i < size / 2; i++) {
        const char held = element[i];
        element[i] = element[size - 1 - i];
        element[size - 1 - i] = held;
    }
}

/* One element as it is in the file: *size bytes. */
static void to_file(const THFile *self, THDtype dtype, const char *element, char *bytes, int64_t *size)
{
    *size = THDtype_itemsize(dtype);
    memcpy(bytes, element, (size_t)*size);
    if (dtype == THDtype_Long && self->long_size == 4) {
        int64_t wide;
        memcpy(&wide, element, sizeof wide);
        const int32_t narrow = (int32_t)wide;
        *size = (int64_t)sizeof narrow;
        memcpy(bytes, &narrow, sizeof narrow);
    }
    if (self->swaps) turn(bytes, *size);
}

static bool read_bytes(const THFile *self, THDtype dtype, char *element)
{
    const bool narrow = dtype == THDtype_Long && self->long_size == 4;
    const int64_t size = narrow ? 4 : THDtype_itemsize(dtype);
    char bytes[8];
    if (fread(bytes, 1, (size_t)size, self->stream) != (size_t)size) return false;
    if (self->swaps) turn(bytes, size);
    if (narrow) {
        int32_t value;
        memcpy(&value, bytes, sizeof value);
        const int64_t wide = value;
        memcpy(element, &wide, sizeof wide);
    } else {
        memcpy(element, bytes, (size_t)size);
    }
    return true;
}

static bool write_bytes(const THFile *self, THDtype dtype, const char *element)
{
    char bytes[8];
    int64_t size;
    to_file(self, dtype, element, bytes, &size);
    return fwrite(bytes, 1, (size_t)size, self->stream) == (size_t)size;
}

/* --- text ---------------------------------------------------------------------------------------------------------------- */

/* The next word, at most 63 characters of it. False at the end of the file. */
static bool read_word(FILE *stream, char *word)
{
    return fscanf(stream, "%63s", word) == 1;
}

static bool read_text(const THFile *self, THDtype dtype, char *element)
{
    char word[64], *end = NULL;
    if (!read_word(self->stream, word)) return false;
    const THScalar value = THDtype_isFloating(dtype) ? THScalar_fromDouble(strtod(word, &end))
                                                     : THScalar_fromLong((int64_t)strtoll(word, &end, 10));
    if (end == word || *end != '\0') return false;
    THScalar_store(value, dtype, element);
    return true;
}

static bool write_text(const THFile *self, THDtype dtype, const char *element)
{
    const THScalar value = THScalar_load(dtype, element);
    const int digits = dtype == THDtype_Double ? 17 : 9;
    return (value.is_float ? fprintf(self->stream, "%.*g", digits, value.value.d)
                           : fprintf(self->stream, "%" PRId64, value.value.i)) > 0;
}

/* --- runs of elements ---------------------------------------------------------------------------------------------------- */

static bool ready(THFile *self, const char *op, THFileMove move, int64_t n)
{
    if (n < 0) (void)thFile_fail(self, TH_ERR_VALUE, op, "a negative number of elements");
    return n >= 0 && thFile_begin(self, op, move) == TH_OK;
}

static int64_t read_run(THFile *self, THDtype dtype, void *data, int64_t n)
{
    if (!ready(self, "read", THFileMove_READ, n)) return 0;
    char *element = data;
    int64_t done = 0;
    for (; done < n; done++, element += THDtype_itemsize(dtype))
        if (!(self->binary ? read_bytes(self, dtype, element) : read_text(self, dtype, element))) break;
    if (!self->binary && self->spacing && done > 0) {
        const int next = getc(self->stream);
        if (next != '\n' && next != EOF) (void)ungetc(next, self->stream);
    }
    if (done < n) (void)thFile_fail(self, TH_ERR_STATE, "read", "it ends, or holds no number, before all elements are read");
    return done;
}

static int64_t write_run(THFile *self, THDtype dtype, const void *data, int64_t n)
{
    if (!ready(self, "write", THFileMove_WRITE, n)) return 0;
    const char *element = data;
    int64_t done = 0;
    for (; done < n; done++, element += THDtype_itemsize(dtype)) {
        if (!(self->binary ? write_bytes(self, dtype, element) : write_text(self, dtype, element))) break;
        const bool last = done == n - 1;
        if (self->binary || (last && !self->spacing)) continue;
        if (putc(last ? '\n' : ' ', self->stream) == EOF) break;
    }
    if (done < n) (void)thFile_fail(self, TH_ERR_STATE, "write", "not all elements could be written");
    return done;
}

/* The storage is of this dtype, or a failure. */
static bool fits(THFile *self, const char *op, const THStorage *storage, THDtype dtype)
{
    if (storage->dtype == dtype) return true;
    (void)thFile_fail(self, TH_ERR_DTYPE, op, "the storage is of another dtype");
    return false;
}

#define DEFINE(Name, real)                                                                                                     \
    int64_t THFile_read##Name##Raw(THFile *self, real *data, int64_t n)                                                        \
    {                                                                                                                          \
        TH_GIVEN_OR(0, "read", self);                                                                                          \
        if (n > 0) TH_GIVEN_OR(0, "read", data);                                                                               \
        return read_run(self, THDtype_##Name, data, n);                                                                        \
    }                                                                                                                          \
    int64_t THFile_write##Name##Raw(THFile *self, const real *data, int64_t n)                                                 \
    {                                                                                                                          \
        TH_GIVEN_OR(0, "write", self);                                                                                         \
        if (n > 0) TH_GIVEN_OR(0, "write", data);                                                                              \
        return write_run(self, THDtype_##Name, data, n);                                                                       \
    }                                                                                                                          \
    int64_t THFile_read##Name(THFile *self, THStorage *storage)                                                                \
    {                                                                                                                          \
        TH_GIVEN_OR(0, "read", self, storage);                                                                                 \
        return fits(self, "read", storage, THDtype_##Name)                                                                     \
                   ? read_run(self, THDtype_##Name, storage->data, THStorage_size(storage))                                    \
                   : 0;                                                                                                        \
    }                                                                                                                          \
    int64_t THFile_write##Name(THFile *self, const THStorage *storage)                                                         \
    {                                                                                                                          \
        TH_GIVEN_OR(0, "write", self, storage);                                                                                \
        return fits(self, "write", storage, THDtype_##Name)                                                                    \
                   ? write_run(self, THDtype_##Name, storage->data, THStorage_size(storage))                                   \
                   : 0;                                                                                                        \
    }                                                                                                                          \
    real THFile_read##Name##Scalar(THFile *self)                                                                               \
    {                                                                                                                          \
        TH_GIVEN_OR(0, "read", self);                                                                                          \
        real scalar = 0;                                                                                                       \
        (void)read_run(self, THDtype_##Name, &scalar, 1);                                                                      \
        return scalar;                                                                                                         \
    }                                                                                                                          \
    int64_t THFile_write##Name##Scalar(THFile *self, real scalar)                                                              \
    {                                                                                                                          \
        TH_GIVEN_OR(0, "write", self);                                                                                         \
        return write_run(self, THDtype_##Name, &scalar, 1);                                                                    \
    }

#define DEFINE_ROW(Name, ctype, acc, python) DEFINE(Name, ctype)
TH_FORALL_DTYPES(DEFINE_ROW)

/* --- strings ------------------------------------------------------------------------------------------------------------- */

/* All that is left, of malloc, with a 0 behind; its length, or -1 without memory. */
static int64_t read_all(FILE *stream, char **str)
{
    size_t length = 0, room = 256;
    char *text = malloc(room);
    while (text != NULL) {
        length += fread(text + length, 1, room - length - 1, stream);
        if (length < room - 1) break;
        room *= 2;
        char *const longer = realloc(text, room);
        if (longer == NULL) free(text);
        text = longer;
    }
    if (text == NULL) return -1;
    text[length] = '\0';
    *str = text;
    return (int64_t)length;
}

static int64_t read_line(FILE *stream, char **str)
{
    size_t room = 0;
    const ssize_t length = getline(str, &room, stream);
    if (length <= 0 || (*str)[length - 1] != '\n') return (int64_t)length;
    (*str)[length - 1] = '\0';
    return (int64_t)length - 1;
}

int64_t THFile_readStringRaw(THFile *self, const char *format, char **str)
{
    TH_GIVEN_OR(0, "readString", self, format, str);
    *str = NULL;
    const bool line = format != NULL && strcmp(format, "*l") == 0, all = format != NULL && strcmp(format, "*a") == 0;
    if (!line && !all) {
        (void)thFile_fail(self, TH_ERR_VALUE, "readString", "format: expected \"*l\" or \"*a\"");
        return 0;
    }
    if (thFile_begin(self, "readString", THFileMove_READ) != TH_OK) return 0;
    const int64_t length = line ? read_line(self->stream, str) : read_all(self->stream, str);
    const bool nothing = length < 0 || (all && length == 0);
    if (!nothing) return length;
    free(*str);
    *str = NULL;
    (void)thFile_fail(self, TH_ERR_STATE, "readString", "nothing is left to read");
    return 0;
}

int64_t THFile_writeStringRaw(THFile *self, const char *str, int64_t size)
{
    TH_GIVEN_OR(0, "writeString", self, str);
    if (!ready(self, "writeString", THFileMove_WRITE, size)) return 0;
    const int64_t done = (int64_t)fwrite(str, 1, (size_t)size, self->stream);
    if (done < size) (void)thFile_fail(self, TH_ERR_STATE, "writeString", "not all characters could be written");
    return done;
}
