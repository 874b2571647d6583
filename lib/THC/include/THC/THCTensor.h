/* Operations on tensors of a device. THCTensor_NAME takes what THTensor_NAME takes, means what it means and fails as it fails
 * (TH's headers say it all); its tensors live on one CUDA device, or it is TH_ERR_STATE. THC_LIKE declares it with the very
 * type of TH's function, so that the two cannot drift apart.
 *
 * Arithmetic is the host's to the bit (no contraction, subnormal numbers kept); elementary functions are CUDA's, at most 2 ulp
 * from the exact value unless their line says more. */
#ifndef THC_TENSOR_H
#define THC_TENSOR_H

#include "THC/THCGeneral.h"

#define THC_LIKE(name) THC_API __typeof__(THTensor_##name) THCTensor_##name

TH_BEGIN_DECLS

/* --- making and copying --------------------------------------------------------------------------------------------------- */

/* On `device`, contents undefined. NULL with the failure set. */
THC_API THTensor *THCTensor_newWithSize(int device, THDtype dtype, int ndim, const int64_t *size);
/* `self`, which may live anywhere, on `device` (TH_DEVICE_HOST: in memory of the host), row-major; always a copy. */
THC_API THTensor *THCTensor_newOnDevice(const THTensor *self, int device);
/* Between any two places and dtypes, with broadcasting. Copies to and from the host have ended when it returns, unless `async`
 * holds and the host's memory is pinned. */
THC_API THStatus THCTensor_copyAsync(THTensor *self, const THTensor *source, bool async);
THC_LIKE(copy);
THC_LIKE(newClone);
THC_LIKE(newContiguous);
THC_LIKE(newConvert);
THC_LIKE(newReshape);
THC_LIKE(item);
THC_LIKE(fill);
THC_LIKE(zero);

/* --- random numbers: those that TH makes from the same generator, to the bit ---------------------------------------------- */

THC_LIKE(uniform);
THC_LIKE(normal);
THC_LIKE(exponential);
THC_LIKE(logNormal);
THC_LIKE(bernoulli);
THC_LIKE(bernoulliTensor);
THC_LIKE(dropout);
THC_LIKE(dropoutGrad);
THC_LIKE(randint);
THC_LIKE(normalTensors);
THC_LIKE(cauchy);
THC_LIKE(geometric);
THC_LIKE(standardGamma);
THC_LIKE(poisson);
THC_LIKE(binomial);
THC_LIKE(standardGammaGrad);
THC_LIKE(betaGrad);
THC_LIKE(randperm);    /* of few, or of 2^31 and more, by the host */
THC_LIKE(multinomial); /* waits for the device; without replacement a draw may differ where two logarithms are within 2 ulp */

/* --- element by element --------------------------------------------------------------------------------------------------- */

THC_LIKE(cadd);
THC_LIKE(csub);
THC_LIKE(cmul);
THC_LIKE(cdiv);
THC_LIKE(cmax);
THC_LIKE(cmin);
THC_LIKE(cfmod);
THC_LIKE(cremainder);
THC_LIKE(clshift);
THC_LIKE(crshift);
THC_LIKE(cbitand);
THC_LIKE(cbitor);
THC_LIKE(cbitxor);
THC_LIKE(add);
THC_LIKE(sub);
THC_LIKE(rsub);
THC_LIKE(mul);
THC_LIKE(div);
THC_LIKE(rdiv);
THC_LIKE(fmod);
THC_LIKE(remainder);
THC_LIKE(lshift);
THC_LIKE(rshift);
THC_LIKE(bitand);
THC_LIKE(bitor);
THC_LIKE(bitxor);
THC_LIKE(clamp);
THC_LIKE(neg);
THC_LIKE(abs);
THC_LIKE(sign);
THC_LIKE(cinv);
THC_LIKE(addcmul);
THC_LIKE(addcdiv);

/* --- functions of floating dtypes; powers of integers as well ------------------------------------------------------------- */

THC_LIKE(sqrt);
THC_LIKE(rsqrt);
THC_LIKE(exp);
THC_LIKE(log);
THC_LIKE(log1p);
THC_LIKE(log2);
THC_LIKE(log10);
THC_LIKE(expm1);
THC_LIKE(sin);
THC_LIKE(cos);
THC_LIKE(tan); /* Float: 4 ulp */
THC_LIKE(asin);
THC_LIKE(acos);
THC_LIKE(atan);
THC_LIKE(sinh); /* Float: 3 ulp */
THC_LIKE(cosh);
THC_LIKE(tanh);
THC_LIKE(sigmoid);
THC_LIKE(floor);
THC_LIKE(ceil);
THC_LIKE(round);
THC_LIKE(trunc);
THC_LIKE(frac);
THC_LIKE(erf);
THC_LIKE(erfc);      /* 4 ulp */
THC_LIKE(erfinv);    /* 3 ulp, Double: 5 ulp */
THC_LIKE(lgamma);    /* 6 ulp; of the largest term where terms cancel */
THC_LIKE(digamma);   /* 8 ulp; of the largest term where terms cancel */
THC_LIKE(polygamma); /* 8 ulp; of the largest term where terms cancel */
THC_LIKE(atan2);     /* Float: 3 ulp */
THC_LIKE(lerp);
THC_LIKE(pow);  /* Float: 4 ulp */
THC_LIKE(tpow); /* Float: 4 ulp */
THC_LIKE(cpow); /* Float: 4 ulp */

