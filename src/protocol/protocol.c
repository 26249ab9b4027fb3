/* The protocol file, its course in time, and checks across case, protocol and catalogue. */
#include <cit/protocol.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cit_visit_status_choices[] = {"planned", "done", "missed", NULL};
const char *const cit_product_choices[] = {
    "nothing",  "hyaluronic acid", "vitamin C", "retinoid",    "acid",         "growth factors",
    "peptides", "tranexamic acid", "insulin",   "PRP topical", "PRP injected", "other",
    NULL};
const char *const cit_needles_choices[] = {"new sterile", "used before", "bent or dull", NULL};
static const char *const kind_choices[] = {"roller", "pen", "stamp", "radiofrequency", NULL};

#define S(key, member, flags, unit, lo, hi, meaning)                                               \
    { key, CIT_NUMBER, offsetof(cit_setting, member), 0, flags, unit, lo, hi, NULL, NULL, meaning }
static const cit_field setting_fields[] = {
    {"site", CIT_ID, offsetof(cit_setting, site), 0, 0, NULL, 0, 0, NULL, NULL,
     "zone this is for; left out: every zone"},
    {"side", CIT_CHOICE, offsetof(cit_setting, side), 0, 0, NULL, 0, 0, cit_side_choices, NULL,
     "side this is for; left out: every side"},
    {"device", CIT_ID, offsetof(cit_setting, device), 0, CIT_REQUIRED, NULL, 0, 0, NULL, NULL,
     "a device of the catalogue, or unknown: `cit catalogue devices`"},
    {"kind", CIT_CHOICE, offsetof(cit_setting, kind), 0, 0, NULL, 0, 0, kind_choices, NULL,
     "kind of device, where the device is unknown"},
    S("length", length_mm, CIT_ABOVE_LO, "mm", 0, 6, "needle length"),
    {"passes", CIT_INTEGER, offsetof(cit_setting, passes), 0, 0, "", 1, 100, NULL, NULL,
     "times the device goes over the skin"},
    {"directions", CIT_INTEGER, offsetof(cit_setting, directions), 0, 0, "", 1, 12, NULL, NULL,
     "directions, spread evenly"},
    S("speed", speed_mm_per_s, 0, "mm/s", 1, 500, "glide speed"),
    S("rate", rate_Hz, 0, "Hz", 1, 500, "punctures a second of each needle"),
    S("density", density_per_cm2, CIT_ABOVE_LO, "/cm2", 0, 50000, "punctures per cm2"),
    {0}};
static const cit_table setting_table = {"setting", NULL, sizeof(cit_setting), setting_fields,
                                        offsetof(cit_setting, mark)};

static const cit_field visit_fields[] = {
    {"status", CIT_CHOICE, offsetof(cit_visit, status), 0, CIT_REQUIRED | CIT_MUST_KNOW, NULL, 0, 0,
     cit_visit_status_choices, NULL, "planned, done or missed"},
    {"date", CIT_DATE, offsetof(cit_visit, date), 0, 0, NULL, 0, 0, NULL, NULL, "date"},
    {"after", CIT_NUMBER, offsetof(cit_visit, after_day), 0, CIT_ABOVE_LO, "day", 0, 3660, NULL,
     NULL, "time since the visit before"},
    {"count", CIT_INTEGER, offsetof(cit_visit, count), 0, CIT_MUST_KNOW, "", 1, 100, NULL, NULL,
     "number of visits alike"},
    {"every", CIT_NUMBER, offsetof(cit_visit, every_day), 0, CIT_ABOVE_LO, "day", 0, 3660, NULL,
     NULL, "time between them"},
    {"cream", CIT_CHOICE, offsetof(cit_visit, cream), 0, 0, NULL, 0, 0, cit_answer_choices, NULL,
     "numbing cream"},
    {"settings", CIT_LIST, offsetof(cit_visit, settings), offsetof(cit_visit, setting_count), 0,
     NULL, 0, 0, NULL, &setting_table, "settings of this visit"},
    {0}};
