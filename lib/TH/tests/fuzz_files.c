/* Reads a file in memory whose bytes come from libFuzzer, as text and as bytes of all dtypes, and writes into it. What counts
 * as a fault is what the sanitizers see, and a count above what was asked for. */
#include "TH/THFile.h"

#include "THFuzz.h"

#define STEPS 32

static void step(THFile *f, FuzzInput *in)
{
    double room[16];
    char *text = NULL;
    const int64_t n = fuzz_byte(in) % 17;
    int64_t done = 0;
    switch (fuzz_byte(in) % 16) {
    case 0:
        done = THFile_readByteRaw(f, (uint8_t *)room, n);
        break;
    case 1:
        done = THFile_readShortRaw(f, (int16_t *)room, n);
        break;
    case 2:
        done = THFile_readIntRaw(f, (int32_t *)room, n);
        break;
    case 3:
        done = THFile_readLongRaw(f, (int64_t *)room, n);
        break;
    case 4:
        done = THFile_readHalfRaw(f, (uint16_t *)room, n);
        break;
    case 5:
        done = THFile_readFloatRaw(f, (float *)room, n);
        break;
    case 6:
        done = THFile_readDoubleRaw(f, room, n);
        break;
    case 7:
    case 8:
        (void)THFile_readStringRaw(f, n % 2 ? "*l" : "*a", &text);
        free(text);
        break;
    case 9:
        (void)THFile_seek(f, fuzz_byte(in) * (n == 16 ? 1000 : 1));
        break;
    case 10:
        (void)THFile_writeCharScalar(f, (int8_t)fuzz_byte(in));
        break;
    case 11:
        (void)THFile_writeLongScalar(f, fuzz_long(in));
        break;
    case 12:
        (void)THFile_writeDoubleScalar(f, fuzz_double(in));
        break;
    case 13:
        n % 2 ? THFile_binary(f) : THFile_ascii(f);
        break;
    case 14:
        (void)(n % 2 ? THDiskFile_bigEndianEncoding(f) : THDiskFile_longSize(f, (int)n));
        break;
    default:
        (void)THMemoryFile_storage(f);
    }
    FUZZ_CHECK(done >= 0 && done <= n, "%lld of %lld elements", (long long)done, (long long)n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=40:detect_leaks=1";
}

/* The first half is the file, the second says what is done with it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const modes[] = {"r", "rw", "w"};
    FuzzInput in = {bytes + size / 2, size - size / 2};
    THStorage *const storage = THStorage_newWithSize(THDtype_Char, (int64_t)(size / 2));
    if (size / 2 > 0) memcpy(storage->data, bytes, size / 2);
    THFile *const f = THMemoryFile_newWithStorage(storage, modes[fuzz_byte(&in) % 3]);
    THStorage_free(storage);
    THFile_quiet(f);
    for (int i = 0; i < STEPS && in.left > 0; i++) step(f, &in);
    THFile_free(f);
    return 0;
}
