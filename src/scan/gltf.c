/* glTF 2.0: JSON that says how bytes become triangles, with the bytes behind it (GLB) or inside it (base64). The meshes of
 * its scene are put where their nodes have them and become one shape. Lengths are metres.
 *
 * Compressed bytes, posed meshes and bytes in other files are refused by name; what only paints is read over. Whole
 * numbers for places (KHR_mesh_quantization) are numbers like others. */
#include "shape_impl.h"
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFERS_MAX = 64,
    DEPTH_MAX = 64,
    JSON_COST = 40 /* bytes of memory that one of JSON may take */
};

typedef struct buffer {
    const uint8_t *bytes;
    uint8_t *own; /* decoded from base64 */
    size_t size;
} buffer;

typedef struct gltf {
    cit_job *job;
    cit_mesh *mesh;
    json_t *root;
    const uint8_t *bin; /* the second chunk of a GLB */
    size_t bin_size;
    buffer buffers[BUFFERS_MAX];
    bool *visited; /* a node each */
    size_t coloured;
} gltf;

/* ---- JSON ------------------------------------------------------------------------------------ */

static const json_t *item(const gltf *g, const char *list, size_t index) {
    return json_array_get(json_object_get(g->root, list), index);
}

/* A whole number of 0 or more; the default where it is not said. */
static bool count_in(const json_t *object, const char *key, size_t otherwise, size_t *ret) {
    const json_t *value = json_object_get(object, key);
    *ret = otherwise;
    if (value == NULL) return otherwise != SIZE_MAX;
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *ret = (size_t)json_integer_value(value);
    return true;
}

static bool numbers_in(const json_t *object, const char *key, size_t count, double *ret) {
    const json_t *list = json_object_get(object, key);
    if (list == NULL) return true;
    if (json_array_size(list) != count) return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_number(value) || !isfinite(json_number_value(value))) return false;
        ret[i] = json_number_value(value);
    }
    return true;
}

static const char *text_in(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* ---- the container --------------------------------------------------------------------------- */

static cit_status parse(gltf *g, const uint8_t *bytes, size_t size) {
    json_error_t why;
    if ((double)size * JSON_COST > g->job->memory)
        return cit_job_fail(g->job, "has %.3g MB of JSON, beyond what one file may take",
                            (double)size / 1e6);
    g->root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &why);
    if (g->root == NULL && why.line > 0)
        return cit_job_fail_line(g->job, (size_t)why.line, "no JSON: %s", why.text);
    if (g->root == NULL) return cit_job_fail(g->job, "no JSON: %s", why.text);
    g->job->memory -= (double)size;
    return CIT_OK;
}

static cit_status read_chunks(gltf *g) {
    const uint8_t *b = g->job->bytes;
    const size_t size = g->job->size;
    if (size < 20 || cit_u32_le(b + 4) != 2)
        return cit_job_fail_byte(g->job, 4, "is no GLB of version 2");
    const size_t whole = cit_u32_le(b + 8), json = cit_u32_le(b + 12);
    if (whole != size)
        return cit_job_fail_byte(g->job, 8, "says it has %zu bytes, but has %zu", whole, size);
    if (memcmp(b + 16, "JSON", 4) != 0 || json > size - 20)
        return cit_job_fail_byte(g->job, 12, "the first chunk is no JSON within the file");
    const size_t rest = size - 20 - json;
    if (rest >= 8) {
        const uint8_t *chunk = b + 20 + json;
        g->bin_size = cit_u32_le(chunk);
        if (memcmp(chunk + 4, "BIN", 4) != 0 || g->bin_size > rest - 8)
            return cit_job_fail_byte(g->job, 20 + json,
                                     "the second chunk is no BIN within the file");
        g->bin = chunk + 8;
    }
    return parse(g, b + 20, json);
}

/* What only paints or lights; shape is what it was without. */
static bool is_paint(const char *extension) {
    static const char *const starts[] = {"KHR_materials_", "KHR_texture_", "EXT_texture_",
                                         "KHR_lights_", "KHR_mesh_quantization"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(extension, starts[i], strlen(starts[i])) == 0) return true;
    return false;
}

