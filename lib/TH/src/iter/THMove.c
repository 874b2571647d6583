#include "iter/THMove.h"

#include <string.h>

#define TH_ALWAYS static inline __attribute__((always_inline))

/* A longer contiguous run is memcpy's; below, its call costs more than the loop. */
#define TH_MEMCPY_BYTES 64

typedef uint32_t Quad __attribute__((vector_size(16)));
typedef uint64_t Pair __attribute__((vector_size(16)));

/* A long fill writes so many bytes, and copies what stands there on and on, at most the second number at a time, which stays in
 * the first cache: memcpy knows wider stores than this file may be compiled with. */
#define TH_PATTERN_BYTES 1024
#define TH_REPEAT_BYTES 16384

TH_ALWAYS void repeat(char *to, int64_t done, int64_t bytes)
{
    while (done < bytes) {
        const int64_t ready = done < TH_REPEAT_BYTES ? done : TH_REPEAT_BYTES;
        const int64_t length = bytes - done < ready ? bytes - done : ready;
        memcpy(to + done, to, (size_t)length);
        done += length;
    }
}

/* The two loops for one item size. may_alias: the elements have some other type. */
#define DEFINE_MOVES(bits)                                                                                                     \
    typedef uint##bits##_t __attribute__((may_alias)) Item##bits;                                                              \
                                                                                                                               \
    static void move##bits(char *const data[], const int64_t stride[], int64_t n, const void *args)                            \
    {                                                                                                                          \
        (void)args;                                                                                                            \
        char *to = data[0];                                                                                                    \
        const char *from = data[1];                                                                                            \
        const int64_t to_step = stride[0], from_step = stride[1], item = sizeof(Item##bits);                                   \
        if (to_step == item && from_step == item && n * item >= TH_MEMCPY_BYTES) {                                             \
            memcpy(to, from, (size_t)(n * item));                                                                              \
        } else if (from_step == 0 && to_step == item) {                                                                        \
            const Item##bits value = *(const Item##bits *)from;                                                                \
            for (int64_t i = 0; i < n; i++) ((Item##bits *)to)[i] = value;                                                     \
        } else if (to_step == item && from_step == -item) {                                                                    \
            for (int64_t i = 0; i < n; i++) ((Item##bits *)to)[i] = ((const Item##bits *)from)[-i];                            \
        } else if (to_step == item) {                                                                                          \
            for (int64_t i = 0; i < n; i++) ((Item##bits *)to)[i] = *(const Item##bits *)(from + i * from_step);               \
        } else {                                                                                                               \
            for (int64_t i = 0; i < n; i++) *(Item##bits *)(to + i * to_step) = *(const Item##bits *)(from + i * from_step);   \
        }                                                                                                                      \
    }                                                                                                                          \
                                                                                                                               \
    static void fill##bits(char *const data[], const int64_t stride[], int64_t n, const void *args)                            \
    {                                                                                                                          \
        const Item##bits value = *(const Item##bits *)args;                                                                    \
        char *to = data[0];                                                                                                    \
        if (stride[0] == (int64_t)sizeof(Item##bits)) {                                                                        \
            const int64_t few = n < TH_PATTERN_BYTES / (bits / 8) ? n : TH_PATTERN_BYTES / (bits / 8);                         \
            for (int64_t i = 0; i < few; i++) ((Item##bits *)to)[i] = value;                                                   \
            repeat(to, few * (bits / 8), n * (bits / 8));                                                                      \
        } else {                                                                                                               \
            for (int64_t i = 0; i < n; i++) *(Item##bits *)(to + i * stride[0]) = value;                                       \
        }                                                                                                                      \
    }

DEFINE_MOVES(8)
DEFINE_MOVES(16)
DEFINE_MOVES(32)
DEFINE_MOVES(64)

/* --- tiles --------------------------------------------------------------------------------------------------------- */

/* A tile is turned in a buffer of its own. Rows of large matrices often lie a power of two apart, where they fall into one
 * set of the first-level cache: so each line of source and target is touched in one go, never to be come back to. */

/* The items of two vectors whose numbers follow, as one vector: gcc 11 lacks the function that clang has. */
#if defined(__clang__)
#define TH_SHUFFLE(Vector, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define TH_SHUFFLE(Vector, a, b, ...) __builtin_shuffle(a, b, (Vector){__VA_ARGS__})
#endif

/* Four by four 32-bit items in registers. */
TH_ALWAYS void turn32(uint32_t *to, const char *source, int64_t source_stride)
{
    Quad row[4];
    for (int j = 0; j < 4; j++) memcpy(&row[j], source + j * source_stride, sizeof(Quad));
    const Quad low02 = TH_SHUFFLE(Quad, row[0], row[2], 0, 4, 1, 5);
    const Quad high02 = TH_SHUFFLE(Quad, row[0], row[2], 2, 6, 3, 7);
    const Quad low13 = TH_SHUFFLE(Quad, row[1], row[3], 0, 4, 1, 5);
    const Quad high13 = TH_SHUFFLE(Quad, row[1], row[3], 2, 6, 3, 7);
    const Quad column[4] = {
        TH_SHUFFLE(Quad, low02, low13, 0, 4, 1, 5),
        TH_SHUFFLE(Quad, low02, low13, 2, 6, 3, 7),
        TH_SHUFFLE(Quad, high02, high13, 0, 4, 1, 5),
        TH_SHUFFLE(Quad, high02, high13, 2, 6, 3, 7),
    };
    for (int i = 0; i < 4; i++) memcpy(to + i * TH_TILE, &column[i], sizeof(Quad));
}

/* Two by two 64-bit items. */
TH_ALWAYS void turn64(uint64_t *to, const char *source, int64_t source_stride)
{
    Pair row[2];
    for (int j = 0; j < 2; j++) memcpy(&row[j], source + j * source_stride, sizeof(Pair));
    const Pair first = TH_SHUFFLE(Pair, row[0], row[1], 0, 2);
    const Pair second = TH_SHUFFLE(Pair, row[0], row[1], 1, 3);
    memcpy(to, &first, sizeof(Pair));
    memcpy(to + TH_TILE, &second, sizeof(Pair));
}

/* FULL fills the buffer from a tile of TH_TILE rows and columns. */
#define DEFINE_TILE(bits, FULL)                                                                                                \
    static void tile##bits(char *target, int64_t target_stride, const char *source, int64_t source_stride, int64_t rows,       \
                           int64_t columns)                                                                                    \
    {                                                                                                                          \
        _Alignas(64) uint##bits##_t buffer[TH_TILE * TH_TILE];                                                                 \
        const size_t length = (size_t)rows * sizeof *buffer;                                                                   \
        if (rows == TH_TILE && columns == TH_TILE) {                                                                           \
            FULL;                                                                                                              \
            for (int i = 0; i < TH_TILE; i++)                                                                                  \
                memcpy(target + i * target_stride, buffer + i * TH_TILE, sizeof *buffer * TH_TILE);                            \
            return;                                                                                                            \
        }                                                                                                                      \
        for (int64_t j = 0; j < rows; j++) {                                                                                   \
            const Item##bits *from = (const Item##bits *)(source + j * source_stride);                                         \
            for (int64_t i = 0; i < columns; i++) buffer[i * TH_TILE + j] = from[i];                                           \
        }                                                                                                                      \
        for (int64_t i = 0; i < columns; i++) memcpy(target + i * target_stride, buffer + i * TH_TILE, length);                \
    }

#define TURN_ITEMS(bits)                                                                                                       \
    for (int i = 0; i < TH_TILE; i++) {                                                                                        \
        for (int j = 0; j < TH_TILE; j++) buffer[i * TH_TILE + j] = ((const Item##bits *)(source + j * source_stride))[i];     \
    }
#define TURN_BLOCKS(bits, side)                                                                                                \
    for (int j = 0; j < TH_TILE; j += side) {                                                                                  \
        for (int i = 0; i < TH_TILE; i += side)                                                                                \
            turn##bits(buffer + i * TH_TILE + j, source + j * source_stride + i * (bits / 8), source_stride);                  \
    }

DEFINE_TILE(8, TURN_ITEMS(8))
DEFINE_TILE(16, TURN_ITEMS(16))
DEFINE_TILE(32, TURN_BLOCKS(32, 4))
DEFINE_TILE(64, TURN_BLOCKS(64, 2))

typedef struct Moves {
    THLoop move;
    THLoop fill;
    THTile tile;
} Moves;

static const Moves *movesFor(int64_t itemsize)
{
    static const Moves none = {NULL, NULL, NULL};
    static const Moves by_size[] = {
        {move8, fill8, tile8}, {move16, fill16, tile16}, {move32, fill32, tile32}, {move64, fill64, tile64}};
    switch (itemsize) {
    case 1:
        return &by_size[0];
    case 2:
        return &by_size[1];
    case 4:
        return &by_size[2];
    case 8:
        return &by_size[3];
    default:
        return &none;
    }
}

THLoop thMove_loop(int64_t itemsize)
{
    return movesFor(itemsize)->move;
}

THLoop thMove_fillLoop(int64_t itemsize)
{
    return movesFor(itemsize)->fill;
}

THTile thMove_tile(int64_t itemsize)
{
    return movesFor(itemsize)->tile;
}
