/* Torch's functions of single numbers: draws from a generator, float16 and float32, logarithms of sums.
 *
 * What fails returns nan (0 for integers); THStatus_last and THStatus_message tell why. */
#ifndef TH_NUMBERS_H
#define TH_NUMBERS_H

#include <stdint.h>

#include "TH/THGenerator.h"

TH_BEGIN_DECLS

/* Seed and place in the stream of `from`; returns self, NULL on failure. */
TH_API THGenerator *THGenerator_copy(THGenerator *self, const THGenerator *from);
TH_API uint64_t THRandom_seed(THGenerator *self);
TH_API void THRandom_manualSeed(THGenerator *self, uint64_t seed);
TH_API uint64_t THRandom_initialSeed(const THGenerator *self);

/* A draw is what a tensor of one element (Long, else Double) would get: TH/THTensorRandom.h says which parameters are allowed.
 * generator NULL: the default one. Whoever wants many numbers fills a tensor. */

/* One of 0 .. 2^32 - 1, and of all 64-bit numbers. */
TH_API uint64_t THRandom_random(THGenerator *generator);
TH_API uint64_t THRandom_random64(THGenerator *generator);
TH_API double THRandom_uniform(THGenerator *generator, double low, double high);
TH_API double THRandom_normal(THGenerator *generator, double mean, double stddev);
TH_API double THRandom_exponential(THGenerator *generator, double rate);
TH_API double THRandom_cauchy(THGenerator *generator, double median, double scale);
TH_API double THRandom_logNormal(THGenerator *generator, double mean, double stddev);
/* At most INT_MAX. */
TH_API int THRandom_geometric(THGenerator *generator, double p);
TH_API int THRandom_bernoulli(THGenerator *generator, double p);

/* The 16 bits of a float16 stand for it. Rounded to the nearest, ties to even. */
TH_API uint16_t TH_float2half(float value);
TH_API float TH_half2float(uint16_t half);
TH_API void TH_float2halfbits(const float *value, uint16_t *half);
TH_API void TH_halfbits2float(const uint16_t *half, float *value);

#define THLog2Pi 1.83787706640934548356
#define THLogZero (-__builtin_inf())
#define THLogOne 0.0

/* log(exp(a) + exp(b)), where neither overflows. */
TH_API double THLogAdd(double log_a, double log_b);
/* log(exp(a) - exp(b)); TH_ERR_VALUE if b > a. */
TH_API double THLogSub(double log_a, double log_b);
/* exp(-x); Torch's is a polynomial, right to four digits. */
TH_API double THExpMinusApprox(double x);

TH_END_DECLS

#endif
