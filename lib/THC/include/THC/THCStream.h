/* Streams order work; events mark places in that order. A stream handle of NULL is the device's default stream. */
#ifndef THC_STREAM_H
#define THC_STREAM_H

#include "THC/THCGeneral.h"

typedef struct THCStream THCStream;
typedef struct THCEvent THCEvent;

TH_BEGIN_DECLS

/* priority: 0, or less for a stream whose work goes first. NULL with the failure set. */
THC_API THCStream *THCStream_new(int device, int priority);
/* What the stream was asked for still runs; tensors that THCTensor_recordStream named it for may outlive this. */
THC_API void THCStream_free(THCStream *self);
THC_API int THCStream_device(const THCStream *self);
/* The cudaStream_t. */
THC_API void *THCStream_handle(const THCStream *self);
/* The calling thread's stream on `device`; NULL: the default one. */
THC_API THCStream *THC_getStream(int device);
/* NULL: the default one. */
THC_API THStatus THC_setStream(int device, THCStream *stream);
THC_API THStatus THCStream_synchronize(THCStream *self, int device);
/* *done: all its work has ended. */
THC_API THStatus THCStream_query(THCStream *self, int device, bool *done);
/* What is asked of the stream from now on waits for the event. */
THC_API THStatus THCStream_wait(THCStream *self, int device, const THCEvent *event);

/* Work of `stream` uses the memory of `self`, a tensor of its device: once given back, it serves again only when all that the
 * stream was asked for until then has ended. For tensors that were made on another stream. */
THC_API THStatus THCTensor_recordStream(const THTensor *self, THCStream *stream);

/* timing: the event can measure. NULL with the failure set. */
THC_API THCEvent *THCEvent_new(int device, bool timing, bool blocking);
THC_API void THCEvent_free(THCEvent *self);
THC_API THStatus THCEvent_record(THCEvent *self, THCStream *stream);
THC_API THStatus THCEvent_query(const THCEvent *self, bool *done);
THC_API THStatus THCEvent_synchronize(const THCEvent *self);
/* Milliseconds from `start` to `end`; both with timing, recorded and reached. */
THC_API THStatus THCEvent_elapsed(const THCEvent *start, const THCEvent *end, float *milliseconds);

TH_END_DECLS

#endif
