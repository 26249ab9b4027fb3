/* The people of virtual trials as CSV, one line each; and a checkpoint's bytes. */
#include "report_impl.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void put_cell(FILE *out, double v) {
    if (cit_known(v))
        fprintf(out, ",%.9g", v);
    else
        fputc(',', out);
}

static void put_count(FILE *out, int v) {
    if (v != CIT_UNKNOWN_INT)
        fprintf(out, ",%d", v);
    else
        fputc(',', out);
}

static void put_heading(FILE *out, const cit_trial_report *r) {
    const cit_trial *t = r->trial;
    fprintf(out, "# %s\n# %s, catalogue %s, seed %llu, trial %s, parameters %s, key %s\n",
            trial_is_no_evidence, r->program, r->catalogue->digest,
            (unsigned long long)r->result->seed, cit_doc_name(t->doc),
            r->result->has_posterior ? "posterior" : "prior", r->result->key);
    fprintf(out, "trial,candidate,arm,clinic,age_years,sex,skin_type,grade,rolling,boxcar,ice_pick,"
                 "visits_missed,dropped_out,start_goodman_baron_points");
    for (int i = 0; i < t->endpoint_count; i++) {
        char name[240];
        const cit_trial_endpoint *e = &t->endpoints[i];
        const cit_quantity q = (cit_quantity)(e->quantity - 1);
        snprintf(name, sizeof name, "%.*s, %s, day %g", cit_text_whole(e->name, 120), e->name,
                 cit_quantity_key(q), e->day);
        fputc(',', out);
        csv_text(out, name);
    }
    fputc('\n', out);
}

static void put_person(FILE *out, const cit_trial *t, const cit_trial_person *p) {
    fprintf(out, "%d,%d,", p->trial, p->candidate);
    csv_text(out, t->arms[p->arm].name);
    fprintf(out, ",%d", p->clinic);
    put_cell(out, p->kind.age_day / CIT_YEAR_DAYS);
    fprintf(out, ",%s", p->kind.sex == 0 ? "" : p->kind.sex == 1 ? "female" : "male");
    fprintf(out, ",%s",
            p->kind.skin_type == 0 ? ""
                                   : cit_choice_name(cit_skin_type_choices, p->kind.skin_type));
    put_count(out, p->kind.grade);
    for (int i = 0; i < CIT_SCAR_TYPES; i++) put_count(out, p->kind.count[i]);
    fprintf(out, ",%d,%s", p->visits_missed, p->dropped_out ? "yes" : "no");
    put_cell(out, p->start_gb);
    for (int i = 0; i < t->endpoint_count; i++) put_cell(out, p->value[i]);
    fputc('\n', out);
}

cit_status cit_report_trial_people_csv(const cit_trial_report *r, const cit_trial_person *people,
                                       int count, char **ret, cit_errors *errs) {
    memo m;
    const cit_status st = text_open(&m, errs);
    if (st != CIT_OK) return st;
    put_heading(m.out, r);
    for (int i = 0; i < count; i++) put_person(m.out, r->trial, &people[i]);
    return text_close(&m, ret, errs);
}

/* ---- checkpoints ---------------------------------------------------------------------------------------- */

cit_status cit_checkpoint_read(const char *path, void **ret, size_t *ret_size, cit_errors *errs) {
    FILE *in = fopen(path, "re");
    long size = -1;
    char *bytes = NULL;
    if (in == NULL)
        return cit_fail(errs, errno == ENOENT ? CIT_NOTFOUND : CIT_IO, path, "cannot be read: %s",
                        strerror(errno));
    if (fseek(in, 0, SEEK_END) == 0) size = ftell(in);
    if (size > 0 && size < CIT_CHECKPOINT_MAX_BYTES && fseek(in, 0, SEEK_SET) == 0)
        bytes = malloc((size_t)size);
    const bool whole = bytes != NULL && fread(bytes, 1, (size_t)size, in) == (size_t)size;
    fclose(in);
    if (!whole) {
        free(bytes);
        return cit_fail(errs, CIT_IO, path, "cannot be read as a checkpoint");
    }
    *ret = bytes;
    *ret_size = (size_t)size;
    return CIT_OK;
}
