#include "Core/Core.h"

int core_sum(int a, int b) {
    return a + b;
}
