#include "ops/THCUNNCall.cuh"

THStatus cunn_checkFloating(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)tensor->dtype), TH_ERR_UNSUPPORTED,
               "[%s] %s is a %s tensor, Half, Float or Double are implemented on CUDA", op, argument,
               THDtype_name((THDtype)tensor->dtype));
    return TH_OK;
}

THStatus cunn_checkDtype(const char *op, const char *argument, const THTensor *tensor, THDtype dtype)
{
    TH_FAIL_IF(tensor->dtype != dtype, TH_ERR_DTYPE, "[%s] %s is a %s tensor, expected %s", op, argument,
               THDtype_name((THDtype)tensor->dtype), THDtype_name(dtype));
    return TH_OK;
}

THStatus cunn_checkShape(const char *op, const char *argument, const THTensor *tensor, int ndim, const int64_t *size)
{
    bool same = tensor->ndim == ndim;
    for (int d = 0; same && d < ndim; d++) same = tensor->size[d] == size[d];
    if (same) return TH_OK;
    char has[128], expected[128];
    return THStatus_fail(TH_ERR_SHAPE, "[%s] %s has shape %s, expected %s", op, argument,
                         THTensor_describeSize(tensor->ndim, tensor->size, has, sizeof has),
                         THTensor_describeSize(ndim, size, expected, sizeof expected));
}

THStatus cunn_checkLike(const char *op, const char *argument, const THTensor *tensor, const THTensor *like)
{
    TH_TRY(cunn_checkDtype(op, argument, tensor, (THDtype)like->dtype));
    TH_TRY(cunn_checkShape(op, argument, tensor, like->ndim, like->size));
    return thc_sameDevice(op, like, tensor);
}

THStatus CunnResult::open(const char *op, THTensor *output, THDtype dtype, int ndim, const int64_t *size,
                          std::initializer_list<const THTensor *> inputs)
{
    const int device = THTensor_device(*inputs.begin());
    bool apart = true;
    for (const THTensor *input : inputs)
        apart =
            apart && input != output && (input == nullptr || output->storage == nullptr || !THTensor_mayOverlap(output, input));
    output_ = output;
    if (apart) {
        TH_TRY(THTensor_outputOn(output, op, device, dtype, ndim, size));
        if (THTensor_isContiguous(output)) {
            THTensor_retain(output);
            work_.set(output);
            return TH_OK;
        }
    }
    work_.set(THCTensor_newWithSize(device, dtype, ndim, size));
    return work_.get() == nullptr ? THStatus_last() : TH_OK;
}

THStatus CunnResult::openUpdate(THTensor *output)
{
    output_ = output;
    if (output == nullptr) return TH_OK;
    work_.set(THCTensor_newContiguous(output));
    return work_.get() == nullptr ? THStatus_last() : TH_OK;
}

THStatus CunnResult::close()
{
    if (output_ == nullptr) return TH_OK;
    if (work_.get() != output_) {
        TH_TRY(THTensor_outputOn(output_, "copy", THTensor_device(work_.get()), (THDtype)work_.get()->dtype, work_.get()->ndim,
                                 work_.get()->size));
        return THCTensor_copy(output_, work_.get());
    }
    // Counts the write of what was added to in place.
    return THTensor_outputOn(output_, "output", THTensor_device(output_), (THDtype)output_->dtype, output_->ndim,
                             output_->size);
}
