#!/usr/bin/env bash
# The launcher scripts/ccproxy with the demo model and a client made of shell:
# what a client gets, what is left behind, what others can read.
#   launcher.sh [MODULE.so]      PORT: a free one (19360)
# shellcheck disable=SC2016,SC1003    # until_true's are evaluated later; a key ends with a backslash
set -u
cd "$(dirname "$0")/.." || exit 2

export PORT=${PORT:-19360}
CCPROXY_MODULE=$(realpath "${1:-build/ngx_http_ccproxy_module.so}")
export CCPROXY_MODULE
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/bin" "$dir/home"
export HOME=$dir/home PATH=$dir/bin:$PATH TMPDIR=$dir
unset XDG_RUNTIME_DIR XDG_CACHE_HOME XDG_STATE_HOME XDG_CONFIG_HOME
for v in CCPROXY_URL CCPROXY_KEY CCPROXY_MODEL PROVIDER $(awk '!/^#/ { gsub(",", " ", $2); print $2 }' scripts/providers); do
    unset "$v"
done
cc=$PWD/scripts/ccproxy base=$HOME/.cache/ccproxy url=http://127.0.0.1:$PORT

n=0 failed=0
ok() { # TEST RESULT NAME
    n=$((n + 1))
    if [ "$1" = "$2" ]; then echo "ok $n - $3"; else echo "not ok $n - $3: \"$1\", not \"$2\""; failed=1; fi
}
has() { # TEXT PART NAME
    n=$((n + 1))
    case $1 in
    *"$2"*) echo "ok $n - $3" ;;
    *) echo "not ok $n - $3: no \"$2\" in: $1"; failed=1 ;;
    esac
}
until_true() { # COMMAND: ten seconds at most
    local i
    for ((i = 0; i < 200; i++)); do
        eval "$1" && return 0
        sleep 0.05
    done
    return 1
}
left() { find "$base" -mindepth 1 2>/dev/null; pgrep -f "nginx.*$base" || true; }

# A client that tells what it was given, and asks its question with it.
client() { # NAME
    cat >"$dir/bin/$1"
    chmod +x "$dir/bin/$1"
}
client claude <<'END'
#!/bin/sh
echo "arguments: $*"
echo "own key: ${ANTHROPIC_API_KEY:-none}"
curl -s "$ANTHROPIC_BASE_URL/v1/messages" -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" \
    -H 'content-type: application/json' \
    -d '{"model":"claude-x","max_tokens":99,"messages":[{"role":"user","content":"Hello"}]}'
curl -s -o /dev/null -w 'without a key: %{http_code}\n' "$ANTHROPIC_BASE_URL/v1/models"
ps -eo args >"$HOME/ps"
printf %s "$ANTHROPIC_AUTH_TOKEN" >"$HOME/token"
find "$HOME/.cache/ccproxy" ! -type d -perm /077 >"$HOME/open"
exit 7
END

out=$("$cc" run claude -p 'two  words' 2>"$dir/err"); rc=$?
ok $rc 7 "the client's status is the launcher's"
has "$out" 'arguments: -p two  words' 'arguments pass as they are'
has "$out" '"type":"message"' 'the client gets an answer'
has "$out" 'without a key: 401' "others on the machine don't"
has "$(cat "$dir/err")" 'demo' 'the launcher says who answers'
ok "$(grep -cF "$(cat "$HOME/token")" "$HOME/ps")" 0 'the key is on no command line'
ok "$(cat "$HOME/open")" '' 'all files are closed to others'
ok "$(left)" '' 'nothing is left'

out=$(ANTHROPIC_API_KEY=sk-ant-secret "$cc" run claude 2>&1)
has "$out" 'own key: none' "the provider's key is not handed to the client"
has "$out" 'gateway on '"$url"': anthropic' 'the provider is the one whose key is there'
ok "$(grep -c sk-ant-secret "$HOME/ps")" 0 "the provider's key is on no command line"

