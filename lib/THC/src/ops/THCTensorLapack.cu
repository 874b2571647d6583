// Systems of equations, determinants, and what concerns symmetric positive definite matrices.
#include <cmath>

#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "ops/THCLapackCall.cuh"

namespace
{

int uploOf(int upper)
{
    return upper ? THC_BLAS_UPPER : THC_BLAS_LOWER;
}

// LU of the square c, in place.
THStatus factor(THCLapackCall &s, const THCMatrix &c, const THCMatrix &pivots)
{
    if (c.rows() == 0) return TH_OK;
    return s.withWorkspace(
        [&](int *size) { return s.f().getrf_size(s.handle(), c.rows(), c.columns(), c.data(), c.ld(), size); },
        [&](void *work, int) {
            return s.f().getrf(s.handle(), c.rows(), c.columns(), c.data(), c.ld(), work, pivots.integers(), s.info());
        });
}

THStatus solveFactored(THCLapackCall &s, const THCMatrix &c, const THCMatrix &pivots, const THCMatrix &x)
{
    if (c.rows() == 0 || x.columns() == 0) return TH_OK;
    TH_TRY(s.solved(s.f().getrs(s.handle(), THC_BLAS_OP_N, c.rows(), x.columns(), c.data(), c.ld(), pivots.integers(), x.data(),
                                x.ld(), s.info())));
    return thc_started(s.op());
}

THStatus isZero(const THTensor *a, bool *zero)
{
    double least = 0, greatest = 0;
    if (a->numel > 0) TH_TRY(THCLapackCall::bounds(a, &least, &greatest));
    *zero = least == 0 && greatest == 0;
    return TH_OK;
}

constexpr const char *ZERO_IN_FACTOR = "The %d-th diagonal element of the triangular factor of A is zero";

} // namespace

THStatus THCTensor_gesv(THTensor *x, THTensor *lu, const THTensor *b, const THTensor *a)
{
    TH_GIVEN("gesv", x, lu, b, a);
    THCLapackCall s("gesv", a);
    THCMatrix ca, cb, pivots;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkRight(b));
    TH_TRY(s.checkResult(x, s.dtype()));
    TH_TRY(s.checkResult(lu, s.dtype()));
    TH_TRY(ca.copy(a));
    TH_TRY(cb.copy(b));
    TH_TRY(pivots.makeVector(a, THDtype_Int, a->size[0]));
    TH_TRY(factor(s, ca, pivots));
    TH_TRY(s.found("U(%d,%d) is zero, singular U."));
    TH_TRY(solveFactored(s, ca, pivots, cb));
    s.give(x, cb.get());
    s.give(lu, ca.get());
    return s.end();
}

// At least as many rows as columns: q' b, then the triangle. Less: a' = q r, so that x = q r'^-1 b is the shortest; the
// factors of a' are those that LAPACK has for a (gelqf), transposed.
THStatus THCTensor_gels(THTensor *x, THTensor *qr, const THTensor *b, const THTensor *a)
{
    TH_GIVEN("gels", x, qr, b, a);
    THCLapackCall s("gels", a);
    THCMatrix factors, tau, solution, top, whole;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkRight(b));
    TH_TRY(s.checkResult(x, s.dtype()));
    TH_TRY(s.checkResult(qr, s.dtype()));
    const int64_t m = a->size[0], n = a->size[1], k = thc_least(a);
    const bool tall = m >= n;
    const THCOwned turned(THTensor_newTranspose(a, 0, 1));
    if (!turned) return THStatus_last();
    TH_TRY(factors.copy(tall ? a : turned.get()));
    TH_TRY(tau.makeVector(a, s.dtype(), k));
    TH_TRY(solution.make(a, tall ? m : n, b->ndim < 2 ? 1 : b->size[1]));
    TH_TRY(THCTensor_zero(solution.get()));
    if (k > 0) {
        TH_TRY(top.take(THTensor_newNarrow(solution.get(), 0, 0, m)));
        const THCOwned column(b->ndim == 1 ? THTensor_newUnsqueeze(b, -1) : THTensor_newWithTensor(b));
        if (!column) return THStatus_last();
        TH_TRY(THCTensor_copy(top.get(), column.get()));
    }
    bool zero = false;
    TH_TRY(isZero(a, &zero));
    if (zero) {
        TH_TRY(THCTensor_zero(solution.get())); // as LAPACK, whose factors stay zero, too
    } else {
        TH_TRY(s.reflect(factors, tau));
        TH_TRY(s.findZero(factors, k));
        TH_TRY(s.found(ZERO_IN_FACTOR));
        if (tall) TH_TRY(s.applyReflectors(factors, tau, (int)k, true, true, solution));
        TH_TRY(s.solveTriangle(factors, k, true, !tall, false, solution));
        if (!tall) TH_TRY(s.applyReflectors(factors, tau, (int)k, true, false, solution));
    }
    TH_TRY(whole.take(tall ? THTensor_newWithTensor(factors.get()) : THTensor_newTranspose(factors.get(), 0, 1)));
    s.give(x, solution.get());
    s.give(qr, whole.get());
    return s.end();
}

