/* Rings: every member sends to the next one and hears from the one before, so that all connections are busy all the time and
 * each byte travels no more often than it must: 2 (n - 1) / n times the tensor for all_reduce.
 *
 * A tensor is cut into a chunk for each member, a chunk into pieces, and a piece is passed on as soon as it is there. */
#include <stdlib.h>
#include <string.h>

#include "ops/THDCollective.h"

typedef struct Ring {
    THDRound *round;
    char *data;
    int64_t count;
    int64_t piece; /* elements of a piece */
    int size, index;
} Ring;

static Ring make_ring(THDRound *round, char *data, int64_t count)
{
    return (Ring){.round = round,
                  .data = data,
                  .count = count,
                  .piece = THD_PIECE / round->itemsize,
                  .size = round->group->size,
                  .index = round->group->index};
}

static int wrap(const Ring *self, int chunk)
{
    return ((chunk % self->size) + self->size) % self->size;
}

static int64_t chunk_begin(const Ring *self, int chunk)
{
    return self->count / self->size * chunk + (chunk < self->count % self->size ? chunk : self->count % self->size);
}

static int64_t chunk_length(const Ring *self, int chunk)
{
    return self->count / self->size + (chunk < self->count % self->size ? 1 : 0);
}

/* Of the longest chunk: the same number of messages in every step. */
static uint32_t pieces_of(const Ring *self)
{
    const int64_t longest = chunk_length(self, 0);
    return longest == 0 ? 1 : (uint32_t)((longest + self->piece - 1) / self->piece);
}

/* Place and length, in elements, of a piece in its chunk. */
static int64_t piece_length(const Ring *self, int chunk, uint32_t piece)
{
    const int64_t left = chunk_length(self, chunk) - (int64_t)piece * self->piece;
    return left < 0 ? 0 : left < self->piece ? left : self->piece;
}

static char *piece_data(const Ring *self, int chunk, uint32_t piece)
{
    const int64_t inside = (int64_t)piece * self->piece;
    const int64_t length = chunk_length(self, chunk);
    return self->data + (chunk_begin(self, chunk) + (inside < length ? inside : length)) * self->round->itemsize;
}

static THStatus pass_on(const Ring *self, int chunk, uint32_t piece, uint32_t part)
{
    THDRequest *const sent = thd_sendTo(self->round, wrap(self, self->index + 1), piece_data(self, chunk, piece),
                                        piece_length(self, chunk, piece) * self->round->itemsize, part);
    return sent == NULL ? THStatus_last() : TH_OK;
}

/* In step s chunk (index - 1 - s) comes, is combined with one's own, and leaves in step s + 1. */
static THStatus scatter_steps(const Ring *self, char *scratch, THDRequest **receives)
{
    const uint32_t pieces = pieces_of(self);
    const int64_t itemsize = self->round->itemsize;
    for (uint32_t i = 0; i < pieces; i++) TH_TRY(pass_on(self, self->index, i, i));
    for (int step = 0; step < self->size - 1; step++) {
        const int chunk = wrap(self, self->index - 1 - step);
        const uint32_t first = (uint32_t)step * pieces;
        for (uint32_t i = 0; i < pieces; i++) {
            receives[i] =
                thd_receiveFrom(self->round, wrap(self, self->index - 1), scratch + (int64_t)i * self->piece * itemsize,
                                piece_length(self, chunk, i) * itemsize, first + i);
            if (receives[i] == NULL) return THStatus_last();
        }
        for (uint32_t i = 0; i < pieces; i++) {
            TH_TRY(thd_await(self->round, receives[i]));
            char *const own = piece_data(self, chunk, i);
            TH_TRY(thd_combine(self->round, own, scratch + (int64_t)i * self->piece * itemsize, own,
                               piece_length(self, chunk, i)));
            if (step < self->size - 2) TH_TRY(pass_on(self, chunk, i, first + pieces + i));
        }
    }
    return TH_OK;
}

/* Afterwards chunk (index + 1) is complete here. */
static THStatus reduce_scatter(const Ring *self)
{
    const uint32_t pieces = pieces_of(self);
    char *const scratch = malloc((size_t)(chunk_length(self, 0) * self->round->itemsize) + 1);
    THDRequest **const receives = malloc(pieces * sizeof *receives);
    THStatus status = TH_ERR_MEMORY;
    if (scratch == NULL || receives == NULL) {
        THStatus_fail(TH_ERR_MEMORY, "[all_reduce] no memory for a part of %lld elements", (long long)self->count);
    } else {
        status = scatter_steps(self, scratch, receives);
    }
    if (status != TH_OK) thd_abandon(self->round);
    free(receives);
    free(scratch);
    return status;
}

