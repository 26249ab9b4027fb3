/* Questions, how their answers are read, and the draft of a case that they fill. */
#include <cit/interview.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ZONES_MAX = 24,
    EARLIER_MAX = 24,
    NAMES_MAX = 24,
    NAME_LENGTH = 60,
    OPTIONS_MAX = 16,
    ANSWER_MAX = 3000
};

/* ---- what an option sets ------------------------------------------------------------------------ */

typedef enum part { OF_CASE, OF_HEALTH, OF_ZONES } part;

/* One field that an option speaks for: where it stands, and what yes and no are there. */
typedef struct target {
    part part;
    size_t offset;
    int yes, no;
} target;

/* A chosen option answers its first target with yes; what else it stands for is then not known. One that
 * is not chosen answers all of them with no. */
typedef struct option {
    const char *name;
    target targets[4];
    int target_count;
} option;

typedef struct question {
    cit_question shown;
    const option *options;
    size_t offset;    /* of the field that a Q_ONE or Q_NUMBER sets, in the case */
    const char *unit; /* of a number, when the answer gives none */
    double lo, hi;
    int no_for_males; /* left out, and answered no */
} question;

#define HEALTH(name)                                                                               \
    { OF_HEALTH, offsetof(cit_health, name), CIT_YES, CIT_NO }
#define ZONE(name)                                                                                 \
    { OF_ZONES, offsetof(cit_zone, name), CIT_YES, CIT_NO }

static const option skin_now_options[] = {{"inflamed_acne", {ZONE(inflamed_acne)}, 1},
                                          {"infection", {ZONE(infection)}, 1},
                                          {"cold_sore", {ZONE(cold_sore)}, 1},
                                          {"open_wound", {ZONE(open_wound)}, 1},
                                          {"sunburn", {ZONE(sunburn)}, 1},
                                          {"inflamed_skin", {ZONE(inflamed_skin)}, 1},
                                          {"skin_cancer", {ZONE(skin_cancer)}, 1},
                                          {"keratosis", {ZONE(keratosis)}, 1},
                                          {"raised_lesion", {ZONE(raised_lesion)}, 1},
                                          {NULL, {{0}}, 0}};
static const option expecting_options[] = {
    {"pregnant", {HEALTH(pregnant)}, 1}, {"nursing", {HEALTH(nursing)}, 1}, {NULL, {{0}}, 0}};
static const option blood_options[] = {{"bleeding_disorder", {HEALTH(bleeding_disorder)}, 1},
                                       {"anticoagulant", {HEALTH(anticoagulant)}, 1},
                                       {"immunosuppressed", {HEALTH(immunosuppressed)}, 1},
                                       {"steroids", {HEALTH(steroids)}, 1},
                                       {"chemotherapy", {HEALTH(chemotherapy)}, 1},
                                       {NULL, {{0}}, 0}};
static const option illness_options[] = {{"keloid_tendency", {HEALTH(keloid_tendency)}, 1},
                                         {"collagen_disease", {HEALTH(collagen_disease)}, 1},
                                         {"radiotherapy", {HEALTH(radiotherapy)}, 1},
                                         {"diabetes", {HEALTH(diabetes)}, 1},
                                         {"heart_disease", {HEALTH(heart_disease)}, 1},
                                         {"methaemoglobinaemia", {HEALTH(methaemoglobinaemia)}, 1},
                                         {NULL, {{0}}, 0}};
static const option skin_before_options[] = {{"cold_sores", {HEALTH(cold_sores)}, 1},
                                             {"eczema", {HEALTH(eczema)}, 1},
                                             {"psoriasis", {HEALTH(psoriasis)}, 1},
                                             {"rosacea", {HEALTH(rosacea)}, 1},
                                             {"sensitive_skin", {HEALTH(sensitive_skin)}, 1},
                                             {"dark_marks", {HEALTH(dark_marks)}, 1},
                                             {"tan", {HEALTH(tan)}, 1},
                                             {NULL, {{0}}, 0}};
static const option allergy_options[] = {{"metal_allergy", {HEALTH(metal_allergy)}, 1},
                                         {"anaesthetic_allergy", {HEALTH(anaesthetic_allergy)}, 1},
                                         {"amide_allergy", {HEALTH(amide_allergy)}, 1},
                                         {"ester_allergy", {HEALTH(ester_allergy)}, 1},
                                         {NULL, {{0}}, 0}};

