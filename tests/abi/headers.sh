#!/bin/sh
# Each public header compiles on its own, without a warning, in every language and with every
# compiler that a user may come with. TAP on standard output.
# usage: headers.sh INCLUDE_DIR
set -eu

include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

number=0
for compiler in gcc clang; do
  command -v $compiler >"$work/path" || continue
  for language in 'c c99' 'c c11' 'c c2x' 'c++ c++17'; do
    # shellcheck disable=SC2086 # two words
    set -- $language
    printf 'int main(void) { return 0; }\n' >"$work/probe.c"
    $compiler -x "$1" -std="$2" -fsyntax-only "$work/probe.c" 2>"$work/log" || continue
    for header in "$include"/quell/*.h; do
      name=quell/${header##*/}
      number=$((number + 1))
      # Twice, for the include guard.
      printf '#include <%s>\n#include <%s>\nextern int unused;\n' "$name" "$name" >"$work/one.c"
      if $compiler -x "$1" -std="$2" -Wall -Wextra -Wpedantic -Werror -I "$include" -fsyntax-only \
        "$work/one.c" 2>"$work/log"; then
        echo "ok $number - $name as $2 with $compiler"
      else
        echo "not ok $number - $name as $2 with $compiler"
        sed 's/^/# /' "$work/log"
      fi
    done
  done
done
echo "1..$number"
