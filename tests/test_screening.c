/* Screening: each rule fires on its own case and not on its neighbour, what is not known is never taken
 * for safe, verdicts follow from findings, and what ends is told by date. */
#include "scenario_help.h"

static const char *who_name(int who) {
    return who == 0 ? "nobody named" : cit_choice_name(cit_who_choices, who);
}

static const char *verdict_name(cit_clearance verdict) {
    return cit_clearance_choices[verdict - 1];
}

/* ---- every rule -------------------------------------------------------------------------------- */

/* One rule's own case: what it says to home, aesthetician and physician (r refuse, u refuse until, a ask
 * first, c caution, - not bound), and whether a physician may override it (p) or nobody (n); lines that
 * make it fire; a neighbour that differs in one fact, and does not; and the same fact unknown. `also`
 * names those (H, A, P) for whom other rules speak as well. */
typedef struct row {
    const char *rule, *says, *fires, *neighbour, *unknown, *also;
} row;

#define ANSWERED(rule, says, fact)                                                                 \
    { rule, says, fact ": yes", fact ": no", fact ": unknown", "" }
/* A medicine answers a question of health that is open. */
#define DRUG(rule, says, name, fact)                                                               \
    {                                                                                              \
        rule, says, "health." fact ": unknown; case.medication: [Paracetamol, " name "]",          \
            "health." fact ": no; case.medication: [Paracetamol]",                                 \
            "health." fact ": unknown; case.medication: [Paracetamol]", ""                         \
    }
#define HAD(rule, says, what, under, from)                                                         \
    {                                                                                              \
        rule, says, "case.earlier: [{what: " what ", date: @" under "}]",                          \
            "case.earlier: [{what: " what ", date: @" from "}]",                                   \
            "case.earlier: [{what: " what ", date: unknown}]", ""                                  \
    }
#define SITE(rule, says, site, other, also)                                                        \
    { rule, says, "zone.site: " site, "zone.site: " other, NULL, also }
#define PUT_ON(rule, says, product, other, also)                                                   \
    {                                                                                              \
        rule, says, "protocol.products: [" product "]", "protocol.products: [" other "]",          \
            "protocol.products: unknown", also                                                     \
    }
#define NUMBED(product, rest) "protocol.cream: " CREAM(product, rest)
#define NUMBED_SAFELY         "protocol.cream: " SAFE_CREAM
#define TETRACAINE            NUMBED("tetracaine-4", "grams: 1, area: 40 cm2, minutes: 30")
#define EVERY(days)           "protocol.visits: [{status: planned, count: 2, every: " days "}]"
#define NO_INTERVAL           "protocol.visits: [{status: planned, count: 2}]"
#define WRAPPED(answer)                                                                            \
    "protocol.cream: yes\nnumbing: {product: lidocaine-4, grams: 5, area: 40 cm2, minutes: 30, "   \
    "occluded: " answer "}"
#define BEDSIDE(seen, coverable)                                                                   \
    "assessment.grade: unknown\n  seen_at_50cm: " seen "\n  coverable: " coverable                 \
    "\n  flattens_on_stretching: no"
#define UNNAMED_CREAM "protocol.cream: yes\nnumbing: {grams: 5, minutes: 30, occluded: no}"

