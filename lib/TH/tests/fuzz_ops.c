/* Calls functions of TH with arguments made from bytes, for libFuzzer: which function, shapes, strides, offsets, dtypes,
 * numbers, and which arguments are the same tensor or share memory. The calls are generated from the headers (fuzz_calls.py).
 *
 * Beside what the sanitizers see, a fault is: a tensor that does not fit its storage or whose fields disagree; an input that
 * changed; an output that changed although an argument was refused; a failure without status or text; and another outcome when
 * the same inputs lie contiguously. */

#include "THFuzz.h"

#define POOL 6       /* tensors that the calls of one input share */
#define ARGUMENTS 11 /* of one function, at most */
#define LENGTH 6     /* of arrays of sizes and dimensions, at most */

typedef enum FuzzKind {
    Kind_OUT,
    Kind_IN,
    Kind_INDEX,
    Kind_MASK,
    Kind_TENSORS,
    Kind_STORAGE,
    Kind_LONGS,
    Kind_OPTIONAL,
    Kind_INT,
    Kind_DIM,
    Kind_LONG,
    Kind_DOUBLE,
    Kind_SCALAR,
    Kind_GENERATOR,
    Kind_DTYPE,
    Kind_TEXT,
    Kind_SIZES,
    Kind_DIMS,
    Kind_INT_RESULT,
    Kind_LONGS_RESULT,
    Kind_SCALAR_RESULT,
} FuzzKind;

typedef enum FuzzForm { Result_STATUS, Result_TENSOR, Result_NEW_STORAGE, Result_NOTHING } FuzzForm;

typedef struct FuzzValue {
    THTensor *tensor;
    THTensor **tensors;
    THStorage *storage;
    int64_t number;
    double real;
    THScalar scalar;
    THScalar *place;
    THGenerator *generator;
    const char *text;
    int64_t *longs;
    int *ints;
} FuzzValue;

typedef struct FuzzResult {
    THStatus status;
    THTensor *tensor;
    THStorage *storage;
} FuzzResult;

typedef struct FuzzCall {
    const char *name;
    void (*make)(const FuzzValue *a, FuzzResult *result);
    FuzzForm form;
    THDtype dtype; /* of the tensors of a typed function, else THDtype_None */
    int count;
    FuzzKind kinds[ARGUMENTS];
} FuzzCall;

#include "fuzz_calls.h"

#define CALLS (sizeof fuzz_calls / sizeof *fuzz_calls)

typedef struct Fuzz {
    FuzzInput in;
    THDtype dtype; /* of most tensors of this input */
    int ndim;      /* the same of shapes */
    int64_t size[LENGTH];
    THTensor *pool[POOL];
    int pooled;
    THGenerator *generator;
} Fuzz;

/* --- tensors ------------------------------------------------------------------------------------------------------------ */

static void free_data(void *owner, void *data)
{
    (void)owner;
    free(data);
}

static void fill(Fuzz *f, char *data, THDtype dtype, int64_t numel, FuzzKind kind)
{
    const unsigned how = fuzz_byte(&f->in);
    const int64_t itemsize = (int64_t)THDtype_size(dtype);
    for (int64_t i = 0; i < numel; i++) {
        THScalar value = THScalar_fromLong(kind == Kind_MASK ? (i + how) % 2 : (i * (how % 4) + how / 16) % 5);
        if (how % 8 == 7 && i < 16) value = fuzz_scalar(&f->in);
        if (how % 8 == 5) value = THScalar_fromDouble((double)((i * 7 + how) % 13) * 0.25 - 1);
        THScalar_store(value, dtype, data + i * itemsize);
    }
}

