/* sort, topk, kthvalue, median, mode, unique: along lines, each of which one thread orders; a single long line is shared. */
#include "TH/THArgument.h"
#include "TH/THTensorOrder.h"

#include "TH/THTensorFill.h"
#include "TH/THThreads.h"
#include "core/THAllocator.h"
#include "kernels/THOrder.h"
#include "ops/THLines.h"
#include "ops/THOps.h"

#define SHARED_LENGTH 131072 /* a line from here on is sorted by several threads */
#define GRAIN 16384          /* elements that are worth a thread */

/* One operation on its way through the lines. */
typedef struct Order {
    const char *op;
    const THOrder *table;
    THLines from, values, indices;
    int64_t k;
    int descending, flag; /* flag: nan wins (kth), sorted (topk) */
    char *scratch;        /* for each thread */
    int64_t scratch_bytes;
} Order;

typedef void (*OrderLine)(const Order *order, int64_t line, char *scratch);

typedef struct LineLoop {
    const Order *order;
    OrderLine body;
} LineLoop;

static void run_lines(int64_t begin, int64_t end, int thread, void *context)
{
    const LineLoop *const loop = context;
    for (int64_t line = begin; line < end; line++)
        loop->body(loop->order, line, loop->order->scratch + thread * loop->order->scratch_bytes);
}

/* scratch_bytes: what one line needs. */
static THStatus for_lines(Order *order, OrderLine body, int64_t scratch_bytes)
{
    const int64_t count = order->from.count;
    if (count == 0) return TH_OK;
    const int64_t threads = count < THThreads_get() ? count : THThreads_get();
    order->scratch_bytes = (scratch_bytes + 63) / 64 * 64;
    const int64_t bytes = threads * order->scratch_bytes;
    order->scratch = thAllocator_new(bytes);
    TH_FAIL_IF(order->scratch == NULL, TH_ERR_MEMORY, "[%s] %lld bytes to work in, no memory", order->op, (long long)bytes);
    LineLoop loop = {.order = order, .body = body};
    if (threads == 1)
        run_lines(0, count, 0, &loop);
    else
        THThreads_for(count, GRAIN / (order->from.length + 1) + 1, run_lines, &loop);
    thAllocator_free(order->scratch, bytes);
    return TH_OK;
}

static THStatus check_length(const Order *order, const THTensor *a, int dim)
{
    const int64_t length = a->ndim == 0 ? 1 : a->size[dim];
    TH_FAIL_IF(length >= TH_ORDER_LENGTH, TH_ERR_UNSUPPORTED, "[%s] dimension %d of size %lld, expected less than 2^32",
               order->op, dim, (long long)length);
    return TH_OK;
}

/* Both outputs made ready: a's size with `n` in place of dim, or without dim. Nothing is written before all is known to be
 * right. */
static THStatus prepare(Order *order, THTensor *values, THTensor *indices, const THTensor *a, int dim, int64_t n, bool without)
{
    int64_t size[TH_MAX_DIMS];
    int ndim = 0;
    for (int d = 0; d < a->ndim; d++)
        if (d != dim || !without) size[ndim++] = d == dim ? n : a->size[d];
    TH_TRY(check_length(order, a, dim));
    const bool shared = values == indices || (values->storage != NULL && values->storage == indices->storage);
    TH_FAIL_IF(shared, TH_ERR_VALUE, "[%s] values and indices share memory, expected two tensors", order->op);
    TH_FAIL_IF(indices->dtype != THDtype_None && indices->dtype != THDtype_Long, TH_ERR_DTYPE,
               "[%s] indices are %s, expected Long", order->op, THDtype_name((THDtype)indices->dtype));
    TH_TRY(THOps_checkApart(order->op, values, a, (THDtype)a->dtype, ndim, size));
    TH_TRY(THOps_checkApart(order->op, indices, a, THDtype_Long, ndim, size));
    TH_TRY(THOps_outputApart(order->op, values, a, (THDtype)a->dtype, ndim, size));
    return THOps_outputApart(order->op, indices, a, THDtype_Long, ndim, size);
}

