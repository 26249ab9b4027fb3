/* Private to the report room. */
#pragma once
#include <cairo.h>
#include <cit/report.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

/* ---- texts in memory ------------------------------------------------------------------------ */

typedef struct memo {
    char *bytes;
    size_t size;
    FILE *out;
} memo;
cit_status text_open(memo *t, cit_errors *errs);
/* Closes and hands the bytes over, or reports that memory ran out. */
cit_status text_close(memo *t, char **ret, cit_errors *errs);
/* A cell of CSV in quotes, quotes doubled (RFC 4180); a comma and a number, or nothing where it is not known. */
void csv_text(FILE *out, const char *text);
void csv_number(FILE *out, double v);

/* ---- files (files.c) ------------------------------------------------------------------------- */

/* A file written piece by piece beside its place and moved into it when it is closed. After new_file_open has
 * succeeded, new_file_close must be called; a piece that could not be written makes it fail. */
typedef struct new_file {
    const char *given;
    char path[PATH_MAX], beside[PATH_MAX + 16];
    int file;
    mode_t mode;
    cit_status status;
} new_file;
cit_status new_file_open(new_file *f, const char *path, cit_errors *errs);
void new_file_put(new_file *f, const void *bytes, size_t size, cit_errors *errs);
cit_status new_file_close(new_file *f, cit_errors *errs);

/* "a-very-l...-name.x3p", at most 75 bytes: the start and the end tell more than the middle. */
enum { SHORT_NAME = 80 };
void short_name(const char *name, int most, char ret[SHORT_NAME]);

/* Files to be written together; each has its bytes from malloc. */
typedef struct shelf {
    cit_product *files;
    int count;
} shelf;
void shelf_put(shelf *s, void *bytes, size_t size, const char *name);
void shelf_free(shelf *s);

/* "pen, 12 needles, 2 mm" of the first visit's first setting. */
void describe_setting(const cit_report *r, char line[200]);
/* Visits by status, as "3 visits (2 done, 1 planned)". */
void describe_visits(const cit_report *r, char line[120]);

/* Does this finding keep whoever needles (0: nobody said) from being cleared? */
bool finding_unsettled(const cit_finding *f, int who);

/* An attribute of UTF-8 text; `where` is what HDF5 calls hid_t (trial_hdf5.c). */
bool hdf5_words(int64_t where, const char *name, const char *words);

/* ---- JSON (json.c) ---------------------------------------------------------------------------- */

/* JSON has no NaN, infinity or unknown: they are null. */
struct json_t *number_json(double v);
struct json_t *whole_json(int64_t v);
struct json_t *text_json(const char *text); /* NULL: null */
struct json_t *day_json(int day);           /* "2026-11-21" */
struct json_t *overrides_json(const cit_case *person);

/* ---- drawing -------------------------------------------------------------------------------- */

typedef struct colour {
    double r, g, b;
} colour;
extern const colour ink, pale, type_colours[CIT_SCAR_TYPES + 1], score_colour, published_colour;

/* A plot area in the picture, and what its edges mean. */
typedef struct axes {
    double x, y, w, h; /* pixels */
    double x0, x1, y0, y1;
} axes;
double axes_x(const axes *a, double x);
double axes_y(const axes *a, double y);
/* Frame, ticks and labels; `x_label` may be NULL. */
void axes_draw(cairo_t *c, const axes *a, const char *title, const char *x_label);

typedef enum align { LEFT, CENTRE, RIGHT } align;
void put_text(cairo_t *c, double x, double y, align how, double size, bool bold, const char *words);
void set_colour(cairo_t *c, colour k, double alpha);
/* A picture whose pixels were just written, its corner there, so many of its pixels to a unit. */
void put_pixels(cairo_t *c, cairo_surface_t *image, double x, double y, double pixels);
void put_line(cairo_t *c, double x0, double y0, double x1, double y1, double width);
/* The area between two curves of n points; the curve itself. */
void put_area(cairo_t *c, const axes *a, const double *x, const double *lo, const double *hi,
              int n);
void put_curve(cairo_t *c, const axes *a, const double *x, const double *y, int n, double width);
/* A round step for about `count` ticks over this span. */
double round_step(double span, int count);

/* What colours mean: shares from 0 to 1 are values from `low` to `high`. */
typedef struct colour_bar {
    double x, y, w, low, high;
    bool sign; /* "+5" */
    colour (*at)(double share);
    const char *words;
} colour_bar;
void colour_bar_draw(cairo_t *c, const colour_bar *b);