static const cit_table visit_table = {"visit", NULL, sizeof(cit_visit), visit_fields,
                                      offsetof(cit_visit, mark)};

static const cit_field numbing_fields[] = {
    {"product", CIT_ID, offsetof(cit_numbing, product), 0, 0, NULL, 0, 0, NULL, NULL,
     "an anaesthetic of the catalogue: `cit catalogue anaesthetics`"},
    {"grams", CIT_NUMBER, offsetof(cit_numbing, grams), 0, 0, "", 0, 1000, NULL, NULL, "grams"},
    {"area", CIT_NUMBER, offsetof(cit_numbing, area_mm2), 0, CIT_ABOVE_LO, "mm2", 0, 1e6, NULL,
     NULL, "area under it"},
    {"minutes", CIT_NUMBER, offsetof(cit_numbing, minutes), 0, 0, "", 0, 1440, NULL, NULL,
     "minutes on the skin"},
    {"occluded", CIT_CHOICE, offsetof(cit_numbing, occluded), 0, 0, NULL, 0, 0, cit_answer_choices,
     NULL, "covered or wrapped"},
    {0}};
static const cit_table numbing_table = {"numbing", NULL, sizeof(cit_numbing), numbing_fields,
                                        CIT_NO_MARK};

static const cit_field protocol_fields[] = {
    {"name", CIT_TEXT, offsetof(cit_protocol, name), 0, 0, NULL, 0, 0, NULL, NULL, "a label"},
    {"who", CIT_CHOICE, offsetof(cit_protocol, who), 0, 0, NULL, 0, 0, cit_who_choices, NULL,
     "who does it"},
    {"cream", CIT_CHOICE, offsetof(cit_protocol, cream), 0, 0, NULL, 0, 0, cit_answer_choices, NULL,
     "numbing cream, where a visit does not say"},
    {"numbing", CIT_STRUCT, offsetof(cit_protocol, numbing), 0, 0, NULL, 0, 0, NULL, &numbing_table,
     "which cream, how much of it and how long"},
    {"products", CIT_CHOICES, offsetof(cit_protocol, products), 0, 0, NULL, 0, 0,
     cit_product_choices, NULL, "what goes on or in the skin that day"},
    {"product_labelled", CIT_CHOICE, offsetof(cit_protocol, product_labelled), 0, 0, NULL, 0, 0,
     cit_answer_choices, NULL, "are all products labelled for use on needled skin"},
    {"needles", CIT_CHOICE, offsetof(cit_protocol, needles), 0, 0, NULL, 0, 0, cit_needles_choices,
     NULL, "state of the needles"},
    {"needles_shared", CIT_CHOICE, offsetof(cit_protocol, needles_shared), 0, 0, NULL, 0, 0,
     cit_answer_choices, NULL, "used on anybody else before"},
    {"settings", CIT_LIST, offsetof(cit_protocol, settings), offsetof(cit_protocol, setting_count),
     0, NULL, 0, 0, NULL, &setting_table, "settings of every visit that has none"},
    {"visits", CIT_LIST, offsetof(cit_protocol, visits), offsetof(cit_protocol, visit_count),
     CIT_REQUIRED, NULL, 0, 0, NULL, &visit_table, "visits in order"},
    {0}};
const cit_table cit_protocol_table = {"protocol", "cit/protocol/1", sizeof(cit_protocol),
                                      protocol_fields, CIT_NO_MARK};

/* ---- checks of the file alone --------------------------------------------------------------- */

