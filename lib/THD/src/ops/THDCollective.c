/* One collective call: its checks, its messages, its end. */
#include "ops/THDCollective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- messages --------------------------------------------------------------------------------------------------------- */

static THDRequest *message(THDRound *round, int index, char *data, int64_t nbytes, uint32_t part, bool sends)
{
    THDGroup *const group = round->group;
    THDRequest *const request = thd_newRequest(group->world, group);
    if (request == NULL) return NULL;
    request->sends = sends;
    request->peer = group->ranks[index];
    request->data = data;
    request->header = round->sign;
    request->header.part = part;
    request->header.nbytes = nbytes;
    thd_lock(group->world);
    request->sibling = group->open;
    group->open = request;
    if (group->failure != NULL)
        thd_failLocked(request, TH_ERR_STATE, group->failure);
    else
        thd_startLocked(request);
    thd_unlock(group->world);
    return request;
}

THDRequest *thd_sendTo(THDRound *round, int index, const void *data, int64_t nbytes, uint32_t part)
{
    return message(round, index, (char *)data, nbytes, part, true);
}

THDRequest *thd_receiveFrom(THDRound *round, int index, void *data, int64_t nbytes, uint32_t part)
{
    return message(round, index, data, nbytes, part, false);
}

static const char *op_of(const THDRound *round)
{
    return thd_callNames[round->sign.call];
}

THStatus thd_await(THDRound *round, THDRequest *request)
{
    THDWorld *const world = round->group->world;
    thd_lock(world);
    const bool done = thd_driveLocked(world, request, round->deadline);
    const bool failed = !done || request->state != THDState_DONE;
    const bool late = !done && !world->closed && thd_now() >= round->deadline;
    const bool stopped = !done && !world->closed && !late;
    thd_unlock(world);
    if (!failed) return TH_OK;
    char name[THD_NAME];
    if (late)
        return THStatus_fail(TH_ERR_STATE, "[%s] timed out after %.3g s: %s has not %s; is it in the same call?", op_of(round),
                             world->timeout, thd_nameOf(world, request->peer, name),
                             request->sends ? "taken its part" : "sent its part");
    TH_FAIL_IF(stopped, TH_ERR_STATE, "[%s] interrupted", op_of(round));
    if (!done) return THStatus_fail(TH_ERR_STATE, "[%s] this rank has left its process group", op_of(round));
    return thd_outcome(request);
}

THStatus thd_awaitAll(THDRound *round)
{
    for (THDRequest *each = round->group->open; each != NULL; each = each->sibling) TH_TRY(thd_await(round, each));
    return TH_OK;
}

void thd_abandon(THDRound *round)
{
    thd_lock(round->group->world);
    for (THDRequest *each = round->group->open; each != NULL; each = each->sibling) {
        thd_withdrawLocked(each);
        thd_failLocked(each, TH_ERR_STATE, "[distributed] given up");
    }
    thd_unlock(round->group->world);
}

static void free_requests(THDRound *round)
{
    THDRequest *each = round->group->open;
    round->group->open = NULL;
    while (each != NULL) {
        THDRequest *const next = each->sibling;
        THDRequest_free(each);
        each = next;
    }
}

/* --- arithmetic -------------------------------------------------------------------------------------------------------- */

static THTensor *look_at(THDtype dtype, const void *data, int64_t count)
{
    THStorage *const storage = THStorage_newWithData(dtype, count, (void *)data, NULL, NULL);
    if (storage == NULL) return NULL;
    THTensor *const tensor = THTensor_newWithStorage(storage, dtype, 0, 1, &count, NULL);
    THStorage_free(storage);
    return tensor;
}

static THStatus sum(THTensor *r, const THTensor *a, const THTensor *b)
{
    return THTensor_cadd(r, a, b, THScalar_fromLong(1));
}

static THStatus (*const COMBINE[THDReduce_Count])(THTensor *, const THTensor *,
                                                  const THTensor *) = {[THDReduce_SUM] = sum,
                                                                       [THDReduce_PRODUCT] = THTensor_cmul,
                                                                       [THDReduce_MIN] = THTensor_cmin,
                                                                       [THDReduce_MAX] = THTensor_cmax};

THStatus thd_combine(const THDRound *round, void *into, const void *a, const void *b, int64_t count)
{
    if (count == 0) return TH_OK;
    const THDtype dtype = (THDtype)round->sign.dtype;
    THTensor *const left = look_at(dtype, a, count);
    THTensor *const right = look_at(dtype, b, count);
    THTensor *const result = into == a ? left : into == b ? right : look_at(dtype, into, count);
    const bool made = left != NULL && right != NULL && result != NULL;
    const THStatus status = made ? COMBINE[round->sign.reduce](result, left, right) : THStatus_last();
    if (result != left && result != right) THTensor_free(result);
    THTensor_free(left);
    THTensor_free(right);
    return status;
}

/* --- the data of each call ---------------------------------------------------------------------------------------------- */

static bool is_small(const THDRound *round, int64_t count)
{
    return count * round->itemsize <= THD_EAGER;
}

