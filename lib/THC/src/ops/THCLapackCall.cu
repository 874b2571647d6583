#include "ops/THCLapackCall.cuh"

#include <climits>
#include <cmath>
#include <cstdio>

#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "THC/device/THCPlace.cuh"

namespace
{

THStatus checkSizes(const char *op, const char *name, const THTensor *t, int ndim)
{
    TH_FAIL_IF(ndim >= 0 && t->ndim != ndim, TH_ERR_SHAPE, "[%s] %s should have %d dimensions, but has %d", op, name, ndim,
               t->ndim);
    for (int d = 0; d < t->ndim; d++)
        TH_FAIL_IF(t->size[d] > INT_MAX, TH_ERR_SHAPE, "[%s] %s's dimension %d, of size %lld: LAPACK counts up to %d", op, name,
                   d, (long long)t->size[d], INT_MAX);
    return TH_OK;
}

// *info becomes the 1-based place of the first zero on the diagonal, 0 if there is none. One block.
template <class T>
__global__ void __launch_bounds__(THC_MAP_THREADS) findZeroKernel(int64_t n, int64_t step, const T *diagonal, int *info)
{
    __shared__ int first;
    if (threadIdx.x == 0) first = INT_MAX;
    __syncthreads();
    for (int64_t i = threadIdx.x; i < n; i += THC_MAP_THREADS)
        if (diagonal[i * step] == 0) atomicMin(&first, (int)i + 1);
    __syncthreads();
    if (threadIdx.x == 0) *info = first == INT_MAX ? 0 : first;
}

THStatus checkOutput(const char *op, const THTensor *r, const THTensor *result)
{
    bool stays = r->storage != nullptr && r->ndim == result->ndim;
    for (int d = 0; stays && d < r->ndim; d++) stays = r->size[d] == result->size[d];
    TH_FAIL_IF(r->storage != nullptr && r->dtype != result->dtype, TH_ERR_DTYPE, "[%s] an output is %s, expected %s", op,
               THDtype_name((THDtype)r->dtype), THDtype_name((THDtype)result->dtype));
    for (int d = 0; stays && d < r->ndim; d++)
        TH_FAIL_IF(r->stride[d] == 0 && r->size[d] > 1, TH_ERR_SHAPE,
                   "[%s] output is expanded along dimension %d, its elements share memory; clone it first", op, d);
    return r->storage == nullptr ? TH_OK : thc_sameDevice(op, r, result);
}

THStatus deliver(const char *op, THTensor *r, THTensor *result)
{
    if (r->storage == nullptr) return THTensor_set(r, result);
    TH_TRY(thc_outputLike(op, r, result, (THDtype)result->dtype));
    return THCTensor_copy(r, result);
}

} // namespace

// --- matrices ----------------------------------------------------------------------------------------------------------------

THStatus THCMatrix::take(THTensor *view)
{
    THTensor_free(tensor_);
    tensor_ = view;
    return view == nullptr ? THStatus_last() : TH_OK;
}

THStatus THCMatrix::make(const THTensor *like, int64_t rows, int64_t columns)
{
    const int64_t size[] = {columns, rows};
    const THCOwned rowwise(THCTensor_newWithSize(THTensor_device(like), (THDtype)like->dtype, 2, size));
    return rowwise ? take(THTensor_newTranspose(rowwise.get(), 0, 1)) : THStatus_last();
}

THStatus THCMatrix::makeVector(const THTensor *like, THDtype dtype, int64_t size)
{
    return take(THCTensor_newWithSize(THTensor_device(like), dtype, 1, &size));
}

THStatus THCMatrix::copy(const THTensor *a)
{
    const THCOwned column(a->ndim == 1 ? THTensor_newUnsqueeze(a, -1) : THTensor_newWithTensor(a));
    if (!column) return THStatus_last();
    TH_TRY(make(a, column.get()->size[0], column.get()->size[1]));
    return THCTensor_copy(tensor_, column.get());
}

// --- checks ------------------------------------------------------------------------------------------------------------------

