/* By NVIDIA's cuDNN: layers of THNN, recurrent networks, softmax, a loss. THCUDNN_NAME takes what THNN_NAME takes and means
 * what it means (THNN says it all); its tensors live on one device. Half, Float and Double; Half adds up in float.
 *
 * cuDNN 9 is opened at the first use. Each function answers TH_ERR_UNSUPPORTED, leaving outputs with whatever they hold, where
 * there is no cuDNN, where it has no way to do what is asked under the options below, and for arguments that are wrong: THCUNN,
 * which the caller turns to then, does it, or says what is wrong. NULL is TH_ERR_VALUE, as in THNN. */
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

/* All are off at first. Another number is a failure, TH_ERR_VALUE, and sets nothing. */
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

/* --- what THNN has no name for --------------------------------------------------------------------------------------- */

/* Connectionist temporal classification. Of A classes, 0 is the blank. A sample's cost is minus the log of the probability
 * that its steps, repetitions made one and blanks left out, read as its labels.
 *
 * input: T x N x A, Float, on a device: activations, whose softmax is the probabilities. On the host, Int: labels, all
 * samples' one after the other, from 1 to A - 1; labelLengths, inputLengths, N each: how many labels a sample has, at most 255,
 * and of the T steps how many are its, at least 1. costs: N. gradInput: T x N x A, the gradient of the sum of costs, zero at
 * steps that are not a sample's; NULL: not wanted. The same bits each time.
 *
 * TH_ERR_DTYPE, TH_ERR_SHAPE, TH_ERR_STATE for other tensors; TH_ERR_VALUE for lengths and labels outside these ranges, and
 * for a sample that has fewer steps than its labels take: one each, and one for the blank between two that are alike.
 * TH_ERR_UNSUPPORTED without cuDNN, and where it has no way: for a sample without labels, say. */
THC_API THStatus THCUDNN_ctcLoss(const THTensor *input, const THTensor *labels, const THTensor *labelLengths,
                                 const THTensor *inputLengths, THTensor *costs, THTensor *gradInput);

/* --- recurrent networks: all layers and directions in one call -------------------------------------------------------- */

typedef enum THCUDNNCell { THCUDNN_CELL_RELU, THCUDNN_CELL_TANH, THCUDNN_CELL_LSTM, THCUDNN_CELL_GRU } THCUDNNCell;

/* Cells are those of THNN's RNNPackedSequence, LSTMSequence and GRUSequence, with the same order of their G gates. */
typedef struct THCUDNNRecurrent {
    THCUDNNCell cell;
    int64_t hidden_size; /* H */
    int64_t layers;      /* at least 1 */
    bool bidirectional;  /* D is 2, else 1: a step gives what the layer that runs forward has there, then the other one */
    bool biased;
} THCUDNNRecurrent;

/* input: R x I, the samples of all steps, one step after the other; step t has the first sizes[t] of the N = sizes[0] samples,
 * and sizes do not grow. hx and, for an LSTM, cx (else NULL): layers D x N x H. parameters: for each layer and, in it, each
 * direction weight_ih (G H x I, above the first layer G H x D H), weight_hh (G H x H) and, if biased, bias_ih and bias_hh (G H
 * each). Half, Float or Double, all on one device.
 *
 * output: R x D H. hy, cy (an LSTM's, else NULL): the states after the last step of each sample, as hx. weight: all parameters
 * in cuDNN's order, in their own memory where they lie so (recurrentGather), else a copy. reserve, Byte: what the backward pass
 * needs; NULL: none will follow.
 *
 * TH_ERR_DTYPE, TH_ERR_SHAPE, TH_ERR_STATE for other tensors; TH_ERR_VALUE for other numbers. TH_ERR_UNSUPPORTED without
 * cuDNN, where it has no way, for sizes of 0, and under THCUDNN_DETERMINISTIC: it may use several streams, and add up in
 * another order each time. */
THC_API THStatus THCUDNN_recurrentForward(const THCUDNNRecurrent *network, const THTensor *input, int steps,
                                          const int64_t *sizes, const THTensor *hx, const THTensor *cx,
                                          THTensor *const *parameters, THTensor *output, THTensor *hy, THTensor *cy,
                                          THTensor *weight, THTensor *reserve);
/* All gradients of a forward pass, of what it was given and gave; reserve is used up. gradHy and, for an LSTM, gradCy: or NULL,
 * zeros. gradParameters: as many as there are parameters, which become parts of one new tensor; NULL: not wanted. All are
 * written, not added to. */
THC_API THStatus THCUDNN_recurrentBackward(const THCUDNNRecurrent *network, const THTensor *input, int steps,
                                           const int64_t *sizes, const THTensor *hx, const THTensor *cx, const THTensor *weight,
                                           const THTensor *output, const THTensor *gradOutput, const THTensor *gradHy,
                                           const THTensor *gradCy, THTensor *reserve, THTensor *gradInput, THTensor *gradHx,
                                           THTensor *gradCx, THTensor *const *gradParameters);
/* Each of `gathered` becomes a copy of the parameter in its place, all in one piece of memory and in cuDNN's order: forward
 * passes of these copy nothing. Where the parameters lie so already, it is their own memory. */
THC_API THStatus THCUDNN_recurrentGather(const THCUDNNRecurrent *network, THTensor *const *parameters,
                                         THTensor *const *gathered);

/* --- softmax ----------------------------------------------------------------------------------------------------------- */

/* What SoftMax_updateOutput and SoftMax_updateGradInput of THNN are, with `logarithm` LogSoftMax's. */
THC_API THStatus THCUDNN_softmaxForward(const THTensor *input, THTensor *output, int dim, bool logarithm);
THC_API THStatus THCUDNN_softmaxBackward(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim,
                                         bool logarithm);
/* The same where it pays: TH_ERR_UNSUPPORTED for what THCUNN does as fast, or more exactly. */
THCUDNN_LIKE(SoftMax_updateOutput);
THCUDNN_LIKE(SoftMax_updateGradInput);
THCUDNN_LIKE(LogSoftMax_updateGradInput);

TH_END_DECLS

#endif
