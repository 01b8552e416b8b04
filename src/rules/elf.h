/* Whether a file can be given to dlopen(). */
#ifndef QL_RULES_ELF_H
#define QL_RULES_ELF_H

#include <quell/types.h>

/* QUELL_E_NAME if there is no such file; QUELL_E_UNSUPPORTED if it is no shared library of this
 * machine or is not whole: loading a file that has been cut off ends the process (SIGBUS). Where
 * the format is not known here, a file that can be read is good. */
quell_status ql_elf_check(const char *path, char *message, size_t message_size);

#endif
