/* Tensors: a dtype, a shape and strides over a storage.
 *
 * Ownership: a function whose name begins with `new` returns a reference that you free; nothing else does. A `new` function
 * returns NULL on failure (THStatus_last and THStatus_message tell why).
 * Dimensions may be negative in every argument named `dim`: -1 is the last. */
#ifndef TH_TENSOR_H
#define TH_TENSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/THScalar.h"
#include "TH/THStorage.h"

#define TH_TENSOR_INLINE_DIMS 5 /* sizes and strides of more dimensions live on the heap */
#define TH_MAX_DIMS 64

typedef enum THTensorFlag {
    THTensor_CONTIGUOUS = 1, /* row-major without gaps; kept up to date by everything that sets sizes or strides */
    THTensor_QUIET = 2,      /* writes through this tensor do not count in the storage's version (Python's `.data`) */
} THTensorFlag;

typedef struct THTensor {
    int32_t refcount;              /* see THRefcount.h */
    uint8_t dtype;                 /* THDtype; THDtype_None until the first op writes it */
    uint8_t flags;                 /* THTensorFlag */
    int16_t ndim;                  /* 0 for a scalar */
    int64_t numel;                 /* product of the sizes; 1 for a scalar */
    int64_t offset;                /* first element, counted in elements from the storage's start */
    int64_t *size;                 /* [ndim] */
    int64_t *stride;               /* [ndim], in elements; never negative */
    THStorage *storage;            /* NULL exactly if dtype is THDtype_None */
    void *pyobj;                   /* borrowed; the layer above keeps it (one C tensor has at most one Python object) */
    void *meta;                    /* what the layer above hangs on a tensor (autograd); TH never reads it ... */
    void (*meta_drop)(void *meta); /* ... and calls this once when the tensor dies; may be NULL */
    int64_t inline_dims[2 * TH_TENSOR_INLINE_DIMS];
} THTensor;

static inline char *THTensor_dataBytes(const THTensor *self)
{
    return self->storage->data + self->offset * THDtype_itemsize((THDtype)self->dtype);
}

static inline bool THTensor_isContiguous(const THTensor *self)
{
    return (self->flags & THTensor_CONTIGUOUS) != 0;
}

TH_BEGIN_DECLS

/* --- making ------------------------------------------------------------------------------------------------------- */

/* No dtype, no storage: a place for the output of an op, which decides both. */
TH_API THTensor *THTensor_new(void);
/* Row-major, contents undefined. size: [ndim], each >= 0. */
TH_API THTensor *THTensor_newWithSize(THDtype dtype, int ndim, const int64_t *size);
TH_API THTensor *THTensor_newWithScalar(THDtype dtype, THScalar value);
/* A view of `storage` (which gains a reference). stride NULL: row-major. TH_ERR_SHAPE if it does not fit inside. */
TH_API THTensor *THTensor_newWithStorage(THStorage *storage, THDtype dtype, int64_t offset, int ndim, const int64_t *size,
                                         const int64_t *stride);
/* Dtypes: all. */
/* Another tensor on the same storage, with the same geometry. Neither meta nor pyobj is shared. */
TH_API THTensor *THTensor_newWithTensor(const THTensor *self);
/* A row-major copy. */
TH_API THTensor *THTensor_newClone(const THTensor *self);
/* `self` with one more reference if it is contiguous, else a row-major copy. */
TH_API THTensor *THTensor_newContiguous(THTensor *self);
/* A copy converted to `dtype` (always a copy). */
TH_API THTensor *THTensor_newConvert(const THTensor *self, THDtype dtype);

TH_API void THTensor_retain(THTensor *self);
/* Gives one reference back. NULL is allowed. */
TH_API void THTensor_free(THTensor *self);

/* --- views: share the storage ------------------------------------------------------------------------------------- */

