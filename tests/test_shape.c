/* Shapes from bytes: the same shape from every format and coding, units, what is missing, what is refused and where. */
#include "scan_help.h"

static const cit_scan_scale mm = {.unit_mm = 1};

static cit_status read_as(const char *name, const bytes *b, const cit_scan_scale *scale,
                          cit_shape **ret, cit_errors *errs) {
    return cit_shape_read(name, b->at, b->size, scale, NULL, ret, errs);
}

static cit_shape *read_well(const char *name, const bytes *b, const cit_scan_scale *scale) {
    cit_shape *s = NULL;
    cit_errors errs = {0};
    const cit_status st = read_as(name, b, scale, &s, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return s;
}

/* Refused, with these words in the place and in the sentence. */
static void refused(const char *name, const bytes *b, const char *where, const char *text) {
    cit_shape *s = NULL;
    cit_errors errs = {0};
    check_fault(&errs, read_as(name, b, &mm, &s, &errs), name);
    CHECK(s == NULL, "%s: a shape beside a fault", name);
    CHECK(strstr(errs.items[0].where, where) != NULL && strstr(errs.items[0].text, text) != NULL,
          "%s: '%s' at '%s', not '%s' at '%s'", name, errs.items[0].text, errs.items[0].where, text,
          where);
}

static void refused_text(const char *name, const char *all, const char *where, const char *text) {
    bytes b = {.size = 0};
    put_text(&b, all);
    refused(name, &b, where, text);
}

static double place(const cit_shape *s, size_t point, int k) {
    return (double)s->xyz[3 * point + (size_t)k] + s->middle_mm[k];
}

/* A tent: four corners of a square of 10 x 10 and a top 3 high in its middle; four triangles. */
static const double tent[5][3] = {{0, 0, 0}, {10, 0, 0}, {10, 10, 0}, {0, 10, 0}, {5, 5, 3}};
static const int sides[4][3] = {{0, 1, 4}, {1, 2, 4}, {2, 3, 4}, {3, 0, 4}};

/* The tent's places, whatever their numbers, in its triangles' order. */
static void check_tent(const cit_shape *s, size_t points, double scale) {
    CHECK(s->points == points && s->triangles == 4, "%zu points, %zu triangles", s->points,
          s->triangles);
    CHECK_CLOSE(s->middle_mm[0], 5 * scale, 1e-6 * scale);
    CHECK_CLOSE(s->middle_mm[2], 1.5 * scale, 1e-6 * scale);
    for (size_t i = 0; i < 12; i++) {
        const int corner = s->corners[i];
        CHECK(corner >= 0 && (size_t)corner < s->points, "corner %d", corner);
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(place(s, (size_t)corner, k), scale * tent[sides[i / 3][i % 3]][k],
                        1e-6 * scale);
    }
}

/* ---- PLY --------------------------------------------------------------------------------------- */

typedef enum coding { TEXT, LITTLE, BIG } coding;

static void put_value(bytes *b, coding c, double value, size_t size) {
    const uint8_t narrow = (uint8_t)value;
    const int32_t whole = (int32_t)value;
    char text[32];
    if (c == TEXT) {
        snprintf(text, sizeof text, "%.9g ", value);
        put_text(b, text);
    } else if (size == 1) {
        put(b, &narrow, 1);
    } else if (size == 4) {
        put_ends(b, &whole, 4, c == BIG);
    } else {
        put_ends(b, &value, 8, c == BIG);
    }
}

/* The tent with a stranger before each point's numbers, and an element of lists that nobody knows. */
static bytes tent_ply(coding c, double origin) {
    static const char *const names[] = {"ascii", "binary_little_endian", "binary_big_endian"};
    bytes b = {.size = 0};
    put_text(&b, "ply\nformat ");
    put_text(&b, names[c]);
    put_text(&b, " 1.0\ncomment made by a test\nelement vertex 5\nproperty uchar stranger\n"
                 "property double x\nproperty double y\nproperty double z\nproperty uchar red\n"
                 "property uchar green\nproperty uchar blue\nelement odd 2\n"
                 "property list uchar int things\nelement face 4\n"
                 "property list uchar int vertex_indices\nproperty uchar flag\nend_header\n");
    for (int i = 0; i < 5; i++) {
        put_value(&b, c, 7, 1);
        for (int k = 0; k < 3; k++) put_value(&b, c, tent[i][k] + origin, 8);
        for (int k = 0; k < 3; k++) put_value(&b, c, 10 * i + k, 1);
        if (c == TEXT) put_text(&b, "\r\n");
    }
    for (int i = 0; i < 2; i++) {
        put_value(&b, c, i, 1);
        for (int k = 0; k < i; k++) put_value(&b, c, -5, 4);
    }
    for (int i = 0; i < 4; i++) {
        put_value(&b, c, 3, 1);
        for (int k = 0; k < 3; k++) put_value(&b, c, sides[i][k], 4);
        put_value(&b, c, 1, 1);
    }
    return b;
}

static void ply_says_the_same_in_every_coding(void **state) {
    (void)state;
    for (coding c = TEXT; c <= BIG; c++) {
        const bytes b = tent_ply(c, 0);
        cit_shape *s = read_well("t.ply", &b, &mm);
        check_tent(s, 5, 1);
        CHECK(s->normals == NULL && s->rgb != NULL, "normals or colours");
        for (size_t i = 0; i < 15; i++)
            CHECK(s->rgb[i] == 10 * (i / 3) + i % 3, "colour %zu is %d", i, s->rgb[i]);
        cit_shape_free(s);
    }
}

/* 100 km from the origin in mm, doubles know a tenth of a micrometre, floats nothing below 8 mm. */
static void the_middle_is_taken_off_before_rounding(void **state) {
    (void)state;
    const double origin = 9e6;
    const bytes b = tent_ply(LITTLE, origin);
    cit_shape *s = read_well("t.ply", &b, &mm);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 3; k++) CHECK_CLOSE(place(s, (size_t)i, k) - origin, tent[i][k], 1e-8);
    cit_shape_free(s);
}

