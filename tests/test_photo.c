/* Photos from bytes that libpng, libjpeg and libtiff write: values, orientation, colour spaces, what is refused. */
#include "scan_help.h"
#include <jpeglib.h>
#include <lcms2.h>
#include <math.h>
#include <png.h>
#include <tiffio.h>

static cit_photo *read_well(const char *name, const bytes *b) {
    cit_photo *p = NULL;
    cit_errors errs = {0};
    const cit_status st = cit_photo_read(name, b->at, b->size, NULL, &p, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return p;
}

static void refused(const char *name, const bytes *b, const char *text) {
    cit_photo *p = NULL;
    cit_errors errs = {0};
    check_fault(&errs, cit_photo_read(name, b->at, b->size, NULL, &p, &errs), name);
    CHECK(p == NULL && strstr(errs.items[0].text, text) != NULL, "%s: '%s', not '%s'", name,
          errs.items[0].text, text);
}

static const uint16_t *pixel(const cit_photo *p, int x, int y) {
    return p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
}

/* A number of 16 bits that tells column, row and channel. */
static uint16_t told(int x, int y, int k) { return (uint16_t)(4001 * x + 257 * y + 13000 * k); }

/* ---- PNG --------------------------------------------------------------------------------------- */

static void png_put(png_structp png, png_bytep from, size_t size) {
    put(png_get_io_ptr(png), from, size);
}

static void png_flush_nothing(png_structp png) { (void)png; }

/* 5 x 4 pixels. 16 bits are `told`, 8 bits its upper half; alpha is opaque but at `hole` (a column of row 2). */
typedef struct png_kind {
    int bits, colour, interlace, hole;
    double gamma; /* 0: no chunk */
    bool srgb;
    int orientation; /* 0: no EXIF */
} png_kind;

static bytes png_of(png_kind kind) {
    bytes b = {.size = 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &b, png_put, png_flush_nothing);
    png_set_IHDR(png, info, 5, 4, kind.bits, kind.colour, kind.interlace, 0, 0);
    if (kind.gamma > 0) png_set_gAMA(png, info, kind.gamma);
    if (kind.srgb) png_set_sRGB(png, info, 0);
    uint8_t exif[26] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
    exif[19] = (uint8_t)kind.orientation;
    if (kind.orientation > 0) png_set_eXIf_1(png, info, sizeof exif, exif);
    png_write_info(png, info);
    const int parts = png_get_channels(png, info), size = kind.bits / 8;
    uint8_t rows[4][5 * 4 * 2];
    png_bytep starts[4];
    for (int y = 0; y < 4; y++) {
        uint8_t *to = rows[y];
        for (int x = 0; x < 5; x++)
            for (int k = 0; k < parts; k++, to += size) {
                const bool alpha = (kind.colour & PNG_COLOR_MASK_ALPHA) != 0 && k == parts - 1;
                const uint16_t n = !alpha ? told(x, y, k) : x == kind.hole && y == 2 ? 1 : 65535;
                to[0] = (uint8_t)(n >> 8);
                if (size == 2) to[1] = (uint8_t)n;
            }
        starts[y] = rows[y];
    }
    png_write_image(png, starts);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return b;
}

static void png_values_are_exact(void **state) {
    (void)state;
    for (int n = 0; n < 16; n++) {
        const bool wide = n & 1, colour = n & 2, interlaced = n & 4, alpha = n & 8;
        const png_kind kind = {.bits = wide ? 16 : 8,
                               .colour = (colour ? PNG_COLOR_MASK_COLOR : 0) |
                                         (alpha ? PNG_COLOR_MASK_ALPHA : 0),
                               .interlace = interlaced,
                               .hole = -1};
        const bytes b = png_of(kind);
        cit_photo *p = read_well("t.png", &b);
        CHECK(p->width == 5 && p->height == 4 && p->bits == kind.bits && p->grey == !colour,
              "%d x %d, %d bits", p->width, p->height, p->bits);
        CHECK(!p->linear && !p->unreferred, "a colour space that nobody named");
        for (int i = 0; i < 60; i++) {
            const int x = i / 3 % 5, y = i / 15, k = colour ? i % 3 : 0;
            const uint16_t want = wide ? told(x, y, k) : (uint16_t)((told(x, y, k) >> 8) * 257);
            CHECK(pixel(p, x, y)[i % 3] == want, "kind %d: (%d, %d) is %d, not %d", n, x, y,
                  pixel(p, x, y)[i % 3], want);
        }
        cit_photo_free(p);
    }
}

static void what_is_transparent_is_refused(void **state) {
    (void)state;
    for (int interlace = 0; interlace < 2; interlace++) {
        const bytes b = png_of((png_kind){16, PNG_COLOR_TYPE_RGB_ALPHA, interlace, 3, 0, false, 0});
        refused("t.png", &b, "transparent at column 3, row 2");
    }
}

static void png_says_how_its_colours_are_coded(void **state) {
    (void)state;
    static const struct {
        double gamma;
        bool srgb, linear, unreferred;
    } kinds[] = {{1, false, true, false},
                 {0.45455, false, false, false},
                 {0.5556, false, false, true},
                 {0.45455, true, false, false}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const bytes b =
            png_of((png_kind){8, PNG_COLOR_TYPE_RGB, 0, -1, kinds[i].gamma, kinds[i].srgb, 0});
        cit_photo *p = read_well("t.png", &b);
        CHECK(p->linear == kinds[i].linear && p->unreferred == kinds[i].unreferred,
              "gamma %g: linear %d, unreferred %d", kinds[i].gamma, p->linear, p->unreferred);
        cit_photo_free(p);
    }
}

/* Four colours by numbers of 2 bits: column x of row y has number (x + y) % 3; number 3 is not used. */
static bytes palette_of(int transparent) {
    static const png_color colours[4] = {{1, 2, 3}, {40, 50, 60}, {255, 254, 253}, {9, 9, 9}};
    bytes b = {.size = 0};
    png_byte alpha[4] = {255, 255, 255, 255};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &b, png_put, png_flush_nothing);
    png_set_IHDR(png, info, 5, 4, 2, PNG_COLOR_TYPE_PALETTE, 0, 0, 0);
    png_set_PLTE(png, info, colours, 4);
    alpha[transparent] = 7;
    png_set_tRNS(png, info, alpha, 4, NULL);
    png_write_info(png, info);
    for (int y = 0; y < 4; y++) {
        uint8_t row[2] = {0, 0};
        for (int x = 0; x < 5; x++) row[x / 4] |= (uint8_t)((x + y) % 3 << (6 - 2 * (x % 4)));
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return b;
}

static void palettes_are_looked_up(void **state) {
    (void)state;
    static const int want[3][3] = {{1, 2, 3}, {40, 50, 60}, {255, 254, 253}};
    bytes b = palette_of(3);
    cit_photo *p = read_well("t.png", &b);
    CHECK(p->bits == 8 && !p->grey, "%d bits", p->bits);
    for (int i = 0; i < 60; i++) {
        const int x = i / 3 % 5, y = i / 15;
        CHECK(pixel(p, x, y)[i % 3] == 257 * want[(x + y) % 3][i % 3], "(%d, %d)", x, y);
    }
    cit_photo_free(p);
    b = palette_of(1);
    refused("t.png", &b, "transparent at column 1, row 0");
}

static void png_turns_as_its_exif_says(void **state) {
    (void)state;
    const bytes b = png_of((png_kind){.bits = 16, .colour = 2, .hole = -1, .orientation = 6});
    cit_photo *p = read_well("t.png", &b);
    CHECK(p->width == 4 && p->height == 5, "%d x %d", p->width, p->height);
    for (int i = 0; i < 20; i++) {
        const int x = i % 5, y = i / 5;
        CHECK(pixel(p, 3 - y, x)[1] == told(x, y, 1), "(%d, %d) is elsewhere", x, y);
    }
    cit_photo_free(p);
}

/* ---- JPEG -------------------------------------------------------------------------------------- */

/* What EXIF's orientations 1 to 8 mean (TIFF 6.0): the visible side of the first row, and of the first column. */
static const char *const meanings[9] = {"", "tl", "tr", "br", "bl", "lt", "rt", "rb", "lb"};

typedef struct jpeg_kind {
    int orientation, colour_space; /* 0: not said */
    J_COLOR_SPACE colours;
    bool progressive, junk;
    const bytes *profile; /* NULL: none */
} jpeg_kind;

static void put_exif(j_compress_ptr info, const jpeg_kind *kind) {
    bytes b = {.size = 0};
    put(&b, "Exif\0\0MM\0*\0\0\0\x08\0\x03", 16);
    put(&b, "\x01\x0f\0\x02\0\0\0\x08\0\0\0\x32", 12); /* a maker, elsewhere */
    const uint8_t o = (uint8_t)kind->orientation;
    put(&b, "\x01\x12\0\x03\0\0\0\x01\0", 9);
    put(&b, &o, 1);
    put(&b, "\0\0\x87\x69\0\x04\0\0\0\x01\0\0\0\x32\0\0\0\0", 18);
    put(&b, "\0\x01\xa0\x01\0\x03\0\0\0\x01", 10);
    put_ends(&b, &(uint16_t){(uint16_t)kind->colour_space}, 2, true);
    put(&b, "\0\0\0\0\0\0", 6);
    jpeg_write_marker(info, JPEG_APP0 + 1, b.at, (unsigned)b.size);
}

/* 32 x 16: quarters red, green (first row), blue, white; of eights, so that chroma is plain. */
static bytes jpeg_of(jpeg_kind kind) {
    static const uint8_t quarters[2][2][4] = {{{255, 0, 0, 9}, {0, 255, 0, 9}},
                                              {{0, 0, 255, 9}, {255, 255, 255, 9}}};
    bytes b = {.size = 0};
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr handler;
    unsigned char *out = NULL;
    unsigned long size = 0;
    info.err = jpeg_std_error(&handler);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &out, &size);
    info.image_width = 32;
    info.image_height = 16;
    info.in_color_space = kind.colours;
    info.input_components = kind.colours == JCS_GRAYSCALE ? 1 : kind.colours == JCS_CMYK ? 4 : 3;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 95, TRUE);
    if (kind.progressive) jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    if (kind.orientation > 0 || kind.colour_space > 0) put_exif(&info, &kind);
    if (kind.profile != NULL)
        jpeg_write_icc_profile(&info, kind.profile->at, (unsigned)kind.profile->size);
    for (int y = 0; y < 16; y++) {
        uint8_t row[32 * 4];
        uint8_t *to = row;
        for (int x = 0; x < 32; x++, to += info.input_components)
            memcpy(to, quarters[y / 8][x / 16], (size_t)info.input_components);
        JSAMPROW rows[1] = {row};
        jpeg_write_scanlines(&info, rows, 1);
    }
    jpeg_finish_compress(&info);
    put(&b, out, size);
    if (kind.junk) put_text(&b, "what a phone leaves behind");
    jpeg_destroy_compress(&info);
    free(out);
    return b;
}

