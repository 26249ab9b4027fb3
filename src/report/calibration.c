/* A calibration: the posterior as a file, and a page on what was learnt. */
#include "report_impl.h"
#include <cit/inference.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of so many draws the file is made. */
enum { DRAWS_KEPT = 1024 };

/* ---- the posterior's file ------------------------------------------------------------------------- */

static void put_about(FILE *out, const cit_calibration *c) {
    fprintf(
        out,
        "# cit posterior 1\n# made by: %s calibrate --seed %llu --chains %d --steps %d --moves %d "
        "--people %d\n",
        c->program, (unsigned long long)c->seed, c->chains, c->steps, c->moves, c->people);
    fputs("# studies:", out);
    for (int i = 0; i < cit_evidence_studies(c->evidence); i++)
        if (cit_evidence_uses(c->evidence, i))
            fprintf(out, " %s", cit_evidence_study(c->evidence, i)->id);
    const cit_validation *v = c->validation;
    fprintf(out, "\n# chance: %.3f", cit_learnt_limit(c->samples));
    if (v->between_count > 0)
        fprintf(out, "\n# blend: weight %.2f offset %.4f sd %.4f", v->blend_weight,
                fmax(fmin(0.01 * v->offset, 1), -1), fmin(0.01 * v->offset_sd, 1));
    fputs(
        "\n# a line a draw: standard normal numbers of what all people share; the parameter's own\n"
        "# distribution (data/parameters) turns each into a value\n",
        out);
}

cit_status cit_report_posterior(const cit_calibration *c, char **ret, cit_errors *errs) {
    int rows;
    const cit_parameter *table = cit_parameter_table(&rows);
    const cit_samples *s = c->samples;
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    if (out == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    put_about(out, c);
    const char *comma = "";
    for (int i = 0; i < rows; i++) {
        if (!cit_is_fitted(&table[i])) continue;
        fprintf(out, "%s%s", comma, table[i].param.name);
        comma = ",";
    }
    fputc('\n', out);
    const int kept = s->draws < DRAWS_KEPT ? s->draws : DRAWS_KEPT;
    for (int k = 0; k < kept; k++) {
        const size_t d = (size_t)k * (size_t)s->draws / (size_t)kept; /* evenly from all chains */
        comma = "";
        for (int i = 0; i < rows; i++) {
            if (!cit_is_fitted(&table[i])) continue;
            fprintf(out, "%s%.4f", comma, s->numbers[d * (size_t)s->rows + (size_t)i]);
            comma = ",";
        }
        fputc('\n', out);
    }
    if (fclose(out) != 0) {
        free(bytes);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    *ret = bytes;
    return CIT_OK;
}

/* ---- the page ------------------------------------------------------------------------------------ */

static void put_evidence(FILE *out, const cit_calibration *c) {
    static const char *const kinds[] = {"",
                                        "mean improvement of a score",
                                        "people by class of improvement",
                                        "change of tissue",
                                        "pain",
                                        "days of redness",
                                        "people with dark marks",
                                        "direction only",
                                        "order of scar types"};
    const cit_figure *figures;
    const int count = cit_evidence_figures(c->evidence, &figures);
    int of[9] = {0};
    for (int i = 0; i < count; i++) of[figures[i].kind]++;
    fprintf(out,
            "## Evidence\n\n%d figures, met by following %d crowds of %d people.\n\n| figures | "
            "kind |\n|---|---|\n",
            count, cit_evidence_crowds(c->evidence), c->people);
    for (int k = 1; k < 9; k++) fprintf(out, "| %d | %s |\n", of[k], kinds[k]);
}

static void put_path(FILE *out, const cit_samples *s) {
    fprintf(
        out,
        "\n## From prior to posterior\n\n%d draws, %d of them distinct; %ld times all crowds were "
        "followed. Log evidence %.1f.\n\n| temperature | effective draws before resampling | "
        "steps accepted | paces of a walk |\n|---|---|---|---|\n",
        s->draws, cit_samples_distinct(s), s->predictions, s->log_evidence);
    for (int i = 0; i < s->temperature_count; i++) {
        const cit_temperature *t = &s->temperatures[i];
        char effective[20] = "none: settling";
        if (cit_known(t->effective)) snprintf(effective, sizeof effective, "%.0f", t->effective);
        fprintf(out, "| %.4f | %s | %.0f %% | %d |\n", t->beta, effective, 100 * t->accepted,
                t->paces);
    }
}

static void put_learnt(FILE *out, const cit_samples *s, const cit_learnt *l, int count) {
    const double limit = cit_learnt_limit(s);
    int informed = 0;
    while (informed < count && (l[informed].contraction > limit)) informed++;
    fprintf(
        out,
        "\n## What was learnt\n\nContraction is 1 - variance / prior variance; above %.2f it is "
        "more "
        "than chance: than three deviations of numbers sampled along that mean nothing. They "
        "scatter "
        "as of %.0f independent draws. Shift is that of the middle, in deviations of the prior. %d "
        "of %d fitted parameters contract so far.\n\n| parameter | meaning | prior (90 %%) | "
        "posterior (90 %%) | contraction | shift |\n|---|---|---|---|---|---|\n",
        limit, 18 / (limit * limit), informed, count);
    for (int i = 0; i < count; i++)
        fprintf(out, "| %s | %s | %.3g (%.3g to %.3g) | %.3g (%.3g to %.3g) | %.2f%s | %+.2f |\n",
                l[i].row->param.name, l[i].row->param.meaning, l[i].prior, l[i].prior_lo90,
                l[i].prior_hi90, l[i].median, l[i].lo90, l[i].hi90, l[i].contraction,
                i < informed ? "" : ": not informed", l[i].shift);
}

cit_status cit_report_calibration(const cit_calibration *c, char **ret, cit_errors *errs) {
    char *bytes = NULL;
    size_t size = 0;
    int count = 0;
    cit_learnt *learnt = NULL;
    const cit_status st = cit_learnt_of(c->samples, &learnt, &count, errs);
    if (st != CIT_OK) return st;
    FILE *out = open_memstream(&bytes, &size);
    if (out != NULL) {
        fprintf(
            out,
            "# Calibration\n\nMade by `%s calibrate --seed %llu --chains %d --steps %d --moves %d "
            "--people "
            "%d`; the same command gives the same bytes on any number of threads of one kind of "
            "processor.\n\n",
            c->program, (unsigned long long)c->seed, c->chains, c->steps, c->moves, c->people);
        put_evidence(out, c);
        put_path(out, c->samples);
        put_learnt(out, c->samples, learnt, count);
    }
    free(learnt);
    if (out == NULL || fclose(out) != 0) {
        free(bytes);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    *ret = bytes;
    return CIT_OK;
}
