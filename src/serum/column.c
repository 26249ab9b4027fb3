/* The column of cit/serum.h: film, then cells of horny layer, epidermis and dermis, each with the channels that
 * pass it beside it.
 *
 * Unknowns are u, the concentration of serum at rest with a place; the state is amounts y = C u, C the capacity
 * (thickness times partition times share of area; for the film its thickness, for channels their cross-section,
 * both of which change in time). Every pair of neighbours exchanges g (u - v). Ordered by depth, skin and
 * channels in turn behind the film, the matrix has two diagonals on each side; C / h + sum of g on the main one
 * outweighs its column, so no pivoting is needed and backward Euler keeps everything above zero. */
#include <cit/num.h>
#include <cit/serum.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

enum { WIDTH = 2, ROW = 2 * WIDTH + 1, CELLS_DEFAULT = 48, CELLS_MAX = 4000, FINER_MAX = 100000 };

/* Share of the channels at the surface below which there is none at a depth, and share of them that is open
 * below which all are closed. */
static const double none_share = 1e-9, closed_share = 1e-12;
/* Steps in time: the first, by how much each is longer than the last, the longest, and the longest in units
 * of the closing. */
static const double first_step_day = 1.0 / 86400, growth = 1.15, longest_day = 0.25 / 24,
                    of_closing = 0.1;
/* Negative amounts up to this share of what was put on are noise, and are taken from the neighbour. */
static const double noise = 1e-13;
/* A film that dries away leaves this much, so that it has a concentration. */
static const double thinnest_mm = 1e-9;

typedef enum layer { HORNY, EPIDERMIS, DERMIS } layer;

typedef struct cell {
    layer layer;
    double top, bottom; /* mm below the surface */
    double held;        /* K times thickness times the skin's share of the area */
    double open;        /* capacity of the channels in it when all are open; 0: none */
    double swap;        /* exchange between both then, /day mm */
    double down;        /* exchange with the cell below; of the channels: */
    double down_open;
} cell;

struct cit_serum_column {
    cit_serum of;
    int cells, n; /* n: unknowns */
    cell *cell;
    double mouth; /* film to channels, all open */
    double lid;   /* film to skin */
    double day, step;
    double applied; /* by a film that is never used up: so far */
    double cleared, lost;
    double *y, *bound; /* amounts */
    double *memory, *matrix, *u, *known, *first, *second, *known_b, *first_b, *second_b;
};

/* ---- checks ------------------------------------------------------------------------------------- */

