// Equations in batches: LU of many small matrices in one call, by cuBLAS.
#include <vector>

#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "ops/THCLapackCall.cuh"

namespace
{

// Matrices one after the other, each column by column, and their addresses, as cuBLAS wants them.
class Batch
{
  public:
    explicit Batch(const THCLapackCall &s) : s_(s), addresses_(nullptr), count_(0) {}
    ~Batch() { THTensor_free(addresses_); }
    Batch(const Batch &) = delete;
    Batch &operator=(const Batch &) = delete;

    // A copy of a: b x n x k, k > 0 columns.
    THStatus copy(const THTensor *a);
    // With a's shape.
    THTensor *get() const { return matrices_.get(); }
    void **addresses() const { return reinterpret_cast<void **>(THTensor_dataBytes(addresses_)); }
    int count() const { return (int)count_; }

  private:
    const THCLapackCall &s_;
    THCMatrix matrices_;
    THTensor *addresses_; // Long: as wide as an address
    int64_t count_;
};

__global__ void __launch_bounds__(THC_MAP_THREADS) listAddresses(int64_t count, char *first, int64_t step, char **addresses)
{
    const int64_t i = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    if (i < count) addresses[i] = first + i * step;
}

THStatus Batch::copy(const THTensor *a)
{
    const int64_t size[] = {a->size[0], a->size[2], a->size[1]};
    const THCOwned turned(THCTensor_newWithSize(s_.device(), s_.dtype(), 3, size));
    if (!turned) return THStatus_last();
    TH_TRY(matrices_.take(THTensor_newTranspose(turned.get(), 1, 2)));
    TH_TRY(THCTensor_copy(matrices_.get(), a));
    count_ = a->size[0];
    addresses_ = THCTensor_newWithSize(s_.device(), THDtype_Long, 1, &count_);
    if (addresses_ == nullptr) return THStatus_last();
    if (a->numel == 0) return TH_OK;
    const int64_t step = a->size[1] * a->size[2] * THDtype_itemsize(s_.dtype());
    listAddresses<<<thc_blocks(count_, THC_MAP_THREADS), THC_MAP_THREADS, 0, thc_stream()>>>(
        count_, THTensor_dataBytes(matrices_.get()), step, reinterpret_cast<char **>(addresses()));
    return thc_started(s_.op());
}

THStatus blasOf(const THCLapackCall &s, const THCBlasTyped **typed, THCBlasHandle *handle)
{
    const THCBlasLibrary *blas;
    TH_TRY(thcBlas_library(s.op(), &blas));
    *typed = s.dtype() == THDtype_Double ? &blas->full : &blas->single;
    return thcBlas_handle(s.op(), blas, handle);
}

// Places of rows are used as addresses: each has to be one.
THStatus checkPivots(const THTensor *pivots)
{
    const THCOwned host(THCTensor_newOnDevice(pivots, TH_DEVICE_HOST));
    if (!host) return THStatus_last();
    const int *const p = thc_data<int>(host.get());
    for (int64_t i = 0; i < pivots->numel; i++)
        TH_FAIL_IF(p[i] < 1 || p[i] > pivots->size[1], TH_ERR_VALUE,
                   "[btrisolve] pivots' element %lld is %d: must be 1 to %lld", (long long)i, p[i], (long long)pivots->size[1]);
    return TH_OK;
}

THStatus checkSolve(const THCLapackCall &s, const THTensor *b, const THTensor *lu, const THTensor *pivots)
{
    TH_TRY(s.checkSquare());
    TH_TRY(s.check("b", b, -1));
    TH_FAIL_IF((b->ndim != 2 && b->ndim != 3) || b->size[0] != lu->size[0] || b->size[1] != lu->size[1], TH_ERR_SHAPE,
               "[btrisolve] b should be %lld x %lld, or that x k", (long long)lu->size[0], (long long)lu->size[1]);
    TH_FAIL_IF(pivots->dtype != THDtype_Int, TH_ERR_DTYPE, "[btrisolve] pivots are %s, expected Int",
               THDtype_name((THDtype)pivots->dtype));
    TH_TRY(thc_sameDevice(s.op(), lu, pivots));
    TH_FAIL_IF(pivots->ndim != 2 || pivots->size[0] != lu->size[0] || pivots->size[1] != lu->size[1], TH_ERR_SHAPE,
               "[btrisolve] pivots should be %lld x %lld", (long long)lu->size[0], (long long)lu->size[1]);
    return checkPivots(pivots);
}

// The first matrix that is singular.
THStatus checkSingular(const THTensor *info)
{
    const THCOwned host(THCTensor_newOnDevice(info, TH_DEVICE_HOST));
    if (!host) return THStatus_last();
    const int *const found = thc_data<int>(host.get());
    for (int64_t i = 0; i < info->numel; i++)
        TH_FAIL_IF(found[i] != 0, TH_ERR_VALUE, "[btrifact] Lapack Error btrifact : U(%d,%d) is zero, singular U.", found[i],
                   found[i]);
    return TH_OK;
}

} // namespace

