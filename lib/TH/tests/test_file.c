#define _GNU_SOURCE
/* Files in memory, on disk and from programs: what is written is read again, as text and as bytes. */
#include <unistd.h>

#include "TH/THFile.h"
#include "TH/THTyped.h"
#include "THTest.h"

static const double doubles[] = {0.1, -2.5, 1e300, 3};
static const int64_t longs[] = {1, -7, INT32_MAX};

static void write_all(THFile *f)
{
    THStorage *const bytes = THByteStorage_newWithSize3(1, 200, 255), *const halves =
                                                                          THHalfStorage_newWithSize2(0x3c00, 0xc100);
    CHECK(THFile_writeDoubleRaw(f, doubles, 4) == 4);
    CHECK(THFile_writeLongRaw(f, longs, 3) == 3);
    CHECK(THFile_writeByte(f, bytes) == 3);
    CHECK(THFile_writeHalf(f, halves) == 2);
    CHECK(THFile_writeFloatScalar(f, 1.5f) == 1 && THFile_writeShortScalar(f, -300) == 1 && THFile_writeCharScalar(f, -3) == 1);
    CHECK(THFile_writeIntScalar(f, 70000) == 1);
    CHECK(!THFile_hasError(f));
    THStorage_free(bytes);
    THStorage_free(halves);
}

static void read_all(THFile *f)
{
    double d[4];
    int64_t l[3];
    THStorage *const bytes = THByteStorage_newWithSize(3), *const halves = THHalfStorage_newWithSize(2);
    CHECK(THFile_readDoubleRaw(f, d, 4) == 4 && memcmp(d, doubles, sizeof d) == 0);
    CHECK(THFile_readLongRaw(f, l, 3) == 3 && memcmp(l, longs, sizeof l) == 0);
    CHECK(THFile_readByte(f, bytes) == 3 && THByteStorage_get(bytes, 1) == 200);
    CHECK(THFile_readHalf(f, halves) == 2 && THHalfStorage_get(halves, 1) == 0xc100);
    CHECK(THFile_readFloatScalar(f) == 1.5f && THFile_readShortScalar(f) == -300 && THFile_readCharScalar(f) == -3);
    CHECK(THFile_readIntScalar(f) == 70000 && !THFile_hasError(f));
    THStorage_free(bytes);
    THStorage_free(halves);
}

static void test_memory(void)
{
    for (int binary = 0; binary < 2; binary++) {
        THFile *const f = THMemoryFile_new("rw");
        if (binary) THFile_binary(f);
        CHECK(THFile_isBinary(f) == binary && THFile_isReadable(f) && THFile_isWritable(f) && THFile_isAutoSpacing(f));
        write_all(f);
        CHECK_OK(THFile_seek(f, 0));
        read_all(f);
        THStorage *const stored = THMemoryFile_storage(f);
        const int64_t size = THStorage_size(stored);
        CHECK(stored->data[size - 1] == 0 &&
              (binary ? size == 32 + 24 + 3 + 4 + 4 + 2 + 1 + 4 + 1 : strstr(stored->data, "-7 ") != NULL));
        THFile *const again = THMemoryFile_newWithStorage(stored, "r");
        if (binary) THFile_binary(again);
        read_all(again);
        CHECK(THFile_position(again) == size - 1);
        THStatus_clear();
        CHECK(THFile_readDoubleScalar(again) == 0 && THFile_hasError(again));
        CHECK(THStatus_last() == TH_ERR_STATE && strncmp(THStatus_message(), "[read] memory: it ends", 22) == 0);
        THFile_clearError(again);
        THFile_quiet(again);
        THStatus_clear();
        CHECK(THFile_writeIntScalar(again, 1) == 0 && THFile_hasError(again) && THStatus_last() == TH_OK);
        CHECK_OK(THFile_close(again));
        CHECK(!THFile_isOpened(again) && THFile_readIntScalar(again) == 0);
        THFile_free(again);
        THFile_free(f);
    }
    CHECK_NULL(THMemoryFile_new("a"), TH_ERR_VALUE, "[file] name or mode, \"a\"");
    THStorage *const wrong = THByteStorage_new();
    CHECK_NULL(THMemoryFile_newWithStorage(wrong, "r"), TH_ERR_DTYPE, "[file] storage is of Byte, expected Char");
    THStorage_free(wrong);
}

