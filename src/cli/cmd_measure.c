/* cit measure: scars, roughness and colour from scans, height maps and photos, and what has changed. */
#include "cli.h"
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 64 };

typedef struct arguments {
    const char *paths[FILES_MAX];
    int count, day_count, days[FILES_MAX];
    const char *camera, *case_path, *protocol_path, *phantom, *after, *site;
    surface_arguments surface;
    double zone[4], s_mm, l_mm, noise_um;
    bool roughness, far, relative, to_case;
    unsigned given; /* bits, by row of `options_of` */
    computing with;
    output to;
} arguments;

enum {
    OPT_DATES = OPT_OWN,
    OPT_UNIT,
    OPT_PITCH,
    OPT_HEIGHT,
    OPT_SCALE,
    OPT_ZONE,
    OPT_OUTSIDE,
    OPT_NOISE,
    OPT_FAR,
    OPT_ROUGHNESS,
    OPT_S,
    OPT_L,
    OPT_TO_CASE,
    OPT_SITE,
    OPT_RELATIVE,
    OPT_CAN_SEE,
    OPT_CAMERA,
    OPT_PHANTOM,
    OPT_AFTER,
};

static const struct argp_option options[] = {
    {"dates", OPT_DATES, "D1,D2,...", 0, "days on which the files were taken, in their order", 1},
    {"zone", OPT_ZONE, "A,B,C,D", 0,
     "look at this part: of heights x, y, width, height in mm; of a shape x, y, z of a point on "
     "it and the side, in mm; of a photo x, y, width, height in pixels",
     1},
    {"outside", OPT_OUTSIDE, "X,Y,Z", 0,
     "which way is out of a shape that is wound inside out or does not tell", 1},
    {"far", OPT_FAR, NULL, 0, "the files may lie centimetres and many degrees apart", 1},
    {"noise", OPT_NOISE, "LENGTH", 0, "noise of a sample (estimated)", 1},
    {"unit", OPT_UNIT, "UNIT", 0,
     "m, cm, mm, um or a length: what 1 is in a shape, or in a text's columns x and y", 2},
    {"pitch", OPT_PITCH, "LENGTH", 0, "distance of pixels or samples, where the file says none", 2},
    {"height", OPT_HEIGHT, "LENGTH", 0, "of one grey level, or of 1 in a text", 2},
    {"scale", OPT_SCALE, "FILE", 0,
     "--unit, --pitch and --height from a file (FILE.scale.yaml beside it)", 2},
    {"roughness", OPT_ROUGHNESS, NULL, 0, "parameters of ISO 25178-2 too", 3},
    {"s-filter", OPT_S, "LENGTH", 0, "cut-off of what is too fine for roughness", 3},
    {"l-filter", OPT_L, "LENGTH", 0, "cut-off of what is too coarse for roughness", 3},
    {"relative", OPT_RELATIVE, NULL, 0,
     "of photos without a colour chart: show what differs all the "
     "same, as relative",
     3},
    {"to-case", OPT_TO_CASE, NULL, 0, "print the scars as a block of a case file", 4},
    {"site", OPT_SITE, "ID", 0, "where on the body the scars of a case are (cheek)", 4},
    {"output", 'o', "FOLDER", 0, "write JSON, CSV, maps and a sheet into a new folder", 4},
    {"force", OPT_FORCE, NULL, 0, "replace results in a folder that exists", 4},
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the page", 4},
    {"can-see", OPT_CAN_SEE, "CASE", 0,
     "no file: could a --camera see what a --protocol is likely to bring?", 5},
    {"protocol", 'p', "FILE", 0, "for --can-see and --after", 5},
    {"camera", OPT_CAMERA, "ID", 0, "see `cit catalogue cameras`", 5},
    {"phantom", OPT_PHANTOM, "KIND", 0,
     "no file: write a surface of known scars into -o FOLDER: narrow, broad or hard", 6},
    {"after", OPT_AFTER, "CASE", 0,
     "for --phantom: later.x3p too, the same skin as a --protocol is likely to leave it "
     "(simulated)",
     6},
    {0}};

