// Decompositions, by cuSOLVER.
#include <vector>

#include "THC/THCTensor.h"
#include "ops/THCLapackCall.cuh"

// --- eigenvalues -------------------------------------------------------------------------------------------------------------

THStatus THCTensor_syev(THTensor *values, THTensor *v, const THTensor *a, int vectors, int upper)
{
    TH_GIVEN("symeig", values, v, a);
    THCLapackCall s("symeig", a);
    THCMatrix c, w, none;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkResult(values, s.dtype()));
    TH_TRY(s.checkResult(v, s.dtype()));
    {
        const THCOwned triangle(THTensor_new()); // the other one is not looked at
        if (!triangle) return THStatus_last();
        TH_TRY(upper ? THCTensor_triu(triangle.get(), a, 0) : THCTensor_tril(triangle.get(), a, 0));
        TH_TRY(s.checkFinite(triangle.get()));
    }
    const int uplo = upper ? THC_BLAS_UPPER : THC_BLAS_LOWER;
    TH_TRY(c.copy(a));
    TH_TRY(w.makeVector(a, s.dtype(), a->size[0]));
    TH_TRY(none.make(a, 0, 0));
    if (c.rows() > 0)
        TH_TRY(s.withWorkspace(
            [&](int *size) {
                return s.f().syevd_size(s.handle(), vectors != 0, uplo, c.rows(), c.data(), c.ld(), w.data(), size);
            },
            [&](void *work, int size) {
                return s.f().syevd(s.handle(), vectors != 0, uplo, c.rows(), c.data(), c.ld(), w.data(), work, size, s.info());
            }));
    TH_TRY(s.found("%d off-diagonal elements didn't converge to zero"));
    s.give(values, w.get());
    s.give(v, vectors ? c.get() : none.get());
    return s.end();
}

namespace
{

// The eigenvalues of c, which it destroys, into w (real parts, then imaginary ones), and vectors, if there is room for them.
THStatus findEigenvalues(THCLapackCall &s, const THCMatrix &c, const THCMatrix &w, const THCMatrix &right, bool vectors)
{
    const THCSolverLibrary &library = s.library();
    const cudaDataType_t type = s.dtype() == THDtype_Double ? CUDA_R_64F : CUDA_R_32F;
    const int n = c.rows();
    THCSolverParameter parameters = nullptr;
    size_t device_bytes = 0, host_bytes = 0;
    TH_TRY(s.solved(library.newParameters(&parameters)));
    THStatus status = s.solved(library.geev_size(s.handle(), parameters, 0, vectors, n, type, c.data(), c.ld(), type, w.data(),
                                                 type, nullptr, n, type, right.data(), n, type, &device_bytes, &host_bytes));
    if (status == TH_OK) {
        const THCScratch work(s.device(), (int64_t)device_bytes);
        std::vector<char> host(host_bytes);
        if (device_bytes > 0 && work.data() == nullptr)
            status = THStatus_last();
        else
            status = s.solved(library.geev(s.handle(), parameters, 0, vectors, n, type, c.data(), c.ld(), type, w.data(), type,
                                           nullptr, n, type, right.data(), n, type, work.data(), device_bytes, host.data(),
                                           host_bytes, s.info()));
        if (status == TH_OK) status = s.found("%d off-diagonal elements of an didn't converge to zero"); // before host goes
    }
    library.freeParameters(parameters);
    return status;
}

} // namespace

THStatus THCTensor_geev(THTensor *values, THTensor *v, const THTensor *a, int vectors)
{
    TH_GIVEN("eig", values, v, a);
    THCLapackCall s("eig", a);
    THCMatrix c, w, right;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkResult(values, s.dtype()));
    TH_TRY(s.checkResult(v, s.dtype()));
    TH_FAIL_IF(s.library().geev == nullptr, TH_ERR_UNSUPPORTED,
               "[eig] the installed cuSOLVER has no eigenvalues of general matrices; make them on the host with .cpu(), or "
               "install a newer one: pip install nvidia-cusolver");
    TH_TRY(s.checkFinite(a));
    const int64_t n = a->size[0];
    TH_TRY(c.copy(a));
    TH_TRY(w.make(a, n, 2));
    TH_TRY(right.make(a, vectors ? n : 0, vectors ? n : 0));
    if (n > 0) TH_TRY(findEigenvalues(s, c, w, right, vectors != 0));
    s.give(values, w.get());
    s.give(v, right.get());
    return s.end();
}

// --- QR ----------------------------------------------------------------------------------------------------------------------

