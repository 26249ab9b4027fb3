/* Planning: the fast search against the exhaustive one, rules and limits that every option keeps, more allowance
 * that never worsens the front, courses followed together against courses followed alone, the stop rule at its
 * edge, and days. */
#include "t.h"
#include <cit/planning.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static cit_errors errs;
static cit_catalogue *catalogue;
static cit_space *space;     /* as shipped */
static char small_path[600]; /* a space of few courses */
static cit_space *small_space;

#define SMALL_HEAD                                                                                 \
    "schema: cit/space/1\ndevices: {home: [home-roller-short], aesthetician: "                     \
    "[skinpen-precision], "                                                                        \
    "physician: [skinpen-precision, dermaroller-192]}\n"
#define SMALL_TAIL                                                                                 \
    "roller_passes: [10]\npen_passes: [2, 4]\nstamp_passes: [4]\nglide: 20 mm/s\nrate: 100 Hz\n"   \
    "intervals: [28 days, 56 days]\nvisits: 4\nhorizon: 40 weeks\njudge_after: 8 weeks\n"          \
    "harm: [c_cut]\nreach: [pen_eta]\nreach_lost: [pen_delta]\njudges:\n"                          \
    "  - {judge: grade, change: 1, source: assumed}\n"                                             \
    "  - {judge: own rating, change: 10, source: assumed}\n"                                       \
    "  - {judge: goodman-baron, change: 5, source: assumed}\n"                                     \
    "  - {judge: ecca, change: 10, source: assumed}\n"                                             \
    "noticed: {pain: 0.5, redness: 1 day, pigment: 2, harm: 2, cost: 25}\nsources:\n"              \
    "  - {fields: [devices, lengths, roller_passes, pen_passes, stamp_passes, glide, rate, "       \
    "intervals, visits, horizon, judge_after, harm, reach, reach_lost, noticed], source: "         \
    "assumed}\n"

static void write_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    CHECK(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0, "%s cannot be written", path);
}

static int open_catalogue(void **state) {
    char path[512];
    const char *root = getenv("CIT_SOURCE_ROOT"), *folder = getenv("TMPDIR");
    (void)state;
    if (root == NULL) return 1;
    snprintf(path, sizeof path, "%s/data", root);
    if (cit_catalogue_load(path, &catalogue, &errs) != CIT_OK) return 1;
    snprintf(path, sizeof path, "%s/data/planning/space.yaml", root);
    if (cit_space_read(path, catalogue, &space, &errs) != CIT_OK) return 1;
    snprintf(small_path, sizeof small_path, "%s/cit-space-%d.yaml", folder ? folder : "/tmp",
             (int)getpid());
    write_file(small_path, SMALL_HEAD "lengths: [0.25 mm, 1.0 mm, 1.5 mm]\n" SMALL_TAIL);
    return cit_space_read(small_path, catalogue, &small_space, &errs) == CIT_OK ? 0 : 1;
}

static int close_catalogue(void **state) {
    (void)state;
    (void)unlink(small_path);
    cit_space_free(small_space);
    cit_space_free(space);
    cit_catalogue_free(catalogue);
    return 0;
}

/* ---- people --------------------------------------------------------------------------------------- */

/* Nothing speaks against her. */
#define HER(limits, more)                                                                          \
    "schema: cit/case/1\nage: 30 years\nanswered: 2026-11-20\nassessed: 2026-11-20\nsex: female\n" \
    "skin_type: II\nweight: 60 kg\ncause: acne\nexpectation: some improvement\nmedication: []\n"   \
    "sensitivities: []\nearlier: []\nhealth: {pregnant: no, nursing: no, isotretinoin: no, "       \
    "keloid_tendency: no, bleeding_disorder: no, anticoagulant: no, immunosuppressed: no, "        \
    "diabetes: no, cold_sores: no, eczema: no, psoriasis: no, rosacea: no, collagen_disease: no, " \
    "radiotherapy: no, metal_allergy: no, anaesthetic_allergy: no, amide_allergy: no, "            \
    "ester_allergy: no, methaemoglobinaemia: no, steroids: no, chemotherapy: no, heart_disease: "  \
    "no, sensitive_skin: no, dark_marks: no, tan: no, dysmorphic_concern: no, isotretinoin_past: " \
    "no}\nassessment: {grade: 3}\n" limits                                                         \
    "zones:\n  - {site: cheek, side: left, inflamed_acne: no, infection: no, open_wound: no, "     \
    "skin_cancer: no, cold_sore: no, sunburn: no, inflamed_skin: no, keratosis: no, "              \
    "raised_lesion: no, raised: 0 mm2, scars: [{type: rolling, count: 6, width: 4 mm, depth: 0.5 " \
    "mm}, {type: boxcar, count: 5, width: 2.5 mm, depth: 0.4 mm}]}\n" more