/* Runs `body` over the lines of a; outputs have a's dimensions. */
static THStatus run(Order *order, THTensor *values, THTensor *indices, const THTensor *a, int dim, OrderLine body,
                    int64_t scratch_bytes)
{
    TH_TRY(thLines_read(&order->from, a, dim));
    THStatus status = thLines_write(&order->values, values, dim);
    if (status == TH_OK) {
        status = thLines_write(&order->indices, indices, dim);
        if (status == TH_OK) {
            status = for_lines(order, body, scratch_bytes);
            status = thLines_finish(&order->indices, indices, dim, status);
        }
        status = thLines_finish(&order->values, values, dim, status);
    }
    THTensor_free(order->from.owner);
    return status;
}

static const char *line_of(const Order *order, int64_t line)
{
    return order->from.data + line * order->from.bytes;
}

static char *values_of(const Order *order, int64_t line)
{
    return order->values.data + line * order->values.bytes;
}

static int64_t *indices_of(const Order *order, int64_t line)
{
    return (int64_t *)(order->indices.data + line * order->indices.bytes);
}

/* --- sort ----------------------------------------------------------------------------------------------------------------- */

static void sort_line(const Order *order, int64_t line, char *scratch)
{
    const THOrder *const table = order->table;
    const char *const a = line_of(order, line);
    const int64_t n = order->from.length;
    table->pack(a, n, 0, order->descending, scratch);
    const void *const sorted = table->sort(scratch, scratch + (size_t)n * table->word, n);
    table->unpack(sorted, n, a, order->descending, values_of(order, line), indices_of(order, line));
}

/* A single line: its parts are sorted side by side, then merged in pairs. */
typedef struct SharedSort {
    const Order *order;
    int64_t parts, length; /* of a part, but the last */
    int64_t width;         /* parts in one run that is sorted */
    char *from, *to;       /* words */
} SharedSort;

static void sort_parts(int64_t begin, int64_t end, int thread, void *context)
{
    const SharedSort *const s = context;
    const THOrder *const table = s->order->table;
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        const int64_t first = part * s->length, rest = s->order->from.length - first;
        const int64_t n = rest < s->length ? rest : s->length;
        char *const words = s->from + (size_t)first * table->word, *const spare = s->to + (size_t)first * table->word;
        table->pack(s->order->from.data + first * (s->order->from.bytes / s->order->from.length), n, first,
                    s->order->descending, words);
        const void *const sorted = table->sort(words, spare, n);
        if (sorted != words) memcpy(words, sorted, (size_t)n * table->word);
    }
}

/* [begin, end) of the merged words; pairs of runs lie behind one another. */
static void merge_range(int64_t begin, int64_t end, int thread, void *context)
{
    const SharedSort *const s = context;
    const THOrder *const table = s->order->table;
    const int64_t n = s->order->from.length, run = s->width * s->length;
    (void)thread;
    while (begin < end) {
        const int64_t pair = begin / (2 * run) * (2 * run);
        const int64_t nx = n - pair < run ? n - pair : run, ny = n - pair - nx < run ? n - pair - nx : run;
        const int64_t stop = end < pair + nx + ny ? end : pair + nx + ny;
        const char *const x = s->from + (size_t)pair * table->word;
        table->merge(x, nx, x + (size_t)nx * table->word, ny, begin - pair, stop - pair, s->to + (size_t)pair * table->word);
        begin = stop;
    }
}

static void unpack_range(int64_t begin, int64_t end, int thread, void *context)
{
    const SharedSort *const s = context;
    const Order *const order = s->order;
    const int64_t itemsize = order->values.bytes / order->values.length;
    (void)thread;
    order->table->unpack(s->from + (size_t)begin * order->table->word, end - begin, order->from.data, order->descending,
                         order->values.data + begin * itemsize, (int64_t *)order->indices.data + begin);
}

