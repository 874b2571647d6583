/* Fourier transforms as TH/THTensorFft.h has them, by cuFFT, which is opened when the first is asked for: Float, Double. */
#ifndef THC_TENSOR_FFT_H
#define THC_TENSOR_FFT_H

#include "THC/THCTensor.h"

TH_BEGIN_DECLS

THC_LIKE(fft);
THC_LIKE(fftReal);
THC_LIKE(ifftReal);

TH_END_DECLS

#endif