THCLapackCall::THCLapackCall(const char *op, const THTensor *a)
    : op_(op), a_(a), device_(THTensor_device(a)), dtype_((THDtype)a->dtype), guard_(a), info_(THTensor_device(a), sizeof(int)),
      library_(nullptr), handle_(nullptr), outputs_(0)
{
}

THStatus THCLapackCall::begin(int ndim)
{
    if (dtype_ != THDtype_Float && dtype_ != THDtype_Double) return thc_unsupported(op_, dtype_);
    TH_TRY(checkSizes(op_, "A", a_, ndim));
    TH_TRY(thc_onDevice(op_, a_));
    if (info_.data() == nullptr) return THStatus_last();
    THC_TRY(op_, cudaMemsetAsync(info(), 0, sizeof(int), thc_stream()));
    TH_TRY(thcSolver_library(op_, &library_));
    return thcSolver_handle(op_, library_, &handle_);
}

THStatus THCLapackCall::check(const char *name, const THTensor *t, int ndim) const
{
    TH_FAIL_IF((THDtype)t->dtype != dtype_, TH_ERR_DTYPE, "[%s] %s is %s, expected %s as A", op_, name,
               THDtype_name((THDtype)t->dtype), THDtype_name(dtype_));
    TH_TRY(thc_sameDevice(op_, a_, t));
    return checkSizes(op_, name, t, ndim);
}

THStatus THCLapackCall::checkRight(const THTensor *b) const
{
    TH_TRY(check("B", b, -1));
    TH_FAIL_IF(b->ndim != 1 && b->ndim != 2, TH_ERR_SHAPE, "[%s] B should have 1 or 2 dimensions, but has %d", op_, b->ndim);
    TH_FAIL_IF(b->size[0] != a_->size[0], TH_ERR_SHAPE,
               "[%s] Expected A and b to have same dim at 0, but A has %lld rows and B %lld", op_, (long long)a_->size[0],
               (long long)b->size[0]);
    return TH_OK;
}

THStatus THCLapackCall::checkResult(const THTensor *r, THDtype dtype) const
{
    TH_FAIL_IF(r->storage != nullptr && (THDtype)r->dtype != dtype, TH_ERR_DTYPE, "[%s] an output is %s, expected %s", op_,
               THDtype_name((THDtype)r->dtype), THDtype_name(dtype));
    return r->storage == nullptr ? TH_OK : thc_sameDevice(op_, r, a_);
}

THStatus THCLapackCall::checkSquare() const
{
    const int d = a_->ndim - 2;
    TH_FAIL_IF(a_->size[d] != a_->size[d + 1], TH_ERR_SHAPE, "[%s] A should be square, but is %lld x %lld", op_,
               (long long)a_->size[d], (long long)a_->size[d + 1]);
    return TH_OK;
}

THStatus THCLapackCall::bounds(const THTensor *t, double *least, double *greatest)
{
    const THCOwned extreme(THTensor_new());
    THScalar low, high;
    if (!extreme) return THStatus_last();
    TH_TRY(THCTensor_minall(extreme.get(), t));
    TH_TRY(THCTensor_item(extreme.get(), &low));
    TH_TRY(THCTensor_maxall(extreme.get(), t));
    TH_TRY(THCTensor_item(extreme.get(), &high));
    *least = THScalar_toDouble(low);
    *greatest = THScalar_toDouble(high);
    return TH_OK;
}

THStatus THCLapackCall::checkFinite(const THTensor *t) const
{
    double least = 0, greatest = 0;
    if (t->numel == 0) return TH_OK;
    TH_TRY(bounds(t, &least, &greatest));
    TH_FAIL_IF(!std::isfinite(least) || !std::isfinite(greatest), TH_ERR_VALUE, "[%s] A, an element is %g: all must be finite",
               op_, std::isfinite(least) ? greatest : least);
    return TH_OK;
}

// --- answers -----------------------------------------------------------------------------------------------------------------

