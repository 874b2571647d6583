/* Sockets with deadlines: making them, and moving whole blocks while nothing else goes on. */
#ifndef THD_SOCKET_H
#define THD_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "TH/THStatus.h"

#define THD_ADDRESS 64 /* room for a numeric address */

/* Seconds of a clock that nobody sets. */
double thd_now(void);
/* What is left until `deadline` as poll() wants it: milliseconds, rounded up, 0 if it is over. */
int thd_milliseconds(double deadline);
/* The same, but not longer than until it is time to ask thd_interrupted again. */
int thd_slice(double deadline);
bool thd_interrupted(void);
void thd_close(int *fd);

/* Connects, trying again while nobody listens there. */
THStatus thd_connect(const char *host, int port, double deadline, int *fd);
/* All of it before the deadline, or false (errno is ETIMEDOUT, EINTR, or 0 where the other end has closed). */
bool thd_readWhole(int fd, void *data, size_t nbytes, double deadline);
bool thd_writeWhole(int fd, const void *data, size_t nbytes, double deadline);
/* The numeric address and the port of this end. */
THStatus thd_ownAddress(int fd, char address[THD_ADDRESS], int *port);
/* For messages: no delay, large buffers, a peer whose machine has vanished is noticed, reads and writes never wait. */
void thd_makePeer(int fd);

#endif
