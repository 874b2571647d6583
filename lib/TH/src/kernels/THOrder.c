/* Sorting and selecting: a stable radix sort of words, a quick selection, a selection by histogram. See THOrder.h. */
#include "kernels/THOrder.h"

#include <string.h>

#include "kernels/THRadix.h"

/* Keys are as wide as the elements; a word's low half is the place. */
#if TH_DTYPE_IS(Byte) || TH_DTYPE_IS(Char)
typedef uint8_t order_key_t;
#elif TH_DTYPE_IS(Short) || TH_DTYPE_IS(Half)
typedef uint16_t order_key_t;
#elif TH_DTYPE_IS(Int) || TH_DTYPE_IS(Float)
typedef uint32_t order_key_t;
#else
typedef uint64_t order_key_t;
#endif
#define KEY_BITS ((int)(8 * sizeof(order_key_t)))
#define KEY_SIGN ((order_key_t)((order_key_t)1 << (KEY_BITS - 1)))
#define KEY_MOST ((order_key_t) ~(order_key_t)0) /* nan, in a floating dtype */

#if TH_DTYPE_IS(Long) || TH_DTYPE_IS(Double)
__extension__ typedef unsigned __int128 word_t;
#define PLACE_BITS 64
#else
typedef uint64_t word_t;
#define PLACE_BITS 32
#endif

#define PLACE(word) ((int64_t)((word) & ((((word_t)1) << PLACE_BITS) - 1)))
#define KEY(word) ((order_key_t)((word) >> PLACE_BITS))

TH_INLINE order_key_t key_of(scalar_t x)
{
#if TH_DTYPE_IS(Half)
    const order_key_t bits = x == 0x8000u ? 0 : x;
    const order_key_t key = (order_key_t)(bits & KEY_SIGN ? ~bits : bits | KEY_SIGN);
    return (x & 0x7fffu) > 0x7c00u ? KEY_MOST : key;
#elif TH_DTYPE_IS_FLOATING
    const scalar_t positive = x + 0; /* -0 becomes 0 */
    order_key_t bits;
    memcpy(&bits, &positive, sizeof(bits));
    const order_key_t key = bits ^ (((order_key_t)0 - (bits >> (KEY_BITS - 1))) | KEY_SIGN);
    return x != x ? KEY_MOST : key;
#elif TH_DTYPE_IS(Byte)
    return x;
#else
    return (order_key_t)((order_key_t)x ^ KEY_SIGN);
#endif
}

/* The inverse of key_of but for nan and zeros, which have several forms: those are read from the line. */
TH_INLINE scalar_t element_of(order_key_t key, const scalar_t *a, int64_t place)
{
#if TH_DTYPE_IS_FLOATING
    if (__builtin_expect(key == KEY_MOST || key == KEY_SIGN, 0)) return a[place];
    const order_key_t bits = (order_key_t)(key & KEY_SIGN ? key ^ KEY_SIGN : (order_key_t)~key);
    scalar_t x;
    memcpy(&x, &bits, sizeof(x));
    return x;
#elif TH_DTYPE_IS(Byte)
    (void)a, (void)place;
    return key;
#else
    (void)a, (void)place;
    return (scalar_t)(key ^ KEY_SIGN);
#endif
}

TH_INLINE order_key_t directed(scalar_t x, order_key_t flip)
{
    return (order_key_t)(key_of(x) ^ flip);
}

#define FLIP(descending) ((order_key_t)((descending) ? KEY_MOST : 0))

DEFINE_INSERTION(insert_words, word_t)
DEFINE_RADIX(sort_by_key, word_t, PLACE_BITS, KEY_BITS, RADIX_WIDTH)
DEFINE_RADIX(sort_by_place, word_t, 0, PLACE_BITS, RADIX_WIDTH)
DEFINE_RADIX(sort_keys, order_key_t, 0, KEY_BITS, RADIX_WIDTH)
DEFINE_RADIX(sort_many_keys, order_key_t, 0, KEY_BITS, RADIX_WIDE)
DEFINE_SELECT(select_words, word_t)
DEFINE_SELECT(select_keys, order_key_t)

