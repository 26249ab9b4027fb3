/* The facts that rules look at: one row each, and how it is read off case, protocol and catalogue. */
#include "screening_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double forever = (double)INFINITY;

/* ---- three-valued logic ----------------------------------------------------------------------- */

cit_answer answer_and(cit_answer a, cit_answer b) {
    if (a == CIT_NO || b == CIT_NO) return CIT_NO;
    return a == CIT_YES && b == CIT_YES ? CIT_YES : CIT_ANSWER_UNKNOWN;
}

cit_answer answer_or(cit_answer a, cit_answer b) {
    if (a == CIT_YES || b == CIT_YES) return CIT_YES;
    return a == CIT_NO && b == CIT_NO ? CIT_NO : CIT_ANSWER_UNKNOWN;
}

static cit_answer answer_of(bool yes) { return yes ? CIT_YES : CIT_NO; }

static fact_value said(cit_answer answer) { return (fact_value){.answer = answer}; }
static fact_value between(double lo, double hi) { return (fact_value){.lo = lo, .hi = hi}; }
static fact_value chosen(const char *name) { return (fact_value){.choice = name}; }

static int int_at(const void *object, size_t offset) {
    int i = 0;
    memcpy(&i, (const char *)object + offset, sizeof i);
    return i;
}

/* ---- the person -------------------------------------------------------------------------------- */

static fact_value of_health(const fact *f, const scene *at) {
    return said((cit_answer)int_at(&at->person->health, f->offset));
}

/* A medicine that the case names answers yes whatever the question of health says. */
static fact_value of_medicine(const fact *f, const scene *at) {
    if (cit_takes(at->person, at->catalogue, f->name)) return said(CIT_YES);
    return of_health(f, at);
}

static cit_answer raised_scar(const scene *at, const cit_zone *zone) {
    if (zone->raised_mm2 > 0) return CIT_YES;
    if (cit_known(zone->raised_mm2) || at->person->health.keloid_tendency == CIT_NO) return CIT_NO;
    return CIT_ANSWER_UNKNOWN;
}

static fact_value of_keloid(const fact *f, const scene *at) {
    for (int i = 0; i < at->person->zone_count; i++)
        if (raised_scar(at, &at->person->zones[i]) == CIT_YES) return said(CIT_YES);
    return of_health(f, at);
}

static fact_value of_unlisted(const fact *f, const scene *at) {
    (void)f;
    if (at->person->medication == NULL) return said(CIT_ANSWER_UNKNOWN);
    return said(answer_of(cit_takes_unlisted(at->person, at->catalogue)));
}

/* What the case names beside the questions of health. */
static fact_value of_sensitivity(const fact *f, const scene *at) {
    (void)f;
    if (at->person->sensitivities == NULL) return said(CIT_ANSWER_UNKNOWN);
    for (int i = 0; i < at->person->sensitivity_count; i++) {
        const char *words = at->person->sensitivities[i];
        if (strcasecmp(words, "none") != 0 && strcasecmp(words, "none known") != 0 &&
            strcasecmp(words, "no") != 0)
            return said(CIT_YES);
    }
    return said(CIT_NO);
}

static fact_value of_answers(const fact *f, const scene *at) {
    (void)f;
    if (at->person->answered == CIT_UNKNOWN_INT) return between(0, forever);
    const double days = at->day - at->person->answered;
    return between(days, days);
}

/* Whole years stated in words are at least so many and not a year more; what has passed since they
 * were stated comes on top. */
static fact_value of_age(const fact *f, const scene *at) {
    (void)f;
    const cit_case *c = at->person;
    if (c->born != CIT_UNKNOWN_INT) {
        const double years = cit_years_between(c->born, at->day);
        return between(years, years);
    }
    if (!cit_known(c->age_day)) return between(0, forever);
    const double stated = c->age_day / CIT_YEAR_DAYS;
    const double passed =
        c->answered != CIT_UNKNOWN_INT ? fmax(0, (at->day - c->answered) / CIT_YEAR_DAYS) : 0;
    return between(stated + passed, nextafter(floor(stated) + 1, 0) + passed);
}