static const row rows[] = {
    {"aesthetician-depth", "-r-n", "setting.length: 1.51 mm", "setting.length: 1.5 mm",
     "setting.length: unknown", ""},
    {"aesthetician-device", "-r-n", "setting.device: exceed", "setting.device: skinpen-precision",
     "setting.device: unknown", ""},
    ANSWERED("anaesthetic-allergy", "cccp", "health.anaesthetic_allergy"),
    ANSWERED("anaesthetic-allergy", "cccp", "health.amide_allergy"),
    ANSWERED("anaesthetic-allergy", "cccp", "health.ester_allergy"),
    ANSWERED("anticoagulant", "rrap", "health.anticoagulant"),
    DRUG("anticoagulant", "rrap", "XARELTO 20 mg", "anticoagulant"),
    DRUG("anticoagulant", "rrap", "baby aspirin", "anticoagulant"),
    ANSWERED("bleeding-disorder", "rrrp", "health.bleeding_disorder"),
    {"body-home", "r--p", "zone.site: abdomen", "zone.site: cheek", "zone.site: strange", ""},
    {"body-home", "r--p", "zone.site: forearm", "zone.site: forehead", "zone.site: strange", ""},
    {"cause-not-acne", "cccp", "case.cause: chickenpox", "case.cause: acne", "case.cause: unknown",
     ""},
    {"cause-not-acne", "cccp", "case.cause: injury", "case.cause: acne", "case.cause: unknown", ""},
    {"cause-not-acne", "cccp", "case.cause: other", "case.cause: acne", "case.cause: unknown", ""},
    ANSWERED("chemotherapy", "uuup", "health.chemotherapy"),
    DRUG("chemotherapy", "uuup", "Capecitabine", "chemotherapy"),
    {"aesthetician-interval", "-r-n", EVERY("27 days"), EVERY("28 days"), NO_INTERVAL, ""},
    {"clinic-interval-short", "--ap", EVERY("13 days"), EVERY("14 days"), NO_INTERVAL, ""},
    {"clinic-interval-short", "--ap", EVERY("335 hours"), EVERY("2 weeks"), NO_INTERVAL, ""},
    ANSWERED("cold-sore-now", "uuun", "zone.cold_sore"),
    ANSWERED("cold-sores-prone", "raap", "health.cold_sores"),
    {"cold-sores-prone", "raap", "health.cold_sores: yes; zone.site: jaw",
     "health.cold_sores: yes; zone.site: upper-back", "health.cold_sores: yes; zone.site: strange",
     "H"},
    ANSWERED("collagen-disease", "rrrp", "health.collagen_disease"),
    ANSWERED("dark-marks-tendency", "racp", "health.dark_marks"),
    {"deep-beyond-label", "-rap", "setting.length: 1.51 mm", "setting.length: 1.5 mm",
     "setting.device: pen-12", ""},
    {"deep-scars-home", "c--n", "assessment.grade: 3", "assessment.grade: 2",
     "assessment.grade: unknown", ""},
    {"deep-scars-home", "c--n", BEDSIDE("yes", "no"), BEDSIDE("no", "no"),
     BEDSIDE("yes", "unknown"), ""},
    ANSWERED("diabetes", "raap", "health.diabetes"),
    ANSWERED("dysmorphic-concern", "raap", "health.dysmorphic_concern"),
    ANSWERED("eczema-history", "racp", "health.eczema"),
    {"expectation-complete-removal", "aaap", "case.expectation: complete removal",
     "case.expectation: clear improvement", "case.expectation: unknown", ""},
    {"first-time-test-spot", "cccp", "case.earlier: [{what: peel, date: 2020-01-01}]",
     "case.earlier: [{what: needling, date: 2020-01-01}]",
     "case.earlier: [{what: unknown, date: 2020-01-01}]", "HAP"},
    {"first-time-test-spot", "cccp", "case.earlier: []",
     "case.earlier: []; case.visits: [{date: @28, zones: []}]", "case.earlier: unknown", "HAP"},
    PUT_ON("growth-factor-or-insulin-on-channels", "rrap", "growth factors", "peptides", ""),
    PUT_ON("growth-factor-or-insulin-on-channels", "rrap", "peptides, insulin", "peptides", ""),
    SITE("hands-and-chest-home", "ra-p", "hand-back", "cheek", ""),
    SITE("hands-and-chest-home", "ra-p", "chest", "cheek", ""),
    ANSWERED("heart-disease", "raap", "health.heart_disease"),
    {"home-device-professional", "r--n", "setting.device: skinpen-precision",
     "setting.device: home-roller-short", "setting.device: unknown", ""},
    {"home-interval", "r--n", EVERY("27 days"), EVERY("28 days"), NO_INTERVAL, ""},
    {"home-interval", "r--n", EVERY("671 hours"), EVERY("4 weeks"), NO_INTERVAL, ""},
    {"home-length", "r--n", "setting.length: 0.3 mm", "setting.length: 0.25 mm",
     "setting.length: unknown", ""},
    {"home-length", "r--n", "setting.length: 251 um", "setting.length: 250 um",
     "setting.length: unknown", ""},
    {"home-numbing", "r--n", NUMBED_SAFELY, "protocol.cream: no", "protocol.cream: unknown", ""},
    {"ice-pick-scars", "cccp", "zone.scars: [{type: ice-pick, count: 1}]",
     "zone.scars: [{type: boxcar, count: 1}]", "zone.scars: unknown", ""},
    ANSWERED("immunosuppressed", "rrap", "health.immunosuppressed"),
    DRUG("immunosuppressed", "rrap", "Humira pen", "immunosuppressed"),
    ANSWERED("infection", "uuun", "zone.infection"),
    ANSWERED("inflamed-acne", "uuup", "zone.inflamed_acne"),
    ANSWERED("inflamed-skin", "uuup", "zone.inflamed_skin"),
    ANSWERED("isotretinoin-now", "uuup", "health.isotretinoin"),
    DRUG("isotretinoin-now", "uuup", "ROACCUTANE 20 mg", "isotretinoin"),
    {"isotretinoin-recent", "uuap", "health.isotretinoin_past: yes\n  isotretinoin_stopped: @182",
     "health.isotretinoin_past: yes\n  isotretinoin_stopped: @183", "health.isotretinoin_past: yes",
     ""},
    {"isotretinoin-recent", "uuap", "health.isotretinoin_past: yes\n  isotretinoin_stopped: @0",
     "health.isotretinoin_past: no", "health.isotretinoin_past: unknown", ""},
    ANSWERED("keloid-tendency", "rrrp", "health.keloid_tendency"),
    {"keloid-tendency", "rrrp", "health.keloid_tendency: unknown; zone.raised: 1 mm2",
     "health.keloid_tendency: no; zone.raised: 0 mm2",
     "health.keloid_tendency: unknown; zone.raised: 0 mm2", ""},
    ANSWERED("keratosis", "rrap", "zone.keratosis"),
    SITE("lips", "rrap", "lips", "chin", ""),
    ANSWERED("metal-allergy", "rrrp", "health.metal_allergy"),
    {"minor", "uuup", "case.born: 2008-11-22", "case.born: 2008-11-21", "case.born: unknown",
     "HAP"},
    {"minor", "uuup", "case.born: 2004-02-29; day.day: 2022-02-27",
     "case.born: 2004-02-29; day.day: 2022-02-28", "case.born: unknown; day.day: 2022-02-27",
     "HAP"},
    {"minor", "uuup", "case.born: unknown\nage: 17 years\nanswered: 2026-11-21",
     "case.born: unknown\nage: 18 years\nanswered: 2026-11-21", "case.born: unknown", "HAP"},
    {"minor", "uuup", "case.born: unknown\nage: 17 years", "case.born: unknown\nage: 22 years",
     "case.born: unknown\nage: unknown", ""},
    SITE("near-eyes-home", "ra-p", "infraorbital", "zygoma", ""),
    SITE("near-mouth-home", "r--p", "perioral", "chin", ""),
    SITE("neck-home", "rccp", "neck", "jaw", ""),
    SITE("neck-home", "rccp", "submandibular", "jaw", ""),
    {"needles-bent-or-dull", "uuun", "protocol.needles: bent or dull",
     "protocol.needles: new sterile", "protocol.needles: unknown", ""},
    {"needles-reused-clinic", "-rrn", "protocol.needles: used before",
     "protocol.needles: new sterile", "protocol.needles: unknown", ""},
    {"needles-reused-home", "c--n", "protocol.needles: used before",
     "protocol.needles: new sterile", "protocol.needles: unknown", "H"},
    ANSWERED("needles-shared", "rrrn", "protocol.needles_shared"),
    {"numbing-amide-allergy", "rrrn", NUMBED_SAFELY "; health.amide_allergy: yes",
     "protocol.cream: no; health.amide_allergy: yes", UNNAMED_CREAM "; health.amide_allergy: yes",
     "H"},
    {"numbing-amide-allergy", "rrrn", NUMBED_SAFELY "; health.amide_allergy: yes",
     TETRACAINE "; health.amide_allergy: yes", NUMBED_SAFELY "; health.amide_allergy: unknown",
     "H"},
    {"numbing-ester-allergy", "rrrn", TETRACAINE "; health.ester_allergy: yes",
     NUMBED_SAFELY "; health.ester_allergy: yes", TETRACAINE "; health.ester_allergy: unknown",
     "H"},
    {"numbing-methaemoglobin", "rrrn", TETRACAINE "; health.methaemoglobinaemia: yes",
     TETRACAINE "; health.methaemoglobinaemia: no",
     TETRACAINE "; health.methaemoglobinaemia: unknown", "H"},
    {"numbing-minor", "rrap", NUMBED_SAFELY "; case.born: 2008-11-22",
     NUMBED_SAFELY "; case.born: 2008-11-21", NUMBED_SAFELY "; case.born: unknown", "HAP"},
    {"numbing-occluded", "racp", WRAPPED("yes"), WRAPPED("no"), WRAPPED("unknown"), "H"},
    {"numbing-on-broken-skin", "uuun", NUMBED_SAFELY "; zone.open_wound: yes",
     NUMBED_SAFELY "; zone.open_wound: no", NUMBED_SAFELY "; zone.open_wound: unknown", "H"},
    {"numbing-on-broken-skin", "uuun", NUMBED_SAFELY "; zone.inflamed_skin: yes",
     NUMBED_SAFELY "; zone.inflamed_skin: no", NUMBED_SAFELY "; zone.inflamed_skin: unknown", "H"},
    {"numbing-on-broken-skin", "uuun", NUMBED_SAFELY "; zone.sunburn: yes",
     "protocol.cream: no; zone.sunburn: no", NUMBED_SAFELY "; zone.sunburn: unknown", "H"},
    {"numbing-over-ceiling", "rrrn", NUMBED("lidocaine-4", "grams: 5, area: 40 cm2, minutes: 61"),
     NUMBED("lidocaine-4", "grams: 5, area: 40 cm2, minutes: 60"),
     NUMBED("lidocaine-4", "grams: 5, area: 40 cm2"), "H"},
    {"numbing-strong", "-acp", NUMBED("lidocaine-5", "grams: 5, area: 40 cm2, minutes: 30"),
     NUMBED_SAFELY, UNNAMED_CREAM, "P"},
    {"numbing-unspecified-allergy", "rrap", NUMBED_SAFELY "; health.anaesthetic_allergy: yes",
     NUMBED_SAFELY "; health.anaesthetic_allergy: no",
     NUMBED_SAFELY "; health.anaesthetic_allergy: unknown", "H"},
    ANSWERED("nursing", "uuup", "health.nursing"),
    {"only-macular", "cccp", "zone.scars: []; zone.macular: 5", "zone.scars: []; zone.macular: 0",
     "zone.scars: []; zone.macular: unknown", ""},
    {"only-macular", "cccp", "zone.scars: []; zone.macular: 5",
     "zone.scars: [{type: rolling}]; zone.macular: 5", "zone.scars: unknown; zone.macular: 5", ""},
    ANSWERED("open-wound", "uuun", "zone.open_wound"),
    {"orbital-rim", "rrrn", "zone.site: eyelid", "zone.site: temple", "zone.site: strange", ""},
    ANSWERED("pregnant", "uuun", "health.pregnant"),
    PUT_ON("product-patch-test", "cccp", "hyaluronic acid", "nothing", "HAP"),
    PUT_ON("product-patch-test", "cccp", "other", "nothing", "HAP"),
    {"product-unlabelled", "rrap",
     "protocol.products: [hyaluronic acid]; protocol.product_labelled: no",
     "protocol.products: [hyaluronic acid]; protocol.product_labelled: yes",
     "protocol.products: [hyaluronic acid]; protocol.product_labelled: unknown", ""},
    {"product-unlabelled", "rrap", "protocol.products: [other]; protocol.product_labelled: no",
     "protocol.products: [nothing]; protocol.product_labelled: no",
     "protocol.products: unknown; protocol.product_labelled: no", ""},
    PUT_ON("prp-aesthetician", "-r-n", "PRP topical", "nothing", ""),
    PUT_ON("prp-aesthetician", "-r-n", "peptides, PRP injected", "peptides", ""),
    PUT_ON("prp-physician", "--cp", "PRP injected", "nothing", "P"),
    PUT_ON("prp-home", "r--n", "PRP topical", "nothing", ""),
    PUT_ON("prp-home", "r--n", "peptides, PRP injected", "peptides", ""),
    ANSWERED("psoriasis-history", "raap", "health.psoriasis"),
    {"radiofrequency-aesthetician", "-r-n", "setting.device: rf-49",
     "setting.device: skinpen-precision", "setting.device: unknown", ""},
    {"radiofrequency-aesthetician", "-r-n", "setting.device: unknown\n    kind: radiofrequency",
     "setting.device: unknown\n    kind: pen", "setting.device: unknown", "A"},
    {"radiofrequency-home", "r--n", "setting.device: rf-intensif-25",
     "setting.device: home-roller-short", "setting.device: unknown", ""},
    {"radiofrequency-home", "r--n", "setting.device: unknown\n    kind: radiofrequency",
     "setting.device: unknown\n    kind: roller", "setting.device: unknown", "H"},
    ANSWERED("radiotherapy", "rrap", "health.radiotherapy"),
    ANSWERED("raised-lesion", "rrap", "zone.raised_lesion"),
    {"raised-scar-in-zone", "rrrp", "health.keloid_tendency: unknown; zone.raised: 1 mm2",
     "health.keloid_tendency: unknown; zone.raised: 0 mm2",
     "health.keloid_tendency: unknown; zone.raised: unknown", "HAP"},
    HAD("recent-dermabrasion", "uuup", "dermabrasion", "91", "92"),
    HAD("recent-filler", "uuap", "filler", "182", "183"),
    HAD("recent-laser", "uuap", "laser", "91", "92"),
    HAD("recent-needling", "uuap", "needling", "27", "28"),
    HAD("recent-peel", "uuap", "peel", "29", "30"),
    HAD("recent-peel", "uuap", "TCA CROSS", "29", "30"),
    HAD("recent-radiofrequency", "uuup", "radiofrequency needling", "27", "28"),
    HAD("recent-subcision", "uuap", "subcision", "27", "28"),
    HAD("recent-surgery", "uuup", "surgery", "365", "366"),
    HAD("recent-surgery", "uuup", "punch", "365", "366"),
    HAD("recent-toxin", "uuap", "botulinum toxin", "13", "14"),
    {"recent-needling", "uuap", "case.visits: [{date: @27, zones: []}]",
     "case.visits: [{date: @28, zones: []}]", "case.earlier: unknown", ""},
    PUT_ON("retinoid-or-acid-on-channels", "rrrp", "retinoid", "tranexamic acid", ""),
    PUT_ON("retinoid-or-acid-on-channels", "rrrp", "acid", "hyaluronic acid", ""),
    ANSWERED("rosacea-history", "raap", "health.rosacea"),
    ANSWERED("sensitive-skin", "racp", "health.sensitive_skin"),
    ANSWERED("skin-cancer", "rrrn", "zone.skin_cancer"),
    {"skin-type-four-to-six", "racp", "case.skin_type: IV", "case.skin_type: III",
     "case.skin_type: unknown", ""},
    {"skin-type-four-to-six", "racp", "case.skin_type: V", "case.skin_type: I",
     "case.skin_type: unknown", ""},
    {"skin-type-four-to-six", "racp", "case.skin_type: VI", "case.skin_type: II",
     "case.skin_type: unknown", ""},
    ANSWERED("steroid-tablets", "rrap", "health.steroids"),
    DRUG("steroid-tablets", "rrap", "prednisolone 30 mg", "steroids"),
    ANSWERED("sunburn", "uuun", "zone.sunburn"),
    ANSWERED("tan", "uuup", "health.tan"),
    {"under-22", "uuap", "case.born: 2004-11-22", "case.born: 2004-11-21", "case.born: unknown",
     ""},
    {"under-22", "uuap", "case.born: unknown\nage: 21 years", "case.born: unknown\nage: 22 years",
     "case.born: unknown", ""},
    {"under-22", "uuap", "case.born: 2004-02-29; day.day: 2026-02-27",
     "case.born: 2004-02-29; day.day: 2026-02-28", "case.born: unknown; day.day: 2026-02-27", ""},
    {"answers-old", "cccp", "case.answered: 2026-08-22", "case.answered: 2026-08-23",
     "case.answered: unknown", ""},
    {"named-sensitivity", "raap", "case.sensitivities: [latex]", "case.sensitivities: [none known]",
     "case.sensitivities: unknown", ""},
    HAD("recent-other-treatment", "uuap", "other", "27", "28"),
    {"unlisted-medicine", "aaap", "case.medication: [paracetamol, zzyzx]",
     "case.medication: [Nurofen, Cetirizine 10 mg, vitamin D]", "case.medication: unknown", ""},
    {"very-recent-needling", "uuup", "case.earlier: [{what: needling, date: @6}]",
     "case.earlier: [{what: needling, date: @7}]", "case.earlier: [{what: needling}]", "HAP"},
    {"very-recent-needling", "uuup", "case.visits: [{date: @6, zones: []}]",
     "case.visits: [{date: @7, zones: []}]", "case.earlier: unknown", "HAP"},
    PUT_ON("vitamin-c-on-channels", "rrrp", "vitamin C", "hyaluronic acid", ""),
};
enum { ROWS = sizeof rows / sizeof *rows };

