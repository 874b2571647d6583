/* The complex transform of one length: its plan, and Bluestein's way for lengths with a large prime factor. */
#ifndef TH_FFT_TRANSFORM_H
#define TH_FFT_TRANSFORM_H

#include <stdbool.h>

#include "TH/THTensor.h"
#include "kernels/THFft.h"

/* Zeroed before it is prepared. If `chirp` is set, a convolution of the longer plan.n. */
typedef struct THFftTransform {
    const THFft *kernels;
    int64_t itemsize;
    int64_t n;
    THFftPlan plan;
    char *roots, *chirp, *filter; /* pairs */
} THFftTransform;

/* Whether n consists of primes that have passes; the factors, fours first. */
bool thFftTransform_factorize(THFftPlan *plan, int64_t n);
/* Tables for transforms of length n >= 1; false if there is no memory for them. */
bool thFftTransform_prepare(THFftTransform *self, const THFft *kernels, int64_t itemsize, int64_t n);
void thFftTransform_free(THFftTransform *self);
/* How many lines side by side stay in the second cache. */
int64_t thFftTransform_lanes(const THFftTransform *self);
/* Of `lanes` lines in buffers of plan.n rows. */
void thFftTransform_run(const THFftTransform *self, int64_t lanes, bool inverse, THFftBuffers *buffers);
/* Exchanges real and imaginary parts. */
void thFftTransform_exchange(THFftBuffers *buffers);
/* The four buffers of `bytes` each that begin at `memory`. */
THFftBuffers thFftTransform_buffers(char *memory, int64_t bytes);

#endif
