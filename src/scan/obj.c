/* Wavefront OBJ: a statement a line; of them points, normals and faces are taken. A face of more corners than three is a
 * fan about its first; a point's normal is the sum of those its corners name. */
#include "shape_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 7 };

typedef struct obj {
    cit_job *job;
    cit_mesh *mesh;
    cit_words words;
    float *normals; /* 3 each */
    size_t normal_count, normal_room;
    size_t coloured;
} obj;

static cit_status fail_here(const obj *o, const char *what) {
    return cit_job_fail_line(o->job, o->words.line, "%s", what);
}

/* The numbers of this line; -1: something is none, or there are too many. */
static int read_numbers(obj *o, double numbers[NUMBERS]) {
    char word[CIT_WORD];
    int n = 0;
    while (cit_words_next(&o->words, word)) {
        if (*word == '#') break;
        if (n == NUMBERS || !cit_word_number(word, &numbers[n])) return -1;
        n++;
    }
    return n;
}

/* x y z, x y z w, or either with red green blue from 0 to 1. */
static cit_status read_point(obj *o) {
    double numbers[NUMBERS] = {0};
    cit_vertex v = {0};
    const int n = read_numbers(o, numbers);
    if (n != 3 && n != 4 && n != 6 && n != 7)
        return fail_here(o, "a point is 3 numbers, 4 with a weight, and 3 more with a colour");
    memcpy(v.xyz, numbers, sizeof v.xyz);
    o->coloured += n >= 6;
    for (int k = 0; k < 3 && n >= 6; k++)
        v.rgb[k] = (uint8_t)lround(255 * fmin(fmax(numbers[n - 3 + k], 0), 1));
    return cit_mesh_vertex(o->job, o->mesh, &v);
}

static cit_status read_normal(obj *o) {
    double numbers[NUMBERS] = {0};
    void *things = o->normals;
    if (read_numbers(o, numbers) != 3) return fail_here(o, "a normal is 3 numbers");
    const cit_status st =
        cit_job_grow(o->job, &things, 3 * sizeof *o->normals, o->normal_count + 1, &o->normal_room);
    o->normals = things;
    if (st != CIT_OK) return st;
    for (size_t k = 0; k < 3; k++)
        o->normals[3 * o->normal_count + k] = (float)fmin(fmax(numbers[k], -1e9), 1e9);
    o->normal_count++;
    return CIT_OK;
}

/* ---- faces ----------------------------------------------------------------------------------- */

/* From 1, or back from the last with a minus; of `count` so far. */
static bool read_index(const char **c, size_t count, size_t *ret) {
    const bool back = **c == '-';
    size_t n = 0;
    int digits = 0;
    for (*c += back; **c >= '0' && **c <= '9' && digits < 12; ++*c, digits++)
        n = 10 * n + (size_t)(**c - '0');
    *ret = back ? count - n : n - 1;
    return digits > 0 && n >= 1 && n <= count;
}

static void add_normal(obj *o, size_t point, size_t normal) {
    float *to = o->mesh->vertices[point].normal;
    for (size_t k = 0; k < 3; k++) to[k] += o->normals[3 * normal + k];
    o->mesh->has_normals = true;
}

/* point, point/texture, point//normal, point/texture/normal */
static bool read_corner(obj *o, const char *c, int *ret) {
    size_t point = 0, normal = 0;
    if (!read_index(&c, o->mesh->vertex_count, &point)) return false;
    *ret = (int)point;
    if (*c == '/')
        for (c++; *c == '-' || (*c >= '0' && *c <= '9');) c++;
    if (*c == 0) return true;
    if (*c != '/') return false;
    c++;
    if (!read_index(&c, o->normal_count, &normal) || *c != 0) return false;
    add_normal(o, point, normal);
    return true;
}

static cit_status read_face(obj *o) {
    char word[CIT_WORD];
    int fan[2] = {0, 0}, corner = 0, n = 0;
    for (; cit_words_next(&o->words, word) && *word != '#'; n++) {
        if (!read_corner(o, word, &corner))
            return cit_job_fail_line(o->job, o->words.line,
                                     "corner '%s' names none of %zu points or %zu normals so far",
                                     word, o->mesh->vertex_count, o->normal_count);
        if (n >= 2) {
            const cit_status st = cit_mesh_triangle(o->job, o->mesh, fan[0], fan[1], corner);
            if (st != CIT_OK) return st;
        }
        fan[n > 0] = corner;
    }
    return n >= 3 ? CIT_OK : fail_here(o, "a face has fewer than three corners");
}

/* ---- statements ------------------------------------------------------------------------------ */

static cit_status read_over(obj *o) {
    (void)o;
    return CIT_OK;
}

static cit_status read_free_form(obj *o) {
    return fail_here(o, "free-form curves and surfaces are not read; save it with faces");
}

static const struct {
    const char *word;
    cit_status (*read)(obj *o);
} statements[] = {
    {"v", read_point},          {"f", read_face},         {"vn", read_normal},
    {"vt", read_over},          {"g", read_over},         {"o", read_over},
    {"s", read_over},           {"usemtl", read_over},    {"mtllib", read_over},
    {"l", read_over},           {"p", read_over},         {"mg", read_over},
    {"usemap", read_over},      {"maplib", read_over},    {"bevel", read_over},
    {"c_interp", read_over},    {"d_interp", read_over},  {"lod", read_over},
    {"shadow_obj", read_over},  {"trace_obj", read_over}, {"vp", read_free_form},
    {"cstype", read_free_form}, {"curv", read_free_form}, {"curv2", read_free_form},
    {"surf", read_free_form},   {"deg", read_free_form},
};

static cit_status read_statement(obj *o) {
    char word[CIT_WORD];
    if (!cit_words_next(&o->words, word) || *word == '#') return CIT_OK;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (strcmp(statements[i].word, word) == 0) return statements[i].read(o);
    return cit_job_fail_line(o->job, o->words.line, "'%.20s' is no statement of an OBJ", word);
}

cit_status cit_obj_read(cit_job *job, cit_mesh *ret) {
    obj o = {.job = job, .mesh = ret, .words = {job->bytes, job->bytes + job->size, 1}};
    cit_status st = CIT_OK;
    do CIT_TRY(read_statement(&o));
    while (cit_words_line(&o.words));
    ret->has_rgb = o.coloured > 0 && o.coloured == ret->vertex_count;
    snprintf(ret->origin, sizeof ret->origin, "OBJ");
done:
    free(o.normals);
    return st;
}