static const char cloud_head[] = "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\n"
                                 "property float y\nproperty float z\nproperty float nx\n"
                                 "property float ny\nproperty float nz\n";

static void clouds_have_no_faces_and_may_miss_points(void **state) {
    (void)state;
    bytes b = {.size = 0};
    put_text(&b, cloud_head);
    put_text(&b, "element face 0\nproperty list uchar int vertex_indices\nend_header\n"
                 "1 2 3 0 0 2\nnan nan nan 0 0 1\n3 4 5 0 0 0\n");
    cit_shape *s = read_well("t.ply", &b, &mm);
    CHECK(s->points == 2 && s->triangles == 0 && s->corners == NULL, "%zu points", s->points);
    CHECK_CLOSE(place(s, 1, 2), 5, 1e-6);
    CHECK(s->normals[2] == 1 && s->normals[5] == 0, "normals %g and %g", (double)s->normals[2],
          (double)s->normals[5]);
    cit_shape_free(s);
    b.size = 0;
    put_text(&b, cloud_head);
    put_text(&b, "element face 1\nproperty list uchar int vertex_indices\nend_header\n"
                 "1 2 3 0 0 2\nnan nan nan 0 0 1\n3 4 5 0 0 0\n3 0 1 2\n");
    refused("t.ply", &b, "t.ply", "no place");
}

