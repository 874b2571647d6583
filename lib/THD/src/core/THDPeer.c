/* The connection to one rank: a queue of what leaves, and a buffer of what comes. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/THDCore.h"

static const int64_t HEADER = (int64_t)sizeof(THDHeader);

static void free_item(THDItem *item)
{
    free(item->owned);
    free(item);
}

THStatus thd_queueLocked(THDWorld *world, int rank, const THDHeader *header, const char *data, THDRequest *request)
{
    THDPeer *const peer = &world->peers[rank];
    if (peer->fd < 0) return TH_OK; /* whoever waits has failed, or will */
    THDItem *const item = calloc(1, sizeof *item);
    TH_FAIL_IF(item == NULL, TH_ERR_MEMORY, "[%s] no memory for a message", thd_callNames[header->call]);
    *item = (THDItem){.header = *header, .data = data, .request = request};
    item->header.magic = THD_HEADER_MAGIC;
    if (request != NULL) request->at = THDAt_QUEUED;
    const bool first = peer->first == NULL;
    if (first)
        peer->first = item;
    else
        peer->last->next = item;
    peer->last = item;
    if (first) thd_flushLocked(world, rank);
    return TH_OK;
}

static int64_t bytes_of(const THDItem *item)
{
    return HEADER + (item->data == NULL ? 0 : item->header.nbytes);
}

/* False if the socket takes no more now, or is no more. */
static bool send_some(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    THDItem *const item = peer->first;
    struct iovec parts[2];
    struct msghdr message = {.msg_iov = parts};
    if (item->moved < HEADER)
        parts[message.msg_iovlen++] = (struct iovec){(char *)&item->header + item->moved, (size_t)(HEADER - item->moved)};
    const int64_t past = item->moved < HEADER ? 0 : item->moved - HEADER;
    if (item->data != NULL && item->header.nbytes > past)
        parts[message.msg_iovlen++] = (struct iovec){(char *)item->data + past, (size_t)(item->header.nbytes - past)};
    const ssize_t sent = sendmsg(peer->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) return true;
    if (sent < 0 && errno == EAGAIN) {
        if (!peer->wants_write) thd_watchLocked(world, rank, true);
        return false;
    }
    if (sent < 0) return false; /* the driver reads its last words, which tell more, and then the end */
    item->moved += sent;
    if (item->moved < bytes_of(item)) return true;
    peer->first = item->next;
    if (item->request != NULL) thd_doneLocked(item->request);
    free_item(item);
    return true;
}

void thd_flushLocked(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    while (peer->fd >= 0 && peer->first != NULL)
        if (!send_some(world, rank)) return;
    if (peer->fd >= 0 && peer->wants_write) thd_watchLocked(world, rank, false);
}

void thd_unqueueLocked(THDWorld *world, THDRequest *request)
{
    THDPeer *const peer = &world->peers[request->peer];
    THDItem *before = NULL;
    for (THDItem *item = peer->first; item != NULL; before = item, item = item->next) {
        if (item->request != request) continue;
        item->request = NULL;
        if (item->moved > 0) { /* the stream has to go on */
            item->owned = malloc((size_t)item->header.nbytes + 1);
            if (item->owned == NULL) {
                thd_goneLocked(world, request->peer, "a message to it was given up half-way");
                return;
            }
            memcpy(item->owned, item->data, (size_t)item->header.nbytes);
            item->data = item->owned;
            return;
        }
        if (before == NULL)
            peer->first = item->next;
        else
            before->next = item->next;
        if (peer->last == item) peer->last = before;
        free_item(item);
        return;
    }
}

static bool is_lost(THDPeer *peer, ssize_t got)
{
    if (got > 0) return false;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    return peer->fd >= 0;
}

static const char *loss(ssize_t got)
{
    return got == 0 || errno == ECONNRESET ? "it has ended without a goodbye (killed, or crashed)" : strerror(errno);
}

/* Fills the buffer. False if nothing came. */
static bool fill(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    if (peer->begin == peer->end) peer->begin = peer->end = 0;
    if (peer->end == THD_BUFFER) {
        memmove(peer->buffer, peer->buffer + peer->begin, peer->end - peer->begin);
        peer->end -= peer->begin;
        peer->begin = 0;
    }
    const ssize_t got = recv(peer->fd, peer->buffer + peer->end, THD_BUFFER - peer->end, MSG_DONTWAIT);
    if (is_lost(peer, got)) thd_goneLocked(world, rank, loss(got));
    if (got > 0) peer->end += (size_t)got;
    return got > 0;
}