/* 0 red, 1 green, 2 blue, 3 white at a corner of the upright picture. */
static int quarter_at(const cit_photo *p, bool bottom, bool right) {
    const uint16_t *c = pixel(p, right ? p->width - 3 : 2, bottom ? p->height - 3 : 2);
    const int r = c[0] > 32768, g = c[1] > 32768, b = c[2] > 32768;
    return r && g && b ? 3 : r ? 0 : g ? 1 : 2;
}

static void pictures_come_upright(void **state) {
    (void)state;
    for (int o = 1; o <= 8; o++)
        for (int progressive = 0; progressive < 2; progressive++) {
            const bytes b = jpeg_of(
                (jpeg_kind){.orientation = o, .colours = JCS_RGB, .progressive = progressive == 1});
            cit_photo *p = read_well("t.jpg", &b);
            CHECK(p->width == (o > 4 ? 16 : 32) && p->height == (o > 4 ? 32 : 16), "%d x %d",
                  p->width, p->height);
            for (int q = 0; q < 4; q++) {
                /* The coded quarter's row side and column side, as they are seen. */
                const char row = meanings[o][0], column = meanings[o][1];
                const bool last_row = q / 2 == 1, last_column = q % 2 == 1;
                const bool by_row = row == 't' || row == 'b';
                const char upright = by_row ? row : column, across = by_row ? column : row;
                const bool flip_v = by_row ? last_row : last_column;
                const bool flip_h = by_row ? last_column : last_row;
                const bool bottom = (upright == 'b') != flip_v, right = (across == 'r') != flip_h;
                CHECK(quarter_at(p, bottom, right) == q, "orientation %d: quarter %d is elsewhere",
                      o, q);
            }
            cit_photo_free(p);
        }
}

