# The configuration of what is changed in requests: parameters and quirks of
# providers, prompt tools of locations.  Each mistake is refused as in
# 001-config.t.
use Test::Nginx::Socket 'no_plan';

use FindBin ();
BEGIN { require "$FindBin::Bin/lib/ConfigFile.pm" }


repeat_each(1);
no_shuffle();
no_long_string();

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

add_block_preprocessor(sub {
    my ($block) = @_;
    ConfigFile::of($block, $block->conf, $block->refused, $block->line);
});

run_tests();

__DATA__

=== TEST 1: a parameter that the module writes itself
--- conf
ccproxy_provider x { preset groq; key k;
    param temperature 1;
    param messages.0 1;
}
--- refused: "param messages.0" can't be set: the module itself writes this member for each request
--- line: 3



=== TEST 2: the same in Gemini's body
--- conf
ccproxy_provider x {
    default contents '[]';
    protocol gemini; url http://127.0.0.1:9/v1beta;
}
--- refused: "default contents" can't be set
--- line: 2



=== TEST 3: a value that is no JSON
--- conf
ccproxy_provider x { preset groq;
    param response_format '{"type":json}';
}
--- refused: the value of "response_format" is no JSON: unexpected character at byte 8; put single quotes
--- line: 2



=== TEST 4: a value that the parser takes apart
--- conf
ccproxy_provider x { preset groq;
    param stop a b;
}
--- refused: unknown word "b": write "param NAME VALUE [model=PATTERN]...;", a VALUE with blanks
--- line: 2



=== TEST 5: a default that is null
--- conf
ccproxy_provider x { preset groq;
    default stop null;
}
--- refused: "default" can't be null: "param NAME null;" leaves a member out
--- line: 2



=== TEST 6: a parameter without a name
--- conf
ccproxy_provider x { preset groq;
    param options..num_ctx 1;
}
--- refused: "param" needs the name of a member of the body, such as "temperature" or "options.num_ctx"
--- line: 2



=== TEST 7: a parameter inside of another
--- conf
ccproxy_provider x { preset groq; key k;
    default a '{"b":1}';
    param a.c 1;
}
--- refused: "param a.c" stands beside "default a" of line 2 and names a part of the other
--- line: 3



=== TEST 8: a parameter that is never used
--- conf
ccproxy_provider x { preset groq; key k;
    param a 1;
    param a 2 model=x*;
}
--- refused: "param a" stands beside "param a" of line 2 and is never used
--- line: 3



=== TEST 9: an unknown quirk
--- conf
ccproxy_provider x { preset groq; key k;
    quirk max_fields x;
}
--- refused: unknown quirk "max_fields"; there are max_field, max_lo, max_hi,
--- line: 2



=== TEST 10: a quirk that is the preset's alone
--- conf
ccproxy_provider x { preset groq; key k;
    quirk base https://a.example;
}
--- refused: unknown quirk "base"; there are
--- line: 2



=== TEST 11: a quirk with a word that is none
--- conf
ccproxy_provider x {
    quirk id alnum10;
    preset groq; key k;
}
--- refused: quirk "id" can't be "alnum10": write any,alnum9,safe64,max40
--- line: 2



=== TEST 12: a quirk that is on or off
--- conf
ccproxy_provider x { preset groq; key k;
    quirk bridge yes;
}
--- refused: quirk "bridge" can't be "yes": write on or off
--- line: 2



=== TEST 13: a quirk that is a number
--- conf
ccproxy_provider x { preset groq; key k;
    quirk name_max many;
}
--- refused: quirk "name_max" can't be "many": write a number
--- line: 2



=== TEST 14: a quirk that is pairs
--- conf
ccproxy_provider x { preset groq; key k;
    quirk rename seed;
}
--- refused: quirk "rename" can't be "seed": write pairs by comma: seed:random_seed
--- line: 2



=== TEST 15: a quirk set twice
--- conf
ccproxy_provider x { preset groq; key k;
    quirk bridge on;
    quirk bridge off;
}
--- refused: quirk "bridge" is set in line 2 already
--- line: 3



=== TEST 16: a prompt in an unknown way
--- conf
ccproxy_prompt append x;
--- refused: "ccproxy_prompt" directive is to be written "ccproxy_prompt enhance|replace TEXT|file:PATH [position=system|user] [match=PATTERN];"
--- line: 1



=== TEST 17: a prompt in an unknown place
--- conf
ccproxy_prompt enhance x position=end;
--- refused: "ccproxy_prompt" directive is to be written
--- line: 1



=== TEST 18: a prompt without a text
--- conf
ccproxy_prompt enhance "";
--- refused: "ccproxy_prompt" directive needs a text that is not empty
--- line: 1



=== TEST 19: a prompt in a file that isn't there
--- conf
ccproxy_prompt replace file:/nonexistent/prompt;
--- refused: can't read the prompt in "/nonexistent/prompt"
--- line: 1



=== TEST 20: a prompt that is a directory
--- conf
ccproxy_prompt replace /tmp;
--- refused: "/tmp" is no file of 1 MB at most
--- line: 1



=== TEST 21: a replacement of nothing
--- conf
ccproxy_replace "" x;
--- refused: "ccproxy_replace" directive needs what is to be replaced
--- line: 1



=== TEST 22: a replacement without its text
--- conf
ccproxy_replace x;
--- refused: write "ccproxy_replace FROM TO;"
--- line: 1



=== TEST 23: an expression that is none
--- conf
ccproxy_replace "~a(b" x;
--- refused: can't replace "~a(b" by "x": at byte 4: missing closing parenthesis
--- line: 1



=== TEST 24: a replacement that refers to nothing
--- conf
ccproxy_replace "~a" "${";
--- refused: can't replace "~a" by "${": invalid replacement string
--- line: 1



=== TEST 25: a ratio that is none
--- conf
ccproxy_temperature_ratio hot;
--- refused: "ccproxy_temperature_ratio" directive needs a number from 0 to 100, such as 0.8
--- line: 1



=== TEST 26: a ratio below zero
--- conf
ccproxy_temperature_ratio -1;
--- refused: "ccproxy_temperature_ratio" directive needs a number
--- line: 1



=== TEST 27: a ratio given twice
--- conf
ccproxy_temperature_ratio 1;
ccproxy_temperature_ratio 2;
--- refused: "ccproxy_temperature_ratio" directive is duplicate
--- line: 2



=== TEST 28: a quirk that is statuses
--- conf
ccproxy_provider x { preset groq; key k;
    quirk e_key 401,unauthorized;
}
--- refused: quirk "e_key" can't be "401,unauthorized": write statuses by comma
--- line: 2



=== TEST 29: a quirk that would break the request line
--- conf
ccproxy_provider x { preset groq; key k;
    quirk query "a=b c";
}
--- refused: quirk "query" can't be "a=b c": write a query: api-version=2024-10-21
--- line: 2



=== TEST 30: a replacement with a group that the expression lacks
--- conf
ccproxy_replace "~(a)b" "$1 $2";
--- refused: can't replace "~(a)b" by "$1 $2"
--- line: 1
