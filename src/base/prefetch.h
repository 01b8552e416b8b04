/* Asking for memory before it is needed.
 *
 * gcc 12 takes a function that does nothing but prefetch for one that does nothing, unless it is
 * always inlined: hence QL_PREFETCHER. */
#ifndef QL_BASE_PREFETCH_H
#define QL_BASE_PREFETCH_H

#if defined __GNUC__
#define QL_PREFETCH(address) __builtin_prefetch(address)
#define QL_PREFETCHER        static inline __attribute__((always_inline))
#else
#define QL_PREFETCH(address) (void)(address)
#define QL_PREFETCHER        static inline
#endif

#endif
