#define _GNU_SOURCE
#include "core/THLocal.h"

#include <pthread.h>
#include <stdlib.h>

_Thread_local THLocal th_local;

static pthread_key_t th_local_key;
static pthread_once_t th_local_once = PTHREAD_ONCE_INIT;
static bool th_local_has_key;

static void drainCache(THCache *cache)
{
    for (void *block = thCache_take(cache); block != NULL; block = thCache_take(cache)) free(block);
}

/* Runs at the thread's end. Destructors that run after it may still free tensors: those go straight back. */
static void closeLocal(void *local)
{
    THLocal *self = local;
    self->closed = true;
    drainCache(&self->tensors);
    drainCache(&self->storages);
    free(self->message);
    self->message = NULL;
}

static void createKey(void)
{
    th_local_has_key = pthread_key_create(&th_local_key, closeLocal) == 0;
}

void thLocal_register(void)
{
    pthread_once(&th_local_once, createKey);
    /* Without a key (the process has used up all of them) a thread's blocks would leak at its end: cache nothing. */
    if (!th_local_has_key || pthread_setspecific(th_local_key, &th_local) != 0) th_local.closed = true;
    th_local.registered = true;
}
