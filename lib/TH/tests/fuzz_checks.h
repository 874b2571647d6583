/* What has to hold after any call: a part of fuzz_ops.c. */
#ifndef TH_FUZZ_CHECKS_H
#define TH_FUZZ_CHECKS_H

/* A tensor and the bytes under it, as they were. */
typedef struct FuzzCopy {
    THTensor *tensor;
    THStorage *storage;
    char *data;
    int64_t nbytes, offset;
    int dtype, ndim;
    int64_t size[TH_MAX_DIMS], stride[TH_MAX_DIMS];
} FuzzCopy;

typedef struct FuzzState {
    FuzzCopy of[POOL];
    int count;
    bool separate; /* no two arguments share memory, and no output has elements yet */
} FuzzState;

static bool is_tensor(FuzzKind kind)
{
    return kind == Kind_OUT || kind == Kind_IN || kind == Kind_INDEX || kind == Kind_MASK;
}

static bool is_output(const FuzzCall *call, const FuzzValue *a, const THStorage *storage)
{
    for (int i = 0; i < call->count; i++)
        if (call->kinds[i] == Kind_OUT && a[i].tensor->storage == storage) return true;
    return false;
}

static void show(const FuzzCall *call, const FuzzValue *a)
{
    fprintf(stderr, "%s\n", call->name);
    for (int i = 0; i < call->count; i++) {
        fprintf(stderr, "  %d: kind %d, number %lld, real %g, scalar %d %lld %g\n", i, (int)call->kinds[i],
                (long long)a[i].number, a[i].real, a[i].scalar.is_float, (long long)a[i].scalar.value.i, a[i].scalar.value.d);
        for (int k = 0; k < LENGTH && a[i].longs != NULL; k++) fprintf(stderr, "    [%d] %lld\n", k, (long long)a[i].longs[k]);
        const THTensor *const t = a[i].tensor;
        if (t == NULL) continue;
        fprintf(stderr, "    %s at %p, offset %lld:", THDtype_name((THDtype)t->dtype), (void *)t->storage,
                (long long)t->offset);
        for (int d = 0; d < t->ndim; d++) fprintf(stderr, " %lld/%lld", (long long)t->size[d], (long long)t->stride[d]);
        fprintf(stderr, "\n     ");
        for (int64_t k = 0; t->storage != NULL && k < THStorage_size(t->storage) && k < 24; k++) {
            const THScalar s =
                THScalar_load((THDtype)t->dtype, t->storage->data + k * (int64_t)THDtype_size((THDtype)t->dtype));
            fprintf(stderr, " %g", THScalar_toDouble(s));
        }
        fprintf(stderr, "\n");
    }
}

static FuzzState state_of(const Fuzz *f, const FuzzCall *call, const FuzzValue *a)
{
    FuzzState state = {.count = f->pooled, .separate = call->form == Result_STATUS};
    for (int i = 0; i < f->pooled; i++) {
        THTensor *const t = f->pool[i];
        FuzzCopy *const copy = &state.of[i];
        *copy = (FuzzCopy){.tensor = t, .storage = t->storage, .offset = t->offset, .dtype = t->dtype, .ndim = t->ndim};
        memcpy(copy->size, t->size, sizeof(*t->size) * (size_t)t->ndim);
        memcpy(copy->stride, t->stride, sizeof(*t->stride) * (size_t)t->ndim);
        if (t->storage == NULL || t->storage->nbytes == 0) continue;
        copy->data = malloc((size_t)t->storage->nbytes);
        if (copy->data == NULL) continue; /* more than a program under the sanitizer may have */
        copy->nbytes = t->storage->nbytes;
        memcpy(copy->data, t->storage->data, (size_t)copy->nbytes);
    }
    for (int i = 0; i < call->count; i++) {
        if (call->kinds[i] == Kind_TENSORS || call->kinds[i] == Kind_STORAGE) state.separate = false;
        if (!is_tensor(call->kinds[i])) continue;
        if (call->kinds[i] == Kind_OUT && a[i].tensor->dtype != THDtype_None) state.separate = false;
        for (int k = 0; k < i; k++)
            if (is_tensor(call->kinds[k]) && a[k].tensor == a[i].tensor) state.separate = false;
    }
    return state;
}

static void check_tensor(const char *name, const THTensor *t)
{
    FUZZ_CHECK((t->storage == NULL) == (t->dtype == THDtype_None), "%s", name);
    if (t->storage == NULL) return;
    bool empty = false, contiguous = true;
    for (int d = 0; d < t->ndim; d++) {
        FUZZ_CHECK(t->size[d] >= 0 && t->stride[d] >= 0, "%s: dimension %d", name, d);
        empty = empty || t->size[d] == 0;
    }
    FUZZ_CHECK(t->offset >= 0 && empty == (t->numel == 0), "%s: offset %lld, %lld elements", name, (long long)t->offset,
               (long long)t->numel);
    if (empty) return; /* its strides mean nothing, and may be as large as they like */
    int64_t numel = 1, last = t->offset;
    for (int d = t->ndim - 1; d >= 0; d--) {
        if (t->size[d] != 1 && t->stride[d] != numel) contiguous = false;
        numel *= t->size[d];
        last += (t->size[d] - 1) * t->stride[d];
    }
    FUZZ_CHECK(numel == t->numel, "%s: %lld elements, said to be %lld", name, (long long)numel, (long long)t->numel);
    FUZZ_CHECK((last + 1) * (int64_t)THDtype_size((THDtype)t->dtype) <= t->storage->nbytes,
               "%s: the last element, %lld, lies behind the storage's %lld bytes", name, (long long)last,
               (long long)t->storage->nbytes);
    FUZZ_CHECK(contiguous == THTensor_isContiguous(t), "%s: contiguous %d", name, contiguous);
}

