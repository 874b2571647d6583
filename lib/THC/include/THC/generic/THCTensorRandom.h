/* THCudaTensor_*: random numbers; generator NULL: the device's own. See THC/THCTyped.h. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
/* Integers in [min, max). */
THC_API THStatus THTensor_(clampedRandom)(THTensor *self, THGenerator *generator, int64_t min, int64_t max);
THC_API THStatus THTensor_(bernoulli)(THTensor *self, THGenerator *generator, double p);
THC_API THStatus THTensor_(geometric)(THTensor *self, THGenerator *generator, double p);
#if TH_TYPED_FLOATING
THC_API THStatus THTensor_(uniform)(THTensor *self, THGenerator *generator, double a, double b);
THC_API THStatus THTensor_(normal)(THTensor *self, THGenerator *generator, double mean, double stdv);
THC_API THStatus THTensor_(exponential)(THTensor *self, THGenerator *generator, double lambda);
THC_API THStatus THTensor_(cauchy)(THTensor *self, THGenerator *generator, double median, double sigma);
THC_API THStatus THTensor_(logNormal)(THTensor *self, THGenerator *generator, double mean, double stdv);
/* self: Long. */
THC_API THStatus THTensor_(multinomial)(THTensor *self, THGenerator *generator, const THTensor *prob_dist, int n_sample,
                                        int with_replacement);
#endif
#endif