static cit_status check_asset(const gltf *g) {
    const json_t *required = json_object_get(g->root, "extensionsRequired");
    const char *version = text_in(json_object_get(g->root, "asset"), "version");
    if (strncmp(version, "2.", 2) != 0)
        return cit_job_fail(g->job, "is no glTF 2 (its asset's version is '%.20s')", version);
    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *extension = json_string_value(json_array_get(required, i));
        if (extension == NULL || !is_paint(extension))
            return cit_job_fail(g->job, "needs %.60s, which is not read; save it without",
                                extension != NULL ? extension : "an extension without a name");
    }
    return CIT_OK;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static int base64(char c) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != 0 ? strchr(alphabet, c) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

static cit_status decode(gltf *g, size_t index, const char *text) {
    buffer *b = &g->buffers[index];
    void *bytes = NULL;
    unsigned bits = 0;
    int held = 0;
    const cit_status st = cit_job_take(g->job, strlen(text) / 4 * 3 + 3, 1, &bytes);
    if (st != CIT_OK) return st;
    b->bytes = b->own = bytes;
    for (; *text != 0 && *text != '='; text++) {
        const int six = base64(*text);
        if (six < 0) return cit_job_fail(g->job, "buffer %zu is no base64", index);
        bits = bits << 6 | (unsigned)six;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        b->own[b->size++] = (uint8_t)(bits >> held);
    }
    return CIT_OK;
}

static cit_status load_buffer(gltf *g, size_t index) {
    const json_t *object = item(g, "buffers", index);
    const char *uri = text_in(object, "uri"), *coded = strstr(uri, ";base64,");
    buffer *b = &g->buffers[index];
    size_t size = 0;
    cit_status st = CIT_OK;
    if (!count_in(object, "byteLength", SIZE_MAX, &size))
        return cit_job_fail(g->job, "buffer %zu has no length", index);
    if (strncmp(uri, "data:", 5) == 0 && coded != NULL)
        st = decode(g, index, coded + 8);
    else if (*uri != 0)
        return cit_job_fail(g->job, "buffer %zu lies in another file; save it as GLB", index);
    else if (index == 0)
        *b = (buffer){.bytes = g->bin, .size = g->bin_size};
    if (st == CIT_OK && b->size < size)
        return cit_job_fail(g->job, "buffer %zu claims %zu bytes, but there are %zu", index, size,
                            b->size);
    b->size = size;
    return st;
}

static cit_status load_buffers(gltf *g) {
    const size_t count = json_array_size(json_object_get(g->root, "buffers"));
    cit_status st = CIT_OK;
    if (count > BUFFERS_MAX) return cit_job_fail(g->job, "has more than %d buffers", BUFFERS_MAX);
    for (size_t i = 0; i < count && st == CIT_OK; i++) st = load_buffer(g, i);
    return st;
}

/* ---- accessors ------------------------------------------------------------------------------- */

typedef struct component {
    size_t code, size;
    double full; /* of a whole type: what stands for 1 where it is normalised */
    bool has_sign, real;
} component;

static const component components[] = {
    {5120, 1, 127, true, false},           {5121, 1, 255, false, false},
    {5122, 2, 32767, true, false},         {5123, 2, 65535, false, false},
    {5125, 4, 4294967295.0, false, false}, {5126, 4, 1, true, true},
};

static const component *component_of(const json_t *object) {
    size_t code = 0;
    if (!count_in(object, "componentType", SIZE_MAX, &code)) return NULL;
    for (size_t i = 0; i < sizeof components / sizeof *components; i++)
        if (components[i].code == code) return &components[i];
    return NULL;
}

static double number_at(const component *c, const uint8_t *b) {
    if (c->real) return (double)cit_f32_le(b);
    const uint32_t bits = c->size == 1 ? *b : c->size == 2 ? cit_u16_le(b) : cit_u32_le(b);
    const double top = c->size == 1 ? 256 : 65536;
    return c->has_sign && bits >= top / 2 ? (double)bits - top : (double)bits;
}

/* `count` things of `parts` numbers, each `stride` bytes from the last. */
typedef struct bytes_view {
    const uint8_t *at;
    size_t count, parts, stride;
    const component *type;
} bytes_view;

