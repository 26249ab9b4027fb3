/* Families of candidates: made, shared between users, freed. */
#include "planning_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void family_clear(family *f) {
    for (int i = 0; i <= f->most_visits; i++) {
        if (f->crowds != NULL) cit_crowd_free(f->crowds[i]);
        if (f->protocols != NULL) cit_protocol_free(f->protocols[i]);
        if (f->scores != NULL) free(f->scores[i]);
        if (f->burdens != NULL) free(f->burdens[i]);
    }
    free(f->crowds);
    free(f->protocols);
    free(f->scores);
    free(f->burdens);
    free(f->evaluated);
    free(f->alive);
}

void families_free(search *s) {
    for (int i = 0; i < s->family_count; i++) family_clear(&s->families[i]);
    free(s->families);
    s->families = NULL;
    s->family_count = 0;
}

static cit_status family_room(family *f, cit_errors *errs) {
    const size_t n = (size_t)f->most_visits + 1;
    f->crowds = calloc(n, sizeof(cit_crowd *));
    f->protocols = calloc(n, sizeof(cit_protocol *));
    f->scores = calloc(n, sizeof(float *));
    f->burdens = calloc(n, sizeof(float *));
    f->evaluated = calloc(n, sizeof *f->evaluated);
    f->alive = calloc(n, sizeof *f->alive);
    if (f->evaluated && f->crowds && f->protocols && f->scores && f->burdens && f->alive)
        return CIT_OK;
    return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
}

/* Protocols and crowds of 1 to the most visits. A course the model refuses ends the family there. */
static cit_status family_make(search *s, family *f, bool cream, cit_errors *errs) {
    cit_status st = family_room(f, errs);
    for (int n = 1; n <= f->most_visits && st == CIT_OK; n++) {
        char *text = NULL;
        cit_candidate c = f->like;
        c.visits = n;
        const manner how = manner_of(s, cream);
        st = write_protocol(&c, &how, &text, errs);
        if (st == CIT_OK && text != NULL) st = parse_protocol(text, s, &f->protocols[n], errs);
        free(text);
        const cit_crowd_options options = {.person = s->person,
                                           .protocol = f->protocols[n],
                                           .catalogue = s->catalogue,
                                           .seed = s->with->seed,
                                           .posterior =
                                               s->with->prior ? NULL : s->catalogue->posterior,
                                           .days = s->days,
                                           .day_count = 2,
                                           .sizes = 1,
                                           .rtol = 7e-4};
        if (st == CIT_OK) st = cit_crowd_make(&options, &f->crowds[n], errs);
        const size_t draws = (size_t)s->draws;
        if (st != CIT_OK) break;
        f->scores[n] = malloc(draws * (size_t)s->blocks * D_SCORES * sizeof(float));
        f->burdens[n] = malloc(draws * D_BURDENS * sizeof(float));
        f->alive[n] = true;
        if (f->scores[n] == NULL || f->burdens[n] == NULL)
            st = cit_fail(errs, CIT_NOMEM, "", "no memory for %d draws", s->draws);
    }
    return st;
}

/* As many visits as the limits and the horizon leave room for; *ret_why: what leaves none. */
static int visits_possible(const search *s, double interval_day, const char **ret_why) {
    const cit_limits *l = &s->person->limits;
    const int wait = first_ahead(s->person, s->with->start, interval_day) - s->with->start;
    const double room = s->result->horizon_day - s->space->judge_after_day - wait;
    int most = room < 0 ? 0 : 1 + (int)floor(room / interval_day + 1e-9);
    *ret_why = "your limit: the result is wanted too soon";
    if (most > s->space->visits) most = s->space->visits;
    if (l->visits != CIT_UNKNOWN_INT && most > l->visits - s->person->visit_count) {
        most = l->visits - s->person->visit_count;
        *ret_why = "your limit: visits";
    }
    return most > 0 ? most : 0;
}

static bool same_zones(const search *s, int a, int b) {
    for (int i = 0; i < s->person->zone_count; i++)
        if (zone_allowed(s->alone, s->person, i, a) != zone_allowed(s->alone, s->person, i, b))
            return false;
    return true;
}

static bool is_among(const char *const *ids, int count, const char *id) {
    for (int i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0) return true;
    return false;
}

/* Has the person, or else the space, such a device for them? */
static bool is_listed(const search *s, const cit_device *d, int who) {
    const cit_device_list *in = &s->space->devices;
    const cit_limits *l = &s->person->limits;
    if (l->device_count > 0) return is_among(l->devices, l->device_count, d->id);
    switch (who) {
    case CIT_HOME:
        return is_among(in->home, in->home_count, d->id);
    case CIT_AESTHETICIAN:
        return is_among(in->aesthetician, in->aesthetician_count, d->id);
    default:
        return is_among(in->physician, in->physician_count, d->id);
    }
}

/* May and would they use this device on this person? */
static bool may_use(const search *s, const cit_device *d, int who) {
    const unsigned bit = 1U << (who - 1);
    return ((unsigned)s->result->who_allowed & bit) != 0 && is_wanted(s, who) &&
           (d->users & bit) != 0 && is_listed(s, d, who);
}