static void ply_is_refused_where_it_is_wrong(void **state) {
    (void)state;
    static const char head[] = "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\n";
    static const struct {
        const char *rest, *where, *text;
    } wrong[] = {
        {"property float x\n", ":5", "twice"},
        {"property floot y\n", ":5", "type"},
        {"element vertex 2\n", ":5", "twice"},
        {"rubbish\n", ":5", "header"},
        {"property float y\nend_header\n1 2\n", "t.ply", "lacks property z"},
        {"property float y\nproperty float z\nend_header\n1 2     \n", "t.ply:", "ends before"},
        {"property float y\nproperty float z\nend_header\n1 2 x\n", "t.ply:8", "'x' is no float"},
        {"property float y\nproperty float z\nend_header\n1 2 3 4\n", "t.ply:8", "goes on"},
        {"property float y\nproperty float z\nend_header\n1 2 1e30\n", "t.ply", "km away"},
        {"property float y\nproperty float z\nelement face 1\nproperty list uchar int "
         "vertex_index\nend_header\n1 2 3\n3 0 0 1\n",
         "t.ply:11", "no vertex"},
        {"property float y\nproperty float z\nelement face 1\nproperty list uchar int "
         "vertex_index\nend_header\n1 2 3\n2 0 0\n",
         "t.ply:11", "fewer than three"},
        {"property float y\nproperty float z\nelement tristrips 1\nproperty list int int "
         "vertex_indices\nend_header\n1 2 3\n3 0 0 0\n",
         "t.ply", "strips"},
        {"", "t.ply", "does not end"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bytes b = {.size = 0};
        put_text(&b, head);
        put_text(&b, wrong[i].rest);
        refused("t.ply", &b, wrong[i].where, wrong[i].text);
    }
}

/* ---- depth frames ------------------------------------------------------------------------------ */

/* 4 x 3 pixels of a camera with f = 10 pixels, centre in the middle, of an image twice as large; a wall at 2. */
static bytes wall(const char *distortion) {
    bytes b = {.size = 0};
    char json[600], head[200];
    snprintf(
        json, sizeof json,
        "{\"width\":4,\"height\":3,\"camera_intrinsics\":{\"intrinsic_matrix\":[20,0,0,0,20,0,4,3,"
        "1],\"intrinsic_matrix_reference_dimensions_width\":8,"
        "\"intrinsic_matrix_reference_dimensions_height\":6%s}}",
        distortion);
    snprintf(head, sizeof head,
             "ply\nformat binary_little_endian 1.0\nelement metadata %zu\nproperty uchar char\n"
             "element depth 12\nproperty float d\nend_header\n",
             strlen(json));
    put_text(&b, head);
    put_text(&b, json);
    for (int i = 0; i < 12; i++) put_float(&b, i == 5 ? 9999 : 2, false);
    return b;
}

static void depth_frames_become_points(void **state) {
    (void)state;
    const cit_scan_scale metres = {.unit_mm = 1000};
    const bytes b = wall("");
    cit_shape *s = read_well("t.ply", &b, &metres);
    CHECK(s->points == 11, "%zu points", s->points);
    for (size_t n = 0; n < 11; n++) {
        const size_t pixel = n + (n >= 5);
        CHECK_CLOSE(place(s, n, 0), ((double)(pixel % 4) - 1.5) / 10 * 2000, 1e-3);
        CHECK_CLOSE(place(s, n, 1), (1 - (double)(pixel / 4)) / 10 * 2000, 1e-3);
        CHECK_CLOSE(place(s, n, 2), -2000, 1e-3);
        /* Where the hole is the only neighbour nothing says how the wall runs. */
        CHECK_CLOSE((double)s->normals[3 * n + 2], pixel != 1 && pixel != 4 && pixel != 9, 1e-6);
    }
    cit_shape_free(s);
}

/* A table that adds a tenth at the farthest corner and nothing in the middle, linear between. */
static void depth_frames_lose_their_distortion(void **state) {
    (void)state;
    const bytes b = wall(",\"lens_distortion_lookup_table\":[0,0.1],\"lens_distortion_center_x\":4,"
                         "\"lens_distortion_center_y\":3");
    cit_shape *s = read_well("t.ply", &b, &mm);
    const double x = -1.5 / 10 * 2, y = 1.0 / 10 * 2, share = hypot(3, 2) / hypot(4, 3);
    CHECK_CLOSE(place(s, 0, 0), x * (1 + 0.1 * share), 1e-6);
    CHECK_CLOSE(place(s, 0, 1), y * (1 + 0.1 * share), 1e-6);
    cit_shape_free(s);
}

static void depth_frames_need_their_camera(void **state) {
    (void)state;
    bytes b = wall(",\"lens_distortion_lookup_table\":[0,\"x\"]");
    refused("t.ply", &b, "t.ply", "lack the camera");
    b = wall("}");
    refused("t.ply", &b, "t.ply", "no JSON");
    b = (bytes){.size = 0};
    put_text(&b, "ply\nformat ascii 1.0\nelement metadata 2\nproperty float char\n"
                 "element depth 1\nproperty float d\nend_header\n123\n1e31\n2\n");
    refused("t.ply", &b, "t.ply:9", "no bytes");
}

/* ---- OBJ --------------------------------------------------------------------------------------- */

static void obj_names_points_in_every_way(void **state) {
    (void)state;
    bytes b = {.size = 0};
    put_text(&b, "# a tent\nmtllib a b.mtl\no tent\nv 0 0 0\nv 10 0 0\nv 10. 1e1 0\nv 0 10 -0\n"
                 "v 5 5 3 # top\nvt 0 0\nvn 0 0 2\ng sides\nusemtl m\ns off\nf 1 2 5\n"
                 "f 2/1 3/1 5/1\nf 3//1 4//-1 \\\n -1//1\r\nf -2/1/1 -5/1/1 -1/1/1\n");
    cit_shape *s = read_well("t.obj", &b, &mm);
    check_tent(s, 5, 1);
    CHECK(s->rgb == NULL && s->normals != NULL, "normals or colours");
    CHECK(s->normals[3 * 4 + 2] == 1 && s->normals[3 * 1 + 2] == 0, "normals");
    cit_shape_free(s);
}

static void obj_polygons_become_fans_and_colours_are_read(void **state) {
    (void)state;
    bytes b = {.size = 0};
    put_text(&b, "v 0 0 0 0 0.5 1\nv 1 0 0 0 0 0\nv 2 1 0 1 1 1\nv 1 2 0 1 0 0\nv 0 2 0 0 1 0\n"
                 "f 1 2 3 4 5");
    cit_shape *s = read_well("T.OBJ", &b, &mm);
    const int fans[9] = {0, 1, 2, 0, 2, 3, 0, 3, 4};
    CHECK(s->triangles == 3 && memcmp(s->corners, fans, sizeof fans) == 0, "%zu triangles",
          s->triangles);
    CHECK(s->rgb != NULL && s->rgb[0] == 0 && s->rgb[1] == 128 && s->rgb[2] == 255, "colours");
    cit_shape_free(s);
}

static void obj_is_refused_where_it_is_wrong(void **state) {
    (void)state;
    refused_text("t.obj", "v 0 0\n", "t.obj:1", "a point is 3 numbers");
    refused_text("t.obj", "v 0 0 0x1\n", "t.obj:1", "a point is 3 numbers");
    refused_text("t.obj", "v 0 0 nan\n", "t.obj:1", "a point is 3 numbers");
    refused_text("t.obj", "v 0 0 0\nf 1 1 2\n", "t.obj:2", "'2'");
    refused_text("t.obj", "v 0 0 0\nf 1 1 0\n", "t.obj:2", "'0'");
    refused_text("t.obj", "v 0 0 0\nf 1 1 -2\n", "t.obj:2", "'-2'");
    refused_text("t.obj", "v 0 0 0\nf 1 1 99999999999999999999\n", "t.obj:2", "names none");
    refused_text("t.obj", "v 0 0 0\nf 1 1\n", "t.obj:2", "fewer than three");
    refused_text("t.obj", "v 0 0 0\ncurv 0 1 1 2\n", "t.obj:2", "free-form");
    refused_text("t.obj",
                 "\x7f"
                 "ELF\n",
                 "t.obj:1", "no statement");
    refused_text("t.obj", "# nothing\n", "t.obj", "no points");
    refused_text("t.xyz", "1 2 3\n", "t.xyz", "no PLY, OBJ, STL or glTF");
}

/* ---- STL --------------------------------------------------------------------------------------- */

static bytes tent_stl(bool text) {
    bytes b = {.size = 0};
    char line[100];
    if (text) {
        put_text(&b, "solid a tent of a test\n");
    } else {
        for (int i = 0; i < 80; i++) put(&b, i < 5 ? &"solid"[i] : " ", 1);
        put_u32(&b, 4);
    }
    for (int i = 0; i < 4; i++) {
        if (text) put_text(&b, "facet normal nan 0 0\n outer loop\n");
        for (int k = 0; k < 3 && !text; k++) put_float(&b, 0, false);
        for (int j = 0; j < 3; j++) {
            const double *p = tent[sides[i][j]];
            snprintf(line, sizeof line, "  vertex %g %g %e\n", p[0], p[1], p[2]);
            if (text) put_text(&b, line);
            for (int k = 0; k < 3 && !text; k++) put_float(&b, p[k], false);
        }
        put(&b, text ? " endloop\nendfacet\n" : "\0\0", text ? 18 : 2);
    }
    if (text) put_text(&b, "endsolid a tent of a test\n");
    return b;
}

static void stl_corners_in_one_place_become_one_point(void **state) {
    (void)state;
    for (int text = 0; text < 2; text++) {
        const bytes b = tent_stl(text == 1);
        cit_shape *s = read_well("t.stl", &b, &mm);
        check_tent(s, 5, 1);
        CHECK(s->normals == NULL, "normals");
        cit_shape_free(s);
    }
}

static void stl_is_refused_where_it_is_wrong(void **state) {
    (void)state;
    bytes b = tent_stl(false);
    b.at[0] = 'x';
    b.at[80] = 200;
    refused("t.stl", &b, "t.stl:byte 80", "claims 200 triangles");
    b = tent_stl(false);
    memset(b.at + 96, 0xff, 4);
    refused("t.stl", &b, "t.stl:byte 96", "no place");
    refused_text("t.stl", "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0\n", "t.stl:5",
                 "not 'facet");
    refused_text("t.stl", "solid a\nendsolid\n", "t.stl", "no points");
    refused_text("t.stl", "solid a\n", "t.stl", "ends before");
}

/* ---- glTF -------------------------------------------------------------------------------------- */

/* The tent in metres: places with a stride of 16, indices of 16 bits; `node` says where it stands. */
static bytes tent_bin(void) {
    bytes bin = {.size = 0};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 4; k++) put_float(&bin, k < 3 ? tent[i][k] / 1000 : -7, false);
    for (int i = 0; i < 12; i++) {
        const uint16_t corner = (uint16_t)sides[i / 3][i % 3];
        put_ends(&bin, &corner, 2, false);
    }
    return bin;
}