/* ---- what options are for ------------------------------------------------------------------------------- */

enum { FOR_MAPS = 1, FOR_SHAPES = 2, FOR_PHOTOS = 4, FOR_CAN_SEE = 8, FOR_PHANTOM = 16 };
enum { FOR_SURFACES = FOR_MAPS | FOR_SHAPES, FOR_FILES = FOR_SURFACES | FOR_PHOTOS };

static const struct {
    int key;
    unsigned uses;
    const char *name;
} options_of[] = {
    {OPT_DATES, FOR_FILES, "--dates"},
    {OPT_ZONE, FOR_FILES, "--zone"},
    {OPT_OUTSIDE, FOR_SHAPES, "--outside"},
    {OPT_FAR, FOR_SURFACES, "--far"},
    {OPT_NOISE, FOR_SURFACES, "--noise"},
    {OPT_UNIT, FOR_SURFACES, "--unit"},
    {OPT_PITCH, FOR_SURFACES, "--pitch"},
    {OPT_HEIGHT, FOR_SURFACES, "--height"},
    {OPT_SCALE, FOR_SURFACES, "--scale"},
    {OPT_ROUGHNESS, FOR_SURFACES, "--roughness"},
    {OPT_S, FOR_SURFACES, "--s-filter"},
    {OPT_L, FOR_SURFACES, "--l-filter"},
    {OPT_RELATIVE, FOR_PHOTOS, "--relative"},
    {OPT_TO_CASE, FOR_SURFACES, "--to-case"},
    {OPT_SITE, FOR_SURFACES, "--site"},
    {'o', FOR_FILES | FOR_PHANTOM, "--output"},
    {OPT_FORCE, FOR_FILES | FOR_PHANTOM, "--force"},
    {OPT_JSON, FOR_FILES, "--json"},
    {'p', FOR_CAN_SEE | FOR_PHANTOM, "--protocol"},
    {OPT_CAMERA, FOR_CAN_SEE, "--camera"},
    {OPT_AFTER, FOR_PHANTOM, "--after"},
};
enum { OPTIONS_OF = sizeof options_of / sizeof *options_of };

static void note_given(arguments *a, int key, struct argp_state *state) {
    for (int i = 0; i < OPTIONS_OF; i++) {
        if (options_of[i].key != key) continue;
        if (a->given >> i & 1) argp_error(state, "%s is given twice", options_of[i].name);
        a->given |= 1U << i;
    }
}

/* "maps of heights, shapes" */
static const char *uses_text(unsigned uses, char ret[120]) {
    static const char *const names[] = {"maps of heights", "shapes", "photos", "--can-see",
                                        "--phantom"};
    ret[0] = 0;
    for (int i = 0; i < 5; i++) {
        if (!(uses >> i & 1)) continue;
        const size_t used = strlen(ret);
        snprintf(ret + used, 120 - used, "%s%s", used > 0 ? ", " : "", names[i]);
    }
    return ret;
}

/* An option that would have no effect on any of what is at hand is refused, lest somebody believes that it had. */
static cit_status refuse_options(const arguments *a, unsigned at_hand, cit_errors *errs) {
    char of[120], here[120];
    for (int i = 0; i < OPTIONS_OF; i++)
        if (a->given >> i & 1 && !(options_of[i].uses & at_hand))
            return cit_fail(errs, CIT_USAGE, options_of[i].name,
                            "is for %s, and does nothing for %s", uses_text(options_of[i].uses, of),
                            uses_text(at_hand, here));
    return CIT_OK;
}

/* ---- options ------------------------------------------------------------------------------------------ */