/* ---- colour profiles ----------------------------------------------------------------------------- */

typedef struct space {
    double white[2], primary[3][2]; /* CIE x, y */
    double gamma;                   /* 0: the curve of sRGB */
} space;

/* IEC 61966-2-1; Display P3: SMPTE EG 432-1 with D65; Adobe RGB (1998). */
static const space srgb = {{0.3127, 0.3290}, {{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}}, 0},
                   display_p3 = {{0.3127, 0.3290},
                                 {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}},
                                 0},
                   adobe = {
                       {0.3127, 0.3290}, {{0.64, 0.33}, {0.21, 0.71}, {0.15, 0.06}}, 563.0 / 256};

static bytes saved(cmsHPROFILE profile) {
    static bytes b;
    cmsUInt32Number size = 0;
    memset(&b, 0, sizeof b);
    CHECK(cmsSaveProfileToMem(profile, NULL, &size) && size <= sizeof b.at &&
              cmsSaveProfileToMem(profile, b.at, &size),
          "no profile");
    b.size = size;
    cmsCloseProfile(profile);
    return b;
}

static bytes profile_of(const space *s) {
    const cmsCIExyY white = {s->white[0], s->white[1], 1};
    const cmsCIExyYTRIPLE primaries = {{s->primary[0][0], s->primary[0][1], 1},
                                       {s->primary[1][0], s->primary[1][1], 1},
                                       {s->primary[2][0], s->primary[2][1], 1}};
    const cmsFloat64Number curve[5] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    cmsToneCurve *t =
        s->gamma > 0 ? cmsBuildGamma(NULL, s->gamma) : cmsBuildParametricToneCurve(NULL, 4, curve);
    cmsToneCurve *const three[3] = {t, t, t};
    const bytes b = saved(cmsCreateRGBProfile(&white, &primaries, three));
    cmsFreeToneCurve(t);
    return b;
}

