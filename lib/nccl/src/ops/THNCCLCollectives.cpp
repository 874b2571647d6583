// The collectives. Each is a call of NCCL for every place of this process, in one group: NCCL starts them together.
#include "core/THNCCLComm.h"

#include <algorithm>
#include <cinttypes>

#include "TH/THArgument.h"
#include "THC/device/THCCore.cuh"

namespace
{

using Tensors = THTensor *const *;

// Elements as NCCL counts them.
struct Elements {
    ncclDataType_t type;
    size_t count;
};

// Types that NCCL can reduce; it has none of 16 bits but Half.
constexpr struct {
    THDtype dtype;
    ncclDataType_t type;
} TYPES[] = {
    {THDtype_Byte, ncclUint8},   {THDtype_Char, ncclInt8},     {THDtype_Int, ncclInt32},      {THDtype_Long, ncclInt64},
    {THDtype_Half, ncclFloat16}, {THDtype_Float, ncclFloat32}, {THDtype_Double, ncclFloat64},
};

THStatus reducible(const char *op, const THTensor *tensor, THNCCLOp operation, Elements *elements)
{
    const THDtype dtype = (THDtype)tensor->dtype;
    const auto *const end = TYPES + sizeof TYPES / sizeof *TYPES;
    const auto *const found = std::find_if(TYPES, end, [dtype](const auto &entry) { return entry.dtype == dtype; });
    TH_FAIL_IF(found == end, TH_ERR_UNSUPPORTED, "[%s] NCCL does not reduce %s; convert it", op, THDtype_name(dtype));
    TH_FAIL_IF(operation < THNCCL_SUM || operation > THNCCL_AVG, TH_ERR_VALUE,
               "[%s] op: %d, expected 0 (sum), 1 (product), 2 (max), 3 (min) or 4 (average)", op, (int)operation);
    *elements = {found->type, (size_t)tensor->numel};
    return TH_OK;
}

// What is only moved goes as bytes.
Elements movable(const THTensor *tensor)
{
    return {ncclUint8, (size_t)(tensor->numel * THDtype_itemsize((THDtype)tensor->dtype))};
}

THStatus checkTensor(const char *op, const char *what, int i, const THTensor *tensor)
{
    TH_FAIL_IF(tensor->storage == nullptr || THTensor_device(tensor) < 0, TH_ERR_STATE,
               "[%s] %s[%d]: not on a CUDA device, expected one there; move it with .to()", op, what, i);
    TH_FAIL_IF(!THTensor_isContiguous(tensor), TH_ERR_VALUE,
               "[%s] %s[%d]: not contiguous, expected elements one behind the other; use .contiguous()", op, what, i);
    return TH_OK;
}

// Comes before lists are asked for: an empty one may be NULL.
THStatus checkCount(const char *op, int count)
{
    TH_FAIL_IF(count < 1 || count > THC_MAX_DEVICES, TH_ERR_VALUE, "[%s] inputs: %d tensors, expected 1 to %d", op, count,
               THC_MAX_DEVICES);
    return TH_OK;
}

// The elements of a list.
THStatus checkGiven(const char *op, const char *what, Tensors tensors, int count)
{
    for (int i = 0; i < count; i++)
        TH_FAIL_IF(tensors[i] == nullptr, TH_ERR_VALUE, "[%s] %s[%d], NULL: must be given", op, what, i);
    return TH_OK;
}

// A tensor on each of several devices.
THStatus checkInputs(const char *op, Tensors inputs, int count)
{
    bool taken[THC_MAX_DEVICES] = {};
    for (int i = 0; i < count; i++) {
        TH_TRY(checkTensor(op, "inputs", i, inputs[i]));
        const int device = THTensor_device(inputs[i]);
        TH_FAIL_IF(taken[device], TH_ERR_STATE, "[%s] inputs[%d]: on cuda:%d like one before it, expected a device for each",
                   op, i, device);
        taken[device] = true;
        TH_FAIL_IF(inputs[i]->dtype != inputs[0]->dtype || inputs[i]->numel != inputs[0]->numel, TH_ERR_SHAPE,
                   "[%s] inputs[%d]: %" PRId64 " elements of %s, expected %" PRId64 " of %s like inputs[0]", op, i,
                   inputs[i]->numel, THDtype_name((THDtype)inputs[i]->dtype), inputs[0]->numel,
                   THDtype_name((THDtype)inputs[0]->dtype));
    }
    return TH_OK;
}

// An output for inputs[i]: of `numel` elements, on its device. Counts the write.
THStatus prepareOutput(const char *op, int i, THTensor *output, const THTensor *input, int64_t numel)
{
    TH_TRY(checkTensor(op, "outputs", i, output));
    const int device = THTensor_device(input);
    TH_FAIL_IF(THTensor_device(output) != device, TH_ERR_STATE,
               "[%s] outputs[%d]: on cuda:%d, expected cuda:%d like inputs[%d]", op, i, THTensor_device(output), device, i);
    TH_FAIL_IF(output->dtype != input->dtype || output->numel != numel, TH_ERR_SHAPE,
               "[%s] outputs[%d]: %" PRId64 " elements of %s, expected %" PRId64 " of %s", op, i, output->numel,
               THDtype_name((THDtype)output->dtype), numel, THDtype_name((THDtype)input->dtype));
    return THTensor_outputOn(output, op, device, (THDtype)output->dtype, output->ndim, output->size);
}

THStatus checkRoot(const char *op, int root, int size)
{
    TH_FAIL_IF(root < 0 || root >= size, TH_ERR_VALUE, "[%s] root: %d, expected one of 0 to %d", op, root, size - 1);
    return TH_OK;
}

// calls(): several calls of NCCL, which starts them together.
template <class Calls> THStatus inOne(const char *op, const Calls &calls)
{
    TH_TRY(thnccl_check(op, thnccl().ncclGroupStart()));
    const ncclResult_t result = calls();
    const ncclResult_t end = thnccl().ncclGroupEnd(); // also after a failure, or the next call would join this one
    TH_TRY(thnccl_check(op, result));
    TH_TRY(thnccl_check(op, end));
    return thc_started(op);
}

// call(i, communicator, stream) for each place of this process.
template <class Call> THStatus together(const char *op, const THNCCLGroup &group, Tensors tensors, const Call &call)
{
    return inOne(op, [&] {
        ncclResult_t result = ncclSuccess;
        for (int i = 0; i < group.local && result == ncclSuccess; i++)
            result = call(i, group.handles[i], thc_streamOf(THTensor_device(tensors[i])));
        return result;
    });
}

// outputs: NULL, or as many as inputs.
THStatus localGroup(const char *op, Tensors outputs, Tensors inputs, int count, THNCCLGroup *group)
{
    TH_TRY(checkGiven(op, "inputs", inputs, count));
    if (outputs != nullptr) TH_TRY(checkGiven(op, "outputs", outputs, count));
    int devices[THC_MAX_DEVICES];
    TH_TRY(checkInputs(op, inputs, count));
    for (int i = 0; i < count; i++) devices[i] = THTensor_device(inputs[i]);
    return thnccl_localGroup(op, devices, count, group);
}

// A tensor for each of the communicator's devices.
THStatus checkOwn(const char *op, const THNCCLComm *comm, Tensors inputs)
{
    for (size_t i = 0; i < comm->devices.size(); i++)
        TH_FAIL_IF(THTensor_device(inputs[i]) != comm->devices[i], TH_ERR_STATE,
                   "[%s] inputs[%d]: on cuda:%d, expected the communicator's cuda:%d", op, (int)i, THTensor_device(inputs[i]),
                   comm->devices[i]);
    return TH_OK;
}

// outputs: NULL, or as many as inputs.
THStatus groupOf(const char *op, THNCCLComm *comm, Tensors outputs, Tensors inputs, THNCCLGroup *group)
{
    const int count = (int)comm->devices.size();
    TH_TRY(checkGiven(op, "inputs", inputs, count));
    if (outputs != nullptr) TH_TRY(checkGiven(op, "outputs", outputs, count));
    TH_TRY(checkInputs(op, inputs, count));
    TH_TRY(checkOwn(op, comm, inputs));
    return thnccl_groupOf(op, comm, group);
}

// For what is not offered on several devices of one process.
THStatus singleGroupOf(const char *op, THNCCLComm *comm, THTensor *tensor, THNCCLGroup *group)
{
    TH_FAIL_IF(comm->devices.size() != 1, TH_ERR_STATE, "[%s] the communicator has %d devices in this process, expected one",
               op, (int)comm->devices.size());
    return groupOf(op, comm, nullptr, &tensor, group);
}

THStatus allReduce(const char *op, const THNCCLGroup &group, Tensors outputs, Tensors inputs, THNCCLOp operation)
{
    Elements elements;
    TH_TRY(reducible(op, inputs[0], operation, &elements));
    for (int i = 0; i < group.local; i++) TH_TRY(prepareOutput(op, i, outputs[i], inputs[i], inputs[i]->numel));
    return together(op, group, inputs, [&](int i, ncclComm_t comm, cudaStream_t stream) {
        return thnccl().ncclAllReduce(THTensor_dataBytes(inputs[i]), THTensor_dataBytes(outputs[i]), elements.count,
                                      elements.type, (ncclRedOp_t)operation, comm, stream);
    });
}

// outputs[i] is NULL but for the root.
THStatus reduce(const char *op, const THNCCLGroup &group, Tensors outputs, Tensors inputs, int root, THNCCLOp operation)
{
    Elements elements;
    TH_TRY(checkRoot(op, root, group.size));
    TH_TRY(reducible(op, inputs[0], operation, &elements));
    for (int i = 0; i < group.local; i++)
        if (outputs[i] != nullptr) TH_TRY(prepareOutput(op, i, outputs[i], inputs[i], inputs[i]->numel));
    return together(op, group, inputs, [&](int i, ncclComm_t comm, cudaStream_t stream) {
        return thnccl().ncclReduce(THTensor_dataBytes(inputs[i]), outputs[i] ? THTensor_dataBytes(outputs[i]) : nullptr,
                                   elements.count, elements.type, (ncclRedOp_t)operation, root, comm, stream);
    });
}

THStatus broadcast(const char *op, const THNCCLGroup &group, Tensors tensors, int root)
{
    TH_TRY(checkRoot(op, root, group.size));
    const Elements elements = movable(tensors[0]);
    for (int i = 0; i < group.local; i++) // the root's is only read
        if (group.first + i != root) TH_TRY(prepareOutput(op, i, tensors[i], tensors[i], tensors[i]->numel));
    return together(op, group, tensors, [&](int i, ncclComm_t comm, cudaStream_t stream) {
        void *const data = THTensor_dataBytes(tensors[i]);
        return thnccl().ncclBroadcast(data, data, elements.count, elements.type, root, comm, stream);
    });
}

THStatus allGather(const char *op, const THNCCLGroup &group, Tensors outputs, Tensors inputs)
{
    const Elements elements = movable(inputs[0]);
    for (int i = 0; i < group.local; i++) TH_TRY(prepareOutput(op, i, outputs[i], inputs[i], group.size * inputs[i]->numel));
    return together(op, group, inputs, [&](int i, ncclComm_t comm, cudaStream_t stream) {
        return thnccl().ncclAllGather(THTensor_dataBytes(inputs[i]), THTensor_dataBytes(outputs[i]), elements.count,
                                      elements.type, comm, stream);
    });
}

THStatus reduceScatter(const char *op, const THNCCLGroup &group, Tensors outputs, Tensors inputs, THNCCLOp operation)
{
    Elements elements;
    TH_TRY(reducible(op, inputs[0], operation, &elements));
    TH_FAIL_IF(inputs[0]->numel % group.size != 0, TH_ERR_SHAPE,
               "[%s] inputs[0]: %" PRId64 " elements, expected a multiple of %d, a piece for each output", op, inputs[0]->numel,
               group.size);
    for (int i = 0; i < group.local; i++) TH_TRY(prepareOutput(op, i, outputs[i], inputs[i], inputs[i]->numel / group.size));
    return together(op, group, inputs, [&](int i, ncclComm_t comm, cudaStream_t stream) {
        return thnccl().ncclReduceScatter(THTensor_dataBytes(inputs[i]), THTensor_dataBytes(outputs[i]),
                                          elements.count / (size_t)group.size, elements.type, (ncclRedOp_t)operation, comm,
                                          stream);
    });
}

// Between the root and everybody, the root too: a message for each rank. many: the root's, NULL elsewhere; read or written.
THStatus deal(const char *op, const THNCCLGroup &group, Tensors many, THTensor *one, int root, bool collects)
{
    const Elements elements = movable(one);
    if (elements.count == 0) return TH_OK;
    const cudaStream_t stream = thc_streamOf(THTensor_device(one));
    const ncclComm_t comm = group.handles[0];
    const auto message = [&](THTensor *tensor, bool sends, int rank) {
        void *const data = THTensor_dataBytes(tensor);
        return sends ? thnccl().ncclSend(data, elements.count, elements.type, rank, comm, stream)
                     : thnccl().ncclRecv(data, elements.count, elements.type, rank, comm, stream);
    };
    return inOne(op, [&] {
        ncclResult_t result = message(one, collects, root);
        for (int i = 0; many != nullptr && i < group.size && result == ncclSuccess; i++)
            result = message(many[i], !collects, i);
        return result;
    });
}

// The root's list of gather and scatter.
THStatus checkMany(const char *op, const char *what, const THNCCLGroup &group, Tensors many, const THTensor *one)
{
    for (int i = 0; i < group.size; i++) {
        TH_FAIL_IF(many[i] == nullptr, TH_ERR_VALUE, "[%s] %s[%d], NULL: must be given", op, what, i);
        TH_TRY(checkTensor(op, what, i, many[i]));
        TH_FAIL_IF(THTensor_device(many[i]) != THTensor_device(one), TH_ERR_STATE, "[%s] %s[%d]: on cuda:%d, expected cuda:%d",
                   op, what, i, THTensor_device(many[i]), THTensor_device(one));
        TH_FAIL_IF(many[i]->dtype != one->dtype || many[i]->numel != one->numel, TH_ERR_SHAPE,
                   "[%s] %s[%d]: %" PRId64 " elements of %s, expected %" PRId64 " of %s", op, what, i, many[i]->numel,
                   THDtype_name((THDtype)many[i]->dtype), one->numel, THDtype_name((THDtype)one->dtype));
    }
    return TH_OK;
}

THStatus message(const char *op, THNCCLComm *comm, THTensor *tensor, int peer, bool sends)
{
    THNCCLGroup group = {};
    TH_TRY(singleGroupOf(op, comm, tensor, &group));
    TH_FAIL_IF(peer < 0 || peer >= group.size || peer == group.first, TH_ERR_VALUE,
               "[%s] rank: %d, expected another of 0 to %d than %d, which this is", op, peer, group.size - 1, group.first);
    if (!sends) TH_TRY(prepareOutput(op, 0, tensor, tensor, tensor->numel));
    const Elements elements = movable(tensor);
    if (elements.count == 0) return TH_OK;
    return together(op, group, &tensor, [&](int, ncclComm_t handle, cudaStream_t stream) {
        void *const data = THTensor_dataBytes(tensor);
        return sends ? thnccl().ncclSend(data, elements.count, elements.type, peer, handle, stream)
                     : thnccl().ncclRecv(data, elements.count, elements.type, peer, handle, stream);
    });
}

} // namespace

