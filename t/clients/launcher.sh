#!/usr/bin/env bash
# launcher.sh: the real clients as a newcomer starts them: "ccproxy run CLIENT"
# with nothing running and no key, so that the demo model answers.
# Prints PASS|FAIL lines and, at the end, "N passed, N failed".
# shellcheck source=/dev/null disable=SC2154    # env.sh sets clients_dir, clients_home
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"
top=$(cd "$clients_dir/../.." && pwd)
CCPROXY_MODULE=${MODULE:-$top/build/ngx_http_ccproxy_module.so}
limit=${CLIENT_TIMEOUT:-120} passed=0 failed=0

ensure_node
# not below /tmp: Gemini CLI takes no settings from a folder that others may write
tmp=$(mktemp -d "$clients_home/launcher.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT
port=$(free_ports 1)

start() { # CLIENT [ARGUMENT...]
    local client=$1 out rc t0

    install_group "$client" || { echo "FAIL launcher $client install"; failed=$((failed + 1)); return; }
    mkdir -p "$tmp/$client/work"
    t0=$(date +%s%N)
    out=$(cd "$tmp/$client/work" && timeout -k 5 "$limit" env -i HOME="$tmp/$client" LANG=C.UTF-8 \
        TERM=dumb NO_COLOR=1 CI=1 IS_SANDBOX=1 DISABLE_AUTOUPDATER=1 \
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 GEMINI_CLI_TRUST_WORKSPACE=true \
        PATH="$clients_home/$client/node_modules/.bin:$PATH" PORT="$port" NGINX="${NGINX:-}" \
        CCPROXY_MODULE="$CCPROXY_MODULE" "$top/scripts/ccproxy" run "$@" </dev/null 2>&1)
    rc=$?
    if [ $rc = 0 ] && grep -q 'I am the demo model' <<<"$out" &&
        [ -z "$(ls "$tmp/$client/.cache/ccproxy")" ]; then
        echo "PASS launcher $client $((($(date +%s%N) - t0) / 1000000))ms"
        passed=$((passed + 1))
    else
        echo "FAIL launcher $client: exit $rc: $(tail -c 600 <<<"$out" | tr '\n' ' ')"
        failed=$((failed + 1))
    fi
}

start claude -p 'Hello there'
start codex exec --skip-git-repo-check 'Hello there'
start gemini -m gemini-2.5-flash -p 'Hello there'
start opencode run --title check 'Hello there'
start cline 'Hello there'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