/* One family for all kinds of user, or, where they may not treat the same zones or not numb them alike, one each. */
static cit_status add_family(search *s, const cit_candidate *like, const int *who, int kinds,
                             cit_errors *errs) {
    int apart[CIT_USERS], apart_count = 0;
    const char *why = NULL;
    family f = {.like = *like, .most_visits = visits_possible(s, like->interval_day, &why)};
    bool cream = false;
    for (int i = 0; i < kinds; i++) {
        const cit_rule *rule = NULL;
        bool with_cream = false;
        cit_candidate c = *like;
        c.who = who[i];
        c.visits = f.most_visits < 2 ? f.most_visits : 2;
        if (!may_use(s, c.device, c.who)) continue;
        if (f.most_visits < 1) {
            turn_down(s, NULL, c.who, 1, "%s", why);
            continue;
        }
        s->result->candidates += f.most_visits;
        const cit_status st = screen_candidate(s, &c, &with_cream, &rule, errs);
        if (st != CIT_OK) return st;
        if (rule != NULL) {
            turn_down(s, rule, c.who, f.most_visits, "%.110s", rule->title);
            continue;
        }
        if (f.users == 0) {
            f.like.who = c.who;
            cream = with_cream;
        } else if (with_cream != cream || !same_zones(s, f.like.who, c.who)) {
            s->result->candidates -= f.most_visits; /* counted again on its own */
            apart[apart_count++] = c.who;
            continue;
        }
        f.users |= 1U << (c.who - 1);
    }
    if (f.users == 0) return CIT_OK;
    s->result->who_planned |= (int)f.users;
    family *grown = realloc(s->families, (size_t)(s->family_count + 1) * sizeof *grown);
    if (grown == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
    s->families = grown;
    grown[s->family_count] = f;
    cit_status st = family_make(s, &grown[s->family_count++], cream, errs);
    for (int i = 0; i < apart_count && st == CIT_OK; i++)
        st = add_family(s, like, &apart[i], 1, errs);
    return st;
}

const double *passes_of(const cit_space *space, int kind, int *ret_count) {
    *ret_count = kind == CIT_ROLLER ? space->roller_pass_count
                 : kind == CIT_PEN  ? space->pen_pass_count
                                    : space->stamp_pass_count;
    return kind == CIT_ROLLER ? space->roller_passes
           : kind == CIT_PEN  ? space->pen_passes
                              : space->stamp_passes;
}

static cit_status add_device(search *s, const cit_device *d, bool home, cit_errors *errs) {
    static const int clinic[] = {CIT_PHYSICIAN, CIT_AESTHETICIAN}, at_home[] = {CIT_HOME};
    int pass_count;
    const double *passes = passes_of(s->space, d->kind, &pass_count);
    if (d->kind == CIT_RADIOFREQUENCY) return CIT_OK; /* an alternative, not a candidate */
    if (home ? !may_use(s, d, CIT_HOME)
             : !may_use(s, d, CIT_AESTHETICIAN) && !may_use(s, d, CIT_PHYSICIAN))
        return CIT_OK;
    for (int i = 0; i < s->space->length_count; i++) {
        if (!cit_device_has_length(d, s->space->lengths_mm[i])) continue;
        for (int j = 0; j < pass_count; j++)
            for (int k = 0; k < s->space->interval_count; k++) {
                const cit_candidate like = {.device = d,
                                            .length_mm = s->space->lengths_mm[i],
                                            .passes = (int)passes[j],
                                            .interval_day = s->space->intervals_day[k]};
                const cit_status st = home ? add_family(s, &like, at_home, 1, errs)
                                           : add_family(s, &like, clinic, 2, errs);
                if (st != CIT_OK) return st;
            }
    }
    return CIT_OK;
}

/* With a limit that shuts out every course there is still what comes by itself: a course that nobody is offered
 * stands for the person. */
static cit_status add_nobody(search *s, cit_errors *errs) {
    const cit_device *d = &s->catalogue->devices[0];
    for (int i = 1; i < s->catalogue->device_count && d->kind != CIT_ROLLER; i++)
        d = &s->catalogue->devices[i];
    int who = CIT_PHYSICIAN;
    while (who > CIT_HOME && (s->result->who_allowed & (1 << (who - 1))) == 0) who--;
    s->families = calloc(1, sizeof *s->families);
    if (s->families == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
    s->families[0] = (family){
        .like = {.who = who,
                 .device = d,
                 .length_mm = d->lengths_mm != NULL ? d->lengths_mm[0] : s->space->lengths_mm[0],
                 .passes = 1,
                 .interval_day = s->space->intervals_day[0]},
        .most_visits = 1};
    s->family_count = 1;
    const cit_status st = family_make(s, &s->families[0], false, errs);
    if (st == CIT_OK) s->families[0].alive[1] = false;
    return st;
}

cit_status make_families(search *s, cit_errors *errs) {
    cit_status st = find_adjuncts(s, errs);
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if ((s->result->who_allowed & (1 << (who - 1))) != 0 && !is_wanted(s, who))
            turn_down(s, NULL, who, 1, "your limit: who may needle");
    for (int i = 0; i < s->catalogue->device_count && st == CIT_OK; i++)
        st = add_device(s, &s->catalogue->devices[i], true, errs);
    for (int i = 0; i < s->catalogue->device_count && st == CIT_OK; i++)
        st = add_device(s, &s->catalogue->devices[i], false, errs);
    for (int i = 0; i < s->family_count; i++) s->result->courses += s->families[i].most_visits;
    if (st == CIT_OK && s->family_count == 0 && s->result->who_allowed != 0)
        st = add_nobody(s, errs);
    return st;
}