TH_API THTensor *THTensor_newSelect(const THTensor *self, int dim, int64_t index);
/* [start, start + length) of one dimension. */
TH_API THTensor *THTensor_newNarrow(const THTensor *self, int dim, int64_t start, int64_t length);
/* Python's self[start:stop:step] along dim; start and stop are clamped as Python does, step >= 1. */
TH_API THTensor *THTensor_newSlice(const THTensor *self, int dim, int64_t start, int64_t stop, int64_t step);
TH_API THTensor *THTensor_newTranspose(const THTensor *self, int dim0, int dim1);
/* dims: a permutation of 0 .. ndim-1. */
TH_API THTensor *THTensor_newPermute(const THTensor *self, int ndim, const int *dims);
/* One size may be -1 and is inferred. TH_ERR_SHAPE if the strides do not allow it without a copy. */
TH_API THTensor *THTensor_newView(const THTensor *self, int ndim, const int64_t *size);
/* Sizes of 1 grow to the asked size with stride 0; -1 keeps a size; new dimensions come in front. */
TH_API THTensor *THTensor_newExpand(const THTensor *self, int ndim, const int64_t *size);
/* Drops dimension `dim` if its size is 1. */
TH_API THTensor *THTensor_newSqueeze(const THTensor *self, int dim);
/* Drops all dimensions of size 1. */
TH_API THTensor *THTensor_newSqueezeAll(const THTensor *self);
/* A dimension of size 1 in front of `dim` (-1: behind the last). */
TH_API THTensor *THTensor_newUnsqueeze(const THTensor *self, int dim);
/* All slices of `size` along dim, every `step`, as a further last dimension. */
TH_API THTensor *THTensor_newUnfold(const THTensor *self, int dim, int64_t size, int64_t step);
/* The diagonal number `offset` of the matrices in dim1 and dim2 (rows, columns), as a further last dimension in place of both;
 * offset > 0: above the main one, < 0: below it; without elements where it lies outside. */
TH_API THTensor *THTensor_newDiagonal(const THTensor *self, int64_t offset, int dim1, int dim2);
TH_API THTensor *THTensor_newAsStrided(const THTensor *self, int ndim, const int64_t *size, const int64_t *stride,
                                       int64_t offset);
/* As newView where that is possible, else newView of a contiguous copy. */
TH_API THTensor *THTensor_newReshape(const THTensor *self, int ndim, const int64_t *size);

/* --- shape and access --------------------------------------------------------------------------------------------- */

/* `dim` in 0 .. ndim-1 (a scalar counts as one dimension), or TH_ERR_INDEX: "dimension out of range ...". */
TH_API THStatus THTensor_wrapDim(const THTensor *self, int dim, const char *op, int *wrapped);
TH_API bool THTensor_isSameSizeAs(const THTensor *self, const THTensor *other);
/* The broadcast shape of two tensors. size: room for TH_MAX_DIMS. TH_ERR_SHAPE names both shapes. */
TH_API THStatus THTensor_broadcast(const THTensor *a, const THTensor *b, const char *op, int *ndim, int64_t *size);
/* Makes `self` ready to be written by an op: a fresh tensor gets dtype, shape and storage; one of the right shape stays as it
 * is; another shape is resized row-major; another dtype is TH_ERR_DTYPE. Counts a write in the storage's version. */
TH_API THStatus THTensor_output(THTensor *self, const char *op, THDtype dtype, int ndim, const int64_t *size);
/* Row-major resize, keeping the storage where it is large enough. */
TH_API THStatus THTensor_resize(THTensor *self, int ndim, const int64_t *size);
/* self looks into source's storage from now on, with its geometry and dtype. */
TH_API THStatus THTensor_set(THTensor *self, const THTensor *source);
/* "(2, 3)" into `text`, at most `room` bytes; returns `text`. */
TH_API const char *THTensor_describeSize(int ndim, const int64_t *size, char *text, size_t room);
/* The only element of a tensor of one element. */
TH_API THStatus THTensor_item(const THTensor *self, THScalar *value);
/* True if the memory of both can overlap. Conservative: bounds only. */
TH_API bool THTensor_mayOverlap(const THTensor *a, const THTensor *b);
TH_API uint32_t THTensor_version(const THTensor *self);

TH_END_DECLS

#endif