/* The bytes that `object` (an accessor, or a part of a sparse one) finds through its bufferView. */
static cit_status find_bytes(const gltf *g, const json_t *object, bytes_view *v) {
    size_t index = 0, offset = 0, from = 0, length = 0, of = 0, stride = 0;
    const size_t tight = v->parts * v->type->size;
    if (!count_in(object, "bufferView", SIZE_MAX, &index))
        return cit_job_fail(g->job, "an accessor has no bytes");
    const json_t *view = item(g, "bufferViews", index);
    if (json_object_get(json_object_get(view, "extensions"), "EXT_meshopt_compression") != NULL)
        return cit_job_fail(g->job, "is compressed (EXT_meshopt_compression); save it without");
    if (!count_in(object, "byteOffset", 0, &offset) || !count_in(view, "byteOffset", 0, &from) ||
        !count_in(view, "byteLength", SIZE_MAX, &length) ||
        !count_in(view, "buffer", SIZE_MAX, &of) || !count_in(view, "byteStride", tight, &stride))
        return cit_job_fail(g->job, "bufferView %zu is not there, or says too little", index);
    const size_t buffers = json_array_size(json_object_get(g->root, "buffers"));
    if (of >= buffers || g->buffers[of].bytes == NULL || from > g->buffers[of].size ||
        length > g->buffers[of].size - from)
        return cit_job_fail(g->job, "bufferView %zu reaches beyond its buffer", index);
    if (stride < tight || stride > 252)
        return cit_job_fail(g->job, "bufferView %zu has a stride of %zu bytes", index, stride);
    if (v->count == 0 || offset > length || length - offset < tight ||
        (length - offset - tight) / stride < v->count - 1)
        return cit_job_fail(g->job, "bufferView %zu is too short for %zu numbers", index, v->count);
    v->at = g->buffers[of].bytes + from + offset;
    v->stride = stride;
    return CIT_OK;
}

static size_t parts_of(const json_t *accessor) {
    static const char *const types[] = {"SCALAR", "VEC2", "VEC3", "VEC4"};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(types[i], text_in(accessor, "type")) == 0) return i + 1;
    return 0;
}

static void decode_numbers(const bytes_view *v, bool normalised, size_t i, double *to) {
    assert(v->at != NULL); /* found, or there was a fault */
    for (size_t k = 0; k < v->parts; k++) {
        const double n = number_at(v->type, v->at + i * v->stride + k * v->type->size);
        to[k] = normalised && !v->type->real ? fmax(n / v->type->full, -1) : n;
    }
}

/* Some of the numbers stand elsewhere. */
static cit_status read_sparse(const gltf *g, const json_t *accessor, const bytes_view *base,
                              bool normalised, double *numbers) {
    const json_t *sparse = json_object_get(accessor, "sparse");
    const json_t *where = json_object_get(sparse, "indices");
    bytes_view indices = {.parts = 1, .type = component_of(where)}, values = *base;
    if (sparse == NULL) return CIT_OK;
    if (!count_in(sparse, "count", SIZE_MAX, &indices.count) || indices.type == NULL ||
        indices.type->has_sign)
        return cit_job_fail(g->job, "a sparse accessor says too little");
    values.count = indices.count;
    cit_status st = find_bytes(g, where, &indices);
    if (st == CIT_OK) st = find_bytes(g, json_object_get(sparse, "values"), &values);
    for (size_t i = 0; i < indices.count && st == CIT_OK; i++) {
        double index = 0;
        decode_numbers(&indices, false, i, &index);
        if (index >= (double)base->count)
            return cit_job_fail(g->job, "a sparse accessor reaches beyond its end");
        decode_numbers(&values, normalised, i, numbers + (size_t)index * base->parts);
    }
    return st;
}

typedef struct numbers {
    double *at; /* `parts` each */
    size_t count, parts;
} numbers;

