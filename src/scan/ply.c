/* PLY: a header that names elements and their properties, then rows of numbers, as text or with either end first.
 *
 * Of element `vertex` are taken x y z, nx ny nz and red green blue; of `face` its corners. Elements and
 * properties of other names are read over. Frames of depth cameras come as `metadata`, `color` and `depth`. */
#include "shape_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ELEMENTS_MAX = 32,
    PROPERTIES_MAX = 256,
    NAME_BYTES = 40,
    VALUES = 9,
    METADATA_MAX = 1 << 20
};
enum { NO_SLOT = -1, CORNERS = VALUES };

typedef enum number { NONE, I8, U8, I16, U16, I32, U32, F32, F64 } number;

/* `full` is what white is in a colour of that type. */
static const struct {
    const char *name, *other;
    size_t size;
    double full;
} numbers[] = {
    [NONE] = {"", "", 0, 0},
    [I8] = {"char", "int8", 1, 127},
    [U8] = {"uchar", "uint8", 1, 255},
    [I16] = {"short", "int16", 2, 32767},
    [U16] = {"ushort", "uint16", 2, 65535},
    [I32] = {"int", "int32", 4, 2147483647},
    [U32] = {"uint", "uint32", 4, 4294967295.0},
    [F32] = {"float", "float32", 4, 1},
    [F64] = {"double", "float64", 8, 1},
};

typedef struct property {
    char name[NAME_BYTES];
    number type, count_type; /* of a list: of its length; else NONE */
    int slot;
} property;

struct role;
typedef struct element {
    char name[NAME_BYTES];
    size_t count;
    int first, properties;
    const struct role *role; /* NULL: read over */
} element;

typedef struct ply {
    cit_job *job;
    cit_mesh *mesh;
    enum { TEXT, LITTLE, BIG } coding;
    cit_words words; /* what is left; in a binary file its `at` alone counts */
    element elements[ELEMENTS_MAX];
    property properties[PROPERTIES_MAX];
    int element_count, property_count;
    size_t row, vertices;
    double values[VALUES];
    number types[VALUES]; /* what a slot is read from, NONE: it is not there */
    int fan[2], corners;  /* of this face: first and last corner, how many so far */
    char *metadata;
    float *depth;
    uint8_t *rgb;
} ply;

static cit_status fail_here(const ply *p, const char *what) {
    if (p->coding == TEXT) return cit_job_fail_line(p->job, p->words.line, "%s", what);
    return cit_job_fail_byte(p->job, (size_t)(p->words.at - p->job->bytes), "%s", what);
}

/* ---- what is taken from whom ----------------------------------------------------------------- */

typedef struct slot {
    const char *name, *other;
    int slot;
} slot;

/* The first `required` slots must be there; else the element is read over, or refused where it is a `must`. `start` is
 * called once with the element's length, `row` after every row. */
typedef struct role {
    const char *element;
    const slot *slots;
    int required;
    bool must;
    cit_status (*start)(ply *p, size_t count);
    cit_status (*row)(ply *p);
} role;

static const slot vertex_slots[] = {{"x", "", 0},
                                    {"y", "", 1},
                                    {"z", "", 2},
                                    {"nx", "", 3},
                                    {"ny", "", 4},
                                    {"nz", "", 5},
                                    {"red", "r", 6},
                                    {"green", "g", 7},
                                    {"blue", "b", 8},
                                    {"diffuse_red", "", 6},
                                    {"diffuse_green", "", 7},
                                    {"diffuse_blue", "", 8},
                                    {NULL, NULL, 0}};
static const slot face_slots[] = {{"vertex_indices", "vertex_index", CORNERS}, {NULL, NULL, 0}};
static const slot colour_slots[] = {
    {"r", "red", 0}, {"g", "green", 1}, {"b", "blue", 2}, {NULL, NULL, 0}};
static const slot depth_slots[] = {{"d", "depth", 0}, {NULL, NULL, 0}};
static const slot metadata_slots[] = {{"char", "", 0}, {NULL, NULL, 0}};

static bool all_there(const ply *p, int from) {
    return p->types[from] != NONE && p->types[from + 1] != NONE && p->types[from + 2] != NONE;
}