static THStatus run_on_data(THDRound *round, char *data, int64_t count, int root)
{
    if (round->group->size == 1) return TH_OK;
    switch (round->sign.call) {
    case THDCall_BROADCAST:
        return thd_broadcast(round, data, count * round->itemsize, root);
    case THDCall_REDUCE:
        return is_small(round, count) ? thd_reduceSmall(round, data, count, root) : thd_reduceRing(round, data, count, root);
    default:
        return is_small(round, count) ? thd_allReduceSmall(round, data, count) : thd_allReduceRing(round, data, count);
    }
}

/* One tensor, which changes: a row-major one in place, others in a copy that goes back. */
static THStatus run_in_place(THDRound *round, THTensor *tensor, int root)
{
    const bool keeps = round->sign.call == THDCall_REDUCE && round->group->index != root;
    THTensor *const dense = keeps ? THTensor_newClone(tensor) : THTensor_newContiguous(tensor);
    if (dense == NULL) return THStatus_last();
    THStatus status = keeps ? TH_OK : THTensor_output(tensor, op_of(round), (THDtype)tensor->dtype, tensor->ndim, tensor->size);
    if (status == TH_OK) status = run_on_data(round, THTensor_dataBytes(dense), dense->numel, root);
    if (status != TH_OK)
        thd_abandon(round);
    else if (!keeps && dense != tensor)
        status = THTensor_copy(tensor, dense);
    THTensor_free(dense);
    return status;
}

/* The tensors of the list as row-major memory; those of an output are copied back at the end. */
static THStatus run_on_blocks(THDRound *round, THTensor *own, char **blocks, int root)
{
    const int64_t nbytes = own->numel * round->itemsize;
    if (round->sign.call == THDCall_GATHER) return thd_gather(round, blocks, THTensor_dataBytes(own), nbytes, root);
    if (round->sign.call == THDCall_SCATTER) return thd_scatter(round, blocks, THTensor_dataBytes(own), nbytes, root);
    if (nbytes > 0) memmove(blocks[round->group->index], THTensor_dataBytes(own), (size_t)nbytes);
    return thd_gatherRing(round, blocks, nbytes);
}

static THStatus run_with_list(THDRound *round, THTensor *own, THTensor **dense, char **blocks, int root)
{
    const THDCall *call = round->call;
    const bool scatters = call->kind == THDCall_SCATTER;
    const bool lists = call->kind == THDCall_ALL_GATHER || round->group->index == root;
    for (int i = 0; lists && i < round->group->size; i++) {
        THTensor *const each = call->list[i];
        dense[i] = THTensor_newContiguous(each);
        if (dense[i] == NULL) return THStatus_last();
        blocks[i] = THTensor_dataBytes(dense[i]);
        if (!scatters) TH_TRY(THTensor_output(each, op_of(round), (THDtype)each->dtype, each->ndim, each->size));
    }
    if (scatters) TH_TRY(THTensor_output(call->tensor, op_of(round), (THDtype)own->dtype, own->ndim, own->size));
    const THStatus status = run_on_blocks(round, own, blocks, root);
    if (status != TH_OK) return status;
    for (int i = 0; lists && !scatters && i < round->group->size; i++)
        if (dense[i] != call->list[i]) TH_TRY(THTensor_copy(call->list[i], dense[i]));
    return scatters && own != call->tensor ? THTensor_copy(call->tensor, own) : TH_OK;
}

static THStatus run_list(THDRound *round, int root)
{
    const size_t size = (size_t)round->group->size;
    THTensor *const own = THTensor_newContiguous(round->call->tensor);
    THTensor **const dense = calloc(size, sizeof(THTensor *));
    char **const blocks = calloc(size, sizeof(char *));
    THStatus status = own == NULL ? THStatus_last() : TH_OK;
    if (dense == NULL || blocks == NULL) status = THStatus_fail(TH_ERR_MEMORY, "[%s] no memory for its list", op_of(round));
    if (status == TH_OK) status = run_with_list(round, own, dense, blocks, root);
    if (status != TH_OK) thd_abandon(round);
    for (size_t i = 0; dense != NULL && i < size; i++) THTensor_free(dense[i]);
    THTensor_free(own);
    free(dense);
    free(blocks);
    return status;
}

static THStatus run_round(THDRound *round)
{
    const int root = round->sign.root >= 0 ? THDGroup_indexOf(round->group, round->sign.root) : -1;
    char byte[1] = {0};
    switch (round->call->kind) {
    case THDCall_BARRIER:
    case THDCall_AGREE:
        return thd_allReduceSmall(round, byte, 1);
    case THDCall_BROADCAST:
    case THDCall_REDUCE:
    case THDCall_ALL_REDUCE:
        return run_in_place(round, round->call->tensor, root);
    default:
        return run_list(round, root);
    }
}

/* --- checks, begin and end ---------------------------------------------------------------------------------------------- */

static bool has_root(THDCallKind kind)
{
    return kind == THDCall_BROADCAST || kind == THDCall_REDUCE || kind == THDCall_GATHER || kind == THDCall_SCATTER;
}

