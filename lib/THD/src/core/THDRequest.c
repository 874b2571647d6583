/* Requests: their life, and messages of two ranks. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/THDCore.h"

THDRequest *thd_newRequest(THDWorld *world, THDGroup *group)
{
    THDRequest *const self = calloc(1, sizeof *self);
    if (self == NULL) {
        THStatus_fail(TH_ERR_MEMORY, "[distributed] no memory for a request");
        return NULL;
    }
    self->references = 1;
    self->world = world;
    self->group = group;
    self->peer = -1;
    __atomic_add_fetch(&world->references, 1, __ATOMIC_RELAXED);
    return self;
}

static void bury(THDRequest *self)
{
    THTensor_free(self->dense);
    THTensor_free(self->target);
    free(self->failure);
    THDWorld *const world = self->world;
    free(self);
    thd_release(world);
}

void thd_buryAll(THDRequest *graves)
{
    while (graves != NULL) {
        THDRequest *const next = graves->next;
        bury(graves);
        graves = next;
    }
}

static bool is_last(THDRequest *self)
{
    return __atomic_sub_fetch(&self->references, 1, __ATOMIC_ACQ_REL) == 0;
}

void thd_releaseRequest(THDRequest *self)
{
    if (is_last(self)) bury(self);
}

static void settle(THDRequest *self, THDState state)
{
    THDWorld *const world = self->world;
    self->state = state;
    self->at = THDAt_NOWHERE;
    if (world->waiting > 0) pthread_cond_broadcast(&world->changed);
    if (world->driven && world->driven_for == self) thd_wakeDriverLocked(world);
    if (self->kept) { /* somebody else has a reference to the world: this one is never its last */
        self->kept = false;
        if (is_last(self)) {
            self->next = world->graves;
            world->graves = self;
        }
    }
}

void thd_keepLocked(THDRequest *self)
{
    self->kept = true;
    __atomic_add_fetch(&self->references, 1, __ATOMIC_RELAXED);
}

void thd_doneLocked(THDRequest *self)
{
    if (self->state != THDState_PENDING) return;
    if (!self->sends && self->target != NULL) {
        const THStatus status = THTensor_copy(self->target, self->dense);
        if (status != TH_OK) {
            thd_failLocked(self, status, THStatus_message());
            return;
        }
    }
    settle(self, THDState_DONE);
}

void thd_failLocked(THDRequest *self, THStatus status, const char *text)
{
    if (self->state != THDState_PENDING) return;
    self->status = status;
    self->failure = strdup(text);
    settle(self, THDState_FAILED);
}

static void unlink_from(THDRequest **list, const THDRequest *self)
{
    while (*list != NULL && *list != self) list = &(*list)->next;
    if (*list != NULL) *list = self->next;
}

void thd_withdrawLocked(THDRequest *self)
{
    THDWorld *const world = self->world;
    switch (self->at) {
    case THDAt_POSTED:
        unlink_from(&world->posted, self);
        break;
    case THDAt_GRANTED:
        unlink_from(&world->granted, self);
        break;
    case THDAt_ASKED:
        unlink_from(&world->peers[self->peer].asked, self);
        break;
    case THDAt_QUEUED:
        thd_unqueueLocked(world, self);
        break;
    case THDAt_CLAIMED:
        for (THDMessage *m = world->messages; m != NULL; m = m->next)
            if (m->claimed == self) m->claimed = NULL;
        break;
    case THDAt_READING:
        for (int rank = 0; rank < world->size; rank++) {
            THDPeer *const peer = &world->peers[rank];
            if (peer->reading == self) peer->sink = NULL, peer->reading = NULL;
        }
        break;
    case THDAt_NOWHERE:
        break;
    }
    self->at = THDAt_NOWHERE;
}

void thd_startLocked(THDRequest *self)
{
    THDWorld *const world = self->world;
    if (self->peer != THD_ANY_RANK && world->peers[self->peer].gone && self->sends) {
        char name[THD_NAME], text[THD_TEXT];
        snprintf(text, sizeof text, "[%s] %s is gone: %s", thd_callNames[self->header.call],
                 thd_nameOf(world, self->peer, name), world->peers[self->peer].reason);
        thd_failLocked(self, TH_ERR_STATE, text);
        return;
    }
    if (!self->sends) {
        thd_postLocked(self);
        return;
    }
    self->header.magic = THD_HEADER_MAGIC;
    self->header.id = ++world->next_id;
    THStatus status = TH_OK;
    thd_keepLocked(self);
    if (self->peer == world->rank) {
        status = thd_deliverLocked(self);
    } else if (self->header.nbytes <= THD_EAGER) {
        self->header.kind = THDKind_EAGER;
        status = thd_queueLocked(world, self->peer, &self->header, self->data, self);
    } else {
        self->header.kind = THDKind_ASK;
        self->at = THDAt_ASKED;
        self->next = world->peers[self->peer].asked;
        world->peers[self->peer].asked = self;
        status = thd_queueLocked(world, self->peer, &self->header, NULL, NULL);
    }
    if (status != TH_OK) {
        thd_withdrawLocked(self);
        thd_failLocked(self, status, THStatus_message());
    }
}

const char *thd_opOf(const THDRequest *self)
{
    return self->header.call == THDCall_SEND && !self->sends ? "recv" : thd_callNames[self->header.call];
}

