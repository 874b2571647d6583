/* The pool: coverage, nesting, two callers, other sizes, a forked child, two threads on one CPU. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "THTest.h"

enum { N = 1000003 };

typedef struct Marks {
    unsigned char seen[N];
    int worst_thread; /* atomic */
    int overlaps;     /* atomic: ranges of one thread number that ran at one time */
    int busy[64];     /* atomic */
} Marks;

static void mark(int64_t begin, int64_t end, int thread, void *context)
{
    Marks *marks = context;
    if (!THThreads_inParallel() || __atomic_exchange_n(&marks->busy[thread], 1, __ATOMIC_ACQ_REL) != 0)
        __atomic_add_fetch(&marks->overlaps, 1, __ATOMIC_RELAXED);
    for (int64_t i = begin; i < end; i++) marks->seen[i]++;
    int worst = __atomic_load_n(&marks->worst_thread, __ATOMIC_RELAXED);
    while (thread > worst &&
           !__atomic_compare_exchange_n(&marks->worst_thread, &worst, thread, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    __atomic_store_n(&marks->busy[thread], 0, __ATOMIC_RELEASE);
}

/* Every index is seen once, by threads 0 .. get()-1. */
static bool covers(int64_t n, int64_t grain)
{
    Marks *marks = calloc(1, sizeof *marks);
    THThreads_for(n, grain, mark, marks);
    bool right = marks->worst_thread < THThreads_get() && (n <= grain || marks->overlaps == 0);
    for (int64_t i = 0; i < N; i++) right = right && marks->seen[i] == (i < n);
    free(marks);
    return right && !THThreads_inParallel();
}

static void inner(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    __atomic_add_fetch((int64_t *)context, end - begin, __ATOMIC_RELAXED);
}

static void outer(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    for (int64_t i = begin; i < end; i++) THThreads_for(100, 1, inner, context);
}

static void *manyRegions(void *right)
{
    for (int i = 0; i < 200; i++) *(bool *)right = *(bool *)right && covers(5000 + i, 100);
    return NULL;
}

static void testTwoCallers(void)
{
    bool right[3] = {true, true, true};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, manyRegions, &right[i]);
    manyRegions(&right[2]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    CHECK(right[0] && right[1] && right[2]);
}

static void testFork(void)
{
    CHECK(covers(N, 1000));
    const pid_t child = fork();
    if (child == 0) {
        alarm(20); /* a child that hangs fails */
        bool right = covers(N, 1000) && THThreads_set(5) == TH_OK && covers(N, 1000);
        const pid_t grandchild = fork();
        if (grandchild == 0) _exit(covers(N, 10) ? 0 : 1);
        int status = 1;
        waitpid(grandchild, &status, 0);
        _exit(right && status == 0 ? 0 : 1);
    }
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(covers(N, 1000));
}

typedef struct Place {
    int pin;           /* the worker puts itself on this CPU first; -1: it stays where it is */
    int cpu;           /* atomic: where the worker ran; -1: it has not come */
    cpu_set_t allowed; /* where it may run */
} Place;

/* The caller waits until the worker has come and told where it runs. */
static void place(int64_t begin, int64_t end, int thread, void *context)
{
    (void)begin;
    (void)end;
    Place *at = context;
    if (thread == 0) {
        for (int i = 0; i < 1000000 && __atomic_load_n(&at->cpu, __ATOMIC_ACQUIRE) < 0; i++) sched_yield();
        return;
    }
    if (at->pin >= 0) {
        CPU_ZERO(&at->allowed);
        CPU_SET(at->pin, &at->allowed);
        sched_setaffinity(0, sizeof at->allowed, &at->allowed);
    }
    sched_getaffinity(0, sizeof at->allowed, &at->allowed);
    __atomic_store_n(&at->cpu, sched_getcpu(), __ATOMIC_RELEASE);
}

/* A worker that has got onto its owner's CPU is moved off it, and the owner may run where it could before. */
static void testSharedCpu(void)
{
    cpu_set_t allowed, after;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return; /* nowhere to go */
    CHECK_OK(THThreads_set(2));
    bool barred = false, apart = false;
    for (int round = 0; round < 50 && !(barred && apart); round++) {
        const int pin = sched_getcpu();
        Place first = {.pin = pin, .cpu = -1}, second = {.pin = -1, .cpu = -1};
        THThreads_for(2, 1, place, &first);
        cpu_set_t elsewhere = allowed; /* the owner's next region comes from another CPU, the one after it from this again */
        CPU_CLR(pin, &elsewhere);
        sched_setaffinity(0, sizeof elsewhere, &elsewhere);
        THThreads_for(2, 1, inner, &(int64_t){0});
        sched_setaffinity(0, sizeof first.allowed, &first.allowed);
        sched_setaffinity(0, sizeof allowed, &allowed);
        usleep(2000); /* the worker sleeps */
        THThreads_for(2, 1, place, &second);
        barred = barred || (second.cpu >= 0 && CPU_COUNT(&second.allowed) == CPU_COUNT(&allowed) - 1);
        apart = apart || (second.cpu >= 0 && second.cpu != sched_getcpu());
    }
    CHECK(barred);
    CHECK(apart);
    CHECK(sched_getaffinity(0, sizeof after, &after) == 0 && CPU_EQUAL(&after, &allowed));
}

int main(void)
{
    alarm(120);
    CHECK(THThreads_get() >= 1);
    CHECK(!THThreads_inParallel());
    CHECK(covers(0, 1) && covers(1, 1) && covers(N, N) && covers(N, 0));
    const int counts[] = {1, 4, 2, 7, 3};
    for (int i = 0; i < 5; i++) {
        CHECK_OK(THThreads_set(counts[i]));
        CHECK(THThreads_get() == counts[i]);
        CHECK(covers(N, 1) && covers(17, 1) && covers(17, 5) && covers(N, 400000));
        int64_t total = 0;
        THThreads_for(50, 1, outer, &total);
        CHECK(total == 5000);
    }
    CHECK_FAILS(THThreads_set(0), TH_ERR_VALUE, "[threads] count, 0");
    for (int i = 0; i < 3000; i++) {
        int64_t total = 0;
        THThreads_for(64, 1, inner, &total);
        if (total != 64) CHECK(!"a region was not finished when it returned");
    }
    usleep(2000); /* long enough for the workers to fall asleep */
    CHECK(covers(N, 1));
    testTwoCallers();
    testFork();
    testSharedCpu();
    return th_test_end("threads");
}
