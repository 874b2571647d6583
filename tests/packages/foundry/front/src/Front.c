#include "Core/Core.h"

__attribute__((visibility("default"))) int front_answer(void) {
    return core_sum(core_square(2), 38);
}
