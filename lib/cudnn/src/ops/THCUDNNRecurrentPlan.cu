#include "ops/THCUDNNRecurrentPlan.cuh"

#include <algorithm>
#include <string>

#include "THC/device/THCAllocator.cuh"
#include "core/THCUDNNKept.cuh"

namespace
{

using Shape = THCUDNNRecurrentShape;
using Plan = THCUDNNRecurrentPlan;

constexpr size_t KEPT_MOST = 128; // of one device
struct Kept : THCUDNNKept<Plan> {
    Kept() : THCUDNNKept<Plan>(KEPT_MOST) {}
};
Kept *const kept = new Kept[THC_MAX_DEVICES]; // each is used by who has the handle of its device

constexpr cudnnRNNMode_t CELLS[] = {CUDNN_RNN_RELU, CUDNN_RNN_TANH, CUDNN_LSTM, CUDNN_GRU};

cudnnDataType_t typeOf(int64_t dtype)
{
    return dtype == THDtype_Half ? CUDNN_DATA_HALF : dtype == THDtype_Float ? CUDNN_DATA_FLOAT : CUDNN_DATA_DOUBLE;
}

// For Half the kernels that run all steps and keep the weights on the chip, where they were ahead on an H100: forth, and forth
// and back, of 1 to 512 samples and hidden sizes from 64 to 2048. Float stays with the algorithm that has no limits and starts
// kernels for each step: the others' tanh is good to 5e-6 only, or they take longer but for the smallest batches.
cudnnRNNAlgo_t preferred(const Shape &s)
{
    constexpr int64_t SMALL = 128, LARGE = 1024, STATES_MOST = 65536; // STATES: of a step
    const bool even = s.rows == s.steps * s.batch;
    if (s.dtype != THDtype_Half || !even) return CUDNN_RNN_ALGO_STANDARD;
    if (s.hidden_size <= SMALL) return CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H;
    const bool fits = s.hidden_size <= LARGE && s.hidden_size * s.batch <= STATES_MOST;
    return fits ? CUDNN_RNN_ALGO_PERSIST_STATIC : CUDNN_RNN_ALGO_STANDARD;
}

THStatus describeNetwork(const char *op, const Shape &s, cudnnHandle_t handle, cudnnRNNAlgo_t algorithm, Plan *plan)
{
    const THCUDNNLibrary &lib = thcudnn();
    const bool half = s.dtype == THDtype_Half, plain = s.dtype == THDtype_Float && s.allow_tf32 == 0;
    const cudnnDataType_t type = typeOf(s.dtype), compute = half ? CUDNN_DATA_FLOAT : type;
    const cudnnMathType_t math = half ? CUDNN_TENSOR_OP_MATH : plain ? CUDNN_FMA_MATH : CUDNN_DEFAULT_MATH;
    // Dropout between layers is the caller's, whose random numbers are those of the host.
    THCUDNN_TRY(op, plan->dropout.make(lib.cudnnCreateDropoutDescriptor, lib.cudnnDestroyDropoutDescriptor));
    THCUDNN_TRY(op, lib.cudnnSetDropoutDescriptor(plan->dropout.get(), handle, 0, nullptr, 0, 0));
    THCUDNN_TRY(op, plan->network.make(lib.cudnnCreateRNNDescriptor, lib.cudnnDestroyRNNDescriptor));
    THCUDNN_TRY(op, lib.cudnnSetRNNDescriptor_v8(plan->network.get(), algorithm, CELLS[s.cell],
                                                 s.biased != 0 ? CUDNN_RNN_DOUBLE_BIAS : CUDNN_RNN_NO_BIAS,
                                                 s.directions == 2 ? CUDNN_BIDIRECTIONAL : CUDNN_UNIDIRECTIONAL,
                                                 CUDNN_LINEAR_INPUT, type, compute, math, (int32_t)s.input_size,
                                                 (int32_t)s.hidden_size, (int32_t)s.hidden_size, (int32_t)s.layers,
                                                 plan->dropout.get(), CUDNN_RNN_PADDED_IO_DISABLED));
    return TH_OK;
}

// Steps have no gaps: they shrink by the samples that have ended.
THStatus describeSamples(const char *op, const Shape &s, const int64_t *sizes, Plan *plan)
{
    const THCUDNNLibrary &lib = thcudnn();
    std::vector<int> lengths((size_t)s.batch);
    for (int64_t t = 0; t < s.steps; t++)
        std::fill_n(lengths.begin(), sizes[t], (int)t + 1); // of the samples that have got this far
    const cudnnDataType_t type = typeOf(s.dtype);
    const auto set = [&](THCUDNNOwned<cudnnRNNDataDescriptor_t> *made, int64_t width) {
        const cudnnStatus_t status = made->make(lib.cudnnCreateRNNDataDescriptor, lib.cudnnDestroyRNNDataDescriptor);
        if (status != CUDNN_STATUS_SUCCESS) return status;
        return lib.cudnnSetRNNDataDescriptor(made->get(), type, CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED, (int)s.steps,
                                             (int)s.batch, (int)width, lengths.data(), nullptr);
    };
    THCUDNN_TRY(op, set(&plan->input, s.input_size));
    THCUDNN_TRY(op, set(&plan->output, s.hidden_size * s.directions));
    const int size[] = {(int)s.groups(), (int)s.batch, (int)s.hidden_size}, stride[] = {size[1] * size[2], size[2], 1};
    THCUDNN_TRY(op, plan->states.make(lib.cudnnCreateTensorDescriptor, lib.cudnnDestroyTensorDescriptor));
    THCUDNN_TRY(op, lib.cudnnSetTensorNdDescriptor(plan->states.get(), type, 3, size, stride));
    return TH_OK;
}

// Where the parameters of one layer and direction begin. cuDNN tells it gate by gate; a parameter has those of a product one
// after the other, which is how they lie there, too.
THStatus findGroup(const char *op, const Shape &s, cudnnHandle_t handle, int64_t group, const char *base, Plan *plan)
{
    const THCUDNNLibrary &lib = thcudnn();
    THCUDNNOwned<cudnnTensorDescriptor_t> matrix, bias; // of what is found; not read
    THCUDNN_TRY(op, matrix.make(lib.cudnnCreateTensorDescriptor, lib.cudnnDestroyTensorDescriptor));
    THCUDNN_TRY(op, bias.make(lib.cudnnCreateTensorDescriptor, lib.cudnnDestroyTensorDescriptor));
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)s.dtype), kinds = s.kinds();
    for (int64_t product = 0; product < 2; product++) {
        int64_t size[2];
        s.parameter(group * kinds + product, size);
        for (int64_t gate = 0; gate < s.gates(); gate++) {
            void *places[2] = {nullptr, nullptr}; // of a matrix and of a bias
            THCUDNN_TRY(op, lib.cudnnGetRNNWeightParams(handle, plan->network.get(), (int32_t)group, plan->weight, base,
                                                        (int32_t)(product * s.gates() + gate), matrix.get(), &places[0],
                                                        bias.get(), &places[1]));
            for (int64_t kind = product; kind < kinds; kind += 2) {
                const int64_t step = s.hidden_size * (kind < 2 ? size[1] : 1);
                const int64_t bytes = static_cast<const char *>(places[kind / 2]) - base, place = bytes / itemsize;
                int64_t *const first = &plan->offsets[(size_t)(group * kinds + kind)];
                if (gate == 0) *first = place;
                TH_FAIL_IF(places[kind / 2] == nullptr || bytes % itemsize != 0 || place != *first + gate * step,
                           TH_ERR_UNSUPPORTED, "[%s] cuDNN keeps the gates of a parameter apart", op);
            }
        }
    }
    return TH_OK;
}

