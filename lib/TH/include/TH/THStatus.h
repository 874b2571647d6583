/* Errors: every fallible function returns a THStatus; the text waits in a buffer of the calling thread.
 *
 * Nothing aborts, nothing jumps, nothing throws. A message reads `[op] argument, its value, the rule`. */
#ifndef TH_STATUS_H
#define TH_STATUS_H

#include "TH/THExport.h"

TH_BEGIN_DECLS

typedef enum THStatus {
    TH_OK = 0,
    TH_ERR_SHAPE,       /* sizes, strides or numbers of dimensions do not fit */
    TH_ERR_DTYPE,       /* a dtype is wrong, or two that must agree differ */
    TH_ERR_INDEX,       /* a dimension or an index is out of range */
    TH_ERR_VALUE,       /* any other bad argument */
    TH_ERR_MEMORY,      /* an allocation failed */
    TH_ERR_STATE,       /* the object cannot do this now (resize of borrowed memory, say) */
    TH_ERR_UNSUPPORTED, /* no kernel for this dtype, or a feature that was not built */
} THStatus;

/* Stores the formatted message (at most 1,023 bytes) for this thread and returns `code`. */
TH_API THStatus THStatus_fail(THStatus code, const char *format, ...) TH_PRINTF(2, 3);

/* The message of this thread's last failure; "" if there was none. Valid until the thread's next failure. */
TH_API const char *THStatus_message(void);

/* The code of this thread's last failure: for functions that return a pointer, NULL on failure. */
TH_API THStatus THStatus_last(void);

/* Forgets the last failure: before a call of the typed functions that return a value (THTyped.h), to see afterwards whether it
 * failed. */
TH_API void THStatus_clear(void);

/* Is told of each failure, in the thread that failed, with the text of THStatus_message. It must return, and must not call
 * TH. */
typedef void (*THStatusHandler)(THStatus code, const char *message, void *context);
/* Installs the handler of the process; NULL: none (the default). Not while other threads are in TH. */
TH_API void THStatus_setHandler(THStatusHandler handler, void *context);

TH_END_DECLS

/* Returns the failure of `expression` from the enclosing function. */
#define TH_TRY(expression)                                                                                                     \
    do {                                                                                                                       \
        const THStatus th_status_ = (expression);                                                                              \
        if (__builtin_expect(th_status_ != TH_OK, 0)) return th_status_;                                                       \
    } while (0)

/* Fails with `code` and a printf message if `condition` holds. */
#define TH_FAIL_IF(condition, code, ...)                                                                                       \
    do {                                                                                                                       \
        if (__builtin_expect(!!(condition), 0)) return THStatus_fail((code), __VA_ARGS__);                                     \
    } while (0)

#endif
