#!/usr/bin/env bash
# memory.sh [request] [stream] [stall]: the worker's resident memory under
# 1 MB requests, a 20 MB stream, and a client that stops reading one.
# Exit code 1 when it grows above the limits of memory.py.
#
# Environment: TARGET ours (default), or plain for stock proxy_pass
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

trap stop_all EXIT
trap 'exit 130' INT TERM
build_tools
start_backend

passed=0 failed=0
[ $# -gt 0 ] || set -- request stream stall
for check in "$@"; do
    # a fresh worker each time: kept memory would hide the next check's growth
    start_nginx "${TARGET:-ours}"
    worker=$(ps -o pid= --ppid "$nginx_pid" | tr -d ' ')
    [ -n "$worker" ] || die "nginx has no worker"
    if python3 "$bench_dir/memory.py" "$port" "$worker" "$backend_port" \
        "$BIN/payload" "$check"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
    stop "$nginx_pid"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
