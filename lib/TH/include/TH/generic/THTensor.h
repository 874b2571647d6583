/* THFloatTensor_*: geometry and access; see TH/THTyped.h. `size` and `stride` as storages: THLongStorage, stride may be NULL.
 * */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API THStorage *THTensor_(storage)(const THTensor *self); /* borrowed */
TH_API int64_t THTensor_(storageOffset)(const THTensor *self);
TH_API int THTensor_(nDimension)(const THTensor *self);
TH_API int64_t THTensor_(size)(const THTensor *self, int dim);
TH_API int64_t THTensor_(stride)(const THTensor *self, int dim);
TH_API THStorage *THTensor_(newSizeOf)(const THTensor *self);
TH_API THStorage *THTensor_(newStrideOf)(const THTensor *self);
TH_API real *THTensor_(data)(const THTensor *self);
TH_API int64_t THTensor_(nElement)(const THTensor *self);
TH_API int THTensor_(isContiguous)(const THTensor *self);
TH_API int THTensor_(isSameSizeAs)(const THTensor *self, const THTensor *source);
TH_API int THTensor_(isSetTo)(const THTensor *self, const THTensor *source);
TH_API int THTensor_(isSize)(const THTensor *self, const THStorage *size);

TH_API THTensor *THTensor_(new)(void);
TH_API THTensor *THTensor_(newWithTensor)(const THTensor *self);
/* Torch: a storage that is too short grows. */
TH_API THTensor *THTensor_(newWithStorage)(THStorage *storage, int64_t offset, const THStorage *size, const THStorage *stride);
/* Torch: the same. */
/* A stride below 0 is counted: row-major. The storage grows if it is too short; NULL: a new one. */
TH_API THTensor *THTensor_(newWithStorage1d)(THStorage *storage, int64_t offset, int64_t size0, int64_t stride0);
TH_API THTensor *THTensor_(newWithStorage2d)(THStorage *storage, int64_t offset, int64_t size0, int64_t stride0, int64_t size1,
                                             int64_t stride1);
TH_API THTensor *THTensor_(newWithStorage3d)(THStorage *storage, int64_t offset, int64_t size0, int64_t stride0, int64_t size1,
                                             int64_t stride1, int64_t size2, int64_t stride2);
TH_API THTensor *THTensor_(newWithStorage4d)(THStorage *storage, int64_t offset, int64_t size0, int64_t stride0, int64_t size1,
                                             int64_t stride1, int64_t size2, int64_t stride2, int64_t size3, int64_t stride3);
TH_API THStatus THTensor_(setStorage)(THTensor *self, THStorage *storage, int64_t offset, const THStorage *size,
                                      const THStorage *stride);
/* size, stride: [n]; stride NULL: row-major. */
TH_API THStatus THTensor_(setStorageNd)(THTensor *self, THStorage *storage, int64_t offset, int n, const int64_t *size,
                                        const int64_t *stride);
TH_API THStatus THTensor_(setStorage1d)(THTensor *self, THStorage *storage, int64_t offset, int64_t size0, int64_t stride0);
TH_API THStatus THTensor_(setStorage2d)(THTensor *self, THStorage *storage, int64_t offset, int64_t size0, int64_t stride0,
                                        int64_t size1, int64_t stride1);
TH_API THStatus THTensor_(setStorage3d)(THTensor *self, THStorage *storage, int64_t offset, int64_t size0, int64_t stride0,
                                        int64_t size1, int64_t stride1, int64_t size2, int64_t stride2);
TH_API THStatus THTensor_(setStorage4d)(THTensor *self, THStorage *storage, int64_t offset, int64_t size0, int64_t stride0,
                                        int64_t size1, int64_t stride1, int64_t size2, int64_t stride2, int64_t size3,
                                        int64_t stride3);
