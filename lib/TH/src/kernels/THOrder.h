/* Ordering: the table of one dtype.
 *
 * An element's key is an unsigned number that orders as the elements do: nan is the greatest, all nans are equal, and so are 0
 * and -0. A word is a key above the element's place in its line, so that comparing words orders by element and then by place:
 * whatever sorts or selects words is stable, and its result depends on nothing but the elements. Descending order has the keys'
 * complements, so equal elements keep their order there, too.
 *
 * Lines are contiguous. `words`, `scratch`: memory for words (THOrder.word bytes each), aligned to 16 bytes. */
#ifndef TH_ORDER_H
#define TH_ORDER_H

#include <stddef.h>

#include "TH/THKernel.h"

/* Words that `least` works in, beyond twice the k that are asked for. */
#define TH_ORDER_ROOM 192
/* A line has fewer elements: more places do not fit beside the key. */
#define TH_ORDER_LENGTH (INT64_C(1) << 32)

typedef struct THOrder {
    size_t word; /* bytes */
    /* words[i]: of the element a[i], at the place begin + i. */
    void (*pack)(const char *a, int64_t n, int64_t begin, int descending, void *words);
    /* Sorts words whose places ascend; returns the one of the two arrays that holds the result. */
    void *(*sort)(void *words, void *scratch, int64_t n);
    /* The same for words in any order. */
    void *(*sortAny)(void *words, void *scratch, int64_t n);
    /* out[begin .. end) of the merge of x and y. */
    void (*merge)(const void *x, int64_t nx, const void *y, int64_t ny, int64_t begin, int64_t end, void *out);
    /* values[i], places[i]: of words[i], which came from the line a. */
    void (*unpack)(const void *words, int64_t n, const char *a, int descending, char *values, int64_t *places);
    /* words[0 .. k): the least words of the line, in any order; 1 <= k <= n. `words`: room for
     * min(n, 2 k + TH_ORDER_ROOM). */
    void (*least)(const char *a, int64_t n, int64_t k, int descending, void *words);
    /* The element number k (from 0) of the ascending line, and the first place where it stands. nan_wins: nan if there is one.
     * `scratch`: room for n words. */
    void (*kth)(const char *a, int64_t n, int64_t k, int nan_wins, void *scratch, char *value, int64_t *place);
    /* From sorted words: the least of the most frequent elements, and the first place where it stands. */
    void (*mode)(const void *words, int64_t n, const char *a, char *value, int64_t *place);
    /* From sorted words: values[j]: the element number j without repetition; inverse[place]: its j (NULL: not wanted).
     * Returns how many there are; values NULL: counts only. */
    int64_t (*unique)(const void *words, int64_t n, const char *a, char *values, int64_t *inverse);
    /* The same without places: values[j], ascending. `keys`: 2 n words. */
    int64_t (*uniqueKeys)(const char *a, int64_t n, void *keys, char *values);
} THOrder;

extern const THOrder *const THOrder_tables[THDtype_Count][THCpu_Count];

#endif
