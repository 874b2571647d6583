#include "ops/THNNHold.h"

#include "ops/THNNPlace.h"

void THNNHold_note(THNNHold *self, THStatus status)
{
    if (self->status == TH_OK) self->status = status;
}

THTensor *THNNHold_keep(THNNHold *self, THTensor *tensor)
{
    if (tensor == NULL) {
        THNNHold_note(self, THStatus_last());
        return NULL;
    }
    if (self->count == THNN_HOLD_MAX) {
        THTensor_free(tensor);
        THNNHold_note(self, THStatus_fail(TH_ERR_STATE, "a call holds more than %d tensors", THNN_HOLD_MAX));
        return NULL;
    }
    self->tensors[self->count++] = tensor;
    return tensor;
}

THStatus THNNHold_release(THNNHold *self)
{
    for (int i = 0; i < self->count; i++) THTensor_free(self->tensors[i]);
    self->count = 0;
    return self->status;
}

THTensor *THNNHold_batched(THNNHold *self, const THTensor *tensor, int ndim)
{
    if (self->status != TH_OK) return NULL;
    return THNNHold_keep(self, tensor->ndim == ndim - 1 ? THTensor_newUnsqueeze(tensor, 0) : THTensor_newWithTensor(tensor));
}

void THNNHold_deliver(THNNHold *self, const char *op, THTensor *result, bool single, THTensor *output)
{
    if (self->status != TH_OK) return;
    THTensor *part = single ? THNNHold_keep(self, THTensor_newSelect(result, 0, 0)) : result;
    if (self->status == TH_OK)
        THNNHold_note(self, THTensor_outputOn(output, op, THTensor_device(part), (THDtype)part->dtype, part->ndim, part->size));
    if (self->status == TH_OK) THNNHold_note(self, THTensor_copy(output, part));
}

THTensor *THNNHold_framesFirst(THNNHold *self, const THTensor *tensor)
{
    THTensor *whole = THNNHold_batched(self, tensor, 3);
    return whole == NULL ? NULL : THNNHold_keep(self, THTensor_newTranspose(whole, 1, 2));
}

void THNNHold_deliverFrames(THNNHold *self, const char *op, THTensor *result, bool single, THTensor *output)
{
    if (self->status != TH_OK) return;
    THTensor *frames = THNNHold_keep(self, THTensor_newTranspose(result, 1, 2));
    if (frames != NULL) THNNHold_deliver(self, op, frames, single, output);
}

THTensor *THNNHold_fresh(THNNHold *self)
{
    return self->status == TH_OK ? THNNHold_keep(self, THTensor_new()) : NULL;
}

THTensor *THNNHold_zeros(THNNHold *self, const THTensor *like, int ndim, const int64_t *size)
{
    if (self->status != TH_OK) return NULL;
    THTensor *result = THNNHold_keep(self, THNNPlace_newBeside(like, (THDtype)like->dtype, ndim, size));
    if (result != NULL) THNNHold_note(self, THTensor_zero(result));
    return result;
}
