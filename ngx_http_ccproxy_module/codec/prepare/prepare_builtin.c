
/*
 * Built-in tools that the client runs itself: their providers know the input
 * by the tool's type, others must be told it as a function's schema.
 */

#include "codec/prepare/prepare.h"


#define CCP_S(name, desc)                                                     \
    "\"" name "\":{\"type\":\"string\",\"description\":\"" desc "\"}"
#define CCP_I(name, desc)                                                     \
    "\"" name "\":{\"type\":\"integer\",\"description\":\"" desc "\"}"
#define CCP_STRINGS(name, desc)                                               \
    "\"" name "\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"       \
    "\"description\":\"" desc "\"}"
#define CCP_INTS(name, desc)                                                  \
    "\"" name "\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},"      \
    "\"description\":\"" desc "\"}"
#define CCP_ENUM(name, values)                                                \
    "\"" name "\":{\"type\":\"string\",\"enum\":[" values "]}"
#define CCP_O(members, required)                                              \
    "{\"type\":\"object\",\"properties\":{" members "},\"required\":["        \
    required "]}"

/* What the two editors of files have in common. */
#define CCP_EDIT                                                              \
    CCP_S("path", "File or directory") ","                                    \
    CCP_S("file_text", "create: the whole content") ","                       \
    CCP_S("old_str", "str_replace: text that stands there once") ","          \
    CCP_S("new_str", "str_replace: text in its place") ","                    \
    CCP_I("insert_line", "insert: the line it goes behind, or 0") ","         \
    CCP_S("insert_text", "insert: the text") ","                              \
    CCP_INTS("view_range", "view: first and last line, -1 for the end")


typedef struct {
    const char  *type;         /* with "_" at its end: a dated family */
    const char  *desc;
    const char  *schema;
} ccp_builtin_t;


static const ccp_builtin_t  ccp_builtins[] = {
    { "bash_",
      "Runs a command in a shell that stays open between calls.",
      CCP_O(CCP_S("command", "The command; not needed with restart") ","
            "\"restart\":{\"type\":\"boolean\","
            "\"description\":\"Start the shell anew\"}", "") },

    { "text_editor_",
      "Shows, creates and edits text files.",
      CCP_O(CCP_ENUM("command", "\"view\",\"create\",\"str_replace\","
                     "\"insert\"") "," CCP_EDIT,
            "\"command\",\"path\"") },

    { "memory_",
      "Keeps notes in files that outlive the conversation.",
      CCP_O(CCP_ENUM("command", "\"view\",\"create\",\"str_replace\","
                     "\"insert\",\"delete\",\"rename\"") "," CCP_EDIT ","
            CCP_S("old_path", "rename: from") ","
            CCP_S("new_path", "rename: to"),
            "\"command\"") },

    { "computer_",
      "Acts on a screen by mouse and keyboard and looks at it.",
      CCP_O(CCP_ENUM("action", "\"screenshot\",\"left_click\","
                     "\"right_click\",\"middle_click\",\"double_click\","
                     "\"triple_click\",\"mouse_move\",\"left_click_drag\","
                     "\"left_mouse_down\",\"left_mouse_up\",\"scroll\","
                     "\"key\",\"hold_key\",\"type\",\"wait\","
                     "\"cursor_position\",\"zoom\"") ","
            CCP_INTS("coordinate", "x and y in pixels") ","
            CCP_INTS("start_coordinate", "left_click_drag: from") ","
            CCP_S("text", "type: the text; key, hold_key: the keys") ","
            "\"duration\":{\"type\":\"number\","
            "\"description\":\"wait, hold_key: seconds\"},"
            CCP_ENUM("scroll_direction", "\"up\",\"down\",\"left\","
                     "\"right\"") ","
            CCP_I("scroll_amount", "scroll: clicks of the wheel") ","
            CCP_INTS("region", "zoom: x1, y1, x2, y2"),
            "\"action\"") },

    { "local_shell",
      "Runs a program on the user's machine.",
      CCP_O(CCP_STRINGS("command", "The program and its arguments") ","
            CCP_I("timeout_ms", "Time limit in milliseconds") ","
            CCP_S("working_directory", "Where it runs") ","
            "\"env\":{\"type\":\"object\",\"properties\":{},"
            "\"additionalProperties\":{\"type\":\"string\"},"
            "\"description\":\"Environment variables\"},"
            CCP_S("user", "Who runs it"),
            "\"command\"") },

    { "shell",
      "Runs shell commands.",
      CCP_O(CCP_STRINGS("commands", "The commands, in order") ","
            CCP_I("timeout_ms", "Time limit in milliseconds") ","
            CCP_I("max_output_length", "Most characters of output wanted"),
            "\"commands\"") },

    { "apply_patch",
      "Creates, changes or deletes one file.",
      CCP_O(CCP_ENUM("type", "\"create_file\",\"update_file\","
                     "\"delete_file\"") ","
            CCP_S("path", "The file, from the root of the workspace") ","
            CCP_S("diff", "The change as a V4A diff; not for delete_file"),
            "\"type\",\"path\"") },

    { NULL, NULL, NULL }
};


ccp_str_t
ccp_builtin_schema(ccp_str_t type, ccp_str_t *desc)
{
    size_t                n;
    const ccp_builtin_t  *b;

    *desc = ccp_none;

    for (b = ccp_builtins; type.p != NULL && b->type != NULL; b++) {
        n = strlen(b->type);

        if (b->type[n - 1] == '_' ? ccp_str_starts(type, b->type)
                                  : ccp_str_is(type, b->type))
        {
            *desc = ccp_cstr(b->desc);
            return ccp_cstr(b->schema);
        }
    }

    return ccp_none;
}


/* A tool that a provider runs is chosen by its type where it has no name. */

int
ccp_tool_forced(const ccp_request_t *r, const ccp_tool_t *t)
{
    return r->tool_choice.mode == CCP_TC_NAMED
           && (ccp_str_eq(r->tool_choice.name, t->name)
               || (t->kind == CCP_T_HOSTED
                   && ccp_str_eq(r->tool_choice.name, t->type)));
}


int
ccp_tool_searches(const ccp_tool_t *t)
{
    return t->kind == CCP_T_HOSTED
           && (ccp_str_starts(t->type, "web_search")
               || ccp_str_starts(t->type, "googleSearch")
               || ccp_str_starts(t->type, "google_search")
               || ccp_str_is(t->type, "enterpriseWebSearch"));
}
