#ifndef UPPER_H
#define UPPER_H

/* Returns a + b - c. */
__attribute__((visibility("default"))) int upper_mix(int a, int b, int c);

#endif
