#include "Upper/Upper.h"

#include "Base/Base.h"

int upper_mix(int a, int b, int c) {
    return base_subtract(base_add(a, b), c);
}
