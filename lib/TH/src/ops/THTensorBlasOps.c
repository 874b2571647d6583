#include "TH/THArgument.h"
#include "TH/THTensorBlas.h"

#include "TH/THBlas.h"
#include "TH/THTensorFill.h"
#include "TH/THThreads.h"
#include "core/THCore.h"

/* Multiplications below which a batch's products are shared out whole instead of each being cut. */
#define TH_BATCH_PRODUCTS 1048576

/* --- checks -------------------------------------------------------------------------------------------------------- */

static THStatus checkOperands(const char *op, const THTensor *a, const THTensor *b)
{
    TH_FAIL_IF(a->storage == NULL || b->storage == NULL, TH_ERR_STATE, "[%s] an operand has no dtype and no elements yet", op);
    TH_FAIL_IF(a->dtype != b->dtype, TH_ERR_DTYPE, "[%s] operands, %s and %s: must have one dtype; convert one of them", op,
               THDtype_name((THDtype)a->dtype), THDtype_name((THDtype)b->dtype));
    return TH_OK;
}

static bool isZero(THScalar s)
{
    return s.is_float ? s.value.d == 0 : s.value.i == 0;
}

/* What beta and alpha and the added tensor must be. */
static THStatus checkAdded(const char *op, const THTensor *a, THScalar beta, const THTensor *added, THScalar alpha)
{
    TH_TRY(THScalar_check(beta, (THDtype)a->dtype, op, "beta"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, op, "alpha"));
    if (isZero(beta)) return TH_OK;
    TH_FAIL_IF(added == NULL || added->storage == NULL, TH_ERR_VALUE,
               "[%s] the added tensor is missing: it may be, with beta 0", op);
    TH_FAIL_IF(added->dtype != a->dtype, TH_ERR_DTYPE, "[%s] operands, %s and %s: must have one dtype; convert one of them", op,
               THDtype_name((THDtype)added->dtype), THDtype_name((THDtype)a->dtype));
    return TH_OK;
}

typedef THStatus (*Product)(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a,
                            const THTensor *b);

/* The product of halves, computed and added up in float, then rounded once. */
static THStatus multiplyHalves(const char *op, Product product, THTensor *r, THScalar beta, const THTensor *m, THScalar alpha,
                               const THTensor *a, const THTensor *b)
{
    TH_FAIL_IF(r->storage != NULL && r->dtype != THDtype_Half, TH_ERR_DTYPE, "[%s] the output is %s, expected Half", op,
               THDtype_name((THDtype)r->dtype));
    TH_FAIL_IF(m != NULL && m->storage != NULL && m->dtype != THDtype_Half, TH_ERR_DTYPE,
               "[%s] operands, %s and Half: must have one dtype; convert one of them", op, THDtype_name((THDtype)m->dtype));
    THTensor *const fa = THTensor_newConvert(a, THDtype_Float), *const fb = THTensor_newConvert(b, THDtype_Float);
    THTensor *const fm = m == NULL || m->storage == NULL ? NULL : THTensor_newConvert(m, THDtype_Float), *const fr =
                                                                                                             THTensor_new();
    THStatus status = fa == NULL || fb == NULL || fr == NULL ? THStatus_last() : product(fr, beta, fm, alpha, fa, fb);
    if (status == TH_OK) status = THTensor_output(r, op, THDtype_Half, fr->ndim, fr->size);
    if (status == TH_OK) status = THTensor_copy(r, fr);
    THTensor *const all[] = {fa, fb, fm, fr};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
    return status;
}

/* --- matrices as BLAS sees them ------------------------------------------------------------------------------------ */

typedef struct Matrix {
    const char *data;
    int64_t rows, columns;
    int64_t row, column; /* strides */
} Matrix;

/* The last two dimensions of t. */
static Matrix matrixOf(const THTensor *t)
{
    const int d = t->ndim - 2;
    return (Matrix){THTensor_dataBytes(t), t->size[d], t->size[d + 1], t->stride[d], t->stride[d + 1]};
}

