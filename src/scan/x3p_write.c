/* Heights as X3P: 64-bit heights in m, NaN where they are missing, and the bits that say so as well. A profile is a surface
 * of one row (SUR), as which other programs map it. The same heights give the same bytes: nothing has a date. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* Packed a long part gets small, and might be refused as one that unpacks to too much. */
enum { PACKED_MOST = 1 << 26, XML_ROOM = 3000, PARTS = 4 };
#define DOS_DATE ((1 << 5) | 1) /* 1980-01-01, the first there is */

typedef struct part {
    const char *name;
    uint8_t *bytes;
    size_t size;
} part;

static void print_sum(const part *p, char text[33]) {
    uint8_t sum[16];
    cit_md5(p->bytes, p->size, sum);
    for (int i = 0; i < 16; i++) snprintf(text + 2 * i, 3, "%02x", sum[i]);
}

static void put_f64(uint8_t *to, double number) {
    uint64_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    for (int i = 0; i < 8; i++) to[i] = (uint8_t)(bits >> (8 * i));
}

static void put_heights(const cit_heights *h, uint8_t *data, uint8_t *valid) {
    const size_t count = (size_t)h->nx * (size_t)h->ny;
    for (size_t i = 0; i < count; i++) {
        const bool missing = isnan(h->um[i]);
        put_f64(data + 8 * i,
                missing ? CIT_UNKNOWN_NUMBER : (h->zero_um + (double)h->um[i]) * 1e-6);
        if (!missing) valid[i / 8] = (uint8_t)(valid[i / 8] | 1u << (i % 8));
    }
}

static const char xml_form[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<p:ISO5436_2 xmlns:p=\"http://www.opengps.eu/2008/ISO5436_2\" "
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
    "xsi:schemaLocation=\"http://www.opengps.eu/2008/ISO5436_2 "
    "http://www.opengps.eu/2008/ISO5436_2/ISO5436_2.xsd\">\n"
    "  <Record1>\n"
    "    <Revision>ISO5436 - 2000</Revision>\n"
    "    <FeatureType>SUR</FeatureType>\n"
    "    <Axes>\n"
    "      <CX><AxisType>I</AxisType><DataType>D</DataType><Increment>%s</Increment>"
    "<Offset>0</Offset></CX>\n"
    "      <CY><AxisType>I</AxisType><DataType>D</DataType><Increment>%s</Increment>"
    "<Offset>0</Offset></CY>\n"
    "      <CZ><AxisType>A</AxisType><DataType>D</DataType><Increment>1</Increment>"
    "<Offset>0</Offset></CZ>\n"
    "    </Axes>\n"
    "  </Record1>\n"
    "  <Record3>\n"
    "    <MatrixDimension><SizeX>%d</SizeX><SizeY>%d</SizeY><SizeZ>1</SizeZ></MatrixDimension>\n"
    "    <DataLink>\n"
    "      <PointDataLink>bindata/data.bin</PointDataLink>\n"
    "      <MD5ChecksumPointData>%s</MD5ChecksumPointData>\n"
    "      <ValidPointsLink>bindata/valid.bin</ValidPointsLink>\n"
    "      <MD5ChecksumValidPoints>%s</MD5ChecksumValidPoints>\n"
    "    </DataLink>\n"
    "  </Record3>\n"
    "  <Record4>\n"
    "    <ChecksumFile>md5checksum.hex</ChecksumFile>\n"
    "  </Record4>\n"
    "</p:ISO5436_2>\n";

enum { XML, SUM, DATA, VALID };

static void put_xml(const cit_heights *h, part parts[PARTS]) {
    char dx[32], dy[32], data_sum[33], valid_sum[33], sum[33];
    cit_number_print(h->dx_mm / 1e3, dx);
    cit_number_print(h->dy_mm / 1e3, dy);
    print_sum(&parts[DATA], data_sum);
    print_sum(&parts[VALID], valid_sum);
    parts[XML].size = (size_t)snprintf((char *)parts[XML].bytes, XML_ROOM, xml_form, dx, dy, h->nx,
                                       h->ny, data_sum, valid_sum);
    print_sum(&parts[XML], sum);
    parts[SUM].size = (size_t)snprintf((char *)parts[SUM].bytes, 64, "%s *main.xml\n", sum);
}

static bool add_part(zip_t *zip, const part *p) {
    zip_source_t *source = zip_source_buffer(zip, p->bytes, p->size, 0);
    if (source == NULL) return false;
    const zip_int64_t index = zip_file_add(zip, p->name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    const int method = p->size > PACKED_MOST ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    return zip_set_file_compression(zip, (zip_uint64_t)index, method, 1) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)index, 0, DOS_DATE, 0) == 0;
}

/* The bytes of a closed archive. */
static bool take_bytes(zip_source_t *archive, uint8_t **ret, size_t *ret_size) {
    zip_stat_t about;
    if (zip_source_stat(archive, &about) != 0 || zip_source_open(archive) != 0) return false;
    uint8_t *bytes = malloc((size_t)about.size);
    const bool done =
        bytes != NULL && zip_source_read(archive, bytes, about.size) == (zip_int64_t)about.size;
    zip_source_close(archive);
    if (!done) {
        free(bytes);
        return false;
    }
    *ret = bytes;
    *ret_size = (size_t)about.size;
    return true;
}

static bool pack(const part parts[PARTS], uint8_t **ret, size_t *ret_size) {
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = archive == NULL ? NULL : zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    bool done = zip != NULL;
    if (done) zip_source_keep(archive);
    for (int i = 0; i < PARTS && done; i++) done = add_part(zip, &parts[i]);
    if (done) done = zip_close(zip) == 0;
    if (zip != NULL && !done) zip_discard(zip);
    if (done) done = take_bytes(archive, ret, ret_size);
    if (archive != NULL) zip_source_free(archive);
    return done;
}

cit_status cit_heights_write_x3p(const cit_heights *h, uint8_t **ret, size_t *ret_size,
                                 cit_errors *errs) {
    cit_status st = CIT_OK;
    const size_t count = (size_t)h->nx * (size_t)h->ny;
    part parts[PARTS] = {
        [XML] = {"main.xml", calloc(1, XML_ROOM), 0},
        [SUM] = {"md5checksum.hex", calloc(1, 64), 0},
        [DATA] = {"bindata/data.bin", malloc(8 * count), 8 * count},
        [VALID] = {"bindata/valid.bin", calloc(1, count / 8 + 1), (count + 7) / 8}};
    bool done = true;
    for (int i = 0; i < PARTS; i++) done = done && parts[i].bytes != NULL;
    if (done) {
        put_heights(h, parts[DATA].bytes, parts[VALID].bytes);
        put_xml(h, parts);
        done = pack(parts, ret, ret_size);
    }
    if (!done)
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for %d x %d heights as X3P", h->nx, h->ny);
    for (int i = 0; i < PARTS; i++) free(parts[i].bytes);
    return st;
}
