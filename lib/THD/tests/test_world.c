/* How processes meet and part: who does not come, who dies, who disagrees, who forks. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "THDTest.h"

static void nap(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
}

/* --- meeting ----------------------------------------------------------------------------------------------------------- */

static void test_places(void)
{
    const THDPlace good = {.rank = 0, .size = 1, .host = "127.0.0.1", .listener = -1, .timeout = 1};
    THDPlace place = good;
    place.rank = 1;
    CHECK_NULL(THDWorld_new(&place), TH_ERR_VALUE, "[init_process_group] rank 1, must be 0 .. 0");
    place = good;
    place.size = 0;
    CHECK_NULL(THDWorld_new(&place), TH_ERR_VALUE, "world_size 0");
    place = good;
    place.timeout = 0;
    CHECK_NULL(THDWorld_new(&place), TH_ERR_VALUE, "timeout 0 s");
    place = good;
    place.host = "no.such.host.invalid";
    CHECK_NULL(THDWorld_new(&place), TH_ERR_VALUE, "host no.such.host.invalid");
    place = good;
    place.port = 70000;
    CHECK_NULL(THDWorld_new(&place), TH_ERR_VALUE, "port 70000");
}

static void test_nobody_comes(void)
{
    int port = 0, listener = -1;
    CHECK_OK(THD_listen("127.0.0.1", &port, &listener));
    const THDPlace first = {.rank = 0, .size = 3, .host = "127.0.0.1", .port = port, .listener = listener, .timeout = 0.2};
    CHECK_NULL(THDWorld_new(&first), TH_ERR_STATE, "for 2 of 3 processes: rank 1, 2 did not come");
    const THDPlace second = {.rank = 1, .size = 3, .host = "127.0.0.1", .port = port, .listener = -1, .timeout = 0.2};
    CHECK_NULL(THDWorld_new(&second), TH_ERR_STATE, "nobody answers at 127.0.0.1 port");
}

static void test_port_in_use(void)
{
    int port = 0, listener = -1, other = -1;
    CHECK_OK(THD_listen("127.0.0.1", &port, &listener));
    CHECK_FAILS(THD_listen("127.0.0.1", &port, &other), TH_ERR_STATE, "another process listens there: choose another port");
    close(listener);
    int again = port;
    CHECK_OK(THD_listen("127.0.0.1", &again, &other));
    close(other);
}

static void *come(void *context)
{
    THDTestRank *const self = context;
    THDWorld *const world = THDWorld_new(&self->place);
    CHECK(world == NULL); /* for its reason see the caller's */
    CHECK(strstr(THStatus_message(), self->place.host == NULL ? "" : "init_process_group") != NULL);
    THDWorld_free(world);
    return NULL;
}

/* Two processes that say the same rank, or another world size: both sides are told. */
static void test_wrong_crowd(int rank, int size, const char *message)
{
    int port = 0, listener = -1;
    CHECK_OK(THD_listen("127.0.0.1", &port, &listener));
    THDTestRank others[2];
    for (int i = 0; i < 2; i++) {
        others[i].place =
            (THDPlace){.rank = rank, .size = size, .host = "127.0.0.1", .port = port, .listener = -1, .timeout = 5};
        CHECK(pthread_create(&others[i].thread, NULL, come, &others[i]) == 0);
    }
    const THDPlace first = {.rank = 0, .size = 3, .host = "127.0.0.1", .port = port, .listener = listener, .timeout = 5};
    CHECK_NULL(THDWorld_new(&first), TH_ERR_VALUE, message);
    for (int i = 0; i < 2; i++) pthread_join(others[i].thread, NULL);
}

/* --- parting ----------------------------------------------------------------------------------------------------------- */

static const char *failure_of(THStatus status)
{
    return status == TH_OK ? "" : THStatus_message();
}

/* The last rank ends without a goodbye while the others wait for it; all are told who. */
static void in_processes(int size, double timeout, void (*body)(THDTest *))
{
    int port = 0, listener = -1;
    CHECK_OK(THD_listen("127.0.0.1", &port, &listener));
    pid_t children[THD_TEST_RANKS];
    for (int rank = 0; rank < size; rank++) {
        children[rank] = fork();
        if (children[rank] != 0) continue;
        THDTestRank self = {.place = {.rank = rank,
                                      .size = size,
                                      .host = "127.0.0.1",
                                      .port = port,
                                      .timeout = timeout,
                                      .listener = rank == 0 ? listener : -1},
                            .body = body};
        if (rank > 0) close(listener);
        thd_test_rank(&self);
        _exit(th_test_failures > 0 ? 1 : 0);
    }
    close(listener);
    for (int rank = 0; rank < size; rank++) {
        int status = 0;
        CHECK(waitpid(children[rank], &status, 0) == children[rank]);
        CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0) || (rank == size - 1 && WIFSIGNALED(status)));
    }
}

