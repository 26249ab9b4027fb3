/* cit/scan.h -- what a profilometer, a scanner or a camera wrote, as numbers.
 *
 *   1 heights   a map of heights at even pitches, or a profile: GSF, X3P, SUR, SDF, TIFF, PNG, text
 *   2 shapes    points in space, with triangles or without: PLY, OBJ, STL, glTF
 *   3 photos    JPEG, PNG, TIFF
 *
 * Input is bytes, which may come from anybody: every reader says what a file claims to need before it takes memory,
 * refuses what does not fit the bytes there are, and answers each fault with one error that says where (a
 * line, or a byte from the start) and what would have been right. Nothing is repaired in silence, nothing is
 * guessed: where a format has no unit, one is asked for. What is missing stays missing.
 *
 * Sideways lengths are mm, heights um (micrometres). What a reader gives belongs to the caller and to nobody else. */
#pragma once
#include <cit/base.h>

/* One row a format: name, what it gives, how its files are often called. */
#define CIT_SCAN_FORMATS(X)                                                                        \
    X(GSF, HEIGHTS, "Gwyddion simple field", ".gsf")                                               \
    X(X3P, HEIGHTS, "X3P (ISO 25178-72)", ".x3p")                                                  \
    X(SUR, HEIGHTS, "Digital Surf", ".sur .pro")                                                   \
    X(SDF, HEIGHTS, "SDF (ISO 25178-71)", ".sdf")                                                  \
    X(TEXT, HEIGHTS, "numbers as text", ".txt .csv .asc .xyz")                                     \
    X(TIFF, PHOTO, "TIFF", ".tif .tiff")                                                           \
    X(PNG, PHOTO, "PNG", ".png")                                                                   \
    X(JPEG, PHOTO, "JPEG", ".jpg .jpeg")                                                           \
    X(PLY, SHAPE, "PLY", ".ply")                                                                   \
    X(OBJ, SHAPE, "Wavefront OBJ", ".obj")                                                         \
    X(STL, SHAPE, "STL", ".stl")                                                                   \
    X(GLTF, SHAPE, "glTF 2.0", ".glb .gltf")

typedef enum cit_scan_kind { CIT_SCAN_HEIGHTS = 1, CIT_SCAN_SHAPE, CIT_SCAN_PHOTO } cit_scan_kind;
typedef enum cit_scan_format {
    CIT_SCAN_UNKNOWN,
#define CIT_SCAN_ENUM(name, kind, text, files) CIT_SCAN_##name,
    CIT_SCAN_FORMATS(CIT_SCAN_ENUM)
#undef CIT_SCAN_ENUM
} cit_scan_format;
CIT_API const char *cit_scan_format_text(cit_scan_format format);
/* What a format is usually: a TIFF or PNG is a map of heights where a scale says so. */
CIT_API cit_scan_kind cit_scan_kind_of(cit_scan_format format);
/* By the first bytes; where those say nothing (OBJ, STL, text), by the name. */
CIT_API cit_scan_format cit_scan_recognise(const char *name, const uint8_t *bytes, size_t size);

/* What a file's numbers mean where the file does not say. Zero: not given. */
typedef struct cit_scan_scale {
    double dx_mm, dy_mm; /* pitch of pixels or samples */
    double height_um;    /* of 1 in the file: of a grey level, or of a number in text */
    double unit_mm;      /* of 1 in a shape, or of a text's columns x and y */
    double missing;      /* number that stands for a missing height; with has_missing */
    bool has_missing;
} cit_scan_scale;
/* A file beside a picture or a text, YAML: `schema: cit/scale/1`, `pitch: 40 um`, `pitch y: 50 um`, `height: 0.1 um`
 * (of one grey level, or of 1), `unit: 1 mm` (of 1 in a shape or in columns of places), `missing: 0`. */
CIT_CHECKED cit_status cit_scan_scale_read(const char *path, cit_scan_scale *ret, cit_errors *errs);

/* What readers may take; 0: 2 GiB. However much that is, a compressed part beyond 64 MiB may unpack to 30 times its
 * bytes and no more. */
typedef struct cit_scan_limits {
    double memory_bytes;
} cit_scan_limits;

/* ---- 1 heights ---------------------------------------------------------------------------------- */

/* One description of a surface: nx x ny samples, sample (i, j) at i + j nx, its middle at ((i + 1/2) dx, (j + 1/2) dy),
 * rows as the file has them. ny = 1 is a profile. A height is zero_um + um[...]; the zero is about the middle
 * of them, so that floats lose nothing that an instrument saw. NaN is missing; nothing is infinite. */
