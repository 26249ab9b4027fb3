/* A virtual trial on a page: arms, effect, power and assurance, size, what if; and what it is not. */
#include "report_impl.h"
#include <math.h>
#include <string.h>

static const cit_trial_summary *main_run(const cit_trial_report *r) {
    return cit_trial_run_of(r->result, CIT_RUN_ASSURANCE);
}

static const char *arms_of(const cit_trial *t, int comparison, char text[200]) {
    const char *arm = cit_trial_arm_of(t, comparison)->name, *other = t->arms[0].name;
    snprintf(text, 200, "%.*s against %.*s", cit_text_whole(arm, 90), arm,
             cit_text_whole(other, 90), other);
    return text;
}

/* ---- the plan ----------------------------------------------------------------------------------------- */

static const char *allocation_words(const cit_trial *t, char text[120]) {
    const cit_trial_conduct *c = &t->conduct;
    *text = 0;
    if (t->design == CIT_SPLIT_FACE) return text;
    snprintf(text, 120, c->allocation == CIT_BLOCKS ? ", permuted blocks" : ", simple allocation");
    for (int i = 0, n = 0; i < CIT_STRATA; i++)
        if (c->strata >> i & 1) {
            const size_t used = strlen(text);
            snprintf(text + used, 120 - used, "%s%s", n++ == 0 ? " by " : " and ",
                     i == CIT_BY_SKIN_TYPE ? "skin type" : cit_stratum_choices[i]);
        }
    return text;
}

static const char *parameters_words(const cit_trial_report *r, char text[60]) {
    const cit_posterior *post = r->catalogue->posterior;
    if (!r->result->has_posterior || post == NULL) return "prior, fitted to no trial";
    snprintf(text, 60, "posterior of %d draws", post->draws);
    return text;
}

static void put_plan(cit_page *page, const cit_trial_report *r) {
    const cit_trial *t = r->trial;
    const cit_trial_summary *s = main_run(r);
    char line[600], allocation[120], parameters[60];
    snprintf(
        line, sizeof line,
        "%s, %d people in %d clinic%s, %d arms%s; %s rater; drop-out %g %%%s, missed visits %g %%. "
        "%d virtual trials for each number; seed %llu; parameters: %s.",
        cit_choice_name(cit_trial_design_choices, t->design), s->people, t->conduct.clinics,
        t->conduct.clinics == 1 ? "" : "s", t->arm_count, allocation_words(t, allocation),
        t->conduct.rater.blinded == CIT_YES ? "blinded" : "open", 100 * t->conduct.drop_out,
        cit_trial_leaves_at_random(t) ? "" : " (informative)", 100 * t->conduct.missed_visits,
        r->result->trials, (unsigned long long)r->result->seed, parameters_words(r, parameters));
    cit_page_paragraph(page, line);
    if (t->published != NULL) {
        snprintf(line, sizeof line, "Published: %.*s", cit_text_whole(t->published, 560),
                 t->published);
        cit_page_paragraph(page, line);
    }
}

/* ---- endpoints ------------------------------------------------------------------------------------------- */

static void endpoint_heading(const cit_trial_endpoint *e, char line[400]) {
    const cit_quantity q = (cit_quantity)(e->quantity - 1);
    char responder[80] = "";
    if (cit_known(e->responder))
        snprintf(responder, sizeof responder, "; responder: %g %s or better", e->responder,
                 cit_quantity_unit(q));
    snprintf(line, 400, "%.*s: %s (%s), week %g%s", cit_text_whole(e->name, 120), e->name,
             cit_quantity_label(q), cit_quantity_unit(q), e->day / 7, responder);
}

static void put_arms(cit_page *page, const cit_trial_report *r, int endpoint) {
    static const double shares[] = {2, 0.9, 1, 0.9, 2.1, 1.1};
    static const char *const headings[] = {
        "arm", "seen", "mean", "sd", "people: median, 5-95 %", "responders"};
    const cit_trial *t = r->trial;
    const int columns = cit_known(t->endpoints[endpoint].responder) ? 6 : 5;
    cit_page_table(page, columns, shares, headings);
    for (int i = 0; i < t->arm_count; i++) {
        const cit_trial_seen *s = &main_run(r)->seen[endpoint * t->arm_count + i];
        char seen[24], mean[24], sd[24], range[80], responders[24] = "";
        if (cit_known(s->responders))
            snprintf(responders, sizeof responders, "%.1f %%", 100 * s->responders);
        const char *const cells[] = {t->arms[i].name,
                                     trial_number(seen, s->analysed),
                                     trial_number(mean, s->mean),
                                     trial_number(sd, s->sd),
                                     trial_range(range, s->median, s->lo90, s->hi90),
                                     responders};
        cit_page_row(page, columns, cells);
    }
}