static void check_order(const cit_protocol *p, cit_errors *errs) {
    bool planned = false;
    int visits = 0;
    for (int i = 0; i < p->visit_count; i++) {
        const cit_visit *v = &p->visits[i];
        visits += v->count;
        if (v->status == CIT_DONE && planned)
            cit_doc_fail(p->doc, v->mark, errs, "visit: a done visit stands after a planned one");
        planned = planned || v->status == CIT_PLANNED;
    }
    if (visits > CIT_APPOINTMENTS_MAX)
        cit_doc_fail(p->doc, p->visits[0].mark, errs, "%d visits; at most %d are simulated", visits,
                     CIT_APPOINTMENTS_MAX);
    if (p->visit_count == 0)
        cit_doc_fail(p->doc, cit_doc_root(p->doc)->mark, errs, "visits: at least one is needed");
}

static void check_visits(const cit_protocol *p, cit_errors *errs) {
    for (int i = 0; i < p->visit_count; i++) {
        const cit_visit *v = &p->visits[i];
        if (v->count > 1 && v->status == CIT_MISSED)
            cit_doc_fail(p->doc, v->mark, errs, "visit: write missed visits one by one");
        if (v->date != CIT_UNKNOWN_INT && cit_known(v->after_day))
            cit_doc_fail(p->doc, v->mark, errs, "visit: either 'date' or 'after', not both");
        if (i == 0 && cit_known(v->after_day))
            cit_doc_fail(p->doc, v->mark, errs, "visit: the first one has nothing to be 'after'");
        if (cit_known(v->every_day) && v->count == 1)
            cit_doc_fail(p->doc, v->mark, errs, "visit: 'every' needs a 'count' above 1");
        if (v->setting_count == 0 && p->setting_count == 0 && v->status != CIT_MISSED)
            cit_doc_fail(p->doc, v->mark, errs,
                         "visit: it has no settings, and the protocol has none for all visits");
    }
}

/* A date must lie after the visit before it, whether that one's day comes from a date or from what
 * intervals add up to; an interval nobody stated is a day at least. */
static void check_dates(const cit_protocol *p, cit_errors *errs) {
    const int first = p->visit_count > 0 ? p->visits[0].date : CIT_UNKNOWN_INT;
    double day = 0;
    for (int i = 0; i < p->visit_count; i++) {
        const cit_visit *v = &p->visits[i];
        const bool dated = v->date != CIT_UNKNOWN_INT;
        if (i > 0 && dated && first == CIT_UNKNOWN_INT)
            cit_doc_fail(p->doc, v->mark, errs,
                         "visit: it has a date, so the first visit needs one too");
        if (i > 0 && dated && first != CIT_UNKNOWN_INT) {
            if (v->date - first <= day)
                cit_doc_fail(p->doc, v->mark, errs,
                             "visit: its date is not after that of the visit before it");
            day = v->date - first;
        } else if (i > 0) {
            day += cit_known(v->after_day) ? v->after_day : 1;
        }
        day += (v->count - 1) * (cit_known(v->every_day) ? v->every_day : 1);
    }
}

static void check_day(const cit_protocol *p, cit_errors *errs) {
    const cit_mark top = cit_doc_root(p->doc)->mark;
    bool no_cream = p->visit_count > 0;
    for (int i = 0; i < p->visit_count; i++) {
        const int cream = p->visits[i].cream != 0 ? p->visits[i].cream : p->cream;
        no_cream = no_cream && cream == CIT_NO;
    }
    if (no_cream && p->numbing.product != NULL)
        cit_doc_fail(p->doc, top, errs, "numbing: a product is named, but 'cream' says no");
    if ((p->products & CIT_PRODUCT_NOTHING) && p->products != CIT_PRODUCT_NOTHING)
        cit_doc_fail(p->doc, top, errs, "products: 'nothing' stands beside something");
}

/* ---- loading ------------------------------------------------------------------------------- */