/* A storage of exactly `numel` elements, so that what lies behind is not TH's. */
static THStorage *exact_storage(Fuzz *f, THDtype dtype, int64_t numel, FuzzKind kind)
{
    const int64_t nbytes = numel * (int64_t)THDtype_size(dtype);
    char *const data = nbytes == 0 ? NULL : aligned_alloc(THDtype_size(dtype), (size_t)nbytes);
    if (nbytes > 0 && fuzz_one_in(&f->in, 4)) { /* what TH allocated, and may grow */
        free(data);
        THStorage *const own = THStorage_newWithSize(dtype, numel);
        fill(f, own->data, dtype, numel, kind);
        return own;
    }
    if (data != NULL) fill(f, data, dtype, numel, kind);
    return THStorage_newWithData(dtype, numel, data, free_data, NULL);
}

static int any_size(Fuzz *f, int64_t *size)
{
    const int ndim = (int)(fuzz_byte(&f->in) % 5);
    bool large = false; /* one of them at most */
    for (int d = 0; d < ndim; d++) {
        const unsigned byte = fuzz_byte(&f->in);
        size[d] = byte < 250 || large ? byte % 5 : 17 + 13 * (byte - 250);
        large = large || size[d] > 5;
    }
    return ndim;
}

/* The shape of most tensors, or something like it, or another. */
static int choose_size(Fuzz *f, int64_t *size)
{
    const unsigned choice = fuzz_byte(&f->in) % 16;
    int ndim = f->ndim;
    memcpy(size, f->size, sizeof f->size);
    if (choice < 9) return ndim;
    if (choice == 9) return any_size(f, size);
    if (ndim == 0) return 0;
    const unsigned d = fuzz_byte(&f->in) % (unsigned)ndim;
    if (choice == 10) size[d] = 1;
    if (choice == 11) size[d] = fuzz_byte(&f->in) % 5;
    if (choice == 12) memmove(size, size + 1, sizeof(*size) * (size_t)--ndim);
    if (choice == 13) return 1;
    if (choice == 14) ndim--;
    if (choice == 15) {
        const int64_t first = size[0];
        size[0] = size[ndim - 1];
        size[ndim - 1] = first;
    }
    return ndim;
}

/* Strides with which the elements lie in reverse order of dimensions, apart, or on each other. Returns the storage's length. */
static int64_t choose_strides(Fuzz *f, int ndim, const int64_t *size, int64_t *stride, int64_t *offset)
{
    const unsigned how = fuzz_byte(&f->in);
    const bool reversed = (how & 1) != 0;
    int64_t step = (how & 6) == 6 ? 2 : 1, last = 0, numel = 1;
    for (int i = 0; i < ndim; i++) {
        const int d = reversed ? i : ndim - 1 - i;
        stride[d] = step;
        if ((how & 24) == 24 && i == 0) stride[d] = 0;
        step *= (size[d] == 0 ? 1 : size[d]) + ((how & 32) != 0);
        numel *= size[d];
        last += (size[d] - 1) * stride[d];
    }
    *offset = (how & 64) != 0 ? 3 : 0;
    return *offset + (numel == 0 ? 0 : last + 1);
}

static THTensor *new_tensor(Fuzz *f, THDtype dtype, FuzzKind kind)
{
    int64_t size[LENGTH], stride[LENGTH], offset = 0;
    int ndim = choose_size(f, size);
    if (kind == Kind_INDEX && fuzz_one_in(&f->in, 2)) ndim = ndim > 0 ? 1 : 0;
    const int64_t length = choose_strides(f, ndim, size, stride, &offset);
    THStorage *const storage = exact_storage(f, dtype, length, kind);
    THTensor *const t = THTensor_newWithStorage(storage, dtype, offset, ndim, size, stride);
    FUZZ_CHECK(t != NULL, "a tensor of %d dimensions on a storage of %lld elements", ndim, (long long)length);
    THStorage_free(storage);
    return t;
}

