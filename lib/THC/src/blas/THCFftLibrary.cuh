// cuFFT, opened at run time as cuBLAS is. What is used of its interface is declared here, by its documentation.
#pragma once

#include "THC/device/THCCore.cuh"

enum class THCFftKind { COMPLEX, REAL_TO_HALF, HALF_TO_REAL };

// Transforms of dense signals one after the other: the last `rank` dimensions, 1 to 3, of `n` reals (or complex numbers) each.
struct THCFft {
    THDtype dtype; // Float or Double
    THCFftKind kind;
    int rank;
    int64_t n[3];
    int64_t batch;
};

// Without any factor. sign: of the exponent, of COMPLEX only. HALF_TO_REAL may destroy `from`. TH_ERR_UNSUPPORTED, with what to
// install, if there is no cuFFT. On the current device.
THStatus thcFft_run(const char *op, const THCFft &fft, int sign, void *from, void *to);
// Major, minor, patch.
THStatus thcFft_version(const char *op, int version[3]);