static cit_status bind_protocol(cit_doc *doc, cit_protocol **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const int faults_before = errs->count + errs->lost;
    cit_protocol *p = calloc(1, sizeof *p);
    if (p == NULL) {
        cit_doc_free(doc);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    p->doc = doc;
    CIT_TRY(cit_bind(doc, cit_doc_root(doc), &cit_protocol_table, p, errs));
    for (int i = 0; i < p->visit_count; i++)
        if (p->visits[i].count == CIT_UNKNOWN_INT) p->visits[i].count = 1;
    check_order(p, errs);
    check_visits(p, errs);
    check_dates(p, errs);
    check_day(p, errs);
    if (errs->count + errs->lost > faults_before) {
        st = CIT_INVALID;
        goto done;
    }
    *ret = p;
    p = NULL;
done:
    cit_protocol_free(p);
    return st;
}

cit_status cit_protocol_load(const char *path, cit_protocol **ret, cit_errors *errs) {
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_read(path, &doc, errs);
    return st != CIT_OK ? st : bind_protocol(doc, ret, errs);
}

cit_status cit_protocol_parse(const char *name, const char *bytes, size_t size, cit_protocol **ret,
                              cit_errors *errs) {
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_parse(name, bytes, size, &doc, errs);
    return st != CIT_OK ? st : bind_protocol(doc, ret, errs);
}

void cit_protocol_free(cit_protocol *p) {
    if (p == NULL) return;
    cit_doc_free(p->doc);
    free(p);
}

/* ---- the course in time --------------------------------------------------------------------- */

bool cit_protocol_interval_unknown(const cit_protocol *p) {
    for (int i = 0; i < p->visit_count; i++) {
        const cit_visit *v = &p->visits[i];
        if (i > 0 && v->date == CIT_UNKNOWN_INT && !cit_known(v->after_day)) return true;
        if (v->count > 1 && !cit_known(v->every_day)) return true;
    }
    return false;
}

/* What an unstated interval is from the visit `from`, on this day, to the next one with a date: they
 * and the last gap share what stated intervals leave. */
static double unstated_interval(const cit_protocol *p, int from, double day, double interval_day) {
    double stated = 0;
    int unstated = 0;
    for (int i = from; i < p->visit_count; i++) {
        const cit_visit *v = &p->visits[i];
        if (i > from && v->date != CIT_UNKNOWN_INT)
            return fmin(interval_day,
                        (v->date - p->visits[0].date - day - stated) / (unstated + 1));
        if (i > from && cit_known(v->after_day)) stated += v->after_day;
        if (i > from && !cit_known(v->after_day)) unstated++;
        if (cit_known(v->every_day))
            stated += (v->count - 1) * v->every_day;
        else
            unstated += v->count - 1;
    }
    return interval_day;
}

int cit_protocol_schedule(const cit_protocol *p, double interval_day,
                          cit_appointment ret[CIT_APPOINTMENTS_MAX]) {
    int n = 0;
    double day = 0, unstated = interval_day;
    for (int i = 0; i < p->visit_count; i++) {
        const cit_visit *v = &p->visits[i];
        const bool dated = v->date != CIT_UNKNOWN_INT;
        if (i > 0 && dated) day = v->date - p->visits[0].date;
        if (i > 0 && !dated) day += cit_known(v->after_day) ? v->after_day : unstated;
        if (i == 0 || dated) unstated = unstated_interval(p, i, day, interval_day);
        for (int k = 0; k < v->count && n < CIT_APPOINTMENTS_MAX; k++) {
            if (k > 0) day += cit_known(v->every_day) ? v->every_day : unstated;
            ret[n++] = (cit_appointment){day, v->status, v};
        }
    }
    /* The course begins with the first visit that was not missed. */
    int first = 0;
    while (first < n && ret[first].status == CIT_MISSED) first++;
    const double start = first < n ? ret[first].day : 0;
    for (int i = first; i < n; i++) {
        ret[i - first] = ret[i];
        ret[i - first].day -= start;
    }
    return n - first;
}

static bool setting_fits(const cit_setting *s, const cit_zone *zone) {
    if (s->site != NULL && strcmp(s->site, zone->site) != 0) return false;
    return s->side == 0 || s->side == CIT_BOTH || zone->side == 0 || s->side == zone->side;
}

static const cit_setting *best_setting(const cit_setting *settings, int count,
                                       const cit_zone *zone) {
    const cit_setting *best = NULL;
    int best_rank = -1;
    for (int i = 0; i < count; i++) {
        const cit_setting *s = &settings[i];
        const bool one_side = s->side != 0 && s->side != CIT_BOTH;
        const int rank = 2 * (s->site != NULL) + one_side;
        if (!setting_fits(s, zone) || rank <= best_rank) continue;
        best = s;
        best_rank = rank;
    }
    return best;
}

const cit_setting *cit_visit_setting(const cit_protocol *protocol, const cit_visit *visit,
                                     const cit_zone *zone) {
    if (visit->status == CIT_MISSED) return NULL;
    if (visit->setting_count > 0) return best_setting(visit->settings, visit->setting_count, zone);
    return best_setting(protocol->settings, protocol->setting_count, zone);
}

int cit_protocol_settings(const cit_protocol *protocol, const cit_case *person,
                          const cit_setting *ret[CIT_SETTINGS_MAX]) {
    int count = 0;
    for (int i = 0; i < protocol->visit_count; i++)
        for (int z = 0; z < person->zone_count; z++) {
            const cit_setting *s =
                cit_visit_setting(protocol, &protocol->visits[i], &person->zones[z]);
            int k = 0;
            while (k < count && ret[k] != s) k++;
            if (s != NULL && k == count && count < CIT_SETTINGS_MAX) ret[count++] = s;
        }
    return count;
}

/* ---- across the files ----------------------------------------------------------------------- */

/* `text` becomes "; did you mean 'cheek'?", or nothing where no name is near. */
static const char *did_you_mean(const char *near, char text[120]) {
    text[0] = 0;
    if (near != NULL) snprintf(text, 120, "; did you mean '%.80s'?", near);
    return text;
}

static void check_site(const cit_doc *doc, cit_mark mark, const char *site,
                       const cit_catalogue *catalogue, cit_errors *errs) {
    char hint[120];
    if (cit_catalogue_site(catalogue, site) == NULL)
        cit_doc_fail(doc, mark, errs,
                     "site '%.40s' is not in the catalogue%s; see `cit catalogue "
                     "sites`",
                     site, did_you_mean(cit_catalogue_near_site(catalogue, site), hint));
}

static double of_sex(int sex, double female, double male) {
    return sex == CIT_FEMALE ? female : sex == CIT_MALE ? male : fmax(female, male);
}

static void check_case_sites(const cit_case *c, const cit_catalogue *catalogue, cit_errors *errs) {
    for (int i = 0; i < c->zone_count; i++) {
        const cit_zone *zone = &c->zones[i];
        const cit_site *site = cit_catalogue_site(catalogue, zone->site);
        check_site(c->doc, zone->mark, zone->site, catalogue, errs);
        if (site == NULL) continue;
        const double dermis = of_sex(c->sex, site->dermis_female_mm, site->dermis_male_mm);
        const double epidermis = of_sex(c->sex, site->epidermis_female_mm, site->epidermis_male_mm);
        const double skin = dermis * (1 + 2 * site->spread) + epidermis;
        for (int j = 0; j < zone->scar_group_count; j++)
            if (zone->scars[j].depth_mm > skin)
                cit_doc_fail(c->doc, zone->scars[j].mark, errs,
                             "scars: a depth of %g mm is more than the skin of the %.40s has "
                             "(%.2g mm, two deviations above the mean)",
                             zone->scars[j].depth_mm, zone->site, skin);
    }
}

static const char *nearest_arm(const cit_study *study, const char *typed) {
    const char *names[16] = {NULL};
    for (int i = 0; i < study->arm_count && i < 15; i++) names[i] = study->arms[i].name;
    return cit_nearest(typed, names);
}

static void check_study(const cit_case *c, const cit_catalogue *catalogue, cit_errors *errs) {
    char hint[120];
    const cit_mark top = cit_doc_root(c->doc)->mark;
    if (c->study == NULL) {
        if (c->study_arm != NULL)
            cit_doc_fail(c->doc, top, errs, "study_arm: there is no study it could be an arm of");
        return;
    }
    const cit_study *study = cit_catalogue_study(catalogue, c->study);
    if (study == NULL) {
        const char *near = cit_catalogue_near_study(catalogue, c->study);
        cit_doc_fail(c->doc, top, errs, "study '%.40s' is not in the catalogue%s", c->study,
                     did_you_mean(near, hint));
        return;
    }
    if (c->study_arm == NULL) return;
    for (int i = 0; i < study->arm_count; i++)
        if (strcmp(study->arms[i].name, c->study_arm) == 0) return;
    cit_doc_fail(c->doc, top, errs, "study_arm: '%.60s' is no arm of %s; its first is '%.60s'%s",
                 c->study_arm, c->study, study->arm_count ? study->arms[0].name : "",
                 did_you_mean(nearest_arm(study, c->study_arm), hint));
}

int cit_who_of(const cit_case *person, const cit_protocol *protocol) {
    return protocol != NULL && protocol->who != 0 ? protocol->who : person->done_by;
}

/* ---- medicines -------------------------------------------------------------------------------- */

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           ((unsigned char)c & 0x80);
}

