/* A consultation as lines of a case and a protocol: everything known and safe, for a clinic or for home.
 * A test changes lines and screens again, so that what it changes stands in the test and all the rest
 * stands here. */
#pragma once
#include "input_help.h"
#include <cit/screening.h>

/* `others` are values that something has against, or that lie on the other side of a border, with | in
 * between; "" leaves the line out. A value may go on with further lines. */
typedef struct line {
    const char *part, *key, *safe, *others;
} line;

#define CREAM(product, rest) "yes\nnumbing: {product: " product ", " rest ", occluded: no}"
#define SAFE_CREAM           CREAM("lidocaine-4", "grams: 5, area: 40 cm2, minutes: 30")
#define HEALTH(key)                                                                                \
    { "health", key, "no", "yes" }
#define HERE(key)                                                                                  \
    { "zone", key, "no", "yes" }

static const line lines[] = {
    {"day", "day", "2026-11-21", ""},
    {"case", "born", "1990-06-15",
     "2009-05-05|2008-11-21|2005-01-01|unknown\nage: 17 years|unknown\nage: 30 years\nanswered: "
     "2026-01-01|unknown\nage: 21 years"},
    {"case", "answered", "", ""},
    {"case", "sensitivities", "[]", "[latex]"},
    {"case", "sex", "female", "male"},
    {"case", "skin_type", "II", "I|III|IV|V|VI"},
    {"case", "weight", "62 kg", "4 kg|19.9 kg"},
    {"case", "expectation", "some improvement", "clear improvement|complete removal"},
    {"case", "cause", "acne", "chickenpox|injury"},
    {"case", "medication", "[paracetamol]",
     "[]|[Roaccutane 20 mg]|[Warfarin 5 mg, Panadol]|[prednisone]|[Humira]|[capecitabine]|[zzyzx]"},
    {"case", "earlier", "[{what: needling, date: 2020-01-01}]",
     "[]|[{what: laser, date: @40}]|[{what: filler, date: @150}, {what: peel}]|[{what: needling, "
     "date: @10}]|[{what: needling, date: @3}]|[{what: punch, date: @300}]|[{what: unknown}]|"
     "[{what: dermabrasion, date: unknown}]|[{what: botulinum toxin, date: @14}]"},
    {"case", "visits", "", "[{date: @5, zones: []}]|[{date: @28, zones: []}]"},
    {"case", "overrides", "", ""},
    HEALTH("pregnant"),
    HEALTH("nursing"),
    HEALTH("isotretinoin"),
    HEALTH("keloid_tendency"),
    HEALTH("bleeding_disorder"),
    HEALTH("anticoagulant"),
    HEALTH("immunosuppressed"),
    HEALTH("diabetes"),
    HEALTH("cold_sores"),
    HEALTH("eczema"),
    HEALTH("psoriasis"),
    HEALTH("rosacea"),
    HEALTH("collagen_disease"),
    HEALTH("radiotherapy"),
    HEALTH("metal_allergy"),
    HEALTH("anaesthetic_allergy"),
    HEALTH("amide_allergy"),
    HEALTH("ester_allergy"),
    HEALTH("methaemoglobinaemia"),
    HEALTH("steroids"),
    HEALTH("chemotherapy"),
    HEALTH("heart_disease"),
    HEALTH("sensitive_skin"),
    HEALTH("dark_marks"),
    HEALTH("tan"),
    HEALTH("dysmorphic_concern"),
    {"health", "isotretinoin_past", "no",
     "yes|yes\n  isotretinoin_stopped: @100|yes\n  isotretinoin_stopped: @182|yes\n  "
     "isotretinoin_stopped: @183"},
    {"assessment", "grade", "2", "3|4"},
    {"zone", "site", "cheek", "lips|eyelid|infraorbital|perioral|chest|hand-back|forearm|neck"},
    {"zone", "side", "left", "both|midline"},
    {"zone", "area", "40 cm2", "1 cm2"},
    HERE("inflamed_acne"),
    HERE("infection"),
    HERE("cold_sore"),
    HERE("open_wound"),
    HERE("sunburn"),
    HERE("inflamed_skin"),
    HERE("skin_cancer"),
    HERE("keratosis"),
    HERE("raised_lesion"),
    {"zone", "scars", "[{type: rolling, count: 5}]", "[]|[{type: ice-pick, count: 3}]"},
    {"zone", "macular", "0", "3"},
    {"zone", "papular", "0", "2"},
    {"zone", "raised", "0 mm2", "5 mm2"},
    {"zones", "more", "",
     "{site: temple, side: right}|{site: temple, side: right, infection: yes}"},
    {"protocol", "who", "physician", ""},
    {"protocol", "cream", "no",
     SAFE_CREAM "|" CREAM("lidocaine-4", "grams: 5, minutes: 61") "|" CREAM(
         "lidocaine-prilocaine", "grams: 61") "|" CREAM("lidocaine-23-tetracaine-7",
                                                        "grams: 2") "|yes"},
    {"protocol", "products", "[nothing]",
     "[hyaluronic acid]|[vitamin C]|[retinoid, peptides]|[acid]|[growth factors]|[insulin]|"
     "[PRP topical]|[PRP injected]|[other]"},
    {"protocol", "product_labelled", "yes", "no"},
    {"protocol", "needles", "new sterile", "used before|bent or dull"},
    {"protocol", "needles_shared", "no", "yes"},
    {"protocol", "visits", "[{status: planned, count: 3, every: 28 days}]",
     "[{status: planned}]|[{status: planned, count: 2, every: 27 days}]|[{status: planned, count: "
     "3, every: 13 days}]|[{status: planned, count: 2}]"},
    {"setting", "device", "skinpen-precision",
     "home-roller-short|home-pen|pen-12|rf-49|exceed|unknown\n    kind: radiofrequency|unknown\n   "
     " "
     "kind: pen"},
    {"setting", "length", "1 mm", "0.2 mm|0.25 mm|0.3 mm|1.5 mm|1.75 mm|2.5 mm"},
};
enum { LINES = sizeof lines / sizeof *lines, VALUE_LENGTH = 160 };
#undef HEALTH
#undef HERE

