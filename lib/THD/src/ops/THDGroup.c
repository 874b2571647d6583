/* Groups: who is in them, the order of their calls, and the thread for those that nobody waits for. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/THDCollective.h"

typedef struct THDJob {
    struct THDJob *next;
    THDCall call;
    THDRequest *request;
    THTensor *list[];
} THDJob;

THDGroup *thd_newGroup(THDWorld *world, int size, const int *ranks)
{
    THDGroup *const self = calloc(1, sizeof *self + sizeof(int) * (size_t)size);
    if (self == NULL) return NULL;
    self->world = world;
    self->size = size;
    memcpy(self->ranks, ranks, sizeof(int) * (size_t)size);
    self->index = THDGroup_indexOf(self, world->rank);
    pthread_mutex_init(&self->turn, NULL);
    pthread_cond_init(&self->work, NULL);
    return self;
}

void thd_freeGroup(THDGroup *self)
{
    pthread_mutex_destroy(&self->turn);
    pthread_cond_destroy(&self->work);
    free(self->failure);
    free(self);
}

int THDGroup_size(const THDGroup *self)
{
    return self->size;
}

int THDGroup_indexOf(const THDGroup *self, int rank)
{
    for (int i = 0; i < self->size; i++)
        if (self->ranks[i] == rank) return i;
    return -1;
}

int THDGroup_rankAt(const THDGroup *self, int index)
{
    return index >= 0 && index < self->size ? self->ranks[index] : -1;
}

THDGroup *THDWorld_group(THDWorld *world)
{
    THDGroup *group = world->groups;
    while (group->id != 0) group = group->next;
    return group;
}

static THStatus check_ranks(THDWorld *world, int size, const int *ranks)
{
    TH_TRY(thd_alive(world, "new_group"));
    TH_FAIL_IF(size < 1 || size > world->size, TH_ERR_VALUE, "[new_group] %d ranks, must be 1 .. %d (the world's)", size,
               world->size);
    for (int i = 0; i < size; i++) {
        TH_FAIL_IF(ranks[i] < 0 || ranks[i] >= world->size, TH_ERR_VALUE, "[new_group] rank %d, must be 0 .. %d", ranks[i],
                   world->size - 1);
        for (int j = 0; j < i; j++)
            TH_FAIL_IF(ranks[i] == ranks[j], TH_ERR_VALUE, "[new_group] rank %d stands there twice", ranks[i]);
    }
    return TH_OK;
}

/* FNV-1a of the ranks: what the processes compare. */
static int64_t number_of(int size, const int *ranks)
{
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < size; i++) hash = (hash ^ (uint64_t)ranks[i]) * 1099511628211u;
    return (int64_t)(hash >> 1);
}

THDGroup *THDWorld_addGroup(THDWorld *world, int size, const int *ranks)
{
    if (check_ranks(world, size, ranks) != TH_OK) return NULL;
    THDGroup *const self = thd_newGroup(world, size, ranks);
    if (self == NULL) {
        THStatus_fail(TH_ERR_MEMORY, "[new_group] no memory for %d ranks", size);
        return NULL;
    }
    /* Before the others are told: their first message may be here before we return. */
    thd_lock(world);
    self->id = ++world->next_group;
    self->next = world->groups;
    world->groups = self;
    thd_unlock(world);
    const THDCall agree = {.kind = THDCall_AGREE, .value = number_of(size, ranks)};
    /* On failure it stays, unused, where the world will free it: ids go on in step. */
    return THDGroup_run(THDWorld_group(world), &agree) == TH_OK ? self : NULL;
}

static void tell_members(THDGroup *self)
{
    for (int i = 0; i < self->size; i++) {
        const int rank = self->ranks[i];
        if (rank == self->world->rank || self->world->peers[rank].fd < 0) continue;
        const THDHeader header = {
            .kind = THDKind_ABORT, .group = self->id, .root = -1, .nbytes = (int64_t)strlen(self->failure)};
        thd_queueLocked(self->world, rank, &header, self->failure, NULL); /* without memory they find out by themselves */
    }
}

void thd_breakLocked(THDGroup *self, const char *text, bool tell)
{
    if (self->failure != NULL) return;
    self->failure = strdup(text);
    if (self->failure == NULL) return;
    for (THDRequest *each = self->open; each != NULL; each = each->sibling) {
        if (each->state != THDState_PENDING) continue;
        thd_withdrawLocked(each);
        thd_failLocked(each, TH_ERR_STATE, text);
    }
    if (tell) tell_members(self);
}

/* --- calls ----------------------------------------------------------------------------------------------------------- */

static void free_job(THDJob *job)
{
    THTensor_free(job->call.tensor);
    for (int i = 0; i < job->call.list_length; i++) THTensor_free(job->list[i]);
    free(job);
}