/* What has changed by a visit, and its interval; `middle` NaN: that visit is refused. */
typedef struct visit_change {
    int day;
    double middle, low, high;
} visit_change;
/* Changes since the first visit, over weeks. */
typedef struct visit_chart {
    const char *title, *x_label;
    int count;
    double low, high; /* that the axis reaches at least */
    visit_change (*at)(const void *of, int visit);
    const void *of;
} visit_chart;
void visit_chart_draw(cairo_t *c, const visit_chart *v, double x, double y, double w, double h);

/* A forecast's bands of one quantity, by week. */
enum { WEEKS_MAX = 300 };
typedef struct week_series {
    double week[WEEKS_MAX], median[WEEKS_MAX], lo50[WEEKS_MAX], hi50[WEEKS_MAX], lo90[WEEKS_MAX],
        hi90[WEEKS_MAX];
    int n;
} week_series;
void series_of(const cit_forecast *f, cit_quantity q, week_series *s);
void put_band(cairo_t *c, const axes *a, const week_series *s, colour k, double strength);
void put_median(cairo_t *c, const axes *a, const week_series *s, colour k);
/* Beyond the last measured week the plot is hatched and named. */
void put_unmeasured(cairo_t *c, const cit_forecast *f, const axes *a);
/* A mark on the time axis for each visit: filled done, hollow planned. */
void put_visit_marks(cairo_t *c, const cit_forecast *f, const axes *a);
void put_key(cairo_t *c, double x, double y, colour k, const char *label);

/* Anything drawn, as SVG or PNG. */
typedef struct drawing {
    const char *name;
    double width, height;
    void (*draw)(cairo_t *c, const void *of);
    const void *of;
} drawing;
cit_status drawing_render(const drawing *p, bool png, unsigned char **ret, size_t *ret_size,
                          cit_errors *errs);

typedef void figure_function(cairo_t *c, const cit_report *r, const void *extra);

typedef struct figure {
    const char *name;
    double width, height;
    double (*height_of)(const cit_report *r); /* where it depends on what is drawn; or NULL */
    figure_function *draw;
} figure;

/* What figure_punctures is drawn of, as its `extra`. */
typedef struct puncture_picture {
    cit_patch patch;
    cit_patch_stats stats;
    cit_use use;
} puncture_picture;

/* The first setting in use on 12 mm of skin, unstated settings at the middle of their prior. The caller
 * frees the patch, which is empty where no setting is in use. */
cit_status punctures_of(const cit_report *r, puncture_picture *p, cit_errors *errs);

extern const figure figure_forecast, figure_evidence, figure_drivers, figure_punctures;
/* Renders a figure; `png` chooses between the two formats. */
cit_status figure_render(const figure *f, const cit_report *r, const void *extra, bool png,
                         unsigned char **ret, size_t *ret_size, cit_errors *errs);

/* Bytes that a Cairo surface writes. */
typedef struct sink {
    unsigned char *bytes;
    size_t size, capacity;
} sink;
cairo_status_t sink_take(void *closure, const unsigned char *data, unsigned int length);

/* ---- pages ----------------------------------------------------------------------------------- */

typedef enum block_kind {
    BLOCK_TITLE,
    BLOCK_SUBTITLE,
    BLOCK_HEADING,
    BLOCK_PARAGRAPH,
    BLOCK_NOTE,
    BLOCK_VERDICT,
    BLOCK_BULLET,
    BLOCK_TABLE,
    BLOCK_ROW,
    BLOCK_FIELDS,
    BLOCK_BOXES,
    BLOCK_SPACE,
    BLOCK_KINDS
} block_kind;

typedef struct block {
    block_kind kind;
    cit_page_tone tone; /* of a verdict */
    int count;
    char **texts;   /* a bullet's mark and text; a question and its choices; cells; labels */
    double *shares; /* of the width, adding up to 1; NULL where texts are not side by side */
} block;

struct cit_page {
    block *blocks;
    int count, capacity;
    int asked; /* calls so far, which is how a fault names its block */
    cit_errors faults;
};