static fact_value of_weight(const fact *f, const scene *at) {
    (void)f;
    const double kg = at->person->weight_kg;
    return cit_known(kg) ? between(kg, kg) : between(0, forever);
}

/* The clinician's grade, or what the bedside tests make of it. */
static fact_value of_grade(const fact *f, const scene *at) {
    (void)f;
    const cit_assessment *s = &at->person->assessment;
    const int grade = s->grade != CIT_UNKNOWN_INT ? s->grade : cit_grade_from_tests(s);
    return grade == CIT_UNKNOWN_INT ? between(0, 4) : between(grade, grade);
}

static fact_value of_choice(const fact *f, const scene *at) {
    const int value = int_at(at->person, f->offset);
    return chosen(value == 0 ? NULL : f->choices[value - 1]);
}

/* Days since the latest visit that the protocol has as done; infinite where there is none, or none with
 * a date. */
static double days_since_visit(const scene *at) {
    cit_appointment visits[CIT_APPOINTMENTS_MAX];
    const cit_protocol *p = at->protocol;
    if (p == NULL) return forever;
    const int n = cit_protocol_schedule(p, forever, visits);
    int first = 0;
    double days = forever;
    while (first < p->visit_count && p->visits[first].status == CIT_MISSED) first++;
    if (first == p->visit_count || p->visits[first].date == CIT_UNKNOWN_INT) return forever;
    for (int i = 0; i < n; i++)
        if (visits[i].status == CIT_DONE && isfinite(visits[i].day))
            days = fmin(days, at->day - p->visits[first].date - visits[i].day);
    return days;
}

static bool any_done(const cit_protocol *p) {
    for (int i = 0; p != NULL && i < p->visit_count; i++)
        if (p->visits[i].status == CIT_DONE) return true;
    return false;
}

/* Days since the latest date of a kind of treatment: bits of `kinds`. Entries without a date may have
 * been today. */
/* Could this visit of the case have been done with radiofrequency needles? */
static bool maybe_radiofrequency(const scene *at, const cit_done_visit *v) {
    bool maybe = false;
    for (int i = 0; i < v->zone_count; i++) {
        const char *id = v->zones[i].device;
        const cit_device *d = id ? cit_catalogue_device(at->catalogue, id) : NULL;
        maybe = maybe || d == NULL || d->kind == CIT_RADIOFREQUENCY;
    }
    return maybe;
}

static bool protocol_maybe_radiofrequency(const scene *at) {
    const cit_setting *settings[CIT_SETTINGS_MAX];
    if (at->protocol == NULL) return false;
    const int n = cit_protocol_settings(at->protocol, at->person, settings);
    for (int i = 0; i < n; i++) {
        const cit_device *d =
            settings[i]->device ? cit_catalogue_device(at->catalogue, settings[i]->device) : NULL;
        const int kind = d != NULL ? d->kind : settings[i]->kind;
        if (kind == 0 || kind == CIT_RADIOFREQUENCY) return true;
    }
    return false;
}

static fact_value days_since(const scene *at, unsigned kinds) {
    const cit_case *c = at->person;
    const bool needling = (kinds & (1u << CIT_HAD_NEEDLING)) != 0;
    const bool radiofrequency = (kinds & (1u << CIT_HAD_RADIOFREQUENCY)) != 0;
    double known = forever;
    bool undated = c->earlier == NULL;
    for (int i = 0; c->earlier != NULL && i < c->earlier_count; i++) {
        const cit_earlier *e = &c->earlier[i];
        if (e->what != 0 && !(kinds & (1u << e->what))) continue;
        if (e->what == 0 || e->date == CIT_UNKNOWN_INT)
            undated = true;
        else
            known = fmin(known, at->day - e->date);
    }
    for (int i = 0; i < c->visit_count; i++)
        if (needling || (radiofrequency && maybe_radiofrequency(at, &c->visits[i])))
            known = fmin(known, at->day - c->visits[i].date);
    if (needling || (radiofrequency && protocol_maybe_radiofrequency(at)))
        known = fmin(known, days_since_visit(at));
    return between(undated ? fmin(0, known) : known, known);
}

