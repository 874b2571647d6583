/* The pool. One parallel region at a time owns it; a second one runs in its calling thread.
 *
 * A region is cut into parts. The ticket holds the region's generation and the number of parts that nobody has taken;
 * whoever takes one does so by compare-and-swap of the whole ticket, so that a worker that was late for its region can
 * never take part in the next one by mistake. The caller takes parts as well: it never waits for a worker that has not
 * begun. */
#define _GNU_SOURCE
#include "TH/THThreads.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/THLocal.h"
#include "threads/THPlacement.h"
#include "threads/THPool.h"

#define TH_MAX_THREADS 1024
#define TH_SPIN_NS 30000    /* a waiting thread looks this long before it sleeps: waking costs more than that */
#define TH_PLACE_NS 1000000 /* workers that are awake are moved at most once in this time: it costs as much as a small region */
#define TH_PARTS_PER_THREAD 4 /* so that a thread that lost its CPU does not hold up the others */
#define TH_CACHE_LINE 64

typedef struct Pool {
    _Alignas(TH_CACHE_LINE) uint64_t ticket;     /* generation << 32 | parts not taken */
    _Alignas(TH_CACHE_LINE) uint32_t epoch;      /* futex: changes with each region */
    uint32_t sleepers;                           /* workers inside futex_wait on epoch */
    _Alignas(TH_CACHE_LINE) uint32_t unfinished; /* futex: parts whose body has not returned */
    uint32_t owner_sleeps;
    _Alignas(TH_CACHE_LINE) uint32_t busy; /* 1 while a region owns the pool */
    int wanted;                            /* threads asked for, callers included; 0: not decided yet */
    int workers;                           /* started; changed by the owner only */
    bool fork_handled;
    /* The region; written by the owner before the ticket, read by workers after they took a part. */
    THRange body;
    void *context;
    int64_t n;
    int64_t part;
    uint32_t parts;
    /* Where workers run; the owner's. */
    int barred;              /* the CPU that workers may not use, plus 1; 0: all may be used */
    int64_t barred_at;       /* since when, ns */
    int ids[TH_MAX_THREADS]; /* of the workers' threads, atomic; 0: not running yet */
} Pool;

static Pool th_pool;