/* A paragraph as printf writes it; cut after 900 bytes. */
void page_say(cit_page *page, const char *format, ...) CIT_PRINTF(2, 3);
/* Tells again what the building met. */
cit_status page_faults(const cit_page *page, cit_errors *errs);
/* 'page "Aftercare"'. */
void page_where(const cit_page *page, char where[160]);
/* A copy with single spaces, or what is wrong with the text. */
cit_status page_words(const char *given, char **ret, char why[80]);
/* Bytes of the character at the start of valid UTF-8. */
size_t page_step(const char *at);
/* How many blocks of this block's kind stand together from here on. */
int page_run(const cit_page *page, int i);

/* ---- advice ---------------------------------------------------------------------------------- */

/* A text of the catalogue; with the pairs of cit_text_fill. */
#define T(key) cit_text(a->catalogue, key)

enum { LINE = 1600 };

/* The rule's words in the chosen language. */
const char *rule_title(const cit_advice *a, const cit_rule *rule);
const char *rule_patient(const cit_advice *a, const cit_rule *rule);
const char *rule_clinician(const cit_advice *a, const cit_rule *rule);
/* "Chu 2021 (A)". */
void put_grounds(const cit_advice *a, const cit_grounds *g, char line[LINE]);
/* A note with the source, and what others say. */
void page_grounds(cit_page *page, const cit_advice *a, const cit_grounds *g);
/* What a physician signed stands on every page of this person. */
void page_overrides(cit_page *page, const cit_advice *a);
/* Who, in words: "at home", "by a physician", "whoever needles". */
const char *who_words(const cit_advice *a, int who);
/* Findings of one rule at all its zones; walks the rules of a screening. */
typedef struct rule_findings {
    const cit_rule *rule;
    const cit_finding *first;
    int count, next; /* findings; where the next rule begins */
} rule_findings;
/* The next rule that has findings, from place `at`; false behind the last. Findings stand by rule. */
bool next_rule(const cit_screening *s, int at, rule_findings *ret);
/* The zones of a rule's findings that count for `who` with this verdict, as "cheek, left; nose". */
void zones_of(const cit_advice *a, const rule_findings *r, int who, cit_clearance verdict,
              char line[LINE]);
/* The worst that one rule says for `who` anywhere. */
cit_clearance rule_verdict(const rule_findings *r, int who);
bool rule_holds(const rule_findings *r, int who);
/* Does the rule keep `who` (0: somebody) from being cleared? */
bool finding_is_open(const rule_findings *r, int who);
void date_or(const cit_advice *a, int day, char text[40]);
/* A file's name without its folder, which may be somebody's name. */
const char *doc_label(const cit_doc *doc);
/* The case's label, or its file's name without what it ends in. */
const char *case_label(const cit_case *person, char text[200]);
/* "4 in all, in 2 directions": passes take directions in turn (needling/pattern.c), so that there are no more
 * directions than passes. */
void passes_text(const cit_advice *a, const cit_setting *setting, char text[80]);
/* What numbs at a visit: product, amount, area, minutes, or that nothing does; false: nobody says. */
bool numbing_text(const cit_advice *a, const cit_protocol *protocol, const cit_visit *visit,
                  char line[LINE]);
/* Care whose condition holds or is not known, for this kind of user (0: any), in a phase. */
bool care_applies(const cit_advice *a, const cit_care *care, int who);

/* ---- trials (trial_words.c) --------------------------------------------------------------------- */

extern const char *const trial_is_no_evidence;
bool trial_is_odds(const cit_trial_endpoint *e);
bool trial_is_share(const cit_trial_endpoint *e);
double trial_difference(const cit_trial_endpoint *e, double value);
const char *trial_difference_unit(const cit_trial_endpoint *e);
/* Trials of the size that the search found; NULL: none was. */
const cit_trial_summary *trial_size_found(const cit_trial_report *r);
const char *trial_number(char text[24], double value);
const char *trial_range(char text[80], double middle, double lo, double hi);
const char *trial_percent(char text[60], const cit_trial_share *s);

/* ---- validation (silence.c) ---------------------------------------------------------------------- */

void put_silence(FILE *out, const cit_validation_report *report);

/* ---- plans (plan_page.c) --------------------------------------------------------------------------- */

const char *plan_kind_name(int kind);    /* cit_option_kind */
const char *plan_judge_words(int judge); /* cit_judge */
const char *plan_judge_unit(int judge);

/* ---- plans (plan_facts.c) --------------------------------------------------------------------------- */

