#!/usr/bin/env bash
# run.sh: the real clients through nginx with the built module to strict
# scripted upstreams, every client with every upstream of the matrix below.
# Prints PASS|FAIL|SKIP lines and, at the end, "N passed, N failed".
#
# Environment:
#   CLIENTS, UPSTREAMS   words; run these instead of the matrix's rows
#   FRAGMENT             sizes of the upstream's writes in bytes; 0: whole events
#   CHECKS               words; these checks only
#   MOCK_ARGS            more options for every mock (README.md)
#   NGINX, MODULE        programs under test
#   JOBS                 how many clients run at a time (2)
#   LOGS                 where configuration, logs and records stay
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"
top=$(cd "$clients_dir/../.." && pwd)

# client: the upstreams it is run with when nothing else is asked for
matrix='
claude                openai responses anthropic gemini ollama openai+text responses+text anthropic+text gemini+text ollama+text
codex                 openai responses anthropic gemini ollama openai+text responses+text anthropic+text gemini+text ollama+text
gemini                openai responses anthropic gemini ollama openai+text responses+text anthropic+text gemini+text ollama+text
opencode              anthropic gemini
qwen                  openai ollama
copilot               responses anthropic
continue              openai gemini
aider                 anthropic
sdk-anthropic         openai responses anthropic gemini ollama
sdk-openai            openai responses anthropic gemini ollama
sdk-openai-responses  openai responses anthropic gemini ollama
sdk-gemini            openai responses anthropic gemini ollama
sdk-ollama            openai responses anthropic gemini ollama
'

# clients that are run with one size of writes: they share a protocol with others
once='opencode qwen copilot continue aider'

# upstream (a protocol of mock-backend.mjs): protocol and API root of the
# provider, the model of the target; "-": none, the client's name passes.
# With "+text" behind it the model takes no tools, and the target has
# tools=compat: one size of writes, and the checks that call tools.
upstream_table='
openai      chat        /v1      gpt-4.1
responses   responses   /v1      gpt-4.1
anthropic   anthropic   /v1      -
gemini      gemini      /v1beta  gemini-2.5-pro
ollama      ollama      -        llama3.2
'

# client, check, why it is left out
skip_table='
'