/* One row per number: where it lies and what it may be. */
typedef struct limit {
    const char *name;
    size_t offset;
    double lo, hi;
    bool may_be_endless;
} limit;
#define LIMIT(member, lo, hi, endless)                                                             \
    { #member, offsetof(cit_serum, member), lo, hi, endless }

static const limit limits[] = {
    LIMIT(film.thickness_mm, 1e-6, 100, true),
    LIMIT(film.concentration, 0, 2000, false),
    LIMIT(film.solubility, 1e-9, 1e4, true),
    LIMIT(film.evaporation_mm_per_day, 0, 1e4, false),
    LIMIT(film.residue, 0, 1, false),
    LIMIT(film.loss_per_day, 0, 1e6, false),
    LIMIT(channels.density, 0, 1000, false),
    LIMIT(channels.radius_mm, 0, 1, false),
    LIMIT(channels.diffusion, 0, 1e6, false),
    LIMIT(channels.closing_day, 1e-6, 1e6, true),
    LIMIT(channels.age_day, 0, 1e6, false),
    LIMIT(channels.reach.mean_mm, 0, 20, false),
    LIMIT(channels.reach.scatter_mm, 0, 20, false),
    LIMIT(channels.reach.length_mm, 0, 20, false),
    LIMIT(skin.horny_mm, 0, 5, false),
    LIMIT(skin.horny_permeability, 0, 1e6, false),
    LIMIT(skin.horny_partition, 0, 1e6, false),
    LIMIT(skin.epidermis_mm, 0, 5, false),
    LIMIT(skin.epidermis_diffusion, 0, 1e6, false),
    LIMIT(skin.dermis_mm, 0, 100, false),
    LIMIT(skin.dermis_diffusion, 0, 1e6, false),
    LIMIT(skin.partition, 1e-9, 1e6, false),
    LIMIT(skin.clearance_per_day, 0, 1e13, false),
    LIMIT(skin.binding_per_day, 0, 1e6, false),
    LIMIT(skin.unbinding_per_day, 0, 1e6, false),
};

static cit_status check(const cit_serum *s, cit_errors *errs) {
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const limit *l = &limits[i];
        const double v = *(const double *)(const void *)((const char *)s + l->offset);
        if (l->may_be_endless && isinf(v) && v > 0) continue;
        if (!(v >= l->lo && v <= l->hi))
            return cit_fail(errs, CIT_INVALID, l->name, "%g is not from %g to %g", v, l->lo, l->hi);
    }
    const cit_serum_skin *k = &s->skin;
    const cit_serum_channels *c = &s->channels;
    if (k->epidermis_mm + k->dermis_mm <= 0)
        return cit_fail(errs, CIT_INVALID, "skin", "has neither epidermis nor dermis");
    if ((k->epidermis_mm > 0 && k->epidermis_diffusion <= 0) ||
        (k->dermis_mm > 0 && k->dermis_diffusion <= 0))
        return cit_fail(errs, CIT_INVALID, "skin", "a layer in which nothing diffuses");
    if (k->horny_mm > 0 && k->horny_partition <= 0)
        return cit_fail(errs, CIT_INVALID, "skin.horny_partition", "0 is not above 0");
    if (c->density > 0 && (c->radius_mm <= 0 || c->diffusion <= 0 || c->reach.scatter_mm <= 0 ||
                           c->reach.length_mm <= 0))
        return cit_fail(errs, CIT_INVALID, "channels",
                        "need a radius, a diffusivity and a reach with its scatter");
    if (c->density * pi * c->radius_mm * c->radius_mm > 0.25)
        return cit_fail(errs, CIT_INVALID, "channels.density",
                        "%g per mm2 of radius %g mm leave too little skin between them", c->density,
                        c->radius_mm);
    if (s->cells < 0 || s->cells > CELLS_MAX || s->finer < 0 || s->finer > FINER_MAX)
        return cit_fail(errs, CIT_INVALID, "cells", "at most %d, and steps finer by at most %d",
                        CELLS_MAX, FINER_MAX);
    return CIT_OK;
}

/* ---- making the column --------------------------------------------------------------------------- */

static double partition_of(const cit_serum_skin *k, layer where) {
    return where == HORNY ? k->horny_partition : k->partition;
}

/* K D: what the flux is, over the gradient of u. */
static double conductivity_of(const cit_serum_skin *k, layer where) {
    switch (where) {
    case HORNY:
        return k->horny_permeability * k->horny_mm;
    case EPIDERMIS:
        return k->partition * k->epidermis_diffusion;
    case DERMIS:
        return k->partition * k->dermis_diffusion;
    }
    return 0;
}

static double clearance_of(const cit_serum_skin *k, layer where) {
    return where == DERMIS ? k->clearance_per_day : 0;
}

static int cells_of(double thickness, int wanted) {
    return thickness <= 0 ? 0 : wanted > 2 ? wanted : 2;
}

/* Cells of a layer are the thinner the nearer to its top: widths grow from one to the next as the map
 * (exp(b x) - 1) / (exp(b) - 1) of even ones does, which keeps the order of accuracy. */
static int lay(cit_serum_column *s, int at, layer where, double from, double thickness, int count) {
    const double b = where == DERMIS ? 2 : 0;
    for (int i = 0; i < count; i++) {
        const double x0 = (double)i / count, x1 = (double)(i + 1) / count;
        s->cell[at + i] =
            (cell){.layer = where,
                   .top = from + thickness * (b > 0 ? expm1(b * x0) / expm1(b) : x0),
                   .bottom = from + thickness * (b > 0 ? expm1(b * x1) / expm1(b) : x1)};
    }
    return at + count;
}

static double thickness(const cell *c) { return c->bottom - c->top; }

/* Channels per mm2 that pass this depth when all are open. */
static double passing(const cit_serum_channels *c, double depth) {
    const double share = cit_reach_beyond(&c->reach, depth);
    return share < none_share ? 0 : c->density * share;
}

