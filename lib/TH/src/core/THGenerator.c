#define _GNU_SOURCE
#include "TH/THGenerator.h"
#include "TH/THArgument.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "core/THCore.h"

#define TH_DEFAULT_SEED 67280421310721u /* any fixed number: programs that never seed are reproducible */

static THGenerator th_default_generator = {.refcount = 1, .seed = TH_DEFAULT_SEED};

THGenerator *THGenerator_new(void)
{
    THGenerator *self = malloc(sizeof *self);
    if (self == NULL) {
        THStatus_fail(TH_ERR_MEMORY, "[generator] not enough memory");
        return NULL;
    }
    *self = (THGenerator){.refcount = 1, .seed = TH_DEFAULT_SEED};
    return self;
}

void THGenerator_retain(THGenerator *self)
{
    TH_GIVEN_OR(, "retain", self);
    THRefcount_retain(&self->refcount);
}

void THGenerator_free(THGenerator *self)
{
    if (self == NULL || !THRefcount_release(&self->refcount)) return;
    if (self != &th_default_generator) free(self);
}

THGenerator *THGenerator_default(void)
{
    return &th_default_generator;
}

void THGenerator_manualSeed(THGenerator *self, uint64_t seed)
{
    TH_GIVEN_OR(, "manualSeed", self);
    __atomic_store_n(&self->seed, seed, __ATOMIC_RELAXED);
    __atomic_store_n(&self->offset, 0, __ATOMIC_RELEASE);
}

uint64_t THGenerator_seed(THGenerator *self)
{
    TH_GIVEN_OR(0, "seed", self);
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        seed = (uint64_t)now.tv_sec * UINT64_C(1000000007) + (uint64_t)now.tv_nsec;
    }
    THGenerator_manualSeed(self, seed);
    return seed;
}

uint64_t THGenerator_initialSeed(const THGenerator *self)
{
    TH_GIVEN_OR(0, "initialSeed", self);
    return __atomic_load_n(&self->seed, __ATOMIC_RELAXED);
}

uint64_t THGenerator_reserve(THGenerator *self, uint64_t count)
{
    TH_GIVEN_OR(0, "reserve", self);
    return __atomic_fetch_add(&self->offset, count, __ATOMIC_ACQ_REL);
}
