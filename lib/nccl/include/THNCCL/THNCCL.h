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

/* NCCL's own numbers. AVG: the sum, divided by the number of places (of whole numbers towards zero). */
typedef enum THNCCLOp { THNCCL_SUM = 0, THNCCL_PROD = 1, THNCCL_MAX = 2, THNCCL_MIN = 3, THNCCL_AVG = 4 } THNCCLOp;

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

/* One process's places among `size`: ranks 0, 1, ..., size - 1, each a device of its own. Mostly a process has one. */
typedef struct THNCCLComm THNCCLComm;

/* A name for a group that is about to meet: made by one process, which hands it to the others. */
THNCCL_API THStatus THNCCL_uniqueId(uint8_t id[THNCCL_UNIQUE_ID_BYTES]);
/* Waits until all `size` ranks are there, with the same id. NULL with the failure set. */
THNCCL_API THNCCLComm *THNCCLComm_new(int device, int size, const uint8_t id[THNCCL_UNIQUE_ID_BYTES], int rank);
/* The same with `count` devices, no device twice, which become ranks `rank`, rank + 1, ... */
THNCCL_API THNCCLComm *THNCCLComm_newOn(const int *devices, int count, int size, const uint8_t id[THNCCL_UNIQUE_ID_BYTES],
                                        int rank);
/* Ends the communicator when its work is done. Every process of the group calls it: one that does not lets the others wait.
 * After THNCCLComm_abort it only gives the memory back. NULL is allowed. A process that ends without it just ends. */
THNCCL_API THStatus THNCCLComm_free(THNCCLComm *self);
/* Ends the work that still runs, at once, for when another process has failed: results that were not there have no meaning.
 * Every later call fails; THNCCLComm_free remains to be called. May be called while another thread waits for the work.
 * TH_ERR_STATE if one does not come back from a call: NCCL may wait there, the first time, for the others. NULL is allowed. */
THNCCL_API THStatus THNCCLComm_abort(THNCCLComm *self);
/* -1, with the failure set, for NULL. Of the first device where there are several. */
THNCCL_API int THNCCLComm_device(const THNCCLComm *self);
THNCCL_API int THNCCLComm_size(const THNCCLComm *self);
THNCCL_API int THNCCLComm_rank(const THNCCLComm *self);

/* As the functions above; every process calls them in the same order. Lists hold a tensor for each of the communicator's
 * devices in this process, in their order. */
THNCCL_API THStatus THNCCLComm_allReduce(THNCCLComm *self, THTensor *const *outputs, THTensor *const *inputs, THNCCLOp op);
/* output is written by the process of rank `root` only, and may be NULL elsewhere. */
THNCCL_API THStatus THNCCLComm_reduce(THNCCLComm *self, THTensor *output, THTensor *const *inputs, int root, THNCCLOp op);
THNCCL_API THStatus THNCCLComm_broadcast(THNCCLComm *self, THTensor *const *tensors, int root);
THNCCL_API THStatus THNCCLComm_allGather(THNCCLComm *self, THTensor *const *outputs, THTensor *const *inputs);
THNCCL_API THStatus THNCCLComm_reduceScatter(THNCCLComm *self, THTensor *const *outputs, THTensor *const *inputs, THNCCLOp op);

/* Those that follow are for communicators with one device in each process. */

/* outputs, a tensor for each rank, are those of rank `root`, and NULL elsewhere: outputs[i] = input of rank i. */
THNCCL_API THStatus THNCCLComm_gather(THNCCLComm *self, THTensor *const *outputs, THTensor *input, int root);
/* inputs, a tensor for each rank, are those of rank `root`, and NULL elsewhere: output of rank i = inputs[i]. */
THNCCL_API THStatus THNCCLComm_scatter(THNCCLComm *self, THTensor *output, THTensor *const *inputs, int root);
/* tensor of rank `to` = tensor of this rank: the one calls send, the other recv, with as many bytes. What is asked of the
 * stream after it waits for the other, so that two which send to each other first, on one stream, wait for ever. */
THNCCL_API THStatus THNCCLComm_send(THNCCLComm *self, THTensor *tensor, int to);
THNCCL_API THStatus THNCCLComm_recv(THNCCLComm *self, THTensor *tensor, int from);

/* Ends the process with status 1, when it has written `message` to stderr, unless this is called anew within `seconds`; 0 or
 * less: no more. For what must not wait for ever even where nothing else of the process can run. A forked child has none. */
THNCCL_API THStatus THNCCL_setAlarm(double seconds, const char *message);

TH_END_DECLS

#endif
