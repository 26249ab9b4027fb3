/* Which format bytes are in, and which of those that are not read. */
#include "scan_impl.h"
#include <string.h>
#include <strings.h>

static const struct {
    const char *text, *files;
    cit_scan_kind kind;
} formats[] = {
#define ROW(name, of, words, ends) [CIT_SCAN_##name] = {words, ends, CIT_SCAN_##of},
    CIT_SCAN_FORMATS(ROW)
#undef ROW
};
enum { FORMATS = sizeof formats / sizeof *formats };

const char *cit_scan_format_text(cit_scan_format format) {
    return format == CIT_SCAN_UNKNOWN ? "unknown" : formats[format].text;
}

cit_scan_kind cit_scan_kind_of(cit_scan_format format) { return formats[format].kind; }

/* ---- by bytes ----------------------------------------------------------------------------------- */

typedef struct magic {
    cit_scan_format format;
    uint8_t length;
    char bytes[16];
} magic;
static const magic magics[] = {
    {CIT_SCAN_GSF, 14, "Gwyddion Simpl"},
    {CIT_SCAN_X3P, 4, "PK\3\4"},
    {CIT_SCAN_SUR, 12, "DIGITAL SURF"},
    {CIT_SCAN_SUR, 12, "DSCOMPRESSED"},
    {CIT_SCAN_SDF, 6, "aBCR-1"},
    {CIT_SCAN_SDF, 6, "bBCR-1"},
    {CIT_SCAN_SDF, 6, "aISO-1"},
    {CIT_SCAN_SDF, 6, "bISO-1"},
    {CIT_SCAN_TIFF, 4, "II*\0"},
    {CIT_SCAN_TIFF, 4, "MM\0*"},
    {CIT_SCAN_TIFF, 4, "II+\0"},
    {CIT_SCAN_TIFF, 4, "MM\0+"},
    {CIT_SCAN_PNG, 8, "\x89PNG\r\n\x1a\n"},
    {CIT_SCAN_JPEG, 3, "\xff\xd8\xff"},
    {CIT_SCAN_PLY, 4, "ply\n"},
    {CIT_SCAN_PLY, 4, "ply\r"},
    {CIT_SCAN_GLTF, 4, "glTF"},
};

static bool begins(const uint8_t *bytes, size_t size, const void *with, size_t length) {
    return size >= length && memcmp(bytes, with, length) == 0;
}

static bool contains(const uint8_t *bytes, size_t size, const char *word) {
    const size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, word, length) == 0) return true;
    return false;
}

enum { HEAD = 1024 };

/* Other programs write other versions into the first eight bytes of an SDF. */
static bool is_ascii_sdf(const uint8_t *bytes, size_t size) {
    const size_t head = size < 80 ? size : 80;
    return head > 0 && bytes[0] == 'a' &&
           (contains(bytes, head, "ManufacID") || contains(bytes, head, "ManuFacID"));
}

static bool is_text(const uint8_t *bytes, size_t size) {
    if (begins(bytes, size, "\xff\xfe", 2) || begins(bytes, size, "\xfe\xff", 2)) return true;
    for (size_t i = 0; i < size && i < HEAD; i++)
        if ((bytes[i] < ' ' && strchr("\t\n\r\f", bytes[i]) == NULL) || bytes[i] == 0) return false;
    return size > 0;
}

/* ---- by name ------------------------------------------------------------------------------------ */

static const char *ending(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot == NULL || strchr(dot, '/') != NULL ? "" : dot;
}

/* Is it one of ".stl .obj"? */
static bool is_one_of(const char *end, const char *ends) {
    const size_t length = strlen(end);
    while (length > 1 && *ends != 0) {
        const size_t word = strcspn(ends, " ");
        if (word == length && strncasecmp(ends, end, word) == 0) return true;
        ends += word + (ends[word] == ' ');
    }
    return false;
}

static cit_scan_format by_name(const char *name) {
    const char *end = ending(name);
    for (int f = 1; f < FORMATS; f++)
        if (is_one_of(end, formats[f].files)) return (cit_scan_format)f;
    return CIT_SCAN_UNKNOWN;
}

/* Formats that begin with bytes of their own are not believed of a name alone. */
static bool has_magic(cit_scan_format format) {
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (magics[i].format == format && format != CIT_SCAN_GLTF) return true;
    return false;
}

cit_scan_format cit_scan_recognise(const char *name, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (begins(bytes, size, magics[i].bytes, magics[i].length)) return magics[i].format;
    if (is_ascii_sdf(bytes, size)) return CIT_SCAN_SDF;
    if (cit_scan_foreign(name, bytes, size) != NULL) return CIT_SCAN_UNKNOWN;
    const cit_scan_format named = by_name(name);
    if (named != CIT_SCAN_UNKNOWN && !has_magic(named)) return named;
    if (begins(bytes, size, "solid", 5) && contains(bytes, size < HEAD ? size : HEAD, "facet"))
        return CIT_SCAN_STL;
    return named == CIT_SCAN_UNKNOWN && is_text(bytes, size) ? CIT_SCAN_TEXT : CIT_SCAN_UNKNOWN;
}

/* ---- formats of makers -------------------------------------------------------------------------- */

/* Name, bytes it begins with (at a place), how its files are called. */
static const struct {
    const char *text;
    uint8_t at, length;
    char bytes[24];
    const char *files;
} foreign[] = {
    {"an Alicona .al3d", 0, 14, "AliconaImaging", ".al3d"},
    {"a Sensofar .plu", 0, 0, "", ".plu .plux"},
    {"a Wyko or Veeco .opd", 2, 9, "Directory", ".opd"},
    {"a Bruker .opdx", 0, 8, "VCA DATA", ".opdx"},
    {"a Gwyddion .gwy", 0, 4, "GWYP", ".gwy"},
    {"a Keyence file", 0, 3, "VK4", ".vk4 .vk6 .vk7 .zon"},
    {"a MountainsMap document", 0, 0, "", ".mnt"},
    {"a Zygo file", 0, 0, "", ".datx .dat"},
    {"a TrueMap .tmd", 0, 14, "Binary TrueMap", ".tmd"},
    {"an FRT file", 0, 4, "FRTM", ".frt"},
};

const char *cit_scan_foreign(const char *name, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const bool by_bytes = foreign[i].length > 0 && size > foreign[i].at &&
                              begins(bytes + foreign[i].at, size - foreign[i].at, foreign[i].bytes,
                                     foreign[i].length);
        if (by_bytes || (!is_text(bytes, size) && is_one_of(ending(name), foreign[i].files)))
            return foreign[i].text;
    }
    return NULL;
}