static fact_value of_since(const fact *f, const scene *at) {
    return days_since(at, (unsigned)f->which);
}

static fact_value of_since_isotretinoin(const fact *f, const scene *at) {
    (void)f;
    const cit_health *h = &at->person->health;
    if (h->isotretinoin_stopped != CIT_UNKNOWN_INT) {
        const double days = at->day - h->isotretinoin_stopped;
        return between(days, days);
    }
    if (h->isotretinoin_past == CIT_NO) return between(forever, forever);
    return between(0, forever);
}

static fact_value of_first_time(const fact *f, const scene *at) {
    (void)f;
    const cit_case *c = at->person;
    if (c->visit_count > 0 || any_done(at->protocol)) return said(CIT_NO);
    if (c->earlier == NULL) return said(CIT_ANSWER_UNKNOWN);
    bool unnamed = false;
    for (int i = 0; i < c->earlier_count; i++) {
        const int what = c->earlier[i].what;
        if (what == CIT_HAD_NEEDLING || what == CIT_HAD_RADIOFREQUENCY) return said(CIT_NO);
        unnamed = unnamed || what == 0;
    }
    return said(unnamed ? CIT_ANSWER_UNKNOWN : CIT_YES);
}

/* ---- the zone ----------------------------------------------------------------------------------- */

static fact_value of_zone(const fact *f, const scene *at) {
    return said((cit_answer)int_at(at->zone, f->offset));
}

static fact_value of_raised(const fact *f, const scene *at) {
    (void)f;
    return said(raised_scar(at, at->zone));
}

static fact_value of_rim(const fact *f, const scene *at) {
    (void)f;
    const cit_site *site = cit_catalogue_site(at->catalogue, at->zone->site);
    return said(site == NULL ? CIT_ANSWER_UNKNOWN : (cit_answer)site->inside_orbital_rim);
}

static fact_value of_region(const fact *f, const scene *at) {
    const cit_site *site = cit_catalogue_site(at->catalogue, at->zone->site);
    return chosen(site == NULL ? NULL : f->choices[site->region - 1]);
}

static fact_value of_site(const fact *f, const scene *at) {
    (void)f;
    return chosen(at->zone->site);
}

static fact_value of_ice_pick(const fact *f, const scene *at) {
    (void)f;
    if (at->zone->scars == NULL) return said(CIT_ANSWER_UNKNOWN);
    for (int i = 0; i < at->zone->scar_group_count; i++)
        if (at->zone->scars[i].type == CIT_ICE_PICK && at->zone->scars[i].count != 0)
            return said(CIT_YES);
    return said(CIT_NO);
}

static fact_value of_only_macular(const fact *f, const scene *at) {
    (void)f;
    const cit_zone *z = at->zone;
    if (z->scar_group_count > 0 || z->papular > 0 || z->raised_mm2 > 0 || z->macular == 0)
        return said(CIT_NO);
    return said(z->scars != NULL && z->macular > 0 ? CIT_YES : CIT_ANSWER_UNKNOWN);
}

/* ---- the setting --------------------------------------------------------------------------------- */

static const cit_device *device_of(const scene *at) {
    return at->setting->device ? cit_catalogue_device(at->catalogue, at->setting->device) : NULL;
}

static fact_value of_device_kind(const fact *f, const scene *at) {
    const cit_device *device = device_of(at);
    const int kind = device ? device->kind : at->setting->kind;
    return chosen(kind == 0 ? NULL : f->choices[kind - 1]);
}

static double shortest_mm(const cit_device *d) {
    double shortest = d->length_count > 0 ? forever : d->length_from_mm;
    for (int i = 0; i < d->length_count; i++) shortest = fmin(shortest, d->lengths_mm[i]);
    return shortest;
}

static fact_value of_length(const fact *f, const scene *at) {
    (void)f;
    const cit_device *device = device_of(at);
    const double mm = at->setting->length_mm;
    if (cit_known(mm)) return between(mm, mm);
    if (device != NULL) return between(shortest_mm(device), cit_device_longest_mm(device));
    return between(0, forever);
}

