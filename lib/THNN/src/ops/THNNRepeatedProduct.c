#include "ops/THNNRepeatedProduct.h"

#include <stdlib.h>

#include "TH/THBlas.h"

#define ROWS_MIN 96 /* of all products: for fewer, packing takes longer than what it saves */
#define ALIGNMENT 64

static int64_t blocksOf(const THNNRepeatedProduct *self)
{
    return (self->columns + self->kernel->block - 1) / self->kernel->block;
}

/* Blocks [begin, end). */
static void packRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const THNNRepeatedProduct *self = context;
    const int64_t block = self->kernel->block;
    for (int64_t b = begin; b < end; b++)
        self->kernel->pack(THNN_min(block, self->columns - b * block), self->depth, 1, self->turned ? self->depth : 1,
                           self->turned ? 1 : self->columns, 0,
                           self->matrix + b * block * (self->turned ? self->depth : 1) * self->itemsize,
                           self->packed + b * block * self->depth * self->itemsize);
}

THStatus THNNRepeatedProduct_init(THNNRepeatedProduct *self, THDtype dtype, const char *matrix, int64_t depth, int64_t columns,
                                  bool turned, int64_t rows)
{
    *self = (THNNRepeatedProduct){.kernel = TH_PICK(THNNDirectKernel_tables, dtype),
                                  .dtype = dtype,
                                  .itemsize = (int64_t)THDtype_size(dtype),
                                  .depth = depth,
                                  .columns = columns,
                                  .turned = turned,
                                  .matrix = matrix};
    if (self->kernel->block == 0 || rows < ROWS_MIN || depth == 0 || columns == 0) return TH_OK;
    const int64_t bytes = blocksOf(self) * self->kernel->block * depth * self->itemsize;
    self->packed = aligned_alloc(ALIGNMENT, (size_t)((bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT));
    TH_FAIL_IF(self->packed == NULL, TH_ERR_MEMORY, "out of memory: %lld bytes of a packed matrix", (long long)bytes);
    THThreads_for(blocksOf(self), THNN_max(1, TH_GRAIN / (depth * self->kernel->block)), packRange, self);
    return TH_OK;
}

void THNNRepeatedProduct_free(THNNRepeatedProduct *self)
{
    free(self->packed);
    self->packed = NULL;
}

int64_t THNNRepeatedProduct_room(const THNNRepeatedProduct *self, int64_t rows)
{
    return self->packed == NULL ? 0 : rows * self->depth;
}

THStatus THNNRepeatedProduct_multiply(const THNNRepeatedProduct *self, int64_t rows, const char *x, int64_t x_ld, bool add,
                                      char *y, int64_t y_ld, char *room)
{
    if (rows == 0) return TH_OK;
    if (self->packed == NULL)
        return THBlas_gemm(self->dtype, self->turned ? 't' : 'n', 'n', self->columns, rows, self->depth, THScalar_fromDouble(1),
                           self->matrix, self->turned ? self->depth : self->columns, x, x_ld, THScalar_fromDouble(add ? 1 : 0),
                           y, y_ld);
    self->kernel->product(rows, self->depth, self->columns, x, x_ld, self->packed, add, y, y_ld, room);
    return TH_OK;
}