typedef struct scenario {
    char value[LINES][VALUE_LENGTH];
} scenario;

static inline int line_at(const char *part, size_t part_length, const char *key, size_t length) {
    for (int i = 0; i < LINES; i++)
        if (strlen(lines[i].part) == part_length &&
            strncmp(lines[i].part, part, part_length) == 0 && strlen(lines[i].key) == length &&
            strncmp(lines[i].key, key, length) == 0)
            return i;
    fail_msg("there is no line '%.*s.%.*s'", (int)part_length, part, (int)length, key);
    return -1;
}

/* "health.tan: yes; zone.site: chin": each line gets its value. */
static inline void change(scenario *s, const char *changes) {
    while (*changes != 0) {
        const char *end = strstr(changes, "; ");
        const size_t length = end != NULL ? (size_t)(end - changes) : strlen(changes);
        const size_t part = strcspn(changes, "."), key = strcspn(changes + part + 1, ":");
        CHECK(part + key + 3 <= length, "'%s' changes no line", changes);
        const int i = line_at(changes, part, changes + part + 1, key);
        const size_t from = part + key + 3;
        snprintf(s->value[i], VALUE_LENGTH, "%.*s", (int)(length - from), changes + from);
        changes += length + (end != NULL ? 2 : 0);
    }
}

static inline scenario in_clinic(void) {
    scenario s = {{{0}}};
    for (int i = 0; i < LINES; i++) snprintf(s.value[i], VALUE_LENGTH, "%s", lines[i].safe);
    return s;
}

static inline scenario at_home(void) {
    scenario s = in_clinic();
    change(&s, "protocol.who: home; setting.device: home-roller-short; setting.length: 0.25 mm");
    return s;
}

static inline scenario scenario_for(int who) { return who == CIT_HOME ? at_home() : in_clinic(); }

static inline int date_of(const char *text) {
    int day = 0;
    CHECK(cit_date_parse(text, &day), "'%s' is no date", text);
    return day;
}

static inline int day_of(const scenario *s) { return date_of(s->value[0]); }

