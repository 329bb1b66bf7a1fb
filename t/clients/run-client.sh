#!/usr/bin/env bash
# run-client.sh CLIENT BASE_URL [MODEL] [--checks a,b] [--skip a,b] [--record FILE] [--keep]
# One line for each check: PASS|FAIL|SKIP CLIENT CHECK ...; exit 0 when nothing failed.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"

usage() {
    sed -n 2,3p "$0" >&2
    echo "clients: claude gemini codex opencode qwen copilot continue aider sdk-{anthropic,openai,openai-responses,gemini,ollama}" >&2
    exit 2
}

checks='' skip='' record='' keep=0 pos=()
while [ $# -gt 0 ]; do
    case $1 in
    --checks) checks=${2:?}; shift 2 ;;
    --skip) skip=${2?}; shift 2 ;;
    --record) record=$(realpath -m "${2:?}"); shift 2 ;;
    --keep) keep=1; shift ;;
    -*) usage ;;
    *) pos+=("$1"); shift ;;
    esac
done
[ ${#pos[@]} -ge 2 ] || usage

client=${pos[0]} base=${pos[1]%/} model=${pos[2]:-}
key=${CLIENT_API_KEY:-test-key} limit=${CLIENT_TIMEOUT:-120}
group=$(client_group "$client") || usage
case $client in
claude | sdk-anthropic) : "${model:=claude-sonnet-4-5}" ;;
gemini | sdk-gemini) : "${model:=gemini-2.5-pro}" ;;
codex) : "${model:=gpt-5}" ;;
sdk-ollama) : "${model:=llama3.2}" ;;
*) : "${model:=gpt-4.1}" ;;
esac

ensure_node
install_group "$group" || { echo "FAIL $client install"; exit 1; }
bin=$clients_home/$group/node_modules/.bin
[ -d "$bin" ] || bin=$clients_home/$group/venv/bin

tmp=$(mktemp -d "${TMPDIR:-/tmp}/gateway-client.XXXXXX") || exit 2
if [ $keep = 1 ]; then echo "# kept: $tmp"; else trap 'rm -rf "$tmp"' EXIT; fi
mkdir -p "$tmp/home" "$tmp/work"
clean=(env -i PATH="$PATH" HOME="$tmp/home" TMPDIR="$tmp" LANG=C.UTF-8
    TERM=dumb NO_COLOR=1 CI=1)

if [ "$group" = sdk ]; then
    timeout -k 5 $((limit * 3)) "${clean[@]}" CLIENTS_HOME="$clients_home" \
        node "$clients_dir/sdk/run-sdk.mjs" "$client" "$base" "$model" "$key" \
        "$tmp/work" "${checks:-all}" "$skip" 2>"$tmp/sdk.err"
    rc=$?
    [ $rc = 0 ] || tail -n 5 "$tmp/sdk.err" >&2
    [ $rc = 124 ] && echo "FAIL $client timeout"
    exit $rc
fi

# shellcheck disable=SC2317 # the functions below are called by name
prepare_gemini() {
    mkdir -p "$tmp/home/.gemini"
    cat >"$tmp/home/.gemini/settings.json" <<JSON
{"security": {"auth": {"selectedType": "gemini-api-key"}},
 "privacy": {"usageStatisticsEnabled": false},
 "telemetry": {"enabled": false},
 "general": {"enableAutoUpdate": false, "enableAutoUpdateNotification": false}}
JSON
}

prepare_codex() {
    mkdir -p "$tmp/home/.codex"
    cat >"$tmp/home/.codex/config.toml" <<TOML
model = "$model"
model_provider = "gw"
check_for_update_on_startup = false
${CODEX_EXTRA_TOML:-}
[analytics]
enabled = false
[model_providers.gw]
name = "gw"
base_url = "$base/v1"
env_key = "GW_KEY"
wire_api = "responses"
request_max_retries = ${CODEX_RETRIES:-1}
stream_max_retries = ${CODEX_RETRIES:-1}
TOML
}

run_claude() { # PROMPT
    local auth=(ANTHROPIC_AUTH_TOKEN="$key")

    [ "${CLAUDE_AUTH:-token}" = apikey ] && auth=(ANTHROPIC_API_KEY="$key")
    # shellcheck disable=SC2086
    timeout -k 5 "$limit" "${clean[@]}" IS_SANDBOX=1 DISABLE_TELEMETRY=1 \
        DISABLE_ERROR_REPORTING=1 DISABLE_AUTOUPDATER=1 \
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 ${CLAUDE_EXTRA_ENV:-} \
        ANTHROPIC_BASE_URL="$base" "${auth[@]}" "$bin/claude" -p "$1" \
        --output-format json --dangerously-skip-permissions --model "$model"
}

