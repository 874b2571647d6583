/* Inputs made contiguous, outputs made writable. */
#include "ops/THNNCall.h"
#include "ops/THNNPlace.h"

#include <string.h>

#define TEXT_ROOM 160

void THNNCall_fail(THNNCall *self, THStatus status)
{
    if (self->status == TH_OK) self->status = status;
}

static THTensor *hold(THNNCall *self, THTensor *work, THTensor *target)
{
    if (work == NULL) {
        THNNCall_fail(self, THStatus_last());
        return NULL;
    }
    self->work[self->count] = work;
    self->target[self->count] = target;
    self->count++;
    return work;
}

THTensor *THNNCall_read(THNNCall *self, const THTensor *tensor)
{
    if (self->status != TH_OK || tensor == NULL) return NULL;
    THNNCall_fail(self, THNNPlace_check(self->op, "tensor", tensor));
    if (self->status != TH_OK) return NULL;
    /* The cast only lets the callee count references. */
    return hold(self, THTensor_newContiguous((THTensor *)tensor), NULL);
}

static bool isSameView(const THTensor *a, const THTensor *b)
{
    return a->storage == b->storage && a->offset == b->offset && a->dtype == b->dtype && THTensor_isSameSizeAs(a, b) &&
           THTensor_isContiguous(a) && THTensor_isContiguous(b);
}

static THTensor *writeOutput(THNNCall *self, THTensor *output, bool in_place, THDtype dtype, int ndim, const int64_t *size)
{
    if (self->status != TH_OK) return NULL;
    for (int i = 0; i < self->count; i++) {
        const bool same_shape =
            output->ndim == ndim && (ndim == 0 || memcmp(output->size, size, (size_t)ndim * sizeof(*size)) == 0);
        if (self->work[i] == output && !same_shape) {
            char has[TEXT_ROOM];
            char expected[TEXT_ROOM];
            THNNCall_fail(self, THStatus_fail(TH_ERR_SHAPE, "[%s] output is an input of shape %s, the result has shape %s",
                                              self->op, THTensor_describeSize(output->ndim, output->size, has, sizeof(has)),
                                              THTensor_describeSize(ndim, size, expected, sizeof(expected))));
            return NULL;
        }
    }
    THNNCall_fail(self, THTensor_output(output, self->op, dtype, ndim, size));
    if (self->status != TH_OK) return NULL;
    bool direct = THTensor_isContiguous(output);
    for (int i = 0; i < self->count && direct; i++)
        direct = !THTensor_mayOverlap(output, self->work[i]) || (in_place && isSameView(output, self->work[i]));
    if (!direct) return hold(self, THTensor_newWithSize(dtype, ndim, size), output);
    THTensor_retain(output);
    return hold(self, output, NULL);
}

THTensor *THNNCall_write(THNNCall *self, THTensor *output, THDtype dtype, int ndim, const int64_t *size)
{
    return writeOutput(self, output, false, dtype, ndim, size);
}

THTensor *THNNCall_writeInPlace(THNNCall *self, THTensor *output, THDtype dtype, int ndim, const int64_t *size)
{
    return writeOutput(self, output, true, dtype, ndim, size);
}

THTensor *THNNCall_update(THNNCall *self, THTensor *tensor)
{
    if (self->status != TH_OK || tensor == NULL) return NULL;
    /* Counts the write. */
    THNNCall_fail(self, THTensor_output(tensor, self->op, (THDtype)tensor->dtype, tensor->ndim, tensor->size));
    if (self->status != TH_OK) return NULL;
    bool direct = THTensor_isContiguous(tensor);
    for (int i = 0; i < self->count && direct; i++) direct = !THTensor_mayOverlap(tensor, self->work[i]);
    if (!direct) return hold(self, THTensor_newClone(tensor), tensor);
    THTensor_retain(tensor);
    return hold(self, tensor, NULL);
}

THStatus THNNCall_close(THNNCall *self)
{
    for (int i = 0; i < self->count; i++) {
        if (self->status == TH_OK && self->target[i] != NULL)
            THNNCall_fail(self, THTensor_copy(self->target[i], self->work[i]));
        THTensor_free(self->work[i]);
    }
    self->count = 0;
    return self->status;
}