static const option home_skin_options[] = {
    {"inflamed_acne", {ZONE(inflamed_acne)}, 1},
    {"infection", {ZONE(infection), ZONE(cold_sore)}, 2},
    {"open_wound", {ZONE(open_wound)}, 1},
    {"sunburn", {ZONE(sunburn)}, 1},
    {"tan", {HEALTH(tan)}, 1},
    {"inflamed_skin", {ZONE(inflamed_skin)}, 1},
    {"growth", {ZONE(skin_cancer), ZONE(keratosis), ZONE(raised_lesion)}, 3},
    {NULL, {{0}}, 0}};
static const option home_health_options[] = {
    {"pregnant", {HEALTH(pregnant), HEALTH(nursing)}, 2},
    {"blood", {HEALTH(bleeding_disorder), HEALTH(anticoagulant)}, 2},
    {"defence",
     {HEALTH(immunosuppressed), HEALTH(steroids), HEALTH(chemotherapy), HEALTH(radiotherapy)},
     4},
    {"diabetes", {HEALTH(diabetes)}, 1},
    {"heart_disease", {HEALTH(heart_disease), HEALTH(methaemoglobinaemia)}, 2},
    {"keloid_tendency", {HEALTH(keloid_tendency), HEALTH(collagen_disease)}, 2},
    {"skin_illness", {HEALTH(eczema), HEALTH(psoriasis), HEALTH(rosacea)}, 3},
    {"cold_sores", {HEALTH(cold_sores)}, 1},
    {"allergy",
     {HEALTH(metal_allergy), HEALTH(anaesthetic_allergy), HEALTH(amide_allergy),
      HEALTH(ester_allergy)},
     4},
    {"marks", {HEALTH(dark_marks), HEALTH(sensitive_skin)}, 2},
    {"concern", {HEALTH(dysmorphic_concern)}, 1},
    {"complete", {{OF_CASE, offsetof(cit_case, expectation), 3, 1}}, 1},
    {NULL, {{0}}, 0}};

#define CASE_FIELD(name) offsetof(cit_case, name)
static const question case_list[] = {
    {{"done_by", CIT_Q_ONE, 0, cit_who_choices}, NULL, CASE_FIELD(done_by), NULL, 0, 0, 0},
    {{"zones", CIT_Q_PLACES, 0, NULL}, NULL, 0, NULL, 0, 0, 0},
    {{"skin_now", CIT_Q_SOME, 0, NULL}, skin_now_options, 0, NULL, 0, 0, 0},
    {{"sex", CIT_Q_ONE, 0, cit_sex_choices}, NULL, CASE_FIELD(sex), NULL, 0, 0, 0},
    {{"expecting", CIT_Q_SOME, 0, NULL}, expecting_options, 0, NULL, 0, 0, 1},
    {{"isotretinoin", CIT_Q_WHEN, 0, NULL}, NULL, 0, NULL, 0, 0, 0},
    {{"blood", CIT_Q_SOME, 0, NULL}, blood_options, 0, NULL, 0, 0, 0},
    {{"illness", CIT_Q_SOME, 0, NULL}, illness_options, 0, NULL, 0, 0, 0},
    {{"skin_before", CIT_Q_SOME, 0, NULL}, skin_before_options, 0, NULL, 0, 0, 0},
    {{"allergies", CIT_Q_SOME, 0, NULL}, allergy_options, 0, NULL, 0, 0, 0},
    {{"medicines", CIT_Q_NAMES, 0, NULL}, NULL, 0, NULL, 0, 0, 0},
    {{"earlier", CIT_Q_TREATED, 0, cit_treatment_choices}, NULL, 0, NULL, 0, 0, 0},
    {{"age", CIT_Q_NUMBER, 0, NULL}, NULL, CASE_FIELD(age_day), "years", 0, 120 * 366, 0},
    {{"skin_type", CIT_Q_ONE, 0, cit_skin_type_choices},
     NULL,
     CASE_FIELD(skin_type),
     NULL,
     0,
     0,
     0},
    {{"concern", CIT_Q_ONE, 0, cit_answer_choices},
     NULL,
     CASE_FIELD(health) + offsetof(cit_health, dysmorphic_concern),
     NULL,
     0,
     0,
     0},
    {{"expectation", CIT_Q_ONE, 0, cit_expectation_choices},
     NULL,
     CASE_FIELD(expectation),
     NULL,
     0,
     0,
     0},
    {{"weight", CIT_Q_NUMBER, 0, NULL}, NULL, CASE_FIELD(weight_kg), "kg", 0, 400, 0},
    {{"cause", CIT_Q_ONE, 0, cit_cause_choices}, NULL, CASE_FIELD(cause), NULL, 0, 0, 0},
    {{"grade", CIT_Q_NUMBER, 0, NULL},
     NULL,
     CASE_FIELD(assessment) + offsetof(cit_assessment, grade),
     NULL,
     0,
     4,
     0},
    {{"scars", CIT_Q_SCARS, 0, cit_case_scar_choices}, NULL, 0, NULL, 0, 0, 0},
};
static const question home_list[] = {
    {{"needled", CIT_Q_WHEN, 0, NULL}, NULL, 0, NULL, 0, 0, 0},
    {{"age", CIT_Q_NUMBER, 0, NULL}, NULL, CASE_FIELD(age_day), "years", 0, 120 * 366, 0},
    {{"zones", CIT_Q_PLACES, 0, NULL}, NULL, 0, NULL, 0, 0, 0},
    {{"skin_now", CIT_Q_SOME, 0, NULL}, home_skin_options, 0, NULL, 0, 0, 0},
    {{"health", CIT_Q_SOME, 0, NULL}, home_health_options, 0, NULL, 0, 0, 0},
    {{"medicines", CIT_Q_NAMES, 0, NULL}, NULL, 0, NULL, 0, 0, 0},
    {{"earlier", CIT_Q_TREATED, 0, cit_treatment_choices}, NULL, 0, NULL, 0, 0, 0},
    {{"skin_type", CIT_Q_ONE, 0, cit_skin_type_choices},
     NULL,
     CASE_FIELD(skin_type),
     NULL,
     0,
     0,
     0},
};

