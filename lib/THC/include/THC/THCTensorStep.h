/* Steps of optimisers over many tensors of one device and one dtype (Half, Float, Double), in a few launches for all of them:
 * what the operations of THCTensor.h would make of each, one after another and rounded as often, to the bit. TH_ERR_DTYPE and
 * TH_ERR_STATE: they differ, or are not floating. TH_ERR_SHAPE: tensors with the same number differ in size. Lists have
 * `count` tensors each. */
#ifndef THC_TENSOR_STEP_H
#define THC_TENSOR_STEP_H

#include "THC/THCTensor.h"

TH_BEGIN_DECLS

typedef struct THCSgd {
    double rate, momentum, dampening, decay;
    bool nesterov;
} THCSgd;

/* c = grad + decay * param; velocity = momentum * velocity + (1 - dampening) * c; c becomes velocity, or c + momentum *
 * velocity with `nesterov`; param -= rate * c. velocities NULL: without momentum. */
THC_API THStatus THCTensor_sgdStep(int count, THTensor *const *params, THTensor *const *grads, THTensor *const *velocities,
                                   const THCSgd *options);

typedef struct THCAdam {
    double size; /* the step's, bias corrected */
    double beta1, beta2, eps, decay;
} THCAdam;

/* c = grad + decay * param; mean = beta1 * mean + (1 - beta1) * c; square = beta2 * square + (1 - beta2) * c * c; param -=
 * size * mean / (sqrt(square) + eps). maxima: the largest squares so far, which are used instead (AMSGrad), or NULL. */
THC_API THStatus THCTensor_adamStep(int count, THTensor *const *params, THTensor *const *grads, THTensor *const *means,
                                    THTensor *const *squares, THTensor *const *maxima, const THCAdam *options);

TH_END_DECLS

#endif
