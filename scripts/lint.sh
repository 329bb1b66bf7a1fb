#!/usr/bin/env bash
# The checks that need no run: warnings of two compilers, cppcheck where it is
# installed, and the rules of the folders.  --fix mends white space, --rules
# leaves the compilers and cppcheck out.
set -u
cd "$(dirname "$0")/.."

m=ngx_http_ccproxy_module
# not t/*.t: what a test expects may end with a blank
files=$(git ls-files '*.c' '*.h' '*.sh' '*.mjs' '*.pm' '*.pl' Makefile config '*.conf' '*.md')

if [ "${1:-}" = --fix ]; then
    # shellcheck disable=SC2086
    sed -i 's/[ \t]*$//' $files
    exit 0
fi

failed=0
say() { [ -z "$2" ] || { printf '%s\n%s\n\n' "$1" "$2"; failed=1; }; }

# shellcheck disable=SC2086
say 'white space at the end of a line (make format):' "$(grep -nE '[ 	]+$' $files | head)"
say 'a tab in C:' "$(git ls-files '*.c' '*.h' | xargs grep -nP '\t' | head)"
say 'lines over 100 columns in C:' "$(git ls-files '*.c' '*.h' | xargs grep -nE '^.{101,}' | head)"
say 'files over 800 lines:' \
    "$(git ls-files '*.c' '*.h' | xargs wc -l | awk '$2 != "total" && $1 > 800')"
say 'includes that leave a room the wrong way (scripts/rooms):' \
    "$(git ls-files "$m/*.[ch]" | xargs awk -v m=$m -f scripts/rooms.awk scripts/rooms)"
say 'two t/*.t of one number or topic:' \
    "$(git ls-files 't/*.t' | grep -oE '^t/[0-9]+-.*' | sed -E 's|^t/([0-9]+)-(.*)|\1\n\2|' | sort | uniq -d)"
for objects in build/unit build/module/addon; do
    say "uses that run against scripts/rooms (by $objects):" "$(scripts/calls.py $objects)"
done
say 'codec and pool do not know nginx:' "$(grep -nE '#include *<ngx_' -r $m/codec $m/pool)"
say 'lengths of arrays without ccp_countof():' \
    "$(git grep -nE 'sizeof\(([a-z0-9_>.-]+)\) */ *sizeof\(\1\[' -- $m/codec $m/pool)"
say 'protocols by name outside of their folders and of the table:' \
    "$(git grep -nE 'CCP_(ANTHROPIC|CHAT|RESPONSES|GEMINI|OLLAMA)\b' -- \
        $m/codec/{base,json,wire,form,schema,prepare,proto,stage,compat,embed,rewrite,exchange} \
        ':!*/exchange_protocols.c')"
say 'two functions of one name in the codec:' \
    "$(git ls-files "$m/codec/*.c" | xargs grep -hoE '^ccp_[a-z0-9_]+\(' | sort | uniq -d)"
say 'literals that the JSON writer would not escape (ccp_w_is_word):' \
    "$(git grep -nE 'ccp_w_k?(ey|cstr)\([^;]*"[^"]*\\' -- $m/codec)"
say 'two files of one name:' "$(git ls-files "$m/*.[ch]" 't/unit/*.[ch]' | sed 's|.*/||' | sort | uniq -d)"

say 'pages that differ from their sources:' "$(scripts/webpages.py --check)"

if [ "${1:-}" = --rules ]; then
    [ $failed -eq 0 ] && echo 'rules: kept'
    exit $failed
fi

for cc in gcc clang; do
    command -v $cc >/dev/null || continue
    for f in $(git ls-files "$m/codec/*.c" "$m/pool/*.c"); do
        out=$($cc -std=gnu11 -O2 -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Werror \
              -I$m -c "$f" -o /dev/null 2>&1) || say "$cc:" "$out"
    done
done

if command -v cppcheck >/dev/null; then
    say 'cppcheck:' "$(cppcheck -q --std=c11 --enable=warning,portability \
        --suppress=invalidPointerCast --inline-suppr -I $m \
        $m/codec $m/pool 2>&1 | grep -E ': (error|warning)')"
fi

[ $failed -eq 0 ] && echo 'lint: clean'
exit $failed
