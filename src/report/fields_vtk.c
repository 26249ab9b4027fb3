/* Fields as VTK ImageData. The file has three parts: XML that says what there is, numbers in one piece behind it
 * (each array after its size in bytes), and a closing tag.
 *
 * WholeExtent counts points, one more than voxels; arrays are cell data. So cell (i, j, k) is voxel (i, j, k),
 * and VTK's middle of it is ours. */
#include "report_impl.h"
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 16, HIDDEN_CELL = 32 }; /* vtkDataSetAttributes::HIDDENCELL */

/* ---- the XML part ---------------------------------------------------------------------------------------- */

static void put_escaped(FILE *out, const char *words) {
    for (const char *p = words; *p != 0; p++) switch (*p) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*p, out);
        }
}

/* VTK writes strings as the numbers of their bytes, ended by 0. */
static void put_string(FILE *out, const char *name, const char *words) {
    fprintf(out,
            "      <Array type=\"String\" Name=\"%s\" NumberOfTuples=\"1\" format=\"ascii\">\n",
            name);
    for (const char *p = words; *p != 0; p++) fprintf(out, "%d ", (unsigned char)*p);
    fprintf(out, "0\n      </Array>\n");
}

static void put_made_by(FILE *out, const cit_frame *f) {
    char seed[30];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)f->made.seed);
    fprintf(out,
            "    <FieldData>\n      <DataArray type=\"Float64\" Name=\"TimeValue\" "
            "NumberOfTuples=\"1\" format=\"ascii\">%.17g</DataArray>\n",
            f->day);
    put_string(out, "program", f->made.program);
    put_string(out, "seed", seed);
    put_string(out, "catalogue_digest", text_or_none(f->made.catalogue));
    put_string(out, "settings", text_or_none(f->made.settings));
    put_string(out, "lengths", "mm; z is depth below the top of the dermis");
    put_string(out, "time", "days");
    for (int i = 0; i < f->count; i++) {
        char name[100];
        snprintf(name, sizeof name, "meaning_%s", f->fields[i].name);
        put_string(out, name, f->fields[i].meaning);
    }
    fprintf(out, "    </FieldData>\n");
}

static void put_array(FILE *out, const char *type, const char *name, const char *unit,
                      uint64_t offset) {
    fprintf(out, "        <DataArray type=\"%s\" Name=\"%s\" format=\"appended\" offset=\"%llu\"",
            type, name, (unsigned long long)offset);
    if (unit == NULL) {
        fprintf(out, "/>\n");
        return;
    }
    fprintf(out, ">\n          <InformationKey name=\"UNITS_LABEL\" location=\"vtkDataArray\">");
    put_escaped(out, unit);
    fprintf(out, "</InformationKey>\n        </DataArray>\n");
}

static void put_head(FILE *out, const cit_frame *f, bool single) {
    const cit_box *b = &f->box;
    const char *type = single ? "Float32" : "Float64";
    const uint64_t n = box_voxels(b), each = 8 + n * (single ? 4 : 8);
    fprintf(out,
            "<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"1.0\" "
            "byte_order=\"LittleEndian\" header_type=\"UInt64\">\n  <ImageData "
            "WholeExtent=\"0 %d 0 %d 0 %d\" Origin=\"%.17g %.17g %.17g\" Spacing=\"%.17g %.17g "
            "%.17g\">\n",
            b->nx, b->ny, b->nz, b->x_mm, b->y_mm, b->z_mm, b->dx_mm, b->dy_mm, b->dz_mm);
    put_made_by(out, f);
    fprintf(out,
            "    <Piece Extent=\"0 %d 0 %d 0 %d\">\n      <CellData "
            "Scalars=\"%s\">\n",
            b->nx, b->ny, b->nz, f->fields[0].name);
    for (int i = 0; i < f->count; i++)
        put_array(out, type, f->fields[i].name, f->fields[i].unit, (uint64_t)i * each);
    if (f->viable != NULL) {
        put_array(out, type, "viable", "1", (uint64_t)f->count * each);
        put_array(out, "UInt8", "vtkGhostType", NULL, (uint64_t)(f->count + 1) * each);
    }
    fprintf(out, "      </CellData>\n    </Piece>\n  </ImageData>\n"
                 "  <AppendedData encoding=\"raw\">\n_");
}

/* ---- the numbers ----------------------------------------------------------------------------------------- */

