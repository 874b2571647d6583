#define _GNU_SOURCE
#include "net/THDSocket.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "THD/THD.h"

static const char *const OP = "init_process_group";

double thd_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int thd_milliseconds(double deadline)
{
    const double left = ceil(1e3 * (deadline - thd_now()));
    return left < 0 ? 0 : left > 1e6 ? 1000000 : (int)left;
}

static _Thread_local bool (*interrupt)(void);

void THD_setInterrupt(bool (*interrupted)(void))
{
    interrupt = interrupted;
}

bool thd_interrupted(void)
{
    return interrupt != NULL && interrupt();
}

int thd_slice(double deadline)
{
    const int left = thd_milliseconds(deadline);
    return interrupt != NULL && left > 200 ? 200 : left;
}

void thd_close(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static THStatus resolve(const char *host, int port, struct addrinfo **found)
{
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    const int error = getaddrinfo(host, service, &hints, found);
    TH_FAIL_IF(error != 0, TH_ERR_VALUE, "[%s] host %s: %s", OP, host, gai_strerror(error));
    return TH_OK;
}

THStatus THD_listen(const char *host, int *port, int *listener)
{
    TH_FAIL_IF(*port < 0 || *port > 65535, TH_ERR_VALUE, "[%s] port %d, must be 0 .. 65535", OP, *port);
    struct addrinfo *found;
    TH_TRY(resolve(host, *port, &found));
    const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1; /* connections of an earlier job that linger are no reason to refuse; one that listens is */
    const bool made = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                      bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0;
    const int error = errno;
    freeaddrinfo(found);
    char address[THD_ADDRESS];
    if (made && thd_ownAddress(fd, address, port) == TH_OK) {
        *listener = fd;
        return TH_OK;
    }
    if (fd >= 0) close(fd);
    const char *next = error == EADDRINUSE      ? "; another process listens there: choose another port"
                       : error == EADDRNOTAVAIL ? "; rank 0 listens, and has to run on that host"
                                                : "";
    return THStatus_fail(TH_ERR_STATE, "[%s] cannot listen at %s port %d: %s%s", OP, host, *port, strerror(error), next);
}

static int connect_once(const struct addrinfo *where, double deadline)
{
    const int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    int error = connect(fd, where->ai_addr, where->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        struct pollfd poller = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof error;
        if (poll(&poller, 1, thd_milliseconds(deadline)) <= 0)
            error = ETIMEDOUT;
        else
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) return fd;
    close(fd);
    errno = error;
    return -1;
}

THStatus thd_connect(const char *host, int port, double deadline, int *fd)
{
    const double start = thd_now();
    struct addrinfo *found;
    TH_TRY(resolve(host, port, &found));
    int error = 0;
    *fd = -1;
    for (long pause = 1000000;;) {
        for (const struct addrinfo *each = found; each != NULL && *fd < 0; each = each->ai_next) {
            *fd = connect_once(each, deadline);
            if (*fd < 0) error = errno;
        }
        if (*fd >= 0 || thd_now() >= deadline) break;
        if (thd_interrupted()) {
            error = EINTR;
            break;
        }
        nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
        if (pause < 100000000) pause *= 2;
    }
    freeaddrinfo(found);
    TH_FAIL_IF(*fd < 0, TH_ERR_STATE, "[%s] nobody answers at %s port %d after %.3g s (%s); is rank 0 running there?", OP, host,
               port, thd_now() - start, strerror(error));
    return TH_OK;
}

static bool whole(int fd, void *data, size_t nbytes, double deadline, bool reads)
{
    for (size_t done = 0; done < nbytes;) {
        const ssize_t moved = reads ? recv(fd, (char *)data + done, nbytes - done, MSG_DONTWAIT)
                                    : send(fd, (char *)data + done, nbytes - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (moved > 0) {
            done += (size_t)moved;
            continue;
        }
        if (moved == 0) errno = 0;
        if (moved == 0 || (errno != EAGAIN && errno != EINTR)) return false;
        struct pollfd poller = {.fd = fd, .events = reads ? POLLIN : POLLOUT};
        const int ready = poll(&poller, 1, thd_slice(deadline));
        const bool stopped = ready <= 0 && thd_interrupted();
        if (stopped || (ready == 0 && thd_now() >= deadline)) {
            errno = stopped ? EINTR : ETIMEDOUT;
            return false;
        }
    }
    return true;
}

bool thd_readWhole(int fd, void *data, size_t nbytes, double deadline)
{
    return whole(fd, data, nbytes, deadline, true);
}

bool thd_writeWhole(int fd, const void *data, size_t nbytes, double deadline)
{
    return whole(fd, (void *)data, nbytes, deadline, false);
}

THStatus thd_ownAddress(int fd, char address[THD_ADDRESS], int *port)
{
    struct sockaddr_storage own;
    socklen_t size = sizeof own;
    char service[16];
    const bool known = getsockname(fd, (struct sockaddr *)&own, &size) == 0 &&
                       getnameinfo((struct sockaddr *)&own, size, address, THD_ADDRESS, service, sizeof service,
                                   NI_NUMERICHOST | NI_NUMERICSERV) == 0;
    TH_FAIL_IF(!known, TH_ERR_STATE, "[%s] the address of a socket cannot be found out: %s", OP, strerror(errno));
    int number = 0;
    for (const char *digit = service; *digit != 0; digit++) number = 10 * number + (*digit - '0');
    *port = number;
    return TH_OK;
}

void thd_makePeer(int fd)
{
    const int on = 1, idle = 10, interval = 5, probes = 3, buffer = 4 << 20;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}