static const char tent_json[] =
    "{\"asset\":{\"version\":\"2.0\"},%s\"scene\":0,\"scenes\":[{\"nodes\":[0]}],\"nodes\":[{%s"
    "\"mesh\":0}],\"meshes\":[{\"primitives\":[{\"attributes\":{\"POSITION\":0},\"indices\":1}]}],"
    "\"accessors\":[{\"bufferView\":0,\"componentType\":5126,\"count\":5,\"type\":\"VEC3\"%s},"
    "{\"bufferView\":1,\"componentType\":5123,\"count\":12,\"type\":\"SCALAR\"}],"
    "\"bufferViews\":[{\"buffer\":0,\"byteLength\":80,\"byteStride\":16},"
    "{\"buffer\":0,\"byteOffset\":80,\"byteLength\":24}],\"buffers\":[{%s\"byteLength\":104}]}";

static bytes glb_of(const char *root, const char *node, const char *accessor, const char *buffer) {
    const bytes bin = tent_bin();
    bytes b = {.size = 0};
    char json[2000];
    int length = snprintf(json, sizeof json, tent_json, root, node, accessor, buffer);
    for (; length % 4 != 0; length++) json[length] = ' ';
    put_text(&b, "glTF");
    put_u32(&b, 2);
    put_u32(&b, (uint32_t)(12 + 8 + (size_t)length + 8 + bin.size));
    put_u32(&b, (uint32_t)length);
    put_text(&b, "JSON");
    put(&b, json, (size_t)length);
    put_u32(&b, (uint32_t)bin.size);
    put(&b, "BIN", 4);
    put(&b, bin.at, bin.size);
    return b;
}

