/* THCudaTensor_*: making tensors, looking at them, views; see THC/THCTyped.h. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
THC_API THStorage *THTensor_(storage)(const THTensor *self); /* borrowed */
THC_API int64_t THTensor_(storageOffset)(const THTensor *self);
THC_API int THTensor_(nDimension)(const THTensor *self);
THC_API int64_t THTensor_(size)(const THTensor *self, int dim);
THC_API int64_t THTensor_(stride)(const THTensor *self, int dim);
THC_API real *THTensor_(data)(const THTensor *self); /* an address of the device */
THC_API int64_t THTensor_(nElement)(const THTensor *self);
THC_API int THTensor_(getDevice)(const THTensor *self);
THC_API int THTensor_(isContiguous)(const THTensor *self);
THC_API int THTensor_(isSameSizeAs)(const THTensor *self, const THTensor *source);
THC_API int THTensor_(isSetTo)(const THTensor *self, const THTensor *source);
THC_API int THTensor_(isSize)(const THTensor *self, const THStorage *size);
THC_API THStorage *THTensor_(newSizeOf)(const THTensor *self);   /* a LongStorage of the host */
THC_API THStorage *THTensor_(newStrideOf)(const THTensor *self); /* the same */

THC_API THTensor *THTensor_(new)(void);
THC_API THTensor *THTensor_(newWithTensor)(const THTensor *self);
THC_API THTensor *THTensor_(newWithSize)(const THStorage *size, const THStorage *stride); /* stride: NULL */
THC_API THTensor *THTensor_(newWithSize1d)(int64_t size0);
THC_API THTensor *THTensor_(newWithSize2d)(int64_t size0, int64_t size1);
THC_API THTensor *THTensor_(newWithSize3d)(int64_t size0, int64_t size1, int64_t size2);
THC_API THTensor *THTensor_(newWithSize4d)(int64_t size0, int64_t size1, int64_t size2, int64_t size3);
THC_API THTensor *THTensor_(newClone)(const THTensor *self);
THC_API THTensor *THTensor_(newContiguous)(THTensor *self);
THC_API THTensor *THTensor_(newSelect)(const THTensor *self, int dim, int64_t index);
THC_API THTensor *THTensor_(newNarrow)(const THTensor *self, int dim, int64_t first, int64_t size);
THC_API THTensor *THTensor_(newTranspose)(const THTensor *self, int dim0, int dim1);
THC_API THTensor *THTensor_(newUnfold)(const THTensor *self, int dim, int64_t size, int64_t step);
THC_API THTensor *THTensor_(newView)(const THTensor *self, const THStorage *size);
THC_API THTensor *THTensor_(newExpand)(const THTensor *self, const THStorage *size);

THC_API THStatus THTensor_(resizeNd)(THTensor *self, int n, const int64_t *size, const int64_t *stride); /* stride: NULL */
THC_API THStatus THTensor_(resizeAs)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(resize)(THTensor *self, const THStorage *size, const THStorage *stride); /* stride: NULL */
THC_API THStatus THTensor_(resize1d)(THTensor *self, int64_t size0);
THC_API THStatus THTensor_(resize2d)(THTensor *self, int64_t size0, int64_t size1);
THC_API THStatus THTensor_(resize3d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2);
THC_API THStatus THTensor_(resize4d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2, int64_t size3);

/* self becomes a view: of source, or of itself if source is NULL. */
THC_API THStatus THTensor_(set)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(narrow)(THTensor *self, const THTensor *source, int dim, int64_t first, int64_t size);
THC_API THStatus THTensor_(select)(THTensor *self, const THTensor *source, int dim, int64_t index);
THC_API THStatus THTensor_(transpose)(THTensor *self, const THTensor *source, int dim0, int dim1);
THC_API THStatus THTensor_(unfold)(THTensor *self, const THTensor *source, int dim, int64_t size, int64_t step);
THC_API THStatus THTensor_(squeeze)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(squeeze1d)(THTensor *self, const THTensor *source, int dim);
THC_API THStatus THTensor_(unsqueeze1d)(THTensor *self, const THTensor *source, int dim);

THC_API void THTensor_(retain)(THTensor *self);
THC_API void THTensor_(free)(THTensor *self);
THC_API THStatus THTensor_(set1d)(THTensor *self, int64_t x0, real value);
THC_API THStatus THTensor_(set2d)(THTensor *self, int64_t x0, int64_t x1, real value);
THC_API real THTensor_(get1d)(const THTensor *self, int64_t x0);
THC_API real THTensor_(get2d)(const THTensor *self, int64_t x0, int64_t x1);
#endif