static uint8_t colour(double value, number type) {
    const double share = value / numbers[type].full;
    return (uint8_t)lround(255 * (share > 0 ? fmin(share, 1) : 0));
}

static void colours(const ply *p, int from, uint8_t *rgb) {
    for (int k = 0; k < 3; k++) rgb[k] = colour(p->values[from + k], p->types[from + k]);
}

static cit_status start_vertices(ply *p, size_t count) {
    void *things = p->mesh->vertices;
    const cit_status st =
        cit_job_grow(p->job, &things, sizeof *p->mesh->vertices, count, &p->mesh->vertex_room);
    p->mesh->vertices = things;
    p->vertices = count;
    p->mesh->has_normals = all_there(p, 3);
    p->mesh->has_rgb = all_there(p, 6);
    return st;
}

static cit_status vertex_row(ply *p) {
    cit_vertex v = {0};
    memcpy(v.xyz, p->values, sizeof v.xyz);
    for (int k = 0; k < 3 && p->mesh->has_normals; k++) v.normal[k] = (float)p->values[3 + k];
    if (p->mesh->has_rgb) colours(p, 6, v.rgb);
    return cit_mesh_vertex(p->job, p->mesh, &v);
}

static cit_status start_faces(ply *p, size_t count) {
    if (p->vertices == 0 && count > 0) return fail_here(p, "faces stand before their vertices");
    return CIT_OK;
}

static cit_status face_row(ply *p) {
    if (p->corners < 3) return fail_here(p, "a face has fewer than three corners");
    return CIT_OK;
}

static cit_status strips(ply *p, size_t count) {
    (void)count;
    return fail_here(p, "has strips of triangles; save it with faces");
}

static cit_status start_metadata(ply *p, size_t count) {
    void *bytes = NULL;
    if (count > METADATA_MAX) return fail_here(p, "has more than 1 MiB of metadata");
    const cit_status st = cit_job_take(p->job, count + 1, 1, &bytes);
    p->metadata = bytes;
    return st;
}

static cit_status metadata_row(ply *p) {
    const double byte = p->values[0];
    if (!(byte >= -128 && byte <= 255)) return fail_here(p, "has metadata that are no bytes");
    p->metadata[p->row] = (char)(int)byte;
    return CIT_OK;
}

static cit_status start_depth(ply *p, size_t count) {
    void *numbers_of = NULL;
    const cit_status st = cit_job_take(p->job, count, sizeof *p->depth, &numbers_of);
    p->depth = numbers_of;
    return st;
}

static cit_status depth_row(ply *p) {
    p->depth[p->row] = (float)p->values[0];
    return CIT_OK;
}

static cit_status start_colours(ply *p, size_t count) {
    void *bytes = NULL;
    const cit_status st = cit_job_take(p->job, count, 3, &bytes);
    p->rgb = bytes;
    return st;
}

static cit_status colour_row(ply *p) {
    colours(p, 0, p->rgb + 3 * p->row);
    return CIT_OK;
}

static const role roles[] = {
    {"vertex", vertex_slots, 3, true, start_vertices, vertex_row},
    {"face", face_slots, 1, true, start_faces, face_row},
    {"tristrips", face_slots, 0, true, strips, NULL},
    {"metadata", metadata_slots, 1, false, start_metadata, metadata_row},
    {"color", colour_slots, 3, false, start_colours, colour_row},
    {"depth", depth_slots, 1, false, start_depth, depth_row},
};

static const role *role_of(const char *name) {
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].element, name) == 0) return &roles[i];
    return NULL;
}

static int slot_of(const role *r, const char *name) {
    for (const slot *s = r != NULL ? r->slots : NULL; s != NULL && s->name != NULL; s++)
        if (strcmp(s->name, name) == 0 || strcmp(s->other, name) == 0) return s->slot;
    return NO_SLOT;
}

/* ---- header ---------------------------------------------------------------------------------- */

static number number_of(const char *name) {
    for (int i = I8; i <= F64; i++)
        if (strcmp(numbers[i].name, name) == 0 || strcmp(numbers[i].other, name) == 0)
            return (number)i;
    return NONE;
}

static bool word(ply *p, char ret[CIT_WORD]) { return cit_words_next(&p->words, ret); }

