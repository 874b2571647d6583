#pragma once

#include <fables.hpp>

namespace shapes {
template <int Sides> std::string describe() {
    return std::to_string(Sides) + " corners: " + fables::tell(Sides);
}
} // namespace shapes
