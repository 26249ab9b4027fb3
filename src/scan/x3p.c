/* X3P (ISO 25178-72, before that 5436-2): a ZIP archive of main.xml, the numbers, a file of bits that says which are
 * valid, and MD5 sums. Lengths are m. Archives with all of it inside a folder, and with the junk of desktops
 * beside it, are read. XML is read as a stream, without network, document type or entities. */
#include "scan_impl.h"
#include <libxml/xmlreader.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zip.h>

/* ---- the archive -------------------------------------------------------------------------------- */

enum {
    ENTRIES_MOST = 1000,
    NAME_MOST = 160,
    FOLDER_MOST = 100,
    XML_MOST = 1 << 26,
    ATTRIBUTES_MOST = 10000,
    NODES_MOST = 10000
};
static const char main_name[] = "main.xml";

typedef struct archive {
    const cit_heights_source *in;
    zip_t *zip;
    char folder[FOLDER_MOST]; /* "" or "sample-land/" */
} archive;

static cit_status open_archive(const cit_heights_source *in, archive *a) {
    zip_error_t error;
    a->in = in;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(in->bytes, in->size, 0, &error);
    if (source != NULL) a->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (source != NULL && a->zip == NULL) zip_source_free(source);
    const int code = zip_error_code_zip(&error);
    zip_error_fini(&error);
    if (a->zip == NULL)
        return cit_heights_bad(in, "is no whole ZIP archive, as an X3P is (libzip: %d)", code);
    if (zip_get_num_entries(a->zip, 0) > ENTRIES_MOST)
        return cit_heights_bad(in, "is an archive of more than %d files; an X3P has a few",
                               ENTRIES_MOST);
    return CIT_OK;
}