static cit_status read_format(ply *p) {
    static const char *const codings[] = {"ascii", "binary_little_endian", "binary_big_endian"};
    char name[CIT_WORD] = "", version[CIT_WORD] = "";
    int coding = TEXT;
    if (!word(p, name) || !word(p, version) || strcmp(version, "1.0") != 0)
        return fail_here(p, "the format is not '... 1.0'");
    while (coding <= BIG && strcmp(codings[coding], name) != 0) coding++;
    if (coding > BIG) return fail_here(p, "the format is neither ascii nor binary");
    p->coding = coding;
    return CIT_OK;
}

/* A count as the header has it: digits alone. */
static bool whole(const char *text, size_t *ret) {
    size_t n = 0;
    if (*text == 0 || strlen(text) > 15) return false;
    for (; *text >= '0' && *text <= '9'; text++) n = 10 * n + (size_t)(*text - '0');
    *ret = n;
    return *text == 0;
}

static cit_status read_element(ply *p) {
    char name[CIT_WORD] = "", count[CIT_WORD] = "";
    if (p->element_count == ELEMENTS_MAX) return fail_here(p, "more than 32 elements");
    element *e = &p->elements[p->element_count];
    if (!word(p, name) || !word(p, count) || !whole(count, &e->count))
        return fail_here(p, "an element is a name and a count");
    for (int i = 0; i < p->element_count; i++)
        if (strncmp(p->elements[i].name, name, NAME_BYTES - 1) == 0)
            return fail_here(p, "an element stands twice");
    snprintf(e->name, sizeof e->name, "%.39s", name);
    e->first = p->property_count;
    e->role = role_of(name);
    p->element_count++;
    return CIT_OK;
}

static cit_status read_types(ply *p, property *q, char name[CIT_WORD]) {
    char type[CIT_WORD] = "";
    if (!word(p, type)) return fail_here(p, "a property is a type and a name");
    if (strcmp(type, "list") == 0) {
        if (!word(p, type) || (q->count_type = number_of(type)) == NONE || q->count_type >= F32)
            return fail_here(p, "the length of a list is of a whole type");
        if (!word(p, type)) return fail_here(p, "a list is two types and a name");
    }
    if ((q->type = number_of(type)) == NONE) return fail_here(p, "a type is not known");
    return word(p, name) ? CIT_OK : fail_here(p, "a property is a type and a name");
}

static cit_status read_property(ply *p) {
    char name[CIT_WORD] = "";
    if (p->element_count == 0) return fail_here(p, "a property stands before any element");
    if (p->property_count == PROPERTIES_MAX) return fail_here(p, "more than 256 properties");
    property *q = &p->properties[p->property_count];
    element *e = &p->elements[p->element_count - 1];
    const cit_status st = read_types(p, q, name);
    if (st != CIT_OK) return st;
    snprintf(q->name, sizeof q->name, "%.39s", name);
    q->slot = slot_of(e->role, q->name);
    if ((q->slot == CORNERS) != (q->count_type != NONE)) q->slot = NO_SLOT;
    if (q->slot == CORNERS && q->type >= F32) return fail_here(p, "corners are whole numbers");
    for (int i = e->first; i < p->property_count; i++)
        if (q->slot != NO_SLOT && p->properties[i].slot == q->slot)
            return fail_here(p, "a property stands twice");
    e->properties++;
    p->property_count++;
    return CIT_OK;
}

static cit_status skip_line(ply *p) {
    (void)p;
    return CIT_OK;
}

static cit_status read_header(ply *p) {
    static const struct {
        const char *word;
        cit_status (*read)(ply *);
    } lines[] = {{"format", read_format},
                 {"element", read_element},
                 {"property", read_property},
                 {"comment", skip_line},
                 {"obj_info", skip_line}};
    char name[CIT_WORD] = "";
    if (!word(p, name) || strcmp(name, "ply") != 0)
        return fail_here(p, "does not begin with 'ply'");
    for (bool formatted = false; cit_words_line(&p->words);) {
        size_t i = 0;
        if (!word(p, name)) return fail_here(p, "an empty line in the header");
        if (strcmp(name, "end_header") == 0) {
            cit_words_line(&p->words);
            return formatted ? CIT_OK : fail_here(p, "no format in the header");
        }
        while (i < 5 && strcmp(lines[i].word, name) != 0) i++;
        if (i == 5 || (!formatted && (i == 1 || i == 2)))
            return fail_here(p, "not a line of a header, or before its format");
        formatted = formatted || i == 0;
        const cit_status st = lines[i].read(p);
        if (st != CIT_OK) return st;
    }
    return fail_here(p, "the header does not end");
}

