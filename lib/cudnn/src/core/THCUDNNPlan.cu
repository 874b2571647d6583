#include "core/THCUDNNPlan.cuh"

namespace
{

constexpr int64_t WORKSPACE_MOST = INT64_C(2) << 30; // a plan that wants more is not worth what it takes from tensors

bool hasNote(const cudnnBackendNumericalNote_t *notes, int64_t count, cudnnBackendNumericalNote_t wanted)
{
    for (int64_t i = 0; i < count; i++)
        if (notes[i] == wanted) return true;
    return false;
}

// Sums of halves stay in float, and nothing rounds its inputs unasked: on tensor cores floats are TF32.
bool allowed(const THCUDNNDescriptor &config, const THCUDNNRules &rules)
{
    const THCUDNNDescriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    cudnnBackendDescriptor_t raw = engine.raw();
    if (config.get(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &raw) == 0) return false;
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    const int64_t count =
        engine.get(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT, notes);
    if (hasNote(notes, count, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)) return false;
    if (hasNote(notes, count, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION)) return false;
    if (rules.deterministic && hasNote(notes, count, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)) return false;
    const bool tf32 = rules.dtype == THDtype_Float && hasNote(notes, count, CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
    return rules.allow_tf32 || !tf32;
}

// The configurations that a heuristic proposes, best first.
std::vector<THCUDNNDescriptor> proposed(const THCUDNNDescriptor &graph, cudnnBackendHeurMode_t mode)
{
    THCUDNNDescriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
        .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode)
        .finalize();
    const int64_t count = heuristic.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, nullptr);
    std::vector<THCUDNNDescriptor> configs;
    std::vector<cudnnBackendDescriptor_t> raw;
    for (int64_t i = 0; i < count; i++) {
        configs.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
        raw.push_back(configs.back().raw());
    }
    const int64_t told = heuristic.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, raw.data());
    configs.resize((size_t)(told < count ? told : count));
    return configs;
}

} // namespace

std::vector<THCUDNNPlan> thcudnn_plans(cudnnHandle_t handle, const THCUDNNDescriptor &graph, const THCUDNNRules &rules,
                                       size_t most)
{
    std::vector<THCUDNNPlan> plans;
    for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
        for (const THCUDNNDescriptor &config : proposed(graph, mode)) {
            if (plans.size() == most) return plans;
            if (!allowed(config, rules)) continue;
            THCUDNNPlan found{THCUDNNDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR)};
            found.plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle)
                .set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config)
                .finalize();
            if (found.plan.get(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &found.workspace) != 1) continue;
            if (found.workspace <= WORKSPACE_MOST) plans.push_back(std::move(found));
        }
    }
    return plans;
}