/* Does the name stand in the entry as words of its own? */
static bool stands_alone(const char *entry, const char *name) {
    for (const char *at = strcasestr(entry, name); at != NULL; at = strcasestr(at + 1, name))
        if ((at == entry || !is_word_byte(at[-1])) && !is_word_byte(at[strlen(name)])) return true;
    return false;
}

/* A name that answers a fact counts wherever it stands, so that no spelling around it hides it; a
 * harmless one only as a word of its own. */
static bool names_one(const cit_catalogue *catalogue, const char *entry, const char *fact) {
    const bool harmless = strcmp(fact, "none") == 0;
    for (int i = 0; i < catalogue->medicine_count; i++) {
        const cit_medicine *m = &catalogue->medicines[i];
        for (int j = 0; strcmp(m->fact, fact) == 0 && j < m->name_count; j++)
            if (harmless ? stands_alone(entry, m->names[j])
                         : strcasestr(entry, m->names[j]) != NULL)
                return true;
    }
    return false;
}

bool cit_takes(const cit_case *person, const cit_catalogue *catalogue, const char *fact) {
    for (int i = 0; i < person->medication_count; i++)
        if (names_one(catalogue, person->medication[i], fact)) return true;
    return false;
}

/* "none" in a list of medicines names none. */
static bool names_none(const char *words) {
    return strcasecmp(words, "none") == 0 || strcasecmp(words, "none known") == 0 ||
           strcasecmp(words, "no") == 0;
}

