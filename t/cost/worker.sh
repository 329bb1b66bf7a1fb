#!/usr/bin/env bash
# worker.sh: instructions in user space that a whole nginx takes for a request
# or an event, by callgrind around it: plain proxy_pass, the module without its
# memory of prefixes, and with it.  Programs and settings are those of
# scripts/bench.
#
# Each is run for a few requests and for many; the difference is what one
# costs, without start and end.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/bench/lib.sh"

command -v valgrind >/dev/null || die "valgrind is needed"
FEW=${FEW:-3} MANY=${MANY:-23}
BIN=$top/build/cost
nginx=$NGINX

wrap() { # DIR: NGINX counts into DIR
    printf '#!/bin/sh\nGLIBC_TUNABLES=%s exec valgrind --tool=callgrind -q --callgrind-out-file=%s/count.%%p %s "$@"\n' \
        "glibc.cpu.x86_rep_movsb_threshold=$((1 << 30)):glibc.cpu.x86_rep_stosb_threshold=$((1 << 30))" \
        "$1" "$nginx" >"$BIN/nginx"
    chmod +x "$BIN/nginx"
    NGINX=$BIN/nginx
}

count() { # SIDE REQUESTS BODY...: instructions in all
    local side=$1 n=$2 dir=$BIN/counts

    shift 2
    rm -rf "$dir" && mkdir -p "$dir" && chmod 1777 "$dir" # workers are of another user
    wrap "$dir"
    start_nginx "$side"
    "$BIN/load" -u "http://127.0.0.1:$port/v1/messages" -c 1 -W 0 -d 100 -N "$n" "$@" >"$dir/load" ||
        die "no answers of $side"
    stop "$nginx_pid"
    awk '/^(totals|summary):/ {n += $2; nextfile} END {printf "%.0f\n", n}' "$dir"/count.*
}

row() { # NAME PER BODY...
    local name=$1 per=$2 side few many each=()

    shift 2
    for side in plain first ours; do
        few=$(count "$side" "$FEW" "$@") many=$(count "$side" "$MANY" "$@")
        each+=($(((many - few) / (MANY - FEW) / per)))
    done
    printf '%-28s %10d %10d %10d\n' "$name" "${each[@]}"
}

set_mode() { # QUERY
    exec 9<>"/dev/tcp/127.0.0.1/$backend_port" || exit 1
    printf 'GET /_mode?%s HTTP/1.1\r\nConnection: close\r\n\r\n' "$1" >&9
    cat <&9 >/dev/null
    exec 9>&-
}

trap stop_all EXIT
trap 'exit 130' INT TERM
build_tools
start_backend
p=$BIN/payload
printf '%-28s %10s %10s %10s\n' '' plain 'no memory' module
row '1 KB request' 1 -b "$p/small.json"
row '64 KB request, known' 1 -b "$p/typical.json"
row '1 MB request, known' 1 -b "$p/large.json"
turns=()
for i in {1..40}; do turns+=(-b "$p/conversation$i.json"); done
FEW=1 MANY=40 row 'turn, 30 to 400 KB' 1 "${turns[@]}"
set_mode 'chunks=200&rate=0&write=split'
row 'event, split writes' 200 -s -b "$p/small-stream.json"
set_mode 'chunks=200&rate=0&write=burst'
row 'event, one write' 200 -s -b "$p/small-stream.json"