static void parse_zone(arguments *a, const char *text, struct argp_state *state) {
    char rest;
    if (sscanf(text, "%lf,%lf,%lf,%lf%c", &a->zone[0], &a->zone[1], &a->zone[2], &a->zone[3],
               &rest) != 4)
        argp_error(state, "--zone: four numbers with commas between, not '%s'", text);
    for (int i = 0; i < 4; i++)
        if (!isfinite(a->zone[i])) argp_error(state, "--zone: '%s' has what is no number", text);
    if (!(a->zone[3] > 0)) argp_error(state, "--zone: the last number is a length above 0");
    a->surface.zone = a->zone;
}

static void parse_outside(arguments *a, const char *text, struct argp_state *state) {
    char rest;
    double *to = a->surface.outside;
    if (sscanf(text, "%lf,%lf,%lf%c", &to[0], &to[1], &to[2], &rest) != 3 ||
        !isfinite(to[0] + to[1] + to[2]) || (to[0] == 0 && to[1] == 0 && to[2] == 0))
        argp_error(state, "--outside: a direction, three numbers with commas between, not '%s'",
                   text);
}

static void parse_dates(arguments *a, char *text, struct argp_state *state) {
    char *rest = text;
    a->day_count = 0;
    for (char *one = strsep(&rest, ","); one != NULL; one = strsep(&rest, ",")) {
        if (a->day_count == FILES_MAX) argp_error(state, "--dates: at most %d", FILES_MAX);
        a->days[a->day_count++] = parse_date(one, state);
    }
}

static void check_end(const arguments *a, struct argp_state *state) {
    const bool asks = a->case_path != NULL, makes = a->phantom != NULL;
    if (asks + makes + (a->count > 0) != 1)
        argp_error(state, a->count == 0 && !asks && !makes
                              ? "what is to be measured? a file; or --can-see, or --phantom"
                              : "either files, or --can-see, or --phantom");
    if (asks && (a->protocol_path == NULL || a->camera == NULL))
        argp_error(state, "--can-see needs --protocol FILE and --camera ID");
    if (makes && a->to.path == NULL) argp_error(state, "--phantom needs -o FOLDER");
    if (a->after != NULL && (!makes || a->protocol_path == NULL))
        argp_error(state, "--after needs --phantom KIND and --protocol FILE");
    if (a->to.json && a->to_case) argp_error(state, "either --json or --to-case");
    if (a->day_count > 0 && a->day_count != a->count)
        argp_error(state, "--dates: %d for %d files", a->day_count, a->count);
    for (int i = 1; i < a->day_count; i++)
        if (a->days[i] < a->days[i - 1]) argp_error(state, "--dates: later files have later dates");
}

/* "m", "mm", or a length as people write it. */
static double unit_mm(const char *text, struct argp_state *state) {
    static const struct {
        const char *name;
        double mm;
    } names[] = {{"m", 1000}, {"cm", 10}, {"mm", 1}, {"um", 1e-3}, {"1 m", 1000}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i].name) == 0) return names[i].mm;
    return positive_quantity(text, "mm", "unit", state);
}