static cit_case *case_of(const char *text) {
    cit_case *c = NULL;
    errs = (cit_errors){0};
    cit_status st = cit_case_parse("case", text, strlen(text), &c, &errs);
    if (st == CIT_OK) st = cit_check_case(c, catalogue, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return c;
}

static int day(const char *text) {
    int ret = 0;
    CHECK(cit_date_parse(text, &ret), "%s", text);
    return ret;
}

static cit_search *search(const cit_case *person, const cit_space *in, int draws, bool exhaustive,
                          int threads) {
    const cit_plan_options with = {.start = day("2026-11-23"),
                                   .draws = draws,
                                   .seed = 1,
                                   .threads = threads,
                                   .exhaustive = exhaustive};
    cit_search *ret = NULL;
    errs = (cit_errors){0};
    const cit_status st = cit_plan_search(person, catalogue, in, &with, &ret, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return ret;
}

static bool same(const cit_candidate *a, const cit_candidate *b) {
    return a->who == b->who && a->device == b->device && a->length_mm == b->length_mm &&
           a->passes == b->passes && a->interval_day == b->interval_day && a->visits == b->visits &&
           a->adjunct == b->adjunct;
}

/* ---- the search -------------------------------------------------------------------------------------- */

static void check_same_front(const cit_search *fast, const cit_search *all, const char *what) {
    CHECK(fast->front_count == all->front_count, "%s: %d points, not %d", what, fast->front_count,
          all->front_count);
    for (int i = 0; i < all->front_count; i++) {
        bool there = false;
        for (int j = 0; j < fast->front_count; j++)
            there = there || (same(&fast->front[j].candidate, &all->front[i].candidate) &&
                              fast->front[j].value.gain == all->front[i].value.gain);
        CHECK(there, "%s: point %d is missing", what, i);
    }
    CHECK(fast->option_count == all->option_count && fast->chosen == all->chosen,
          "%s: options differ", what);
    for (int i = 0; i < all->option_count; i++)
        CHECK(same(&fast->options[i].candidate, &all->options[i].candidate),
              "%s: option %d differs", what, i);
}

/* A physician's word for needles longer than a device was evaluated to. */
#define DEEPER                                                                                     \
    "overrides:\n  - {rule: deep-beyond-label, by: Dr. A, reason: thick scars, at: \"2026-11-20 "  \
    "10:05 UTC\", day: 2026-11-20, answered: yes}\n"

/* What is let go early is beaten in the end as well: the same front, point by point; with a limit that cuts through
 * it, and with longer needles. */
static void the_fast_search_finds_the_exhaustive_front(void **state) {
    static const struct {
        const char *limits, *more;
    } people[] = {
        {"", ""},
        {"limits: {redness: 5.5 days}\n", ""},
        {"limits: {pain: 3.5, place: germany, budget: 600}\n", ""},
        {"", DEEPER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        char text[4000];
        snprintf(text, sizeof text, HER("%s", "%s"), people[i].limits, people[i].more);
        cit_case *her = case_of(text);
        cit_search *all = search(her, small_space, 256, true, 0),
                   *fast = search(her, small_space, 256, false, 0);
        CHECK(fast->simulated < all->simulated, "nothing was let go: %d of %d", fast->simulated,
              all->simulated);
        CHECK(all->front_count > 3, "%d points", all->front_count);
        check_same_front(fast, all, people[i].limits);
        cit_search_free(all);
        cit_search_free(fast);
        cit_case_free(her);
    }
}

/* A needle longer than trials' that does not win at its worst is nobody's first choice, and beats nobody. */
static void a_longer_needle_must_win_at_its_worst(void **state) {
    char path[700];
    cit_space *deep = NULL;
    int held_back = 0;
    (void)state;
    snprintf(path, sizeof path, "%s.deep", small_path);
    write_file(path, SMALL_HEAD "lengths: [1.0 mm, 1.5 mm, 2.5 mm]\n" SMALL_TAIL);
    errs = (cit_errors){0};
    CHECK(cit_space_read(path, catalogue, &deep, &errs) == CIT_OK, "%s", errs.items[0].text);
    (void)unlink(path);
    cit_case *her = case_of(HER("limits: {settings: [physician]}\n", DEEPER));
    cit_search *s = search(her, deep, 128, true, 0);
    bool longest = false, shorter = false;
    for (int i = 0; i < s->front_count; i++) {
        longest = longest || s->front[i].candidate.length_mm > 2;
        shorter = shorter || s->front[i].candidate.length_mm <= s->usual.length_mm;
    }
    CHECK(longest && shorter, "the front has no longest needle or none as long as trials'");
    for (int i = 1; i < s->option_count && s->longer_not_told_apart; i++) {
        CHECK(s->options[i].candidate.length_mm < s->longer_mm, "option %d has the longest", i);
        held_back++;
    }
    CHECK(s->longer_not_told_apart == (held_back > 0), "what was held back");
    if (s->longer_not_told_apart) CHECK(s->shorter_mm < s->longer_mm, "shorter is longer");
    cit_search_free(s);
    cit_case_free(her);
    cit_space_free(deep);
}

/* Limits that leave nothing: doing nothing is there, and it is said what shut the rest out. */
static void limits_that_leave_nothing_are_named(void **state) {
    static const struct {
        const char *limits, *why;
    } cases[] = {
        {"limits: {visits: 0}\n", "your limit: visits"},
        {"limits: {pain: 0.5}\n", "your limit: pain of a visit"},
        {"limits: {redness: 0.01 days, settings: [physician]}\n", "your limit: days of redness"},
        {"limits: {budget: 1, place: germany}\n", "your limit: budget"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4000];
        bool said = false;
        snprintf(text, sizeof text, HER("%s", ""), cases[i].limits);
        cit_case *her = case_of(text);
        cit_search *s = search(her, small_space, 24, false, 0);
        CHECK(s->option_count == 1 && s->chosen == 0 && s->front_count == 0 &&
                  s->options[0].kind == CIT_OPTION_NOTHING && s->untreated > 0,
              "%s: %d options, %d points", cases[i].limits, s->option_count, s->front_count);
        for (int j = 0; j < s->turned_down_count; j++)
            said = said || (s->turned_down[j].rule == NULL && s->turned_down[j].count > 0 &&
                            strcmp(s->turned_down[j].why, cases[i].why) == 0);
        CHECK(said, "%s: not said: %s", cases[i].limits, cases[i].why);
        cit_search_free(s);
        cit_case_free(her);
    }
}

static void what_cannot_be_planned_is_refused(void **state) {
    const cit_plan_options with = {.start = day("2026-11-23"),
                                   .draws = 20,
                                   .seed = 1,
                                   .prices = cit_catalogue_prices(catalogue, "india")};
    cit_case *her = case_of(HER("limits: {budget: 30000, place: germany}\n", ""));
    cit_search *s = NULL;
    (void)state;
    errs = (cit_errors){0};
    CHECK(cit_plan_search(her, catalogue, small_space, &with, &s, &errs) == CIT_INVALID &&
              strstr(errs.items[0].text, "the budget is in EUR (germany), the prices are in INR"),
          "%s", errs.items[0].text);
    for (int i = 0; i < her->zones[0].scar_group_count; i++) her->zones[0].scars[i].count = 0;
    errs = (cit_errors){0};
    CHECK(cit_plan_search(her, catalogue, small_space, &with, &s, &errs) == CIT_INVALID &&
              strstr(errs.items[0].text, "no zone has depressed scars"),
          "%s", errs.items[0].text);
    cit_case_free(her);
}

/* Whole grades are often equal: that does not make a course worse than the one before. */
static void a_grade_judges_in_whole_steps(void **state) {
    cit_case *her = case_of(HER("limits: {judged_by: grade}\n", ""));
    (void)state;
    cit_search *s = search(her, space, 64, false, 0);
    double best = 0;
    for (int i = 1; i < s->option_count; i++) {
        const cit_option *o = &s->options[i];
        CHECK_CLOSE(o->odds_matters, o->odds_better, 1e-12);
        best = fmax(best, o->odds_better);
    }
    CHECK(best >= 0.8 && s->chosen > 0, "odds %g, and nothing is put first", best);
    CHECK(s->options[s->chosen].odds_better >= 0.8, "first: odds of %g",
          s->options[s->chosen].odds_better);
    cit_search_free(s);
    cit_case_free(her);
}

static void check_same_value(const cit_value *a, const cit_value *b) {
    CHECK(a->gain == b->gain && a->gain_sd == b->gain_sd && a->pain == b->pain &&
              a->redness_day == b->redness_day && a->pigment == b->pigment && a->harm == b->harm,
          "gain %.17g, not %.17g", a->gain, b->gain);
}

static void any_number_of_threads_gives_the_same_plan(void **state) {
    cit_case *her = case_of(HER("", ""));
    (void)state;
    cit_search *one = search(her, small_space, 40, false, 1);
    for (int threads = 2; threads <= 3; threads++) {
        cit_search *more = search(her, small_space, 40, false, threads);
        CHECK(more->front_count == one->front_count && more->option_count == one->option_count &&
                  more->chosen == one->chosen && more->untreated == one->untreated,
              "%d threads differ", threads);
        for (int i = 0; i < one->front_count; i++) {
            CHECK(same(&one->front[i].candidate, &more->front[i].candidate), "point %d", i);
            check_same_value(&one->front[i].value, &more->front[i].value);
        }
        for (int i = 0; i < one->option_count; i++) {
            const cit_option *a = &one->options[i], *b = &more->options[i];
            check_same_value(&a->value, &b->value);
            CHECK(a->median == b->median && a->lo90 == b->lo90 && a->hi90 == b->hi90 &&
                      a->odds_better == b->odds_better && a->odds_one_grade == b->odds_one_grade,
                  "option %d", i);
        }
        cit_search_free(more);
    }
    cit_search_free(one);
    cit_case_free(her);
}

/* No point of a front beats another: it brings less, or asks for something more that is noticed. */
static void no_point_of_the_front_beats_another(void **state) {
    cit_case *her = case_of(HER("", ""));
    (void)state;
    cit_search *s = search(her, small_space, 128, true, 0);
    const cit_noticed *n = &small_space->noticed;
    for (int i = 0; i < s->front_count; i++)
        for (int j = 0; j < s->front_count; j++) {
            const cit_value *a = &s->front[i].value, *b = &s->front[j].value;
            if (i == j || a->gain <= b->gain) continue;
            CHECK(a->visits > b->visits || a->pain > b->pain + n->pain ||
                      a->redness_day > b->redness_day + n->redness_day ||
                      a->pigment > b->pigment + n->pigment || a->harm > b->harm + n->harm,
                  "%d beats %d", i, j);
        }
    cit_search_free(s);
    cit_case_free(her);
}

/* Does something on the front bring as much as this, and ask no more but for what nobody minds? */
static bool is_matched(const cit_search *s, const cit_value *v) {
    const cit_noticed *n = &small_space->noticed;
    for (int i = 0; i < s->front_count; i++) {
        const cit_value *a = &s->front[i].value;
        if (a->gain >= v->gain && a->visits <= v->visits && a->pain <= v->pain + n->pain &&
            a->redness_day <= v->redness_day + n->redness_day &&
            a->pigment <= v->pigment + n->pigment && a->harm <= v->harm + n->harm &&
            !(a->cost_high > v->cost_high * (1 + n->cost / 100)))
            return true;
    }
    return false;
}

static double best_gain(const cit_search *s) {
    double best = 0;
    for (int i = 0; i < s->front_count; i++) best = fmax(best, s->front[i].value.gain);
    return best;
}

/* With more allowed there is for every point one that brings at least as much. */
static void more_allowance_never_worsens_the_front(void **state) {
    static const char *const limits[][3] = {
        {"limits: {visits: 1}\n", "limits: {visits: 3}\n", ""},
        {"limits: {pain: 3}\n", "limits: {pain: 3.5}\n", ""},
        {"limits: {redness: 3 days}\n", "limits: {redness: 5 days}\n", ""},
        {"limits: {budget: 250, place: germany}\n", "limits: {budget: 500, place: germany}\n",
         "limits: {place: germany}\n"},
        {"limits: {horizon: 16 weeks}\n", "limits: {horizon: 20 weeks}\n", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        cit_search *before = NULL;
        for (int j = 0; j < 3 && limits[i][j] != NULL; j++) {
            char text[4000];
            snprintf(text, sizeof text, HER("%s", ""), limits[i][j]);
            cit_case *her = case_of(text);
            cit_search *s = search(her, small_space, 48, true, 0);
            const cit_limits *l = &her->limits;
            for (int k = 0; k < s->front_count; k++) {
                const cit_value *v = &s->front[k].value;
                CHECK(!(v->pain > l->pain) && !(v->redness_visit_day > l->redness_day) &&
                          (l->visits == CIT_UNKNOWN_INT || v->visits <= l->visits) &&
                          !(v->cost_high > l->budget),
                      "%s: a limit is passed", limits[i][j]);
            }
            CHECK(s->front_count > 0, "%s: no front", limits[i][j]);
            /* A longer wait changes what is judged; the others only what may be done. */
            for (int k = 0; i < 4 && before != NULL && k < before->front_count; k++)
                CHECK(is_matched(s, &before->front[k].value), "%s: point %d is lost", limits[i][j],
                      k);
            cit_search_free(before);
            before = s;
            cit_case_free(her);
        }
        cit_search_free(before);
    }
}

/* Every option, written as a protocol and screened again, is let through. */
static void every_option_obeys_every_rule(void **state) {
    cit_case *her = case_of(HER("", ""));
    const int start = day("2026-11-23");
    (void)state;
    cit_search *s = search(her, space, 24, false, 0);
    CHECK(s->option_count >= 3 && s->option_count <= CIT_OPTIONS_MAX, "%d options",
          s->option_count);
    CHECK(s->options[0].kind == CIT_OPTION_NOTHING && s->options[0].candidate.visits == 0,
          "doing nothing comes first");
    CHECK(s->candidates >= 1000, "%d candidates", s->candidates);
    for (int i = 1; i < s->option_count; i++) {
        const cit_candidate *c = &s->options[i].candidate;
        char *text = NULL;
        cit_protocol *protocol = NULL;
        cit_screening *screening = NULL;
        errs = (cit_errors){0};
        cit_status st = cit_candidate_protocol(c, space, her, catalogue, start, &text, &errs);
        if (st == CIT_OK) st = cit_protocol_parse("p", text, strlen(text), &protocol, &errs);
        if (st == CIT_OK) st = cit_check_together(her, protocol, catalogue, &errs);
        if (st == CIT_OK) st = cit_screen(her, protocol, catalogue, start, &screening, &errs);
        CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
        CHECK(cit_screening_verdict(screening, -1, c->who) == CIT_CLEARED, "option %d: not cleared",
              i);
        CHECK(c->length_mm <= c->device->depth_evaluated_mm, "option %d: deeper than evaluated", i);
        CHECK(s->options[i].odds_two_grades <= s->options[i].odds_one_grade &&
                  s->options[i].odds_matters <= s->options[i].odds_better,
              "odds of more than of less");
        cit_screening_free(screening);
        cit_protocol_free(protocol);
        free(text);
    }
    cit_search_free(s);
    cit_case_free(her);
}

static void whom_nobody_may_needle_gets_no_plan(void **state) {
    cit_case *her = case_of(HER("", "visits: []\n"));
    const cit_plan_options with = {.start = day("2026-11-23"), .draws = 20, .seed = 1};
    cit_search *s = NULL;
    (void)state;
    her->health.isotretinoin = CIT_YES;
    errs = (cit_errors){0};
    CHECK(cit_plan_search(her, catalogue, small_space, &with, &s, &errs) == CIT_REFUSED &&
              s == NULL && strstr(errs.items[0].text, "isotretinoin-now") != NULL,
          "%s", errs.items[0].text);
    cit_case_free(her);
}

/* A mole on one cheek keeps an aesthetician from it and not a physician: what the aesthetician brings is of the
 * other cheek alone, whoever else is searched for. */
static void nobody_is_credited_with_zones_they_may_not_treat(void **state) {
#define TWO                                                                                        \
    "  - {site: cheek, side: right, inflamed_acne: no, infection: no, open_wound: no, "            \
    "skin_cancer: no, cold_sore: no, sunburn: no, inflamed_skin: no, keratosis: no, "              \
    "raised_lesion: yes, raised: 0 mm2, scars: [{type: rolling, count: 6, width: 4 mm, depth: "    \
    "0.5 mm}]}\n"
    cit_case *both = case_of(HER("limits: {place: united-kingdom}\n", TWO)),
             *alone =
                 case_of(HER("limits: {place: united-kingdom, settings: [aesthetician]}\n", TWO));
    int compared = 0;
    (void)state;
    /* Cheaper than a physician, so that the front has both. */
    cit_price *price = NULL;
    for (int i = 0; i < catalogue->prices_count; i++)
        for (int j = 0; j < catalogue->prices[i].item_count; j++)
            if (strcmp(catalogue->prices[i].id, "united-kingdom") == 0 &&
                strcmp(catalogue->prices[i].items[j].id, "visit-aesthetician") == 0)
                price = &catalogue->prices[i].items[j];
    CHECK(price != NULL, "no price of an aesthetician");
    const double high = price->high;
    price->high = price->low;
    cit_search *s = search(both, small_space, 40, true, 0),
               *a = search(alone, small_space, 40, true, 0);
    price->high = high;
    CHECK(best_gain(a) < 0.8 * best_gain(s), "one cheek brings %g, both %g", best_gain(a),
          best_gain(s));
    for (int i = 0; i < s->front_count; i++)
        for (int j = 0; j < a->front_count; j++) {
            const cit_point *x = &s->front[i], *y = &a->front[j];
            if (!same(&x->candidate, &y->candidate)) continue;
            CHECK(x->value.gain == y->value.gain, "%g, not %g", x->value.gain, y->value.gain);
            compared++;
        }
    CHECK(compared > 0, "no course of an aesthetician on the front");
    cit_search_free(s);
    cit_search_free(a);
    cit_case_free(both);
    cit_case_free(alone);
}

/* Skin type VI: what leaves dark marks in more than one of five is shown, and neither least, enough nor first. */
static void dark_marks_keep_a_course_from_the_first_place(void **state) {
    cit_case *her = case_of(HER("", ""));
    (void)state;
    her->skin_type = 6;
    cit_search *s = search(her, small_space, 64, false, 0);
    double most = 0;
    for (int i = 0; i < s->option_count; i++) {
        const cit_option *o = &s->options[i];
        most = fmax(most, o->value.pigment);
        if (o->kind == CIT_OPTION_LEAST || o->kind == CIT_OPTION_ENOUGH || i == s->chosen)
            CHECK(o->value.pigment <= 20, "option %d leaves marks in %g %%", i, o->value.pigment);
    }
    CHECK(most > 20 && s->marks_bind, "no course leaves marks: %g %%", most);
    cit_search_free(s);
    cit_case_free(her);
}

/* ---- the stop rule --------------------------------------------------------------------------------------- */

/* A scanner that tells a hair less than the whole course sees it; one that tells a hair more does not. */
static void a_judge_sees_what_is_more_than_its_smallest_change(void **state) {
    char text[4000];
    (void)state;
    cit_case *her = case_of(HER("limits: {judged_by: scanner, smallest_change: 0.01 mm}\n", ""));
    cit_search *s = search(her, small_space, 40, true, 0);
    const double all = best_gain(s);
    CHECK(all > 0.02 && s->judge_sees, "%g mm", all);
    cit_search_free(s);
    cit_case_free(her);
    for (int i = -1; i <= 1; i += 2) {
        snprintf(text, sizeof text,
                 HER("limits: {judged_by: scanner, smallest_change: %.9f mm}\n", ""),
                 all * (1 + 1e-4 * i));
        her = case_of(text);
        s = search(her, small_space, 40, true, 0);
        CHECK(s->judge_sees == (i < 0), "%g of %g mm", s->smallest_change, all);
        /* What cannot be seen is no ground to stop: the most is kept. */
        double most = 0;
        for (int k = 1; k < s->option_count; k++) most = fmax(most, s->options[k].value.gain);
        if (i > 0 && s->chosen > 0)
            CHECK(s->options[s->chosen].value.gain == most, "stopped by what cannot see");
        cit_search_free(s);
        cit_case_free(her);
    }
}

static void steps_add_up(void **state) {
    cit_case *her = case_of(HER("", ""));
    (void)state;
    cit_search *s = search(her, small_space, 40, false, 0);
    double sum = 0;
    CHECK(s->step_count > 2, "%d steps", s->step_count);
    for (int n = 1; n < s->step_count; n++) {
        sum += s->steps[n].adds;
        CHECK_CLOSE(s->steps[n].gain, sum, 1e-9);
        CHECK(s->steps[n].left >= 0 && s->steps[n].left <= s->steps[n - 1].left + 1e-12,
              "more is left after more visits");
    }
    CHECK(s->steps[s->step_count - 1].left == 0, "nothing is left at the end");
    cit_search_free(s);
    cit_case_free(her);
}

/* ---- courses followed together --------------------------------------------------------------------------- */

/* Shared work is the same work: records equal those of courses followed alone, to the bit. */
static void together_or_alone_is_the_same(void **state) {
    enum { COURSES = 5 };
    static const double days[] = {0, 280};
    cit_case *her = case_of(HER("", ""));
    cit_protocol *protocols[COURSES] = {NULL};
    cit_crowd *crowds[COURSES] = {NULL};
    double *records[COURSES];
    (void)state;
    for (int i = 0; i < COURSES; i++) {
        const cit_candidate c = {.who = CIT_PHYSICIAN,
                                 .device = cit_catalogue_device(catalogue, "skinpen-precision"),
                                 .length_mm = 1.5,
                                 .passes = 4,
                                 .interval_day = i == 4 ? 42 : 28,
                                 .visits = 4 - i % 4};
        char *text = NULL;
        errs = (cit_errors){0};
        cit_status st =
            cit_candidate_protocol(&c, space, her, catalogue, day("2026-11-23"), &text, &errs);
        if (st == CIT_OK) st = cit_protocol_parse("p", text, strlen(text), &protocols[i], &errs);
        free(text);
        const cit_crowd_options with = {.person = her,
                                        .protocol = protocols[i],
                                        .catalogue = catalogue,
                                        .posterior = catalogue->posterior,
                                        .seed = 3,
                                        .days = days,
                                        .day_count = 2,
                                        .sizes = 1};
        if (st == CIT_OK) st = cit_crowd_make(&with, &crowds[i], &errs);
        CHECK(st == CIT_OK, "%s", errs.items[0].text);
        records[i] = malloc((size_t)cit_crowd_layout_of(crowds[i]).size * sizeof(double));
        CHECK(records[i] != NULL, "no memory");
    }
    cit_crowds_run *together = NULL;
    CHECK(cit_crowds_run_new((const cit_crowd *const *)crowds, COURSES, &together, &errs) == CIT_OK,
          "run");
    for (int d = 0; d < 12; d++) {
        const cit_someone who = {.world = (uint32_t)d,
                                 .person = (uint32_t)d,
                                 .posterior_draw = d,
                                 .clinic = CIT_UNKNOWN_NUMBER};
        CHECK(cit_crowds_follow(together, &who, records, &errs) == CIT_OK, "follow");
        for (int i = 0; i < COURSES; i++) {
            const size_t size = (size_t)cit_crowd_layout_of(crowds[i]).size * sizeof(double);
            cit_crowd_run *run = NULL;
            double *alone = malloc(size);
            CHECK(alone != NULL && cit_crowd_run_new(crowds[i], &run, &errs) == CIT_OK &&
                      cit_crowd_follow(crowds[i], run, &who, 1, alone, &errs) == CIT_OK,
                  "alone");
            CHECK(memcmp(alone, records[i], size) == 0, "draw %d, course %d differs", d, i);
            const cit_scores none = cit_crowd_scores(crowds[i], alone, 0),
                             some = cit_crowd_scores(crowds[i], alone, 0.1),
                             untreated = cit_crowd_untreated(crowds[i], alone);
            const int gb = CIT_Q_GB_PERCENT * 2 + 1;
            CHECK(none.gb_percent == alone[gb], "scores without anything added");
            CHECK_CLOSE(some.gb_percent, fmin(alone[gb] + 10, 100), 1e-12);
            CHECK(some.grade <= none.grade, "a grade rises by what is added");
            CHECK(untreated.gb_percent < 20 && untreated.grade_change <= 0, "untreated: %g, %g",
                  untreated.gb_percent, untreated.grade_change);
            free(alone);
            cit_crowd_run_free(run);
        }
    }
    cit_crowds_run_free(together);
    for (int i = 0; i < COURSES; i++) {
        free(records[i]);
        cit_crowd_free(crowds[i]);
        cit_protocol_free(protocols[i]);
    }
    cit_case_free(her);
}

/* ---- a course that has begun ------------------------------------------------------------------------------ */

/* Two visits are done: only what is ahead is planned, and what they bring is not counted twice. */
static void a_course_that_has_begun_is_planned_on(void **state) {
#define DONE(date)                                                                                 \
    "  - {date: " date ", who: physician, cream: yes, zones: [{site: cheek, side: left, device: "  \
    "skinpen-precision, length: 1.5 mm, passes: 4}]}\n"
    cit_case *fresh = case_of(HER("", "")),
             *begun = case_of(HER("", "visits:\n" DONE("2026-11-21") DONE("2026-12-19")));
    const cit_plan_options with = {.start = day("2027-01-18"), .draws = 40, .seed = 1};
    cit_search *on = NULL;
    (void)state;
    errs = (cit_errors){0};
    CHECK(cit_plan_search(begun, catalogue, small_space, &with, &on, &errs) == CIT_OK, "%s: %s",
          errs.items[0].where, errs.items[0].text);
    cit_search *s = search(fresh, small_space, 40, false, 0);
    CHECK(on->untreated > s->untreated + 3, "stopping now is worth %g, never beginning %g",
          on->untreated, s->untreated);
    CHECK(best_gain(on) > 0 && best_gain(on) < best_gain(s), "what is ahead adds %g, all of it %g",
          best_gain(on), best_gain(s));
    /* Limits hold for all of the course, and nobody is needled before the interval is over. */
    cit_case *limited = case_of(HER("limits: {visits: 3, horizon: 30 weeks}\n",
                                    "visits:\n" DONE("2026-11-21") DONE("2026-12-19")));
    const cit_plan_options soon = {.start = day("2026-12-29"), .draws = 24, .seed = 1};
    cit_search *last = NULL;
    CHECK(cit_plan_search(limited, catalogue, small_space, &soon, &last, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(last->begun && last->horizon_day == 30 * 7 - (soon.start - day("2026-11-21")),
          "horizon of %g days", last->horizon_day);
    CHECK(last->front_count > 0, "no front");
    for (int i = 0; i < last->front_count; i++) {
        const cit_candidate *c = &last->front[i].candidate;
        cit_dated_course on_days;
        CHECK(c->visits == 1, "%d visits, two are done", c->visits);
        CHECK(cit_course_dates(c, limited, catalogue, last, NULL, NULL, 2, soon.start, &on_days,
                               &errs) == CIT_OK &&
                  on_days.visits[0].day >= day("2026-12-19") + c->interval_day,
              "needled too soon");
    }
    cit_search_free(last);
    cit_case_free(limited);
    /* Scars measured after the first visit are not what the course began with. */
    cit_search *late = NULL;
    begun->assessed = day("2026-12-30");
    errs = (cit_errors){0};
    CHECK(cit_plan_search(begun, catalogue, small_space, &with, &late, &errs) == CIT_REFUSED &&
              late == NULL,
          "half-healed skin was planned for");
    cit_search_free(on);
    cit_search_free(s);
    cit_case_free(fresh);
    cit_case_free(begun);
}

/* ---- days -------------------------------------------------------------------------------------------------- */

static cit_dated_course dates(const char *limits, int visits, double interval_day, double redness,
                              const char *start) {
    char text[4000];
    snprintf(text, sizeof text, HER("%s", ""), limits);
    cit_case *her = case_of(text);
    const cit_candidate c = {.who = CIT_PHYSICIAN,
                             .device = cit_catalogue_device(catalogue, "skinpen-precision"),
                             .length_mm = 1.5,
                             .passes = 4,
                             .interval_day = interval_day,
                             .visits = visits};
    const cit_search found = {
        .judge = CIT_JUDGE_GOODMAN_BARON, .horizon_day = 280, .judge_after_day = 56};
    cit_dated_course ret;
    errs = (cit_errors){0};
    CHECK(cit_course_dates(&c, her, catalogue, &found, NULL, NULL, redness, day(start), &ret,
                           &errs) == CIT_OK,
          "%s", errs.items[0].text);
    cit_case_free(her);
    return ret;
}

static void check_days(const cit_dated_course *c, const char *const *want, int count) {
    CHECK(c->visit_count == count, "%d visits, not %d", c->visit_count, count);
    for (int i = 0; i < count; i++) {
        char text[16];
        cit_date_format(c->visits[i].day, text);
        CHECK(strcmp(text, want[i]) == 0, "visit %d on %s, not %s", i + 1, text, want[i]);
    }
}

static void visits_keep_their_days(void **state) {
    (void)state;
    /* across the end of February in a leap year, and summer time */
    cit_dated_course c = dates("", 3, 28, 2, "2028-02-01");
    check_days(&c, (const char *const[]){"2028-02-01", "2028-02-29", "2028-03-28"}, 3);
    c = dates("", 2, 28, 2, "2027-03-01");
    check_days(&c, (const char *const[]){"2027-03-01", "2027-03-29"}, 2);
    /* away: later, never earlier, and the next by the whole interval after it */
    c = dates("limits: {away: [{from: 2026-12-20, to: 2027-01-03}]}\n", 3, 28, 2, "2026-11-23");
    check_days(&c, (const char *const[]){"2026-11-23", "2027-01-04", "2027-02-01"}, 3);
    CHECK(!c.visits[0].moved && c.visits[1].moved && !c.visits[2].moved, "which was moved");
    /* nothing to be seen on a day: not within the days of redness before it, rounded up */
    c = dates("limits: {presentable: [{from: 2026-12-24}]}\n", 2, 28, 3.2, "2026-11-23");
    check_days(&c, (const char *const[]){"2026-11-23", "2026-12-25"}, 2);
    c = dates("limits: {presentable: [{from: 2026-12-25}]}\n", 2, 28, 3.2, "2026-11-23");
    check_days(&c, (const char *const[]){"2026-11-23", "2026-12-26"}, 2);
    c = dates("limits: {presentable: [{from: 2026-12-26}]}\n", 2, 28, 3.2, "2026-11-23");
    check_days(&c, (const char *const[]){"2026-11-23", "2026-12-21"}, 2);
    /* no free day within four weeks */
    c = dates("limits: {away: [{from: 2026-12-01, to: 2027-03-01}]}\n", 3, 28, 2, "2026-11-23");
    check_days(&c, (const char *const[]){"2026-11-23"}, 1);
    CHECK(c.unplaced == 2, "%d unplaced", c.unplaced);
}

/* Days that move take the day of judging with them; photos are in order, and one is of that day. */
static void moved_days_are_judged_later(void **state) {
    (void)state;
    const cit_dated_course c = dates("limits: {away: [{from: 2027-01-18, to: 2027-02-10}, {from: "
                                     "2027-03-20, to: 2027-04-10}, {from: 2027-05-20, to: "
                                     "2027-06-10}, {from: 2027-08-30, to: 2027-09-02}]}\n",
                                     5, 56, 2, "2026-11-23");
    CHECK(c.visit_count == 5 && c.moved && c.unplaced == 0, "%d visits", c.visit_count);
    CHECK(c.judge_day >= c.visits[4].day + 56 && c.judge_day >= c.visits[0].day + 280,
          "judged %d days after the last", c.judge_day - c.visits[4].day);
    CHECK(c.judge_day != day("2027-08-30"), "judged while she is away");
    for (int i = 1; i < c.photo_count; i++)
        CHECK(c.photo_days[i] > c.photo_days[i - 1], "photo %d is out of order", i);
    CHECK(c.photo_days[c.photo_count - 1] == c.judge_day, "no photo on the day of judging");
    /* and the protocol is of these days */
    char *text = NULL;
    cit_case *her = case_of(HER("", ""));
    cit_protocol *p = NULL;
    errs = (cit_errors){0};
    CHECK(cit_course_protocol(&c, space, her, catalogue, day("2026-11-23"), &text, &errs) ==
                  CIT_OK &&
              cit_protocol_parse("p", text, strlen(text), &p, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    for (int i = 0; i < c.visit_count; i++) {
        char date[16];
        cit_date_format(c.visits[i].day, date);
        CHECK(strstr(text, date) != NULL, "visit %d is not on %s:\n%s", i + 1, date, text);
    }
    cit_protocol_free(p);
    free(text);
    cit_case_free(her);
}

/* A forecast that rises by 1 % a week to 40 % and stays. */
static void milestones_are_of_what_is_ahead(void **state) {
    enum { WEEKS = 60 };
    static cit_band bands[CIT_QUANTITIES * WEEKS];
    cit_forecast f = {.weeks = WEEKS, .bands = bands};
    const cit_search found = {.judge = CIT_JUDGE_GOODMAN_BARON,
                              .horizon_day = 280,
                              .judge_after_day = 56,
                              .smallest_change = 5,
                              .untreated = 3};
    const cit_candidate c = {.who = CIT_PHYSICIAN,
                             .device = cit_catalogue_device(catalogue, "skinpen-precision"),
                             .length_mm = 1.5,
                             .passes = 4,
                             .interval_day = 28,
                             .visits = 2};
    cit_dated_course d;
    (void)state;
    for (int week = 0; week < WEEKS; week++)
        bands[CIT_Q_GB_PERCENT * WEEKS + week].median = fmin(week, 50);
    cit_case *fresh = case_of(HER("", "")),
             *begun = case_of(HER("", "visits:\n" DONE("2026-11-21")));
    CHECK(cit_course_dates(&c, fresh, catalogue, &found, &f, NULL, 2, day("2026-11-23"), &d,
                           &errs) == CIT_OK,
          "%s", errs.items[0].text);
    /* 5 % beyond the 3 % that come by themselves; 0.8 and 0.95 of the 40 % at week 40 */
    CHECK(d.milestones.first_change_day == 56 && d.milestones.most_day == 224 &&
              d.milestones.final_day == 266,
          "%g, %g, %g", d.milestones.first_change_day, d.milestones.most_day,
          d.milestones.final_day);
    /* Ten weeks later: what was there by then is not ahead. The week of 10 to that of 50. */
    CHECK(cit_course_dates(&c, begun, catalogue, &found, &f, NULL, 2, day("2026-11-21") + 70, &d,
                           &errs) == CIT_OK,
          "%s", errs.items[0].text);
    CHECK(d.milestones.first_change_day == 35 && d.milestones.most_day == 224 &&
              d.milestones.final_day == 266,
          "%g, %g, %g", d.milestones.first_change_day, d.milestones.most_day,
          d.milestones.final_day);
    cit_case_free(fresh);
    cit_case_free(begun);
}

static void costs_are_summed_line_by_line(void **state) {
    (void)state;
    cit_dated_course c = dates("limits: {place: germany}\n", 4, 28, 2, "2026-11-23");
    const cit_price *visit =
        cit_price_named(cit_catalogue_prices(catalogue, "germany"), "visit-physician");
    CHECK(visit != NULL && c.cost_count == 1 && c.costs[0].price == visit, "%d lines",
          c.cost_count);
    CHECK_CLOSE(c.cost_low, 4 * visit->low, 1e-12);
    CHECK_CLOSE(c.cost_high, 4 * visit->high, 1e-12);
    c = dates("", 4, 28, 2, "2026-11-23");
    CHECK(isnan(c.cost_low) && c.cost_count == 0, "a cost without prices");
}

/* ---- what trials do, what adjuncts add, and the space's file ------------------------------------------------ */

static void trials_are_summed_up(void **state) {
    (void)state;
    const cit_usual u = cit_usual_course(catalogue);
    CHECK(u.lengths >= 10 && u.length_mm >= 1 && u.length_mm <= 2.5, "length %g", u.length_mm);
    CHECK(u.courses >= 30 && u.visits >= 3 && u.visits <= 5, "visits %g", u.visits);
    CHECK(u.intervals >= 30 && u.interval_day >= 14 && u.interval_day <= 30, "every %g",
          u.interval_day);
}

/* Without a number nothing is added; with one the spread is not less than of one study alone. */
static void adjuncts_add_what_somebody_measured(void **state) {
    int measured = 0;
    (void)state;
    for (int i = 0; i < catalogue->adjunct_count; i++) {
        const cit_adjunct *a = &catalogue->adjuncts[i];
        cit_added added;
        CHECK(cit_adjunct_adds(catalogue, a, &added, &errs) == CIT_OK, "%s", a->id);
        CHECK(added.studies <= a->contrast_count, "%s: %d studies", a->id, added.studies);
        if (added.studies == 0) {
            CHECK(added.mean == 0 && added.sd == 0, "%s adds %g", a->id, added.mean);
            continue;
        }
        CHECK(added.visits >= 1 && added.length_mm > 0.2, "%s: %g visits, %g mm", a->id,
              added.visits, added.length_mm);
        measured++;
        CHECK(fabs(added.mean) < 0.5 && added.sd > 0 && added.sd < 0.5, "%s adds %g +- %g", a->id,
              added.mean, added.sd);
    }
    CHECK(measured > 0, "nothing was measured");
}

static void limits_name_what_there_is(void **state) {
    static const char *const limits[][2] = {
        {"limits: {place: united-states}\n", "place 'united-states' has no prices"},
        {"limits: {devices: [skinpen-presision]}\n", "did you mean 'skinpen-precision'?"},
        {"limits: {not_wanted: [prp]}\n", "adjunct 'prp' is not in the catalogue"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char text[4000];
        cit_case *c = NULL;
        snprintf(text, sizeof text, HER("%s", ""), limits[i][0]);
        errs = (cit_errors){0};
        CHECK(cit_case_parse("case", text, strlen(text), &c, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(cit_check_case(c, catalogue, &errs) == CIT_INVALID && errs.count == 1 &&
                  strstr(errs.items[0].text, limits[i][1]) != NULL,
              "%s", errs.items[0].text);
        cit_case_free(c);
    }
    static const char *const bad[][2] = {
        {"limits: {budget: 500}\n", "a budget needs a place"},
        {"limits: {judged_by: scanner}\n", "smallest_change must be known"},
        {"limits: {judged_by: grade, smallest_change: 0.1 mm}\n", "is of a scanner"},
        {"limits: {away: [{from: 2027-01-02, to: 2027-01-01}]}\n", "before the first"},
        {"limits: {visits: 13}\n", "is not from 0 to 12"},
        {"limits: {horizon: 20 days}\n", "horizon"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[4000];
        cit_case *c = NULL;
        snprintf(text, sizeof text, HER("%s", ""), bad[i][0]);
        errs = (cit_errors){0};
        CHECK(cit_case_parse("case", text, strlen(text), &c, &errs) == CIT_INVALID &&
                  strstr(errs.items[0].text, bad[i][1]) != NULL,
              "%s", errs.items[0].text);
    }
}

static void a_bad_space_is_refused(void **state) {
    static const struct {
        const char *lengths, *says;
    } cases[] = {
        {"lengths: [1.0 mm, 0.5 mm]\n", "lengths: they must ascend"},
        {"lengths: []\n", "lengths: at least one is needed"},
        {"lengths: [7 mm]\n", "lengths: "},
        {"lengths: [1.0]\n", "has no unit"},
        {"", "lengths"},
        {"lengths: [1.0 mm]\nneedles: 3\n", "needles"},
        {"lengths: [1.0 mm]\nlengths: [1.5 mm]\n", "lengths"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4000], path[700];
        bool said = false;
        cit_space *s = NULL;
        snprintf(path, sizeof path, "%s.bad", small_path);
        snprintf(text, sizeof text, SMALL_HEAD "%s" SMALL_TAIL, cases[i].lengths);
        write_file(path, text);
        errs = (cit_errors){0};
        CHECK(cit_space_read(path, catalogue, &s, &errs) == CIT_INVALID && s == NULL, "case %zu",
              i);
        for (int j = 0; j < errs.count; j++)
            said = said || strstr(errs.items[j].text, cases[i].says) != NULL;
        CHECK(said, "%s: not said: %s", errs.items[0].text, cases[i].says);
        (void)unlink(path);
    }
    errs = (cit_errors){0};
    cit_space *s = NULL;
    CHECK(cit_space_read("/nonexistent", catalogue, &s, &errs) == CIT_NOTFOUND, "%s",
          errs.items[0].text);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(the_fast_search_finds_the_exhaustive_front),
        CASE(a_longer_needle_must_win_at_its_worst),
        CASE(limits_that_leave_nothing_are_named),
        CASE(what_cannot_be_planned_is_refused),
        CASE(a_grade_judges_in_whole_steps),
        CASE(any_number_of_threads_gives_the_same_plan),
        CASE(no_point_of_the_front_beats_another),
        CASE(more_allowance_never_worsens_the_front),
        CASE(every_option_obeys_every_rule),
        CASE(whom_nobody_may_needle_gets_no_plan),
        CASE(nobody_is_credited_with_zones_they_may_not_treat),
        CASE(dark_marks_keep_a_course_from_the_first_place),
        CASE(a_judge_sees_what_is_more_than_its_smallest_change),
        CASE(steps_add_up),
        CASE(together_or_alone_is_the_same),
        CASE(a_course_that_has_begun_is_planned_on),
        CASE(visits_keep_their_days),
        CASE(moved_days_are_judged_later),
        CASE(milestones_are_of_what_is_ahead),
        CASE(costs_are_summed_line_by_line),
        CASE(trials_are_summed_up),
        CASE(adjuncts_add_what_somebody_measured),
        CASE(limits_name_what_there_is),
        CASE(a_bad_space_is_refused),
    };
    return cmocka_run_group_tests(cases, open_catalogue, close_catalogue);
}