static fact_value of_device_user(const fact *f, const scene *at) {
    (void)f;
    const cit_device *device = device_of(at);
    if (device == NULL) return said(CIT_ANSWER_UNKNOWN);
    return said(answer_of(device->users & (1u << (at->who - 1))));
}

static fact_value of_beyond(const fact *f, const scene *at) {
    const cit_device *device = device_of(at);
    const fact_value length = of_length(f, at);
    if (device == NULL || !cit_known(device->depth_evaluated_mm)) return said(CIT_ANSWER_UNKNOWN);
    if (length.lo > device->depth_evaluated_mm) return said(CIT_YES);
    return said(length.hi <= device->depth_evaluated_mm ? CIT_NO : CIT_ANSWER_UNKNOWN);
}

/* ---- the protocol -------------------------------------------------------------------------------- */

/* The shortest time between two visits; an interval nobody stated may be any. */
static fact_value of_interval(const fact *f, const scene *at) {
    (void)f;
    cit_appointment visits[CIT_APPOINTMENTS_MAX];
    const int n = cit_protocol_schedule(at->protocol, forever, visits);
    double shortest = forever, last = -forever;
    for (int i = 0; i < n; i++) {
        if (visits[i].status == CIT_MISSED) continue;
        /* Behind an unstated interval days are not finite, and their differences no numbers. */
        const double gap = visits[i].day - last;
        if (isfinite(gap)) shortest = fmin(shortest, gap);
        last = visits[i].day;
    }
    const bool unknown = cit_protocol_interval_unknown(at->protocol);
    return between(unknown ? 0 : shortest, shortest);
}

static fact_value of_products(const fact *f, const scene *at) {
    (void)f;
    return (fact_value){.set = at->protocol->products};
}

static fact_value of_protocol_answer(const fact *f, const scene *at) {
    return said((cit_answer)int_at(at->protocol, f->offset));
}

static fact_value of_labelled(const fact *f, const scene *at) {
    if (at->protocol->products == CIT_PRODUCT_NOTHING) return said(CIT_YES);
    return of_protocol_answer(f, at);
}

static fact_value of_needles(const fact *f, const scene *at) {
    return chosen(at->protocol->needles == 0 ? NULL : f->choices[at->protocol->needles - 1]);
}

static cit_answer numbing(const scene *at) {
    const cit_protocol *p = at->protocol;
    cit_answer any = p->numbing.product != NULL ? CIT_YES : CIT_NO;
    for (int i = 0; i < p->visit_count; i++) {
        const cit_visit *v = &p->visits[i];
        if (v->status == CIT_MISSED) continue;
        any = answer_or(any, (cit_answer)(v->cream != 0 ? v->cream : p->cream));
    }
    return any;
}

static fact_value of_numbing(const fact *f, const scene *at) {
    (void)f;
    return said(numbing(at));
}

static const cit_anaesthetic *cream_of(const scene *at) {
    const char *id = at->protocol->numbing.product;
    return id ? cit_catalogue_anaesthetic(at->catalogue, id) : NULL;
}

static fact_value of_strength(const fact *f, const scene *at) {
    (void)f;
    const cit_anaesthetic *cream = cream_of(at);
    if (numbing(at) == CIT_NO) return between(0, 0);
    return cream ? between(cream->strength_percent, cream->strength_percent) : between(0, 100);
}

/* What only matters where there is a cream. */
static fact_value if_numbing(const scene *at, cit_answer answer) {
    return said(answer_and(numbing(at), answer));
}

static fact_value of_occluded(const fact *f, const scene *at) {
    (void)f;
    return if_numbing(at, (cit_answer)at->protocol->numbing.occluded);
}

static fact_value of_cream(const fact *f, const scene *at) {
    const cit_anaesthetic *cream = cream_of(at);
    return if_numbing(at, cream ? (cit_answer)int_at(cream, f->offset) : CIT_ANSWER_UNKNOWN);
}

