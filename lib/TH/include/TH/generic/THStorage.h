/* THFloatStorage_*: see TH/THTyped.h. Sizes and places count elements. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API real *THStorage_(data)(const THStorage *self);
TH_API int64_t THStorage_(size)(const THStorage *self);
TH_API size_t THStorage_(elementSize)(void);
TH_API THStatus THStorage_(set)(THStorage *self, int64_t place, real value);
TH_API real THStorage_(get)(const THStorage *self, int64_t place);
TH_API THStorage *THStorage_(new)(void);
TH_API THStorage *THStorage_(newWithSize)(int64_t size);
/* Takes `data`, which came from malloc, over. */
TH_API THStorage *THStorage_(newWithData)(real *data, int64_t size);
TH_API THStorage *THStorage_(newWithSize1)(real data0);
TH_API THStorage *THStorage_(newWithSize2)(real data0, real data1);
TH_API THStorage *THStorage_(newWithSize3)(real data0, real data1, real data2);
TH_API THStorage *THStorage_(newWithSize4)(real data0, real data1, real data2, real data3);
/* A file as THMapAllocator.h maps it; size 0: the whole file. */
TH_API THStorage *THStorage_(newWithMapping)(const char *filename, int64_t size, int flags);
/* The allocator's memory, and `data` that it gave: it goes back to it with the last reference. These storages do not resize. */
TH_API THStorage *THStorage_(newWithAllocator)(int64_t size, THAllocator *allocator, void *context);
TH_API THStorage *THStorage_(newWithDataAndAllocator)(real *data, int64_t size, THAllocator *allocator, void *context);
/* Torch: has other flags. */
/* flag: THStorage_FIXED, which forbids that the bytes move; others follow from how the storage was made (TH_ERR_VALUE). */
TH_API THStatus THStorage_(setFlag)(THStorage *self, char flag);
TH_API THStatus THStorage_(clearFlag)(THStorage *self, char flag);
/* Torch: the same. */
TH_API THStatus THStorage_(swap)(THStorage *self, THStorage *other);
/* As many elements as self has. */
TH_API THStatus THStorage_(rawCopy)(THStorage *self, const real *source);
/* Of a storage of this dtype, or of the one named, converted; both have one size. */
TH_API THStatus THStorage_(copy)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyByte)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyChar)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyShort)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyInt)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyLong)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyHalf)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyFloat)(THStorage *self, const THStorage *source);
TH_API THStatus THStorage_(copyDouble)(THStorage *self, const THStorage *source);
TH_API void THStorage_(retain)(THStorage *self);
TH_API void THStorage_(free)(THStorage *self);
TH_API THStatus THStorage_(resize)(THStorage *self, int64_t size);
TH_API THStatus THStorage_(fill)(THStorage *self, real value);
#endif
