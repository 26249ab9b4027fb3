/* Strict YAML by libyaml's event interface.
 *
 * The event interface with caps on size and depth reads a megabyte of open brackets in milliseconds;
 * the library's own document loader takes a minute. Encoding is checked first, because libyaml gives
 * no line for a bad byte. */
#include "base_impl.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

typedef struct block {
    struct block *next;
    size_t used, size;
    max_align_t bytes[];
} block;

struct cit_doc {
    char *name;
    cit_node *root;
    block *blocks;
};

enum { BLOCK_BYTES = 16384 };

void *cit_doc_alloc(cit_doc *doc, size_t size) {
    const size_t unit = sizeof(max_align_t);
    size = (size + unit - 1) / unit * unit;
    if (doc->blocks == NULL || doc->blocks->size - doc->blocks->used < size) {
        const size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block *fresh = calloc(1, sizeof *fresh + room);
        if (fresh == NULL) return NULL;
        fresh->size = room;
        fresh->next = doc->blocks;
        doc->blocks = fresh;
    }
    void *memory = (char *)doc->blocks->bytes + doc->blocks->used;
    doc->blocks->used += size;
    return memory;
}

char *cit_doc_text(cit_doc *doc, const char *bytes, size_t size) {
    char *copy = cit_doc_alloc(doc, size + 1);
    if (copy != NULL) memcpy(copy, bytes, size);
    return copy;
}

void cit_doc_free(cit_doc *doc) {
    if (doc == NULL) return;
    while (doc->blocks != NULL) {
        block *next = doc->blocks->next;
        free(doc->blocks);
        doc->blocks = next;
    }
    free(doc->name);
    free(doc);
}

const cit_node *cit_doc_root(const cit_doc *doc) { return doc->root; }

const char *cit_doc_name(const cit_doc *doc) { return doc->name; }

/* ---- reading the bytes --------------------------------------------------------------------- */

static cit_status read_bytes(const char *path, char **ret, size_t *ret_size, cit_errors *errs) {
    cit_status st = CIT_OK;
    char *bytes = NULL;
    size_t size = 0;
    struct stat info;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        st = cit_fail(errs, CIT_NOTFOUND, path, "cannot be read: %s", strerror(errno));
        goto done;
    }
    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
        st = cit_fail(errs, CIT_NOTFOUND, path, "is a directory; a file is needed");
        goto done;
    }
    bytes = malloc(CIT_DOC_MAX_BYTES + 1);
    if (bytes == NULL) {
        st = cit_fail(errs, CIT_NOMEM, path, "no memory to read it");
        goto done;
    }
    size = fread(bytes, 1, CIT_DOC_MAX_BYTES + 1, file);
    if (ferror(file)) {
        st = cit_fail(errs, CIT_IO, path, "reading stopped: %s", strerror(errno));
        goto done;
    }
    if (size > CIT_DOC_MAX_BYTES) {
        st = cit_fail(errs, CIT_INVALID, path, "is larger than %d bytes, the most that is read",
                      CIT_DOC_MAX_BYTES);
        goto done;
    }
    *ret = bytes;
    *ret_size = size;
    bytes = NULL;
done:
    free(bytes);
    if (file != NULL) fclose(file);
    return st;
}

int cit_utf8_length(const char *text, size_t left) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        const bool control = (s[0] < 0x20 && s[0] != '\t' && s[0] != '\n' && s[0] != '\r');
        return control || s[0] == 0x7f ? 0 : 1;
    }
    int length = 0;
    uint32_t code = 0;
    if (s[0] >= 0xc2 && s[0] <= 0xdf) {
        length = 2;
        code = s[0] & 0x1fu;
    } else if (s[0] >= 0xe0 && s[0] <= 0xef) {
        length = 3;
        code = s[0] & 0x0fu;
    } else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        length = 4;
        code = s[0] & 0x07u;
    } else {
        return 0;
    }
    if (left < (size_t)length) return 0;
    for (int i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    if (length == 2 && code < 0xa0) return 0; /* C1 controls */
    if (length == 3 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))) return 0;
    if (length == 3 && code >= 0xfffe) return 0;
    if (length == 4 && (code < 0x10000 || code > 0x10ffff)) return 0;
    return length;
}

bool cit_text_is_plain(const char *text) {
    for (size_t left = strlen(text); left > 0;) {
        const int length = cit_utf8_length(text, left);
        if (length == 0) return false;
        text += length;
        left -= (size_t)length;
    }
    return true;
}