/* The chosen option where it is a course; else NULL. */
const cit_option *plan_chosen(const cit_plan_report *r);
bool plan_has_course(const cit_plan_report *r);
bool plan_beats_nothing(const cit_option *option);
/* Visits that are done. */
int plan_done(const cit_plan_report *r);
/* Does the person leave it open that they needle? */
bool plan_allows(const cit_plan_report *r, int who);
/* Do rules refuse everybody whom the person allows? */
bool plan_none_allowed(const cit_plan_report *r);
/* Does the rule refuse somebody whom the person allows? */
bool plan_refused_by(const cit_plan_report *a, const rule_findings *r);
/* Whose open questions count: who would do the chosen course, else whom the fewest rules bind. */
int plan_asked(const cit_plan_report *r);
/* Titles of what is known and refuses, or must be asked of, anybody; "" where nothing does. */
void plan_to_settle(const cit_plan_report *r, char line[LINE]);
/* Who is not allowed by the person and might do it: "physician, ask first"; "" where nobody might. */
void plan_others_to_ask(const cit_plan_report *r, char line[LINE]);
/* Why there is no course at all, in a sentence; `brief`: rules only where no limit does it. */
void plan_no_course(const cit_plan_report *r, bool brief, char line[2 * LINE]);
bool plan_uses_already(const cit_plan_report *r, const cit_adjunct *adjunct);
/* False: it names what the person uses already. */
bool plan_advises(const cit_plan_report *r, const cit_care *care);
/* The least days between two visits. */
double plan_days_between(const cit_plan_report *r);
/* Care before the first visit whose days are past. */
enum { PLAN_LATE_MAX = 12 };
typedef struct plan_late_care {
    const cit_care *care;
    int last; /* day on which it could be done */
} plan_late_care;
int plan_late(const cit_plan_report *r, plan_late_care ret[PLAN_LATE_MAX]);
/* The first day that leaves time for all of it. */
int plan_ready_day(const cit_plan_report *r);
/* The same in a sentence; false: nothing is late. */
bool plan_late_text(const cit_plan_report *r, char line[LINE]);
/* How the shown course lies outside what was published; false: it does not. */
bool plan_outside(const cit_plan_report *r, char line[LINE]);
/* What an option costs at these prices; false: nobody knows. */
bool plan_cost_in(const cit_plan_report *r, int option, const cit_prices *prices, double *low,
                  double *high);
/* The same in each place that has a price, by its name or id: "EUR 160 to 360 (Germany); ..."; false: none has. */
bool plan_costs_elsewhere(const cit_plan_report *r, int option, bool ids, char line[LINE]);

/* ---- documents (sheet.c) ------------------------------------------------------------------------- */

/* An A4 document written from top to bottom: words, tables and pictures, over as many sheets as it takes. */
typedef struct sheet_pile sheet_pile;
typedef enum sheet_face {
    SHEET_TITLE,
    SHEET_SUBTITLE,
    SHEET_HEADING,
    SHEET_WORDS,
    SHEET_SMALL,
    SHEET_NOTE,
    SHEET_VERDICT,
    SHEET_COLUMN,
    SHEET_CELL,
    SHEET_BULLET,
    SHEET_FACES
} sheet_face;
typedef struct sheet_facts {
    const char *title, *footer;
    const char *number; /* "{n} of {m}" */
    int day;            /* the document's date */
} sheet_facts;
/* Called twice, and must do the same each time. */
typedef void sheet_content(sheet_pile *s, const void *of);
void sheet_words(sheet_pile *s, sheet_face which, const char *words);
void sheet_bullet(sheet_pile *s, const char *mark, const char *words);
void sheet_panel(sheet_pile *s, cit_page_tone tone, const char *words);
/* The headings must last as long as the table, which any call but sheet_row ends. */
void sheet_table(sheet_pile *s, int n, const double *shares, const char *const *headings);
void sheet_row(sheet_pile *s, const char *const *words);
void sheet_table_end(sheet_pile *s);
/* A picture of this size, made to fill a share of the width; somewhat less where that keeps it on this sheet. */
void sheet_picture(sheet_pile *s, double width, double height, double share,
                   void (*draw)(cairo_t *c, const void *of), const void *of);
void sheet_break(sheet_pile *s);
/* A new sheet where fewer points than that are left. */
void sheet_room(sheet_pile *s, double points);
/* Of all type that follows; never below 7 pt. */
void sheet_scale(sheet_pile *s, double scale);
/* How many sheets it takes; 0: it cannot be made. */
int sheets_count(const sheet_facts *facts, sheet_content *content, const void *of);
cit_status sheets_pdf(const sheet_facts *facts, sheet_content *content, const void *of,
                      unsigned char **ret, size_t *ret_size, cit_errors *errs);

