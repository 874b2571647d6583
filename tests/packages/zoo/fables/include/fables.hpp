#pragma once

#include <string>

namespace fables {
/// A sentence about that many animals and one more.
std::string tell(int animals);
} // namespace fables
