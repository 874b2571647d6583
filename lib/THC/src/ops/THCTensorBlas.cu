// Products of vectors and matrices: of floats by cuBLAS, of integers by kernels of our own.
#include "THC/THCTensor.h"

#include "THC/device/THCOps.cuh"
#include "blas/THCBlas.cuh"
#include "blas/THCIntegerBlas.cuh"

namespace
{

// --- checks ------------------------------------------------------------------------------------------------------------------

THStatus checkOperands(const char *op, const THTensor *a, const THTensor *b)
{
    TH_FAIL_IF(a->storage == nullptr || b->storage == nullptr, TH_ERR_STATE, "[%s] an operand has no dtype and no elements yet",
               op);
    return thc_same(op, a, b);
}

// What beta, alpha and the added tensor must be.
THStatus checkAdded(const char *op, const THTensor *a, THScalar beta, const THTensor *added, THScalar alpha)
{
    TH_TRY(THScalar_check(beta, (THDtype)a->dtype, op, "beta"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, op, "alpha"));
    if (THScalar_toDouble(beta) == 0) return TH_OK;
    TH_FAIL_IF(added == nullptr || added->storage == nullptr, TH_ERR_VALUE,
               "[%s] the added tensor is missing: it may be, with beta 0", op);
    return thc_same(op, added, a);
}

// --- matrices as BLAS sees them ----------------------------------------------------------------------------------------------

struct Matrix {
    const char *data;
    int64_t rows, columns;
    int64_t row, column; // strides
};

// The last two dimensions of t.
Matrix matrixOf(const THTensor *t)
{
    const int d = t->ndim - 2;
    return {THTensor_dataBytes(t), t->size[d], t->size[d + 1], t->stride[d], t->stride[d + 1]};
}

Matrix transposed(const Matrix &m)
{
    return {m.data, m.columns, m.rows, m.column, m.row};
}

// True if rows follow each other, each without gaps; *ld is the distance between two.
bool isRowMajor(const Matrix &m, int64_t *ld)
{
    const int64_t least = m.columns > 1 ? m.columns : 1;
    *ld = m.rows <= 1 ? least : m.row;
    return (m.columns <= 1 || m.column == 1) && *ld >= least;
}

// True if BLAS can read it, as it is or transposed.
bool isReadable(const Matrix &m)
{
    int64_t ld;
    return isRowMajor(m, &ld) || isRowMajor(transposed(m), &ld);
}

// `t` with one more reference if its matrices can be read, else a copy. Integers can be read whatever their strides are.
THTensor *newReadable(const THTensor *t)
{
    if (THDtype_isFloating((THDtype)t->dtype) && !isReadable(matrixOf(t))) return THCTensor_newClone(t);
    THTensor_retain(const_cast<THTensor *>(t));
    return const_cast<THTensor *>(t);
}

THCGemmOperand operandOf(const Matrix &m, int64_t step)
{
    int64_t ld;
    if (isRowMajor(m, &ld)) return {m.data, false, ld, step};
    isRowMajor(transposed(m), &ld);
    return {m.data, true, ld, step};
}

int64_t stepOf(const THTensor *t)
{
    return t->ndim < 3 ? 0 : t->stride[0];
}

// result = beta * result. Zeros, without reading, for beta 0.
THStatus scale(THTensor *result, THScalar beta)
{
    return THScalar_toDouble(beta) == 0 ? THCTensor_zero(result) : THCTensor_mul(result, result, beta);
}

// As multiply, of integers.
THStatus multiplyIntegers(const char *op, THTensor *result, THScalar beta, THScalar alpha, const THTensor *a, const THTensor *b)
{
    const auto operand = [](const THTensor *t) {
        const Matrix m = matrixOf(t);
        return THCIntegerMatrix{m.data, m.row, m.column, stepOf(t)};
    };
    const Matrix left = matrixOf(a), r = matrixOf(result);
    const int64_t count = result->ndim < 3 ? 1 : result->size[0];
    const THCGuard guard(result);
    return thcInteger_multiply(op, {(THDtype)result->dtype, count, r.rows, r.columns, left.columns, alpha, beta, operand(a),
                                    operand(b), operand(result)});
}

// result = beta * result + alpha * a b for readable matrices, or batches of them. A row-major matrix is its own transpose to
// column-major BLAS, so r' = b' a' is what it computes.
THStatus multiply(const char *op, THTensor *result, THScalar beta, THScalar alpha, const THTensor *a, const THTensor *b)
{
    Matrix r = matrixOf(result), left = matrixOf(a), right = matrixOf(b);
    int64_t left_step = stepOf(a), right_step = stepOf(b), ldr;
    if (result->numel == 0) return TH_OK;
    if (left.columns == 0) return scale(result, beta);
    if (!THDtype_isFloating((THDtype)result->dtype)) return multiplyIntegers(op, result, beta, alpha, a, b);
    if (!isRowMajor(r, &ldr)) {
        const Matrix turned = transposed(right);
        const int64_t step = right_step;
        right = transposed(left);
        right_step = left_step;
        left = turned;
        left_step = step;
        r = transposed(r);
        isRowMajor(r, &ldr);
    }
    THCGemm gemm;
    gemm.dtype = (THDtype)result->dtype;
    gemm.count = result->ndim < 3 ? 1 : result->size[0];
    gemm.m = r.columns;
    gemm.n = r.rows;
    gemm.k = left.columns;
    gemm.alpha = THScalar_toDouble(alpha);
    gemm.beta = THScalar_toDouble(beta);
    gemm.a = operandOf(right, right_step);
    gemm.b = operandOf(left, left_step);
    gemm.c = const_cast<char *>(r.data);
    gemm.ldc = ldr;
    gemm.c_step = stepOf(result);
    const THCGuard guard(result);
    return thcBlas_gemm(op, gemm);
}

// --- where the result goes --------------------------------------------------------------------------------------------------

THStatus checkWritable(const char *op, const THTensor *r)
{
    for (int d = 0; d < r->ndim; d++)
        TH_FAIL_IF(r->stride[d] == 0 && r->size[d] > 1, TH_ERR_SHAPE,
                   "[%s] output is expanded along dimension %d, its elements share memory; clone it first", op, d);
    return TH_OK;
}

// A product on its way into r.
class Product
{
  public:
    Product(const char *op, THTensor *r, const THTensor *a, const THTensor *b) : op_(op), r_(r), a_(a), b_(b), target_(r) {}
    ~Product()
    {
        if (target_ != r_) THTensor_free(target_);
    }
    Product(const Product &) = delete;
    Product &operator=(const Product &) = delete;