/* ---- plans on paper (plan_pdf.c, plan_dossier.c, plan_chart.c) ----------------------------------------- */

/* The option whose forecast is shown: the chosen one, or where that is to do nothing the one that brings the
 * most; 0: there is none. */
int plan_shown(const cit_plan_report *a);
/* "12 %", "0.4 grades", "-0.02 mm". */
const char *plan_amount(const cit_plan_report *a, double value, char text[40]);
/* "B". */
const char *plan_letter(int option);
/* "enough, most improvement": all that it is. */
const char *plan_option_name(const cit_plan_report *a, int option, char text[160]);
/* "EUR 320 to 720", or that nobody knows. */
const char *plan_money(const cit_plan_report *a, double low, double high, char text[80]);
/* The two charts and the map of the face, in the sizes below, of a cit_plan_report or a plan_map. */
enum {
    PLAN_CHART_W = 720,
    PLAN_OPTIONS_H = 590,
    PLAN_TIME_H = 460,
    PLAN_MAP_W = 640,
    PLAN_MAP_H = 320
};
void plan_draw_options(cairo_t *c, const void *report);
void plan_draw_time(cairo_t *c, const void *report);
typedef struct plan_map {
    const cit_plan_report *report;
    const cit_protocol *protocol; /* of the chosen course */
} plan_map;
void plan_draw_map(cairo_t *c, const void *map);
/* Is this site on the map? */
bool plan_on_map(const char *site);
/* What the clinician reads. */
void plan_dossier(sheet_pile *s, const cit_plan_report *a, const cit_protocol *protocol);
/* Is it for scars of a type that the person has? Yes too where nobody counted them. */
bool plan_suits(const cit_plan_report *a, const cit_adjunct *adjunct);
/* A rule's days: the last on which a refusal of its findings ends; CIT_UNKNOWN_INT. */
int plan_until(const rule_findings *r);

/* ---- measurements (measure_*.c) ------------------------------------------------------------------------ */

/* A map to be drawn; it borrows its report. */
typedef struct measure_map {
    const cit_measure_report *report;
    int take;
    const cit_heights *heights;
    bool change;
    double most_um; /* that the colours reach */
    double w, h, width, height;
    bool *failed; /* set where memory ran out while it was drawn */
} measure_map;
cit_status measure_map_of(const cit_measure_report *r, int take, bool *failed, measure_map *ret,
                          cit_errors *errs);
/* As wide as that: the narrower, the larger are its letters where it is shown. */
void measure_map_lay(measure_map *map, double width);
void measure_draw_map(cairo_t *c, const void *map);
/* Volumes over visits. */
enum { MEASURE_SERIES_W = 720, MEASURE_SERIES_H = 380 };
void measure_draw_series(cairo_t *c, const void *report);
bool measure_has_series(const cit_measure_report *r);
/* "ice-pick 92 %", the likeliest class. */
int measure_class_of(const cit_measured_scar *scar);
const char *measure_verdict(const cit_change *change);
double measure_value(const void *of, size_t offset); /* a parameter of roughness, by its table */
/* Two digits that matter, never as a power of ten. */
void measure_short(double v, char ret[24]);
/* A row of a table of scars: one of them, and what became of it (NULL: only the first columns are asked for). */
typedef struct measure_row {
    const cit_measured_scar *scar;
    const cit_change *since;
} measure_row;
enum { MEASURE_CELL = 60, MEASURE_FOUND = 7, MEASURE_CHANGED = 6, MEASURE_ON_PAPER = 6 };
typedef struct measure_column {
    const char *head;
    double share;
    void (*put)(const measure_row *row, char ret[]);
} measure_column;
/* On paper the last column is of what became of it. */
extern const measure_column measure_found[MEASURE_FOUND], measure_changed[MEASURE_CHANGED],
    measure_on_paper[MEASURE_ON_PAPER];
void measure_cells(const measure_column *columns, int count, const measure_row *row,
                   char cells[][MEASURE_CELL], const char *ret[]);