/* `key` of `object` names the accessor; where it does not, nothing is read. */
static cit_status read_accessor(gltf *g, const json_t *object, const char *key, numbers *ret) {
    size_t index = 0;
    void *made = NULL;
    if (json_object_get(object, key) == NULL) return CIT_OK;
    if (!count_in(object, key, SIZE_MAX, &index))
        return cit_job_fail(g->job, "%s is no accessor's number", key);
    const json_t *accessor = item(g, "accessors", index);
    const bool normalised = json_is_true(json_object_get(accessor, "normalized"));
    bytes_view v = {.parts = parts_of(accessor), .type = component_of(accessor)};
    if (v.parts == 0 || v.type == NULL || !count_in(accessor, "count", SIZE_MAX, &v.count))
        return cit_job_fail(g->job, "accessor %zu is not there, or says too little", index);
    cit_status st = find_bytes(g, accessor, &v);
    if (st == CIT_OK) st = cit_job_take(g->job, v.count, v.parts * sizeof(double), &made);
    if (st != CIT_OK) return st;
    *ret = (numbers){made, v.count, v.parts};
    for (size_t i = 0; i < v.count; i++) decode_numbers(&v, normalised, i, ret->at + i * v.parts);
    return read_sparse(g, accessor, &v, normalised, ret->at);
}

/* What was only passing through is paid back. */
static void drop(gltf *g, numbers *n) {
    g->job->memory += (double)(n->count * n->parts * sizeof *n->at);
    free(n->at);
    *n = (numbers){0};
}

/* ---- meshes ---------------------------------------------------------------------------------- */

/* Column by column, as the format has it. */
typedef struct matrix {
    double m[16];
} matrix;

static void place(const matrix *t, const double p[3], double ret[3]) {
    for (int k = 0; k < 3; k++)
        ret[k] = t->m[k] * p[0] + t->m[4 + k] * p[1] + t->m[8 + k] * p[2] + t->m[12 + k];
}

/* Cofactor (k, l) of the upper 3 x 3. */
static double cofactor(const matrix *t, int k, int l) {
    const int a = (k + 1) % 3, b = (k + 2) % 3, c = 4 * ((l + 1) % 3), d = 4 * ((l + 2) % 3);
    return t->m[c + a] * t->m[d + b] - t->m[d + a] * t->m[c + b];
}

static double determinant(const matrix *t) {
    double sum = 0;
    for (int k = 0; k < 3; k++) sum += t->m[k] * cofactor(t, k, 0);
    return sum;
}

static void turn(const matrix *t, const double n[3], float ret[3]) {
    const double sign = determinant(t) < 0 ? -1 : 1;
    for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (int l = 0; l < 3; l++) sum += cofactor(t, k, l) * n[l];
        ret[k] = (float)fmin(fmax(sign * sum, -1e30), 1e30);
    }
}

typedef struct primitive {
    numbers places, normals, colours, indices;
    size_t mode;
} primitive;

static cit_status add_vertices(gltf *g, const primitive *p, const matrix *t) {
    cit_status st = CIT_OK;
    for (size_t i = 0; i < p->places.count && st == CIT_OK; i++) {
        cit_vertex v = {0};
        place(t, p->places.at + 3 * i, v.xyz);
        if (!isfinite(v.xyz[0]) || !isfinite(v.xyz[1]) || !isfinite(v.xyz[2]))
            return cit_job_fail(g->job, "point %zu of a mesh has no place", i);
        if (p->normals.at != NULL) turn(t, p->normals.at + 3 * i, v.normal);
        for (size_t k = 0; k < 3 && p->colours.at != NULL; k++) {
            const double share = p->colours.at[p->colours.parts * i + k];
            v.rgb[k] = (uint8_t)lround(255 * (share > 0 ? fmin(share, 1) : 0));
        }
        st = cit_mesh_vertex(g->job, g->mesh, &v);
    }
    g->mesh->has_normals = g->mesh->has_normals || p->normals.at != NULL;
    if (p->colours.at != NULL) g->coloured += p->places.count;
    return st;
}

/* A mirrored triangle keeps its outside by going round the other way. */
static cit_status add_triangle(gltf *g, const primitive *p, size_t first, const size_t at[3],
                               bool mirrored) {
    int corners[3];
    for (int k = 0; k < 3; k++) {
        const double i = p->indices.at != NULL ? p->indices.at[at[k]] : (double)at[k];
        if (!(i >= 0 && i < (double)p->places.count && i == floor(i)))
            return cit_job_fail(g->job, "index %zu is no point of its mesh", at[k]);
        corners[k] = (int)(first + (size_t)i);
    }
    return cit_mesh_triangle(g->job, g->mesh, corners[0], corners[mirrored ? 2 : 1],
                             corners[mirrored ? 1 : 2]);
}

enum { POINTS = 0, TRIANGLES = 4, STRIP = 5, FAN = 6 };