/* Four pixels: a skin, a blue that Adobe RGB has and sRGB has not, a red at the end of its scale, white. */
static const uint8_t four_colours[4][3] = {
    {190, 140, 115}, {60, 120, 200}, {255, 250, 250}, {255, 255, 255}};

static bytes png_with(const bytes *profile) {
    bytes b = {.size = 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &b, png_put, png_flush_nothing);
    png_set_IHDR(png, info, 4, 1, 8, PNG_COLOR_TYPE_RGB, 0, 0, 0);
    png_set_iCCP(png, info, "colours", 0, profile->at, (png_uint_32)profile->size);
    png_write_info(png, info);
    png_write_row(png, &four_colours[0][0]);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return b;
}

/* Wanted levels are from the spaces' chromaticities alone, by a few lines of Python. */
static void profiles_are_followed_to_srgb(void **state) {
    (void)state;
    static const struct {
        const space *of;
        bool converted;
        double want[2][3];
    } kinds[] = {{&srgb, false, {{190, 140, 115}, {60, 120, 200}}},
                 {&display_p3, true, {{199.10, 137.37, 110.54}, {30.17, 121.77, 206.22}}},
                 {&adobe, true, {{207.24, 141.27, 114.39}, {0, 120.82, 203.88}}}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const bytes profile = profile_of(kinds[i].of), b = png_with(&profile);
        cit_photo *p = read_well("t.png", &b);
        CHECK(p->converted == kinds[i].converted && !p->unreferred, "space %zu", i);
        for (int x = 0; x < 2; x++)
            for (int k = 0; k < 3; k++)
                CHECK_CLOSE(pixel(p, x, 0)[k] / 257.0, kinds[i].want[x][k], 0.06);
        CHECK(pixel(p, 2, 0)[0] == 65535, "what was clipped no longer is");
        for (int k = 0; k < 3; k++) CHECK(pixel(p, 3, 0)[k] >= 65500, "white is no longer white");
        cit_photo_free(p);
    }
}

