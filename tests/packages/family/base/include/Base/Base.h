#ifndef BASE_H
#define BASE_H

#define BASE_API __attribute__((visibility("default")))

/* Returns a + b. */
BASE_API int base_add(int a, int b);

/* Returns a - b. */
BASE_API int base_subtract(int a, int b);

/* The configured greeting. */
BASE_API const char *base_greeting(void);

#endif
