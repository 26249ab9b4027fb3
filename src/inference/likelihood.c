/* How well predictions meet figures. A study's own effect is one number, common to all its scores, and
 * integrated out on a grid. It grows over time as what the model predicts does: a study where everything
 * answers better answers better from the beginning. */
#include "inference_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sampling error of a difference that a study calls better or worse without a number, a person; of how types
 * of scar compare; what a figure may miss although all is right. Assumed. */
static const double contrast_sd = 0.3, order_sd = 0.1, figure_sd = 0.03;
/* Nobody's likelihood may be ended by one figure that is beyond all: this share of every figure is spread
 * evenly over all that it could have been. Assumed. */
static const double floor_share = 1e-4;

enum { EFFECTS = 121 };
static const double effects_to = 4.5; /* deviations */

typedef struct view {
    const cit_evidence *e;
    const double *values;
    cit_study_params study;
    double drift, open, drift_rise;
} view;

static double mean_of(const view *v, int probe) {
    return cit_mean(v->values + (size_t)probe * (size_t)v->e->with.people, v->e->with.people);
}

static double log_normal(double x, double mean, double sd) {
    const double z = (x - mean) / sd;
    const double density = exp(-0.5 * z * z) * 0.3989422804014327 / sd;
    return log((1 - floor_share) * density + floor_share);
}

static double log_share(double p) { return log((1 - floor_share) * p + floor_share); }

/* Of a count that is one of exp(log_ways). */
static double log_count(double log_p, double log_ways) {
    return log((1 - floor_share) * exp(log_p) + floor_share * exp(-log_ways));
}

static int what_of(const view *v, const cit_figure *f) { return v->e->probes[f->probe].what; }

/* How much of a study's effect is there by a figure's day: what is predicted by then over what is predicted at
 * the last day that is looked at. */
static double course_share(const view *v, const cit_figure *f) {
    const double least = 0.01;  /* too little to tell a course from; assumed */
    if (f->untreated) return 0; /* nobody who is not treated answers to how they were treated */
    if (f->last == f->probe) return 1;
    const double now = mean_of(v, f->probe), last = mean_of(v, f->last);
    return last > least ? fmin(fmax(now / last, 0), 1) : fmin(1, f->day / v->drift_rise);
}

/* ---- figures -------------------------------------------------------------------------------------- */

/* What the model says of a score's mean, without the study's effect. */
static double score_mean(const view *v, const cit_figure *f) {
    if (!f->untreated) return mean_of(v, f->probe);
    const int rater = v->e->studies[f->study]->rater;
    const double open = rater == CIT_OPEN      ? 1
                        : rater == CIT_BLINDED ? 0
                                               : v->study.open_unless_told;
    return fmin(1, f->day / v->drift_rise) * (v->drift + open * v->open);
}

/* The share of people in a class: each one's own improvement, rated with an error. */
static double share_in_class(const view *v, const cit_figure *f, const cit_responder *r,
                             double effect) {
    const int people = v->e->with.people;
    const double *x = v->values + (size_t)f->probe * (size_t)people;
    const double start = f->outcome->start_grade != CIT_UNKNOWN_INT ? f->outcome->start_grade : 3;
    const bool grades = r->in == CIT_IN_GRADES || r->in == CIT_TO_GRADE;
    const double sd = v->study.rating_sd * (grades ? start : 1);
    double low = r->low, high = r->high, sum = 0;
    if (r->in == CIT_TO_GRADE) {
        low = start - r->high;
        high = start - r->low;
    }
    if (grades) {
        low -= 0.5;
        high += 0.5;
    } else {
        low /= r->in == CIT_IN_PERCENT ? 100 : 20;
        high /= r->in == CIT_IN_PERCENT ? 100 : 20;
        if (low == high) {
            low -= 0.125;
            high += 0.125;
        }
        if (high >= 1) high = HUGE_VAL; /* all of it, and nobody improves by more */
    }
    if (r->in == CIT_TO_GRADE && r->low <= 0) high = HUGE_VAL;
    for (int i = 0; i < people; i++) {
        const double middle = x[i] + effect * (grades ? start : 1);
        sum += cit_normal_cdf((high - middle) / sd) - cit_normal_cdf((low - middle) / sd);
    }
    return sum / people;
}

static double count_in_class(const cit_figure *f, const cit_responder *r) {
    return r->count != CIT_UNKNOWN_INT ? r->count : r->percent / 100 * f->of;
}