static void sort_shared(const Order *order, int64_t line, char *scratch)
{
    const int64_t n = order->from.length, parts = THThreads_get();
    SharedSort s = {.order = order, .parts = parts, .length = (n + parts - 1) / parts, .from = scratch};
    (void)line;
    s.to = scratch + (size_t)n * order->table->word;
    THThreads_for((n + s.length - 1) / s.length, 1, sort_parts, &s);
    for (s.width = 1; s.width < parts; s.width *= 2) {
        THThreads_for(n, GRAIN, merge_range, &s);
        char *const merged = s.to;
        s.to = s.from;
        s.from = merged;
    }
    THThreads_for(n, GRAIN, unpack_range, &s);
}

THStatus THTensor_sort(THTensor *values, THTensor *indices, const THTensor *a, int dim, int descending)
{
    TH_GIVEN("sort", values, indices, a);
    TH_OPS_TABLE(THOrder, table, "sort", (THDtype)a->dtype);
    Order order = {.op = "sort", .table = table, .descending = descending != 0};
    TH_TRY(THTensor_wrapDim(a, dim, "sort", &dim));
    const int64_t n = a->ndim == 0 ? 1 : a->size[dim];
    TH_TRY(prepare(&order, values, indices, a, dim, n, false));
    const bool shared = a->numel == n && n >= SHARED_LENGTH && THThreads_get() > 1 && !THThreads_inParallel();
    return run(&order, values, indices, a, dim, shared ? sort_shared : sort_line, 2 * n * (int64_t)table->word);
}

/* --- topk ----------------------------------------------------------------------------------------------------------------- */

static void topk_line(const Order *order, int64_t line, char *scratch)
{
    const THOrder *const table = order->table;
    const char *const a = line_of(order, line);
    const int64_t k = order->k;
    const void *best = scratch;
    table->least(a, order->from.length, k, order->descending, scratch);
    if (order->flag) best = table->sortAny(scratch, scratch + (size_t)k * table->word, k);
    table->unpack(best, k, a, order->descending, values_of(order, line), indices_of(order, line));
}

THStatus THTensor_topk(THTensor *values, THTensor *indices, const THTensor *a, int64_t k, int dim, int largest, int sorted)
{
    TH_GIVEN("topk", values, indices, a);
    TH_OPS_TABLE(THOrder, table, "topk", (THDtype)a->dtype);
    Order order = {.op = "topk", .table = table, .k = k, .descending = largest != 0, .flag = sorted};
    TH_TRY(THTensor_wrapDim(a, dim, "topk", &dim));
    const int64_t n = a->ndim == 0 ? 1 : a->size[dim];
    TH_FAIL_IF(k < 0 || k > n || (k == 0 && a->ndim == 0), TH_ERR_INDEX,
               "[topk] k, %lld: selected index k out of range, dimension %d has size %lld", (long long)k, dim, (long long)n);
    TH_TRY(prepare(&order, values, indices, a, dim, k, false));
    if (values->numel == 0) return TH_OK;
    /* The candidates, or the k words and as many to sort them with. */
    return run(&order, values, indices, a, dim, topk_line, (2 * k + TH_ORDER_ROOM) * (int64_t)table->word);
}

/* --- one element of a line ------------------------------------------------------------------------------------------------ */

static void kth_line(const Order *order, int64_t line, char *scratch)
{
    order->table->kth(line_of(order, line), order->from.length, order->k, order->flag, scratch, values_of(order, line),
                      indices_of(order, line));
}

static void mode_line(const Order *order, int64_t line, char *scratch)
{
    const THOrder *const table = order->table;
    const char *const a = line_of(order, line);
    const int64_t n = order->from.length;
    table->pack(a, n, 0, 0, scratch);
    table->mode(table->sort(scratch, scratch + (size_t)n * table->word, n), n, a, values_of(order, line),
                indices_of(order, line));
}

