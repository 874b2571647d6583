/* Layers of THNN by NVIDIA's cuDNN: THCUDNN_NAME takes what THNN_NAME takes and means what it means (THNN's header says it
 * all); its tensors live on one device. Half, Float and Double; Half adds up in float.
 *
 * cuDNN 9 is opened at the first use. Each function answers TH_ERR_UNSUPPORTED, leaving outputs with whatever they hold, where
 * there is no cuDNN, where it has no way to do what is asked under the options below, and for arguments that are wrong: THCUNN,
 * which the caller turns to then, does it, or says what is wrong. */
#ifndef THCUDNN_H
#define THCUDNN_H

#include "THC/THC.h"
#include "THNN/THNN.h"

#define THCUDNN_LIKE(name) THC_API __typeof__(THNN_##name) THCUDNN_##name

TH_BEGIN_DECLS

/* --- the library ----------------------------------------------------------------------------------------------------- */

/* Opens cuDNN. TH_ERR_UNSUPPORTED, with what to install, if it is missing or too old; then every call answers the same. */
THC_API THStatus THCUDNN_open(void);
/* As cuDNN counts: 90501 is 9.5.1. */
THC_API THStatus THCUDNN_getVersion(int64_t *version);

/* --- options, of the process ----------------------------------------------------------------------------------------- */

typedef enum THCUDNNOption {
    THCUDNN_BENCHMARK, /* the first call of each problem measures the ways to solve it, instead of asking cuDNN's heuristics */
    THCUDNN_DETERMINISTIC, /* only ways that give the same bits each time */
    THCUDNN_ALLOW_TF32,    /* products of Float may round their factors to 10 bits of mantissa */
} THCUDNNOption;

/* All are off at first. */
THC_API void THCUDNN_setOption(THCUDNNOption option, bool on);

/* How often a way was found again, was looked for, and was not there (the work was left to THCUNN); how many are kept. */
typedef struct THCUDNNPlanUse {
    int64_t hits, misses, refusals, kept;
} THCUDNNPlanUse;
THC_API void THCUDNN_getPlanUse(THCUDNNPlanUse *use);

/* --- layers ---------------------------------------------------------------------------------------------------------- */
/* gradBias of accGradParameters: NULL only. */

THCUDNN_LIKE(Convolution_updateOutput);
THCUDNN_LIKE(Convolution_updateGradInput);
THCUDNN_LIKE(Convolution_accGradParameters);
THCUDNN_LIKE(FullConvolution_updateOutput);
THCUDNN_LIKE(FullConvolution_updateGradInput);
THCUDNN_LIKE(FullConvolution_accGradParameters);

TH_END_DECLS

#endif
