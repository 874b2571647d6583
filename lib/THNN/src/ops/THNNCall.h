/* What every op does with its tensors: contiguous inputs, outputs that kernels may write row by row, and tidying up.
 *
 * An op checks its arguments, fills a THNNCall with reads and writes (which remember the first failure), runs its kernels if
 * the status is still TH_OK, and returns THNNCall_close. */
#ifndef THNN_CALL_H
#define THNN_CALL_H

#include "TH/THIter.h"
#include "THNN/THNN.h"

#define THNN_CALL_MAX 12

typedef struct THNNCall {
    const char *op;                  /* the name in messages */
    THStatus status;                 /* the first failure */
    int count;                       /* of the entries below */
    THTensor *work[THNN_CALL_MAX];   /* contiguous; one reference each */
    THTensor *target[THNN_CALL_MAX]; /* where work is copied to at the end; NULL: nowhere */
} THNNCall;

/* `tensor`, row-major without gaps. NULL after a failure, or if tensor is NULL. */
THTensor *THNNCall_read(THNNCall *self, const THTensor *tensor);
/* Makes `output` ready (THTensor_output); the result is row-major and overlaps no tensor that was read before. */
THTensor *THNNCall_write(THNNCall *self, THTensor *output, THDtype dtype, int ndim, const int64_t *size);
/* As write, but the output may be one of the inputs, element on element: for kernels that read element i before they write it.
 * */
THTensor *THNNCall_writeInPlace(THNNCall *self, THTensor *output, THDtype dtype, int ndim, const int64_t *size);
/* A tensor that is added to: row-major, and copied back at the end where that made a copy. NULL if tensor is NULL. */
THTensor *THNNCall_update(THNNCall *self, THTensor *tensor);
/* Keeps the first failure. */
void THNNCall_fail(THNNCall *self, THStatus status);
/* Gives all references back; if all went well, copies results to outputs that could not be written directly. */
THStatus THNNCall_close(THNNCall *self);

/* The first element, or NULL if the tensor is NULL. */
static inline void *THNN_data(const THTensor *tensor)
{
    return tensor == NULL ? NULL : THTensor_dataBytes(tensor);
}

static inline int64_t THNN_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t THNN_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* THNN computes on Float and Double: TH_ERR_UNSUPPORTED names what `argument` is instead. TH_ERR_STATE for one that the library
 * cannot reach. */
THStatus THNN_checkFloating(const char *op, const char *argument, const THTensor *tensor);
/* `tensor` is there and has `dtype`: for typed names, whose tagged functions ask for the other arguments, then for places. */
THStatus THNN_checkTyped(const char *op, const char *argument, const THTensor *tensor, THDtype dtype);
/* The same, and the library can reach it. */
THStatus THNN_checkDtype(const char *op, const char *argument, const THTensor *tensor, THDtype dtype);
/* `tensor` has exactly this shape. */
THStatus THNN_checkShape(const char *op, const char *argument, const THTensor *tensor, int ndim, const int64_t *size);

#endif