NGINX=${NGINX:-/usr/sbin/nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
MODULE=${MODULE:-$top/build/ngx_http_ccproxy_module.so}
LOGS=${LOGS:-$top/build/test-clients}
JOBS=${JOBS:-2}
FRAGMENT=${FRAGMENT:-0 7}
export CLIENT_TIMEOUT=${CLIENT_TIMEOUT:-60}

# The client's key differs from the provider's: a gateway that hands the
# client's credential on is refused by the mock.
export CLIENT_API_KEY=client-key
provider_key=provider-key

row() { # TABLE KEY: the rest of the row
    awk -v k="${2%+text}" '$1 == k { $1 = ""; print substr($0, 2) }' <<<"$1"
}

# The jobs: "client upstream fragment", one a line.
list_jobs() {
    local client upstream fragment fragments

    for client in ${CLIENTS:-$(awk '{ print $1 }' <<<"$matrix")}; do
        client_group "$client" >/dev/null || die "unknown client $client"
        for upstream in ${UPSTREAMS:-$(row "$matrix" "$client")}; do
            [ -n "$(row "$upstream_table" "$upstream")" ] ||
                die "unknown upstream $upstream"
            fragments=$FRAGMENT
            [[ $upstream != *+text && " $once " != *" $client "* ]] ||
                fragments=${FRAGMENT##* }
            for fragment in $fragments; do
                echo "$client $upstream $fragment"
            done
        done
    done
}

text_mode() { # UPSTREAM WORDS: the words if its model takes no tools
    [[ $1 != *+text ]] || echo "$2"
}

# One nginx for all: a provider, a pool and a server for each job.
write_conf() {
    local i protocol root model

    cat <<CONF
load_module $MODULE;
worker_processes 2;
pid nginx.pid;
error_log error.log info;
events { worker_connections 1024; }
http {
    access_log access.log;
    client_body_temp_path tmp_body;
    proxy_temp_path tmp_proxy;
    fastcgi_temp_path tmp_fastcgi;
    uwsgi_temp_path tmp_uwsgi;
    scgi_temp_path tmp_scgi;
CONF
    for i in "${!jobs[@]}"; do
        read -r _ upstream _ <<<"${jobs[i]}"
        read -r protocol root model <<<"$(row "$upstream_table" "$upstream")"
        cat <<CONF

    ccproxy_provider mock$i {
        protocol $protocol;
        url http://127.0.0.1:${mock_port[i]}${root#-};
        key literal:$provider_key;
        models claude-sonnet-4-5;
    }
    upstream pool$i {
        ccproxy;
        ccproxy_target mock$i ${model#-}$(text_mode "$upstream" ' tools=compat');
    }
    server {
        listen 127.0.0.1:${front_port[i]};
        location / { ccproxy on; proxy_pass http://pool$i; }
    }
CONF
    done
    echo '}'
}

start_nginx() {
    "$NGINX" -p "$LOGS" -c nginx.conf -g 'daemon off;' >"$LOGS/nginx.out" 2>&1 &
    nginx_pid=$!
    wait_port "${front_port[0]}" $nginx_pid && return 0
    cat "$LOGS/nginx.out" >&2
    die "nginx did not start, see $LOGS/nginx.conf"
}

run_job() { # INDEX: the lines of one job
    local i=$1 client upstream fragment name model skip mock out args=()

    read -r client upstream fragment <<<"${jobs[i]}"
    name=$client-$upstream-$fragment out=$LOGS/$name
    model=$(row "$upstream_table" "$upstream" | awk '{ print $3 }')
    skip=$(row "$skip_table" "$client" | awk '{ print $1 }' | paste -sd, -)
    [ "$model" = - ] || args=(--models "$model")
    # shellcheck disable=SC2086,SC2046
    node "$clients_dir/mock-backend.mjs" --protocol "${upstream%+text}" \
        $(text_mode "$upstream" --no-tools) \
        --port "${mock_port[i]}" --ready-file "$out.ready" --key $provider_key \
        --record "$out.jsonl" --fragment "$fragment" \
        "${args[@]}" ${MOCK_ARGS:-} \
        >"$out.mock" 2>&1 &
    mock=$!
    if wait_file "$out.ready" $mock; then
        bash "$clients_dir/run-client.sh" "$client" \
            "http://127.0.0.1:${front_port[i]}" --record "$out.jsonl" \
            --checks "$(tr ' ' ',' <<<"${CHECKS:-$(default_checks "$client" "$upstream")}")" \
            --skip "$skip" 2>"$out.err"
    else
        echo "FAIL $client mock did not start, see $out.mock"
    fi | sed -E "s|^([A-Z]{4}) ([^ ]+)|\1 \2 -> $upstream/$fragment|" >"$out.lines"
    kill $mock 2>/dev/null
    wait $mock 2>/dev/null
    grep -qE '^(PASS|FAIL|SKIP)' "$out.lines" ||
        echo "FAIL $client -> $upstream/$fragment no result, see $out.err" >"$out.lines"
    flock "$LOGS/print.lock" cat "$out.lines"
}

default_checks() { # CLIENT UPSTREAM
    case $1/$2 in
    sdk-*) echo all ;;
    *+text) echo tool parallel ;;
    aider/*) echo text ;;
    *) echo text tool parallel ;;
    esac
}

# What nginx itself must not say during the run.
check_error_log() {
    if grep -E '\[(emerg|alert|crit)\]|exited on signal|AddressSanitizer' \
        "$LOGS/error.log" "$LOGS/nginx.out" >"$LOGS/nginx.complaints"; then
        echo "FAIL nginx error log: $(head -n 1 "$LOGS/nginx.complaints")"
    else
        echo "PASS nginx error log"
    fi >"$LOGS/nginx.lines"
    cat "$LOGS/nginx.lines"
}

tree() { # PID: it and its descendants
    local pid
    echo "$1"
    for pid in $(ps -o pid= --ppid "$1"); do tree "$pid"; done
}

stop_all() { # what an interrupted run leaves behind, clients included
    local pid pids=()

    for pid in $(jobs -p); do mapfile -t -O ${#pids[@]} pids < <(tree "$pid"); done
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
    wait
}

[ -x "$NGINX" ] || die "no nginx at $NGINX"
[ -f "$MODULE" ] || die "no module at $MODULE: run make build"
ensure_node
mapfile -t jobs < <(list_jobs)
for group in $(for job in "${jobs[@]}"; do client_group "${job%% *}"; done | sort -u); do
    install_group "$group" && continue
    [ "$group" = aider ] || exit 2
    echo "# skipped: aider, which is not on npm"
    mapfile -t jobs < <(printf '%s\n' "${jobs[@]}" | grep -v '^aider ')
done
[ ${#jobs[@]} -gt 0 ] || die "nothing to run"

rm -rf "$LOGS" && mkdir -p "$LOGS" || exit 2
mapfile -t ports < <(free_ports $((2 * ${#jobs[@]})))
mock_port=("${ports[@]:0:${#jobs[@]}}") front_port=("${ports[@]:${#jobs[@]}}")
write_conf >"$LOGS/nginx.conf"
trap stop_all EXIT
trap 'exit 130' INT TERM
start_nginx

running=()
for i in "${!jobs[@]}"; do
    run_job "$i" &
    running+=($!)
    while [ "$(jobs -rp | wc -l)" -gt "$JOBS" ]; do wait -n; done # nginx is one
done
wait "${running[@]}"

kill -QUIT $nginx_pid && wait $nginx_pid
check_error_log

while read -r client check why; do
    grep -qs "^SKIP $client .* $check\$" "$LOGS"/*.lines && echo "# skipped: $client $check: $why"
done <<<"$skip_table"
count() { cat "$LOGS"/*.lines | grep -c "^$1"; }
passed=$(count PASS) failed=$(count FAIL) skipped=$(count SKIP)
[ "$failed" = 0 ] || echo "# logs and records: $LOGS"
[ "$skipped" = 0 ] && skipped='' || skipped=", $skipped skipped"
echo "$passed passed, $failed failed$skipped"
[ "$failed" = 0 ]
