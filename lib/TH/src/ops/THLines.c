/* A tensor as lines. */
#include "ops/THLines.h"

#include "TH/THTensorFill.h"

/* Takes `owner`, whose last dimension is the lines', over. */
static THStatus lines_of(THLines *self, THTensor *owner)
{
    self->owner = owner;
    if (owner == NULL) return THStatus_last();
    self->length = owner->ndim == 0 ? 1 : owner->size[owner->ndim - 1];
    self->count = self->length == 0 ? 0 : owner->numel / self->length;
    self->data = THTensor_dataBytes(owner);
    self->bytes = self->length * (int64_t)THDtype_size((THDtype)owner->dtype);
    return TH_OK;
}

static THTensor *new_turned(const THTensor *a, int dim)
{
    return a->ndim < 2 ? THTensor_newWithTensor(a) : THTensor_newTranspose(a, dim, a->ndim - 1);
}

THStatus thLines_read(THLines *self, const THTensor *a, int dim)
{
    THTensor *const turned = new_turned(a, dim);
    THTensor *const owner = turned == NULL ? NULL : THTensor_newContiguous(turned);
    THTensor_free(turned);
    return lines_of(self, owner);
}

THStatus thLines_write(THLines *self, THTensor *r, int dim)
{
    THTensor *const turned = new_turned(r, dim);
    if (turned == NULL || THTensor_isContiguous(turned)) return lines_of(self, turned);
    THTensor *const owner = THTensor_newWithSize((THDtype)r->dtype, turned->ndim, turned->size);
    THTensor_free(turned);
    return lines_of(self, owner);
}

THStatus thLines_finish(THLines *self, THTensor *r, int dim, THStatus status)
{
    if (status == TH_OK && self->owner->storage != r->storage) {
        THTensor *const turned = new_turned(r, dim);
        status = turned == NULL ? THStatus_last() : THTensor_copy(turned, self->owner);
        THTensor_free(turned);
    }
    THTensor_free(self->owner);
    return status;
}

void thLines_size(const THTensor *a, int dim, int64_t n, int64_t *size)
{
    for (int d = 0; d < a->ndim; d++) size[d] = d == dim ? n : a->size[d];
}
