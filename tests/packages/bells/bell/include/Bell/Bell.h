#ifndef BELL_H
#define BELL_H

/* How often the bell rings at this hour. */
__attribute__((visibility("default"))) int bell_strokes(int hour);

#endif
