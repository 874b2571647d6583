/* The pool: coverage, nesting, two callers, other sizes, a forked child. */
#define _GNU_SOURCE
#include <pthread.h>
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
    return th_test_end("threads");
}
