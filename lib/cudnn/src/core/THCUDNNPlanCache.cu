// Plans are kept by problem, device and options: finding one costs from a millisecond to seconds.
#include "core/THCUDNNPlanCache.cuh"

#include <mutex>

#include "TH/THArgument.h"
#include "THC/device/THCAllocator.cuh"
#include "core/THCUDNNKept.cuh"

namespace
{

constexpr size_t KEPT_MOST = 512; // of one device
constexpr size_t MEASURED_MOST = 8;
constexpr int MEASURED_RUNS = 3;

// A handle works for one thread at a time, and so do plans.
struct Device {
    std::mutex mutex;
    cudnnHandle_t handle = nullptr; // never destroyed, which would wait for the device, and at the end of the process fail
    THCUDNNKept<THCUDNNPlan> kept{KEPT_MOST}; // no plan: cuDNN has no way
    THCUDNNPlanUse use = {};                  // kept: by those that work with the handle
};
Device *const devices = new Device[THC_MAX_DEVICES];

THStatus prepare(const char *op, Device *device)
{
    if (device->handle == nullptr) {
        const cudnnStatus_t status = thcudnn().cudnnCreate(&device->handle);
        if (status != CUDNN_STATUS_SUCCESS) {
            device->handle = nullptr;
            return thcudnn_fail(op, status);
        }
    }
    const cudnnStatus_t status = thcudnn().cudnnSetStream(device->handle, thc_stream());
    return status == CUDNN_STATUS_SUCCESS ? TH_OK : thcudnn_fail(op, status);
}

// TH_ERR_UNSUPPORTED, without a message, if this plan cannot run after all.
THStatus execute(const THCUDNNRun &run, cudnnHandle_t handle, int ordinal, const THCUDNNPlan &plan)
{
    const THCScratch scratch(ordinal, plan.workspace);
    void *workspace = scratch.data();
    if (workspace == nullptr && plan.workspace > 0) return TH_ERR_UNSUPPORTED;
    int64_t uids[3];
    void *data[3];
    for (int i = 0; i < 3; i++) {
        uids[i] = run.operands[i].uid;
        data[i] = run.operands[i].data;
    }
    THCUDNNDescriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, 3, data)
        .set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, 3, uids)
        .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace)
        .finalize();
    if (!pack.ok()) return TH_ERR_UNSUPPORTED;
    const cudnnStatus_t status = thcudnn().cudnnBackendExecute(handle, plan.plan.raw(), pack.raw());
    if (status == CUDNN_STATUS_SUCCESS) return thc_started(run.op);
    return status < CUDNN_STATUS_EXECUTION_FAILED ? TH_ERR_UNSUPPORTED : thcudnn_fail(run.op, status);
}

// Milliseconds of a run, the best of a few; negative if it does not run.
float measure(const THCUDNNRun &run, cudnnHandle_t handle, int ordinal, const THCUDNNPlan &plan)
{
    cudaEvent_t begin = nullptr, end = nullptr;
    float best = -1;
    if (cudaEventCreate(&begin) == cudaSuccess && cudaEventCreate(&end) == cudaSuccess) {
        for (int i = 0; i <= MEASURED_RUNS; i++) { // the first one warms up
            float each = 0;
            cudaEventRecord(begin, thc_stream());
            if (execute(run, handle, ordinal, plan) != TH_OK) break;
            cudaEventRecord(end, thc_stream());
            if (cudaEventSynchronize(end) != cudaSuccess || cudaEventElapsedTime(&each, begin, end) != cudaSuccess) break;
            if (i > 0 && (best < 0 || each < best)) best = each;
        }
    }
    if (begin != nullptr) cudaEventDestroy(begin);
    if (end != nullptr) cudaEventDestroy(end);
    return best;
}

THCUDNNPlan choose(const THCUDNNRun &run, cudnnHandle_t handle, int ordinal, bool benchmark)
{
    const THCUDNNDescriptor graph = run.graph(handle);
    if (!graph.ok()) return {};
    std::vector<THCUDNNPlan> plans = thcudnn_plans(handle, graph, run.rules, benchmark ? MEASURED_MOST : 1);
    if (plans.empty()) return {};
    size_t chosen = 0;
    float least = -1;
    for (size_t i = 0; plans.size() > 1 && i < plans.size(); i++) {
        const float each = measure(run, handle, ordinal, plans[i]);
        if (each < 0 || (least >= 0 && each >= least)) continue;
        least = each;
        chosen = i;
    }
    return std::move(plans[chosen]);
}

// The plan for `run`, made if need be.
const THCUDNNPlan &find(const THCUDNNRun &run, Device *device, int ordinal)
{
    const bool benchmark = thcudnn_option(THCUDNN_BENCHMARK);
    std::string key = run.problem;
    for (const bool option : {benchmark, run.rules.deterministic, run.rules.allow_tf32}) key.push_back((char)option);
    const THCUDNNPlan *const known = device->kept.find(key);
    (known != nullptr ? device->use.hits : device->use.misses)++;
    return known != nullptr ? *known : *device->kept.put(key, choose(run, device->handle, ordinal, benchmark));
}

} // namespace

THStatus thcudnn_run(const THCUDNNRun &run)
{
    int ordinal = 0;
    THC_TRY(run.op, cudaGetDevice(&ordinal));
    Device *const device = &devices[ordinal];
    const std::lock_guard<std::mutex> lock(device->mutex);
    TH_TRY(prepare(run.op, device));
    const THCUDNNPlan &plan = find(run, device, ordinal);
    const THStatus status = plan.plan.ok() ? execute(run, device->handle, ordinal, plan) : TH_ERR_UNSUPPORTED;
    device->use.refusals += status == TH_ERR_UNSUPPORTED;
    return status;
}

THStatus thcudnn_withHandle(const char *op, const std::function<THStatus(cudnnHandle_t, THCUDNNPlanUse *)> &work)
{
    Device *const device = &devices[thc_currentDevice()];
    const std::lock_guard<std::mutex> lock(device->mutex);
    TH_TRY(prepare(op, device));
    return work(device->handle, &device->use);
}

void THCUDNN_getPlanUse(THCUDNNPlanUse *use)
{
    TH_GIVEN_OR(, "cudnn", use);
    *use = THCUDNNPlanUse{};
    for (int i = 0; i < THC_MAX_DEVICES; i++) {
        const std::lock_guard<std::mutex> lock(devices[i].mutex);
        use->hits += devices[i].use.hits;
        use->misses += devices[i].use.misses;
        use->refusals += devices[i].use.refusals;
        use->kept += devices[i].use.kept + (int64_t)devices[i].kept.size();
    }
}
