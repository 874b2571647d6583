/* THCudaStorage_*: what TH/generic/THStorage.h has not; see THC/THCTyped.h. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
THC_API int THStorage_(getDevice)(const THStorage *self); /* TH_DEVICE_HOST: the host */
/* Of a storage on a device, of the dtype named (copyCuda: of this one), converted; of one of the host, of this dtype. */
THC_API THStatus THStorage_(copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCPU)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaByte)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaChar)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaShort)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaInt)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaLong)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaHalf)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaFloat)(THStorage *self, const THStorage *source);
THC_API THStatus THStorage_(copyCudaDouble)(THStorage *self, const THStorage *source);

/* From a device to a storage of the host of the dtype named: THFloatStorage_copyCudaByte. */
THC_API THStatus THC_TO_HOST_(Byte, Storage_copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THC_TO_HOST_(Char, Storage_copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THC_TO_HOST_(Short, Storage_copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THC_TO_HOST_(Int, Storage_copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THC_TO_HOST_(Long, Storage_copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THC_TO_HOST_(Half, Storage_copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THC_TO_HOST_(Float, Storage_copyCuda)(THStorage *self, const THStorage *source);
THC_API THStatus THC_TO_HOST_(Double, Storage_copyCuda)(THStorage *self, const THStorage *source);
/* The same of this dtype: THFloatStorage_copyCuda. */
THC_API THStatus THC_HOST_(Storage_copyCuda)(THStorage *self, const THStorage *source);
#endif