static cit_status add_triangles(gltf *g, const primitive *p, size_t first, bool mirrored) {
    const size_t count = p->indices.at != NULL ? p->indices.count : p->places.count;
    const size_t step = p->mode == TRIANGLES ? 3 : 1;
    cit_status st = CIT_OK;
    if (p->mode == POINTS) return CIT_OK;
    if (p->mode == TRIANGLES && count % 3 != 0)
        return cit_job_fail(g->job, "%zu corners are no triangles", count);
    for (size_t i = 0; i + 3 <= count && st == CIT_OK; i += step) {
        const bool odd = p->mode == STRIP && i % 2 == 1;
        const size_t at[3] = {p->mode == FAN ? 0 : i, i + (odd ? 2 : 1), i + (odd ? 1 : 2)};
        st = add_triangle(g, p, first, at, mirrored);
    }
    return st;
}

static cit_status check_primitive(const gltf *g, const primitive *p) {
    const size_t count = p->places.count;
    if (p->places.parts != 3) return cit_job_fail(g->job, "a mesh has no POSITION of 3 numbers");
    if (p->normals.at != NULL && (p->normals.parts != 3 || p->normals.count != count))
        return cit_job_fail(g->job, "a mesh has not one NORMAL a point");
    if (p->colours.at != NULL && (p->colours.parts < 3 || p->colours.count != count))
        return cit_job_fail(g->job, "a mesh has not one COLOR_0 a point");
    if (p->indices.at != NULL && p->indices.parts != 1)
        return cit_job_fail(g->job, "indices are not one number each");
    return CIT_OK;
}

static cit_status read_primitive(gltf *g, const json_t *object, const matrix *t) {
    const json_t *attributes = json_object_get(object, "attributes");
    const size_t first = g->mesh->vertex_count;
    primitive p = {0};
    cit_status st = CIT_OK;
    if (!count_in(object, "mode", TRIANGLES, &p.mode) || p.mode > FAN)
        return cit_job_fail(g->job, "a mesh has a mode that glTF does not");
    if (p.mode > POINTS && p.mode < TRIANGLES) return CIT_OK; /* lines */
    CIT_TRY(read_accessor(g, attributes, "POSITION", &p.places));
    CIT_TRY(read_accessor(g, attributes, "NORMAL", &p.normals));
    CIT_TRY(read_accessor(g, attributes, "COLOR_0", &p.colours));
    CIT_TRY(read_accessor(g, object, "indices", &p.indices));
    CIT_TRY(check_primitive(g, &p));
    CIT_TRY(add_vertices(g, &p, t));
    CIT_TRY(add_triangles(g, &p, first, determinant(t) < 0));
done:
    drop(g, &p.places);
    drop(g, &p.normals);
    drop(g, &p.colours);
    drop(g, &p.indices);
    return st;
}

static cit_status read_mesh(gltf *g, size_t index, const matrix *t) {
    const json_t *mesh = item(g, "meshes", index);
    const json_t *primitives = json_object_get(mesh, "primitives");
    cit_status st = CIT_OK;
    if (json_array_size(primitives) == 0)
        return cit_job_fail(g->job, "mesh %zu is not there, or empty", index);
    if (json_object_get(mesh, "weights") != NULL)
        return cit_job_fail(g->job, "mesh %zu is morphed; save it as it stands", index);
    for (size_t i = 0; i < json_array_size(primitives) && st == CIT_OK; i++)
        st = read_primitive(g, json_array_get(primitives, i), t);
    return st;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static matrix product(const matrix *a, const matrix *b) {
    matrix c = {{0}};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            for (int k = 0; k < 4; k++) c.m[4 * j + i] += a->m[4 * k + i] * b->m[4 * j + k];
    return c;
}

static matrix of_parts(const double shift[3], const double q[4], const double scale[3]) {
    const double x = q[0], y = q[1], z = q[2], w = q[3];
    const double turned[9] = {
        1 - 2 * (y * y + z * z), 2 * (x * y + z * w),     2 * (x * z - y * w),
        2 * (x * y - z * w),     1 - 2 * (x * x + z * z), 2 * (y * z + x * w),
        2 * (x * z + y * w),     2 * (y * z - x * w),     1 - 2 * (x * x + y * y)};
    matrix t = {{0}};
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) t.m[4 * j + i] = turned[3 * j + i] * scale[j];
    for (int i = 0; i < 3; i++) t.m[12 + i] = shift[i];
    t.m[15] = 1;
    return t;
}

