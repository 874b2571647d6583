/* Functions of one form each: what the generic headers declare and src/typed defines. */
#ifndef THC_TYPED_LISTS_H
#define THC_TYPED_LISTS_H

/* (r_, t, value) */
#define THC_TYPED_VALUE(X) X(mul) X(div) X(fmod) X(remainder) X(lshift) X(rshift) X(bitand) X(bitor) X(bitxor) X(pow)
/* (r_, t, source) */
#define THC_TYPED_TWO(X)                                                                                                       \
    X(cmul) X(cdiv) X(cpow) X(cfmod) X(cremainder) X(clshift) X(crshift) X(cbitand) X(cbitor) X(cbitxor) X(cmax) X(cmin)
/* (r_, t, value, source): t + value * source, and with a minus. */
#define THC_TYPED_SCALED(X) X(cadd) X(csub)
/* (r_, t, value, source1, source2) */
#define THC_TYPED_THREE(X) X(addcmul) X(addcdiv)
/* (r_, t) */
#define THC_TYPED_ONE(X) X(neg) X(abs) X(sign)
/* The same, of floats. */
/* clang-format off */
#define THC_TYPED_ONE_FLOATING(X)                                                                                              \
    X(sigmoid) X(log) X(log1p) X(exp) X(cos) X(sin) X(tanh) X(sqrt) X(rsqrt) X(ceil) X(floor) X(round) X(trunc) X(expm1)       \
    X(log2) X(log10) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(frac) X(erf) X(erfc) X(erfinv) X(lgamma) X(digamma)
/* clang-format on */
/* (r_, t, value) and (r_, ta, tb), with the endings Value and Tensor: r_ is Byte. */
#define THC_TYPED_COMPARE(X) X(lt) X(le) X(gt) X(ge) X(ne) X(eq)
/* (r_, beta, t, alpha, a, b): r_ = beta * t + alpha * a b. */
#define THC_TYPED_PRODUCT(X) X(addmm) X(addmv) X(addr) X(addbmm) X(baddbmm)
/* (r_, t, dim, keepdim); integers wrap. */
#define THC_TYPED_SUM(X) X(sum) X(prod)
/* (values_, indices_, t, dim, keepdim) */
#define THC_TYPED_EXTREMUM(X) X(max) X(min)
/* (r_, a): of Float and Double matrices. */
#define THC_TYPED_MATRIX(X) X(inverse) X(det)

#endif