/* The chance of `count` or more, or fewer, of all. */
static double log_bound(const cit_figure *f, const cit_responder *r, double p) {
    const double n = f->of, count = count_in_class(f, r);
    double chance = 1;
    if (r->bound == CIT_AT_LEAST && count > 0) chance = cit_beta_cdf(p, count, n - count + 1);
    if (r->bound == CIT_AT_MOST && count < n) chance = cit_beta_upper(p, count + 1, n - count);
    return log_share(chance);
}

static double log_term(double count, double p) {
    return count * log(fmax(p, 1e-12)) - lgamma(count + 1);
}

/* Multinomial; those whom no class counts are one more. */
static double log_classes(const view *v, const cit_figure *f, double effect) {
    const double n = f->of;
    double sum = lgamma(n + 1), bounds = 0, rest = 1, others = n;
    int classes = 1;
    for (int i = 0; i < f->outcome->responder_count; i++) {
        const cit_responder *r = &f->outcome->responders[i];
        if (!cit_responder_is_figure(r)) continue;
        const double p = fmin(fmax(share_in_class(v, f, r, effect), 0), 1);
        if (r->bound != 0) {
            bounds += log_bound(f, r, p);
            continue;
        }
        sum += log_term(count_in_class(f, r), p);
        rest -= p;
        others -= count_in_class(f, r);
        classes++;
    }
    if (classes == 1) return bounds;
    sum += log_term(fmax(others, 0), rest);
    const double ways = lgamma(n + classes) - lgamma(n + 1) - lgamma(classes);
    return bounds + log_count(sum, ways);
}

/* Change that is worth a word, over its error. */
static double sign_of(const view *v, const cit_figure *f, double effect) {
    const double own = mean_of(v, f->probe), with = f->other >= 0 ? mean_of(v, f->other) : 0;
    const double n = fmax(f->of, 4), sampling = contrast_sd * sqrt((f->other >= 0 ? 2 : 1) / n);
    /* Two arms of one study share what is the study's. */
    const bool alone = f->other < 0 && is_tissue(what_of(v, f));
    const double study = alone ? v->study.histology_sd : 0;
    return (own + effect - with) / sqrt(sampling * sampling + study * study);
}

static double log_sign(const view *v, const cit_figure *f, double effect) {
    double z = sign_of(v, f, effect);
    if (f->direction == CIT_WORSE || f->direction == CIT_DOWN) z = -z;
    if (f->direction == CIT_NO_CHANGE)
        return log_share(cit_normal_cdf(1.96 - z) - cit_normal_cdf(-1.96 - z));
    return log_share(cit_normal_cdf(f->significant ? z - 1.96 : z));
}

static double log_redness(const view *v, const cit_figure *f) {
    const double low = cit_known(f->low) ? log(fmax(f->low, 1.0 / 24)) : -HUGE_VAL;
    const double high = cit_known(f->high) ? log(fmax(f->high, 1.0 / 24)) : HUGE_VAL;
    const double mean = mean_of(v, f->probe), sd = v->study.redness_sd;
    if (isfinite(low) && isfinite(high)) {
        const double width = (high - low) / 4;
        return log_normal(0.5 * (low + high), mean, sqrt(sd * sd + width * width));
    }
    return log_share(cit_normal_cdf((high - mean) / sd) - cit_normal_cdf((low - mean) / sd));
}

/* A chance shifted by an effect on its log-odds. */
static double shifted(double p, double effect) {
    const double within = fmin(fmax(p, 1e-4), 1 - 1e-4);
    return 1 / (1 + exp(-log(within / (1 - within)) - effect));
}

/* The study's effect on the log-odds integrated out. */
static double log_pigment(const view *v, const cit_figure *f) {
    enum { NODES = 71 };
    const double to = 7, step = 2 * to / (NODES - 1);
    const double ways = lgamma(f->of + 1) - lgamma(f->count + 1) - lgamma(f->of - f->count + 1);
    double sum = 0;
    for (int i = 0; i < NODES; i++) {
        const double z = -to + step * i;
        const double p = shifted(mean_of(v, f->probe), v->study.pigment_sd * z);
        sum += exp(ways + f->count * log(p) + (f->of - f->count) * log1p(-p) - 0.5 * z * z);
    }
    return log_count(log(sum * step * 0.3989422804014327), log(f->of + 1));
}

