/* Private to the base room: what is text, and the arena that a document's nodes, strings and bound
 * arrays live in. */
#pragma once
#include <cit/base.h>

/* The length of the UTF-8 sequence at the start of `text`, 0 if there is none. Overlong forms, surrogates, what is no
 * character or lies above U+10FFFF, and control characters but tab and line ends are refused. */
int cit_utf8_length(const char *text, size_t left);
/* Memory that lives as long as the document; zeroed. NULL when there is none. */
void *cit_doc_alloc(cit_doc *doc, size_t size);
/* A copy of `size` bytes with a NUL behind. */
char *cit_doc_text(cit_doc *doc, const char *bytes, size_t size);
