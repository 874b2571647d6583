#define _GNU_SOURCE
#include "net/THDRendezvous.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC 0x54484431u /* "THD1": also the version of what travels */
#define PENDING 64        /* connections that have not said yet who they are; strangers may be among them */

static const char *const OP = "init_process_group";

/* The answer of rank 0: a text if it failed, else the hellos of all follow. */
typedef struct Answer {
    uint32_t magic;
    uint32_t failed;
    char text[512];
} Answer;

typedef struct Meeting {
    const THDPlace *place;
    THDHello own;
    THDHello *hellos;
    int *fds;
    int missing;
    double deadline;
} Meeting;

static void introduce(Meeting *self)
{
    self->own = (THDHello){.magic = MAGIC, .rank = self->place->rank, .size = self->place->size, .pid = (int32_t)getpid()};
    gethostname(self->own.host, sizeof self->own.host - 1);
}

/* "2, 3" */
static const char *missing_ranks(const Meeting *self, char *text, size_t room)
{
    size_t used = 0;
    text[0] = 0;
    for (int rank = 0; rank < self->place->size && used + 16 < room; rank++) {
        if (rank == self->place->rank || self->fds[rank] >= 0 || (self->place->rank > 0 && rank < self->place->rank)) continue;
        used += (size_t)snprintf(text + used, room - used, "%s%d", used > 0 ? ", " : "", rank);
    }
    return text;
}

/* A connection has said who it is. Strangers, and those of other jobs, are shown out. */
static THStatus welcome(Meeting *self, const THDHello *hello, int fd)
{
    const int rank = hello->rank;
    const bool known = hello->magic == MAGIC && (self->place->rank == 0 || hello->job == self->own.job);
    if (!known) {
        close(fd);
        return TH_OK;
    }
    const bool fits = hello->size == self->place->size && rank > self->place->rank && rank < self->place->size;
    const bool twice = fits && self->fds[rank] >= 0;
    if (fits && !twice) {
        self->hellos[rank] = *hello;
        self->fds[rank] = fd;
        self->missing--;
        return TH_OK;
    }
    char text[256];
    if (twice)
        snprintf(text, sizeof text, "rank %d came twice: process %d on %s and process %d on %s", rank, self->hellos[rank].pid,
                 self->hellos[rank].host, hello->pid, hello->host);
    else
        snprintf(text, sizeof text, "process %d on %.63s came as rank %d of %d, but rank %d has a world of %d", hello->pid,
                 hello->host, rank, hello->size, self->place->rank, self->place->size);
    Answer answer = {.magic = MAGIC, .failed = 1};
    snprintf(answer.text, sizeof answer.text, "%s", text);
    thd_writeWhole(fd, &answer, sizeof answer, thd_now() + 1);
    close(fd);
    return THStatus_fail(TH_ERR_VALUE, "[%s] %s; each process needs a rank of its own, and all the same world size", OP, text);
}

typedef struct Pending {
    struct pollfd poll[PENDING + 1]; /* the listener is the first */
    THDHello hello[PENDING + 1];
    size_t got[PENDING + 1];
    int count;
} Pending;