THStatus THNCCL_allReduce(Tensors outputs, Tensors inputs, int count, THNCCLOp op)
{
    TH_TRY(checkCount("all_reduce", count));
    TH_GIVEN("all_reduce", outputs, inputs);
    THNCCLGroup group = {};
    TH_TRY(localGroup("all_reduce", outputs, inputs, count, &group));
    return allReduce("all_reduce", group, outputs, inputs, op);
}

THStatus THNCCL_reduce(THTensor *output, Tensors inputs, int count, int root, THNCCLOp op)
{
    TH_TRY(checkCount("reduce", count));
    TH_GIVEN("reduce", output, inputs);
    THTensor *outputs[THC_MAX_DEVICES] = {};
    THNCCLGroup group = {};
    TH_TRY(localGroup("reduce", nullptr, inputs, count, &group));
    TH_TRY(checkRoot("reduce", root, count));
    outputs[root] = output;
    return reduce("reduce", group, outputs, inputs, root, op);
}

THStatus THNCCL_broadcast(Tensors tensors, int count, int root)
{
    TH_TRY(checkCount("broadcast", count));
    TH_GIVEN("broadcast", tensors);
    THNCCLGroup group = {};
    TH_TRY(localGroup("broadcast", nullptr, tensors, count, &group));
    return broadcast("broadcast", group, tensors, root);
}

