/* cit measure: scars, roughness and colour from scans, height maps and photos, and what has changed. */
#include "cli.h"
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 64, NAME_MAX_BYTES = 256 };

typedef struct arguments {
    const char *paths[FILES_MAX];
    int count, day_count, days[FILES_MAX];
    const char *scale_path, *camera, *case_path, *protocol_path, *phantom, *after, *site;
    cit_scan_scale scale;
    double zone[4], outside[3], s_mm, l_mm, noise_um;
    bool has_zone, roughness, far, relative, to_case;
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
    {"scale", OPT_SCALE, "FILE", 0, "the last three from a file (FILE.scale.yaml beside a picture)",
     2},
    {"roughness", OPT_ROUGHNESS, NULL, 0, "parameters of ISO 25178-2 too", 3},
    {"s-filter", OPT_S, "LENGTH", 0, "cut-off of what is too fine for roughness", 3},
    {"l-filter", OPT_L, "LENGTH", 0, "cut-off of what is too coarse for roughness", 3},
    {"relative", OPT_RELATIVE, NULL, 0,
     "of photos without a colour chart: show what differs all the "
     "same, as relative",
     3},
    {"to-case", OPT_TO_CASE, NULL, 0, "print the scars as a block of a case file", 4},
    {"site", OPT_SITE, "ID", 0, "where on the body, for --to-case (cheek)", 4},
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

/* ---- options ------------------------------------------------------------------------------------------ */

static void parse_zone(arguments *a, const char *text, struct argp_state *state) {
    char rest;
    if (sscanf(text, "%lf,%lf,%lf,%lf%c", &a->zone[0], &a->zone[1], &a->zone[2], &a->zone[3],
               &rest) != 4)
        argp_error(state, "--zone: four numbers with commas between, not '%s'", text);
    for (int i = 0; i < 4; i++)
        if (!isfinite(a->zone[i])) argp_error(state, "--zone: '%s' has what is no number", text);
    if (!(a->zone[3] > 0)) argp_error(state, "--zone: the last number is a length above 0");
    a->has_zone = true;
}

static void parse_outside(arguments *a, const char *text, struct argp_state *state) {
    char rest;
    double *to = a->outside;
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
        a->scale.unit_mm = unit_mm(arg, state);
        break;
    case OPT_PITCH:
        a->scale.dx_mm = a->scale.dy_mm = positive_quantity(arg, "mm", "pitch", state);
        break;
    case OPT_HEIGHT:
        a->scale.height_um = positive_quantity(arg, "um", "height", state);
        break;
    case OPT_SCALE:
        a->scale_path = arg;
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

/* ---- reading ------------------------------------------------------------------------------------------- */

/* A file's name without its folder, which may tell of a person; what is no plain text in it is left out of pages. */
static void take_name(const char *path, char ret[NAME_MAX_BYTES]) {
    const char *slash = strrchr(path, '/');
    snprintf(ret, NAME_MAX_BYTES, "%s", slash != NULL ? slash + 1 : path);
    ret[cit_text_whole(ret, NAME_MAX_BYTES - 1)] = 0;
    if (cit_text_is_plain(ret)) return;
    for (char *c = ret; *c != 0; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e) *c = '?';
}

/* A part of a map; positions of samples begin anew. */
static cit_status crop(const arguments *a, cit_heights **map, cit_errors *errs) {
    const cit_heights *z = *map;
    cit_heights *part = NULL;
    const double *zone = a->zone;
    const int i0 = (int)fmin(ceil(fmax(zone[0], 0) / z->dx_mm - 1e-9), z->nx),
              j0 = (int)fmin(ceil(fmax(zone[1], 0) / z->dy_mm - 1e-9), z->ny),
              i1 = (int)fmax(fmin(floor((zone[0] + zone[2]) / z->dx_mm + 1e-9), z->nx), 0),
              j1 = (int)fmax(fmin(floor((zone[1] + zone[3]) / z->dy_mm + 1e-9), z->ny), 0);
    if (i1 <= i0 || j1 <= j0)
        return cit_fail(errs, CIT_INVALID, "--zone", "nothing of the map, %g x %g mm, lies in it",
                        z->nx * z->dx_mm, z->ny * z->dy_mm);
    cit_status st = cit_heights_new(i1 - i0, j1 - j0, z->dx_mm, z->dy_mm, &part, errs);
    if (st != CIT_OK) return st;
    part->zero_um = z->zero_um;
    part->missing = 0;
    memcpy(part->origin, z->origin, sizeof part->origin);
    for (int j = j0; j < j1; j++)
        for (int i = i0; i < i1; i++) {
            const float v = z->um[(size_t)j * (size_t)z->nx + (size_t)i];
            part->um[(size_t)(j - j0) * (size_t)part->nx + (size_t)(i - i0)] = v;
            part->missing += isnan(v) ? 1 : 0;
        }
    st = cit_heights_note(part, errs, "zone: %g, %g mm, %g x %g mm", zone[0], zone[1], zone[2],
                          zone[3]);
    cit_heights_free(*map);
    *map = part;
    return st;
}

static cit_status heights_of_shape(const arguments *a, const char *name, const uint8_t *bytes,
                                   size_t size, cit_heights **ret, cit_errors *errs) {
    cit_shape *shape = NULL;
    cit_relief_zone zone = {0};
    if (!a->has_zone)
        return cit_fail(errs, CIT_INVALID, name,
                        "is a shape: say which part of it, with --zone X,Y,Z,SIDE");
    cit_status st = cit_shape_read(name, bytes, size, &a->scale, NULL, &shape, errs);
    if (st != CIT_OK) return st;
    const cit_relief_zone_options how = {.at_mm = {a->zone[0], a->zone[1], a->zone[2]},
                                         .side_mm = a->zone[3],
                                         .pitch_mm = a->scale.dx_mm,
                                         .outside = {a->outside[0], a->outside[1], a->outside[2]}};
    st = cit_relief_from_shape(shape, &how, &zone, errs);
    cit_shape_free(shape);
    if (st == CIT_OK && zone.spacing_mm > 0.2)
        fprintf(
            stderr,
            "cit: %s: its points are %.2g mm apart; acne scars need 0.2 mm or less, so this shows "
            "the form of a face and hardly its scars\n",
            name, zone.spacing_mm);
    *ret = zone.heights;
    return st;
}

/* The scale that is given, or lies beside the file. */
static cit_status find_scale(const arguments *a, const char *path, cit_scan_scale *ret,
                             cit_errors *errs) {
    char beside[4200];
    *ret = a->scale;
    if (a->scale_path != NULL) return cit_scan_scale_read(a->scale_path, ret, errs);
    snprintf(beside, sizeof beside, "%s.scale.yaml", path);
    if (a->scale.height_um > 0 || access(beside, F_OK) != 0) return CIT_OK;
    return cit_scan_scale_read(beside, ret, errs);
}

typedef struct input {
    char name[NAME_MAX_BYTES];
    uint8_t *bytes;
    size_t size;
    cit_scan_scale scale;
    bool photo;
} input;

/* A picture with a maker's own heights in it is no photo. */
static bool tells_heights(const char *path, const input *in) {
    static cit_errors unheard;
    cit_heights *z = NULL;
    const bool tells =
        cit_heights_read(path, in->bytes, in->size, &in->scale, NULL, &z, &unheard) == CIT_OK;
    unheard = (cit_errors){0};
    cit_heights_free(z);
    return tells;
}

static cit_status load(const arguments *a, const char *path, input *in, cit_errors *errs) {
    const size_t most = (size_t)2 << 30;
    take_name(path, in->name);
    cit_status st = find_scale(a, path, &in->scale, errs);
    if (st == CIT_OK) st = cit_file_load(path, most, &in->bytes, &in->size, errs);
    if (st != CIT_OK) return st;
    const cit_scan_format format = cit_scan_recognise(path, in->bytes, in->size);
    in->photo = cit_scan_kind_of(format) == CIT_SCAN_PHOTO && !(in->scale.height_um > 0) &&
                !tells_heights(path, in);
    return CIT_OK;
}

static cit_status heights_of(const arguments *a, const char *path, const input *in,
                             cit_heights **ret, cit_errors *errs) {
    const cit_scan_format format = cit_scan_recognise(path, in->bytes, in->size);
    if (cit_scan_kind_of(format) == CIT_SCAN_SHAPE)
        return heights_of_shape(a, path, in->bytes, in->size, ret, errs);
    cit_heights *z = NULL;
    cit_status st = cit_heights_read(path, in->bytes, in->size, &in->scale, NULL, &z, errs);
    if (st == CIT_OK && a->has_zone) st = crop(a, &z, errs);
    if (st != CIT_OK) {
        cit_heights_free(z);
        return st;
    }
    *ret = z;
    return CIT_OK;
}

/* ---- surfaces ------------------------------------------------------------------------------------------- */

typedef struct work {
    const arguments *a;
    input in[FILES_MAX];
    cit_heights *heights[FILES_MAX];
    cit_scars *scars;
    cit_pair *pairs[FILES_MAX];
    cit_take takes[FILES_MAX];
    cit_roughness roughness;
    cit_profile_roughness profile;
    cit_errors no_scars; /* why none can be looked for, where roughness alone can be had */
    cit_progress progress;
} work;

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
    if (w->a->roughness && w->a->count == 1 && !w->a->to_case &&
        cit_scars_may_find(w->heights[0], &w->no_scars) != CIT_OK)
        return measure_small(w, errs);
    cit_status st = cit_scars_find(w->heights[0], &how, &w->progress, &w->scars, errs);
    if (st == CIT_OK && w->a->roughness) st = measure_roughness(w, w->scars->relief, errs);
    return st;
}

static cit_status measure_later(work *w, int i, cit_errors *errs) {
    const cit_pair_options how = {.search = w->a->far, .threads = w->a->with.threads};
    return cit_pair_make(w->heights[0], w->scars, w->heights[i], &how, &w->progress, &w->pairs[i],
                         errs);
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
        if (same_heights(w->heights[0], w->heights[i]))
            return cit_fail(errs, CIT_INVALID, w->a->paths[i],
                            "holds the same heights as %s: a copy, not another take",
                            w->a->paths[0]);
    return CIT_OK;
}

static cit_status measure_surfaces(work *w, cit_errors *errs) {
    const arguments *a = w->a;
    cit_status st = CIT_OK;
    for (int i = 0; i < a->count; i++)
        CIT_TRY(heights_of(a, a->paths[i], &w->in[i], &w->heights[i], errs));
    CIT_TRY(refuse_copies(w, errs));
    w->progress = begin_work();
    st = measure_first(w, errs);
    for (int i = 1; i < a->count && st == CIT_OK; i++) st = measure_later(w, i, errs);
    end_work();
    if (st == CIT_CANCELLED && errs->count == 0)
        st = cit_fail(errs, CIT_CANCELLED, "", "stopped; nothing was written");
    if (st != CIT_OK) goto done;
    collect(w);
    const cit_measure_report r = {.program = "cit " CIT_VERSION,
                                  .takes = w->takes,
                                  .count = a->count,
                                  .s_mm = a->s_mm,
                                  .l_mm = a->l_mm,
                                  .site = a->site};
    if (a->to.path != NULL)
        CIT_TRY(cit_report_measure_write(&r, a->day_count > 0 ? a->days[a->count - 1] : today(),
                                         a->to.path, a->to.force, errs));
    CIT_TRY(print_result(a, &r, errs));
done:
    return st;
}

static cit_status measure_colour(const work *w, cit_errors *errs) {
    const arguments *a = w->a;
    photo_file *photos = calloc((size_t)a->count, sizeof *photos);
    if (photos == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < a->count; i++)
        photos[i] = (photo_file){w->in[i].name, w->in[i].bytes, w->in[i].size,
                                 i < a->day_count ? a->days[i] : CIT_UNKNOWN_INT};
    const photo_arguments how = {photos,     a->count,    a->has_zone ? a->zone : NULL,
                                 a->to.path, a->relative, a->to.json,
                                 a->to.force};
    const cit_status st = measure_photos(&how, errs);
    free(photos);
    return st;
}

static void work_free(work *w) {
    for (int i = 0; i < w->a->count; i++) {
        free(w->in[i].bytes);
        cit_heights_free(w->heights[i]);
        cit_pair_free(w->pairs[i]);
    }
    cit_scars_free(w->scars);
    free(w);
}

static cit_status measure_files(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    int photos = 0;
    work *w = calloc(1, sizeof *w);
    if (w == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    w->a = a;
    if (a->to.path != NULL) CIT_TRY(cit_folder_may_write(a->to.path, a->to.force, errs));
    for (int i = 0; i < a->count; i++) {
        CIT_TRY(load(a, a->paths[i], &w->in[i], errs));
        photos += w->in[i].photo;
    }
    if (photos > 0 && photos < a->count)
        CIT_TRY(cit_fail(errs, CIT_INVALID, "",
                         "photos and surfaces cannot be compared; a picture is "
                         "a map of heights where --height says so"));
    CIT_TRY(photos > 0 ? measure_colour(w, errs) : measure_surfaces(w, errs));
done:
    work_free(w);
    return st;
}

/* ---- could it be seen? ------------------------------------------------------------------------------------ */

static cit_status can_see(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    files f = {0};
    cit_forecast *forecast = NULL;
    const cit_forecast_options how = {.seed = a->with.seed, .threads = a->with.threads};
    CIT_TRY(open_files(a->with.catalogue, NULL, a->case_path, a->protocol_path, &f, errs));
    const cit_camera *camera = cit_catalogue_camera(f.catalogue, a->camera);
    const char *near = cit_catalogue_near_camera(f.catalogue, a->camera);
    if (camera == NULL)
        CIT_TRY(cit_fail(errs, CIT_NOTFOUND, a->camera,
                         "there is no such camera%s%s%s; see `cit catalogue cameras`",
                         near ? "; did you mean '" : "", near ? near : "", near ? "'?" : ""));
    CIT_TRY(cit_may_forecast(f.person, f.protocol, errs));
    CIT_TRY(run_forecast(f.person, f.protocol, f.catalogue, &how, &forecast, errs));
    cit_page *page = cit_page_of_can_see(forecast, f.person, camera);
    st = print_page(page, errs);
    cit_page_free(page);
done:
    cit_forecast_free(forecast);
    close_files(&f);
    return st;
}

/* ---- phantoms ------------------------------------------------------------------------------------------------ */

static cit_status phantom_of(const arguments *a, cit_phantom_options *ret, cit_errors *errs) {
    static const char *const kinds[] = {"narrow", "broad", "hard", NULL};
    int kind = -1;
    for (int i = 0; kinds[i] != NULL; i++)
        if (strcmp(a->phantom, kinds[i]) == 0) kind = i;
    if (kind < 0)
        return cit_fail(errs, CIT_USAGE, "--phantom", "'%s' is none of narrow, broad, hard",
                        a->phantom);
    *ret = (cit_phantom_options){.seed = a->with.seed,
                                 .broad_relief = kind > 0,
                                 .hard_form = kind == 2,
                                 .hard_scars = kind == 2,
                                 .touching = kind == 2 ? 6 : 0,
                                 .missing = kind == 2 ? 0.01 : 0};
    return CIT_OK;
}

/* Share of depth that a course is likely to take off scars of each class: medians of the forecast. */
static void likely_shares(const cit_forecast *f, double ret[CIT_CLASS_COUNT]) {
    static const cit_quantity depth_of[CIT_CLASS_COUNT] = {
        [CIT_CLASS_ICE_PICK] = CIT_Q_DEPTH_ICE_PICK,
        [CIT_CLASS_BOXCAR] = CIT_Q_DEPTH_BOXCAR,
        [CIT_CLASS_ROLLING] = CIT_Q_DEPTH_ROLLING,
        [CIT_CLASS_MIXED] = CIT_Q_DEPTH_ALL};
    const double all = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->summary_week)->median;
    for (int i = 0; i < CIT_CLASS_COUNT; i++) {
        const double one = cit_forecast_band(f, depth_of[i], f->summary_week)->median;
        ret[i] = (isfinite(one) ? one : all) / 100;
    }
}

/* The same skin moved, turned and taken anew, its scars as a course is likely to leave them. */
static cit_status heal(const cit_phantom_options *how, const cit_phantom *before,
                       const cit_forecast *f, cit_phantom **ret, cit_errors *errs) {
    double share[CIT_CLASS_COUNT], *healed = calloc((size_t)before->count + 1, sizeof *healed);
    if (healed == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a phantom");
    likely_shares(f, share);
    for (int i = 0; i < before->count; i++) healed[i] = share[before->scar[i].scar_class];
    const cit_phantom_visit visit = {
        .noise_seed = how->seed + 1, .shift_mm = {0.31, -0.22}, .turn_rad = 0.01, .healed = healed};
    cit_status st = cit_phantom_later(how, &visit, ret, errs);
    if (st == CIT_OK)
        st = cit_heights_note((*ret)->heights, errs,
                              "simulated: %.3g %% of depth off ice-pick, %.3g %% boxcar, %.3g %% "
                              "rolling scars",
                              100 * share[CIT_CLASS_ICE_PICK], 100 * share[CIT_CLASS_BOXCAR],
                              100 * share[CIT_CLASS_ROLLING]);
    free(healed);
    return st;
}

static cit_status make_later(const arguments *a, const cit_phantom_options *how,
                             const cit_phantom *before, cit_phantom **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    files f = {0};
    cit_forecast *forecast = NULL;
    const cit_forecast_options of = {.seed = a->with.seed, .threads = a->with.threads};
    CIT_TRY(open_files(a->with.catalogue, NULL, a->after, a->protocol_path, &f, errs));
    CIT_TRY(cit_may_forecast(f.person, f.protocol, errs));
    CIT_TRY(run_forecast(f.person, f.protocol, f.catalogue, &of, &forecast, errs));
    CIT_TRY(heal(how, before, forecast, ret, errs));
done:
    cit_forecast_free(forecast);
    close_files(&f);
    return st;
}

static void tell_phantom(const arguments *a, const cit_phantom *first, const cit_phantom *later) {
    printf("%d scars, %.4f mm3: %s/phantom.x3p, truth.csv, step-card.pdf\n", first->count,
           first->volume_mm3, a->to.path);
    if (later != NULL)
        printf("later, %.4f mm3: later.x3p, truth-later.csv; %s\n", later->volume_mm3,
               later->heights->history);
}

static cit_status make_phantom(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_phantom_options how;
    cit_phantom *first = NULL, *later = NULL;
    CIT_TRY(phantom_of(a, &how, errs));
    CIT_TRY(cit_folder_may_write(a->to.path, a->to.force, errs));
    CIT_TRY(cit_phantom_make(&how, &first, errs));
    if (a->after != NULL) CIT_TRY(make_later(a, &how, first, &later, errs));
    CIT_TRY(
        cit_report_phantom_write(first, later, "cit " CIT_VERSION, a->to.path, a->to.force, errs));
    tell_phantom(a, first, later);
done:
    cit_phantom_free(first);
    cit_phantom_free(later);
    return st;
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
