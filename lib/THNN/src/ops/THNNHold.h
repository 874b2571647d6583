/* References of one call, given back together; and the two forms of classic tensors: without a batch dimension, and with
 * frames last. */
#ifndef THNN_HOLD_H
#define THNN_HOLD_H

#include "ops/THNNCall.h"

#define THNN_HOLD_MAX 24

typedef struct THNNHold {
    THTensor *tensors[THNN_HOLD_MAX];
    int count;
    THStatus status; /* the first failure */
} THNNHold;

/* Takes over a reference that a `new` function returned; NULL: its failure is noted. */
THTensor *THNNHold_keep(THNNHold *self, THTensor *tensor);
/* Gives all references back. */
THStatus THNNHold_release(THNNHold *self);
/* Notes a failure. */
void THNNHold_note(THNNHold *self, THStatus status);
/* A view of `tensor` with `ndim` dimensions: one of size 1 in front if it has one fewer. */
THTensor *THNNHold_batched(THNNHold *self, const THTensor *tensor, int ndim);
/* `result` into `output`, without its first dimension if `single`. */
void THNNHold_deliver(THNNHold *self, const char *op, THTensor *result, bool single, THTensor *output);
/* N x T x frame or T x frame as N x frame x T. */
THTensor *THNNHold_framesFirst(THNNHold *self, const THTensor *tensor);
/* N x frame x T into `output` as N x T x frame, or as T x frame if `single`. */
void THNNHold_deliverFrames(THNNHold *self, const char *op, THTensor *result, bool single, THTensor *output);
/* A new tensor, empty. */
THTensor *THNNHold_fresh(THNNHold *self);
/* Zeros of the dtype, and at the place, of `like`. */
THTensor *THNNHold_zeros(THNNHold *self, const THTensor *like, int ndim, const int64_t *size);

#endif
