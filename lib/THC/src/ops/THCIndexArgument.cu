#include "ops/THCIndexArgument.cuh"

namespace
{

constexpr unsigned long long NONE = ~0ull;

// *bad becomes the first place whose entry is out of range.
__global__ void __launch_bounds__(THC_MAP_THREADS)
    findOutside(int64_t n, const int64_t *index, int64_t least, int64_t size, unsigned long long *bad)
{
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t k = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; k < n; k += step)
        if (index[k] < least || index[k] >= size) atomicMin(bad, (unsigned long long)k);
}

THStatus checkRange(const char *op, const THTensor *dense, int64_t least, int64_t size)
{
    const THCGuard guard(dense);
    const THCScratch room(THTensor_device(dense), sizeof(unsigned long long));
    if (room.data() == nullptr) return THStatus_last();
    unsigned long long *const bad = reinterpret_cast<unsigned long long *>(room.data()), found = NONE;
    const int64_t *const index = thc_data<int64_t>(dense);
    const int64_t most = 32 * (int64_t)thc_multiprocessors(), needed = thc_blocks(dense->numel, THC_MAP_THREADS);
    THC_TRY(op, cudaMemsetAsync(bad, 0xff, sizeof found, thc_stream()));
    findOutside<<<(unsigned)(needed < most ? needed : most), THC_MAP_THREADS, 0, thc_stream()>>>(dense->numel, index, least,
                                                                                                 size, bad);
    TH_TRY(thc_started(op));
    THC_TRY(op, cudaMemcpyAsync(&found, bad, sizeof found, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY(op, cudaStreamSynchronize(thc_stream()));
    if (found == NONE) return TH_OK;
    int64_t entry = 0;
    THC_TRY(op, cudaMemcpyAsync(&entry, index + found, sizeof entry, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY(op, cudaStreamSynchronize(thc_stream()));
    return THStatus_fail(TH_ERR_INDEX, "[%s] index %lld at place %lld is out of range for a dimension of size %lld", op,
                         (long long)entry, (long long)found, (long long)size);
}

} // namespace

THStatus THCIndexArgument::of(const char *op, const THTensor *index, const THTensor *base, int64_t size, bool wrap)
{
    TH_FAIL_IF(index->dtype != THDtype_Long, TH_ERR_DTYPE, "[%s] index is %s, expected Long", op,
               THDtype_name((THDtype)index->dtype));
    TH_TRY(thc_sameDevice(op, base, index));
    owner_ = THCTensor_newContiguous(const_cast<THTensor *>(index));
    if (owner_ == nullptr) return THStatus_last();
    return owner_->numel == 0 ? TH_OK : checkRange(op, owner_, wrap ? -size : 0, size);
}

THStatus thc_beginWrite(const char *op, THTensor *self)
{
    for (int d = 0; d < self->ndim; d++)
        TH_FAIL_IF(self->stride[d] == 0 && self->size[d] > 1, TH_ERR_SHAPE,
                   "[%s] output is expanded along dimension %d, its elements share memory; clone it first", op, d);
    return thc_outputLike(op, self, self, (THDtype)self->dtype);
}