typedef struct cit_heights {
    int nx, ny;
    double dx_mm, dy_mm; /* above 0; of a profile dy = dx */
    double zero_um;
    float *um;
    size_t missing;   /* how many are NaN; who changes samples keeps it right */
    char origin[200]; /* format, instrument, date, as far as the file tells; no names of people */
    char *history;    /* what was done since, a line each; NULL: nothing */
} cit_heights;

/* All missing. CIT_INVALID: sides below 1, pitches that are none, beyond 2^31 samples. */
CIT_CHECKED cit_status cit_heights_new(int nx, int ny, double dx_mm, double dy_mm,
                                       cit_heights **ret, cit_errors *errs);
CIT_CHECKED cit_status cit_heights_copy(const cit_heights *from, cit_heights **ret,
                                        cit_errors *errs);
CIT_API void cit_heights_free(cit_heights *heights); /* NULL is fine */
/* Adds a line to its history. */
CIT_CHECKED cit_status cit_heights_note(cit_heights *heights, cit_errors *errs, const char *format,
                                        ...) CIT_PRINTF(3, 4);

/* Any of the formats of heights, and TIFF and PNG in grey with a scale that says what a level is. A scale that
 * contradicts the file is an error; one that is not needed is none. `name` is for messages and for the format. All
 * missing, infinite, or a kilometre high: an error. docs/scan.md has what is refused, and why. */
CIT_CHECKED cit_status cit_heights_read(const char *name, const uint8_t *bytes, size_t size,
                                        const cit_scan_scale *scale, const cit_scan_limits *limits,
                                        cit_heights **ret, cit_errors *errs);

/* As bytes that the caller frees. GSF keeps 32-bit floats (heights in m; 7 digits of the largest), X3P 64-bit
 * (and says where points are missing). Reading back gives the same samples, pitches, missing points. */
CIT_CHECKED cit_status cit_heights_write_gsf(const cit_heights *heights, uint8_t **ret,
                                             size_t *ret_size, cit_errors *errs);
CIT_CHECKED cit_status cit_heights_write_x3p(const cit_heights *heights, uint8_t **ret,
                                             size_t *ret_size, cit_errors *errs);

/* ---- 2 shapes ----------------------------------------------------------------------------------- */

/* Points in mm about `middle_mm`, the middle of their box, which is taken off before they become floats; with normals,
 * colours and triangles where the file has them, else NULL. Faces of more corners are cut into fans of triangles;
 * points of a cloud that have no place are left out. */
typedef struct cit_shape {
    size_t points, triangles;
    double middle_mm[3];
    float *xyz;     /* 3 a point, mm */
    float *normals; /* 3 a point, length 1, or 0 0 0 where there is none */
    uint8_t *rgb;   /* 3 a point, as the file has them */
    int *corners;   /* 3 a triangle */
    char origin[200];
} cit_shape;
CIT_API void cit_shape_free(cit_shape *shape); /* NULL is fine */
/* PLY (text and binary; meshes, clouds, and frames of depth cameras whose metadata say how they look into space), OBJ,
 * STL, glTF and GLB without compression, with all their bytes inside. glTF is in metres unless scale->unit_mm says
 * otherwise, as many of its files do not keep to that; the others need it. Of depth frames the camera is the origin, x
 * goes right, y up and z towards the camera, and normals are those of neighbouring pixels. */
CIT_CHECKED cit_status cit_shape_read(const char *name, const uint8_t *bytes, size_t size,
                                      const cit_scan_scale *scale, const cit_scan_limits *limits,
                                      cit_shape **ret, cit_errors *errs);

/* ---- 3 photos ----------------------------------------------------------------------------------- */

/* A picture as it was coded: sRGB or linear, 3 numbers a pixel from 0 to 65535 (8 bits times 257), first row on
 * top, turned upright as EXIF says. EXIF, GPS, comments and all else that may tell who or where are dropped. What names no
 * colour space is taken for sRGB. By a profile of primaries and curves (Display P3, Adobe RGB) colours are converted to
 * sRGB, what lies outside cut to it; a profile of tables that calls itself sRGB is taken for it. Refused are a profile that
 * cannot be read, CMYK, what is transparent anywhere, and a JPEG whose bytes end or break before its picture does. */
typedef struct cit_photo {
    int width, height;
    int bits;       /* of a channel in the file */
    bool grey;      /* one channel in the file */
    bool linear;    /* no sRGB curve */
    bool converted; /* from the colours of the file's profile to sRGB */
    bool
        unreferred; /* the file names a colour space other than sRGB, which could not be converted */
    uint16_t *rgb;
    char origin[200];
} cit_photo;
CIT_API void cit_photo_free(cit_photo *photo); /* NULL is fine */
CIT_CHECKED cit_status cit_photo_read(const char *name, const uint8_t *bytes, size_t size,
                                      const cit_scan_limits *limits, cit_photo **ret,
                                      cit_errors *errs);
