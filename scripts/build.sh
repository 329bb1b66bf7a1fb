#!/usr/bin/env bash
# Builds the module against an nginx source tree.
#
#   build.sh OBJDIR              the dynamic module: OBJDIR/ngx_http_ccproxy_module.so
#   build.sh OBJDIR static       an nginx binary with the module inside: OBJDIR/nginx
#
# NGINX_SRC  the tree; default: the installed nginx's own (package nginx-dev),
#            which has headers alone: for a binary, what source.sh fetches
# NGINX_FLAGS  further configure flags for a tree that is not Debian's
# BUILD      release (default), debug, sanitize (AddressSanitizer and UBSan)
# CC         compiler, default cc
set -eu

objdir=$1
kind=${2:-dynamic}
top=$(cd "$(dirname "$0")/.." && pwd)
src=${NGINX_SRC:-}
build=${BUILD:-release}

if [ -z "$src" ]; then
    src=/usr/share/nginx/src
    [ "$kind" != static ] || src=$("$top/scripts/source.sh" "$top/build/source")
fi

[ -d "$src" ] || {
    echo "no nginx source in $src: install nginx-dev (make setup), or give NGINX_SRC=" >&2
    exit 1
}

[ "$kind" != static ] || [ -f "$src/src/core/nginx.c" ] || {
    echo "$src holds headers alone: NGINX_SRC= must be a whole source tree" >&2
    exit 1
}

mkdir -p "$objdir"
objdir=$(cd "$objdir" && pwd)

case "$build" in
    # nobody replaces the module's functions: they may be inlined, called directly
    release)  cc_opt="-O2 -g -fno-semantic-interposition" ; ld_opt="-Wl,-Bsymbolic" ;;
    debug)    cc_opt="-O0 -g3 -DNGX_DEBUG_PALLOC=1 -DCCP_DEBUG_ARENA=1" ; ld_opt="" ;;
    sanitize)
        san="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
        # nginx itself relies on these two
        san="$san -fno-sanitize=alignment,pointer-overflow,shift,nonnull-attribute"
        cc_opt="-O1 -g -fno-omit-frame-pointer $san -DNGX_DEBUG_PALLOC=1 -DCCP_DEBUG_ARENA=1"
        ld_opt="$san" ;;
    *) echo "BUILD=$build: release, debug or sanitize" >&2; exit 2 ;;
esac

flags=()
if [ -f "$src/conf_flags" ]; then
    # shellcheck disable=SC1091
    . "$src/conf_flags"
    flags=("${NGX_CONF_FLAGS[@]}")
else
    # shellcheck disable=SC2206
    flags=(--with-compat --with-debug --with-http_ssl_module --with-http_v2_module
           --with-http_realip_module ${NGINX_FLAGS:-})
fi

if [ "$kind" = static ]; then
    flags+=(--add-module="$top")
else
    flags+=(--add-dynamic-module="$top")
fi

configure=./configure
[ -x "$src/configure" ] || [ -f "$src/configure" ] || configure=auto/configure

cd "$src"
bash "$configure" --builddir="$objdir" --with-cc="${CC:-cc}" \
    --with-cc-opt="$cc_opt -fPIC" --with-ld-opt="$ld_opt" "${flags[@]}" \
    >"$objdir/configure.log" 2>&1 || { tail -20 "$objdir/configure.log" >&2; exit 1; }

target=modules
[ "$kind" = static ] && target=binary
make -s -f "$objdir/Makefile" -j"$(nproc)" "$target"