static const struct {
    const char *prefix;
    const question *questions;
    int count;
} lists[] = {
    {"case", case_list, sizeof case_list / sizeof *case_list},
    {"home", home_list, sizeof home_list / sizeof *home_list},
};

enum { QUESTIONS_MAX = 24 };

struct cit_interview {
    cit_interview_list list;
    const cit_catalogue *catalogue;
    int today, at, asked, needled;
    cit_question shown[QUESTIONS_MAX];
    const char *option_names[QUESTIONS_MAX][OPTIONS_MAX + 1];
    cit_case draft;
    cit_zone zones[ZONES_MAX];
    cit_earlier earlier[EARLIER_MAX];
    cit_scar_group scars[CIT_SCAR_TYPES];
    const char *names[NAMES_MAX];
    char name_texts[NAMES_MAX][NAME_LENGTH];
};

/* ---- small readers -------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b) { return strcasecmp(a, b) == 0; }

static bool is_unknown(const char *text) { return same(text, "?") || same(text, "unknown"); }

static bool is_none(const char *text) {
    return same(text, "none") || same(text, "no") || same(text, "never") || same(text, "0") ||
           same(text, "-");
}

/* Copies without blanks at the ends. */
static void trim(const char *text, size_t length, char *ret, size_t size) {
    while (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1])) length--;
    if (length > size - 1) length = size - 1;
    memcpy(ret, text, length);
    ret[length] = 0;
}

/* The next piece between commas or semicolons; false at the end. */
static bool next_piece(const char **at, char piece[200]) {
    while (**at != 0) {
        const size_t length = strcspn(*at, ",;");
        trim(*at, length, piece, 200);
        *at += length + ((*at)[length] != 0);
        if (*piece != 0) return true;
    }
    return false;
}

/* "2026-05-01", "3 weeks ago", "3 weeks", "today"; a date that is not known is CIT_UNKNOWN_INT. */
static bool read_when(const char *text, int today, int *ret, char why[240]) {
    char copy[120], reason[160];
    double days = 0;
    trim(text, strlen(text), copy, sizeof copy);
    const size_t length = strlen(copy);
    if (length > 4 && same(copy + length - 4, " ago")) copy[length - 4] = 0;
    *ret = CIT_UNKNOWN_INT;
    if (*copy == 0 || is_unknown(copy)) return true;
    if (same(copy, "today") || same(copy, "now")) {
        *ret = today;
        return true;
    }
    if (same(copy, "yesterday")) {
        *ret = today - 1;
        return true;
    }
    if (cit_date_parse(copy, ret)) {
        if (*ret <= today) return true;
        snprintf(why, 240, "%.60s lies ahead; when was it?", copy);
        return false;
    }
    if (cit_quantity_parse(copy, "day", &days, reason) && days >= 0 && days < 44000) {
        *ret = today - (int)floor(days);
        return true;
    }
    snprintf(why, 240, "'%.60s' is not a time; write a date such as 2026-05-01, or 3 weeks ago",
             text);
    return false;
}

