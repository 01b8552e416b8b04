/* The hot code is compiled once for each instruction set, from one source: see src/meson.build.
 * What it exports carries the name of the set, so that all can be linked together. A header says
 *
 *   #define ql_thing QL_FOR_ISA(ql_thing)
 *
 * and hot code that calls ql_thing() gets its own; all other code gets the baseline's. */
#ifndef QL_BASE_ISA_H
#define QL_BASE_ISA_H

#ifndef QL_ISA
#define QL_ISA baseline
#endif

/* A loop over arrays that do not overlap. Compilers believe in `restrict` for parameters, but gcc
 * 12 forgets it where it inlines, and then it does not vectorise. */
#if defined __GNUC__
#define QL_LOOP static __attribute__((noinline))
#else
#define QL_LOOP static
#endif

#define QL_FOR_ISA(name)    QL_JOIN(name, QL_ISA)
#define QL_JOIN(name, isa)  QL_JOIN_(name, isa)
#define QL_JOIN_(name, isa) name##_##isa

#endif
