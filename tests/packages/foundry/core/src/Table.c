#include "Core/Core.h"
#include "table.h"

int core_square(int a) {
    return squares[a & 3];
}