static void check_result(const FuzzCall *call, const FuzzResult *result)
{
    const char *const message = THStatus_message();
    const bool failed = call->form == Result_STATUS    ? result->status != TH_OK
                        : call->form == Result_TENSOR  ? result->tensor == NULL
                        : call->form == Result_NOTHING ? false
                                                       : result->storage == NULL;
    if (failed) {
        FUZZ_CHECK(THStatus_last() != TH_OK && message[0] == '[' && strchr(message, ']') != NULL, "%s", call->name);
        FUZZ_CHECK(call->form != Result_STATUS || THStatus_last() == result->status, "%s: %d, %d", call->name,
                   (int)result->status, (int)THStatus_last());
    }
    FUZZ_CHECK(failed || call->form == Result_NOTHING || THStatus_last() == TH_OK, "%s succeeded and left a failure",
               call->name);
    if (result->tensor != NULL) check_tensor(call->name, result->tensor);
}

static bool same(const FuzzCopy *was)
{
    const THTensor *const t = was->tensor;
    return t->storage == was->storage && t->offset == was->offset && t->dtype == was->dtype && t->ndim == was->ndim &&
           memcmp(t->size, was->size, sizeof(*t->size) * (size_t)t->ndim) == 0 &&
           memcmp(t->stride, was->stride, sizeof(*t->stride) * (size_t)t->ndim) == 0 &&
           (was->nbytes == 0 || memcmp(t->storage->data, was->data, (size_t)was->nbytes) == 0);
}

/* Refused arguments: nothing was written. What fails later, for want of memory or in the middle of a solution, may have. */
static bool refused(THStatus status)
{
    return status == TH_ERR_SHAPE || status == TH_ERR_DTYPE || status == TH_ERR_INDEX || status == TH_ERR_UNSUPPORTED;
}

static void check_state(const Fuzz *f, const FuzzCall *call, const FuzzValue *a, const FuzzState *before, THStatus status)
{
    for (int i = 0; i < before->count; i++) {
        const FuzzCopy *const was = &before->of[i];
        check_tensor(call->name, was->tensor);
        bool output = false;
        for (int k = 0; k < call->count; k++)
            output |= call->kinds[k] == Kind_OUT && (a[k].tensor == was->tensor || a[k].tensor->storage == was->storage);
        output = output || is_output(call, a, was->storage);
        for (int k = 0; k < before->count; k++) { /* the storage that an output had before */
            const FuzzCopy *const other = &before->of[k];
            for (int n = 0; n < call->count; n++)
                output |= call->kinds[n] == Kind_OUT && a[n].tensor == other->tensor && other->storage == was->storage;
        }
        FUZZ_CHECK(output || same(was), "%s changed an input", call->name);
        FUZZ_CHECK(!refused(status) || same(was), "%s refused arguments and changed tensor %d", call->name, i);
    }
    for (int i = 0; i < before->count; i++) free(before->of[i].data);
    (void)f;
}

/* The same call on contiguous copies fares alike; results of integers are the same. */
static void check_contiguous(Fuzz *f, const FuzzCall *call, const FuzzValue *a, const FuzzResult *result)
{
    FuzzValue b[ARGUMENTS];
    FuzzResult again = {0};
    memcpy(b, a, sizeof b);
    if (result->status == TH_ERR_MEMORY) return;
    for (int i = 0; i < call->count; i++)
        if (is_tensor(call->kinds[i]))
            b[i].tensor =
                call->kinds[i] == Kind_OUT || a[i].tensor->storage == NULL ? THTensor_new() : THTensor_newClone(a[i].tensor);
    bool copied = true; /* an expanded tensor may be too large for memory as a contiguous one */
    for (int i = 0; i < call->count; i++) copied = copied && (!is_tensor(call->kinds[i]) || b[i].tensor != NULL);
    if (!copied) {
        for (int i = 0; i < call->count; i++)
            if (is_tensor(call->kinds[i])) THTensor_free(b[i].tensor);
        return;
    }
    THGenerator_manualSeed(f->generator, 1);
    THGenerator_manualSeed(THGenerator_default(), 1);
    call->make(b, &again);
    FUZZ_CHECK(again.status == result->status, "%s: status %d, and %d for contiguous tensors", call->name, (int)result->status,
               (int)again.status);
    for (int i = 0; i < call->count; i++) {
        if (!is_tensor(call->kinds[i])) continue;
        THTensor *const x = a[i].tensor, *const y = b[i].tensor;
        int equal = 1;
        if (call->kinds[i] == Kind_OUT && again.status == TH_OK) {
            FUZZ_CHECK(x->dtype == y->dtype && THTensor_isSameSizeAs(x, y), "%s: result %d", call->name, i);
            if (x->storage != NULL && !THDtype_isFloating((THDtype)x->dtype)) (void)THTensor_equal(&equal, x, y);
            if (!equal && getenv("FUZZ_SHOW") != NULL) show(call, a), show(call, b);
            FUZZ_CHECK(equal, "%s: result %d differs from that for contiguous tensors", call->name, i);
        }
        THTensor_free(y);
    }
}

#endif