/* A new tensor, or one from the pool, or a view of one's memory; the pool keeps it. */
static THTensor *choose_tensor(Fuzz *f, THDtype of, FuzzKind kind)
{
    const unsigned choice = fuzz_byte(&f->in);
    THDtype dtype = of != THDtype_None ? of : f->dtype;
    if (kind == Kind_INDEX) dtype = THDtype_Long;
    if (kind == Kind_MASK) dtype = THDtype_Byte;
    if (choice % 16 == 15) dtype = (THDtype)(fuzz_byte(&f->in) % THDtype_Count);
    THTensor *t = NULL;
    if (f->pooled > 0 && choice >= 192) {
        THTensor *const known = f->pool[fuzz_byte(&f->in) % (unsigned)f->pooled];
        if (choice < 232 || known->storage == NULL || f->pooled == POOL) return known;
        t = known->ndim > 0 && fuzz_one_in(&f->in, 2)
                ? THTensor_newSlice(known, 0, fuzz_byte(&f->in) % 3, known->size[0], 1 + fuzz_byte(&f->in) % 2)
                : THTensor_newTranspose(known, 0, -1);
        if (t == NULL) return known;
    } else {
        if (f->pooled == POOL) return f->pool[choice % POOL];
        if (kind == Kind_OUT && of == THDtype_None && choice % 4 < 2) t = THTensor_new();
        if (t == NULL) t = new_tensor(f, dtype, kind);
    }
    return f->pool[f->pooled++] = t;
}

/* --- arguments ---------------------------------------------------------------------------------------------------------- */

static THStorage *long_storage(Fuzz *f)
{
    const int n = (int)(fuzz_byte(&f->in) % LENGTH);
    THStorage *const s = THStorage_newWithSize(THDtype_Long, n);
    for (int i = 0; i < n; i++)
        ((int64_t *)s->data)[i] = i < f->ndim && fuzz_one_in(&f->in, 2) ? f->size[i] : fuzz_long(&f->in);
    return s;
}

static int64_t *array(Fuzz *f, FuzzKind kind, FuzzValue *count)
{
    if (count->number > LENGTH) count->number = LENGTH; /* the length of what is given is the caller's word */
    int64_t *const made = calloc(kind == Kind_LONGS_RESULT ? TH_MAX_DIMS : LENGTH, sizeof *made);
    for (int i = 0; i < LENGTH && kind != Kind_LONGS_RESULT; i++)
        made[i] = i < f->ndim && fuzz_one_in(&f->in, 2) ? f->size[i] : fuzz_long(&f->in);
    return made;
}

static void choose_number(Fuzz *f, FuzzKind kind, FuzzValue *v)
{
    static const char *const texts[] = {"N", "A", "S", "U", "L", "T", "R", "V", "F", "X", "C", "I", "", "op"};
    v->number = fuzz_int(&f->in);
    if (kind == Kind_DIM && !fuzz_one_in(&f->in, 8)) v->number = (int)(fuzz_byte(&f->in) % 5) - 1;
    if (kind == Kind_LONG) v->number = fuzz_long(&f->in);
    if (kind == Kind_DTYPE) v->number = fuzz_byte(&f->in) % (THDtype_Count + 2);
    if (kind == Kind_DOUBLE) v->real = fuzz_double(&f->in);
    if (kind == Kind_SCALAR) v->scalar = fuzz_scalar(&f->in);
    if (kind == Kind_GENERATOR) v->generator = fuzz_one_in(&f->in, 2) ? NULL : f->generator;
    if (kind == Kind_TEXT) v->text = texts[fuzz_byte(&f->in) % (sizeof texts / sizeof *texts)];
    if (kind == Kind_INT_RESULT) v->ints = calloc(1, sizeof *v->ints);
    if (kind == Kind_SCALAR_RESULT) v->place = calloc(1, sizeof *v->place);
}

/* Strides for the sizes before: as many. */
static THStorage *optional_strides(Fuzz *f, const THStorage *sizes)
{
    if (sizes == NULL || !fuzz_one_in(&f->in, 2)) return NULL;
    THStorage *const s = THStorage_newWithSize(THDtype_Long, THStorage_size(sizes));
    fill(f, s->data, THDtype_Long, THStorage_size(s), Kind_IN);
    return s;
}