static cit_severity severity_of(char letter) {
    static const char letters[] = "-caur";
    const char *at = strchr(letters, letter);
    CHECK(letter != 0 && at != NULL, "'%c' is no severity", letter);
    return (cit_severity)(at - letters);
}

/* The table of the header, once more. */
static cit_clearance weight_of(cit_severity severity, cit_answer holds) {
    static const cit_clearance table[3][5] = {
        [CIT_ANSWER_UNKNOWN] = {CIT_CLEARED, CIT_CLEARED, CIT_ASK_FIRST, CIT_ASK_FIRST,
                                CIT_ASK_FIRST},
        [CIT_NO] = {CIT_CLEARED, CIT_CLEARED, CIT_CLEARED, CIT_CLEARED, CIT_CLEARED},
        [CIT_YES] = {CIT_CLEARED, CIT_CLEARED, CIT_ASK_FIRST, CIT_FORBIDDEN, CIT_FORBIDDEN},
    };
    return table[holds][severity];
}

static bool among(const char *letters, int who) { return strchr(letters, "HAP"[who - 1]) != NULL; }

/* The rule's answer for one kind of user, and what comes of it. */
static void check_side(const cit_catalogue *catalogue, const row *r, const char *changes,
                       cit_answer want, int who) {
    const cit_severity severity = severity_of(r->says[who - 1]);
    const cit_answer holds = severity == CIT_NOT_BOUND ? CIT_NO : want;
    const cit_clearance weight = weight_of(severity, holds);
    scenario s = scenario_for(who);
    change(&s, changes);
    judged j = judge(&s, catalogue);
    const cit_answer got = answer_of(j.screening, r->rule, who);
    CHECK(got == holds, "%s, %s, '%s': holds %d, not %d", r->rule, who_name(who), changes, got,
          holds);
    const cit_clearance verdict = cit_screening_verdict(j.screening, -1, who);
    const bool alone = severity != CIT_NOT_BOUND && !among(r->also, who);
    CHECK(verdict >= weight && (verdict == weight || !alone), "%s, %s, '%s': %s, not %s:%s",
          r->rule, who_name(who), changes, verdict_name(verdict), verdict_name(weight),
          what_stands(j.screening, who));
    forget(&j);
}

static void every_rule_fires_on_its_case_and_not_on_its_neighbour(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < ROWS; i++)
        for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
            const row *r = &rows[i];
            check_side(catalogue, r, r->fires, CIT_YES, who);
            check_side(catalogue, r, r->neighbour, CIT_NO, who);
            if (r->unknown != NULL) check_side(catalogue, r, r->unknown, CIT_ANSWER_UNKNOWN, who);
        }
    cit_catalogue_free(catalogue);
}

static const row *row_of(const char *rule) {
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].rule, rule) == 0) return &rows[i];
    return NULL;
}

static void every_rule_has_a_row_and_says_what_the_row_says(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    CHECK(catalogue->rule_count >= 90, "%d rules", catalogue->rule_count);
    for (int i = 0; i < catalogue->rule_count; i++)
        CHECK(row_of(catalogue->rules[i].id) != NULL, "no case shows that '%s' fires",
              catalogue->rules[i].id);
    for (int i = 0; i < ROWS; i++) {
        const cit_rule *rule = cit_catalogue_rule(catalogue, rows[i].rule);
        CHECK(rule != NULL, "there is no rule '%s'", rows[i].rule);
        for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
            CHECK(rule->severity[who - 1] == (int)severity_of(rows[i].says[who - 1]),
                  "%s says %d to %s, not '%c'", rule->id, rule->severity[who - 1], who_name(who),
                  rows[i].says[who - 1]);
        const int override = rows[i].says[3] == 'p' ? CIT_BY_PHYSICIAN : CIT_BY_NOBODY;
        CHECK(rule->override == override, "%s: override %d", rule->id, rule->override);
    }
    cit_catalogue_free(catalogue);
}

static cit_scope scope_of_fact(const char *name) {
    for (int i = 0; i < cit_fact_count(); i++)
        if (strcmp(cit_fact_name(i), name) == 0) return cit_fact_scope(i);
    fail_msg("there is no fact '%s'", name);
    return CIT_OF_PERSON;
}

static bool is_of_day(const cit_term *terms, int count) {
    for (int i = 0; i < count; i++) {
        const cit_scope scope = scope_of_fact(terms[i].fact);
        if (scope == CIT_OF_PROTOCOL || scope == CIT_OF_SETTING) return true;
    }
    return false;
}

/* Rules on the person and the skin: whoever knows more may do as much, and nothing is held against a
 * physician that is not held against the others. */
static void no_rule_on_a_person_is_harder_on_a_physician_than_at_home(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int seen = 0;
    (void)state;
    for (int i = 0; i < catalogue->rule_count; i++) {
        const cit_rule *r = &catalogue->rules[i];
        if (is_of_day(r->when.all, r->when.all_count) || is_of_day(r->when.any, r->when.any_count))
            continue;
        seen++;
        CHECK(r->severity[0] >= r->severity[1] && r->severity[1] >= r->severity[2],
              "%s: %d at home, %d by an aesthetician, %d by a physician", r->id, r->severity[0],
              r->severity[1], r->severity[2]);
    }
    CHECK(seen > 50, "only %d rules", seen);
    cit_catalogue_free(catalogue);
}

