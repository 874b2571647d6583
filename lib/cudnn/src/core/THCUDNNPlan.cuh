// Ways to run a graph of operations: engines of cuDNN, configured and ready.
#pragma once

#include <vector>

#include "core/THCUDNNDescriptor.cuh"

struct THCUDNNPlan {
    THCUDNNDescriptor plan;
    int64_t workspace = 0; // bytes
};

// Which engines will do.
struct THCUDNNRules {
    THDtype dtype;
    bool deterministic, allow_tf32;
};

// At most `most` plans for a finalized graph, those first that cuDNN's heuristics expect to be fast.
std::vector<THCUDNNPlan> thcudnn_plans(cudnnHandle_t handle, const THCUDNNDescriptor &graph, const THCUDNNRules &rules,
                                       size_t most);
