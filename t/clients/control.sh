#!/usr/bin/env bash
# control.sh [CLIENT...]: each client straight against the mock of its own
# protocol.  All must pass: it shows that the clients and the mocks agree.
# More options for the mock: MOCK_ARGS='--fragment 7'; some checks only: CHECKS=a,b
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"
ensure_node
[ $# -gt 0 ] || set -- sdk-anthropic sdk-openai sdk-openai-responses sdk-gemini \
    sdk-ollama claude gemini codex

tmp=$(mktemp -d "${TMPDIR:-/tmp}/gateway-control.XXXXXX") || exit 2
mock=''
trap '[ -n "$mock" ] && kill "$mock" 2>/dev/null; rm -rf "$tmp"' EXIT
passed=0 failed=0

own_protocol() { # CLIENT
    case $1 in
    claude | *anthropic) echo anthropic ;;
    *gemini) echo gemini ;;
    codex | *responses) echo responses ;;
    *ollama) echo ollama ;;
    *) echo openai ;;
    esac
}

for client in "$@"; do
    rm -f "$tmp/port"
    # shellcheck disable=SC2086
    node "$clients_dir/mock-backend.mjs" --protocol "$(own_protocol "$client")" \
        --record "$tmp/record" --ready-file "$tmp/port" ${MOCK_ARGS:-} \
        >"$tmp/mock.log" 2>&1 &
    mock=$!
    wait_file "$tmp/port" "$mock" || die "mock did not start: $(cat "$tmp/mock.log")"
    bash "$clients_dir/run-client.sh" "$client" "http://127.0.0.1:$(cat "$tmp/port")" \
        --record "$tmp/record" ${CHECKS:+--checks "$CHECKS"} | tee "$tmp/out"
    n=$(grep -c '^PASS' "$tmp/out") f=$(grep -c '^FAIL' "$tmp/out")
    passed=$((passed + n)) failed=$((failed + f))
    [ $((n + f)) -gt 0 ] || failed=$((failed + 1))
    kill "$mock"
    wait "$mock" 2>/dev/null
    mock='' && rm -f "$tmp/record"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
