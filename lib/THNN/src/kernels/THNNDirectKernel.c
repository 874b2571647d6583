/* A tile of TILE positions times two vectors of output channels lives in registers; each tap costs two loads of weights and,
 * for each position, one number of the input that is multiplied with both. */
#include "kernels/THNNDirectKernel.h"

#include <string.h>

#if TH_CPU_IS(BASE)

const THNNDirectKernel TH_TABLE(THNNDirectKernel) = {.block = 0};

#else

#include <immintrin.h>

#if TH_CPU_IS(AVX512)
#define TILE 14 /* 28 sums, 2 weights and a position in 32 registers */
#define WIDTH ((int)(64 / sizeof(scalar_t)))
#if TH_DTYPE_IS(Float)
typedef __m512 Vector;
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define SPREAD _mm512_set1_ps
#define MULTIPLY_ADD _mm512_fmadd_ps
#else
typedef __m512d Vector;
#define LOAD _mm512_loadu_pd
#define STORE _mm512_storeu_pd
#define SPREAD _mm512_set1_pd
#define MULTIPLY_ADD _mm512_fmadd_pd
#endif
#else
#define TILE 6 /* 12 sums, 2 weights and a position in 16 registers */
#define WIDTH ((int)(32 / sizeof(scalar_t)))
#if TH_DTYPE_IS(Float)
typedef __m256 Vector;
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define SPREAD _mm256_set1_ps
#define MULTIPLY_ADD _mm256_fmadd_ps
#else
typedef __m256d Vector;
#define LOAD _mm256_loadu_pd
#define STORE _mm256_storeu_pd
#define SPREAD _mm256_set1_pd
#define MULTIPLY_ADD _mm256_fmadd_pd
#endif
#endif

#define BLOCK (2 * WIDTH)

static void TH_KERNEL(pack)(int64_t outputs, int64_t channels, int64_t taps, int64_t output_stride, int64_t channel_stride,
                            int64_t tap_stride, const void *weight_, void *packed_)
{
    const scalar_t *weight = weight_;
    scalar_t *packed = packed_;
    for (int64_t c = 0; c < channels; c++) {
        for (int64_t t = 0; t < taps; t++) {
            const scalar_t *from = weight + c * channel_stride + t * tap_stride;
            scalar_t *to = packed + (c * taps + t) * BLOCK;
            for (int64_t o = 0; o < outputs; o++) to[o] = from[o * output_stride];
            for (int64_t o = outputs; o < BLOCK; o++) to[o] = 0;
        }
    }
}

static void TH_KERNEL(pad)(int64_t rows, int64_t input, int64_t left, int64_t width, const void *x_, void *padded_)
{
    const scalar_t *x = x_;
    scalar_t *padded = padded_;
    const int64_t count = input < width - left ? input : width - left;
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t i = 0; i < left; i++) padded[i] = 0;
        for (int64_t i = 0; i < count; i++) padded[left + i] = x[i];
        for (int64_t i = left + count; i < width; i++) padded[i] = 0;
        x += input;
        padded += width;
    }
}

/* n positions, a constant. x: the first of them, less what the offsets add. wide: a constant, false where the outputs fill the
 * first half of the block alone. */