static cit_status read_transform(const gltf *g, const json_t *node, matrix *ret) {
    double shift[3] = {0, 0, 0}, q[4] = {0, 0, 0, 1}, scale[3] = {1, 1, 1};
    if (!numbers_in(node, "translation", 3, shift) || !numbers_in(node, "rotation", 4, q) ||
        !numbers_in(node, "scale", 3, scale))
        return cit_job_fail(g->job, "a node's translation, rotation or scale is not numbers");
    if (fabs(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3] - 1) > 0.01)
        return cit_job_fail(g->job, "a node's rotation is no unit quaternion");
    *ret = of_parts(shift, q, scale);
    if (!numbers_in(node, "matrix", 16, ret->m))
        return cit_job_fail(g->job, "a node's matrix is not 16 numbers");
    return CIT_OK;
}

static cit_status read_nodes(gltf *g, const json_t *list, const matrix *parent, int depth);

static cit_status read_node(gltf *g, size_t index, const matrix *parent, int depth) {
    const json_t *node = item(g, "nodes", index);
    matrix own;
    size_t mesh = 0;
    cit_status st = CIT_OK;
    if (node == NULL) return cit_job_fail(g->job, "node %zu is not there", index);
    if (g->visited[index]) return cit_job_fail(g->job, "node %zu is reached twice", index);
    if (depth > DEPTH_MAX) return cit_job_fail(g->job, "nodes are nested too deeply");
    g->visited[index] = true;
    CIT_TRY(read_transform(g, node, &own));
    own = product(parent, &own);
    if (json_object_get(node, "mesh") != NULL) {
        if (json_object_get(node, "skin") != NULL || json_object_get(node, "weights") != NULL)
            return cit_job_fail(g->job, "node %zu is posed; save it as it stands", index);
        if (!count_in(node, "mesh", SIZE_MAX, &mesh))
            return cit_job_fail(g->job, "node %zu names no mesh", index);
        CIT_TRY(read_mesh(g, mesh, &own));
    }
    CIT_TRY(read_nodes(g, json_object_get(node, "children"), &own, depth + 1));
done:
    return st;
}

static cit_status read_nodes(gltf *g, const json_t *list, const matrix *parent, int depth) {
    cit_status st = CIT_OK;
    for (size_t i = 0; i < json_array_size(list) && st == CIT_OK; i++) {
        const json_t *index = json_array_get(list, i);
        if (!json_is_integer(index) || json_integer_value(index) < 0)
            return cit_job_fail(g->job, "a list of nodes has something else in it");
        st = read_node(g, (size_t)json_integer_value(index), parent, depth);
    }
    return st;
}

/* The scene that is named, else the first. */
static cit_status read_scene(gltf *g) {
    const matrix still = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}};
    size_t index = 0;
    void *made = NULL;
    if (!count_in(g->root, "scene", 0, &index) || item(g, "scenes", index) == NULL)
        return cit_job_fail(g->job, "has no scene");
    const cit_status st =
        cit_job_take(g->job, json_array_size(json_object_get(g->root, "nodes")), 1, &made);
    if (st != CIT_OK) return st;
    g->visited = made;
    return read_nodes(g, json_object_get(item(g, "scenes", index), "nodes"), &still, 0);
}

cit_status cit_gltf_read(cit_job *job, cit_mesh *ret) {
    gltf g = {.job = job, .mesh = ret};
    const bool binary = job->size >= 4 && memcmp(job->bytes, "glTF", 4) == 0;
    cit_status st = CIT_OK;
    CIT_TRY(binary ? read_chunks(&g) : parse(&g, job->bytes, job->size));
    CIT_TRY(check_asset(&g));
    CIT_TRY(load_buffers(&g));
    CIT_TRY(read_scene(&g));
    ret->has_rgb = g.coloured > 0 && g.coloured == ret->vertex_count;
    snprintf(ret->origin, sizeof ret->origin, "glTF 2");
done:
    for (size_t i = 0; i < BUFFERS_MAX; i++) free(g.buffers[i].own);
    free(g.visited);
    json_decref(g.root);
    return st;
}