static bytes with_red_twice(const space *s) {
    const bytes b = profile_of(s);
    cmsHPROFILE profile = cmsOpenProfileFromMem(b.at, (cmsUInt32Number)b.size);
    cmsCIEXYZ red = *(const cmsCIEXYZ *)cmsReadTag(profile, cmsSigRedColorantTag);
    red.X *= 2;
    CHECK(cmsWriteTag(profile, cmsSigRedColorantTag, &red), "no profile");
    return saved(profile);
}

/* Tables, no primaries: Lab as a colour space of devices. */
static void profiles_that_cannot_be_followed_say_so(void **state) {
    (void)state;
    const bytes lab = saved(cmsCreateLab4Profile(NULL)),
                b = jpeg_of((jpeg_kind){.colours = JCS_RGB, .profile = &lab});
    cit_photo *p = read_well("t.jpg", &b);
    CHECK(p->unreferred && !p->converted, "Lab was taken for sRGB");
    cit_photo_free(p);
    const bytes white = with_red_twice(&display_p3),
                c = jpeg_of((jpeg_kind){.colours = JCS_RGB, .profile = &white});
    p = read_well("t.jpg", &c);
    CHECK(p->unreferred && !p->converted, "primaries that make no white were followed");
    cit_photo_free(p);
}

/* With every byte changed, and cut at every byte: a photo or one sentence, never another colour than 16 bits hold. */
static void hostile_profiles_end_in_a_sentence(void **state) {
    (void)state;
    const bytes good = profile_of(&display_p3);
    int refusals = 0;
    for (size_t i = 0; i < 2 * good.size; i++) {
        bytes bad = good;
        if (i < good.size)
            bad.at[i] ^= (uint8_t)(i % 3 == 0 ? 0xff : 0x80 >> i % 8);
        else
            bad.size = i - good.size + 1;
        const bytes b = jpeg_of((jpeg_kind){.colours = JCS_RGB, .profile = &bad});
        cit_photo *p = NULL;
        cit_errors errs = {0};
        if (cit_photo_read("t.jpg", b.at, b.size, NULL, &p, &errs) != CIT_OK) {
            check_fault(&errs, CIT_INVALID, "t.jpg");
            CHECK(strstr(errs.items[0].text, "colour profile") != NULL, "'%s'", errs.items[0].text);
            refusals++;
        }
        cit_photo_free(p);
    }
    CHECK(refusals > 100, "%d of %zu are refused", refusals, 2 * good.size);
}

static void large_profiles_are_refused(void **state) {
    (void)state;
    cit_photo *p = NULL;
    cit_errors errs = {0};
    const size_t size = ((size_t)1 << 20) + 1;
    uint8_t *huge = calloc(size, 1);
    bytes plain = jpeg_of((jpeg_kind){.colours = JCS_RGB});
    uint8_t *out = malloc(size + (1 << 17));
    size_t n = 2, left = size;
    const uint8_t parts = (uint8_t)((size + 65518) / 65519);
    memcpy(out, plain.at, 2);
    for (uint8_t k = 1; k <= parts; k++) {
        const size_t here = left < 65519 ? left : 65519;
        const uint8_t head[4] = {0xff, 0xe2, (uint8_t)((here + 16) >> 8), (uint8_t)(here + 16)};
        memcpy(out + n, head, 4);
        memcpy(out + n + 4, "ICC_PROFILE", 12);
        out[n + 16] = k;
        out[n + 17] = parts;
        memcpy(out + n + 18, huge, here);
        n += 18 + here;
        left -= here;
    }
    memcpy(out + n, plain.at + 2, plain.size - 2);
    const cit_status st = cit_photo_read("t.jpg", out, n + plain.size - 2, NULL, &p, &errs);
    check_fault(&errs, st, "t.jpg");
    CHECK(strstr(errs.items[0].text, "1 MB") != NULL, "'%s'", errs.items[0].text);
    free(huge);
    free(out);
}

static void jpeg_says_how_its_colours_are_coded(void **state) {
    (void)state;
    const bytes plain = profile_of(&srgb), wide = profile_of(&display_p3);
    const struct {
        int space;
        const bytes *profile;
        bool unreferred, converted;
    } kinds[] = {{0, NULL, false, false},
                 {1, NULL, false, false},
                 {65535, NULL, true, false},
                 {65535, &plain, false, false},
                 {65535, &wide, false, true}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const bytes b = jpeg_of((jpeg_kind){.orientation = 1,
                                            .colour_space = kinds[i].space,
                                            .colours = JCS_RGB,
                                            .profile = kinds[i].profile});
        cit_photo *p = read_well("t.jpg", &b);
        CHECK(p->unreferred == kinds[i].unreferred && p->converted == kinds[i].converted,
              "kind %zu", i);
        cit_photo_free(p);
    }
}