THStatus THNCCL_allGather(Tensors outputs, Tensors inputs, int count)
{
    TH_TRY(checkCount("all_gather", count));
    TH_GIVEN("all_gather", outputs, inputs);
    THNCCLGroup group = {};
    TH_TRY(localGroup("all_gather", outputs, inputs, count, &group));
    return allGather("all_gather", group, outputs, inputs);
}

THStatus THNCCL_reduceScatter(Tensors outputs, Tensors inputs, int count, THNCCLOp op)
{
    TH_TRY(checkCount("reduce_scatter", count));
    TH_GIVEN("reduce_scatter", outputs, inputs);
    THNCCLGroup group = {};
    TH_TRY(localGroup("reduce_scatter", outputs, inputs, count, &group));
    return reduceScatter("reduce_scatter", group, outputs, inputs, op);
}

THStatus THNCCLComm_allReduce(THNCCLComm *self, Tensors outputs, Tensors inputs, THNCCLOp op)
{
    TH_GIVEN("all_reduce", self, outputs, inputs);
    THNCCLGroup group = {};
    TH_TRY(groupOf("all_reduce", self, outputs, inputs, &group));
    return allReduce("all_reduce", group, outputs, inputs, op);
}

THStatus THNCCLComm_reduce(THNCCLComm *self, THTensor *output, Tensors inputs, int root, THNCCLOp op)
{
    TH_GIVEN("reduce", self, inputs);
    THNCCLGroup group = {};
    TH_TRY(groupOf("reduce", self, nullptr, inputs, &group));
    TH_TRY(checkRoot("reduce", root, group.size));
    THTensor *outputs[THC_MAX_DEVICES] = {};
    const int own = root - group.first;
    if (own >= 0 && own < group.local) {
        TH_FAIL_IF(output == nullptr, TH_ERR_VALUE, "[reduce] output: none, expected one for the root");
        outputs[own] = output;
    }
    return reduce("reduce", group, outputs, inputs, root, op);
}

