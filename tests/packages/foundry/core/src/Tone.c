#include "Core/Core.h"

const char *core_tone(void) {
    return CORE_TONE;
}
