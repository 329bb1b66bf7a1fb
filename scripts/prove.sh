#!/usr/bin/env bash
# Runs t/*.t (or the files given) against the built module, with CPAN's
# Test::Nginx where it is installed, else with the runner in t/lib.
#
# Each file has a port and a server root of its own, so that several run beside
# each other; with TEST_NGINX_PORT set, the port is that one, the root is
# t/servroot, and both stay as they are at the end.
#
# JOBS            how many at a time, default 2 per processor
# MODULE          the module, default build/ngx_http_ccproxy_module.so
# CCPROXY_STATIC  set: the binary has the module inside
# ECHO_MODULE     the echo module for that nginx; empty: the binary has it inside
set -eu
cd "$(dirname "$0")/.."

lib=()
perl -e 'use Test::Nginx::Socket; 1' >/dev/null 2>&1 || lib=(-I "$PWD/t/lib")

modules=""
[ -n "${CCPROXY_STATIC:-}" ] || modules=${MODULE:-$PWD/build/ngx_http_ccproxy_module.so}
export TEST_NGINX_LOAD_MODULES="$modules ${ECHO_MODULE-/usr/lib/nginx/modules/ngx_http_echo_module.so}"
export TEST_NGINX_BINARY=${TEST_NGINX_BINARY:-/usr/sbin/nginx}

jobs=1
[ -n "${TEST_NGINX_PORT:-}${TEST_NGINX_SERVER_PORT:-}" ] || {
    export TEST_NGINX_RANDOMIZE=1
    jobs=${JOBS:-$(($(nproc) * 2))}
}

if [ $# -eq 0 ]; then
    # the longest first
    set -- t/lib/*.t t/029-*.t $(ls t/*.t | grep -v /029-)
fi

exec prove -j"$jobs" "${lib[@]}" "$@"
