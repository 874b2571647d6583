// Runs of equal elements in the order of a vector.
#pragma once

#include "ops/THCSortedLines.cuh"

struct THCRuns {
    THCSortedLines sorted;
    THTensor *begins; // Byte: whether a run begins with element number i in order
    THTensor *rank;   // Long: how many have begun up to there
    int64_t count;

    THCRuns() : begins(nullptr), rank(nullptr), count(0) {}
    ~THCRuns()
    {
        THTensor_free(begins);
        THTensor_free(rank);
    }
    THCRuns(const THCRuns &) = delete;
    THCRuns &operator=(const THCRuns &) = delete;
};

// flat: 1-d with elements. limit: as of thc_sortLines. Waits for the device, as `count` decides sizes.
THStatus thc_findRuns(const char *op, const THTensor *flat, int64_t limit, THCRuns *runs);
// values: `count` elements, one of each run. Long, or NULL if not wanted: inverse, for each element of the vector the number of
// its run; edges, count + 1 numbers, where in order each run begins and the last one ends.
THStatus thc_writeRuns(const char *op, const THCRuns &runs, THTensor *values, THTensor *inverse, THTensor *edges);