static void claim_words(const cit_trial_endpoint *e, char line[160]) {
    if (e->claim == CIT_CLAIM_SUPERIOR)
        snprintf(line, 160, "superiority by %s", cit_choice_name(cit_trial_test_words, e->test));
    else
        snprintf(line, 160, "%s by %s, margin %g",
                 cit_choice_name(cit_trial_claim_choices, e->claim),
                 cit_choice_name(cit_trial_test_words, e->test),
                 trial_difference(e, trial_is_odds(e) ? log(e->margin) : e->margin));
}

static const char *power_words(const cit_trial_endpoint *e, char text[80]) {
    if (!cit_known(e->effect)) return "with the world at its median";
    const char *unit = cit_quantity_unit((cit_quantity)(e->quantity - 1));
    snprintf(text, 80, "at the stated effect of %g %s", e->effect,
             strcmp(unit, "%") == 0 ? "percentage points" : unit);
    return text;
}

static void put_comparison(cit_page *page, const cit_trial_report *r, int comparison) {
    const cit_trial *t = r->trial;
    const cit_trial_endpoint *e = cit_trial_endpoint_of(t, comparison);
    const cit_trial_found *a = &main_run(r)->found[comparison];
    const cit_trial_found *p = &cit_trial_run_of(r->result, CIT_RUN_POWER)->found[comparison];
    char arms[200], claim[160], effect[80], line[600], range[80], found[60];
    const char *differences = trial_is_odds(e) ? "odds ratios" : "differences";
    claim_words(e, claim);
    snprintf(line, sizeof line, "%s: %s; %s, above %d is better", arms_of(t, comparison, arms),
             claim, trial_difference_unit(e), trial_is_odds(e) ? 1 : 0);
    cit_page_bullet(page, "-", line);
    snprintf(line, sizeof line, "power %s: %s; the trials' %s %s", power_words(e, effect),
             trial_percent(found, &p->success), differences,
             trial_range(range, trial_difference(e, p->median), trial_difference(e, p->lo90),
                         trial_difference(e, p->hi90)));
    cit_page_bullet(page, " ", line);
    snprintf(line, sizeof line,
             "assurance over all worlds: %s; the trials' %s %s; significantly worse in "
             "%.1f %%",
             trial_percent(found, &a->success), differences,
             trial_range(range, trial_difference(e, a->median), trial_difference(e, a->lo90),
                         trial_difference(e, a->hi90)),
             100 * a->against.share);
    cit_page_bullet(page, " ", line);
    if (p->not_analysed > 0 || a->not_analysed > 0) {
        const long long trials = (long long)main_run(r)->trials;
        snprintf(line, sizeof line,
                 "could not be analysed, and counts as no success: for the power %lld of %lld "
                 "trials, for the assurance %lld of %lld",
                 (long long)p->not_analysed, trials, (long long)a->not_analysed, trials);
        cit_page_bullet(page, " ", line);
    }
}

static void put_endpoints(cit_page *page, const cit_trial_report *r) {
    const int others = r->trial->arm_count - 1;
    for (int i = 0; i < r->trial->endpoint_count; i++) {
        char line[400];
        endpoint_heading(&r->trial->endpoints[i], line);
        cit_page_heading(page, line);
        put_arms(page, r, i);
        for (int k = 0; k < others; k++) put_comparison(page, r, i * others + k);
    }
}

/* ---- size and what if ------------------------------------------------------------------------------------- */

static void put_size(cit_page *page, const cit_trial_report *r) {
    const cit_trial_repeats *w = &r->trial->repeats;
    char line[300], share[60];
    if (!r->result->searched) return;
    cit_page_heading(page, "Sample size");
    const cit_trial_summary *s = trial_size_found(r);
    if (s == NULL)
        snprintf(line, sizeof line, "No size up to %d people reaches %s of %g %%.", w->most_people,
                 cit_choice_name(cit_trial_goal_choices, w->goal), 100 * w->target);
    else
        snprintf(line, sizeof line,
                 "%d people to enrol, with those who drop out: %s %s; the target is %g %%.",
                 s->people, cit_choice_name(cit_trial_goal_choices, w->goal),
                 trial_percent(share, &s->found[0].success), 100 * w->target);
    cit_page_paragraph(page, line);
    if (cit_trial_comparisons(r->trial) > 1)
        cit_page_paragraph(page, "Of the comparisons the first alone is judged: that of the second "
                                 "arm with the first, at the first endpoint.");
}

