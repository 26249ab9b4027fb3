/* The hard stops as data: what is asked, where the answer stands, why a yes is refused. */
#include <assert.h>
#include <cit/screening.h>
#include <stdio.h>
#include <string.h>

/* 0.5 mm is where the lay limits for home use (0.1 to 1 mm) and "under 0.5 mm" of Scientific Reports
 * 2022, s41598-022-22481-w, meet; one conservative limit, assumed. */
static const double home_length_max_mm = 0.5;

typedef enum scope { PERSON, ZONE, SITE, RADIOFREQUENCY_HOME, LENGTH_HOME } scope;

typedef struct rule {
    cit_stop stop;
    scope scope;
    size_t offset; /* of the cit_answer in cit_health or cit_zone */
} rule;

#define LABEL "SkinPen label (FDA DEN160029), as quoted by clinics"
static const rule rules[] = {
    {{"pregnant", "Is the person pregnant?", "not tested in pregnancy", LABEL},
     PERSON,
     offsetof(cit_health, pregnant)},
    {{"nursing", "Is the person nursing?", "not tested in nursing women", LABEL},
     PERSON,
     offsetof(cit_health, nursing)},
    {{"isotretinoin", "Is the person taking isotretinoin now?",
      "wound healing is altered while isotretinoin is taken", LABEL},
     PERSON,
     offsetof(cit_health, isotretinoin)},
    {{"keloid-tendency", "Has the person had keloids or raised scars?",
      "needling can raise a scar where the skin tends to it", LABEL},
     PERSON,
     offsetof(cit_health, keloid_tendency)},
    {{"bleeding-disorder", "Does the person have a bleeding disorder?",
      "bleeding from the channels may not stop by itself", LABEL},
     PERSON,
     offsetof(cit_health, bleeding_disorder)},
    {{"inflamed-acne", "Is there inflamed acne in the zone?",
      "needles spread what is in an inflamed lesion", "SkinPen patient labelling; training lists"},
     ZONE,
     offsetof(cit_zone, inflamed_acne)},
    {{"infection", "Is there an infection in the zone (also cold sores, warts)?",
      "needles spread an infection", LABEL},
     ZONE,
     offsetof(cit_zone, infection)},
    {{"open-wound", "Is there an open wound in the zone?", "open skin must close first", LABEL},
     ZONE,
     offsetof(cit_zone, open_wound)},
    {{"skin-cancer", "Is there skin cancer in the zone?", "a growth must be treated, not punctured",
      LABEL},
     ZONE,
     offsetof(cit_zone, skin_cancer)},
    {{"orbital-rim", "Does the zone lie inside the orbital rim?",
      "the eyelids are excluded from every label read", LABEL},
     SITE,
     0},
    {{"radiofrequency-home", "Who will do it?",
      "radiofrequency needling is not for home use: burns, scars, fat loss, nerve damage",
      "FDA safety communication, 15 October 2025"},
     RADIOFREQUENCY_HOME,
     0},
    {{"length-home", "Who will do it, and with which needle length?",
      "needles above 0.5 mm are not for home use", "assumed: lay limits run from 0.1 to 1 mm"},
     LENGTH_HOME,
     0},
};
enum { RULES = sizeof rules / sizeof *rules };

int cit_stop_count(void) { return RULES; }

const cit_stop *cit_stop_at(int i) {
    assert(i >= 0 && i < RULES);
    return &rules[i].stop;
}

static int gravity(cit_answer answer) {
    return answer == CIT_YES ? 2 : answer == CIT_ANSWER_UNKNOWN ? 1 : 0;
}

/* A free finding; when there is none, the last of the least grave ones if it weighs less than this
 * answer, else NULL. */
static cit_finding *room_for(cit_screening *s, cit_answer answer) {
    if (s->count < CIT_FINDINGS_MAX) return &s->findings[s->count++];
    cit_finding *least = &s->findings[0];
    for (int i = 1; i < s->count; i++)
        if (gravity(s->findings[i].answer) <= gravity(least->answer)) least = &s->findings[i];
    return gravity(least->answer) < gravity(answer) ? least : NULL;
}

static void add(cit_screening *s, const rule *r, cit_answer answer, const char *where) {
    if (answer == CIT_YES) s->refused++;
    if (answer == CIT_ANSWER_UNKNOWN) s->unknown++;
    cit_finding *f = room_for(s, answer);
    if (f == NULL) return;
    f->stop = &r->stop;
    f->answer = answer;
    snprintf(f->where, sizeof f->where, "%s", where);
}