THStatus THNCCLComm_broadcast(THNCCLComm *self, Tensors tensors, int root)
{
    TH_GIVEN("broadcast", self, tensors);
    THNCCLGroup group = {};
    TH_TRY(groupOf("broadcast", self, nullptr, tensors, &group));
    return broadcast("broadcast", group, tensors, root);
}

THStatus THNCCLComm_allGather(THNCCLComm *self, Tensors outputs, Tensors inputs)
{
    TH_GIVEN("all_gather", self, outputs, inputs);
    THNCCLGroup group = {};
    TH_TRY(groupOf("all_gather", self, outputs, inputs, &group));
    return allGather("all_gather", group, outputs, inputs);
}

THStatus THNCCLComm_reduceScatter(THNCCLComm *self, Tensors outputs, Tensors inputs, THNCCLOp op)
{
    TH_GIVEN("reduce_scatter", self, outputs, inputs);
    THNCCLGroup group = {};
    TH_TRY(groupOf("reduce_scatter", self, outputs, inputs, &group));
    return reduceScatter("reduce_scatter", group, outputs, inputs, op);
}

THStatus THNCCLComm_gather(THNCCLComm *self, Tensors outputs, THTensor *input, int root)
{
    TH_GIVEN("gather", self, input);
    THNCCLGroup group = {};
    TH_TRY(singleGroupOf("gather", self, input, &group));
    TH_TRY(checkRoot("gather", root, group.size));
    if (root != group.first) return deal("gather", group, nullptr, input, root, true);
    TH_GIVEN("gather", outputs);
    TH_TRY(checkMany("gather", "outputs", group, outputs, input));
    for (int i = 0; i < group.size; i++) TH_TRY(prepareOutput("gather", i, outputs[i], input, input->numel));
    return deal("gather", group, outputs, input, root, true);
}

THStatus THNCCLComm_scatter(THNCCLComm *self, THTensor *output, Tensors inputs, int root)
{
    TH_GIVEN("scatter", self, output);
    THNCCLGroup group = {};
    TH_TRY(singleGroupOf("scatter", self, output, &group));
    TH_TRY(checkRoot("scatter", root, group.size));
    TH_TRY(prepareOutput("scatter", 0, output, output, output->numel));
    if (root != group.first) return deal("scatter", group, nullptr, output, root, false);
    TH_GIVEN("scatter", inputs);
    TH_TRY(checkMany("scatter", "inputs", group, inputs, output));
    return deal("scatter", group, inputs, output, root, false);
}

THStatus THNCCLComm_send(THNCCLComm *self, THTensor *tensor, int to)
{
    TH_GIVEN("send", self, tensor);
    return message("send", self, tensor, to, true);
}

THStatus THNCCLComm_recv(THNCCLComm *self, THTensor *tensor, int from)
{
    TH_GIVEN("recv", self, tensor);
    return message("recv", self, tensor, from, false);
}
