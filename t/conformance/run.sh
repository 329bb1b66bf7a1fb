#!/usr/bin/env bash
# The Open Responses compliance suite against nginx with the built module, in
# front of scripted upstreams of all five protocols.
#
#   OPENRESPONSES_DIR  a checkout of openresponses/openresponses, which is not
#                      part of this tree; without it nothing is run
#   UPSTREAMS          words; these upstreams only
#   NGINX, MODULE      programs under test
#   LOGS               where configuration, logs, records and results stay
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$top/t/clients/lib/env.sh"

# upstream (a protocol of mock-backend.mjs): protocol and API root of the
# provider, the model of the target
upstreams='
openai     chat       /v1     gpt-4.1
responses  responses  /v1     gpt-4.1
anthropic  anthropic  /v1     claude-sonnet-4-5
gemini     gemini     /v1beta gemini-2.5-pro
ollama     ollama     -       llama3.2
'

NGINX=${NGINX:-/usr/sbin/nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
MODULE=${MODULE:-$top/build/ngx_http_ccproxy_module.so}
LOGS=${LOGS:-$top/build/conformance}
suite=${OPENRESPONSES_DIR:-}

if [ ! -f "$suite/bin/compliance-test.ts" ]; then
    echo "SKIP: the compliance suite is absent: set OPENRESPONSES_DIR to a checkout of openresponses/openresponses"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

[ -x "$NGINX" ] || die "no nginx at $NGINX"
[ -f "$MODULE" ] || die "no module at $MODULE: run make build"
ensure_node
install_group conformance || exit 2

rm -rf "$LOGS" && mkdir -p "$LOGS/suite/src" || exit 2
cp -r "$suite/bin" "$LOGS/suite/"
cp -r "$suite/src/lib" "$suite/src/generated" "$LOGS/suite/src/"
ln -s "$clients_home/conformance/node_modules" "$LOGS/suite/node_modules"
echo '{"private":true,"type":"module"}' >"$LOGS/suite/package.json"

mapfile -t rows < <(awk -v want="${UPSTREAMS:-}" '
    NF && (want == "" || index(" " want " ", " " $1 " "))' <<<"$upstreams")
[ ${#rows[@]} -gt 0 ] || die "no such upstream: $UPSTREAMS"
mapfile -t ports < <(PORT_BASE=20700 free_ports $((2 * ${#rows[@]})))

write_conf() {
    local i name protocol root model

    cat <<CONF
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
CONF
    for i in "${!rows[@]}"; do
        read -r name protocol root model <<<"${rows[i]}"
        cat <<CONF

    ccproxy_provider p$i {
        protocol $protocol;
        url http://127.0.0.1:${ports[2 * i]}${root#-};
        key literal:provider-key;
    }
    upstream pool$i { ccproxy; ccproxy_target p$i $model; }
    server {
        listen 127.0.0.1:${ports[2 * i + 1]};
        location / { ccproxy on; proxy_pass http://pool$i; }
    }
CONF
    done
    echo '}'
}

pids=()
finish() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
    wait
}
trap finish EXIT
trap 'exit 130' INT TERM

write_conf >"$LOGS/nginx.conf"
"$NGINX" -p "$LOGS" -c nginx.conf -g 'daemon off;' >"$LOGS/nginx.out" 2>&1 &
pids+=($!)
wait_port "${ports[1]}" $! || { cat "$LOGS/nginx.out" >&2; die "nginx did not start"; }

for i in "${!rows[@]}"; do
    read -r name _ _ model <<<"${rows[i]}"
    node "$top/t/clients/mock-backend.mjs" --protocol "$name" --scenario model \
        --port "${ports[2 * i]}" --ready-file "$LOGS/$name.ready" --key provider-key \
        --record "$LOGS/$name.jsonl" --models "$model" >"$LOGS/$name.mock" 2>&1 &
    pids+=($!)
    wait_file "$LOGS/$name.ready" $! || die "the upstream did not start, see $LOGS/$name.mock"
    node "$LOGS/suite/node_modules/tsx/dist/cli.mjs" "$LOGS/suite/bin/compliance-test.ts" \
        --base-url "http://127.0.0.1:${ports[2 * i + 1]}/v1" --api-key client-key \
        --model gpt-4.1 --json >"$LOGS/$name.json" 2>"$LOGS/$name.err"
done

node "$here/report.mjs" "$LOGS" "${rows[@]%% *}"