run_gemini() { # PROMPT
    prepare_gemini
    timeout -k 5 "$limit" "${clean[@]}" GEMINI_CLI_TRUST_WORKSPACE=true \
        GEMINI_TELEMETRY_ENABLED=false GOOGLE_GEMINI_BASE_URL="$base" \
        GEMINI_API_KEY="$key" "$bin/gemini" -p "$1" --yolo -o json -m "$model"
}

# These clients get their settings from the launcher.
launch() { # CLIENT [ARGUMENT...]
    timeout -k 5 "$limit" "${clean[@]}" PATH="$bin:$PATH" CCPROXY_URL="$base" \
        CCPROXY_KEY="$key" CCPROXY_MODEL="$model" \
        "$clients_dir/../../scripts/ccproxy" run "$@"
}

run_opencode() { # PROMPT; a title, so that none is asked for
    launch opencode run --auto --format json --title check "$1"
}

run_qwen() { # PROMPT; bare, so that it makes no memories by requests of its own
    launch qwen --bare --yolo -o json -p "$1"
}

run_copilot() { # PROMPT
    launch copilot --allow-all-tools --no-auto-update --no-color --silent -p "$1"
}

run_continue() { # PROMPT
    launch continue --auto -p "$1"
}

run_aider() { # PROMPT
    launch aider --no-git --yes-always --no-pretty --no-check-update --no-show-release-notes \
        --no-show-model-warnings --analytics-disable --no-gitignore --no-detect-urls \
        --exit --message "$1"
}

run_codex() { # PROMPT
    prepare_codex
    timeout -k 5 "$limit" "${clean[@]}" CODEX_HOME="$tmp/home/.codex" \
        GW_KEY="$key" "$bin/codex" exec --skip-git-repo-check \
        --dangerously-bypass-approvals-and-sandbox --json "$1"
}

# The prompts carry what the scripted upstream looks for: a token, a path that
# ends in proof.txt, a scenario in brackets.
prompt_of() { # CHECK TOKEN DIR
    local use="Use your shell (or file-writing) tool"

    case $1 in
    text) echo "Reply with exactly this token and nothing else: $2" ;;
    tool) echo "$use to create the file $3/proof.txt containing the token $2" \
        "and then say done." ;;
    parallel) echo "[mock:parallel] $use twice in one turn to create the file" \
        "$3/proof.txt and its sibling proof2.txt containing the token $2 and" \
        "then say done." ;;
    *) return 1 ;;
    esac
}

run_check() { # CHECK: prints the reason of a failure, fails then
    local check=$1 work=$tmp/$1 token why='' more before=0 rc

    mkdir -p "$work"
    token=TOK-$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')
    [ "$check" = text ] && token=PONG-${token#TOK-}
    prompt=$(prompt_of "$check" "$token" "$work") || { echo "unknown check"; return 1; }
    [ -f "$record" ] && before=$(wc -l <"$record")

    (cd "$work" && "run_$client" "$prompt") \
        </dev/null >"$tmp/$check.out" 2>"$tmp/$check.err"
    rc=$?
    [ $rc = 0 ] || why="exit $rc: $(tail -c 300 "$tmp/$check.err" | tr '\n' ' '); "

    more=$(node "$clients_dir/lib/check.mjs" "$check" "$client" \
        "$tmp/$check.out" "$token" "$work") || why+="$more; "
    if [ -n "$record" ]; then
        more=$(node "$clients_dir/lib/record.mjs" "$record" "$before" "$check" 2>&1) ||
            why+="upstream saw: $more; "
    fi
    echo "${why%; }"
    [ -z "$why" ]
}

failed=0
for check in $(tr ',' ' ' <<<"${checks:-text,tool,parallel}"); do
    case ,$skip, in *,$check,*) echo "SKIP $client $check"; continue ;; esac
    t0=$(date +%s%N)
    verdict=PASS
    why=$(run_check "$check") || { verdict=FAIL; failed=1; }
    echo "$verdict $client $check $((($(date +%s%N) - t0) / 1000000))ms${why:+ $why}"
done
exit $failed