static error_t parse_result(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case 'p':
        a->protocol_path = arg;
        break;
    case OPT_TO_CASE:
        a->to_case = true;
        break;
    case OPT_SITE:
        a->site = arg;
        break;
    case OPT_CAN_SEE:
        a->case_path = arg;
        break;
    case OPT_CAMERA:
        a->camera = arg;
        break;
    case OPT_PHANTOM:
        a->phantom = arg;
        break;
    case OPT_AFTER:
        a->after = arg;
        break;
    case ARGP_KEY_ARG:
        if (a->count == FILES_MAX) argp_error(state, "at most %d files at a time", FILES_MAX);
        a->paths[a->count++] = arg;
        break;
    case ARGP_KEY_END:
        check_end(a, state);
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    note_given(a, key, state);
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case OPT_DATES:
        parse_dates(a, arg, state);
        break;
    case OPT_ZONE:
        parse_zone(a, arg, state);
        break;
    case OPT_UNIT:
        a->surface.scale.unit_mm = unit_mm(arg, state);
        break;
    case OPT_PITCH:
        a->surface.scale.dx_mm = a->surface.scale.dy_mm =
            positive_quantity(arg, "mm", "pitch", state);
        break;
    case OPT_HEIGHT:
        a->surface.scale.height_um = positive_quantity(arg, "um", "height", state);
        break;
    case OPT_SCALE:
        a->surface.scale_path = arg;
        break;
    case OPT_NOISE:
        a->noise_um = positive_quantity(arg, "um", "noise", state);
        break;
    case OPT_OUTSIDE:
        parse_outside(a, arg, state);
        break;
    case OPT_FAR:
        a->far = true;
        break;
    case OPT_ROUGHNESS:
        a->roughness = true;
        break;
    case OPT_S:
        a->s_mm = positive_quantity(arg, "mm", "s-filter", state);
        a->roughness = true;
        break;
    case OPT_L:
        a->l_mm = positive_quantity(arg, "mm", "l-filter", state);
        a->roughness = true;
        break;
    case OPT_RELATIVE:
        a->relative = true;
        break;
    default:
        return parse_result(key, arg, state);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "BEFORE [AFTER...]\n--can-see CASE --protocol FILE --camera ID\n--phantom KIND [--after CASE "
    "--protocol FILE] -o FOLDER",
    "Depressed scars on a scan or a map of heights, one by one, each number with its 95 %: and "
    "with "
    "later files what has changed inside the outlines of the first, or that no change could have "
    "been "
    "seen. Redness and pigment of photos.\v"
    "Heights: GSF, X3P, SUR, SDF, text; TIFF and PNG with a scale. Shapes: PLY, OBJ, STL, glTF, "
    "with a "
    "--zone and, but for glTF, a --unit. Photos: JPEG, PNG, TIFF.\n"
    "Intended use: for people who know skin. No diagnosis; nothing of it enters a plan before a "
    "person "
    "has accepted it.",
    computing_children,
    NULL,
    NULL};

/* ---- surfaces ------------------------------------------------------------------------------------------- */

typedef struct work {
    const arguments *a;
    scan_file in[FILES_MAX];
    cit_heights *heights[FILES_MAX];
    cit_scars *scars;
    cit_pair *pairs[FILES_MAX];
    cit_take takes[FILES_MAX];
    cit_roughness roughness;
    cit_profile_roughness profile;
    cit_errors no_scars; /* why none can be looked for, where roughness alone can be had */
    cit_progress progress;
} work;

static cit_status check_site(const arguments *a, cit_errors *errs) {
    char folder[4096];
    cit_catalogue *c = NULL;
    if (a->site == NULL) return CIT_OK;
    cit_status st = open_catalogue(a->with.catalogue, NULL, folder, &c, errs);
    if (st == CIT_OK && cit_catalogue_site(c, a->site) == NULL)
        st = no_entry("site", a->site, cit_catalogue_near_site(c, a->site), errs);
    cit_catalogue_free(c);
    return st;
}

static cit_status measure_roughness(work *w, const cit_heights *relief, cit_errors *errs) {
    const arguments *a = w->a;
    const cit_filter_options how = {a->s_mm, a->l_mm, CIT_SMOOTH_AUTO, a->with.threads};
    cit_heights *filtered = NULL;
    cit_status st = cit_relief_filter(relief, &how, &filtered, errs);
    if (st != CIT_OK) return st;
    st = relief->ny == 1 ? cit_relief_profile(filtered, 0, 0, 0, false, &w->profile, errs)
                         : cit_relief_roughness(filtered, CIT_ROUGHNESS_ALL, a->with.threads,
                                                &w->roughness, errs);
    cit_heights_free(filtered);
    return st;
}