static long futex(uint32_t *word, int operation, uint32_t value)
{
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static int64_t nowNs(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Looks at `word` until it differs from `value` (true) or the time is over (false). */
static bool spinWhile(const uint32_t *word, uint32_t value)
{
    int64_t deadline = 0;
    for (int i = 1;; i++) {
        if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) return true;
        relax();
        if (i % 32 != 0) continue;
        const int64_t now = nowNs();
        if (deadline == 0) deadline = now + TH_SPIN_NS;
        if (now > deadline) return false;
    }
}

static int environmentCount(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    if (text == NULL) return 0;
    char *end;
    const long count = strtol(text, &end, 10); /* may be a list, one number for each level of nesting */
    if (end == text || count < 1) return 0;
    return count > TH_MAX_THREADS ? TH_MAX_THREADS : (int)count;
}

int THThreads_get(void)
{
    int wanted = __atomic_load_n(&th_pool.wanted, __ATOMIC_RELAXED);
    if (__builtin_expect(wanted > 0, 1)) return wanted;
    int count = environmentCount();
    if (count == 0) count = thCpuBudget_count();
    if (count > TH_MAX_THREADS) count = TH_MAX_THREADS;
    __atomic_compare_exchange_n(&th_pool.wanted, &wanted, count, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return __atomic_load_n(&th_pool.wanted, __ATOMIC_RELAXED);
}

THStatus THThreads_set(int count)
{
    TH_FAIL_IF(count < 1 || count > TH_MAX_THREADS, TH_ERR_VALUE, "[threads] count, %d: must be 1 to %d", count,
               TH_MAX_THREADS);
    __atomic_store_n(&th_pool.wanted, count, __ATOMIC_RELAXED);
    return TH_OK;
}

bool THThreads_inParallel(void)
{
    return th_local.in_parallel;
}

static void runPart(uint32_t index, int thread)
{
    const int64_t begin = (int64_t)index * th_pool.part;
    const int64_t left = th_pool.n - begin;
    th_pool.body(begin, begin + (left < th_pool.part ? left : th_pool.part), thread, th_pool.context);
}

/* Takes parts of the region that the ticket shows until none is left. */
static void takeParts(int thread)
{
    uint64_t ticket = __atomic_load_n(&th_pool.ticket, __ATOMIC_ACQUIRE);
    const uint32_t generation = (uint32_t)(ticket >> 32);
    while ((uint32_t)ticket != 0 && (uint32_t)(ticket >> 32) == generation) {
        /* Whoever made the pool smaller did so before the region that this ticket belongs to. */
        if (thread >= __atomic_load_n(&th_pool.wanted, __ATOMIC_RELAXED)) return;
        if (!__atomic_compare_exchange_n(&th_pool.ticket, &ticket, ticket - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            continue;
        runPart(th_pool.parts - (uint32_t)ticket, thread);
        if (__atomic_sub_fetch(&th_pool.unfinished, 1, __ATOMIC_SEQ_CST) == 0 &&
            __atomic_load_n(&th_pool.owner_sleeps, __ATOMIC_SEQ_CST) != 0)
            futex(&th_pool.unfinished, FUTEX_WAKE, 1);
        ticket = __atomic_load_n(&th_pool.ticket, __ATOMIC_ACQUIRE);
    }
}

static void *workerMain(void *argument)
{
    const int thread = (int)(intptr_t)argument;
    th_local.in_parallel = true;
    __atomic_store_n(&th_pool.ids[thread - 1], (int)gettid(), __ATOMIC_RELAXED);
    uint32_t seen = __atomic_load_n(&th_pool.epoch, __ATOMIC_ACQUIRE);
    for (;;) {
        takeParts(thread);
        if (!spinWhile(&th_pool.epoch, seen)) {
            __atomic_add_fetch(&th_pool.sleepers, 1, __ATOMIC_SEQ_CST);
            while (__atomic_load_n(&th_pool.epoch, __ATOMIC_SEQ_CST) == seen) futex(&th_pool.epoch, FUTEX_WAIT, seen);
            __atomic_sub_fetch(&th_pool.sleepers, 1, __ATOMIC_SEQ_CST);
        }
        seen = __atomic_load_n(&th_pool.epoch, __ATOMIC_ACQUIRE);
    }
    return NULL;
}

/* In a forked child only the forking thread lives: the pool starts anew at the next region. */
static void forgetWorkers(void)
{
    th_pool.workers = 0;
    th_pool.sleepers = 0;
    th_pool.unfinished = 0;
    th_pool.owner_sleeps = 0;
    th_pool.ticket = 0;
    th_pool.busy = 0;
    th_pool.barred = 0;
    memset(th_pool.ids, 0, sizeof th_pool.ids);
}

/* Starts what is missing of `count` workers; the owner calls this. Fewer than asked for is no failure. */
static void startWorkers(int count)
{
    if (!th_pool.fork_handled) {
        if (pthread_atfork(NULL, NULL, forgetWorkers) != 0) return;
        th_pool.fork_handled = true;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* workers inherit it: signals go to the program's own threads */
    while (th_pool.workers < count) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, workerMain, (void *)(intptr_t)(th_pool.workers + 1)) != 0) break;
        pthread_detach(thread);
        th_pool.workers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Bars the owner's CPU for `count` workers if it is not yet. */
static void placeWorkers(int count)
{
    const int cpu = thPlacement_cpu();
    if (cpu + 1 == th_pool.barred) return;
    const int64_t now = nowNs();
    if (__atomic_load_n(&th_pool.sleepers, __ATOMIC_RELAXED) == 0 && now - th_pool.barred_at < TH_PLACE_NS) return;
    th_pool.barred_at = now;
    th_pool.barred = thPlacement_bar(cpu, th_pool.ids, count) ? cpu + 1 : 0;
}

/* Publishes the region, works on it, waits for the others. The pool is owned. */
static void runRegion(uint32_t parts, int threads)
{
    placeWorkers(threads - 1);
    th_pool.parts = parts;
    __atomic_store_n(&th_pool.unfinished, parts, __ATOMIC_RELAXED);
    const uint64_t generation = (__atomic_load_n(&th_pool.ticket, __ATOMIC_RELAXED) >> 32) + 1;
    __atomic_store_n(&th_pool.ticket, generation << 32 | parts, __ATOMIC_RELEASE);
    __atomic_add_fetch(&th_pool.epoch, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&th_pool.sleepers, __ATOMIC_SEQ_CST) > 0) {
        /* With workers that a smaller pool left over, waking a few could wake the wrong ones. */
        const uint32_t useful = parts < (uint32_t)threads ? parts - 1 : (uint32_t)threads - 1;
        futex(&th_pool.epoch, FUTEX_WAKE, th_pool.workers >= threads ? (uint32_t)INT_MAX : useful);
    }
    th_local.in_parallel = true;
    takeParts(0);
    th_local.in_parallel = false;
    uint32_t left;
    while ((left = __atomic_load_n(&th_pool.unfinished, __ATOMIC_ACQUIRE)) != 0) {
        if (spinWhile(&th_pool.unfinished, left)) continue;
        /* The flag before the last look at the counter, the worker the other way round: one of the two sees the other. */
        __atomic_store_n(&th_pool.owner_sleeps, 1, __ATOMIC_SEQ_CST);
        left = __atomic_load_n(&th_pool.unfinished, __ATOMIC_SEQ_CST);
        if (left != 0) futex(&th_pool.unfinished, FUTEX_WAIT, left);
        __atomic_store_n(&th_pool.owner_sleeps, 0, __ATOMIC_RELAXED);
    }
}

void THThreads_for(int64_t n, int64_t grain, THRange body, void *context)
{
    if (n <= 0) return;
    if (body == NULL) {
        (void)THStatus_fail(TH_ERR_VALUE, "[THThreads_for] body, NULL: must be given");
        return;
    }
    if (grain < 1) grain = 1;
    if (n <= grain || th_local.in_parallel) {
        body(0, n, 0, context);
        return;
    }
    const int threads = THThreads_get();
    if (threads == 1 || __atomic_exchange_n(&th_pool.busy, 1, __ATOMIC_ACQUIRE) != 0) {
        /* Ranges of one region have distinct thread numbers: so has the only one. What it calls runs here as well. */
        th_local.in_parallel = true;
        body(0, n, 0, context);
        th_local.in_parallel = false;
        return;
    }
    if (th_pool.workers < threads - 1) startWorkers(threads - 1);
    const int64_t pieces = (int64_t)threads * TH_PARTS_PER_THREAD;
    int64_t part = (n - 1) / pieces + 1;
    if (part < grain) part = grain;
    th_pool.body = body;
    th_pool.context = context;
    th_pool.n = n;
    th_pool.part = part;
    runRegion((uint32_t)((n - 1) / part + 1), threads);
    __atomic_store_n(&th_pool.busy, 0, __ATOMIC_RELEASE);
}
