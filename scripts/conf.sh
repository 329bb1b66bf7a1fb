#!/usr/bin/env bash
# Tries every configuration of conf/: "nginx -t", then a request of its
# client's protocol, with the demo model in place of the providers.
#   conf.sh MODULE.so     (PORT: the first of four ports, default 19350)
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
module=$(realpath "${1:-$top/build/ngx_http_ccproxy_module.so}")
nginx=${NGINX:-/usr/sbin/nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
port=${PORT:-19350}
dir=$(mktemp -d)
trap 'stop; rm -rf "$dir"' EXIT

stop() {
    [ ! -s "$dir/nginx.pid" ] || kill "$(cat "$dir/nginx.pid")" 2>/dev/null || true
    for _ in $(seq 100); do
        [ -s "$dir/nginx.pid" ] || return 0
        sleep 0.05
    done
}

mkdir -p "$dir/etc" "$dir/modules"
chmod 755 "$dir"
ln -s "$module" "$dir/modules/ngx_http_ccproxy_module.so"
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost \
    -keyout "$dir/etc/server.key" -out "$dir/etc/server.crt" 2>/dev/null
echo 'ccproxy_access_key me change-this-secret;' >"$dir/etc/access.conf"
for k in openai-1 openai-2 groq; do
    echo "key-$k" >"$dir/etc/$k.key"
done
chmod 600 "$dir"/etc/*

for v in GROQ OPENROUTER GEMINI MISTRAL DEEPSEEK ANTHROPIC OPENAI XAI; do
    export "${v}_API_KEY=test-key"
done

demo="server { listen 127.0.0.1:$((port + 1)); location / { ccproxy_demo; } }"
temp=
for t in client_body proxy fastcgi uwsgi scgi; do
    temp="$temp ${t}_temp_path $dir/$t;"
done

messages='"messages":[{"role":"user","content":"Hello"}]'

# file, path, body, text that the answer must hold
ask() {
    local file=$1 path=$2 body=$3 want=$4 url answer

    url=http://127.0.0.1:$port
    [[ "$file" != production && "$file" != nodes ]] || url=https://127.0.0.1:$port

    answer=$(curl -sk --max-time 20 "$url$path" -H 'content-type: application/json' \
        -H 'authorization: Bearer change-this-secret' --data-binary @- <<<"$body")

    case "$answer" in
    *"$want"*) echo "ok - $file.conf $path" ;;
    *) echo "not ok - $file.conf $path: $answer"; failed=1 ;;
    esac

    [ "$file" = quickstart ] && return

    answer=$(curl -sk --max-time 20 -o /dev/null -w '%{http_code}' "$url$path" \
        -H 'authorization: Bearer wrong' --data-binary @- <<<"$body")
    [ "$answer" = 401 ] || { echo "not ok - $file.conf: a wrong key gets $answer"; failed=1; }
}

# file, path, model, more members of the body, what its line of the log must hold
went() {
    local file=$1 path=$2 model=$3 more=$4 want=$5 line n

    n=$(grep -c . "$dir/ccproxy-$file.log" || true)
    ask "$file" "$path/v1/messages" "{\"model\":\"$model\",\"max_tokens\":3000,$more$messages}" '"type":"message"'

    for _ in $(seq 100); do
        line=$(tail -n "+$((n + 1))" "$dir/ccproxy-$file.log" | grep ' 200$' || true)
        [ -z "$line" ] || break
        sleep 0.05
    done

    case "$line" in
    *"$want"*) ;;
    *) echo "not ok - $file.conf $path $model: no \"$want\" in \"$line\""; failed=1 ;;
    esac
}

# file, the group, what the answer must hold
switch() {
    local answer

    answer=$(curl -s -X POST -H 'content-type: application/json' "http://127.0.0.1:$port/group?active_group=$2")
    [[ "$answer" == *"$3"* ]] || { echo "not ok - $1.conf: switched to $2: $answer"; failed=1; }
}

# waits until other workers than before serve
reload() {
    local old new

    old=$(pgrep -P "$(cat "$dir/nginx.pid")" | sort | tr '\n' ' ')
    kill -HUP "$(cat "$dir/nginx.pid")"

    for _ in $(seq 100); do
        new=$(pgrep -P "$(cat "$dir/nginx.pid")" | sort | tr '\n' ' ')
        for p in $old; do
            [[ " $new" != *" $p "* ]] || { sleep 0.05; continue 2; }
        done
        [ -z "$new" ] || return 0
    done

    echo "not ok - no new workers after a reload"
    failed=1
}

# file, the active group
active() {
    local answer

    answer=$(curl -s "http://127.0.0.1:$port/group")
    [[ "$answer" == *"\"active_group\":\"$2\""* ]] \
        || { echo "not ok - $1.conf: the active group is not $2: $answer"; failed=1; }
}

# the nodes behind the front of nodes.conf
nodes() {
    local p

    echo "ccproxy_provider demo { protocol chat; url http://127.0.0.1:$((port + 1))/v1; }"
    echo "upstream node { ccproxy; ccproxy_target demo; }"
    for p in $((port + 2)) $((port + 3)); do
        echo "server { listen 127.0.0.1:$p; access_log off; location / { ccproxy on;"
        echo "ccproxy_access_key me change-this-secret; proxy_pass http://node; } }"
    done
}

# all requests of a session go to one node, and sessions to both
sessions() {
    local s both=

    for s in 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8; do
        curl -sk -o /dev/null "https://127.0.0.1:$port/v1/messages" -H "session_id: s$s" \
            -H 'content-type: application/json' -H 'x-api-key: change-this-secret' \
            -d "{\"model\":\"m\",\"max_tokens\":9,$messages}"
    done
    both=$(grep -o 'session=s.*node=[^ ]*' "$dir/ccproxy-nodes.log" | sort -u)
    [ "$(wc -l <<<"$both")" = 8 ] || { echo "not ok - nodes.conf: sessions move: $both"; failed=1; }
    [ "$(grep -o 'node=.*' <<<"$both" | sort -u | wc -l)" = 2 ] \
        || { echo "not ok - nodes.conf: one node serves all: $both"; failed=1; }
    ! grep -q change-this-secret "$dir/ccproxy-nodes.log" \
        || { echo "not ok - nodes.conf: a key in the log"; failed=1; }
}

# PATH below conf/
try() {
    local path=$1 file=${1%.conf} more=

    if [ "$file" = nodes ] || [ "$file" = kubernetes/front/nginx ]; then
        more=$(nodes | tr '\n' ' ')
        echo "load_module modules/ngx_http_ccproxy_module.so;" >"$dir/load.conf"
    else
        : >"$dir/load.conf"
    fi

    sed -e "s|preset [a-z]*;|protocol chat; url http://127.0.0.1:$((port + 1))/v1;|" \
        -e "s|^\( *preset \) *[a-z]*;|protocol chat; url http://127.0.0.1:$((port + 1))/v1;|" \
        -e "s|/etc/ccproxy/|$dir/etc/|" \
        -e "s|/var/log/nginx/|$dir/|" \
        -e "s|^pid .*|pid $dir/nginx.pid;|" \
        -e "s|^error_log .*stderr.*|error_log $dir/error.log warn;|" \
        -e "s|127\.0\.0\.1:3456|127.0.0.1:$port|" \
        -e "s|127\.0\.0\.1:3457|127.0.0.1:$((port + 2))|" \
        -e "s|listen  *443|listen 127.0.0.1:$port|" \
        -e "s|10\.0\.0\.11:3456|127.0.0.1:$((port + 2))|" \
        -e "s|10\.0\.0\.12:3456|127.0.0.1:$((port + 3))|" \
        -e "s|^    listen  *3456|    listen 127.0.0.1:$port|; s|^        listen  *3456|        listen 127.0.0.1:$port|" \
        -e "s|ccproxy-pods[^ ]*:3456 resolve|127.0.0.1:$((port + 2))|; s|^    resolver .*||" \
        -e "s|url http://ollama:11434;||; s|/run/secrets/ccproxy/|$dir/etc/|; s|/run/access|$dir/etc/access|" \
        -e "/^    [a-z_]*_temp_path /d" \
        -e "s|/dev/stdout|$dir/access.log|" \
        -e "s|^events {|include $dir/load.conf; events {|" \
        -e "s|^http {|http { $temp $demo $more|" \
        "$top/conf/$path" >"$dir/nginx.conf"

    "$nginx" -p "$dir" -c nginx.conf -t -q || { echo "not ok - $file.conf"; failed=1; return; }
    "$nginx" -p "$dir" -c nginx.conf

    case $file in
    claude-code | cline)
        ask "$file" /v1/messages "{\"model\":\"claude-haiku\",\"max_tokens\":64,$messages}" \
            '"type":"message"' ;;
    nodes)
        ask nodes /v1/messages "{\"model\":\"m\",\"max_tokens\":64,$messages}" '"type":"message"'
        sessions ;;
    codex)
        ask "$file" /v1/responses '{"model":"coder","input":"Hello"}' '"object":"response"' ;;
    gemini-cli)
        ask "$file" /v1beta/models/gemini-2.5-pro:generateContent \
            '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}' '"candidates"' ;;
    routing)
        long=$(printf 'word %.0s' $(seq 70000))
        search='"tools":[{"type":"web_search_20250305","name":"web_search"}],'
        thinking='"thinking":{"type":"enabled","budget_tokens":2000},'
        went routing '' claude-opus-4-1 "$thinking" 'pool=strong to=openrouter,anthropic/claude-opus-5 '
        went routing '' claude-haiku-4-5 "$search" 'pool=search to=gemini,gemini-3.5-flash-lite '
        went routing '' claude-haiku-4-5 "\"system\":\"$long\"," 'pool=long to=gemini,gemini-3.7-flash '
        went routing '' claude-haiku-4-5 "$thinking" 'pool=background to=groq,openai/gpt-oss-20b '
        went routing '' claude-sonnet-4-5 "$thinking" 'pool=think to=openrouter,deepseek/deepseek-v4-pro '
        went routing '' claude-sonnet-4-5 '' 'pool=main to='
        went routing '' openrouter,qwen/qwen3-coder '' ' to=openrouter,qwen/qwen3-coder ' ;;
    groups)
        went groups /coder claude-haiku-4-5 '' 'group=coder model=claude-haiku-4-5 pool=small '
        went groups /coder claude-sonnet-4-5 '' 'group=coder model=claude-sonnet-4-5 pool=code '
        went groups /writer sonnet '' 'group=writer model=sonnet pool=prose '
        went groups /writer other '' 'group=writer model=other pool=small '
        went groups '' sonnet '' 'group=- model=sonnet pool=small '
        went groups '' writer@Opus '' 'group=writer model=Opus pool=prose '
        went groups /switch sonnet '' 'group=coder model=sonnet pool=code '
        switch groups writer '"active_group":"writer"'
        went groups /switch sonnet '' 'group=writer model=sonnet pool=prose '
        switch groups nobody '"error"'
        went groups '' switch@sonnet '' 'group=writer model=sonnet pool=prose '
        reload
        active groups writer
        sed -i 's/ccproxy_active_group coder/ccproxy_active_group default/' "$dir/nginx.conf"
        reload
        active groups default
        switch groups writer '"active_group":"writer"'
        sed -i '/group=writer/d' "$dir/nginx.conf"
        reload
        active groups default ;;
    kubernetes/base/nginx)
        ask "$file" /v1/chat/completions "{\"model\":\"m\",$messages}" '"chat.completion"'
        curl -s "http://127.0.0.1:$port/health" | grep -q '"status"' \
            || { echo "not ok - $file.conf: health"; failed=1; } ;;
    *)
        ask "$file" /v1/chat/completions "{\"model\":\"gpt-5-mini\",$messages}" \
            '"chat.completion"' ;;
    esac

    if [ "$file" = production ]; then
        python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1])]' \
            "$dir/ccproxy.json" || { echo "not ok - the log is no JSON"; failed=1; }
        [ -z "${SHOW_LOG:-}" ] || cat "$dir/ccproxy.json"
    fi

    stop
}

failed=0
cd "$top/conf"
for f in *.conf docker/*.conf kubernetes/*/*.conf; do
    try "$f"
done
exit $failed