/* Is the number within from (NAN: none) and to? */
static cit_answer within(fact_value v, double from, double to) {
    const cit_answer below = !cit_known(to) ? CIT_YES
                             : v.hi < to    ? CIT_YES
                             : v.lo >= to   ? CIT_NO
                                            : CIT_ANSWER_UNKNOWN;
    const cit_answer above = !cit_known(from) ? CIT_YES
                             : v.lo >= from   ? CIT_YES
                             : v.hi < from    ? CIT_NO
                                              : CIT_ANSWER_UNKNOWN;
    return answer_and(below, above);
}

/* Days as years, whole where a whole number of years was meant. */
static double in_years(double days) {
    const double years = days / CIT_YEAR_DAYS;
    return fabs(years - round(years)) < 1e-9 ? round(years) : years;
}

/* A limit that the label does not give leaves it open. */
static cit_answer more_than(fact_value amount, double limit) {
    if (!cit_known(limit)) return CIT_ANSWER_UNKNOWN;
    if (amount.lo > limit) return CIT_YES;
    return amount.hi <= limit ? CIT_NO : CIT_ANSWER_UNKNOWN;
}

static fact_value exactly(double amount) {
    return cit_known(amount) ? between(amount, amount) : between(0, forever);
}

/* The area under the cream where it is stated; else no less than the zones whose area is stated. */
static fact_value numbed_area_mm2(const scene *at) {
    if (cit_known(at->protocol->numbing.area_mm2)) return exactly(at->protocol->numbing.area_mm2);
    double least = 0;
    for (int i = 0; i < at->person->zone_count; i++)
        if (cit_known(at->person->zones[i].area_mm2)) least += at->person->zones[i].area_mm2;
    return between(least, forever);
}

/* Grams and area; the label may give but one of them. */
static cit_answer more_amount(const cit_anaesthetic_limit *l, fact_value grams,
                              fact_value area_mm2) {
    if (!cit_known(l->grams)) return more_than(area_mm2, l->area_mm2);
    if (!cit_known(l->area_mm2)) return more_than(grams, l->grams);
    return answer_or(more_than(grams, l->grams), more_than(area_mm2, l->area_mm2));
}

/* Over the amount or the time of the label's first row that fits. A weight nobody knows and a label
 * that gives no amount or no time leave it open. */
static cit_answer over_ceiling(const scene *at, const cit_anaesthetic *cream) {
    const cit_numbing *n = &at->protocol->numbing;
    const fact_value years = of_age(NULL, at), kg = of_weight(NULL, at);
    if (kg.lo != kg.hi) return CIT_ANSWER_UNKNOWN;
    for (int i = 0; i < cream->limit_count; i++) {
        const cit_anaesthetic_limit *l = &cream->limits[i];
        const cit_answer fits =
            answer_and(within(years, in_years(l->age_from_day), in_years(l->age_to_day)),
                       within(kg, l->weight_from_kg, l->weight_to_kg));
        if (fits == CIT_NO) continue;
        if (fits == CIT_ANSWER_UNKNOWN) return CIT_ANSWER_UNKNOWN;
        return answer_or(more_amount(l, exactly(n->grams), numbed_area_mm2(at)),
                         more_than(exactly(n->minutes), l->minutes));
    }
    return CIT_ANSWER_UNKNOWN;
}

static fact_value of_ceiling(const fact *f, const scene *at) {
    (void)f;
    const cit_anaesthetic *cream = cream_of(at);
    return if_numbing(at, cream ? over_ceiling(at, cream) : CIT_ANSWER_UNKNOWN);
}

/* ---- the table ------------------------------------------------------------------------------------ */

