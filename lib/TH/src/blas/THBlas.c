#include "TH/THBlas.h"
#include "TH/THArgument.h"

#include <limits.h>

#include "TH/THThreads.h"
#include "blas/THBlasLibrary.h"
#include "kernels/THMatrix.h"

/* A product of fewer multiplications is faster by the direct loop than by a call of the library. */
#define TH_DIRECT_PRODUCTS 8
/* Multiplications that are worth a thread of their own. */
#define TH_THREAD_PRODUCTS 262144
/* Elements of a matrix that are worth a thread of their own, where each is used once. */
#define TH_THREAD_ELEMENTS 131072

static int th_blas_use_library = 1;

void THBlas_useLibrary(int use)
{
    __atomic_store_n(&th_blas_use_library, use, __ATOMIC_RELAXED);
}

/* The library if it is to be used for `dtype`; NULL: plain C. */
static const THBlasLibrary *libraryFor(THDtype dtype)
{
    if (dtype != THDtype_Float && dtype != THDtype_Double) return NULL;
    return __atomic_load_n(&th_blas_use_library, __ATOMIC_RELAXED) ? thBlasLibrary_get() : NULL;
}

const char *THBlas_name(void)
{
    return __atomic_load_n(&th_blas_use_library, __ATOMIC_RELAXED) ? thBlasLibrary_name() : "reference";
}

const char *THBlas_describe(void)
{
    return __atomic_load_n(&th_blas_use_library, __ATOMIC_RELAXED) ? thBlasLibrary_describe() : "plain C";
}

/* --- checks -------------------------------------------------------------------------------------------------------- */

static THStatus checkDtype(const char *op, THDtype dtype)
{
    TH_FAIL_IF((unsigned)dtype >= (unsigned)THDtype_Count || TH_PICK(THMatrix_tables, dtype) == NULL, TH_ERR_UNSUPPORTED,
               "[%s] not implemented for %s", op, THDtype_name(dtype));
    return TH_OK;
}

static THStatus checkTrans(const char *op, const char *name, char trans)
{
    TH_FAIL_IF(trans != 'n' && trans != 't', TH_ERR_VALUE, "[%s] %s, '%c': must be 'n' or 't'", op, name, trans);
    return TH_OK;
}

static THStatus checkSize(const char *op, const char *name, int64_t size)
{
    TH_FAIL_IF(size < 0, TH_ERR_SHAPE, "[%s] %s, %lld: must not be negative", op, name, (long long)size);
    return TH_OK;
}

static THStatus checkLeading(const char *op, const char *name, int64_t ld, int64_t rows)
{
    TH_FAIL_IF(ld < (rows > 1 ? rows : 1), TH_ERR_SHAPE, "[%s] %s, %lld: must be at least %lld", op, name, (long long)ld,
               (long long)(rows > 1 ? rows : 1));
    return TH_OK;
}

static THStatus checkIncrement(const char *op, const char *name, int64_t increment)
{
    TH_FAIL_IF(increment < 1, TH_ERR_SHAPE, "[%s] %s, %lld: must be at least 1", op, name, (long long)increment);
    return TH_OK;
}

static inline bool fitInt(int64_t a, int64_t b, int64_t c)
{
    return a <= INT_MAX && b <= INT_MAX && c <= INT_MAX;
}

static inline void *at(THDtype dtype, const void *data, int64_t index)
{
    return (char *)(intptr_t)data + index * THDtype_itemsize(dtype);
}

/* --- gemm ---------------------------------------------------------------------------------------------------------- */

typedef struct Gemm {
    THDtype dtype;
    const THBlasLibrary *library; /* NULL: plain C */
    char transa, transb;
    int64_t m, n, k;
    THScalar alpha, beta;
    const void *a, *b;
    void *c;
    int64_t lda, ldb, ldc;
    int64_t row_blocks; /* c is cut into row_blocks x column_blocks */
    int64_t column_blocks;
} Gemm;

/* How many rows of c to compute at a time. OpenBLAS multiplies up to UNPACKED numbers in place (of a transposed `a`, for up to
 * UNPACKED_C of c); for more it first packs all of `a`, which with few columns takes longer than the product. Measured, one
 * thread: 1 x 1024 times 1024 x 1024 in 40 us instead of 296, 8 x 1024 in 91 instead of 333. */
#define FEW_COLUMNS 16
#define UNPACKED 1000000
#define UNPACKED_C 1024
static int64_t rowsAtOnce(const Gemm *g, int64_t m, int64_t n)
{
    if (n > FEW_COLUMNS || g->transb != 'n' || g->k == 0) return m;
    int64_t most = UNPACKED / (n * g->k);
    if (g->transa != 'n' && most > UNPACKED_C / n) most = UNPACKED_C / n;
    if (m <= most || most < (g->transa == 'n' ? 64 : 32)) return m;
    return most >= 128 ? 128 : most >= 64 ? 64 : 32;
}

