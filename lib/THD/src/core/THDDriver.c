/* Who moves the bytes: a thread that waits, or while none does the world's own. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/THDCore.h"

#define WAKE_TOKEN UINT32_MAX
#define EVENTS 32
#define SPIN 4e-5      /* seconds for which a wait does not sleep: an answer is mostly there before a thread could be woken */
#define RESIGN 1000000 /* nanoseconds without a waiter, after which the world's own thread drives again */

void thd_watchLocked(THDWorld *world, int rank, bool writes)
{
    THDPeer *const peer = &world->peers[rank];
    struct epoll_event event = {.events = EPOLLIN | (writes ? (uint32_t)EPOLLOUT : 0u), .data.u32 = (uint32_t)rank};
    peer->wants_write = writes;
    epoll_ctl(world->epoll, EPOLL_CTL_MOD, peer->fd, &event);
}

void thd_wakeDriverLocked(THDWorld *world)
{
    const uint64_t one = 1;
    const ssize_t written = write(world->wake, &one, sizeof one);
    (void)written; /* fails only where the counter is full: then it wakes as well */
}

static void handle(THDWorld *world, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        const uint32_t token = events[i].data.u32;
        if (token == WAKE_TOKEN) {
            uint64_t wakes;
            const ssize_t got = read(world->wake, &wakes, sizeof wakes);
            (void)got; /* nothing to read: another thread was woken by it */
            continue;
        }
        if (world->peers[token].fd >= 0 && (events[i].events & EPOLLOUT) != 0) thd_flushLocked(world, (int)token);
        if (world->peers[token].fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT) != 0) thd_readLocked(world, (int)token);
    }
}

/* One look at the sockets; the lock is given away meanwhile. */
static void drive(THDWorld *world, const THDRequest *request, int milliseconds)
{
    struct epoll_event events[EVENTS];
    world->driven = true;
    world->driven_for = request;
    thd_unlock(world);
    const int count = epoll_wait(world->epoll, events, EVENTS, milliseconds);
    thd_lock(world);
    world->driven = false;
    world->driven_for = NULL;
    handle(world, events, count);
}

static void sleep_until(pthread_cond_t *condition, pthread_mutex_t *lock, double deadline)
{
    const struct timespec when = {.tv_sec = (time_t)deadline, .tv_nsec = (long)(1e9 * (deadline - (double)(time_t)deadline))};
    pthread_cond_timedwait(condition, lock, &when);
}

static bool stopped(THDWorld *world)
{
    thd_unlock(world);
    const bool asked = thd_interrupted();
    thd_lock(world);
    return asked;
}

bool thd_driveLocked(THDWorld *world, const THDRequest *request, double deadline)
{
    const double spins_until = thd_now() + SPIN;
    bool spins = true;
    world->waiting++;
    world->waits++;
    while (request->state == THDState_PENDING && !world->closed) {
        if (!world->driven) {
            if (thd_now() >= deadline) break;
            spins = spins && thd_now() < spins_until;
            drive(world, request, spins ? 0 : thd_slice(deadline));
        } else {
            spins = false;
            if (world->driven_alone) thd_wakeDriverLocked(world);
            if (thd_now() >= deadline) break;
            sleep_until(&world->changed, &world->lock, thd_now() + 1e-3 * thd_slice(deadline));
        }
        if (!spins && request->state == THDState_PENDING && stopped(world)) break;
    }
    world->waiting--;
    if (world->waiting > 0) pthread_cond_broadcast(&world->changed); /* another one drives now */
    return request->state != THDState_PENDING;
}

static void *drive_alone(void *context)
{
    THDWorld *const world = context;
    thd_lock(world);
    while (!world->closed) {
        const uint64_t before = world->waits;
        if (world->driven || world->waiting > 0) {
            sleep_until(&world->idle, &world->lock, thd_now() + 1e-9 * RESIGN);
            /* Waits that follow each other closely are left alone. */
            while (!world->closed && world->waits != before && world->waiting == 0) {
                const uint64_t seen = world->waits;
                sleep_until(&world->idle, &world->lock, thd_now() + 1e-9 * RESIGN);
                if (world->waits == seen) break;
            }
            continue;
        }
        world->driven_alone = true;
        drive(world, NULL, -1);
        world->driven_alone = false;
        if (world->waiting > 0) pthread_cond_broadcast(&world->changed);
    }
    thd_unlock(world);
    return NULL;
}

static bool add_to(int epoll, int fd, uint32_t token)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

THStatus thd_startDriver(THDWorld *world)
{
    world->epoll = epoll_create1(EPOLL_CLOEXEC);
    world->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool made = world->epoll >= 0 && world->wake >= 0 && add_to(world->epoll, world->wake, WAKE_TOKEN);
    for (int rank = 0; made && rank < world->size; rank++) {
        if (rank == world->rank) continue;
        thd_makePeer(world->peers[rank].fd);
        made = add_to(world->epoll, world->peers[rank].fd, (uint32_t)rank);
    }
    TH_FAIL_IF(!made, TH_ERR_STATE, "[init_process_group] the sockets of %d processes cannot be watched: %s", world->size,
               strerror(errno));
    const int error = pthread_create(&world->thread, NULL, drive_alone, world);
    TH_FAIL_IF(error != 0, TH_ERR_STATE, "[init_process_group] no thread can be started: %s", strerror(error));
    world->threaded = true;
    return TH_OK;
}

void thd_stopDriver(THDWorld *world)
{
    thd_lock(world);
    world->closed = true;
    thd_wakeDriverLocked(world);
    pthread_cond_broadcast(&world->idle);
    pthread_cond_broadcast(&world->changed);
    thd_unlock(world);
    if (world->threaded) pthread_join(world->thread, NULL);
    world->threaded = false;
}
