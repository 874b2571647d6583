#include "Bell/Bell.h"

int bell_strokes(int hour) {
    return (hour + 11) % 12 + 1;
}
