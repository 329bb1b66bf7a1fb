# T54: a wish that a model refuses is left out, at once and for an
# hour, and the client is told.
#
# An upstream refuses, in the words of its path, requests that make the wish of
# its path, and answers all others.
use Test::Nginx::Socket 'no_plan';

repeat_each(1);
no_shuffle();
no_long_string();
no_root_location();
log_level('info');

our $png = 'iVBORw0KGgo=';

our %answer = (
    chat => '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"plain"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
    anthropic => '{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"plain"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}',
    ollama => '{"model":"m","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":"plain"},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":1}',
    responses => '{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"plain","annotations":[]}]}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}',
    gemini => '{"candidates":[{"content":{"role":"model","parts":[{"text":"plain"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}}',
);

# By wish: what is in a request that makes it, and by what it is refused: the
# upstream's protocol, its status, its words.
our %wishes = (
    thinking => { sign => '(?i)"(?:think|thinking|reasoning_effort|thinkingConfig|reasoning)": ?(?!"none)', by => [
        [ollama => 400, '"m" does not support thinking'],
        [ollama => 400, 'think value "medium" is not supported for this model'],
        [chat => 400, "Unsupported parameter: 'reasoning_effort' is not supported with this model."],
        [chat => 400, 'Argument not supported on this model: reasoningEffort'],
        [anthropic => 400, 'adaptive thinking is not supported on this model'],
        [responses => 400, "Unsupported parameter: 'reasoning.effort' is not supported with this model."],
        [gemini => 400, 'Thinking is not enabled for models/gemma-3-27b-it'],
        [chat => 400, \'{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":\"m does not support thinking\"}","provider_name":"x"}}}'],
    ] },
    images => { sign => 'iVBORw0KGgo=', by => [
        [chat => 404, 'No endpoints found that support image input'],
        [chat => 400, 'Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text`'],
        [chat => 500, 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'],
        [chat => 400, 'At most 0 image(s) may be provided in one prompt.'],
        [ollama => 500, 'this model is missing data required for image input'],
        [gemini => 400, 'Image input modality is not enabled for models/gemma-3-1b-it'],
    ] },
    'output format' => { sign => '(?i)"(?:response_format|responseMimeType|format)":', by => [
        [chat => 400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."],
        [chat => 400, 'This response_format type is unavailable now'],
        [gemini => 400, 'JSON mode is not enabled for models/gemma-3-27b-it'],
    ] },
    'stream options' => { sign => '"stream_options"', by => [
        [chat => 400, 'Argument not supported: stream_options'],
        [chat => 400, "property 'stream_options' is unsupported, did you mean 'stream'?"],
        [chat => 422, \'{"detail":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted","input":true}]}'],
    ] },
    'parallel calls' => { sign => '"parallel_tool_calls"', by => [
        [chat => 400, "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."],
        [chat => 400, "litellm.UnsupportedParamsError: ollama does not support parameters: ['parallel_tool_calls'], for model=phi4-mini:3.8b."],
        [responses => 400, "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."],
    ] },
    temperature => { sign => '"temperature"', by => [
        [chat => 400, "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported."],
        [chat => 400, 'invalid temperature: only 1 is allowed for this model'],
        [anthropic => 400, '`temperature` is deprecated for this model.'],
    ] },
    'tool choice' => { sign => '"tool_choice": ?(?:"required"|\{)', by => [
        [chat => 400, '<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not support being set to required or object in thinking mode'],
        [chat => 400, 'Thinking mode does not support this tool_choice'],
        [chat => 404, "No endpoints found that support the provided 'tool_choice' value"],
        [anthropic => 400, 'Thinking may not be enabled when tool_choice forces tool use.'],
    ] },
);

our $tools = '"tools":[{"name":"f","input_schema":{"type":"object"}}],';

# What a client of Anthropic's wishes, and one of the same protocol as most.
our %said = (
    thinking => '"thinking":{"type":"enabled","budget_tokens":2048},',
    'output format' => '"output_format":{"type":"json_schema","schema":{"type":"object","properties":{},"additionalProperties":false}},',
    'stream options' => '"stream":true,',
    'parallel calls' => $tools . '"tool_choice":{"type":"auto","disable_parallel_tool_use":true},',
    temperature => '"temperature":0.2,',
    'tool choice' => $tools . '"tool_choice":{"type":"any"},',
    images => '',
);

our %chat_said = (
    thinking => '"reasoning_effort":"high",',
    'output format' => '"response_format":{"type":"json_object"},',
    'stream options' => '"stream":true,"stream_options":{"include_usage":true},',
    'parallel calls' => '"parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}],',
    temperature => '"temperature":0.2,',
    'tool choice' => '"tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}],',
    images => '',
);

sub name { my ($wish, $i) = @_; ($wish =~ s/ //gr) . "-$i" }

sub request {
    my ($path, $wish, $more) = @_;
    my $image = $wish eq 'images' ? qq({"type":"image","source":{"type":"base64","media_type":"image/png","data":"$png"}},) : '';
    return "POST /$path/v1/messages\n"
        . '{"model":"x","max_tokens":4096,' . $said{$wish} . ($more // '')
        . qq("messages":[{"role":"user","content":[$image\{"type":"text","text":"hi"}]}]});
}

sub chat_request {
    my ($path, $wish) = @_;
    my $image = $wish eq 'images' ? qq({"type":"image_url","image_url":{"url":"data:image/png;base64,$png"}},) : '';
    return "POST /$path/v1/chat/completions\n"
        . '{"model":"x",' . $chat_said{$wish}
        . qq("messages":[{"role":"user","content":[$image\{"type":"text","text":"say JSON"}]}]});
}

# For a test of one wish: requests, each twice, and what must come.
sub all {
    my ($wish) = @_;
    return map { (request(name($wish, $_), $wish)) x 2 }
        0 .. $#{$wishes{$wish}{by}};
}

sub all_status {
    my ($wish) = @_;
    return map { my $s = $_->[1]; (qr/X-Up: $s, 200\r\n/, qr/X-Up: 200\r\n/) }
        @{$wishes{$wish}{by}};
}

sub times { my ($wish) = @_; return 2 * @{$wishes{$wish}{by}} }

sub quoted {
    my ($s) = @_;
    $s =~ s/([\\'])/\\$1/g;
    return "'$s'";
}

sub refusal {
    my ($proto, $words) = @_;
    return $$words if ref $words;       # the whole document
    $words =~ s/(["\\])/\\$1/g;
    return $proto eq 'ollama' ? qq({"error":"$words"})
        : $proto eq 'anthropic' ? qq({"type":"error","error":{"type":"invalid_request_error","message":"$words"}})
        : qq({"error":{"message":"$words","type":"invalid_request_error"}});
}

our $http = "client_body_buffer_size 1m;\n"
    . "map \$request_body \$said_tools { default ''; '~\"tools\":' yes; }\n"
    . "map \$http_x_thinking\$http_x_tools \$said_beside { default ''; yesyes yes; }\n";
our $config = '';
our ($outer, $inner) = ("proxy_set_header X-Tools \$said_tools;\n", '');

for my $wish (sort keys %wishes) {
    my $var = $wish =~ s/ /_/gr;
    $http .= "map \$request_body \$said_$var { default ''; " . quoted("~$wishes{$wish}{sign}") . " yes; }\n";
    $outer .= "proxy_set_header X-" . ($wish =~ s/ /-/gr) . " \$said_$var;\n";

    for my $i (0 .. $#{$wishes{$wish}{by}}) {
        my ($proto, $status, $words) = @{$wishes{$wish}{by}[$i]};
        my $name = name($wish, $i);
        my $root = $proto eq 'ollama' ? '' : $proto eq 'gemini' ? '/v1beta' : '/v1';

        $http .= "ccproxy_provider $name { protocol $proto; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1/$name$root; key literal:k; }\n"
            . "upstream $name { ccproxy; ccproxy_target $name m; }\n";
        $config .= "location /$name/ { ccproxy on; proxy_pass http://$name; add_header X-Up \"\$upstream_status\" always; }\n";
        $inner .= "location /$name/ { if (\$http_x_$var) { return $status " . quoted(refusal($proto, $words)) . "; }\n"
            . '    return 200 ' . quoted($answer{$proto}) . "; }\n";
    }
}

$http .= <<"END";
    server {
        listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        location / {
            $outer
            proxy_pass http://127.0.0.1:\$TEST_NGINX_RAND_PORT_2;
        }
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_2;
        default_type application/json;
        $inner
        location /both/ {
            if (\$http_x_thinking) { return 400 '{"error":{"message":"m does not support thinking"}}'; }
            if (\$http_x_temperature) { return 400 '{"error":{"message":"`temperature` is deprecated for this model."}}'; }
            return 200 '$answer{chat}';
        }
        location /always/ { return 400 '{"error":{"message":"m does not support thinking"}}'; }
        location /other/ { return 400 '{"error":{"message":"thinking.budget_tokens: Input should be greater than or equal to 1024"}}'; }
        location /half/ {
            if (\$http_x_thinking) { return 400 '{"error":{"message":"m does not support thinking"}}'; }
            return 503 '{"error":{"message":"overloaded"}}';
        }
        location /needs/ {
            if (\$http_x_thinking) { return 200 '$answer{chat}'; }
            return 400 '{"error":{"message":"no thinking came"}}';
        }
        location /beside/ {
            if (\$said_beside) { return 400 '{"error":{"message":"Function tools with reasoning_effort are not supported for m in /v1/chat/completions."}}'; }
            return 200 '$answer{chat}';
        }
        location /bare/ {
            if (\$http_x_tools) { return 400 '{"error":{"message":"m does not support tools"}}'; }
            if (\$http_x_thinking) { return 400 '{"error":{"message":"m does not support thinking"}}'; }
            return 200 '$answer{chat}';
        }
        location /dead/ { return 503 '{"error":{"message":"overloaded"}}'; }
    }
END

for my $name (qw(both always other half needs beside bare dead)) {
    $http .= "ccproxy_provider $name { protocol chat; url http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1/$name; }\n";
}

add_block_preprocessor(sub {
    my $block = shift;
    my $own = $block->http_config || '';

    # each pool of a test's own is served below its name

    my $locations = join '', map {
        "location /$_/ { ccproxy on; proxy_pass http://$_; add_header X-Up \"\$upstream_status\" always; }\n"
    } $own =~ /upstream (\w+)/g;

    $block->set_value('http_config', $http . $own);
    $block->set_value('config', $config . $locations);
});

run_tests();

__DATA__

=== TEST 1: thinking, in several providers' words: refused once
--- request eval: [main::all('thinking')]
--- error_code eval: [(200) x main::times('thinking')]
--- response_body_like eval: [(qr/plain/) x main::times('thinking')]
--- raw_response_headers_like eval: [main::all_status('thinking')]
--- no_error_log
[error]
failed with status



=== TEST 2: images, in several providers' words: refused once
--- request eval: [main::all('images')]
--- error_code eval: [(200) x main::times('images')]
--- response_body_like eval: [(qr/plain/) x main::times('images')]
--- raw_response_headers_like eval: [main::all_status('images')]
--- no_error_log
[error]
failed with status



=== TEST 3: output format, in several providers' words: refused once
--- request eval: [main::all('output format')]
--- error_code eval: [(200) x main::times('output format')]
--- response_body_like eval: [(qr/plain/) x main::times('output format')]
--- raw_response_headers_like eval: [main::all_status('output format')]
--- no_error_log
[error]
failed with status



=== TEST 4: stream options, in several providers' words: refused once
--- request eval: [main::all('stream options')]
--- error_code eval: [(200) x main::times('stream options')]
--- response_body_like eval: [(qr/plain/) x main::times('stream options')]
--- raw_response_headers_like eval: [main::all_status('stream options')]
--- no_error_log
[error]
failed with status



=== TEST 5: parallel calls, in several providers' words: refused once
--- request eval: [main::all('parallel calls')]
--- error_code eval: [(200) x main::times('parallel calls')]
--- response_body_like eval: [(qr/plain/) x main::times('parallel calls')]
--- raw_response_headers_like eval: [main::all_status('parallel calls')]
--- no_error_log
[error]
failed with status



=== TEST 6: temperature, in several providers' words: refused once
--- request eval: [main::all('temperature')]
--- error_code eval: [(200) x main::times('temperature')]
--- response_body_like eval: [(qr/plain/) x main::times('temperature')]
--- raw_response_headers_like eval: [main::all_status('temperature')]
--- no_error_log
[error]
failed with status



=== TEST 7: tool choice, in several providers' words: refused once
--- request eval: [main::all('tool choice')]
--- error_code eval: [(200) x main::times('tool choice')]
--- response_body_like eval: [(qr/plain/) x main::times('tool choice')]
--- raw_response_headers_like eval: [main::all_status('tool choice')]
--- no_error_log
[error]
failed with status



=== TEST 8: clients of the upstream's protocol: an edit of their bytes
--- request eval: [map { main::chat_request(main::name($_, $_ eq 'thinking' ? 2 : 0), $_) } sort keys %::wishes]
--- error_code eval: [(200) x keys %::wishes]
--- response_body_like eval: [(qr/plain/) x keys %::wishes]
--- raw_response_headers_like eval: [map { qr/X-Up: \d+, 200\r\n/ } keys %::wishes]



=== TEST 9: the client is told, now and later
--- request eval: [(main::request('thinking-0', 'thinking')) x 2, main::request('thinking-0', 'temperature')]
--- response_headers eval
[('X-Ccproxy-Note: refused by the model: thinking') x 2, 'X-Ccproxy-Note:']



=== TEST 10: two of them, one after the other
--- http_config
    upstream p { ccproxy; ccproxy_target both m; }
--- request eval: [(main::request('p', 'thinking', '"temperature":1,')) x 2]
--- error_code eval: [200, 200]
--- raw_response_headers_like eval: [qr/X-Up: 400, 400, 200\r\n/, qr/X-Up: 200\r\n/]
--- response_headers eval
[('X-Ccproxy-Note: refused by the model: temperature, thinking') x 2]



=== TEST 11: what is refused all the same is told, after one more try
--- http_config
    upstream p { ccproxy; ccproxy_target always m; }
--- request eval: [(main::request('p', 'thinking')) x 2]
--- error_code eval: [400, 400]
--- response_body_like eval: [(qr/does not support thinking/) x 2]
--- raw_response_headers_like eval: [qr/X-Up: 400, 400\r\n/, qr/X-Up: 400\r\n/]



=== TEST 12: another error is told at once
--- http_config
    upstream p { ccproxy; ccproxy_target other m; }
--- request eval: main::request('p', 'thinking')
--- error_code: 400
--- response_body_like: greater than or equal
--- raw_response_headers_like: X-Up: 400\r\n
--- response_headers
X-Ccproxy-Note:
--- no_error_log
refused thinking



=== TEST 13: the same pair is asked again, not the next one
--- http_config
    upstream p { ccproxy; ccproxy_target both m; ccproxy_target dead m backup; }
--- request eval: main::request('p', 'thinking')
--- error_code: 200
--- raw_response_headers_like: X-Up: 400, 200\r\n



=== TEST 14: the next pair is asked with what the first refused
--- http_config
    upstream p { ccproxy; ccproxy_target half m; ccproxy_target needs m backup; }
--- request eval: main::request('p', 'thinking')
--- error_code: 200
--- raw_response_headers_like: X-Up: 400, 503, 200\r\n
--- response_headers
X-Ccproxy-Note:
--- error_log
ccproxy: provider "half" refused thinking with status 400, this model is asked without for an hour
--- no_error_log
[error]



=== TEST 15: another model of the provider is asked with it first
--- http_config
    upstream p { ccproxy; ccproxy_target both m; }
    upstream q { ccproxy; ccproxy_target both n; }
--- request eval: [(main::request('p', 'thinking')) x 2, (main::request('q', 'thinking')) x 2]
--- error_code eval: [(200) x 4]
--- raw_response_headers_like eval
[qr/X-Up: 400, 200\r\n/, qr/X-Up: 200\r\n/, qr/X-Up: 400, 200\r\n/, qr/X-Up: 200\r\n/]



=== TEST 16: thinking that is refused beside tools is asked for without them
--- http_config
    upstream p { ccproxy; ccproxy_target beside m; }
--- request eval: [main::request('p', 'thinking', $::tools), main::request('p', 'thinking', $::tools), main::request('p', 'thinking')]
--- error_code eval: [(200) x 3]
--- raw_response_headers_like eval: [qr/X-Up: 400, 200\r\n/, (qr/X-Up: 200\r\n/) x 2]
--- response_headers eval
[('X-Ccproxy-Note: refused by the model: thinking') x 2, 'X-Ccproxy-Note:']



=== TEST 17: tools that are refused in auto mode, and thinking
--- http_config
    upstream p { ccproxy; ccproxy_target bare m tools=auto; }
--- request eval: [(main::request('p', 'thinking', $::tools)) x 2]
--- error_code eval: [(200) x 2]
--- raw_response_headers_like eval: [qr/X-Up: 400, 400, 200\r\n/, qr/X-Up: 200\r\n/]
--- response_headers eval
[('X-Ccproxy-Note: refused by the model: tools (sent as text), thinking') x 2]