/* Of a figure that the study's effect does not touch. */
static double log_apart(const view *v, const cit_figure *f) {
    const cit_study_params *s = &v->study;
    switch ((cit_figure_kind)f->kind) {
    case CIT_FIGURE_TISSUE:
        return log_normal(f->seen, mean_of(v, f->probe),
                          sqrt(f->error * f->error + s->histology_sd * s->histology_sd));
    case CIT_FIGURE_PAIN:
        return log_normal(f->seen, mean_of(v, f->probe),
                          sqrt(f->error * f->error + s->pain_sd * s->pain_sd));
    case CIT_FIGURE_REDNESS:
        return log_redness(v, f);
    case CIT_FIGURE_PIGMENT:
        return log_pigment(v, f);
    case CIT_FIGURE_SIGN:
        return log_sign(v, f, 0);
    case CIT_FIGURE_ORDER:
        return log_share(cit_normal_cdf((mean_of(v, f->probe) - mean_of(v, f->other)) / order_sd));
    default:
        return 0;
    }
}

/* Scores, and what is said of them without a number. */
static bool has_effect(const view *v, const cit_figure *f) {
    return f->kind == CIT_FIGURE_SCORE || f->kind == CIT_FIGURE_CLASSES ||
           (f->kind == CIT_FIGURE_SIGN && f->other < 0 && what_of(v, f) <= CIT_PROBE_OTHER);
}

/* ---- a study ------------------------------------------------------------------------------------- */

/* A likelihood at each of the study's effects: exp(log_scale) times these. */
typedef struct over_effects {
    double of[EFFECTS], log_scale;
} over_effects;

static double effect_at(int i) { return -effects_to + 2 * effects_to / (EFFECTS - 1) * i; }

/* exp(-x^2 / 2) at `from` and every `by` after it, away from 0, in steps of `stride` places: by products, which are
 * begun anew before rounding tells. */
static void bell(double from, double by, int count, double *ret, int stride) {
    enum { ANEW = 16 };
    const double bend = exp(-by * by);
    for (int i = 0; i < count;) {
        const double x = from + by * i;
        double value = exp(-0.5 * x * x), ratio = exp(-by * (x + 0.5 * by));
        for (int k = 0; k < ANEW && i < count; k++, i++) {
            ret[i * stride] = value;
            value *= ratio;
            ratio *= bend;
        }
    }
}

/* The normal density at the effects' places from + by i, from its peak outwards. */
static void bell_over(double from, double by, double ret[EFFECTS]) {
    const double peak = by > 0 ? fmin(fmax(-from / by, 0), EFFECTS - 1) : 0;
    const int middle = (int)(peak + 0.5);
    const double x = from + by * middle;
    bell(x, by, EFFECTS - middle, ret + middle, 1);
    bell(-x, by, middle + 1, ret + middle, -1);
}

/* Keeps products of many figures within what a double can hold. */
static void rescale(over_effects *o) {
    double highest = 0;
    for (int i = 0; i < EFFECTS; i++) highest = fmax(highest, o->of[i]);
    for (int i = 0; i < EFFECTS; i++) o->of[i] /= highest;
    o->log_scale += log(highest);
}

/* As log_normal has it, at every effect. */
static void take_score(const view *v, const cit_figure *f, double effect_sd, over_effects *o) {
    double density[EFFECTS];
    const double sd = sqrt(f->error * f->error + figure_sd * figure_sd);
    const double from = score_mean(v, f) - effect_sd * effects_to - f->seen;
    bell_over(from / sd, effect_sd * (effect_at(1) - effect_at(0)) / sd, density);
    const double most = (1 - floor_share) * 0.3989422804014327 / sd;
    for (int i = 0; i < EFFECTS; i++) o->of[i] *= most * density[i] + floor_share;
}

static void take_figure(const view *v, const cit_figure *f, over_effects *o) {
    const double effect_sd = v->study.between_sd * course_share(v, f);
    if (f->kind == CIT_FIGURE_SCORE) {
        take_score(v, f, effect_sd, o);
    } else {
        for (int i = 0; i < EFFECTS; i++) {
            const double effect = effect_sd * effect_at(i);
            o->of[i] *= exp(f->kind == CIT_FIGURE_CLASSES ? log_classes(v, f, effect)
                                                          : log_sign(v, f, effect));
        }
    }
    rescale(o);
}

/* Log of the integral over the study's effect of all its scores' likelihoods. */
static double log_scores(const view *v, int study) {
    over_effects o = {.log_scale = 0};
    bool any = false;
    for (int j = 0; j < v->e->figure_count; j++) {
        const cit_figure *f = &v->e->figures[j];
        if (f->study != study || !has_effect(v, f)) continue;
        if (!any) bell_over(effect_at(0), effect_at(1) - effect_at(0), o.of);
        any = true;
        take_figure(v, f, &o);
    }
    if (!any) return 0;
    double sum = 0;
    for (int i = 0; i < EFFECTS; i++) sum += o.of[i];
    return o.log_scale + log(sum * (effect_at(1) - effect_at(0)) * 0.3989422804014327);
}

