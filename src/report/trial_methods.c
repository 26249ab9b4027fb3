/* The methods of a virtual trial in words: a paragraph to be pasted, every number from the trial itself. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cit_trial_summary *main_run(const cit_trial_report *r) {
    return cit_trial_run_of(r->result, CIT_RUN_ASSURANCE);
}

static void put_arms(FILE *out, const cit_trial *t) {
    for (int i = 0; i < t->arm_count; i++) {
        const cit_trial_arm *a = &t->arms[i];
        fprintf(out, "%s%s", i == 0 ? "" : i + 1 == t->arm_count ? " and " : ", ", a->name);
        if (a->untreated == CIT_YES)
            fprintf(out, " (untreated)");
        else
            fprintf(out, " (protocol `%s`)", a->protocol_path);
    }
}

static int shares_of(const cit_trial *t) {
    int sum = 0;
    for (int i = 0; i < t->arm_count; i++) sum += t->arms[i].share;
    return sum;
}

static void put_strata(FILE *out, const cit_trial *t) {
    static const char *const names[CIT_STRATA] = {"grade", "skin type", "sex"};
    const char *before = ", stratified by ";
    for (int i = 0; i < CIT_STRATA; i++) {
        if ((t->conduct.strata >> i & 1) == 0) continue;
        fprintf(out, "%s%s", before, names[i]);
        before = " and ";
    }
    if (t->conduct.allocation == CIT_BLOCKS && t->conduct.clinics > 1)
        fprintf(out, t->conduct.strata != 0 ? " within clinics" : ", within clinics");
}

static void put_allocation(FILE *out, const cit_trial *t) {
    if (t->design == CIT_SPLIT_FACE) {
        fprintf(out, "The two sides of each face were treated differently (%s against %s). ",
                t->arms[1].name, t->arms[0].name);
        return;
    }
    fprintf(out, "Allocation was %s",
            t->conduct.allocation == CIT_BLOCKS ? "in permuted blocks" : "simple");
    if (t->conduct.allocation == CIT_BLOCKS)
        fprintf(out, " of %d", t->conduct.block * shares_of(t));
    for (int i = 0; i < t->arm_count; i++)
        fprintf(out, "%s%d", i == 0 ? ", " : ":", t->arms[i].share);
    put_strata(out, t);
    fprintf(out, ". ");
}

static void put_population(FILE *out, const cit_trial_report *r) {
    const cit_trial_population *p = &r->trial->population;
    const cit_trial_summary *s = main_run(r);
    if (r->trial->row_count > 0)
        fprintf(out, "Virtual people were drawn from a list of %d (`%s`)", r->trial->row_count,
                p->people);
    else
        fprintf(out,
                "Virtual people were of %d kinds, drawn from the stated population by a Latin "
                "hypercube",
                p->kinds);
    fprintf(
        out,
        "; within a kind they differ in everything that a case leaves open. Candidates whom the "
        "screening rules of the program refuse were not enrolled (%.1f for every 100 enrolled). ",
        100 * (double)s->refused / (double)s->enrolled);
}

/* Text that may have several lines, as part of one. */
static void put_flat(FILE *out, const char *text) {
    for (; *text != 0; text++) fputc(strchr("\t\n\r", *text) != NULL ? ' ' : *text, out);
}

static double left_percent(const cit_trial_summary *s) {
    return 100 * (double)s->dropped_out / (double)s->enrolled;
}

/* In many worlds the share who leave is what the file says; in the one world of the power it is what it is. */
static void put_drop_out(FILE *out, const cit_trial_report *r) {
    const cit_trial_conduct *c = &r->trial->conduct;
    const double left = left_percent(main_run(r));
    if (!(c->drop_out > 0)) {
        fprintf(out, "Nobody left before the last endpoint. ");
        return;
    }
    fprintf(out, "Drop-out was %g %% by the last endpoint, evenly over time and ",
            100 * c->drop_out);
    if (cit_trial_leaves_at_random(r->trial)) {
        fprintf(out, "at random (%.1f %% left). ", left);
        return;
    }
    fprintf(
        out,
        "informative (as normal scores, leaving correlated at %g with the score at the start and "
        "at %g with the improvement so far); over the worlds of the assurance %.1f %% left, and "
        "for the power, which holds one world, where that share is free, %.1f %%. ",
        c->leaving.severity, c->leaving.improvement, left,
        left_percent(cit_trial_run_of(r->result, CIT_RUN_POWER)));
}

