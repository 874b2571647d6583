/* The product is computed in tiles of 4 rows by 64 bytes of columns; b is packed into panels of that width, a is read in
 * place. */
#include "kernels/THMatrix.h"

/* Integers wrap, which only unsigned types may; narrow ones would be promoted to int and overflow. */
#if TH_DTYPE_IS_FLOATING
typedef scalar_t calc_t;
typedef double sum_t;
#elif TH_DTYPE_IS(Long)
typedef uint64_t calc_t;
typedef uint64_t sum_t;
#else
typedef uint32_t calc_t;
typedef uint64_t sum_t;
#endif

#define ROWS 4
#define COLUMNS ((int64_t)(64 / sizeof(calc_t)))
#define DEPTH 256  /* of a packed panel: 16 KiB */
#define SMALL 1024 /* products of fewer multiplications are not worth packing */

TH_INLINE calc_t toCalc(THScalar s)
{
#if TH_DTYPE_IS_FLOATING
    return (calc_t)THScalar_toDouble(s);
#else
    return (calc_t)THScalar_toLong(s);
#endif
}

TH_INLINE void store(scalar_t *c, calc_t product, calc_t beta)
{
    *c = (scalar_t)(beta == 0 ? product : product + beta * (calc_t)*c);
}

static void direct(int64_t m, int64_t n, int64_t k, calc_t alpha, THMatrixView a, THMatrixView b, calc_t beta, THMatrixView c)
{
    const scalar_t *pa = a.data, *pb = b.data;
    scalar_t *pc = c.data;
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            const scalar_t *x = pa + i * a.row, *y = pb + j * b.column;
            calc_t sum = 0;
            for (int64_t p = 0; p < k; p++) sum += (calc_t)x[p * a.column] * (calc_t)y[p * b.row];
            store(pc + i * c.row + j * c.column, alpha * sum, beta);
        }
    }
}

/* Rows [0, depth) and `columns` columns of b, the rest of the panel filled with 0. */
static void pack(calc_t *panel, const scalar_t *b, THMatrixView shape, int64_t depth, int64_t columns)
{
    for (int64_t p = 0; p < depth; p++) {
        for (int64_t j = 0; j < COLUMNS; j++)
            panel[p * COLUMNS + j] = j < columns ? (calc_t)b[p * shape.row + j * shape.column] : 0;
    }
}

TH_INLINE void tile(int64_t rows, int64_t depth, const scalar_t *a, THMatrixView shape, const calc_t *panel,
                    calc_t sums[ROWS][64 / sizeof(calc_t)])
{
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLUMNS; j++) sums[i][j] = 0;
    }
    for (int64_t p = 0; p < depth; p++) {
        for (int64_t i = 0; i < rows; i++) {
            const calc_t x = (calc_t)a[i * shape.row + p * shape.column];
            for (int64_t j = 0; j < COLUMNS; j++) sums[i][j] += x * panel[p * COLUMNS + j];
        }
    }
}

/* One panel against all rows of a. */
static void multiplyPanel(int64_t m, int64_t columns, int64_t depth, calc_t alpha, const scalar_t *a, THMatrixView shape,
                          const calc_t *panel, calc_t beta, scalar_t *c, THMatrixView target)
{
    calc_t sums[ROWS][64 / sizeof(calc_t)];
    for (int64_t i = 0; i < m; i += ROWS) {
        const int64_t rows = m - i < ROWS ? m - i : ROWS;
        if (rows == ROWS)
            tile(ROWS, depth, a + i * shape.row, shape, panel, sums);
        else
            tile(rows, depth, a + i * shape.row, shape, panel, sums);
        for (int64_t r = 0; r < rows; r++) {
            for (int64_t j = 0; j < columns; j++) store(c + (i + r) * target.row + j * target.column, alpha * sums[r][j], beta);
        }
    }
}

static void TH_KERNEL(gemm)(int64_t m, int64_t n, int64_t k, THScalar alpha_number, THMatrixView a, THMatrixView b,
                            THScalar beta_number, THMatrixView c)
{
    const calc_t alpha = toCalc(alpha_number), beta = toCalc(beta_number);
    if (k == 0 || (double)m * (double)n * (double)k < SMALL) {
        direct(m, n, k, alpha, a, b, beta, c);
        return;
    }
    _Alignas(64) calc_t panel[DEPTH * 64 / sizeof(calc_t)];
    for (int64_t j = 0; j < n; j += COLUMNS) {
        const int64_t columns = n - j < COLUMNS ? n - j : COLUMNS;
        for (int64_t p = 0; p < k; p += DEPTH) {
            const int64_t depth = k - p < DEPTH ? k - p : DEPTH;
            pack(panel, (const scalar_t *)b.data + p * b.row + j * b.column, b, depth, columns);
            multiplyPanel(m, columns, depth, alpha, (const scalar_t *)a.data + p * a.column, a, panel, p == 0 ? beta : 1,
                          (scalar_t *)c.data + j * c.column, c);
        }
    }
}

/* --- inner product ------------------------------------------------------------------------------------------------- */

#define LANES 16

TH_INLINE sum_t term(const scalar_t *x, const scalar_t *y)
{
#if TH_DTYPE_IS_FLOATING
    return (sum_t)*x * (sum_t)*y;
#else
    return (sum_t)((int64_t)*x) * (sum_t)((int64_t)*y);
#endif
}

/* At most TH_MATRIX_DOT_BLOCK terms: independent lanes, which vectorise, then a tree over them. */
TH_INLINE sum_t dotBlock(int64_t n, const scalar_t *x, int64_t incx, const scalar_t *y, int64_t incy)
{
    sum_t lanes[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int64_t l = 0; l < LANES; l++) lanes[l] += term(x + (i + l) * incx, y + (i + l) * incy);
    }
    for (int64_t l = 0; i < n; i++, l++) lanes[l] += term(x + i * incx, y + i * incy);
    for (int64_t half = LANES / 2; half > 0; half /= 2) {
        for (int64_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    }
    return lanes[0];
}

static THScalar TH_KERNEL(dot)(int64_t n, const void *x_data, int64_t incx, const void *y_data, int64_t incy)
{
    const scalar_t *x = x_data, *y = y_data;
    /* Pairwise over blocks: level k holds the sum of 2^k blocks where the count of blocks has bit k set. */
    sum_t levels[64] = {0};
    uint64_t blocks = 0;
    for (int64_t i = 0; i < n; i += TH_MATRIX_DOT_BLOCK, blocks++) {
        const int64_t count = n - i < TH_MATRIX_DOT_BLOCK ? n - i : TH_MATRIX_DOT_BLOCK;
        sum_t sum = incx == 1 && incy == 1 ? dotBlock(count, x + i, 1, y + i, 1)
                                           : dotBlock(count, x + i * incx, incx, y + i * incy, incy);
        int level = 0;
        for (uint64_t bits = blocks; bits & 1; bits >>= 1, level++) sum = levels[level] + sum;
        levels[level] = sum;
    }
    sum_t total = 0;
    for (int level = 0; level < 64; level++) {
        if (blocks >> level & 1) total = levels[level] + total;
    }
#if TH_DTYPE_IS_FLOATING
    return THScalar_fromDouble(total);
#else
    return THScalar_fromLong((int64_t)total);
#endif
}

const THMatrix TH_TABLE(THMatrix) = {.gemm = TH_KERNEL(gemm), .dot = TH_KERNEL(dot)};