    THTensor *target() const { return target_; }

    // Makes a tensor that BLAS can write: r itself, unless it overlaps an operand or has other strides. It holds `added` if
    // beta is not 0.
    THStatus begin(THScalar beta, const THTensor *added, int ndim, const int64_t *size)
    {
        const bool adds = THScalar_toDouble(beta) != 0;
        bool in_place = adds && added == r_ && r_->ndim == ndim;
        for (int d = 0; in_place && d < ndim; d++) in_place = r_->size[d] == size[d];
        // Resizing or writing r would destroy an operand that lies in the same memory.
        const bool aside = r_->storage != nullptr && (THTensor_mayOverlap(r_, a_) || THTensor_mayOverlap(r_, b_) ||
                                                      (adds && !in_place && THTensor_mayOverlap(r_, added)));
        if (!aside) {
            TH_TRY(output(ndim, size));
            TH_TRY(checkWritable(op_, r_));
        }
        if (aside || (ndim > 1 && !isReadable(matrixOf(r_)))) {
            THTensor *const made = THCTensor_newWithSize(THTensor_device(a_), (THDtype)a_->dtype, ndim, size);
            if (made == nullptr) return THStatus_last();
            target_ = made;
        }
        return adds && added != target_ ? THCTensor_copy(target_, added) : TH_OK;
    }

    // Moves the result to r if it was computed aside.
    THStatus end()
    {
        if (target_ == r_) return TH_OK;
        TH_TRY(output(target_->ndim, target_->size));
        return THCTensor_copy(r_, target_);
    }

  private:
    THStatus output(int ndim, const int64_t *size)
    {
        return THTensor_outputOn(r_, op_, THTensor_device(a_), (THDtype)a_->dtype, ndim, size);
    }

