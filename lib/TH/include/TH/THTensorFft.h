/* Fourier transforms of the last dimensions. Float and Double; any sizes (small prime factors are fastest).
 *
 * A complex number is a last dimension of size 2: real part, imaginary part. A signal has 1, 2 or 3 dimensions; those before
 * them are a batch. r must not share memory with a. TH_ERR_SHAPE for fewer dimensions, a last dimension other than 2 where
 * numbers are complex, and signals without elements. */
#ifndef TH_TENSOR_FFT_H
#define TH_TENSOR_FFT_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: Float, Double. */
/* r[k] = scale * sum over j of a[j] * exp(sign * 2 pi i j k / n). a: (batch..., n..., 2), as r. sign: -1, or 1 for the inverse
 * (without its factor 1 / n, which is the caller's `scale`). */
TH_API THStatus THTensor_fft(THTensor *r, const THTensor *a, int signal_ndim, int sign, double scale);

/* The forward transform of reals. a: (batch..., n1, ..., nk); r: (batch..., n1, ..., nk / 2 + 1, 2), as the others mirror
 * these. Elements whose mirror image is left out (all along the last dimension but the first, and the last of an even size) are
 * multiplied by `inner` too: 1 for the transform; other factors make it the transpose of THTensor_ifftReal. */
TH_API THStatus THTensor_fftReal(THTensor *r, const THTensor *a, int signal_ndim, double scale, double inner);

/* The inverse (without its factor) of THTensor_fftReal: a: (batch..., n1, ..., last / 2 + 1, 2); r: (batch..., n1, ..., last).
 * `inner` multiplies the elements of a that stand for two. */
TH_API THStatus THTensor_ifftReal(THTensor *r, const THTensor *a, int signal_ndim, int64_t last, double scale, double inner);

TH_END_DECLS

#endif
