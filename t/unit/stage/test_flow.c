
/*
 * Flow: whatever order a decoder sees, an encoder gets the one of
 * stage.h.  A row: what came in, what must come out, after eof if the
 * script ends with "eof".
 */

#include "ut_events.h"
#include "codec/exchange/exchange.h"
#include "codec/stage/stage.h"


typedef struct {
    const char  *name;
    const char  *in;
    const char  *want;
} ut_case_t;


#define UT_EARLY    "X:15:the upstream's answer ended early|."


static const ut_case_t  ut_cases[] = {

    /* the usual case */

    { "text passes as it came",
      "S{3,-1,-1}|B0T|D0:a|P|D0:b|E0|F:END|U:3,0,5|.",
      "S{3,-1,-1}|B0T|D0:a|P|D0:b|E0|F:END{3,0,5}|." },
    { "think, text and call in one answer",
      "S|B0K|D0:why|G0:sig|E0|B1T|D1:so|E1|B2C:get:c1|D2:{}|E2|F:TOOL|U:1,0,1|.",
      "S|B0K|D0:why|G0:sig|E0|B1T|D1:so|E1|B2C:get:c1|D2:{}|E2|F:TOOL{1,0,1}|." },
    { "an empty answer", "S|F:END|U:1,0,1|.", "S|F:END{1,0,1}|." },
    { "START is invented", "B0T|D0:a|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "START is invented for an empty answer", "F:END|U:1,0,1|.",
      "S|F:END{1,0,1}|." },
    { "a second START is ignored", "S|B0T|S{4,-1,-1}|D0:a|S|F:END|U:-1,-1,2|.",
      "S|B0T|D0:a|E0|F:END{4,-1,2}|." },
    { "a ping needs no START", "P|S|F:END|U:1,0,1|.", "P|S|F:END{1,0,1}|." },

    /* indexes: T05 */

    { "T05: indexes are renumbered", "S|B3T|D3:a|E3|B7T|D7:b|E7|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|B1T|D1:b|E1|F:END{1,0,1}|." },
    { "T05: one stop each", "S|B0T|D0:a|E0|E0|E5|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "T05: an index may come again",
      "S|B0T|D0:a|E0|B0T|D0:b|B0T|D0:c|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|B1T|D1:b|E1|B2T|D2:c|E2|F:END{1,0,1}|." },
    { "T05: a call's index may come again",
      "S|B0C:f:1|D0:{}|B0C:f:2|D0:[]|F:TOOL|U:1,0,1|.",
      "S|B0C:f:1|D0:{}|E0|B1C:f:2|D1:{}|E1|F:TOOL{1,0,1}|." },
    { "T05: a waiting call's index may come again",
      "S|B0C:f:1|B1C:f:2|D1:a|B1C:f:3|D1:b|E0|F:TOOL|U:1,0,1|.",
      "S|B0C:f:1|D0:{}|E0|B1C:f:2|D1:a|E1|B2C:f:3|D2:b|E2|F:TOOL{1,0,1}|." },
    { "T05: empty blocks take no index",
      "S|B0T|E0|B1K|E1|B2R|E2|B3T|D3:x|E3|F:END|U:1,0,1|.",
      "S|B0T|D0:x|E0|F:END{1,0,1}|." },
    { "a block of an unknown index gets nothing",
      "S|D4:x|G4:s|C4:1|B0T|D0:a|D9:y|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },

    /* arguments that are wrapped, or none */

    { "arguments: none, null, empty string and list",
      "S|B0C:f:1|E0|B1C:f:2|D1:nu|D1:ll|E1|B2C:f:3|J2:\\\"\\\"|E2|B3C:f:4|D3: []"
      "|E3|F:TOOL|U:1,0,1|.",
      "S|B0C:f:1|D0:{}|E0|B1C:f:2|D1:{}|E1|B2C:f:3|D2:{}|E2|B3C:f:4|D3:{}|E3"
      "|F:TOOL{1,0,1}|." },
    { "arguments: an object in a string and in a list",
      "S|B0C:f:1|D0:\"{\\\"a\\\":|D0:1}\"|E0|B1C:f:2|D1:[{}]|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:1|D0:{\"a\":1}|E0|B1C:f:2|D1:{}|E1|F:TOOL{1,0,1}|." },
    { "arguments that are no object stay the model's word",
      "S|B0C:f:1|D0:4|D0:2|E0|B1C:f:2|D1:[1,2]|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:1|D0:4|D0:2|E0|B1C:f:2|D1:[1,2]|E1|F:TOOL{1,0,1}|." },
    { "arguments that were cut are not mended",
      "S|B0C:f:1|D0:nul|E0!|F:LENGTH|U:1,0,1|.",
      "S|B0C:f:1|D0:nul|E0!|F:LENGTH{1,0,1}|." },

    /* one block open at a time: T04, T28 */

    { "T04: interleaved calls are put in order",
      "S|B0C:f:a|B1C:g:b|D0:{\"x\"|D1:{\"y\"|D0::1}|D1::2}|E0|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:{\"x\"|D0::1}|E0|B1C:g:b|D1:{\\\"y\\\":2}|E1|F:TOOL{1,0,1}|." },
    { "T04: the second call ends first",
      "S|B0C:f:a|B1C:g:b|D1:2|E1|D0:1|E0|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:1|E0|B1C:g:b|D1:2|E1|F:TOOL{1,0,1}|." },
    { "T04: nothing is ever stopped",
      "S|B0C:f:a|B1C:g:b|B2C:h:c|D2:3|D0:1|D1:2|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:1|E0|B1C:g:b|D1:2|E1|B2C:h:c|D2:3|E2|F:TOOL{1,0,1}|." },
    { "T04: a waiting call goes live in the middle",
      "S|B0C:f:a|B1C:g:b|D1:p|E0|D1:q|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|B1C:g:b|D1:p|D1:q|E1|F:TOOL{1,0,1}|." },
    { "T04: text that begins while a call is open waits",
      "S|B0C:f:a|D0:1|B1T|D1:x|D0:2|E0|D1:y|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:1|D0:2|E0|B1T|D1:x|D1:y|E1|F:TOOL{1,0,1}|." },
    { "T04: waiting texts follow in their order, empty ones don't",
      "S|B0C:f:a|B1T|D1:x|B2T|B3K|D3:z|G3:s|D1:w|E0|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|B1T|D1:xw|E1|B2K|D2:z|G2:s|E2|F:TOOL{1,0,1}|." },
    { "T04: a hosted call is waited for too",
      "S|B0H|D0:1|B1T|D1:x|D0:2|E0|E1|F:END|U:1,0,1|.",
      "S|B0H|D0:1|D0:2|E0|B1T|D1:x|E1|F:END{1,0,1}|." },
    { "T04: citations and log probabilities wait with their block",
      "S|B0C:f:a|B1T|D1:x|C1:{}|D1:y|L1:[]|E1|E0|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|B1T|D1:x|C1:{}|D1:y|L1:[]|E1|F:TOOL{1,0,1}|." },
    { "T28: reasoning and text share chunks",
      "S|B0K|D0:a|B1T|D1:x|D0:b|D1:y|F:END|U:1,0,1|.",
      "S|B0K|D0:a|E0|B1T|D1:x|E1|B2K|D2:b|E2|B3T|D3:y|E3|F:END{1,0,1}|." },
    { "T28: an interrupted text ends for good with its stop",
      "S|B0K|D0:a|B1T|D1:x|E0|D0:b|F:END|U:1,0,1|.",
      "S|B0K|D0:a|E0|B1T|D1:x|E1|F:END{1,0,1}|." },
    { "an opaque block is closed by the next",
      "S|B0X|B1T|D1:a|F:END|U:1,0,1|.", "S|B0X|E0|B1T|D1:a|E1|F:END{1,0,1}|." },

    /* what is not passed */

    { "empty deltas are dropped", "S|B0T|D0:|D0:a|J0:|D0:|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "a signature alone opens a block", "S|B0K|G0:s|E0|F:END|U:1,0,1|.",
      "S|B0K|G0:s|E0|F:END{1,0,1}|." },
    { "an empty signature does not", "S|B0K|G0:|E0|F:END|U:1,0,1|.",
      "S|F:END{1,0,1}|." },
    { "redacted thinking passes at once", "S|B0Z:blob|E0|F:END|U:1,0,1|.",
      "S|B0Z:blob|E0|F:END{1,0,1}|." },
    { "a signature on a call or text stays with it",
      "S|B0C:f:a|G0:s|D0:1|E0|B1T|D1:x|G1:t|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|G0:s|D0:1|E0|B1T|D1:x|G1:t|E1|F:TOOL{1,0,1}|." },
    { "a signature of a closed block is dropped",
      "S|B0K|D0:a|E0|G0:s|B1K|D1:b|B2T|D2:c|G1:s|F:END|U:1,0,1|.",
      "S|B0K|D0:a|E0|B1K|D1:b|E1|B2T|D2:c|E2|F:END{1,0,1}|." },
    { "a signature of a waiting block follows it",
      "S|B0C:f:a|B1C:g:b|G1:s|D0:1|E0|D1:2|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:1|E0|B1C:g:b|G1:s|D1:2|E1|F:TOOL{1,0,1}|." },
    { "a choice that was not asked for is dropped",
      "S|B0T|D0:a|1#B0T|1#D0:b|1#F:LENGTH|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "nothing passes after END",
      "S|B0T|D0:a|F:END|U:1,0,1|.|D0:b|P|X:1:no|.|eof",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },

    /* T35 */

    { "T35: a pair is kept together", "S|B0T|J0:a\\ud83d|J0:\\ude00b|F:END|U:1,0,1|.",
      "S|B0T|D0:a|D0:\\ud83d\\ude00|D0:b|E0|F:END{1,0,1}|." },
    { "T35: halves alone in their deltas",
      "S|B0T|J0:\\uD83D|J0:\\uDE00|F:END|U:1,0,1|.",
      "S|B0T|D0:\\uD83D\\uDE00|E0|F:END{1,0,1}|." },
    { "T35: pairs in a row",
      "S|B0T|J0:\\ud83d|J0:\\ude00\\ud83d|J0:\\ude01|F:END|U:1,0,1|.",
      "S|B0T|D0:\\ud83d\\ude00|D0:\\ud83d\\ude01|E0|F:END{1,0,1}|." },
    { "T35: the other half never comes", "S|B0T|J0:a\\ud83d|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:a|D0:\\ufffd|E0|F:END{1,0,1}|." },
    { "T35: something else comes", "S|B0T|J0:a\\ud83d|J0:b|F:END|U:1,0,1|.",
      "S|B0T|D0:a|D0:\\ufffd|D0:b|E0|F:END{1,0,1}|." },
    { "T35: a half and nothing else", "S|B0T|J0:\\ud83d|E0|F:END|U:1,0,1|.",
      "S|B0T|D0:\\ufffd|E0|F:END{1,0,1}|." },
    { "T35: an escaped backslash is no half",
      "S|B0C:f:a|J0:\\\\ud83d|J0:\\\\ude00|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:\\\\ud83d|D0:\\\\ude00|E0|F:TOOL{1,0,1}|." },
    { "T35: half of an escape of a plain text is text",
      "S|B0T|D0:\\ud83d|D0:x|F:END|U:1,0,1|.",
      "S|B0T|D0:\\ud83d|D0:x|E0|F:END{1,0,1}|." },
    { "T35: a pair in a waiting call",
      "S|B0C:f:a|B1C:g:b|J1:\\ud83d|D0:1|J1:\\ude00|E0|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:1|E0|B1C:g:b|D1:\\ud83d\\ude00|E1|F:TOOL{1,0,1}|." },
    { "T35: a pair over the border of the queue",
      "S|B0C:f:a|B1C:g:b|J1:x\\ud83d|D0:1|E0|J1:\\ude00|E1|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:1|E0|B1C:g:b|D1:x|D1:\\ud83d\\ude00|E1|F:TOOL{1,0,1}|." },

    /* calls: T09 */

    { "T09: a call without arguments", "S|B0C:f:a|E0|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|F:TOOL{1,0,1}|." },
    { "T09: a custom call without input stays empty",
      "S|B0Q:f:a|E0|F:TOOL|U:1,0,1|.", "S|B0Q:f:a|E0|F:TOOL{1,0,1}|." },
    { "T11: nothing is invented for a call that was cut",
      "S|B0C:f:a|F:LENGTH|U:1,0,1|.", "S|B0C:f:a|E0!|F:LENGTH{1,0,1}|." },
    { "T11: a stop that says it was cut",
      "S|B0C:f:a|E0!|F:LENGTH|U:1,0,1|.", "S|B0C:f:a|E0!|F:LENGTH{1,0,1}|." },
    { "T11: a waiting call that was cut",
      "S|B0C:f:a|B1C:g:b|D1:{|E0|F:LENGTH|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|B1C:g:b|D1:{|E1!|F:LENGTH{1,0,1}|." },
    { "T11: a waiting call that says so",
      "S|B0C:f:a|B1C:g:b|D1:{|E1!|E0|F:LENGTH|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|B1C:g:b|D1:{|E1!|F:LENGTH{1,0,1}|." },
    { "T11: a waiting call that was complete is not cut",
      "S|B0C:f:a|B1C:g:b|D1:{}|E1|D0:{|F:LENGTH|U:1,0,1|.",
      "S|B0C:f:a|D0:{|E0!|B1C:g:b|D1:{}|E1|F:LENGTH{1,0,1}|." },
    { "T11: a text that was cut", "S|B0T|D0:a|F:CONTEXT|U:1,0,1|.",
      "S|B0T|D0:a|E0!|F:CONTEXT{1,0,1}|." },

    /* stops: T10, T11 */

    { "T10: STOP with a call is TOOL", "S|B0C:f:a|E0|F:END|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|F:TOOL{1,0,1}|." },
    { "T10: a later STOP does not take TOOL away",
      "S|B0C:f:a|E0|F:TOOL|F:END|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|F:TOOL{1,0,1}|." },
    { "T10: a call beats a stop sequence", "S|B0C:f:a|E0|F:SEQ:x|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|F:TOOL{1,0,1}|." },
    { "TOOL without a call is END", "S|B0T|D0:a|F:TOOL|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "TOOL without a call hides no stop sequence",
      "S|B0T|D0:a|F:SEQ:x|F:TOOL|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:SEQ:x{1,0,1}|." },
    { "a hosted call does not make TOOL", "S|B0H|E0|F:END|U:1,0,1|.",
      "S|B0H|E0|F:END{1,0,1}|." },
    { "T11: LENGTH beats TOOL", "S|B0C:f:a|D0:{|F:TOOL|F:LENGTH|U:1,0,1|.",
      "S|B0C:f:a|D0:{|E0!|F:LENGTH{1,0,1}|." },
    { "T11: and stays", "S|B0C:f:a|D0:{|F:LENGTH|F:TOOL|F:END|U:1,0,1|.",
      "S|B0C:f:a|D0:{|E0!|F:LENGTH{1,0,1}|." },
    { "FILTER beats TOOL", "S|B0C:f:a|E0|F:FILTER:why|F:TOOL|U:1,0,1|.",
      "S|B0C:f:a|D0:{}|E0|F:FILTER:why{1,0,1}|." },
    { "the stop's text goes with the stop", "S|F:SEQ:a|F:REFUSAL:b|F:SEQ:c|U:1,0,1|.",
      "S|F:REFUSAL:b{1,0,1}|." },
    { "a FINISH twice is one", "S|B0T|D0:a|F:END|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "text after FINISH passes on", "S|B0T|D0:a|F:END|D0:b|E0|B1T|D1:c|U:1,0,1|.",
      "S|B0T|D0:a|D0:b|E0|B1T|D1:c|E1|F:END{1,0,1}|." },

    /* usage: T33 */

    { "T33: usage after FINISH", "S|F:END|U:5,-1,6|.", "S|F:END{5,-1,6}|." },
    { "T33: last non-zero member wins",
      "S|U:5,2,1|U:0,0,7|U:-1,-1,0|F:END|.", "S|F:END{5,2,7}|." },
    { "T33: cumulative, not added", "S|U:5,0,1|U:5,0,2|U:5,0,3|F:END|.",
      "S|F:END{5,0,3}|." },
    { "T33: a zero is better than nothing", "S|U:-1,0,-1|F:END|.",
      "S|F:END{-1,0,-1}|." },
    { "START's usage is merged", "S{9,4,-1}|F:END|U:-1,-1,2|.",
      "S{9,4,-1}|F:END{9,4,2}|." },
    { "no usage at all is estimated", "S|B0T|D0:12345|F:END|.",
      "S|B0T|D0:12345|E0|F:END~{11,-1,2}|." },

    /* ends: T37 */

    { "T37: eof without a finish reason", "S|B0T|D0:a|eof",
      "S|B0T|D0:a|" UT_EARLY },
    { "T37: eof of nothing", "eof", UT_EARLY },
    { "T37: eof after START", "S|P|eof", "S|P|" UT_EARLY },
    { "T37: eof with a call open", "S|B0C:f:a|D0:{|B1C:g:b|eof",
      "S|B0C:f:a|D0:{|" UT_EARLY },
    { "T37: a finish reason is complete without END",
      "S|B0T|D0:a|F:END|U:1,0,1|eof", "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "T37: END without a finish reason", "S|B0T|D0:a|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "T37: END without a finish reason after calls",
      "S|B0C:f:a|D0:1|U:1,0,1|.", "S|B0C:f:a|D0:1|E0|F:TOOL{1,0,1}|." },
    { "an error first", "X:11:no|.", "X:11:no|." },
    { "an error mid-way leaves the block open", "S|B0T|D0:a|X:12:busy|.",
      "S|B0T|D0:a|X:12:busy|." },
    { "an error after FINISH wins", "S|B0T|D0:a|F:LENGTH|X:12:busy|.|eof",
      "S|B0T|D0:a|X:12:busy|." },
    { "the second error is dropped", "S|X:12:busy|X:11:no|.|.",
      "S|X:12:busy|." },
    { "an error ends without END too", "S|X:12:busy|eof", "S|X:12:busy|." }
};


/* With two choices asked for. */

static const ut_case_t  ut_choices[] = {
    { "each choice has its blocks and FINISH",
      "S|B0T|D0:a|1#B0T|1#D0:b|D0:c|1#D0:d|F:END|1#F:LENGTH|U:1,0,2|.",
      "S|B0T|D0:a|1#B0T|1#D0:b|D0:c|1#D0:d|E0|F:END|1#E0!"
      "|1#F:LENGTH{1,0,2}|." },
    { "each queues for itself",
      "S|B0C:f:a|B1C:g:b|D1:2|1#B0T|1#D0:x|D0:1|E0|1#E0|F:TOOL|1#F:END"
      "|U:1,0,2|.",
      "S|B0C:f:a|1#B0T|1#D0:x|D0:1|E0|B1C:g:b|D1:2|1#E0|E1|F:TOOL"
      "|1#F:END{1,0,2}|." },
    { "a third is dropped", "S|B0T|D0:a|2#B0T|2#D0:z|F:END|U:1,0,1|.",
      "S|B0T|D0:a|E0|F:END{1,0,1}|." },
    { "T37: one choice without a finish reason",
      "S|B0T|D0:a|1#B0T|1#D0:b|F:END|eof",
      "S|B0T|D0:a|1#B0T|1#D0:b|" UT_EARLY }
};


static void
ut_run(const ut_case_t *c, int64_t n, int merge, size_t split)
{
    int           eof;
    char         *in, *p;
    ccp_arena_t  *a;
    ut_trace_t    t;
    ut_stage_t    s;
    ccp_flow_t   *f;
    ccp_sink_t    out, flow;

    a = ut_arena();
    ut_stage_init(&s, a);
    s.req.n = n;
    ut_trace_init(&t, merge);

    out.fn = ut_trace_event;
    out.ctx = &t;
    f = ccp_flow_create(&s.ac, out, 0);
    flow.fn = ccp_flow_event;
    flow.ctx = f;

    in = strdup(c->in);
    p = strstr(in, "eof");
    eof = (p != NULL);
    if (eof) {
        *p = '\0';
    }

    ut_play_split(in, &flow, split);

    if (eof) {
        ccp_flow_eof(f);
    }

    UT_CHECK(strcmp(ut_trace(&t), c->want) == 0, "%s", c->name);

    if (strcmp(ut_trace(&t), c->want) != 0) {
        printf("# got  %s\n# want %s\n", ut_trace(&t), c->want);
    }

    UT_CHECK(ccp_flow_done(f), "%s: done", c->name);

    free(in);
    ut_trace_free(&t);
    ccp_arena_destroy(a);
}


/* State that the caller asks for. */

static void
ut_state(void)
{
    ccp_arena_t  *a;
    ut_trace_t    t;
    ut_stage_t    s;
    ccp_flow_t   *f;
    ccp_sink_t    out, flow;

    a = ut_arena();
    ut_stage_init(&s, a);
    ut_trace_init(&t, 0);
    out.fn = ut_trace_event;
    out.ctx = &t;
    f = ccp_flow_create(&s.ac, out, 0);
    flow.fn = ccp_flow_event;
    flow.ctx = f;

    ut_play("P|S|B0T", &flow);
    UT_CHECK(!ccp_flow_started(f), "no content by an empty block");
    ut_play("D0:x", &flow);
    UT_CHECK(ccp_flow_started(f), "content by its first byte");
    UT_CHECK(ccp_flow_stop(f) == CCP_STOP_NONE, "no stop yet");
    ut_play("F:LENGTH|U:7,0,9", &flow);
    UT_CHECK(ccp_flow_stop(f) == CCP_STOP_LENGTH, "the stop");
    UT_CHECK(ccp_flow_usage(f)->out_total == 9, "usage so far");
    UT_CHECK(!ccp_flow_done(f), "FINISH is held");
    UT_CHECK(ccp_flow_eof(f) == CCP_OK && ccp_flow_done(f), "done by eof");
    UT_CHECK(ccp_flow_eof(f) == CCP_OK, "eof twice");
    UT_CHECK(strstr(ut_trace(&t), "F:LENGTH{7,0,9}|.") != NULL,
             "FINISH and END once: %s", ut_trace(&t));

    ut_trace_free(&t);
    ccp_arena_destroy(a);
}


static void
ut_names(void)
{
    size_t        n;
    const char   *p;
    ccp_arena_t  *a;
    ut_trace_t    t;
    ut_stage_t    s;
    ccp_flow_t   *f;
    ccp_name_t    name;
    ccp_sink_t    out, flow;

    static const struct {
        ccp_proto_e  proto;
        const char  *prefix;
        size_t       n;
    } ids[] = {
        { CCP_ANTHROPIC, "B1C:f:toolu_", 24 }, { CCP_CHAT, "B1C:f:call_", 24 },
        { CCP_RESPONSES, "B1C:f:call_", 24 }, { CCP_OLLAMA, "B1C:f:call_", 8 }
    };

    for (n = 0; n < sizeof(ids) / sizeof(ids[0]); n++) {
        a = ut_arena();
        ut_stage_init(&s, a);
        ut_trace_init(&t, 0);
        s.req.proto = ids[n].proto;
        s.ac.client = ccp_proto_ops(s.req.proto);

        memset(&name, 0, sizeof(name));
        name.wire = ccp_lit("ns__get");
        name.client = ccp_lit("get");
        name.space = ccp_lit("ns");
        s.ac.names = &name;

        out.fn = ut_trace_event;
        out.ctx = &t;
        f = ccp_flow_create(&s.ac, out, 0);
        flow.fn = ccp_flow_event;
        flow.ctx = f;

        ut_play("S|B0C:ns__get:x|E0|B1C:f|E1|B2C:f:|F:TOOL|.", &flow);

        UT_CHECK(strstr(ut_trace(&t), "B0C:ns/get:x|") != NULL,
                 "T14: the client's name of a tool");

        p = strstr(ut_trace(&t), ids[n].prefix);
        UT_CHECK(p != NULL && strcspn(p + strlen(ids[n].prefix), "|")
                 == ids[n].n, "T12: a missing id is made: %s", ut_trace(&t));
        UT_CHECK(strstr(ut_trace(&t), "B2C:f:|") == NULL,
                 "T12: an empty one too");

        ut_trace_free(&t);
        ccp_arena_destroy(a);
    }
}


/* The queue is bounded, and what it held is free for others afterwards. */

static void
ut_limit(void)
{
    int           rc, k;
    char          big[1200];
    ccp_arena_t  *a;
    ut_trace_t    t;
    ut_stage_t    s;
    ccp_flow_t   *f;
    ccp_sink_t    out, flow;

    a = ut_arena();
    ut_stage_init(&s, a);
    ut_trace_init(&t, 1);
    out.fn = ut_trace_event;
    out.ctx = &t;
    f = ccp_flow_create(&s.ac, out, 4096);
    flow.fn = ccp_flow_event;
    flow.ctx = f;

    memset(big, 'x', sizeof(big));
    memcpy(big, "D1:", 3);
    big[sizeof(big) - 1] = '\0';

    rc = ut_play("S", &flow);

    for (k = 0; k < 10; k++) {
        rc |= ut_play("B0C:f:a|B1C:g:b", &flow);
        rc |= ut_play(big, &flow);
        rc |= ut_play(big, &flow);
        rc |= ut_play("E0|E1", &flow);
    }

    UT_CHECK(rc == CCP_OK, "what was passed does not count any more");

    ut_play("B0C:f:a|B1C:g:b", &flow);

    for (k = 0, rc = CCP_OK; k < 10 && rc == CCP_OK; k++) {
        rc = ut_play(big, &flow);
    }

    UT_CHECK(rc == CCP_NOMEM && k >= 2 && k <= 4, "the queue is bounded (%d)",
             k);

    for (k = 0, rc = CCP_OK; k < 100 && rc == CCP_OK; k++) {
        rc = ut_play("B2C:f:a", &flow);
    }

    UT_CHECK(rc == CCP_NOMEM, "its blocks count too");

    ut_trace_free(&t);
    ccp_arena_destroy(a);
}


/* Once buffers have grown, a stream takes no more memory. */

static void
ut_steady(void)
{
    int          k;
    long         count;
    ut_mem_t     m;
    ccp_mem_t    mem;
    ut_trace_t   t;
    ut_stage_t   s;
    ccp_flow_t  *f;
    ccp_sink_t   out, flow;
    ccp_arena_t *a;

    ut_mem_init(&m);
    mem = ut_mem(&m);
    a = ccp_arena_create(&mem, 0);
    ut_stage_init(&s, a);
    ut_trace_init(&t, 0);
    out.fn = ut_trace_event;
    out.ctx = &t;
    f = ccp_flow_create(&s.ac, out, 0);
    flow.fn = ccp_flow_event;
    flow.ctx = f;

    ut_play("S", &flow);
    count = 0;

    for (k = 0; k < 200; k++) {
        ut_play("B0K|D0:a|J0:\\ud83d|J0:\\ude00|B1T|D1:x|B2C:f:a|D2:1|B3C:g:b"
                "|D3:2|D2:3|E2|E3", &flow);
        if (k == 5) {
            count = m.count;
        }
    }

    UT_CHECK(m.count == count, "no allocation in a running stream");

    ut_trace_free(&t);
    ccp_arena_destroy(a);
    UT_CHECK(m.live == 0, "all given back");
}


static int
ut_flow_mem(const ccp_mem_t *mem, void *arg)
{
    int           rc;
    ut_stage_t    s;
    ut_trace_t    t;
    ccp_flow_t   *f;
    ccp_sink_t    out, flow;
    ccp_arena_t  *a;

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    ut_stage_init(&s, a);
    s.req.n = 2;
    ut_trace_init(&t, 0);

    out.fn = ut_trace_event;
    out.ctx = &t;
    f = ccp_flow_create(&s.ac, out, 0);
    rc = CCP_NOMEM;

    if (f) {
        flow.fn = ccp_flow_event;
        flow.ctx = f;
        rc = ut_play(arg, &flow);

        if (rc == CCP_OK) {
            rc = ccp_flow_eof(f);
        }
    }

    ut_trace_free(&t);
    ccp_arena_destroy(a);

    return rc;
}


/* The next stage runs out of memory at each event in turn. */

static void
ut_flow_refused(const char *script)
{
    int           rc;
    long          n;
    ut_stage_t    s;
    ut_trace_t    t;
    ccp_flow_t   *f;
    ccp_sink_t    out, flow;
    ccp_arena_t  *a;

    for (n = 0, rc = CCP_NOMEM; rc != CCP_OK && n < 1000; n++) {
        a = ut_arena();
        ut_stage_init(&s, a);
        ut_trace_init(&t, 0);
        t.fail_after = n;

        out.fn = ut_trace_event;
        out.ctx = &t;
        f = ccp_flow_create(&s.ac, out, 0);
        flow.fn = ccp_flow_event;
        flow.ctx = f;

        rc = ut_play(script, &flow);

        if (rc != CCP_OK && rc != CCP_NOMEM) {
            UT_CHECK(0, "refused event %ld: result %d", n, rc);
        }

        ut_trace_free(&t);
        ccp_arena_destroy(a);
    }

    UT_CHECK(rc == CCP_OK && n > 10, "each of %ld events refused once", n);
}


int
main(void)
{
    size_t  i;

    static const char  all[] =
        "S{3,0,1}|P|B0K|D0:a|J0:\\ud83d|J0:\\ude00|G0:s|B1T|D1:x|C1:{}|D0:z"
        "|B2C:f:a|D2:1|B3C:g|D3:2|G3:s|L3:[]|B4T|D4:x|B5K|D5:y|E3|D2:3|E2"
        "|1#B0T|1#D0:x|F:SEQ:abc|1#F:REFUSAL:no|U:1,2,3|.";

    for (i = 0; i < sizeof(ut_cases) / sizeof(ut_cases[0]); i++) {
        ut_run(&ut_cases[i], CCP_UNSET_INT, 0, 0);
    }

    for (i = 0; i < sizeof(ut_choices) / sizeof(ut_choices[0]); i++) {
        ut_run(&ut_choices[i], 2, 0, 0);
    }

    ut_state();
    ut_names();
    ut_limit();
    ut_steady();

    ut_fail_each("flow", ut_flow_mem, (void *) all);
    ut_flow_refused(all);

    return ut_done();
}