/* Marks every place where the name stands as words of its own. */
static void cover(const char *entry, const char *name, bool *covered) {
    const size_t length = strlen(name);
    for (const char *at = strcasestr(entry, name); at != NULL; at = strcasestr(at + 1, name)) {
        const bool begins = at == entry || !is_word_byte(at[-1]);
        if (!begins || is_word_byte(at[length])) continue;
        memset(covered + (at - entry), true, length);
    }
}

/* Is every word of an entry a listed name, a word of dosing (which a list holds too) or a number? One
 * known name in it does not vouch for the others. */
static bool all_listed(const cit_catalogue *catalogue, const char *entry) {
    bool covered[400] = {false}, any = false;
    if (strlen(entry) >= sizeof covered) return false;
    for (int i = 0; i < catalogue->medicine_count; i++)
        for (int j = 0; j < catalogue->medicines[i].name_count; j++)
            cover(entry, catalogue->medicines[i].names[j], covered);
    for (size_t i = 0; entry[i] != 0; i++) {
        const bool starts = is_word_byte(entry[i]) && (i == 0 || !is_word_byte(entry[i - 1]));
        const bool number = entry[i] >= '0' && entry[i] <= '9';
        any = any || starts;
        if (starts && !covered[i] && !number) return false;
    }
    return any;
}