/* What the numbers of such a table mean, under it. */
extern const char *const measure_found_note, *const measure_changed_note;
/* "95 %: 32.137 to 32.312" of the volume of all. */
void measure_range(const cit_scars *scars, char ret[80]);
/* A visit in two sentences, and their colour. */
void measure_zone_line(const cit_pair *pair, char ret[400]);
cit_page_tone measure_tone(const cit_pair *pair);
extern const char *const measure_intended_use;

/* ---- colour (colour_*.c) ------------------------------------------------------------------------------- */

#define COLOUR_INDEX(name, unit, meaning) COLOUR_##name,
enum { CIT_COLOUR_LIST(COLOUR_INDEX) COLOUR_INDICES };
#undef COLOUR_INDEX
typedef struct colour_index {
    const char *name, *unit, *meaning;
} colour_index;
extern const colour_index colour_rows[COLOUR_INDICES];
typedef struct colour_gate {
    const char *name, *text;
} colour_gate;
extern const colour_gate colour_gates[CIT_GATE_COUNT];
extern const char *const colour_intended_use, *const colour_formulas, *const colour_relative_words;
double colour_number(const cit_colour *c, int index);
/* "30.1", with the 95 % of its chart "30.1 ± 1.2". */
void colour_cell_value(const cit_colour_take *take, int index, char ret[60]);
void colour_cell_change(const cit_colour_change *change, int index, char ret[60]);
/* "no change seen", "higher", "lower". */
const char *colour_seen(const cit_colour_change *change, int index);
/* "after.jpg, 2026-03-02" */
void colour_take_name(const cit_colour_take *take, char ret[120]);
/* Refused, relative or by charts, and what became of redness and pigment. */
const char *colour_verdict(const cit_colour_change *change, char ret[400]);
/* Green: it may be compared, whatever has become of it. */
cit_page_tone colour_tone(const cit_colour_change *change);
/* What keeps a pair from being compared: the gate's words with its figures; false: it is open. */
bool colour_gate_line(const cit_colour_change *change, int gate, char ret[400]);

/* A photo with what was looked at, and a map of its redness; it borrows its take. */
typedef struct colour_picture {
    const cit_colour_take *take;
    const char *program;
    cit_redness *redness;
    double low, high; /* EI that the colours reach: the same in all photos with a chart */
    double scale, photo_w, photo_h, map_w, map_h, width, height;
    bool *failed; /* set where memory ran out while it was drawn */
} colour_picture;
/* One a take, into zeroed ones; `failed` must last as long. To be freed whatever the status. */
cit_status colour_pictures_make(const cit_colour_report *r, bool *failed, colour_picture *ret,
                                cit_errors *errs);
void colour_pictures_free(colour_picture *pictures, int count);
void colour_draw_picture(cairo_t *c, const void *picture);

/* ---- fields (fields_*.c) ------------------------------------------------------------------------------ */

static inline size_t box_voxels(const cit_box *b) {
    return (size_t)b->nx * (size_t)b->ny * (size_t)b->nz;
}
static inline size_t box_at(const cit_box *b, int i, int j, int k) {
    return ((size_t)k * (size_t)b->ny + (size_t)j) * (size_t)b->nx + (size_t)i;
}
/* Does every number fit into a float? */
cit_status frame_fits_single(const cit_frame *f, cit_errors *errs);
/* A text that may be missing. */
static inline const char *text_or_none(const char *text) { return text != NULL ? text : ""; }

/* From 0 to 1. */
colour map_colour(cit_colours map, double share);
/* Equal steps of depth are equal steps in CIELAB, from skin to dark violet. */
colour depth_colour(double share);
/* "cit 0.1.0, catalogue 0123abcd, seed 7" */
void made_by_line(const cit_made_by *m, char line[200]);

/* A file whose changes are made only when they are kept (fields_kept.c). */
typedef struct kept_change {
    uint64_t at;
    size_t size;
    unsigned char *bytes;
} kept_change;
typedef struct kept_file {
    int file;
    uint64_t kept, end, eoa; /* bytes kept, bytes on disk, bytes that HDF5 has given out */
    kept_change *changes;    /* in the order of writing */
    int count, capacity;
    int failure; /* errno of the first; 0: none */
} kept_file;
/* All that HDF5 has flushed is on the disk from here on; false: `failure` says why not. */
bool kept_keep(kept_file *l);
/* Nothing is written any more; closing goes back to what was kept. */
void kept_abandon(kept_file *l, int why);
/* A driver for H5Pset_driver, whose information is a pointer to a kept_file. */
int64_t kept_driver(void);