/* Rows [i, i + m) and columns [j, j + n) of the product. */
static void multiplyBlock(const Gemm *g, int64_t i, int64_t m, int64_t j, int64_t n)
{
    const void *a = at(g->dtype, g->a, g->transa == 'n' ? i : i * g->lda);
    const void *b = at(g->dtype, g->b, g->transb == 'n' ? j * g->ldb : j);
    void *c = at(g->dtype, g->c, i + j * g->ldc);
    if (g->library == NULL) {
        const THMatrixView va = {(void *)(intptr_t)a, g->transa == 'n' ? 1 : g->lda, g->transa == 'n' ? g->lda : 1};
        const THMatrixView vb = {(void *)(intptr_t)b, g->transb == 'n' ? 1 : g->ldb, g->transb == 'n' ? g->ldb : 1};
        const THMatrixView vc = {c, 1, g->ldc};
        TH_PICK(THMatrix_tables, g->dtype)->gemm(m, n, g->k, g->alpha, va, vb, g->beta, vc);
        return;
    }
    const int64_t rows = rowsAtOnce(g, m, n);
    if (rows < m) {
        for (int64_t first = 0; first < m; first += rows)
            multiplyBlock(g, i + first, m - first < rows ? m - first : rows, j, n);
        return;
    }
    const int im = (int)m, in = (int)n, ik = (int)g->k, lda = (int)g->lda, ldb = (int)g->ldb, ldc = (int)g->ldc;
    const double alpha = THScalar_toDouble(g->alpha), beta = THScalar_toDouble(g->beta);
    if (g->dtype == THDtype_Double) {
        g->library->dgemm(&g->transa, &g->transb, &im, &in, &ik, &alpha, a, &lda, b, &ldb, &beta, c, &ldc);
    } else {
        const float falpha = (float)alpha, fbeta = (float)beta;
        g->library->sgemm(&g->transa, &g->transb, &im, &in, &ik, &falpha, a, &lda, b, &ldb, &fbeta, c, &ldc);
    }
}

/* Where part `index` of `parts` begins in 0 .. n, rounded to 16 so that the library's kernels keep full tiles. */
static int64_t blockStart(int64_t n, int64_t parts, int64_t index)
{
    if (index == parts) return n;
    const int64_t start = n / parts * index + n % parts * index / parts;
    return start & ~INT64_C(15);
}

static void multiplyBlocks(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Gemm *g = context;
    for (int64_t block = begin; block < end; block++) {
        const int64_t row = block % g->row_blocks, column = block / g->row_blocks;
        const int64_t i = blockStart(g->m, g->row_blocks, row), i_end = blockStart(g->m, g->row_blocks, row + 1);
        const int64_t j = blockStart(g->n, g->column_blocks, column), j_end = blockStart(g->n, g->column_blocks, column + 1);
        if (i < i_end && j < j_end) multiplyBlock(g, i, i_end - i, j, j_end - j);
    }
}

/* Chooses the grid: as many blocks as threads are worth it, with the least of a and b to read for each. */
static int64_t cutGemm(Gemm *g)
{
    const double products = (double)g->m * (double)g->n * (double)g->k;
    int64_t blocks = THThreads_inParallel() ? 1 : THThreads_get();
    if (products / TH_THREAD_PRODUCTS < (double)blocks) blocks = (int64_t)(products / TH_THREAD_PRODUCTS);
    g->row_blocks = g->column_blocks = 1;
    if (blocks < 2) return 1;
    double best = 0;
    for (int64_t rows = 1; rows <= blocks; rows++) {
        const int64_t columns = blocks / rows;
        if (rows * columns < blocks) continue;
        const double reads = (double)g->m / (double)rows + (double)g->n / (double)columns;
        if (best != 0 && reads >= best) continue;
        best = reads;
        g->row_blocks = rows;
        g->column_blocks = columns;
    }
    return blocks;
}

