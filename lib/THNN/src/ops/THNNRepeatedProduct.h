/* Products of many small matrices with one large one, as the steps of a recurrent layer have them: y = x * matrix.
 *
 * OpenBLAS packs the large matrix anew for each of them, which costs as much as the product itself. Here it is packed once, and
 * tiles of rows and columns are summed up in registers (THNNDirectKernel.h): so a row's result does not depend on how many rows
 * are multiplied at a time. Where that kernel is missing, or the products are so few that packing is not worth it, the library
 * multiplies. */
#ifndef THNN_REPEATED_PRODUCT_H
#define THNN_REPEATED_PRODUCT_H

#include "kernels/THNNDirectKernel.h"
#include "ops/THNNCall.h"

typedef struct THNNRepeatedProduct {
    const THNNDirectKernel *kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t depth;   /* columns of x */
    int64_t columns; /* of y */
    bool turned;     /* the matrix is given as columns x depth */
    const char *matrix;
    char *packed; /* blocks x depth x block; NULL: the library multiplies */
} THNNRepeatedProduct;

/* depth x columns, or columns x depth if `turned`; row-major, read until the end. rows: of all products.
 * TH_ERR_MEMORY. */
THStatus THNNRepeatedProduct_init(THNNRepeatedProduct *self, THDtype dtype, const char *matrix, int64_t depth, int64_t columns,
                                  bool turned, int64_t rows);
void THNNRepeatedProduct_free(THNNRepeatedProduct *self);
/* Elements of working memory that a product of `rows` rows needs. */
int64_t THNNRepeatedProduct_room(const THNNRepeatedProduct *self, int64_t rows);
/* y = x * matrix, or y += with `add`; x_ld, y_ld: elements from one row to the next. */
THStatus THNNRepeatedProduct_multiply(const THNNRepeatedProduct *self, int64_t rows, const char *x, int64_t x_ld, bool add,
                                      char *y, int64_t y_ld, char *room);

#endif
