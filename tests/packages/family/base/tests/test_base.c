#include "Base/Base.h"

int main(void) {
    return base_add(2, 3) == 5 ? 0 : 1;
}