static void jpeg_grey_is_grey_and_what_follows_is_left(void **state) {
    (void)state;
    const bytes b = jpeg_of((jpeg_kind){.colours = JCS_GRAYSCALE, .junk = true});
    cit_photo *p = read_well("t.jpg", &b);
    CHECK(p->grey && p->bits == 8, "no grey");
    CHECK(pixel(p, 2, 2)[0] == pixel(p, 2, 2)[2] && pixel(p, 2, 2)[0] > 60000, "no grey");
    cit_photo_free(p);
}

static void jpeg_is_refused_where_colours_would_be_guessed(void **state) {
    (void)state;
    bytes b = jpeg_of((jpeg_kind){.colours = JCS_CMYK});
    refused("t.jpg", &b, "CMYK");
    b = jpeg_of((jpeg_kind){.colours = JCS_RGB});
    b.size -= 40; /* libjpeg would fill in grey, and warn */
    refused("t.jpg", &b, "is no JPEG that can be read");
}

/* ---- TIFF -------------------------------------------------------------------------------------- */

typedef struct tiff_bytes {
    bytes b;
    size_t at;
} tiff_bytes;

static tmsize_t tiff_write(thandle_t handle, void *from, tmsize_t count) {
    tiff_bytes *t = handle;
    CHECK(t->at + (size_t)count <= sizeof t->b.at, "too many bytes");
    memcpy(t->b.at + t->at, from, (size_t)count);
    t->at += (size_t)count;
    t->b.size = t->at > t->b.size ? t->at : t->b.size;
    return count;
}

static tmsize_t tiff_read(thandle_t handle, void *to, tmsize_t count) {
    (void)handle, (void)to, (void)count;
    return 0;
}

static toff_t tiff_seek(thandle_t handle, toff_t to, int whence) {
    tiff_bytes *t = handle;
    t->at = whence == SEEK_END ? t->b.size + to : whence == SEEK_CUR ? t->at + to : to;
    return t->at;
}

static int tiff_close(thandle_t handle) { return handle == NULL; }
static toff_t tiff_size(thandle_t handle) { return ((tiff_bytes *)handle)->b.size; }

typedef struct tiff_kind {
    const char *mode; /* "wl" or "wb": which end is first */
    uint16_t bits, samples, photometric, compression, planar, orientation;
    const bytes *profile; /* NULL: none */
} tiff_kind;

static bytes tiff_of(tiff_kind kind) {
    static tiff_bytes t;
    memset(&t, 0, sizeof t);
    TIFF *tiff = TIFFClientOpen("t", kind.mode, &t, tiff_read, tiff_write, tiff_seek, tiff_close,
                                tiff_size, NULL, NULL);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 5);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 4);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind.planar > 0 ? kind.planar : 1);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 3);
    if (kind.profile != NULL)
        TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)kind.profile->size, kind.profile->at);
    for (int y = 0; y < 4; y++) {
        uint16_t wide[5 * 4];
        uint8_t narrow[5 * 4];
        for (int i = 0; i < 5 * kind.samples; i++) {
            wide[i] = i % kind.samples < 3 ? told(i / kind.samples, y, i % kind.samples) : 65535;
            narrow[i] = (uint8_t)(wide[i] >> 8);
        }
        TIFFWriteScanline(tiff, kind.bits == 16 ? (void *)wide : (void *)narrow, (uint32_t)y, 0);
    }
    TIFFClose(tiff);
    return t.b;
}