/* A number in another unit than its file says is a thousand times too large, or too small to be seen. */
static cit_status refuse_depth(const scan_file *f, const cit_scars *s, cit_errors *errs) {
    const double most_um = 5000; /* assumed: the skin of a face, with the fat below it */
    double deepest = 0;
    for (int i = 0; i < s->count; i++) deepest = fmax(deepest, s->scar[i].depth_um);
    if (deepest <= most_um) return CIT_OK;
    return cit_fail(errs, CIT_INVALID, f->path,
                    "has a dip of %.3g mm, deeper than skin is thick (%g mm): is the unit of its "
                    "heights right?",
                    deepest / 1000, most_um / 1000);
}

static bool roughness_alone(const work *w) { return w->no_scars.count > 0; }

/* A straight line or a plane is all the form of what is that small. */
static cit_status measure_small(work *w, cit_errors *errs) {
    const cit_form_options how = {
        .form = CIT_FORM_POLYNOMIAL, .degree = 1, .threads = w->a->with.threads};
    cit_form_result flat = {0};
    cit_status st = cit_relief_form(w->heights[0], &how, &flat, errs);
    if (st == CIT_OK) st = measure_roughness(w, flat.relief, errs);
    cit_form_result_clear(&flat);
    return st;
}

static cit_status measure_first(work *w, cit_errors *errs) {
    const cit_scars_options how = {.noise_um = w->a->noise_um, .threads = w->a->with.threads};
    cit_errors of_surface = {0};
    if (w->a->roughness && w->a->count == 1 && !w->a->to_case &&
        cit_scars_may_find(w->heights[0], &w->no_scars) != CIT_OK)
        return measure_small(w, errs);
    cit_status st = cit_scars_find(w->heights[0], &how, &w->progress, &w->scars, &of_surface);
    scan_file_tell(&w->in[0], &of_surface, errs);
    if (st == CIT_OK) st = refuse_depth(&w->in[0], w->scars, errs);
    if (st == CIT_OK && w->a->roughness) st = measure_roughness(w, w->scars->relief, errs);
    return st;
}

static cit_status measure_later(work *w, int i, cit_errors *errs) {
    const cit_pair_options how = {.search = w->a->far, .threads = w->a->with.threads};
    cit_errors of_pair = {0};
    const cit_status st = cit_pair_make(w->heights[0], w->scars, w->heights[i], &how, &w->progress,
                                        &w->pairs[i], &of_pair);
    scan_file_tell(&w->in[i], &of_pair, errs);
    return st;
}

static void collect(work *w) {
    for (int i = 0; i < w->a->count; i++)
        w->takes[i] = (cit_take){.name = w->in[i].name,
                                 .day = i < w->a->day_count ? w->a->days[i] : CIT_UNKNOWN_INT,
                                 .heights = w->heights[i],
                                 .scars = i == 0 ? w->scars : NULL,
                                 .pair = w->pairs[i],
                                 .roughness = i == 0 && w->a->roughness ? &w->roughness : NULL};
    if (!roughness_alone(w)) return;
    w->takes[0].no_scars = w->no_scars.items[0].text;
    if (w->heights[0]->ny > 1) return;
    w->takes[0].profile = &w->profile;
    w->takes[0].roughness = NULL;
}

static cit_status print_text(cit_status (*make)(const cit_measure_report *, char **, cit_errors *),
                             const cit_measure_report *r, cit_errors *errs) {
    char *bytes = NULL;
    cit_status st = make(r, &bytes, errs);
    if (st == CIT_OK) st = print_bytes(bytes, errs);
    if (st == CIT_OK) st = print_bytes("\n", errs);
    free(bytes);
    return st;
}

static cit_status print_result(const arguments *a, const cit_measure_report *r, cit_errors *errs) {
    if (a->to.json) return print_text(cit_report_measure_json, r, errs);
    if (a->to_case) return print_text(cit_report_measure_case, r, errs);
    cit_page *page = cit_page_of_measure(r);
    const cit_status st = print_page(page, errs);
    cit_page_free(page);
    return st;
}