TH_INLINE void computeTile(const int n, const int64_t stride, const int wide, const THNNDirectRow *row, const scalar_t *x,
                           int64_t at, const scalar_t *packed, const scalar_t *bias, scalar_t *buffer)
{
    Vector low[TILE], high[TILE];
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
        low[i] = bias == NULL ? SPREAD(0) : LOAD(bias);
        if (wide) high[i] = bias == NULL ? SPREAD(0) : LOAD(bias + WIDTH);
    }
    for (int64_t c = 0; c < row->channels; c++) {
        for (int64_t d = row->depth_begin; d < row->depth_end; d++) {
            const int64_t end = d * row->depth_taps + row->tap_end;
            for (int64_t t = d * row->depth_taps + row->tap_begin; t < end; t++) {
                const scalar_t *position = x + (at + row->offset[t]);
                const Vector first = LOAD(packed + t * BLOCK), second = LOAD(packed + t * BLOCK + (wide ? WIDTH : 0));
#pragma GCC unroll 16
                for (int i = 0; i < n; i++) {
                    const Vector value = SPREAD(position[i * stride]);
                    low[i] = MULTIPLY_ADD(value, first, low[i]);
                    if (wide) high[i] = MULTIPLY_ADD(value, second, high[i]);
                }
            }
        }
        at += row->channel_stride;
        packed += row->taps * BLOCK;
    }
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
        STORE(buffer + i * BLOCK, low[i]);
        if (wide) STORE(buffer + i * BLOCK + WIDTH, high[i]);
    }
}

/* Tiles from the largest to the smallest, so that each number of positions is a constant. */
TH_INLINE void computeRow(const int64_t stride, const int wide, const THNNDirectRow *row, const scalar_t *x,
                          const scalar_t *packed, const scalar_t *bias, scalar_t *buffer)
{
    int64_t p = 0;
#define TILES(n)                                                                                                               \
    for (; p + (n) <= row->columns; p += (n))                                                                                  \
        computeTile((n), stride, wide, row, x, row->base + p * stride, packed, bias, buffer + p * BLOCK);
    TILES(TILE)
#if TILE > 8
    TILES(8)
#endif
    TILES(4)
    TILES(2)
    TILES(1)
#undef TILES
}

/* y[o * stride + p] = buffer[p * BLOCK + o]; four by four, so that loads and stores are of vectors. */
TH_INLINE void turn(int64_t columns, int64_t outputs, int64_t stride, const scalar_t *buffer, scalar_t *y)
{
    int64_t o = 0;
    for (; o + 4 <= outputs; o += 4) {
        int64_t p = 0;
        for (; p + 4 <= columns; p += 4) {
            scalar_t block[4][4];
            for (int i = 0; i < 4; i++) memcpy(block[i], buffer + (p + i) * BLOCK + o, sizeof(block[i]));
            for (int j = 0; j < 4; j++) {
                const scalar_t turned[4] = {block[0][j], block[1][j], block[2][j], block[3][j]};
                memcpy(y + (o + j) * stride + p, turned, sizeof(turned));
            }
        }
        for (; p < columns; p++) {
            for (int j = 0; j < 4; j++) y[(o + j) * stride + p] = buffer[p * BLOCK + o + j];
        }
    }
    for (; o < outputs; o++) {
        for (int64_t p = 0; p < columns; p++) y[o * stride + p] = buffer[p * BLOCK + o];
    }
}

static void TH_KERNEL(row)(const THNNDirectRow *row, const void *x, const void *packed, const void *bias, void *buffer, void *y)
{
    const int wide = row->outputs > WIDTH;
    if (row->stride == 1 && wide)
        computeRow(1, 1, row, x, packed, bias, buffer);
    else if (row->stride == 1)
        computeRow(1, 0, row, x, packed, bias, buffer);
    else if (wide)
        computeRow(2, 1, row, x, packed, bias, buffer);
    else
        computeRow(2, 0, row, x, packed, bias, buffer);
    turn(row->columns, row->outputs, row->y_stride, buffer, y);
}

/* --- gradients of weights: the sums are those of TILE taps of input channels, over all positions -------------------------- */

static void TH_KERNEL(pack_output)(int64_t positions, int64_t outputs, int64_t stride, const void *gy_, void *packed_)
{
    const scalar_t *gy = gy_;
    scalar_t *packed = packed_;
    int64_t o = 0;
    for (; o + 4 <= outputs; o += 4) {
        const scalar_t *from = gy + o * stride;
        for (int64_t p = 0; p < positions; p++) {
            const scalar_t turned[4] = {from[p], from[stride + p], from[2 * stride + p], from[3 * stride + p]};
            memcpy(packed + p * BLOCK + o, turned, sizeof(turned));
        }
    }
    for (; o < BLOCK; o++) {
        for (int64_t p = 0; p < positions; p++) packed[p * BLOCK + o] = o < outputs ? gy[o * stride + p] : 0;
    }
}