int cit_text_whole(const char *text, int most) {
    int n = (int)strnlen(text, (size_t)most), tail = 0;
    while (tail < n && ((unsigned char)text[n - 1 - tail] & 0xc0) == 0x80) tail++;
    if (tail == n) return n;
    const unsigned char head = (unsigned char)text[n - 1 - tail];
    const int needs = head >= 0xf0 ? 3 : head >= 0xe0 ? 2 : head >= 0xc0 ? 1 : 0;
    return needs > tail ? n - tail - 1 : n;
}

static cit_status check_text(const cit_doc *doc, const char *bytes, size_t size, cit_errors *errs) {
    cit_mark mark = {1, 1};
    for (size_t i = 0; i < size;) {
        const int length = cit_utf8_length(bytes + i, size - i);
        if (length == 0)
            return cit_doc_fail(doc, mark, errs,
                                "byte 0x%02x does not belong in a text file; plain UTF-8 text is "
                                "needed",
                                (unsigned char)bytes[i]);
        if (bytes[i] == '\n') {
            mark.line++;
            mark.column = 1;
        } else {
            mark.column++;
        }
        i += (size_t)length;
    }
    return CIT_OK;
}

/* ---- events to tree ------------------------------------------------------------------------ */

typedef struct builder {
    cit_doc *doc;
    cit_errors *errs;
    cit_node *open[CIT_DOC_MAX_DEPTH]; /* the lists and maps we are inside of */
    cit_node *last[CIT_DOC_MAX_DEPTH]; /* the newest child of each */
    int depth;
    const char *key; /* the key that waits for its value */
    cit_mark key_mark;
    bool skip_value; /* the key was a duplicate: its value is read and dropped */
    bool key_twice;  /* any was */
    int documents;
} builder;

static cit_mark mark_of(yaml_mark_t mark) {
    return (cit_mark){(int)mark.line + 1, (int)mark.column + 1};
}

static bool has_key(const cit_node *map, const char *key) {
    for (const cit_node *n = map->first; n != NULL; n = n->next)
        if (strcmp(n->key, key) == 0) return true;
    return false;
}

static cit_status attach(builder *b, cit_node *node) {
    if (b->depth == 0) {
        b->doc->root = node;
        return CIT_OK;
    }
    cit_node *parent = b->open[b->depth - 1];
    if (parent->kind == CIT_NODE_MAP) {
        node->key = b->key;
        node->key_mark = b->key_mark;
        b->key = NULL;
        if (b->skip_value) {
            b->skip_value = false;
            return CIT_OK;
        }
    }
    if (parent->first == NULL)
        parent->first = node;
    else
        b->last[b->depth - 1]->next = node;
    b->last[b->depth - 1] = node;
    parent->count++;
    return CIT_OK;
}

static cit_node *new_node(builder *b, cit_node_kind kind, cit_mark mark) {
    cit_node *node = cit_doc_alloc(b->doc, sizeof *node);
    if (node == NULL) return NULL;
    node->kind = kind;
    node->mark = mark;
    return node;
}

static bool wants_key(const builder *b) {
    return b->depth > 0 && b->open[b->depth - 1]->kind == CIT_NODE_MAP && b->key == NULL;
}

/* The bytes of the file were checked, but "\0" in quotes only now is one. */
static bool is_text(const char *text, size_t size) {
    for (size_t i = 0; i < size;) {
        const int length = cit_utf8_length(text + i, size - i);
        if (length == 0) return false;
        i += (size_t)length;
    }
    return true;
}

static cit_status scalar_event(builder *b, const yaml_event_t *event, cit_mark mark) {
    const char *bytes = (const char *)event->data.scalar.value;
    const size_t size = event->data.scalar.length;
    char *text = cit_doc_text(b->doc, bytes, size);
    if (text == NULL) return cit_fail(b->errs, CIT_NOMEM, b->doc->name, "no memory");
    if (!is_text(text, size))
        return cit_doc_fail(b->doc, mark, b->errs, "control characters are not used here");
    if (wants_key(b)) {
        if (b->open[b->depth - 1]->count == CIT_DOC_MAX_KEYS)
            return cit_doc_fail(b->doc, mark, b->errs, "a map of more than %d keys",
                                CIT_DOC_MAX_KEYS);
        if (has_key(b->open[b->depth - 1], text)) {
            cit_doc_fail(b->doc, mark, b->errs, "key '%.60s' is here twice", text);
            b->skip_value = b->key_twice = true;
        }
        b->key = text;
        b->key_mark = mark;
        return CIT_OK;
    }
    cit_node *node = new_node(b, CIT_NODE_SCALAR, mark);
    if (node == NULL) return cit_fail(b->errs, CIT_NOMEM, b->doc->name, "no memory");
    node->text = text;
    return attach(b, node);
}