static void *work(void *context)
{
    THDGroup *const self = context;
    THDWorld *const world = self->world;
    thd_lock(world);
    for (;;) {
        while (self->first_job == NULL && !self->ends) pthread_cond_wait(&self->work, &world->lock);
        THDJob *const job = self->first_job;
        if (job == NULL) break;
        thd_unlock(world);
        pthread_mutex_lock(&self->turn);
        const THStatus status = thd_perform(self, &job->call);
        pthread_mutex_unlock(&self->turn);
        thd_lock(world);
        self->first_job = job->next;
        if (self->first_job == NULL) self->last_job = NULL;
        THDRequest *const request = job->request;
        request->job = NULL;
        if (status == TH_OK)
            thd_doneLocked(request);
        else
            thd_failLocked(request, status, THStatus_message());
        pthread_cond_broadcast(&world->changed);
        thd_unlock(world);
        thd_releaseRequest(request);
        free_job(job);
        thd_lock(world);
    }
    thd_unlock(world);
    return NULL;
}

static THDJob *new_job(THDGroup *self, const THDCall *call)
{
    const int length = call->list == NULL ? 0 : call->list_length;
    THDJob *const job = calloc(1, sizeof *job + sizeof(THTensor *) * (size_t)length);
    THDRequest *const request = job == NULL ? NULL : thd_newRequest(self->world, self);
    if (request == NULL) {
        THStatus_fail(TH_ERR_MEMORY, "[%s] no memory for a call", thd_callNames[call->kind]);
        free(job);
        return NULL;
    }
    job->call = *call;
    job->call.list_length = length;
    job->request = request;
    request->job = job;
    request->header.call = (uint8_t)call->kind;
    if (call->tensor != NULL) THTensor_retain(call->tensor);
    for (int i = 0; i < length; i++) {
        THTensor_retain(call->list[i]);
        job->list[i] = call->list[i];
    }
    if (length > 0) job->call.list = job->list;
    return job;
}

/* The request has two references: the job's and the caller's. */
static THStatus enqueue(THDGroup *self, THDJob *job)
{
    thd_lock(self->world);
    int error = 0;
    if (!self->threaded && !self->ends) error = pthread_create(&self->thread, NULL, work, self);
    self->threaded = self->threaded || (error == 0 && !self->ends);
    const bool taken = self->threaded && !self->ends;
    if (taken) {
        __atomic_add_fetch(&job->request->references, 1, __ATOMIC_RELAXED);
        if (self->first_job == NULL)
            self->first_job = job;
        else
            self->last_job->next = job;
        self->last_job = job;
        pthread_cond_signal(&self->work);
    }
    thd_unlock(self->world);
    TH_FAIL_IF(!taken, TH_ERR_STATE, "[%s] no thread can be started: %s", thd_callNames[job->call.kind],
               error == 0 ? "this rank has left its process group" : strerror(error));
    return TH_OK;
}

THDRequest *THDGroup_newStart(THDGroup *self, const THDCall *call)
{
    if (thd_checkCall(self, call) != TH_OK) return NULL;
    THDJob *const job = new_job(self, call);
    if (job == NULL) return NULL;
    THDRequest *const request = job->request;
    if (enqueue(self, job) == TH_OK) return request;
    thd_releaseRequest(request);
    free_job(job);
    return NULL;
}

THStatus THDGroup_run(THDGroup *self, const THDCall *call)
{
    TH_TRY(thd_checkCall(self, call));
    thd_lock(self->world);
    const bool behind = self->first_job != NULL;
    thd_unlock(self->world);
    if (!behind) {
        pthread_mutex_lock(&self->turn);
        const THStatus status = thd_perform(self, call);
        pthread_mutex_unlock(&self->turn);
        return status;
    }
    THDRequest *const request = THDGroup_newStart(self, call);
    if (request == NULL) return THStatus_last();
    const THStatus status = THDRequest_wait(request);
    THDRequest_free(request);
    return status;
}

void thd_endGroup(THDGroup *self, double deadline)
{
    THDWorld *const world = self->world;
    thd_lock(world);
    while (self->first_job != NULL && thd_now() < deadline && self->failure == NULL) {
        const THDRequest pending = {.state = THDState_PENDING};
        thd_driveLocked(world, &pending, thd_now() + 0.002);
    }
    if (self->first_job != NULL || self->active)
        thd_breakLocked(self, "[distributed] this rank has left its process group", true);
    self->ends = true;
    pthread_cond_broadcast(&self->work);
    thd_unlock(world);
    if (self->threaded) pthread_join(self->thread, NULL);
    self->threaded = false;
}