THStatus make(const char *op, const Shape &s, const int64_t *sizes, cudnnHandle_t handle, cudnnRNNAlgo_t algorithm, Plan *plan)
{
    const THCUDNNLibrary &lib = thcudnn();
    TH_TRY(describeNetwork(op, s, handle, algorithm, plan));
    TH_TRY(describeSamples(op, s, sizes, plan));
    THCUDNN_TRY(op, lib.cudnnGetRNNWeightSpaceSize(handle, plan->network.get(), &plan->weight));
    for (const cudnnForwardMode_t mode : {CUDNN_FWD_MODE_INFERENCE, CUDNN_FWD_MODE_TRAINING})
        THCUDNN_TRY(op, lib.cudnnGetRNNTempSpaceSizes(handle, plan->network.get(), mode, plan->input.get(),
                                                      &plan->workspace[mode], &plan->reserve[mode]));
    plan->offsets.resize((size_t)s.parameters());
    const THCScratch somewhere(thc_currentDevice(), (int64_t)plan->weight);
    if (somewhere.data() == nullptr) return THStatus_last();
    for (int64_t group = 0; group < s.groups(); group++) TH_TRY(findGroup(op, s, handle, group, somewhere.data(), plan));
    return TH_OK;
}

} // namespace

int THCUDNNRecurrentShape::parameter(int64_t index, int64_t *size) const
{
    const int64_t kind = index % kinds(), layer = index / kinds() / directions;
    size[0] = gates() * hidden_size;
    size[1] = kind == 1 ? hidden_size : layer == 0 ? input_size : hidden_size * directions;
    return kind < 2 ? 2 : 1;
}

THStatus thcudnn_recurrentPlan(const char *op, const THCUDNNRecurrentShape &shape, const int64_t *sizes, cudnnHandle_t handle,
                               THCUDNNPlanUse *use, const THCUDNNRecurrentPlan **plan)
{
    std::string key(reinterpret_cast<const char *>(&shape), sizeof shape);
    if (shape.rows != shape.steps * shape.batch) key.append(reinterpret_cast<const char *>(sizes), shape.steps * sizeof *sizes);
    Kept *const here = &kept[thc_currentDevice()];
    *plan = here->find(key);
    (*plan != nullptr ? use->hits : use->misses)++;
    if (*plan != nullptr) return TH_OK;
    Plan made;
    const cudnnRNNAlgo_t first = preferred(shape); // it may be refused
    THStatus status = make(op, shape, sizes, handle, first, &made);
    if (status == TH_ERR_UNSUPPORTED && first != CUDNN_RNN_ALGO_STANDARD) {
        made = Plan();
        status = make(op, shape, sizes, handle, CUDNN_RNN_ALGO_STANDARD, &made);
    }
    use->refusals += status == TH_ERR_UNSUPPORTED;
    TH_TRY(status);
    use->kept += here->size() < KEPT_MOST;
    *plan = here->put(key, std::move(made));
    return TH_OK;
}