    const char *op_;
    THTensor *r_;
    const THTensor *a_, *b_;
    THTensor *target_;
};

// The distance between neighbours of a vector, as BLAS wants it.
int64_t incrementOf(const THTensor *x)
{
    return x->size[0] <= 1 ? 1 : x->stride[0];
}

// `x` with one more reference, or a copy if it is expanded.
THTensor *newVector(const THTensor *x)
{
    if (incrementOf(x) < 1) return THCTensor_newClone(x);
    THTensor_retain(const_cast<THTensor *>(x));
    return const_cast<THTensor *>(x);
}

// As multiply, of a matrix and a vector. Halves and integers are a product of matrices.
THStatus multiplyVector(THTensor *result, THScalar beta, THScalar alpha, const THTensor *a, const THTensor *x)
{
    if (result->numel == 0) return TH_OK;
    if (a->size[1] == 0) return scale(result, beta);
    if (a->dtype != THDtype_Float && a->dtype != THDtype_Double) {
        const THCOwned r(THTensor_newUnsqueeze(result, -1)), column(THTensor_newUnsqueeze(x, -1));
        if (!r || !column) return THStatus_last();
        return multiply("addmv", r.get(), beta, alpha, a, column.get());
    }
    const THCGemmOperand matrix = operandOf(matrixOf(a), 0); // not transposed: row-major, which BLAS takes for the transpose
    const int64_t m = matrix.transposed ? a->size[0] : a->size[1], n = matrix.transposed ? a->size[1] : a->size[0];
    const THCGuard guard(result);
    return thcBlas_gemv("addmv", (THDtype)a->dtype, !matrix.transposed, m, n, THScalar_toDouble(alpha), matrix.data, matrix.ld,
                        THTensor_dataBytes(x), incrementOf(x), THScalar_toDouble(beta), THTensor_dataBytes(result),
                        incrementOf(result));
}

THStatus checkBatches(const char *op, const THTensor *a, const THTensor *b)
{
    TH_FAIL_IF(a->ndim != 3 || b->ndim != 3, TH_ERR_SHAPE, "[%s] 3D tensors expected, got %dD, %dD tensors", op, a->ndim,
               b->ndim);
    TH_FAIL_IF(a->size[0] != b->size[0], TH_ERR_SHAPE, "[%s] equal number of batches expected, got %lld, %lld", op,
               (long long)a->size[0], (long long)b->size[0]);
    TH_FAIL_IF(a->size[2] != b->size[1], TH_ERR_SHAPE, "[%s] wrong matrix size, batch1: [%lld x %lld], batch2: [%lld x %lld]",
               op, (long long)a->size[1], (long long)a->size[2], (long long)b->size[1], (long long)b->size[2]);
    return TH_OK;
}

// After the checks of shapes.
THStatus product(const char *op, THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a,
                 const THTensor *b, int ndim, const int64_t *size)
{
    TH_TRY(checkAdded(op, a, beta, m, alpha));
    Product p(op, r, a, b);
    TH_TRY(p.begin(beta, m, ndim, size));
    const THCOwned left(newReadable(a)), right(newReadable(b));
    if (!left || !right) return THStatus_last();
    TH_TRY(multiply(op, p.target(), beta, alpha, left.get(), right.get()));
    return p.end();
}

} // namespace

THStatus THCTensor_addmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("addmm", r, a, b);
    TH_TRY(checkOperands("addmm", a, b));
    TH_FAIL_IF(a->ndim != 2 || b->ndim != 2, TH_ERR_SHAPE, "[addmm] matrices expected, got %dD, %dD tensors", a->ndim, b->ndim);
    TH_FAIL_IF(a->size[1] != b->size[0], TH_ERR_SHAPE, "[addmm] size mismatch, m1: [%lld x %lld], m2: [%lld x %lld]",
               (long long)a->size[0], (long long)a->size[1], (long long)b->size[0], (long long)b->size[1]);
    const int64_t size[] = {a->size[0], b->size[1]};
    return product("addmm", r, beta, m, alpha, a, b, 2, size);
}

THStatus THCTensor_addmv(THTensor *r, THScalar beta, const THTensor *v, THScalar alpha, const THTensor *a, const THTensor *x)
{
    TH_GIVEN("addmv", r, a, x);
    TH_TRY(checkOperands("addmv", a, x));
    TH_FAIL_IF(a->ndim != 2 || x->ndim != 1, TH_ERR_SHAPE, "[addmv] matrix and vector expected, got %dD, %dD tensors", a->ndim,
               x->ndim);
    TH_FAIL_IF(a->size[1] != x->size[0], TH_ERR_SHAPE, "[addmv] size mismatch, [%lld x %lld], [%lld]", (long long)a->size[0],
               (long long)a->size[1], (long long)x->size[0]);
    TH_TRY(checkAdded("addmv", a, beta, v, alpha));
    Product p("addmv", r, a, x);
    TH_TRY(p.begin(beta, v, 1, a->size));
    const THCOwned matrix(newReadable(a)), vector(newVector(x));
    if (!matrix || !vector) return THStatus_last();
    TH_TRY(multiplyVector(p.target(), beta, alpha, matrix.get(), vector.get()));
    return p.end();
}

