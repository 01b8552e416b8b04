#!/bin/sh
# The shared library exports quell_* and nothing else. TAP on standard output.
# usage: symbols.sh LIBRARY
set -eu

exported=$(nm -D --defined-only "$1" | awk '{ print $NF }')
foreign=$(printf '%s\n' "$exported" | grep -v '^quell_' || true)

echo 1..2
case $exported in
*quell_*) echo 'ok 1 - exports quell_*' ;;
*) echo 'not ok 1 - exports quell_*' ;;
esac
if [ -z "$foreign" ]; then
  echo 'ok 2 - exports nothing else'
else
  echo 'not ok 2 - exports nothing else'
  printf '%s\n' "$foreign" | sed 's/^/# /'
fi
