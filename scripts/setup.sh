#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, where missing.
#   setup.sh [build|test|all]      (default: all)
set -eu

build_packages="nginx libjansson-dev libpcre2-dev gcc libc6-dev make"

# Debian's headers fit Debian's nginx; the source of another one is a tree
if [ -n "${NGINX_SRC:-}" ]; then
    build_packages="$build_packages libssl-dev zlib1g-dev"
elif dpkg-query -W -f '${Provides}' nginx 2>/dev/null | grep -q 'nginx-r[0-9]'; then
    echo "the nginx that is installed is nginx.org's: NGINX_SRC=dir must name the source of this version" >&2
    exit 1
else
    build_packages="$build_packages nginx-dev"
fi
# encodings that the module can do without
encoding_packages="libbrotli-dev libzstd-dev"
test_packages="libnginx-mod-http-echo perl openssl curl python3 python3-yaml procps"

case "${1:-all}" in
    build) packages="$build_packages" ;;
    test)  packages="$test_packages" ;;
    all)   packages="$build_packages $test_packages" ;;
    *)     echo "usage: $0 [build|test|all]" >&2; exit 2 ;;
esac

missing=""
for p in $packages; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' \
        || missing="$missing $p"
done

# they come along, but nobody is asked for them alone
if [ "${1:-all}" = all ] || { [ "$1" = build ] && [ -n "$missing" ]; }; then
    for p in $encoding_packages; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' \
            || missing="$missing $p"
    done
fi

[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "these packages are needed:$missing" >&2
        echo "install them as root: apt-get install$missing" >&2
        exit 1
    }
    as_root="sudo"
fi

echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# A server that the installation starts would take port 80: nobody asked for it.
policy=/usr/sbin/policy-rc.d
made_policy=""
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod +x "$policy"
    made_policy=1
fi
trap '[ -z "$made_policy" ] || $as_root rm -f "$policy"' EXIT

$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root apt-get install -q -y --no-install-recommends $missing