/* Every chunk has its final place, so all receives wait from the start. A chunk comes back only after what was sent of it has
 * been read: its sum contains that. */
static THStatus gather_steps(const Ring *self, THDRequest **receives)
{
    const uint32_t pieces = pieces_of(self);
    const uint32_t base = (uint32_t)(self->size - 1) * pieces;
    for (int step = 0; step < self->size - 1; step++) {
        const int chunk = wrap(self, self->index - step);
        for (uint32_t i = 0; i < pieces; i++) {
            const uint32_t at = (uint32_t)step * pieces + i;
            receives[at] = thd_receiveFrom(self->round, wrap(self, self->index - 1), piece_data(self, chunk, i),
                                           piece_length(self, chunk, i) * self->round->itemsize, base + at);
            if (receives[at] == NULL) return THStatus_last();
        }
    }
    for (uint32_t i = 0; i < pieces; i++) TH_TRY(pass_on(self, wrap(self, self->index + 1), i, base + i));
    for (int step = 0; step < self->size - 1; step++) {
        for (uint32_t i = 0; i < pieces; i++) {
            const uint32_t at = (uint32_t)step * pieces + i;
            TH_TRY(thd_await(self->round, receives[at]));
            if (step < self->size - 2) TH_TRY(pass_on(self, wrap(self, self->index - step), i, base + pieces + at));
        }
    }
    return thd_awaitAll(self->round);
}

THStatus thd_allReduceRing(THDRound *round, char *data, int64_t count)
{
    const Ring self = make_ring(round, data, count);
    TH_TRY(reduce_scatter(&self));
    THDRequest **const receives = malloc((size_t)(self.size - 1) * pieces_of(&self) * sizeof *receives);
    TH_FAIL_IF(receives == NULL, TH_ERR_MEMORY, "[all_reduce] no memory for the messages of %lld elements", (long long)count);
    const THStatus status = gather_steps(&self, receives);
    free(receives);
    return status;
}

/* `data` is this member's own copy, or at root the result. */
THStatus thd_reduceRing(THDRound *round, char *data, int64_t count, int root)
{
    const Ring self = make_ring(round, data, count);
    TH_TRY(reduce_scatter(&self));
    const uint32_t pieces = pieces_of(&self);
    const uint32_t base = (uint32_t)(self.size - 1) * pieces;
    for (int member = 0; member < self.size; member++) {
        const int chunk = wrap(&self, member + 1);
        if (member == root || (self.index != root && self.index != member)) continue;
        for (uint32_t i = 0; i < pieces; i++) {
            char *const piece = piece_data(&self, chunk, i);
            const int64_t nbytes = piece_length(&self, chunk, i) * round->itemsize;
            const bool made = (self.index == root ? thd_receiveFrom(round, member, piece, nbytes, base + i)
                                                  : thd_sendTo(round, root, piece, nbytes, base + i)) != NULL;
            if (!made) return THStatus_last();
        }
    }
    return thd_awaitAll(round);
}

static THStatus pass_blocks(THDRound *round, char *const *blocks, int64_t nbytes, uint32_t pieces, THDRequest **receives)
{
    const int size = round->group->size, index = round->group->index;
    const int before = (index + size - 1) % size, after = (index + 1) % size;
    for (uint32_t at = 0; at < pieces * (uint32_t)(size - 1); at++) {
        char *const block = blocks[(index + 2 * size - 1 - (int)(at / pieces)) % size];
        receives[at] = thd_receiveFrom(round, before, block + (int64_t)(at % pieces) * THD_PIECE,
                                       thd_pieceLength(nbytes, at % pieces), at);
        if (receives[at] == NULL) return THStatus_last();
    }
    for (uint32_t at = 0; at < pieces * (uint32_t)(size - 1); at++) {
        char *const block = blocks[(index + 2 * size - (int)(at / pieces)) % size];
        if (at >= pieces) TH_TRY(thd_await(round, receives[at - pieces]));
        if (thd_sendTo(round, after, block + (int64_t)(at % pieces) * THD_PIECE, thd_pieceLength(nbytes, at % pieces), at) ==
            NULL)
            return THStatus_last();
    }
    return thd_awaitAll(round);
}

THStatus thd_gatherRing(THDRound *round, char *const *blocks, int64_t nbytes)
{
    const uint32_t pieces = thd_pieces(nbytes);
    THDRequest **const receives = malloc(pieces * (size_t)(round->group->size - 1) * sizeof *receives + 1);
    TH_FAIL_IF(receives == NULL, TH_ERR_MEMORY, "[all_gather] no memory for its messages");
    const THStatus status = pass_blocks(round, blocks, nbytes, pieces, receives);
    free(receives);
    return status;
}
