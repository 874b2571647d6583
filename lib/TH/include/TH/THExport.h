/* What a public symbol is: everything else in the library is hidden. */
#ifndef TH_EXPORT_H
#define TH_EXPORT_H

#define TH_API __attribute__((visibility("default")))
#define TH_PRINTF(format_arg, first_arg) __attribute__((format(printf, format_arg, first_arg)))

#ifdef __cplusplus
#define TH_BEGIN_DECLS extern "C" {
#define TH_END_DECLS }
#else
#define TH_BEGIN_DECLS
#define TH_END_DECLS
#endif

#endif
