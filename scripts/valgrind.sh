#!/usr/bin/env bash
# Unit tests (built without sanitizers) and t/*.t under valgrind.
#
#   valgrind.sh                 all of them
#   valgrind.sh json stream     those whose file's name holds one of the words
#
# B  where to build, default build; the module that t/*.t load is there
set -eu
cd "$(dirname "$0")/.."

command -v valgrind >/dev/null || {
    [ "$(id -u)" -eq 0 ] || { echo 'install valgrind' >&2; exit 1; }
    apt-get install -q -y --no-install-recommends valgrind libc6-dbg
}

m=ngx_http_ccproxy_module
b=${B:-build}/valgrind
export MODULE=${MODULE:-$(realpath -m "$b/../ngx_http_ccproxy_module.so")}
mkdir -p "$b/lib"

cflags="-std=gnu11 -O1 -g -DCCP_DEBUG_ARENA=1 -I$m -It/unit"
ut=$(echo t/unit/ut*.c t/unit/*/ut*.c)

# What of the files given is asked for.
chosen() {
    local file word
    for file; do
        [ ${#words[@]} -gt 0 ] || { echo "$file"; continue; }
        for word in "${words[@]}"; do
            case "$(basename "$file")" in *"$word"*) echo "$file"; break ;; esac
        done
    done
}

words=("$@")
# but for the one that has a codec of its own
units=$(chosen t/unit/*/test_*.c | grep -v /sixth/ || true)
files=$(chosen t/[0-9]*.t)

passed=0
failed=0

if [ -n "$units" ]; then
    rm -f "$b"/lib/*
    # shellcheck disable=SC2086
    for c in $m/codec/*/*.c $m/pool/*.c; do
        ${CC:-gcc} $cflags -c "$c" -o "$b/lib/$(basename "$c" .c).o"
    done
    ar rcs "$b/lib/libccp.a" "$b"/lib/*.o
fi

for t in $units; do
    bin=$b/$(basename "$t" .c)
    # shellcheck disable=SC2086
    ${CC:-gcc} $cflags "$t" $ut "$b/lib/libccp.a" -ljansson -lpcre2-8 -o "$bin"

    if valgrind -q --error-exitcode=99 --leak-check=full \
        --errors-for-leak-kinds=definite --show-leak-kinds=definite \
        "$bin" >"$bin.log" 2>&1; then
        passed=$((passed + 1))
        echo "$t ... ok"
    else
        failed=$((failed + 1))
        echo "$t ... failed: $bin.log"
        grep -m5 -E '^(not ok|==)' "$bin.log" || true
    fi
done

for t in $files; do
    if TEST_NGINX_USE_VALGRIND=1 scripts/prove.sh "$t"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
