// The order of the elements of all lines of a tensor along one dimension.
#pragma once

#include "THC/device/THCCore.cuh"

struct THCSortedLines {
    THTensor *dense; // the elements, contiguous, the lines one behind the other
    THTensor
        *positions; // for each line the places of its elements in `dense`, in order, as uint32; equal elements keep their order
    THTensor *keys; // of a single line, in order: THCSortKey, inverted where it descends; else NULL
    int64_t count, length;

    THCSortedLines() : dense(nullptr), positions(nullptr), keys(nullptr), count(0), length(0) {}
    ~THCSortedLines()
    {
        THTensor_free(dense);
        THTensor_free(positions);
        THTensor_free(keys);
    }
    THCSortedLines(const THCSortedLines &) = delete;
    THCSortedLines &operator=(const THCSortedLines &) = delete;
};

// dim: wrapped; a has elements. limit: the elements of a Long tensor are known to be in [0, limit), which makes it faster; 0:
// they may be any. TH_ERR_UNSUPPORTED from 2^32 elements on.
THStatus thc_sortLines(const char *op, const THTensor *a, int dim, bool descending, THCSortedLines *sorted, int64_t limit = 0);

// The lines of a along dim, one behind the other. NULL on failure.
THTensor *thc_newLines(const THTensor *a, int dim);
