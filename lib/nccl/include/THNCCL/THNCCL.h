/* Sums, copies and pieces of tensors over several CUDA devices, of one process or of many, through NVIDIA's NCCL.
 *
 * Tensors are THC's, contiguous, of one dtype and number of elements; their sizes are not compared. Work goes behind what the
 * calling thread asked of each device's current stream before, and the functions return before it is done. Half, Float, Double,
 * Uint8, Int8, Int32 and Int64 can be reduced; Int16 can only be moved. Inputs and outputs may be the same tensors where their
 * sizes allow.
 *
 * libnccl.so.2 is opened by the first call; TH_ERR_UNSUPPORTED, with what to install, where there is none. A failure of NCCL is
 * TH_ERR_STATE with NCCL's own words. NULL, in lists too, is TH_ERR_VALUE where nothing else is said. */
#ifndef THNCCL_H
#define THNCCL_H

#include <stdint.h>

#include "THC/THC.h"

#define THNCCL_API TH_API
#define THNCCL_UNIQUE_ID_BYTES 128

/* NCCL's own numbers. */
typedef enum THNCCLOp { THNCCL_SUM = 0, THNCCL_PROD = 1, THNCCL_MAX = 2, THNCCL_MIN = 3 } THNCCLOp;

TH_BEGIN_DECLS

/* As NCCL counts: 22809 is 2.28.9. */
THNCCL_API THStatus THNCCL_getVersion(int *version);

/* --- devices of this process ----------------------------------------------------------------------------------------------
 *
 * Lists hold a tensor for each of `count` devices, no device twice. The communicators of a list of devices are made by its
 * first call, which takes a while, and kept until the process ends. May be called by several threads. */

/* outputs[i] = inputs[0] op inputs[1] op ... */
THNCCL_API THStatus THNCCL_allReduce(THTensor *const *outputs, THTensor *const *inputs, int count, THNCCLOp op);
/* output, on the device of inputs[root], is inputs[0] op inputs[1] op ... */
THNCCL_API THStatus THNCCL_reduce(THTensor *output, THTensor *const *inputs, int count, int root, THNCCLOp op);
/* tensors[i] = tensors[root] */
THNCCL_API THStatus THNCCL_broadcast(THTensor *const *tensors, int count, int root);
/* outputs[i], of `count` times as many elements, is inputs[0], inputs[1], ... one behind the other. */
THNCCL_API THStatus THNCCL_allGather(THTensor *const *outputs, THTensor *const *inputs, int count);
/* outputs[i] is the i-th of `count` equal pieces of inputs[0] op inputs[1] op ... */
THNCCL_API THStatus THNCCL_reduceScatter(THTensor *const *outputs, THTensor *const *inputs, int count, THNCCLOp op);

/* --- devices of several processes ----------------------------------------------------------------------------------------- */

/* One process's place among `size`: rank 0, 1, ..., size - 1, each with a device of its own. */
typedef struct THNCCLComm THNCCLComm;

/* A name for a group that is about to meet: made by one process, which hands it to the others. */
THNCCL_API THStatus THNCCL_uniqueId(uint8_t id[THNCCL_UNIQUE_ID_BYTES]);
/* Waits until all `size` processes have called it with the same id. NULL with the failure set. */
THNCCL_API THNCCLComm *THNCCLComm_new(int device, int size, const uint8_t id[THNCCL_UNIQUE_ID_BYTES], int rank);
/* Ends the communicator when its work is done. Every process of the group calls it: one that does not lets the others wait.
 * NULL is allowed. A process that ends without it just ends. */
THNCCL_API THStatus THNCCLComm_free(THNCCLComm *self);
/* Ends the communicator at once, with the work that still runs: for when another process has failed. */
THNCCL_API THStatus THNCCLComm_abort(THNCCLComm *self);
/* -1, with the failure set, for NULL. */
THNCCL_API int THNCCLComm_device(const THNCCLComm *self);
THNCCL_API int THNCCLComm_size(const THNCCLComm *self);
THNCCL_API int THNCCLComm_rank(const THNCCLComm *self);

/* As the functions above; every process calls them in the same order, with tensors of the communicator's device. */
THNCCL_API THStatus THNCCLComm_allReduce(THNCCLComm *self, THTensor *output, THTensor *input, THNCCLOp op);
/* output is written by rank `root` only, and may be NULL elsewhere. */
THNCCL_API THStatus THNCCLComm_reduce(THNCCLComm *self, THTensor *output, THTensor *input, int root, THNCCLOp op);
THNCCL_API THStatus THNCCLComm_broadcast(THNCCLComm *self, THTensor *tensor, int root);
THNCCL_API THStatus THNCCLComm_allGather(THNCCLComm *self, THTensor *output, THTensor *input);
THNCCL_API THStatus THNCCLComm_reduceScatter(THNCCLComm *self, THTensor *output, THTensor *input, THNCCLOp op);

TH_END_DECLS

#endif
