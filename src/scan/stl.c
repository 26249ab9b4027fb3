/* STL: triangles without shared points, as text or binary. Corners in the very same place become one point, so that a shape
 * has neighbours again; written normals are not needed, the corners' order says them. */
#include "shape_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 84, FACET = 50 };

static cit_status add_corner(cit_job *job, cit_mesh *mesh, const double xyz[3]) {
    cit_vertex v = {0};
    for (int k = 0; k < 3; k++) v.xyz[k] = xyz[k] + 0.0; /* -0 is 0 */
    return cit_mesh_vertex(job, mesh, &v);
}

/* ---- binary ---------------------------------------------------------------------------------- */

static cit_status read_binary(cit_job *job, cit_mesh *mesh) {
    const size_t count = cit_u32_le(job->bytes + HEADER - 4);
    cit_status st = CIT_OK;
    for (size_t i = 0; i < 3 * count && st == CIT_OK; i++) {
        const size_t at = HEADER + i / 3 * FACET + 12 + i % 3 * 12;
        double xyz[3];
        for (size_t k = 0; k < 3; k++) xyz[k] = (double)cit_f32_le(job->bytes + at + 4 * k);
        if (!isfinite(xyz[0]) || !isfinite(xyz[1]) || !isfinite(xyz[2]))
            return cit_job_fail_byte(job, at, "a corner of triangle %zu has no place", i / 3);
        st = add_corner(job, mesh, xyz);
    }
    return st;
}

/* ---- text ------------------------------------------------------------------------------------ */

static bool next_is(cit_words *w, const char *word) {
    char text[CIT_WORD];
    return cit_words_any(w, text) && strcmp(text, word) == 0;
}

static bool three_numbers(cit_words *w, double ret[3]) {
    char text[CIT_WORD];
    for (int k = 0; k < 3; k++)
        if (!cit_words_any(w, text) || !cit_word_number(text, &ret[k])) return false;
    return true;
}

/* A normal may be anything: some write nan where a triangle has none. */
static bool read_over(cit_words *w, int words) {
    char text[CIT_WORD];
    for (int k = 0; k < words; k++)
        if (!cit_words_any(w, text)) return false;
    return true;
}

/* What follows `facet`. */
static cit_status read_facet(cit_job *job, cit_words *w, cit_mesh *mesh) {
    double xyz[3][3];
    cit_status st = CIT_OK;
    bool fits =
        next_is(w, "normal") && read_over(w, 3) && next_is(w, "outer") && next_is(w, "loop");
    for (int i = 0; i < 3 && fits; i++) fits = next_is(w, "vertex") && three_numbers(w, xyz[i]);
    if (!fits || !next_is(w, "endloop") || !next_is(w, "endfacet"))
        return cit_job_fail_line(job, w->line,
                                 "not 'facet normal, outer loop, 3 vertices, endloop, endfacet'");
    for (int i = 0; i < 3 && st == CIT_OK; i++) st = add_corner(job, mesh, xyz[i]);
    return st;
}

/* What follows the name of a solid, to its end; there may be several in a file. */
static cit_status read_solid(cit_job *job, cit_words *w, cit_mesh *mesh) {
    char text[CIT_WORD];
    while (cit_words_any(w, text)) {
        if (strcmp(text, "endsolid") == 0) return CIT_OK;
        if (strcmp(text, "facet") != 0)
            return cit_job_fail_line(job, w->line, "'%.20s' is neither facet nor endsolid", text);
        const cit_status st = read_facet(job, w, mesh);
        if (st != CIT_OK) return st;
    }
    return cit_job_fail_line(job, w->line, "the file ends before its solid does");
}

static cit_status read_text(cit_job *job, cit_mesh *mesh) {
    cit_words w = {job->bytes, job->bytes + job->size, 1};
    char text[CIT_WORD];
    cit_status st = CIT_OK;
    while (st == CIT_OK && cit_words_any(&w, text)) {
        if (strcmp(text, "solid") != 0)
            return cit_job_fail_line(job, w.line, "'%.20s' is no solid", text);
        cit_words_line(&w);
        st = read_solid(job, &w, mesh);
        if (st == CIT_OK) cit_words_line(&w);
    }
    return st;
}

/* ---- corners in one place -------------------------------------------------------------------- */

typedef struct corner {
    double xyz[3];
    int index;
} corner;

static int by_place(const void *a, const void *b) {
    const corner *p = a, *q = b;
    for (int k = 0; k < 3; k++)
        if (p->xyz[k] != q->xyz[k]) return p->xyz[k] < q->xyz[k] ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

static bool same_place(const corner *a, const corner *b) {
    return a->xyz[0] == b->xyz[0] && a->xyz[1] == b->xyz[1] && a->xyz[2] == b->xyz[2];
}

/* `first[i]`: the first corner in the place of corner i. Sorted, as a table could be made slow by who wrote the file. */
static void find_first(const cit_mesh *mesh, corner *sorted, int *first) {
    const size_t count = mesh->vertex_count;
    for (size_t i = 0; i < count; i++) {
        memcpy(sorted[i].xyz, mesh->vertices[i].xyz, sizeof sorted[i].xyz);
        sorted[i].index = (int)i;
    }
    qsort(sorted, count, sizeof *sorted, by_place);
    for (size_t i = 0, start = 0; i < count; i++) {
        if (!same_place(&sorted[start], &sorted[i])) start = i;
        first[sorted[i].index] = sorted[start].index;
    }
}

static cit_status weld(cit_job *job, cit_mesh *mesh) {
    void *sorted = NULL, *firsts = NULL;
    const size_t count = mesh->vertex_count;
    cit_status st = CIT_OK;
    CIT_TRY(cit_job_take(job, count, sizeof(corner), &sorted));
    CIT_TRY(cit_job_take(job, count, sizeof(int), &firsts));
    int *first = firsts; /* becomes the new number of each */
    find_first(mesh, sorted, first);
    mesh->vertex_count = 0;
    for (size_t i = 0; i < count; i++) {
        const bool is_new = first[i] == (int)i;
        first[i] = is_new ? (int)mesh->vertex_count : first[first[i]];
        if (is_new) mesh->vertices[mesh->vertex_count++] = mesh->vertices[i];
    }
    for (size_t i = 0; i < count; i += 3)
        CIT_TRY(cit_mesh_triangle(job, mesh, first[i], first[i + 1], first[i + 2]));
done:
    free(sorted);
    free(firsts);
    return st;
}

/* ---- which ----------------------------------------------------------------------------------- */

/* Binary files may begin with "solid" as well; the size decides. */
static bool fits_binary(const cit_job *job) {
    return job->size >= HEADER &&
           job->size - HEADER == (size_t)FACET * cit_u32_le(job->bytes + HEADER - 4);
}

cit_status cit_stl_read(cit_job *job, cit_mesh *ret) {
    const bool text = job->size >= 5 && memcmp(job->bytes, "solid", 5) == 0;
    cit_status st = CIT_OK;
    if (!fits_binary(job) && !text && job->size < HEADER)
        return cit_job_fail(job, "is too short for an STL of %d bytes or more", HEADER);
    if (!fits_binary(job) && !text)
        return cit_job_fail_byte(job, HEADER - 4,
                                 "claims %u triangles of %d bytes; %zu bytes follow",
                                 cit_u32_le(job->bytes + HEADER - 4), FACET, job->size - HEADER);
    CIT_TRY(fits_binary(job) ? read_binary(job, ret) : read_text(job, ret));
    CIT_TRY(weld(job, ret));
    snprintf(ret->origin, sizeof ret->origin, "STL");
done:
    return st;
}
