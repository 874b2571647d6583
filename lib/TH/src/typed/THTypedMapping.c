/* THFloatStorage_newWithMapping. */
#include "TH/THMapAllocator.h"
#include "typed/THTypedBody.h"

THStorage *THStorage_(newWithMapping)(const char *filename, int64_t size, int flags)
{
    TH_GIVEN_OR(NULL, "newWithMapping", filename);
    int64_t nbytes = 0;
    if (size < 0 || __builtin_mul_overflow(size, (int64_t)sizeof(real), &nbytes)) {
        THStatus_fail(TH_ERR_SHAPE, "[newWithMapping] size, %lld: negative, or more than can be counted", (long long)size);
        return NULL;
    }
    THMapAllocatorContext *const context = THMapAllocatorContext_new(filename, flags);
    if (context == NULL) return NULL;
    real *const data = THMapAllocator.malloc(context, nbytes);
    if (data == NULL) {
        THMapAllocatorContext_free(context);
        return NULL;
    }
    const int64_t mapped = THMapAllocatorContext_size(context) / (int64_t)sizeof(real);
    THStorage *const s = THStorage_newWithData(REAL_DTYPE, size > 0 ? size : mapped, data, THMapAllocator.free, context);
    if (s == NULL) THMapAllocator.free(context, data);
    return s;
}
