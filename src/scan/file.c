/* The scale beside a picture. */
#include "scan_impl.h"

typedef struct scale_file {
    double pitch_mm, pitch_y_mm, height_mm, unit_mm, missing;
} scale_file;

#define LENGTH(key, member, hi, meaning)                                                           \
    {                                                                                              \
        key, CIT_NUMBER, offsetof(scale_file, member), 0, CIT_ABOVE_LO, "mm", 0, hi, NULL, NULL,   \
            meaning                                                                                \
    }
/* The ends of the ranges are assumed: far beyond any instrument for skin. */
static const cit_field scale_fields[] = {
    LENGTH("pitch", pitch_mm, 1e6, "from one pixel or sample to the next"),
    LENGTH("pitch y", pitch_y_mm, 1e6, "from one row to the next, where it is another"),
    LENGTH("height", height_mm, 1e6, "of one grey level, or of 1 in a text"),
    LENGTH("unit", unit_mm, 1e6, "of 1 in a shape, or in the columns x and y of a text"),
    {"missing", CIT_NUMBER, offsetof(scale_file, missing), 0, 0, "", -1e300, 1e300, NULL, NULL,
     "the number that stands for a missing height"},
    {0}};
static const cit_table scale_table = {"scale", "cit/scale/1", sizeof(scale_file), scale_fields,
                                      CIT_NO_MARK};

static double or_zero(double number) { return cit_known(number) ? number : 0; }

cit_status cit_scan_scale_read(const char *path, cit_scan_scale *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_doc *doc = NULL;
    scale_file s;

    CIT_TRY(cit_doc_read(path, &doc, errs));
    CIT_TRY(cit_bind(doc, cit_doc_root(doc), &scale_table, &s, errs));
    if (cit_known(s.pitch_y_mm) && !cit_known(s.pitch_mm)) {
        st = cit_fail(errs, CIT_INVALID, path, "has `pitch y` without `pitch`");
        goto done;
    }
    *ret = (cit_scan_scale){.dx_mm = or_zero(s.pitch_mm),
                            .dy_mm = or_zero(s.pitch_y_mm),
                            .height_um = 1e3 * or_zero(s.height_mm),
                            .unit_mm = or_zero(s.unit_mm),
                            .missing = or_zero(s.missing),
                            .has_missing = cit_known(s.missing)};
done:
    cit_doc_free(doc);
    return st;
}
