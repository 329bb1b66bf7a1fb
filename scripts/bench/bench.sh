#!/usr/bin/env bash
# bench.sh LABEL=URL=PID [LABEL=URL=PID ...]
# Interleaved benchmark of several gateways in front of one backend; prints
# TSV rows (see README.md).  PID may be empty (no CPU and RSS columns).
# Environment: BACKEND (host:port of backend), BACKEND_PID, BIN (folder of the
# compiled backend and load), PAYLOADS, ROUNDS, DUR, SCENARIOS, GW_CPU,
# LOAD_CPU, H_<LABEL> (extra request headers of that label, one a line).
set -u
bench_dir=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:-$bench_dir/build}
PAYLOADS=${PAYLOADS:-$BIN/payload}
BACKEND=${BACKEND:-127.0.0.1:9100}
BACKEND_PID=${BACKEND_PID:-}
ROUNDS=${ROUNDS:-3}
DUR=${DUR:-3}
LOAD_CPU=${LOAD_CPU:-0}
GW_CPU=${GW_CPU:-$(($(nproc) > 1 ? 1 : 0))}
SCENARIOS=${SCENARIOS:-"paced:small:1000 paced:small:100:120 ns:small:1 \
ns:small:64 ns:typical:1 ns:typical:64 ns:large:1 ns:large:8 split:typical:1 \
split:small:64 burst:small:64"}
PACED_CHUNKS=${PACED_CHUNKS:-400}
PACED_RATE=${PACED_RATE:-20}

COLUMNS_OF_LOAD="secs ok err rps lat_p50_us lat_p90_us lat_p99_us lat_max_us \
ttfe_p50_us ttfe_p99_us events content_events events_per_s gap_p50_ms gap_p99_ms \
cpu_s cpu_us_per_req cpu_us_per_event cpu_pct wait_pct rss_start_mb rss_max_mb"

[ $# -gt 0 ] || { sed -n 2,7p "$0" >&2; exit 2; }

set_mode() { # QUERY: how the backend streams from now on
    exec 9<>"/dev/tcp/${BACKEND%:*}/${BACKEND#*:}" || exit 1
    printf 'GET /_mode?%s HTTP/1.1\r\nConnection: close\r\n\r\n' "$1" >&9
    cat <&9 >/dev/null
    exec 9>&-
}

tree() { # PID: it and its descendants
    local k
    echo "$1"
    for k in $(ps -o pid= --ppid "$1"); do tree "$k"; done
}

pin() { # PID CPU
    local p
    for p in $(tree "$1"); do taskset -acp "$2" "$p" >/dev/null 2>&1; done
}

prepare() { # SCENARIO: sets kind size conc bodies args
    local chunks rate i

    IFS=: read -r kind size conc chunks rate <<<"$1"
    chunks=${chunks:-$PACED_CHUNKS} rate=${rate:-$PACED_RATE}
    bodies=(-b "$PAYLOADS/$size-stream.json") args=(-s -d "$DUR" -W 0.7)
    case $kind in
    ns) bodies=(-b "$PAYLOADS/$size.json") args=(-d "$DUR" -W 0.7) ;;
    turns) # a conversation: each request holds all before it
        args=(-d "$DUR" -W 0.7) bodies=()
        for i in {1..40}; do bodies+=(-b "$PAYLOADS/$size$i.json"); done
        ;;
    split) set_mode 'chunks=200&rate=0&write=split' ;;
    burst) set_mode 'chunks=200&rate=0&write=burst' ;;
    paced)
        # each connection runs one stream; the duration is only a limit
        args=(-s -N "$conc" -R 2000 -d $((3 * chunks / rate + 10)) -W 0)
        set_mode "chunks=$chunks&rate=$rate&write=split"
        ;;
    *) echo "unknown scenario $1" >&2; exit 2 ;;
    esac
}

measure() { # ROUND LABEL=URL=PID: one row
    local label=${2%%=*} url=${2#*=} pid=${2##*=} headers_of l row headers=()

    url=${url%=*}
    headers_of=H_${label//[^A-Za-z0-9]/_}
    while IFS= read -r l; do
        [ -n "$l" ] && headers+=(-H "$l")
    done <<<"${!headers_of:-}"
    row=$(taskset -c "$LOAD_CPU" "$BIN/load" -u "$url" -c "$conc" \
        "${bodies[@]}" ${pid:+-P $pid} "${args[@]}" "${headers[@]}")
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$label" "$kind" "$size" "$conc" \
        "${row:-failed}"
    sleep 0.3 # let the connections of this label close
}

[ -n "$BACKEND_PID" ] && pin "$BACKEND_PID" "$LOAD_CPU"
for target in "$@"; do
    pid=${target##*=}
    [ -n "$pid" ] && [ "$pid" != "$BACKEND_PID" ] && pin "$pid" "$GW_CPU"
done

echo "round label scenario payload conc $COLUMNS_OF_LOAD" | tr -s ' ' '\t'
for ((r = 1; r <= ROUNDS; r++)); do
    for s in $SCENARIOS; do
        prepare "$s"
        for ((i = 0; i < $#; i++)); do # another label goes first each round
            k=$(((i + r) % $# + 1))
            measure "$r" "${!k}"
        done
    done
done
