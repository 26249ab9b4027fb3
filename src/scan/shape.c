/* Shapes: which reader, what a reader gathers, and how that becomes points in mm about their middle. */
#include "shape_impl.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Coordinates beyond are no scan of a person: 10 km (assumed). */
static const double farthest_mm = 1e7;

/* ---- gathering ------------------------------------------------------------------------------- */

cit_status cit_mesh_vertex(cit_job *job, cit_mesh *mesh, const cit_vertex *vertex) {
    void *things = mesh->vertices;
    if (mesh->vertex_count == INT_MAX) return cit_job_fail(job, "more than 2^31 points");
    const cit_status st =
        cit_job_grow(job, &things, sizeof *vertex, mesh->vertex_count + 1, &mesh->vertex_room);
    mesh->vertices = things;
    if (st == CIT_OK) mesh->vertices[mesh->vertex_count++] = *vertex;
    return st;
}

cit_status cit_mesh_triangle(cit_job *job, cit_mesh *mesh, int a, int b, int c) {
    void *things = mesh->corners;
    const cit_status st =
        cit_job_grow(job, &things, sizeof a, mesh->corner_count + 3, &mesh->corner_room);
    mesh->corners = things;
    if (st != CIT_OK) return st;
    int *to = mesh->corners + mesh->corner_count;
    to[0] = a;
    to[1] = b;
    to[2] = c;
    mesh->corner_count += 3;
    return CIT_OK;
}

void cit_mesh_clear(cit_mesh *mesh) {
    free(mesh->vertices);
    free(mesh->corners);
    memset(mesh, 0, sizeof *mesh);
}

/* ---- finishing ------------------------------------------------------------------------------- */

static bool has_place(const cit_vertex *v) {
    return isfinite(v->xyz[0]) && isfinite(v->xyz[1]) && isfinite(v->xyz[2]);
}

/* Leaves out what has no place; no triangle may stand on it. */
static cit_status drop_missing(cit_job *job, cit_mesh *mesh) {
    size_t kept = 0;
    for (size_t i = 0; i < mesh->vertex_count; i++) kept += has_place(&mesh->vertices[i]);
    if (kept == mesh->vertex_count) return CIT_OK;
    for (size_t i = 0; i < mesh->corner_count; i++)
        if (!has_place(&mesh->vertices[mesh->corners[i]]))
            return cit_job_fail(job, "triangle %zu stands on point %d, which has no place", i / 3,
                                mesh->corners[i]);
    if (mesh->corner_count > 0)
        return cit_job_fail(job, "%zu points of a mesh have no place", mesh->vertex_count - kept);
    kept = 0;
    for (size_t i = 0; i < mesh->vertex_count; i++)
        if (has_place(&mesh->vertices[i])) mesh->vertices[kept++] = mesh->vertices[i];
    mesh->vertex_count = kept;
    return CIT_OK;
}

static cit_status find_middle(cit_job *job, const cit_mesh *mesh, double unit_mm,
                              double middle_mm[3]) {
    for (int k = 0; k < 3; k++) {
        double low = (double)INFINITY, high = -(double)INFINITY;
        for (size_t i = 0; i < mesh->vertex_count; i++) {
            low = fmin(low, mesh->vertices[i].xyz[k]);
            high = fmax(high, mesh->vertices[i].xyz[k]);
        }
        const double far = fmax(fabs(low), fabs(high)) * unit_mm;
        if (!(far <= farthest_mm))
            return cit_job_fail(job, "a point lies %.3g km away; is 1 in it %g mm?", far / 1e6,
                                unit_mm);
        middle_mm[k] = (low + high) / 2 * unit_mm;
    }
    return CIT_OK;
}

static void put_normal(const float from[3], float *to) {
    const double x = (double)from[0], y = (double)from[1], z = (double)from[2];
    const double length = sqrt(x * x + y * y + z * z);
    for (int k = 0; k < 3; k++)
        to[k] = isfinite(length) && length > 0 ? (float)((double)from[k] / length) : 0;
}

static void fill(const cit_mesh *mesh, double unit_mm, cit_shape *s) {
    for (size_t i = 0; i < s->points; i++) {
        const cit_vertex *v = &mesh->vertices[i];
        for (size_t k = 0; k < 3; k++)
            s->xyz[3 * i + k] = (float)(v->xyz[k] * unit_mm - s->middle_mm[k]);
        if (s->normals != NULL) put_normal(v->normal, s->normals + 3 * i);
        if (s->rgb != NULL) memcpy(s->rgb + 3 * i, v->rgb, 3);
    }
    if (s->triangles > 0) memcpy(s->corners, mesh->corners, mesh->corner_count * sizeof(int));
}

