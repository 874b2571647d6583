/* Inner loops of the activations, over contiguous runs; what each computes stands in THNNActivationKernel.c. */
#ifndef THNN_ACTIVATION_KERNEL_H
#define THNN_ACTIVATION_KERNEL_H

#include "TH/THKernel.h"

typedef enum THNNActivation {
    THNNActivation_Abs,
    THNNActivation_ELU,        /* of the output: alpha * scale, scale */
    THNNActivation_HardShrink, /* lambda */
    THNNActivation_HardTanh,   /* min, max */
    THNNActivation_LeakyReLU,  /* slope */
    THNNActivation_LogSigmoid,
    THNNActivation_Sigmoid,    /* of the output */
    THNNActivation_SoftPlus,   /* beta, threshold */
    THNNActivation_SoftShrink, /* lambda */
    THNNActivation_Sqrt,       /* of the output */
    THNNActivation_Square,
    THNNActivation_Tanh, /* of the output */
    THNNActivation_Count
} THNNActivation;

typedef struct THNNActivationKernel {
    /* y[i] = f(x[i]), with up to two parameters; y may be x. NULL where TH has the function. */
    void (*forward[THNNActivation_Count])(int64_t n, const void *x, void *y, double a, double b);
    /* gx[i] = gy[i] f'(x[i]); for those marked "of the output", x is y. gx may be x or gy. */
    void (*backward[THNNActivation_Count])(int64_t n, const void *x, const void *gy, void *gx, double a, double b);
    /* The sum of gy[i] x[i] over x[i] <= 0: how PReLU depends on its slope. */
    double (*negative_product)(int64_t n, const void *x, const void *gy);
    /* y[i] = x[i] sigmoid(gate[i]) */
    void (*gated)(int64_t n, const void *x, const void *gate, void *y);
    void (*gated_backward)(int64_t n, const void *x, const void *gate, const void *gy, void *gx, void *ggate);
    /* noise[i] = x[i] <= 0 ? noise[i] : 1; y[i] = x[i] noise[i]; y may be x. */
    void (*randomized)(int64_t n, const void *x, void *noise, void *y);
} THNNActivationKernel;

extern const THNNActivationKernel *const THNNActivationKernel_tables[THDtype_Count][THCpu_Count];

#endif