static cit_status open_event(builder *b, cit_node_kind kind, cit_mark mark) {
    if (wants_key(b)) return cit_doc_fail(b->doc, mark, b->errs, "a key must be plain text");
    if (b->depth == CIT_DOC_MAX_DEPTH)
        return cit_doc_fail(b->doc, mark, b->errs, "nested deeper than %d levels",
                            CIT_DOC_MAX_DEPTH);
    cit_node *node = new_node(b, kind, mark);
    if (node == NULL) return cit_fail(b->errs, CIT_NOMEM, b->doc->name, "no memory");
    const cit_status st = attach(b, node);
    b->open[b->depth] = node;
    b->last[b->depth] = NULL;
    b->depth++;
    return st;
}

static cit_status refuse_extras(builder *b, const void *anchor, const void *tag, cit_mark mark) {
    if (anchor != NULL)
        return cit_doc_fail(b->doc, mark, b->errs, "anchors (&name) are not used here");
    if (tag != NULL) return cit_doc_fail(b->doc, mark, b->errs, "tags (!name) are not used here");
    return CIT_OK;
}

static cit_status take_event(builder *b, const yaml_event_t *event) {
    const cit_mark mark = mark_of(event->start_mark);
    cit_status st = CIT_OK;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++b->documents > 1)
            return cit_doc_fail(b->doc, mark, b->errs, "a second document begins; one is read");
        return CIT_OK;
    case YAML_ALIAS_EVENT:
        return cit_doc_fail(b->doc, mark, b->errs, "aliases (*name) are not used here");
    case YAML_SCALAR_EVENT:
        st = refuse_extras(b, event->data.scalar.anchor, event->data.scalar.tag, mark);
        return st != CIT_OK ? st : scalar_event(b, event, mark);
    case YAML_SEQUENCE_START_EVENT:
        st = refuse_extras(b, event->data.sequence_start.anchor, event->data.sequence_start.tag,
                           mark);
        return st != CIT_OK ? st : open_event(b, CIT_NODE_LIST, mark);
    case YAML_MAPPING_START_EVENT:
        st =
            refuse_extras(b, event->data.mapping_start.anchor, event->data.mapping_start.tag, mark);
        return st != CIT_OK ? st : open_event(b, CIT_NODE_MAP, mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return CIT_OK;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return CIT_OK;
    }
    return CIT_OK;
}

static cit_status syntax_fault(builder *b, const yaml_parser_t *parser) {
    const char *problem = parser->problem ? parser->problem : "not YAML";
    if (parser->error == YAML_MEMORY_ERROR)
        return cit_fail(b->errs, CIT_NOMEM, b->doc->name, "no memory");
    return cit_doc_fail(b->doc, mark_of(parser->problem_mark), b->errs, "not readable as YAML: %s",
                        problem);
}

static cit_status build_tree(cit_doc *doc, const char *bytes, size_t size, cit_errors *errs) {
    cit_status st = CIT_OK;
    builder b = {.doc = doc, .errs = errs};
    yaml_parser_t parser;
    bool more = true;

    if (!yaml_parser_initialize(&parser)) return cit_fail(errs, CIT_NOMEM, doc->name, "no memory");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
    while (more && st == CIT_OK) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            st = syntax_fault(&b, &parser);
            break;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        st = take_event(&b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return st == CIT_OK && b.key_twice ? CIT_INVALID : st;
}

cit_status cit_doc_parse(const char *name, const char *bytes, size_t size, cit_doc **ret,
                         cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_doc *doc = calloc(1, sizeof *doc);

    if (doc == NULL) {
        st = cit_fail(errs, CIT_NOMEM, name, "no memory");
        goto done;
    }
    doc->name = strdup(name);
    if (doc->name == NULL) {
        st = cit_fail(errs, CIT_NOMEM, name, "no memory");
        goto done;
    }
    if (size > CIT_DOC_MAX_BYTES) {
        st = cit_fail(errs, CIT_INVALID, name, "is larger than %d bytes, the most that is read",
                      CIT_DOC_MAX_BYTES);
        goto done;
    }
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) { /* some editors begin files so */
        bytes += 3;
        size -= 3;
    }
    CIT_TRY(check_text(doc, bytes, size, errs));
    CIT_TRY(build_tree(doc, bytes, size, errs));
    if (doc->root == NULL) {
        st = cit_doc_fail(doc, (cit_mark){0, 0}, errs, "is empty");
        goto done;
    }
    *ret = doc;
    doc = NULL;
done:
    cit_doc_free(doc);
    return st;
}

cit_status cit_doc_read(const char *path, cit_doc **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    char *bytes = NULL;
    size_t size = 0;
    CIT_TRY(read_bytes(path, &bytes, &size, errs));
    CIT_TRY(cit_doc_parse(path, bytes, size, ret, errs));
done:
    free(bytes);
    return st;
}