/* Two takes never agree to a nanometre: one of them is a copy, and would show how exact nothing is. */
static bool same_heights(const cit_heights *a, const cit_heights *b) {
    if (a->nx != b->nx || a->ny != b->ny) return false;
    for (size_t i = 0; i < (size_t)a->nx * (size_t)a->ny; i++)
        if (isnan(a->um[i]) != isnan(b->um[i]) ||
            fabs((double)a->um[i] + a->zero_um - (double)b->um[i] - b->zero_um) > 1e-3)
            return false;
    return true;
}

static cit_status refuse_copies(const work *w, cit_errors *errs) {
    for (int i = 1; i < w->a->count; i++)
        for (int j = 0; j < i; j++)
            if (same_heights(w->heights[j], w->heights[i]))
                return cit_fail(errs, CIT_INVALID, w->a->paths[i],
                                "holds the same heights as %s: a copy, not another take",
                                w->a->paths[j]);
    return CIT_OK;
}

/* The day of what is written: that of the last file, else today. */
static int day_of(const arguments *a) { return a->day_count > 0 ? a->days[a->count - 1] : today(); }

static cit_status read_all(work *w, cit_errors *errs) {
    cit_status st = CIT_OK;
    for (int i = 0; i < w->a->count && st == CIT_OK; i++) {
        st = scan_file_heights(&w->in[i], &w->a->surface, &w->heights[i], errs);
        scan_file_free(&w->in[i]);
    }
    return st == CIT_OK ? refuse_copies(w, errs) : st;
}

static cit_status measure_all(work *w, cit_errors *errs) {
    cit_status st = measure_first(w, errs);
    for (int i = 1; i < w->a->count && st == CIT_OK; i++) st = measure_later(w, i, errs);
    return st == CIT_CANCELLED && errs->count == 0
               ? cit_fail(errs, CIT_CANCELLED, "", "stopped; nothing was written")
               : st;
}

static cit_status write_all(const arguments *a, const cit_measure_report *r, cit_errors *errs) {
    if (a->to.path == NULL) return CIT_OK;
    return cit_report_measure_write(r, day_of(a), a->to.path, a->to.force, errs);
}

static cit_status measure_surfaces(work *w, cit_errors *errs) {
    const arguments *a = w->a;
    const cit_measure_report r = {.program = "cit " CIT_VERSION,
                                  .takes = w->takes,
                                  .count = a->count,
                                  .s_mm = a->s_mm,
                                  .l_mm = a->l_mm,
                                  .site = a->site};
    cit_status st = check_site(a, errs);
    if (st == CIT_OK) st = read_all(w, errs);
    if (st != CIT_OK) return st;
    w->progress = begin_work(); /* until all is written: Ctrl-C leaves all of it or none */
    st = measure_all(w, errs);
    if (st == CIT_OK) collect(w);
    if (st == CIT_OK) st = write_all(a, &r, errs);
    end_work();
    return st == CIT_OK ? print_result(a, &r, errs) : st;
}

static cit_status measure_colour(const work *w, cit_errors *errs) {
    const arguments *a = w->a;
    photo_file *photos = calloc((size_t)a->count, sizeof *photos);
    if (photos == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < a->count; i++)
        photos[i] = (photo_file){w->in[i].name, w->in[i].bytes, w->in[i].size,
                                 i < a->day_count ? a->days[i] : CIT_UNKNOWN_INT};
    const photo_arguments how = {.files = photos,
                                 .count = a->count,
                                 .zone = a->surface.zone,
                                 .folder = a->to.path,
                                 .day = day_of(a),
                                 .relative = a->relative,
                                 .json = a->to.json,
                                 .force = a->to.force};
    const cit_status st = measure_photos(&how, errs);
    free(photos);
    return st;
}

