/* A long line as a matrix: transforms of its columns, a turn of each element, transforms of its rows, which leave the result
 * transposed. Blocks of columns and rows stay in the second cache, fill vectors, and are shared by threads; passes over the
 * whole line would do none of that. */
#include "ops/THFftLong.h"

#include "TH/THThreads.h"
#include "core/THAllocator.h"
#include "ops/THFftTransform.h"

#define LONG 4096 /* shorter lines are transformed as they are */

typedef struct Long {
    const THFftLines *lines;
    const THFft *kernels;
    THFftTransform column, row; /* of the lengths that the line's is a product of */
    char *table, *steps;        /* what the turns are made of */
    char *between, *memory;     /* the line after the columns; buffers of all threads */
    const char *from;
    char *to;
    int64_t itemsize, bytes; /* of a buffer */
} Long;

/* The divisor of n that the first of its factors give and that is at most n's root; 1 if n has factors without passes. */
static int64_t divisor_of(int64_t n)
{
    THFftPlan plan;
    int64_t divisor = 1;
    if (!thFftTransform_factorize(&plan, n)) return 1;
    for (int k = 0; k < plan.count; k++) {
        const int64_t larger = divisor * plan.factors[k];
        if (larger <= n / larger) divisor = larger;
    }
    return divisor;
}

bool thFftLong_wants(const THFftLines *lines)
{
    return lines->kind == THFft_Complex && lines->inside == 1 && lines->n >= LONG && divisor_of(lines->n) >= TH_FFT_LANES;
}

static THFftBuffers buffers_of(const Long *self, int thread)
{
    return thFftTransform_buffers(self->memory + thread * 4 * self->bytes, self->bytes);
}

static int64_t lanes_from(const THFftTransform *transform, int64_t first, int64_t count)
{
    const int64_t lanes = thFftTransform_lanes(transform);
    return count - first < lanes ? count - first : lanes;
}

static void columns(int64_t begin, int64_t end, int thread, void *context)
{
    const Long *const self = context;
    const int64_t rows = self->column.n, width = self->row.n, most = thFftTransform_lanes(&self->column);
    const bool inverse = self->lines->inverse;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * most, lanes = lanes_from(&self->column, first, width);
        THFftBuffers b = buffers_of(self, thread);
        self->kernels->loadPairs(self->from + 2 * first * self->itemsize, 2 * width, rows, lanes, b.re[0], b.im[0]);
        thFftTransform_run(&self->column, lanes, inverse, &b);
        if (inverse) thFftTransform_exchange(&b);
        self->kernels->turn(self->table, self->steps, first, rows, lanes, b.re[0], b.im[0]);
        if (inverse) thFftTransform_exchange(&b);
        self->kernels->storePairs(b.re[0], b.im[0], lanes, rows, 1, self->between + 2 * first * self->itemsize, 2 * width);
    }
}

static void rows(int64_t begin, int64_t end, int thread, void *context)
{
    const Long *const self = context;
    const int64_t height = self->column.n, width = self->row.n, most = thFftTransform_lanes(&self->row);
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * most, lanes = lanes_from(&self->row, first, height);
        THFftBuffers b = buffers_of(self, thread);
        self->kernels->loadLines(self->between + 2 * first * width * self->itemsize, 2 * width, width, 1, lanes, b.re[0],
                                 b.im[0]);
        thFftTransform_run(&self->row, lanes, self->lines->inverse, &b);
        self->kernels->storePairs(b.re[0], b.im[0], lanes, width, self->lines->scale, self->to + 2 * first * self->itemsize,
                                  2 * height);
    }
}

static int64_t blocks_of(const THFftTransform *transform, int64_t count)
{
    const int64_t lanes = thFftTransform_lanes(transform);
    return (count + lanes - 1) / lanes;
}

static int64_t buffer_of(const THFftTransform *transform)
{
    return transform->n * thFftTransform_lanes(transform) * transform->itemsize;
}

THStatus thFftLong_run(const THFftLines *lines, const THFft *kernels)
{
    Long self = {.lines = lines, .kernels = kernels, .itemsize = (int64_t)THDtype_size(lines->dtype)};
    const int64_t n = lines->n, height = divisor_of(n), pair = 2 * self.itemsize;
    bool ready = thFftTransform_prepare(&self.column, kernels, self.itemsize, height);
    ready = thFftTransform_prepare(&self.row, kernels, self.itemsize, n / height) && ready;
    const int64_t column = buffer_of(&self.column), row = buffer_of(&self.row);
    self.bytes = (column > row ? column : row) + 64; /* apart from one another in the cache */
    const int64_t bytes = THThreads_get() * 4 * self.bytes, table = TH_FFT_TURNS(n) * (int64_t)sizeof(double);
    self.memory = thAllocator_new(bytes);
    self.between = thAllocator_new(n * pair);
    self.table = thAllocator_new(table);
    self.steps = thAllocator_new(height * TH_FFT_LANES * pair);
    ready = ready && self.memory != NULL && self.between != NULL && self.table != NULL && self.steps != NULL;
    if (ready) kernels->turns(n, height, self.table, self.steps);
    for (int64_t line = 0; ready && line < lines->count; line++) {
        self.from = lines->from + line * n * pair;
        self.to = lines->to + line * n * pair;
        THThreads_for(blocks_of(&self.column, n / height), 1, columns, &self);
        THThreads_for(blocks_of(&self.row, height), 1, rows, &self);
    }
    thFftTransform_free(&self.column);
    thFftTransform_free(&self.row);
    thAllocator_free(self.memory, bytes);
    thAllocator_free(self.between, n * pair);
    thAllocator_free(self.table, table);
    thAllocator_free(self.steps, height * TH_FFT_LANES * pair);
    TH_FAIL_IF(!ready, TH_ERR_MEMORY, "[%s] buffers and tables of a line of %lld: no memory", lines->op, (long long)n);
    return TH_OK;
}