/* The outputs have no dim, or one of size 1 (keepdim). */
static THStatus one_of_line(Order *order, THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim,
                            OrderLine body, int64_t words)
{
    const int64_t n = a->ndim == 0 ? 1 : a->size[dim];
    TH_TRY(prepare(order, values, indices, a, dim, 1, a->ndim > 0 && !keepdim));
    if (values->numel == 0) return TH_OK;
    THTensor *const wide_values = keepdim || a->ndim == 0 ? THTensor_newWithTensor(values) : THTensor_newUnsqueeze(values, dim);
    THTensor *const wide_indices =
        keepdim || a->ndim == 0 ? THTensor_newWithTensor(indices) : THTensor_newUnsqueeze(indices, dim);
    const bool made = wide_values != NULL && wide_indices != NULL;
    const THStatus status =
        made ? run(order, wide_values, wide_indices, a, dim, body, words * n * (int64_t)order->table->word) : THStatus_last();
    THTensor_free(wide_values);
    THTensor_free(wide_indices);
    return status;
}

static THStatus check_elements(const char *op, const THTensor *a, int dim)
{
    TH_FAIL_IF(a->ndim > 0 && a->size[dim] == 0, TH_ERR_SHAPE, "[%s] dimension %d of size 0, expected at least one element", op,
               dim);
    return TH_OK;
}

THStatus THTensor_kthvalue(THTensor *values, THTensor *indices, const THTensor *a, int64_t k, int dim, int keepdim)
{
    TH_GIVEN("kthvalue", values, indices, a);
    TH_OPS_TABLE(THOrder, table, "kthvalue", (THDtype)a->dtype);
    TH_TRY(THTensor_wrapDim(a, dim, "kthvalue", &dim));
    const int64_t n = a->ndim == 0 ? 1 : a->size[dim];
    TH_FAIL_IF(k < 1 || k > n, TH_ERR_INDEX, "[kthvalue] k, %lld: selected index k out of range, dimension %d has size %lld",
               (long long)k, dim, (long long)n);
    Order order = {.op = "kthvalue", .table = table, .k = k - 1};
    return one_of_line(&order, values, indices, a, dim, keepdim, kth_line, 1);
}

THStatus THTensor_median(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("median", values, indices, a);
    TH_OPS_TABLE(THOrder, table, "median", (THDtype)a->dtype);
    TH_TRY(THTensor_wrapDim(a, dim, "median", &dim));
    TH_TRY(check_elements("median", a, dim));
    Order order = {.op = "median", .table = table, .k = a->ndim == 0 ? 0 : (a->size[dim] - 1) / 2, .flag = 1};
    return one_of_line(&order, values, indices, a, dim, keepdim, kth_line, 1);
}

THStatus THTensor_mode(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("mode", values, indices, a);
    TH_OPS_TABLE(THOrder, table, "mode", (THDtype)a->dtype);
    Order order = {.op = "mode", .table = table};
    TH_TRY(THTensor_wrapDim(a, dim, "mode", &dim));
    TH_TRY(check_elements("mode", a, dim));
    return one_of_line(&order, values, indices, a, dim, keepdim, mode_line, 2);
}

/* --- all elements --------------------------------------------------------------------------------------------------------- */

static THTensor *new_flat(const THTensor *a)
{
    const int64_t all = -1;
    THTensor *const dense = THTensor_newContiguous((THTensor *)a);
    THTensor *const flat = dense == NULL ? NULL : THTensor_newView(dense, 1, a->numel == 0 ? &a->numel : &all);
    THTensor_free(dense);
    return flat;
}

THStatus THTensor_medianall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("median", r, a);
    if (a->dtype == THDtype_None) return THOps_unsupported("median", THDtype_None);
    TH_FAIL_IF(a->numel == 0, TH_ERR_SHAPE, "[median] a tensor without elements, expected at least one");
    TH_TRY(THOps_outputApart("median", r, a, (THDtype)a->dtype, 0, NULL));
    THTensor *const flat = new_flat(a), *const place = THTensor_new();
    const THStatus status = flat == NULL || place == NULL ? THStatus_last() : THTensor_median(r, place, flat, 0, 0);
    THTensor_free(flat);
    THTensor_free(place);
    return status;
}