#define HEALTH(name)                                                                               \
    { #name, CIT_OF_PERSON, FACT_ANSWER, NULL, NULL, of_health, offsetof(cit_health, name), 0 }
#define MEDICINE(name)                                                                             \
    { #name, CIT_OF_PERSON, FACT_ANSWER, NULL, NULL, of_medicine, offsetof(cit_health, name), 0 }
#define SINCE(name, kinds)                                                                         \
    { name, CIT_OF_PERSON, FACT_NUMBER, "day", NULL, of_since, 0, kinds }
#define ZONE(name)                                                                                 \
    { #name, CIT_OF_ZONE, FACT_ANSWER, NULL, NULL, of_zone, offsetof(cit_zone, name), 0 }
#define ONE(name, scope, kind, unit, choices, get)                                                 \
    { name, scope, kind, unit, choices, get, 0, 0 }
#define HAD(what) (1 << CIT_HAD_##what)
#define CREAM(name, member)                                                                        \
    {                                                                                              \
        name, CIT_OF_PROTOCOL, FACT_ANSWER, NULL, NULL, of_cream,                                  \
            offsetof(cit_anaesthetic, member), 0                                                   \
    }

static const fact facts[] = {
    HEALTH(pregnant),
    HEALTH(nursing),
    MEDICINE(isotretinoin),
    {"keloid_tendency", CIT_OF_PERSON, FACT_ANSWER, NULL, NULL, of_keloid,
     offsetof(cit_health, keloid_tendency), 0},
    HEALTH(bleeding_disorder),
    MEDICINE(anticoagulant),
    MEDICINE(immunosuppressed),
    MEDICINE(steroids),
    MEDICINE(chemotherapy),
    HEALTH(diabetes),
    HEALTH(heart_disease),
    HEALTH(cold_sores),
    HEALTH(eczema),
    HEALTH(psoriasis),
    HEALTH(rosacea),
    HEALTH(collagen_disease),
    HEALTH(radiotherapy),
    HEALTH(metal_allergy),
    HEALTH(anaesthetic_allergy),
    HEALTH(amide_allergy),
    HEALTH(ester_allergy),
    HEALTH(methaemoglobinaemia),
    HEALTH(sensitive_skin),
    HEALTH(dark_marks),
    HEALTH(tan),
    HEALTH(dysmorphic_concern),
    ONE("unlisted_medicine", CIT_OF_PERSON, FACT_ANSWER, NULL, NULL, of_unlisted),
    ONE("named_sensitivity", CIT_OF_PERSON, FACT_ANSWER, NULL, NULL, of_sensitivity),
    ONE("since_answers", CIT_OF_PERSON, FACT_NUMBER, "day", NULL, of_answers),
    ONE("first_time", CIT_OF_PERSON, FACT_ANSWER, NULL, NULL, of_first_time),
    ONE("age", CIT_OF_PERSON, FACT_NUMBER, "year", NULL, of_age),
    ONE("weight", CIT_OF_PERSON, FACT_NUMBER, "kg", NULL, of_weight),
    ONE("grade", CIT_OF_PERSON, FACT_NUMBER, "", NULL, of_grade),
    ONE("since_isotretinoin", CIT_OF_PERSON, FACT_NUMBER, "day", NULL, of_since_isotretinoin),
    SINCE("since_needling", HAD(NEEDLING)),
    SINCE("since_radiofrequency", HAD(RADIOFREQUENCY)),
    SINCE("since_laser", HAD(LASER)),
    SINCE("since_peel", HAD(PEEL) | HAD(TCA_CROSS)),
    SINCE("since_filler", HAD(FILLER)),
    SINCE("since_toxin", HAD(TOXIN)),
    SINCE("since_dermabrasion", HAD(DERMABRASION)),
    SINCE("since_subcision", HAD(SUBCISION)),
    SINCE("since_other", HAD(OTHER)),
    SINCE("since_surgery", HAD(SURGERY) | HAD(PUNCH)),
    {"skin_type", CIT_OF_PERSON, FACT_CHOICE, NULL, cit_skin_type_choices, of_choice,
     offsetof(cit_case, skin_type), 0},
    {"expectation", CIT_OF_PERSON, FACT_CHOICE, NULL, cit_expectation_choices, of_choice,
     offsetof(cit_case, expectation), 0},
    {"cause", CIT_OF_PERSON, FACT_CHOICE, NULL, cit_cause_choices, of_choice,
     offsetof(cit_case, cause), 0},
    ZONE(inflamed_acne),
    ZONE(infection),
    ZONE(cold_sore),
    ZONE(open_wound),
    ZONE(sunburn),
    ZONE(inflamed_skin),
    ZONE(skin_cancer),
    ZONE(keratosis),
    ZONE(raised_lesion),
    ONE("raised_scar", CIT_OF_ZONE, FACT_ANSWER, NULL, NULL, of_raised),
    ONE("inside_orbital_rim", CIT_OF_ZONE, FACT_ANSWER, NULL, NULL, of_rim),
    ONE("ice_pick", CIT_OF_ZONE, FACT_ANSWER, NULL, NULL, of_ice_pick),
    ONE("only_macular", CIT_OF_ZONE, FACT_ANSWER, NULL, NULL, of_only_macular),
    ONE("region", CIT_OF_ZONE, FACT_CHOICE, NULL, cit_region_choices, of_region),
    ONE("site", CIT_OF_ZONE, FACT_CHOICE, NULL, NULL, of_site),
    ONE("device_kind", CIT_OF_SETTING, FACT_CHOICE, NULL, cit_device_kind_choices, of_device_kind),
    ONE("length", CIT_OF_SETTING, FACT_NUMBER, "mm", NULL, of_length),
    ONE("device_for_user", CIT_OF_SETTING, FACT_ANSWER, NULL, NULL, of_device_user),
    ONE("beyond_evaluated", CIT_OF_SETTING, FACT_ANSWER, NULL, NULL, of_beyond),
    ONE("interval", CIT_OF_PROTOCOL, FACT_NUMBER, "day", NULL, of_interval),
    ONE("product", CIT_OF_PROTOCOL, FACT_SET, NULL, cit_product_choices, of_products),
    {"product_labelled", CIT_OF_PROTOCOL, FACT_ANSWER, NULL, NULL, of_labelled,
     offsetof(cit_protocol, product_labelled), 0},
    ONE("needles", CIT_OF_PROTOCOL, FACT_CHOICE, NULL, cit_needles_choices, of_needles),
    {"needles_shared", CIT_OF_PROTOCOL, FACT_ANSWER, NULL, NULL, of_protocol_answer,
     offsetof(cit_protocol, needles_shared), 0},
    ONE("numbing", CIT_OF_PROTOCOL, FACT_ANSWER, NULL, NULL, of_numbing),
    ONE("numbing_strength", CIT_OF_PROTOCOL, FACT_NUMBER, "", NULL, of_strength),
    ONE("numbing_occluded", CIT_OF_PROTOCOL, FACT_ANSWER, NULL, NULL, of_occluded),
    CREAM("numbing_amide", amide),
    CREAM("numbing_ester", ester),
    CREAM("numbing_methaemoglobin", methaemoglobin),
    ONE("numbing_over_ceiling", CIT_OF_PROTOCOL, FACT_ANSWER, NULL, NULL, of_ceiling),
};
enum { FACTS = sizeof facts / sizeof *facts };

int cit_fact_count(void) { return FACTS; }
const char *cit_fact_name(int i) { return facts[i].name; }
cit_scope cit_fact_scope(int i) { return facts[i].scope; }
const fact *fact_at(int i) { return i < FACTS ? &facts[i] : NULL; }

const fact *fact_find(const char *name) {
    for (int i = 0; i < FACTS; i++)
        if (strcmp(facts[i].name, name) == 0) return &facts[i];
    return NULL;
}

const char *fact_near(const char *name) {
    const char *names[FACTS + 1] = {NULL};
    for (int i = 0; i < FACTS; i++) names[i] = facts[i].name;
    return cit_nearest(name, names);
}

/* ---- terms ---------------------------------------------------------------------------------------- */

/* Ages are told in years, which the calendar makes; other times in days. */
static bool read_limit(const fact *f, const char *text, double *ret, char why[160]) {
    if (strcmp(f->unit, "year") != 0) return cit_quantity_parse(text, f->unit, ret, why);
    if (!cit_quantity_parse(text, "day", ret, why)) return false;
    *ret = in_years(*ret);
    return true;
}

static cit_answer number_holds(const fact *f, const cit_term *term, fact_value v) {
    double limit = 0;
    char why[160];
    if (!read_limit(f, term->under ? term->under : term->above, &limit, why))
        return CIT_ANSWER_UNKNOWN;
    if (term->under != NULL) {
        if (v.hi < limit) return CIT_YES;
        return v.lo >= limit ? CIT_NO : CIT_ANSWER_UNKNOWN;
    }
    if (v.lo > limit) return CIT_YES;
    return v.hi <= limit ? CIT_NO : CIT_ANSWER_UNKNOWN;
}

static bool among(const cit_term *term, const char *name) {
    for (int i = 0; i < term->is_count; i++)
        if (strcmp(term->is[i], name) == 0) return true;
    return false;
}

static cit_answer set_holds(const fact *f, const cit_term *term, unsigned set) {
    if (set == 0) return CIT_ANSWER_UNKNOWN;
    for (int i = 0; f->choices[i] != NULL; i++)
        if ((set & (1u << i)) && among(term, f->choices[i])) return CIT_YES;
    return CIT_NO;
}

cit_answer term_holds(const cit_term *term, const scene *at) {
    const fact *f = fact_find(term->fact);
    if (f == NULL) return CIT_ANSWER_UNKNOWN;
    const fact_value v = f->get(f, at);
    switch (f->kind) {
    case FACT_ANSWER:
        if (v.answer == CIT_ANSWER_UNKNOWN) return CIT_ANSWER_UNKNOWN;
        return answer_of(among(term, v.answer == CIT_YES ? "yes" : "no"));
    case FACT_NUMBER:
        return number_holds(f, term, v);
    case FACT_CHOICE:
        return v.choice == NULL ? CIT_ANSWER_UNKNOWN : answer_of(among(term, v.choice));
    case FACT_SET:
        return set_holds(f, term, v.set);
    }
    return CIT_ANSWER_UNKNOWN;
}

int term_ends(const cit_term *term, const scene *at) {
    const fact *f = fact_find(term->fact);
    double limit = 0;
    char why[160];
    if (f == NULL || f->kind != FACT_NUMBER || term->under == NULL ||
        !read_limit(f, term->under, &limit, why))
        return CIT_UNKNOWN_INT;
    const fact_value v = f->get(f, at);
    if (strcmp(f->name, "age") == 0 && at->person->born != CIT_UNKNOWN_INT)
        return cit_birthday(at->person->born, (int)ceil(limit));
    const bool runs = strncmp(f->name, "since_", 6) == 0;
    if (!runs || v.lo != v.hi || !isfinite(v.lo)) return CIT_UNKNOWN_INT;
    return at->day + (int)ceil(limit - v.lo);
}

/* ---- checking what a rule says ---------------------------------------------------------------------- */

static const char *const *names_of(const fact *f, const cit_catalogue *c, const char *ids[512]) {
    if (f->kind == FACT_ANSWER) return cit_answer_choices;
    if (f->choices != NULL) return f->choices;
    int n = 0;
    for (; n < c->site_count && n < 511; n++) ids[n] = c->sites[n].id;
    ids[n] = NULL;
    return ids;
}

bool term_check(const cit_term *term, const cit_catalogue *catalogue, char why[160]) {
    const fact *f = fact_find(term->fact);
    const char *ids[512];
    double limit = 0;
    char reason[160];
    if (f == NULL) {
        const char *near = fact_near(term->fact);
        snprintf(why, 160, "there is no fact '%.40s'%s%s%s", term->fact,
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        return false;
    }
    if ((f->kind == FACT_NUMBER) != (term->is_count == 0)) {
        snprintf(why, 160, "fact '%s' %s", f->name,
                 f->kind == FACT_NUMBER ? "is a number: 'under' or 'above' is needed"
                                        : "is no number: 'is' is needed");
        return false;
    }
    if (f->kind == FACT_NUMBER) {
        if (read_limit(f, term->under ? term->under : term->above, &limit, reason)) return true;
        snprintf(why, 160, "fact '%s': %.120s", f->name, reason);
        return false;
    }
    const char *const *names = names_of(f, catalogue, ids);
    for (int i = 0; i < term->is_count; i++) {
        int j = 0;
        while (names[j] != NULL && strcmp(names[j], term->is[i]) != 0) j++;
        if (names[j] != NULL) continue;
        const char *near = cit_nearest(term->is[i], names);
        snprintf(why, 160, "fact '%s' cannot be '%.40s'%s%s%s", f->name, term->is[i],
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        return false;
    }
    return true;
}
