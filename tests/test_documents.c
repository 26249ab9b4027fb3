/* Documents and field tables: what is read, what is refused, and where the blame is laid. */
#include "t.h"
#include <cit/case.h>
#include <cit/protocol.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Parses text that must be right; the caller frees. */
static cit_doc *parsed(const char *text) {
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_parse("f", text, strlen(text), &doc, &errs);
    CHECK(st == CIT_OK, "'%s' is refused: %s %s", text, errs.items[0].where, errs.items[0].text);
    CHECK(errs.count == 0, "accepted, with the fault: %s", errs.items[0].text);
    return doc;
}

static const cit_node *child(const cit_node *parent, int place) {
    const cit_node *n = parent->first;
    while (place-- > 0 && n != NULL) n = n->next;
    CHECK(n != NULL, "a list or map of %d is too short", parent->count);
    return n;
}

static void check_fault(const cit_errors *errs, int place, const char *where, const char *text) {
    CHECK(place < errs->count, "only %d faults; '%s' is missing", errs->count, text);
    CHECK(strcmp(errs->items[place].where, where) == 0, "'%s' is blamed on %s, not on %s",
          errs->items[place].text, errs->items[place].where, where);
    CHECK(strstr(errs->items[place].text, text) != NULL, "%s: '%s' does not say '%s'", where,
          errs->items[place].text, text);
}

/* ---- the tree ------------------------------------------------------------------------------ */

static void check_node(const cit_node *n, cit_node_kind kind, int line, int column,
                       const char *text) {
    CHECK(n->kind == kind, "kind %d at %d:%d, not %d", n->kind, n->mark.line, n->mark.column, kind);
    CHECK(n->mark.line == line && n->mark.column == column, "at %d:%d, not at %d:%d", n->mark.line,
          n->mark.column, line, column);
    CHECK(text ? n->text != NULL && strcmp(n->text, text) == 0 : n->text == NULL,
          "at %d:%d stands '%s'", line, column, n->text ? n->text : "(nothing)");
}

static void check_key(const cit_node *n, int line, int column, const char *key) {
    CHECK(n->key != NULL && strcmp(n->key, key) == 0, "key '%s', not '%s'",
          n->key ? n->key : "(none)", key);
    CHECK(n->key_mark.line == line && n->key_mark.column == column, "key '%s' at %d:%d", key,
          n->key_mark.line, n->key_mark.column);
}

static void every_node_knows_its_line_and_column(void **state) {
    cit_doc *doc = parsed("# a comment\n"
                          "answer: no\n"
                          "list:\n"
                          "  - 007   # stays text\n"
                          "  - {a: 1, b: [x, y]}\n"
                          "empty:\n"
                          "'quoted key': \"two\\n\\u00b5\"\n"
                          "\xc2\xb5\xc2\xb5: 5 \xc2\xb5m\n"
                          "folded: >\n"
                          "  one\n"
                          "  two\n");
    const cit_node *root = cit_doc_root(doc), *list = child(root, 1), *map = child(list, 1);
    (void)state;
    CHECK(strcmp(cit_doc_name(doc), "f") == 0, "its name is '%s'", cit_doc_name(doc));
    check_node(root, CIT_NODE_MAP, 2, 1, NULL);
    CHECK(root->count == 6, "%d entries", root->count);
    check_node(child(root, 0), CIT_NODE_SCALAR, 2, 9, "no");
    check_key(child(root, 0), 2, 1, "answer");
    check_node(list, CIT_NODE_LIST, 4, 3, NULL);
    check_key(list, 3, 1, "list");
    CHECK(list->count == 2, "%d in the list", list->count);
    check_node(child(list, 0), CIT_NODE_SCALAR, 4, 5, "007");
    CHECK(child(list, 0)->key == NULL, "in a list, the key '%s'", child(list, 0)->key);
    check_node(map, CIT_NODE_MAP, 5, 5, NULL);
    check_key(child(map, 1), 5, 12, "b");
    check_node(child(child(map, 1), 1), CIT_NODE_SCALAR, 5, 19, "y");
    CHECK(child(child(map, 1), 1)->next == NULL, "something follows the last");
    check_node(child(root, 2), CIT_NODE_SCALAR, 6, 7, "");
    check_node(child(root, 3), CIT_NODE_SCALAR, 7, 15, "two\n\xc2\xb5");
    check_key(child(root, 3), 7, 1, "quoted key");
    check_node(child(root, 4), CIT_NODE_SCALAR, 8, 5, "5 \xc2\xb5m"); /* letters, not bytes */
    check_node(child(root, 5), CIT_NODE_SCALAR, 9, 9, "one two\n");
    cit_doc_free(doc);
}

static void json_is_read_too(void **state) {
    cit_doc *doc = parsed("{\"a\":1,\n\t\"b\" : [true, null, \"\\u00e9\\/\"],\n\t\"c\": {}}\n");
    const cit_node *root = cit_doc_root(doc), *b = child(root, 1);
    (void)state;
    check_node(root, CIT_NODE_MAP, 1, 1, NULL);
    check_node(child(root, 0), CIT_NODE_SCALAR, 1, 6, "1");
    check_key(b, 2, 2, "b");
    check_node(child(b, 1), CIT_NODE_SCALAR, 2, 15, "null");
    check_node(child(b, 2), CIT_NODE_SCALAR, 2, 21, "\xc3\xa9/");
    check_node(child(root, 2), CIT_NODE_MAP, 3, 7, NULL);
    cit_doc_free(doc);
}

