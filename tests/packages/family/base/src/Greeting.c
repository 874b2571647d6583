#include "Base/Base.h"

const char *base_greeting(void) {
    return BASE_GREETING;
}
