/* Neural-network kernels on CUDA: THCUNN_NAME takes what THNN_NAME takes and means what it means (THNN's header says it all);
 * its tensors live on one device. Half, Float and Double; Half computes in float. */
#ifndef THCUNN_H
#define THCUNN_H

#include "THC/THC.h"
#include "THNN/THNN.h"

#define THCUNN_LIKE(name) THC_API __typeof__(THNN_##name) THCUNN_##name

TH_BEGIN_DECLS

/* --- activations ----------------------------------------------------------------------------------------------------- */
THCUNN_LIKE(Threshold_updateOutput);
THCUNN_LIKE(Threshold_updateGradInput);
THCUNN_LIKE(LeakyReLU_updateOutput);
THCUNN_LIKE(LeakyReLU_updateGradInput);
THCUNN_LIKE(ELU_updateOutput);
THCUNN_LIKE(ELU_updateGradInput);
THCUNN_LIKE(SoftPlus_updateOutput);
THCUNN_LIKE(SoftPlus_updateGradInput);
THCUNN_LIKE(SoftShrink_updateOutput);
THCUNN_LIKE(SoftShrink_updateGradInput);
THCUNN_LIKE(HardShrink_updateOutput);
THCUNN_LIKE(HardShrink_updateGradInput);
THCUNN_LIKE(HardTanh_updateOutput);
THCUNN_LIKE(HardTanh_updateGradInput);
THCUNN_LIKE(LogSigmoid_updateOutput);
THCUNN_LIKE(LogSigmoid_updateGradInput);
THCUNN_LIKE(GatedLinear_updateOutput);
THCUNN_LIKE(GatedLinear_updateGradInput);
THCUNN_LIKE(PReLU_updateOutput);
THCUNN_LIKE(PReLU_updateGradInput);
THCUNN_LIKE(PReLU_accGradParameters);
THCUNN_LIKE(RReLU_updateOutput);
THCUNN_LIKE(RReLU_updateGradInput);
THCUNN_LIKE(SoftMax_updateOutput);
THCUNN_LIKE(SoftMax_updateGradInput);
THCUNN_LIKE(LogSoftMax_updateOutput);
THCUNN_LIKE(LogSoftMax_updateGradInput);
THCUNN_LIKE(Abs_updateOutput);
THCUNN_LIKE(Abs_updateGradInput);
THCUNN_LIKE(Sigmoid_updateOutput);
THCUNN_LIKE(Sigmoid_updateGradInput);
THCUNN_LIKE(Sqrt_updateOutput);
THCUNN_LIKE(Sqrt_updateGradInput);
THCUNN_LIKE(Square_updateOutput);
THCUNN_LIKE(Square_updateGradInput);
THCUNN_LIKE(Tanh_updateOutput);
THCUNN_LIKE(Tanh_updateGradInput);

/* --- losses ---------------------------------------------------------------------------------------------------------- */
THCUNN_LIKE(ClassNLLCriterion_updateOutput);
THCUNN_LIKE(ClassNLLCriterion_updateGradInput);
THCUNN_LIKE(AbsCriterion_updateOutput);
THCUNN_LIKE(AbsCriterion_updateGradInput);
THCUNN_LIKE(MSECriterion_updateOutput);
THCUNN_LIKE(MSECriterion_updateGradInput);
THCUNN_LIKE(SmoothL1Criterion_updateOutput);
THCUNN_LIKE(SmoothL1Criterion_updateGradInput);
THCUNN_LIKE(SoftMarginCriterion_updateOutput);
THCUNN_LIKE(SoftMarginCriterion_updateGradInput);
THCUNN_LIKE(BCECriterion_updateOutput);
THCUNN_LIKE(BCECriterion_updateGradInput);
THCUNN_LIKE(BCEWithLogitsCriterion_updateOutput);
THCUNN_LIKE(BCEWithLogitsCriterion_updateGradInput);
THCUNN_LIKE(DistKLDivCriterion_updateOutput);
THCUNN_LIKE(DistKLDivCriterion_updateGradInput);
THCUNN_LIKE(MultiMarginCriterion_updateOutput);
THCUNN_LIKE(MultiMarginCriterion_updateGradInput);
THCUNN_LIKE(MultiLabelMarginCriterion_updateOutput);
THCUNN_LIKE(MultiLabelMarginCriterion_updateGradInput);
THCUNN_LIKE(MarginCriterion_updateOutput);
THCUNN_LIKE(MarginCriterion_updateGradInput);
THCUNN_LIKE(L1Cost_updateOutput);
THCUNN_LIKE(L1Cost_updateGradInput);