/* Bytes of a message: first from the buffer, long ones then straight to where they belong. False if none came. */
static bool read_bytes(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    const int64_t left = peer->in.nbytes - peer->in_moved;
    const size_t buffered = peer->end - peer->begin;
    if (buffered == 0 && (left < THD_BUFFER || peer->sink == NULL)) {
        if (!fill(world, rank)) return false;
        return true;
    }
    if (buffered > 0) {
        const size_t take = (int64_t)buffered < left ? buffered : (size_t)left;
        if (peer->sink != NULL) memcpy(peer->sink + peer->in_moved, peer->buffer + peer->begin, take);
        peer->begin += take;
        peer->in_moved += (int64_t)take;
        return true;
    }
    const ssize_t got = recv(peer->fd, peer->sink + peer->in_moved, (size_t)left, MSG_DONTWAIT);
    if (is_lost(peer, got)) thd_goneLocked(world, rank, loss(got));
    if (got > 0) peer->in_moved += got;
    return got > 0;
}

static bool carries(const THDHeader *header)
{
    return header->kind == THDKind_EAGER || header->kind == THDKind_DATA || header->kind == THDKind_ABORT;
}

static bool sound(const THDHeader *header)
{
    return header->magic == THD_HEADER_MAGIC && header->kind <= THDKind_BYE && header->call < THDCall_Count &&
           header->nbytes >= 0 && header->dtype < THDtype_Count && header->reduce < THDReduce_Count;
}

/* False if no whole header is there. */
static bool read_header(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    if (peer->end - peer->begin < sizeof(THDHeader)) return fill(world, rank);
    memcpy(&peer->in, peer->buffer + peer->begin, sizeof(THDHeader));
    peer->begin += sizeof(THDHeader);
    if (!sound(&peer->in)) {
        thd_goneLocked(world, rank, "what it sends is no message");
        return false;
    }
    peer->in_moved = 0;
    peer->in_body = true;
    thd_arriveLocked(world, rank);
    return peer->fd >= 0;
}

void thd_readLocked(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    int64_t turn = 0;
    while (peer->fd >= 0) {
        if (!peer->in_body) {
            if (!read_header(world, rank)) return;
            continue;
        }
        if (carries(&peer->in) && peer->in_moved < peer->in.nbytes) {
            if (!read_bytes(world, rank)) return;
            continue;
        }
        peer->in_body = false;
        turn += peer->in.nbytes + HEADER;
        thd_arrivedLocked(world, rank);
        if (turn > THD_TURN && peer->begin == peer->end) return;
    }
}

static void fail_list(THDRequest **list, int rank, const char *text)
{
    while (*list != NULL) {
        THDRequest *const each = *list;
        if (rank >= 0 && each->peer != rank) {
            list = &each->next;
            continue;
        }
        *list = each->next;
        thd_failLocked(each, TH_ERR_STATE, text);
    }
}

/* Receives from anybody fail if a member of their group has died, or if all have left. */
static void fail_open_receives(THDWorld *world, int rank, const char *text)
{
    for (THDRequest **list = &world->posted; *list != NULL;) {
        THDRequest *const each = *list;
        bool waits = each->peer != THD_ANY_RANK || THDGroup_indexOf(each->group, rank) < 0;
        if (!waits && world->peers[rank].left)
            for (int i = 0; i < each->group->size; i++) waits = waits || world->peers[each->group->ranks[i]].fd >= 0;
        if (waits) {
            list = &each->next;
            continue;
        }
        *list = each->next;
        thd_failLocked(each, TH_ERR_STATE, text);
    }
}

void thd_goneLocked(THDWorld *world, int rank, const char *reason)
{
    THDPeer *const peer = &world->peers[rank];
    if (peer->gone) return;
    char name[THD_NAME], text[THD_TEXT];
    peer->gone = true;
    snprintf(peer->reason, sizeof peer->reason, "%s", peer->left ? "it has left its process group" : reason);
    snprintf(text, sizeof text, "[distributed] %s is gone: %s", thd_nameOf(world, rank, name), peer->reason);
    thd_close(&peer->fd);
    while (peer->first != NULL) {
        THDItem *const item = peer->first;
        peer->first = item->next;
        if (item->request != NULL) thd_failLocked(item->request, TH_ERR_STATE, text);
        free_item(item);
    }
    fail_list(&peer->asked, -1, text);
    fail_list(&world->granted, rank, text);
    fail_list(&world->posted, rank, text);
    fail_open_receives(world, rank, text);
    if (peer->reading != NULL) thd_failLocked(peer->reading, TH_ERR_STATE, text);
    peer->reading = NULL;
    peer->message = NULL;
    thd_forgetMessagesLocked(world, rank, text);
    free(peer->text);
    peer->text = NULL;
    for (THDGroup *group = world->groups; group != NULL; group = group->next) {
        if (!peer->left && THDGroup_indexOf(group, rank) >= 0)
            thd_breakLocked(group, text, !world->closed); /* whoever hears our goodbye first knows why */
    }
}