static void glb_is_in_metres(void **state) {
    (void)state;
    const bytes b = glb_of("", "", "", "");
    cit_shape *s = read_well("t.glb", &b, NULL);
    check_tent(s, 5, 1);
    cit_shape_free(s);
    const cit_scan_scale other = {.unit_mm = 250};
    s = read_well("t.glb", &b, &other);
    check_tent(s, 5, 0.25);
    cit_shape_free(s);
}

static void gltf_carries_bytes_as_base64(void **state) {
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const bytes bin = tent_bin();
    bytes b = {.size = 0};
    char uri[400] = "\"uri\":\"data:application/octet-stream;base64,", json[2000];
    size_t at = strlen(uri);
    for (size_t i = 0; i < bin.size; i += 3) {
        const unsigned n = (unsigned)bin.at[i] << 16 | (unsigned)bin.at[i + 1] << 8 | bin.at[i + 2];
        for (int k = 18; k >= 0; k -= 6)
            uri[at++] = i * 8 + (size_t)(24 - k) <= bin.size * 8 + 5 ? alphabet[n >> k & 63] : '=';
    }
    snprintf(uri + at, sizeof uri - at, "\",");
    snprintf(json, sizeof json, tent_json, "", "", "", uri);
    put_text(&b, json);
    cit_shape *s = read_well("t.gltf", &b, NULL);
    check_tent(s, 5, 1);
    cit_shape_free(s);
}

