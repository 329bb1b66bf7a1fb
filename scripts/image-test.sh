#!/usr/bin/env bash
# Builds conf/docker/Dockerfile with buildah, without a daemon and without a
# registry (the base image is made by debootstrap), and runs what it says: as
# its user, with a read-only root, its volume alone writable.
#
# Needs root, buildah, debootstrap.  The bare root is that of package-test.sh.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
cache=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ccproxy-roots}
[ "$(id -u)" -eq 0 ] || { echo "image-test: needs root" >&2; exit 1; }
for p in buildah debootstrap unshare ip; do
    command -v $p >/dev/null || { echo "image-test: $p is needed: apt-get install buildah debootstrap iproute2" >&2; exit 1; }
done
mkdir -p "$cache"
tmp=$(mktemp -d "$cache/image.XXXXXX")
trap 'rm -rf "$tmp" 2>/dev/null || { umount -l "$tmp"/*/* 2>/dev/null; rm -rf "$tmp"; }' EXIT
b() { buildah --storage-driver vfs --root "$tmp/store" --runroot "$tmp/run" "$@"; }
export BUILDAH_ISOLATION=chroot

base=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$top/conf/docker/Dockerfile" | sort -u)
suite=${base#debian:}
suite=${suite%-slim}
bare=$cache/$suite
if [ ! -e "$bare/.done" ]; then
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        grep -Eo 'https?://[^ ]*/debian/?( |$)' | head -1 | tr -d ' ')
    rm -rf "$bare"
    debootstrap --variant=minbase "$suite" "$bare" "${mirror:-http://deb.debian.org/debian}" >"$cache/$suite.log" 2>&1
    touch "$bare/.done"
fi

n=0 failed=0
ok() { # NAME COMMAND...
    local name=$1
    shift
    n=$((n + 1))
    if "$@" >"$tmp/out" 2>&1; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        tail -n 30 "$tmp/out" | sed 's/^/# /'
        failed=1
    fi
}

c=$(b from scratch)
b add -q "$c" "$bare" / >/dev/null
b commit -q "$c" "docker.io/library/$base" >/dev/null
b rm "$c" >/dev/null
ok 'every step of the Dockerfile' b bud --pull-never --format docker --layers=false \
    -f "$top/conf/docker/Dockerfile" -t ccproxy "$top"
[ $failed = 0 ] || { echo "1..$n"; exit 1; }

field() { b inspect --type image --format "{{$1}}" ccproxy; }
user=$(field .Docker.Config.User)
ok 'it is not root' test "${user%%:*}" -gt 0
ok 'an end that lets streams end' test "$(field .Docker.Config.StopSignal)" = SIGQUIT
ok 'nothing but its volume is its own' test "$(field .Docker.Config.Volumes)" = 'map[/run/ccproxy:{}]'
mapfile -t env < <(b inspect --type image ccproxy | python3 -c '
import json, sys
print("\n".join(json.load(sys.stdin)["Docker"]["config"]["Env"]))')
health=$(b inspect --type image ccproxy | python3 -c '
import json, sys
print(json.load(sys.stdin)["Docker"]["config"]["Healthcheck"]["Test"][1])')
c=$(b from --pull-never ccproxy)
root=$(b mount "$c")

# The image as a container engine would run it: own network and processes, the
# root read-only, the volume a tmpfs of its user's, no capability.
run() { # ROOT_OPTIONS SCRIPT [VARIABLE=VALUE...]: SCRIPT runs beside it, with $nginx its process
    local binds=$1 script=$2
    shift 2
    # shellcheck disable=SC2016
    unshare --net --mount --pid --fork sh -ec '
        ip link set lo up
        ip addr add 192.0.2.1/32 dev lo
        mount --bind "$0" "$0"
        mount -t proc proc "$0/proc"
        mount --rbind /dev "$0/dev"
        uid=${1%%:*} gid=${1##*:} binds=$2 script=$3
        shift 3
        mount -t tmpfs -o "uid=$uid,gid=$gid,mode=700" tmpfs "$0/run/ccproxy"
        eval "$binds"
        mount -o remount,bind,ro "$0"
        log=/tmp/image-log.$$
        # as container engines do, standard output is the user'"'"'s
        : >$log
        chown "$uid" $log
        env -i "$@" chroot --userspec="$uid:$gid" --groups= "$0" \
            /usr/local/bin/entrypoint >$log 2>&1 &
        nginx=$!
        root=$0
        trap "cat $log; rm -f $log" EXIT
        n=0
        until curl -s -o /dev/null http://127.0.0.1:3456/health; do
            n=$((n + 1)); [ $n -lt 100 ] || exit 1; kill -0 $nginx; sleep 0.05
        done
        eval "$script"' "$root" "$user" "$binds" "$script" "${env[@]}" "$@"
}
ask='curl -s --max-time 20 http://192.0.2.1:3456/v1/messages -H "content-type: application/json" -d "{\"model\":\"claude\",\"max_tokens\":99,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"'

ok 'answers clients of other machines by their key' run '' "
    $ask -H 'x-api-key: k1' | grep 'I am the demo model'
    $ask -H 'x-api-key: k2' | grep authentication_error
    test \"\$(stat -c %u \$root/proc/\$nginx)\" = ${user%%:*}" CCPROXY_KEY=k1
ok 'its health check passes' run '' "env -i ${env[*]} chroot \"\$root\" sh -c '$health'"
ok 'without CCPROXY_KEY it makes one and says it' run '' "
    $ask | grep authentication_error
    key=\$(sed -n 's/.*CCPROXY_KEY is not set: //p' \$log)
    test \${#key} = 32
    $ask -H \"authorization: Bearer \$key\" | grep 'I am the demo model'"
ok "a provider's key is enough" run '' "
    grep 'openai gpt-5' \$log
    ! grep -r sk-secret \"\$root/run/ccproxy\" \$log" OPENAI_API_KEY=sk-secret
ok 'it ends by its stop signal' run '' "kill -QUIT \$nginx; wait \$nginx"
cat >"$tmp/nginx.conf" <<'END'
load_module modules/ngx_http_ccproxy_module.so;
events {}
http {
    upstream coder { ccproxy; ccproxy_target ollama m; }
    server {
        listen 3456;
        location / { ccproxy on; proxy_pass http://coder; }
        location = /mine { return 200 "mine"; }
    }
}
END
cp -a "$root/etc/nginx" "$tmp/conf" && cp "$tmp/nginx.conf" "$tmp/conf/nginx.conf"
ok 'a mounted nginx.conf takes over' run "mount --bind $tmp/conf \$0/etc/nginx" \
    "curl -s http://127.0.0.1:3456/mine | grep mine; grep 'GET /mine' \$log; ls \"\$root/run/ccproxy/lib\" | grep body"

echo "1..$n"
exit $failed
