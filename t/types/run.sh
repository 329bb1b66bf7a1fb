#!/usr/bin/env bash
# Every recorded answer, converted to the client protocols, against the
# official SDKs' types and through the SDKs' own accumulators.
#
#   run.sh [WORD …]     exchanges whose name holds one of the words (all)
#
#   B        where answers is built (build)
#   KEEP=1   keeps the answers and what was found, and tells where
#   VERBOSE=1  prints what allowed.tsv allows, too
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. t/clients/lib/env.sh

shared=${CCPROXY_SHARED:-../shared}
B=${B:-build}

if [ ! -f "$shared/recordings/index.tsv" ]; then
    echo "SKIP: recordings absent"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

ensure_node
install_group types || exit 2
modules=$clients_home/types
dir=$(mktemp -d)
finish() { if [ -n "${KEEP:-}" ]; then echo "kept: $dir"; else rm -rf "$dir"; fi; }
trap finish EXIT

# Schemas are made once for these types and these versions.
sum=$(cat "$modules/.installed" "$here"/shape/*.ts | sha256sum | cut -c1-16)
schemas=$modules/schemas-$sum
if [ ! -d "$schemas" ]; then
    mkdir -p "$modules/shape" "$dir/schemas"
    cp "$here"/shape/*.ts "$modules/shape/"
    for shape in "$here"/shape/*.ts; do
        name=$(basename "$shape" .ts)
        node "$modules/node_modules/.bin/ts-json-schema-generator" --no-type-check \
            --path "$modules/shape/$name.ts" -o "$dir/schemas/$name.json"
    done
    mv "$dir/schemas" "$schemas"
fi

node "$here/selftest.mjs" "$schemas"

for root in recordings recordings-more; do
    [ -f "$shared/$root/index.tsv" ] || continue
    "$B/types/answers" "$shared/$root" "$@"
done >"$dir/answers"

parts=2
for ((i = 0; i < parts; i++)); do
    node "$here/check.mjs" "$schemas" "$modules" "$i/$parts" \
        <"$dir/answers" >"$dir/found.$i" &
    pids[i]=$!
done
for ((i = 0; i < parts; i++)); do wait "${pids[i]}"; done

[ $# -eq 0 ] || export PARTIAL=1
node "$here/report.mjs" "$here/allowed.tsv" "$dir"/found.*
