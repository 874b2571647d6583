/* THFloatTensor_*: random numbers; generator NULL: the default one. See TH/THTyped.h and TH/THTensorRandom.h. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
/* Torch: other numbers: those of a Mersenne Twister. */
/* Integers from 0 to the dtype's greatest value (Long: one less), or below 2^24 (Float) or 2^53 (Double). */
TH_API THStatus THTensor_(random)(THTensor *self, THGenerator *generator);
/* Integers in [min, max). */
TH_API THStatus THTensor_(clampedRandom)(THTensor *self, THGenerator *generator, int64_t min, int64_t max);
/* Integers in [0, max). */
TH_API THStatus THTensor_(cappedRandom)(THTensor *self, THGenerator *generator, int64_t max);
TH_API THStatus THTensor_(bernoulli)(THTensor *self, THGenerator *generator, double p);
TH_API THStatus THTensor_(bernoulli_FloatTensor)(THTensor *self, THGenerator *generator, const THTensor *p);
TH_API THStatus THTensor_(bernoulli_DoubleTensor)(THTensor *self, THGenerator *generator, const THTensor *p);
TH_API THStatus THTensor_(geometric)(THTensor *self, THGenerator *generator, double p);
TH_API THStatus THTensor_(randperm)(THTensor *r_, THGenerator *generator, int64_t n);
#if TH_TYPED_FLOATING
TH_API THStatus THTensor_(uniform)(THTensor *self, THGenerator *generator, double a, double b);
TH_API THStatus THTensor_(normal)(THTensor *self, THGenerator *generator, double mean, double stdv);
/* In the shape of the first parameter that is a tensor. */
TH_API THStatus THTensor_(normal_means)(THTensor *self, THGenerator *generator, const THTensor *means, double stddev);
TH_API THStatus THTensor_(normal_stddevs)(THTensor *self, THGenerator *generator, double mean, const THTensor *stddevs);
TH_API THStatus THTensor_(normal_means_stddevs)(THTensor *self, THGenerator *generator, const THTensor *means,
                                                const THTensor *stddevs);
TH_API THStatus THTensor_(exponential)(THTensor *self, THGenerator *generator, double lambda);
TH_API THStatus THTensor_(cauchy)(THTensor *self, THGenerator *generator, double median, double sigma);
TH_API THStatus THTensor_(logNormal)(THTensor *self, THGenerator *generator, double mean, double stdv);
/* self: Long. */
TH_API THStatus THTensor_(multinomial)(THTensor *self, THGenerator *generator, const THTensor *prob_dist, int n_sample,
                                       int with_replacement);
/* Torch: the same. */
/* J: Long, q of this dtype; self: Long. See THTensor_aliasSetup. */
TH_API THStatus THTensor_(multinomialAliasSetup)(const THTensor *prob_dist, THTensor *J, THTensor *q);
/* Torch: other numbers: those of a Mersenne Twister. */
TH_API THStatus THTensor_(multinomialAliasDraw)(THTensor *self, THGenerator *generator, const THTensor *J, const THTensor *q);
#endif
#if TH_TYPED_BYTES
/* Torch: the state of a Mersenne Twister. */
/* A generator's state: 16 bytes, seed and counter. generator NULL: the default one. */
TH_API THStatus THTensor_(getRNGState)(THGenerator *generator, THTensor *self);
TH_API THStatus THTensor_(setRNGState)(THGenerator *generator, const THTensor *self);
#endif
#endif
