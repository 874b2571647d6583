// Singular values and vectors. cuSOLVER's gesvd is accurate for every matrix, and slow: others come first where they are as
// accurate, or where what they give can be checked. Rotations (gesvdj) are not: of 256 x 256 numbers at random, u and v are 500
// to 900 units of rounding from orthogonal, with any tolerance, where gesvd's are 20 to 30. Nor is gesvdr, of low ranks.
#include <vector>

#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "ops/THCLapackCall.cuh"

namespace
{

const THScalar NONE = THScalar_fromLong(0), ONE = THScalar_fromLong(1);
constexpr int LEAST_POLAR = 128; // columns from which on gesvdp is the faster one

// c, of at least as many rows as columns k, is left[:, :k] diag(values) right'; left has k columns or, if `all`, as many as
// rows. Vectors that nobody asks for are zeros.
struct Factors {
    THCMatrix values, left, right;
    bool vectors, all;
};

// By gesvd, which destroys c.
THStatus bySolver(THCLapackCall &s, const THCMatrix &c, Factors &f)
{
    const signed char job = !f.vectors ? 'N' : f.all ? 'A' : 'S';
    THCMatrix turned;
    TH_TRY(turned.make(c.get(), c.columns(), c.columns()));
    TH_TRY(s.withWorkspace([&](int *size) { return s.f().gesvd_size(s.handle(), c.rows(), c.columns(), size); },
                           [&](void *work, int size) {
                               return s.f().gesvd(s.handle(), job, job, c.rows(), c.columns(), c.data(), c.ld(),
                                                  f.values.data(), f.left.data(), f.left.ld(), turned.data(), turned.ld(), work,
                                                  size, nullptr, s.info());
                           }));
    TH_TRY(s.found("%d superdiagonals failed to converge."));
    return f.vectors ? f.right.take(THTensor_newTranspose(turned.get(), 0, 1)) : TH_OK;
}

// --- floats ------------------------------------------------------------------------------------------------------------------

struct SignOf {
    __device__ double operator()(double x) const { return x < 0 ? -1.0 : 1.0; }
};

struct RootOf {
    __device__ double operator()(double x) const { return x > 0 ? sqrt(x) : 0.0; }
};

// c' c becomes its eigenvectors, the greatest value last.
THStatus decomposeSquare(THCLapackCall &s, const THTensor *c, bool vectors, THCMatrix &square, THCMatrix &values)
{
    const THCOwned turned(THTensor_newTranspose(c, 0, 1));
    if (!turned) return THStatus_last();
    TH_TRY(square.make(c, c->size[1], c->size[1]));
    TH_TRY(values.makeVector(c, s.dtype(), c->size[1]));
    TH_TRY(THCTensor_addmm(square.get(), NONE, nullptr, ONE, turned.get(), c));
    const int n = square.rows(), uplo = THC_BLAS_LOWER;
    TH_TRY(s.withWorkspace(
        [&](int *size) {
            return s.f().syevd_size(s.handle(), vectors, uplo, n, square.data(), square.ld(), values.data(), size);
        },
        [&](void *work, int size) {
            return s.f().syevd(s.handle(), vectors, uplo, n, square.data(), square.ld(), values.data(), work, size, s.info());
        }));
    return s.found("%d superdiagonals failed to converge.");
}

// q, whose first columns are a matrix, becomes the q of its decomposition; the diagonal of r goes to `diagonal`.
THStatus decomposeByReflectors(THCLapackCall &s, const THCMatrix &q, const THCMatrix &first, THTensor *diagonal)
{
    THCMatrix tau;
    TH_TRY(tau.makeVector(q.get(), s.dtype(), first.columns()));
    TH_TRY(s.reflect(first, tau));
    TH_TRY(THCTensor_diag(diagonal, first.get(), 0));
    return s.withWorkspace(
        [&](int *size) {
            return s.f().orgqr_size(s.handle(), q.rows(), q.columns(), first.columns(), q.data(), q.ld(), tau.data(), size);
        },
        [&](void *work, int size) {
            return s.f().orgqr(s.handle(), q.rows(), q.columns(), first.columns(), q.data(), q.ld(), tau.data(), work, size,
                               s.info());
        });
}

// The columns of `a` in that order.
THStatus arrange(THTensor *to, const THTensor *a, const THTensor *order)
{
    const THCOwned arranged(THTensor_new());
    if (!arranged) return THStatus_last();
    TH_TRY(THCTensor_indexSelect(arranged.get(), a, 1, order));
    return THCTensor_copy(to, arranged.get());
}

// In double, where the square c' c has all that matters of floats: its eigenvectors v are the right ones. The columns of c v
// are orthogonal, the longest first, but for the shortest, whose directions are rounding: q of their decomposition q r has the
// left ones, and r's diagonal the values. What stands beside the diagonal, and what the square lost, is less than the root of
// a double's rounding beside the greatest value: less than a float's.
THStatus byProduct(const THTensor *c, Factors &f)
{
    static const int64_t across[] = {1}, along[] = {0};
    const THCOwned wide(THCTensor_newConvert(c, THDtype_Double));
    if (!wide) return THStatus_last();
    THCLapackCall s("svd", wide.get());
    THCMatrix square, squares, q, first; // squares: of the values, then the signs of r's diagonal
    TH_TRY(s.begin(2));
    TH_TRY(decomposeSquare(s, wide.get(), f.vectors, square, squares));
    const THCOwned v(THTensor_new()), diagonal(THTensor_new()), values(THTensor_new()), order(THTensor_new());
    if (!v || !diagonal || !values || !order) return THStatus_last();
    if (!f.vectors) {
        TH_TRY(THCTensor_flip(values.get(), squares.get(), 1, along));
        TH_TRY((thc_map<double, double>("svd", RootOf{}, values.get(), values.get())));
        return THCTensor_copy(f.values.get(), values.get());
    }
    TH_TRY(THCTensor_flip(v.get(), square.get(), 1, across));
    TH_TRY(q.make(wide.get(), f.left.rows(), f.left.columns()));
    TH_TRY(first.take(THTensor_newNarrow(q.get(), 1, 0, c->size[1])));
    TH_TRY(THCTensor_addmm(first.get(), NONE, nullptr, ONE, wide.get(), v.get()));
    TH_TRY(decomposeByReflectors(s, q, first, diagonal.get()));
    TH_TRY((thc_map<double, double>("svd", SignOf{}, squares.get(), diagonal.get())));
    TH_TRY(THCTensor_cmul(v.get(), v.get(), squares.get()));
    TH_TRY(THCTensor_abs(diagonal.get(), diagonal.get()));
    TH_TRY(THCTensor_sort(values.get(), order.get(), diagonal.get(), 0, 1)); // rounding may turn the smallest ones
    TH_TRY(THCTensor_copy(f.values.get(), values.get()));
    TH_TRY(THCTensor_copy(f.left.get(), q.get())); // those that complete the base
    const THCOwned left(THTensor_newNarrow(f.left.get(), 1, 0, c->size[1]));
    if (!left) return THStatus_last();
    TH_TRY(arrange(left.get(), first.get(), order.get()));
    return arrange(f.right.get(), v.get(), order.get());
}

// --- doubles -----------------------------------------------------------------------------------------------------------------

// By the polar decomposition (gesvdp). *done is false where it failed.
THStatus startPolar(THCLapackCall &s, const THCMatrix &c, Factors &f, bool *done)
{
    const THCSolverLibrary &library = s.library();
    const int m = c.rows(), n = c.columns(), vectors = 1, thin = 1;
    const cudaDataType_t type = CUDA_R_64F;
    THCSolverParameter parameters = nullptr;
    size_t device_bytes = 0, host_bytes = 0;
    double perturbed = 0;
    *done = false;
    TH_TRY(s.solved(library.newParameters(&parameters)));
    int status =
        library.gesvdp_size(s.handle(), parameters, vectors, thin, m, n, type, c.data(), c.ld(), type, f.values.data(), type,
                            f.left.data(), f.left.ld(), type, f.right.data(), f.right.ld(), type, &device_bytes, &host_bytes);
    const THCScratch work(s.device(), status == 0 ? (int64_t)device_bytes : 0);
    std::vector<char> host(host_bytes);
    if (status == 0 && (device_bytes == 0 || work.data() != nullptr)) {
        status = library.gesvdp(s.handle(), parameters, vectors, thin, m, n, type, c.data(), c.ld(), type, f.values.data(),
                                type, f.left.data(), f.left.ld(), type, f.right.data(), f.right.ld(), type, work.data(),
                                device_bytes, host.data(), host_bytes, s.info(), &perturbed);
        *done = status == 0 && s.found("%d") == TH_OK; // waits, before host goes
    }
    library.freeParameters(parameters);
    return TH_OK;
}

// The root of the sum of the squares of beta * added + alpha * a b, each divided by `unit`.
THStatus distance(double beta, const THTensor *added, double alpha, const THTensor *a, const THTensor *b, double unit,
                  double *found)
{
    const THCOwned apart(THTensor_new()), norm(THTensor_new());
    THScalar value;
    if (!apart || !norm) return THStatus_last();
    TH_TRY(THCTensor_addmm(apart.get(), THScalar_fromDouble(beta), added, THScalar_fromDouble(alpha), a, b));
    TH_TRY(THCTensor_div(apart.get(), apart.get(), THScalar_fromDouble(unit)));
    TH_TRY(THCTensor_normall(norm.get(), apart.get(), 2));
    TH_TRY(THCTensor_item(norm.get(), &value));
    *found = THScalar_toDouble(value);
    return TH_OK;
}

// Whether the factors are orthogonal and give a back, each within n units of rounding: gesvdp adds to matrices that are nearly
// singular what makes them regular, and gives the factors of the sum.
THStatus checkFactors(const THTensor *a, const Factors &f, bool *good)
{
    const int64_t n = a->size[1];
    const double bound = (double)n * 0x1p-52;
    const THCOwned scaled(THTensor_new()), eye(THTensor_new()), right(THTensor_newTranspose(f.right.get(), 0, 1)),
        left(THTensor_newTranspose(f.left.get(), 0, 1));
    double greatest = 0, least = 0, off = 0, residual = 0;
    *good = false;
    if (!scaled || !eye || !right || !left) return THStatus_last();
    TH_TRY(THCLapackCall::bounds(f.values.get(), &least, &greatest));
    if (!(least >= 0 && greatest > 0)) return TH_OK;
    TH_TRY(THTensor_outputOn(eye.get(), "svd", THTensor_device(a), THDtype_Double, 2, f.right.get()->size));
    TH_TRY(THCTensor_eye(eye.get(), n, n));
    TH_TRY(distance(-1, eye.get(), 1, left.get(), f.left.get(), 1, &off));
    TH_TRY(THCTensor_cmul(scaled.get(), f.left.get(), f.values.get()));
    TH_TRY(distance(-1, a, 1, scaled.get(), right.get(), greatest, &residual));
    *good = off <= bound && residual <= bound;
    return TH_OK;
}

// gesvdp's factors if they are good ones.
THStatus byPolar(THCLapackCall &s, const THCMatrix &c, Factors &f, bool *good)
{
    THCMatrix destroyed;
    TH_TRY(destroyed.copy(c.get()));
    TH_TRY(startPolar(s, destroyed, f, good));
    return *good ? checkFactors(c.get(), f, good) : TH_OK;
}

THStatus decompose(THCLapackCall &s, const THTensor *tall, Factors &f)
{
    THCMatrix c;
    bool good = false;
    if (s.dtype() == THDtype_Float) return byProduct(tall, f);
    TH_TRY(c.copy(tall));
    if (f.vectors && c.columns() >= LEAST_POLAR && f.left.columns() == c.columns()) TH_TRY(byPolar(s, c, f, &good));
    return good ? TH_OK : bySolver(s, c, f);
}

} // namespace

