#include <cstdio>
#include <shapes/shapes.hpp>

int main() {
    std::puts(shapes::describe<3>().c_str());
    return shapes::describe<3>().rfind("3 corners: 4 animals met", 0) == 0 ? 0 : 1;
}
