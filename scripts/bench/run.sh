#!/usr/bin/env bash
# run.sh: what the module costs next to plain proxy_pass of the same bytes, in
# the same run.  Anthropic clients, a Chat Completions backend, one worker
# each on a core of its own, one after the other in every round.
#
# Environment: DUR seconds of a scenario (2), ROUNDS (2), SCENARIOS (README.md),
# MODULE, NGINX, LIMIT: exit code 1 when a CPU ratio is above it (no limit)
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export DUR=${DUR:-2} ROUNDS=${ROUNDS:-2} BIN
export SCENARIOS=${SCENARIOS:-"ns:small:16 ns:typical:16 ns:large:4 \
turns:conversation:4 \
split:small:16 burst:small:16 paced:small:100:60:20"}

check_answers() { # URL: is what will be measured a conversion?
    local body

    for body in small small-stream; do
        "$BIN/load" -u "$1" -b "$BIN/payload/$body.json" -N 1 -W 0 \
            -o "$BIN/answer" >/dev/null || die "no answer from $1"
        grep -q '"type": *"message' "$BIN/answer" ||
            die "not an Anthropic answer to $body.json, see $BIN/answer"
    done
}

trap stop_all EXIT
trap 'exit 130' INT TERM
build_tools
start_backend
export BACKEND=127.0.0.1:$backend_port BACKEND_PID=$backend_pid
start_nginx plain
plain=plain=http://127.0.0.1:$port/v1/messages=$nginx_pid
start_nginx ours
check_answers "http://127.0.0.1:$port/v1/messages"
ours=ours=http://127.0.0.1:$port/v1/messages=$nginx_pid

bash "$bench_dir/bench.sh" "$plain" "$ours" >"$BIN/results.tsv" || exit 2
python3 "$bench_dir/table.py" "$BIN/results.tsv" plain ours ${LIMIT:+"$LIMIT"}
