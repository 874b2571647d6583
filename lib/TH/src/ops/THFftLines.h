/* One-dimensional Fourier transforms of all lines of contiguous memory. */
#ifndef TH_FFT_LINES_H
#define TH_FFT_LINES_H

#include "TH/THTensor.h"

typedef enum THFftKind { THFft_Complex, THFft_RealToHalf, THFft_HalfToReal } THFftKind;

typedef struct THFftLines {
    const char *op;
    THDtype dtype;
    THFftKind kind;
    bool inverse;   /* THFft_Complex: the other sign */
    int64_t n;      /* length of a line; of the real one if there are two kinds */
    int64_t count;  /* lines */
    int64_t inside; /* THFft_Complex: elements between those of a line, that is lines that lie in one another; else 1 */
    double scale, inner;
    const char *from;
    char *to; /* may be `from`, if the kind is THFft_Complex */
} THFftLines;

/* TH_ERR_MEMORY if there is none for tables and buffers. */
THStatus thFftLines_run(const THFftLines *lines);

#endif