static void put_what_if(cit_page *page, const cit_trial_report *r) {
    static const double shares[] = {1.6, 2, 2};
    static const char *const headings[] = {"what if", "median, 5-95 % of trials", "assurance"};
    const cit_trial_endpoint *e = &r->trial->endpoints[0];
    char line[200];
    if (r->trial->repeats.sensitivity != CIT_YES) return;
    snprintf(line, sizeof line, "What if: the first comparison (%s)", trial_difference_unit(e));
    cit_page_heading(page, line);
    cit_page_table(page, 3, shares, headings);
    for (int kind = CIT_RUN_ASSURANCE; kind < CIT_RUN_SIZE; kind++) {
        const cit_trial_summary *s = cit_trial_run_of(r->result, (cit_trial_run_kind)kind);
        if (s == NULL || kind == CIT_RUN_POWER) continue;
        const cit_trial_found *f = &s->found[0];
        char range[80], share[60];
        const char *const cells[] = {
            kind == CIT_RUN_ASSURANCE ? "as planned" : cit_trial_run_name(s->kind),
            trial_range(range, trial_difference(e, f->median), trial_difference(e, f->lo90),
                        trial_difference(e, f->hi90)),
            trial_percent(share, &f->success)};
        cit_page_row(page, 3, cells);
    }
    if (cit_trial_run_of(r->result, CIT_RUN_DROP_INFORMATIVE) != NULL) {
        snprintf(line, sizeof line,
                 "Informative drop-out: leaving correlates at %g with the improvement so far "
                 "(assumed), so that who gains little leaves.",
                 CIT_TRIAL_INFORMATIVE);
        cit_page_paragraph(page, line);
    }
}

/* ---- who ----------------------------------------------------------------------------------------------------- */

static void put_people(cit_page *page, const cit_trial_report *r) {
    const cit_trial_summary *s = main_run(r);
    const double trials = (double)s->trials, enrolled = (double)s->enrolled;
    char line[500];
    cit_page_heading(page, "People");
    snprintf(line, sizeof line,
             "A trial enrolled %.1f people; screening refused %.1f more before them, and %.1f of "
             "those enrolled had a question open that a clinic must ask. %.1f %% left before the "
             "last endpoint, %.1f %% of the visits after the first were missed.",
             enrolled / trials, (double)s->refused / trials, (double)s->to_be_asked / trials,
             100 * (double)s->dropped_out / enrolled,
             s->visits > 0 ? 100 * (double)s->missed_visits / (double)s->visits : 0.0);
    cit_page_paragraph(page, line);
    if (cit_known(s->sides_rho)) {
        snprintf(line, sizeof line,
                 "The two sides of a face correlate at %.2f in a trial, as rated.", s->sides_rho);
        cit_page_paragraph(page, line);
    }
    if (s->sparse > 0) {
        snprintf(line, sizeof line,
                 "Careful: of %.1f %% of people the punctures stand too far apart for the model.",
                 100 * (double)s->sparse / enrolled);
        cit_page_paragraph(page, line);
    }
}

static void put_adds(cit_page *page, const cit_trial_report *r) {
    for (int i = 0; i < r->trial->arm_count; i++) {
        const cit_trial_arm *a = &r->trial->arms[i];
        char line[800];
        if (!cit_known(a->adds.percent)) continue;
        snprintf(line, sizeof line,
                 "%.*s: the model has no mechanism for what is added. %g percentage points were "
                 "put in (sd between trials %g, between people %g)%s: %.*s",
                 cit_text_whole(a->name, 80), a->name, a->adds.percent, a->adds.sd,
                 a->adds.people_sd,
                 cit_trial_states_effects(r->trial) ? ", in the assurance alone" : "",
                 cit_text_whole(a->adds.source, 400), a->adds.source);
        cit_page_note(page, line);
    }
}

cit_page *cit_page_of_trial(const cit_trial_report *r) {
    char line[200];
    cit_page *page = cit_page_new(r->trial->name, r->trial->question);
    put_plan(page, r);
    cit_page_verdict(page, CIT_PAGE_ASK, "A virtual arm is no evidence");
    cit_page_note(page, trial_is_no_evidence);
    put_endpoints(page, r);
    put_size(page, r);
    put_what_if(page, r);
    put_people(page, r);
    put_adds(page, r);
    snprintf(line, sizeof line, "%s, catalogue %s, seed %llu, key %s", r->program,
             r->catalogue->digest, (unsigned long long)r->result->seed, r->result->key);
    cit_page_note(page, line);
    return page;
}