/* n taps, a constant; at: where each begins in x, sum: where its sums are. */
TH_INLINE void sumTile(const int n, const int64_t stride, const THNNDirectPlane *plane, const scalar_t *x,
                       const scalar_t *packed, const int64_t *at, scalar_t *const *sum)
{
    Vector low[TILE], high[TILE];
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) low[i] = high[i] = SPREAD(0);
    for (int64_t line = 0; line < plane->lines; line++) {
        for (int64_t row = 0; row < plane->rows; row++) {
            const scalar_t *position = x + line * plane->x_line + row * plane->x_row;
            const scalar_t *gradient = packed + line * plane->y_line + row * plane->y_row;
            for (int64_t p = 0; p < plane->columns; p++) {
                const Vector first = LOAD(gradient + p * BLOCK), second = LOAD(gradient + p * BLOCK + WIDTH);
#pragma GCC unroll 16
                for (int i = 0; i < n; i++) {
                    const Vector value = SPREAD(position[at[i] + p * stride]);
                    low[i] = MULTIPLY_ADD(value, first, low[i]);
                    high[i] = MULTIPLY_ADD(value, second, high[i]);
                }
            }
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
        STORE(sum[i], LOAD(sum[i]) + low[i]);
        STORE(sum[i] + WIDTH, LOAD(sum[i] + WIDTH) + high[i]);
    }
}

TH_INLINE void sumPlane(const int64_t stride, const THNNDirectPlane *plane, const scalar_t *x, const scalar_t *packed,
                        scalar_t *sums)
{
    const int64_t count = plane->channels * plane->kernel;
    int64_t done = 0, channel = 0, tap = 0;
    while (done < count) {
        int64_t at[TILE];
        scalar_t *sum[TILE];
        const int64_t left = count - done;
        const int n = left >= TILE ? TILE : left >= TILE / 2 ? TILE / 2 : left >= 2 ? 2 : 1;
        for (int i = 0; i < n; i++) {
            at[i] = channel * plane->channel_stride + plane->base + tap * plane->dilation;
            sum[i] = sums + (channel * plane->taps + plane->tap + tap) * BLOCK;
            if (++tap == plane->kernel) tap = 0, channel++;
        }
        if (n == TILE)
            sumTile(TILE, stride, plane, x, packed, at, sum);
        else if (n == TILE / 2)
            sumTile(TILE / 2, stride, plane, x, packed, at, sum);
        else if (n == 2)
            sumTile(2, stride, plane, x, packed, at, sum);
        else
            sumTile(1, stride, plane, x, packed, at, sum);
        done += n;
    }
}

static void TH_KERNEL(weights)(const THNNDirectPlane *plane, const void *x, const void *packed, void *sums)
{
    if (plane->stride == 1)
        sumPlane(1, plane, x, packed, sums);
    else
        sumPlane(2, plane, x, packed, sums);
}

static void TH_KERNEL(unpack)(int64_t outputs, int64_t n, int64_t parts, int64_t stride, const void *sums_, double scale_,
                              void *gw_)
{
    const scalar_t *sums = sums_;
    const scalar_t scale = (scalar_t)scale_;
    scalar_t *gw = gw_;
    for (int64_t i = 0; i < n; i++) {
        scalar_t sum[BLOCK] = {0};
        for (int64_t part = 0; part < parts; part++) {
            for (int o = 0; o < BLOCK; o++) sum[o] += sums[part * stride + i * BLOCK + o];
        }
        for (int64_t o = 0; o < outputs; o++) gw[o * n + i] += scale * sum[o];
    }
}

/* --- products of rows with a packed matrix: the positions are rows, and there is one tap ---------------------------------- */

