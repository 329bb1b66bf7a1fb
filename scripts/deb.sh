#!/usr/bin/env bash
# Packs the module for the nginx that is installed, as Debian packs its own
# modules, or nginx.org its own where the nginx is from there:
#   deb.sh [MODULE.so [OUTDIR]]      default: the one in build/, into build/
# The package fits exactly the nginx it was built for; a module that the nginx
# installed here refuses is not packed.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
module=${1:-$top/build/ngx_http_ccproxy_module.so}
out=${2:-$top/build}

name=libnginx-mod-http-ccproxy
conf=mod-http-ccproxy.conf
version=$(sed -n 's/^#define CCP_VERSION *"\(.*\)"/\1/p' \
          "$top/ngx_http_ccproxy_module/codec/exchange/exchange.h")
arch=$(dpkg --print-architecture)

[ -f "$module" ] || { echo "no $module: make build" >&2; exit 1; }

# The installed nginx is the one whose package the new one depends on.
try=$(mktemp -d)
trap 'rm -rf "$try"' EXIT
printf 'load_module "%s";\nerror_log stderr;\npid "%s/pid";\nevents {}\n' "$(realpath "$module")" "$try" >"$try/conf"
env -u NGINX /usr/sbin/nginx -t -q -c "$try/conf" -e stderr || {
    echo "$module is not for the nginx that is installed: make clean deb" >&2
    exit 1
}

# Both say in Provides which modules they take: Debian by the interface, and
# modules are enabled by a link; nginx.org by the release, and load_module is
# the administrator's to write.
nginx=$(dpkg-query -W -f '${Version}' nginx)
provides=$(dpkg-query -W -f '${Provides}' nginx)
abi=$(grep -o 'nginx-abi-[^, ]*' <<<"$provides" || true)
release=$(grep -oE 'nginx-r[0-9][^, ]*' <<<"$provides" || true)
libc=$(dpkg-query -W -f '${Version}' libc6)

# libraries of content encodings, which the module has where it was built
needed=$(objdump -p "$module" | awk '$1 == "NEEDED" { print $2 }')
encodings=""
! grep -q '^libz\.' <<<"$needed" || encodings+=", zlib1g"
! grep -q '^libbrotlidec\.' <<<"$needed" || encodings+=", libbrotli1"
! grep -q '^libzstd\.' <<<"$needed" || encodings+=", libzstd1"

if [ -z "$abi" ] && [ -n "$release" ]; then
    name=nginx-module-ccproxy
    version=${nginx%%-*}+$version-1
    abi=$release
fi

root=$(mktemp -d)
trap 'rm -rf "$root" "$try"' EXIT
chmod 755 "$root"

install -D -m 644 "$module" "$root/usr/lib/nginx/modules/ngx_http_ccproxy_module.so"
strip --strip-unneeded "$root/usr/lib/nginx/modules/ngx_http_ccproxy_module.so"

if [ -z "$release" ]; then
    install -d "$root/usr/share/nginx/modules-available"
    echo 'load_module modules/ngx_http_ccproxy_module.so;' \
        >"$root/usr/share/nginx/modules-available/$conf"
fi

install -D -m 755 "$top/scripts/ccproxy" "$root/usr/bin/ccproxy"
install -D -m 644 "$top/scripts/providers" "$root/usr/share/ccproxy/providers"
install -D -m 755 "$top/scripts/import" "$root/usr/share/ccproxy/import"

# keys are read by nginx's master, which is root
install -d "$root/etc/nginx/ccproxy"
install -d -m 750 "$root/etc/nginx/ccproxy/keys"
install -m 644 "$top/conf/packaging/example.conf" "$root/etc/nginx/ccproxy/"

"$top/scripts/man.py" "$root/man"
for page in "$root"/man/*; do
    dir=$root/usr/share/man/man${page##*.}
    install -D -m 644 "$page" "$dir/${page##*/}"
    gzip -9n "$dir/${page##*/}"
done
rm -r "$root/man"

doc=$root/usr/share/doc/$name
install -D -m 644 "$top/LICENSE" "$doc/copyright"
install -D -m 644 "$top/conf/packaging/changelog" "$doc/changelog.Debian"
gzip -9n "$doc/changelog.Debian"
# in the folders of the source, so that links between the pages hold
install -d "$doc/examples"
ln -s examples "$doc/conf"
for page in README.md conf/README.md conf/RUNNING.md conf/PROVIDERS.md t/README.md \
            ngx_http_ccproxy_module/README.md \
            ngx_http_ccproxy_module/codec/CONVERSIONS.md; do
    install -D -m 644 "$top/$page" "$doc/$page"
    gzip -9n "$doc/$page"
done
install -m 644 "$top"/conf/*.conf "$doc/examples/"
[ ! -d "$top/conf/systemd" ] || cp -r "$top/conf/systemd" "$doc/examples/"

install -d "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: $name
Version: $version
Architecture: $arch
Section: httpd
Priority: optional
Maintainer: the ngx_http_ccproxy_module authors <nobody@localhost>
Depends: ${abi:-nginx (= $nginx)}, libc6 (>= ${libc%%-*}), libjansson4 (>= 2.14), libpcre2-8-0$encodings, ca-certificates
Recommends: curl
Suggests: python3, python3-yaml
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Description: conversion between the protocols of LLM clients and providers
 A module for nginx that lets clients of Anthropic Messages, OpenAI Chat
 Completions, OpenAI Responses, Gemini and Ollama use models behind any of
 these protocols.
END

echo /etc/nginx/ccproxy/example.conf >"$root/DEBIAN/conffiles"

if [ -n "$release" ]; then
    cat >"$root/DEBIAN/postinst" <<END
#!/bin/sh
set -e
if [ "\$1" = configure ] && [ -z "\$2" ]; then
    echo "write at the top of /etc/nginx/nginx.conf, and reload nginx:"
    echo "    load_module modules/ngx_http_ccproxy_module.so;"
fi
END
    printf '#!/bin/sh\nset -e\n' >"$root/DEBIAN/prerm"
else
    # A link of the administrator's that is gone stays gone on an upgrade.
    cat >"$root/DEBIAN/postinst" <<END
#!/bin/sh
set -e
if [ "\$1" = configure ]; then
    if [ -z "\$2" ] && [ -d /etc/nginx/modules-enabled ]; then
        ln -sf /usr/share/nginx/modules-available/$conf \\
            /etc/nginx/modules-enabled/50-$conf
    fi
    dpkg-trigger --no-await nginx-reload || true
fi
END

    cat >"$root/DEBIAN/prerm" <<END
#!/bin/sh
set -e
if [ "\$1" = remove ]; then
    rm -f /etc/nginx/modules-enabled/50-$conf
    dpkg-trigger --no-await nginx-reload || true
fi
END
fi

chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm"

mkdir -p "$out"
deb=$out/${name}_${version}_${arch}.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$deb" >/dev/null
echo "$deb"
