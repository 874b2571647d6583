/* Trees and doubling: few steps, for what is small; and broadcast, whose pieces follow each other through a tree. */
#include <stdlib.h>
#include <string.h>

#include "ops/THDCollective.h"

/* Members are numbered from the root on; member v hears from v without its lowest bit. */
THStatus thd_broadcast(THDRound *round, char *data, int64_t nbytes, int root)
{
    const int size = round->group->size;
    const int own = (round->group->index - root + size) % size;
    int lowest = 1;
    while (lowest < size && (own & lowest) == 0) lowest <<= 1;
    const uint32_t pieces = thd_pieces(nbytes);
    THDRequest **const receives = calloc(pieces, sizeof *receives);
    TH_FAIL_IF(receives == NULL, TH_ERR_MEMORY, "[broadcast] no memory for %u messages", pieces);
    THStatus status = TH_OK;
    for (uint32_t i = 0; i < pieces && own > 0 && status == TH_OK; i++) {
        receives[i] =
            thd_receiveFrom(round, (own - lowest + root) % size, data + (int64_t)i * THD_PIECE, thd_pieceLength(nbytes, i), i);
        if (receives[i] == NULL) status = THStatus_last();
    }
    for (uint32_t i = 0; i < pieces && status == TH_OK; i++) {
        if (own > 0) status = thd_await(round, receives[i]);
        for (int step = lowest >> 1; step > 0 && status == TH_OK; step >>= 1) {
            if (own + step >= size) continue;
            const void *piece = data + (int64_t)i * THD_PIECE;
            if (thd_sendTo(round, (own + step + root) % size, piece, thd_pieceLength(nbytes, i), i) == NULL)
                status = THStatus_last();
        }
    }
    free(receives);
    return status == TH_OK ? thd_awaitAll(round) : status;
}

/* Sends `data`, receives into `other`. */
static THStatus swap(THDRound *round, int index, const char *data, char *other, int64_t nbytes, uint32_t part)
{
    THDRequest *const receive = thd_receiveFrom(round, index, other, nbytes, part);
    if (receive == NULL) return THStatus_last();
    THDRequest *const send = thd_sendTo(round, index, data, nbytes, part);
    if (send == NULL) return THStatus_last();
    TH_TRY(thd_await(round, receive));
    return thd_await(round, send);
}

/* The smaller index stands on the left: both sides compute the same bits, also of two nan. */
static THStatus join(THDRound *round, bool first, char *data, const char *other, int64_t count)
{
    return first ? thd_combine(round, data, data, other, count) : thd_combine(round, data, other, data, count);
}

static THStatus double_up(THDRound *round, char *data, char *other, int64_t count)
{
    const int size = round->group->size, index = round->group->index;
    const int64_t nbytes = count * round->itemsize;
    int power = 1;
    while (2 * power <= size) power *= 2;
    const int rest = size - power; /* members that another one stands for */
    if (index >= power) {
        if (thd_sendTo(round, index - power, data, nbytes, 0) == NULL) return THStatus_last();
        THDRequest *const result = thd_receiveFrom(round, index - power, data, nbytes, 1);
        TH_TRY(thd_awaitAll(round));
        return result == NULL ? THStatus_last() : TH_OK;
    }
    if (index < rest) {
        THDRequest *const from = thd_receiveFrom(round, index + power, other, nbytes, 0);
        if (from == NULL) return THStatus_last();
        TH_TRY(thd_await(round, from));
        TH_TRY(join(round, true, data, other, count));
    }
    for (int step = 1, part = 0; step < power; step *= 2, part++) {
        TH_TRY(swap(round, index ^ step, data, other, nbytes, (uint32_t)part));
        TH_TRY(join(round, (index & step) == 0, data, other, count));
    }
    if (index < rest && thd_sendTo(round, index + power, data, nbytes, 1) == NULL) return THStatus_last();
    return thd_awaitAll(round);
}

THStatus thd_allReduceSmall(THDRound *round, char *data, int64_t count)
{
    char *const other = malloc((size_t)(count * round->itemsize) + 1);
    TH_FAIL_IF(other == NULL, TH_ERR_MEMORY, "[all_reduce] no memory for %lld elements", (long long)count);
    const THStatus status = double_up(round, data, other, count);
    /* A failed round's messages may still come; who ends it takes them back before the memory goes. */
    if (status != TH_OK) thd_abandon(round);
    free(other);
    return status;
}

static THStatus climb(THDRound *round, char *data, char *other, int64_t count, int root)
{
    const int size = round->group->size;
    const int own = (round->group->index - root + size) % size;
    const int64_t nbytes = count * round->itemsize;
    for (int step = 1; step < size; step *= 2) {
        if ((own & step) != 0) {
            if (thd_sendTo(round, (own - step + root) % size, data, nbytes, 0) == NULL) return THStatus_last();
            return thd_awaitAll(round);
        }
        if (own + step >= size) continue;
        THDRequest *const receive = thd_receiveFrom(round, (own + step + root) % size, other, nbytes, 0);
        if (receive == NULL) return THStatus_last();
        TH_TRY(thd_await(round, receive));
        TH_TRY(thd_combine(round, data, data, other, count));
    }
    return TH_OK;
}

THStatus thd_reduceSmall(THDRound *round, char *data, int64_t count, int root)
{
    char *const other = malloc((size_t)(count * round->itemsize) + 1);
    TH_FAIL_IF(other == NULL, TH_ERR_MEMORY, "[reduce] no memory for %lld elements", (long long)count);
    const THStatus status = climb(round, data, other, count, root);
    if (status != TH_OK) thd_abandon(round);
    free(other);
    return status;
}

/* The bytes of each member's block, in pieces; part numbers count pieces. */
static THStatus move_block(THDRound *round, int index, char *block, int64_t nbytes, bool sends)
{
    for (uint32_t i = 0; i < thd_pieces(nbytes); i++) {
        char *const piece = block + (int64_t)i * THD_PIECE;
        const int64_t length = thd_pieceLength(nbytes, i);
        const bool made =
            (sends ? thd_sendTo(round, index, piece, length, i) : thd_receiveFrom(round, index, piece, length, i)) != NULL;
        if (!made) return THStatus_last();
    }
    return TH_OK;
}

THStatus thd_gather(THDRound *round, char *const *blocks, const char *own, int64_t nbytes, int root)
{
    if (round->group->index != root) {
        TH_TRY(move_block(round, root, (char *)own, nbytes, true));
        return thd_awaitAll(round);
    }
    for (int i = 0; i < round->group->size; i++) {
        if (i != root) TH_TRY(move_block(round, i, blocks[i], nbytes, false));
    }
    if (nbytes > 0) memmove(blocks[root], own, (size_t)nbytes);
    return thd_awaitAll(round);
}

THStatus thd_scatter(THDRound *round, char *const *blocks, char *own, int64_t nbytes, int root)
{
    if (round->group->index != root) {
        TH_TRY(move_block(round, root, own, nbytes, false));
        return thd_awaitAll(round);
    }
    for (int i = 0; i < round->group->size; i++) {
        if (i != root) TH_TRY(move_block(round, i, blocks[i], nbytes, true));
    }
    if (nbytes > 0) memmove(own, blocks[root], (size_t)nbytes);
    return thd_awaitAll(round);
}
