/* Worlds: their life, and what a fork leaves of them. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/THDCore.h"

static pthread_mutex_t all_worlds_lock = PTHREAD_MUTEX_INITIALIZER;
static THDWorld *all_worlds;

void thd_lock(THDWorld *world)
{
    pthread_mutex_lock(&world->lock);
}

void thd_unlock(THDWorld *world)
{
    THDRequest *const graves = world->graves;
    world->graves = NULL;
    pthread_mutex_unlock(&world->lock);
    thd_buryAll(graves);
}

static void before_fork(void)
{
    pthread_mutex_lock(&all_worlds_lock);
    for (THDWorld *each = all_worlds; each != NULL; each = each->next_world) thd_lock(each);
}

static void after_fork(void)
{
    for (THDWorld *each = all_worlds; each != NULL; each = each->next_world) pthread_mutex_unlock(&each->lock);
    pthread_mutex_unlock(&all_worlds_lock);
}

/* The child lets go of every socket: a connection ends when the rank itself closes it, whatever children it has. */
static void in_child(void)
{
    for (THDWorld *each = all_worlds; each != NULL; each = each->next_world) {
        each->forked = true;
        thd_close(&each->epoll);
        thd_close(&each->wake);
        for (int rank = 0; rank < each->size; rank++) thd_close(&each->peers[rank].fd);
    }
    after_fork();
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, in_child);
}

static void register_world(THDWorld *world)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&all_worlds_lock);
    world->next_world = all_worlds;
    all_worlds = world;
    pthread_mutex_unlock(&all_worlds_lock);
}

static void unregister_world(THDWorld *world)
{
    pthread_mutex_lock(&all_worlds_lock);
    THDWorld **each = &all_worlds;
    while (*each != NULL && *each != world) each = &(*each)->next_world;
    if (*each != NULL) *each = world->next_world;
    pthread_mutex_unlock(&all_worlds_lock);
}

THStatus thd_alive(THDWorld *world, const char *op)
{
    TH_FAIL_IF(
        world->forked, TH_ERR_STATE,
        "[%s] this process is a fork of rank %d and has no part in its calls: call this in the process that joined, or join "
        "in this one",
        op, world->rank);
    TH_FAIL_IF(world->closed, TH_ERR_STATE, "[%s] rank %d has left its process group", op, world->rank);
    return TH_OK;
}

const char *thd_nameOf(const THDWorld *world, int rank, char text[THD_NAME])
{
    const THDHello *hello = &world->hellos[rank];
    snprintf(text, THD_NAME, "rank %d (process %d on %.63s, %.63s)", rank, hello->pid, hello->host, hello->address);
    return text;
}

static void free_memory(THDWorld *world)
{
    for (THDGroup *group = world->groups, *next; group != NULL; group = next) {
        next = group->next;
        thd_freeGroup(group);
    }
    for (THDMessage *message = world->messages, *next; message != NULL; message = next) { /* that nobody received */
        next = message->next;
        free(message->data);
        free(message);
    }
    pthread_mutex_destroy(&world->lock);
    pthread_cond_destroy(&world->changed);
    pthread_cond_destroy(&world->idle);
    free(world->hellos);
    free(world->peers);
    free(world);
}

static THDWorld *allocate(const THDPlace *place)
{
    THDWorld *const world = calloc(1, sizeof *world);
    if (world == NULL) return NULL;
    *world = (THDWorld){
        .references = 1, .rank = place->rank, .size = place->size, .timeout = place->timeout, .epoll = -1, .wake = -1};
    pthread_mutex_init(&world->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&world->changed, &clock);
    pthread_cond_init(&world->idle, &clock);
    pthread_condattr_destroy(&clock);
    world->hellos = calloc((size_t)place->size, sizeof *world->hellos);
    world->peers = calloc((size_t)place->size, sizeof *world->peers);
    int *const ranks = malloc(sizeof *ranks * (size_t)place->size);
    for (int rank = 0; ranks != NULL && rank < place->size; rank++) ranks[rank] = rank;
    if (world->hellos != NULL && world->peers != NULL && ranks != NULL) world->groups = thd_newGroup(world, place->size, ranks);
    free(ranks);
    if (world->groups != NULL) return world;
    free_memory(world);
    return NULL;
}

