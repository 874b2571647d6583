/* Torch's files: elements of all dtypes as text or as bytes, on disk, in memory, or from a program.
 *
 * A file is quiet or not: what goes wrong sets its error mark, and on a file that is not quiet it also is the thread's last
 * failure (THStatus_last). Reading and writing return how many elements they came to, scalars 0 at the end of the file. Text:
 * numbers with white space between; with auto spacing (the default) each call's elements are one line. Half is written as its
 * value. Not for two threads at once. */
#ifndef TH_FILE_H
#define TH_FILE_H

#include <stdint.h>

#include "TH/THStorage.h"

typedef struct THFile THFile;

TH_BEGIN_DECLS

/* mode "r", "w" (what was there goes) or "rw" (it stays). NULL: it cannot be opened, which is a failure unless quiet. */
TH_API THFile *THDiskFile_new(const char *name, const char *mode, int isQuiet);
/* The output, or the input, of a command for the shell. */
TH_API THFile *THPipeFile_new(const char *name, const char *mode, int isQuiet);
/* In memory: empty, or the bytes of a CharStorage, which grows as it is written. */
TH_API THFile *THMemoryFile_new(const char *mode);
TH_API THFile *THMemoryFile_newWithStorage(THStorage *storage, const char *mode);
/* What is in it, and a 0 behind; borrowed. NULL for other files. */
TH_API THStorage *THMemoryFile_storage(THFile *self);
TH_API const char *THDiskFile_name(const THFile *self);

/* How bytes are written and read: in this CPU's order (the default), or in one that is named. */
TH_API int THDiskFile_isLittleEndianCPU(void);
TH_API int THDiskFile_isBigEndianCPU(void);
TH_API THStatus THDiskFile_nativeEndianEncoding(THFile *self);
TH_API THStatus THDiskFile_littleEndianEncoding(THFile *self);
TH_API THStatus THDiskFile_bigEndianEncoding(THFile *self);
/* Bytes of a Long in binary files: 4 or 8, or 0, which is 8. */
TH_API THStatus THDiskFile_longSize(THFile *self, int size);
TH_API THStatus THMemoryFile_longSize(THFile *self, int size);
/* Each write goes to the system at once. */
TH_API THStatus THDiskFile_noBuffer(THFile *self);

TH_API int THFile_isOpened(const THFile *self);
TH_API int THFile_isQuiet(const THFile *self);
TH_API int THFile_isReadable(const THFile *self);
TH_API int THFile_isWritable(const THFile *self);
TH_API int THFile_isBinary(const THFile *self);
TH_API int THFile_isAutoSpacing(const THFile *self);
TH_API int THFile_hasError(const THFile *self);

TH_API void THFile_binary(THFile *self);
TH_API void THFile_ascii(THFile *self);
TH_API void THFile_autoSpacing(THFile *self);
TH_API void THFile_noAutoSpacing(THFile *self);
TH_API void THFile_quiet(THFile *self);
TH_API void THFile_pedantic(THFile *self);
TH_API void THFile_clearError(THFile *self);

/* Positions count bytes. A pipe has none. */
TH_API THStatus THFile_synchronize(THFile *self);
TH_API THStatus THFile_seek(THFile *self, int64_t position);
TH_API THStatus THFile_seekEnd(THFile *self);
TH_API int64_t THFile_position(THFile *self);
TH_API THStatus THFile_close(THFile *self);
/* Closes it, too. NULL is allowed. */
TH_API void THFile_free(THFile *self);

/* format "*l": a line without its end; "*a": all that is left. *str: of malloc, with a 0 behind; NULL if there is nothing. */
TH_API int64_t THFile_readStringRaw(THFile *self, const char *format, char **str);
TH_API int64_t THFile_writeStringRaw(THFile *self, const char *str, int64_t size);

TH_API uint8_t THFile_readByteScalar(THFile *self);
TH_API int64_t THFile_writeByteScalar(THFile *self, uint8_t scalar);
TH_API int64_t THFile_readByte(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeByte(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readByteRaw(THFile *self, uint8_t *data, int64_t n);
TH_API int64_t THFile_writeByteRaw(THFile *self, const uint8_t *data, int64_t n);
TH_API int8_t THFile_readCharScalar(THFile *self);
TH_API int64_t THFile_writeCharScalar(THFile *self, int8_t scalar);
TH_API int64_t THFile_readChar(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeChar(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readCharRaw(THFile *self, int8_t *data, int64_t n);
TH_API int64_t THFile_writeCharRaw(THFile *self, const int8_t *data, int64_t n);
TH_API int16_t THFile_readShortScalar(THFile *self);
TH_API int64_t THFile_writeShortScalar(THFile *self, int16_t scalar);
TH_API int64_t THFile_readShort(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeShort(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readShortRaw(THFile *self, int16_t *data, int64_t n);
TH_API int64_t THFile_writeShortRaw(THFile *self, const int16_t *data, int64_t n);
TH_API int32_t THFile_readIntScalar(THFile *self);
TH_API int64_t THFile_writeIntScalar(THFile *self, int32_t scalar);
TH_API int64_t THFile_readInt(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeInt(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readIntRaw(THFile *self, int32_t *data, int64_t n);
TH_API int64_t THFile_writeIntRaw(THFile *self, const int32_t *data, int64_t n);
TH_API int64_t THFile_readLongScalar(THFile *self);
TH_API int64_t THFile_writeLongScalar(THFile *self, int64_t scalar);
TH_API int64_t THFile_readLong(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeLong(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readLongRaw(THFile *self, int64_t *data, int64_t n);
TH_API int64_t THFile_writeLongRaw(THFile *self, const int64_t *data, int64_t n);
TH_API uint16_t THFile_readHalfScalar(THFile *self);
TH_API int64_t THFile_writeHalfScalar(THFile *self, uint16_t scalar);
TH_API int64_t THFile_readHalf(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeHalf(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readHalfRaw(THFile *self, uint16_t *data, int64_t n);
TH_API int64_t THFile_writeHalfRaw(THFile *self, const uint16_t *data, int64_t n);
TH_API float THFile_readFloatScalar(THFile *self);
TH_API int64_t THFile_writeFloatScalar(THFile *self, float scalar);
TH_API int64_t THFile_readFloat(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeFloat(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readFloatRaw(THFile *self, float *data, int64_t n);
TH_API int64_t THFile_writeFloatRaw(THFile *self, const float *data, int64_t n);
TH_API double THFile_readDoubleScalar(THFile *self);
TH_API int64_t THFile_writeDoubleScalar(THFile *self, double scalar);
TH_API int64_t THFile_readDouble(THFile *self, THStorage *storage);
TH_API int64_t THFile_writeDouble(THFile *self, const THStorage *storage);
TH_API int64_t THFile_readDoubleRaw(THFile *self, double *data, int64_t n);
TH_API int64_t THFile_writeDoubleRaw(THFile *self, const double *data, int64_t n);

TH_END_DECLS

#endif