static void work_free(work *w) {
    for (int i = 0; i < w->a->count; i++) {
        scan_file_free(&w->in[i]);
        cit_heights_free(w->heights[i]);
        cit_pair_free(w->pairs[i]);
    }
    cit_scars_free(w->scars);
    free(w);
}

static cit_status refuse_mixture(const work *w, cit_errors *errs) {
    int photo = 0, surface = 0;
    while (w->in[photo].kind != CIT_SCAN_PHOTO) photo++;
    while (w->in[surface].kind == CIT_SCAN_PHOTO) surface++;
    return cit_fail(errs, CIT_INVALID, w->a->paths[photo],
                    "is a photo and %s is none: they cannot be compared; a picture is a map of "
                    "heights where --height and --pitch say so",
                    w->a->paths[surface]);
}

/* Results are replaced by name, and a file that is measured might have one of their names. */
static cit_status refuse_folder(const arguments *a, cit_errors *errs) {
    struct stat folder, other;
    if (a->to.path == NULL || stat(a->to.path, &folder) != 0) return CIT_OK;
    for (int i = 0; i < a->count; i++) {
        const char *slash = strrchr(a->paths[i], '/');
        char at[4096] = ".";
        if (slash != NULL)
            snprintf(at, sizeof at, "%.*s/", (int)(slash - a->paths[i]), a->paths[i]);
        if (stat(at, &other) == 0 && other.st_dev == folder.st_dev && other.st_ino == folder.st_ino)
            return cit_fail(errs, CIT_USAGE, a->to.path,
                            "holds %s, which is to be measured: results need a folder of their own",
                            a->paths[i]);
    }
    return CIT_OK;
}

static cit_status measure_files(const arguments *a, cit_errors *errs) {
    static const unsigned use_of[] = {[CIT_SCAN_HEIGHTS] = FOR_MAPS,
                                      [CIT_SCAN_SHAPE] = FOR_SHAPES,
                                      [CIT_SCAN_PHOTO] = FOR_PHOTOS};
    cit_status st = CIT_OK;
    unsigned at_hand = 0;
    work *w = calloc(1, sizeof *w);
    if (w == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    w->a = a;
    if (a->to.path != NULL) CIT_TRY(cit_folder_may_write(a->to.path, a->to.force, errs));
    CIT_TRY(refuse_folder(a, errs));
    for (int i = 0; i < a->count; i++) {
        CIT_TRY(scan_file_load(a->paths[i], &a->surface, &w->in[i], errs));
        at_hand |= use_of[w->in[i].kind];
    }
    const bool photos = at_hand & FOR_PHOTOS;
    if (photos && at_hand != FOR_PHOTOS) CIT_TRY(refuse_mixture(w, errs));
    CIT_TRY(refuse_options(a, at_hand, errs));
    CIT_TRY(photos ? measure_colour(w, errs) : measure_surfaces(w, errs));
done:
    work_free(w);
    return st;
}

static cit_status can_see(const arguments *a, cit_errors *errs) {
    const sight_arguments how = {a->case_path, a->protocol_path, a->camera, &a->with};
    const cit_status st = refuse_options(a, FOR_CAN_SEE, errs);
    return st == CIT_OK ? tell_sight(&how, errs) : st;
}

static cit_status make_phantom(const arguments *a, cit_errors *errs) {
    const phantom_arguments how = {a->phantom, a->after, a->protocol_path, &a->with, &a->to};
    const cit_status st = refuse_options(a, FOR_PHANTOM, errs);
    return st == CIT_OK ? write_phantom(&how, errs) : st;
}

int run_measure(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.with.seed = 1};
    char name[] = "cit measure";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    const cit_status st = a.case_path != NULL ? can_see(&a, &errs)
                          : a.phantom != NULL ? make_phantom(&a, &errs)
                                              : measure_files(&a, &errs);
    return st == CIT_OK ? 0 : print_errors(&errs);
}