bool cit_takes_unlisted(const cit_case *person, const cit_catalogue *catalogue) {
    for (int i = 0; i < person->medication_count; i++)
        if (!names_none(person->medication[i]) && !all_listed(catalogue, person->medication[i]))
            return true;
    return false;
}

static void check_medicines(const cit_case *c, const cit_catalogue *catalogue, cit_errors *errs) {
    const struct {
        const char *fact;
        int answer;
    } answers[] = {{"isotretinoin", c->health.isotretinoin},
                   {"anticoagulant", c->health.anticoagulant},
                   {"steroids", c->health.steroids},
                   {"immunosuppressed", c->health.immunosuppressed},
                   {"chemotherapy", c->health.chemotherapy}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].answer == CIT_NO && cit_takes(c, catalogue, answers[i].fact))
            cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                         "medication: it names a medicine that answers '%s' with yes, but health "
                         "says no",
                         answers[i].fact);
}

static void check_rules_named(const cit_case *c, const cit_catalogue *catalogue, cit_errors *errs) {
    char hint[120];
    for (int i = 0; i < c->override_count; i++)
        if (cit_catalogue_rule(catalogue, c->overrides[i].rule) == NULL)
            cit_doc_fail(
                c->doc, c->overrides[i].mark, errs,
                "rule '%.40s' is not in the catalogue%s; see `cit catalogue rules`",
                c->overrides[i].rule,
                did_you_mean(cit_catalogue_near_rule(catalogue, c->overrides[i].rule), hint));
}

static void check_numbing(const cit_protocol *p, const cit_catalogue *catalogue, cit_errors *errs) {
    char hint[120];
    const char *id = p->numbing.product;
    if (id != NULL && cit_catalogue_anaesthetic(catalogue, id) == NULL)
        cit_doc_fail(p->doc, cit_doc_root(p->doc)->mark, errs,
                     "numbing: product '%.40s' is not in the catalogue%s; see `cit catalogue "
                     "anaesthetics`",
                     id, did_you_mean(cit_catalogue_near_anaesthetic(catalogue, id), hint));
}

static void check_settings(const cit_protocol *p, const cit_setting *settings, int count,
                           const cit_catalogue *catalogue, cit_errors *errs) {
    for (int i = 0; i < count; i++) {
        const cit_setting *s = &settings[i];
        if (s->site != NULL) check_site(p->doc, s->mark, s->site, catalogue, errs);
        if (s->device == NULL) continue;
        const cit_device *device = cit_catalogue_device(catalogue, s->device);
        if (device == NULL) {
            char hint[120];
            const char *near = cit_catalogue_near_device(catalogue, s->device);
            cit_doc_fail(p->doc, s->mark, errs,
                         "device '%.40s' is not in the catalogue%s; see `cit catalogue devices`",
                         s->device, did_you_mean(near, hint));
            continue;
        }
        if (s->kind != 0 && s->kind != device->kind)
            cit_doc_fail(p->doc, s->mark, errs, "'%s' is a %s, not a %s", s->device,
                         cit_choice_name(cit_device_kind_choices, device->kind),
                         cit_choice_name(cit_device_kind_choices, s->kind));
        if (cit_known(s->length_mm) && !cit_device_has_length(device, s->length_mm)) {
            char lengths[160];
            cit_device_lengths_text(device, lengths);
            cit_doc_fail(p->doc, s->mark, errs, "'%s' has no needle length of %g mm; it has %s",
                         s->device, s->length_mm, lengths);
        }
    }
}

