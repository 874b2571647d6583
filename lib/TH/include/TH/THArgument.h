/* Refusing NULL: the first line of a public function that would read or write what its pointers show. */
#ifndef TH_ARGUMENT_H
#define TH_ARGUMENT_H

#include <stddef.h>

#include "TH/THStatus.h"

TH_BEGIN_DECLS

/* Fails for the first of `count` pointers that is NULL: `[op] its name, NULL: ...`. names: "r, a, b". Returns TH_ERR_VALUE. */
TH_API THStatus THArgument_missing(const char *op, const char *names, int count, const void *const pointers[]);

TH_END_DECLS

#define TH_NULL_1(a, ...) ((a) == NULL)
#define TH_NULL_2(a, ...) ((a) == NULL || TH_NULL_1(__VA_ARGS__))
#define TH_NULL_3(a, ...) ((a) == NULL || TH_NULL_2(__VA_ARGS__))
#define TH_NULL_4(a, ...) ((a) == NULL || TH_NULL_3(__VA_ARGS__))
#define TH_NULL_5(a, ...) ((a) == NULL || TH_NULL_4(__VA_ARGS__))
#define TH_NULL_6(a, ...) ((a) == NULL || TH_NULL_5(__VA_ARGS__))
#define TH_NULL_7(a, ...) ((a) == NULL || TH_NULL_6(__VA_ARGS__))
#define TH_NULL_8(a, ...) ((a) == NULL || TH_NULL_7(__VA_ARGS__))
#define TH_NULL_PICK(a, b, c, d, e, f, g, h, form, ...) form
#define TH_ANY_NULL(...)                                                                                                       \
    TH_NULL_PICK(__VA_ARGS__, TH_NULL_8, TH_NULL_7, TH_NULL_6, TH_NULL_5, TH_NULL_4, TH_NULL_3, TH_NULL_2, TH_NULL_1, 0)       \
    (__VA_ARGS__, 0)

/* TH_GIVEN_OR(value, op, r, a): fails, and returns `value` from the enclosing function, if one of one to eight pointers is
 * NULL. Each is the name of an argument. */
#define TH_GIVEN_OR(value, op, ...)                                                                                            \
    do {                                                                                                                       \
        if (__builtin_expect(TH_ANY_NULL(__VA_ARGS__), 0)) {                                                                   \
            const void *const th_given_[] = {__VA_ARGS__};                                                                     \
            (void)THArgument_missing((op), #__VA_ARGS__, (int)(sizeof th_given_ / sizeof *th_given_), th_given_);              \
            return value;                                                                                                      \
        }                                                                                                                      \
    } while (0)
/* The same in a function that returns a THStatus. */
#define TH_GIVEN(op, ...) TH_GIVEN_OR(TH_ERR_VALUE, op, __VA_ARGS__)

#endif
