/* A frame of a depth camera as points: pixel (i, j) with depth d looks along
 *   ((u - cx) / f, (cy - v) / f, -1) d,  (u, v) its middle in the reference image, lens distortion taken off,
 * so x is right, y is up and z comes towards the camera, which is at the origin.
 *
 * Distortion is a table of what is added to a pixel's distance from the centre of distortion, as a share of it, at even steps
 * from there to the farthest corner, in between linear; depth maps are as distorted as the images beside them
 * (Apple, AVCameraCalibrationData.lensDistortionLookupTable). */
#include "shape_impl.h"
#include <jansson.h>
#include <string.h>

enum { TABLE_MAX = 1024 };
static const double unmeasured = 9999; /* of StandardCyborg's frames: no depth, or one beyond */

typedef struct camera {
    size_t width, height;
    double fx, fy, cx, cy;     /* pixels of the reference image */
    double across, down;       /* its sides */
    double centre_x, centre_y; /* of the distortion */
    double table[TABLE_MAX];
    size_t steps; /* 0: no distortion */
} camera;

/* ---- metadata -------------------------------------------------------------------------------- */

static bool number_in(const json_t *object, const char *key, double *ret) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) return false;
    *ret = json_number_value(value);
    return isfinite(*ret);
}

static bool numbers_in(const json_t *object, const char *key, size_t least, size_t most,
                       double *ret, size_t *ret_count) {
    const json_t *list = json_object_get(object, key);
    const size_t count = json_array_size(list);
    if (count < least || count > most) return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_number(value) || !isfinite(json_number_value(value))) return false;
        ret[i] = json_number_value(value);
    }
    *ret_count = count;
    return true;
}

static bool read_matrix(const json_t *intrinsics, camera *c) {
    double m[9]; /* column by column */
    size_t count = 0;
    if (!numbers_in(intrinsics, "intrinsic_matrix", 9, 9, m, &count)) return false;
    c->fx = m[0];
    c->fy = m[4];
    c->cx = m[6];
    c->cy = m[7];
    return c->fx > 0 && c->fy > 0;
}

static bool read_distortion(const json_t *intrinsics, camera *c) {
    if (json_object_get(intrinsics, "lens_distortion_lookup_table") == NULL) return true;
    return numbers_in(intrinsics, "lens_distortion_lookup_table", 2, TABLE_MAX, c->table,
                      &c->steps) &&
           number_in(intrinsics, "lens_distortion_center_x", &c->centre_x) &&
           number_in(intrinsics, "lens_distortion_center_y", &c->centre_y);
}

static bool read_sides(const json_t *root, const json_t *intrinsics, camera *c) {
    double width = 0, height = 0;
    if (!number_in(root, "width", &width) || !number_in(root, "height", &height) ||
        !number_in(intrinsics, "intrinsic_matrix_reference_dimensions_width", &c->across) ||
        !number_in(intrinsics, "intrinsic_matrix_reference_dimensions_height", &c->down))
        return false;
    if (!(width >= 1 && width <= 65535 && height >= 1 && height <= 65535)) return false;
    c->width = (size_t)width;
    c->height = (size_t)height;
    return c->across > 0 && c->down > 0;
}

static cit_status read_camera(cit_job *job, const cit_depth_frame *frame, camera *c) {
    json_error_t why;
    json_t *root = json_loadb(frame->metadata, strnlen(frame->metadata, frame->metadata_size),
                              JSON_REJECT_DUPLICATES, &why);
    const json_t *intrinsics = json_object_get(root, "camera_intrinsics");
    cit_status st = CIT_OK;
    if (root == NULL)
        st = cit_job_fail(job, "its metadata are no JSON: %s", why.text);
    else if (!read_sides(root, intrinsics, c) || !read_matrix(intrinsics, c) ||
             !read_distortion(intrinsics, c))
        st =
            cit_job_fail(job, "its metadata lack the camera (sides, intrinsic matrix, distortion)");
    else if (c->width * c->height != frame->count)
        st = cit_job_fail(job, "has %zu depths for %zu x %zu pixels", frame->count, c->width,
                          c->height);
    json_decref(root);
    return st;
}

/* ---- points ---------------------------------------------------------------------------------- */

static double magnification(const camera *c, double x, double y) {
    const double far_x = fmax(c->centre_x, c->across - c->centre_x);
    const double far_y = fmax(c->centre_y, c->down - c->centre_y);
    const double share = hypot(x - c->centre_x, y - c->centre_y) / hypot(far_x, far_y);
    if (c->steps == 0) return 0;
    if (!(share < 1)) return c->table[c->steps - 1];
    const double place = share * (double)(c->steps - 1);
    const size_t i = (size_t)place;
    return c->table[i] + (place - (double)i) * (c->table[i + 1] - c->table[i]);
}

/* NAN where nothing was measured. */
static void unproject(const camera *c, const cit_depth_frame *frame, size_t i, size_t j,
                      double ret[3]) {
    const double depth = (double)frame->depth[i + j * c->width];
    double u = ((double)i + 0.5) * c->across / (double)c->width;
    double v = ((double)j + 0.5) * c->down / (double)c->height;
    const double more = magnification(c, u, v);
    const double d = depth > 0 && depth < unmeasured ? depth : CIT_UNKNOWN_NUMBER;
    u += more * (u - c->centre_x);
    v += more * (v - c->centre_y);
    ret[0] = (u - c->cx) / c->fx * d;
    ret[1] = (c->cy - v) / c->fy * d;
    ret[2] = -d;
}

/* From one neighbour to the other, in a row or a column; from the pixel itself where one is missing. */
static bool across(const camera *c, const cit_depth_frame *frame, size_t i, size_t j, bool rows,
                   double ret[3]) {
    const size_t at = rows ? j : i, count = rows ? c->height : c->width;
    double ends[2][3];
    for (size_t k = 0; k < 2; k++) {
        const size_t to = k == 0 ? (at > 0 ? at - 1 : at) : (at + 1 < count ? at + 1 : at);
        unproject(c, frame, rows ? i : to, rows ? to : j, ends[k]);
        if (!isfinite(ends[k][2])) unproject(c, frame, i, j, ends[k]);
    }
    for (int k = 0; k < 3; k++) ret[k] = ends[1][k] - ends[0][k];
    return ret[0] != 0 || ret[1] != 0 || ret[2] != 0;
}

/* The way the surface looks, to the side of the camera; none where a pixel stands alone. */
static void face(const camera *c, const cit_depth_frame *frame, size_t i, size_t j, float ret[3]) {
    double a[3], b[3];
    if (!across(c, frame, i, j, false, a) || !across(c, frame, i, j, true, b)) return;
    for (int k = 0; k < 3; k++) {
        const int l = (k + 1) % 3, m = (k + 2) % 3;
        ret[k] = (float)(b[l] * a[m] - b[m] * a[l]);
    }
}

cit_status cit_depth_frame_points(cit_job *job, const cit_depth_frame *frame, cit_mesh *ret) {
    camera c = {0};
    cit_status st = read_camera(job, frame, &c);
    ret->has_normals = true;
    ret->has_rgb = frame->rgb != NULL;
    for (size_t n = 0; n < frame->count && st == CIT_OK; n++) {
        cit_vertex v = {0};
        unproject(&c, frame, n % c.width, n / c.width, v.xyz);
        if (!isfinite(v.xyz[2])) continue;
        face(&c, frame, n % c.width, n / c.width, v.normal);
        if (frame->rgb != NULL) memcpy(v.rgb, frame->rgb + 3 * n, 3);
        st = cit_mesh_vertex(job, ret, &v);
    }
    return st;
}
