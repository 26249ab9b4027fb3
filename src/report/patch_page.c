/* What became of one scar in voxels: a page for the terminal. */
#include "report_impl.h"
#include <math.h>

static void put_scar(cit_page *page, const cit_specimen_facts *f) {
    page_say(
        page,
        "%s scar, %.1f mm wide and %.2f mm deep%s: of its depth %.2f mm is collagen that is "
        "missing, "
        "%.2f mm is pulled down by bands, %.2f mm is open and stays. %d visits; the first makes "
        "%.0f "
        "channels a cm2 with needles of %g mm, which reach %.2f mm.",
        cit_choice_name(cit_case_scar_choices, f->type), 2 * f->scar.radius_mm, f->scar.depth_mm,
        f->measured       ? " (in the shape that the surface shows; width of a disc of its area)"
        : f->assumed_size ? " (typical: nobody measured it)"
                          : "",
        f->scar.deficit_mm, f->scar.tether_mm, f->scar.open_mm, f->visits, 100 * f->density,
        f->length_mm, f->reach_mm);
}

/* The start, the end, and what lies evenly between, so that a screen holds it. */
static void put_states(cit_page *page, const cit_patch_report *r) {
    enum { ROWS = 12, COLUMNS = 8 };
    static const char *const heads[COLUMNS] = {"day",   "collagen", "new",      "elastin",
                                               "bands", "lift mm",  "depth mm", "volume mm3"};
    static const double shares[COLUMNS] = {1, 1.2, 1, 1, 1, 1.2, 1.2, 1.2};
    const int rows = r->count < ROWS ? r->count : ROWS;
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < rows; i++) {
        const cit_specimen_state *s =
            &r->states[rows > 1 ? (int)((long)i * (r->count - 1) / (rows - 1)) : 0];
        char cells[COLUMNS][24];
        const char *row[COLUMNS];
        snprintf(cells[0], 24, "%.6g", s->day);
        snprintf(cells[1], 24, "%+.1f %%", s->collagen + 0.0);
        snprintf(cells[2], 24, "%.1f %%", s->new_collagen);
        snprintf(cells[3], 24, "%+.1f %%", s->elastin + 0.0);
        snprintf(cells[4], 24, "%.0f %%", 100 * s->tether);
        snprintf(cells[5], 24, "%.3f", s->by_collagen_mm + s->by_tether_mm);
        snprintf(cells[6], 24, "%.3f", s->depth_mm);
        snprintf(cells[7], 24, "%.3f", s->volume_mm3);
        for (int c = 0; c < COLUMNS; c++) row[c] = cells[c];
        cit_page_row(page, COLUMNS, row);
    }
    cit_page_note(page,
                  "Means over the scar: collagen and elastin against the start, new collagen in "
                  "units of healthy collagen, bands that still hold; lift, depth where it was "
                  "deepest; volume "
                  "below the rim.");
}

/* What was added, made, lost; and what the sums miss. */
static void put_balance(cit_page *page, const cit_patch_report *r) {
    cit_tissue_balance b[CIT_TISSUE_FIELDS];
    double missing = 0;
    cit_specimen_balances(r->specimen, b);
    for (int i = 0; i < CIT_TISSUE_FIELDS; i++) {
        const double gap = fabs(b[i].start + b[i].visits + b[i].reacted + b[i].crossed - b[i].now);
        missing = fmax(missing, gap);
    }
    const cit_tissue_balance *C = &b[CIT_COLLAGEN], *G = &b[CIT_TGF];
    page_say(
        page,
        "Mass balance: collagen %.4f mm3 at the start, %+.4f by needles, %+.4f by healing, %.4f "
        "now; TGF-beta "
        "%+.4f into fat. No field's sum misses more than %.1g mm3.",
        C->start, C->visits, C->reacted, C->now, G->crossed, missing);
}

cit_page *cit_page_of_patch(const cit_patch_report *r) {
    const cit_specimen_facts *f = cit_specimen_facts_of(r->specimen);
    const cit_tissue_stats stats = cit_tissue_stats_of(cit_specimen_tissue(r->specimen));
    cit_page *page = cit_page_new("One scar in voxels", NULL);
    if (r->unsettled)
        cit_page_bullet(
            page, "?", "Something must be asked before anybody needles this person: `cit screen`.");
    put_scar(page, f);
    put_states(page, r);
    put_balance(page, r);
    page_say(
        page,
        "%d x %d x %d voxels, %.0f MB; %ld steps, of them %ld of backward Euler, %ld done again; "
        "%.0f s, "
        "%.1f million voxels a second.",
        f->nx, f->ny, f->nz, f->bytes / 1e6, stats.steps, stats.euler_steps, stats.rejected,
        r->seconds, r->seconds > 0 ? 1e-6 * stats.voxel_steps / r->seconds : 0);
    cit_page_note(
        page,
        "One run with one value of each parameter and of one typical place: it shows how, not how "
        "much. What a person may expect, with its bands, is `cit simulate` without --patch. "
        "docs/models/patch.md has the equations and what was checked.");
    return page;
}
