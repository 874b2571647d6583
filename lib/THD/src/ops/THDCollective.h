/* A collective call that goes on: its messages, and the arithmetic between them. */
#ifndef THD_COLLECTIVE_H
#define THD_COLLECTIVE_H

#include "core/THDCore.h"

/* A message of this many bytes is reduced or passed on while the next one travels. */
#define THD_PIECE (512 << 10)

static inline uint32_t thd_pieces(int64_t nbytes)
{
    return nbytes == 0 ? 1 : (uint32_t)((nbytes + THD_PIECE - 1) / THD_PIECE);
}

static inline int64_t thd_pieceLength(int64_t nbytes, uint32_t piece)
{
    const int64_t left = nbytes - (int64_t)piece * THD_PIECE;
    return left < THD_PIECE ? left : THD_PIECE;
}

typedef struct THDRound {
    THDGroup *group;
    const THDCall *call;
    THDHeader sign;
    double deadline;
    int64_t itemsize;
} THDRound;

/* index: of a member. Both return at once; the request belongs to the round. NULL on failure. */
THDRequest *thd_sendTo(THDRound *round, int index, const void *data, int64_t nbytes, uint32_t part);
THDRequest *thd_receiveFrom(THDRound *round, int index, void *data, int64_t nbytes, uint32_t part);
THStatus thd_await(THDRound *round, THDRequest *request);
/* Waits for all that is open. */
THStatus thd_awaitAll(THDRound *round);

/* Takes every message back: nothing reads or writes the round's memory any more. After a failure, before memory is freed. */
void thd_abandon(THDRound *round);

/* into = a op b, `count` elements of the call's dtype; `into` may be a or b. */
THStatus thd_combine(const THDRound *round, void *into, const void *a, const void *b, int64_t count);

/* The data of each kind of call; tensors are contiguous here. */
THStatus thd_broadcast(THDRound *round, char *data, int64_t nbytes, int root);
THStatus thd_allReduceSmall(THDRound *round, char *data, int64_t count);
THStatus thd_allReduceRing(THDRound *round, char *data, int64_t count);
THStatus thd_reduceSmall(THDRound *round, char *data, int64_t count, int root);
THStatus thd_reduceRing(THDRound *round, char *data, int64_t count, int root);
/* blocks: one for each member, of `nbytes` each; one's own is filled. */
THStatus thd_gatherRing(THDRound *round, char *const *blocks, int64_t nbytes);
THStatus thd_gather(THDRound *round, char *const *blocks, const char *own, int64_t nbytes, int root);
THStatus thd_scatter(THDRound *round, char *const *blocks, char *own, int64_t nbytes, int root);

/* Runs a call: checks, signature, messages. The group's turn is held. */
THStatus thd_perform(THDGroup *group, const THDCall *call);
THStatus thd_checkCall(const THDGroup *group, const THDCall *call);

#endif
