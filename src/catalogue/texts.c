/* What the program says to people, by language and key. */
#include "catalogue_impl.h"
#include <stdio.h>
#include <string.h>

static const cit_node *child(const cit_node *map, const char *key, size_t length) {
    for (const cit_node *n = map->first; n != NULL; n = n->next)
        if (strncmp(n->key, key, length) == 0 && n->key[length] == 0) return n;
    return NULL;
}

static void check_texts(const cit_doc *doc, const cit_node *map, cit_errors *errs) {
    for (const cit_node *n = map->first; n != NULL; n = n->next) {
        if (n->kind == CIT_NODE_LIST)
            cit_doc_fail(doc, n->mark, errs, "texts: a text is needed for '%.60s', not a list",
                         n->key);
        else if (n->kind == CIT_NODE_MAP)
            check_texts(doc, n, errs);
        else if (*n->text == 0)
            cit_doc_fail(doc, n->mark, errs, "texts: '%.60s' is empty", n->key);
    }
}

cit_status read_language(cit_doc *doc, cit_language *ret, cit_errors *errs) {
    const cit_node *root = cit_doc_root(doc);
    const int faults_before = errs->count + errs->lost;
    if (root->kind != CIT_NODE_MAP)
        return cit_doc_fail(doc, root->mark, errs, "texts: 'key: value' lines are needed here");
    const cit_node *schema = child(root, "schema", 6), *language = child(root, "language", 8),
                   *texts = child(root, "texts", 5);
    if (schema == NULL || schema->kind != CIT_NODE_SCALAR ||
        strcmp(schema->text, "cit/texts/1") != 0)
        cit_doc_fail(doc, root->mark, errs, "the first line must be 'schema: cit/texts/1'");
    if (language == NULL || language->kind != CIT_NODE_SCALAR)
        return cit_doc_fail(doc, root->mark, errs, "texts: the key 'language' is missing");
    if (texts == NULL || texts->kind != CIT_NODE_MAP)
        cit_doc_fail(doc, root->mark, errs, "texts: the key 'texts' is missing");
    else
        check_texts(doc, texts, errs);
    if (errs->count + errs->lost > faults_before) return CIT_INVALID;
    *ret = (cit_language){language->text, texts};
    return CIT_OK;
}

static const char *find(const cit_node *node, const char *key) {
    for (;;) {
        if (node == NULL || node->kind != CIT_NODE_MAP) return NULL;
        const size_t length = strcspn(key, ".");
        node = child(node, key, length);
        if (key[length] == 0) break;
        key += length + 1;
    }
    return node != NULL && node->kind == CIT_NODE_SCALAR ? node->text : NULL;
}

static const cit_node *texts_of(const cit_catalogue *c, const char *language) {
    for (int i = 0; i < c->language_count; i++)
        if (strcmp(c->languages[i].id, language) == 0) return c->languages[i].texts;
    return NULL;
}

const char *cit_text_or_null(const cit_catalogue *c, const char *key) {
    const cit_node *spoken = c->language_count > 0 ? c->languages[c->language].texts : NULL;
    const char *text = find(spoken, key);
    return text != NULL ? text : find(texts_of(c, "en"), key);
}

const char *cit_text(const cit_catalogue *c, const char *key) {
    const char *text = cit_text_or_null(c, key);
    return text != NULL ? text : key;
}

const char *cit_text_of(const cit_catalogue *c, const char *kind, const char *id, const char *part,
                        const char *own) {
    char key[200];
    snprintf(key, sizeof key, "%s.%s.%s", kind, id, part);
    const char *text = cit_text_or_null(c, key);
    return text != NULL ? text : own;
}

/* The value of the name at `at`, which is behind a brace; NULL if it is none of the pairs. */
static const char *value_of(const char *at, size_t length, const char *const *pairs) {
    for (; pairs[0] != NULL; pairs += 2)
        if (strlen(pairs[0]) == length && strncmp(pairs[0], at, length) == 0) return pairs[1];
    return NULL;
}

/* Without the character at the end if only its beginning is there. */
static size_t whole_characters(const char *text, size_t used) {
    size_t start = used;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80) start--;
    if (start == 0) return used;
    const unsigned char lead = (unsigned char)text[--start];
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return start + length > used ? start : used;
}

char *cit_text_fill_from(char *ret, size_t size, const char *text, const char *const *pairs) {
    size_t used = 0;
    for (const char *c = text; *c != 0 && used + 1 < size;) {
        const size_t length = *c == '{' ? strcspn(c + 1, "}") : 0;
        const bool closed = *c == '{' && c[1 + length] == '}';
        const char *value = closed ? value_of(c + 1, length, pairs) : NULL;
        const char *piece = value != NULL ? value : c;
        const size_t n = value != NULL ? strlen(value) : 1, room = size - 1 - used;
        memcpy(ret + used, piece, n < room ? n : room);
        used += n < room ? n : room;
        c += value != NULL ? length + 2 : 1;
    }
    used = whole_characters(ret, used);
    ret[used] = 0;
    return ret;
}

cit_status cit_catalogue_speak(cit_catalogue *c, const char *language, cit_errors *errs) {
    for (int i = 0; i < c->language_count; i++)
        if (strcmp(c->languages[i].id, language) == 0) {
            c->language = i;
            return CIT_OK;
        }
    char all[200] = "";
    for (int i = 0; i < c->language_count; i++) {
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%.20s", i ? ", " : "", c->languages[i].id);
    }
    return cit_fail(errs, CIT_NOTFOUND, language, "there is no such language; there is %s", all);
}