/* The folder that main.xml lies in; what a Mac lays beside it does not count. */
static cit_status find_folder(archive *a) {
    const zip_int64_t count = zip_get_num_entries(a->zip, 0);
    bool found = false;
    for (zip_int64_t i = 0; i < count; i++) {
        const char *name = zip_get_name(a->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        if (name == NULL || strncmp(name, "__MACOSX/", 9) == 0) continue;
        const char *slash = strrchr(name, '/'), *base = slash == NULL ? name : slash + 1;
        const size_t folder = (size_t)(base - name);
        if (strcmp(base, main_name) != 0 || folder >= sizeof a->folder) continue;
        if (found) return cit_heights_bad(a->in, "is an archive with two main.xml");
        memcpy(a->folder, name, folder);
        a->folder[folder] = 0;
        found = true;
    }
    return found ? CIT_OK : cit_heights_bad(a->in, "is a ZIP archive without main.xml: no X3P");
}

typedef struct part {
    char name[NAME_MOST]; /* below the folder */
    uint8_t *bytes;
    size_t size;
} part;

static bool locate(const archive *a, const char *name, zip_stat_t *ret) {
    char path[FOLDER_MOST + NAME_MOST];
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_INDEX |
                                ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    snprintf(path, sizeof path, "%s%s", a->folder, name);
    zip_stat_init(ret);
    return zip_stat(a->zip, path, ZIP_FL_ENC_RAW, ret) == 0 && (ret->valid & needed) == needed;
}

static cit_status unpack(const archive *a, const zip_stat_t *about, part *p) {
    zip_file_t *file = zip_fopen_index(a->zip, about->index, 0);
    zip_int64_t got = -1;
    if (file != NULL) {
        size_t size = 0; /* one more than claimed is asked for, to see that there is none */
        while (size <= p->size && (got = zip_fread(file, p->bytes + size, p->size + 1 - size)) > 0)
            size += (size_t)got;
        if (size != p->size) got = -1;
        zip_fclose(file);
    }
    return got == 0 ? CIT_OK
                    : cit_heights_bad_part(a->in, p->name,
                                           "does not unpack to the %zu bytes that "
                                           "the archive claims, or is damaged",
                                           p->size);
}

/* A part of the archive in memory, a 0 behind it. */
static cit_status take_part(const archive *a, const char *name, double most, part *p) {
    cit_status st = CIT_OK;
    zip_stat_t about;
    snprintf(p->name, sizeof p->name, "%s", name);
    if (!locate(a, name, &about))
        return cit_heights_bad_part(a->in, p->name, "is not in the archive");
    if (about.encryption_method != ZIP_EM_NONE)
        return cit_heights_bad_part(a->in, p->name, "is encrypted");
    if (about.comp_method != ZIP_CM_STORE && about.comp_method != ZIP_CM_DEFLATE)
        return cit_heights_bad_part(a->in, p->name,
                                    "is packed by method %d; stored or deflated is read",
                                    about.comp_method);
    if ((double)about.size > most)
        return cit_heights_bad_part(a->in, p->name, "claims %.0f bytes; %.0f are the most here",
                                    (double)about.size, most);
    CIT_TRY(cit_heights_unpack(a->in, (double)about.comp_size, (double)about.size, p->name));
    p->size = (size_t)about.size;
    p->bytes = calloc(1, p->size + 1);
    if (p->bytes == NULL) return cit_heights_no_memory(a->in, (double)p->size);
    CIT_TRY(unpack(a, &about, p));
done:
    return st;
}

/* ---- check sums --------------------------------------------------------------------------------- */

static void print_sum(const part *p, char text[33]) {
    uint8_t sum[16];
    cit_md5(p->bytes, p->size, sum);
    for (int i = 0; i < 16; i++) snprintf(text + 2 * i, 3, "%02x", sum[i]);
}

static cit_status check_sum(const archive *a, const part *p, const char *told, const char *where) {
    char sum[33];
    print_sum(p, sum);
    if (strncasecmp(told, sum, 32) == 0) return CIT_OK;
    return cit_heights_bad_part(
        a->in, p->name,
        "does not have the MD5 sum that %s tells: it was changed or damaged "
        "after it was written; save it anew",
        where);
}

static cit_status check_main(const archive *a, const part *xml) {
    cit_status st = CIT_OK;
    static const char name[] = "md5checksum.hex";
    part sum = {0};
    zip_stat_t about;
    if (!locate(a, name, &about)) return CIT_OK;
    CIT_TRY(take_part(a, name, 1000, &sum));
    if (sum.size < 32)
        st = cit_heights_bad_part(a->in, name, "has %zu bytes; an MD5 sum has 32", sum.size);
    else
        st = check_sum(a, xml, (const char *)sum.bytes, name);
done:
    free(sum.bytes);
    return st;
}

/* ---- main.xml ----------------------------------------------------------------------------------- */

enum { VALUE_MOST = 200, DEPTH_MOST = 8 };

/* Every element that matters, by its way from the root. */
enum {
    FEATURE,
    X_AXIS,
    X_STEP,
    Y_AXIS,
    Y_STEP,
    Z_AXIS,
    Z_TYPE,
    Z_STEP,
    Z_OFFSET,
    DATE,
    MAKER,
    MODEL,
    SIZE_X,
    SIZE_Y,
    SIZE_Z,
    DATA,
    DATA_SUM,
    VALID,
    VALID_SUM,
    LIST_SIZE,
    ELEMENTS,
};
static const char *const elements[ELEMENTS] = {
    [FEATURE] = "Record1/FeatureType",
    [X_AXIS] = "Record1/Axes/CX/AxisType",
    [X_STEP] = "Record1/Axes/CX/Increment",
    [Y_AXIS] = "Record1/Axes/CY/AxisType",
    [Y_STEP] = "Record1/Axes/CY/Increment",
    [Z_AXIS] = "Record1/Axes/CZ/AxisType",
    [Z_TYPE] = "Record1/Axes/CZ/DataType",
    [Z_STEP] = "Record1/Axes/CZ/Increment",
    [Z_OFFSET] = "Record1/Axes/CZ/Offset",
    [DATE] = "Record2/Date",
    [MAKER] = "Record2/Instrument/Manufacturer",
    [MODEL] = "Record2/Instrument/Model",
    [SIZE_X] = "Record3/MatrixDimension/SizeX",
    [SIZE_Y] = "Record3/MatrixDimension/SizeY",
    [SIZE_Z] = "Record3/MatrixDimension/SizeZ",
    [DATA] = "Record3/DataLink/PointDataLink",
    [DATA_SUM] = "Record3/DataLink/MD5ChecksumPointData",
    [VALID] = "Record3/DataLink/ValidPointsLink",
    [VALID_SUM] = "Record3/DataLink/MD5ChecksumValidPoints",
    [LIST_SIZE] = "Record3/ListDimension",
};
static const char datum_way[] = "Record3/DataList/Datum";

typedef struct document {
    const archive *a;
    char values[ELEMENTS][VALUE_MOST];
    int lines[ELEMENTS]; /* 0: it is not there */
    int nodes;           /* that are neither text nor a Datum */
    double *data;        /* of a list in the XML itself; NaN: missing */
    size_t data_count, data_room;
    char way[200];
    size_t ends[DEPTH_MOST + 1]; /* of the way, by depth */
    char text[VALUE_MOST];       /* of the element that is open */
    size_t text_length;
    char fault[200];
    int fault_line;
} document;

static cit_status bad_xml(const document *d, int line, const char *format, ...) CIT_PRINTF(3, 4);
static cit_status bad_xml(const document *d, int line, const char *format, ...) {
    char text[400], where[40];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(where, sizeof where, "%s:%d", main_name, line);
    return cit_heights_bad_part(d->a->in, line > 0 ? where : main_name, "%s", text);
}

static void keep_fault(void *user, xmlErrorPtr error) {
    document *d = user;
    if (*d->fault != 0 || error->level < XML_ERR_ERROR || error->message == NULL) return;
    cit_plain_copy(d->fault, sizeof d->fault, error->message, strcspn(error->message, "\n"));
    d->fault_line = error->line;
}

static bool has_word(const part *xml, const char *word) {
    const size_t length = strlen(word);
    for (size_t i = 0; i + length <= xml->size; i++)
        if (memcmp(xml->bytes + i, word, length) == 0) return true;
    return false;
}

static size_t count_letter(const part *xml, uint8_t letter) {
    size_t count = 0;
    for (size_t i = 0; i < xml->size; i++) count += xml->bytes[i] == letter;
    return count;
}

/* Before the library sees it: letters that are read as ASCII, no document type, which could define entities, and few
 * attributes: each is held against all others of its element. */
static cit_status check_letters(const document *d, const part *xml, const char **ret_encoding) {
    static const char *const encodings[] = {"UTF-8", "US-ASCII", "ASCII", "ISO-8859-1",
                                            "WINDOWS-1252"};
    const char *text = (const char *)xml->bytes;
    if (memchr(text, 0, xml->size) != NULL) return bad_xml(d, 1, "is not in UTF-8");
    if (has_word(xml, "<!DOCTYPE") || has_word(xml, "<!ENTITY"))
        return bad_xml(d, 1, "has a document type or entities, which an X3P does not have");
    if (count_letter(xml, '=') > ATTRIBUTES_MOST)
        return bad_xml(d, 0, "has more than %d attributes", ATTRIBUTES_MOST);
    const size_t head = strcspn(text, ">") < 200 ? strcspn(text, ">") : 200;
    const char *word = memmem(text, head, "encoding=", 9);
    *ret_encoding = NULL;
    if (word == NULL || word[9] == 0) return CIT_OK;
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (strncasecmp(word + 10, encodings[i], strlen(encodings[i])) == 0 &&
            word[10 + strlen(encodings[i])] == word[9])
            *ret_encoding = encodings[i];
    return *ret_encoding != NULL ? CIT_OK
                                 : bad_xml(d, 1, "is in an encoding that is not read; UTF-8 is");
}

static void descend(document *d, int depth, const char *name) {
    const size_t from = depth > 1 ? d->ends[depth - 1] : 0, room = sizeof d->way - from;
    const int length = snprintf(d->way + from, room, "%s%s", from > 0 ? "/" : "", name);
    d->ends[depth] = from + ((size_t)length < room ? (size_t)length : room - 1);
    d->text_length = 0;
}

static void ascend(document *d, int depth) {
    d->way[depth > 1 ? d->ends[depth - 1] : 0] = 0;
    d->text_length = 0;
}

static cit_status add_text(document *d, int line, const char *text) {
    const size_t length = strlen(text), room = sizeof d->text - 1 - d->text_length;
    memcpy(d->text + d->text_length, text, length < room ? length : room);
    d->text_length += length < room ? length : room;
    if (length > room && strcmp(d->way, datum_way) == 0)
        return bad_xml(d, line, "is a Datum of more than %d letters", VALUE_MOST);
    return CIT_OK;
}

static cit_status add_datum(document *d, int line) {
    const cit_heights_source *in = d->a->in;
    double value = CIT_UNKNOWN_NUMBER;
    if (d->data_count == d->data_room) {
        const size_t room = d->data_room == 0 ? 1024 : 2 * d->data_room;
        cit_status st = cit_heights_afford(in, (double)room * 12, "its list of data");
        if (st != CIT_OK) return st;
        double *more = realloc(d->data, room * sizeof *more);
        if (more == NULL) return cit_heights_no_memory(in, (double)room * 8);
        d->data = more;
        d->data_room = room;
    }
    const char *number = d->text;
    for (const char *sign = strchr(number, ';'); sign != NULL; sign = strchr(number, ';'))
        number = sign + 1; /* of x;y;z the last */
    const size_t length = strlen(number);
    const bool empty = strspn(number, " \t\r\n") == length || strcasecmp(number, "nan") == 0;
    if (!empty && !cit_number_whole(number, length, &value))
        return bad_xml(d, line, "has the Datum '%.40s', which is no number", d->text);
    d->data[d->data_count++] = value;
    return CIT_OK;
}

static cit_status end_element(document *d, int line) {
    d->text[d->text_length] = 0;
    if (strcmp(d->way, datum_way) == 0) return add_datum(d, line);
    for (int e = 0; e < ELEMENTS; e++) {
        if (strcmp(d->way, elements[e]) != 0) continue;
        if (d->lines[e] > 0) return bad_xml(d, line, "tells %s twice", elements[e]);
        d->lines[e] = line;
        const char *first = d->text + strspn(d->text, " \t\r\n");
        cit_plain_copy(d->values[e], VALUE_MOST, first, strcspn(first, "\t\r\n"));
    }
    return CIT_OK;
}

static cit_status take_node(document *d, xmlTextReaderPtr reader) {
    const int type = xmlTextReaderNodeType(reader), depth = xmlTextReaderDepth(reader);
    const int line = (int)xmlGetLineNo(xmlTextReaderCurrentNode(reader));
    const bool empty = type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement(reader) == 1;
    cit_status st = CIT_OK;
    if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE)
        return bad_xml(d, line, "has a document type or entities, which an X3P does not have");
    if (type == XML_READER_TYPE_ELEMENT || type == XML_READER_TYPE_COMMENT ||
        type == XML_READER_TYPE_PROCESSING_INSTRUCTION)
        d->nodes += strcmp((const char *)xmlTextReaderConstLocalName(reader), "Datum") != 0;
    if (d->nodes > NODES_MOST)
        return bad_xml(d, line, "has more than %d elements that are no Datum", NODES_MOST);
    if (depth < 1 || depth > DEPTH_MOST) return CIT_OK;
    if (type == XML_READER_TYPE_ELEMENT)
        descend(d, depth, (const char *)xmlTextReaderConstLocalName(reader));
    if (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA)
        st = add_text(d, line, (const char *)xmlTextReaderConstValue(reader));
    if (type == XML_READER_TYPE_END_ELEMENT || empty) {
        st = end_element(d, line);
        ascend(d, depth);
    }
    return st;
}

