/* Large storages: freed blocks that are kept, from many threads, in a forked child, and when memory is short. */
#include <pthread.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "THTest.h"

#define MIB (INT64_C(1) << 20)

/* Field `column` of /proc/self/statm in bytes: 0 address space, 1 resident. */
static int64_t memoryOf(int column)
{
    long long pages[2] = {0, 0};
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return -1;
    const int found = fscanf(file, "%lld %lld", &pages[0], &pages[1]);
    fclose(file);
    return found == 2 ? pages[column] * sysconf(_SC_PAGESIZE) : -1;
}

/* A storage whose every page is written. NULL if there is no memory. */
static THStorage *filled(int64_t nbytes, int value)
{
    THStorage *s = THStorage_newWithSize(THDtype_Byte, nbytes);
    if (s != NULL) memset(s->data, value, (size_t)nbytes);
    return s;
}

static void testReuse(void)
{
    /* One byte less is the same block; twice the size is another. */
    THStorage *s = filled(5 * MIB, 1);
    const char *const block = s->data;
    THStorage_free(s);
    THStorage *const twice = filled(10 * MIB, 2);
    s = filled(5 * MIB - 1, 3);
    CHECK(s->data == block && (uintptr_t)twice->data % (uintptr_t)(2 * MIB) == 0);
    CHECK_OK(THStorage_resize(s, 7 * MIB));
    CHECK(s->data != block && s->data[5 * MIB - 2] == 3);
    s->data[7 * MIB - 1] = 4;
    CHECK_OK(THStorage_resize(s, 1));
    CHECK(s->data[0] == 3);
    THStorage_free(s);
    THStorage_free(twice);
    /* Of less than a huge page; sizes that need as many units of 64 KiB share a block. */
    s = filled(300 << 10, 5);
    const char *const small = s->data;
    THStorage_free(s);
    s = filled(320 << 10, 6);
    CHECK(s->data == small);
    THStorage_free(s);
    /* And from 32 KiB on, of 8 KiB. */
    s = filled(39 << 10, 5);
    const char *const middle = s->data;
    THStorage_free(s);
    s = filled(33 << 10, 6);
    CHECK(s->data == middle);
    THStorage_free(s);
    s = filled(2 * MIB - 1, 7);
    CHECK((uintptr_t)s->data % (uintptr_t)(2 * MIB) == 0); /* a block of 2 MiB, which others may get as one */
    THStorage_free(s);
}

/* Frees many blocks of different sizes, all alive at once: most of the memory goes back. */
static void testBound(void)
{
    enum { COUNT = 40 };
    THStorage *all[COUNT];
    const int64_t before = memoryOf(1);
    for (int i = 0; i < COUNT; i++) all[i] = filled((6 + i % 5) * MIB, i);
    CHECK(memoryOf(1) - before > 200 * MIB);
    for (int i = 0; i < COUNT; i++) THStorage_free(all[i]);
#ifndef __SANITIZE_THREAD__ /* whose record of each byte stays resident when the byte itself goes back */
    CHECK(memoryOf(1) - before < 80 * MIB);
#endif
}

/* What nobody takes goes back while other blocks come and go. */
static void testCold(void)
{
    for (int i = 0; i < 8; i++) THStorage_free(filled((2 + i) * MIB, i));
    const int64_t before = memoryOf(1);
    for (int i = 0; i < 200; i++) THStorage_free(filled(3 * MIB, i));
    CHECK(memoryOf(1) - before < -20 * MIB);
}

static void *churn(void *argument)
{
    uint32_t seed = (uint32_t)(uintptr_t)argument;
    THStorage *held[6] = {NULL};
    intptr_t wrong = 0;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        THStorage **slot = &held[(seed >> 8) % 6];
        if (*slot != NULL) {
            const int64_t last = (*slot)->nbytes - 1, middle = last / 2;
            const char *data = (*slot)->data;
            wrong += data[0] != (char)(*slot)->version || data[middle] != data[0] || data[last] != data[0];
            THStorage_free(*slot);
        }
        /* Few sizes, so that the threads contend for the same blocks. */
        *slot = THStorage_newWithSize(THDtype_Byte, (int64_t)(1 + (seed >> 16) % 5) * (MIB / 2));
        (*slot)->version = seed >> 24;
        (*slot)->data[0] = (*slot)->data[((*slot)->nbytes - 1) / 2] = (*slot)->data[(*slot)->nbytes - 1] = (char)(seed >> 24);
    }
    for (int k = 0; k < 6; k++) THStorage_free(held[k]);
    return (void *)wrong;
}

/* No block is ever given to two owners. */
static void testThreads(void)
{
    pthread_t threads[4];
    for (uintptr_t k = 0; k < 4; k++) CHECK(pthread_create(&threads[k], NULL, churn, (void *)(k + 1)) == 0);
    for (int k = 0; k < 4; k++) {
        void *wrong;
        CHECK(pthread_join(threads[k], &wrong) == 0 && wrong == NULL);
    }
}

/* Runs `body` in a child; true if it returned 0. */
static bool inChild(int (*body)(void))
{
    int status = -1;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) _exit(body());
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int useMemory(void)
{
    return churn((void *)(uintptr_t)9) == NULL ? 0 : 1;
}

/* The kept 60 MiB are the only ones left under the limit: they go back so that another size can be had. */
static int useLimit(void)
{
    THStorage *const other = filled(20 * MIB, 0);
    THStorage_free(filled(40 * MIB, 1));
    THStorage_free(other);
    const rlim_t limit = (rlim_t)(memoryOf(0) + 8 * MIB);
    if (setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}) != 0) return 1;
    THStorage *const s = filled(48 * MIB, 2);
    if (s == NULL || THStorage_newWithSize(THDtype_Byte, 256 * MIB) != NULL) return 2;
    THStorage_free(s);
    return 0;
}

int main(void)
{
    testReuse();
    testBound();
    testCold();
    CHECK(inChild(useLimit));
    testThreads();
    CHECK(inChild(useMemory));
    return th_test_end("allocator");
}