/* ---- numbers --------------------------------------------------------------------------------- */

static double decode(number type, const uint8_t *b, bool big) {
    const uint32_t half = type == I16 || type == U16 ? (big ? cit_u16_be(b) : cit_u16_le(b)) : 0;
    const uint32_t full = numbers[type].size >= 4 ? (big ? cit_u32_be(b) : cit_u32_le(b)) : 0;
    uint64_t twice = 0;
    float single;
    double real;
    switch (type) {
    case I8:
        return (int8_t)b[0];
    case U8:
        return b[0];
    case I16:
        return (int16_t)half;
    case U16:
        return half;
    case I32:
        return (int32_t)full;
    case U32:
        return full;
    case F32:
        memcpy(&single, &full, sizeof single);
        return (double)single;
    case F64:
        twice = big ? (uint64_t)full << 32 | cit_u32_be(b + 4)
                    : (uint64_t)cit_u32_le(b + 4) << 32 | full;
        memcpy(&real, &twice, sizeof real);
        return real;
    case NONE:
        break;
    }
    return 0;
}

/* Text may say nan, or inf, of what was not measured. */
static bool unmeasured(const char *text) {
    const char *c = text + (*text == '-' || *text == '+');
    return strcmp(c, "nan") == 0 || strcmp(c, "NaN") == 0 || strcmp(c, "inf") == 0;
}

static cit_status next_text(ply *p, number type, double *ret) {
    char text[CIT_WORD];
    if (!cit_words_any(&p->words, text)) return fail_here(p, "the file ends before its rows do");
    if (type >= F32 && unmeasured(text)) {
        *ret = CIT_UNKNOWN_NUMBER;
        return CIT_OK;
    }
    if (!cit_word_number(text, ret) || (type < F32 && (*ret != floor(*ret) || fabs(*ret) > 1e10)))
        return cit_job_fail_line(p->job, p->words.line, "'%s' is no %s", text, numbers[type].name);
    return CIT_OK;
}