static cit_status read_xml(document *d, const part *xml) {
    cit_status st = CIT_OK;
    xmlTextReaderPtr reader = NULL;
    const char *encoding = NULL;
    int more = 1;
    CIT_TRY(check_letters(d, xml, &encoding));
    reader = xmlReaderForMemory((const char *)xml->bytes, (int)xml->size, NULL, encoding,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                    XML_PARSE_COMPACT);
    if (reader == NULL) {
        st = cit_heights_no_memory(d->a->in, 0);
        goto done;
    }
    xmlTextReaderSetStructuredErrorHandler(reader, keep_fault, d);
    while ((more = xmlTextReaderRead(reader)) == 1) CIT_TRY(take_node(d, reader));
    if (more < 0)
        st = bad_xml(d, d->fault_line, "is no well-formed XML: %s",
                     *d->fault ? d->fault : "unknown");
done:
    if (reader != NULL) xmlFreeTextReader(reader);
    return st;
}

/* ---- what it says ------------------------------------------------------------------------------- */

static cit_status need_value(const document *d, int element, const char *wanted, const char *why) {
    if (d->lines[element] == 0) return bad_xml(d, 0, "does not tell %s", elements[element]);
    if (strcmp(d->values[element], wanted) == 0) return CIT_OK;
    return bad_xml(d, d->lines[element], "tells %s as '%.40s'; %s", elements[element],
                   d->values[element], why);
}

