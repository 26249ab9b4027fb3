/* What the compared evidence does not say: counted, not written by hand. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which studies and arms have a figure that is compared. */
typedef struct told {
    int arms, devices[4]; /* cit_study_arm.device; 0: nobody says */
    int length, passes, interval, density;
    int studies, blinded, open, types[7];
    int figures, late;
    double last_day;
} told;

static bool is_first_of_arm(const cit_figure *figures, int i) {
    for (int j = 0; j < i; j++)
        if (figures[j].arm == figures[i].arm) return false;
    return true;
}

static bool is_first_of_study(const cit_figure *figures, int i) {
    for (int j = 0; j < i; j++)
        if (figures[j].study == figures[i].study) return false;
    return true;
}

static void count_arm(const cit_study_arm *a, told *t) {
    if (a->device < 0 || a->device > CIT_STAMP) return; /* untreated */
    t->arms++;
    t->devices[a->device]++;
    t->length += cit_known(a->needle_length_mm);
    t->passes += a->passes != CIT_UNKNOWN_INT;
    t->interval += cit_known(a->interval_day);
    t->density += cit_known(a->density_per_cm2);
}

static void count_study(const cit_study *s, told *t) {
    t->studies++;
    t->blinded += s->rater == CIT_BLINDED;
    t->open += s->rater == CIT_OPEN;
    const int low = s->skin_type_low, high = s->skin_type_high;
    if (low == CIT_UNKNOWN_INT || high == CIT_UNKNOWN_INT || low < 1) return;
    for (int type = low; type <= high && type <= 6; type++) t->types[type]++;
}

static told count(const cit_evidence *e) {
    const cit_figure *f;
    told t = {.figures = cit_evidence_figures(e, &f)};
    for (int i = 0; i < t.figures; i++) {
        if (f[i].arm != NULL && is_first_of_arm(f, i)) count_arm(f[i].arm, &t);
        if (is_first_of_study(f, i)) count_study(cit_evidence_study(e, f[i].study), &t);
        if (f[i].day_told) t.last_day = fmax(t.last_day, f[i].day);
        t.late += f[i].day_told && f[i].day > 7 * 26;
    }
    return t;
}

/* Parameters that contract less than chance does. */
static void put_parameters(FILE *out, const cit_posterior *p) {
    const cit_samples s = {
        .draws = p->draws, .rows = p->rows, .numbers = p->numbers, .chance = p->chance};
    cit_errors none = {.count = CIT_ERRORS_MAX};
    cit_learnt *learnt = NULL;
    int rows = 0, informed = 0;
    if (cit_learnt_of(&s, &learnt, &rows, &none) != CIT_OK) return;
    while (informed < rows && learnt[informed].contraction > cit_learnt_limit(&s)) informed++;
    fprintf(out,
            "- Of %d fitted parameters %d are told apart from what was assumed of them "
            "(`data/posterior/calibration.md`).\n",
            rows, informed);
    free(learnt);
}

void put_silence(FILE *out, const cit_validation_report *r) {
    const told t = count(r->evidence);
    fprintf(out,
            "\n## What the evidence is silent about\n\nOf %d figures of %d studies, %d treated "
            "arms:\n\n",
            t.figures, t.studies, t.arms);
    fprintf(out, "- Devices: %d arms of rollers, %d of pens, %d of stamps, %d do not say.\n",
            t.devices[CIT_ROLLER], t.devices[CIT_PEN], t.devices[CIT_STAMP], t.devices[0]);
    fprintf(out,
            "- Settings: %d arms state the needles' length, %d the passes, %d the interval, %d "
            "the density of punctures.\n",
            t.length, t.passes, t.interval, t.density);
    fprintf(out,
            "- Raters: %d studies had them blinded, %d open, %d do not say.\n"
            "- Time: the last figure is of week %.0f; %d are later than week 26.\n",
            t.blinded, t.open, t.studies - t.blinded - t.open, t.last_day / 7, t.late);
    fprintf(out,
            "- Skin types, studies that include them: I %d, II %d, III %d, IV %d, V %d, VI %d.\n",
            t.types[1], t.types[2], t.types[3], t.types[4], t.types[5], t.types[6]);
    put_parameters(out, r->posterior);
}