/* --- layers ---------------------------------------------------------------------------------------------------------- */
THCUNN_LIKE(BatchNormalization_updateOutput);
THCUNN_LIKE(BatchNormalization_backward);
THCUNN_LIKE(GroupNormalization_updateOutput);
THCUNN_LIKE(GroupNormalization_backward);
THCUNN_LIKE(LayerNormalization_updateOutput);
THCUNN_LIKE(LayerNormalization_backward);
THCUNN_LIKE(Convolution_updateOutput);
THCUNN_LIKE(Convolution_updateGradInput);
THCUNN_LIKE(Convolution_accGradParameters);
THCUNN_LIKE(FullConvolution_updateOutput);
THCUNN_LIKE(FullConvolution_updateGradInput);
THCUNN_LIKE(FullConvolution_accGradParameters);
THCUNN_LIKE(Im2Col_updateOutput);
THCUNN_LIKE(Col2Im_updateOutput);
THCUNN_LIKE(MaxPooling_updateOutput);
THCUNN_LIKE(MaxPooling_updateGradInput);
THCUNN_LIKE(AveragePooling_updateOutput);
THCUNN_LIKE(AveragePooling_updateGradInput);
THCUNN_LIKE(AdaptiveMaxPooling_updateOutput);
THCUNN_LIKE(AdaptiveAveragePooling_updateOutput);
THCUNN_LIKE(AdaptiveAveragePooling_updateGradInput);
THCUNN_LIKE(FractionalMaxPooling_updateOutput);
THCUNN_LIKE(MaxUnpooling_updateOutput);
THCUNN_LIKE(MaxUnpooling_updateGradInput);
THCUNN_LIKE(Padding_updateOutput);
THCUNN_LIKE(Padding_updateGradInput);
THCUNN_LIKE(UpSampling_updateOutput);
THCUNN_LIKE(UpSampling_updateGradInput);
THCUNN_LIKE(GridSampler_updateOutput);
THCUNN_LIKE(GridSampler_updateGradInput);
THCUNN_LIKE(LookupTable_accGradParameters);
THCUNN_LIKE(LookupTable_renorm);
THCUNN_LIKE(Linear_updateOutput);
THCUNN_LIKE(Linear_updateGradInput);
THCUNN_LIKE(Linear_accGradParameters);
THCUNN_LIKE(SpatialConvolutionMM_updateOutput);
THCUNN_LIKE(SpatialConvolutionMM_updateGradInput);
THCUNN_LIKE(SpatialConvolutionMM_accGradParameters);
THCUNN_LIKE(SpatialMaxPooling_updateOutput);
THCUNN_LIKE(SpatialMaxPooling_updateGradInput);
THCUNN_LIKE(SpatialAveragePooling_updateOutput);
THCUNN_LIKE(SpatialAveragePooling_updateGradInput);

/* --- recurrent layers ------------------------------------------------------------------------------------------------ */
THCUNN_LIKE(LSTMFused_updateOutput);
THCUNN_LIKE(LSTMFused_updateGradInput);
THCUNN_LIKE(GRUFused_updateOutput);
THCUNN_LIKE(GRUFused_updateGradInput);
THCUNN_LIKE(LSTMSequence_updateOutput);
THCUNN_LIKE(LSTMSequence_backward);
THCUNN_LIKE(GRUSequence_updateOutput);
THCUNN_LIKE(GRUSequence_backward);
THCUNN_LIKE(LSTMPackedSequence_updateOutput);
THCUNN_LIKE(LSTMPackedSequence_backward);
THCUNN_LIKE(GRUPackedSequence_updateOutput);
THCUNN_LIKE(GRUPackedSequence_backward);
THCUNN_LIKE(RNNPackedSequence_updateOutput);
THCUNN_LIKE(RNNPackedSequence_backward);

TH_END_DECLS

#endif