static void put_rating_sd(FILE *out, const cit_trial *t) {
    int rated = 0;
    for (int i = 0; i < t->endpoint_count; i++)
        rated += cit_trial_has_rating_error(t, &t->endpoints[i]);
    if (rated == t->endpoint_count) {
        fprintf(out, "ratings scattered by the model's parameter `rating_sd`. ");
        return;
    }
    if (rated == 0) {
        fprintf(out, "what was seen had no error of a rater. ");
        return;
    }
    const char *before = "ratings of ";
    for (int i = 0; i < t->endpoint_count; i++) {
        if (!cit_trial_has_rating_error(t, &t->endpoints[i])) continue;
        fprintf(out, "%s%s", before, t->endpoints[i].name);
        before = ", ";
    }
    fprintf(out,
            " scattered by the model's parameter `rating_sd`, the other endpoints had no error "
            "of a rater. ");
}

static const char *unit_of(const cit_trial_endpoint *e) {
    const char *unit = cit_quantity_unit((cit_quantity)(e->quantity - 1));
    return strcmp(unit, "%") == 0 ? "percentage points" : unit;
}

static void put_rater(FILE *out, const cit_trial *t) {
    const cit_trial_rater *r = &t->conduct.rater;
    bool errors = false;
    for (int i = 0; i < t->endpoint_count; i++)
        errors = errors || cit_trial_has_rating_error(t, &t->endpoints[i]);
    fprintf(out, "The rater was %s; ", r->blinded == CIT_YES ? "blinded" : "not blinded");
    if (!cit_known(r->noise))
        put_rating_sd(out, t);
    else if (errors)
        fprintf(out, "a rating scattered with a standard deviation of %g %s. ", r->noise,
                unit_of(&t->endpoints[0]));
    else
        fprintf(out, "ratings had no error. ");
    if (t->design != CIT_SPLIT_FACE) return;
    if (errors)
        fprintf(out, "Errors of the rater on two sides of a face correlated at %g. ", r->sides_rho);
    if (r->sides_sd > 0)
        fprintf(
            out,
            "Each side of a face answered better or worse by an amount of its own with a standard "
            "deviation of %g %s, so that two sides differed by one of %.3g. ",
            r->sides_sd, unit_of(&t->endpoints[0]), r->sides_sd * sqrt(2));
}

static void put_conduct(FILE *out, const cit_trial_report *r) {
    const cit_trial_conduct *c = &r->trial->conduct;
    put_drop_out(out, r);
    if (c->missed_visits > 0)
        fprintf(out, "Of the visits after the first %g %% were missed at random. ",
                100 * c->missed_visits);
    put_rater(out, r->trial);
}

static void put_endpoint(FILE *out, const cit_trial *t, int i) {
    const cit_trial_endpoint *e = &t->endpoints[i];
    const cit_quantity q = (cit_quantity)(e->quantity - 1);
    fprintf(out, "%s endpoint: %s (%s) at week %g", i == 0 ? "Primary" : "Secondary",
            cit_quantity_label(q), cit_quantity_unit(q), e->day / 7);
    if (cit_known(e->responder))
        fprintf(out, ", responders being those at %g or better", e->responder);
    fprintf(out, "; %s by %s", cit_choice_name(cit_trial_claim_choices, e->claim),
            cit_choice_name(cit_trial_test_words, e->test));
    if (cit_known(e->margin))
        fprintf(out, " with a margin of %g (%s)",
                trial_difference(e, trial_is_odds(e) ? log(e->margin) : e->margin),
                trial_difference_unit(e));
    if (cit_known(e->effect))
        fprintf(out, "; for power an effect of %g %s was taken as true", e->effect, unit_of(e));
    fprintf(out, ". ");
}

static bool claims(const cit_trial *t, int claim, bool of_shares) {
    for (int i = 0; i < t->endpoint_count; i++)
        if (t->endpoints[i].claim == claim && (!of_shares || cit_known(t->endpoints[i].responder)))
            return true;
    return false;
}

/* How each kind of claim was tested; of those that are made. */
static void put_tests(FILE *out, const cit_trial *t) {
    const double alpha = t->analysis.alpha, one_sided = alpha / t->analysis.sides;
    const char *before = "";
    if (claims(t, CIT_CLAIM_SUPERIOR, false)) {
        fprintf(out, "Superiority was tested %s-sided at %g",
                t->analysis.sides == 1 ? "one" : "two", alpha);
        before = "; ";
    }
    if (claims(t, CIT_CLAIM_NONINFERIOR, false)) {
        fprintf(out, "%s%s was tested one-sided at %g", before,
                *before != 0 ? "non-inferiority" : "Non-inferiority", one_sided);
        before = "; ";
    }
    if (claims(t, CIT_CLAIM_EQUIVALENT, false)) {
        fprintf(out, "%s%s was tested by two one-sided tests, each at %g", before,
                *before != 0 ? "equivalence" : "Equivalence", one_sided);
    }
    if (claims(t, CIT_CLAIM_NONINFERIOR, true) || claims(t, CIT_CLAIM_EQUIVALENT, true))
        fprintf(out, " (margins of shares were held against the %g %% interval)",
                100 * (1 - 2 * one_sided));
}