static void what_is_all_known_and_safe_is_cleared(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const scenario s = scenario_for(who);
        judged j = judge(&s, catalogue);
        for (int zone = -1; zone < 1; zone++) {
            CHECK(cit_screening_verdict(j.screening, zone, who) == CIT_CLEARED, "%s:%s",
                  who_name(who), what_stands(j.screening, who));
            CHECK(cit_screening_worst(j.screening, zone, who) == CIT_CLEARED, "%s: the worst",
                  who_name(who));
        }
        CHECK(answer_of(j.screening, "first-time-test-spot", who) == CIT_NO, "a first time?");
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

static void a_site_alone_clears_nobody(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = case_of("schema: cit/case/1\nzones: [{site: cheek}]\n");
    cit_screening *s = screened(person, NULL, catalogue, 20000);
    (void)state;
    for (int who = 0; who <= CIT_PHYSICIAN; who++) {
        CHECK(cit_screening_verdict(s, -1, who) == CIT_ASK_FIRST, "%s: %s", who_name(who),
              verdict_name(cit_screening_verdict(s, -1, who)));
        CHECK(cit_screening_worst(s, 0, who) == CIT_FORBIDDEN, "%s: the worst is %s", who_name(who),
              verdict_name(cit_screening_worst(s, 0, who)));
        CHECK(who == 0 || cit_screening_earliest(s, -1, who) == CIT_UNKNOWN_INT, "%s: a date",
              who_name(who));
    }
    CHECK(s->waiting > 0 && s->judged + s->waiting == catalogue->rule_count && !s->has_protocol,
          "%d judged, %d waiting", s->judged, s->waiting);
    cit_screening_free(s);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

/* ---- what is missing ---------------------------------------------------------------------------- */

/* An open finding names facts that its rule looks at, and one that is decided names none. */
static void check_missing(const cit_screening *s) {
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        bool open = false;
        for (int k = 0; k < CIT_USERS; k++) open = open || f->holds[k] == CIT_ANSWER_UNKNOWN;
        CHECK((f->missing_count > 0) == open, "%s: %d facts missing, open: %d", f->rule->id,
              f->missing_count, open);
        for (int k = 0; k < f->missing_count; k++)
            CHECK(looks_at(&f->rule->when, f->missing[k]), "%s does not look at '%s'", f->rule->id,
                  f->missing[k]);
    }
}

static void an_open_finding_names_the_facts_that_are_missing(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    scenario s = in_clinic();
    (void)state;
    change(&s, "health.amide_allergy: unknown; " UNNAMED_CREAM);
    judged j = judge(&s, catalogue);
    const cit_finding *f = finding_of(j.screening, "numbing-amide-allergy");
    CHECK(f != NULL && f->missing_count == 2, "%d missing", f != NULL ? f->missing_count : 0);
    assert_string_equal(f->missing[0], "numbing_amide");
    assert_string_equal(f->missing[1], "amide_allergy");
    check_missing(j.screening);
    forget(&j);
    cit_catalogue_free(catalogue);
}

/* ---- verdicts follow from findings ---------------------------------------------------------------- */

/* The verdict of a zone by hand: the worst of what counts there. */
static cit_clearance heaviest(const cit_screening *s, int zone, int who, bool worst) {
    cit_clearance most = CIT_CLEARED;
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        const cit_answer holds = f->holds[who - 1];
        if (holds == CIT_NO || (zone >= 0 && f->zone >= 0 && f->zone != zone)) continue;
        const cit_severity severity = (cit_severity)f->rule->severity[who - 1];
        const cit_clearance w = weight_of(severity, worst ? CIT_YES : holds);
        if (w > most) most = w;
    }
    return most;
}

static void check_verdicts(const cit_screening *s, int zone) {
    cit_clearance most = CIT_CLEARED, shared = cit_screening_verdict(s, zone, CIT_HOME);
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const cit_clearance verdict = cit_screening_verdict(s, zone, who);
        const cit_clearance worst = cit_screening_worst(s, zone, who);
        CHECK(verdict == heaviest(s, zone, who, false), "zone %d, %s: %s", zone, who_name(who),
              verdict_name(verdict));
        CHECK(worst == heaviest(s, zone, who, true), "zone %d, %s: worst %s", zone, who_name(who),
              verdict_name(worst));
        CHECK(worst >= verdict, "zone %d, %s: the worst is better", zone, who_name(who));
        if (verdict != cit_screening_verdict(s, zone, CIT_HOME)) shared = CIT_ASK_FIRST;
        if (worst > most) most = worst;
    }
    CHECK(cit_screening_verdict(s, zone, 0) == shared, "zone %d: shared %s, not %s", zone,
          verdict_name(cit_screening_verdict(s, zone, 0)), verdict_name(shared));
    CHECK(cit_screening_worst(s, zone, 0) == most, "zone %d: shared worst %s", zone,
          verdict_name(cit_screening_worst(s, zone, 0)));
}

/* All zones together are as bad as the worst of them; findings come by rule, then by place. */
static void check_whole(const cit_screening *s) {
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        cit_clearance most = CIT_CLEARED;
        for (int zone = 0; zone < s->zone_count; zone++) {
            const cit_clearance verdict = cit_screening_verdict(s, zone, who);
            if (verdict > most) most = verdict;
        }
        CHECK(cit_screening_verdict(s, -1, who) == most, "%s: all zones %s, the worst of them %s",
              who_name(who), verdict_name(cit_screening_verdict(s, -1, who)), verdict_name(most));
    }
    for (int i = 1; i < s->count; i++) {
        const cit_finding *a = &s->findings[i - 1], *b = &s->findings[i];
        const int order = strcmp(a->rule->id, b->rule->id);
        CHECK(order < 0 || (order == 0 && a->zone <= b->zone), "%s at %d before %s at %d",
              a->rule->id, a->zone, b->rule->id, b->zone);
    }
}

/* ---- made-up people -------------------------------------------------------------------------------- */

enum { PEOPLE = 2000 };

typedef struct dice {
    uint32_t person, place;
} dice;

static double throw(dice * d) { return cit_random(20261121, d->person, 7, d->place++); }

/* One of the values between the bars. */
static void pick(dice *d, const char *others, char value[VALUE_LENGTH]) {
    int count = 1;
    for (const char *c = others; *c != 0; c++) count += *c == '|';
    int which = (int)(throw(d) * count);
    while (which-- > 0) others = strchr(others, '|') + 1;
    snprintf(value, VALUE_LENGTH, "%.*s", (int)strcspn(others, "|"), others);
}

/* Lines of which a file cannot say unknown, or says no less by leaving them out. */
static bool may_be_unknown(const line *l) {
    static const char *const keys[] = {"day", "site", "visits", "overrides", "more", "who"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(l->key, keys[i]) == 0) return false;
    return true;
}

static char *value_at(scenario *s, const char *name) {
    const size_t part = strcspn(name, ".");
    return s->value[line_at(name, part, name + part + 1, strlen(name + part + 1))];
}

/* What a line says may contradict a `no`: then that question was not answered. */
static void leave_open(scenario *s, const char *name, const char *says, const char *question) {
    char *answer = value_at(s, question);
    if (strstr(value_at(s, name), says) != NULL && strcmp(answer, "no") == 0)
        snprintf(answer, VALUE_LENGTH, "unknown");
}

static void without_contradictions(scenario *s) {
    leave_open(s, "case.medication", "Roaccutane", "health.isotretinoin");
    leave_open(s, "case.medication", "Warfarin", "health.anticoagulant");
    leave_open(s, "case.medication", "prednisone", "health.steroids");
    leave_open(s, "case.medication", "Humira", "health.immunosuppressed");
    leave_open(s, "case.medication", "capecitabine", "health.chemotherapy");
    leave_open(s, "zone.raised", "5 mm2", "health.keloid_tendency");
}

/* Mostly safe, a few lines changed, a few unknown. */
static scenario made_up(uint32_t person, int *ret_who) {
    dice d = {person, 0};
    *ret_who = throw(&d) < 0.4 ? CIT_HOME : CIT_PHYSICIAN;
    scenario s = scenario_for(*ret_who);
    const double other = 0.08 * pow(throw(&d), 2), unknown = 0.08 * pow(throw(&d), 2);
    for (int i = 0; i < LINES; i++) {
        const double u = throw(&d);
        if (u < other && lines[i].others[0] != 0)
            pick(&d, lines[i].others, s.value[i]);
        else if (u > 1 - unknown && may_be_unknown(&lines[i]))
            snprintf(s.value[i], VALUE_LENGTH, "unknown");
    }
    without_contradictions(&s);
    return s;
}

static judged judge_person(const scenario *s, const cit_catalogue *catalogue) {
    cit_errors errs = {0};
    judged j = judge(s, catalogue);
    CHECK(cit_check_case(j.person, catalogue, &errs) == CIT_OK, "a contradiction was made up: %s",
          errs.items[0].text);
    return j;
}

static void verdicts_are_the_worst_of_their_findings(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int seen[4] = {0};
    (void)state;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        int who = 0;
        const scenario s = made_up(i, &who);
        judged j = judge_person(&s, catalogue);
        for (int zone = -1; zone < j.person->zone_count; zone++) check_verdicts(j.screening, zone);
        check_whole(j.screening);
        check_missing(j.screening);
        CHECK(j.screening->judged == catalogue->rule_count && j.screening->waiting == 0,
              "%d judged, %d waiting", j.screening->judged, j.screening->waiting);
        seen[cit_screening_verdict(j.screening, -1, who)]++;
        forget(&j);
    }
    CHECK(seen[1] > PEOPLE / 10 && seen[2] > PEOPLE / 10 && seen[3] > PEOPLE / 10,
          "%d cleared, %d asked, %d refused: the people are too much alike", seen[1], seen[2],
          seen[3]);
    cit_catalogue_free(catalogue);
}