/* n rows, a constant; x: n numbers for each c. */
TH_INLINE void multiplyTile(const int n, int64_t depth, const scalar_t *x, const scalar_t *packed, int add, scalar_t *y,
                            int64_t y_ld)
{
    Vector low[TILE], high[TILE];
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
        low[i] = add ? LOAD(y + i * y_ld) : SPREAD(0);
        high[i] = add ? LOAD(y + i * y_ld + WIDTH) : SPREAD(0);
    }
    for (int64_t c = 0; c < depth; c++, x += n, packed += BLOCK) {
        const Vector first = LOAD(packed), second = LOAD(packed + WIDTH);
#pragma GCC unroll 16
        for (int i = 0; i < n; i++) {
            const Vector value = SPREAD(x[i]);
            low[i] = MULTIPLY_ADD(value, first, low[i]);
            high[i] = MULTIPLY_ADD(value, second, high[i]);
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
        STORE(y + i * y_ld, low[i]);
        STORE(y + i * y_ld + WIDTH, high[i]);
    }
}

/* The same for the rest of the outputs, which fill no block. */
TH_INLINE void multiplyRest(const int n, int64_t depth, int64_t outputs, const scalar_t *x, const scalar_t *packed, int add,
                            scalar_t *y, int64_t y_ld)
{
    scalar_t sums[TILE * BLOCK] = {0};
    for (int i = 0; add && i < n; i++) memcpy(sums + i * BLOCK, y + i * y_ld, (size_t)outputs * sizeof(scalar_t));
    multiplyTile(n, depth, x, packed, add, sums, BLOCK);
    for (int i = 0; i < n; i++) memcpy(y + i * y_ld, sums + i * BLOCK, (size_t)outputs * sizeof(scalar_t));
}

/* The largest tile of which `rows` rows have one; 16 rows are two of 8, as a tile of 2 takes as long as one of 4. */
TH_INLINE int tileOf(int64_t rows)
{
    return rows >= TILE && (TILE < 8 || rows != 16) ? TILE : rows >= 8 && TILE > 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
}

static void TH_KERNEL(product)(int64_t rows, int64_t depth, int64_t outputs, const void *x_, int64_t x_ld, const void *packed_,
                               int add, void *y_, int64_t y_ld, void *room_)
{
    const scalar_t *x = x_;
    const scalar_t *packed = packed_;
    scalar_t *y = y_;
    scalar_t *room = room_;
    for (int64_t p = 0, n; p < rows; p += n) {
        n = tileOf(rows - p);
        for (int64_t c = 0; c < depth; c++) {
            for (int64_t i = 0; i < n; i++) room[p * depth + c * n + i] = x[(p + i) * x_ld + c];
        }
    }
    for (int64_t o = 0; o < outputs; o += BLOCK, packed += depth * BLOCK) {
        int64_t p = 0;
#define TILES(n)                                                                                                               \
    for (; tileOf(rows - p) == (n) && p < rows; p += (n)) {                                                                    \
        if (o + BLOCK <= outputs)                                                                                              \
            multiplyTile((n), depth, room + p * depth, packed, add, y + p * y_ld + o, y_ld);                                   \
        else                                                                                                                   \
            multiplyRest((n), depth, outputs - o, room + p * depth, packed, add, y + p * y_ld + o, y_ld);                      \
    }
        TILES(TILE)
#if TILE > 8
        TILES(8)
#endif
        TILES(4)
        TILES(2)
        TILES(1)
#undef TILES
    }
}

const THNNDirectKernel TH_TABLE(THNNDirectKernel) = {
    .block = BLOCK,
    .pack = TH_KERNEL(pack),
    .pad = TH_KERNEL(pad),
    .row = TH_KERNEL(row),
    .pack_output = TH_KERNEL(pack_output),
    .weights = TH_KERNEL(weights),
    .unpack = TH_KERNEL(unpack),
    .product = TH_KERNEL(product),
};

#endif