# a client that stays, and what becomes of it and the gateway
client claude <<'END'
#!/bin/sh
echo $$ >"$HOME/client"
exec sleep 60
END
start() { # FILE: launches, waits for the client
    rm -f "$HOME/client"
    "$cc" run claude >"$1" 2>&1 &
    launcher=$!
    until_true '[ -s "$HOME/client" ]'
}
for signal in TERM KILL HUP; do
    start "$dir/out"
    c=$(cat "$HOME/client")
    kill -$signal $launcher
    wait $launcher 2>/dev/null
    until_true '[ -z "$(left)" ]'
    ok "$(left)" '' "$signal: the gateway ends with its launcher"
    until_true "! kill -0 $c 2>/dev/null"
    ok "$(kill -0 "$c" 2>/dev/null && echo alive)" '' "$signal: the client too"
done

# two launchers share a gateway; the first leaves
start "$dir/out"
one=$launcher c1=$(cat "$HOME/client")
start "$dir/out2"
two=$launcher c2=$(cat "$HOME/client")
has "$("$cc" models 2>&1)" demo 'a command uses the gateway that runs'
kill "$c1"
wait "$one" 2>/dev/null
has "$(curl -s "$url/")" ccproxy 'the gateway stays while a launcher needs it'
kill "$c2"
wait "$two" 2>/dev/null
until_true '[ -z "$(left)" ]'
ok "$(left)" '' 'and ends with the last one'

# other clients: what they are told
for c in codex gemini opencode qwen copilot aider crush cn cline; do
    client "$c" <<'END'
#!/bin/sh
echo "arguments: $*"
env
for f in "${OPENCODE_CONFIG:-}" "${GEMINI_CLI_SYSTEM_SETTINGS_PATH:-}" "${CRUSH_GLOBAL_CONFIG:-/}"/crush.json; do
    [ ! -f "$f" ] || cat "$f"
done
[ "${1:-}" != --config ] || cat "$2"
[ "${1:-}" != --data-dir ] || cat "$2/settings/providers.json"
END
done
told() { CCPROXY_MODEL=m-1 "$cc" run "$@" 2>&1; }
has "$(told codex exec x)" "model_providers.ccproxy.base_url=$url/v1" 'codex: the address'
has "$(told codex exec x)" '-m m-1 exec x' 'codex: the model'
has "$(told gemini)" "GOOGLE_GEMINI_BASE_URL=$url" 'gemini: the address'
has "$(told gemini)" 'gemini-api-key' 'gemini: the settings'
has "$(told opencode)" "\"baseURL\": \"$url/v1\"" 'opencode: the address'
has "$(told opencode)" '"models": {"demo":{},"m-1":{}}' 'opencode: the models'
has "$(told qwen)" "OPENAI_BASE_URL=$url/v1" 'qwen: the address'
has "$(told copilot)" "COPILOT_PROVIDER_BASE_URL=$url/v1" 'copilot: the address'
has "$(told aider)" 'AIDER_MODEL=openai/m-1' 'aider: the model'
has "$(told crush)" "\"base_url\": \"$url/v1\"" 'crush: the address'
has "$(told continue)" "apiBase: $url/v1" 'continue: the address'
has "$(told cline)" "\"baseUrl\": \"$url/v1\"" 'cline: the address'
has "$(told nobody)" 'no client nobody' 'an unknown client is refused'
mv "$dir/bin/claude" "$dir/bin/away"
# no client of the machine's own: a PATH of the commands needed alone
for f in sh curl sed grep tr awk od head cat rm mkdir mkfifo mktemp realpath dirname id sleep sort paste date env; do
    ln -s "$(command -v $f)" "$dir/bin/$f" 2>/dev/null
done
has "$(PATH=$dir/bin "$cc" run claude 2>&1)" 'claude is not there' 'a client that is not there'
until_true '[ -z "$(left)" ]'
ok "$(left)" '' 'nothing is left of them'

