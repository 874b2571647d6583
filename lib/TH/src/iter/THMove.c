#include "iter/THMove.h"

#include <string.h>

#define TH_ALWAYS static inline __attribute__((always_inline))

/* A longer contiguous run is memcpy's; below, its call costs more than the loop. */
#define TH_MEMCPY_BYTES 64

typedef uint32_t Quad __attribute__((vector_size(16)));
typedef uint64_t Pair __attribute__((vector_size(16)));

/* The three loops for one item size. may_alias: the elements have some other type. */
#define DEFINE_MOVES(bits)                                                                                             \
    typedef uint##bits##_t __attribute__((may_alias)) Item##bits;                                                      \
                                                                                                                       \
    static void move##bits(char *const data[], const int64_t stride[], int64_t n, const void *args)                    \
    {                                                                                                                  \
        (void)args;                                                                                                    \
        char *to = data[0];                                                                                            \
        const char *from = data[1];                                                                                    \
        const int64_t to_step = stride[0], from_step = stride[1], item = sizeof(Item##bits);                           \
        if (to_step == item && from_step == item && n * item >= TH_MEMCPY_BYTES) {                                     \
            memcpy(to, from, (size_t)(n * item));                                                                      \
        } else if (from_step == 0 && to_step == item) {                                                                \
            const Item##bits value = *(const Item##bits *)from;                                                        \
            for (int64_t i = 0; i < n; i++) ((Item##bits *)to)[i] = value;                                             \
        } else if (to_step == item) {                                                                                  \
            for (int64_t i = 0; i < n; i++) ((Item##bits *)to)[i] = *(const Item##bits *)(from + i * from_step);       \
        } else {                                                                                                       \
            for (int64_t i = 0; i < n; i++)                                                                            \
                *(Item##bits *)(to + i * to_step) = *(const Item##bits *)(from + i * from_step);                       \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    static void fill##bits(char *const data[], const int64_t stride[], int64_t n, const void *args)                    \
    {                                                                                                                  \
        const Item##bits value = *(const Item##bits *)args;                                                            \
        char *to = data[0];                                                                                            \
        if (stride[0] == (int64_t)sizeof(Item##bits)) {                                                                \
            for (int64_t i = 0; i < n; i++) ((Item##bits *)to)[i] = value;                                             \
        } else {                                                                                                       \
            for (int64_t i = 0; i < n; i++) *(Item##bits *)(to + i * stride[0]) = value;                               \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    TH_ALWAYS void edge##bits(char *target, int64_t target_stride, const char *source, int64_t source_stride,          \
                              int64_t rows, int64_t columns)                                                           \
    {                                                                                                                  \
        for (int64_t i = 0; i < columns; i++) {                                                                        \
            Item##bits *to = (Item##bits *)(target + i * target_stride);                                               \
            for (int64_t j = 0; j < rows; j++) to[j] = ((const Item##bits *)(source + j * source_stride))[i];          \
        }                                                                                                              \
    }

DEFINE_MOVES(8)
DEFINE_MOVES(16)
DEFINE_MOVES(32)
DEFINE_MOVES(64)

/* Four by four 32-bit items in registers. */
TH_ALWAYS void block32(char *target, int64_t target_stride, const char *source, int64_t source_stride)
{
    Quad row[4];
    for (int j = 0; j < 4; j++) memcpy(&row[j], source + j * source_stride, sizeof(Quad));
    const Quad low02 = __builtin_shuffle(row[0], row[2], (Quad){0, 4, 1, 5});
    const Quad high02 = __builtin_shuffle(row[0], row[2], (Quad){2, 6, 3, 7});
    const Quad low13 = __builtin_shuffle(row[1], row[3], (Quad){0, 4, 1, 5});
    const Quad high13 = __builtin_shuffle(row[1], row[3], (Quad){2, 6, 3, 7});
    const Quad column[4] = {
        __builtin_shuffle(low02, low13, (Quad){0, 4, 1, 5}),
        __builtin_shuffle(low02, low13, (Quad){2, 6, 3, 7}),
        __builtin_shuffle(high02, high13, (Quad){0, 4, 1, 5}),
        __builtin_shuffle(high02, high13, (Quad){2, 6, 3, 7}),
    };
    for (int i = 0; i < 4; i++) memcpy(target + i * target_stride, &column[i], sizeof(Quad));
}

/* Two by two 64-bit items. */
TH_ALWAYS void block64(char *target, int64_t target_stride, const char *source, int64_t source_stride)
{
    Pair row[2];
    for (int j = 0; j < 2; j++) memcpy(&row[j], source + j * source_stride, sizeof(Pair));
    const Pair first = __builtin_shuffle(row[0], row[1], (Pair){0, 2});
    const Pair second = __builtin_shuffle(row[0], row[1], (Pair){1, 3});
    memcpy(target, &first, sizeof(Pair));
    memcpy(target + target_stride, &second, sizeof(Pair));
}

static void tile8(char *target, int64_t target_stride, const char *source, int64_t source_stride, int64_t rows,
                  int64_t columns)
{
    if (rows == TH_TILE && columns == TH_TILE)
        edge8(target, target_stride, source, source_stride, TH_TILE, TH_TILE);
    else
        edge8(target, target_stride, source, source_stride, rows, columns);
}

static void tile16(char *target, int64_t target_stride, const char *source, int64_t source_stride, int64_t rows,
                   int64_t columns)
{
    if (rows == TH_TILE && columns == TH_TILE)
        edge16(target, target_stride, source, source_stride, TH_TILE, TH_TILE);
    else
        edge16(target, target_stride, source, source_stride, rows, columns);
}

static void tile32(char *target, int64_t target_stride, const char *source, int64_t source_stride, int64_t rows,
                   int64_t columns)
{
    if (rows != TH_TILE || columns != TH_TILE) {
        edge32(target, target_stride, source, source_stride, rows, columns);
        return;
    }
    for (int64_t i = 0; i < TH_TILE; i += 4) {
        for (int64_t j = 0; j < TH_TILE; j += 4)
            block32(target + i * target_stride + j * 4, target_stride, source + j * source_stride + i * 4, source_stride);
    }
}

static void tile64(char *target, int64_t target_stride, const char *source, int64_t source_stride, int64_t rows,
                   int64_t columns)
{
    if (rows != TH_TILE || columns != TH_TILE) {
        edge64(target, target_stride, source, source_stride, rows, columns);
        return;
    }
    for (int64_t i = 0; i < TH_TILE; i += 2) {
        for (int64_t j = 0; j < TH_TILE; j += 2)
            block64(target + i * target_stride + j * 8, target_stride, source + j * source_stride + i * 8, source_stride);
    }
}

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
    case 1: return &by_size[0];
    case 2: return &by_size[1];
    case 4: return &by_size[2];
    case 8: return &by_size[3];
    default: return &none;
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