/* "@28" is the date 28 days before the scenario's day. */
static inline void put_value(FILE *out, const scenario *s, const char *value) {
    for (const char *c = value; *c != 0; c++) {
        char date[16], *end = NULL;
        if (*c != '@') {
            fputc(*c, out);
            continue;
        }
        cit_date_format(day_of(s) - (int)strtol(c + 1, &end, 10), date);
        fputs(date, out);
        c = end - 1;
    }
}

static inline void put_lines(FILE *out, const scenario *s, const char *part, const char *first,
                             const char *indent) {
    for (int i = 0; i < LINES; i++) {
        if (strcmp(lines[i].part, part) != 0 || s->value[i][0] == 0) continue;
        fprintf(out, "%s%s: ", first, lines[i].key);
        put_value(out, s, s->value[i]);
        fputc('\n', out);
        first = indent;
    }
}

static inline void case_text(const scenario *s, char *text, size_t size) {
    FILE *out = fmemopen(text, size, "w");
    CHECK(out != NULL, "no memory");
    fputs("schema: cit/case/1\n", out);
    put_lines(out, s, "case", "", "");
    fputs("health:\n", out);
    put_lines(out, s, "health", "  ", "  ");
    fputs("assessment:\n", out);
    put_lines(out, s, "assessment", "  ", "  ");
    fputs("zones:\n", out);
    put_lines(out, s, "zone", "  - ", "    ");
    const char *more = s->value[line_at("zones", 5, "more", 4)];
    if (*more != 0) fprintf(out, "  - %s\n", more);
    CHECK(fclose(out) == 0, "a case is too long");
}

static inline void protocol_text(const scenario *s, char *text, size_t size) {
    FILE *out = fmemopen(text, size, "w");
    CHECK(out != NULL, "no memory");
    fputs("schema: cit/protocol/1\n", out);
    put_lines(out, s, "protocol", "", "");
    fputs("settings:\n", out);
    put_lines(out, s, "setting", "  - ", "    ");
    CHECK(fclose(out) == 0, "a protocol is too long");
}

enum { TEXT_SIZE = 8192 };

/* A scenario that has been read and screened. */
typedef struct judged {
    cit_case *person;
    cit_protocol *protocol;
    cit_screening *screening;
} judged;

static inline cit_screening *screened(const cit_case *person, const cit_protocol *protocol,
                                      const cit_catalogue *catalogue, int day) {
    cit_errors errs = {0};
    cit_screening *s = NULL;
    CHECK(cit_screen(person, protocol, catalogue, day, &s, &errs) == CIT_OK && s != NULL, "%s",
          errs.items[0].text);
    return s;
}

static inline judged judge(const scenario *s, const cit_catalogue *catalogue) {
    static char text[TEXT_SIZE];
    judged j = {0};
    case_text(s, text, sizeof text);
    j.person = case_of(text);
    protocol_text(s, text, sizeof text);
    j.protocol = protocol_of(text);
    j.screening = screened(j.person, j.protocol, catalogue, day_of(s));
    return j;
}

static inline void forget(judged *j) {
    cit_screening_free(j->screening);
    cit_protocol_free(j->protocol);
    cit_case_free(j->person);
}

/* The finding of a rule, wherever it is; NULL if there is none. */
static inline const cit_finding *finding_of(const cit_screening *s, const char *rule) {
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->findings[i].rule->id, rule) == 0) return &s->findings[i];
    return NULL;
}

static inline cit_answer answer_of(const cit_screening *s, const char *rule, int who) {
    const cit_finding *f = finding_of(s, rule);
    return f == NULL ? CIT_NO : f->holds[who - 1];
}

/* The rules that keep somebody from being cleared, for messages. */
static inline const char *what_stands(const cit_screening *s, int who) {
    static char text[400];
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < s->count && who != 0 && used < sizeof text - 80; i++)
        if (cit_finding_counts(&s->findings[i], -1, who) &&
            cit_finding_verdict(&s->findings[i], who) != CIT_CLEARED)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, " %s", s->findings[i].rule->id);
    return text;
}

static inline bool looks_at(const cit_condition *c, const char *fact) {
    for (int i = 0; i < c->all_count; i++)
        if (strcmp(c->all[i].fact, fact) == 0) return true;
    for (int i = 0; i < c->any_count; i++)
        if (strcmp(c->any[i].fact, fact) == 0) return true;
    return false;
}
