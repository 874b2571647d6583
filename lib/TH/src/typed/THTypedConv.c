/* THFloatTensor_*: convolutions. */
#include "TH/THTensorConv.h"

#include "typed/THTypedBody.h"

#define SIZES(depth, rows, columns) ((const int64_t[]){(depth), (rows), (columns)})

/* --- planes and volumes by pointer ---------------------------------------------------------------------------------------- */

#define OF_POINTERS(name2, name3, mode, is_convolution)                                                                        \
    THStatus THTensor_(name2)(real * r_, real alpha, const real *t_, int64_t ir, int64_t ic, const real *k_, int64_t kr,       \
                              int64_t kc, int64_t sr, int64_t sc)                                                              \
    {                                                                                                                          \
        return THTensor_convPointer(REAL_DTYPE, r_, SCALAR(alpha), t_, SIZES(1, ir, ic), k_, SIZES(1, kr, kc),                 \
                                    SIZES(1, sr, sc), mode, is_convolution);                                                   \
    }                                                                                                                          \
    THStatus THTensor_(name3)(real * r_, real alpha, const real *t_, int64_t it, int64_t ir, int64_t ic, const real *k_,       \
                              int64_t kt, int64_t kr, int64_t kc, int64_t st, int64_t sr, int64_t sc)                          \
    {                                                                                                                          \
        return THTensor_convPointer(REAL_DTYPE, r_, SCALAR(alpha), t_, SIZES(it, ir, ic), k_, SIZES(kt, kr, kc),               \
                                    SIZES(st, sr, sc), mode, is_convolution);                                                  \
    }

OF_POINTERS(validXCorr2Dptr, validXCorr3Dptr, THConvMode_VALID, 0)
OF_POINTERS(validConv2Dptr, validConv3Dptr, THConvMode_VALID, 1)
OF_POINTERS(fullXCorr2Dptr, fullXCorr3Dptr, THConvMode_FULL, 0)
OF_POINTERS(fullConv2Dptr, fullConv3Dptr, THConvMode_FULL, 1)
OF_POINTERS(validXCorr2DRevptr, validXCorr3DRevptr, THConvMode_REVERSED, 0)

/* --- tensors ------------------------------------------------------------------------------------------------------------ */

/* Reads the letters vf and xc into c; NULL: the reversed correlation. */
static THStatus read_letters(THConv *c, const char *vf, const char *xc)
{
    c->mode = THConvMode_REVERSED;
    if (vf == NULL) return TH_OK;
    TH_FAIL_IF(strcmp(vf, "V") != 0 && strcmp(vf, "F") != 0, TH_ERR_VALUE,
               "[conv] vf, \"%s\": type of convolution can be 'V' or 'F'", vf);
    TH_FAIL_IF(strcmp(xc, "X") != 0 && strcmp(xc, "C") != 0, TH_ERR_VALUE,
               "[conv] xc, \"%s\": type of convolution can be 'X' or 'C'", xc);
    c->mode = vf[0] == 'F' ? THConvMode_FULL : THConvMode_VALID;
    c->is_convolution = xc[0] == 'C';
    return TH_OK;
}

static THStatus convolve(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_, THConv c, const char *vf,
                         const char *xc)
{
    TH_TRY(check_dtype("conv", t_));
    TH_TRY(read_letters(&c, vf, xc));
    return THTensor_conv(r_, SCALAR(beta), SCALAR(alpha), t_, k_, c);
}

#define OPERANDS THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_

#define OF_PLANES(name, which)                                                                                                 \
    THStatus THTensor_(name)(OPERANDS, int64_t srow, int64_t scol, const char *vf, const char *xc)                             \
    {                                                                                                                          \
        TH_GIVEN("conv", vf, xc);                                                                                              \
        const THConv c = {.form = which, .ndim = 2, .stride = {srow, scol}};                                                   \
        return convolve(r_, beta, alpha, t_, k_, c, vf, xc);                                                                   \
    }

#define OF_VOLUMES(name, which)                                                                                                \
    THStatus THTensor_(name)(OPERANDS, int64_t sdepth, int64_t srow, int64_t scol, const char *vf, const char *xc)             \
    {                                                                                                                          \
        TH_GIVEN("conv", vf, xc);                                                                                              \
        const THConv c = {.form = which, .ndim = 3, .stride = {sdepth, srow, scol}};                                           \
        return convolve(r_, beta, alpha, t_, k_, c, vf, xc);                                                                   \
    }

OF_PLANES(conv2Dmul, THConvForm_MUL)
OF_PLANES(conv2Dcmul, THConvForm_CMUL)
OF_PLANES(conv2Dger, THConvForm_GER)
OF_PLANES(conv2Dmv, THConvForm_MV)
OF_PLANES(conv2Dmm, THConvForm_MM)
OF_VOLUMES(conv3Dmul, THConvForm_MUL)
OF_VOLUMES(conv3Dcmul, THConvForm_CMUL)
OF_VOLUMES(conv3Dger, THConvForm_GER)
OF_VOLUMES(conv3Dmv, THConvForm_MV)

THStatus THTensor_(conv2DRevger)(OPERANDS, int64_t srow, int64_t scol)
{
    const THConv c = {.form = THConvForm_GER, .ndim = 2, .stride = {srow, scol}};
    return convolve(r_, beta, alpha, t_, k_, c, NULL, NULL);
}

THStatus THTensor_(conv2DRevgerm)(OPERANDS, int64_t srow, int64_t scol)
{
    const THConv c = {.form = THConvForm_GERM, .ndim = 2, .stride = {srow, scol}};
    return convolve(r_, beta, alpha, t_, k_, c, NULL, NULL);
}

THStatus THTensor_(conv3DRevger)(OPERANDS, int64_t sdepth, int64_t srow, int64_t scol)
{
    const THConv c = {.form = THConvForm_GER, .ndim = 3, .stride = {sdepth, srow, scol}};
    return convolve(r_, beta, alpha, t_, k_, c, NULL, NULL);
}
