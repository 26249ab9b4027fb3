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

static void put_conduct(FILE *out, const cit_trial *t) {
    const cit_trial_rater *r = &t->conduct.rater;
    fprintf(out, "Drop-out was %g %% by the last endpoint, evenly over time and ",
            100 * t->conduct.drop_out);
    if (cit_trial_leaves_at_random(t))
        fprintf(out, "at random");
    else
        fprintf(out,
                "informative (as normal scores, leaving correlated at %g with the score at the "
                "start and at %g with the improvement so far)",
                t->conduct.leaving.severity, t->conduct.leaving.improvement);
    fprintf(out, ", and %g %% of visits after the first were missed at random. ",
            100 * t->conduct.missed_visits);
    fprintf(out, "The rater was %s; ", r->blinded == CIT_YES ? "blinded" : "not blinded");
    if (cit_known(r->noise))
        fprintf(out, "a rating scattered with a standard deviation of %g in the endpoint's unit. ",
                r->noise);
    else
        fprintf(out, "ratings of improvement scattered by the model's parameter `rating_sd`. ");
    if (t->design == CIT_SPLIT_FACE)
        fprintf(out,
                "Errors of the rater on two sides of a face correlated at %g; sides differed with "
                "a standard deviation of %g besides. ",
                r->sides_rho, r->sides_sd);
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
        fprintf(out, "; for power an effect of %g %s was taken as true", e->effect,
                strcmp(cit_quantity_unit(q), "%") == 0 ? "percentage points"
                                                       : cit_quantity_unit(q));
    fprintf(out, ". ");
}

static void put_analysis(FILE *out, const cit_trial *t) {
    static const char *const several[] = {"without adjustment for several comparisons",
                                          "with Bonferroni's adjustment", "with Holm's adjustment",
                                          "with Hochberg's adjustment", "in a fixed sequence"};
    for (int i = 0; i < t->endpoint_count; i++) put_endpoint(out, t, i);
    fprintf(out, "Tests were %s-sided at %g, %s; %s. ", t->analysis.sides == 1 ? "one" : "two",
            t->analysis.alpha, several[t->analysis.multiplicity],
            t->analysis.missing == CIT_COMPLETE_CASES ? "those not seen were left out"
                                                      : "those not seen were counted as unchanged");
}

static const char *parameters_words(const cit_trial_report *r, char text[80]) {
    const cit_posterior *post = r->catalogue->posterior;
    if (!r->result->has_posterior || post == NULL) return "prior";
    snprintf(text, 80, "posterior of the calibration (%d draws)", post->draws);
    return text;
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
    if (r->result->searched && r->result->sample_size > 0)
        fprintf(out, "The least size that reached %s of %g %% was %d people. ",
                cit_choice_name(cit_trial_goal_choices, t->repeats.goal), 100 * t->repeats.target,
                r->result->sample_size);
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
    put_conduct(m.out, t);
    put_analysis(m.out, t);
    for (int i = 0; i < t->arm_count; i++)
        if (cit_known(t->arms[i].adds.percent))
            fprintf(m.out,
                    "To %s %g percentage points were added (standard deviation between trials %g, "
                    "between people %g), which the model does not explain: %s. ",
                    t->arms[i].name, t->arms[i].adds.percent, t->arms[i].adds.sd,
                    t->arms[i].adds.people_sd, t->arms[i].adds.source);
    put_results(m.out, r);
    fprintf(m.out, "%s\n", trial_is_no_evidence);
    return text_close(&m, ret, errs);
}
