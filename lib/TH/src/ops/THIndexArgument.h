/* Index tensors, checked once before anything is written. */
#ifndef TH_INDEX_ARGUMENT_H
#define TH_INDEX_ARGUMENT_H

#include "TH/THTensor.h"

/* A contiguous index with all entries in [0, size). */
typedef struct THIndexArgument {
    THTensor *owner; /* give back with THTensor_free */
    const int64_t *data;
    int64_t n;
} THIndexArgument;

/* TH_ERR_DTYPE unless index is Long, TH_ERR_INDEX if an entry is out of range. wrap: -1 means size - 1, and so on. */
THStatus THIndexArgument_of(THIndexArgument *self, const char *op, const THTensor *index, int64_t size, bool wrap);
/* Counts a write of self, and refuses a tensor whose elements share memory with one another (expanded). */
THStatus THIndexArgument_write(const char *op, THTensor *self);

/* THTensor_indexAdd or THTensor_scatterAdd of halves: of float copies, rounded once. */
typedef THStatus (*THIndexAdd)(THTensor *self, int dim, const THTensor *index, const THTensor *source);
THStatus THIndexArgument_addHalves(THIndexAdd add, THTensor *self, int dim, const THTensor *index, const THTensor *source);

#endif