THStatus THCTensor_trtrs(THTensor *x, THTensor *triangle, const THTensor *b, const THTensor *a, int upper, int transpose,
                         int unit)
{
    TH_GIVEN("trtrs", x, triangle, b, a);
    THCLapackCall s("trtrs", a);
    THCMatrix ca, cb;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkRight(b));
    TH_TRY(s.checkResult(x, s.dtype()));
    TH_TRY(s.checkResult(triangle, s.dtype()));
    TH_TRY(ca.copy(a));
    TH_TRY(cb.copy(b));
    if (!unit) TH_TRY(s.findZero(ca, a->size[0]));
    TH_TRY(s.found("A(%d,%d) is zero, singular A"));
    TH_TRY(s.solveTriangle(ca, a->size[0], upper != 0, transpose != 0, unit != 0, cb));
    s.give(x, cb.get());
    s.give(triangle, ca.get());
    return s.end();
}

THStatus THCTensor_inverse(THTensor *r, const THTensor *a)
{
    TH_GIVEN("inverse", r, a);
    THCLapackCall s("inverse", a);
    THCMatrix c, x, pivots;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkResult(r, s.dtype()));
    TH_TRY(c.copy(a));
    TH_TRY(pivots.makeVector(a, THDtype_Int, a->size[0]));
    TH_TRY(x.make(a, a->size[0], a->size[0]));
    TH_TRY(THCTensor_eye(x.get(), a->size[0], a->size[0]));
    TH_TRY(factor(s, c, pivots));
    TH_TRY(s.found("U(%d,%d) is 0, U is singular"));
    TH_TRY(solveFactored(s, c, pivots, x));
    s.give(r, x.get());
    return s.end();
}

// --- determinants ------------------------------------------------------------------------------------------------------------

namespace
{

// The diagonal of the LU of a, each row exchange as a change of sign: product = sign * exp(logarithm).
struct Determinant {
    double product, sign, logarithm;
};

// Waits for the device: the numbers are few, and the host multiplies them as it does its own.
THStatus findDeterminant(THCLapackCall &s, const THTensor *a, Determinant *d)
{
    THCMatrix c, pivots, flat;
    const int64_t n = a->size[0];
    double least = 0, greatest = 0;
    TH_TRY(s.checkSquare());
    if (n > 0) TH_TRY(s.bounds(a, &least, &greatest));
    if (std::isnan(least)) { // cuSOLVER's pivots pass over them
        *d = Determinant{least, 0, least};
        return TH_OK;
    }
    TH_TRY(c.copy(a));
    TH_TRY(pivots.makeVector(a, THDtype_Int, n));
    TH_TRY(factor(s, c, pivots)); // a zero is an answer here
    TH_TRY(flat.makeVector(a, s.dtype(), n));
    TH_TRY(THCTensor_diag(flat.get(), c.get(), 0));
    const THCOwned diagonal(THCTensor_newOnDevice(flat.get(), TH_DEVICE_HOST)),
        exchanges(THCTensor_newOnDevice(pivots.get(), TH_DEVICE_HOST));
    if (!diagonal || !exchanges) return THStatus_last();
    const int *const p = thc_data<int>(exchanges.get());
    *d = Determinant{1, 1, 0};
    for (int64_t i = 0; i < n; i++) {
        const double value =
            s.dtype() == THDtype_Double ? thc_data<double>(diagonal.get())[i] : (double)thc_data<float>(diagonal.get())[i];
        const double turned = p[i] == i + 1 ? value : -value;
        d->product *= turned;
        d->sign *= (turned > 0) - (turned < 0);
        d->logarithm += std::log(std::fabs(turned));
    }
    return TH_OK;
}

THStatus giveNumber(THCLapackCall &s, THCMatrix &room, THTensor *r, const THTensor *a, double value)
{
    TH_TRY(room.take(THCTensor_newWithSize(s.device(), s.dtype(), 0, nullptr)));
    TH_TRY(THCTensor_fill(room.get(), THScalar_fromDouble(value)));
    s.give(r, room.get());
    return s.checkResult(r, (THDtype)a->dtype);
}

} // namespace

