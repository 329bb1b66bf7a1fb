#!/usr/bin/env bash
# Builds the package on clean roots of Debian and walks a newcomer's path there:
# install it, five lines of configuration, nginx -t, start, an answer.
#   package-test.sh [SUITE...]      default: bookworm trixie rpm org
#
# rpm: the spec, by Debian's rpmbuild and nginx.  org: the package for an nginx
# that is packed as nginx.org packs it, from the source tree NGINX_SRC (left
# out without it).
#
# Needs root, debootstrap and Debian's mirror (the one that apt uses).  Bare
# roots are kept in CACHE (~/.cache/ccproxy-roots), so a second run is short.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ccproxy-roots}
[ $# -gt 0 ] || set -- bookworm trixie rpm org
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

source_into() { # DIR
    mkdir -p "$1"
    (cd "$top" && git ls-files -z | xargs -0 tar -cf - --ignore-failed-read 2>/dev/null) | tar -C "$1" -xf -
}

# what nginx-mod-devel brings on Fedora, said of Debian's nginx
rpm() {
    local build=$tmp/build-rpm name=ngx_http_ccproxy_module-0.1.0

    root bookworm "$build"
    source_into "$build/root/$name"
    cat >"$build/root/macros" <<'END'
%_nginx_abiversion 1.22.1
%nginx_moddir /usr/lib64/nginx/modules
%nginx_modconfdir /usr/share/nginx/modules
%_vpath_builddir build
%nginx_modconfigure true
%nginx_modbuild scripts/build.sh build
END
    ok "rpm: what building needs" within "$build" \
        'apt-get -q update; apt-get -q -y install --no-install-recommends rpm cpio gcc make python3 nginx nginx-dev libjansson-dev libpcre2-dev'
    ok "rpm: rpmbuild" within "$build" "
        unset NGINX_SRC
        cd /root && mkdir -p rpmbuild/SOURCES && tar -czf rpmbuild/SOURCES/$name.tar.gz $name
        rpmbuild --nodeps --macros \$(rpmbuild --showrc | sed -n 's/^Macro path: //p'):/root/macros -bb $name/conf/packaging/rpm/nginx-mod-http-ccproxy.spec"
    ok "rpm: its files" within "$build" '
        rpm -qlp /root/rpmbuild/RPMS/*/nginx-mod-http-ccproxy-0.1.0*.rpm >/tmp/files
        for f in /usr/lib64/nginx/modules/ngx_http_ccproxy_module.so /usr/bin/ccproxy /etc/nginx/ccproxy/keys; do grep -x $f /tmp/files; done'
    ok "rpm: nginx takes the module" within "$build" '
        mkdir /tmp/x && cd /tmp/x && rpm2cpio /root/rpmbuild/RPMS/*/nginx-mod-http-ccproxy-0.1.0*.rpm | cpio -idm
        printf "load_module /tmp/x/usr/lib64/nginx/modules/ngx_http_ccproxy_module.so;\nevents {}\n" >c && nginx -t -c /tmp/x/c'
}

# an nginx with the paths, options and fields of nginx.org's packages
org() {
    local build=$tmp/build-org clean=$tmp/clean-org deb version

    [ -n "${NGINX_SRC:-}" ] || { echo "# org: left out, NGINX_SRC names no source tree"; return 0; }
    version=$(sed -n 's/^#define NGINX_VERSION *"\(.*\)"/\1/p' "$NGINX_SRC/src/core/nginx.h")
    root bookworm "$build"
    source_into "$build/src"
    cp -r "$NGINX_SRC" "$build/nginx"
    ok "org: what building needs" within "$build" \
        'apt-get -q update; apt-get -q -y install --no-install-recommends make gcc python3 libc6-dev libssl-dev libpcre2-dev zlib1g-dev libjansson-dev'
    ok "org: nginx $version" within "$build" "
        cp -r /nginx /nginx-own && cd /nginx-own && cd . && sh \$([ -f configure ] && echo configure || echo auto/configure) \
            --prefix=/etc/nginx --sbin-path=/usr/sbin/nginx --modules-path=/usr/lib/nginx/modules \
            --conf-path=/etc/nginx/nginx.conf --error-log-path=/var/log/nginx/error.log --pid-path=/run/nginx.pid \
            --with-compat --with-file-aio --with-threads --with-http_realip_module --with-http_ssl_module \
            --with-http_v2_module --with-http_slice_module --with-stream
        make -j2 && make install DESTDIR=/pack
        ln -s /usr/lib/nginx/modules /pack/etc/nginx/modules
        mkdir -p /pack/DEBIAN /pack/var/log/nginx /pack/run
        printf 'Package: nginx\nVersion: $version-1~bookworm\nArchitecture: amd64\nProvides: httpd, nginx, nginx-r$version\nMaintainer: NGINX Packaging <nginx-packaging@f5.com>\nDescription: nginx\n' >/pack/DEBIAN/control
        dpkg-deb --root-owner-group --build /pack /nginx.deb && dpkg -i --force-depends /nginx.deb && nginx -t"
    ok "org: make deb" within "$build" 'cd /src && NGINX_SRC=/nginx make deb'
    deb=$(find "$build/src/build" -maxdepth 1 -name 'nginx-module-ccproxy_*.deb')
    ok "org: a package named as nginx.org's are" test -f "$deb"
    [ -f "$deb" ] || return 0
    ok "org: it names the nginx that it is for" grep -q "^nginx-r$version," <<<"$(dpkg-deb -f "$deb" Depends)"
    root bookworm "$clean"
    cp "$build/nginx.deb" "$deb" "$clean/tmp/"
    ok "org: installed beside that nginx" within "$clean" \
        'apt-get -q update; apt-get -q -y install --no-install-recommends /tmp/nginx.deb /tmp/nginx-module-ccproxy_*.deb curl libssl3 zlib1g'
    ok "org: nginx.conf is the administrator's" within "$clean" '! grep -r ccproxy /etc/nginx/nginx.conf'
    ok "org: the example answers" alone "$clean" '
        sed -i "1i load_module modules/ngx_http_ccproxy_module.so;" /etc/nginx/nginx.conf
        sed -i "s|^http {|http { include /etc/nginx/ccproxy/example.conf;|" /etc/nginx/nginx.conf
        nginx -t && nginx
        curl -sS --retry 5 --retry-connrefused http://127.0.0.1:3456/v1/messages -H "content-type: application/json" -d \
            "{\"model\":\"claude\",\"max_tokens\":200,\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}" | grep "I am the demo model"
        nginx -s quit'
    ok "org: removed" within "$clean" 'apt-get -q -y remove nginx-module-ccproxy && test ! -e /usr/lib/nginx/modules/ngx_http_ccproxy_module.so'
}

for suite; do
    echo "# $suite"
    case $suite in
        rpm|org) $suite; continue ;;
    esac
    build=$tmp/build-$suite clean=$tmp/clean-$suite
    root "$suite" "$build"
    source_into "$build/src"
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