THStatus THCTensor_btrifact(THTensor *lu, THTensor *pivots, THTensor *info, const THTensor *a)
{
    TH_GIVEN("btrifact", lu, pivots, a);
    THCLapackCall s("btrifact", a);
    Batch c(s);
    TH_TRY(s.begin(3));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkResult(lu, s.dtype()));
    TH_TRY(s.checkResult(pivots, THDtype_Int));
    if (info != nullptr) TH_TRY(s.checkResult(info, THDtype_Int));
    const int64_t count = a->size[0], n = a->size[1], size[] = {count, n};
    const THCOwned p(THCTensor_newWithSize(s.device(), THDtype_Int, 2, size)),
        found(THCTensor_newWithSize(s.device(), THDtype_Int, 1, &count));
    if (!p || !found) return THStatus_last();
    TH_TRY(c.copy(a));
    TH_TRY(THCTensor_zero(found.get()));
    if (a->numel > 0) {
        const THCBlasTyped *typed;
        THCBlasHandle handle;
        TH_TRY(blasOf(s, &typed, &handle));
        TH_TRY(thcBlas_check(s.op(), typed->getrf(handle, (int)n, c.addresses(), (int)n, thc_data<int>(p.get()),
                                                  thc_data<int>(found.get()), c.count())));
        TH_TRY(thc_started(s.op()));
    }
    if (info == nullptr) TH_TRY(checkSingular(found.get()));
    s.give(lu, c.get());
    s.give(pivots, p.get());
    if (info != nullptr) s.give(info, found.get());
    return s.end();
}

THStatus THCTensor_btrisolve(THTensor *x, const THTensor *b, const THTensor *lu, const THTensor *pivots)
{
    TH_GIVEN("btrisolve", x, b, lu, pivots);
    THCLapackCall s("btrisolve", lu);
    Batch factors(s), right(s);
    THCMatrix result;
    TH_TRY(s.begin(3));
    TH_TRY(checkSolve(s, b, lu, pivots));
    TH_TRY(s.checkResult(x, s.dtype()));
    const THCOwned wide(b->ndim == 2 ? THTensor_newUnsqueeze(b, -1) : THTensor_newWithTensor(b)),
        p(THCTensor_newContiguous(const_cast<THTensor *>(pivots)));
    if (!wide || !p) return THStatus_last();
    TH_TRY(factors.copy(lu));
    TH_TRY(right.copy(wide.get()));
    if (wide.get()->numel > 0) {
        const THCBlasTyped *typed;
        THCBlasHandle handle;
        int refused = 0;
        const int n = (int)lu->size[1];
        TH_TRY(blasOf(s, &typed, &handle));
        TH_TRY(thcBlas_check(s.op(), typed->getrs(handle, THC_BLAS_OP_N, n, (int)wide.get()->size[2], factors.addresses(), n,
                                                  thc_data<int>(p.get()), right.addresses(), n, &refused, factors.count())));
        TH_TRY(thc_started(s.op()));
    }
    TH_TRY(result.take(b->ndim == 3 ? THTensor_newWithTensor(right.get()) : THTensor_newSqueeze(right.get(), -1)));
    s.give(x, result.get());
    return s.end();
}