static void choose(Fuzz *f, const FuzzCall *call, int place, FuzzValue *a)
{
    const FuzzKind kind = call->kinds[place];
    FuzzValue *const v = &a[place];
    choose_number(f, kind, v);
    switch (kind) {
    case Kind_OUT:
    case Kind_IN:
    case Kind_INDEX:
    case Kind_MASK:
        v->tensor = choose_tensor(f, call->dtype, kind);
        break;
    case Kind_TENSORS:
        v->tensors = calloc(LENGTH, sizeof *v->tensors);
        for (int i = 0; i < LENGTH; i++) v->tensors[i] = choose_tensor(f, call->dtype, Kind_IN);
        break;
    case Kind_STORAGE:
        v->storage = exact_storage(f, call->dtype == THDtype_None ? f->dtype : call->dtype, fuzz_byte(&f->in) % 20, Kind_IN);
        break;
    case Kind_LONGS:
        v->storage = long_storage(f);
        break;
    case Kind_OPTIONAL:
        v->storage = optional_strides(f, a[place - 1].storage);
        break;
    case Kind_SIZES:
    case Kind_LONGS_RESULT:
        v->longs = array(f, kind, &a[place - 1]);
        break;
    case Kind_DIMS:
        if (a[place - 1].number > LENGTH) a[place - 1].number = LENGTH;
        v->ints = calloc(LENGTH, sizeof *v->ints);
        for (int i = 0; i < LENGTH; i++) v->ints[i] = fuzz_one_in(&f->in, 8) ? fuzz_int(&f->in) : (int)(fuzz_byte(&f->in) % 4);
        break;
    default:
        break;
    }
    if (place > 0 && call->kinds[place - 1] == Kind_TENSORS && v->number > LENGTH) v->number = LENGTH;
}

static void drop(const FuzzCall *call, FuzzValue *a)
{
    for (int i = 0; i < call->count; i++) {
        THStorage_free(a[i].storage);
        free(a[i].tensors);
        free(a[i].longs);
        free(a[i].ints);
        free(a[i].place);
    }
}

#include "fuzz_checks.h"

/* --- one input ---------------------------------------------------------------------------------------------------------- */

static void make_call(Fuzz *f)
{
    const FuzzCall *const call = &fuzz_calls[(fuzz_byte(&f->in) << 8 | fuzz_byte(&f->in)) % CALLS];
    FuzzValue a[ARGUMENTS] = {0};
    FuzzResult result = {0};
    for (int i = 0; i < call->count; i++) choose(f, call, i, a);
    const FuzzState before = state_of(f, call, a);
    if (getenv("FUZZ_SHOW") != NULL) show(call, a);
    THStatus_clear();
    THGenerator_manualSeed(f->generator, 1);
    THGenerator_manualSeed(THGenerator_default(), 1);
    call->make(a, &result);
    check_result(call, &result);
    check_state(f, call, a, &before, THStatus_last());
    if (before.separate) check_contiguous(f, call, a, &result);
    THTensor_free(result.tensor);
    THStorage_free(result.storage);
    drop(call, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__asan_default_options(void);

/* Large sizes are refused for want of memory; small ones are what matters. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=40:detect_leaks=1";
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const int levels[] = {THCpu_BASE, THCpu_AVX2, THCpu_AVX512};
    Fuzz f = {.in = {bytes, size}};
    const unsigned first = fuzz_byte(&f.in);
    if (THCpu_force((THCpu)levels[first / 8 % 3]) != TH_OK) (void)THCpu_force(THCpu_best());
    THBlas_useLibrary((first & 64) == 0);
    f.dtype = (THDtype)(first % 8);
    f.ndim = any_size(&f, f.size);
    f.generator = THGenerator_new();
    for (int i = 0; i < 4 && f.in.left > 0; i++) make_call(&f);
    for (int i = 0; i < f.pooled; i++) THTensor_free(f.pool[i]);
    THGenerator_free(f.generator);
    return 0;
}
