/* What depends on where tensors lie, for sources that THC compiles, too: there these functions are of its own. */
#ifndef TH_TYPED_PLACE_H
#define TH_TYPED_PLACE_H

#include "TH/THTensor.h"

/* What a type's name begins with in a description: "torch." */
extern const char *const thTyped_package;

/* Contents undefined; where new tensors and storages are made. */
THTensor *thTyped_new(THDtype dtype, int ndim, const int64_t *size);
THStorage *thTyped_newStorage(THDtype dtype, int64_t numel);
/* THStorage_newWithData for memory that lies there. */
THStorage *thTyped_newWithData(THDtype dtype, int64_t numel, void *data, void (*drop)(void *owner, void *data), void *owner);
/* Takes over memory of the library's own malloc. */
THStorage *thTyped_newOwning(THDtype dtype, int64_t numel, void *data);

/* TH_ERR_STATE for a device that the library cannot reach: of a tensor, a storage. */
THStatus thTyped_check(const char *op, int device);
/* THTensor_output, but a header without memory gets it where `like` lies, NULL: where new tensors are made. */
THStatus thTyped_output(THTensor *self, const char *op, const THTensor *like, THDtype dtype, int ndim, const int64_t *size);

/* Whether that would succeed, as far as is known without memory. */
THStatus thTyped_checkOutput(const THTensor *self, const char *op, const THTensor *like, THDtype dtype, int ndim,
                             const int64_t *size);

/* Elements [first, first + count) of a storage, which has them. */
THStatus thTyped_read(const char *op, const THStorage *self, int64_t first, int64_t count, void *elements);
THStatus thTyped_write(const char *op, THStorage *self, int64_t first, int64_t count, const void *elements);
/* All elements of a storage, from memory of the place that the storage has. */
THStatus thTyped_writeFrom(const char *op, THStorage *self, const void *data);

#endif
