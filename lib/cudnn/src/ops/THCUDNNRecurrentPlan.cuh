// What cuDNN has to be told of a recurrent network and its samples; kept, for the telling takes tens of microseconds.
#pragma once

#include <vector>

#include "core/THCUDNNOwned.cuh"
#include "core/THCUDNNPlanCache.cuh"

// Numbers of one size only, so that its bytes compare.
struct THCUDNNRecurrentShape {
    int64_t cell, dtype, allow_tf32;
    int64_t layers, directions, biased;
    int64_t input_size, hidden_size;
    int64_t steps, batch, rows; // rows: samples of all steps

    int64_t gates() const { return cell == THCUDNN_CELL_LSTM ? 4 : cell == THCUDNN_CELL_GRU ? 3 : 1; }
    int64_t groups() const { return layers * directions; } // of parameters, and of states
    int64_t kinds() const { return biased != 0 ? 4 : 2; }  // of parameters: weight_ih, weight_hh, bias_ih, bias_hh
    int64_t parameters() const { return groups() * kinds(); }
    // The shape of a parameter, in at most two numbers; how many they are.
    int parameter(int64_t index, int64_t *size) const;
};

struct THCUDNNRecurrentPlan {
    THCUDNNOwned<cudnnDropoutDescriptor_t> dropout;
    THCUDNNOwned<cudnnRNNDescriptor_t> network;
    THCUDNNOwned<cudnnRNNDataDescriptor_t> input, output;
    THCUDNNOwned<cudnnTensorDescriptor_t> states;
    size_t weight = 0;                         // bytes
    size_t workspace[2] = {}, reserve[2] = {}; // bytes, by cudnnForwardMode_t
    std::vector<int64_t> offsets;              // of each parameter in the weight, in elements
};

// The plan for these samples, made if need be; for the time that the handle is. sizes: the samples of each step.
THStatus thcudnn_recurrentPlan(const char *op, const THCUDNNRecurrentShape &shape, const int64_t *sizes, cudnnHandle_t handle,
                               THCUDNNPlanUse *use, const THCUDNNRecurrentPlan **plan);
