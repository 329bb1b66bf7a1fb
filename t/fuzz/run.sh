#!/bin/sh
# Builds the fuzz targets into build/fuzz and runs each for SECONDS.
# usage: t/fuzz/run.sh [SECONDS]

set -eu

cd "$(dirname "$0")/../.."

seconds=${1:-30}
out=${BUILD_DIR:-build}/fuzz
m=ngx_http_ccproxy_module

rm -rf "$out/obj"          # none of a file that has gone
mkdir -p "$out/obj"

for src in "$m"/codec/*/*.c; do
    clang -std=gnu11 -g -O1 -fsanitize=fuzzer-no-link,address,undefined \
        -fno-sanitize-recover=all -DCCP_DEBUG_ARENA=1 -I"$m" \
        -c "$src" -o "$out/obj/$(basename "$src" .c).o"
done

rm -f "$out/libccp.a"
ar rcs "$out/libccp.a" "$out"/obj/*.o

for src in t/fuzz/fuzz_*.c; do
    name=$(basename "$src" .c)
    corpus=$out/corpus-${name#fuzz_}
    mkdir -p "$corpus"

    clang -std=gnu11 -Wall -Wextra -Werror -g -O1 \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        -I"$m" "$src" "$out/libccp.a" -ljansson -lpcre2-8 -lm \
        -o "$out/$name"

    echo "$name: $seconds s"
    "$out/$name" -max_total_time="$seconds" -max_len=4096 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$out/$name-" \
        "$corpus" "t/fuzz/seeds/${name#fuzz_}"
done