static cit_status need_number(const document *d, int element, double *ret) {
    const char *text = d->values[element];
    if (d->lines[element] == 0) return bad_xml(d, 0, "does not tell %s", elements[element]);
    if (!cit_number_whole(text, strlen(text), ret))
        return bad_xml(d, d->lines[element], "tells %s as '%.40s', which is no number",
                       elements[element], text);
    return CIT_OK;
}

/* Left out or empty: as it is. */
static cit_status take_number(const document *d, int element, double *ret) {
    return *d->values[element] == 0 ? CIT_OK : need_number(d, element, ret);
}

static cit_status check_kind(const document *d) {
    cit_status st = CIT_OK;
    if (d->lines[LIST_SIZE] > 0)
        return bad_xml(d, d->lines[LIST_SIZE],
                       "tells a list of points, not a map; save it as a map, "
                       "or as a mesh");
    if (strcmp(d->values[FEATURE], "PRF") != 0)
        CIT_TRY(need_value(d, FEATURE, "SUR", "a surface (SUR) or a profile (PRF) is read"));
    CIT_TRY(need_value(d, X_AXIS, "I", "even places (I) are read"));
    CIT_TRY(need_value(d, Y_AXIS, "I", "even places (I) are read"));
    CIT_TRY(need_value(d, Z_AXIS, "A", "heights that stand for themselves (A) are read"));
done:
    return st;
}