/* What the likelihood alone looks at, where its rows stand. */
static const char *const beside_names[] = {"drift_share", "open_share", "drift_rise", "between_sd"};
enum { DRIFT, OPEN, DRIFT_RISE, BETWEEN };

cit_status find_study_rows(cit_evidence *e, cit_errors *errs) {
    e->study_rows = malloc((size_t)e->table_count * sizeof *e->study_rows);
    if (e->study_rows == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < e->table_count; i++) {
        if (strcmp(e->table[i].group, "study") == 0) e->study_rows[e->study_row_count++] = i;
        for (int k = 0; k < BESIDE; k++)
            if (strcmp(e->table[i].param.name, beside_names[k]) == 0) e->beside[k] = i;
    }
    return CIT_OK;
}

static double value_of(const cit_evidence *e, const double *shared, int row) {
    if (!cit_known(shared[row])) return e->table[row].param.value;
    return cit_law_quantile(&e->laws[row], cit_normal_cdf(shared[row]));
}

static view view_of(const cit_evidence *e, const double *shared, const double *values) {
    cit_parameters p;
    for (int k = 0; k < e->study_row_count; k++) {
        const int row = e->study_rows[k];
        cit_parameter_set(&p, &e->table[row], value_of(e, shared, row));
    }
    return (view){.e = e,
                  .values = values,
                  .study = p.study,
                  .drift = value_of(e, shared, e->beside[DRIFT]),
                  .open = value_of(e, shared, e->beside[OPEN]),
                  .drift_rise = value_of(e, shared, e->beside[DRIFT_RISE])};
}

void cit_evidence_likelihood(const cit_evidence *e, const double *shared, const double *values,
                             double *by_study) {
    const view v = view_of(e, shared, values);
    for (int s = 0; s < e->study_count; s++) by_study[s] = log_scores(&v, s);
    for (int j = 0; j < e->figure_count; j++) {
        const cit_figure *f = &e->figures[j];
        if (!has_effect(&v, f)) by_study[f->study] += log_apart(&v, f);
    }
}

double figure_odds(const cit_evidence *e, const double *shared, const double *values,
                   const cit_figure *f, double own) {
    const view v = view_of(e, shared, values);
    if (f->kind == CIT_FIGURE_ORDER)
        return cit_normal_cdf((mean_of(&v, f->probe) - mean_of(&v, f->other)) / order_sd);
    const double effect = has_effect(&v, f) ? v.study.between_sd * course_share(&v, f) * own : 0;
    return exp(log_sign(&v, f, effect));
}

double effect_sd(const cit_evidence *e, const double *shared) {
    return value_of(e, shared, e->beside[BETWEEN]);
}

/* ---- drawing ------------------------------------------------------------------------------------- */

/* A count of `of` people by the normal, in whole people. */
static double share_drawn(double p, int of, double noise) {
    const double people = round(of * p + sqrt(of * p * (1 - p)) * noise);
    return fmin(fmax(people / of, 0), 1);
}

double figure_draw(const cit_evidence *e, const double *shared, const double *values,
                   const cit_figure *f, const cit_responder *class, double own, double noise) {
    const view v = view_of(e, shared, values);
    const cit_study_params *s = &v.study;
    const double error = f->error, effect = s->between_sd * course_share(&v, f) * own;
    if (class != NULL) return share_drawn(share_in_class(&v, f, class, effect), f->of, noise);
    switch ((cit_figure_kind)f->kind) {
    case CIT_FIGURE_SCORE:
        return score_mean(&v, f) + effect + sqrt(error * error + figure_sd * figure_sd) * noise;
    case CIT_FIGURE_TISSUE:
        return mean_of(&v, f->probe) +
               sqrt(error * error + s->histology_sd * s->histology_sd) * noise;
    case CIT_FIGURE_PAIN:
        return fmin(
            fmax(mean_of(&v, f->probe) + sqrt(error * error + s->pain_sd * s->pain_sd) * noise, 0),
            10);
    case CIT_FIGURE_REDNESS:
        return exp(mean_of(&v, f->probe) + s->redness_sd * noise);
    case CIT_FIGURE_PIGMENT:
        return share_drawn(shifted(mean_of(&v, f->probe), s->pigment_sd * own), f->of, noise);
    default:
        return CIT_UNKNOWN_NUMBER;
    }
}
