#!/usr/bin/env bash
# Unit tests (built without sanitizers) and t/*.t under valgrind.
set -eu
cd "$(dirname "$0")/.."

command -v valgrind >/dev/null || {
    [ "$(id -u)" -eq 0 ] || { echo 'install valgrind' >&2; exit 1; }
    apt-get install -q -y --no-install-recommends valgrind libc6-dbg
}

m=ngx_http_ccproxy_module
b=build/valgrind
mkdir -p $b

passed=0
failed=0
for t in t/unit/test_*.c; do
    bin=$b/$(basename "$t" .c)
    gcc -std=gnu11 -O1 -g -DCCP_DEBUG_ARENA=1 -I$m/codec -I$m/pool -It/unit "$t" t/unit/ut.c \
        $(ls $m/codec/*.c $m/pool/*.c 2>/dev/null) -ljansson -lpcre2-8 -o "$bin"
    if UT_QUICK=1 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
        "$bin" >"$bin.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "valgrind: $t failed: $bin.log"
        grep -m5 -E '^(not ok|==)' "$bin.log" || true
    fi
done

if TEST_NGINX_USE_VALGRIND=1 scripts/prove.sh t/*.t; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
