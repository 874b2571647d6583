/* Which message belongs to which receive, and whether two ranks are in the same call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/THDCore.h"

const char *const thd_callNames[THDCall_Count] = {[THDCall_SEND] = "send",
                                                  [THDCall_BARRIER] = "barrier",
                                                  [THDCall_AGREE] = "new_group",
                                                  [THDCall_BROADCAST] = "broadcast",
                                                  [THDCall_ALL_REDUCE] = "all_reduce",
                                                  [THDCall_REDUCE] = "reduce",
                                                  [THDCall_ALL_GATHER] = "all_gather",
                                                  [THDCall_GATHER] = "gather",
                                                  [THDCall_SCATTER] = "scatter"};

static const char *const REDUCE_NAMES[THDReduce_Count] = {"sum", "product", "min", "max"};

bool thd_differs(const THDHeader *a, const THDHeader *b)
{
    return a->call != b->call || a->dtype != b->dtype || a->reduce != b->reduce || a->root != b->root || a->count != b->count;
}

const char *thd_describe(const THDHeader *header, char *text, size_t room)
{
    const char *name = thd_callNames[header->call];
    size_t used = 0;
    if (header->call == THDCall_BARRIER)
        used = (size_t)snprintf(text, room, "%s", name);
    else if (header->call == THDCall_AGREE)
        used = (size_t)snprintf(text, room, "%s with ranks of number %llx", name, (unsigned long long)header->count);
    else
        used = (size_t)snprintf(text, room, "%s of %lld elements of %s", name, (long long)header->count,
                                THDtype_pythonName((THDtype)header->dtype));
    if (header->call == THDCall_ALL_REDUCE || header->call == THDCall_REDUCE)
        used += (size_t)snprintf(text + used, room - used, " with %s", REDUCE_NAMES[header->reduce]);
    if (header->root >= 0) snprintf(text + used, room - used, ", root %d", header->root);
    return text;
}

static void copy_bytes(char *to, const char *from, int64_t nbytes)
{
    if (nbytes > 0) memcpy(to, from, (size_t)nbytes);
}

static THDGroup *find_group(THDWorld *world, uint32_t id)
{
    THDGroup *group = world->groups;
    while (group != NULL && group->id != id) group = group->next;
    return group;
}

/* A message of another call than the one that goes on here, or than one that is over. */
static void compare_header(THDGroup *group, int rank, const THDHeader *header)
{
    if (header->call == THDCall_SEND || group->failure != NULL || group->index < 0) return;
    const bool present = group->active && header->sequence == group->sign.sequence;
    const bool over = !present && header->sequence < group->sequence;
    if (!over && !(present && thd_differs(header, &group->sign))) return;
    char name[THD_NAME], theirs[128], ours[128], text[THD_TEXT];
    thd_nameOf(group->world, rank, name);
    thd_describe(header, theirs, sizeof theirs);
    if (present)
        snprintf(text, sizeof text, "[%s] ranks disagree in call %u of the group: %s is in %s, rank %d in %s",
                 thd_callNames[group->sign.call], header->sequence, name, theirs, group->world->rank,
                 thd_describe(&group->sign, ours, sizeof ours));
    else
        snprintf(text, sizeof text, "[%s] ranks disagree in call %u of the group: %s was in %s, rank %d has ended another call",
                 thd_callNames[header->call], header->sequence, name, theirs, group->world->rank);
    thd_breakLocked(group, text, true);
}

void thd_compareLocked(THDGroup *group)
{
    for (THDMessage *m = group->world->messages; m != NULL && group->failure == NULL; m = m->next)
        if (m->header.group == group->id && m->header.call != THDCall_SEND) compare_header(group, m->peer, &m->header);
}

static bool fits(const THDRequest *receive, int rank, const THDHeader *header)
{
    const THDHeader *wanted = &receive->header;
    return wanted->group == header->group && (receive->peer == rank || receive->peer == THD_ANY_RANK) &&
           (wanted->call == THDCall_SEND) == (header->call == THDCall_SEND) && wanted->sequence == header->sequence &&
           wanted->part == header->part;
}

/* True if the message is what the receive has room for; else the receive has failed. */
static bool admits(THDRequest *receive, int rank, const THDHeader *header)
{
    const THDHeader *wanted = &receive->header;
    receive->peer = rank;
    if (wanted->dtype == header->dtype && wanted->nbytes == header->nbytes) return true;
    char name[THD_NAME], text[THD_TEXT];
    snprintf(text, sizeof text, "[recv] %s sent %lld elements of %s, but the tensor has %lld of %s",
             thd_nameOf(receive->world, rank, name), (long long)header->count, THDtype_pythonName((THDtype)header->dtype),
             (long long)wanted->count, THDtype_pythonName((THDtype)wanted->dtype));
    thd_failLocked(receive, wanted->dtype != header->dtype ? TH_ERR_DTYPE : TH_ERR_SHAPE, text);
    return false;
}

