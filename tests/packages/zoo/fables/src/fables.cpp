#include "fables.hpp"

#include <sums.h>

namespace fables {

std::string animals(int count);

std::string tell(int count) {
#ifdef FABLES_LOUD
    const char* end = "!";
#else
    const char* end = ".";
#endif
    return animals(sums_add(count, 1)) + " met" + end;
}

} // namespace fables
