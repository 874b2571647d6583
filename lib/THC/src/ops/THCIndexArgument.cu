#include "ops/THCIndexArgument.cuh"

#include "THC/device/THCPlace.cuh"

namespace
{

struct Claim {
    THCOwner owner;
    const int64_t *index;
    int64_t size;
    __device__ void operator()(char *const (&p)[1]) const
    {
        const int64_t *const at = reinterpret_cast<const int64_t *>(p[0]);
        owner.claim(thc_wrapped(*at, size), at - index);
    }
};

} // namespace

THStatus THCIndexArgument::take(const char *op, const THTensor *index, const THTensor *base, int64_t size, bool wrap)
{
    TH_FAIL_IF(index->dtype != THDtype_Long, TH_ERR_DTYPE, "[%s] index is %s, expected Long", op,
               THDtype_name((THDtype)index->dtype));
    TH_TRY(thc_sameDevice(op, base, index));
    owner_ = THCTensor_newContiguous(const_cast<THTensor *>(index));
    if (owner_ == nullptr) return THStatus_last();
    low_ = wrap ? -size : 0;
    size_ = size;
    return TH_OK;
}

THStatus THCIndexArgument::ask(const char *op)
{
    if (owner_->numel == 0) return TH_OK;
    const THCGuard guard(owner_);
    return asked_.outside(op, THTensor_device(owner_), thc_data<int64_t>(owner_), owner_->numel, low_, size_, nullptr, gate_);
}

THStatus THCIndexArgument::settle(const char *op)
{
    int64_t place, entry = 0;
    TH_TRY(asked_.await(op, &place));
    if (place < 0) return TH_OK;
    const THCGuard guard(owner_);
    THC_TRY(op, cudaMemcpyAsync(&entry, thc_data<int64_t>(owner_) + place, sizeof entry, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY(op, cudaStreamSynchronize(thc_stream()));
    return THStatus_fail(TH_ERR_INDEX, "[%s] index %lld at place %lld is out of range for a dimension of size %lld", op,
                         (long long)entry, (long long)place, (long long)size_);
}

THStatus THCIndexArgument::of(const char *op, const THTensor *index, const THTensor *base, int64_t size, bool wrap)
{
    TH_TRY(take(op, index, base, size, wrap));
    TH_TRY(ask(op));
    return settle(op);
}

THStatus THCIndexArgument::claim(const char *op, THCOwners *owners) const
{
    const THCGuard guard(owner_);
    const THCView entries = THCView::shape(owner_, 1, &owner_->numel);
    TH_TRY(owners->begin(op));
    return thc_each(op, gated(Claim{owners->get(), thc_data<int64_t>(owner_), size_}), entries.get());
}

THStatus thc_checkWritable(const char *op, const THTensor *self)
{
    for (int d = 0; d < self->ndim; d++)
        TH_FAIL_IF(
            self->stride[d] == 0 && self->size[d] > 1, TH_ERR_SHAPE,
            "[%s] output is expanded along dimension %d, its elements share memory and cannot be written; clone it first", op,
            d);
    return thc_onDevice(op, self);
}