static void die_in_call(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, 1000000, 1, 0);
    CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = t}));
    if (test->rank == test->size - 1) {
        nap(100);
        kill(getpid(), SIGKILL);
    }
    char expected[32];
    snprintf(expected, sizeof expected, "rank %d (process", test->size - 1);
    const THDCall call = {.kind = THDCall_ALL_REDUCE, .tensor = t};
    CHECK(strstr(failure_of(THDGroup_run(test->all, &call)), expected) != NULL);
    CHECK_FAILS(THDGroup_run(test->all, &call), TH_ERR_STATE, "this group can make no more calls");
    THDRequest *const request = THDGroup_newReceive(test->all, t, test->size - 1);
    CHECK_FAILS(THDRequest_wait(request), TH_ERR_STATE, expected);
    THDRequest_free(request);
    THDRequest *const any = THDGroup_newReceive(test->all, t, THD_ANY_RANK);
    CHECK_FAILS(THDRequest_wait(any), TH_ERR_STATE, expected);
    THDRequest_free(any);
    THTensor_free(t);
}

/* One that leaves as it should hurts nobody, until it is needed. */
static void leave_early(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, 100000, 1, 0);
    const int two[2] = {0, 1};
    THDGroup *const pair = THDWorld_addGroup(test->world, 2, two);
    if (test->rank == 2) {
        THDRequest *const sent = THDGroup_newSend(test->all, t, 0);
        THDRequest_free(sent); /* leaves before the goodbye */
        THTensor_free(t);
        return;
    }
    nap(100);
    CHECK_OK(THDGroup_run(pair, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = t}));
    if (test->rank == 0) {
        THDRequest *const request = THDGroup_newReceive(test->all, t, THD_ANY_RANK);
        CHECK_OK(THDRequest_wait(request));
        CHECK(THDRequest_rank(request) == 2);
        THDRequest_free(request);
    }
    CHECK_OK(THDGroup_run(pair, &(THDCall){.kind = THDCall_BARRIER}));
    const char *failure = failure_of(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}));
    CHECK(strstr(failure, "rank 2 (process") != NULL && strstr(failure, "it has left its process group") != NULL);
    THTensor_free(t);
}

static void disagree(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, test->rank == 1 ? 5 : 4, 1, 0);
    const char *failure = failure_of(THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = t}));
    CHECK(strstr(failure, "[all_reduce]") != NULL && strstr(failure, "ranks disagree in call 0") != NULL);
    CHECK(strstr(failure, "all_reduce of 5 elements of float32 with sum") != NULL);
    CHECK(strstr(failure, "all_reduce of 4 elements of float32 with sum") != NULL);
    THTensor_free(t);
}

static void disagree_in_kind(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, 300000, 1, 0);
    const THDCall call = {.kind = test->rank == 0 ? THDCall_BROADCAST : THDCall_ALL_REDUCE, .tensor = t};
    const char *failure = failure_of(THDGroup_run(test->all, &call));
    CHECK(strstr(failure, "ranks disagree in call 0") != NULL && strstr(failure, "broadcast of 300000") != NULL);
    THTensor_free(t);
}

static void disagree_in_group(THDTest *test)
{
    const int ranks[2] = {test->rank, 1 - test->rank};
    CHECK_NULL(THDWorld_addGroup(test->world, 2, ranks), TH_ERR_STATE, "new_group with ranks of number");
}

static void wait_in_vain(THDTest *test)
{
    if (test->rank == 1) {
        nap(800);
        CHECK_FAILS(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}), TH_ERR_STATE, "timed out after 0.3 s");
        return;
    }
    CHECK_FAILS(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}), TH_ERR_STATE,
                "[barrier] timed out after 0.3 s: rank 1 (process");
}

/* A forked child has no part: its calls fail, and its end ends nothing. */
static void fork_child(THDTest *test)
{
    const pid_t child = fork();
    if (child == 0) {
        const THStatus status = THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER});
        const bool told = status == TH_ERR_STATE && strstr(THStatus_message(), "is a fork of rank") != NULL;
        THDWorld_free(test->world);
        _exit(told ? 0 : 1);
    }
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    THTensor *const t = thd_test_filled(THDtype_Float, 100000, 1, 0);
    CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = t}));
    CHECK(th_test_at(t, 0) == test->size);
    THTensor_free(t);
}

static void close_early(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, 10, 1, 0);
    THDRequest *const open = THDGroup_newReceive(test->all, t, test->rank);
    THDWorld_close(test->world, 1);
    CHECK_FAILS(THDRequest_wait(open), TH_ERR_STATE, "has left its process group");
    CHECK_FAILS(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}), TH_ERR_STATE, "has left its process group");
    THDRequest_free(open);
    THTensor_free(t);
}

int main(void)
{
    in_processes(3, 20, die_in_call);
    in_processes(2, 20, die_in_call);
    in_processes(2, 20, fork_child);
    test_places();
    test_nobody_comes();
    test_port_in_use();
    test_wrong_crowd(1, 3, "rank 1 came twice");
    test_wrong_crowd(1, 2, "as rank 1 of 2, but rank 0 has a world of 3");
    thd_test_run(3, 20, leave_early);
    thd_test_run(3, 20, disagree);
    thd_test_run(2, 20, disagree);
    thd_test_run(2, 20, disagree_in_kind);
    thd_test_run(2, 20, disagree_in_group);
    thd_test_run(2, 0.3, wait_in_vain);
    thd_test_run(2, 20, close_early);
    thd_test_run(1, 20, close_early);
    return th_test_end("test_world");
}