/* Turned by 90 degrees about z (x to y), mirrored in z, then shifted. */
static void nodes_put_meshes_in_their_place(void **state) {
    (void)state;
    static const char *const nodes[] = {
        "\"translation\":[1,2,3],\"rotation\":[0,0,0.70710678118654752,0.70710678118654752],"
        "\"scale\":[1,1,-1],",
        "\"matrix\":[0,1,0,0,-1,0,0,0,0,0,-1,0,1,2,3,1],"};
    for (int n = 0; n < 2; n++) {
        const bytes b = glb_of("", nodes[n], "", "");
        cit_shape *s = read_well("t.glb", &b, NULL);
        for (size_t i = 0; i < 5; i++) {
            CHECK_CLOSE(place(s, i, 0), 1000 - tent[i][1], 1e-4);
            CHECK_CLOSE(place(s, i, 1), 2000 + tent[i][0], 1e-4);
            CHECK_CLOSE(place(s, i, 2), 3000 - tent[i][2], 1e-4);
        }
        CHECK(s->corners[0] == 0 && s->corners[1] == 4 && s->corners[2] == 1,
              "a mirrored triangle goes round as before");
        cit_shape_free(s);
    }
}

static void sparse_accessors_replace_some(void **state) {
    (void)state;
    /* The index of view 1's first number is 0; its place becomes that of view 0's second point. */
    const bytes b =
        glb_of("", "",
               ",\"sparse\":{\"count\":1,\"indices\":{\"bufferView\":1,"
               "\"componentType\":5123},\"values\":{\"bufferView\":0,\"byteOffset\":16}}",
               "");
    cit_shape *s = read_well("t.glb", &b, NULL);
    CHECK_CLOSE(place(s, 0, 0), 10, 1e-5);
    CHECK_CLOSE(place(s, 3, 0), 0, 1e-5);
    cit_shape_free(s);
}

/* A unit square of bytes that stand for shares, as a strip: the second triangle goes round as the first. */
static void whole_numbers_and_strips_are_read(void **state) {
    (void)state;
    bytes b = {.size = 0};
    put_text(&b,
             "{\"asset\":{\"version\":\"2.0\"},"
             "\"extensionsRequired\":[\"KHR_mesh_quantization\"],\"scenes\":[{\"nodes\":[0]}],"
             "\"nodes\":[{\"mesh\":0}],\"meshes\":[{\"primitives\":[{\"attributes\":"
             "{\"POSITION\":0},\"mode\":5}]}],\"accessors\":[{\"bufferView\":0,"
             "\"componentType\":5121,\"normalized\":true,\"count\":4,\"type\":\"VEC3\"}],"
             "\"bufferViews\":[{\"buffer\":0,\"byteLength\":12}],\"buffers\":[{\"byteLength\":12,"
             "\"uri\":\"data:;base64,AAAA/wAAAP8A//8A\"}]}");
    cit_shape *s = read_well("t.gltf", &b, NULL);
    CHECK(s->points == 4 && s->triangles == 2, "%zu triangles", s->triangles);
    for (size_t t = 0; t < 2; t++) {
        double p[3][2];
        for (size_t i = 0; i < 3; i++)
            for (int k = 0; k < 2; k++) p[i][k] = place(s, (size_t)s->corners[3 * t + i], k);
        const double area =
            (p[1][0] - p[0][0]) * (p[2][1] - p[0][1]) - (p[2][0] - p[0][0]) * (p[1][1] - p[0][1]);
        CHECK_CLOSE(area, 1e6, 1);
    }
    cit_shape_free(s);
}

static void gltf_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *root, *node, *accessor, *buffer, *text;
    } wrong[] = {
        {"\"extensionsRequired\":[\"KHR_draco_mesh_compression\"],", "", "", "", "draco"},
        {"\"extensionsRequired\":[\"EXT_meshopt_compression\"],", "", "", "", "meshopt"},
        {"\"scene\":3,", "", "", "", "duplicate"},
        {"", "\"skin\":0,", "", "", "posed"},
        {"", "\"children\":[0],", "", "", "twice"},
        {"", "\"rotation\":[1,1,1,1],", "", "", "quaternion"},
        {"", "\"scale\":[1,1],", "", "", "not numbers"},
        {"", "", "", "\"uri\":\"tent.bin\",", "another file"},
        {"", "", "", "\"uri\":\"data:;base64,AA!A\",", "base64"},
        {"", "", "", "\"uri\":\"data:;base64,AAAA\",", "claims 104 bytes"},
        {"", "", ",\"byteOffset\":8", "", "too short"},
        {"", "", ",\"sparse\":{\"count\":9}", "", "sparse"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const bytes b = glb_of(wrong[i].root, wrong[i].node, wrong[i].accessor, wrong[i].buffer);
        refused("t.glb", &b, "t.glb", wrong[i].text);
    }
    refused_text("t.gltf", "{\"asset\":{\"version\":\"1.0\"}}", "t.gltf", "no glTF 2");
    refused_text("t.gltf", "{\"asset\":\n{\"version\":\"2.0\"", "t.gltf:2", "JSON");
}