static void grant(THDWorld *world, int rank, const THDHeader *asked)
{
    THDHeader answer = *asked;
    answer.kind = THDKind_GRANT;
    thd_queueLocked(world, rank, &answer, NULL, NULL);
}

/* The receive is asked for, and takes the bytes when they come; a refused one lets them pass. */
static void accept_asked(THDRequest *receive, int rank, const THDHeader *header)
{
    THDWorld *const world = receive->world;
    if (admits(receive, rank, header)) {
        receive->granted = header->id;
        receive->at = THDAt_GRANTED;
        receive->next = world->granted;
        world->granted = receive;
    }
    grant(world, rank, header);
}

static THDRequest *take_posted(THDWorld *world, int rank, const THDHeader *header)
{
    for (THDRequest **each = &world->posted; *each != NULL; each = &(*each)->next) {
        if (!fits(*each, rank, header)) continue;
        THDRequest *const found = *each;
        *each = found->next;
        found->at = THDAt_NOWHERE;
        return found;
    }
    return NULL;
}

static THDMessage *keep_message(THDWorld *world, int rank, const THDHeader *header, bool bytes)
{
    THDMessage *const message = calloc(1, sizeof *message);
    if (message == NULL) return NULL;
    *message = (THDMessage){.peer = rank, .header = *header, .whole = !bytes};
    if (bytes && (message->data = malloc((size_t)header->nbytes + 1)) == NULL) {
        free(message);
        return NULL;
    }
    if (world->messages == NULL)
        world->messages = message;
    else
        world->last_message->next = message;
    world->last_message = message;
    return message;
}

static void drop_message(THDWorld *world, THDMessage *message)
{
    THDMessage *before = NULL;
    for (THDMessage *each = world->messages; each != message; each = each->next) before = each;
    if (before == NULL)
        world->messages = message->next;
    else
        before->next = message->next;
    if (world->last_message == message) world->last_message = before;
    free(message->data);
    free(message);
}

void thd_forgetMessagesLocked(THDWorld *world, int rank, const char *text)
{
    for (THDMessage *each = world->messages, *next; each != NULL; each = next) {
        next = each->next;
        if (each->peer != rank || (each->whole && each->header.kind != THDKind_ASK)) continue;
        if (each->claimed != NULL) thd_failLocked(each->claimed, TH_ERR_STATE, text);
        drop_message(world, each);
    }
}

static void arrive_eager(THDWorld *world, int rank, const THDHeader *header)
{
    THDPeer *const peer = &world->peers[rank];
    THDRequest *const receive = take_posted(world, rank, header);
    if (receive != NULL) {
        if (!admits(receive, rank, header)) return;
        receive->at = THDAt_READING;
        peer->reading = receive;
        peer->sink = receive->data;
        return;
    }
    peer->message = keep_message(world, rank, header, true);
    if (peer->message == NULL)
        thd_goneLocked(world, rank, "no memory for what it has sent");
    else
        peer->sink = peer->message->data;
}

static void arrive_data(THDWorld *world, int rank, const THDHeader *header)
{
    THDPeer *const peer = &world->peers[rank];
    for (THDRequest **each = &world->granted; *each != NULL; each = &(*each)->next) {
        THDRequest *const found = *each;
        if (found->peer != rank || found->granted != header->id) continue;
        *each = found->next;
        found->at = THDAt_READING;
        peer->reading = found;
        peer->sink = found->data;
        return;
    }
}

static void arrive_grant(THDWorld *world, int rank, const THDHeader *header)
{
    for (THDRequest **each = &world->peers[rank].asked; *each != NULL; each = &(*each)->next) {
        THDRequest *const found = *each;
        if (found->header.id != header->id) continue;
        *each = found->next;
        found->header.kind = THDKind_DATA;
        if (thd_queueLocked(world, rank, &found->header, found->data, found) != TH_OK)
            thd_failLocked(found, TH_ERR_MEMORY, THStatus_message());
        return;
    }
}

void thd_arriveLocked(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    const THDHeader header = peer->in;
    peer->sink = NULL;
    if (header.kind == THDKind_EAGER || header.kind == THDKind_ASK) {
        THDGroup *const group = find_group(world, header.group);
        if (group != NULL) compare_header(group, rank, &header);
        if (group != NULL && group->failure != NULL && header.call != THDCall_SEND) return; /* nobody will want it */
    }
    switch ((THDKind)header.kind) {
    case THDKind_EAGER:
        arrive_eager(world, rank, &header);
        break;
    case THDKind_DATA:
        arrive_data(world, rank, &header);
        break;
    case THDKind_GRANT:
        arrive_grant(world, rank, &header);
        break;
    case THDKind_BYE:
        peer->left = true;
        break;
    case THDKind_ABORT:
        if (header.nbytes < 4096) peer->text = calloc(1, (size_t)header.nbytes + 1);
        peer->sink = peer->text;
        break;
    case THDKind_ASK: {
        THDRequest *const receive = take_posted(world, rank, &header);
        if (receive != NULL)
            accept_asked(receive, rank, &header);
        else if (keep_message(world, rank, &header, false) == NULL)
            thd_goneLocked(world, rank, "no memory for what it asks");
        break;
    }
    }
}