TH_API THStatus THTensor_(resizeNd)(THTensor *self, int n, const int64_t *size, const int64_t *stride);
TH_API THStatus THTensor_(resize5d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2, int64_t size3, int64_t size4);
/* r becomes a view of t with the sizes of `sizes`; each of rets one of the ops, all with the size to which they broadcast. */
TH_API THStatus THTensor_(expand)(THTensor *r, const THTensor *t, const THStorage *sizes);
TH_API THStatus THTensor_(expandNd)(THTensor **rets, THTensor **ops, int count);
/* Torch: has other flags. */
/* flag: THTensor_QUIET. */
TH_API THStatus THTensor_(setFlag)(THTensor *self, char flag);
TH_API THStatus THTensor_(clearFlag)(THTensor *self, char flag);
/* Torch: the same. */
/* "torch.FloatTensor of size 2x3", and "[2 x 3]"; cut where they are longer. */
TH_API THDescBuff THTensor_(desc)(const THTensor *self);
TH_API THDescBuff THTensor_(sizeDesc)(const THTensor *self);
TH_API THTensor *THTensor_(newWithSize)(const THStorage *size, const THStorage *stride);
TH_API THTensor *THTensor_(newWithSize1d)(int64_t size0);
TH_API THTensor *THTensor_(newWithSize2d)(int64_t size0, int64_t size1);
TH_API THTensor *THTensor_(newWithSize3d)(int64_t size0, int64_t size1, int64_t size2);
TH_API THTensor *THTensor_(newWithSize4d)(int64_t size0, int64_t size1, int64_t size2, int64_t size3);
TH_API THTensor *THTensor_(newClone)(const THTensor *self);
TH_API THTensor *THTensor_(newContiguous)(THTensor *self);
TH_API THTensor *THTensor_(newSelect)(const THTensor *self, int dim, int64_t index);
TH_API THTensor *THTensor_(newNarrow)(const THTensor *self, int dim, int64_t first, int64_t size);
TH_API THTensor *THTensor_(newTranspose)(const THTensor *self, int dim0, int dim1);
TH_API THTensor *THTensor_(newUnfold)(const THTensor *self, int dim, int64_t size, int64_t step);
TH_API THTensor *THTensor_(newView)(const THTensor *self, const THStorage *size);
TH_API THTensor *THTensor_(newExpand)(const THTensor *self, const THStorage *size);

TH_API THStatus THTensor_(resize)(THTensor *self, const THStorage *size, const THStorage *stride);
TH_API THStatus THTensor_(resizeAs)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(resize1d)(THTensor *self, int64_t size0);
TH_API THStatus THTensor_(resize2d)(THTensor *self, int64_t size0, int64_t size1);
TH_API THStatus THTensor_(resize3d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2);
TH_API THStatus THTensor_(resize4d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2, int64_t size3);

/* self becomes a view: of source, or of itself if source is NULL. */
TH_API THStatus THTensor_(set)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(narrow)(THTensor *self, const THTensor *source, int dim, int64_t first, int64_t size);
TH_API THStatus THTensor_(select)(THTensor *self, const THTensor *source, int dim, int64_t index);
TH_API THStatus THTensor_(transpose)(THTensor *self, const THTensor *source, int dim0, int dim1);
TH_API THStatus THTensor_(unfold)(THTensor *self, const THTensor *source, int dim, int64_t size, int64_t step);
TH_API THStatus THTensor_(squeeze)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(squeeze1d)(THTensor *self, const THTensor *source, int dim);
TH_API THStatus THTensor_(unsqueeze1d)(THTensor *self, const THTensor *source, int dim);

TH_API void THTensor_(retain)(THTensor *self);
TH_API void THTensor_(free)(THTensor *self);
/* Copies self into dest, then gives a reference of self back. */
TH_API THStatus THTensor_(freeCopyTo)(THTensor *self, THTensor *dest);

TH_API THStatus THTensor_(set1d)(THTensor *self, int64_t x0, real value);
TH_API THStatus THTensor_(set2d)(THTensor *self, int64_t x0, int64_t x1, real value);
TH_API THStatus THTensor_(set3d)(THTensor *self, int64_t x0, int64_t x1, int64_t x2, real value);
TH_API THStatus THTensor_(set4d)(THTensor *self, int64_t x0, int64_t x1, int64_t x2, int64_t x3, real value);
TH_API real THTensor_(get1d)(const THTensor *self, int64_t x0);
TH_API real THTensor_(get2d)(const THTensor *self, int64_t x0, int64_t x1);
TH_API real THTensor_(get3d)(const THTensor *self, int64_t x0, int64_t x1, int64_t x2);
TH_API real THTensor_(get4d)(const THTensor *self, int64_t x0, int64_t x1, int64_t x2, int64_t x3);
#endif