static void tiff_values_are_exact(void **state) {
    (void)state;
    static const uint16_t compressions[] = {COMPRESSION_NONE, COMPRESSION_LZW,
                                            COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS};
    for (int n = 0; n < 32; n++) {
        const bool wide = n & 1, colour = n & 2, big = n & 4;
        const bytes b = tiff_of((tiff_kind){.mode = big ? "wb" : "wl",
                                            .bits = wide ? 16 : 8,
                                            .samples = colour ? 3 : 1,
                                            .photometric = colour ? 2 : 1,
                                            .compression = compressions[n / 8],
                                            .orientation = 3});
        cit_photo *p = read_well("t.tif", &b);
        CHECK(p->width == 5 && p->height == 4 && p->grey == !colour, "kind %d", n);
        for (int i = 0; i < 60; i++) {
            const int x = i / 3 % 5, y = i / 15, k = colour ? i % 3 : 0;
            const uint16_t want = wide ? told(x, y, k) : (uint16_t)((told(x, y, k) >> 8) * 257);
            CHECK(pixel(p, 4 - x, 3 - y)[i % 3] == want, "kind %d: (%d, %d) is not %d", n, x, y,
                  want);
        }
        cit_photo_free(p);
    }
}

static void tiff_white_may_be_zero(void **state) {
    (void)state;
    const bytes b = tiff_of((tiff_kind){"wl", 16, 1, 0, COMPRESSION_NONE, 1, 1, NULL});
    cit_photo *p = read_well("t.tif", &b);
    CHECK(pixel(p, 1, 2)[1] == 65535 - told(1, 2, 0), "not inverted");
    cit_photo_free(p);
}

static void tiff_profiles_are_followed(void **state) {
    (void)state;
    const bytes wide = profile_of(&display_p3),
                b = tiff_of((tiff_kind){.mode = "wl",
                                        .bits = 16,
                                        .samples = 3,
                                        .photometric = 2,
                                        .compression = COMPRESSION_NONE,
                                        .orientation = 1,
                                        .profile = &wide});
    cit_photo *p = read_well("t.tif", &b);
    CHECK(p->converted && !p->unreferred, "not converted");
    cit_photo_free(p);
}

static void tiff_is_refused_by_name(void **state) {
    (void)state;
    bytes b = tiff_of((tiff_kind){"wl", 8, 4, 5, COMPRESSION_NONE, 1, 1, NULL});
    refused("t.tif", &b, "photometric 5");
    b = tiff_of((tiff_kind){"wl", 8, 3, 2, COMPRESSION_NONE, 2, 1, NULL});
    refused("t.tif", &b, "apart");
    b = tiff_of((tiff_kind){"wl", 8, 4, 2, COMPRESSION_NONE, 1, 1, NULL});
    cit_photo_free(read_well("t.tif", &b)); /* a fourth channel that is opaque */
}

/* ---- others ------------------------------------------------------------------------------------ */

static void other_formats_are_named(void **state) {
    (void)state;
    static const struct {
        const char *start, *text;
        size_t size;
    } others[] = {{"\0\0\0\x18"
                   "ftypheic",
                   "HEIC", 12},
                  {"GIF89a......", "GIF", 12},
                  {"RIFF....WEBP", "WebP", 12},
                  {"what is this", "no JPEG, PNG or TIFF", 12},
                  {"", "is empty", 0}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bytes b = {.size = 0};
        put(&b, others[i].start, others[i].size);
        refused("t", &b, others[i].text);
    }
}

static void claims_are_held_against_the_bytes(void **state) {
    (void)state;
    bytes b = png_of((png_kind){8, PNG_COLOR_TYPE_RGB, 0, -1, 0, false, 0});
    /* 20,000 x 20,000 with a right sum: 1.2 GB of colours in a hundred bytes */
    const uint8_t head[] = {'I', 'H', 'D', 'R', 0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20, 8, 2, 0, 0, 0};
    memcpy(b.at + 12, head, sizeof head);
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < sizeof head; i++) {
        crc ^= head[i];
        for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    bytes sum = {.size = 0};
    put_ends(&sum, &(uint32_t){~crc}, 4, true);
    memcpy(b.at + 29, sum.at, 4);
    refused("t.png", &b, "claims 20000 x 20000 pixels");
}

static void memory_is_limited(void **state) {
    (void)state;
    const cit_scan_limits little = {.memory_bytes = 60};
    const bytes all[3] = {png_of((png_kind){16, PNG_COLOR_TYPE_RGB, 0, -1, 0, false, 0}),
                          jpeg_of((jpeg_kind){.colours = JCS_RGB}),
                          tiff_of((tiff_kind){"wl", 16, 3, 2, COMPRESSION_NONE, 1, 1, NULL})};
    for (int i = 0; i < 3; i++) {
        cit_photo *p = NULL;
        cit_errors errs = {0};
        check_fault(&errs, cit_photo_read("t", all[i].at, all[i].size, &little, &p, &errs), "t");
    }
}