static Matrix transposed(Matrix m)
{
    return (Matrix){m.data, m.columns, m.rows, m.column, m.row};
}

/* True if rows follow each other, each without gaps; *ld is the distance between two. */
static bool isRowMajor(Matrix m, int64_t *ld)
{
    const int64_t least = m.columns > 1 ? m.columns : 1;
    *ld = m.rows <= 1 ? least : m.row;
    return (m.columns <= 1 || m.column == 1) && *ld >= least;
}

/* True if BLAS can read it, as it is or transposed. */
static bool isReadable(Matrix m)
{
    int64_t ld;
    return isRowMajor(m, &ld) || isRowMajor(transposed(m), &ld);
}

/* r = beta * r + alpha * a b for readable matrices. A row-major matrix is its own transpose to column-major BLAS, so r' =
 * b' a' is what it computes. */
static THStatus multiply(THDtype dtype, Matrix r, THScalar beta, THScalar alpha, Matrix a, Matrix b)
{
    int64_t ldr, lda, ldb;
    if (!isRowMajor(r, &ldr)) {
        const Matrix left = transposed(b);
        b = transposed(a);
        a = left;
        r = transposed(r);
        (void)isRowMajor(r, &ldr);
    }
    const char transa = isRowMajor(a, &lda) ? 'n' : 't';
    if (transa == 't') (void)isRowMajor(transposed(a), &lda);
    const char transb = isRowMajor(b, &ldb) ? 'n' : 't';
    if (transb == 't') (void)isRowMajor(transposed(b), &ldb);
    return THBlas_gemm(dtype, transb, transa, r.columns, r.rows, a.columns, alpha, b.data, ldb, a.data, lda, beta,
                       (void *)(intptr_t)r.data, ldr);
}

/* `t` with one more reference if BLAS can read its matrices, else a copy. */
static THTensor *newReadable(const THTensor *t)
{
    if (!isReadable(matrixOf(t))) return THTensor_newClone(t);
    THTensor_retain((THTensor *)t);
    return (THTensor *)t;
}

/* --- where the result goes ------------------------------------------------------------------------------------------ */

/* The added tensor fits the result's shape: asked before anything is written. */
static THStatus checkBroadcast(const char *op, const THTensor *added, int ndim, const int64_t *size)
{
    bool fits = added->ndim <= ndim;
    for (int d = 1; fits && d <= added->ndim; d++)
        fits = added->size[added->ndim - d] == size[ndim - d] || added->size[added->ndim - d] == 1;
    if (fits) return TH_OK;
    char have[128], want[128];
    return THStatus_fail(TH_ERR_SHAPE, "[%s] the added tensor, of size %s: cannot be broadcast to the product's size %s", op,
                         THTensor_describeSize(added->ndim, added->size, have, sizeof have),
                         THTensor_describeSize(ndim, size, want, sizeof want));
}

/* A tensor that BLAS can write: r itself, unless it overlaps an operand or has other strides. Holds `added` if beta is not
 * 0. */
static THStatus beginResult(const char *op, THTensor *r, THScalar beta, const THTensor *added, const THTensor *a,
                            const THTensor *b, int ndim, const int64_t *size, THTensor **result)
{
    const bool adds = !isZero(beta);
    if (adds) TH_TRY(checkBroadcast(op, added, ndim, size));
    bool in_place = adds && added == r && r->ndim == ndim;
    for (int d = 0; in_place && d < ndim; d++) in_place = r->size[d] == size[d];
    /* Resizing or writing r would destroy an operand that lies in the same memory. */
    const bool aside = r->storage != NULL && (THTensor_mayOverlap(r, a) || THTensor_mayOverlap(r, b) ||
                                              (adds && !in_place && THTensor_mayOverlap(r, added)));
    THTensor *target = r;
    if (!aside) {
        TH_TRY(THTensor_output(r, op, (THDtype)a->dtype, ndim, size));
        TH_TRY(thTensor_checkWritable(r, op));
    }
    if (aside || (ndim > 1 && !isReadable(matrixOf(r)))) {
        target = THTensor_newWithSize((THDtype)a->dtype, ndim, size);
        if (target == NULL) return THStatus_last();
    }
    if (adds && added != target) {
        const THStatus status = THTensor_copy(target, added);
        if (status != TH_OK) {
            if (target != r) THTensor_free(target);
            return status;
        }
    }
    *result = target;
    return TH_OK;
}

