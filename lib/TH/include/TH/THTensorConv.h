/* Convolutions of planes (2-d) and volumes (3-d) with kernels, without padding, as Torch's THTensorConv has them. (Layers of
 * networks use THNN, which is faster on large ones.)
 *
 *   valid: r[y] = sum over q of t[y stride + q] k[q]                  (t at least as large as k)
 *   full: r[y stride + q] += t[y] k[q]
 *   reversed: r[y] = sum over q of t[y + q stride] k[q]
 * A correlation takes the kernel as it stands, a convolution in reverse order; for `full` it is the other way round, so that
 * the full convolution is the sum above. */
#ifndef TH_TENSOR_CONV_H
#define TH_TENSOR_CONV_H

#include "TH/THTensor.h"

typedef enum THConvMode { THConvMode_VALID, THConvMode_FULL, THConvMode_REVERSED } THConvMode;

/* Which planes of t and k make which plane of r; n dimensions make a plane. */
typedef enum THConvForm {
    THConvForm_MUL,  /* r = t * k: one of each */
    THConvForm_CMUL, /* r[i] = t[i] * k[i] */
    THConvForm_GER,  /* r[o][i] = t[i] * k[o] */
    THConvForm_GERM, /* r[o][i] = the sum of t[b][i] * k[b][o] */
    THConvForm_MV,   /* r[o] = the sum of t[i] * k[o][i] */
    THConvForm_MM,   /* r[b][o] = the sum of t[b][i] * k[o][i] */
} THConvForm;

typedef struct THConv {
    THConvForm form;
    THConvMode mode;
    int is_convolution; /* else a correlation */
    int ndim;           /* 2 or 3 */
    int64_t stride[3];  /* of the last ndim dimensions, the first ones of the array; at least 1 */
} THConv;

TH_BEGIN_DECLS

/* Dtypes: all but Half. */
/* r = beta r + alpha (t * k). r gets its shape; with another one before, or beta 0, what it held is forgotten. Any dtype but
 * Half, the same for all. */
TH_API THStatus THTensor_conv(THTensor *r, THScalar beta, THScalar alpha, const THTensor *t, const THTensor *k, THConv conv);
/* r += alpha (t * k) for one plane or volume of contiguous elements: depth, rows, columns. r is as large as the mode makes it:
 * (t - k) / stride + 1, (t - 1) stride + k, or t - (k - 1) stride. */
TH_API THStatus THTensor_convPointer(THDtype dtype, void *r, THScalar alpha, const void *t, const int64_t t_size[3],
                                     const void *k, const int64_t k_size[3], const int64_t stride[3], THConvMode mode,
                                     int is_convolution);

TH_END_DECLS

#endif