static void line_ends_and_byte_order_marks_do_not_matter(void **state) {
    static const char *const texts[] = {"a: 1\nb: 2\n", "a: 1\r\nb: 2\r\n", "a: 1\rb: 2",
                                        "\357\273\277a: 1\nb: 2",
                                        "%YAML 1.1\r\n---\r\na: 1\r\nb: 2\r\n...\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cit_doc *doc = parsed(texts[i]);
        const int first = i == 4 ? 3 : 1;
        check_node(child(cit_doc_root(doc), 0), CIT_NODE_SCALAR, first, 4, "1");
        check_node(child(cit_doc_root(doc), 1), CIT_NODE_SCALAR, first + 1, 4, "2");
        cit_doc_free(doc);
    }
}

/* ---- refusals ------------------------------------------------------------------------------ */

static const char bad_byte[] = "does not belong in a text file";
static const char not_yaml[] = "not readable as YAML: ";

static const struct {
    const char *bytes, *where, *text;
    size_t size; /* 0: up to the NUL */
} refusals[] = {
    {"", "f", "is empty", 0},
    {"\n\n", "f", "is empty", 0},
    {"# nothing else\n", "f", "is empty", 0},
    {"\xef\xbb\xbf", "f", "is empty", 0},
    {"a: 1\na: 2\n", "f:2:1", "key 'a' is here twice", 0},
    {"{b: {a: 1, 'a': 2}}", "f:1:12", "key 'a' is here twice", 0},
    {"a: 1\n---\nb: 2\n", "f:2:1", "a second document begins", 0},
    {"a: 1\n...\n---\n", "f:3:1", "a second document begins", 0},
    {"a: &x 1\n", "f:1:4", "anchors (&name) are not used here", 0},
    {"- &x [1]\n", "f:1:3", "anchors", 0},
    {"a: 1\nb: &x {c: 1}\n", "f:2:4", "anchors", 0},
    {"a: 1\nb: *x\n", "f:2:4", "aliases (*name) are not used here", 0},
    {"*x : 1\n", "f:1:1", "aliases", 0},
    {"a: !!str 1\n", "f:1:4", "tags (!name) are not used here", 0},
    {"a: !x [1]\n", "f:1:4", "tags", 0},
    {"!!map {a: 1}\n", "f:1:1", "tags", 0},
    {"a: ! 1\n", "f:1:4", "tags", 0},
    {"? [a]\n: 1\n", "f:1:3", "a key must be plain text", 0},
    {"{{a: 1}: 2}\n", "f:1:2", "a key must be plain text", 0},
    {"a: \"x\\0y\"\n", "f:1:4", "control characters are not used here", 0},
    {"a: 1\nb: \"\\e[1m\"\n", "f:2:4", "control characters", 0},
    {"\"\\x85\": 1\n", "f:1:1", "control characters", 0},
    {"a: 1\nb: \0\n", "f:2:4", bad_byte, 10},
    {"a: \x01", "f:1:4", "byte 0x01 does not belong", 0},
    {"a: x\x7f", "f:1:5", "byte 0x7f", 0},
    {"a: \xc0\x80", "f:1:4", bad_byte, 0},                /* overlong NUL */
    {"a: \xe0\x80\xaf", "f:1:4", bad_byte, 0},            /* overlong slash */
    {"a: \xf0\x80\x80\xaf", "f:1:4", bad_byte, 0},        /* overlong slash */
    {"a: \xed\xa0\x80", "f:1:4", bad_byte, 0},            /* surrogate */
    {"a: \xf4\x90\x80\x80", "f:1:4", bad_byte, 0},        /* above U+10FFFF */
    {"a: \xf8\x88\x80\x80\x80", "f:1:4", "byte 0xf8", 0}, /* five bytes */
    {"a: \xc3\xa9 \xe2\x82", "f:1:6", "byte 0xe2", 0},    /* cut short */
    {"a: \xc3\xa9", "f:1:4", "byte 0xc3", 4},             /* cut by the end */
    {"a: \x80", "f:1:4", "byte 0x80", 0},                 /* nothing before it */
    {"a: 1\nb: \xc2\x9b", "f:2:4", "byte 0xc2", 0},       /* C1 control */
    {"a: 1\nb: x\xef\xbf\xbf", "f:2:5", "byte 0xef", 0},  /* U+FFFF */
    {"\xff\xfe\x61\x00", "f:1:1", "byte 0xff", 4},        /* UTF-16 */
    {"%YAML 1.1 \xff\n---\na: 1\n", "f:1:11", "byte 0xff", 0},
    {"%TAG \xc3(\n---\na: 1\n", "f:1:6", "byte 0xc3", 0},
    {"%YAML 2.0\n---\na: 1\n", "f:1:1", not_yaml, 0},
    {"a:\n\tb: 1\n", "f:2:1", not_yaml, 0},
    {"a: \"open\nb: 1\n", "f:3:1", not_yaml, 0},
    {"a: 'open", "f:1:9", not_yaml, 0},
    {"a: [1, 2\n", "f:2:1", not_yaml, 0},
    {"a: {b: 1\n", "f:2:1", not_yaml, 0},
    {"a: 1\n}\n", "f:2:1", not_yaml, 0},
    {"a: b: c\n", "f:1:5", not_yaml, 0},
    {"a: 1\n  b: 2\n", "f:2:4", not_yaml, 0},
    {"a: @x\n", "f:1:4", not_yaml, 0},
    {"a: \"\\q\"\n", "f:1:5", not_yaml, 0},
    {"a: 1\njunk\n", "f:3:1", not_yaml, 0},
};

