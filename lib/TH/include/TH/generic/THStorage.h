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
TH_API void THStorage_(retain)(THStorage *self);
TH_API void THStorage_(free)(THStorage *self);
TH_API THStatus THStorage_(resize)(THStorage *self, int64_t size);
TH_API THStatus THStorage_(fill)(THStorage *self, real value);
#endif
