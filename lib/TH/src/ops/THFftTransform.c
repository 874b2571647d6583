#include "ops/THFftTransform.h"

#include <string.h>

#include "core/THAllocator.h"

#define BLOCK 16384 /* elements in the buffers of one block of lines: they stay in the second cache */

bool thFftTransform_factorize(THFftPlan *plan, int64_t n)
{
    static const int primes[] = {4, 2, 3, 5, 7, 11, TH_FFT_RADIX};
    plan->n = n;
    plan->count = 0;
    for (int k = 0; k < (int)(sizeof(primes) / sizeof(primes[0])); k++)
        for (; n % primes[k] == 0; n /= primes[k]) plan->factors[plan->count++] = primes[k];
    return n == 1;
}

/* The smallest of 4, 5, 6 times a power of two that is at least n. */
static int64_t convenient(int64_t n)
{
    int64_t best = 4;
    while (best < n) best *= 2;
    for (int64_t other = 5; other <= 6; other++) {
        int64_t m = other;
        while (m < n) m *= 2;
        if (m < best) best = m;
    }
    return best;
}

/* The transform of the conjugate chirp, wrapped around. buffers: of plan.n elements. */
static void fill_filter(THFftTransform *self, THFftBuffers buffers)
{
    const int64_t size = self->itemsize, m = self->plan.n, n = self->n;
    char *const re = buffers.re[0], *const im = buffers.im[0];
    memset(re, 0, (size_t)(m * size));
    memset(im, 0, (size_t)(m * size));
    self->kernels->load(self->chirp, 2, n, 1, re, 1);
    self->kernels->load(self->chirp + size, 2, n, -1, im, 1);
    /* the same elements, from the end backwards */
    self->kernels->load(self->chirp + 2 * (n - 1) * size, -2, n - 1, 1, re + (m - n + 1) * size, 1);
    self->kernels->load(self->chirp + (2 * (n - 1) + 1) * size, -2, n - 1, -1, im + (m - n + 1) * size, 1);
    self->kernels->run(&self->plan, 1, &buffers);
    self->kernels->store(buffers.re[0], 1, m, 1, self->filter, 2);
    self->kernels->store(buffers.im[0], 1, m, 1, self->filter + size, 2);
}

THFftBuffers thFftTransform_buffers(char *memory, int64_t bytes)
{
    return (THFftBuffers){.re = {memory, memory + bytes}, .im = {memory + 2 * bytes, memory + 3 * bytes}};
}

static char *pairs(const THFftTransform *self, int64_t n)
{
    return thAllocator_new(2 * n * self->itemsize);
}

bool thFftTransform_prepare(THFftTransform *self, const THFft *kernels, int64_t itemsize, int64_t n)
{
    self->kernels = kernels;
    self->itemsize = itemsize;
    self->n = n;
    const bool smooth = thFftTransform_factorize(&self->plan, n);
    if (!smooth) thFftTransform_factorize(&self->plan, convenient(2 * n - 1));
    const int64_t m = self->plan.n;
    self->plan.roots = self->roots = pairs(self, m);
    if (self->roots == NULL) return false;
    kernels->roots(m, m, self->roots);
    if (smooth) return true;
    self->chirp = pairs(self, n);
    self->filter = pairs(self, m);
    const int64_t bytes = 4 * m * itemsize;
    char *const memory = thAllocator_new(bytes);
    if (self->chirp != NULL && self->filter != NULL && memory != NULL) {
        kernels->chirp(n, self->chirp);
        fill_filter(self, thFftTransform_buffers(memory, m * self->itemsize));
    }
    thAllocator_free(memory, bytes);
    return self->chirp != NULL && self->filter != NULL && memory != NULL;
}

void thFftTransform_exchange(THFftBuffers *buffers)
{
    const THFftBuffers old = *buffers;
    for (int k = 0; k < 2; k++) buffers->re[k] = old.im[k], buffers->im[k] = old.re[k];
}

/* The inverse is the transform of the numbers with exchanged parts, exchanged. */
void thFftTransform_run(const THFftTransform *self, int64_t lanes, bool inverse, THFftBuffers *buffers)
{
    const THFft *const kernels = self->kernels;
    const int64_t n = self->n, m = self->plan.n, row = lanes * self->itemsize;
    if (inverse) thFftTransform_exchange(buffers);
    if (self->chirp == NULL) {
        kernels->run(&self->plan, lanes, buffers);
    } else {
        kernels->multiply(self->chirp, 1, n, lanes, buffers->re[0], buffers->im[0]);
        memset((char *)buffers->re[0] + n * row, 0, (size_t)((m - n) * row));
        memset((char *)buffers->im[0] + n * row, 0, (size_t)((m - n) * row));
        kernels->run(&self->plan, lanes, buffers);
        kernels->multiply(self->filter, 1 / (double)m, m, lanes, buffers->re[0], buffers->im[0]);
        thFftTransform_exchange(buffers);
        kernels->run(&self->plan, lanes, buffers);
        thFftTransform_exchange(buffers);
        kernels->multiply(self->chirp, 1, n, lanes, buffers->re[0], buffers->im[0]);
    }
    if (inverse) thFftTransform_exchange(buffers);
}

void thFftTransform_free(THFftTransform *self)
{
    const int64_t pair = 2 * self->itemsize;
    thAllocator_free(self->roots, self->plan.n * pair);
    thAllocator_free(self->chirp, self->n * pair);
    thAllocator_free(self->filter, self->plan.n * pair);
}

int64_t thFftTransform_lanes(const THFftTransform *self)
{
    const int64_t lanes = BLOCK / self->plan.n;
    if (lanes >= TH_FFT_LANES) return TH_FFT_LANES;
    return lanes < 1 ? 1 : (lanes >= 4 ? lanes & ~INT64_C(3) : lanes); /* whole vectors */
}