static cit_status take(cit_job *job, size_t count, size_t each, bool wanted, void **ret) {
    return wanted ? cit_job_take(job, 3 * count, each, ret) : CIT_OK;
}

static cit_status finish(cit_job *job, cit_mesh *mesh, double unit_mm, cit_shape **ret) {
    cit_status st = CIT_OK;
    cit_shape *s = NULL;
    void *things[4] = {NULL, NULL, NULL, NULL}, *made = NULL;

    CIT_TRY(drop_missing(job, mesh));
    if (mesh->vertex_count == 0) {
        st = cit_job_fail(job, "has no points");
        goto done;
    }
    CIT_TRY(cit_job_take(job, 1, sizeof *s, &made));
    s = made;
    CIT_TRY(find_middle(job, mesh, unit_mm, s->middle_mm));
    s->points = mesh->vertex_count;
    s->triangles = mesh->corner_count / 3;
    CIT_TRY(take(job, s->points, sizeof(float), true, &things[0]));
    s->xyz = things[0];
    CIT_TRY(take(job, s->points, sizeof(float), mesh->has_normals, &things[1]));
    s->normals = things[1];
    CIT_TRY(take(job, s->points, 1, mesh->has_rgb, &things[2]));
    s->rgb = things[2];
    CIT_TRY(take(job, s->triangles, sizeof(int), s->triangles > 0, &things[3]));
    s->corners = things[3];
    fill(mesh, unit_mm, s);
    snprintf(s->origin, sizeof s->origin, "%s, %zu points, %zu triangles, 1 is %g mm", mesh->origin,
             s->points, s->triangles, unit_mm);
    *ret = s;
    s = NULL;
done:
    cit_shape_free(s);
    return st;
}

void cit_shape_free(cit_shape *shape) {
    if (shape == NULL) return;
    free(shape->xyz);
    free(shape->normals);
    free(shape->rgb);
    free(shape->corners);
    free(shape);
}

/* ---- which reader ---------------------------------------------------------------------------- */

/* `unit_mm` 0: the format has none. */
typedef struct shape_format {
    cit_scan_format format;
    double unit_mm;
    cit_status (*read)(cit_job *job, cit_mesh *ret);
} shape_format;

static const shape_format formats[] = {
    {CIT_SCAN_PLY, 0, cit_ply_read},
    {CIT_SCAN_OBJ, 0, cit_obj_read},
    {CIT_SCAN_STL, 0, cit_stl_read},
    {CIT_SCAN_GLTF, 1000, cit_gltf_read},
};

static const shape_format *format_of(const cit_job *job) {
    const cit_scan_format format = cit_scan_recognise(job->name, job->bytes, job->size);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].format == format) return &formats[i];
    return NULL;
}

static cit_status choose_unit(const cit_job *job, const shape_format *format,
                              const cit_scan_scale *scale, double *ret) {
    const double given = scale != NULL ? scale->unit_mm : 0;
    if (!(given >= 0 && given <= 1e6))
        return cit_job_fail(job, "a unit of %g mm is no length", given);
    if (given == 0 && format->unit_mm == 0)
        return cit_job_fail(job, "%s has no unit: say what 1 in it is, in mm",
                            cit_scan_format_text(format->format));
    *ret = given > 0 ? given : format->unit_mm;
    return CIT_OK;
}

cit_status cit_shape_read(const char *name, const uint8_t *bytes, size_t size,
                          const cit_scan_scale *scale, const cit_scan_limits *limits,
                          cit_shape **ret, cit_errors *errs) {
    cit_job job = cit_job_of(name, bytes, size, limits, errs);
    double unit_mm = 0;
    cit_mesh mesh = {0};
    cit_status st = CIT_OK;
    if (size == 0) return cit_job_fail(&job, "is empty");
    const shape_format *format = format_of(&job);
    if (format == NULL)
        return cit_job_fail(&job, "is no PLY, OBJ, STL or glTF, by its first bytes or its name");
    CIT_TRY(choose_unit(&job, format, scale, &unit_mm));
    CIT_TRY(format->read(&job, &mesh));
    CIT_TRY(finish(&job, &mesh, unit_mm, ret));
done:
    cit_mesh_clear(&mesh);
    return st;
}