static void what_is_not_strict_is_refused_at_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *bytes = refusals[i].bytes;
        const size_t size = refusals[i].size ? refusals[i].size : strlen(bytes);
        cit_errors errs = {0};
        cit_doc *const untouched = (cit_doc *)(void *)&errs;
        cit_doc *doc = untouched;
        const cit_status st = cit_doc_parse("f", bytes, size, &doc, &errs);
        CHECK(st == CIT_INVALID, "status %d for '%s'", st, bytes);
        CHECK(doc == untouched, "'%s' is refused, but the result is touched", bytes);
        CHECK(errs.count == 1, "%d faults in '%s'", errs.count, bytes);
        check_fault(&errs, 0, refusals[i].where, refusals[i].text);
        CHECK(cit_doc_parse("f", bytes, size, &doc, NULL) == CIT_INVALID,
              "'%s' is accepted where nobody listens", bytes);
    }
}

static void every_key_that_is_there_twice_is_named(void **state) {
    const char text[] = "a: 1\nb: {x: 1}\na: {c: 1, d: 2}\ne: 1\nb: [1, {x: 2, x: 3}]\n";
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    (void)state;
    CHECK(cit_doc_parse("f", text, strlen(text), &doc, &errs) == CIT_INVALID, "accepted");
    CHECK(errs.count == 3, "%d faults", errs.count);
    check_fault(&errs, 0, "f:3:1", "key 'a' is here twice");
    check_fault(&errs, 1, "f:5:1", "key 'b' is here twice");
    check_fault(&errs, 2, "f:5:15", "key 'x' is here twice");
}

/* `count` times one byte; the caller frees. */
static char *repeat(char byte, size_t count) {
    char *bytes = malloc(count + 1);
    CHECK(bytes != NULL, "no memory");
    memset(bytes, byte, count);
    bytes[count] = 0;
    return bytes;
}

static void nesting_is_limited(void **state) {
    char *deepest = repeat('[', 2 * (size_t)CIT_DOC_MAX_DEPTH);
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    (void)state;
    memset(deepest + CIT_DOC_MAX_DEPTH, ']', CIT_DOC_MAX_DEPTH);
    doc = parsed(deepest);
    cit_doc_free(doc);
    doc = NULL;
    deepest[CIT_DOC_MAX_DEPTH] = '[';
    CHECK(cit_doc_parse("f", deepest, strlen(deepest), &doc, &errs) == CIT_INVALID, "accepted");
    check_fault(&errs, 0, "f:1:65", "nested deeper than 64 levels");
    free(deepest);
}