// A wide matrix is decomposed as a' = v diag(s) u'.
THStatus THCTensor_gesvd(THTensor *u, THTensor *s, THTensor *v, const THTensor *a, int some, int vectors)
{
    TH_GIVEN("svd", u, s, v, a);
    THCLapackCall call("svd", a);
    Factors f;
    TH_TRY(call.begin(2));
    TH_TRY(call.checkResult(u, call.dtype()));
    TH_TRY(call.checkResult(s, call.dtype()));
    TH_TRY(call.checkResult(v, call.dtype()));
    TH_TRY(call.checkFinite(a));
    const bool tall = a->size[0] >= a->size[1];
    const int64_t k = thc_least(a), most = tall ? a->size[0] : a->size[1];
    const THCOwned transposed(THTensor_newTranspose(a, 0, 1));
    if (!transposed) return THStatus_last();
    f.vectors = vectors != 0;
    f.all = vectors && !some;
    TH_TRY(f.values.makeVector(a, call.dtype(), k));
    TH_TRY(f.left.make(a, most, some && vectors ? k : most));
    TH_TRY(f.right.make(a, k, k));
    if (!vectors) {
        TH_TRY(THCTensor_zero(f.left.get()));
        TH_TRY(THCTensor_zero(f.right.get()));
    } else if (k == 0) {
        TH_TRY(THCTensor_eye(f.left.get(), f.left.rows(), f.left.columns()));
    }
    if (k > 0) TH_TRY(decompose(call, tall ? a : transposed.get(), f));
    call.give(u, tall ? f.left.get() : f.right.get());
    call.give(s, f.values.get());
    call.give(v, tall ? f.right.get() : f.left.get());
    return call.end();
}