static void check_birth(const cit_case *c, const cit_protocol *p, cit_errors *errs) {
    for (int i = 0; i < p->visit_count; i++)
        if (c->born != CIT_UNKNOWN_INT && p->visits[i].date != CIT_UNKNOWN_INT &&
            p->visits[i].date < c->born)
            cit_doc_fail(p->doc, p->visits[i].mark, errs,
                         "visit: its date is before the person's date of birth");
}

static void check_zone_covered(const cit_case *c, const cit_protocol *p, cit_errors *errs) {
    for (int i = 0; i < p->visit_count; i++) {
        bool any = p->visits[i].status == CIT_MISSED;
        for (int j = 0; j < c->zone_count; j++)
            any = any || cit_visit_setting(p, &p->visits[i], &c->zones[j]) != NULL;
        if (!any)
            cit_doc_fail(p->doc, p->visits[i].mark, errs,
                         "visit: its settings are for none of the case's zones");
    }
}

/* What a person's limits name must be there. */
static void check_limits(const cit_case *c, const cit_catalogue *catalogue, cit_errors *errs) {
    const cit_limits *l = &c->limits;
    const cit_mark top = cit_doc_root(c->doc)->mark;
    char hint[120];
    if (l->place != NULL && cit_catalogue_prices(catalogue, l->place) == NULL)
        cit_doc_fail(c->doc, top, errs, "limits: place '%.40s' has no prices in the catalogue%s",
                     l->place, did_you_mean(cit_catalogue_near_prices(catalogue, l->place), hint));
    for (int i = 0; i < l->device_count; i++)
        if (cit_catalogue_device(catalogue, l->devices[i]) == NULL)
            cit_doc_fail(c->doc, top, errs, "limits: device '%.40s' is not in the catalogue%s",
                         l->devices[i],
                         did_you_mean(cit_catalogue_near_device(catalogue, l->devices[i]), hint));
    for (int i = 0; i < l->refused_count; i++)
        if (cit_catalogue_adjunct(catalogue, l->refused[i]) == NULL)
            cit_doc_fail(c->doc, top, errs, "limits: adjunct '%.40s' is not in the catalogue%s",
                         l->refused[i],
                         did_you_mean(cit_catalogue_near_adjunct(catalogue, l->refused[i]), hint));
}

static void check_case(const cit_case *person, const cit_catalogue *catalogue, cit_errors *errs) {
    check_case_sites(person, catalogue, errs);
    check_study(person, catalogue, errs);
    check_medicines(person, catalogue, errs);
    check_rules_named(person, catalogue, errs);
    check_limits(person, catalogue, errs);
}

cit_status cit_check_case(const cit_case *person, const cit_catalogue *catalogue,
                          cit_errors *errs) {
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const int faults_before = errs->count + errs->lost;
    check_case(person, catalogue, errs);
    return errs->count + errs->lost > faults_before ? CIT_INVALID : CIT_OK;
}

cit_status cit_check_together(const cit_case *person, const cit_protocol *protocol,
                              const cit_catalogue *catalogue, cit_errors *errs) {
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const int faults_before = errs->count + errs->lost;
    check_case(person, catalogue, errs);
    check_numbing(protocol, catalogue, errs);
    check_settings(protocol, protocol->settings, protocol->setting_count, catalogue, errs);
    for (int i = 0; i < protocol->visit_count; i++)
        check_settings(protocol, protocol->visits[i].settings, protocol->visits[i].setting_count,
                       catalogue, errs);
    check_birth(person, protocol, errs);
    /* A setting for a site that does not exist would be told twice. */
    if (errs->count + errs->lost == faults_before) check_zone_covered(person, protocol, errs);
    return errs->count + errs->lost > faults_before ? CIT_INVALID : CIT_OK;
}