static cit_status next(ply *p, number type, double *ret) {
    if (p->coding == TEXT) return next_text(p, type, ret);
    if ((size_t)(p->words.end - p->words.at) < numbers[type].size)
        return fail_here(p, "the file ends before its rows do");
    *ret = decode(type, p->words.at, p->coding == BIG);
    p->words.at += numbers[type].size;
    return CIT_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* A face of more corners is a fan of triangles about its first. */
static cit_status corner(ply *p, double index) {
    if (!(index >= 0 && index < (double)p->vertices)) return fail_here(p, "a corner is no vertex");
    const int i = (int)index;
    if (p->corners >= 2) {
        const cit_status st = cit_mesh_triangle(p->job, p->mesh, p->fan[0], p->fan[1], i);
        if (st != CIT_OK) return st;
    }
    p->fan[p->corners > 0] = i;
    p->corners++;
    return CIT_OK;
}

static cit_status read_list(ply *p, const property *q) {
    double length = 0, value = 0;
    cit_status st = next(p, q->count_type, &length);
    if (st == CIT_OK && length < 0) return fail_here(p, "a list has a negative length");
    p->corners = q->slot == CORNERS ? 0 : p->corners;
    for (double i = 0; i < length && st == CIT_OK; i++) {
        st = next(p, q->type, &value);
        if (st == CIT_OK && q->slot == CORNERS) st = corner(p, value);
    }
    return st;
}

static cit_status read_row(ply *p, const element *e) {
    cit_status st = CIT_OK;
    for (int i = e->first; i < e->first + e->properties && st == CIT_OK; i++) {
        const property *q = &p->properties[i];
        double value = 0;
        if (q->count_type != NONE) {
            st = read_list(p, q);
            continue;
        }
        st = next(p, q->type, &value);
        if (q->slot != NO_SLOT) p->values[q->slot] = value;
    }
    return st == CIT_OK && e->role != NULL ? e->role->row(p) : st;
}

/* The least bytes that a row can have. */
static size_t least_row(const ply *p, const element *e) {
    size_t bytes = 0;
    for (int i = e->first; i < e->first + e->properties; i++) {
        const property *q = &p->properties[i];
        bytes +=
            p->coding == TEXT ? 2 : numbers[q->count_type != NONE ? q->count_type : q->type].size;
    }
    return bytes;
}

static cit_status check_claim(const ply *p, const element *e) {
    const double left = (double)(p->words.end - p->words.at) + (p->coding == TEXT);
    if ((double)e->count * (double)least_row(p, e) > left)
        return cit_job_fail(p->job, "element %s claims %zu rows, but %.0f bytes are left", e->name,
                            e->count, left);
    return CIT_OK;
}

/* Which slots the element's rows fill. */
static cit_status check_slots(ply *p, element *e) {
    bool has_corners = false;
    memset(p->types, 0, sizeof p->types);
    for (int i = e->first; i < e->first + e->properties; i++) {
        const property *q = &p->properties[i];
        if (q->slot >= 0 && q->slot < VALUES) p->types[q->slot] = q->type;
        has_corners = has_corners || q->slot == CORNERS;
    }
    for (int i = 0; e->role != NULL && i < e->role->required && e->count > 0; i++) {
        const slot *s = &e->role->slots[i];
        if (s->slot == CORNERS ? has_corners : p->types[s->slot] != NONE) continue;
        if (e->role->must)
            return cit_job_fail(p->job, "element %s lacks property %s", e->name, s->name);
        e->role = NULL;
    }
    return CIT_OK;
}

static cit_status read_rows(ply *p, element *e) {
    cit_status st = check_claim(p, e);
    if (st == CIT_OK) st = check_slots(p, e);
    if (st == CIT_OK && e->role != NULL) st = e->role->start(p, e->count);
    if (e->properties == 0) return st;
    for (p->row = 0; p->row < e->count && st == CIT_OK; p->row++) st = read_row(p, e);
    return st;
}

static cit_status check_end(ply *p) {
    char text[CIT_WORD];
    const bool more =
        p->coding == TEXT ? cit_words_any(&p->words, text) : p->words.at < p->words.end;
    return more ? fail_here(p, "the file goes on after its last row") : CIT_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static const element *find(const ply *p, const char *name) {
    for (int i = 0; i < p->element_count; i++)
        if (strcmp(p->elements[i].name, name) == 0) return &p->elements[i];
    return NULL;
}

/* No vertices, but a depth for every pixel. */
static cit_status take_frame(ply *p) {
    const element *depth = find(p, "depth"), *metadata = find(p, "metadata");
    const element *rgb = find(p, "color");
    if (p->depth == NULL || p->metadata == NULL)
        return cit_job_fail(p->job, "has no element vertex, nor a frame of depths with metadata");
    if (p->rgb != NULL && rgb->count != depth->count)
        return cit_job_fail(p->job, "has %zu depths and %zu colours", depth->count, rgb->count);
    const cit_depth_frame frame = {p->metadata, metadata->count, depth->count, p->depth, p->rgb};
    return cit_depth_frame_points(p->job, &frame, p->mesh);
}

cit_status cit_ply_read(cit_job *job, cit_mesh *ret) {
    cit_status st = CIT_OK;
    ply *p = NULL;
    void *made = NULL;
    CIT_TRY(cit_job_take(job, 1, sizeof *p, &made));
    p = made;
    p->job = job;
    p->mesh = ret;
    p->words = (cit_words){job->bytes, job->bytes + job->size, 1};
    CIT_TRY(read_header(p));
    for (int i = 0; i < p->element_count; i++) CIT_TRY(read_rows(p, &p->elements[i]));
    CIT_TRY(check_end(p));
    snprintf(ret->origin, sizeof ret->origin, "PLY");
    if (find(p, "vertex") == NULL) CIT_TRY(take_frame(p));
done:
    if (p != NULL) {
        free(p->metadata);
        free(p->depth);
        free(p->rgb);
    }
    free(p);
    return st;
}
