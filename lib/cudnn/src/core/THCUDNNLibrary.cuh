// cuDNN, opened at run time: it is a gigabyte, and programs without convolutions on a device do without it.
#pragma once

#include <cudnn.h>

#include "THC/device/THCCore.cuh"

#include "THCUDNN/THCUDNN.h"

#define THCUDNN_FORALL_FUNCTIONS(X)                                                                                            \
    X(cudnnGetVersion)                                                                                                         \
    X(cudnnGetErrorString)                                                                                                     \
    X(cudnnGetLastErrorString)                                                                                                 \
    X(cudnnCreate)                                                                                                             \
    X(cudnnSetStream)                                                                                                          \
    X(cudnnBackendCreateDescriptor)                                                                                            \
    X(cudnnBackendDestroyDescriptor)                                                                                           \
    X(cudnnBackendSetAttribute)                                                                                                \
    X(cudnnBackendGetAttribute)                                                                                                \
    X(cudnnBackendFinalize)                                                                                                    \
    X(cudnnBackendExecute)                                                                                                     \
    X(cudnnCreateTensorDescriptor)                                                                                             \
    X(cudnnDestroyTensorDescriptor)                                                                                            \
    X(cudnnSetTensorNdDescriptor)                                                                                              \
    X(cudnnCreateCTCLossDescriptor)                                                                                            \
    X(cudnnDestroyCTCLossDescriptor)                                                                                           \
    X(cudnnSetCTCLossDescriptor_v9)                                                                                            \
    X(cudnnGetCTCLossWorkspaceSize_v8)                                                                                         \
    X(cudnnCTCLoss_v8)                                                                                                         \
    X(cudnnCreateDropoutDescriptor)                                                                                            \
    X(cudnnDestroyDropoutDescriptor)                                                                                           \
    X(cudnnSetDropoutDescriptor)                                                                                               \
    X(cudnnCreateRNNDescriptor)                                                                                                \
    X(cudnnDestroyRNNDescriptor)                                                                                               \
    X(cudnnSetRNNDescriptor_v8)                                                                                                \
    X(cudnnCreateRNNDataDescriptor)                                                                                            \
    X(cudnnDestroyRNNDataDescriptor)                                                                                           \
    X(cudnnSetRNNDataDescriptor)                                                                                               \
    X(cudnnGetRNNTempSpaceSizes)                                                                                               \
    X(cudnnGetRNNWeightSpaceSize)                                                                                              \
    X(cudnnGetRNNWeightParams)                                                                                                 \
    X(cudnnRNNForward)                                                                                                         \
    X(cudnnRNNBackwardData_v8)                                                                                                 \
    X(cudnnRNNBackwardWeights_v8)                                                                                              \
    X(cudnnSoftmaxForward)                                                                                                     \
    X(cudnnSoftmaxBackward)

struct THCUDNNLibrary {
#define X(name) decltype(&::name) name;
    THCUDNN_FORALL_FUNCTIONS(X)
#undef X
};

// The functions; NULL, with the failure set, if there is no cuDNN.
const THCUDNNLibrary *thcudnn_library(const char *op);
// Those of a library that is known to be open.
const THCUDNNLibrary &thcudnn();
bool thcudnn_option(THCUDNNOption option);
// The failure of a call of cuDNN, in its own words: TH_ERR_UNSUPPORTED where it has no way, else TH_ERR_STATE.
THStatus thcudnn_fail(const char *op, cudnnStatus_t status);