/* --- comparisons ---------------------------------------------------------------------------------------------------------- */

THC_LIKE(ltTensor);
THC_LIKE(leTensor);
THC_LIKE(gtTensor);
THC_LIKE(geTensor);
THC_LIKE(eqTensor);
THC_LIKE(neTensor);
THC_LIKE(ltValue);
THC_LIKE(leValue);
THC_LIKE(gtValue);
THC_LIKE(geValue);
THC_LIKE(eqValue);
THC_LIKE(neValue);
THC_LIKE(equal); /* waits for the device */
THC_LIKE(where);

/* --- reductions: in a fixed order, so that a result is the same each time ------------------------------------------------- */

THC_LIKE(sumall);
THC_LIKE(prodall);
THC_LIKE(meanall);
THC_LIKE(maxall);
THC_LIKE(minall);
THC_LIKE(argmaxall);
THC_LIKE(argminall);
THC_LIKE(normall);
THC_LIKE(varall);
THC_LIKE(stdall);
THC_LIKE(dist);
THC_LIKE(sum);
THC_LIKE(prod);
THC_LIKE(mean);
THC_LIKE(max);
THC_LIKE(min);
THC_LIKE(argmax);
THC_LIKE(argmin);
THC_LIKE(norm);
THC_LIKE(var);
THC_LIKE(std);
THC_LIKE(logsumexp); /* Half as well */
THC_LIKE(renorm);    /* Half as well */

/* --- products, by cuBLAS, which is opened when the first of them is asked for: Half, Float, Double ------------------------ */

THC_LIKE(addmm);
THC_LIKE(addmv);
THC_LIKE(addr);
THC_LIKE(baddbmm);
THC_LIKE(addbmm);
THC_LIKE(dot);

/* --- equations and decompositions, by cuSOLVER, which is opened when the first of them is asked for: Float, Double. What it
 * finds (a singular matrix) is known at the end of the call, so that they wait for the device. Signs of vectors that LAPACK
 * leaves open may differ from the host's. */

THC_LIKE(gesv);
THC_LIKE(gels);
THC_LIKE(trtrs);
THC_LIKE(inverse);
THC_LIKE(slogdet);
THC_LIKE(det);
THC_LIKE(potrf);
THC_LIKE(potrs);
THC_LIKE(potri);
THC_LIKE(pstrf); /* by a kernel of one block: cuSOLVER has none */
THC_LIKE(gesvd);
THC_LIKE(syev);
THC_LIKE(geev); /* TH_ERR_UNSUPPORTED where cuSOLVER is too old to have it */
THC_LIKE(qr);
THC_LIKE(geqrf);
THC_LIKE(orgqr);
THC_LIKE(ormqr);
THC_LIKE(btrifact); /* does not wait if `info` is given */
THC_LIKE(btrisolve);

/* --- elements by index and mask. Checks of indices, and masks, wait for the device ---------------------------------------- */

THC_LIKE(indexSelect);
THC_LIKE(indexCopy);
THC_LIKE(indexAdd); /* of floats: additions to one element come in any order, as in scatterAdd and put */
THC_LIKE(indexFill);
THC_LIKE(gather);
THC_LIKE(scatter);
THC_LIKE(scatterFill);
THC_LIKE(scatterAdd);
THC_LIKE(take);
THC_LIKE(put);
THC_LIKE(maskedSelect);
THC_LIKE(maskedFill); /* does not wait */
THC_LIKE(maskedCopy);
THC_LIKE(nonzero);

/* --- sparse tensors: sums in the host's order, to the bit. Both wait for the device, to check indices -------------------- */

THC_LIKE(coalesce);
THC_LIKE(spmm);

/* --- making and arranging. A sequence without a place yet is made on the calling thread's device -------------------------- */

THC_LIKE(arange);
THC_LIKE(linspace);
THC_LIKE(eye);
THC_LIKE(cat);
THC_LIKE(flip);
THC_LIKE(tril);
THC_LIKE(triu);
THC_LIKE(diag);
THC_LIKE(trace);
THC_LIKE(cross);

/* --- running results and order. Less than 2^32 elements for the latter ---------------------------------------------------- */

THC_LIKE(cumsum);
THC_LIKE(cumprod); /* elements are multiplied among themselves too, which may overflow where the running product does not */
THC_LIKE(sort);
THC_LIKE(topk);
THC_LIKE(kthvalue);
THC_LIKE(median);
THC_LIKE(medianall);
THC_LIKE(mode);
THC_LIKE(unique); /* waits for the device */
THC_LIKE(recurrence);

/* --- counting. All wait for the device ------------------------------------------------------------------------------------ */

THC_LIKE(histc);
THC_LIKE(bhistc);
THC_LIKE(bincount); /* weights: additions to one element come in any order */

TH_END_DECLS

#endif