/* Without a protocol its rules wait, and the others say what they say with one. */
static void without_a_protocol_its_rules_wait(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (uint32_t i = 0; i < PEOPLE / 4; i++) {
        int who = 0, same = 0;
        const scenario s = made_up(i, &who);
        judged j = judge_person(&s, catalogue);
        cit_screening *alone = screened(j.person, NULL, catalogue, day_of(&s));
        CHECK(alone->waiting > 20 && alone->judged + alone->waiting == catalogue->rule_count,
              "%d judged, %d waiting", alone->judged, alone->waiting);
        CHECK(!alone->has_protocol && j.screening->has_protocol, "the protocol is mistaken");
        /* of the person and the skin alone, nobody may do what a physician may not */
        for (int zone = -1; zone < j.person->zone_count; zone++)
            for (who = CIT_HOME; who < CIT_PHYSICIAN; who++)
                CHECK(cit_screening_verdict(alone, zone, who) >=
                          cit_screening_verdict(alone, zone, who + 1),
                      "person %u, zone %d: %s %s, %s not", i, zone, who_name(who),
                      verdict_name(cit_screening_verdict(alone, zone, who)), who_name(who + 1));
        for (int k = 0; k < j.screening->count; k++) {
            const cit_finding *f = &j.screening->findings[k];
            if (is_of_day(f->rule->when.all, f->rule->when.all_count)) continue;
            CHECK(same < alone->count && alone->findings[same].rule == f->rule &&
                      alone->findings[same].zone == f->zone,
                  "%s is not found without a protocol", f->rule->id);
            same++;
        }
        CHECK(same == alone->count, "%d findings without a protocol, %d of them with one",
              alone->count, same);
        cit_screening_free(alone);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* ---- by hand: what must never be cleared ------------------------------------------------------------ */

static cit_answer said(bool yes) { return yes ? CIT_YES : CIT_NO; }

static cit_answer either(cit_answer a, cit_answer b) {
    if (a == CIT_YES || b == CIT_YES) return CIT_YES;
    return a == CIT_NO && b == CIT_NO ? CIT_NO : CIT_ANSWER_UNKNOWN;
}

static bool takes(const judged *j, const char *name) {
    for (int i = 0; i < j->person->medication_count; i++)
        if (strstr(j->person->medication[i], name) != NULL) return true;
    return false;
}

#define BY_HEALTH(key)                                                                             \
    static cit_answer by_##key(const judged *j, int day) {                                         \
        (void)day;                                                                                 \
        return (cit_answer)j->person->health.key;                                                  \
    }
BY_HEALTH(pregnant)
BY_HEALTH(nursing)
BY_HEALTH(keloid_tendency)
BY_HEALTH(bleeding_disorder)
BY_HEALTH(metal_allergy)
BY_HEALTH(tan)

#define BY_ZONE(key)                                                                               \
    static cit_answer by_##key(const judged *j, int day) {                                         \
        cit_answer any = CIT_NO;                                                                   \
        (void)day;                                                                                 \
        for (int i = 0; i < j->person->zone_count; i++)                                            \
            any = either(any, (cit_answer)j->person->zones[i].key);                                \
        return any;                                                                                \
    }
BY_ZONE(infection)
BY_ZONE(open_wound)
BY_ZONE(skin_cancer)
BY_ZONE(sunburn)
BY_ZONE(cold_sore)

static cit_answer by_isotretinoin(const judged *j, int day) {
    (void)day;
    return takes(j, "Roaccutane") ? CIT_YES : (cit_answer)j->person->health.isotretinoin;
}

static cit_answer by_blood_thinner(const judged *j, int day) {
    (void)day;
    return takes(j, "Warfarin") ? CIT_YES : (cit_answer)j->person->health.anticoagulant;
}

static cit_answer by_unlisted(const judged *j, int day) {
    (void)day;
    return j->person->medication == NULL ? CIT_ANSWER_UNKNOWN : said(takes(j, "zzyzx"));
}

/* By the digits of the dates; these people are not born on 29 February. */
static cit_answer by_age(const judged *j, int day) {
    char born[16], now[16];
    if (j->person->born == CIT_UNKNOWN_INT) {
        const double years = j->person->age_day / 365.2425;
        return cit_known(years) ? said(years < 17.5) : CIT_ANSWER_UNKNOWN;
    }
    cit_date_format(j->person->born, born);
    cit_date_format(day, now);
    const long years = strtol(now, NULL, 10) - strtol(born, NULL, 10);
    return said(years < 18 || (years == 18 && strcmp(now + 4, born + 4) < 0));
}

static cit_answer by_eyelid(const judged *j, int day) {
    bool any = false;
    (void)day;
    for (int i = 0; i < j->person->zone_count; i++)
        any = any || strcmp(j->person->zones[i].site, "eyelid") == 0;
    return said(any);
}

static cit_answer by_raised_scar(const judged *j, int day) {
    bool any = false;
    (void)day;
    for (int i = 0; i < j->person->zone_count; i++) any = any || j->person->zones[i].raised_mm2 > 0;
    return said(any);
}

static cit_answer by_skin_type(const judged *j, int day) {
    (void)day;
    return j->person->skin_type == 0 ? CIT_ANSWER_UNKNOWN : said(j->person->skin_type >= 4);
}

static cit_answer by_hope(const judged *j, int day) {
    (void)day;
    return j->person->expectation == 0 ? CIT_ANSWER_UNKNOWN : said(j->person->expectation == 3);
}

/* Was there one of this kind less than so many days ago? */
static cit_answer lately(const judged *j, int day, int what, int days) {
    cit_answer any = j->person->earlier == NULL ? CIT_ANSWER_UNKNOWN : CIT_NO;
    for (int i = 0; i < j->person->earlier_count; i++) {
        const cit_earlier *e = &j->person->earlier[i];
        const bool dated = e->date != CIT_UNKNOWN_INT;
        if (e->what == what && dated)
            any = either(any, said(day - e->date < days));
        else if (e->what == what || e->what == 0)
            any = either(any, CIT_ANSWER_UNKNOWN);
    }
    for (int i = 0; i < j->person->visit_count && what == CIT_HAD_NEEDLING; i++)
        any = either(any, said(day - j->person->visits[i].date < days));
    return any;
}

static cit_answer by_laser(const judged *j, int day) { return lately(j, day, CIT_HAD_LASER, 91); }
static cit_answer by_punch(const judged *j, int day) { return lately(j, day, CIT_HAD_PUNCH, 365); }
static cit_answer by_needling(const judged *j, int day) {
    return lately(j, day, CIT_HAD_NEEDLING, 28);
}

static cit_answer by_length(const judged *j, int day) {
    const double mm = j->protocol->settings[0].length_mm;
    (void)day;
    return cit_known(mm) ? said(mm > 0.25) : CIT_ANSWER_UNKNOWN;
}

static cit_answer by_heat(const judged *j, int day) {
    const cit_setting *s = &j->protocol->settings[0];
    (void)day;
    if (s->device != NULL) return said(strncmp(s->device, "rf-", 3) == 0);
    return s->kind == 0 ? CIT_ANSWER_UNKNOWN : said(s->kind == CIT_RADIOFREQUENCY);
}

static cit_answer by_shared_needles(const judged *j, int day) {
    (void)day;
    return (cit_answer)j->protocol->needles_shared;
}

static cit_answer by_used_needles(const judged *j, int day) {
    (void)day;
    return j->protocol->needles == 0 ? CIT_ANSWER_UNKNOWN : said(j->protocol->needles == 2);
}

static cit_answer by_interval(const judged *j, int day) {
    const cit_visit *v = &j->protocol->visits[0];
    (void)day;
    if (v->count == 1) return CIT_NO;
    return cit_known(v->every_day) ? said(v->every_day < 28) : CIT_ANSWER_UNKNOWN;
}

static cit_answer by_numbing(const judged *j, int day) {
    (void)day;
    return (cit_answer)j->protocol->cream;
}

static cit_answer by_plasma(const judged *j, int day) {
    bool any = false;
    (void)day;
    for (int i = 0; cit_product_choices[i] != NULL; i++)
        any = any ||
              ((j->protocol->products & 1u << i) && strncmp(cit_product_choices[i], "PRP", 3) == 0);
    return j->protocol->products == 0 ? CIT_ANSWER_UNKNOWN : said(any);
}

/* Who is bound, and the least that must be said where it holds; where it is not known, all are asked. */
static const struct {
    const char *name, *binds;
    cit_clearance least;
    cit_answer (*holds)(const judged *j, int day);
} dangers[] = {
    {"pregnant", "HAP", CIT_FORBIDDEN, by_pregnant},
    {"nursing", "HAP", CIT_FORBIDDEN, by_nursing},
    {"isotretinoin", "HAP", CIT_FORBIDDEN, by_isotretinoin},
    {"keloids", "HAP", CIT_FORBIDDEN, by_keloid_tendency},
    {"raised scar", "HAP", CIT_FORBIDDEN, by_raised_scar},
    {"bleeding", "HAP", CIT_FORBIDDEN, by_bleeding_disorder},
    {"metal", "HAP", CIT_FORBIDDEN, by_metal_allergy},
    {"tan", "HAP", CIT_FORBIDDEN, by_tan},
    {"under 18", "HAP", CIT_FORBIDDEN, by_age},
    {"infection", "HAP", CIT_FORBIDDEN, by_infection},
    {"wound", "HAP", CIT_FORBIDDEN, by_open_wound},
    {"cancer", "HAP", CIT_FORBIDDEN, by_skin_cancer},
    {"sunburn", "HAP", CIT_FORBIDDEN, by_sunburn},
    {"cold sore", "HAP", CIT_FORBIDDEN, by_cold_sore},
    {"eyelid", "HAP", CIT_FORBIDDEN, by_eyelid},
    {"surgery", "HAP", CIT_FORBIDDEN, by_punch},
    {"shared needles", "HAP", CIT_FORBIDDEN, by_shared_needles},
    {"blood thinner", "HA", CIT_FORBIDDEN, by_blood_thinner},
    {"blood thinner, physician", "P", CIT_ASK_FIRST, by_blood_thinner},
    {"laser", "HA", CIT_FORBIDDEN, by_laser},
    {"laser, physician", "P", CIT_ASK_FIRST, by_laser},
    {"needled lately", "HA", CIT_FORBIDDEN, by_needling},
    {"needled lately, physician", "P", CIT_ASK_FIRST, by_needling},
    {"heat", "HA", CIT_FORBIDDEN, by_heat},
    {"plasma", "HA", CIT_FORBIDDEN, by_plasma},
    {"used needles", "AP", CIT_FORBIDDEN, by_used_needles},
    {"length", "H", CIT_FORBIDDEN, by_length},
    {"interval", "H", CIT_FORBIDDEN, by_interval},
    {"numbing", "H", CIT_FORBIDDEN, by_numbing},
    {"dark skin", "H", CIT_FORBIDDEN, by_skin_type},
    {"unlisted medicine", "HAP", CIT_ASK_FIRST, by_unlisted},
    {"complete removal", "HAP", CIT_ASK_FIRST, by_hope},
};
enum { DANGERS = sizeof dangers / sizeof *dangers };

