#!/bin/sh
# Installs into an empty folder, moves it, and builds and runs a program against it the way a user
# would. TAP on standard output.
# usage: run.sh NINJA BUILD_DIR PREFIX LIBDIR VERSION
set -eu

ninja=$1 build=$2 prefix=$3 libdir=$4 version=$5
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR="$work/stage" "$ninja" -C "$build" install >"$work/log" 2>&1 || {
  sed 's/^/# /' "$work/log"
  echo 'Bail out! ninja install failed'
  exit 1
}
root="$work/moved" # not where it was installed: the tree must not remember that
mv "$work/stage$prefix" "$root"
export PKG_CONFIG_PATH="$root/$libdir/pkgconfig"
unset PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
cc=${CC:-cc}

number=0
check() { # NAME COMMAND…: the command must succeed
  name=$1
  shift
  number=$((number + 1))
  if "$@" >"$work/log" 2>&1; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    sed 's/^/# /' "$work/log"
  fi
}

says_version() { # COMMAND…: prints the version
  [ "$("$@")" = "$version" ]
}

# shellcheck disable=SC2046 # pkg-config prints several words
shared() {
  $cc "$here/app.c" $(pkg-config --cflags --libs quell) -o "$work/shared" &&
    LD_LIBRARY_PATH="$root/$libdir" says_version "$work/shared" &&
    ldd "$work/shared" | grep -q libquell.so
}

# shellcheck disable=SC2046
static() {
  rm "$root/$libdir/libquell.so"
  $cc "$here/app.c" $(pkg-config --static --cflags --libs quell) -o "$work/static" &&
    says_version "$work/static" && ! ldd "$work/static" | grep -q libquell
}

# shellcheck disable=SC2046
fully_static() {
  $cc -static "$here/app.c" $(pkg-config --static --cflags --libs quell) -o "$work/fully" &&
    says_version "$work/fully"
}

with_cmake() { # CMAKE_TARGET
  # The second path is for a libdir that CMake does not know on this system.
  cmake -S "$here" -B "$work/cmake-$1" -DTARGET="quell::$1" \
    -DCMAKE_PREFIX_PATH="$root;$root/$libdir/cmake" &&
    cmake --build "$work/cmake-$1" &&
    says_version "$work/cmake-$1/app"
}

check 'version in pkg-config' says_version pkg-config --modversion quell
check 'pkg-config, shared' shared
if command -v cmake >"$work/log"; then
  check 'cmake, shared' with_cmake quell
  check 'cmake, static' with_cmake quell_static
fi
check 'pkg-config, static library' static
check 'pkg-config, static program' fully_static
echo "1..$number"
