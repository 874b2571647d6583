/* Torch's typed names, with Torch's arguments in Torch's order: THNN_FloatThreshold_updateOutput and so on.
 *
 * A template, included once for each THNN_REAL: by THNN/THNN.h for Float and Double, by THCUNN/THCUNNTyped.h for those of
 * devices. What differs from Torch: void became THStatus, and tensors are tagged, so that one whose dtype is not THNN_REAL is
 * TH_ERR_DTYPE. `state` is not used, and neither are the buffers finput, fgradInput (working memory is the library's own): all
 * three may be NULL. Spatial arguments come as in Torch, width first. sizeAverage counts only where `reduce` is true. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else

#define THNN_CONCAT_(a, b, c) a##b##c
#define THNN_CONCAT(a, b, c) THNN_CONCAT_(a, b, c)
#define THNN_(name) THNN_CONCAT(THNN_, THNN_REAL, name)

#include "THNN/generic/THNNActivation.h"
#include "THNN/generic/THNNCriterion.h"
#include "THNN/generic/THNNLayer.h"
#include "THNN/generic/THNNMapped.h"
#include "THNN/generic/THNNResampling.h"
#include "THNN/generic/THNNSparse.h"
#include "THNN/generic/THNNSpatial.h"
#include "THNN/generic/THNNTemporal.h"
#include "THNN/generic/THNNVolumetric.h"
#endif