static void arrived_message(THDWorld *world, THDMessage *message)
{
    THDRequest *const receive = message->claimed;
    message->whole = true;
    if (receive == NULL) return;
    copy_bytes(receive->data, message->data, message->header.nbytes);
    thd_doneLocked(receive);
    drop_message(world, message);
}

static void arrived_abort(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    THDGroup *const group = find_group(world, peer->in.group);
    if (group != NULL && peer->text != NULL) {
        char name[THD_NAME], text[THD_TEXT];
        const char *why = strchr(peer->text, ']');
        snprintf(text, sizeof text, "[distributed] %s gave up:%.400s", thd_nameOf(world, rank, name),
                 why == NULL ? peer->text : why + 1);
        thd_breakLocked(group, text, false);
    }
    free(peer->text);
    peer->text = NULL;
}

void thd_arrivedLocked(THDWorld *world, int rank)
{
    THDPeer *const peer = &world->peers[rank];
    THDRequest *const reading = peer->reading;
    THDMessage *const message = peer->message;
    peer->reading = NULL;
    peer->message = NULL;
    peer->sink = NULL;
    if (reading != NULL)
        thd_doneLocked(reading);
    else if (message != NULL)
        arrived_message(world, message);
    else if (peer->in.kind == THDKind_ABORT)
        arrived_abort(world, rank);
}

THStatus thd_deliverLocked(THDRequest *send)
{
    THDWorld *const world = send->world;
    THDHeader header = send->header;
    header.kind = THDKind_EAGER;
    THDRequest *const receive = take_posted(world, world->rank, &header);
    if (receive != NULL && admits(receive, world->rank, &header)) {
        copy_bytes(receive->data, send->data, header.nbytes);
        thd_doneLocked(receive);
    } else if (receive == NULL) {
        THDMessage *const message = keep_message(world, world->rank, &header, true);
        TH_FAIL_IF(message == NULL, TH_ERR_MEMORY, "[send] no memory for a message to oneself of %lld bytes",
                   (long long)header.nbytes);
        copy_bytes(message->data, send->data, header.nbytes);
        message->whole = true;
    }
    thd_doneLocked(send);
    return TH_OK;
}

static bool anybody_left(const THDRequest *receive, int *dead)
{
    THDWorld *const world = receive->world;
    const THDGroup *group = receive->group;
    bool somebody = receive->peer == world->rank;
    for (int i = 0; i < group->size; i++) {
        const int rank = group->ranks[i];
        if (rank == world->rank || (receive->peer != THD_ANY_RANK && receive->peer != rank)) continue;
        if (world->peers[rank].gone)
            *dead = rank;
        else
            somebody = true;
        if (world->peers[rank].gone && !world->peers[rank].left) return false;
    }
    return somebody;
}

static bool take_message(THDRequest *receive)
{
    THDWorld *const world = receive->world;
    for (THDMessage *each = world->messages; each != NULL; each = each->next) {
        if (each->claimed != NULL || !fits(receive, each->peer, &each->header)) continue;
        if (each->header.kind == THDKind_ASK) {
            accept_asked(receive, each->peer, &each->header);
            drop_message(world, each);
        } else if (!admits(receive, each->peer, &each->header)) {
            if (each->whole)
                drop_message(world, each);
            else
                each->header.part = UINT32_MAX; /* still being read; fits nothing any more */
        } else if (each->whole) {
            copy_bytes(receive->data, each->data, each->header.nbytes);
            drop_message(world, each);
            thd_doneLocked(receive);
        } else {
            each->claimed = receive;
            receive->at = THDAt_CLAIMED;
        }
        return true;
    }
    return false;
}

void thd_postLocked(THDRequest *receive)
{
    THDWorld *const world = receive->world;
    if (take_message(receive)) return;
    int dead = -1;
    if (!anybody_left(receive, &dead)) {
        char name[THD_NAME], text[THD_TEXT];
        if (dead < 0)
            snprintf(text, sizeof text, "[recv] there is no other rank in this group that could send");
        else
            snprintf(text, sizeof text, "[recv] %s is gone: %s", thd_nameOf(world, dead, name), world->peers[dead].reason);
        thd_failLocked(receive, TH_ERR_STATE, text);
        return;
    }
    THDRequest **last = &world->posted;
    while (*last != NULL) last = &(*last)->next;
    receive->next = NULL;
    receive->at = THDAt_POSTED;
    *last = receive;
}