/* r becomes a copy of `source`, or `source` itself if it has no place of its own yet. */
static THStatus deliver(THTensor *r, const THTensor *source, const THTensor *a)
{
    if (r->storage == NULL) return THTensor_set(r, source);
    TH_TRY(THOps_outputApart("unique", r, a, (THDtype)source->dtype, source->ndim, source->size));
    return THTensor_copy(r, source);
}

/* The different elements, ascending, at *values within the scratch; their number is returned. inverse NULL: not wanted. */
static int64_t unique_of(const THOrder *table, const THTensor *flat, char *scratch, int64_t *inverse, char **values)
{
    const int64_t n = flat->numel;
    const char *const a = THTensor_dataBytes(flat);
    if (inverse == NULL) {
        *values = scratch + 2 * n * (int64_t)THDtype_size((THDtype)flat->dtype);
        return table->uniqueKeys(a, n, scratch, *values);
    }
    char *const other = scratch + n * (int64_t)table->word;
    table->pack(a, n, 0, 0, scratch);
    const char *const sorted = table->sort(scratch, other, n);
    *values = sorted == scratch ? other : scratch;
    return table->unique(sorted, n, a, *values, inverse);
}

static THStatus unique_into(const THOrder *table, THTensor *r, THTensor *inverse, const THTensor *a, const THTensor *flat)
{
    const int64_t n = flat->numel, bytes = 2 * (n + 1) * (int64_t)table->word;
    char *const scratch = thAllocator_new(bytes), *values = scratch;
    TH_FAIL_IF(scratch == NULL, TH_ERR_MEMORY, "[unique] %lld bytes to work in, no memory", (long long)bytes);
    THTensor *const places = inverse == NULL ? NULL : THTensor_newWithSize(THDtype_Long, a->ndim, a->size);
    THStatus status = inverse != NULL && places == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        int64_t *const to = places == NULL ? NULL : (int64_t *)THTensor_dataBytes(places);
        const int64_t count = n == 0 ? 0 : unique_of(table, flat, scratch, to, &values);
        THTensor *const found = THTensor_newWithSize((THDtype)a->dtype, 1, &count);
        if (found != NULL && count > 0)
            memcpy(THTensor_dataBytes(found), values, (size_t)count * THDtype_size((THDtype)a->dtype));
        status = found == NULL ? THStatus_last() : THOps_checkApart("unique", r, a, (THDtype)a->dtype, 1, &count);
        if (status == TH_OK && inverse != NULL) status = THOps_checkApart("unique", inverse, a, THDtype_Long, a->ndim, a->size);
        if (status == TH_OK && inverse != NULL) status = THOps_checkTwo("unique", r, inverse);
        if (status == TH_OK) status = deliver(r, found, a);
        if (status == TH_OK && inverse != NULL) status = deliver(inverse, places, a);
        THTensor_free(found);
    }
    THTensor_free(places);
    thAllocator_free(scratch, bytes);
    return status;
}

THStatus THTensor_unique(THTensor *r, THTensor *inverse, const THTensor *a)
{
    TH_GIVEN("unique", r, a);
    TH_OPS_TABLE(THOrder, table, "unique", (THDtype)a->dtype);
    const Order order = {.op = "unique", .table = table};
    TH_FAIL_IF(r->dtype != THDtype_None && r->dtype != a->dtype, TH_ERR_DTYPE, "[unique] output is %s, expected %s",
               THDtype_name((THDtype)r->dtype), THDtype_name((THDtype)a->dtype));
    TH_FAIL_IF(inverse != NULL && inverse->dtype != THDtype_None && inverse->dtype != THDtype_Long, TH_ERR_DTYPE,
               "[unique] inverse is %s, expected Long", THDtype_name((THDtype)inverse->dtype));
    THTensor *const flat = new_flat(a);
    if (flat == NULL) return THStatus_last();
    THStatus status = check_length(&order, flat, 0);
    if (status == TH_OK) status = unique_into(table, r, inverse, a, flat);
    THTensor_free(flat);
    return status;
}