static THStatus check_tensor(const char *op, const char *what, const THTensor *tensor, const THTensor *like)
{
    TH_FAIL_IF(tensor == NULL || tensor->storage == NULL, TH_ERR_VALUE, "[%s] %s has no elements and no dtype", op, what);
    TH_FAIL_IF(tensor->storage->device >= 0, TH_ERR_UNSUPPORTED,
               "[%s] %s lies on CUDA device %d; sockets carry tensors of the CPU", op, what, tensor->storage->device);
    TH_FAIL_IF(tensor->dtype != like->dtype, TH_ERR_DTYPE, "[%s] %s is of %s, but the tensor of %s", op, what,
               THDtype_pythonName((THDtype)tensor->dtype), THDtype_pythonName((THDtype)like->dtype));
    TH_FAIL_IF(tensor->numel != like->numel, TH_ERR_SHAPE, "[%s] %s has %lld elements, but the tensor %lld", op, what,
               (long long)tensor->numel, (long long)like->numel);
    return TH_OK;
}

static THStatus check_list(const THDGroup *group, const THDCall *call, const char *op)
{
    const bool lists = call->kind == THDCall_ALL_GATHER || (call->root == group->world->rank && call->kind >= THDCall_GATHER);
    if (!lists) return TH_OK;
    TH_FAIL_IF(call->list == NULL || call->list_length != group->size, TH_ERR_VALUE,
               "[%s] list has %d tensors, needs one for each of the %d members of the group", op,
               call->list == NULL ? 0 : call->list_length, group->size);
    for (int i = 0; i < group->size; i++) {
        char what[40];
        snprintf(what, sizeof what, "tensor %d of the list", i);
        TH_TRY(check_tensor(op, what, call->list[i], call->tensor));
    }
    return TH_OK;
}

THStatus thd_checkCall(const THDGroup *group, const THDCall *call)
{
    TH_FAIL_IF((unsigned)call->kind >= THDCall_Count || call->kind == THDCall_SEND, TH_ERR_VALUE,
               "[distributed] call of kind %d, there is none", (int)call->kind);
    const char *op = thd_callNames[call->kind];
    TH_TRY(thd_alive(group->world, op));
    TH_FAIL_IF(group->index < 0, TH_ERR_VALUE, "[%s] rank %d is none of the %d members of this group", op, group->world->rank,
               group->size);
    TH_FAIL_IF(has_root(call->kind) && THDGroup_indexOf(group, call->root) < 0, TH_ERR_VALUE,
               "[%s] root is rank %d, which is none of the %d members of the group", op, call->root, group->size);
    TH_FAIL_IF((unsigned)call->reduce >= THDReduce_Count, TH_ERR_VALUE, "[%s] reduce %d, there is no such reduction", op,
               (int)call->reduce);
    if (call->kind == THDCall_BARRIER || call->kind == THDCall_AGREE) return TH_OK;
    TH_TRY(check_tensor(op, "tensor", call->tensor, call->tensor));
    return check_list(group, call, op);
}

static THStatus begin(THDRound *round)
{
    THDGroup *const group = round->group;
    thd_lock(group->world);
    round->sign.sequence = group->sequence;
    group->sign = round->sign;
    group->active = true;
    thd_compareLocked(group);
    const bool broken = group->failure != NULL;
    char why[THD_TEXT] = "";
    if (broken) snprintf(why, sizeof why, "%s", group->failure);
    group->active = !broken;
    thd_unlock(group->world);
    const char *text = strchr(why, ']');
    TH_FAIL_IF(broken, TH_ERR_STATE, "[%s] this group can make no more calls, one has failed:%s", op_of(round),
               text == NULL ? why : text + 1);
    return TH_OK;
}

static void end(THDRound *round, THStatus status)
{
    THDGroup *const group = round->group;
    thd_lock(group->world);
    group->active = false;
    group->sequence++;
    if (status != TH_OK) thd_breakLocked(group, THStatus_message(), true);
    thd_unlock(group->world);
    if (status != TH_OK) thd_abandon(round);
    free_requests(round);
}

THStatus thd_perform(THDGroup *group, const THDCall *call)
{
    TH_TRY(thd_checkCall(group, call));
    const bool bare = call->kind == THDCall_BARRIER || call->kind == THDCall_AGREE;
    const bool reduces = call->kind == THDCall_ALL_REDUCE || call->kind == THDCall_REDUCE;
    const THDtype dtype = bare ? THDtype_Byte : (THDtype)call->tensor->dtype;
    THDRound round = {
        .group = group, .call = call, .deadline = thd_now() + group->world->timeout, .itemsize = THDtype_itemsize(dtype)};
    round.sign = (THDHeader){.call = (uint8_t)call->kind,
                             .dtype = (uint8_t)dtype,
                             .group = group->id,
                             .reduce = (uint8_t)(reduces ? call->reduce : THDReduce_SUM),
                             .root = has_root(call->kind) ? call->root : -1,
                             .count = !bare                         ? call->tensor->numel
                                      : call->kind == THDCall_AGREE ? call->value
                                                                    : 0};
    TH_TRY(begin(&round));
    const THStatus status = run_round(&round);
    end(&round, status);
    return status;
}
