#include "sums.h"

const char* sums_version(void) {
    return SUMS_VERSION;
}