static THStatus hear(Meeting *self, Pending *pending, int i)
{
    const int fd = pending->poll[i].fd;
    const ssize_t n = recv(fd, (char *)&pending->hello[i] + pending->got[i], sizeof(THDHello) - pending->got[i], MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return TH_OK;
    if (n > 0) pending->got[i] += (size_t)n;
    if (n > 0 && pending->got[i] < sizeof(THDHello)) return TH_OK;
    const THDHello hello = pending->hello[i];
    const int last = --pending->count;
    pending->poll[i] = pending->poll[last];
    pending->hello[i] = pending->hello[last];
    pending->got[i] = pending->got[last];
    if (n > 0) return welcome(self, &hello, fd);
    close(fd);
    return TH_OK;
}

static void admit(Pending *pending, int listener)
{
    const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    if (pending->count > PENDING) { /* full of connections that say nothing: the oldest goes */
        close(pending->poll[1].fd);
        const int last = --pending->count;
        pending->poll[1] = pending->poll[last];
        pending->hello[1] = pending->hello[last];
        pending->got[1] = pending->got[last];
    }
    pending->poll[pending->count] = (struct pollfd){.fd = fd, .events = POLLIN};
    pending->got[pending->count++] = 0;
}

/* Waits for all ranks above one's own. */
static THStatus collect(Meeting *self, int listener)
{
    Pending *const pending = calloc(1, sizeof *pending);
    TH_FAIL_IF(pending == NULL, TH_ERR_MEMORY, "[%s] no memory for %d connections", OP, PENDING);
    pending->poll[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    pending->count = 1;
    THStatus status = TH_OK;
    const double start = thd_now();
    while (status == TH_OK && self->missing > 0) {
        const int ready = poll(pending->poll, (nfds_t)pending->count, thd_slice(self->deadline));
        if (ready <= 0 && thd_interrupted()) {
            status = THStatus_fail(TH_ERR_STATE, "[%s] interrupted", OP);
            break;
        }
        if (ready == 0 && thd_now() >= self->deadline) {
            char ranks[128];
            status = THStatus_fail(TH_ERR_STATE, "[%s] rank %d has waited %.3g s for %d of %d processes: rank %s did not come",
                                   OP, self->place->rank, thd_now() - start, self->missing, self->place->size,
                                   missing_ranks(self, ranks, sizeof ranks));
            break;
        }
        if (ready <= 0) continue;
        for (int i = pending->count - 1; i > 0 && status == TH_OK; i--) {
            if (pending->poll[i].revents != 0) status = hear(self, pending, i);
        }
        if (pending->poll[0].revents != 0) admit(pending, listener);
    }
    for (int i = 1; i < pending->count; i++) close(pending->poll[i].fd);
    free(pending);
    return status;
}

/* Rank 0: all come here, and are told of each other. */
static THStatus receive_all(Meeting *self, int *listener)
{
    const THDPlace *place = self->place;
    int port = place->port;
    if (place->listener >= 0)
        *listener = place->listener;
    else
        TH_TRY(THD_listen(place->host, &port, listener));
    TH_FAIL_IF(getrandom(&self->own.job, sizeof self->own.job, 0) != sizeof self->own.job, TH_ERR_STATE,
               "[%s] no random number: %s", OP, strerror(errno));
    self->own.job |= 1; /* 0 stands for one that is not known */
    TH_TRY(thd_ownAddress(*listener, self->own.address, &self->own.port));
    self->hellos[0] = self->own;
    self->missing = place->size - 1;
    const THStatus status = collect(self, *listener);
    Answer answer = {.magic = MAGIC, .failed = status != TH_OK};
    if (status != TH_OK) snprintf(answer.text, sizeof answer.text, "%.500s", THStatus_message());
    for (int rank = 1; rank < place->size; rank++) {
        if (self->fds[rank] < 0) continue;
        thd_writeWhole(self->fds[rank], &answer, sizeof answer, thd_now() + 5);
        if (status == TH_OK &&
            !thd_writeWhole(self->fds[rank], self->hellos, sizeof(THDHello) * (size_t)place->size, self->deadline))
            return THStatus_fail(TH_ERR_STATE, "[%s] rank %d on %s is gone before all have met: %s", OP, rank,
                                 self->hellos[rank].host, errno == 0 ? "it closed the connection" : strerror(errno));
    }
    return status;
}

/* The others: to rank 0, then to each rank below; those above come here. */
static THStatus join(Meeting *self, int *listener)
{
    const THDPlace *place = self->place;
    TH_TRY(thd_connect(place->host, place->port, self->deadline, &self->fds[0]));
    TH_TRY(thd_ownAddress(self->fds[0], self->own.address, &self->own.port));
    self->own.port = 0;
    TH_TRY(THD_listen(self->own.address, &self->own.port, listener));
    Answer answer = {.magic = 0};
    const bool heard = thd_writeWhole(self->fds[0], &self->own, sizeof self->own, self->deadline) &&
                       thd_readWhole(self->fds[0], &answer, sizeof answer, self->deadline);
    TH_FAIL_IF(!heard && errno == ETIMEDOUT, TH_ERR_STATE,
               "[%s] rank %d has waited for rank 0 at %s port %d, which waits for others, for %.3g s", OP, place->rank,
               place->host, place->port, place->timeout);
    TH_FAIL_IF(!heard || answer.magic != MAGIC, TH_ERR_STATE,
               "[%s] what listens at %s port %d is not rank 0 of this job, or has ended (%s)", OP, place->host, place->port,
               heard        ? "it speaks otherwise"
               : errno == 0 ? "it closed the connection"
                            : strerror(errno));
    answer.text[sizeof answer.text - 1] = 0;
    TH_FAIL_IF(answer.failed != 0, TH_ERR_STATE, "[%s] rank 0 gave up: %s", OP, answer.text);
    TH_FAIL_IF(!thd_readWhole(self->fds[0], self->hellos, sizeof(THDHello) * (size_t)place->size, self->deadline), TH_ERR_STATE,
               "[%s] rank 0 on %s is gone before all have met", OP, place->host);
    self->own.job = self->hellos[0].job;
    for (int rank = 1; rank < place->rank; rank++) {
        const THDHello *other = &self->hellos[rank];
        TH_TRY(thd_connect(other->address, other->port, self->deadline, &self->fds[rank]));
        TH_FAIL_IF(!thd_writeWhole(self->fds[rank], &self->own, sizeof self->own, self->deadline), TH_ERR_STATE,
                   "[%s] rank %d on %s is gone before all have met", OP, rank, other->host);
    }
    self->missing = place->size - 1 - place->rank;
    return collect(self, *listener);
}

THStatus thd_meet(const THDPlace *place, THDHello *hellos, int *fds)
{
    Meeting self = {.place = place, .hellos = hellos, .fds = fds, .deadline = thd_now() + place->timeout};
    int listener = -1;
    for (int rank = 0; rank < place->size; rank++) fds[rank] = -1;
    introduce(&self);
    const THStatus status = place->rank == 0 ? receive_all(&self, &listener) : join(&self, &listener);
    thd_close(&listener);
    if (status != TH_OK) {
        for (int rank = 0; rank < place->size; rank++) thd_close(&fds[rank]);
    }
    return status;
}