/* --- sort ----------------------------------------------------------------------------------------------------------------- */

static void TH_KERNEL(pack)(const char *a, int64_t n, int64_t begin, int descending, void *words)
{
    const scalar_t *const x = (const scalar_t *)a;
    const order_key_t flip = FLIP(descending);
    word_t *const w = words;
    for (int64_t i = 0; i < n; i++) w[i] = (word_t)directed(x[i], flip) << PLACE_BITS | (word_t)(uint64_t)(begin + i);
}

static void *TH_KERNEL(sort)(void *words, void *scratch, int64_t n)
{
    if (n <= RADIX_FEW) {
        insert_words(words, n);
        return words;
    }
    return sort_by_key(words, scratch, n);
}

static void *TH_KERNEL(sortAny)(void *words, void *scratch, int64_t n)
{
    if (n <= RADIX_FEW) return TH_KERNEL(sort)(words, scratch, n);
    void *const placed = sort_by_place(words, scratch, n);
    return TH_KERNEL(sort)(placed, placed == words ? scratch : words, n);
}

/* How many of the first `count` words of the merge come from x. */
static int64_t share_of(const word_t *x, int64_t nx, const word_t *y, int64_t ny, int64_t count)
{
    int64_t low = count > ny ? count - ny : 0, high = count < nx ? count : nx;
    while (low < high) {
        const int64_t i = low + (high - low) / 2;
        if (x[i] < y[count - i - 1])
            low = i + 1;
        else
            high = i;
    }
    return low;
}

static void TH_KERNEL(merge)(const void *x, int64_t nx, const void *y, int64_t ny, int64_t begin, int64_t end, void *out)
{
    const word_t *p = x, *q = y;
    word_t *to = (word_t *)out + begin;
    const int64_t first = share_of(x, nx, y, ny, begin);
    const word_t *const p_end = p + nx, *const q_end = q + ny, *const to_end = (word_t *)out + end;
    p += first;
    q += begin - first;
    while (to < to_end && p < p_end && q < q_end) {
        const int take = *p < *q;
        *to++ = take ? *p : *q;
        p += take;
        q += !take;
    }
    while (to < to_end) *to++ = p < p_end ? *p++ : *q++;
}

static void TH_KERNEL(unpack)(const void *words, int64_t n, const char *a, int descending, char *values, int64_t *places)
{
    const word_t *const w = words;
    const order_key_t flip = FLIP(descending);
    scalar_t *const out = (scalar_t *)values;
    for (int64_t i = 0; i < n; i++) {
        const int64_t place = PLACE(w[i]);
        out[i] = element_of((order_key_t)(KEY(w[i]) ^ flip), (const scalar_t *)a, place);
        places[i] = place;
    }
}

/* --- the k least ---------------------------------------------------------------------------------------------------------- */

#define SCAN 64 /* elements that are looked at together: most blocks hold nothing that counts */

/* Whether one of SCAN elements has a key below the limit; without a way out, so that it becomes vector code. */
TH_INLINE int has_less(const scalar_t *x, order_key_t flip, order_key_t limit)
{
    order_key_t found = 0;
    for (int k = 0; k < SCAN; k++) found |= directed(x[k], flip) < limit ? KEY_MOST : 0;
    return found != 0;
}

static order_key_t greatest_key(const word_t *w, int64_t n)
{
    order_key_t most = 0;
    for (int64_t i = 0; i < n; i++) most = KEY(w[i]) > most ? KEY(w[i]) : most;
    return most;
}

/* Candidates gather behind the k best so far; when the room is full, the best of all stay. An element that equals the worst of
 * the best comes later than it, so it does not count. */