namespace
{

// c becomes the first `columns` columns of the q that its first `count` columns describe.
THStatus expand(THCLapackCall &s, const THCMatrix &c, const THCMatrix &tau, int columns, int count)
{
    if (c.rows() == 0 || columns == 0) return TH_OK;
    if (count == 0) {
        const THCOwned part(THTensor_newNarrow(c.get(), 1, 0, columns));
        return part ? THCTensor_eye(part.get(), c.rows(), columns) : THStatus_last();
    }
    return s.withWorkspace(
        [&](int *size) { return s.f().orgqr_size(s.handle(), c.rows(), columns, count, c.data(), c.ld(), tau.data(), size); },
        [&](void *work, int size) {
            return s.f().orgqr(s.handle(), c.rows(), columns, count, c.data(), c.ld(), tau.data(), work, size, s.info());
        });
}

// tau has at most one factor for each column of a.
THStatus checkTau(const THCLapackCall &s, const THTensor *tau, const THTensor *a)
{
    TH_TRY(s.check("tau", tau, 1));
    TH_FAIL_IF(tau->size[0] > thc_least(a), TH_ERR_SHAPE, "[%s] tau has %lld elements, A of %lld x %lld only %lld reflectors",
               s.op(), (long long)tau->size[0], (long long)a->size[0], (long long)a->size[1], (long long)thc_least(a));
    return TH_OK;
}

// A dense copy of tau.
THStatus denseTau(THCMatrix &dense, const THTensor *tau)
{
    TH_TRY(dense.makeVector(tau, (THDtype)tau->dtype, tau->size[0]));
    return THCTensor_copy(dense.get(), tau);
}

} // namespace

THStatus THCTensor_qr(THTensor *q, THTensor *r, const THTensor *a)
{
    TH_GIVEN("qr", q, r, a);
    THCLapackCall s("qr", a);
    THCMatrix c, tau, triangle, columns;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkResult(q, s.dtype()));
    TH_TRY(s.checkResult(r, s.dtype()));
    const int64_t k = thc_least(a);
    TH_TRY(c.copy(a));
    TH_TRY(tau.makeVector(a, s.dtype(), k));
    TH_TRY(triangle.make(a, k, a->size[1]));
    TH_TRY(s.reflect(c, tau));
    if (k > 0) {
        const THCOwned top(THTensor_newNarrow(c.get(), 0, 0, k));
        if (!top) return THStatus_last();
        TH_TRY(THCTensor_triu(triangle.get(), top.get(), 0));
    }
    TH_TRY(expand(s, c, tau, (int)k, (int)k));
    TH_TRY(s.found("unknown error %d"));
    TH_TRY(columns.take(THTensor_newNarrow(c.get(), 1, 0, k)));
    s.give(q, columns.get());
    s.give(r, triangle.get());
    return s.end();
}

THStatus THCTensor_geqrf(THTensor *r, THTensor *tau, const THTensor *a)
{
    TH_GIVEN("geqrf", r, tau, a);
    THCLapackCall s("geqrf", a);
    THCMatrix c, factors;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkResult(r, s.dtype()));
    TH_TRY(s.checkResult(tau, s.dtype()));
    TH_TRY(c.copy(a));
    TH_TRY(factors.makeVector(a, s.dtype(), thc_least(a)));
    TH_TRY(s.reflect(c, factors));
    TH_TRY(s.found("unknown error %d"));
    s.give(r, c.get());
    s.give(tau, factors.get());
    return s.end();
}

THStatus THCTensor_orgqr(THTensor *r, const THTensor *a, const THTensor *tau)
{
    TH_GIVEN("orgqr", r, a, tau);
    THCLapackCall s("orgqr", a);
    THCMatrix c, dense, columns;
    TH_TRY(s.begin(2));
    TH_TRY(checkTau(s, tau, a));
    TH_TRY(s.checkResult(r, s.dtype()));
    TH_TRY(c.copy(a));
    TH_TRY(denseTau(dense, tau));
    TH_TRY(expand(s, c, dense, (int)thc_least(a), (int)tau->size[0]));
    TH_TRY(s.found("unknown error %d"));
    TH_TRY(columns.take(THTensor_newNarrow(c.get(), 1, 0, thc_least(a))));
    s.give(r, columns.get());
    return s.end();
}

THStatus THCTensor_ormqr(THTensor *r, const THTensor *a, const THTensor *tau, const THTensor *c, int left, int transpose)
{
    TH_GIVEN("ormqr", r, a, tau, c);
    THCLapackCall s("ormqr", a);
    THCMatrix ca, cc, dense;
    TH_TRY(s.begin(2));
    TH_TRY(checkTau(s, tau, a));
    TH_TRY(s.check("C", c, 2));
    TH_TRY(s.checkResult(r, s.dtype()));
    TH_FAIL_IF(c->size[left ? 0 : 1] != a->size[0], TH_ERR_SHAPE,
               "[ormqr] C's dimension %d, of size %lld, should have A's %lld rows", left ? 0 : 1,
               (long long)c->size[left ? 0 : 1], (long long)a->size[0]);
    TH_TRY(ca.copy(a));
    TH_TRY(cc.copy(c));
    TH_TRY(denseTau(dense, tau));
    TH_TRY(s.applyReflectors(ca, dense, (int)tau->size[0], left != 0, transpose != 0, cc));
    TH_TRY(s.found("unknown error %d"));
    s.give(r, cc.get());
    return s.end();
}
