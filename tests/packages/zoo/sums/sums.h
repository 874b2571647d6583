#ifndef SUMS_H
#define SUMS_H

#ifdef __cplusplus
extern "C" {
#endif

int sums_add(int a, int b);
const char* sums_version(void);

#ifdef __cplusplus
}
#endif

#endif
