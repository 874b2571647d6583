/* THFloatTensor_*: convolutions; see TH/THTensorConv.h. vf: "V" valid or "F" full; xc: "X" correlation or "C" convolution. The
 * functions of pointers add to r_, contiguous elements: rows and columns (behind depth) of t_ and k_, then strides. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API THStatus THTensor_(validXCorr2Dptr)(real *r_, real alpha, const real *t_, int64_t ir, int64_t ic, const real *k_,
                                           int64_t kr, int64_t kc, int64_t sr, int64_t sc);
TH_API THStatus THTensor_(validConv2Dptr)(real *r_, real alpha, const real *t_, int64_t ir, int64_t ic, const real *k_,
                                          int64_t kr, int64_t kc, int64_t sr, int64_t sc);
TH_API THStatus THTensor_(fullXCorr2Dptr)(real *r_, real alpha, const real *t_, int64_t ir, int64_t ic, const real *k_,
                                          int64_t kr, int64_t kc, int64_t sr, int64_t sc);
TH_API THStatus THTensor_(fullConv2Dptr)(real *r_, real alpha, const real *t_, int64_t ir, int64_t ic, const real *k_,
                                         int64_t kr, int64_t kc, int64_t sr, int64_t sc);
TH_API THStatus THTensor_(validXCorr2DRevptr)(real *r_, real alpha, const real *t_, int64_t ir, int64_t ic, const real *k_,
                                              int64_t kr, int64_t kc, int64_t sr, int64_t sc);
TH_API THStatus THTensor_(validXCorr3Dptr)(real *r_, real alpha, const real *t_, int64_t it, int64_t ir, int64_t ic,
                                           const real *k_, int64_t kt, int64_t kr, int64_t kc, int64_t st, int64_t sr,
                                           int64_t sc);
TH_API THStatus THTensor_(validConv3Dptr)(real *r_, real alpha, const real *t_, int64_t it, int64_t ir, int64_t ic,
                                          const real *k_, int64_t kt, int64_t kr, int64_t kc, int64_t st, int64_t sr,
                                          int64_t sc);
TH_API THStatus THTensor_(fullXCorr3Dptr)(real *r_, real alpha, const real *t_, int64_t it, int64_t ir, int64_t ic,
                                          const real *k_, int64_t kt, int64_t kr, int64_t kc, int64_t st, int64_t sr,
                                          int64_t sc);
TH_API THStatus THTensor_(fullConv3Dptr)(real *r_, real alpha, const real *t_, int64_t it, int64_t ir, int64_t ic,
                                         const real *k_, int64_t kt, int64_t kr, int64_t kc, int64_t st, int64_t sr,
                                         int64_t sc);
TH_API THStatus THTensor_(validXCorr3DRevptr)(real *r_, real alpha, const real *t_, int64_t it, int64_t ir, int64_t ic,
                                              const real *k_, int64_t kt, int64_t kr, int64_t kc, int64_t st, int64_t sr,
                                              int64_t sc);
/* r_ = beta r_ + alpha (t_ * k_); which planes of t_ and k_ make which of r_ is said at THConvForm. */
TH_API THStatus THTensor_(conv2DRevger)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_,
                                        int64_t srow, int64_t scol);
TH_API THStatus THTensor_(conv2DRevgerm)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_,
                                         int64_t srow, int64_t scol);
TH_API THStatus THTensor_(conv2Dmv)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_, int64_t srow,
                                    int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv2Dmm)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_, int64_t srow,
                                    int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv2Dmul)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_, int64_t srow,
                                     int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv2Dcmul)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_, int64_t srow,
                                      int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv2Dger)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_, int64_t srow,
                                     int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv3DRevger)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_,
                                        int64_t sdepth, int64_t srow, int64_t scol);
TH_API THStatus THTensor_(conv3Dmv)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_, int64_t sdepth,
                                    int64_t srow, int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv3Dmul)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_,
                                     int64_t sdepth, int64_t srow, int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv3Dcmul)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_,
                                      int64_t sdepth, int64_t srow, int64_t scol, const char *vf, const char *xc);
TH_API THStatus THTensor_(conv3Dger)(THTensor *r_, real beta, real alpha, const THTensor *t_, const THTensor *k_,
                                     int64_t sdepth, int64_t srow, int64_t scol, const char *vf, const char *xc);
#endif
