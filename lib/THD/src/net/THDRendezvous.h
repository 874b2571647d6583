/* How processes meet: each tells rank 0 where it listens, rank 0 tells all, and every two connect. */
#ifndef THD_RENDEZVOUS_H
#define THD_RENDEZVOUS_H

#include <stdint.h>

#include "THD/THD.h"
#include "net/THDSocket.h"

/* What a process says of itself, as it travels. All numbers in the machine's order: another one is noticed by `magic`. */
typedef struct THDHello {
    uint32_t magic;
    int32_t rank, size;
    int32_t pid;
    int32_t port; /* where it listens for ranks above its own */
    int32_t unused;
    uint64_t job; /* chosen by rank 0; 0 until it is known */
    char address[THD_ADDRESS];
    char host[64]; /* its name, for messages */
} THDHello;

/* Fills, for each rank, what it says and a connection to it (fds[place->rank] is -1). On failure nothing stays open. */
THStatus thd_meet(const THDPlace *place, THDHello *hellos, int *fds);

#endif
