#!/usr/bin/env bash
# The units of conf/systemd: systemd reads them and finds little to expose, and
# nginx serves with their configuration as a user who is nobody.
#   systemd.sh [MODULE.so]      PORT: a free one, and the next (19365)
set -u
cd "$(dirname "$0")/.." || exit 2
module=$(realpath "${1:-build/ngx_http_ccproxy_module.so}")
nginx=${NGINX:-/usr/sbin/nginx}
export -n NGINX
port=${PORT:-19365}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"

n=0 failed=0
ok() { # NAME COMMAND...
    local name=$1 out
    shift
    n=$((n + 1))
    if out=$("$@" 2>&1); then echo "ok $n - $name"; else echo "not ok $n - $name"; echo "$out"; failed=1; fi
}

# Of Debian's unit with the drop-ins one file is made, as systemd reads them.
nginx_unit=$dir/nginx.service
{
    cat <<'END'
[Unit]
Description=nginx
[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStart=/bin/true
ExecReload=/bin/true
END
    grep -hv '^\[Service\]' conf/systemd/nginx.service.d/ccproxy.conf conf/systemd/nginx.service.d/hardening.conf
} >"$nginx_unit"
# "verify" wants the programs to be there
sed 's|/usr/sbin/nginx|/bin/true|' conf/systemd/ccproxy.service >"$dir/ccproxy.service"

if command -v systemd-analyze >/dev/null; then
    verify() { # UNIT: manual pages need not be installed here
        local out
        out=$(systemd-analyze verify --man=no "$1" 2>&1) || { echo "$out"; return 1; }
        ! grep -F "$(basename "$1")" <<<"$out" | grep .
    }
    exposed() { # UNIT MOST: in tenths
        systemd-analyze security --offline=true --no-pager --threshold="$2" "$1"
    }
    ok 'ccproxy.service: systemd takes it' verify "$dir/ccproxy.service"
    ok 'nginx.service with the drop-ins: systemd takes it' verify "$nginx_unit"
    ok 'ccproxy.service: exposed to 1.5 of 10 at most' exposed "$dir/ccproxy.service" 15
    ok 'nginx.service with the drop-ins: exposed to 4 of 10 at most' exposed "$nginx_unit" 40
else
    echo '# skipped: systemd-analyze is not there'
fi

# the service as it would run: unprivileged, the key in a file of mode 400
mkdir -p "$dir/run" "$dir/credentials"
printf 'sk-test' >"$dir/credentials/openai"
chmod 500 "$dir/credentials"
chmod 400 "$dir/credentials/openai"
demo="server { listen 127.0.0.1:$((port + 1)); location / { ccproxy_demo; } }"
cat conf/systemd/ccproxy.nginx.conf |
    sed -e "s|^load_module.*|load_module $dir/module.so;|" -e "s|/run/ccproxy/|$dir/run/|" \
        -e "s|/run/credentials/ccproxy.service/|$dir/credentials/|" \
        -e "s|preset openai;|preset openai; url http://127.0.0.1:$((port + 1))/v1;|" \
        -e "s|127.0.0.1:3456|127.0.0.1:$port|" -e "s|^http {|http { $demo|" >"$dir/nginx.conf"
cp "$module" "$dir/module.so"
chmod 644 "$dir/module.so" "$dir/nginx.conf"
as=()
if [ "$(id -u)" -eq 0 ]; then
    chown -R nobody "$dir/run" "$dir/credentials"
    as=(setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs --bounding-set=-all)
fi
ok 'nginx -t as nobody' "${as[@]}" "$nginx" -t -q -c "$dir/nginx.conf" -e stderr
"${as[@]}" "$nginx" -c "$dir/nginx.conf" -e stderr -g 'daemon off;' 2>"$dir/err" &
pid=$!
answer=$(curl -sS --retry 20 --retry-connrefused --retry-delay 0 --max-time 20 \
    "http://127.0.0.1:$port/v1/chat/completions" -H 'content-type: application/json' \
    -d '{"model":"x","messages":[{"role":"user","content":"Hello"}]}')
ok 'it answers, with the credential read' grep -q '"chat.completion"' <<<"$answer"
kill -HUP $pid
answer=$(curl -sS --max-time 20 "http://127.0.0.1:$port/v1/models")
ok 'and after a reload' grep -q '"list"' <<<"$answer"
kill -QUIT $pid
wait $pid
ok 'it ends by SIGQUIT without a fault' test $? -eq 0
ok 'nothing is said but warnings of the user' sh -c "! grep -E 'emerg|alert|crit' '$dir/err'"

echo "1..$n"
exit $failed
