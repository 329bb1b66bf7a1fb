#!/usr/bin/env bash
# Fetches the source of the nginx that is installed (Debian's source package)
# into the directory given and prints its path: sanitizer builds need nginx
# itself, not only its headers.
set -eu

dir=$1
version=$(dpkg-query -W -f '${source:Version}' nginx)
tree=$dir/nginx-${version%%-*}

if [ ! -f "$tree/src/core/nginx.c" ]; then
    mkdir -p "$dir/lists/partial"
    dir=$(cd "$dir" && pwd)

    # a list of our own, so that the machine's stays as it is
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null \
        | grep -Eo 'https?://[^ ]*/debian/?( |$)' | head -1 | tr -d ' ')
    mirror=${mirror:-http://deb.debian.org/debian}
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    security=${mirror%/}-security
    {
        echo "deb-src $mirror $suite main"
        echo "deb-src $mirror $suite-updates main"
        echo "deb-src $security $suite-security main"
    } >"$dir/sources.list"

    apt="-o Dir::Etc::sourcelist=$dir/sources.list -o Dir::Etc::sourceparts=/nonexistent
         -o Dir::State::lists=$dir/lists -o APT::Sandbox::User=root"
    # shellcheck disable=SC2086
    apt-get $apt -q update >&2
    command -v dpkg-source >/dev/null || apt-get install -q -y --no-install-recommends dpkg-dev >&2
    # the installed version, else the suite's: the upstream version is the same;
    # half a tree, of a run that was interrupted, must not pass for one
    part=$(mktemp -d "$dir/part.XXXXXX")
    trap 'rm -rf "$part"' EXIT
    # shellcheck disable=SC2086
    (cd "$part" && { apt-get $apt -q source "nginx=$version" \
                     || apt-get $apt -q source "nginx/$suite"; }) >&2
    rm -rf "${dir:?}/${tree##*/}"
    mv "$part/${tree##*/}" "$dir/"
fi

echo "$tree"
