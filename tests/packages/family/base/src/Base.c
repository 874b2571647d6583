#include "Base/Base.h"

int base_add(int a, int b) {
    return a + b;
}

int base_subtract(int a, int b) {
    return a - b;
}
