#!/usr/bin/env bash
# selftest.sh: is the harness itself right?  The mocks refuse malformed
# requests, every SDK passes against its own mock, and each bent reply or
# request below makes a check fail.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"
ensure_node
passed=0 failed=0

# client, check that must fail, what is bent in the mock
breakage='
claude                text           --quirk no-event-line
claude                tool           --quirk no-block-stop
claude                text           --scenario error500 --fail-count 1
sdk-anthropic         text-stream    --quirk no-message-stop
sdk-anthropic         text-stream    --quirk no-start-usage
sdk-anthropic         tool-stream    --key another
sdk-anthropic         text-json      --models another
sdk-openai            tool-stream    --quirk no-tool-index
sdk-openai            text-stream    --quirk no-finish
sdk-openai-responses  text-stream    --quirk no-response.completed
sdk-gemini            text-stream    --quirk extra-done
sdk-ollama            text-stream    --quirk no-done
'

verdict() { # PASS|FAIL TEXT
    echo "$1 $2"
    if [ "$1" = PASS ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

if node "$clients_dir/selftest.mjs"; then
    verdict PASS "mocks refuse what the providers refuse"
else
    verdict FAIL "mocks refuse what the providers refuse"
fi

for client in sdk-anthropic sdk-openai sdk-openai-responses sdk-gemini sdk-ollama claude; do
    if out=$(bash "$clients_dir/control.sh" $client); then
        verdict PASS "$client passes against its own mock"
    else
        grep ^FAIL <<<"$out"
        verdict FAIL "$client passes against its own mock"
    fi
done

while read -r client check args; do
    [ -n "$client" ] || continue
    out=$(CHECKS=$check MOCK_ARGS=$args bash "$clients_dir/control.sh" "$client" 2>&1)
    if grep -q "^FAIL $client $check " <<<"$out"; then
        verdict PASS "$client $check notices $args"
    else
        verdict FAIL "$client $check notices $args: $(tail -n 2 <<<"$out" | tr '\n' ' ')"
    fi
done <<<"$breakage"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
