/* THCudaTensor_*: what TH/generic/THTensor.h and THTensorCopy.h have not; see THC/THCTyped.h. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
THC_API int THTensor_(getDevice)(const THTensor *self); /* TH_DEVICE_HOST: the host */
/* A view with the first two dimensions as one; self is contiguous. */
THC_API THTensor *THTensor_(newFoldBatchDim)(THTensor *self);

/* Of a tensor on a device, of the dtype named (copyCuda: of this one), converted; of one of the host, of this dtype. As copy
 * does, in any shape of as many elements. */
THC_API THStatus THTensor_(copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCPU)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaByte)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaChar)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaShort)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaInt)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaLong)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaHalf)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaFloat)(THTensor *self, const THTensor *source);
THC_API THStatus THTensor_(copyCudaDouble)(THTensor *self, const THTensor *source);
/* Into a tensor of the same size, whose elements may share memory (expanded): the last of them stays. */
THC_API THStatus THTensor_(copyIgnoringOverlaps)(THTensor *self, const THTensor *source);
/* Has not ended when it returns, if the host's memory is pinned: both contiguous, of one size, of this dtype. */
THC_API THStatus THTensor_(copyAsyncCPU)(THTensor *self, const THTensor *source);

/* From a device to a tensor of the host of the dtype named: THFloatTensor_copyCudaByte. */
THC_API THStatus THC_TO_HOST_(Byte, Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_TO_HOST_(Char, Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_TO_HOST_(Short, Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_TO_HOST_(Int, Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_TO_HOST_(Long, Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_TO_HOST_(Half, Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_TO_HOST_(Float, Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_TO_HOST_(Double, Tensor_copyCuda)(THTensor *self, const THTensor *source);
/* The same of this dtype: THFloatTensor_copyCuda, THFloatTensor_copyAsyncCuda. */
THC_API THStatus THC_HOST_(Tensor_copyCuda)(THTensor *self, const THTensor *source);
THC_API THStatus THC_HOST_(Tensor_copyAsyncCuda)(THTensor *self, const THTensor *source);
#endif
