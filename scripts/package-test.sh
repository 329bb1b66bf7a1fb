#!/usr/bin/env bash
# Builds the package on clean roots of Debian and walks a newcomer's path there:
# install it, five lines of configuration, nginx -t, start, an answer.
#   package-test.sh [SUITE...]      default: bookworm trixie
#
# Needs root, debootstrap and Debian's mirror (the one that apt uses).  Bare
# roots are kept in CACHE (~/.cache/ccproxy-roots), so a second run is short.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ccproxy-roots}
[ $# -gt 0 ] || set -- bookworm trixie
[ "$(id -u)" -eq 0 ] || { echo "package-test: only root can make roots" >&2; exit 1; }
for p in debootstrap unshare ip; do
    command -v $p >/dev/null || { echo "package-test: $p is needed: apt-get install debootstrap iproute2" >&2; exit 1; }
done
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -Eo 'https?://[^ ]*/debian/?( |$)' | head -1 | tr -d ' ')
mirror=${mirror:-http://deb.debian.org/debian}
mkdir -p "$cache"
tmp=$(mktemp -d "$cache/run.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

ok() { # NAME COMMAND...
    local name=$1
    shift
    n=$((n + 1))
    if "$@" >"$tmp/out" 2>&1; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        tail -n 20 "$tmp/out" | sed 's/^/# /'
        failed=1
    fi
}

# a root of its own, from the bare one of the suite
root() { # SUITE DIR
    local bare=$cache/$1

    if [ ! -e "$bare/.done" ]; then
        rm -rf "$bare"
        debootstrap --variant=minbase "$1" "$bare" "$mirror" >"$cache/$1.log" 2>&1 || {
            tail -n 5 "$cache/$1.log" >&2
            exit 1
        }
        touch "$bare/.done"
    fi
    cp -a --reflink=auto "$bare" "$2"
    cp /etc/resolv.conf "$2/etc/"
    printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d"    # nothing starts by itself
    chmod +x "$2/usr/sbin/policy-rc.d"
}

within() { # DIR COMMAND: processes of its own, the network of this machine
    unshare --mount --pid --fork sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" sh -ec "$1"' "$1" \
        "export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root; $2"
}

alone() { # DIR COMMAND: and a network of its own, so that port 80 is free
    unshare --net --mount --pid --fork sh -c \
        'ip link set lo up && mount -t proc proc "$0/proc" && exec chroot "$0" sh -ec "$1"' "$1" \
        "export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root; $2"
}

for suite; do
    echo "# $suite"
    build=$tmp/build-$suite clean=$tmp/clean-$suite
    root "$suite" "$build"
    mkdir -p "$build/src"
    (cd "$top" && git ls-files -z | xargs -0 tar -cf - --ignore-failed-read 2>/dev/null) | tar -C "$build/src" -xf -
    ok "$suite: what building needs" within "$build" 'apt-get -q update; apt-get -q -y install --no-install-recommends make python3'
    ok "$suite: make deb" within "$build" 'cd /src && make deb'
    deb=$(find "$build/src/build" -maxdepth 1 -name '*.deb')
    ok "$suite: a package" test -f "$deb"
    [ -f "$deb" ] || continue
    dpkg-deb -f "$deb" Package Version Depends | sed 's/^/# /'
    ok "$suite: it names the nginx that it is for" grep -q '^nginx-abi-' <<<"$(dpkg-deb -f "$deb" Depends)"

    # a module of another nginx is not packed
    ok "$suite: a module that does not fit is refused" within "$build" \
        'cd /src && cp /bin/true /tmp/x.so && ! scripts/deb.sh /tmp/x.so /tmp'

    root "$suite" "$clean"
    cp "$deb" "$clean/tmp/ccproxy.deb"
    ok "$suite: apt-get install" within "$clean" \
        'apt-get -q update; apt-get -q -y install --no-install-recommends /tmp/ccproxy.deb curl'
    ok "$suite: enabled as Debian's modules are" test -L "$clean/etc/nginx/modules-enabled/50-mod-http-ccproxy.conf"
    ok "$suite: the folder of keys is closed" test "$(stat -c %a "$clean/etc/nginx/ccproxy/keys")" = 750
    ok "$suite: nginx -t as installed" within "$clean" 'nginx -t'
    cat >"$clean/etc/nginx/conf.d/five.conf" <<'END'
upstream coder { ccproxy; ccproxy_target groq openai/gpt-oss-120b; }
server {
    listen 127.0.0.1:3457;
    location / { ccproxy on; proxy_pass http://coder; }
}
END
    ok "$suite: five lines" within "$clean" 'GROQ_API_KEY=x nginx -t'
    ok "$suite: five lines without the key are refused" within "$clean" '! nginx -t 2>/tmp/said; grep GROQ_API_KEY /tmp/said'
    rm "$clean/etc/nginx/conf.d/five.conf"
    ok "$suite: the example answers, Debian's own site beside it" alone "$clean" '
        cp /etc/nginx/ccproxy/example.conf /etc/nginx/conf.d/ccproxy.conf
        nginx -t
        nginx
        curl -sS --retry 5 --retry-connrefused http://127.0.0.1:80/ | grep -q "Welcome to nginx"
        curl -sS http://127.0.0.1:3456/v1/messages -H "content-type: application/json" -d \
            "{\"model\":\"claude\",\"max_tokens\":200,\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}" | grep "I am the demo model"
        ccproxy test
        nginx -s quit'
    rm -f "$clean/etc/nginx/conf.d/ccproxy.conf"
    ok "$suite: the launcher starts a gateway of its own" alone "$clean" 'ccproxy models 2>&1 | grep -x demo'
    # minbase leaves manual pages out: the package is asked for them
    ok "$suite: manual pages" sh -c "dpkg-deb -c '$deb' | grep -q man5/ngx_http_ccproxy_module.5.gz && dpkg-deb -c '$deb' | grep -q man1/ccproxy.1.gz"
    ok "$suite: removed, nginx -t" within "$clean" 'apt-get -q -y remove libnginx-mod-http-ccproxy && nginx -t && test ! -e /etc/nginx/modules-enabled/50-mod-http-ccproxy.conf'
    ok "$suite: purged" within "$clean" 'apt-get -q -y purge libnginx-mod-http-ccproxy && test ! -e /etc/nginx/ccproxy/example.conf'
done

echo "1..$n"
exit $failed
