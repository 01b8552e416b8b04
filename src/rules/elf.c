#include "rules/elf.h"

#include "base/message.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifdef __linux__
#include <link.h>

/* What this code was compiled for; 0: not compared. */
#if defined __x86_64__
enum { MACHINE = EM_X86_64 };
#elif defined __aarch64__
enum { MACHINE = EM_AARCH64 };
#elif defined __riscv
enum { MACHINE = EM_RISCV };
#else
enum { MACHINE = 0 };
#endif

static const char *check_header(const ElfW(Ehdr) * header) {
  const unsigned char *id = header->e_ident;
  const uint16_t one = 1;
  int is_little = *(const unsigned char *)&one;
  if (memcmp(id, ELFMAG, SELFMAG)) return "it is no shared library";
  if (id[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
      id[EI_DATA] != (is_little ? ELFDATA2LSB : ELFDATA2MSB) ||
      (MACHINE != 0 && header->e_machine != MACHINE))
    return "it was built for another kind of processor";
  if (header->e_phentsize != sizeof(ElfW(Phdr))) return "it is no shared library";
  return NULL;
}

static int is_inside(uint64_t at, uint64_t n, uint64_t size) {
  return at <= size && n <= size - at;
}

/* All that is to be mapped must be in the file, and the table of sections, which comes last: nobody
 * maps it, but debuggers trust it. */
static const char *check_size(FILE *file, const ElfW(Ehdr) * header, uint64_t size) {
  static const char cut_off[] = "it is cut off";
  uint64_t sections = (uint64_t)header->e_shnum * header->e_shentsize;
  if (!is_inside(header->e_shoff, sections, size) || !is_inside(header->e_phoff, 0, size) ||
      fseek(file, (long)header->e_phoff, SEEK_SET))
    return cut_off;
  for (unsigned i = 0; i < header->e_phnum; i++) {
    ElfW(Phdr) segment;
    if (fread(&segment, sizeof segment, 1, file) != 1) return cut_off;
    if (segment.p_type == PT_LOAD && !is_inside(segment.p_offset, segment.p_filesz, size))
      return cut_off;
  }
  return NULL;
}

static const char *check_file(FILE *file) {
  ElfW(Ehdr) header;
  if (fread(&header, sizeof header, 1, file) != 1) return "it is no shared library";
  const char *wrong = check_header(&header);
  if (wrong) return wrong;
  if (fseek(file, 0, SEEK_END)) return "it cannot be read";
  long size = ftell(file);
  return size < 0 ? "it cannot be read" : check_size(file, &header, (uint64_t)size);
}

#else

static const char *check_file(FILE *file) {
  (void)file;
  return NULL;
}

#endif

quell_status ql_elf_check(const char *path, char *message, size_t message_size) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    ql_message(message, message_size, "%s", strerror(errno));
    return QUELL_E_NAME;
  }
  const char *wrong = check_file(file);
  fclose(file);
  if (wrong) ql_message(message, message_size, "%s", wrong);
  return wrong ? QUELL_E_UNSUPPORTED : QUELL_OK;
}
