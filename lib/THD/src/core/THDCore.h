/* The parts of a world. One lock guards everything in it; functions whose name ends in Locked are called with it held.
 *
 * Whoever waits for something moves the bytes (one thread at a time: the driver), so that a result needs no change of threads.
 * While nobody waits, the world's own thread does: sends and receives go on, and a peer that dies is noticed.
 *
 * Small messages are sent at once, and wait at the receiver for their receive. Large ones ask first: their bytes leave when the
 * receiver has a place for them, so that no memory fills up and no message blocks another on the same connection. */
#ifndef THD_CORE_H
#define THD_CORE_H

#include <pthread.h>
#include <stddef.h>

#include "THD/THD.h"
#include "net/THDRendezvous.h"

#define THD_EAGER (64 << 10)  /* bytes from which a message asks first */
#define THD_BUFFER (16 << 10) /* what is read at once of small messages */
#define THD_TURN (4 << 20)    /* bytes of one peer, then it is the next one's turn */
#define THD_TEXT 640          /* room for the message of a failure */
#define THD_NAME 224          /* room for "rank 1 (process 2 on host)" */
#define THD_HEADER_MAGIC 0x48445448u

typedef enum THDKind {
    THDKind_EAGER, /* the bytes follow */
    THDKind_ASK,   /* there are bytes */
    THDKind_GRANT, /* send those that you asked for */
    THDKind_DATA,  /* the bytes that were asked for follow */
    THDKind_ABORT, /* a collective call of the group has failed; the text follows */
    THDKind_BYE    /* the rank leaves as it should */
} THDKind;

/* In front of every message, as it travels. */
typedef struct THDHeader {
    uint32_t magic;
    uint8_t kind;   /* THDKind */
    uint8_t call;   /* THDCallKind */
    uint8_t dtype;  /* of the call's tensors */
    uint8_t reduce; /* THDReduce */
    uint32_t group;
    uint32_t sequence; /* which call of its group; of messages of two ranks 0 */
    int32_t root;
    uint32_t part;  /* which message of the call between these two ranks */
    int64_t count;  /* elements of the call's tensor */
    int64_t nbytes; /* of this message */
    uint64_t id;    /* of the sender's request, in ASK, GRANT, DATA */
} THDHeader;

typedef enum THDState { THDState_PENDING, THDState_DONE, THDState_FAILED } THDState;

/* Where a request is: each place is a list or a field that points to it. */
typedef enum THDPlaceOf {
    THDAt_NOWHERE,
    THDAt_POSTED,  /* receives that no message has come for */
    THDAt_GRANTED, /* receives whose bytes have been asked for */
    THDAt_CLAIMED, /* receives whose message is still being read into memory of its own */
    THDAt_READING, /* receives whose bytes come just now */
    THDAt_ASKED,   /* sends that wait for a grant */
    THDAt_QUEUED   /* sends that wait for the socket */
} THDPlaceOf;

struct THDRequest {
    int references; /* atomic */
    THDState state;
    bool sends;
    bool kept; /* has a reference of its own until it is done */
    THDPlaceOf at;
    THDWorld *world; /* one reference */
    THDGroup *group;
    int peer; /* rank, THD_ANY_RANK; -1 for collective calls */
    THDHeader header;
    char *data;
    THTensor *dense;  /* what `data` lies in, or NULL */
    THTensor *target; /* where `dense` goes at the end, or NULL */
    uint64_t granted; /* the id that the bytes will come with */
    THStatus status;
    char *failure;
    THDRequest *next;
    THDRequest *sibling; /* the next request of the same collective call */
    struct THDJob *job;  /* of collective calls in a thread */
};

/* Something to be sent: a header, and bytes that stay where they are until `request` is done, or are `owned`. */
typedef struct THDItem {
    struct THDItem *next;
    THDHeader header;
    const char *data;
    char *owned;
    THDRequest *request;
    int64_t moved; /* of header and bytes */
} THDItem;

/* Something that came before its receive. */
typedef struct THDMessage {
    struct THDMessage *next;
    int peer;
    THDHeader header; /* ASK: no bytes yet */
    char *data;
    bool whole;
    THDRequest *claimed; /* the receive that waits until it is whole */
} THDMessage;

typedef struct THDPeer {
    int fd; /* -1: gone, or this process itself */
    bool left, gone;
    bool wants_write;
    char reason[160]; /* why it is gone */
    THDItem *first, *last;
    THDRequest *asked;
    /* what is being read */
    THDHeader in;
    bool in_body; /* its header is there */
    int64_t in_moved;
    char *sink; /* NULL: nobody wants it */
    THDRequest *reading;
    THDMessage *message;
    char *text;        /* of an ABORT */
    size_t begin, end; /* of what the buffer holds */
    char buffer[THD_BUFFER];
} THDPeer;

struct THDGroup {
    THDWorld *world;
    THDGroup *next;
    uint32_t id;
    int size;
    int index; /* of this process; -1: none of the members */
    uint32_t sequence;
    bool active;                         /* a call is going on, ... */
    THDHeader sign;                      /* ... this one */
    char *failure;                       /* why no more calls are possible */
    THDRequest *open;                    /* the messages of the present call */
    pthread_mutex_t turn;                /* one call at a time */
    pthread_cond_t work;                 /* with the world's lock: jobs, or the end */
    struct THDJob *first_job, *last_job; /* the first one is being done */
    pthread_t thread;
    bool threaded, ends;
    int ranks[];
};

