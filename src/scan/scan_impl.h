/* Private to the scan room: what readers of heights work on, and what they share. */
#pragma once
#include <cit/scan.h>
#include <locale.h>

/* ---- heights ------------------------------------------------------------------------------------ */

/* Bytes with a name, what their numbers mean where they do not say, and what may be taken. */
typedef struct cit_heights_source {
    const char *name;
    const uint8_t *bytes;
    size_t size;
    cit_scan_scale scale;
    double memory_bytes;
    cit_errors *errs;
} cit_heights_source;

/* Faults of the input: of all of it, at a byte from its start, at a line, at a place within a part of it
 * ("main.xml:12"). */
cit_status cit_heights_bad(const cit_heights_source *in, const char *format, ...) CIT_PRINTF(2, 3);
cit_status cit_heights_bad_byte(const cit_heights_source *in, size_t byte, const char *format, ...)
    CIT_PRINTF(3, 4);
cit_status cit_heights_bad_line(const cit_heights_source *in, int line, const char *format, ...)
    CIT_PRINTF(3, 4);
cit_status cit_heights_bad_part(const cit_heights_source *in, const char *part, const char *format,
                                ...) CIT_PRINTF(3, 4);
cit_status cit_heights_no_memory(const cit_heights_source *in, double bytes);
/* May so many bytes be taken? */
cit_status cit_heights_afford(const cit_heights_source *in, double bytes, const char *what);
/* And that many unpacked from a part of so many? At most so much. */
double cit_heights_unpacked_most(const cit_heights_source *in, double packed);
cit_status cit_heights_unpack(const cit_heights_source *in, double packed, double bytes,
                              const char *what);

/* The length of a unit in mm: m, mm, um (also with the letter mu in UTF-8 or Latin-1), nm and their like; 0: none that
 * is known. */
double cit_heights_unit_mm(const char *text, size_t length);

/* What of pitches and height is not told (0) is taken from the scale; what is told twice must agree; what nobody
 * tells is an error. */
cit_status cit_heights_settle(const cit_heights_source *in, double *dx_mm, double *dy_mm,
                              double *height_um);

typedef enum cit_sample {
    CIT_SAMPLE_U8,
    CIT_SAMPLE_S8,
    CIT_SAMPLE_U16,
    CIT_SAMPLE_S16,
    CIT_SAMPLE_U32,
    CIT_SAMPLE_S32,
    CIT_SAMPLE_F32,
    CIT_SAMPLE_F64,
} cit_sample;
size_t cit_sample_size(cit_sample sample);

/* Stored numbers, row after row; a height is offset + step * number. */
typedef struct cit_raster {
    int nx, ny;
    double dx_mm, dy_mm;
    double step_um, offset_um;
    cit_sample sample;
    bool big_endian;
    const uint8_t *numbers;
    bool bounded; /* stored numbers outside of the next two are missing */
    double lowest, highest;
    const uint8_t *valid; /* a bit each, the lowest first; NULL: all are */
    bool unpacked;        /* faults name row and column, not a byte */
    const char *part;     /* that the byte lies in; NULL: the source itself */
    size_t at;            /* of the first number */
} cit_raster;

/* Are all numbers of so many there, from this byte on? Nothing larger than the source is believed. */
cit_status cit_heights_fits(const cit_heights_source *in, size_t at, double nx, double ny,
                            cit_sample sample);
/* Assumed: nothing that is measured here is a kilometre high. */
#define CIT_HEIGHT_MOST_UM 1e9
/* NaN and the scale's number for missing are missing; what is infinite, or higher than any surface, is a
 * fault. */
cit_status cit_heights_from_raster(const cit_heights_source *in, const cit_raster *raster,
                                   cit_heights **ret);

/* Little or big end first. */
#define CIT_HOST_IS_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
uint16_t cit_get_u16(const uint8_t *bytes, bool big_endian);
uint32_t cit_get_u32(const uint8_t *bytes, bool big_endian);
double cit_get_f32(const uint8_t *bytes, bool big_endian);
double cit_get_f64(const uint8_t *bytes, bool big_endian);

/* A number as programs print it, whatever the locale: digits, one point (or comma), an exponent; no hexadecimal, no
 * infinity. The end of what was read, NULL where there is none. */
typedef struct cit_number {
    double value;
    int decimals; /* of one unit in its last digit, as a power of ten: 2 of "0.15", -3 of "2e3" */
} cit_number;
const char *cit_number_read(const char *text, const char *end, char point, locale_t c_locale,
                            cit_number *ret);
/* The whole of a text, blanks around it allowed. */
bool cit_number_whole(const char *text, size_t length, double *ret);
/* The shortest that reads back as the same number. */
void cit_number_print(double number, char text[32]);

/* Text of a file as one printable byte a letter (Latin-1), trimmed; what cannot be said so is '?'. */
void cit_plain_copy(char *to, size_t room, const char *text, size_t length);

/* A table of numbers in a text, and what stands above it. */
typedef struct cit_sheet {
    const cit_heights_source *in;
    char *text; /* one byte a letter */
    size_t length;
    locale_t c;
    char point;   /* of decimals: '.' or ',' */
    size_t first; /* of its letters, where the table begins */
    int before;   /* and how many lines lie above */
    size_t rows, columns;
    double *numbers;  /* rows x columns, row after row; NaN: missing */
    int8_t *decimals; /* of each */
} cit_sheet;
/* *ret owns what it holds from the start, also where this fails. */
cit_status cit_sheet_read(const cit_heights_source *in, cit_sheet *ret);
void cit_sheet_free(cit_sheet *sheet);
/* The line of a row of the table, for faults. */
int cit_sheet_line(const cit_sheet *sheet, size_t row);

typedef struct cit_line {
    const char *text, *end;
    int number;
} cit_line;
/* The next line that is not blank, from *at on; false at the end. A line ends with LF, CR, CR LF or CR CR LF. */
bool cit_sheet_next_line(const cit_sheet *sheet, size_t *at, int *number, cit_line *ret);

/* One reader a format. */
cit_status cit_heights_read_gsf(const cit_heights_source *in, cit_heights **ret);
cit_status cit_heights_read_sur(const cit_heights_source *in, cit_heights **ret);
cit_status cit_heights_read_sdf(const cit_heights_source *in, cit_heights **ret);
cit_status cit_heights_read_x3p(const cit_heights_source *in, cit_heights **ret);
cit_status cit_heights_read_text(const cit_heights_source *in, cit_heights **ret);
cit_status cit_heights_read_tiff(const cit_heights_source *in, cit_heights **ret);
cit_status cit_heights_read_png(const cit_heights_source *in, cit_heights **ret);
/* Park Systems keep their heights in tags of their own: false where there are none. */
bool cit_heights_is_park(const cit_heights_source *in);
cit_status cit_heights_read_park(const cit_heights_source *in, cit_heights **ret);

/* A format of a maker that is not read: its name and what to ask its program for; NULL: none that is known. */
const char *cit_scan_foreign(const char *name, const uint8_t *bytes, size_t size);

void cit_md5(const uint8_t *bytes, size_t size, uint8_t ret[16]);