/* What walls and tips of channels hand over in a cell of skin. */
static double swap_of(const cit_serum *s, const cell *c, double mean) {
    const cit_serum_channels *ch = &s->channels;
    const cit_serum_skin *k = &s->skin;
    if (c->layer == HORNY || mean <= 0) return 0;
    const double diffusion = c->layer == DERMIS ? k->dermis_diffusion : k->epidermis_diffusion;
    const double wall =
        mean * thickness(c) *
        cit_serum_exchange(ch->radius_mm, 1 / mean, diffusion, clearance_of(k, c->layer));
    const double ending = passing(ch, c->top) - passing(ch, c->bottom);
    return k->partition * (wall + ending * 4 * diffusion * ch->radius_mm);
}

static void fill_cells(cit_serum_column *s) {
    const cit_serum_channels *ch = &s->of.channels;
    const double area = pi * ch->radius_mm * ch->radius_mm;
    for (int i = 0; i < s->cells; i++) {
        cell *c = &s->cell[i];
        const double mean =
            ch->density > 0 && passing(ch, c->top) > 0
                ? ch->density * fmax(0, cit_reach_layer(&ch->reach, c->top, c->bottom))
                : 0;
        c->held = partition_of(&s->of.skin, c->layer) * thickness(c) * (1 - mean * area);
        c->open = mean * area * thickness(c);
        c->swap = swap_of(&s->of, c, mean);
    }
}

/* Of the skin's share of a whole cell. */
static double resistance(const cit_serum_skin *k, const cell *c) {
    const double share = 1 - c->open / thickness(c);
    return thickness(c) / (share * conductivity_of(k, c->layer));
}

/* Neighbours in a row: two half cells; between channels what passes the face, and below it half of the length
 * that they have there. */
static void join_cells(cit_serum_column *s) {
    const cit_serum_channels *ch = &s->of.channels;
    const cit_serum_skin *k = &s->of.skin;
    const double area = pi * ch->radius_mm * ch->radius_mm;
    for (int i = 0; i + 1 < s->cells; i++) {
        cell *c = &s->cell[i];
        const cell *d = c + 1;
        c->down = 2 / (resistance(k, c) + resistance(k, d));
        if (ch->density > 0 && d->open > 0)
            c->down_open = passing(ch, c->bottom) * area * ch->diffusion * 2 /
                           (thickness(c) + d->open / (passing(ch, d->top) * area));
    }
    const cell *first = s->cell;
    s->lid = 2 / resistance(k, first);
    if (first->open > 0)
        s->mouth =
            ch->density * area * ch->diffusion / (pi * ch->radius_mm / 4 + 0.5 * thickness(first));
}