THStatus THCTensor_slogdet(THTensor *sign, THTensor *logarithm, const THTensor *a)
{
    TH_GIVEN("slogdet", sign, logarithm, a);
    THCLapackCall s("slogdet", a);
    THCMatrix one, other;
    Determinant d;
    TH_TRY(s.begin(2));
    TH_TRY(findDeterminant(s, a, &d));
    TH_TRY(giveNumber(s, one, sign, a, d.sign));
    TH_TRY(giveNumber(s, other, logarithm, a, d.logarithm));
    return s.end();
}

THStatus THCTensor_det(THTensor *r, const THTensor *a)
{
    TH_GIVEN("det", r, a);
    THCLapackCall s("det", a);
    THCMatrix room;
    Determinant d;
    TH_TRY(s.begin(2));
    TH_TRY(findDeterminant(s, a, &d));
    TH_TRY(giveNumber(s, room, r, a, d.product));
    return s.end();
}

// --- symmetric positive definite matrices ------------------------------------------------------------------------------------

namespace
{

// Zeros in the triangle that LAPACK did not write, or the mirror image of the one that it did.
template <class T>
__global__ void __launch_bounds__(THC_MAP_THREADS) endTriangleKernel(int64_t n, T *c, bool upper, bool mirror)
{
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t at = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; at < n * n; at += step) {
        const int64_t i = at % n, j = at / n;
        if (upper ? i > j : i < j) c[i + j * n] = mirror ? c[j + i * n] : (T)0;
    }
}

THStatus endTriangle(THCLapackCall &s, const THCMatrix &c, int upper, bool mirror)
{
    const int64_t n = c.rows(), most = INT64_C(1) << 20, needed = (n * n + THC_MAP_THREADS - 1) / THC_MAP_THREADS;
    const unsigned blocks = (unsigned)(needed < most ? needed : most);
    if (n == 0) return TH_OK;
    if (s.dtype() == THDtype_Double)
        endTriangleKernel<<<blocks, THC_MAP_THREADS, 0, thc_stream()>>>(n, thc_data<double>(c.get()), upper != 0, mirror);
    else
        endTriangleKernel<<<blocks, THC_MAP_THREADS, 0, thc_stream()>>>(n, thc_data<float>(c.get()), upper != 0, mirror);
    return thc_started(s.op());
}

} // namespace

THStatus THCTensor_potrf(THTensor *r, const THTensor *a, int upper)
{
    TH_GIVEN("potrf", r, a);
    THCLapackCall s("potrf", a);
    THCMatrix c;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkResult(r, s.dtype()));
    TH_TRY(c.copy(a));
    if (c.rows() > 0)
        TH_TRY(s.withWorkspace(
            [&](int *size) { return s.f().potrf_size(s.handle(), uploOf(upper), c.rows(), c.data(), c.ld(), size); },
            [&](void *work, int size) {
                return s.f().potrf(s.handle(), uploOf(upper), c.rows(), c.data(), c.ld(), work, size, s.info());
            }));
    TH_TRY(s.found("the leading minor of order %d is not positive definite"));
    TH_TRY(endTriangle(s, c, upper, false));
    s.give(r, c.get());
    return s.end();
}

THStatus THCTensor_potrs(THTensor *x, const THTensor *b, const THTensor *c, int upper)
{
    TH_GIVEN("potrs", x, b, c);
    THCLapackCall s("potrs", c);
    THCMatrix cc, cb;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkRight(b));
    TH_TRY(s.checkResult(x, s.dtype()));
    TH_TRY(cc.copy(c));
    TH_TRY(cb.copy(b));
    if (cc.rows() > 0 && cb.columns() > 0)
        TH_TRY(s.solved(
            s.f().potrs(s.handle(), uploOf(upper), cc.rows(), cb.columns(), cc.data(), cc.ld(), cb.data(), cb.ld(), s.info())));
    TH_TRY(s.found("A(%d,%d) is zero, singular A"));
    s.give(x, cb.get());
    return s.end();
}

THStatus THCTensor_potri(THTensor *r, const THTensor *c, int upper)
{
    TH_GIVEN("potri", r, c);
    THCLapackCall s("potri", c);
    THCMatrix cc;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkResult(r, s.dtype()));
    TH_TRY(cc.copy(c));
    TH_TRY(s.findZero(cc, cc.rows()));
    TH_TRY(s.found("A(%d,%d) is 0, A cannot be factorized"));
    if (cc.rows() > 0)
        TH_TRY(s.withWorkspace(
            [&](int *size) { return s.f().potri_size(s.handle(), uploOf(upper), cc.rows(), cc.data(), cc.ld(), size); },
            [&](void *work, int size) {
                return s.f().potri(s.handle(), uploOf(upper), cc.rows(), cc.data(), cc.ld(), work, size, s.info());
            }));
    TH_TRY(s.found("A(%d,%d) is 0, A cannot be factorized"));
    TH_TRY(endTriangle(s, cc, upper, true));
    s.give(r, cc.get());
    return s.end();
}
