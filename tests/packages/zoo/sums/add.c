#include "sums.h"

int sums_add(int a, int b) {
    return a + b;
}