static cit_answer answer_at(const void *object, size_t offset) {
    return *(const cit_answer *)(const void *)((const char *)object + offset);
}

static void screen_zone(const rule *r, const cit_zone *zone, const cit_catalogue *catalogue,
                        cit_screening *ret) {
    char name[80];
    cit_zone_name(zone, name);
    if (r->scope == ZONE) {
        add(ret, r, answer_at(zone, r->offset), name);
    } else {
        const cit_site *site = cit_catalogue_site(catalogue, zone->site);
        add(ret, r, site ? (cit_answer)site->inside_orbital_rim : CIT_ANSWER_UNKNOWN, name);
    }
}

/* Both home rules: yes needs `home` and the forbidden setting; either one known to be otherwise is a
 * no; else nobody can say. */
static cit_answer both(cit_answer home, cit_answer forbidden) {
    if (home == CIT_NO || forbidden == CIT_NO) return CIT_NO;
    return home == CIT_YES && forbidden == CIT_YES ? CIT_YES : CIT_ANSWER_UNKNOWN;
}

static cit_answer is_radiofrequency(const cit_setting *s, const cit_catalogue *catalogue) {
    const cit_device *device = s->device ? cit_catalogue_device(catalogue, s->device) : NULL;
    const int kind = device ? device->kind : s->kind;
    if (kind == 0) return CIT_ANSWER_UNKNOWN;
    return kind == CIT_RADIOFREQUENCY ? CIT_YES : CIT_NO;
}

static cit_answer is_too_long(const cit_setting *s, const cit_catalogue *catalogue) {
    const cit_device *device = s->device ? cit_catalogue_device(catalogue, s->device) : NULL;
    if (cit_known(s->length_mm)) return s->length_mm > home_length_max_mm ? CIT_YES : CIT_NO;
    if (device && cit_device_longest_mm(device) <= home_length_max_mm) return CIT_NO;
    return CIT_ANSWER_UNKNOWN;
}

static void screen_settings(const rule *r, const cit_setting *settings, int count,
                            const cit_protocol *protocol, const cit_catalogue *catalogue,
                            cit_screening *ret) {
    const cit_answer home = protocol->who == 0          ? CIT_ANSWER_UNKNOWN
                            : protocol->who == CIT_HOME ? CIT_YES
                                                        : CIT_NO;
    for (int i = 0; i < count; i++) {
        const cit_answer forbidden = r->scope == LENGTH_HOME
                                         ? is_too_long(&settings[i], catalogue)
                                         : is_radiofrequency(&settings[i], catalogue);
        add(ret, r, both(home, forbidden), settings[i].device ? settings[i].device : "");
    }
}

static bool takes_isotretinoin(const cit_case *person) {
    static const char *const names[] = {"isotretinoin", "accutane", "roaccutane", "claravis",
                                        "absorica"};
    for (int i = 0; i < person->medication_count; i++)
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            if (strcasestr(person->medication[i], names[j]) != NULL) return true;
    return false;
}

static bool has_raised_scar(const cit_case *person) {
    for (int i = 0; i < person->zone_count; i++)
        if (person->zones[i].raised_mm2 > 0) return true;
    return false;
}

/* The answer to a question about the person; what the rest of the case shows stands above a no. */
static cit_answer person_answer(const rule *r, const cit_case *person) {
    if (r->offset == offsetof(cit_health, isotretinoin) && takes_isotretinoin(person))
        return CIT_YES;
    if (r->offset == offsetof(cit_health, keloid_tendency) && has_raised_scar(person))
        return CIT_YES;
    return answer_at(&person->health, r->offset);
}

void cit_screen(const cit_case *person, const cit_protocol *protocol,
                const cit_catalogue *catalogue, cit_screening *ret) {
    memset(ret, 0, sizeof *ret);
    for (int i = 0; i < RULES; i++) {
        const rule *r = &rules[i];
        switch (r->scope) {
        case PERSON:
            add(ret, r, person_answer(r, person), "");
            break;
        case ZONE:
        case SITE:
            for (int j = 0; j < person->zone_count; j++)
                screen_zone(r, &person->zones[j], catalogue, ret);
            break;
        case RADIOFREQUENCY_HOME:
        case LENGTH_HOME:
            screen_settings(r, protocol->settings, protocol->setting_count, protocol, catalogue,
                            ret);
            for (int j = 0; j < protocol->visit_count; j++)
                screen_settings(r, protocol->visits[j].settings, protocol->visits[j].setting_count,
                                protocol, catalogue, ret);
            break;
        }
    }
}
