/* What the readers of shapes and photos share; not installed. */
#pragma once
#include <cit/scan.h>

/* ---- a file that is being read --------------------------------------------------------------- */

typedef struct cit_job {
    const char *name;
    const uint8_t *bytes;
    size_t size;
    double memory;    /* bytes that may still be taken */
    uint8_t *profile; /* of a photo's colours; NULL: the file has none */
    size_t profile_size;
    cit_errors *errs;
} cit_job;

cit_job cit_job_of(const char *name, const uint8_t *bytes, size_t size,
                   const cit_scan_limits *limits, cit_errors *errs);
/* A fault of the file, of a line of it (from 1), or at a byte (from 0): CIT_INVALID. */
cit_status cit_job_fail(const cit_job *job, const char *format, ...) CIT_PRINTF(2, 3);
cit_status cit_job_fail_line(const cit_job *job, size_t line, const char *format, ...)
    CIT_PRINTF(3, 4);
cit_status cit_job_fail_byte(const cit_job *job, size_t byte, const char *format, ...)
    CIT_PRINTF(3, 4);
/* Zeros for `count` things of `each` bytes, paid from the job's memory. */
cit_status cit_job_take(cit_job *job, size_t count, size_t each, void **ret);
/* Makes room for `needed` things where there is room for *room, by doubling. */
cit_status cit_job_grow(cit_job *job, void **things, size_t each, size_t needed, size_t *room);

/* ---- words of a text ------------------------------------------------------------------------- */

enum { CIT_WORD = 64 };

typedef struct cit_words {
    const uint8_t *at, *end;
    size_t line;
} cit_words;

/* The next word of the line, false at the line's end. One of more than 63 bytes ends in '~', so that it is no
 * number. A backslash at the end of a line joins the next one to it. */
bool cit_words_next(cit_words *words, char ret[CIT_WORD]);
/* The next word of any line. */
bool cit_words_any(cit_words *words, char ret[CIT_WORD]);
/* To the start of the next line; false where there is none. */
bool cit_words_line(cit_words *words);
/* A decimal number, finite and in the C locale; "nan" is none. */
bool cit_word_number(const char *word, double *ret);

/* ---- little and big ends --------------------------------------------------------------------- */

static inline uint32_t cit_u16_le(const uint8_t *b) { return (uint32_t)b[0] | (uint32_t)b[1] << 8; }
static inline uint32_t cit_u32_le(const uint8_t *b) {
    return cit_u16_le(b) | cit_u16_le(b + 2) << 16;
}
static inline uint32_t cit_u16_be(const uint8_t *b) { return (uint32_t)b[1] | (uint32_t)b[0] << 8; }
static inline uint32_t cit_u32_be(const uint8_t *b) {
    return cit_u16_be(b + 2) | cit_u16_be(b) << 16;
}
float cit_f32_le(const uint8_t *b);

/* ---- shapes ---------------------------------------------------------------------------------- */

typedef struct cit_vertex {
    double xyz[3];
    float normal[3]; /* any length; 0 0 0: none */
    uint8_t rgb[3];
} cit_vertex;

/* What a reader gathers, in the file's unit, before it is a shape. A vertex without a finite place is missing. */
typedef struct cit_mesh {
    cit_vertex *vertices;
    int *corners;
    size_t vertex_count, corner_count, vertex_room, corner_room;
    bool has_normals, has_rgb;
    char origin[40];
} cit_mesh;

/* Refuses more of them than an int can number. */
cit_status cit_mesh_vertex(cit_job *job, cit_mesh *mesh, const cit_vertex *vertex);
cit_status cit_mesh_triangle(cit_job *job, cit_mesh *mesh, int a, int b, int c);
void cit_mesh_clear(cit_mesh *mesh);

/* One row a format. `unit_mm` is what 1 is where the format says so, else 0. */
cit_status cit_ply_read(cit_job *job, cit_mesh *ret);
cit_status cit_obj_read(cit_job *job, cit_mesh *ret);
cit_status cit_stl_read(cit_job *job, cit_mesh *ret);
cit_status cit_gltf_read(cit_job *job, cit_mesh *ret);

/* A frame of a depth camera (element `depth` of a PLY): its metadata say how a pixel looks into space. */
typedef struct cit_depth_frame {
    const char *metadata; /* JSON */
    size_t metadata_size, count;
    const float *depth; /* 9999: no measurement */
    const uint8_t *rgb; /* 3 a pixel; NULL: none */
} cit_depth_frame;
cit_status cit_depth_frame_points(cit_job *job, const cit_depth_frame *frame, cit_mesh *ret);

/* ---- photos ---------------------------------------------------------------------------------- */

/* What a reader knows of a picture before it takes memory for it. */
typedef struct cit_photo_plan {
    double width, height;  /* as coded; upright they may change places */
    int bits, orientation; /* EXIF's, 1 to 8; 0: 1 */
    bool grey, linear, unreferred;
    double most;   /* bytes that one byte of the file can become at most */
    double beside; /* bytes a pixel that reading takes beside the result */
    const char *kind;
} cit_photo_plan;

/* Checks sides and memory, then makes the photo. */
cit_status cit_photo_make(cit_job *job, const cit_photo_plan *plan, cit_photo **ret);
/* Row `y` as coded, 3 x width numbers, put where it belongs. */
void cit_photo_put(cit_photo *photo, int orientation, int y, const uint16_t *row);
/* A copy of the file's colour profile, for cit_profile_apply; CIT_INVALID: too large. */
cit_status cit_job_keep_profile(cit_job *job, const uint8_t *profile, size_t size);
/* Brings the photo to sRGB by the profile that was kept, or marks it as unreferred. CIT_INVALID: it is no profile. */
cit_status cit_profile_apply(cit_job *job, cit_photo *photo);

typedef struct cit_exif {
    int orientation; /* 0: not said */
    int colour;      /* 1: sRGB, 65535: something else, 0: not said */
} cit_exif;
/* From the bytes of EXIF that begin with II or MM; what makes no sense says nothing. */
cit_exif cit_exif_read(const uint8_t *bytes, size_t size);

cit_status cit_jpeg_read(cit_job *job, cit_photo **ret);
cit_status cit_png_read(cit_job *job, cit_photo **ret);
cit_status cit_tiff_photo_read(cit_job *job, cit_photo **ret);
