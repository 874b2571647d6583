/* Process groups: tensors between processes, over sockets.
 *
 * A world is a number of processes, each with a rank from 0 on, every two of them connected. A group is a subset of a world's
 * ranks in a given order; calls of one group do not meet those of another. All ranks of a group make the same calls in the
 * same order; each message says what call it is part of, so that two ranks that disagree are told how.
 *
 * A rank here is always a rank of the world, also where a group has fewer members.
 * Tensors may have any dtype and any strides, and no elements. A result is the same on every rank, to the bit.
 * A call fails if a rank it needs is gone (its name is in the message), if the time of its world is over, or if ranks disagree:
 * TH_ERR_STATE. A collective call that failed leaves its group unusable, on all ranks; other groups go on.
 *
 * Functions may be called from any thread. In a forked child a world does not exist: its sockets are closed there, and every
 * call fails. */
#ifndef THD_H
#define THD_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/TH.h"

#define THD_ANY_RANK (-1) /* a receive from whoever sends first */

typedef struct THDWorld THDWorld;
typedef struct THDGroup THDGroup;
typedef struct THDRequest THDRequest;

typedef enum THDReduce {
    THDReduce_SUM,
    THDReduce_PRODUCT,
    THDReduce_MIN, /* nan wins, as in THTensor_cmin */
    THDReduce_MAX,
    THDReduce_Count
} THDReduce;

/* Order is part of what travels: append only. */
typedef enum THDCallKind {
    THDCall_SEND, /* messages of two ranks; not for THDGroup_run */
    THDCall_BARRIER,
    THDCall_AGREE, /* all pass the same `value`, or the call fails */
    THDCall_BROADCAST,
    THDCall_ALL_REDUCE,
    THDCall_REDUCE,
    THDCall_ALL_GATHER,
    THDCall_GATHER,
    THDCall_SCATTER,
    THDCall_Count
} THDCallKind;

/* A collective call. What a kind does not name is not read. */
typedef struct THDCall {
    THDCallKind kind;
    THTensor *tensor; /* BROADCAST, ALL_REDUCE: in and out. REDUCE: in, and out at root. GATHER, ALL_GATHER: in. SCATTER: out */
    THTensor *const *list; /* one for each member, in the group's order, of tensor's dtype and number of elements.
                              ALL_GATHER, GATHER at root: out. SCATTER at root: in */
    int list_length;
    int root;         /* BROADCAST, REDUCE, GATHER, SCATTER */
    THDReduce reduce; /* ALL_REDUCE, REDUCE */
    int64_t value;    /* AGREE */
} THDCall;

/* How a process finds its world. */
typedef struct THDPlace {
    int rank; /* 0 .. size-1 */
    int size;
    const char *host; /* where rank 0 listens: a name or an address, which at rank 0 is one of its own */
    int port;
    int listener;   /* rank 0: a socket of THD_listen, which is taken over; or -1, and host and port are listened at */
    double timeout; /* seconds for the processes to meet, and for each call from then on; > 0 */
} THDPlace;

TH_BEGIN_DECLS

/* While this thread waits in a call, `interrupted` is asked a few times a second, with no lock held; true: the call is given
 * up. NULL: nobody is asked (the default). */
TH_API void THD_setInterrupt(bool (*interrupted)(void));

/* Listens at `host`, at `*port`, or where that is 0 at a free port, which is stored there. */
TH_API THStatus THD_listen(const char *host, int *port, int *listener);

/* Meets the other processes: returns when all `size` are connected. Processes listen at nothing but the interface that they
 * reach rank 0 through, and only until all have met. */
TH_API THDWorld *THDWorld_new(const THDPlace *place);
/* Says goodbye to the others, after what was sent has left (waits for that, at most `timeout` seconds). What is not finished
 * fails; every later call fails. */
TH_API void THDWorld_close(THDWorld *self, double timeout);
/* Closes (if it is not closed yet) and gives the reference back. Groups end with their world; requests may outlive it. */
TH_API void THDWorld_free(THDWorld *self);
TH_API int THDWorld_rank(const THDWorld *self);
TH_API int THDWorld_size(const THDWorld *self);

/* The group of all ranks. */
TH_API THDGroup *THDWorld_group(THDWorld *self);
/* The group of `ranks` (no rank twice; not more than there are). All processes of the world call this in the same order,
 * members or not; they are compared. The group belongs to the world; NULL on failure. */
TH_API THDGroup *THDWorld_addGroup(THDWorld *self, int size, const int *ranks);
TH_API int THDGroup_size(const THDGroup *self);
/* The index of a rank of the world in the group, -1 if it is none of its members. */
TH_API int THDGroup_indexOf(const THDGroup *self, int rank);
/* The rank of the world at an index. */
TH_API int THDGroup_rankAt(const THDGroup *self, int index);

/* --- collective calls ------------------------------------------------------------------------------------------------ */

/* Returns when this rank's part is done: its result is there, and its tensors are free to be changed. */
TH_API THStatus THDGroup_run(THDGroup *self, const THDCall *call);
/* The same in a thread of the group, after what was started before. The tensors are kept alive, and must not be touched until
 * the request is done. */
TH_API THDRequest *THDGroup_newStart(THDGroup *self, const THDCall *call);

/* --- messages of two ranks ------------------------------------------------------------------------------------------- */

/* Both sides name the same group; messages of one rank to another arrive in order. They go on without being waited for. A rank
 * may send to itself. */
TH_API THDRequest *THDGroup_newSend(THDGroup *self, THTensor *tensor, int to);
/* from: a rank, or THD_ANY_RANK. Fails if the message has another dtype or number of elements than `tensor`. */
TH_API THDRequest *THDGroup_newReceive(THDGroup *self, THTensor *tensor, int from);

/* Whether it is done or has failed; does not wait. */
TH_API bool THDRequest_isDone(THDRequest *self);
/* Waits for at most the world's timeout; after that the request is given up and has failed. */
TH_API THStatus THDRequest_wait(THDRequest *self);
/* The rank that a message came from, of a receive that is done; else the other rank, THD_ANY_RANK, or -1 for collectives. */
TH_API int THDRequest_rank(const THDRequest *self);
/* Gives the reference back. A send or collective call goes on; a receive that is not done is given up. */
TH_API void THDRequest_free(THDRequest *self);

TH_END_DECLS

#endif