static void put_analysis(FILE *out, const cit_trial *t) {
    static const char *const several[] = {
        ", without adjustment for several comparisons", ", with Bonferroni's adjustment",
        ", with Holm's adjustment", ", with Hochberg's adjustment", ", in a fixed sequence"};
    for (int i = 0; i < t->endpoint_count; i++) put_endpoint(out, t, i);
    put_tests(out, t);
    fprintf(out, "%s; %s. ", cit_trial_comparisons(t) > 1 ? several[t->analysis.multiplicity] : "",
            t->analysis.missing == CIT_COMPLETE_CASES ? "those not seen were left out"
                                                      : "those not seen were counted as unchanged");
}

static void put_adds(FILE *out, const cit_trial *t) {
    for (int i = 0; i < t->arm_count; i++) {
        const cit_trial_adds *a = &t->arms[i].adds;
        if (!cit_known(a->percent)) continue;
        fprintf(
            out,
            "To %s %g percentage points were added (standard deviation between trials %g, between "
            "people %g), which the model does not explain: ",
            t->arms[i].name, a->percent, a->sd, a->people_sd);
        put_flat(out, a->source);
        if (cit_trial_states_effects(t))
            fprintf(out, "; for the power, whose effect is stated, nothing was added. ");
        else if (a->sd > 0)
            fprintf(out, "; for the power, which holds one world, without the deviation between "
                         "trials. ");
        else
            fprintf(out, ". ");
    }
}

static const char *parameters_words(const cit_trial_report *r, char text[80]) {
    const cit_posterior *post = r->catalogue->posterior;
    if (!r->result->has_posterior || post == NULL) return "prior";
    snprintf(text, 80, "posterior of the calibration (%d draws)", post->draws);
    return text;
}

static void put_size(FILE *out, const cit_trial_report *r) {
    const cit_trial_repeats *w = &r->trial->repeats;
    const cit_trial_summary *s = trial_size_found(r);
    const char *goal = cit_choice_name(cit_trial_goal_choices, w->goal);
    char share[60];
    if (!r->result->searched) return;
    if (s == NULL)
        fprintf(out, "No size up to %d people reached %s of %g %%", w->most_people, goal,
                100 * w->target);
    else
        fprintf(out, "The least size that reached %s of %g %% was %d people, at %s in %lld repeats",
                goal, 100 * w->target, s->people, trial_percent(share, &s->found[0].success),
                (long long)s->trials);
    fprintf(out,
            cit_trial_comparisons(r->trial) > 1
                ? "; sizes were judged by the primary comparison alone, that of %s with %s at the "
                  "primary endpoint. "
                : ". ",
            r->trial->arms[1].name, r->trial->arms[0].name);
}

static void put_results(FILE *out, const cit_trial_report *r) {
    const cit_trial *t = r->trial;
    const cit_trial_found *a = &main_run(r)->found[0];
    const cit_trial_found *p = &cit_trial_run_of(r->result, CIT_RUN_POWER)->found[0];
    char power[60], assurance[60], parameters[80];
    fprintf(out,
            "The trial was repeated %d times. For the primary comparison power %s was %s; "
            "assurance, every repeat in a world "
            "drawn from the %s, was %s (exact 95 %% intervals of the simulation). ",
            r->result->trials,
            cit_trial_states_effects(t)
                ? t->endpoint_count > 1 ? "at the stated effects" : "at the stated effect"
                : "with the parameters at their medians",
            trial_percent(power, &p->success), parameters_words(r, parameters),
            trial_percent(assurance, &a->success));
    if (p->not_analysed > 0 || a->not_analysed > 0)
        fprintf(out,
                "Repeats in which it could not be analysed, %lld for the power and %lld for the "
                "assurance, count as no success. ",
                (long long)p->not_analysed, (long long)a->not_analysed);
    put_size(out, r);
}

cit_status cit_report_trial_methods(const cit_trial_report *r, char **ret, cit_errors *errs) {
    const cit_trial *t = r->trial;
    memo m;
    const cit_status st = text_open(&m, errs);
    if (st != CIT_OK) return st;
    fprintf(m.out, "# Methods: %s\n\n", t->name);
    fprintf(m.out, "A %s trial of ", t->design == CIT_SPLIT_FACE ? "split-face" : "parallel-group");
    put_arms(m.out, t);
    fprintf(m.out, " in %d people was simulated with %s (catalogue %s, seed %llu). ",
            main_run(r)->people, r->program, r->catalogue->digest,
            (unsigned long long)r->result->seed);
    put_population(m.out, r);
    put_allocation(m.out, t);
    put_conduct(m.out, r);
    put_analysis(m.out, t);
    put_adds(m.out, t);
    put_results(m.out, r);
    fprintf(m.out, "%s\n", trial_is_no_evidence);
    return text_close(&m, ret, errs);
}