static int option_index(const cit_question *q, const char *text) {
    for (int i = 0; i < q->option_count; i++) {
        const bool letter = tolower((unsigned char)text[0]) == 'a' + i && text[1] == 0;
        if (same(text, q->options[i]) || letter) return i;
    }
    for (int i = 0; i < q->option_count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i + 1);
        if (strcmp(text, number) == 0) return i;
    }
    return -1;
}

static void list_options(const cit_question *q, char *text, size_t size) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < q->option_count && used + 1 < size; i++) {
        const int n =
            snprintf(text + used, size - used, "%s%c %s", i ? ", " : "", 'a' + i, q->options[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

/* ---- answers, one function a kind ------------------------------------------------------------------ */

static void put_int(void *object, size_t offset, int value) {
    memcpy((char *)object + offset, &value, sizeof value);
}

static void set_target(cit_interview *v, const target *t, int value) {
    if (t->part == OF_CASE) put_int(&v->draft, t->offset, value);
    if (t->part == OF_HEALTH) put_int(&v->draft.health, t->offset, value);
    for (int i = 0; t->part == OF_ZONES && i < v->draft.zone_count; i++)
        put_int(&v->zones[i], t->offset, value);
}

typedef enum chosen { NOT_CHOSEN, CHOSEN, NOT_KNOWN } chosen;

static void set_option(cit_interview *v, const option *o, chosen how) {
    for (int i = 0; i < o->target_count; i++) {
        const target *t = &o->targets[i];
        set_target(v, t, how == NOT_CHOSEN ? t->no : how == CHOSEN && i == 0 ? t->yes : 0);
    }
}

/* Letters are written apart ("a c", "a, c"); names are written out. */
static bool answer_some(cit_interview *v, const question *q, const char *text, char why[240]) {
    chosen how[OPTIONS_MAX] = {NOT_CHOSEN};
    bool rest_unknown = false, none = false, some = false;
    int words = 0;
    char copy[ANSWER_MAX], all[160];
    snprintf(copy, sizeof copy, "%s", text);
    char *save = NULL;
    for (char *word = strtok_r(copy, " ,;\t", &save); word != NULL;
         word = strtok_r(NULL, " ,;\t", &save)) {
        words++;
        none = none || is_none(word);
        if (is_none(word)) continue;
        if (is_unknown(word)) {
            rest_unknown = true;
            continue;
        }
        some = true;
        const int i = option_index(&v->shown[v->at], word);
        if (i < 0) {
            list_options(&v->shown[v->at], all, sizeof all);
            snprintf(why, 240, "'%.30s' is none of: %.150s; or none, or ?", word, all);
            return false;
        }
        how[i] = CHOSEN;
    }
    if (words == 0 || (none && some)) {
        snprintf(why, 240, "%s",
                 words == 0 ? "write letters, or none, or ?"
                            : "'none' stands beside something; write one of them");
        return false;
    }
    const bool allergies = q->options == allergy_options || q->options == home_health_options;
    if (allergies) v->draft.sensitivities = rest_unknown ? NULL : v->names;
    for (int i = 0; q->options[i].name != NULL; i++)
        set_option(v, &q->options[i],
                   how[i] == CHOSEN ? CHOSEN
                   : rest_unknown   ? NOT_KNOWN
                                    : NOT_CHOSEN);
    return true;
}

static bool answer_one(cit_interview *v, const question *q, const char *text, char why[240]) {
    char all[180];
    if (is_unknown(text)) {
        put_int(&v->draft, q->offset, 0);
        return true;
    }
    int i = option_index(&v->shown[v->at], text);
    if (q->shown.options == cit_answer_choices && same(text, "n")) i = 0;
    if (q->shown.options == cit_answer_choices && same(text, "y")) i = 1;
    if (i < 0) {
        list_options(&v->shown[v->at], all, sizeof all);
        snprintf(why, 240, "'%.40s' is none of: %.160s; or ?", text, all);
        return false;
    }
    put_int(&v->draft, q->offset, i + 1);
    return true;
}

/* A bare number is in the unit that the question asks for. */
static bool answer_number(cit_interview *v, const question *q, const char *text, char why[240]) {
    const bool whole = q->unit == NULL;
    const char *base = whole ? "" : strcmp(q->unit, "years") == 0 ? "day" : q->unit;
    char with_unit[120], reason[160];
    double number = 0;
    if (is_unknown(text)) {
        const double unknown = CIT_UNKNOWN_NUMBER;
        if (whole)
            put_int(&v->draft, q->offset, CIT_UNKNOWN_INT);
        else
            memcpy((char *)&v->draft + q->offset, &unknown, sizeof unknown);
        return true;
    }
    const bool bare = strspn(text, "-0123456789.") == strlen(text);
    snprintf(with_unit, sizeof with_unit, "%.80s%s%s", text, bare && !whole ? " " : "",
             bare && !whole ? q->unit : "");
    if (!cit_quantity_parse(with_unit, base, &number, reason)) {
        snprintf(why, 240, "%.200s", reason);
        return false;
    }
    if (!(number > q->lo || (whole && number >= q->lo)) || number > q->hi ||
        (whole && number != floor(number))) {
        snprintf(why, 240, "'%.60s' is %s", text,
                 whole ? "not a whole number from 0 to 4" : "out of range");
        return false;
    }
    if (whole)
        put_int(&v->draft, q->offset, (int)number);
    else
        memcpy((char *)&v->draft + q->offset, &number, sizeof number);
    return true;
}

/* A site by its name in the language that is spoken. */
static const cit_site *site_called(const cit_interview *v, const char *name) {
    char key[120];
    for (int i = 0; i < v->catalogue->site_count; i++) {
        snprintf(key, sizeof key, "places.%s", v->catalogue->sites[i].id);
        const char *called = cit_text_or_null(v->catalogue, key);
        if (called != NULL && same(called, name)) return &v->catalogue->sites[i];
    }
    return NULL;
}

/* "cheek left", "left cheek", "cheek"; the side is looked for at both ends. */
static bool read_place(const cit_interview *v, const char *piece, cit_zone *ret, char why[240]) {
    char words[200];
    snprintf(words, sizeof words, "%s", piece);
    for (char *c = words; *c != 0; c++) *c = (char)tolower((unsigned char)*c);
    int side = 0;
    for (int i = 0; cit_side_choices[i] != NULL; i++) {
        const size_t length = strlen(cit_side_choices[i]), all = strlen(words);
        if (all > length + 1 && words[all - length - 1] == ' ' &&
            strcmp(words + all - length, cit_side_choices[i]) == 0) {
            side = i + 1;
            words[all - length - 1] = 0;
        } else if (strncmp(words, cit_side_choices[i], length) == 0 && words[length] == ' ') {
            side = i + 1;
            memmove(words, words + length + 1, all - length);
        }
    }
    char spoken[200];
    snprintf(spoken, sizeof spoken, "%s", words);
    for (char *c = words; *c != 0; c++)
        if (*c == ' ') *c = '-';
    const size_t all = strlen(words);
    const cit_site *site = cit_catalogue_site(v->catalogue, words);
    if (site == NULL && all > 1 && words[all - 1] == 's') { /* cheeks: both */
        words[all - 1] = 0;
        site = cit_catalogue_site(v->catalogue, words);
        if (site != NULL && side == 0) side = CIT_BOTH;
    }
    if (site == NULL) site = site_called(v, spoken);
    if (site == NULL) {
        const char *near = cit_catalogue_near_site(v->catalogue, words);
        snprintf(why, 240,
                 "'%.40s' is no place we know%s%s%s; for example: cheek left, temple both", piece,
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        return false;
    }
    ret->site = site->id;
    ret->side = side;
    return true;
}

static const cit_table *table_of(const cit_table *table, const char *key) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0) return f->table;
    return NULL;
}

static bool answer_places(cit_interview *v, const char *text, char why[240]) {
    char piece[200];
    int count = 0;
    if (is_unknown(text) || is_none(text)) {
        snprintf(why, 240, "at least one place is needed, for example: cheek left");
        return false;
    }
    while (next_piece(&text, piece)) {
        cit_zone zone;
        cit_table_clear(table_of(&cit_case_table, "zones"), &zone);
        if (!read_place(v, piece, &zone, why)) return false;
        for (int i = 0; i < count; i++) {
            const int other = v->zones[i].side;
            const bool apart = other != 0 && zone.side != 0 && other != CIT_BOTH &&
                               zone.side != CIT_BOTH && other != zone.side;
            if (strcmp(v->zones[i].site, zone.site) == 0 && !apart) {
                snprintf(why, 240, "'%.40s' is there twice; give each its side", zone.site);
                return false;
            }
        }
        if (count == ZONES_MAX) {
            snprintf(why, 240, "at most %d places are read here", ZONES_MAX);
            return false;
        }
        v->zones[count++] = zone;
    }
    if (count == 0) {
        snprintf(why, 240, "at least one place is needed, for example: cheek left");
        return false;
    }
    v->draft.zones = v->zones;
    v->draft.zone_count = count;
    return true;
}

/* The longest name of a treatment that the piece begins with; `ret_rest` is what follows it. */
static int treatment_at(const char *piece, const char **ret_rest) {
    static const struct {
        const char *word;
        int what;
    } also[] = {{"botox", CIT_HAD_TOXIN},          {"toxin", CIT_HAD_TOXIN},
                {"rf", CIT_HAD_RADIOFREQUENCY},    {"microneedling", CIT_HAD_NEEDLING},
                {"dermaroller", CIT_HAD_NEEDLING}, {"cross", CIT_HAD_TCA_CROSS}};
    int best = 0;
    size_t longest = 0;
    for (int i = 0; cit_treatment_choices[i] != NULL; i++) {
        const size_t n = strlen(cit_treatment_choices[i]);
        if (strncasecmp(piece, cit_treatment_choices[i], n) == 0 && n > longest) {
            best = i + 1;
            longest = n;
        }
    }
    for (size_t i = 0; i < sizeof also / sizeof *also; i++) {
        const size_t n = strlen(also[i].word);
        if (strncasecmp(piece, also[i].word, n) == 0 && n > longest) {
            best = also[i].what;
            longest = n;
        }
    }
    *ret_rest = piece + longest;
    while (**ret_rest == ' ' || **ret_rest == ':') ++*ret_rest;
    return best;
}

/* The needling of the first question, and that nobody said what else there was. */
static void rest_unknown(cit_interview *v) {
    const bool needled = v->needled != CIT_UNKNOWN_INT;
    v->earlier[1] = (cit_earlier){{0, 0}, 0, 0, CIT_UNKNOWN_INT};
    v->draft.earlier = needled ? v->earlier : NULL;
    v->draft.earlier_count = needled ? 2 : 0;
}

static bool answer_treated(cit_interview *v, const char *text, char why[240]) {
    const int before = v->needled != CIT_UNKNOWN_INT; /* the first question's own entry */
    const char *whole = text;
    int count = before;
    char piece[200], all[170];
    if (is_unknown(text)) {
        rest_unknown(v);
        return true;
    }
    while (!is_none(text) && next_piece(&text, piece)) {
        const char *rest = NULL;
        cit_earlier entry = {{0, 0}, treatment_at(piece, &rest), 0, CIT_UNKNOWN_INT};
        if (entry.what == 0) {
            list_options(&v->shown[v->at], all, sizeof all);
            snprintf(why, 240, "'%.30s' begins with none of: %.150s; or none", piece, all);
            return false;
        }
        if (!read_when(rest, v->today, &entry.date, why)) return false;
        if (count == EARLIER_MAX) {
            snprintf(why, 240, "at most %d treatments are read here", EARLIER_MAX);
            return false;
        }
        v->earlier[count++] = entry;
    }
    if (count == before && !is_none(whole)) {
        snprintf(why, 240, "write what was done and when, or none, or ?");
        return false;
    }
    v->draft.earlier = v->earlier;
    v->draft.earlier_count = count;
    return true;
}

/* Isotretinoin: never, now, or when it was stopped. */
static bool answer_isotretinoin(cit_interview *v, const char *text, char why[240]) {
    cit_health *h = &v->draft.health;
    int date = CIT_UNKNOWN_INT;
    h->isotretinoin = h->isotretinoin_past = 0;
    h->isotretinoin_stopped = CIT_UNKNOWN_INT;
    if (is_unknown(text)) return true;
    if (is_none(text)) {
        h->isotretinoin = h->isotretinoin_past = CIT_NO;
        return true;
    }
    if (same(text, "now") || same(text, "yes")) {
        h->isotretinoin = CIT_YES;
        return true;
    }
    if (!read_when(text, v->today, &date, why)) return false;
    h->isotretinoin = CIT_NO;
    h->isotretinoin_past = CIT_YES;
    h->isotretinoin_stopped = date;
    return true;
}

/* Has somebody already needled themselves, and when? */
static bool answer_needled(cit_interview *v, const char *text, char why[240]) {
    int date = CIT_UNKNOWN_INT;
    v->needled = CIT_UNKNOWN_INT;
    if (is_none(text)) return true;
    if (same(text, "yes") || is_unknown(text)) {
        snprintf(why, 240, "when was it? Write never, today, a date, or 3 days ago");
        return false;
    }
    if (!read_when(text, v->today, &date, why)) return false;
    v->needled = date;
    v->earlier[0] = (cit_earlier){{0, 0}, CIT_HAD_NEEDLING, 0, date};
    rest_unknown(v);
    return true;
}

/* A medicine that is named stands above a no to the question that it answers. */
static void say_taken(cit_interview *v) {
    cit_health *h = &v->draft.health;
    const struct {
        const char *fact;
        int *answer;
    } answers[] = {{"isotretinoin", &h->isotretinoin},
                   {"anticoagulant", &h->anticoagulant},
                   {"steroids", &h->steroids},
                   {"immunosuppressed", &h->immunosuppressed},
                   {"chemotherapy", &h->chemotherapy}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (cit_takes(&v->draft, v->catalogue, answers[i].fact)) *answers[i].answer = CIT_YES;
}

/* Medicines. At home they are also what isotretinoin is asked by. */
static bool answer_names(cit_interview *v, const char *text, char why[240]) {
    const bool home = v->list == CIT_LIST_HOME;
    const char *whole = text;
    char piece[200];
    int count = 0;
    if (is_unknown(text)) return true;
    while (!is_none(text) && next_piece(&text, piece)) {
        if (count == NAMES_MAX) {
            snprintf(why, 240, "at most %d names are read here", NAMES_MAX);
            return false;
        }
        if (strlen(piece) >= NAME_LENGTH) {
            snprintf(why, 240, "'%.30s...' is longer than %d characters; write the name alone",
                     piece, NAME_LENGTH - 1);
            return false;
        }
        snprintf(v->name_texts[count], NAME_LENGTH, "%s", piece);
        v->names[count] = v->name_texts[count];
        count++;
    }
    if (count == 0 && !is_none(whole)) {
        snprintf(why, 240, "write the names, or none, or ?");
        return false;
    }
    v->draft.medication = v->names;
    v->draft.medication_count = count;
    say_taken(v);
    if (home) {
        const bool takes = cit_takes(&v->draft, v->catalogue, "isotretinoin");
        v->draft.health.isotretinoin = takes ? CIT_YES : CIT_NO;
        v->draft.health.isotretinoin_past = takes ? 0 : CIT_NO;
    }
    return true;
}

static bool answer_scars(cit_interview *v, const char *text, char why[240]) {
    int count = 0;
    char piece[200], reason[160];
    if (is_unknown(text)) return true;
    while (!is_none(text) && next_piece(&text, piece)) {
        cit_scar_group group;
        int type = 0;
        double number = 0;
        const char *rest = piece;
        cit_table_clear(table_of(table_of(&cit_case_table, "zones"), "scars"), &group);
        for (int i = 0; cit_case_scar_choices[i] != NULL; i++) {
            const size_t n = strlen(cit_case_scar_choices[i]);
            if (strncasecmp(piece, cit_case_scar_choices[i], n) != 0) continue;
            type = i + 1;
            rest = piece + n;
        }
        while (*rest == ' ' || *rest == ':') rest++;
        const bool counted = *rest != 0 && !is_unknown(rest);
        const bool read = counted && cit_quantity_parse(rest, "", &number, reason);
        if (type == 0 ||
            (counted && !(read && number >= 0 && number <= 500 && number == floor(number)))) {
            snprintf(why, 240,
                     "'%.60s' cannot be read; for example: rolling 5, boxcar 3, ice-pick ?", piece);
            return false;
        }
        for (int i = 0; i < count; i++)
            if (v->scars[i].type == type) {
                snprintf(why, 240, "'%s' is there twice", cit_case_scar_choices[type - 1]);
                return false;
            }
        group.type = type;
        group.count = counted ? (int)number : CIT_UNKNOWN_INT;
        v->scars[count++] = group;
    }
    /* They were counted in the worst place, which is the first. */
    v->zones[0].scars = v->scars;
    v->zones[0].scar_group_count = count;
    return true;
}

static bool answer_when(cit_interview *v, const char *text, char why[240]) {
    return v->list == CIT_LIST_CASE ? answer_isotretinoin(v, text, why)
                                    : answer_needled(v, text, why);
}

/* ---- the interview ----------------------------------------------------------------------------------- */

static const question *question_at(const cit_interview *v, int i) {
    return i < lists[v->list].count ? &lists[v->list].questions[i] : NULL;
}

/* Fills in the options' names, which a table of options or of choices gives. */
static void prepare(cit_interview *v, int i) {
    const question *q = question_at(v, i);
    cit_question *shown = &v->shown[i];
    int n = 0;
    *shown = q->shown;
    for (; q->options != NULL && q->options[n].name != NULL; n++)
        v->option_names[i][n] = q->options[n].name;
    if (q->options != NULL) shown->options = v->option_names[i];
    while (q->options == NULL && shown->options != NULL && shown->options[n] != NULL) n++;
    shown->option_count = n;
}

cit_status cit_interview_new(cit_interview_list list, const cit_catalogue *catalogue, int today,
                             cit_interview **ret, cit_errors *errs) {
    cit_interview *v = calloc(1, sizeof *v);
    if (v == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    v->list = list;
    v->catalogue = catalogue;
    v->today = today;
    v->needled = CIT_UNKNOWN_INT;
    cit_table_clear(&cit_case_table, &v->draft);
    v->draft.answered = v->draft.assessed = today;
    if (list == CIT_LIST_HOME) v->draft.done_by = CIT_HOME;
    for (int i = 0; i < lists[list].count; i++) prepare(v, i);
    *ret = v;
    return CIT_OK;
}

void cit_interview_free(cit_interview *v) { free(v); }
const char *cit_interview_prefix(const cit_interview *v) { return lists[v->list].prefix; }
const cit_case *cit_interview_draft(const cit_interview *v) { return &v->draft; }
int cit_interview_needled_day(const cit_interview *v) { return v->needled; }

const cit_question *cit_interview_question(const cit_interview *v, int i) {
    return i < lists[v->list].count ? &v->shown[i] : NULL;
}

const cit_question *cit_interview_next(cit_interview *v, int *ret_number, int *ret_of) {
    const question *q = question_at(v, v->at);
    while (q != NULL && q->no_for_males && v->draft.sex == CIT_MALE) {
        for (int i = 0; q->options[i].name != NULL; i++) set_option(v, &q->options[i], NOT_CHOSEN);
        q = question_at(v, ++v->at);
    }
    *ret_number = v->at + 1;
    *ret_of = lists[v->list].count;
    return q == NULL ? NULL : &v->shown[v->at];
}

bool cit_interview_answer(cit_interview *v, const char *answer, char why[240]) {
    char text[ANSWER_MAX];
    const question *q = question_at(v, v->at);
    if (q == NULL) return false;
    if (strlen(answer) >= sizeof text || !cit_text_is_plain(answer)) {
        snprintf(why, 240, "%s",
                 strlen(answer) >= sizeof text
                     ? "this is longer than an answer can be; write it shorter"
                     : "this holds characters that are no text; write it again");
        return false;
    }
    trim(answer, strlen(answer), text, sizeof text);
    if (*text == 0) {
        snprintf(why, 240, "an answer is needed; ? if nobody knows");
        return false;
    }
    bool read = false;
    const cit_interview before = *v; /* an answer that cannot be read leaves no trace */
    switch (q->shown.kind) {
    case CIT_Q_ONE:
        read = answer_one(v, q, text, why);
        break;
    case CIT_Q_SOME:
        read = answer_some(v, q, text, why);
        break;
    case CIT_Q_NUMBER:
        read = answer_number(v, q, text, why);
        break;
    case CIT_Q_PLACES:
        read = answer_places(v, text, why);
        break;
    case CIT_Q_TREATED:
        read = answer_treated(v, text, why);
        break;
    case CIT_Q_WHEN:
        read = answer_when(v, text, why);
        break;
    case CIT_Q_NAMES:
        read = answer_names(v, text, why);
        break;
    case CIT_Q_SCARS:
        read = answer_scars(v, text, why);
        break;
    }
    if (!read) *v = before;
    v->at += read;
    return read;
}

cit_status cit_interview_write(const cit_interview *v, char **ret, cit_errors *errs) {
    cit_case *again = NULL;
    cit_case draft = v->draft;
    char *text = NULL;
    cit_zone nowhere[1];
    cit_status st = CIT_OK;
    cit_table_clear(table_of(&cit_case_table, "zones"), nowhere);
    if (draft.zone_count == 0) { /* the place is not asked yet: a case file must have one */
        nowhere[0].site = "cheek";
        draft.zones = nowhere;
        draft.zone_count = 1;
    }
    CIT_TRY(cit_table_write(&cit_case_table, &draft, 0, CIT_WRITE_UNKNOWN | CIT_WRITE_MEANING,
                            &text, errs));
    CIT_TRY(cit_case_parse("the new case", text, strlen(text), &again, errs));
    *ret = text;
    text = NULL;
done:
    free(text);
    cit_case_free(again);
    return st;
}
