#!/usr/bin/env bash
# Runs t/*.t (or the files given) against the built module, with CPAN's
# Test::Nginx where it is installed, else with the runner in t/lib.
#
# MODULE          the module, default build/ngx_http_ccproxy_module.so
# CCPROXY_STATIC  set: the binary has the module inside
set -eu
cd "$(dirname "$0")/.."

lib=()
perl -e 'use Test::Nginx::Socket; 1' >/dev/null 2>&1 || lib=(-I "$PWD/t/lib")

modules=""
[ -n "${CCPROXY_STATIC:-}" ] || modules=${MODULE:-$PWD/build/ngx_http_ccproxy_module.so}
export TEST_NGINX_LOAD_MODULES="$modules /usr/lib/nginx/modules/ngx_http_echo_module.so"
export TEST_NGINX_BINARY=${TEST_NGINX_BINARY:-/usr/sbin/nginx}

if [ $# -eq 0 ]; then
    set -- t/*.t t/lib/*.t
fi

exec prove "${lib[@]}" "$@"
