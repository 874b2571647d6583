/* The whole public interface of THC. */
#ifndef THC_H
#define THC_H

#include "THC/THCGeneral.h"
#include "THC/THCNvtx.h"
#include "THC/THCStream.h"
#include "THC/THCTensor.h"
#include "THC/THCTensorFft.h"
#include "THC/THCTensorStep.h"
#include "THC/THCVendor.h"

#endif
