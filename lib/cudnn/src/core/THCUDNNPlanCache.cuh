// Running a problem by the plan that was found for it before, or now.
#pragma once

#include <functional>
#include <string>

#include "core/THCUDNNPlan.cuh"

// A tensor of the graph: where it lies, and the number that its descriptor has.
struct THCUDNNOperand {
    int64_t uid;
    void *data;
};

struct THCUDNNRun {
    const char *op;
    std::string problem; // equal for equal problems only, options apart
    THCUDNNRules rules;
    THCUDNNOperand operands[3];
    std::function<THCUDNNDescriptor(cudnnHandle_t)> graph; // the finalized graph
};

// Calls `work` with the current device's handle, set to its stream, and the counts of the device; no other thread uses either
// meanwhile.
THStatus thcudnn_withHandle(const char *op, const std::function<THStatus(cudnnHandle_t, THCUDNNPlanUse *)> &work);
// Runs on the current device and its stream. TH_ERR_UNSUPPORTED without a message if there is no plan or no room for its
// workspace.
THStatus thcudnn_run(const THCUDNNRun &run);
