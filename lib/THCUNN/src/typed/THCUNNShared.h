/* Read before each source that is THNN's: its functions of layers are THCUNN's here (THCUNNNames.h, which the build makes of
 * THCUNN.h), and TH's that touch elements are THC's. */
#ifndef THCUNN_SHARED_H
#define THCUNN_SHARED_H

#include "THC/THC.h"
#include "THCUNN/THCUNN.h"
#include "THCUNNNames.h"

#define THTensor_add THCTensor_add
#define THTensor_baddbmm THCTensor_baddbmm
#define THTensor_cadd THCTensor_cadd
#define THTensor_cdiv THCTensor_cdiv
#define THTensor_clamp THCTensor_clamp
#define THTensor_cmul THCTensor_cmul
#define THTensor_copy THCTensor_copy
#define THTensor_item THCTensor_item
#define THTensor_meanall THCTensor_meanall
#define THTensor_newClone THCTensor_newClone
#define THTensor_newContiguous THCTensor_newContiguous
#define THTensor_newReshape THCTensor_newReshape
#define THTensor_pow THCTensor_pow
#define THTensor_rsqrt THCTensor_rsqrt
#define THTensor_sum THCTensor_sum
#define THTensor_sumall THCTensor_sumall
#define THTensor_zero THCTensor_zero

#endif
