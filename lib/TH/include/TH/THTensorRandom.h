/* Random numbers into an existing tensor. generator NULL: the default one. Equal for every number of threads and CPU level. */
#ifndef TH_TENSOR_RANDOM_H
#define TH_TENSOR_RANDOM_H

#include "TH/THGenerator.h"
#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: Half, Float, Double. */
/* Floating dtypes, [low, high). 24 random bits for Float and Half, 53 for Double. */
TH_API THStatus THTensor_uniform(THTensor *self, THGenerator *generator, double low, double high);
/* Floating dtypes; Box-Muller. stddev >= 0. */
TH_API THStatus THTensor_normal(THTensor *self, THGenerator *generator, double mean, double stddev);
/* The same with a mean and a standard deviation for each element (self's dtype, broadcast to its shape); NULL: 0, 1. */
TH_API THStatus THTensor_normalTensors(THTensor *self, THGenerator *generator, const THTensor *mean, const THTensor *stddev);
/* Floating dtypes: density rate exp(-rate x) for x >= 0; rate > 0. */
TH_API THStatus THTensor_exponential(THTensor *self, THGenerator *generator, double rate);
/* Floating dtypes: density scale / (pi ((x - median)^2 + scale^2)); scale > 0. */
TH_API THStatus THTensor_cauchy(THTensor *self, THGenerator *generator, double median, double scale);
/* Floating dtypes: exp of normal numbers; stddev > 0. */
TH_API THStatus THTensor_logNormal(THTensor *self, THGenerator *generator, double mean, double stddev);
/* Dtypes: all. */
/* k = 1, 2, ... with probability (1 - p)^(k - 1) p, 0 < p < 1; any dtype, up to its largest exact integer. */
TH_API THStatus THTensor_geometric(THTensor *self, THGenerator *generator, double p);
/* Dtypes: Half, Float, Double. */
/* `count` draws of 0 .. n-1 with the probabilities `p` (n, or rows of n; floating; sums need not be 1); r is Long, count or
 * rows of it. Without replacement no number comes twice in a row, so that count may not exceed the probabilities above 0. */
TH_API THStatus THTensor_multinomial(THTensor *r, THGenerator *generator, const THTensor *p, int64_t count, int replacement);
/* Dtypes: Float, Double. */
/* Tables for drawing many times with one set of probabilities, each draw in the same time (A. Walker's alias method as M. Vose,
 * "A linear algorithm for generating random numbers with a given distribution", 1991, builds them). p: n, Float or Double,
 * finite, at least 0, one more than 0; sums need not be 1. q: n of p's dtype, places: n Long. */
TH_API THStatus THTensor_aliasSetup(THTensor *q, THTensor *places, const THTensor *p);
/* Fills self (Long) with draws of 0 .. n-1: k with the probability q[k], else places[k], for an even k. */
TH_API THStatus THTensor_aliasDraw(THTensor *self, THGenerator *generator, const THTensor *q, const THTensor *places);
/* Dtypes: all. */
/* 1 with probability p, else 0. Any dtype. */
TH_API THStatus THTensor_bernoulli(THTensor *self, THGenerator *generator, double p);
/* Dtypes: Half, Float, Double. */
/* 1 with the probability of the element of `p` (floating, broadcast). */
TH_API THStatus THTensor_bernoulliTensor(THTensor *self, THGenerator *generator, const THTensor *p);
/* Dropout with the probability p, 0 <= p < 1: keep (Byte, of x's shape) becomes THTensor_bernoulli of 1 - p, and r (of x's
 * dtype and shape) x times 1 / (1 - p), rounded to the dtype, where that is 1, else x times 0. r and keep share no memory with
 * x. */
TH_API THStatus THTensor_dropout(THTensor *r, THTensor *keep, const THTensor *x, THGenerator *generator, double p);
/* Its gradient: r becomes grad times 1 / (1 - p) where keep (Byte, of the same shape) is not 0, else grad times 0. r may be
 * grad. */
TH_API THStatus THTensor_dropoutGrad(THTensor *r, const THTensor *grad, const THTensor *keep, double p);
/* Dtypes: all. */
/* Integers in [low, high), any dtype that can hold them. */
TH_API THStatus THTensor_randint(THTensor *self, THGenerator *generator, int64_t low, int64_t high);
/* A permutation of 0 .. n-1; dtype as r has it, else int64. */
TH_API THStatus THTensor_randperm(THTensor *r, THGenerator *generator, int64_t n);

/* The following have parameters for each element: floating, r of their dtype and shape; computed in double and rounded once.
 * nan where a parameter is nan or outside of its range. */

/* Dtypes: Half, Float, Double. */
/* Gamma numbers of the given shape >= 0 and rate 1; logarithm: their logarithms, which do not underflow for small shapes. */
TH_API THStatus THTensor_standardGamma(THTensor *r, THGenerator *generator, const THTensor *shape, int logarithm);
/* Poisson numbers of mean rate >= 0. */
TH_API THStatus THTensor_poisson(THTensor *r, THGenerator *generator, const THTensor *rate);
/* Successes among count (whole, >= 0) trials of probability p; one shape. */
TH_API THStatus THTensor_binomial(THTensor *r, THGenerator *generator, const THTensor *count, const THTensor *p);
/* d sample / d shape of what standardGamma gave, with the sample's quantile held; broadcast. */
TH_API THStatus THTensor_standardGammaGrad(THTensor *r, const THTensor *shape, const THTensor *sample, int logarithm);
/* d x / d a over 1 - x, for a sample x of the beta law of a and b, with its quantile held. place: x up to 1/2; above, x - 1,
 * which has the digits that x has lost (-0.0 for 1). Broadcast. */
TH_API THStatus THTensor_betaGrad(THTensor *r, const THTensor *place, const THTensor *a, const THTensor *b);

TH_END_DECLS

#endif
