/* What one draw holds to be true: parameters, the person's unknowns, the settings nobody stated. */
#include "people_impl.h"
#include <math.h>
#include <string.h>

static const char *const extra_streams[CIT_EXTRA_FACTORS] = {
    "dermis", "sex", "skin type", "device", "grade", "place in grade", "rater", "cream", "clinic"};
/* Those that are the world's; the others are the person's. */
static const bool of_world[CIT_EXTRA_FACTORS] = {
    [CIT_FACTOR_DEVICE] = true, [CIT_FACTOR_RATER] = true, [CIT_FACTOR_CLINIC] = true};

/* Places of cit_random within a name's stream. */
enum { OF_WORLD, OF_EXTRA, OF_PERSON };

static double shared_number(const cit_crowd *p, const cit_someone *who, int row) {
    const cit_posterior *post = p->with.posterior;
    double z = CIT_UNKNOWN_NUMBER;
    if (who->shared != NULL)
        z = who->shared[row];
    else if (post != NULL)
        z = cit_posterior_number(post, who->posterior_draw, row);
    if (cit_known(z)) return z;
    return cit_normal_quantile(cit_random(p->with.seed, who->world, p->streams[row], OF_WORLD));
}

static double value_of(const cit_crowd *p, const cit_someone *who, int row, double person_share) {
    const cit_param *param = &p->table[row].param;
    if (param->spread == CIT_FIXED || (p->settings_known && p->unknown_setting[row]))
        return param->value;
    double z = shared_number(p, who, row);
    if (param->level == CIT_PERSON) {
        const double own =
            cit_normal_quantile(cit_random(p->with.seed, who->person, p->streams[row], OF_PERSON));
        z = sqrt(1 - person_share) * z + sqrt(person_share) * own;
    }
    return cit_law_quantile(&p->laws[row], cit_normal_cdf(z));
}

/* What a clinic or study adds to scores. Where a study's rater may know of the treatment, part of the
 * draws take it from what such studies report beyond the model; nobody at home is credited with it. */
static double clinic_of(const cit_crowd *p, const cit_someone *who, const truth *w) {
    const cit_posterior *post = p->with.posterior;
    const double z = w->extra[CIT_FACTOR_CLINIC];
    const bool of_study = p->with.person->study != NULL && p->with.protocol->who != CIT_HOME;
    if (post != NULL && of_study && w->open_rater && !cit_known(who->clinic) &&
        cit_random(p->with.seed, who->world, cit_random_stream("blend"), OF_EXTRA) >=
            post->blend_weight)
        return post->blend_offset + post->blend_sd * z;
    return w->p.study.between_sd * z;
}

/* Is a row the same for all who share these numbers? */
static bool is_common(const cit_crowd *p, const cit_someone *who, int row) {
    return p->table[row].param.level != CIT_PERSON && cit_known(who->shared[row]);
}

void truth_draw(const cit_crowd *p, const cit_someone *who, const truth *like, truth *ret) {
    cit_parameters_default(&ret->p);
    const double person_share = ret->p.study.person_share;
    for (int i = 0; i < p->table_count; i++)
        cit_parameter_set(&ret->p, &p->table[i],
                          like != NULL && is_common(p, who, i)
                              ? cit_parameter_get(&like->p, &p->table[i])
                              : value_of(p, who, i, person_share));
    for (int i = 0; i < CIT_EXTRA_FACTORS; i++)
        ret->extra[i] = cit_random(p->with.seed, of_world[i] ? who->world : who->person,
                                   cit_random_stream(extra_streams[i]), OF_EXTRA);
    ret->extra[CIT_FACTOR_CLINIC] =
        cit_known(who->clinic) ? who->clinic : cit_normal_quantile(ret->extra[CIT_FACTOR_CLINIC]);

    const cit_case *c = p->with.person;
    ret->sex = c->sex ? c->sex : ret->extra[CIT_FACTOR_SEX] < 0.5 ? CIT_FEMALE : CIT_MALE;
    /* Types II to V in equal shares where nobody says (assumed). */
    ret->skin_type = c->skin_type ? c->skin_type : 2 + (int)(4 * ret->extra[CIT_FACTOR_SKIN_TYPE]);
    ret->roller_if_unknown = p->settings_known || ret->extra[CIT_FACTOR_DEVICE] < 0.5;
    ret->cream_if_unknown = ret->extra[CIT_FACTOR_CREAM] < ret->p.prior.cream_share;
    ret->dermis_factor_z = cit_normal_quantile(ret->extra[CIT_FACTOR_DERMIS]);
    /* A person's own forecast is of what a rater would see who does not know of the treatment. A
     * study's rater may know; where the study does not say, most draws take it that he did. */
    const cit_study *study = c->study ? cit_catalogue_study(p->with.catalogue, c->study) : NULL;
    const int rater = p->with.rater         ? p->with.rater
                      : c->assessment.rater ? c->assessment.rater
                      : study               ? study->rater
                                            : CIT_BLINDED;
    ret->open_rater = rater == CIT_OPEN ||
                      (rater == 0 && ret->extra[CIT_FACTOR_RATER] < ret->p.study.open_unless_told);
    ret->clinic = clinic_of(p, who, ret);
}