/* Moves the result to r if it was computed aside; frees it. */
static THStatus endResult(const char *op, THTensor *r, THTensor *result, THStatus status)
{
    if (result == r) return status;
    if (status == TH_OK) status = THTensor_output(r, op, (THDtype)result->dtype, result->ndim, result->size);
    if (status == TH_OK) status = THTensor_copy(r, result);
    THTensor_free(result);
    return status;
}

/* --- products ------------------------------------------------------------------------------------------------------ */

THStatus THTensor_addmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("addmm", r, a, b);
    TH_TRY(checkOperands("addmm", a, b));
    if (a->dtype == THDtype_Half) return multiplyHalves("addmm", THTensor_addmm, r, beta, m, alpha, a, b);
    TH_FAIL_IF(a->ndim != 2 || b->ndim != 2, TH_ERR_SHAPE, "[addmm] matrices expected, got %dD, %dD tensors", a->ndim, b->ndim);
    TH_FAIL_IF(a->size[1] != b->size[0], TH_ERR_SHAPE, "[addmm] size mismatch, m1: [%lld x %lld], m2: [%lld x %lld]",
               (long long)a->size[0], (long long)a->size[1], (long long)b->size[0], (long long)b->size[1]);
    TH_TRY(checkAdded("addmm", a, beta, m, alpha));
    const int64_t size[] = {a->size[0], b->size[1]};
    THTensor *result;
    TH_TRY(beginResult("addmm", r, beta, m, a, b, 2, size, &result));
    THTensor *ra = newReadable(a), *rb = newReadable(b);
    THStatus status = ra == NULL || rb == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = multiply((THDtype)a->dtype, matrixOf(result), beta, alpha, matrixOf(ra), matrixOf(rb));
    THTensor_free(ra);
    THTensor_free(rb);
    return endResult("addmm", r, result, status);
}

/* The distance between neighbours of a vector, as BLAS wants it. */
static int64_t incrementOf(const THTensor *x)
{
    return x->size[0] <= 1 ? 1 : x->stride[0];
}

/* `x` with one more reference, or a copy if it is expanded. */
static THTensor *newVector(const THTensor *x)
{
    if (incrementOf(x) < 1) return THTensor_newClone(x);
    THTensor_retain((THTensor *)x);
    return (THTensor *)x;
}

THStatus THTensor_addmv(THTensor *r, THScalar beta, const THTensor *v, THScalar alpha, const THTensor *a, const THTensor *x)
{
    TH_GIVEN("addmv", r, a, x);
    TH_TRY(checkOperands("addmv", a, x));
    if (a->dtype == THDtype_Half) return multiplyHalves("addmv", THTensor_addmv, r, beta, v, alpha, a, x);
    TH_FAIL_IF(a->ndim != 2 || x->ndim != 1, TH_ERR_SHAPE, "[addmv] matrix and vector expected, got %dD, %dD tensors", a->ndim,
               x->ndim);
    TH_FAIL_IF(a->size[1] != x->size[0], TH_ERR_SHAPE, "[addmv] size mismatch, [%lld x %lld], [%lld]", (long long)a->size[0],
               (long long)a->size[1], (long long)x->size[0]);
    TH_TRY(checkAdded("addmv", a, beta, v, alpha));
    THTensor *result;
    TH_TRY(beginResult("addmv", r, beta, v, a, x, 1, a->size, &result));
    THTensor *ra = newReadable(a), *rx = newVector(x);
    THStatus status = ra == NULL || rx == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        Matrix matrix = matrixOf(ra);
        int64_t lda;
        const char trans = isRowMajor(matrix, &lda) ? 't' : 'n';
        if (trans == 't')
            matrix = transposed(matrix);
        else
            (void)isRowMajor(transposed(matrix), &lda);
        status = THBlas_gemv((THDtype)a->dtype, trans, matrix.rows, matrix.columns, alpha, matrix.data, lda,
                             THTensor_dataBytes(rx), incrementOf(rx), beta, THTensor_dataBytes(result), incrementOf(result));
    }
    THTensor_free(ra);
    THTensor_free(rx);
    return endResult("addmv", r, result, status);
}