# what "env" prints is what a shell takes
out=$(CCPROXY_MODEL="it's a model" CCPROXY_KEY=k1 "$cc" env qwen)
ok "$(sh -c "$out"'; printf "%s|%s" "$OPENAI_MODEL" "$OPENAI_API_KEY"')" "it's a model|k1" 'env: quoted for a shell'
out=$(CCPROXY_KEY=k1 CCPROXY_MODEL=m "$cc" env opencode)
ok "$(sh -c "$out"'; stat -c %a "$OPENCODE_CONFIG"')" 600 'env: files are closed to others'

# a gateway that runs, with a key of its own
CCPROXY_KEY='key-"1"-\x' "$cc" serve >"$dir/serve" 2>&1 &
serve=$!
until_true 'curl -s "$url/" | grep -q ccproxy'
ok "$(CCPROXY_KEY='key-"1"-\x' "$cc" models 2>&1)" demo 'serve: with the key'
has "$("$cc" models 2>&1)" 'refuses the key' 'serve: without it'
has "$("$cc" doctor 2>&1)" 'bad   the gateway refuses the access key' 'doctor: the key'
has "$(cat "$dir/serve")" 'ccproxy serves '"$url" 'serve says where'
ok "$(grep -c 'k "1"' "$dir/serve")" 0 'serve does not show the key'
out=$(CCPROXY_KEY='key-"1"-\x' "$cc" test 2>&1); rc=$?
ok $rc 0 'test: all is well'
ok "$(grep -o 'ok [0-9.]*' <<<"$out" | wc -l)" 5 'test: five protocols'
kill $serve
wait $serve 2>/dev/null
until_true '[ -z "$(left)" ]'
ok "$(left)" '' 'serve: nothing is left'

# doctor
out=$("$cc" doctor 2>&1); rc=$?
ok $rc 0 'doctor: all is well'
has "$out" 'ok    demo,demo answers' 'doctor: asks the model'
python3 -m http.server --bind 127.0.0.1 "$PORT" >/dev/null 2>&1 &
other=$!
until_true 'curl -s -o /dev/null "$url/"'
out=$("$cc" doctor 2>&1); rc=$?
ok $rc 1 'doctor: a foreign server'
has "$out" 'is taken by something that is no gateway' 'doctor: says so'
has "$("$cc" run claude 2>&1)" 'answered by something else' 'run: a foreign server'
kill $other
wait $other 2>/dev/null
has "$(NGINX=/nonexistent PATH=$dir/bin "$cc" doctor 2>&1)" "$(find /usr/sbin/nginx 2>/dev/null >&2 && echo 'ok    nginx' || echo 'bad   nginx is not there')" 'doctor: finds nginx outside of PATH'
has "$(CCPROXY_URL=http://127.0.0.1:1 "$cc" doctor 2>&1)" 'bad   nothing answers' 'doctor: nothing answers'
has "$(OPENAI_API_KEY=x "$cc" doctor 2>&1)" 'keys in the environment: OPENAI_API_KEY' 'doctor: the keys that are there'

# the table of providers and the module's presets
while read -r name vars _ _ host; do
    row=$(grep -F "| [\`$name\`]" conf/PROVIDERS.md)
    has "$row" "//$host/" "$name: the host is the preset's"
    for v in ${vars//,/ }; do
        has "$row" "\`$v\`" "$name: $v is a variable of the preset's"
    done
done < <(grep -v '^#' scripts/providers)

# every row of it, with a key that no provider would take: nginx accepts it
while read -r name vars _; do
    out=$(export "${vars%%,*}=test-key"; PROVIDER=$name "$cc" run codex 2>&1)
    has "$out" "gateway on $url: $name" "$name: the gateway starts"
done < <(grep -v '^#' scripts/providers)
ok "$(left)" '' 'nothing is left at the end'

echo "1..$n"
exit $failed
