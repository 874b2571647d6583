/* Torch's functions of a process: devices, streams, memory, generators, float16. There is no THCState: what it held belongs to
 * the calling thread (device, streams) and to the library (memory, generators), and no function takes it. What gave a
 * cudaError_t or nothing gives a THStatus; a cudaStream_t or cublasHandle_t is a void *. What returns a number or a pointer
 * returns 0, or NULL, with the failure set where it fails. */
#ifndef THC_STATE_H
#define THC_STATE_H

#include <stddef.h>

#include "TH/THMapAllocator.h"
#include "THC/THCGeneral.h"
#include "THC/THCStream.h"

struct cudaDeviceProp; /* of CUDA's driver_types.h */

TH_BEGIN_DECLS

/* --- devices ------------------------------------------------------------------------------------------------------------- */

THC_API THStatus THCudaInit(void); /* THC_initialize */
THC_API int THCState_getNumDevices(void);
/* Of the library's own, for as long as the process lives. */
THC_API struct cudaDeviceProp *THCState_getDeviceProperties(int device);
THC_API struct cudaDeviceProp *THCState_getCurrentDeviceProperties(void);
/* Whether `device` can read the memory of `peer`: copies between them then go straight. */
THC_API int THCState_getPeerToPeerAccess(int device, int peer);
/* The current device computes with float16 itself, and faster than with float. */
THC_API int THC_nativeHalfInstructions(void);
THC_API int THC_fastHalfInstructions(void);
/* Lets the current stream wait for so many cycles of a multiprocessor's clock. */
THC_API THStatus THC_sleep(int64_t cycles);

/* --- streams of the calling thread. NULL: the default stream ------------------------------------------------------------- */

THC_API void *THCState_getCurrentStream(void);
THC_API void *THCState_getCurrentStreamOnDevice(int device);
THC_API THCStream *THCState_getStream(void);
THC_API THCStream *THCState_getStreamOnDevice(int device);
/* Of the stream's device; NULL: of the current one. */
THC_API THStatus THCState_setStream(THCStream *stream);
THC_API THStatus THCState_setStreamOnDevice(int device, THCStream *stream);
/* Streams by number, the same of every device: 0 is the default one, 1 to getNumStreams are made by reserveStreams, which only
 * adds, and live as long as the process. nonBlocking: they do not wait for the default stream, nor it for them. */
THC_API THStatus THCState_reserveStreams(int numStreams, int nonBlocking);
THC_API int THCState_getNumStreams(void);
THC_API void *THCState_getDeviceStream(int device, int stream);
/* On all devices. A stream that has no number counts as 0. */
THC_API THStatus THCState_setCurrentStreamIndex(int stream);
THC_API int THCState_getCurrentStreamIndex(void);
/* On the current device. flags: CUDA's: 0, or 1 for one that does not wait for the default stream. priority: 0, or less. */
THC_API THCStream *THCStream_newWithPriority(int flags, int priority);
/* One reference more, for THCStream_free. NULL is allowed. */
THC_API void THCStream_retain(THCStream *self);
/* The calling thread's handle on the current device, whose work goes to its stream. */
THC_API void *THCState_getCurrentBlasHandle(void);

/* --- memory -------------------------------------------------------------------------------------------------------------- */

/* Bytes on the current device, of the caching allocator that tensors have theirs from. *ptr of 0 bytes is NULL. */
THC_API THStatus THCudaMalloc(void **ptr, size_t size);
/* NULL is allowed; what THCudaMalloc did not give is TH_ERR_VALUE. */
THC_API THStatus THCudaFree(void *ptr);
/* Page-locked memory of the host. What is given back is kept, and serves again when copies that were recorded have ended. */
THC_API void *THCudaHostAlloc(size_t size);
THC_API void THCudaHostFree(void *ptr);
/* A copy from or to this memory has been asked of the current stream; of `stream`. Other memory is left alone. */
THC_API THStatus THCudaHostRecord(void *ptr);
THC_API THStatus THCCachingHostAllocator_recordEvent(void *ptr, THCStream *stream);
/* Unlocks what nobody uses. */
THC_API void THCCachingHostAllocator_emptyCache(void);
/* Bytes of the current device. Cached: freeBytes counts what the allocator keeps for later, too; largestBlock: the largest of
 * what it keeps, or of what the device has. */
THC_API THStatus THCudaMemGetInfo(size_t *freeBytes, size_t *totalBytes);
THC_API THStatus THCudaMemGetInfoCached(size_t *freeBytes, size_t *totalBytes, size_t *largestBlock);

/* Allocators for storages. Their context is NULL. */
/* THCudaMalloc and THCudaFree: for THCudaStorage_newWithAllocator. */
THC_API THAllocator *THCCachingAllocator_get(void);
THC_API THAllocator *THCState_getDeviceAllocator(void); /* the same */
/* THCudaHostAlloc, and memory that the host and all devices reach: for THFloatStorage_newWithAllocator. */
THC_API THAllocator *THCState_getCudaHostAllocator(void);
THC_API THAllocator *THCState_getCudaUVAAllocator(void);
THC_API int THCState_isCachingAllocatorEnabled(void); /* 1 */
/* Where the memory begins that the device gave, of which a block of THCudaMalloc is a part, and its bytes. size may be NULL. */
THC_API void *THCCachingAllocator_getBaseAllocation(void *ptr, size_t *size);
/* A block of THCudaMalloc serves again only when what `stream` was asked for until it was given back has ended. */
THC_API THStatus THCCachingAllocator_recordStream(void *ptr, THCStream *stream);

/* --- generators of the current device, or of all -------------------------------------------------------------------------- */

/* From the system's entropy; returns it. */
THC_API uint64_t THCRandom_seed(void);
THC_API uint64_t THCRandom_seedAll(void);
THC_API THStatus THCRandom_manualSeed(uint64_t seed);
THC_API THStatus THCRandom_manualSeedAll(uint64_t seed);
THC_API uint64_t THCRandom_initialSeed(void);
/* rng_state: a ByteTensor of the host, as THByteTensor_getRNGState has it. */
THC_API THStatus THCRandom_getRNGState(THTensor *rng_state);
THC_API THStatus THCRandom_setRNGState(const THTensor *rng_state);

/* --- float16, whose 16 bits stand for it ---------------------------------------------------------------------------------- */

THC_API uint16_t THC_float2half(float a);
THC_API float THC_half2float(uint16_t a);
/* `len` numbers in memory of the current device. */
THC_API THStatus THCFloat2Half(uint16_t *out, const float *in, int64_t len);
THC_API THStatus THCHalf2Float(float *out, const uint16_t *in, int64_t len);

TH_END_DECLS

#endif