static void a_megabyte_of_brackets_is_refused(void **state) {
    static const struct {
        char byte;
        const char *where, *text;
    } rows[] = {
        {'{', "f:1:2", "a key must be plain text"},
        {'[', "f:1:65", "nested deeper than 64 levels"},
        {'"', "f:1:3", "not readable as YAML"},
        {':', "f:1:1048576", "not readable as YAML"},
        {'\n', "f", "is empty"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *bytes = repeat(rows[i].byte, CIT_DOC_MAX_BYTES);
        cit_errors errs = {0};
        cit_doc *doc = NULL;
        CHECK(cit_doc_parse("f", bytes, CIT_DOC_MAX_BYTES, &doc, &errs) == CIT_INVALID,
              "a megabyte of '%c' is accepted", rows[i].byte);
        check_fault(&errs, 0, rows[i].where, rows[i].text);
        free(bytes);
    }
}

/* A map is searched from its start for every key: without a limit, a megabyte of keys takes a minute. */
static void a_map_has_a_thousand_keys_at_most(void **state) {
    char text[8 * (CIT_DOC_MAX_KEYS + 1)];
    size_t used = 0;
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    (void)state;
    for (int i = 0; i < CIT_DOC_MAX_KEYS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "k%d:\n", i);
    doc = parsed(text);
    CHECK(cit_doc_root(doc)->count == CIT_DOC_MAX_KEYS, "%d keys", cit_doc_root(doc)->count);
    cit_doc_free(doc);
    doc = NULL;
    snprintf(text + used, sizeof text - used, "more:\n");
    CHECK(cit_doc_parse("f", text, strlen(text), &doc, &errs) == CIT_INVALID, "accepted");
    check_fault(&errs, 0, "f:1001:1", "a map of more than 1000 keys");
}

/* ---- files --------------------------------------------------------------------------------- */

static char folder[64], file[80];

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/cit-documents-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(file, sizeof file, "%s/x.yaml", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static void write_file(const char *bytes, size_t size) {
    FILE *f = fopen(file, "wb");
    CHECK(f != NULL, "%s cannot be written", file);
    const size_t written = fwrite(bytes, 1, size, f);
    CHECK(fclose(f) == 0 && written == size, "%s: %zu of %zu bytes", file, written, size);
}

/* Reads a file that must be refused, with one fault at its path. */
static void check_unreadable(const char *path, cit_status want, const char *text) {
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_read(path, &doc, &errs);
    CHECK(st == want, "%s: status %d, not %d", path, st, want);
    CHECK(doc == NULL, "%s: the result is touched", path);
    CHECK(errs.count == 1 && errs.items[0].code == want, "%s: %d faults, the first of code %d",
          path, errs.count, errs.items[0].code);
    check_fault(&errs, 0, path, text);
}

static void a_file_is_read_and_gives_its_name(void **state) {
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    (void)state;
    write_file("a: 1\nb: [2\n", 5);
    CHECK(cit_doc_read(file, &doc, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(strcmp(cit_doc_name(doc), file) == 0, "its name is '%s'", cit_doc_name(doc));
    check_node(child(cit_doc_root(doc), 0), CIT_NODE_SCALAR, 1, 4, "1");
    cit_doc_free(doc);
}

static void a_fault_in_a_file_begins_with_its_path(void **state) {
    char where[120];
    (void)state;
    write_file("a: 1\na: 2\n", 10);
    snprintf(where, sizeof where, "%s:2:1", file);
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    CHECK(cit_doc_read(file, &doc, &errs) == CIT_INVALID, "accepted");
    check_fault(&errs, 0, where, "key 'a' is here twice");
}

static void a_file_may_have_a_megabyte_and_no_more(void **state) {
    char *bytes = repeat('#', CIT_DOC_MAX_BYTES + 1);
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    (void)state;
    bytes[0] = 'a';
    bytes[1] = ':';
    bytes[2] = '\n';
    write_file(bytes, CIT_DOC_MAX_BYTES);
    CHECK(cit_doc_read(file, &doc, &errs) == CIT_OK, "a megabyte: %s", errs.items[0].text);
    cit_doc_free(doc);
    write_file(bytes, CIT_DOC_MAX_BYTES + 1);
    check_unreadable(file, CIT_INVALID, "is larger than 1048576 bytes");
    doc = NULL;
    CHECK(cit_doc_parse("f", bytes, CIT_DOC_MAX_BYTES + 1, &doc, &errs) == CIT_INVALID,
          "one byte more is parsed");
    check_fault(&errs, 0, "f", "is larger than 1048576 bytes");
    free(bytes);
}

static void what_cannot_be_read_is_named(void **state) {
    (void)state;
    check_unreadable(file, CIT_NOTFOUND, "cannot be read: ");
    check_unreadable(folder, CIT_NOTFOUND, "is a directory; a file is needed");
    check_unreadable("/dev/null", CIT_INVALID, "is empty");
    write_file("", 0);
    check_unreadable(file, CIT_INVALID, "is empty");
}

static void a_file_without_permission_is_named(void **state) {
    (void)state;
    if (geteuid() == 0) {
        print_message("# skipped: root may read every file\n");
        return;
    }
    write_file("a: 1\n", 5);
    CHECK(chmod(file, 0) == 0, "%s: its permission cannot be taken away", file);
    check_unreadable(file, CIT_NOTFOUND, "cannot be read: ");
}

/* ---- a table of every kind ------------------------------------------------------------------ */

typedef struct part {
    cit_mark mark;
    const char *name;
    double size_mm;
} part;

typedef struct inner {
    int answer;
    double share;
} inner;

typedef struct thing {
    cit_mark mark;
    const char *label, *id;
    double length_mm, plain;
    int count, colour, date;
    unsigned colours;
    double *lengths;
    int length_count;
    const char **texts;
    int text_count;
    inner inner;
    part *parts;
    int part_count;
} thing;

static const char *const colours[] = {"red", "green", "blue", NULL};

static const cit_field part_fields[] = {{.key = "name",
                                         .kind = CIT_TEXT,
                                         .offset = offsetof(part, name),
                                         .flags = CIT_REQUIRED | CIT_MUST_KNOW,
                                         .meaning = "what it is called"},
                                        {.key = "size",
                                         .kind = CIT_NUMBER,
                                         .offset = offsetof(part, size_mm),
                                         .unit = "mm",
                                         .hi = 5,
                                         .meaning = "its size"},
                                        {0}};
static const cit_table part_table = {"part", NULL, sizeof(part), part_fields, offsetof(part, mark)};

static const cit_field inner_fields[] = {{.key = "answer",
                                          .kind = CIT_CHOICE,
                                          .offset = offsetof(inner, answer),
                                          .choices = cit_answer_choices,
                                          .meaning = "yes or no"},
                                         {.key = "share",
                                          .kind = CIT_NUMBER,
                                          .offset = offsetof(inner, share),
                                          .unit = "%",
                                          .hi = 100,
                                          .meaning = "a share"},
                                         {0}};
static const cit_table inner_table = {"inner", NULL, sizeof(inner), inner_fields, CIT_NO_MARK};

#define AT(field_key, field_kind, member)                                                          \
    .key = (field_key), .kind = (field_kind), .offset = offsetof(thing, member),                   \
    .meaning = "its value"
static const cit_field thing_fields[] = {
    {AT("label", CIT_TEXT, label)},
    {AT("id", CIT_ID, id), .flags = CIT_REQUIRED},
    {AT("length", CIT_NUMBER, length_mm), .flags = CIT_ABOVE_LO, .unit = "mm", .hi = 10},
    {AT("plain", CIT_NUMBER, plain), .lo = -1, .hi = 1},
    {AT("count", CIT_INTEGER, count), .flags = CIT_MUST_KNOW, .lo = 1, .hi = 20},
    {AT("colour", CIT_CHOICE, colour), .choices = colours},
    {AT("colours", CIT_CHOICES, colours), .choices = colours},
    {AT("date", CIT_DATE, date)},
    {AT("lengths", CIT_NUMBERS, lengths), .count_offset = offsetof(thing, length_count),
     .unit = "mm", .hi = 10},
    {AT("texts", CIT_TEXTS, texts), .count_offset = offsetof(thing, text_count)},
    {AT("inner", CIT_STRUCT, inner), .table = &inner_table},
    {AT("parts", CIT_LIST, parts), .count_offset = offsetof(thing, part_count),
     .table = &part_table},
    {0}};
static const cit_table thing_table = {"thing", "test/thing/1", sizeof(thing), thing_fields,
                                      offsetof(thing, mark)};

static cit_status bind_thing(cit_doc *doc, thing *ret, cit_errors *errs) {
    memset(ret, 0xa5, sizeof *ret); /* what was there must not shine through */
    return cit_bind(doc, cit_doc_root(doc), &thing_table, ret, errs);
}

static void check_full(const thing *t) {
    assert_string_equal(t->label, "a b, c");
    assert_string_equal(t->id, "x-1.5");
    CHECK_CLOSE(t->length_mm, 1.5, 1e-15);
    CHECK_CLOSE(t->plain, -0.25, 0);
    assert_int_equal(t->count, 20);
    assert_int_equal(t->colour, 3);
    assert_int_equal(t->colours, 5);
    assert_int_equal(t->date, 11017);
    assert_int_equal(t->length_count, 2);
    CHECK_CLOSE(t->lengths[0], 0.5, 0);
    CHECK_CLOSE(t->lengths[1], 10, 0);
    assert_int_equal(t->text_count, 2);
    assert_string_equal(t->texts[1], "7");
    assert_int_equal(t->inner.answer, CIT_YES);
    CHECK_CLOSE(t->inner.share, 40, 0);
    assert_int_equal(t->part_count, 2);
    assert_string_equal(t->parts[0].name, "one");
    CHECK_CLOSE(t->parts[0].size_mm, 5, 0);
    assert_string_equal(t->parts[1].name, "two");
    CHECK(!cit_known(t->parts[1].size_mm), "a size nobody gave is %g", t->parts[1].size_mm);
}

static void every_kind_of_field_is_bound(void **state) {
    cit_doc *doc = parsed("schema: test/thing/1\n"
                          "label: a b, c\n"
                          "id: x-1.5\n"
                          "length: 1500 um\n"
                          "plain: -0.25\n"
                          "count: 2e1\n"
                          "colour: blue\n"
                          "colours: [blue, red]\n"
                          "date: 2000-03-01\n"
                          "lengths: [0.5 mm, 1 cm]\n"
                          "texts: [yes, 7]\n"
                          "inner:\n"
                          "  answer: yes\n"
                          "  share: 40 %\n"
                          "parts:\n"
                          "  - name: one\n"
                          "    size: 5 mm\n"
                          "  - {name: two}\n");
    cit_errors errs = {0};
    thing t;
    (void)state;
    CHECK(bind_thing(doc, &t, &errs) == CIT_OK, "%s %s", errs.items[0].where, errs.items[0].text);
    check_full(&t);
    CHECK(t.mark.line == 1 && t.mark.column == 1, "marked at %d:%d", t.mark.line, t.mark.column);
    CHECK(t.parts[1].mark.line == 18 && t.parts[1].mark.column == 5, "part 2 marked at %d:%d",
          t.parts[1].mark.line, t.parts[1].mark.column);
    cit_doc_free(doc);
}

static void json_binds_to_the_same(void **state) {
    cit_doc *doc = parsed(
        "{\"parts\": [{\"size\": \"5 mm\", \"name\": \"one\"}, {\"name\": \"two\"}],\n"
        " \"inner\": {\"answer\": \"yes\", \"share\": \"40 %\"},\n"
        " \"texts\": [\"yes\", 7], \"lengths\": [\"0.5 mm\", \"1 cm\"], \"plain\": -0.25,\n"
        " \"label\": \"a b, c\", \"id\": \"x-1.5\", \"length\": \"1500 um\", \"count\": 20,\n"
        " \"colour\": \"blue\", \"colours\": [\"blue\", \"red\"], \"date\": \"2000-03-01\",\n"
        " \"schema\": \"test/thing/1\"}");
    cit_errors errs = {0};
    thing t;
    (void)state;
    CHECK(bind_thing(doc, &t, &errs) == CIT_OK, "%s %s", errs.items[0].where, errs.items[0].text);
    check_full(&t);
    cit_doc_free(doc);
}

static void check_unknown(const thing *t) {
    CHECK(t->label == NULL, "the label is '%s'", t->label);
    CHECK(t->id == NULL, "the id is '%s'", t->id);
    CHECK(!cit_known(t->length_mm) && !cit_known(t->plain), "numbers are %g and %g", t->length_mm,
          t->plain);
    assert_int_equal(t->date, CIT_UNKNOWN_INT);
    assert_int_equal(t->colour, 0);
    assert_int_equal(t->colours, 0);
    CHECK(t->lengths == NULL && t->texts == NULL && t->parts == NULL, "a list is there");
    CHECK(t->length_count == 0 && t->text_count == 0 && t->part_count == 0,
          "counts are %d, %d and %d", t->length_count, t->text_count, t->part_count);
    CHECK(t->inner.answer == 0 && !cit_known(t->inner.share), "inner is %d and %g", t->inner.answer,
          t->inner.share);
}

static void what_is_left_out_or_said_to_be_unknown_is_unknown(void **state) {
    static const char *const texts[] = {
        "schema: test/thing/1\nid: unknown\n",
        "schema: test/thing/1\nlabel: unknown\nid: 'unknown'\nlength: unknown\nplain: unknown\n"
        "colour: unknown\ncolours: unknown\ndate: unknown\nlengths: unknown\ntexts: unknown\n"
        "inner: unknown\nparts: unknown\n",
        "schema: test/thing/1\nid: unknown\ninner: {answer: unknown, share: unknown}\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cit_doc *doc = parsed(texts[i]);
        cit_errors errs = {0};
        thing t;
        CHECK(bind_thing(doc, &t, &errs) == CIT_OK, "%s: %s", texts[i], errs.items[0].text);
        check_unknown(&t);
        assert_int_equal(t.count, CIT_UNKNOWN_INT);
        cit_doc_free(doc);
    }
}

static void an_empty_list_is_known_to_be_empty(void **state) {
    cit_doc *doc = parsed("{schema: test/thing/1, id: a, lengths: [], texts: [], parts: []}");
    cit_errors errs = {0};
    thing t;
    (void)state;
    CHECK(bind_thing(doc, &t, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(t.lengths != NULL && t.texts != NULL && t.parts != NULL, "an empty list is unknown");
    CHECK(t.length_count == 0 && t.text_count == 0 && t.part_count == 0, "%d, %d and %d entries",
          t.length_count, t.text_count, t.part_count);
    cit_doc_free(doc);
}

/* Each line stands third, below the schema and the id. */
static const struct {
    const char *line, *where, *text;
} misfits[] = {
    {"label: [a]", "f:3:8", "label: one value is needed, not a list"},
    {"label: {a: 1}", "f:3:8", "label: one value is needed, not a map"},
    {"length: 1.5", "f:3:9", "length: '1.5' has no unit; write for example '1.5 mm'"},
    {"length: 1.5 kg", "f:3:9", "length: '1.5 kg' has the wrong unit"},
    {"length: nan", "f:3:9", "length: 'nan' is not a number"},
    {"length: .inf mm", "f:3:9", "not a number"},
    {"length: 0x1 mm", "f:3:9", "wrong unit"},
    {"length: 1e308 cm", "f:3:9", "too large"},
    {"length:", "f:3:8", "length: '' is not a number"},
    {"length: null", "f:3:9", "not a number"},
    {"length: [1 mm]", "f:3:9", "one value is needed, not a list"},
    {"length: 0 mm", "f:3:9", "length: 0 mm is not above 0 mm to 10 mm"},
    {"length: 10.5 mm", "f:3:9", "length: 10.5 mm is not above 0 mm to 10 mm"},
    {"plain: -1.5", "f:3:8", "plain: -1.5 is not from -1 to 1"},
    {"plain: 1 mm", "f:3:8", "plain: '1 mm' must be a plain number, without a unit"},
    {"count: 2.5", "f:3:8", "count: '2.5' is not a whole number"},
    {"count: 0", "f:3:8", "count: 0 is not from 1 to 20"},
    {"count: 21", "f:3:8", "count: 21 is not from 1 to 20"},
    {"count: 1e300", "f:3:8", "is not from 1 to 20"},
    {"count: unknown", "f:3:8", "count: must be known"},
    {"colour: pink", "f:3:9", "colour: 'pink' is not one of: red, green, blue"},
    {"colour: Red", "f:3:9", "is not one of"},
    {"colour: [red]", "f:3:9", "one value is needed"},
    {"colours: red", "f:3:10", "colours: a list is needed, like [a, b]"},
    {"colours: [red, pink]", "f:3:16", "colours: 'pink' is not one of"},
    {"colours: [red, unknown]", "f:3:16", "'unknown' is not one of"},
    {"date: 2025-02-29", "f:3:7", "date: '2025-02-29' is not a date; write for example"},
    {"date: 10 Jan 2026", "f:3:7", "is not a date"},
    {"date: {}", "f:3:7", "one value is needed, not a map"},
    {"lengths: 1 mm", "f:3:10", "lengths: a list is needed, like [a, b]"},
    {"lengths: [1 mm, 2]", "f:3:17", "lengths: '2' has no unit"},
    {"lengths: [1 mm, 11 mm]", "f:3:17", "lengths: 11 mm is not from 0 mm to 10 mm"},
    {"texts: a", "f:3:8", "texts: a list is needed"},
    {"texts: [a, [b]]", "f:3:12", "texts: one value is needed, not a list"},
    {"inner: 3", "f:3:8", "inner: 'key: value' lines are needed here"},
    {"inner: [1]", "f:3:8", "inner: 'key: value' lines are needed here"},
    {"inner: {share: 101 %}", "f:3:16", "share: 101 % is not from 0 % to 100 %"},
    {"inner: {shares: 1 %}", "f:3:9", "unknown key 'shares' in inner; did you mean 'share'?"},
    {"parts: {name: a}", "f:3:8", "parts: a list is needed, each entry beginning with '- '"},
    {"parts: [a]", "f:3:9", "part: 'key: value' lines are needed here"},
    {"parts: [{size: 1 mm}]", "f:3:9", "part: the key 'name' is missing (what it is called)"},
    {"parts: [{name: unknown}]", "f:3:16", "name: must be known"},
    {"lenght: 1 mm", "f:3:1", "unknown key 'lenght' in thing; did you mean 'length'?"},
    {"zzzzzzzz: 1", "f:3:1", "unknown key 'zzzzzzzz' in thing"},
    {"'': 1", "f:3:1", "unknown key '' in thing"},
    {"<<: {a: 1}", "f:3:1", "unknown key '<<' in thing"},
};

static void what_does_not_fit_the_table_is_blamed_at_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
        char text[200];
        cit_errors errs = {0};
        thing t;
        snprintf(text, sizeof text, "schema: test/thing/1\nid: a\n%s\n", misfits[i].line);
        cit_doc *doc = parsed(text);
        CHECK(bind_thing(doc, &t, &errs) == CIT_INVALID, "'%s' is bound", misfits[i].line);
        CHECK(errs.count == 1, "%d faults in '%s'", errs.count, misfits[i].line);
        check_fault(&errs, 0, misfits[i].where, misfits[i].text);
        CHECK(bind_thing(doc, &t, NULL) == CIT_INVALID, "'%s' is bound where nobody listens",
              misfits[i].line);
        cit_doc_free(doc);
    }
}

static void a_far_name_gets_no_suggestion(void **state) {
    cit_doc *doc = parsed("{schema: test/thing/1, id: a, zzzzzzzz: 1}");
    cit_errors errs = {0};
    thing t;
    (void)state;
    CHECK(bind_thing(doc, &t, &errs) == CIT_INVALID, "bound");
    CHECK(strstr(errs.items[0].text, "did you mean") == NULL, "%s", errs.items[0].text);
    cit_doc_free(doc);
}

static void an_id_is_lower_case_digits_hyphens_and_dots(void **state) {
    static const char *const bad[] = {
        "A",        "-a",  ".a",
        "a b",      "a_b", "a/b",
        "\xc3\xa9", "''",  "a-name-of-sixty-four-letters-is-longer-than-any-table-will-holdx"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[200];
        cit_errors errs = {0};
        thing t;
        snprintf(text, sizeof text, "{schema: test/thing/1, id: %s}", bad[i]);
        cit_doc *doc = parsed(text);
        CHECK(bind_thing(doc, &t, &errs) == CIT_INVALID, "'%s' is an id", bad[i]);
        check_fault(&errs, 0, "f:1:28", "is not an id (lower case, digits, hyphens, dots)");
        CHECK(t.id == NULL, "the id became '%s'", t.id);
        cit_doc_free(doc);
    }
}

static void the_schema_must_be_there_and_be_right(void **state) {
    static const struct {
        const char *text, *where, *says;
    } rows[] = {
        {"id: a\n", "f:1:1", "the first line must be 'schema: test/thing/1'"},
        {"id: a\nschema: test/thing/2\n", "f:2:9", "schema: must be 'test/thing/1'"},
        {"schema: [test/thing/1]\nid: a\n", "f:1:9", "schema: must be 'test/thing/1'"},
        {"schema:\nid: a\n", "f:1:8", "schema: must be 'test/thing/1'"},
        {"schema: test/thing/1\nid: a\nparts: [{schema: x, name: b}]\n", "f:3:10",
         "unknown key 'schema' in part"},
        {"- schema: test/thing/1\n", "f:1:1", "thing: 'key: value' lines are needed here"},
        {"schema\n", "f:1:1", "thing: 'key: value' lines are needed here"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cit_doc *doc = parsed(rows[i].text);
        cit_errors errs = {0};
        thing t;
        CHECK(bind_thing(doc, &t, &errs) == CIT_INVALID, "'%s' is bound", rows[i].text);
        CHECK(errs.count == 1, "%d faults in '%s'", errs.count, rows[i].text);
        check_fault(&errs, 0, rows[i].where, rows[i].says);
        cit_doc_free(doc);
    }
}

static void all_faults_of_a_file_come_in_one_go(void **state) {
    cit_doc *doc = parsed("schema: test/thing/0\n"
                          "lenght: 1 mm\n"
                          "length: 99 mm\n"
                          "colours: [pink, red, grey]\n"
                          "inner: {answer: maybe, share: 1}\n"
                          "parts:\n"
                          "  - {name: a, size: 6 mm}\n"
                          "  - {nane: b}\n"
                          "date: soon\n");
    cit_errors errs = {0};
    thing t;
    (void)state;
    CHECK(bind_thing(doc, &t, &errs) == CIT_INVALID, "bound");
    check_fault(&errs, 0, "f:1:9", "schema: must be");
    check_fault(&errs, 1, "f:2:1", "did you mean 'length'?");
    check_fault(&errs, 2, "f:3:9", "length: 99 mm is not above 0 mm");
    check_fault(&errs, 3, "f:4:11", "'pink' is not one of");
    check_fault(&errs, 4, "f:4:22", "'grey' is not one of");
    check_fault(&errs, 5, "f:5:17", "answer: 'maybe' is not one of: no, yes");
    check_fault(&errs, 6, "f:5:31", "share: '1' has no unit");
    check_fault(&errs, 7, "f:7:21", "size: 6 mm is not from 0 mm to 5 mm");
    check_fault(&errs, 8, "f:8:6", "unknown key 'nane' in part; did you mean 'name'?");
    check_fault(&errs, 9, "f:8:5", "part: the key 'name' is missing");
    check_fault(&errs, 10, "f:9:7", "date: 'soon' is not a date");
    check_fault(&errs, 11, "f:1:1", "thing: the key 'id' is missing (its value)");
    CHECK(errs.count == 12, "%d faults", errs.count);
    CHECK(t.colours == 1, "of the colours, those that are right are %u", t.colours);
    cit_doc_free(doc);
}

static void faults_beyond_the_list_are_still_counted(void **state) {
    char text[2000] = "schema: test/thing/1\nid: a\n";
    cit_errors errs = {0};
    thing t;
    (void)state;
    for (int i = 0; i < CIT_ERRORS_MAX + 7; i++) {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "wrong-%d: 1\n", i);
    }
    cit_doc *doc = parsed(text);
    CHECK(bind_thing(doc, &t, &errs) == CIT_INVALID, "bound");
    CHECK(errs.count == CIT_ERRORS_MAX && errs.lost == 7, "%d kept, %d lost", errs.count,
          errs.lost);
    CHECK(bind_thing(doc, &t, &errs) == CIT_INVALID, "with the list full, bound");
    cit_doc_free(doc);
}

/* ---- the tables of the program --------------------------------------------------------------- */

static void check_field(const cit_table *table, const cit_field *f);

static void check_table(const cit_table *table) {
    for (const cit_field *f = table->fields; f->key != NULL; f++) {
        check_field(table, f);
        for (const cit_field *g = table->fields; g < f; g++)
            CHECK(strcmp(f->key, g->key) != 0, "%s: two rows of '%s'", table->name, f->key);
        if (f->table != NULL) check_table(f->table);
    }
}

/* What binding takes for granted of a row. */
static void check_field(const cit_table *table, const cit_field *f) {
    const bool number = f->kind == CIT_NUMBER || f->kind == CIT_NUMBERS;
    const bool choice = f->kind == CIT_CHOICE || f->kind == CIT_CHOICES;
    const bool structs = f->kind == CIT_STRUCT || f->kind == CIT_LIST;
    const bool list = f->kind == CIT_NUMBERS || f->kind == CIT_TEXTS || f->kind == CIT_LIST;
    CHECK(f->meaning != NULL && *f->meaning, "%s.%s has no meaning", table->name, f->key);
    CHECK(f->offset < table->size && f->count_offset < table->size, "%s.%s lies outside",
          table->name, f->key);
    CHECK(choice == (f->choices != NULL), "%s.%s: choices", table->name, f->key);
    CHECK(structs == (f->table != NULL), "%s.%s: table", table->name, f->key);
    CHECK(list || f->count_offset == 0, "%s.%s has a count", table->name, f->key);
    CHECK(!list || f->count_offset != f->offset, "%s.%s counts over itself", table->name, f->key);
    if (number || f->kind == CIT_INTEGER)
        CHECK(f->lo < f->hi, "%s.%s runs from %g to %g", table->name, f->key, f->lo, f->hi);
    if (f->kind == CIT_INTEGER)
        CHECK(f->lo > INT_MIN && f->hi < INT_MAX, "%s.%s does not fit an int", table->name, f->key);
    if (number && f->unit != NULL && *f->unit) {
        char text[40], why[160] = "";
        double one = 0;
        snprintf(text, sizeof text, "1 %s", f->unit);
        CHECK(cit_quantity_parse(text, f->unit, &one, why), "%s.%s: %s", table->name, f->key, why);
        CHECK_CLOSE(one, 1, 0);
    }
}

static void the_tables_of_case_and_protocol_are_sound(void **state) {
    (void)state;
    check_table(&cit_case_table);
    check_table(&cit_protocol_table);
}

static void case_and_protocol_files_are_read_whole(void **state) {
    const char person[] = "schema: cit/case/1\nzones:\n  - {site: cheek, side: left}\n";
    const char plan[] = "schema: cit/protocol/1\nvisits:\n"
                        "  - {status: planned, settings: [{device: unknown}]}\n";
    cit_errors errs = {0};
    cit_case *c = NULL;
    cit_protocol *p = NULL;
    (void)state;
    CHECK(cit_case_parse("c", person, strlen(person), &c, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(cit_protocol_parse("p", plan, strlen(plan), &p, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(c->zone_count == 1 && c->zones[0].side == CIT_LEFT, "%d zones", c->zone_count);
    CHECK(p->visit_count == 1 && p->visits[0].status == CIT_PLANNED, "%d visits", p->visit_count);
    cit_case_free(c);
    cit_protocol_free(p);
    c = NULL;
    CHECK(cit_case_parse("p", plan, strlen(plan), &c, &errs) == CIT_INVALID && c == NULL,
          "a protocol passes for a case");
    check_fault(&errs, 0, "p:1:9", "schema: must be 'cit/case/1'");
}

#define FILE_CASE(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

T_MAIN(CASE(every_node_knows_its_line_and_column), CASE(json_is_read_too),
       CASE(line_ends_and_byte_order_marks_do_not_matter),
       CASE(what_is_not_strict_is_refused_at_its_place),
       CASE(every_key_that_is_there_twice_is_named), CASE(nesting_is_limited),
       CASE(a_megabyte_of_brackets_is_refused), CASE(a_map_has_a_thousand_keys_at_most),
       FILE_CASE(a_file_is_read_and_gives_its_name),
       FILE_CASE(a_fault_in_a_file_begins_with_its_path),
       FILE_CASE(a_file_may_have_a_megabyte_and_no_more), FILE_CASE(what_cannot_be_read_is_named),
       FILE_CASE(a_file_without_permission_is_named), CASE(every_kind_of_field_is_bound),
       CASE(json_binds_to_the_same), CASE(what_is_left_out_or_said_to_be_unknown_is_unknown),
       CASE(an_empty_list_is_known_to_be_empty),
       CASE(what_does_not_fit_the_table_is_blamed_at_its_place),
       CASE(a_far_name_gets_no_suggestion), CASE(an_id_is_lower_case_digits_hyphens_and_dots),
       CASE(the_schema_must_be_there_and_be_right), CASE(all_faults_of_a_file_come_in_one_go),
       CASE(faults_beyond_the_list_are_still_counted),
       CASE(the_tables_of_case_and_protocol_are_sound),
       CASE(case_and_protocol_files_are_read_whole))