static void nobody_is_cleared_in_a_danger_known_by_hand(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int met[DANGERS][3] = {{0}};
    (void)state;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        int preset = 0;
        const scenario s = made_up(PEOPLE + i, &preset);
        judged j = judge_person(&s, catalogue);
        for (int k = 0; k < DANGERS; k++) {
            const cit_answer holds = dangers[k].holds(&j, day_of(&s));
            met[k][holds]++;
            if (holds == CIT_NO) continue;
            const cit_clearance least = holds == CIT_YES ? dangers[k].least : CIT_ASK_FIRST;
            for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
                CHECK(!among(dangers[k].binds, who) ||
                          cit_screening_verdict(j.screening, -1, who) >= least,
                      "person %u: %s holds (%d), but %s is %s", PEOPLE + i, dangers[k].name, holds,
                      who_name(who), verdict_name(cit_screening_verdict(j.screening, -1, who)));
        }
        forget(&j);
    }
    for (int k = 0; k < DANGERS; k++)
        CHECK(met[k][CIT_YES] > 2 && met[k][CIT_NO] > 2, "%s: met %d times, missed %d times",
              dangers[k].name, met[k][CIT_YES], met[k][CIT_NO]);
    cit_catalogue_free(catalogue);
}

/* ---- what is not known ------------------------------------------------------------------------------ */

/* A field of a case or protocol that may be unknown. */
typedef struct spot {
    const cit_table *table;
    const cit_field *field;
    void *object;
} spot;
enum { SPOTS_MAX = 400, OBJECT_SIZE = 2048 };

/* Lists of places and records are not facts: without an entry there is another course, not less known of
 * this one. */
static bool is_fact(const cit_field *f) {
    static const char *const lists[] = {"zones", "visits", "settings", "overrides"};
    for (int i = 0; i < 4; i++)
        if (strcmp(f->key, lists[i]) == 0) return false;
    return f->kind != CIT_STRUCT && !(f->flags & CIT_MUST_KNOW);
}

static void find_spots(const cit_table *table, void *object, spot *spots, int *count) {
    for (const cit_field *f = table->fields; f->key != NULL; f++) {
        char *at = (char *)object + f->offset, *items = NULL;
        int n = 0;
        if (is_fact(f) && *count < SPOTS_MAX) spots[(*count)++] = (spot){table, f, object};
        if (f->kind == CIT_STRUCT) find_spots(f->table, at, spots, count);
        if (f->kind != CIT_LIST) continue;
        memcpy(&items, at, sizeof items);
        memcpy(&n, (char *)object + f->count_offset, sizeof n);
        for (int i = 0; i < n; i++)
            find_spots(f->table, items + f->table->size * (size_t)i, spots, count);
    }
}

/* Sets the one field to unknown; false if it was. */
static bool take_away(const spot *s, unsigned char saved[OBJECT_SIZE]) {
    const cit_field one[2] = {*s->field, {0}};
    const cit_table table = {s->table->name, NULL, s->table->size, one, CIT_NO_MARK};
    CHECK(table.size <= OBJECT_SIZE, "%s has %zu bytes", table.name, table.size);
    memcpy(saved, s->object, table.size);
    cit_table_clear(&table, s->object);
    return memcmp(saved, s->object, table.size) != 0;
}

static void check_less_known(const cit_screening *more, const cit_screening *less, const spot *s,
                             uint32_t person) {
    for (int zone = -1; zone < more->zone_count; zone++)
        for (int who = 0; who <= CIT_PHYSICIAN; who++) {
            CHECK(cit_screening_verdict(more, zone, who) == CIT_CLEARED ||
                      cit_screening_verdict(less, zone, who) != CIT_CLEARED,
                  "person %u, zone %d, %s: without %s.%s cleared; with it:%s", person, zone,
                  who_name(who), s->table->name, s->field->key, what_stands(more, who));
            CHECK(cit_screening_worst(less, zone, who) >= cit_screening_worst(more, zone, who),
                  "person %u, zone %d, %s: without %s.%s the worst is less; with it:%s", person,
                  zone, who_name(who), s->table->name, s->field->key, what_stands(more, who));
        }
}

/* Takes away each fact with the given chance, one at a time; returns how many. */
static int take_away_some(const judged *j, const cit_catalogue *catalogue, int day, uint32_t person,
                          double chance) {
    spot spots[SPOTS_MAX];
    unsigned char saved[OBJECT_SIZE];
    int count = 0, taken = 0;
    dice d = {person, 1000};
    find_spots(&cit_case_table, j->person, spots, &count);
    find_spots(&cit_protocol_table, j->protocol, spots, &count);
    CHECK(count > 80 && count < SPOTS_MAX, "%d facts", count);
    for (int i = 0; i < count; i++) {
        if (throw(&d) >= chance) continue;
        if (take_away(&spots[i], saved)) {
            cit_screening *less = screened(j->person, j->protocol, catalogue, day);
            check_less_known(j->screening, less, &spots[i], person);
            cit_screening_free(less);
            taken++;
        }
        memcpy(spots[i].object, saved, spots[i].table->size);
    }
    return taken;
}

static void taking_a_fact_away_clears_nobody(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int taken = 0;
    (void)state;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        int who = 0;
        const scenario s = made_up(2 * PEOPLE + i, &who);
        judged j = judge_person(&s, catalogue);
        taken += take_away_some(&j, catalogue, day_of(&s), 2 * PEOPLE + i, 0.1);
        forget(&j);
    }
    CHECK(taken > 5 * PEOPLE, "only %d facts were taken away", taken);
    cit_catalogue_free(catalogue);
}

/* Each fact of each rule's own case, not of a few drawn ones. */
static void taking_any_fact_of_a_rules_case_away_clears_nobody(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < ROWS; i++)
        for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who += 2) {
            scenario s = scenario_for(who);
            change(&s, rows[i].fires);
            judged j = judge(&s, catalogue);
            take_away_some(&j, catalogue, day_of(&s), (uint32_t)i, 1);
            forget(&j);
        }
    cit_catalogue_free(catalogue);
}

