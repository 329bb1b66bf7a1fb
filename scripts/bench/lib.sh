# shellcheck shell=bash
# Sourced by run.sh and memory.sh: builds the tools, starts a backend and an
# nginx for each side of the comparison, stops them at the end.

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$bench_dir/../.." && pwd)
NGINX=${NGINX:-/usr/sbin/nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
MODULE=${MODULE:-$top/build/ngx_http_ccproxy_module.so}
BIN=${BIN:-$top/build/bench}
next_port=${PORT_BASE:-21100}
pids=()

die() {
    echo "$(basename "$0"): $*" >&2
    exit 2
}

stop_all() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
    wait
}

stop() { # PID of nginx or the backend
    local pid kept=()

    kill "$1" && wait "$1" 2>/dev/null
    for pid in "${pids[@]}"; do [ "$pid" = "$1" ] || kept+=("$pid"); done
    pids=("${kept[@]}")
}

build_tools() {
    local tool

    command -v python3 >/dev/null || die "python3 is needed"
    [ -x "$NGINX" ] || die "no nginx at $NGINX"
    mkdir -p "$BIN"
    for tool in backend load; do
        [ "$BIN/$tool" -nt "$bench_dir/$tool.c" ] && continue
        "${CC:-cc}" -O2 -Wall -Wextra -o "$BIN/$tool" "$bench_dir/$tool.c" ||
            die "$tool.c does not compile"
    done
    python3 "$bench_dir/payload.py" "$BIN/payload" mock-model >/dev/null ||
        die "payload.py failed"
}

listens() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() { # sets port
    while listens "$next_port"; do next_port=$((next_port + 1)); done
    port=$next_port next_port=$((next_port + 1))
}

wait_port() { # PORT PID
    local i
    for ((i = 0; i < 200; i++)); do
        kill -0 "$2" 2>/dev/null || return 1
        listens "$1" && return 0
        sleep 0.05
    done
    return 1
}

start_backend() { # sets backend_port, backend_pid
    free_port
    backend_port=$port
    "$BIN/backend" -p "$backend_port" &
    backend_pid=$!
    pids+=("$backend_pid")
    wait_port "$backend_port" "$backend_pid" || die "the backend did not start"
}

start_nginx() { # plain|ours: sets port, nginx_pid
    local dir=$BIN/$1

    [ "$1" = plain ] || [ -f "$MODULE" ] || die "no module at $MODULE: run make build"
    rm -rf "$dir" && mkdir -p "$dir"
    free_port
    sed "s/@PORT@/$port/; s/@BACKEND@/$backend_port/" \
        "$bench_dir/conf/$1.conf" >"$dir/pool.conf"
    {
        [ "$1" = plain ] || echo "load_module $MODULE;"
        cat "$bench_dir/conf/common.conf"
    } >"$dir/nginx.conf"
    "$NGINX" -p "$dir" -c nginx.conf -g 'daemon off;' 2>"$dir/nginx.err" &
    nginx_pid=$!
    pids+=("$nginx_pid")
    wait_port "$port" "$nginx_pid" || die "nginx ($1) did not start: $(cat "$dir/nginx.err")"
}
