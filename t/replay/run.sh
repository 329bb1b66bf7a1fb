#!/usr/bin/env bash
# Every recorded answer through a real nginx to clients of all five protocols,
# streamed and whole; the upstream's bytes are cut at random places.
#
#   MODULE  the module to load (build/ngx_http_ccproxy_module.so), "" if NGINX
#           holds it already;  NGINX  the binary
#   SEED    of the cuts (printed; the same seed cuts the same way)
#   PORT    first of two ports (19400);  B  where to build (build)
#   KEEP=1  leaves answers and logs
set -eu
cd "$(dirname "$0")/../.."

NGINX=${NGINX:-/usr/sbin/nginx}
export -n NGINX    # nginx itself takes a variable of this name for inherited sockets
B=${B:-build}
MODULE=${MODULE-$PWD/$B/ngx_http_ccproxy_module.so}
SEED=${SEED:-$RANDOM}
PORT=${PORT:-19400}
recordings=${CCPROXY_SHARED:-../shared}/recordings

if [ ! -f "$recordings/index.tsv" ]; then
    echo "SKIP: recordings absent"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

here=t/replay
export PYTHONDONTWRITEBYTECODE=1
dir=$(mktemp -d)
pids=()

finish() {
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || :
    done
    if [ -n "${KEEP:-}" ]; then echo "kept: $dir"; else rm -rf "$dir"; fi
}
trap finish EXIT

# Waits for a condition, 10 seconds at most.
await() {
    for _ in $(seq 200); do
        "$@" 2>/dev/null && return
        sleep 0.05
    done
    echo "not ready: $*" >&2
    cat "$dir"/*.log >&2
    exit 1
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

make -s "B=$B" "$B/replay/said"

echo "seed: $SEED"
python3 $here/grammar_test.py >"$dir/selftest.out" || { cat "$dir/selftest.out"; exit 1; }

load=${MODULE:+load_module $MODULE;}
keys=$(printf 'key literal:k%d; ' $(seq 40))
sed -e "s|@LOAD@|$load|; s|@KEYS@|$keys|; s|@DIR@|$dir|; s|@PORT@|$PORT|; s|@UP@|$((PORT + 1))|" \
    $here/nginx.conf >"$dir/nginx.conf"

python3 $here/upstream.py $((PORT + 1)) "$recordings" "$SEED" >"$dir/upstream.log" 2>&1 &
pids+=($!)
"$NGINX" -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf" >"$dir/nginx.log" 2>&1 &
pids+=($!)
await listens $((PORT + 1))
await listens "$PORT"

python3 $here/client.py "$PORT" "$recordings" "$dir" >"$dir/answers"

"$B/replay/said" "$recordings" <"$dir/answers" >"$dir/said.out" || :
python3 $here/judge.py "$recordings" <"$dir/answers" >"$dir/grammar.out" || :

wanted=$(($(wc -l <"$recordings/index.tsv") * 10 - 10))
cat "$dir/selftest.out" "$dir/said.out" "$dir/grammar.out" >"$dir/all.out"
grep -v '^ok ' "$dir/all.out" || :
grep -E '\[(alert|crit|emerg)\]|AddressSanitizer|runtime error' "$dir/error.log" "$dir/nginx.log" \
    | sed 's/^/not ok nginx: /' | tee -a "$dir/all.out" || :

for out in said grammar; do
    n=$(grep -cE '^(not )?ok ' "$dir/$out.out" || :)
    if [ "$n" != "$wanted" ]; then
        echo "not ok $out: $n of $wanted answers judged" | tee -a "$dir/all.out"
    fi
done

failed=$(grep -c '^not ok ' "$dir/all.out" || :)
echo "$(grep -c '^ok ' "$dir/all.out" || :) passed, $failed failed"
[ "$failed" -eq 0 ]