/* Areas that numbing cream is spread on are facts as well, and so are its grams and minutes. */
static void a_cream_is_no_safer_where_less_is_known_of_it(void **state) {
    static const char *const changes[] = {
        "zone.area: 700 cm2; " NUMBED("lidocaine-prilocaine", "grams: 50, minutes: 60"),
        "zone.area: 400 cm2; zones.more: {site: chin, side: midline, area: 300 cm2}; " NUMBED(
            "lidocaine-prilocaine", "grams: 50, minutes: 60"),
        NUMBED("lidocaine-prilocaine", "grams: 61, area: 1 cm2, minutes: 60"),
        NUMBED("lidocaine-prilocaine", "grams: 50, area: 601 cm2, minutes: 60"),
        NUMBED("lidocaine-prilocaine", "grams: 50, area: 1 cm2, minutes: 301"),
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        scenario s = in_clinic();
        change(&s, changes[i]);
        judged j = judge(&s, catalogue);
        CHECK(answer_of(j.screening, "numbing-over-ceiling", CIT_PHYSICIAN) == CIT_YES,
              "%s: not over", changes[i]);
        take_away_some(&j, catalogue, day_of(&s), 0, 1);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* How much cream is too much hangs together with these: none of them is safe by itself. */
static bool is_of_dose(const scenario *s, const line *l) {
    static const char *const keys[] = {"born", "weight", "area", "side"};
    if (strcmp(s->value[line_at("protocol", 8, "cream", 5)], "no") == 0) return false;
    for (int i = 0; i < 4; i++)
        if (strcmp(l->key, keys[i]) == 0) return true;
    return false;
}

/* What is safe for a clinic (its device) is not for home, nor the other way round. */
static void check_more_known(const cit_screening *before, const cit_screening *after, int preset,
                             const line *l, uint32_t person) {
    const int first = preset == CIT_HOME ? CIT_HOME : CIT_AESTHETICIAN;
    for (int zone = -1; zone < before->zone_count; zone++)
        for (int who = first; who <= preset; who++) {
            CHECK(cit_screening_verdict(after, zone, who) <=
                      cit_screening_verdict(before, zone, who),
                  "person %u, zone %d, %s: %s.%s known to be safe is worse than unknown:%s", person,
                  zone, who_name(who), l->part, l->key, what_stands(after, who));
            CHECK(cit_screening_worst(after, zone, who) <= cit_screening_worst(before, zone, who),
                  "person %u, zone %d, %s: with %s.%s safe the worst is more:%s", person, zone,
                  who_name(who), l->part, l->key, what_stands(after, who));
        }
}

static void unknown_is_never_better_than_safe(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int replaced = 0;
    (void)state;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        int who = 0;
        scenario s = made_up(3 * PEOPLE + i, &who);
        const scenario safe = scenario_for(who);
        judged before = judge_person(&s, catalogue);
        for (int k = 0; k < LINES; k++) {
            if (strcmp(s.value[k], "unknown") != 0 || is_of_dose(&s, &lines[k])) continue;
            scenario known = s;
            memcpy(known.value[k], safe.value[k], VALUE_LENGTH);
            without_contradictions(&known);
            if (strcmp(known.value[k], "unknown") == 0) continue;
            judged after = judge_person(&known, catalogue);
            check_more_known(before.screening, after.screening, who, &lines[k], 3 * PEOPLE + i);
            replaced++;
            forget(&after);
        }
        forget(&before);
    }
    CHECK(replaced > PEOPLE / 2, "only %d facts became known", replaced);
    cit_catalogue_free(catalogue);
}

/* What is wrong in one place does not forbid another. */
static void a_zone_answers_for_itself(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    scenario s = in_clinic();
    (void)state;
    change(&s, "zones.more: {site: chin, inflamed_acne: no, infection: yes, cold_sore: no, "
               "open_wound: no, sunburn: no, inflamed_skin: no}");
    judged j = judge(&s, catalogue);
    for (int who = CIT_AESTHETICIAN; who <= CIT_PHYSICIAN; who++) {
        CHECK(cit_screening_verdict(j.screening, 0, who) == CIT_CLEARED, "the cheek:%s",
              what_stands(j.screening, who));
        CHECK(cit_screening_verdict(j.screening, 1, who) == CIT_FORBIDDEN, "the chin");
        CHECK(cit_screening_verdict(j.screening, -1, who) == CIT_FORBIDDEN, "both");
        CHECK(cit_screening_earliest(j.screening, 0, who) == CIT_UNKNOWN_INT, "a date");
    }
    forget(&j);
    cit_catalogue_free(catalogue);
}

/* ---- overrides ------------------------------------------------------------------------------------- */

#define SIGNED(rule)                                                                               \
    "case.overrides: [{rule: " rule ", by: Dr A, reason: seen, at: \"2026-11-20 10:05 UTC\"}]"

static void check_signed(const judged *j, const char *rule, bool settles, cit_clearance physician,
                         cit_clearance others) {
    const cit_finding *f = finding_of(j->screening, rule);
    CHECK(f != NULL, "the finding of %s is gone", rule);
    CHECK(cit_finding_overridden(f, CIT_PHYSICIAN) == settles, "%s: settled %d", rule, !settles);
    CHECK(!cit_finding_overridden(f, CIT_HOME) && !cit_finding_overridden(f, CIT_AESTHETICIAN),
          "%s: settled for others", rule);
    CHECK(cit_screening_verdict(j->screening, -1, CIT_PHYSICIAN) == physician, "%s: physician %s",
          rule, verdict_name(cit_screening_verdict(j->screening, -1, CIT_PHYSICIAN)));
    CHECK(cit_screening_verdict(j->screening, -1, CIT_AESTHETICIAN) == others,
          "%s: aesthetician %s", rule,
          verdict_name(cit_screening_verdict(j->screening, -1, CIT_AESTHETICIAN)));
    CHECK(cit_screening_verdict(j->screening, -1, CIT_HOME) >= others, "%s: home %s", rule,
          verdict_name(cit_screening_verdict(j->screening, -1, CIT_HOME)));
}

static const struct {
    const char *rule, *changes;
    bool settles;
    cit_clearance physician, others;
} signatures[] = {
    {"keloid-tendency", "health.keloid_tendency: yes", true, CIT_CLEARED, CIT_FORBIDDEN},
    {"tan", "health.tan: yes", true, CIT_CLEARED, CIT_FORBIDDEN},
    {"diabetes", "health.diabetes: yes", true, CIT_CLEARED, CIT_ASK_FIRST},
    {"deep-beyond-label", "setting.length: 2 mm", true, CIT_CLEARED, CIT_FORBIDDEN},
    /* asking first is all that diabetes wants of a physician; a refusal wants an answer */
    {"diabetes", "health.diabetes: unknown", true, CIT_CLEARED, CIT_ASK_FIRST},
    {"keloid-tendency", "health.keloid_tendency: unknown", false, CIT_ASK_FIRST, CIT_ASK_FIRST},
    {"tan", "health.tan: unknown", false, CIT_ASK_FIRST, CIT_ASK_FIRST},
    /* nobody may */
    {"pregnant", "health.pregnant: yes", false, CIT_FORBIDDEN, CIT_FORBIDDEN},
    {"infection", "zone.infection: yes", false, CIT_FORBIDDEN, CIT_FORBIDDEN},
    {"orbital-rim", "zone.site: eyelid", false, CIT_FORBIDDEN, CIT_FORBIDDEN},
    {"needles-shared", "protocol.needles_shared: yes", false, CIT_FORBIDDEN, CIT_FORBIDDEN},
    {"pregnant", "health.pregnant: unknown", false, CIT_ASK_FIRST, CIT_ASK_FIRST},
    /* one signature, two refusals */
    {"keloid-tendency", "health.keloid_tendency: yes; health.tan: yes", true, CIT_FORBIDDEN,
     CIT_FORBIDDEN},
};

static void a_signature_settles_what_it_may_and_for_physicians_alone(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        char override[200];
        scenario s = in_clinic();
        change(&s, signatures[i].changes);
        judged before = judge(&s, catalogue);
        snprintf(override, sizeof override,
                 "case.overrides: [{rule: %s, by: Dr A, reason: seen, at: \"2026-11-20\"}]",
                 signatures[i].rule);
        change(&s, override);
        judged after = judge(&s, catalogue);
        CHECK(before.screening->count == after.screening->count, "%s: a finding went",
              signatures[i].rule);
        check_signed(&after, signatures[i].rule, signatures[i].settles, signatures[i].physician,
                     signatures[i].others);
        forget(&before);
        forget(&after);
    }
    cit_catalogue_free(catalogue);
}

static void the_finding_keeps_who_signed_and_why(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    scenario s = in_clinic();
    (void)state;
    change(&s, "health.keloid_tendency: yes; " SIGNED("keloid-tendency"));
    judged j = judge(&s, catalogue);
    const cit_finding *f = finding_of(j.screening, "keloid-tendency");
    CHECK(f != NULL && f->override != NULL, "there is no signature");
    assert_string_equal(f->override->by, "Dr A");
    assert_string_equal(f->override->reason, "seen");
    assert_string_equal(f->override->at, "2026-11-20 10:05 UTC");
    CHECK(f->holds[CIT_PHYSICIAN - 1] == CIT_YES, "it no longer holds");
    CHECK(cit_screening_worst(j.screening, -1, CIT_PHYSICIAN) == CIT_CLEARED, "the worst");
    forget(&j);
    s = in_clinic();
    change(&s, "health.pregnant: yes; " SIGNED("pregnant"));
    j = judge(&s, catalogue);
    f = finding_of(j.screening, "pregnant");
    CHECK(f != NULL && f->override == NULL, "a signature against a rule that takes none");
    forget(&j);
    cit_catalogue_free(catalogue);
}

/* ---- until ------------------------------------------------------------------------------------------ */

static const struct {
    const char *changes, *rule, *until; /* "": no date */
} ends[] = {
    {"health.isotretinoin_past: yes\n  isotretinoin_stopped: 2024-02-29; day.day: 2024-03-10",
     "isotretinoin-recent", "2024-08-30"}, /* 183 days on */
    {"health.isotretinoin_past: yes\n  isotretinoin_stopped: 2023-08-31; day.day: 2024-02-28",
     "isotretinoin-recent", "2024-03-01"}, /* 183 days on, across a 29 February */
    {"health.isotretinoin_past: yes\n  isotretinoin_stopped: 2026-11-21", "isotretinoin-recent",
     "2027-05-23"},
    {"case.earlier: [{what: laser, date: 2024-02-29}]; day.day: 2024-03-01", "recent-laser",
     "2024-05-31"}, /* 92 */
    {"case.earlier: [{what: needling, date: 2024-02-28}]; day.day: 2024-02-29", "recent-needling",
     "2024-03-27"}, /* 28 */
    {"case.earlier: [{what: needling, date: 2024-02-28}]; day.day: 2024-02-29",
     "very-recent-needling", "2024-03-06"},
    {"case.earlier: [{what: surgery, date: 2024-02-29}]; day.day: 2024-03-01", "recent-surgery",
     "2025-03-01"}, /* 366 */
    {"case.earlier: [{what: laser, date: 2026-10-01}, {what: laser, date: 2026-11-01}]",
     "recent-laser", "2027-02-01"}, /* the later one counts */
    {"case.visits: [{date: 2026-11-01, zones: []}]", "recent-needling", "2026-11-29"},
    {"case.born: 2008-12-01", "minor", "2026-12-01"},
    {"case.born: 2008-12-01", "under-22", "2030-12-01"},
    {"case.born: 2008-02-29; day.day: 2026-02-27", "minor", "2026-02-28"},
    {"case.born: 2006-02-28; day.day: 2024-02-27", "minor", "2024-02-28"},
    {"case.born: unknown\nage: 17 years\nanswered: 2026-11-21", "minor", ""},
    {"case.born: unknown", "minor", ""},
    {"case.earlier: [{what: laser}]", "recent-laser", ""},
    {"case.earlier: unknown", "recent-laser", ""},
    {"health.pregnant: yes", "pregnant", ""},
    {"health.keloid_tendency: yes", "keloid-tendency", ""},
    {"setting.length: 2 mm", "aesthetician-depth", ""},
    {EVERY("3 days"), "clinic-interval-short", ""},
};