THStatus THBlas_gemm(THDtype dtype, char transa, char transb, int64_t m, int64_t n, int64_t k, THScalar alpha, const void *a,
                     int64_t lda, const void *b, int64_t ldb, THScalar beta, void *c, int64_t ldc)
{
    if (m > 0 && n > 0) TH_GIVEN("gemm", c);
    if (m > 0 && n > 0 && k > 0) TH_GIVEN("gemm", a, b);
    TH_TRY(checkDtype("gemm", dtype));
    TH_TRY(checkTrans("gemm", "transa", transa));
    TH_TRY(checkTrans("gemm", "transb", transb));
    TH_TRY(checkSize("gemm", "m", m));
    TH_TRY(checkSize("gemm", "n", n));
    TH_TRY(checkSize("gemm", "k", k));
    TH_TRY(checkLeading("gemm", "lda", lda, transa == 'n' ? m : k));
    TH_TRY(checkLeading("gemm", "ldb", ldb, transb == 'n' ? k : n));
    TH_TRY(checkLeading("gemm", "ldc", ldc, m));
    if (m == 0 || n == 0) return TH_OK;
    Gemm g = {.dtype = dtype,
              .transa = transa,
              .transb = transb,
              .m = m,
              .n = n,
              .k = k,
              .alpha = alpha,
              .beta = beta,
              .a = a,
              .b = b,
              .c = c,
              .lda = lda,
              .ldb = ldb,
              .ldc = ldc};
    const bool tiny = (double)m * (double)n * (double)k <= TH_DIRECT_PRODUCTS;
    if (!tiny && fitInt(m, n, k) && fitInt(lda, ldb, ldc)) g.library = libraryFor(dtype);
    const int64_t blocks = tiny ? 1 : cutGemm(&g);
    if (blocks == 1)
        multiplyBlock(&g, 0, m, 0, n);
    else
        THThreads_for(blocks, 1, multiplyBlocks, &g);
    return TH_OK;
}

/* --- gemv ---------------------------------------------------------------------------------------------------------- */

typedef struct Gemv {
    THDtype dtype;
    const THBlasLibrary *library;
    char trans;
    int64_t m, n;
    THScalar alpha, beta;
    const void *a, *x;
    void *y;
    int64_t lda, incx, incy;
} Gemv;

/* Elements [begin, end) of y. */
static void multiplyVector(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Gemv *g = context;
    const bool plain = g->trans == 'n';
    const void *a = at(g->dtype, g->a, plain ? begin : begin * g->lda);
    void *y = at(g->dtype, g->y, begin * g->incy);
    if (g->library == NULL) {
        const THMatrixView va = {(void *)(intptr_t)a, plain ? 1 : g->lda, plain ? g->lda : 1};
        const THMatrixView vx = {(void *)(intptr_t)g->x, g->incx, 1};
        const THMatrixView vy = {y, g->incy, 1};
        TH_PICK(THMatrix_tables, g->dtype)->gemm(end - begin, 1, plain ? g->n : g->m, g->alpha, va, vx, g->beta, vy);
        return;
    }
    const int m = (int)(plain ? end - begin : g->m), n = (int)(plain ? g->n : end - begin);
    const int lda = (int)g->lda, incx = (int)g->incx, incy = (int)g->incy;
    const double alpha = THScalar_toDouble(g->alpha), beta = THScalar_toDouble(g->beta);
    if (g->dtype == THDtype_Double) {
        g->library->dgemv(&g->trans, &m, &n, &alpha, a, &lda, g->x, &incx, &beta, y, &incy);
    } else {
        const float falpha = (float)alpha, fbeta = (float)beta;
        g->library->sgemv(&g->trans, &m, &n, &falpha, a, &lda, g->x, &incx, &fbeta, y, &incy);
    }
}

THStatus THBlas_gemv(THDtype dtype, char trans, int64_t m, int64_t n, THScalar alpha, const void *a, int64_t lda, const void *x,
                     int64_t incx, THScalar beta, void *y, int64_t incy)
{
    if ((trans == 't' ? n : m) > 0) TH_GIVEN("gemv", y);
    if (m > 0 && n > 0) TH_GIVEN("gemv", a, x);
    TH_TRY(checkDtype("gemv", dtype));
    TH_TRY(checkTrans("gemv", "trans", trans));
    TH_TRY(checkSize("gemv", "m", m));
    TH_TRY(checkSize("gemv", "n", n));
    TH_TRY(checkLeading("gemv", "lda", lda, m));
    TH_TRY(checkIncrement("gemv", "incx", incx));
    TH_TRY(checkIncrement("gemv", "incy", incy));
    Gemv g = {.dtype = dtype,
              .trans = trans,
              .m = m,
              .n = n,
              .alpha = alpha,
              .beta = beta,
              .a = a,
              .x = x,
              .y = y,
              .lda = lda,
              .incx = incx,
              .incy = incy};
    const int64_t length = trans == 'n' ? m : n, depth = trans == 'n' ? n : m;
    if (length == 0) return TH_OK;
    /* BLAS returns at once if a dimension is 0, without applying beta; the plain code applies it. */
    if (depth > 0 && fitInt(m, n, lda) && fitInt(incx, incy, 0)) g.library = libraryFor(dtype);
    THThreads_for(length, TH_THREAD_ELEMENTS / (depth > 0 ? depth : 1) + 1, multiplyVector, &g);
    return TH_OK;
}

