/* Complex lines that are too long for a cache. */
#ifndef TH_FFT_LONG_H
#define TH_FFT_LONG_H

#include "kernels/THFft.h"
#include "ops/THFftLines.h"

/* Whether it should have them: complex ones of neighbouring elements, whose length is a product of two useful ones. */
bool thFftLong_wants(const THFftLines *lines);
/* As thFftLines_run. */
THStatus thFftLong_run(const THFftLines *lines, const THFft *kernels);

#endif