struct THDWorld {
    int references; /* atomic */
    int rank, size;
    double timeout;
    THDWorld *next_world; /* all worlds of the process, for fork */
    bool forked;          /* this is a child: nothing here is true */
    bool closed;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a request is done, the driver has changed */
    pthread_cond_t idle;    /* the world's thread waits here while others drive */
    pthread_t thread;
    bool threaded;
    bool driven;                  /* somebody is in epoll_wait, ... */
    bool driven_alone;            /* ... the world's own thread */
    const THDRequest *driven_for; /* what the driver waits for */
    int waiting;                  /* threads that wait */
    uint64_t waits;               /* how often one has */
    int epoll, wake;
    uint64_t next_id;
    uint32_t next_group;
    THDRequest *posted, *granted;
    THDRequest *graves; /* see thd_buryAll */
    THDMessage *messages, *last_message;
    THDGroup *groups;
    THDHello *hellos; /* [size] */
    THDPeer *peers;   /* [size] */
};

/* --- THDWorld.c ------------------------------------------------------------------------------------------------------- */
/* Fails where the world is closed or this is a forked child. Before taking the lock. */
THStatus thd_alive(THDWorld *world, const char *op);
void thd_lock(THDWorld *world);
void thd_unlock(THDWorld *world);
/* Gives a reference back; the last one frees the memory. */
void thd_release(THDWorld *world);
/* "rank 1 (process 2 on host)" */
const char *thd_nameOf(const THDWorld *world, int rank, char text[THD_NAME]);

/* --- THDPeer.c: the connection to one rank ---------------------------------------------------------------------------- */
/* Queues a message, and sends what the socket takes. data stays valid until the request is done. NULL request: no one waits. */
THStatus thd_queueLocked(THDWorld *world, int rank, const THDHeader *header, const char *data, THDRequest *request);
void thd_flushLocked(THDWorld *world, int rank);
/* Reads what has come and gives it to whom it belongs. */
void thd_readLocked(THDWorld *world, int rank);
/* The connection is no more; everything that needs it fails. */
void thd_goneLocked(THDWorld *world, int rank, const char *reason);
/* A request leaves the queue; bytes that are half sent go on from a copy. */
void thd_unqueueLocked(THDWorld *world, THDRequest *request);

/* --- THDMatch.c: which message belongs to which receive ---------------------------------------------------------------- */
/* A header has come: sets the peer's sink. */
void thd_arriveLocked(THDWorld *world, int rank);
/* The bytes after it are complete. */
void thd_arrivedLocked(THDWorld *world, int rank);
/* A message to oneself. */
THStatus thd_deliverLocked(THDRequest *send);
/* Looks for a message that has come already; else the receive waits. */
void thd_postLocked(THDRequest *receive);
/* Different calls. */
bool thd_differs(const THDHeader *a, const THDHeader *b);
/* "all_reduce of 4 float32 elements with sum" */
const char *thd_describe(const THDHeader *header, char *text, size_t room);
/* A rank is gone: what it had only begun to send, or only asked for, will not come. */
void thd_forgetMessagesLocked(THDWorld *world, int rank, const char *text);
/* Fails the group if a message of another call than its present one has come. */
void thd_compareLocked(THDGroup *group);

/* --- THDRequest.c ------------------------------------------------------------------------------------------------------- */
THDRequest *thd_newRequest(THDWorld *world, THDGroup *group);
void thd_releaseRequest(THDRequest *request);
/* Frees those that were released last while the lock was held: dropping a tensor may wait for a lock of the layer above. */
void thd_buryAll(THDRequest *graves);
/* The request stays until it is done, also if its owner frees it. */
void thd_keepLocked(THDRequest *request);
void thd_doneLocked(THDRequest *request);
void thd_failLocked(THDRequest *request, THStatus status, const char *text);
/* Takes it from wherever it is. Its memory is not touched any more afterwards. */
void thd_withdrawLocked(THDRequest *request);
/* Sends or receives; the request is pending, done or failed afterwards. */
void thd_startLocked(THDRequest *request);
/* The name of its call: send, recv, all_reduce, ... */
const char *thd_opOf(const THDRequest *request);
THStatus thd_outcome(const THDRequest *request);

/* --- THDDriver.c -------------------------------------------------------------------------------------------------------- */
/* Moves bytes until the request is no longer pending, or the deadline: false. */
bool thd_driveLocked(THDWorld *world, const THDRequest *request, double deadline);
THStatus thd_startDriver(THDWorld *world);
void thd_stopDriver(THDWorld *world);
/* The driver looks again at what it waits for. */
void thd_wakeDriverLocked(THDWorld *world);
void thd_watchLocked(THDWorld *world, int rank, bool writes);

/* --- THDGroup.c --------------------------------------------------------------------------------------------------------- */
/* No more calls in this group. Tells the other members where `tell`. */
void thd_breakLocked(THDGroup *group, const char *text, bool tell);
THDGroup *thd_newGroup(THDWorld *world, int size, const int *ranks);
/* Waits for its calls, at most until the deadline, and ends its thread (the lock must not be held) ... */
void thd_endGroup(THDGroup *group, double deadline);
/* ... and its memory. */
void thd_freeGroup(THDGroup *group);

/* The name of a kind of call, as Python has it. */
extern const char *const thd_callNames[THDCall_Count];

#endif