/* --- ger, dot ------------------------------------------------------------------------------------------------------ */

THStatus THBlas_ger(THDtype dtype, int64_t m, int64_t n, THScalar alpha, const void *x, int64_t incx, const void *y,
                    int64_t incy, void *a, int64_t lda)
{
    if (m > 0 && n > 0) TH_GIVEN("ger", x, y, a);
    TH_TRY(checkDtype("ger", dtype));
    TH_TRY(checkSize("ger", "m", m));
    TH_TRY(checkSize("ger", "n", n));
    TH_TRY(checkLeading("ger", "lda", lda, m));
    TH_TRY(checkIncrement("ger", "incx", incx));
    TH_TRY(checkIncrement("ger", "incy", incy));
    if (m == 0 || n == 0) return TH_OK;
    const THBlasLibrary *library = fitInt(m, n, lda) && fitInt(incx, incy, 0) ? libraryFor(dtype) : NULL;
    if (library == NULL) {
        const THMatrixView vx = {(void *)(intptr_t)x, incx, 1}, vy = {(void *)(intptr_t)y, 1, incy}, va = {a, 1, lda};
        TH_PICK(THMatrix_tables, dtype)->gemm(m, n, 1, alpha, vx, vy, THScalar_fromLong(1), va);
        return TH_OK;
    }
    const int im = (int)m, in = (int)n, ix = (int)incx, iy = (int)incy, ia = (int)lda;
    const double dalpha = THScalar_toDouble(alpha);
    const float falpha = (float)dalpha;
    if (dtype == THDtype_Double)
        library->dger(&im, &in, &dalpha, x, &ix, y, &iy, a, &ia);
    else
        library->sger(&im, &in, &falpha, x, &ix, y, &iy, a, &ia);
    return TH_OK;
}

#define DOT_PARTS 64 /* at most */

typedef struct Dot {
    const THMatrix *table;
    const char *x, *y;
    int64_t n, incx, incy, itemsize;
    int64_t part; /* elements: 2^k blocks of the kernel */
    THScalar sums[DOT_PARTS];
} Dot;

static void addParts(int64_t begin, int64_t end, int thread, void *context)
{
    Dot *const d = context;
    (void)thread;
    for (int64_t p = begin; p < end; p++) {
        const int64_t first = p * d->part, count = d->n - first < d->part ? d->n - first : d->part;
        d->sums[p] =
            d->table->dot(count, d->x + first * d->incx * d->itemsize, d->incx, d->y + first * d->incy * d->itemsize, d->incy);
    }
}

static THScalar addScalars(THScalar a, THScalar b, bool floating)
{
    if (floating) return THScalar_fromDouble(THScalar_toDouble(a) + THScalar_toDouble(b));
    return THScalar_fromLong((int64_t)((uint64_t)THScalar_toLong(a) + (uint64_t)THScalar_toLong(b)));
}

/* Pairwise, as the kernel adds its blocks: halves, the first being the largest power of two below `count`. */
static THScalar addPairwise(const THScalar *sums, int64_t count, bool floating)
{
    int64_t half = 1;
    if (count == 1) return sums[0];
    while (2 * half < count) half *= 2;
    return addScalars(addPairwise(sums, half, floating), addPairwise(sums + half, count - half, floating), floating);
}

THStatus THBlas_dot(THDtype dtype, int64_t n, const void *x, int64_t incx, const void *y, int64_t incy, THScalar *result)
{
    TH_GIVEN("dot", result);
    if (n > 0) TH_GIVEN("dot", x, y);
    TH_TRY(checkDtype("dot", dtype));
    TH_TRY(checkSize("dot", "n", n));
    /* The library's sdot adds in float; ours adds in double, pairwise: the same for any number of threads. */
    Dot d = {.table = TH_PICK(THMatrix_tables, dtype), .x = x, .y = y, .n = n, .incx = incx, .incy = incy};
    d.itemsize = (int64_t)THDtype_size(dtype);
    d.part = 16 * TH_MATRIX_DOT_BLOCK;
    while ((n - 1) / d.part >= DOT_PARTS) d.part *= 2;
    if (n <= d.part) {
        *result = d.table->dot(n, x, incx, y, incy);
        return TH_OK;
    }
    const int64_t parts = (n + d.part - 1) / d.part;
    THThreads_for(parts, TH_THREAD_ELEMENTS / d.part + 1, addParts, &d);
    *result = addPairwise(d.sums, parts, THDtype_isFloating(dtype));
    return TH_OK;
}
