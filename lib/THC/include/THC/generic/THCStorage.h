/* THCudaStorage_*: see THC/THCTyped.h. Sizes and places count elements. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
THC_API real *THStorage_(data)(const THStorage *self); /* an address of the device */
THC_API int64_t THStorage_(size)(const THStorage *self);
THC_API int THStorage_(getDevice)(const THStorage *self);
THC_API THStatus THStorage_(set)(THStorage *self, int64_t place, real value);
THC_API real THStorage_(get)(const THStorage *self, int64_t place);
THC_API THStorage *THStorage_(new)(void);
THC_API THStorage *THStorage_(newWithSize)(int64_t size);
/* From or to memory of any place, converted; both have one size. */
THC_API THStatus THStorage_(copy)(THStorage *self, const THStorage *source);
THC_API void THStorage_(retain)(THStorage *self);
THC_API void THStorage_(free)(THStorage *self);
THC_API THStatus THStorage_(resize)(THStorage *self, int64_t size);
THC_API THStatus THStorage_(fill)(THStorage *self, real value);
#endif
