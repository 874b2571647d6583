#include <string>

namespace fables {

std::string animals(int count) {
    return std::to_string(count) + (count == 1 ? " animal" : " animals");
}

} // namespace fables