static cit_status take_sizes(const document *d, double *nx, double *ny) {
    cit_status st = CIT_OK;
    double nz = 0;
    CIT_TRY(need_number(d, SIZE_X, nx));
    CIT_TRY(need_number(d, SIZE_Y, ny));
    CIT_TRY(need_number(d, SIZE_Z, &nz));
    if (!(*nx >= 1 && *ny >= 1 && *nx * *ny < 0x1p31) || *nx != floor(*nx) || *ny != floor(*ny))
        return bad_xml(d, d->lines[SIZE_X], "tells %g x %g points; 1 to 2^31 are read", *nx, *ny);
    if (nz != 1) return bad_xml(d, d->lines[SIZE_Z], "tells %g layers; 1 is read", nz);
    if (strcmp(d->values[FEATURE], "PRF") == 0 && *ny != 1)
        return bad_xml(d, d->lines[SIZE_Y], "tells %g profiles; 1 is read", *ny);
done:
    return st;
}

/* Whole numbers are signed, as in the library of those who made the format. */
static cit_status take_type(const document *d, cit_sample *ret) {
    static const struct {
        char name[2];
        cit_sample sample;
    } types[] = {
        {"I", CIT_SAMPLE_S16}, {"L", CIT_SAMPLE_S32}, {"F", CIT_SAMPLE_F32}, {"D", CIT_SAMPLE_F64}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        *ret = types[i].sample;
        if (strcmp(d->values[Z_TYPE], types[i].name) == 0) return CIT_OK;
    }
    return bad_xml(d, d->lines[Z_TYPE], "tells %s as '%.20s'; I, L, F and D are known",
                   elements[Z_TYPE], d->values[Z_TYPE]);
}

static cit_status check_steps(const document *d, double x_m, double y_m, double z_m) {
    if (!(x_m > 0) || !(y_m > 0))
        return bad_xml(d, d->lines[X_STEP], "tells steps of %g and %g m; they are above 0", x_m,
                       y_m);
    if (z_m == 0) return bad_xml(d, d->lines[Z_STEP], "tells a step of heights of 0");
    return CIT_OK;
}

static cit_status take_steps(const document *d, cit_raster *r) {
    cit_status st = CIT_OK;
    double x_m = 0, y_m = 0, z_m = 1, offset_m = 0, height_um = 0;
    CIT_TRY(need_number(d, X_STEP, &x_m));
    y_m = x_m;
    if (r->ny > 1) CIT_TRY(need_number(d, Y_STEP, &y_m));
    CIT_TRY(take_number(d, Z_STEP, &z_m));
    CIT_TRY(take_number(d, Z_OFFSET, &offset_m));
    CIT_TRY(check_steps(d, x_m, y_m, z_m));
    r->dx_mm = 1e3 * x_m;
    r->dy_mm = 1e3 * y_m;
    height_um = 1e6 * z_m;
    CIT_TRY(cit_heights_settle(d->a->in, &r->dx_mm, &r->dy_mm, &height_um));
    r->step_um = height_um;
    r->offset_um = 1e6 * offset_m;
done:
    return st;
}

