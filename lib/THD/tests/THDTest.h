/* What THD's C tests share: worlds whose ranks are threads of this process, or forked processes. */
#ifndef THD_TEST_H
#define THD_TEST_H

#include <pthread.h>

#include "../../TH/tests/THTest.h"
#include "THD/THD.h"

#define THD_TEST_RANKS 8

typedef struct THDTest {
    THDWorld *world;
    THDGroup *all;
    int rank, size;
} THDTest;

typedef struct THDTestRank {
    THDPlace place;
    void (*body)(THDTest *test);
    pthread_t thread;
} THDTestRank;

static inline void *thd_test_rank(void *context)
{
    THDTestRank *const self = context;
    THDTest test = {.world = THDWorld_new(&self->place), .rank = self->place.rank, .size = self->place.size};
    if (!CHECK(test.world != NULL)) {
        fprintf(stderr, "    rank %d: %s\n", test.rank, THStatus_message());
        return NULL;
    }
    test.all = THDWorld_group(test.world);
    self->body(&test);
    THDWorld_close(test.world, 5);
    THDWorld_free(test.world);
    return NULL;
}

/* Runs `body` in `size` threads, each a rank of one world on the loopback interface. */
static inline void thd_test_run(int size, double timeout, void (*body)(THDTest *))
{
    THDTestRank ranks[THD_TEST_RANKS];
    int port = 0, listener = -1;
    if (!CHECK_OK(THD_listen("127.0.0.1", &port, &listener))) return;
    for (int rank = 0; rank < size; rank++) {
        ranks[rank] = (THDTestRank){.place = {.rank = rank,
                                              .size = size,
                                              .host = "127.0.0.1",
                                              .port = port,
                                              .timeout = timeout,
                                              .listener = rank == 0 ? listener : -1},
                                    .body = body};
        CHECK(pthread_create(&ranks[rank].thread, NULL, thd_test_rank, &ranks[rank]) == 0);
    }
    for (int rank = 0; rank < size; rank++) pthread_join(ranks[rank].thread, NULL);
}

static inline THTensor *thd_test_filled(THDtype dtype, int64_t count, double first, double step)
{
    THTensor *const t = THTensor_newWithSize(dtype, 1, &count);
    for (int64_t i = 0; i < count; i++)
        THScalar_store(THScalar_fromDouble(first + step * (double)(i % 5)), dtype,
                       THTensor_dataBytes(t) + i * THDtype_itemsize(dtype));
    return t;
}

#endif