THStatus THTensor_addr(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *x, const THTensor *y)
{
    TH_GIVEN("addr", r, x, y);
    TH_TRY(checkOperands("addr", x, y));
    TH_FAIL_IF(x->ndim != 1 || y->ndim != 1, TH_ERR_SHAPE, "[addr] vectors expected, got %dD, %dD tensors", x->ndim, y->ndim);
    /* A product with inner dimension 1. */
    THTensor *column = THTensor_newUnsqueeze(x, -1), *row = THTensor_newUnsqueeze(y, 0);
    const THStatus status = column == NULL || row == NULL ? THStatus_last() : THTensor_addmm(r, beta, m, alpha, column, row);
    THTensor_free(column);
    THTensor_free(row);
    return status;
}

/* --- batches ------------------------------------------------------------------------------------------------------- */

typedef struct Batch {
    THDtype dtype;
    THScalar alpha, beta;
    Matrix r, a, b;                 /* of the first product */
    int64_t r_step, a_step, b_step; /* bytes to the next one */
    THStatus status;                /* atomic: of the last failure */
} Batch;

static void multiplyBatch(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    Batch *batch = context;
    for (int64_t i = begin; i < end; i++) {
        Matrix r = batch->r, a = batch->a, b = batch->b;
        r.data += i * batch->r_step;
        a.data += i * batch->a_step;
        b.data += i * batch->b_step;
        const THStatus status = multiply(batch->dtype, r, batch->beta, batch->alpha, a, b);
        if (status != TH_OK) __atomic_store_n(&batch->status, status, __ATOMIC_RELAXED);
    }
}

static THStatus multiplyAll(THTensor *result, THScalar beta, THScalar alpha, const THTensor *a, const THTensor *b)
{
    const int64_t itemsize = THDtype_itemsize((THDtype)a->dtype), count = result->size[0];
    if (result->numel == 0) return TH_OK;
    Batch batch = {.dtype = (THDtype)a->dtype,
                   .alpha = alpha,
                   .beta = beta,
                   .r = matrixOf(result),
                   .a = matrixOf(a),
                   .b = matrixOf(b),
                   .r_step = result->stride[0] * itemsize,
                   .a_step = a->stride[0] * itemsize,
                   .b_step = b->stride[0] * itemsize,
                   .status = TH_OK};
    const double products = (double)batch.r.rows * (double)batch.r.columns * (double)batch.a.columns;
    if (products < TH_BATCH_PRODUCTS)
        THThreads_for(count, (int64_t)(TH_BATCH_PRODUCTS / (4 * (products + 64))) + 1, multiplyBatch, &batch);
    else
        multiplyBatch(0, count, 0, &batch);
    TH_FAIL_IF(batch.status != TH_OK, batch.status, "[baddbmm] one of the products failed");
    return TH_OK;
}