static void a_wait_ends_on_its_day(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        scenario s = in_clinic();
        char got[16] = "";
        change(&s, ends[i].changes);
        judged j = judge(&s, catalogue);
        const cit_finding *f = finding_of(j.screening, ends[i].rule);
        CHECK(f != NULL, "%s: no finding", ends[i].rule);
        if (f->until != CIT_UNKNOWN_INT) cit_date_format(f->until, got);
        CHECK(strcmp(got, ends[i].until) == 0, "%s, '%s': until '%s', not '%s'", ends[i].rule,
              ends[i].changes, got, ends[i].until);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* It holds on the day before, and no longer on the day itself. */
static void the_day_that_is_told_is_the_first_on_which_it_does_not_hold(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (ends[i].until[0] == 0) continue;
        scenario s = in_clinic();
        change(&s, ends[i].changes);
        judged j = judge(&s, catalogue);
        for (int k = -1; k <= 0; k++) {
            cit_screening *then =
                screened(j.person, j.protocol, catalogue, date_of(ends[i].until) + k);
            const cit_answer holds = answer_of(then, ends[i].rule, CIT_AESTHETICIAN);
            CHECK(holds == (k < 0 ? CIT_YES : CIT_NO), "%s: holds %d %s %s", ends[i].rule, holds,
                  k < 0 ? "before" : "on", ends[i].until);
            cit_screening_free(then);
        }
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

static const struct {
    const char *changes;
    int who;
    const char *earliest;
} earliest[] = {
    {"", CIT_HOME, ""},
    {"case.earlier: [{what: laser, date: 2026-11-01}]", CIT_HOME, "2027-02-01"},
    {"case.earlier: [{what: laser, date: 2026-11-01}, {what: filler, date: 2026-09-01}]", CIT_HOME,
     "2027-03-03"},
    {"case.earlier: [{what: filler, date: 2026-09-01}, {what: laser, date: 2026-11-01}]",
     CIT_AESTHETICIAN, "2027-03-03"},
    /* a physician is only asked to ask */
    {"case.earlier: [{what: laser, date: 2026-11-01}, {what: filler, date: 2026-09-01}]",
     CIT_PHYSICIAN, ""},
    {"case.earlier: [{what: laser, date: 2026-11-01}, {what: dermabrasion, date: 2026-09-10}]",
     CIT_PHYSICIAN, "2026-12-11"},
    {"case.earlier: [{what: needling, date: 2026-11-20}]", CIT_HOME, "2026-12-18"},
    {"case.earlier: [{what: needling, date: 2026-11-20}]", CIT_PHYSICIAN, "2026-11-27"},
    {"case.born: 2008-12-01", CIT_HOME, "2030-12-01"},
    {"case.born: 2008-12-01", CIT_PHYSICIAN, "2026-12-01"},
    /* beside a refusal that no date ends, or whose date nobody knows */
    {"case.earlier: [{what: laser, date: 2026-11-01}]; health.keloid_tendency: yes", CIT_HOME, ""},
    {"case.earlier: [{what: laser, date: 2026-11-01}]; health.diabetes: yes", CIT_HOME, ""},
    {"case.earlier: [{what: laser, date: 2026-11-01}]; health.diabetes: yes", CIT_AESTHETICIAN,
     "2027-02-01"},
    {"case.earlier: [{what: laser, date: 2026-11-01}]; health.pregnant: yes", CIT_HOME, ""},
    {"case.earlier: [{what: laser, date: 2026-11-01}]; zone.sunburn: yes", CIT_PHYSICIAN, ""},
    {"case.born: unknown\nage: 17 years\nanswered: 2026-11-21", CIT_PHYSICIAN, ""},
    /* what is signed for does not wait */
    {"case.earlier: [{what: dermabrasion, date: 2026-09-10}]; " SIGNED("recent-dermabrasion"),
     CIT_PHYSICIAN, ""},
    {"case.earlier: [{what: dermabrasion, date: 2026-09-10}, {what: needling, date: "
     "2026-11-20}]; " SIGNED("recent-dermabrasion"),
     CIT_PHYSICIAN, "2026-11-27"},
};

static void the_earliest_day_is_the_latest_of_all_waits(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof earliest / sizeof *earliest; i++) {
        scenario s = scenario_for(earliest[i].who);
        char got[16] = "";
        change(&s, earliest[i].changes);
        judged j = judge(&s, catalogue);
        const int day = cit_screening_earliest(j.screening, -1, earliest[i].who);
        if (day != CIT_UNKNOWN_INT) cit_date_format(day, got);
        CHECK(strcmp(got, earliest[i].earliest) == 0, "'%s', %s: '%s', not '%s'",
              earliest[i].changes, who_name(earliest[i].who), got, earliest[i].earliest);
        CHECK(cit_screening_earliest(j.screening, 0, earliest[i].who) == day, "'%s': the zone",
              earliest[i].changes);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* On the earliest day nothing forbids any more, and the day before something does. */
static void the_earliest_day_keeps_its_word(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int seen = 0;
    (void)state;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        int who = 0;
        const scenario s = made_up(4 * PEOPLE + i, &who);
        judged j = judge_person(&s, catalogue);
        for (who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
            const int day = cit_screening_earliest(j.screening, -1, who);
            if (day == CIT_UNKNOWN_INT) continue;
            seen++;
            CHECK(cit_screening_verdict(j.screening, -1, who) == CIT_FORBIDDEN && day > day_of(&s),
                  "person %u, %s: a date where nothing waits", 4 * PEOPLE + i, who_name(who));
            cit_screening *then = screened(j.person, j.protocol, catalogue, day);
            cit_screening *before = screened(j.person, j.protocol, catalogue, day - 1);
            CHECK(cit_screening_verdict(then, -1, who) != CIT_FORBIDDEN,
                  "person %u, %s: still refused:%s", 4 * PEOPLE + i, who_name(who),
                  what_stands(then, who));
            CHECK(cit_screening_verdict(before, -1, who) == CIT_FORBIDDEN,
                  "person %u, %s: free before the day", 4 * PEOPLE + i, who_name(who));
            cit_screening_free(then);
            cit_screening_free(before);
        }
        forget(&j);
    }
    CHECK(seen > 25, "only %d waits", seen);
    cit_catalogue_free(catalogue);
}

/* ---- the examples --------------------------------------------------------------------------------------------- */

/* Arms of published studies leave most open; the measured person, needled since August, may go on in a
 * clinic but not at home. */
static void the_examples_are_judged_by_what_they_say(void **state) {
    static const struct {
        const char *name;
        cit_clearance physician, home;
    } rows_of_examples[] = {{"alam-2014", CIT_ASK_FIRST, CIT_FORBIDDEN},
                            {"lotfi-2013", CIT_ASK_FIRST, CIT_FORBIDDEN},
                            {"malik-2024", CIT_ASK_FIRST, CIT_FORBIDDEN},
                            {"severe-scars", CIT_CLEARED, CIT_FORBIDDEN}};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < 4; i++) {
        char file[80];
        cit_errors errs = {0};
        judged j = {0};
        snprintf(file, sizeof file, "examples/%s/case.yaml", rows_of_examples[i].name);
        const path of_case = source_path(file);
        CHECK(cit_case_load(of_case.text, &j.person, &errs) == CIT_OK, "%s", errs.items[0].text);
        snprintf(file, sizeof file, "examples/%s/protocol.yaml", rows_of_examples[i].name);
        const path of_protocol = source_path(file);
        CHECK(cit_protocol_load(of_protocol.text, &j.protocol, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        j.screening = screened(j.person, j.protocol, catalogue, date_of("2026-11-21"));
        const cit_clearance physician = cit_screening_verdict(j.screening, -1, CIT_PHYSICIAN);
        const cit_clearance home = cit_screening_verdict(j.screening, -1, CIT_HOME);
        CHECK(physician == rows_of_examples[i].physician && home == rows_of_examples[i].home,
              "%s: physician %s:%s; home %s", rows_of_examples[i].name, verdict_name(physician),
              what_stands(j.screening, CIT_PHYSICIAN), verdict_name(home));
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

T_MAIN(CASE(every_rule_fires_on_its_case_and_not_on_its_neighbour),
       CASE(every_rule_has_a_row_and_says_what_the_row_says),
       CASE(no_rule_on_a_person_is_harder_on_a_physician_than_at_home),
       CASE(what_is_all_known_and_safe_is_cleared), CASE(a_site_alone_clears_nobody),
       CASE(an_open_finding_names_the_facts_that_are_missing),
       CASE(verdicts_are_the_worst_of_their_findings), CASE(without_a_protocol_its_rules_wait),
       CASE(nobody_is_cleared_in_a_danger_known_by_hand), CASE(taking_a_fact_away_clears_nobody),
       CASE(taking_any_fact_of_a_rules_case_away_clears_nobody),
       CASE(a_cream_is_no_safer_where_less_is_known_of_it), CASE(unknown_is_never_better_than_safe),
       CASE(a_zone_answers_for_itself),
       CASE(a_signature_settles_what_it_may_and_for_physicians_alone),
       CASE(the_finding_keeps_who_signed_and_why), CASE(a_wait_ends_on_its_day),
       CASE(the_day_that_is_told_is_the_first_on_which_it_does_not_hold),
       CASE(the_earliest_day_is_the_latest_of_all_waits), CASE(the_earliest_day_keeps_its_word),
       CASE(the_examples_are_judged_by_what_they_say))