static void test_disk(void)
{
    char name[] = "/tmp/th_test_fileXXXXXX", *text = NULL;
    close(mkstemp(name));
    THFile *f = THDiskFile_new(name, "w", 0);
    CHECK_OK(THDiskFile_noBuffer(f));
    THFile_binary(f);
    CHECK_OK(THDiskFile_bigEndianEncoding(f));
    CHECK_OK(THDiskFile_longSize(f, 4));
    CHECK(THFile_writeLongRaw(f, longs, 3) == 3 && THFile_position(f) == 12);
    CHECK_OK(THDiskFile_littleEndianEncoding(f));
    CHECK(THFile_writeShortScalar(f, 258) == 1);
    CHECK_FAILS(THDiskFile_longSize(f, 5), TH_ERR_VALUE, "a Long has 4 or 8 bytes");
    CHECK(strcmp(THDiskFile_name(f), name) == 0 && THMemoryFile_storage(f) == NULL);
    THFile_free(f);
    f = THDiskFile_new(name, "rw", 0);
    THFile_binary(f);
    unsigned char raw[14];
    CHECK(THFile_readByteRaw(f, raw, 14) == 14 && raw[3] == 1 && raw[7] == 0xf9 && raw[12] == 2 && raw[13] == 1);
    CHECK_OK(THFile_seek(f, 4));
    CHECK_OK(THDiskFile_bigEndianEncoding(f));
    CHECK_OK(THDiskFile_longSize(f, 4));
    CHECK(THFile_readLongScalar(f) == -7);
    CHECK_FAILS(THFile_seek(f, -1), TH_ERR_VALUE, "the position is negative");
    CHECK_OK(THFile_seekEnd(f));
    THFile_ascii(f);
    CHECK(THFile_writeStringRaw(f, "\none two\nthree", 14) == 14);
    CHECK_OK(THFile_seek(f, 15));
    CHECK(THFile_readStringRaw(f, "*l", &text) == 7 && strcmp(text, "one two") == 0);
    free(text);
    CHECK(THFile_readStringRaw(f, "*a", &text) == 5 && strcmp(text, "three") == 0);
    free(text);
    CHECK(THFile_readStringRaw(f, "*a", &text) == 0 && text == NULL);
    CHECK(THFile_readStringRaw(f, "n", &text) == 0 && THStatus_last() == TH_ERR_VALUE);
    CHECK_OK(THFile_synchronize(f));
    THFile_free(f);
    CHECK(unlink(name) == 0);
    CHECK_NULL(THDiskFile_new(name, "r", 0), TH_ERR_STATE, "No such file");
    THStatus_clear();
    CHECK(THDiskFile_new(name, "r", 1) == NULL && THStatus_last() == TH_OK);
}

static void test_text_that_is_none(void)
{
    THFile *const f = THMemoryFile_new("rw");
    CHECK(THFile_writeStringRaw(f, "12 x3 4", 7) == 7);
    CHECK_OK(THFile_seek(f, 0));
    int32_t read[3] = {0};
    CHECK(THFile_readIntRaw(f, read, 3) == 1 && read[0] == 12 && THFile_hasError(f));
    CHECK(THFile_readIntRaw(f, read, -1) == 0 && THStatus_last() == TH_ERR_VALUE);
    THFile_noAutoSpacing(f);
    CHECK_OK(THFile_seek(f, 0));
    CHECK(THFile_writeIntRaw(f, (const int32_t[]){5, 6}, 2) == 2);
    CHECK(strncmp(THMemoryFile_storage(f)->data, "5 63 4", 6) != 0 && strncmp(THMemoryFile_storage(f)->data, "5 6", 3) == 0);
    THFile_free(f);
}

static void test_pipe(void)
{
    THFile *const f = THPipeFile_new("echo 3 4.5", "r", 0);
    CHECK(THFile_readIntScalar(f) == 3 && THFile_readDoubleScalar(f) == 4.5);
    CHECK_FAILS(THFile_seek(f, 0), TH_ERR_VALUE, "[seek] echo 3 4.5");
    THFile_free(f);
    CHECK_NULL(THPipeFile_new("true", "rw", 0), TH_ERR_STATE, "Invalid argument");
}

int main(void)
{
    CHECK(THDiskFile_isLittleEndianCPU() != THDiskFile_isBigEndianCPU());
    test_memory();
    test_disk();
    test_text_that_is_none();
    test_pipe();
    return th_test_end("file");
}
