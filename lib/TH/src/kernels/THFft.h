/* Fourier transforms of many lines at once: the table of one dtype, and the plan that its kernels read.
 *
 * The lines lie side by side: element k of line l at [k * lanes + l], the real and the imaginary parts apart. So the inner
 * loops run over lines in the first passes, and over ever longer runs in the later ones. */
#ifndef TH_FFT_H
#define TH_FFT_H

#include "TH/THKernel.h"

#define TH_FFT_FACTORS 64
#define TH_FFT_RADIX 13 /* the largest prime factor that has passes of its own */

#define TH_FFT_LANES 16                                           /* lines that are transformed side by side, at most */
#define TH_FFT_ROW 512                                            /* roots of 1 that follow one another in a table of few */
#define TH_FFT_TURNS(n) (2 * (TH_FFT_ROW + (n) / TH_FFT_ROW + 1)) /* doubles of such a table */

/* sum over k of x[k] * exp(-2 pi i j k / n), n a product of small primes. */
typedef struct THFftPlan {
    int64_t n;
    int count;
    int factors[TH_FFT_FACTORS];
    const void *roots; /* exp(-2 pi i k / n), pairs */
} THFftPlan;

/* Memory of one transform: real parts in re[0] (and, while a pass runs, re[1]), imaginary parts in im[0] and im[1]. */
typedef struct THFftBuffers {
    void *re[2], *im[2];
} THFftBuffers;

typedef struct THFft {
    /* roots[k] = exp(-2 pi i k / n) for k < count, pairs; exact to a rounding of double. */
    void (*roots)(int64_t n, int64_t count, void *roots);
    /* chirp[k] = exp(-pi i k * k / n) for k < n; exact to a rounding of double. */
    void (*chirp)(int64_t n, void *chirp);
    /* What `turn` reads, for a matrix of n elements with so many rows: TH_FFT_TURNS(n) doubles, rows * TH_FFT_LANES pairs. */
    void (*turns)(int64_t n, int64_t rows, void *table, void *steps);
    /* Element k of lane l times exp(-2 pi i k (first + l) / n), for k < rows. */
    void (*turn)(const void *table, const void *steps, int64_t first, int64_t rows, int64_t lanes, void *re, void *im);
    /* The transforms of `lanes` lines in buffers[0], to buffers[0] (the two change places as passes run). */
    void (*run)(const THFftPlan *plan, int64_t lanes, THFftBuffers *buffers);
    /* x[k] *= scale * factor[k] (pairs), for each of the lanes. */
    void (*multiply)(const void *factor, double scale, int64_t n, int64_t lanes, void *re, void *im);
    /* One line to and from its lane: `step` scalars between elements; the parts are multiplied by `scale`. */
    void (*load)(const void *from, int64_t step, int64_t n, double scale, void *lane, int64_t lanes);
    void (*store)(const void *lane, int64_t lanes, int64_t n, double scale, void *to, int64_t step);
    /* Pairs of lines that begin `line` elements apart, all lanes at once, to and from; times scale. */
    void (*loadLines)(const void *from, int64_t line, int64_t n, double scale, int64_t lanes, void *re, void *im);
    void (*storeLines)(const void *re, const void *im, int64_t lanes, int64_t n, double scale, void *to, int64_t line);
    /* As many pairs as there are lanes lie side by side: all lanes at once, to and from. */
    void (*loadPairs)(const void *from, int64_t step, int64_t n, int64_t lanes, void *re, void *im);
    void (*storePairs)(const void *re, const void *im, int64_t lanes, int64_t n, double scale, void *to, int64_t step);
    /* Transforms z of length h of x[2k] + i x[2k + 1], to those of the reals x: h + 1 elements. h + 1 rows in re and im. */
    void (*split)(const void *roots, int64_t h, int64_t lanes, void *re, void *im);
    /* The other way: what the inverse transform of length h makes x[2k] + i x[2k + 1] of. */
    void (*join)(const void *roots, int64_t h, int64_t lanes, void *re, void *im);
} THFft;

extern const THFft *const THFft_tables[THDtype_Count][THCpu_Count];

#endif
