/* One scar: its parts at the start, its depth, volume and width later. */
#include <cit/scar.h>
#include <math.h>

/* Living dermis below a scar is at least this share of that around it; assumed. */
static const double dermis_left_min = 0.3;
/* Collagen below a scar is at least this share of healthy; assumed. */
static const double set_point_min = 0.2;

static double visible_tether(const cit_scar_params *p, const cit_scar_seen *seen, double radius,
                             double dermis) {
    if (cit_known(seen->tether_mm)) return seen->tether_mm;
    /* Bands pull the skin into a dip as wide as the plate is stiff. Of that dip a rim at distance R
     * shares a part, so that only the difference is seen: much of it for a wide scar, little for a
     * narrow one. */
    const cit_plate plate =
        cit_plate_of(p->E_dermis_kPa, dermis, p->tension_N_per_m, p->fat_kPa_per_mm);
    const double share = 1 - cit_plate_shape(&plate, radius) / cit_plate_shape(&plate, 0);
    return fmin(p->band_pull_mm * share, p->tether_share_max * seen->depth_mm);
}

void cit_scar_make(const cit_scar_params *p, const cit_needling_params *needling,
                   const cit_scar_seen *seen, double epidermis_mm, double dermis_mm,
                   cit_scar *ret) {
    const double radius = 0.5 * seen->width_mm, depth = seen->depth_mm;
    /* Where the depth was drawn, stated parts may be more than it: the open part is kept first. */
    const double given_open = cit_known(seen->open_mm) ? fmin(seen->open_mm, depth) : 0;
    const double tether = fmin(visible_tether(p, seen, radius, dermis_mm), depth - given_open);
    const double rest = fmax(0, depth - tether - given_open); /* never -1e-17 */

    ret->radius_mm = radius;
    ret->depth_mm = depth;
    ret->profile = seen->profile;
    ret->tether_mm = tether;
    ret->epidermis_mm = epidermis_mm;
    ret->top_mm = epidermis_mm;
    ret->thickness_mm = fmax(dermis_mm - (depth - tether), dermis_left_min * dermis_mm);
    ret->gap_mm = cit_reach_gap(needling, radius, depth);

    double lift_of_all = 0; /* if all layers grew by 1 */
    for (int k = 0; k < CIT_COLUMN_LAYERS; k++) {
        const double a = ret->top_mm + ret->thickness_mm * k / CIT_COLUMN_LAYERS;
        const double b = ret->top_mm + ret->thickness_mm * (k + 1) / CIT_COLUMN_LAYERS;
        ret->kernel_mm[k] = p->chi_up * p->beta * cit_lift_disc(radius, a, b);
        lift_of_all += ret->kernel_mm[k];
    }
    /* With an open part stated, the rest is deficit as far as tissue can explain it; without, the
     * deficit is what scarred collagen explains and the open part is what is left. */
    const double lowest = cit_known(seen->open_mm) ? set_point_min : p->set_point;
    ret->deficit_mm = fmin(rest, (1 - lowest) * lift_of_all);
    ret->set_point = 1 - ret->deficit_mm / lift_of_all;
    ret->open_mm = given_open + rest - ret->deficit_mm;
}

cit_scar_history cit_scar_history_at(const cit_scar_params *p, const double *days,
                                     const cit_wound *wounds, int visits, double day) {
    cit_scar_history h = {0, 0, 0};
    double gained = 0; /* thickening that visits so far will have brought, of its most */
    double support = 1, support_day = 0;
    for (int i = 0; i < visits && days[i] < day; i++) {
        const double age = day - days[i], hit = wounds[i].overshoot * wounds[i].crowding;
        const double gain = p->epidermis_visit * wounds[i].surface * (1 - gained);
        gained += gain;
        h.epidermis += p->epidermis_gain * gain * -expm1(-age / p->epidermis_rise) *
                       exp(-age / p->epidermis_tau);
        h.bruise += p->bruise_visit * hit * exp(-age / p->bruise_tau);
        support = 1 - (1 - support) * exp(-(days[i] - support_day) / p->fat_loss_tau);
        support *= 1 - p->fat_loss_visit * hit;
        support_day = days[i];
    }
    h.fat_loss = (1 - support) * exp(-(day - support_day) / p->fat_loss_tau);
    return h;
}

cit_scar_bowl cit_scar_bowl_of(const cit_scar *s, double depth, double visible) {
    const double pi = 3.14159265358979323846, R = s->radius_mm, n = s->profile;
    return (cit_scar_bowl){pi * R * R * depth * n / (n + 2),
                           depth > visible ? 2 * R * pow(1 - visible / depth, 1 / n) : 0};
}

void cit_scar_at(const cit_scar_params *p, const cit_scar *s, const cit_column *column,
                 const double *y, const cit_scar_history *history, bool fibrotic, double visible_mm,
                 cit_scar_state *ret) {
    const int K = column->layers;
    const double *N = y + CIT_NEW_COLLAGEN * K, *C = y + CIT_COLLAGEN * K,
                 *single = y + CIT_LAYER_FIELDS * K;
    double lift = 0;
    for (int k = 0; k < K; k++)
        lift += s->kernel_mm[k] * (C[k] - column->set_point[k] + p->zeta * N[k]);
    lift = fmin(lift, fibrotic ? 0 : s->deficit_mm);

    ret->by_collagen_mm = lift;
    ret->by_tether_mm = s->tether_mm * (1 - single[CIT_TETHER]);
    ret->by_epidermis_mm = p->epidermis_share * history->epidermis * s->epidermis_mm;
    ret->by_harm_mm = p->fat_depth_mm * history->fat_loss + single[CIT_RAISED];
    const double depth = s->depth_mm - ret->by_collagen_mm - ret->by_tether_mm -
                         ret->by_epidermis_mm + ret->by_harm_mm;
    ret->depth_mm = fmax(depth, 0);
    const cit_scar_bowl bowl = cit_scar_bowl_of(s, ret->depth_mm, visible_mm);
    ret->volume_mm3 = bowl.volume_mm3;
    ret->width_mm = bowl.width_mm;
}
