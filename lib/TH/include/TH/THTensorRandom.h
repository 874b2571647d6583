/* Random numbers into an existing tensor. generator NULL: the default one. Equal for every number of threads and CPU level. */
#ifndef TH_TENSOR_RANDOM_H
#define TH_TENSOR_RANDOM_H

#include "TH/THGenerator.h"
#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Floating dtypes, [low, high). 24 random bits for Float and Half, 53 for Double. */
TH_API THStatus THTensor_uniform(THTensor *self, THGenerator *generator, double low, double high);
/* Floating dtypes; Box-Muller. stddev >= 0. */
TH_API THStatus THTensor_normal(THTensor *self, THGenerator *generator, double mean, double stddev);
/* 1 with probability p, else 0. Any dtype. */
TH_API THStatus THTensor_bernoulli(THTensor *self, THGenerator *generator, double p);
/* 1 with the probability of the element of `p` (floating, broadcast). */
TH_API THStatus THTensor_bernoulliTensor(THTensor *self, THGenerator *generator, const THTensor *p);
/* Integers in [low, high), any dtype that can hold them. */
TH_API THStatus THTensor_randint(THTensor *self, THGenerator *generator, int64_t low, int64_t high);
/* A permutation of 0 .. n-1; dtype as r has it, else int64. */
TH_API THStatus THTensor_randperm(THTensor *r, THGenerator *generator, int64_t n);

TH_END_DECLS

#endif
