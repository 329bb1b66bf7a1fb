#!/usr/bin/env bash
# peers.sh: other gateways beside the module and plain nginx, in one run.
#
#   peers.sh install [DIR]      LiteLLM from PyPI and claude-code-router from npm into DIR (build/bench/peers)
#   peers.sh [DIR]              measures those that are there
#
# Each peer has the setting that its documents give for Claude Code on a Chat
# Completions provider, without logs, and one core as nginx has.  A peer whose
# answer is no Anthropic message is not measured.
# Environment: as run.sh; SCENARIOS and DUR are smaller by default, as a peer
# needs a hundred times as long for a request.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export DUR=${DUR:-4} ROUNDS=${ROUNDS:-3} BIN
export SCENARIOS=${SCENARIOS:-"ns:small:8 ns:typical:8 ns:large:2 split:small:4 burst:small:4"}

install_peers() { # DIR
    mkdir -p "$1"
    { [ -d "$1/litellm" ] || python3 -m venv "$1/litellm"; } &&
        "$1/litellm/bin/pip" install -q 'litellm[proxy]' || die "no LiteLLM"
    npm install --silent --prefix "$1/ccr" @musistudio/claude-code-router@2 || die "no claude-code-router"
    "$1/litellm/bin/pip" list 2>/dev/null | grep -i '^litellm '
    npm ls --prefix "$1/ccr" --depth 0 | grep router
}

start_litellm() { # DIR PORT
    local dir=$BIN/litellm

    mkdir -p "$dir"
    cat >"$dir/config.yaml" <<END
model_list:
  - model_name: mock-model
    litellm_params: {model: openai/mock-model, api_base: "http://127.0.0.1:$backend_port/v1", api_key: bench-key}
litellm_settings: {use_chat_completions_url_for_anthropic_messages: true}
END
    LITELLM_MASTER_KEY=$peer_key LITELLM_LOG=ERROR "$1/litellm/bin/litellm" --config "$dir/config.yaml" \
        --host 127.0.0.1 --port "$2" >"$dir/log" 2>&1 &
}

start_ccr() { # DIR PORT
    local dir=$BIN/ccr

    mkdir -p "$dir/.claude-code-router"
    cat >"$dir/.claude-code-router/config.json" <<END
{"LOG": false, "HOST": "127.0.0.1", "PORT": $2, "APIKEY": "$peer_key",
 "Providers": [{"name": "bench", "api_base_url": "http://127.0.0.1:$backend_port/v1/chat/completions",
                "api_key": "bench-key", "models": ["mock-model"]}],
 "Router": {"default": "bench,mock-model"}}
END
    HOME=$dir "$1/ccr/node_modules/.bin/ccr" start >"$dir/log" 2>&1 &
}

answers() { # URL: is it a conversion?
    local body

    for body in small small-stream; do
        "$BIN/load" -u "$1" -H "x-api-key: $peer_key" -b "$BIN/payload/$body.json" -N 1 -W 0 \
            -o "$BIN/answer" >/dev/null 2>&1 && grep -q '"type": *"message' "$BIN/answer" || return 1
    done
}

# A peer's own figures are all processes below its first.
add_peer() { # NAME DIR
    local pid i

    free_port
    "start_$1" "$2" "$port"
    pid=$!
    pids+=("$pid")
    for ((i = 0; i < 120; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        listens "$port" && answers "http://127.0.0.1:$port/v1/messages" && {
            export "H_$1=x-api-key: $peer_key"
            sides+=("$1=http://127.0.0.1:$port/v1/messages=$pid")
            return
        }
        sleep 0.5
    done
    echo "peers.sh: $1 is left out, it gave no Anthropic answer: $BIN/$1/log" >&2
}

if [ "${1:-}" = install ]; then
    install_peers "${2:-$BIN/peers}"
    exit 0
fi

peers=${1:-$BIN/peers}
[ -d "$peers" ] || die "no $peers: peers.sh install"
peer_key=sk-$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n')
trap stop_all EXIT
trap 'exit 130' INT TERM
build_tools
start_backend
export BACKEND=127.0.0.1:$backend_port BACKEND_PID=$backend_pid
start_nginx plain
sides=("plain=http://127.0.0.1:$port/v1/messages=$nginx_pid")
start_nginx ours
sides+=("ours=http://127.0.0.1:$port/v1/messages=$nginx_pid")
for peer in litellm ccr; do
    [ ! -d "$peers/$peer" ] || add_peer $peer "$peers"
done

bash "$bench_dir/bench.sh" "${sides[@]}" >"$BIN/peers.tsv" || exit 2
for side in "${sides[@]:2}"; do
    echo
    python3 "$bench_dir/table.py" "$BIN/peers.tsv" ours "${side%%=*}"
done