static void TH_KERNEL(least)(const char *a, int64_t n, int64_t k, int descending, void *words)
{
    const scalar_t *const x = (const scalar_t *)a;
    const order_key_t flip = FLIP(descending);
    const int64_t room = 2 * k + TH_ORDER_ROOM;
    word_t *const w = words;
    int64_t count = n < room ? n : room, i = count;
    TH_KERNEL(pack)(a, count, 0, descending, w);
    if (k < count) select_words(w, count, k);
    if (i == n) return;
    order_key_t limit = greatest_key(w, k);
    count = k;
    while (i < n) {
        const int64_t length = n - i < SCAN ? n - i : SCAN;
        if (length == SCAN && !has_less(x + i, flip, limit)) {
            i += SCAN;
            continue;
        }
        for (const int64_t end = i + length; i < end; i++) { /* without a branch, which nobody could predict */
            const order_key_t key = directed(x[i], flip);
            w[count] = (word_t)key << PLACE_BITS | (word_t)(uint64_t)i;
            count += key < limit;
        }
        if (count + SCAN > room) {
            select_words(w, count, k);
            limit = greatest_key(w, k);
            count = k;
        }
    }
    if (count > k) select_words(w, count, k);
}

/* --- the element number k ------------------------------------------------------------------------------------------------- */

#define MANY_KEYS 16384 /* of which a sample tells which ones are worth looking at */
#define SAMPLE 16384    /* at most */
#define BLOCK 32

/* The greatest of the k least keys, which are moved to the front. */
static order_key_t greatest_of_least(order_key_t *keys, int64_t n, int64_t k)
{
    order_key_t most = 0;
    if (k < n) select_keys(keys, n, k);
    for (int64_t i = 0; i < k; i++) most = keys[i] > most ? keys[i] : most;
    return most;
}

/* Two keys that the key number k most likely lies between: those which are three standard deviations before and behind its
 * share of a sample. */
static void bracket(const scalar_t *x, int64_t n, int64_t k, order_key_t *sample, order_key_t *low, order_key_t *high)
{
    const int64_t count = n / 16 < SAMPLE ? n / 16 : SAMPLE;
    uint64_t state = (uint64_t)n;
    for (int64_t i = 0; i < count; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        sample[i] = key_of(x[(int64_t)((state >> 32) * (uint64_t)n >> 32)]);
    }
    int64_t margin = 8; /* 3 * sqrt(count / 4) and a little */
    while (margin * margin < 3 * count) margin *= 2;
    const int64_t share = (int64_t)((double)k / (double)n * (double)count);
    const int64_t first = share > margin ? share - margin : 0;
    const int64_t last = share + margin < count ? share + margin : count;
    *low = first == 0 ? 0 : greatest_of_least(sample, count, first);
    *high = last == count ? KEY_MOST : greatest_of_least(sample + first, count - first, last - first);
}

/* Copies the keys in [low, high], of which there are *found; returns how many are below. */
static int64_t keys_between(const scalar_t *x, int64_t n, order_key_t low, order_key_t high, order_key_t *keys, int64_t *found)
{
    const order_key_t span = (order_key_t)(high - low);
    int64_t below = 0, m = 0, i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        order_key_t less = 0, between = 0;
        for (int k = 0; k < BLOCK; k++) {
            const order_key_t key = key_of(x[i + k]);
            less = (order_key_t)(less + (key < low));
            between |= (order_key_t)(key - low) <= span ? KEY_MOST : 0;
        }
        below += less;
        for (int k = 0; between && k < BLOCK; k++) {
            keys[m] = key_of(x[i + k]);
            m += (order_key_t)(keys[m] - low) <= span;
        }
    }
    for (; i < n; i++) {
        const order_key_t key = key_of(x[i]);
        keys[m] = key;
        below += key < low;
        m += (order_key_t)(key - low) <= span;
    }
    *found = m;
    return below;
}

/* The key number k. `keys`: room for n and for the sample behind them. */
static order_key_t kth_key(const scalar_t *x, int64_t n, int64_t k, order_key_t *keys)
{
    order_key_t low = 0, high = KEY_MOST;
    int64_t found = 0;
    if (n >= MANY_KEYS) bracket(x, n, k, keys + n, &low, &high);
    int64_t below = keys_between(x, n, low, high, keys, &found);
    if (k < below || k >= below + found) below = keys_between(x, n, 0, KEY_MOST, keys, &found); /* the sample was not typical */
    return greatest_of_least(keys, found, k - below + 1);
}

