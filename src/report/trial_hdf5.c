/* The people of virtual trials as HDF5: a data set a column, with its unit and meaning, and what made it. The
 * file is made in memory, without times of making, so that the same people give the same bytes. */
#include "report_impl.h"
#ifdef CIT_HDF5
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

bool hdf5_words(int64_t where, const char *name, const char *words) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(words) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const hid_t a = H5Acreate2(where, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool done = a >= 0 && H5Awrite(a, type, words) >= 0;
    if (a >= 0) H5Aclose(a);
    H5Sclose(space);
    H5Tclose(type);
    return done;
}

typedef struct column {
    const char *name, *unit, *meaning;
    bool whole; /* numbers of int, not of double */
} column;

static bool put_column(hid_t file, const column *c, const void *values, int count) {
    const hsize_t size = (hsize_t)count;
    const hid_t space = H5Screate_simple(1, &size, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t in_file = c->whole ? H5T_STD_I32LE : H5T_IEEE_F64LE;
    const hid_t in_memory = c->whole ? H5T_NATIVE_INT : H5T_NATIVE_DOUBLE;
    H5Pset_obj_track_times(how, false);
    const hid_t set = H5Dcreate2(file, c->name, in_file, space, H5P_DEFAULT, how, H5P_DEFAULT);
    const bool done = set >= 0 &&
                      H5Dwrite(set, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0 &&
                      hdf5_words(set, "unit", c->unit) && hdf5_words(set, "meaning", c->meaning);
    if (set >= 0) H5Dclose(set);
    H5Pclose(how);
    H5Sclose(space);
    return done;
}

/* ---- columns ------------------------------------------------------------------------------------------- */

#define WHOLE(name, member, unit, meaning)                                                         \
    { {name, unit, meaning, true}, offsetof(cit_trial_person, member) }
static const struct whole_column {
    column is;
    size_t offset;
} whole_columns[] = {
    WHOLE("trial", trial, "1", "number of the repeat"),
    WHOLE("candidate", candidate, "1", "number of the candidate in it"),
    WHOLE("arm", arm, "1", "place among the file's attribute arms; of a split face one row a side"),
    WHOLE("clinic", clinic, "1", "number of the clinic"),
    WHOLE("sex", kind.sex, "1", "1 female, 2 male, 0 unknown"),
    WHOLE("skin_type", kind.skin_type, "1", "Fitzpatrick, 0 unknown"),
    WHOLE("grade", kind.grade, "1", "Goodman-Baron grade at the start; -2147483648: drawn"),
    WHOLE("rolling", kind.count[0], "1", "rolling scars; -2147483648: drawn"),
    WHOLE("boxcar", kind.count[1], "1", "boxcar scars; -2147483648: drawn"),
    WHOLE("ice_pick", kind.count[2], "1", "ice-pick scars; -2147483648: drawn"),
    WHOLE("visits_missed", visits_missed, "1", "visits missed"),
};

static const void *at(const cit_trial_person *p, size_t offset) { return (const char *)p + offset; }

static bool put_wholes(hid_t file, const cit_trial_person *people, int count, int *values) {
    bool done = true;
    for (size_t i = 0; i < sizeof whole_columns / sizeof *whole_columns && done; i++) {
        for (int k = 0; k < count; k++)
            values[k] = *(const int *)at(&people[k], whole_columns[i].offset);
        done = put_column(file, &whole_columns[i].is, values, count);
    }
    const column left = {"dropped_out", "1", "1: left before the last endpoint", true};
    for (int k = 0; k < count; k++) values[k] = people[k].dropped_out;
    return done && put_column(file, &left, values, count);
}

static bool put_numbers(hid_t file, const cit_trial *t, const cit_trial_person *people, int count,
                        double *values) {
    const column age = {"age_years", "year", "age; NaN unknown", false};
    const column start = {"start_goodman_baron_points", "points", "score at the start", false};
    for (int k = 0; k < count; k++) values[k] = people[k].kind.age_day / CIT_YEAR_DAYS;
    if (!put_column(file, &age, values, count)) return false;
    for (int k = 0; k < count; k++) values[k] = people[k].start_gb;
    if (!put_column(file, &start, values, count)) return false;
    for (int i = 0; i < t->endpoint_count; i++) {
        const cit_trial_endpoint *e = &t->endpoints[i];
        const cit_quantity q = (cit_quantity)(e->quantity - 1);
        char name[40], meaning[300];
        snprintf(name, sizeof name, "endpoint_%d", i + 1);
        snprintf(meaning, sizeof meaning, "%.*s: %s, day %g, as rated; NaN not seen",
                 cit_text_whole(e->name, 150), e->name, cit_quantity_key(q), e->day);
        const column c = {name, cit_quantity_unit(q), meaning, false};
        for (int k = 0; k < count; k++) values[k] = people[k].value[i];
        if (!put_column(file, &c, values, count)) return false;
    }
    return true;
}

static bool put_provenance(hid_t file, const cit_trial_report *r) {
    char seed[30], arms[1200] = "";
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->result->seed);
    for (int i = 0; i < r->trial->arm_count; i++) {
        const size_t used = strlen(arms);
        const char *name = r->trial->arms[i].name;
        snprintf(arms + used, sizeof arms - used, "%s%.*s", i ? "; " : "",
                 cit_text_whole(name, 120), name);
    }
    return hdf5_words(file, "no_evidence", trial_is_no_evidence) &&
           hdf5_words(file, "program", r->program) &&
           hdf5_words(file, "catalogue_digest", r->catalogue->digest) &&
           hdf5_words(file, "trial", cit_doc_name(r->trial->doc)) &&
           hdf5_words(file, "name", r->trial->name) && hdf5_words(file, "seed", seed) &&
           hdf5_words(file, "parameters", r->result->has_posterior ? "posterior" : "prior") &&
           hdf5_words(file, "key", r->result->key) && hdf5_words(file, "arms", arms);
}

/* ---- the file ---------------------------------------------------------------------------------------------- */

static bool take_image(hid_t file, unsigned char **ret, size_t *ret_size) {
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    const ssize_t size = H5Fget_file_image(file, NULL, 0);
    unsigned char *bytes = size > 0 ? malloc((size_t)size) : NULL;
    if (bytes == NULL || H5Fget_file_image(file, bytes, (size_t)size) != size) {
        free(bytes);
        return false;
    }
    *ret = bytes;
    *ret_size = (size_t)size;
    return true;
}

cit_status cit_report_trial_people_hdf5(const cit_trial_report *r, const cit_trial_person *people,
                                        int count, unsigned char **ret, size_t *ret_size,
                                        cit_errors *errs) {
    enum { STEP = 1 << 20 };
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* only the program prints */
    double *values = malloc(((size_t)count + 1) * sizeof *values);
    int *wholes = malloc(((size_t)count + 1) * sizeof *wholes);
    const hid_t in_memory = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(in_memory, STEP, false);
    const hid_t file = H5Fcreate("people.h5", H5F_ACC_TRUNC, H5P_DEFAULT, in_memory);
    const bool done = values != NULL && wholes != NULL && file >= 0 && put_provenance(file, r) &&
                      put_wholes(file, people, count, wholes) &&
                      put_numbers(file, r->trial, people, count, values) &&
                      take_image(file, ret, ret_size);
    if (file >= 0) H5Fclose(file);
    H5Pclose(in_memory);
    free(values);
    free(wholes);
    return done ? CIT_OK : cit_fail(errs, CIT_INTERNAL, "HDF5", "the file could not be made");
}
#else
cit_status cit_report_trial_people_hdf5(const cit_trial_report *r, const cit_trial_person *people,
                                        int count, unsigned char **ret, size_t *ret_size,
                                        cit_errors *errs) {
    (void)r, (void)people, (void)count, (void)ret, (void)ret_size;
    return cit_fail(errs, CIT_INVALID, "HDF5", "this program was built without it; write CSV");
}
#endif
