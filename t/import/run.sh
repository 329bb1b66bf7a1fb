#!/usr/bin/env bash
# What scripts/import makes of a sample of each gateway: as the .conf and the
# .err beside it say, accepted by nginx, and without any secret of the sample.
#   run.sh [MODULE.so]       WRITE=1 writes the files anew
set -u
cd "$(dirname "$0")/../.." || exit 2
module=$(realpath "${1:-build/ngx_http_ccproxy_module.so}")
nginx=${NGINX:-/usr/sbin/nginx}
export -n NGINX
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/modules"
ln -s "$module" "$dir/modules/ngx_http_ccproxy_module.so"
echo 'ccproxy_access_key me a-secret-of-the-test;' >"$dir/access.conf"
chmod 600 "$dir/access.conf"

n=0 failed=0
ok() { # NAME COMMAND...
    local name=$1 out
    shift
    n=$((n + 1))
    if out=$("$@" 2>&1); then echo "ok $n - $name"; else echo "not ok $n - $name"; echo "$out"; failed=1; fi
}
none() { ! grep "$@"; }

python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript(open("t/import/chatspeed.sql").read())' "$dir/chatspeed.db"

for source in t/import/ccr.json t/import/go.json t/import/litellm.yaml "$dir/chatspeed.db"; do
    name=$(basename "${source%.*}")
    if [ "$name" = litellm ] && ! python3 -c 'import yaml' 2>/dev/null; then
        out=$(scripts/import "$source" 2>&1)
        ok "$name: says what it needs" grep -q 'apt-get install python3-yaml' <<<"$out"
        continue
    fi
    scripts/import "$source" >"$dir/$name.conf" 2>"$dir/$name.err"
    [ -z "${WRITE:-}" ] || cp "$dir/$name.conf" "$dir/$name.err" t/import/
    ok "$name: the configuration" diff "t/import/$name.conf" "$dir/$name.conf"
    ok "$name: what is left out" diff "t/import/$name.err" "$dir/$name.err"
    ok "$name: no secret" none -h sk-secret "$dir/$name.conf" "$dir/$name.err"
    sed -e "s|include .*;|include $dir/access.conf;|" -e "s|^pid .*|pid $dir/nginx.pid;|" \
        "$dir/$name.conf" >"$dir/nginx.conf"
    # each variable that it names is one that "to do" or the source names
    mapfile -t vars < <(grep -o 'env:[A-Z0-9_]*' "$dir/$name.conf" | cut -d: -f2 | sort -u)
    ok "$name: nginx takes it" env "${vars[@]/%/=http://127.0.0.1:9}" \
        "$nginx" -p "$dir" -c nginx.conf -e stderr -t -q
done

for bad in '{}' '{"Router": {}, "Providers": []}' '[' 'x' '{"providers": [{}], "routes": {}}'; do
    printf %s "$bad" >"$dir/bad"
    out=$(scripts/import "$dir/bad" 2>&1)
    rc=$?
    ok "refused in a line: $bad" test $rc -eq 1 -a "$(grep -c Traceback <<<"$out")" = 0
done
ok 'a file that is not there' grep -q 'import: .*No such file' <<<"$(scripts/import /nonexistent 2>&1)"

# the table of presets is conf/PROVIDERS.md's
while read -r preset url; do
    ok "$preset is at $url" grep -q "^| \[\`$preset\`\].*\`$url\`" conf/PROVIDERS.md
done < <(python3 - <<'END'
import re
t = re.search(r"^PRESETS = \{(.*?)^\}", open('scripts/import').read(), re.S | re.M)[1]
for m in re.finditer(r"'([^']+)': '([^']+)'", t):
    print(m[1], m[2])
END
)

echo "1..$n"
exit $failed