static void cut_and_changed_files_end_in_one_sentence(void **state) {
    (void)state;
    const bytes all[] = {png_of((png_kind){16, PNG_COLOR_TYPE_RGB, 0, -1, 0, false, 0}),
                         png_of((png_kind){8, PNG_COLOR_TYPE_RGB_ALPHA, 1, -1, 0, false, 0}),
                         jpeg_of((jpeg_kind){.orientation = 6, .colours = JCS_RGB}),
                         jpeg_of((jpeg_kind){.colours = JCS_RGB, .progressive = true}),
                         tiff_of((tiff_kind){"wl", 8, 3, 2, COMPRESSION_LZW, 1, 1, NULL})};
    for (size_t f = 0; f < sizeof all / sizeof *all; f++) {
        for (size_t size = 0; size < all[f].size; size++) {
            cit_photo *p = NULL;
            cit_errors errs = {0};
            const cit_status st = cit_photo_read("t", all[f].at, size, NULL, &p, &errs);
            CHECK(st != CIT_OK, "file %zu: read when cut at %zu of %zu", f, size, all[f].size);
            check_fault(&errs, st, "t");
        }
        for (size_t i = 0; i < all[f].size; i++) {
            bytes b = all[f];
            cit_photo *p = NULL;
            cit_errors errs = {0};
            b.at[i] ^= 0x81;
            const cit_status st = cit_photo_read("t", b.at, b.size, NULL, &p, &errs);
            CHECK((st == CIT_OK) == (p != NULL), "file %zu: byte %zu", f, i);
            if (st != CIT_OK) check_fault(&errs, st, "t");
            cit_photo_free(p);
        }
    }
}

static void real_photos_are_read(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int width, height;
        bool converted, unreferred;
    } files[] = {
        {"acne-photos/5-1017-2022-023557.jpg", 770, 1027, true, false}, /* Display P3 */
        {"acne-photos/1-1018-2022-181045.jpg", 1364, 1819, true, false},
        {"face-leeperrysmith/Map-COL.jpg", 1024, 1024, false, true}, /* EXIF: uncalibrated */
        {"face-fran/fran_cut.png", 256, 256, false, false},
    };
    const char *folder = real_data();
    for (size_t f = 0; folder != NULL && f < sizeof files / sizeof *files; f++) {
        size_t size = 0;
        uint8_t *all = load(folder, files[f].name, &size);
        cit_photo *p = NULL;
        cit_errors errs = {0};
        CHECK(cit_photo_read(files[f].name, all, size, NULL, &p, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(p->width == files[f].width && p->height == files[f].height &&
                  p->converted == files[f].converted && p->unreferred == files[f].unreferred,
              "%s: %d x %d, converted %d, unreferred %d", files[f].name, p->width, p->height,
              p->converted, p->unreferred);
        cit_photo_free(p);
        free(all);
    }
}

T_MAIN(CASE(png_values_are_exact), CASE(what_is_transparent_is_refused),
       CASE(png_says_how_its_colours_are_coded), CASE(png_turns_as_its_exif_says),
       CASE(palettes_are_looked_up), CASE(pictures_come_upright),
       CASE(jpeg_says_how_its_colours_are_coded), CASE(profiles_are_followed_to_srgb),
       CASE(profiles_that_cannot_be_followed_say_so), CASE(hostile_profiles_end_in_a_sentence),
       CASE(large_profiles_are_refused), CASE(jpeg_grey_is_grey_and_what_follows_is_left),
       CASE(jpeg_is_refused_where_colours_would_be_guessed), CASE(tiff_values_are_exact),
       CASE(tiff_white_may_be_zero), CASE(tiff_profiles_are_followed),
       CASE(tiff_is_refused_by_name), CASE(other_formats_are_named),
       CASE(claims_are_held_against_the_bytes), CASE(memory_is_limited),
       CASE(cut_and_changed_files_end_in_one_sentence), CASE(real_photos_are_read))
