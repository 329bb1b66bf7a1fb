#!/usr/bin/env bash
# Conversations that are held, by the SDKs that count on them: the AI SDK's
# defaults, openai's previous_response_id and conversations, Anthropic's
# threads and tool runner, on an upstream of each protocol.
#
#   held.sh [PROTOCOL,…]
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/t/clients/held
home=${CLIENTS_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/gateway-clients}/held
work=$top/build/test-clients/held
module=${MODULE:-$top/build/ngx_http_ccproxy_module.so}
nginx=${NGINX:-nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
protocols="anthropic chat responses gemini ollama"

mkdir -p "$home" "$work/logs"

cmp -s "$here/package.json" "$home/package.json" && [ -d "$home/node_modules" ] || {
    cp "$here/package.json" "$home/"
    (cd "$home" && npm install --no-audit --no-fund --silent)
}

cp "$here"/*.mjs "$home/"

rm -f "$work/port"
node "$home/upstream.mjs" "$work/port" &
upstream=$!
trap 'kill $upstream 2>/dev/null || true; [ ! -s "$work/logs/nginx.pid" ] || kill "$(cat "$work/logs/nginx.pid")"' EXIT

until [ -s "$work/port" ]; do kill -0 $upstream; sleep 0.1; done

up=$(cat "$work/port")
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')

root() { case $1 in gemini) echo /v1beta ;; ollama) echo "" ;; *) echo /v1 ;; esac }

{
    echo "load_module $module;"
    echo "worker_processes 2; error_log logs/error.log info; pid logs/nginx.pid;"
    echo "events {} http { access_log logs/access.log;"
    for p in $protocols; do
        echo "ccproxy_provider $p { protocol $p; url http://127.0.0.1:$up$(root "$p"); key literal:key-0123456789; }"
        echo "upstream $p { ccproxy; ccproxy_target $p m; }"
    done
    echo "server { listen 127.0.0.1:$port;"
    for p in $protocols; do echo "location /$p/ { ccproxy on; proxy_pass http://$p; }"; done
    echo "} }"
} >"$work/nginx.conf"

$nginx -p "$work" -c nginx.conf
node "$home/client.mjs" "$port" "${1:-${protocols// /,}}"