static const cit_device *first_of_kind(const cit_catalogue *c, cit_device_kind kind,
                                       const char *preferred) {
    const cit_device *d = cit_catalogue_device(c, preferred);
    if (d != NULL && d->kind == (int)kind) return d;
    for (int i = 0; i < c->device_count; i++)
        if (c->devices[i].kind == (int)kind) return &c->devices[i];
    return NULL;
}

/* The device that stands for one nobody named: the usual one of its kind. There is one: cit_crowd_make refuses
 * a kind that the catalogue has no device of. */
static const cit_device *device_of(const cit_catalogue *c, const cit_setting *s,
                                   bool roller_if_unknown) {
    if (s->device != NULL) return cit_catalogue_device(c, s->device);
    const int kind = s->kind ? s->kind : roller_if_unknown ? CIT_ROLLER : CIT_PEN;
    const char *usual = kind == CIT_ROLLER ? "dermaroller-192"
                        : kind == CIT_PEN  ? "pen-12"
                                           : "stamp-40";
    return first_of_kind(c, (cit_device_kind)kind, usual);
}

bool cit_crowd_device_unknown(const cit_crowd *p) {
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(p->with.protocol, p->with.person, settings);
    for (int i = 0; i < count; i++)
        if (settings[i]->device == NULL && settings[i]->kind == 0) return true;
    return false;
}

static double passes_of(const cit_priors *prior, const cit_setting *s, cit_device_kind kind) {
    if (s->passes != CIT_UNKNOWN_INT) return s->passes;
    const double passes = kind == CIT_ROLLER ? prior->roller_passes
                          : kind == CIT_PEN  ? prior->pen_passes
                                             : prior->stamp_passes;
    return fmax(1, round(passes));
}

static double rate_of(const cit_priors *prior, const cit_setting *s, const cit_device *d) {
    if (cit_known(s->rate_Hz)) return s->rate_Hz;
    if (!cit_known(d->rate_from_Hz) || !cit_known(d->rate_to_Hz)) return prior->rate_Hz;
    return fmin(fmax(prior->rate_Hz, d->rate_from_Hz), d->rate_to_Hz);
}

static cit_use resolve(const cit_parameters *p, const cit_catalogue *catalogue,
                       const cit_protocol *protocol, const cit_setting *s, bool roller_if_unknown) {
    const cit_device *d = device_of(catalogue, s, roller_if_unknown);
    const cit_priors *prior = &p->prior;
    cit_use use = {.kind = (cit_device_kind)d->kind, .device = d};
    const double drawn_length =
        protocol->who == CIT_HOME ? prior->home_length_mm : prior->needle_length_mm;
    use.length_mm =
        cit_known(s->length_mm) ? s->length_mm : cit_device_nearest_length(d, drawn_length);
    use.passes = passes_of(prior, s, use.kind);
    use.speed_mm_per_s = cit_known(s->speed_mm_per_s) ? s->speed_mm_per_s : prior->glide_mm_per_s;
    use.rate_Hz = rate_of(prior, s, d);
    /* Four directions where nobody says (assumed); they matter to streaks, not to the dose. */
    use.directions = s->directions != CIT_UNKNOWN_INT ? s->directions : 4;
    const double of_pass = cit_density_per_pass(d, use.speed_mm_per_s, use.rate_Hz);
    use.density = of_pass * use.passes;
    if (cit_known(s->density_per_cm2)) {
        /* A stated density stands before passes, speed and rate. A roller or stamp then makes as many
         * passes as it takes; a pen's passes only share the density out. */
        use.density = s->density_per_cm2 / 100;
        if (use.kind != CIT_PEN || s->passes == CIT_UNKNOWN_INT)
            use.passes = fmax(1, round(use.density / of_pass));
    }
    /* Where a needle's diameter is not known: 0.25 mm rollers and stamps, 0.2 mm pens (assumed). */
    const double diameter = cit_known(d->needle_diameter_mm) ? d->needle_diameter_mm
                            : use.kind == CIT_PEN            ? 0.2
                                                             : 0.25;
    use.halo_mm =
        diameter * (use.kind == CIT_PEN ? p->needling.pen_halo_ratio : p->needling.halo_ratio);
    use.hole_mm = fmin(p->needling.hole_mm, 0.5 * diameter);
    return use;
}

cit_use use_in(const cit_crowd *p, const truth *w, const cit_setting *setting) {
    return resolve(&w->p, p->with.catalogue, p->with.protocol, setting, w->roller_if_unknown);
}

cit_use cit_use_of(const cit_parameters *parameters, const cit_catalogue *catalogue,
                   const cit_protocol *protocol, const cit_setting *setting) {
    return resolve(parameters, catalogue, protocol, setting, true);
}