/* The name of a part as the archive has it, however it was written down. */
static cit_status take_name(const document *d, int element, char path[NAME_MOST]) {
    const char *name = d->values[element];
    if (*name == 0 || strlen(name) >= NAME_MOST || strchr(name, '?') != NULL)
        return bad_xml(d, d->lines[element], "names the part '%.40s'", name);
    if (strncmp(name, "./", 2) == 0) name++;
    if (*name == '/') name++;
    snprintf(path, NAME_MOST, "%s", name);
    for (char *c = path; *c != 0; c++)
        if (*c == '\\') *c = '/';
    return CIT_OK;
}

/* A part that main.xml names, of exactly so many bytes, with the sum that it tells. */
static cit_status take_named(const document *d, int name, int sum, double bytes, part *ret) {
    cit_status st = CIT_OK;
    char path[NAME_MOST];
    CIT_TRY(take_name(d, name, path));
    CIT_TRY(take_part(d->a, path, bytes, ret));
    if ((double)ret->size != bytes)
        return cit_heights_bad_part(d->a->in, ret->name, "has %zu bytes; main.xml tells %.0f",
                                    ret->size, bytes);
    if (*d->values[sum] != 0) CIT_TRY(check_sum(d->a, ret, d->values[sum], main_name));
done:
    return st;
}

static cit_status take_data(const document *d, cit_raster *r, part *data, part *valid) {
    cit_status st = CIT_OK;
    const double count = (double)r->nx * r->ny;
    if (d->lines[DATA] == 0) {
        if ((double)d->data_count != count)
            return bad_xml(d, d->lines[SIZE_X], "tells %.0f points, and lists %zu", count,
                           d->data_count);
        r->sample = CIT_SAMPLE_F64;
        r->big_endian = CIT_HOST_IS_BIG;
        r->numbers = (const uint8_t *)d->data;
        r->unpacked = true;
        return CIT_OK;
    }
    CIT_TRY(take_type(d, &r->sample));
    CIT_TRY(take_named(d, DATA, DATA_SUM, count * (double)cit_sample_size(r->sample), data));
    r->numbers = data->bytes;
    r->part = data->name;
    if (*d->values[VALID] != 0) {
        CIT_TRY(take_named(d, VALID, VALID_SUM, floor((count + 7) / 8), valid));
        r->valid = valid->bytes;
    }
done:
    return st;
}

static bool tells_something(const char *text) {
    static const char *const nothing[] = {
        "", "N/A", "n/a", "not available", "unknown", "Manufacturer Name", "Model"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcmp(text, nothing[i]) == 0) return false;
    return true;
}

static void tell_origin(const document *d, cit_heights *h) {
    static const int told[] = {MAKER, MODEL, DATE};
    size_t length = (size_t)snprintf(h->origin, sizeof h->origin, "X3P");
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        const char *text = d->values[told[i]];
        if (!tells_something(text) || length + 60 >= sizeof h->origin) continue;
        length += (size_t)snprintf(h->origin + length, sizeof h->origin - length, ", %.50s", text);
    }
}

cit_status cit_heights_read_x3p(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    archive a = {0};
    document *d = calloc(1, sizeof *d);
    part xml = {0}, data = {0}, valid = {0};
    cit_raster r = {0};
    double nx = 0, ny = 0;
    if (d == NULL) return cit_heights_no_memory(in, sizeof *d);
    d->a = &a;
    CIT_TRY(open_archive(in, &a));
    CIT_TRY(find_folder(&a));
    CIT_TRY(take_part(&a, main_name, XML_MOST, &xml));
    CIT_TRY(check_main(&a, &xml));
    CIT_TRY(read_xml(d, &xml));
    CIT_TRY(check_kind(d));
    CIT_TRY(take_sizes(d, &nx, &ny));
    r.nx = (int)nx;
    r.ny = (int)ny;
    CIT_TRY(take_steps(d, &r));
    CIT_TRY(take_data(d, &r, &data, &valid));
    CIT_TRY(cit_heights_from_raster(in, &r, ret));
    tell_origin(d, *ret);
done:
    if (a.zip != NULL) zip_discard(a.zip);
    free(xml.bytes);
    free(data.bytes);
    free(valid.bytes);
    free(d->data);
    free(d);
    return st;
}