THStatus THCTensor_addr(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *x, const THTensor *y)
{
    TH_GIVEN("addr", r, x, y);
    TH_TRY(checkOperands("addr", x, y));
    TH_FAIL_IF(x->ndim != 1 || y->ndim != 1, TH_ERR_SHAPE, "[addr] vectors expected, got %dD, %dD tensors", x->ndim, y->ndim);
    // A product with inner dimension 1.
    const THCOwned column(THTensor_newUnsqueeze(x, -1)), row(THTensor_newUnsqueeze(y, 0));
    if (!column || !row) return THStatus_last();
    return THCTensor_addmm(r, beta, m, alpha, column.get(), row.get());
}

THStatus THCTensor_baddbmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("baddbmm", r, a, b);
    TH_TRY(checkOperands("baddbmm", a, b));
    TH_TRY(checkBatches("baddbmm", a, b));
    const int64_t size[] = {a->size[0], a->size[1], b->size[2]};
    return product("baddbmm", r, beta, m, alpha, a, b, 3, size);
}

// The sum over the batch is a part of the sum of one product: matrices side by side, times matrices below each other.
THStatus THCTensor_addbmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("addbmm", r, a, b);
    static const int front[] = {1, 0, 2};
    TH_TRY(checkOperands("addbmm", a, b));
    TH_TRY(checkBatches("addbmm", a, b));
    const int64_t left[] = {a->size[1], a->size[0] * a->size[2]}, right[] = {left[1], b->size[2]};
    const THCOwned turned(THTensor_newPermute(a, 3, front));
    if (!turned) return THStatus_last();
    const THCOwned row(THCTensor_newReshape(turned.get(), 2, left)), column(THCTensor_newReshape(b, 2, right));
    if (!row || !column) return THStatus_last();
    return THCTensor_addmm(r, beta, m, alpha, row.get(), column.get());
}

namespace
{

// *sum, without dimensions, of readable vectors with elements.
THStatus multiplyVectors(THTensor *sum, const THTensor *x, const THTensor *y)
{
    if (THDtype_isFloating((THDtype)x->dtype)) {
        const THCGuard guard(x);
        return thcBlas_dot("dot", (THDtype)x->dtype, x->size[0], THTensor_dataBytes(x), incrementOf(x), THTensor_dataBytes(y),
                           incrementOf(y), THTensor_dataBytes(sum));
    }
    const int64_t one[] = {1, 1};
    const THCOwned row(THTensor_newUnsqueeze(x, 0)), column(THTensor_newUnsqueeze(y, -1)), r(THTensor_newView(sum, 2, one));
    if (!row || !column || !r) return THStatus_last();
    return multiply("dot", r.get(), THScalar_fromLong(0), THScalar_fromLong(1), row.get(), column.get());
}

} // namespace

THStatus THCTensor_dot(THTensor *r, const THTensor *x, const THTensor *y)
{
    TH_GIVEN("dot", r, x, y);
    TH_TRY(checkOperands("dot", x, y));
    TH_FAIL_IF(x->ndim != 1 || y->ndim != 1, TH_ERR_SHAPE, "[dot] 1D tensors expected, got %dD, %dD tensors", x->ndim, y->ndim);
    TH_FAIL_IF(x->size[0] != y->size[0], TH_ERR_SHAPE,
               "[dot] inconsistent tensor size, expected tensor [%lld] and src [%lld] to have the same number of elements",
               (long long)x->size[0], (long long)y->size[0]);
    Product p("dot", r, x, y);
    TH_TRY(p.begin(THScalar_fromLong(0), nullptr, 0, nullptr));
    if (x->numel == 0) {
        TH_TRY(THCTensor_zero(p.target()));
        return p.end();
    }
    const THCOwned left(newVector(x)), right(newVector(y));
    if (!left || !right) return THStatus_last();
    TH_TRY(multiplyVectors(p.target(), left.get(), right.get()));
    return p.end();
}