static int has_nan(const scalar_t *x, int64_t n)
{
    order_key_t found = 0;
    for (int64_t i = 0; i < n; i++) found |= key_of(x[i]) == KEY_MOST ? KEY_MOST : 0;
    return found != 0;
}

/* The first place of a key that is there. */
static int64_t place_of(const scalar_t *x, int64_t n, order_key_t key)
{
    int64_t i = 0;
    for (; i + SCAN <= n; i += SCAN) {
        order_key_t found = 0;
        for (int k = 0; k < SCAN; k++) found |= key_of(x[i + k]) == key ? KEY_MOST : 0;
        if (found) break;
    }
    while (key_of(x[i]) != key) i++;
    return i;
}

static void TH_KERNEL(kth)(const char *a, int64_t n, int64_t k, int nan_wins, void *scratch, char *value, int64_t *place)
{
    const scalar_t *const x = (const scalar_t *)a;
    const int nan = TH_DTYPE_IS_FLOATING && nan_wins && has_nan(x, n);
    const order_key_t found = nan ? KEY_MOST : kth_key(x, n, k, scratch);
    *place = place_of(x, n, found);
    *(scalar_t *)value = x[*place];
}

/* --- runs of equal elements ----------------------------------------------------------------------------------------------- */

static void TH_KERNEL(mode)(const void *words, int64_t n, const char *a, char *value, int64_t *place)
{
    const word_t *const w = words;
    int64_t begin = 0, longest = 0, best = 0;
    for (int64_t i = 1; i <= n; i++) {
        if (i < n && KEY(w[i]) == KEY(w[begin])) continue;
        if (i - begin > longest) longest = i - begin, best = begin;
        begin = i;
    }
    *place = PLACE(w[best]);
    *(scalar_t *)value = ((const scalar_t *)a)[*place];
}

static int64_t TH_KERNEL(unique)(const void *words, int64_t n, const char *a, char *values, int64_t *inverse)
{
    const word_t *const w = words;
    scalar_t *const out = (scalar_t *)values;
    int64_t last = -1;
    for (int64_t i = 0; i < n; i++) {
        if (i == 0 || KEY(w[i]) != KEY(w[i - 1])) {
            last++;
            if (out != NULL) out[last] = ((const scalar_t *)a)[PLACE(w[i])];
        }
        if (inverse != NULL) inverse[PLACE(w[i])] = last;
    }
    return last + 1;
}

static int64_t TH_KERNEL(uniqueKeys)(const char *a, int64_t n, void *keys, char *values)
{
    const scalar_t *const x = (const scalar_t *)a;
    scalar_t *const out = (scalar_t *)values;
    order_key_t *from = keys;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) from[i] = key_of(x[i]);
    from = n < RADIX_MANY ? sort_keys(from, from + n, n) : sort_many_keys(from, from + n, n);
    for (int64_t i = 0; i < n; i++) {
        if (i > 0 && from[i] == from[i - 1]) continue;
        const int64_t place =
            TH_DTYPE_IS_FLOATING && (from[i] == KEY_MOST || from[i] == KEY_SIGN) ? place_of(x, n, from[i]) : 0;
        out[count++] = element_of(from[i], x, place);
    }
    return count;
}

const THOrder TH_TABLE(THOrder) = {
    .word = sizeof(word_t),
    .pack = TH_KERNEL(pack),
    .sort = TH_KERNEL(sort),
    .sortAny = TH_KERNEL(sortAny),
    .merge = TH_KERNEL(merge),
    .unpack = TH_KERNEL(unpack),
    .least = TH_KERNEL(least),
    .kth = TH_KERNEL(kth),
    .mode = TH_KERNEL(mode),
    .unique = TH_KERNEL(unique),
    .uniqueKeys = TH_KERNEL(uniqueKeys),
};
