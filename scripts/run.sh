#!/usr/bin/env bash
# Serves the quick start in the foreground: `make run` calls it.
#
# The first provider with a key in the environment is used, then an Ollama on
# its port, then the built-in demo model.  PROVIDER=name picks one; NAME_MODEL
# (GROQ_MODEL …) the model.  PORT is where to listen, default 3456.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
port=${PORT:-3456}
nginx=${NGINX:-nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
dir=$top/build/run

# preset, variable with the key, model where the client's name means nothing to
# the provider ("-": the client's name goes through)
table='
anthropic   ANTHROPIC_API_KEY   -
openai      OPENAI_API_KEY      gpt-5-mini
groq        GROQ_API_KEY        openai/gpt-oss-120b
openrouter  OPENROUTER_API_KEY  anthropic/claude-sonnet-4.5
xai         XAI_API_KEY         grok-4
mistral     MISTRAL_API_KEY     devstral-medium-latest
gemini      GEMINI_API_KEY      gemini-2.5-pro
deepseek    DEEPSEEK_API_KEY    deepseek-chat
'

temp=""
provider=""
model=""
while read -r name var default; do
    [ -n "$name" ] || continue
    [ -z "${PROVIDER:-}" ] || [ "$PROVIDER" = "$name" ] || continue
    [ -n "${!var:-}" ] || continue
    provider=$name
    model_var=$(echo "$name" | tr a-z A-Z)_MODEL
    model=${!model_var:-$default}
    why="$var is set"
    break
done <<<"$table"

if [ -z "$provider" ] && [ "${PROVIDER:-ollama}" = ollama ]; then
    tags=$(curl -sf --max-time 1 http://127.0.0.1:11434/api/tags || true)
    model=${OLLAMA_MODEL:-$(echo "$tags" | sed -n 's/.*"models":\[{"name":"\([^"]*\)".*/\1/p')}
    if [ -n "$tags" ] && [ -n "$model" ]; then
        provider=ollama
        why="an Ollama answers on port 11434"
    fi
fi

if [ -z "$provider" ]; then
    if [ -n "${PROVIDER:-}" ] && [ "$PROVIDER" != demo ]; then
        echo "run: no key for the provider $PROVIDER in the environment" >&2
        exit 1
    fi
    provider=demo
    model=-
    why="no provider's key is in the environment"
fi

target=$provider
[ "$model" = - ] || target="$provider $model"

mkdir -p "$dir/logs" "$dir/modules"
cp "$top/build/ngx_http_ccproxy_module.so" "$dir/modules/"
{
    # a checkout below a home directory is closed to nginx's usual user
    [ "$(id -u)" -ne 0 ] || echo "user root;"
    for t in client_body proxy fastcgi uwsgi scgi; do
        temp="$temp    ${t}_temp_path temp_$t;"$'\n'
    done
    sed -e "s|modules/ngx_http|$dir/modules/ngx_http|" \
        -e "s|127\.0\.0\.1:3456|127.0.0.1:$port|" \
        -e "s|ccproxy_target demo;|ccproxy_target $target;|" \
        -e "s|^    access_log off;|&\n${temp//$'\n'/\\n}|" \
        "$top/conf/quickstart.conf"
} >"$dir/nginx.conf" </dev/null

"$nginx" -p "$dir" -c nginx.conf -t -q

cat <<END

  ccproxy serves http://127.0.0.1:$port from: $target
  ($why)

  Claude Code:
    export ANTHROPIC_BASE_URL=http://127.0.0.1:$port
    export ANTHROPIC_AUTH_TOKEN=local
    claude

  curl:
    curl -N http://127.0.0.1:$port/v1/messages -H 'content-type: application/json' -d \\
      '{"model":"claude","max_tokens":200,"stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

  Ctrl-C ends it.

END

exec "$nginx" -p "$dir" -c nginx.conf -g 'daemon off;'