static cit_status allocate(cit_serum_column *s, cit_errors *errs) {
    const size_t n = (size_t)s->n, cells = (size_t)s->cells;
    s->cell = calloc(cells, sizeof *s->cell);
    s->memory = calloc((ROW + 5) * n + 4 * cells, sizeof *s->memory);
    if (s->cell == NULL || s->memory == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    s->matrix = s->memory;
    double *at = s->memory + ROW * n;
    double **const of_unknowns[] = {&s->y, &s->u, &s->known, &s->first, &s->second};
    double **const of_cells[] = {&s->bound, &s->known_b, &s->first_b, &s->second_b};
    for (size_t i = 0; i < 5; i++, at += n) *of_unknowns[i] = at;
    for (size_t i = 0; i < 4; i++, at += cells) *of_cells[i] = at;
    return CIT_OK;
}

cit_status cit_serum_new(const cit_serum *serum, cit_serum_column **ret, cit_errors *errs) {
    cit_status st = check(serum, errs);
    if (st != CIT_OK) return st;
    cit_serum_column *s = calloc(1, sizeof *s);
    if (s == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    s->of = *serum;
    const cit_serum_skin *k = &serum->skin;
    const int wanted = serum->cells > 0 ? serum->cells : CELLS_DEFAULT;
    const int horny = cells_of(k->horny_mm, wanted / 4),
              epidermis = cells_of(k->epidermis_mm, wanted / 4),
              dermis = cells_of(k->dermis_mm, wanted);
    s->cells = horny + epidermis + dermis;
    s->n = 1 + 2 * s->cells;
    CIT_TRY(allocate(s, errs));
    int at = lay(s, 0, HORNY, 0, k->horny_mm, horny);
    at = lay(s, at, EPIDERMIS, k->horny_mm, k->epidermis_mm, epidermis);
    lay(s, at, DERMIS, k->horny_mm + k->epidermis_mm, k->dermis_mm, dermis);
    fill_cells(s);
    join_cells(s);
    if (isfinite(serum->film.thickness_mm))
        s->applied = s->y[0] = serum->film.thickness_mm * serum->film.concentration;
    *ret = s;
    s = NULL;
done:
    cit_serum_free(s);
    return st;
}

void cit_serum_free(cit_serum_column *s) {
    if (s == NULL) return;
    free(s->cell);
    free(s->memory);
    free(s);
}

/* ---- one stage ------------------------------------------------------------------------------------ */

static bool endless(const cit_serum_column *s) { return isinf(s->of.film.thickness_mm); }

static double film_mm(const cit_serum_film *f, double day) {
    if (isinf(f->thickness_mm)) return (double)INFINITY;
    const double left = f->thickness_mm - f->evaporation_mm_per_day * day;
    return fmax(thinnest_mm, fmax(left, f->residue * f->thickness_mm));
}

/* The day on which the film is as thin as it gets. */
static double dry_day(const cit_serum_film *f) {
    if (isinf(f->thickness_mm) || f->evaporation_mm_per_day <= 0) return (double)INFINITY;
    return (1 - f->residue) * f->thickness_mm / f->evaporation_mm_per_day;
}

static double open_share(const cit_serum_column *s, double day) {
    const double share = exp(-(s->of.channels.age_day + day) / s->of.channels.closing_day);
    return share < closed_share ? 0 : share;
}

static double *entry(cit_serum_column *s, int i, int j) {
    return s->matrix + (size_t)i * ROW + (j - i + WIDTH);
}

/* g between unknowns i and j, over a stage of length h. */
static void join(cit_serum_column *s, int i, int j, double gh) {
    *entry(s, i, i) += gh;
    *entry(s, j, j) += gh;
    *entry(s, i, j) -= gh;
    *entry(s, j, i) -= gh;
}

/* The bound part as it will be, were nothing free: and how much of what is free binds. */
static double unbinds(const cit_serum_column *s, double h) {
    return 1 / (1 + h * s->of.skin.unbinding_per_day);
}

static void build(cit_serum_column *s, double day, double h) {
    const cit_serum_skin *k = &s->of.skin;
    const double open = open_share(s, day), closing = h / s->of.channels.closing_day;
    memset(s->matrix, 0, (size_t)s->n * ROW * sizeof *s->matrix);
    join(s, 0, 1, h * s->lid);
    if (s->mouth > 0) join(s, 0, 2, h * s->mouth * open);
    for (int i = 0; i < s->cells; i++) {
        const cell *c = &s->cell[i];
        const int skin = 1 + 2 * i, channel = skin + 1;
        const bool dermis = c->layer == DERMIS;
        const double binds = dermis ? h * k->binding_per_day * unbinds(s, h) : 0;
        *entry(s, skin, skin) += c->held * (1 + h * clearance_of(k, c->layer) + binds);
        if (i + 1 < s->cells) join(s, skin, skin + 2, h * c->down);
        if (c->open <= 0 || open <= 0) { /* closed: what is left there is the skin's */
            *entry(s, channel, channel) = 1;
            *entry(s, skin, channel) = -1;
            continue;
        }
        /* What a closing channel held is the skin's. */
        *entry(s, channel, channel) += c->open * open * (1 + closing);
        *entry(s, skin, channel) -= c->open * open * closing;
        join(s, skin, channel, h * c->swap * open);
        if (c->down_open > 0) join(s, channel, channel + 2, h * c->down_open * open);
    }
}

/* Holds the film at this concentration: its row says so, its column moves to the right side. */
static void hold_film(cit_serum_column *s, double at) {
    for (int j = 1; j <= WIDTH; j++) {
        s->u[j] -= *entry(s, j, 0) * at;
        *entry(s, j, 0) = *entry(s, 0, j) = 0;
    }
    *entry(s, 0, 0) = 1;
    s->u[0] = at;
}

static void right_side(cit_serum_column *s, double h) {
    memcpy(s->u, s->known, (size_t)s->n * sizeof *s->u);
    for (int i = 0; i < s->cells; i++)
        if (s->cell[i].layer == DERMIS)
            s->u[1 + 2 * i] += h * s->of.skin.unbinding_per_day * unbinds(s, h) * s->known_b[i];
}

static void solve(cit_serum_column *s) {
    cit_band_factor(s->matrix, s->n, WIDTH);
    cit_band_solve(s->matrix, s->n, WIDTH, s->u);
}

/* What a stage found: rates of what is no unknown, /day. */
typedef struct rates {
    double cleared, lost, drawn;
} rates;

/* Amounts y (and bound) with y = known + h f(day, y), and the rates there. */
static rates stage(cit_serum_column *s, double day, double h, double *y, double *bound) {
    const cit_serum_film *f = &s->of.film;
    const double thick = film_mm(f, day), open = open_share(s, day);
    build(s, day, h);
    right_side(s, h);
    bool held = endless(s);
    if (!held) {
        *entry(s, 0, 0) += thick * (1 + h * f->loss_per_day);
        solve(s);
        held = s->u[0] > f->solubility;
        if (held) { /* the rest lies undissolved */
            build(s, day, h);
            right_side(s, h);
        }
    }
    if (held) {
        hold_film(s, endless(s) ? fmin(f->concentration, f->solubility) : f->solubility);
        solve(s);
    }
    rates r = {0};
    const double out =
        s->lid * (s->u[0] - s->u[1]) + (s->mouth > 0 ? s->mouth * open * (s->u[0] - s->u[2]) : 0);
    if (endless(s))
        r.drawn = out;
    else if (held)
        y[0] = (s->known[0] - h * out) / (1 + h * f->loss_per_day);
    else
        y[0] = thick * s->u[0];
    r.lost = f->loss_per_day * y[0];
    for (int i = 0; i < s->cells; i++) {
        const cell *c = &s->cell[i];
        const double amount = c->held * s->u[1 + 2 * i];
        y[1 + 2 * i] = amount;
        y[2 + 2 * i] = c->open * open * s->u[2 + 2 * i];
        r.cleared += clearance_of(&s->of.skin, c->layer) * amount;
        if (c->layer == DERMIS)
            bound[i] = (s->known_b[i] + h * s->of.skin.binding_per_day * amount) * unbinds(s, h);
    }
    return r;
}

/* ---- a step ----------------------------------------------------------------------------------------- */

static void add(cit_serum_column *s, const rates *r, double h) {
    s->cleared += h * r->cleared;
    s->lost += h * r->lost;
    if (endless(s)) s->applied += h * r->drawn;
}

static double scale_of(const cit_serum_column *s) {
    return endless(s) ? s->of.film.concentration : s->applied;
}

/* Amounts that are below zero by no more than noise are taken from a neighbour in depth that has more. */
static bool settle(const cit_serum_column *s, double *y) {
    const double allowed = noise * scale_of(s);
    for (int i = 0; i < s->n; i++)
        if (y[i] < -allowed) return false;
    for (int i = 0; i < s->n; i++) {
        if (y[i] >= 0) continue;
        int most = i;
        for (int j = i - WIDTH; j <= i + WIDTH; j++)
            if (j >= 0 && j < s->n && y[j] > y[most]) most = j;
        if (y[most] + y[i] < 0) return false;
        y[most] += y[i];
        y[i] = 0;
    }
    return true;
}

static void euler(cit_serum_column *s, double dt) {
    memcpy(s->known, s->y, (size_t)s->n * sizeof *s->known);
    memcpy(s->known_b, s->bound, (size_t)s->cells * sizeof *s->known_b);
    const rates r = stage(s, s->day + dt, dt, s->second, s->second_b);
    add(s, &r, dt);
}

static void take_step(cit_serum_column *s, double dt) {
    const double part = 1 - sqrt(0.5), h = part * dt; /* Alexander's, L-stable */
    memcpy(s->known, s->y, (size_t)s->n * sizeof *s->known);
    memcpy(s->known_b, s->bound, (size_t)s->cells * sizeof *s->known_b);
    const rates r1 = stage(s, s->day + h, h, s->first, s->first_b);
    const double ratio = (1 - part) / part; /* known + (1 - part) dt f of the first stage */
    for (int i = 0; i < s->n; i++) s->known[i] = s->y[i] + ratio * (s->first[i] - s->y[i]);
    for (int i = 0; i < s->cells; i++)
        s->known_b[i] = s->bound[i] + ratio * (s->first_b[i] - s->bound[i]);
    const rates r2 = stage(s, s->day + dt, h, s->second, s->second_b);
    if (settle(s, s->second)) {
        add(s, &r1, (1 - part) * dt);
        add(s, &r2, h);
    } else
        euler(s, dt);
    memcpy(s->y, s->second, (size_t)s->n * sizeof *s->y);
    memcpy(s->bound, s->second_b, (size_t)s->cells * sizeof *s->bound);
    s->day += dt;
}

cit_status cit_serum_advance(cit_serum_column *s, double until, cit_errors *errs) {
    if (!(until >= s->day && until <= 1e6))
        return cit_fail(errs, CIT_INVALID, "until", "%g is not a day from %g on", until, s->day);
    const double finer = s->of.finer > 0 ? s->of.finer : 1, dry = dry_day(&s->of.film);
    const double longest = fmin(longest_day, of_closing * s->of.channels.closing_day) / finer;
    if (s->step <= 0) s->step = first_step_day / finer;
    while (s->day < until) {
        /* It ends where the film's thinning does, too: there the equations have a kink. */
        const double end = s->day < dry && dry < until ? dry : until;
        const double left = end - s->day, step = fmin(s->step, longest);
        const double dt = left <= step ? left : left < 2 * step ? 0.5 * left : step;
        take_step(s, dt);
        if (left <= step) s->day = end;
        if (dt == step) s->step = fmin(longest, s->step * pow(growth, 1 / finer));
    }
    if (!isfinite(s->y[0] + s->cleared))
        return cit_fail(errs, CIT_DIVERGED, "", "no finite amounts on day %g", s->day);
    return CIT_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

cit_serum_ledger cit_serum_read(const cit_serum_column *s) {
    cit_serum_ledger l = {.day = s->day,
                          .applied = s->applied,
                          .film = s->y[0],
                          .cleared = s->cleared,
                          .lost = s->lost};
    for (int i = 0; i < s->cells; i++) {
        double *const layers[] = {&l.horny, &l.epidermis, &l.dermis};
        *layers[s->cell[i].layer] += s->y[1 + 2 * i];
        l.channels += s->y[2 + 2 * i];
        l.bound += s->bound[i];
    }
    return l;
}

double cit_serum_into_dermis(const cit_serum_ledger *l) {
    return l->dermis + l->bound + l->cleared;
}

double cit_serum_delivered(const cit_serum_ledger *l) {
    return l->epidermis + cit_serum_into_dermis(l);
}

double cit_serum_missing(const cit_serum_ledger *l) {
    const double found = l->film + l->horny + l->channels + l->lost + cit_serum_delivered(l);
    return l->applied > 0 ? fabs(l->applied - found) / l->applied : fabs(found);
}

double cit_serum_at(const cit_serum_column *s, double depth) {
    const double z = depth + s->of.skin.horny_mm;
    double before_z = CIT_UNKNOWN_NUMBER, before = 0;
    for (int i = 0; i < s->cells; i++) {
        const cell *c = &s->cell[i];
        if (c->layer == HORNY) continue;
        const double middle = 0.5 * (c->top + c->bottom);
        const double here = s->of.skin.partition * s->y[1 + 2 * i] / c->held;
        if (z <= middle && !cit_known(before_z)) return here;
        if (z <= middle) return before + (here - before) * (z - before_z) / (middle - before_z);
        before_z = middle;
        before = here;
    }
    return s->cells > 0 && z <= s->cell[s->cells - 1].bottom ? before : 0;
}