static THStatus checkBatches(const char *op, const THTensor *a, const THTensor *b)
{
    TH_FAIL_IF(a->ndim != 3 || b->ndim != 3, TH_ERR_SHAPE, "[%s] 3D tensors expected, got %dD, %dD tensors", op, a->ndim,
               b->ndim);
    TH_FAIL_IF(a->size[0] != b->size[0], TH_ERR_SHAPE, "[%s] equal number of batches expected, got %lld, %lld", op,
               (long long)a->size[0], (long long)b->size[0]);
    TH_FAIL_IF(a->size[2] != b->size[1], TH_ERR_SHAPE, "[%s] wrong matrix size, batch1: [%lld x %lld], batch2: [%lld x %lld]",
               op, (long long)a->size[1], (long long)a->size[2], (long long)b->size[1], (long long)b->size[2]);
    return TH_OK;
}

/* The sum over the batch is a part of the sum of one product: matrices side by side, times matrices below each other. */
THStatus THTensor_addbmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("addbmm", r, a, b);
    static const int front[] = {1, 0, 2};
    TH_TRY(checkOperands("addbmm", a, b));
    TH_TRY(checkBatches("addbmm", a, b));
    const int64_t left[] = {a->size[1], a->size[0] * a->size[2]}, right[] = {left[1], b->size[2]};
    THTensor *const turned = THTensor_newPermute(a, 3, front);
    THTensor *const row = turned == NULL ? NULL : THTensor_newReshape(turned, 2, left);
    THTensor *const column = row == NULL ? NULL : THTensor_newReshape(b, 2, right);
    const THStatus status = column == NULL ? THStatus_last() : THTensor_addmm(r, beta, m, alpha, row, column);
    THTensor_free(turned);
    THTensor_free(row);
    THTensor_free(column);
    return status;
}

THStatus THTensor_baddbmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("baddbmm", r, a, b);
    TH_TRY(checkOperands("baddbmm", a, b));
    if (a->dtype == THDtype_Half) return multiplyHalves("baddbmm", THTensor_baddbmm, r, beta, m, alpha, a, b);
    TH_TRY(checkBatches("baddbmm", a, b));
    TH_TRY(checkAdded("baddbmm", a, beta, m, alpha));
    const int64_t size[] = {a->size[0], a->size[1], b->size[2]};
    THTensor *result;
    TH_TRY(beginResult("baddbmm", r, beta, m, a, b, 3, size, &result));
    THTensor *ra = newReadable(a), *rb = newReadable(b);
    THStatus status = ra == NULL || rb == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = multiplyAll(result, beta, alpha, ra, rb);
    THTensor_free(ra);
    THTensor_free(rb);
    return endResult("baddbmm", r, result, status);
}

static THStatus dotOfProduct(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *x,
                             const THTensor *y)
{
    (void)beta;
    (void)m;
    (void)alpha;
    return THTensor_dot(r, x, y);
}

THStatus THTensor_dot(THTensor *r, const THTensor *x, const THTensor *y)
{
    TH_GIVEN("dot", r, x, y);
    TH_TRY(checkOperands("dot", x, y));
    TH_FAIL_IF(x->ndim != 1 || y->ndim != 1, TH_ERR_SHAPE, "[dot] 1D tensors expected, got %dD, %dD tensors", x->ndim, y->ndim);
    TH_FAIL_IF(x->size[0] != y->size[0], TH_ERR_SHAPE,
               "[dot] inconsistent tensor size, expected tensor [%lld] and src [%lld] to have the same number of elements",
               (long long)x->size[0], (long long)y->size[0]);
    if (x->dtype == THDtype_Half)
        return multiplyHalves("dot", dotOfProduct, r, THScalar_fromLong(0), NULL, THScalar_fromLong(1), x, y);
    THScalar sum;
    TH_TRY(THBlas_dot((THDtype)x->dtype, x->size[0], THTensor_dataBytes(x), x->stride[0], THTensor_dataBytes(y), y->stride[0],
                      &sum));
    TH_TRY(THTensor_output(r, "dot", (THDtype)x->dtype, 0, NULL));
    THScalar_store(sum, (THDtype)x->dtype, THTensor_dataBytes(r));
    return TH_OK;
}
