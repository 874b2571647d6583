/* A loop of two inputs becomes one of a single input and a scalar: the scalar is an element that the loop does not step over.
 * So the scalar variants need no kernels of their own. */
#ifndef TH_SCALAR_LOOP_H
#define TH_SCALAR_LOOP_H

#include "TH/THIter.h"

typedef enum THScalarSide { THScalarSide_LEFT, THScalarSide_RIGHT } THScalarSide;

/* The args of the two loops below. */
typedef struct THScalarLoop {
    THLoop loop;   /* data: r, a, b */
    int64_t value; /* the bytes of one element of the inputs' dtype */
} THScalarLoop;

/* r = loop(a, value) */
static inline void THScalarLoop_right(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const THScalarLoop *const self = args;
    char *const all[3] = {data[0], data[1], (char *)&self->value};
    const int64_t strides[3] = {stride[0], stride[1], 0};
    self->loop(all, strides, n, NULL);
}

/* r = loop(value, a) */
static inline void THScalarLoop_left(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const THScalarLoop *const self = args;
    char *const all[3] = {data[0], (char *)&self->value, data[1]};
    const int64_t strides[3] = {stride[0], 0, stride[1]};
    self->loop(all, strides, n, NULL);
}

#endif
