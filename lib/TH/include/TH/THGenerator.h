/* Random bits: Philox 4x32-10, a counter-based generator.
 *
 * Element i of a call takes its bits from counter (offset + i / k), so streams do not depend on the number of threads, the CPU
 * level or the device. Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
#ifndef TH_GENERATOR_H
#define TH_GENERATOR_H

#include <stdint.h>

#include "TH/THStatus.h"

typedef struct THGenerator {
    int32_t refcount; /* see THRefcount.h */
    uint64_t seed;    /* the key */
    uint64_t offset;  /* the next unused counter; each has 128 bits */
} THGenerator;

TH_BEGIN_DECLS

TH_API THGenerator *THGenerator_new(void);
TH_API void THGenerator_retain(THGenerator *self);
TH_API void THGenerator_free(THGenerator *self);
/* The process's default generator (borrowed). */
TH_API THGenerator *THGenerator_default(void);
TH_API void THGenerator_manualSeed(THGenerator *self, uint64_t seed);
/* Seeds from the operating system's entropy and returns the seed. */
TH_API uint64_t THGenerator_seed(THGenerator *self);
TH_API uint64_t THGenerator_initialSeed(const THGenerator *self);
/* Takes `count` counters for one call and returns the first. Thread-safe. */
TH_API uint64_t THGenerator_reserve(THGenerator *self, uint64_t count);

TH_END_DECLS

#endif
