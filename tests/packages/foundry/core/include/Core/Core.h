#pragma once

#define CORE_API __attribute__((visibility("default")))

CORE_API int core_sum(int a, int b);
CORE_API int core_square(int a);
CORE_API const char *core_tone(void);