THStatus thd_outcome(const THDRequest *self)
{
    if (self->state == THDState_DONE) return TH_OK;
    const char *why = self->failure == NULL ? NULL : strchr(self->failure, ']');
    return THStatus_fail(self->status, "[%s]%s", thd_opOf(self), why == NULL ? " no memory for the reason" : why + 1);
}

/* --- messages of two ranks ------------------------------------------------------------------------------------------- */

static THStatus check_message(const THDGroup *group, const THTensor *tensor, int rank, bool sends)
{
    const char *op = sends ? "send" : "recv";
    THDWorld *const world = group->world;
    TH_TRY(thd_alive(world, op));
    TH_FAIL_IF(group->index < 0, TH_ERR_VALUE, "[%s] rank %d is none of the %d members of this group", op, world->rank,
               group->size);
    const bool known = (!sends && rank == THD_ANY_RANK) || THDGroup_indexOf(group, rank) >= 0;
    TH_FAIL_IF(!known, TH_ERR_VALUE, "[%s] rank %d, must be a member of the group (of %d of the %d ranks)", op, rank,
               group->size, world->size);
    TH_FAIL_IF(tensor->storage == NULL, TH_ERR_VALUE, "[%s] tensor has no elements and no dtype", op);
    return TH_OK;
}

/* The memory that travels: the tensor's own if it is contiguous, else a copy. */
static THStatus attach(THDRequest *self, THTensor *tensor)
{
    self->dense = THTensor_isContiguous(tensor) || self->sends
                      ? THTensor_newContiguous(tensor)
                      : THTensor_newWithSize((THDtype)tensor->dtype, tensor->ndim, tensor->size);
    if (self->dense == NULL) return THStatus_last();
    if (!self->sends && self->dense != tensor) {
        THTensor_retain(tensor);
        self->target = tensor;
    }
    self->data = THTensor_dataBytes(self->dense);
    /* Counts as a write already now: the bytes come at any moment. */
    return self->sends ? TH_OK : THTensor_output(tensor, "recv", (THDtype)tensor->dtype, tensor->ndim, tensor->size);
}

static THDRequest *new_message(THDGroup *group, THTensor *tensor, int rank, bool sends)
{
    if (check_message(group, tensor, rank, sends) != TH_OK) return NULL;
    THDRequest *const self = thd_newRequest(group->world, group);
    if (self == NULL) return NULL;
    self->sends = sends;
    self->peer = rank;
    if (attach(self, tensor) != TH_OK) {
        thd_releaseRequest(self);
        return NULL;
    }
    self->header = (THDHeader){.call = THDCall_SEND,
                               .dtype = tensor->dtype,
                               .group = group->id,
                               .count = tensor->numel,
                               .nbytes = tensor->numel * THDtype_itemsize((THDtype)tensor->dtype)};
    thd_lock(group->world);
    thd_startLocked(self);
    thd_unlock(group->world);
    return self;
}

THDRequest *THDGroup_newSend(THDGroup *group, THTensor *tensor, int to)
{
    return new_message(group, tensor, to, true);
}

THDRequest *THDGroup_newReceive(THDGroup *group, THTensor *tensor, int from)
{
    return new_message(group, tensor, from, false);
}

bool THDRequest_isDone(THDRequest *self)
{
    if (self->world->forked) return true;
    thd_lock(self->world);
    const bool done = self->state != THDState_PENDING;
    thd_unlock(self->world);
    return done;
}

static void give_up(THDRequest *self)
{
    THDWorld *const world = self->world;
    char name[THD_NAME], text[THD_TEXT];
    const char *what = self->sends ? "has not taken a message" : "has not sent a message";
    const char *who = self->peer == THD_ANY_RANK ? "no rank of the group" : thd_nameOf(world, self->peer, name);
    if (self->peer == THD_ANY_RANK) what = "has sent a message";
    snprintf(text, sizeof text, "[%s] timed out: %s %s of %lld elements of %s within %.3g s", self->sends ? "send" : "recv",
             who, what, (long long)self->header.count, THDtype_pythonName((THDtype)self->header.dtype), world->timeout);
    thd_withdrawLocked(self);
    thd_failLocked(self, TH_ERR_STATE, text);
}

THStatus THDRequest_wait(THDRequest *self)
{
    THDWorld *const world = self->world;
    TH_FAIL_IF(world->forked, TH_ERR_STATE, "[wait] this process is a fork of rank %d and has no part in its calls",
               world->rank);
    thd_lock(world);
    /* A collective call keeps its own time. */
    const double deadline = self->job != NULL ? INFINITY : thd_now() + world->timeout;
    thd_driveLocked(world, self, deadline);
    if (self->state == THDState_PENDING && thd_now() < deadline) { /* goes on, and can be waited for again */
        thd_unlock(world);
        return THStatus_fail(TH_ERR_STATE, "[%s] interrupted", thd_opOf(self));
    }
    if (self->state == THDState_PENDING) give_up(self);
    const THStatus status = thd_outcome(self);
    thd_unlock(world);
    return status;
}

int THDRequest_rank(const THDRequest *self)
{
    return self->peer;
}

void THDRequest_free(THDRequest *self)
{
    if (self == NULL) return;
    THDWorld *const world = self->world;
    if (!world->forked) {
        thd_lock(world);
        if (self->state == THDState_PENDING && !self->sends && self->job == NULL) {
            thd_withdrawLocked(self);
            thd_failLocked(self, TH_ERR_STATE, "[recv] given up");
        }
        thd_unlock(world);
    }
    thd_releaseRequest(self);
}
