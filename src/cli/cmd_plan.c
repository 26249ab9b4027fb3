/* cit plan CASE: which course of needling, if any. */
#include "cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct arguments {
    const char *case_path, *prices, *space;
    bool exhaustive, prior;
    int draws, day;
    computing with;
    output to;
} arguments;

enum { OPT_PRICES = OPT_OWN, OPT_SPACE, OPT_DRAWS, OPT_DATE, OPT_EXHAUSTIVE, OPT_PRIOR };

static const struct argp_option options[] = {
    {"output", 'o', "FOLDER", 0,
     "write plan.pdf, plan.json, plan.ics, the protocol, a sheet for each visit and charts into a "
     "new folder",
     0},
    {"force", OPT_FORCE, NULL, 0, "replace results in a folder that exists", 0},
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the page", 0},
    {"prices", OPT_PRICES, "FILE", 0, "prices instead of those of the case's place", 0},
    {"space", OPT_SPACE, "FILE", 0, "what is searched (the catalogue's planning/space.yaml)", 0},
    {"draws", OPT_DRAWS, "N", 0, "draws of the ensemble (512)", 0},
    {"date", OPT_DATE, "DATE", 0,
     "no visit before this day, nor before the case's start (as soon as care before it has time)",
     0},
    {"exhaustive", OPT_EXHAUSTIVE, NULL, 0, "follow every candidate through every draw", 0},
    {"prior", OPT_PRIOR, NULL, 0, "plan from the prior, as if nothing had been fitted", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case OPT_PRICES:
        a->prices = arg;
        break;
    case OPT_SPACE:
        a->space = arg;
        break;
    case OPT_DRAWS:
        a->draws = (int)whole_number(arg, 20, 1024, "draws", state);
        break;
    case OPT_DATE:
        a->day = parse_date(arg, state);
        break;
    case OPT_EXHAUSTIVE:
        a->exhaustive = true;
        break;
    case OPT_PRIOR:
        a->prior = true;
        break;
    case ARGP_KEY_ARG:
        if (a->case_path != NULL) argp_error(state, "one case at a time: '%s' is too much", arg);
        a->case_path = arg;
        break;
    case ARGP_KEY_END:
        if (a->case_path == NULL) argp_error(state, "a case file is needed");
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "CASE",
    "Searches courses of needling for a person within what screening and the person's own limits "
    "allow, and shows a few options beside doing nothing: what each would likely bring, and what "
    "it asks.\v"
    "Exit status 2: nobody may needle this person now; `cit screen` says why.",
    computing_children,
    NULL,
    NULL};

/* ---- the command --------------------------------------------------------------------------------- */

/* What a plan is made of, all of it to be freed. */
typedef struct work {
    files f;
    cit_space *space;
    cit_prices_file *prices;
    cit_screening *screening;
    cit_search *search;
    cit_forecast *forecasts[CIT_OPTIONS_MAX];
    cit_dated_course course;
    bool has_course;
} work;

static void work_free(work *w) {
    for (int i = 0; i < CIT_OPTIONS_MAX; i++) cit_forecast_free(w->forecasts[i]);
    cit_search_free(w->search);
    cit_screening_free(w->screening);
    cit_prices_file_free(w->prices);
    cit_space_free(w->space);
    close_files(&w->f);
}

static cit_status read_all(const arguments *a, work *w, cit_errors *errs) {
    char folder[4096], path[4200];
    cit_status st = open_files(a->with.catalogue, NULL, a->case_path, NULL, &w->f, errs);
    if (st == CIT_OK) st = find_catalogue(a->with.catalogue, folder, errs);
    if (st != CIT_OK) return st;
    snprintf(path, sizeof path, "%s/planning/space.yaml", folder);
    st = cit_space_read(a->space != NULL ? a->space : path, w->f.catalogue, &w->space, errs);
    if (a->prices != NULL && st == CIT_OK)
        st = cit_prices_read(a->prices, w->f.catalogue, &w->prices, errs);
    return st;
}

/* A week-by-week forecast of one option, from the protocol file it would have: of the first look on the days it was
 * given, of others by even intervals. */
static cit_status forecast_option(const arguments *a, work *w, int option, int start,
                                  cit_errors *errs) {
    cit_status st = CIT_OK;
    char *text = NULL;
    cit_protocol *protocol = NULL;
    const cit_candidate *c = &w->search->options[option].candidate;
    if (c->visits == 0) return CIT_OK;
    const cit_forecast_options how = {.draws = a->draws,
                                      .seed = a->with.seed,
                                      .threads = a->with.threads,
                                      .prior = a->prior,
                                      .progress = begin_work()};
    if (option == w->search->chosen && w->course.visit_count > 0)
        CIT_TRY(cit_course_protocol(&w->course, w->space, w->f.person, w->f.catalogue, start, &text,
                                    errs));
    else
        CIT_TRY(
            cit_candidate_protocol(c, w->space, w->f.person, w->f.catalogue, start, &text, errs));
    CIT_TRY(cit_protocol_parse("the plan", text, strlen(text), &protocol, errs));
    CIT_TRY(
        cit_forecast_run(w->f.person, protocol, w->f.catalogue, &how, &w->forecasts[option], errs));
    cit_option_take_bands(w->search, option, w->forecasts[option]);
done:
    end_work();
    cit_protocol_free(protocol);
    free(text);
    return st;
}

static cit_status date_course(work *w, int start, cit_errors *errs) {
    const int chosen = w->search->chosen;
    const cit_option *o = &w->search->options[chosen];
    w->has_course = o->candidate.visits > 0;
    if (!w->has_course) return CIT_OK;
    return cit_course_dates(&o->candidate, w->f.person, w->f.catalogue, w->search,
                            w->forecasts[chosen],
                            w->prices != NULL ? cit_prices_of_file(w->prices) : NULL,
                            o->value.redness_visit_day, start, &w->course, errs);
}

/* May a course that has begun be planned on from what this case says of it? */
static cit_status check_begun(const work *w, int start, cit_errors *errs) {
    const cit_candidate nothing_more = {.visits = 0};
    cit_status st = CIT_OK;
    char *text = NULL;
    cit_protocol *protocol = NULL;
    if (w->f.person->visit_count == 0) return CIT_OK;
    CIT_TRY(cit_candidate_protocol(&nothing_more, w->space, w->f.person, w->f.catalogue, start,
                                   &text, errs));
    CIT_TRY(cit_protocol_parse("visits done", text, strlen(text), &protocol, errs));
    CIT_TRY(cit_may_forecast(w->f.person, protocol, errs));
done:
    cit_protocol_free(protocol);
    free(text);
    return st;
}

/* Somebody at a terminal need not wait for the whole search to see where it goes. */
static void show_first_look(void *context, const cit_candidate *c, int draws) {
    (void)context;
    char what[240];
    if (!isatty(STDERR_FILENO)) return;
    cit_candidate_text(c, what);
    fprintf(stderr, "\r%-50s\rA first look (%d draws) would do: %s. Looking closer.\n", "", draws,
            what);
}

static cit_status search(const arguments *a, work *w, int start, cit_errors *errs) {
    const cit_plan_options how = {.start = start,
                                  .draws = a->draws,
                                  .seed = a->with.seed,
                                  .threads = a->with.threads,
                                  .prior = a->prior,
                                  .exhaustive = a->exhaustive,
                                  .prices =
                                      w->prices != NULL ? cit_prices_of_file(w->prices) : NULL,
                                  .progress = begin_work(),
                                  .first_look = {show_first_look, NULL}};
    cit_status st = cit_plan_search(w->f.person, w->f.catalogue, w->space, &how, &w->search, errs);
    end_work();
    if (st == CIT_OK) st = date_course(w, start, errs);
    for (int i = 0; st == CIT_OK && i < w->search->option_count; i++)
        st = forecast_option(a, w, i, start, errs);
    /* Again, now that there is a forecast of its days to say when something will show. */
    return st == CIT_OK ? date_course(w, start, errs) : st;
}

/* ---- files --------------------------------------------------------------------------------------- */

enum { PRODUCTS_MAX = 12 + CIT_PLAN_VISITS_MAX };

typedef struct products {
    cit_product items[PRODUCTS_MAX];
    int count;
} products;

static void add(products *p, const char *name, void *bytes, size_t size) {
    cit_product *new = &p->items[p->count++];
    *new = (cit_product){.bytes = bytes, .size = size};
    snprintf(new->name, sizeof new->name, "%s", name);
}

static cit_status add_text(products *p, const char *name, char *text, cit_status st) {
    if (st == CIT_OK && text != NULL) add(p, name, text, strlen(text));
    return st;
}

/* The paper for the day: one sheet, with shorter steps where it would not fit, and more sheets where even that does
 * not. */
static cit_status add_sheet(products *p, const cit_advice *advice, const cit_visit *visit,
                            int number, cit_errors *errs) {
    char name[40], *bytes = NULL;
    size_t size = 0;
    int sheets = 0;
    cit_status st = CIT_INVALID;
    for (int attempt = 0; attempt < 3 && st != CIT_OK; attempt++) {
        cit_advice as = *advice;
        cit_errors full = {0};
        as.brief = attempt > 0;
        const cit_page_paper paper = {.fit_one_page = attempt < 2,
                                      .day = advice->day,
                                      .footer = cit_text(advice->catalogue, "visit.title")};
        cit_page *page = cit_page_of_visit(&as, visit, number);
        st = cit_page_pdf(page, &paper, &bytes, &size, &sheets, attempt < 2 ? &full : errs);
        cit_page_free(page);
    }
    if (st != CIT_OK) return st;
    snprintf(name, sizeof name, "visit-%d.pdf", number);
    add(p, name, bytes, size);
    return CIT_OK;
}

/* The chosen option's protocol, and a sheet for each visit ahead. */
static cit_status add_visits(const work *w, int start, products *p, cit_errors *errs) {
    cit_status st = CIT_OK;
    char *text = NULL;
    cit_protocol *protocol = NULL;
    cit_screening *screening = NULL;
    const cit_candidate *c = &w->course.candidate;
    CIT_TRY(w->course.visit_count > 0 ? cit_course_protocol(&w->course, w->space, w->f.person,
                                                            w->f.catalogue, start, &text, errs)
                                      : cit_candidate_protocol(c, w->space, w->f.person,
                                                               w->f.catalogue, start, &text, errs));
    CIT_TRY(cit_protocol_parse("the plan", text, strlen(text), &protocol, errs));
    CIT_TRY(cit_screen(w->f.person, protocol, w->f.catalogue, start, &screening, errs));
    const cit_visit *visit = &protocol->visits[protocol->visit_count - 1];
    for (int i = 0; i < w->course.visit_count; i++) {
        const cit_advice advice = {.catalogue = w->f.catalogue,
                                   .person = w->f.person,
                                   .protocol = protocol,
                                   .screening = screening,
                                   .who = c->who,
                                   .day = w->course.visits[i].day};
        CIT_TRY(add_sheet(p, &advice, visit, w->f.person->visit_count + i + 1, errs));
    }
    add(p, "protocol.yaml", text, strlen(text));
    text = NULL;
done:
    cit_screening_free(screening);
    cit_protocol_free(protocol);
    free(text);
    return st;
}

static bool has_course(const cit_search *s) {
    for (int i = 0; s != NULL && i < s->option_count; i++)
        if (s->options[i].candidate.visits > 0) return true;
    return false;
}

static cit_status add_charts(const cit_plan_report *r, products *p, cit_errors *errs) {
    static const char *const names[2][2] = {{"options.svg", "options.png"},
                                            {"forecast.svg", "forecast.png"}};
    for (int over_time = 0; over_time < (r->course != NULL ? 2 : 1); over_time++)
        for (int png = 0; png < 2; png++) {
            unsigned char *bytes = NULL;
            size_t size = 0;
            const cit_status st =
                cit_report_plan_chart(r, over_time == 1, png == 1, &bytes, &size, errs);
            if (st != CIT_OK) return st;
            add(p, names[over_time][png], bytes, size);
        }
    return CIT_OK;
}

static cit_status write_files(const arguments *a, const work *w, const cit_plan_report *r,
                              cit_errors *errs) {
    static const char *const sometimes[] = {
        "plan.ics",     "protocol.yaml", "options.svg", "options.png",
        "forecast.svg", "forecast.png",  "visit-#.pdf", NULL};
    cit_status st = CIT_OK;
    products p = {0};
    char *text = NULL;
    unsigned char *pdf = NULL;
    size_t size = 0;
    CIT_TRY(cit_report_plan_pdf(r, &pdf, &size, errs));
    add(&p, "plan.pdf", pdf, size);
    st = cit_report_plan_json(r, &text, errs);
    CIT_TRY(add_text(&p, "plan.json", text, st));
    text = NULL;
    if (r->course != NULL) {
        st = cit_report_plan_calendar(r, &text, errs);
        CIT_TRY(add_text(&p, "plan.ics", text, st));
        CIT_TRY(add_visits(w, r->start, &p, errs));
    }
    if (has_course(r->search)) CIT_TRY(add_charts(r, &p, errs));
    CIT_TRY(cit_folder_write(p.items, p.count, sometimes, a->to.path, a->to.force, errs));
done:
    for (int i = 0; i < p.count; i++) free(p.items[i].bytes);
    return st;
}

static cit_status print_plan(const arguments *a, const cit_plan_report *r, cit_errors *errs) {
    if (a->to.json) {
        char *text = NULL;
        cit_status st = cit_report_plan_json(r, &text, errs);
        if (st == CIT_OK) st = print_bytes(text, errs);
        if (st == CIT_OK) st = print_bytes("\n", errs);
        free(text);
        return st;
    }
    cit_page *page = cit_page_of_plan(r);
    const cit_status st = print_page(page, errs);
    cit_page_free(page);
    return st;
}

/* No visit before the day asked for nor before the case's; where neither says, as care needs. */
static int first_day(const arguments *a, const work *w) {
    const int limit = w->f.person->limits.start;
    if (a->day == CIT_UNKNOWN_INT)
        return limit != CIT_UNKNOWN_INT ? limit
                                        : cit_plan_first_day(w->f.person, w->f.catalogue, today());
    return limit != CIT_UNKNOWN_INT && limit > a->day ? limit : a->day;
}

/* A plan may be made again for a day that is past, to look at what it was; it is no plan to follow. */
static void warn_of_past(int start) {
    char date[16];
    if (start >= today() - 1) return;
    cit_date_format(start, date);
    fprintf(stderr, "cit: the first day, %s, is past: a plan to look back on, not to follow\n",
            date);
}

/* FNV-1a over the bytes of a file, and where it ends. */
static cit_status hash_file(const char *path, uint64_t *hash, cit_errors *errs) {
    char *bytes = NULL;
    size_t size = 0;
    const cit_status st = cit_file_read(path, &bytes, &size, errs);
    for (size_t i = 0; st == CIT_OK && i < size; i++)
        *hash = (*hash ^ (unsigned char)bytes[i]) * 0x100000001b3U;
    *hash = (*hash ^ 0xff) * 0x100000001b3U;
    free(bytes);
    return st;
}

/* The catalogue has a digest of its own. */
static cit_status hash_inputs(const arguments *a, const work *w, uint64_t *ret, cit_errors *errs) {
    const char *const paths[] = {a->case_path, cit_doc_name(w->space->doc), a->prices};
    cit_status st = CIT_OK;
    *ret = 0xcbf29ce484222325U;
    for (size_t i = 0; i < sizeof paths / sizeof *paths && st == CIT_OK; i++)
        if (paths[i] != NULL) st = hash_file(paths[i], ret, errs);
    return st;
}

static cit_status plan(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    static work w;
    uint64_t inputs = 0;
    if (a->to.path != NULL) CIT_TRY(cit_folder_may_write(a->to.path, a->to.force, errs));
    CIT_TRY(read_all(a, &w, errs));
    CIT_TRY(hash_inputs(a, &w, &inputs, errs));
    const int start = first_day(a, &w);
    warn_of_past(start);
    CIT_TRY(cit_screen(w.f.person, NULL, w.f.catalogue, start, &w.screening, errs));
    CIT_TRY(check_begun(&w, start, errs));
    st = search(a, &w, start, errs);
    const bool refused = st == CIT_REFUSED;
    if (st != CIT_OK && !refused) goto done;
    const cit_plan_report report = {
        .program = "cit " CIT_VERSION,
        .person = w.f.person,
        .catalogue = w.f.catalogue,
        .space = w.space,
        .screening = w.screening,
        .search = w.search,
        .course = w.has_course ? &w.course : NULL,
        .forecasts = (const cit_forecast *const *)w.forecasts,
        .prices = cit_plan_prices(w.f.person, w.f.catalogue,
                                  w.prices != NULL ? cit_prices_of_file(w.prices) : NULL),
        .day = today(),
        .start = start,
        .seed = a->with.seed,
        .inputs = inputs};
    cit_status written = print_plan(a, &report, errs);
    if (written == CIT_OK && a->to.path != NULL) written = write_files(a, &w, &report, errs);
    if (written != CIT_OK) st = written;
done:
    work_free(&w);
    return st;
}

int run_plan(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.with.seed = 1, .day = CIT_UNKNOWN_INT};
    char name[] = "cit plan";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return plan(&a, &errs) == CIT_OK ? 0 : print_errors(&errs);
}
