/* What one draw holds to be true: parameters, the person's unknowns, the settings nobody stated. */
#include "forecast_impl.h"
#include <math.h>
#include <string.h>

static const char *const extra_streams[EXTRA_FACTORS] = {
    "dermis", "sex", "skin type", "device", "grade", "place in grade", "rater", "cream"};

void truth_draw(const plan *p, int draw, truth *ret) {
    for (int i = 0; i < p->table_count; i++) {
        const cit_param *param = &p->table[i].param;
        const double u = cit_random(p->seed, (uint32_t)draw, cit_random_stream(param->name), 0);
        const bool held = p->settings_known && p->unknown_setting[i];
        cit_parameter_set(&ret->p, &p->table[i],
                          held ? param->value : cit_param_quantile(param, u));
    }
    for (int i = 0; i < EXTRA_FACTORS; i++)
        ret->extra[i] = cit_random(p->seed, (uint32_t)draw, cit_random_stream(extra_streams[i]), 1);

    const cit_case *c = p->person;
    ret->sex = c->sex ? c->sex : ret->extra[FACTOR_SEX] < 0.5 ? CIT_FEMALE : CIT_MALE;
    /* Types II to V in equal shares where nobody says (assumed). */
    ret->skin_type = c->skin_type ? c->skin_type : 2 + (int)(4 * ret->extra[FACTOR_SKIN_TYPE]);
    ret->roller_if_unknown = p->settings_known || ret->extra[FACTOR_DEVICE] < 0.5;
    ret->cream_if_unknown = ret->extra[FACTOR_CREAM] < ret->p.prior.cream_share;
    ret->dermis_factor_z = cit_normal_quantile(ret->extra[FACTOR_DERMIS]);
    /* A person's own forecast is of what a rater would see who does not know of the treatment. A
     * study's rater may know; where the study does not say, half of the draws take it that he did. */
    const cit_study *study = c->study ? cit_catalogue_study(p->catalogue, c->study) : NULL;
    const int rater = c->assessment.rater ? c->assessment.rater
                      : study             ? study->rater
                                          : CIT_BLINDED;
    ret->open_rater = rater == CIT_OPEN || (rater == 0 && ret->extra[FACTOR_RATER] < 0.5);
}

static const cit_device *first_of_kind(const cit_catalogue *c, cit_device_kind kind,
                                       const char *preferred) {
    const cit_device *d = cit_catalogue_device(c, preferred);
    if (d != NULL && d->kind == (int)kind) return d;
    for (int i = 0; i < c->device_count; i++)
        if (c->devices[i].kind == (int)kind) return &c->devices[i];
    return NULL;
}

/* The device that stands for one nobody named: the usual one of its kind. */
static const cit_device *device_of(const cit_catalogue *c, const cit_setting *s,
                                   bool roller_if_unknown) {
    if (s->device != NULL) return cit_catalogue_device(c, s->device);
    const int kind = s->kind ? s->kind : roller_if_unknown ? CIT_ROLLER : CIT_PEN;
    const char *usual = kind == CIT_ROLLER ? "dermaroller-192"
                        : kind == CIT_PEN  ? "pen-12"
                                           : "stamp-40";
    return first_of_kind(c, (cit_device_kind)kind, usual);
}

bool device_unknown(const plan *p) {
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(p->protocol, p->person, settings);
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

cit_use use_in(const plan *p, const truth *w, const cit_setting *setting) {
    return resolve(&w->p, p->catalogue, p->protocol, setting, w->roller_if_unknown);
}

cit_use cit_use_of(const cit_parameters *parameters, const cit_catalogue *catalogue,
                   const cit_protocol *protocol, const cit_setting *setting) {
    return resolve(parameters, catalogue, protocol, setting, true);
}