THStatus THCLapackCall::found(const char *found)
{
    int number = 0;
    char text[256];
    THC_TRY(op_, cudaMemcpyAsync(&number, info(), sizeof number, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY(op_, cudaStreamSynchronize(thc_stream()));
    if (number == 0) return TH_OK;
    if (number < 0)
        snprintf(text, sizeof text, "illegal argument %d", -number);
    else
        snprintf(text, sizeof text, found, number, number);
    return THStatus_fail(TH_ERR_VALUE, "[%s] Lapack Error %s : %s", op_, op_, text);
}

THStatus THCLapackCall::findZero(const THCMatrix &c, int64_t n)
{
    if (n == 0) return TH_OK;
    const int64_t step = (int64_t)c.ld() + 1;
    if (dtype_ == THDtype_Double)
        findZeroKernel<<<1, THC_MAP_THREADS, 0, thc_stream()>>>(n, step, thc_data<double>(c.get()), info());
    else
        findZeroKernel<<<1, THC_MAP_THREADS, 0, thc_stream()>>>(n, step, thc_data<float>(c.get()), info());
    return thc_started(op_);
}

THStatus THCLapackCall::solveTriangle(const THCMatrix &c, int64_t n, bool upper, bool transpose, bool unit, const THCMatrix &x)
{
    const THCBlasLibrary *blas;
    THCBlasHandle handle;
    const double one = 1;
    const float single = 1;
    if (n == 0 || x.columns() == 0) return TH_OK;
    TH_TRY(thcBlas_library(op_, &blas));
    TH_TRY(thcBlas_handle(op_, blas, &handle));
    const bool wide = dtype_ == THDtype_Double;
    const THCBlasTyped &typed = wide ? blas->full : blas->single;
    TH_TRY(thcBlas_check(op_, typed.trsm(handle, THC_BLAS_LEFT, upper ? THC_BLAS_UPPER : THC_BLAS_LOWER,
                                         transpose ? THC_BLAS_OP_T : THC_BLAS_OP_N, unit, n, x.columns(),
                                         wide ? (const void *)&one : &single, c.data(), c.ld(), x.data(), x.ld())));
    return thc_started(op_);
}

THStatus THCLapackCall::reflect(const THCMatrix &c, const THCMatrix &tau)
{
    if (c.rows() == 0 || c.columns() == 0) return TH_OK;
    return withWorkspace([&](int *size) { return f().geqrf_size(handle_, c.rows(), c.columns(), c.data(), c.ld(), size); },
                         [&](void *work, int size) {
                             return f().geqrf(handle_, c.rows(), c.columns(), c.data(), c.ld(), tau.data(), work, size, info());
                         });
}

THStatus THCLapackCall::applyReflectors(const THCMatrix &c, const THCMatrix &tau, int k, bool left, bool transpose,
                                        const THCMatrix &x)
{
    const int side = left ? THC_BLAS_LEFT : THC_BLAS_RIGHT, trans = transpose ? THC_BLAS_OP_T : THC_BLAS_OP_N;
    if (k == 0 || x.rows() == 0 || x.columns() == 0) return TH_OK;
    return withWorkspace(
        [&](int *size) {
            return f().ormqr_size(handle_, side, trans, x.rows(), x.columns(), k, c.data(), c.ld(), tau.data(), x.data(),
                                  x.ld(), size);
        },
        [&](void *work, int size) {
            return f().ormqr(handle_, side, trans, x.rows(), x.columns(), k, c.data(), c.ld(), tau.data(), x.data(), x.ld(),
                             work, size, info());
        });
}

// --- outputs -----------------------------------------------------------------------------------------------------------------

void THCLapackCall::give(THTensor *r, THTensor *result)
{
    output_[outputs_] = r;
    result_[outputs_++] = result;
}

THStatus THCLapackCall::end()
{
    for (int i = 0; i < outputs_; i++) {
        TH_TRY(checkOutput(op_, output_[i], result_[i]));
        for (int k = 0; k < i; k++) {
            const THTensor *const one = output_[k], *const other = output_[i];
            TH_FAIL_IF(one == other ||
                           (one->storage != nullptr && other->storage != nullptr && THTensor_mayOverlap(one, other)),
                       TH_ERR_VALUE, "[%s] two outputs share memory, expected memory of its own for each", op_);
        }
    }
    for (int i = 0; i < outputs_; i++) TH_TRY(deliver(op_, output_[i], result_[i]));
    return TH_OK;
}