/* ---- units, memory, hostility ------------------------------------------------------------------ */

static void formats_without_a_unit_ask_for_one(void **state) {
    (void)state;
    const bytes b[3] = {tent_ply(TEXT, 0), tent_stl(true), tent_stl(false)};
    static const char *const names[] = {"t.ply", "t.stl", "t.stl"};
    for (int i = 0; i < 3; i++) {
        cit_shape *s = NULL;
        cit_errors errs = {0};
        check_fault(&errs, read_as(names[i], &b[i], NULL, &s, &errs), names[i]);
        CHECK(strstr(errs.items[0].text, "has no unit") != NULL, "%s", errs.items[0].text);
        const cit_scan_scale metres = {.unit_mm = 1000};
        s = read_well(names[i], &b[i], &metres);
        check_tent(s, 5, 1000);
        cit_shape_free(s);
    }
}

/* Nothing is taken on a claim: where the bytes are not there, memory is not asked for. */
static void claims_are_held_against_the_bytes(void **state) {
    (void)state;
    bytes b = {.size = 0};
    put_text(&b,
             "ply\nformat binary_little_endian 1.0\nelement vertex 160000000\nproperty float x\n"
             "property float y\nproperty float z\nend_header\nabcdefghijkl");
    refused("t.ply", &b, "t.ply", "claims 160000000 rows, but 12 bytes");
    b = glb_of("", "", ",\"count\":160000000", "");
    refused("t.glb", &b, "t.glb", "duplicate");
    b.size = 0;
    put_text(&b, "ply\nformat ascii 1.0\nelement vertex 9\nproperty float x\nproperty float y\n"
                 "property float z\nend_header\n0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    refused("t.ply", &b, "t.ply", "claims 9 rows");
}

static void memory_is_limited(void **state) {
    (void)state;
    const cit_scan_limits little = {.memory_bytes = 500};
    const bytes b[3] = {tent_ply(LITTLE, 0), tent_stl(false), glb_of("", "", "", "")};
    static const char *const names[] = {"t.ply", "t.stl", "t.glb"};
    for (int i = 0; i < 3; i++) {
        cit_shape *s = NULL;
        cit_errors errs = {0};
        check_fault(&errs, cit_shape_read(names[i], b[i].at, b[i].size, &mm, &little, &s, &errs),
                    names[i]);
        CHECK(strstr(errs.items[0].text, "one file may take") != NULL, "%s", errs.items[0].text);
    }
}

/* Cut anywhere, a file is refused in one sentence; with any byte changed it is read or refused so. */
static void cut_and_changed_files_end_in_one_sentence(void **state) {
    (void)state;
    const bytes all[] = {tent_ply(TEXT, 0), tent_ply(LITTLE, 0), tent_ply(BIG, 0),      wall(""),
                         tent_stl(true),    tent_stl(false),     glb_of("", "", "", "")};
    static const char *const names[] = {"t.ply", "t.ply", "t.ply", "t.ply",
                                        "t.stl", "t.stl", "t.glb"};
    for (size_t f = 0; f < sizeof all / sizeof *all; f++) {
        const bool text =
            f == 0 || f == 4; /* the last line's end may go, or the last word's letters */
        for (size_t size = 0; size + (text ? 24 : 0) < all[f].size; size++) {
            cit_shape *s = NULL;
            cit_errors errs = {0};
            const cit_status st = cit_shape_read(names[f], all[f].at, size, &mm, NULL, &s, &errs);
            CHECK(st != CIT_OK, "%s: read when cut at %zu of %zu", names[f], size, all[f].size);
            check_fault(&errs, st, names[f]);
        }
        for (size_t i = 0; i < all[f].size; i++) {
            static const uint8_t changes[] = {0x01, 0x80, 0xff};
            for (size_t k = 0; k < 3; k++) {
                bytes b = all[f];
                cit_shape *s = NULL;
                cit_errors errs = {0};
                b.at[i] ^= changes[k];
                const cit_status st = read_as(names[f], &b, &mm, &s, &errs);
                CHECK((st == CIT_OK) == (s != NULL), "%s: byte %zu", names[f], i);
                if (st != CIT_OK) check_fault(&errs, st, names[f]);
                cit_shape_free(s);
            }
        }
    }
}

/* ---- real files -------------------------------------------------------------------------------- */

static void real_shapes_are_what_their_origin_says(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double unit_mm;
        size_t points, triangles;
        double low[3], high[3]; /* mm; of the box */
    } files[] = {
        {"face-fran/fran_cut.obj", 1000, 2205, 4224, {0, -204.8, -118.986}, {105.6, -51.2, 4.112}},
        {"face-leeperrysmith/LeePerrySmith.obj",
         1,
         8838,
         17672,
         {-4.281, -3.977, -2.593},
         {4.281, 3.977, 2.593}},
        {"face-truedepth/face-fused-points.ply",
         1000,
         45428,
         0,
         {-134.2, -265, 135.6},
         {94.2, 82.6, 558.8}},
        {"face-truedepth/depth-frame-000.ply", 1000, 67510, 0, {0}, {0}}, /* 76,800 less 9,290 */
    };
    const char *folder = real_data();
    for (size_t f = 0; folder != NULL && f < sizeof files / sizeof *files; f++) {
        size_t size = 0;
        uint8_t *all = load(folder, files[f].name, &size);
        cit_shape *s = NULL;
        cit_errors errs = {0};
        const cit_scan_scale scale = {.unit_mm = files[f].unit_mm};
        CHECK(cit_shape_read(files[f].name, all, size, &scale, NULL, &s, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(s->points == files[f].points && s->triangles == files[f].triangles,
              "%s: %zu points, %zu triangles", files[f].name, s->points, s->triangles);
        for (int k = 0; k < 3 && files[f].high[0] > 0; k++) {
            double low = (double)INFINITY, high = -(double)INFINITY;
            for (size_t i = 0; i < s->points; i++) {
                low = fmin(low, place(s, i, k));
                high = fmax(high, place(s, i, k));
            }
            CHECK_CLOSE(low, files[f].low[k], 6e-4);
            CHECK_CLOSE(high, files[f].high[k], 6e-4);
        }
        cit_shape_free(s);
        free(all);
    }
}

static void a_real_draco_file_is_refused_by_name(void **state) {
    (void)state;
    const char *folder = real_data();
    if (folder == NULL) return;
    size_t size = 0;
    cit_shape *s = NULL;
    cit_errors errs = {0};
    uint8_t *all = load(folder, "face-leeperrysmith/LeePerrySmith.glb", &size);
    check_fault(&errs, cit_shape_read("l.glb", all, size, NULL, NULL, &s, &errs), "l.glb");
    CHECK(strstr(errs.items[0].text, "KHR_draco_mesh_compression") != NULL, "%s",
          errs.items[0].text);
    free(all);
}

T_MAIN(CASE(ply_says_the_same_in_every_coding), CASE(the_middle_is_taken_off_before_rounding),
       CASE(clouds_have_no_faces_and_may_miss_points), CASE(ply_is_refused_where_it_is_wrong),
       CASE(depth_frames_become_points), CASE(depth_frames_lose_their_distortion),
       CASE(depth_frames_need_their_camera), CASE(obj_names_points_in_every_way),
       CASE(obj_polygons_become_fans_and_colours_are_read), CASE(obj_is_refused_where_it_is_wrong),
       CASE(stl_corners_in_one_place_become_one_point), CASE(stl_is_refused_where_it_is_wrong),
       CASE(glb_is_in_metres), CASE(gltf_carries_bytes_as_base64),
       CASE(nodes_put_meshes_in_their_place), CASE(sparse_accessors_replace_some),
       CASE(whole_numbers_and_strips_are_read), CASE(gltf_is_refused_by_name),
       CASE(formats_without_a_unit_ask_for_one), CASE(claims_are_held_against_the_bytes),
       CASE(memory_is_limited), CASE(cut_and_changed_files_end_in_one_sentence),
       CASE(real_shapes_are_what_their_origin_says), CASE(a_real_draco_file_is_refused_by_name))