static THStatus check_place(const THDPlace *place)
{
    TH_FAIL_IF(place->size < 1 || place->size > 65536, TH_ERR_VALUE, "[init_process_group] world_size %d, must be 1 .. 65536",
               place->size);
    TH_FAIL_IF(place->rank < 0 || place->rank >= place->size, TH_ERR_VALUE,
               "[init_process_group] rank %d, must be 0 .. %d (world_size - 1)", place->rank, place->size - 1);
    TH_FAIL_IF(!(place->timeout > 0), TH_ERR_VALUE, "[init_process_group] timeout %g s, must be above 0", place->timeout);
    return TH_OK;
}

THDWorld *THDWorld_new(const THDPlace *place)
{
    if (check_place(place) != TH_OK) {
        if (place->listener >= 0) close(place->listener);
        return NULL;
    }
    THDWorld *const world = allocate(place);
    int *const fds = malloc(sizeof *fds * (size_t)place->size);
    if (world == NULL || fds == NULL) {
        if (world != NULL) free_memory(world);
        free(fds);
        THStatus_fail(TH_ERR_MEMORY, "[init_process_group] no memory for %d processes", place->size);
        return NULL;
    }
    const THStatus status = thd_meet(place, world->hellos, fds);
    for (int rank = 0; rank < place->size; rank++) world->peers[rank].fd = fds[rank];
    free(fds);
    if (status != TH_OK) {
        free_memory(world);
        return NULL;
    }
    register_world(world);
    if (thd_startDriver(world) == TH_OK) return world;
    THDWorld_free(world);
    return NULL;
}

/* Short looks at the sockets, until nothing waits for this one. */
static void empty_queue(THDWorld *world, int rank, double deadline)
{
    const THDRequest pending = {.state = THDState_PENDING};
    THDPeer *const peer = &world->peers[rank];
    while (peer->fd >= 0 && (peer->first != NULL || peer->asked != NULL) && thd_now() < deadline)
        thd_driveLocked(world, &pending, thd_now() + 0.001);
}

/* What has been sent leaves, and after it the goodbye. */
static void say_goodbye(THDWorld *world, double deadline)
{
    const THDHeader bye = {.kind = THDKind_BYE, .root = -1};
    thd_lock(world);
    for (int rank = 0; rank < world->size; rank++) {
        empty_queue(world, rank, deadline);
        thd_queueLocked(world, rank, &bye, NULL, NULL);
        empty_queue(world, rank, deadline);
    }
    thd_unlock(world);
}

void THDWorld_close(THDWorld *world, double timeout)
{
    if (world->forked || world->closed) return;
    const double deadline = thd_now() + timeout;
    for (THDGroup *group = world->groups; group != NULL; group = group->next) thd_endGroup(group, deadline);
    say_goodbye(world, deadline);
    thd_stopDriver(world);
    thd_lock(world);
    for (int rank = 0; rank < world->size; rank++) {
        if (rank != world->rank) thd_goneLocked(world, rank, "this rank has left its process group");
    }
    while (world->posted != NULL) { /* receives from oneself */
        THDRequest *const each = world->posted;
        world->posted = each->next;
        thd_failLocked(each, TH_ERR_STATE, "[recv] this rank has left its process group");
    }
    thd_close(&world->epoll);
    thd_close(&world->wake);
    thd_unlock(world);
}

void THDWorld_free(THDWorld *world)
{
    if (world == NULL) return;
    THDWorld_close(world, 0);
    thd_release(world);
}

void thd_release(THDWorld *world)
{
    if (__atomic_sub_fetch(&world->references, 1, __ATOMIC_ACQ_REL) > 0) return;
    unregister_world(world);
    /* Of a fork's parent nothing is known but the memory: its locks may be held by threads that are not here. */
    if (!world->forked) free_memory(world);
}

int THDWorld_rank(const THDWorld *world)
{
    return world->rank;
}

int THDWorld_size(const THDWorld *world)
{
    return world->size;
}
