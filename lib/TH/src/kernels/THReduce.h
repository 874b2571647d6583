/* Reductions: the table of one dtype and CPU level. */
#ifndef TH_REDUCE_H
#define TH_REDUCE_H

#include "kernels/THLoop.h"

/* Reduces n elements, `stride` bytes apart, to one at `out`. args: what the entry's comment says. */
typedef void (*THRun)(const char *a, int64_t stride, int64_t n, const void *args, char *out);

/* Reduces `rows` rows of `columns` elements to one row at `out`; strides in bytes. For reductions of an outer dimension, where
 * the columns lie side by side. */
typedef void (*THColumns)(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns, const void *args,
                          char *out, int64_t out_stride);

/* The same with a second output: int64_t, the number of the (first) row that won. rows >= 1. */
typedef void (*THColumnsIndex)(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns, char *out,
                               int64_t out_stride, char *index, int64_t index_stride);

/* The same of rows that are to be reduced to one element each: `rows` rows of n >= 1 contiguous elements. */
typedef void (*THRowsIndex)(const char *a, int64_t row_stride, int64_t rows, int64_t n, char *out, int64_t out_stride,
                            char *index, int64_t index_stride);

typedef struct THFold {
    THRun run;
    THColumns columns;
} THFold;

typedef struct THReduce {
    /* Results are acc_t. Sums of floats are pairwise over blocks with many independent lanes; nothing depends on alignment. */
    THFold sum, prod;
    /* Floating dtypes only. */
    THFold sumAbs, sumSquares, countNonzero;
    THFold sumPower;       /* of |x|^p; args: acc_t p */
    THFold maxAbs;         /* nan wins; 0 for nothing */
    THFold spread;         /* sum of squared distances to the mean, in two passes */
    THRun squaredDistance; /* the second pass alone; args: acc_t mean */
    /* Results are scalar_t; n >= 1, nan wins. */
    THRun max, min;
    /* The same, and the place of the first winner in *index. */
    void (*argmax)(const char *a, int64_t stride, int64_t n, char *out, int64_t *index);
    void (*argmin)(const char *a, int64_t stride, int64_t n, char *out, int64_t *index);
    THColumnsIndex argmaxColumns, argminColumns;
    THRowsIndex argmaxRows, argminRows; /* NULL: the others are as fast */
    /* The place of the first element equal to *value (scalar_t; nan finds nan), or n. */
    int64_t (*find)(const char *a, int64_t stride, int64_t n, const char *value);
} THReduce;

extern const THReduce *const THReduce_tables[THDtype_Count][THCpu_Count];

#endif