static void put_little(unsigned char *to, const void *number, int bytes) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    const unsigned char *from = number;
    for (int i = 0; i < bytes; i++) to[i] = from[bytes - 1 - i];
#else
    memcpy(to, number, (size_t)bytes);
#endif
}

static void put_size(new_file *out, uint64_t size, cit_errors *errs) {
    unsigned char bytes[8];
    put_little(bytes, &size, 8);
    new_file_put(out, bytes, 8, errs);
}

/* With NaN where nothing lives, if `viable` is given. */
static void put_numbers(new_file *out, const double *values, const double *viable, size_t n,
                        bool single, unsigned char *piece, cit_errors *errs) {
    put_size(out, n * (single ? 4 : 8), errs);
    for (size_t from = 0; from < n; from += PIECE) {
        const size_t count = n - from < PIECE ? n - from : PIECE;
        for (size_t i = 0; i < count; i++) {
            const bool lives = viable == NULL || viable[from + i] > 0;
            const double v = lives ? values[from + i] : (double)NAN;
            const float small = (float)v;
            if (single)
                put_little(piece + 4 * i, &small, 4);
            else
                put_little(piece + 8 * i, &v, 8);
        }
        new_file_put(out, piece, count * (single ? 4 : 8), errs);
    }
}

static void put_hidden(new_file *out, const double *viable, size_t n, unsigned char *piece,
                       cit_errors *errs) {
    put_size(out, n, errs);
    for (size_t from = 0; from < n; from += PIECE) {
        const size_t count = n - from < PIECE ? n - from : PIECE;
        for (size_t i = 0; i < count; i++) piece[i] = viable[from + i] > 0 ? 0 : HIDDEN_CELL;
        new_file_put(out, piece, count, errs);
    }
}

cit_status cit_frame_vti(const cit_frame *f, cit_precision precision, const char *path,
                         cit_errors *errs) {
    static const char tail[] = "\n  </AppendedData>\n</VTKFile>\n";
    const bool single = precision == CIT_SINGLE;
    const size_t n = box_voxels(&f->box);
    unsigned char *piece = NULL;
    char *head = NULL;
    memo t = {0};
    new_file out;
    cit_status st = CIT_OK;
    CIT_TRY(cit_frame_check(f, errs));
    if (single) CIT_TRY(frame_fits_single(f, errs));
    CIT_TRY(text_open(&t, errs));
    put_head(t.out, f, single);
    CIT_TRY(text_close(&t, &head, errs));
    piece = malloc(PIECE * 8);
    if (piece == NULL) {
        st = cit_fail(errs, CIT_NOMEM, path, "no memory");
        goto done;
    }
    CIT_TRY(new_file_open(&out, path, errs));
    new_file_put(&out, head, strlen(head), errs);
    for (int i = 0; i < f->count; i++)
        put_numbers(&out, f->fields[i].values, f->viable, n, single, piece, errs);
    if (f->viable != NULL) {
        put_numbers(&out, f->viable, NULL, n, single, piece, errs);
        put_hidden(&out, f->viable, n, piece, errs);
    }
    new_file_put(&out, tail, strlen(tail), errs);
    st = new_file_close(&out, errs);
done:
    free(piece);
    free(head);
    return st;
}

cit_status cit_frames_pvd(const char *const *names, const double *days, int count, const char *path,
                          cit_errors *errs) {
    cit_status st = CIT_OK;
    char *text = NULL;
    memo t = {0};
    for (int i = 0; i < count; i++)
        if (names[i] == NULL || !cit_text_is_plain(names[i]) || !isfinite(days[i]))
            return cit_fail(errs, CIT_INVALID, path, "file %d has no name or no day", i + 1);
    CIT_TRY(text_open(&t, errs));
    fprintf(t.out, "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\" "
                   "byte_order=\"LittleEndian\">\n  <Collection>\n");
    for (int i = 0; i < count; i++) {
        fprintf(t.out, "    <DataSet timestep=\"%.17g\" group=\"\" part=\"0\" file=\"", days[i]);
        put_escaped(t.out, names[i]);
        fprintf(t.out, "\"/>\n");
    }
    fprintf(t.out, "  </Collection>\n</VTKFile>\n");
    CIT_TRY(text_close(&t, &text, errs));
    CIT_TRY(cit_file_write(path, text, strlen(text), errs));
done:
    free(text);
    return st;
}
