/* cit visit sheet, cit visit add, cit visit care. */
#include "cli.h"
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *what, *case_path, *protocol_path, *answers, *catalogue, *language;
    bool dated, plain;
    int day, number, who;
    output to;
} arguments;

enum {
    OPT_ANSWERS = OPT_OWN,
    OPT_DATE,
    OPT_NUMBER,
    OPT_WHO,
    OPT_PATIENT,
    OPT_CATALOGUE,
    OPT_LANGUAGE,
};

static const struct argp_option options[] = {
    {"protocol", 'p', "FILE", 0, "the course: what is planned (sheet needs it)", 0},
    {"output", 'o', "FILE", 0, "sheet: where the PDF goes (visit-sheet.pdf); care: a PDF too", 0},
    {"number", OPT_NUMBER, "N", 0, "sheet: this visit of the course (the next planned)", 0},
    {"answers", OPT_ANSWERS, "FILE", 0, "add: the visit from a file instead of the terminal", 0},
    {"who", OPT_WHO, "WHO", 0, "care: needled by home, aesthetician or physician", 0},
    {"patient", OPT_PATIENT, NULL, 0, "care: short, for the person, without sources", 0},
    {"date", OPT_DATE, "DATE", 0, "add, care: the day of the visit (add: today)", 0},
    {"force", OPT_FORCE, NULL, 0, "replace a PDF that exists", 0},
    {"language", OPT_LANGUAGE, "ID", 0, "language (en)", 0},
    {"catalogue", OPT_CATALOGUE, "FOLDER", 0, "another catalogue", 0},
    {0}};

static int parse_who(const char *arg, struct argp_state *state) {
    for (int i = 0; cit_who_choices[i] != NULL; i++)
        if (strcmp(cit_who_choices[i], arg) == 0) return i + 1;
    argp_error(state, "'%s' is none of: home, aesthetician, physician", arg);
    return 0;
}

static void check_arguments(const arguments *a, struct argp_state *state) {
    const bool sheet = a->what != NULL && strcmp(a->what, "sheet") == 0;
    const bool add = a->what != NULL && strcmp(a->what, "add") == 0;
    const bool care = a->what != NULL && strcmp(a->what, "care") == 0;
    if (!sheet && !add && !care) argp_error(state, "what? one of: sheet, add, care");
    if (!care && a->case_path == NULL) argp_error(state, "a case file is needed");
    if (sheet && a->protocol_path == NULL)
        argp_error(state, "a protocol is needed: --protocol FILE");
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case 'p':
        a->protocol_path = arg;
        break;
    case OPT_NUMBER:
        a->number = (int)strtol(arg, NULL, 10);
        if (a->number < 1 || a->number > CIT_APPOINTMENTS_MAX)
            argp_error(state, "--number: '%s' is not a visit from 1 to 200", arg);
        break;
    case OPT_ANSWERS:
        a->answers = arg;
        break;
    case OPT_WHO:
        a->who = parse_who(arg, state);
        break;
    case OPT_PATIENT:
        a->plain = true;
        break;
    case OPT_DATE:
        a->day = parse_date(arg, state);
        a->dated = true;
        break;
    case OPT_LANGUAGE:
        a->language = arg;
        break;
    case OPT_CATALOGUE:
        a->catalogue = arg;
        break;
    case ARGP_KEY_ARG:
        if (a->what == NULL)
            a->what = arg;
        else if (a->case_path == NULL)
            a->case_path = arg;
        else
            argp_error(state, "'%s' is too much", arg);
        break;
    case ARGP_KEY_END:
        check_arguments(a, state);
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "sheet CASE --protocol FILE\nadd CASE [--protocol FILE]\ncare [CASE]",
    "The day of a visit: the paper to fill by hand (sheet), the record of it in the case file "
    "(add), "
    "and the care before and after, by day (care).\v"
    "`add` appends and never overwrites; what differs from the plan is kept as a deviation. A file "
    "of "
    "answers has `schema: cit/visit/1` and the keys of a visit (docs/case-and-protocol.md).",
    NULL,
    NULL,
    NULL};

static cit_status open_all(const arguments *a, files *f, cit_errors *errs) {
    return open_files(a->catalogue, a->language, a->case_path, a->protocol_path, f, errs);
}

/* ---- which visit --------------------------------------------------------------------------------- */

/* The planned visit that comes next: as many are behind as the case records beyond those that the
 * protocol has as done. Its number in the course goes to *ret_number, its date to *ret_day. */
static const cit_visit *next_planned(const files *f, int wanted, int *ret_number, int *ret_day) {
    static cit_appointment all[CIT_APPOINTMENTS_MAX];
    const int n = cit_protocol_schedule(f->protocol, (double)INFINITY, all);
    int done = 0, first = 0, at = -1;
    for (int i = 0; i < n; i++) done += all[i].status == CIT_DONE;
    int behind = f->person->visit_count - done;
    for (int i = 0; i < n; i++) {
        if (all[i].status != CIT_PLANNED) continue;
        at = i;
        if (wanted == 0 ? behind-- <= 0 : i + 1 == wanted) break;
        at = -1; /* this one is behind, or not the one that is wanted */
    }
    if (at < 0) return NULL;
    while (first < f->protocol->visit_count && f->protocol->visits[first].status == CIT_MISSED)
        first++;
    const int start = f->protocol->visits[first].date;
    *ret_number = at + 1;
    /* Behind an interval that nobody stated a visit has no date yet. */
    *ret_day = start == CIT_UNKNOWN_INT || !isfinite(all[at].day)
                   ? CIT_UNKNOWN_INT
                   : start + (int)lround(all[at].day);
    return all[at].visit;
}

/* ---- sheet --------------------------------------------------------------------------------------- */

/* One sheet: where there are many zones the steps are told by their titles. */
static cit_status write_sheet(const arguments *a, cit_advice *advice, const cit_visit *visit,
                              int number, const char *path, cit_errors *errs) {
    const int day = advice->day == CIT_UNKNOWN_INT ? today() : advice->day;
    const char *footer = cit_text(advice->catalogue, "visit.title");
    cit_errors full = {0};
    cit_page *page = cit_page_of_visit(advice, visit, number);
    cit_status st = write_pdf(page, path, true, day, a->to.force, footer, &full);
    cit_page_free(page);
    if (st == CIT_OK) return st;
    advice->brief = true;
    page = cit_page_of_visit(advice, visit, number);
    st = write_pdf(page, path, true, day, a->to.force, footer, errs);
    cit_page_free(page);
    return st;
}

static cit_status sheet(const arguments *a, int *ret_exit, cit_errors *errs) {
    files f = {0};
    int number = 0, day = CIT_UNKNOWN_INT;
    cit_status st = CIT_OK;
    const char *path = a->to.path ? a->to.path : "visit-sheet.pdf";
    CIT_TRY(may_write(path, a->to.force, errs));
    CIT_TRY(open_all(a, &f, errs));
    const cit_visit *visit = next_planned(&f, a->number, &number, &day);
    if (visit == NULL) {
        st = cit_fail(errs, CIT_INVALID, a->protocol_path,
                      "it has no such planned visit; all that it plans may be done");
        goto done;
    }
    const int on = a->dated ? a->day : day;
    const int who = cit_who_of(f.person, f.protocol);
    CIT_TRY(cit_screen(f.person, f.protocol, f.catalogue, on == CIT_UNKNOWN_INT ? today() : on,
                       &f.screening, errs));
    CIT_TRY(refuse_forbidden(f.screening, f.person, who, f.catalogue, errs));
    cit_advice advice = {.catalogue = f.catalogue,
                         .person = f.person,
                         .protocol = f.protocol,
                         .screening = f.screening,
                         .who = who,
                         .day = on};
    CIT_TRY(write_sheet(a, &advice, visit, number, path, errs));
    fprintf(stderr, "%s\n", path);
    if (cit_screening_verdict(f.screening, -1, who) != CIT_CLEARED)
        *ret_exit = cit_status_exit(CIT_UNSETTLED);
done:
    close_files(&f);
    return st;
}

/* ---- care ---------------------------------------------------------------------------------------- */

static cit_status care(const arguments *a, cit_errors *errs) {
    files f = {0};
    cit_page *page = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(open_all(a, &f, errs));
    const int who = a->who != 0                                  ? a->who
                    : f.protocol != NULL && f.protocol->who != 0 ? f.protocol->who
                    : f.person != NULL                           ? f.person->done_by
                                                                 : 0;
    if (f.person != NULL)
        CIT_TRY(cit_screen(f.person, f.protocol, f.catalogue, a->dated ? a->day : today(),
                           &f.screening, errs));
    const cit_advice advice = {.catalogue = f.catalogue,
                               .person = f.person,
                               .screening = f.screening,
                               .who = who,
                               .day = a->dated ? a->day : CIT_UNKNOWN_INT,
                               .plain = a->plain};
    page = cit_page_of_care(&advice);
    CIT_TRY(print_page(page, errs));
    if (a->to.path != NULL)
        st = write_pdf(page, a->to.path, false, a->dated ? a->day : today(), a->to.force,
                       cit_text(f.catalogue, "care.title"), errs);
done:
    cit_page_free(page);
    close_files(&f);
    return st;
}

/* ---- add: what is planned ------------------------------------------------------------------------- */

enum { ZONES_MAX = 200, DOCS_MAX = 4000 };

/* A visit being written down; texts belong to the documents they were read from. */
typedef struct record {
    cit_done_visit visit, planned;
    cit_done_zone zones[ZONES_MAX], planned_zones[ZONES_MAX];
    cit_doc *docs[DOCS_MAX];
    int doc_count;
    char deviations[1200];
} record;

static const cit_table *zone_table(void) {
    for (const cit_field *f = cit_done_visit_table.fields; f->key != NULL; f++)
        if (f->kind == CIT_LIST) return f->table;
    return NULL;
}

static void plan_zone(const cit_zone *z, const cit_setting *s, cit_done_zone *ret) {
    cit_table_clear(zone_table(), ret);
    ret->site = z->site;
    ret->side = z->side;
    if (s == NULL) return;
    ret->device = s->device;
    ret->length_mm = s->length_mm;
    ret->passes = s->passes;
}

static void plan_visit(const arguments *a, const files *f, record *r) {
    int number = 0, day = 0;
    const cit_visit *v = f->protocol ? next_planned(f, 0, &number, &day) : NULL;
    cit_table_clear(&cit_done_visit_table, &r->planned);
    r->planned.date = a->day;
    r->planned.who = cit_who_of(f->person, f->protocol);
    r->planned.zones = r->planned_zones;
    if (v != NULL) {
        r->planned.cream = v->cream != 0 ? v->cream : f->protocol->cream;
        r->planned.numbing = f->protocol->numbing.product;
        r->planned.numbing_grams = f->protocol->numbing.grams;
        r->planned.numbing_minutes = f->protocol->numbing.minutes;
    }
    for (int z = 0; z < f->person->zone_count; z++) {
        const cit_setting *s =
            v != NULL ? cit_visit_setting(f->protocol, v, &f->person->zones[z]) : NULL;
        if (v == NULL || s != NULL)
            plan_zone(&f->person->zones[z], s, &r->planned_zones[r->planned.zone_count++]);
    }
}

/* ---- add: at the terminal --------------------------------------------------------------------------- */

/* A field's value as the file would write it; "" where it is unknown. */
static void field_text(const cit_field *field, const void *object, char text[300]) {
    const cit_field fields[] = {*field, {0}};
    const cit_table table = {"answer", NULL, 0, fields, CIT_NO_MARK};
    char *bytes = NULL;
    text[0] = 0;
    if (cit_table_write(&table, object, 0, 0, &bytes, NULL) != CIT_OK) return;
    if (*bytes != 0) {
        snprintf(text, 300, "%s", bytes + strlen(field->key) + 2);
        text[strcspn(text, "\n")] = 0;
    }
    free(bytes);
}

/* Reads an answer as the file's reader would read it. */
static cit_status read_field(record *r, const cit_field *field, const char *answer, void *object,
                             cit_errors *errs) {
    const cit_field fields[] = {*field, {0}};
    const cit_table table = {"answer", NULL, 0, fields, CIT_NO_MARK};
    char yaml[2400];
    cit_doc *doc = NULL;
    const bool bare = field->kind == CIT_NUMBER && field->unit != NULL && *field->unit != 0 &&
                      strspn(answer, "-0123456789.") == strlen(answer);
    size_t used = (size_t)snprintf(yaml, sizeof yaml, "%s: \"", field->key);
    for (const char *c = answer; *c != 0 && used < sizeof yaml - 8; c++) {
        if (*c == '"' || *c == '\\') yaml[used++] = '\\';
        yaml[used++] = *c;
    }
    snprintf(yaml + used, sizeof yaml - used, "%s\"", bare ? " mm" : "");
    const cit_status st = cit_doc_parse("answer", yaml, strlen(yaml), &doc, errs);
    if (st != CIT_OK) return st;
    if (r->doc_count == DOCS_MAX) {
        cit_doc_free(doc);
        return cit_fail(errs, CIT_INTERNAL, "", "too many answers");
    }
    r->docs[r->doc_count++] = doc;
    return cit_bind(doc, cit_doc_root(doc), &table, object, errs);
}

/* ": home, aesthetician, physician"; nothing where anything goes. */
static const char *choices_text(const cit_field *field, char ret[200]) {
    size_t used = 0;
    ret[0] = 0;
    for (int i = 0; field->kind == CIT_CHOICE && field->choices[i] != NULL && used < 200; i++)
        used +=
            (size_t)snprintf(ret + used, 200 - used, "%s%s", i ? ", " : ": ", field->choices[i]);
    return ret;
}

/* One field: Enter keeps what is planned, ? is not known. */
static cit_status ask_field(record *r, const cit_catalogue *c, const cit_field *field, void *object,
                            size_t size, cit_errors *errs) {
    unsigned char before[sizeof(cit_done_visit) + sizeof(cit_done_zone)];
    memcpy(before, object, size);
    char planned[300], choices[200], prompt[700], line[1000];
    const cit_field fields[] = {*field, {0}};
    const cit_table table = {"answer", NULL, 0, fields, CIT_NO_MARK};
    field_text(field, object, planned);
    const size_t length = strlen(planned);
    if (field->kind == CIT_TEXT && length >= 2) { /* without its quotes */
        memmove(planned, planned + 1, length - 2);
        planned[length - 2] = 0;
    }
    cit_text_fill(prompt, sizeof prompt,
                  cit_text(c, planned[0] ? "visit_add.prompt" : "visit_add.prompt_bare"), "meaning",
                  field->meaning, "choices", choices_text(field, choices), "planned", planned,
                  NULL);
    for (;;) {
        cit_errors faults = {0};
        fprintf(stderr, "  %s: ", prompt);
        if (!read_line(line, sizeof line))
            return cit_fail(errs, CIT_CANCELLED, "", "the answers ended; nothing was written");
        if (*line == 0 && (planned[0] || !(field->flags & CIT_MUST_KNOW))) return CIT_OK;
        if (strcmp(line, "?") == 0 && !(field->flags & CIT_MUST_KNOW)) {
            cit_table_clear(&table, object);
            return CIT_OK;
        }
        if (*line != 0 && read_field(r, field, line, object, &faults) == CIT_OK) return CIT_OK;
        memcpy(object, before, size); /* what could not be read has cleared it */
        fprintf(stderr, "    %s\n", faults.count > 0 ? faults.items[0].text : "?");
    }
}

static bool is_key(const cit_field *f, const char *const *keys) {
    for (; *keys != NULL; keys++)
        if (strcmp(f->key, *keys) == 0) return true;
    return false;
}

static cit_status ask_zone(record *r, const cit_catalogue *c, const cit_zone *zone,
                           cit_done_zone *done, bool *ret_needled, cit_errors *errs) {
    static const char *const given[] = {"site", "side", NULL};
    char name[80], line[200];
    cit_zone_name(zone, name);
    fprintf(stderr, "\n%s\n",
            cit_text_fill(line, sizeof line, cit_text(c, "visit_add.zone"), "zone", name, NULL));
    for (;;) {
        fprintf(stderr, "  %s: ", cit_text(c, "visit_add.needled"));
        if (!read_line(line, sizeof line))
            return cit_fail(errs, CIT_CANCELLED, "", "the answers ended; nothing was written");
        const bool no = strcasecmp(line, "no") == 0 || strcasecmp(line, "n") == 0;
        *ret_needled = *line == 0 || strcasecmp(line, "yes") == 0 || strcasecmp(line, "y") == 0;
        if (no || *ret_needled) break;
    }
    if (!*ret_needled) return CIT_OK;
    for (const cit_field *f = zone_table()->fields; f->key != NULL; f++) {
        if (is_key(f, given)) continue;
        const cit_status st = ask_field(r, c, f, done, sizeof *done, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

static cit_status ask_visit(record *r, const files *f, cit_errors *errs) {
    static const char *const later[] = {"zones", "deviations", NULL};
    fprintf(stderr, "%s\n\n", cit_text(f->catalogue, "visit_add.intro"));
    r->visit = r->planned;
    r->visit.zones = r->zones;
    r->visit.zone_count = 0;
    for (const cit_field *field = cit_done_visit_table.fields; field->key != NULL; field++) {
        if (is_key(field, later)) continue;
        const cit_status st = ask_field(r, f->catalogue, field, &r->visit, sizeof r->visit, errs);
        if (st != CIT_OK) return st;
    }
    for (int i = 0; i < r->planned.zone_count; i++) {
        const cit_zone zone = {.site = r->planned_zones[i].site, .side = r->planned_zones[i].side};
        bool needled = false;
        cit_done_zone *done = &r->zones[r->visit.zone_count];
        *done = r->planned_zones[i];
        const cit_status st = ask_zone(r, f->catalogue, &zone, done, &needled, errs);
        if (st != CIT_OK) return st;
        r->visit.zone_count += needled;
    }
    return CIT_OK;
}

/* ---- add: from a file -------------------------------------------------------------------------------- */

static bool has_key(const cit_node *map, const char *key) {
    for (const cit_node *n = map->first; n != NULL; n = n->next)
        if (strcmp(n->key, key) == 0) return true;
    return false;
}

static const cit_node *zone_node(const cit_node *root, int zone) {
    for (const cit_node *n = root->first; n != NULL; n = n->next) {
        if (strcmp(n->key, "zones") != 0) continue;
        const cit_node *z = n->first;
        for (; zone > 0 && z != NULL; zone--) z = z->next;
        return z;
    }
    return NULL;
}

static void keep_zone(const cit_done_zone *p, const cit_node *said, cit_done_zone *z) {
    z->side = p->side;
    if (!has_key(said, "device")) z->device = p->device;
    if (!has_key(said, "length")) z->length_mm = p->length_mm;
    if (!has_key(said, "passes")) z->passes = p->passes;
}

/* What the file leaves out was as planned; what it calls unknown is not. */
static void keep_plan(record *r, const cit_node *root) {
    cit_done_visit *v = &r->visit;
    if (!has_key(root, "who")) v->who = r->planned.who;
    if (!has_key(root, "cream")) v->cream = r->planned.cream;
    if (v->cream == CIT_YES) {
        if (!has_key(root, "numbing")) v->numbing = r->planned.numbing;
        if (!has_key(root, "numbing_grams")) v->numbing_grams = r->planned.numbing_grams;
        if (!has_key(root, "numbing_minutes")) v->numbing_minutes = r->planned.numbing_minutes;
    }
    for (int i = 0; i < v->zone_count; i++)
        for (int j = 0; j < r->planned.zone_count; j++) {
            const cit_done_zone *p = &r->planned_zones[j];
            const cit_node *said = zone_node(root, i);
            if (strcmp(r->zones[i].site, p->site) == 0 && said != NULL &&
                (r->zones[i].side == 0 || r->zones[i].side == p->side))
                keep_zone(p, said, &r->zones[i]);
        }
}

static cit_status read_visit(record *r, const char *path, cit_errors *errs) {
    cit_table table = cit_done_visit_table;
    cit_doc *doc = NULL;
    table.schema = "cit/visit/1";
    cit_status st = cit_doc_read(path, &doc, errs);
    if (st != CIT_OK) return st;
    r->docs[r->doc_count++] = doc;
    st = cit_bind(doc, cit_doc_root(doc), &table, &r->visit, errs);
    if (st != CIT_OK) return st;
    if (r->visit.zone_count > ZONES_MAX)
        return cit_fail(errs, CIT_INVALID, path, "zones: at most %d are read", ZONES_MAX);
    for (int i = 0; i < r->visit.zone_count; i++) r->zones[i] = r->visit.zones[i];
    r->visit.zones = r->zones;
    keep_plan(r, cit_doc_root(doc));
    return CIT_OK;
}

/* ---- add: checks, deviations, writing ------------------------------------------------------------------ */

static const cit_zone *zone_of(const cit_case *person, const cit_done_zone *z) {
    for (int i = 0; i < person->zone_count; i++)
        if (strcmp(person->zones[i].site, z->site) == 0 &&
            (z->side == 0 || z->side == person->zones[i].side))
            return &person->zones[i];
    return NULL;
}

static cit_status check_visit(const record *r, const files *f, cit_errors *errs) {
    const cit_done_visit *v = &r->visit;
    char date[16];
    cit_date_format(v->date, date);
    if (v->date > today())
        return cit_fail(errs, CIT_INVALID, date, "lies ahead; a visit is added once it was done");
    for (int i = 0; i < f->person->visit_count; i++)
        if (f->person->visits[i].date >= v->date)
            return cit_fail(errs, CIT_INVALID, date,
                            "the case has a visit on that day or after it already; visits are "
                            "added in order");
    if (f->person->born != CIT_UNKNOWN_INT && v->date < f->person->born)
        return cit_fail(errs, CIT_INVALID, date, "lies before the date of birth");
    if (v->zone_count == 0)
        return cit_fail(errs, CIT_INVALID, date, "no zone was needled, so there is nothing to add");
    for (int i = 0; i < v->zone_count; i++) {
        const cit_done_zone *z = &v->zones[i];
        const cit_device *d = z->device ? cit_catalogue_device(f->catalogue, z->device) : NULL;
        if (zone_of(f->person, z) == NULL)
            cit_fail(errs, CIT_INVALID, date, "the case has no zone '%.40s'%s", z->site,
                     z->side != 0 ? " of that side" : "");
        if (z->device != NULL && d == NULL) {
            const char *near = cit_catalogue_near_device(f->catalogue, z->device);
            cit_fail(errs, CIT_INVALID, date, "device '%.40s' is not in the catalogue%s%s%s",
                     z->device, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        }
        if (d != NULL && cit_known(z->length_mm) && !cit_device_has_length(d, z->length_mm))
            cit_fail(errs, CIT_INVALID, date, "'%.40s' has no needle length of %g mm", z->device,
                     z->length_mm);
    }
    return cit_errors_status(errs);
}

static void add_words(record *r, const char *words) {
    const size_t used = strlen(r->deviations);
    snprintf(r->deviations + used, sizeof r->deviations - used, "%s%s", used ? "; " : "", words);
}

static void note_zone(record *r, const cit_catalogue *c, const cit_done_zone *planned,
                      const cit_done_zone *done) {
    static const char *const compared[] = {"device", "length", "passes", NULL};
    const cit_zone zone = {.site = planned->site, .side = planned->side};
    char name[80], line[600], was[300], is[300];
    cit_zone_name(&zone, name);
    if (done == NULL) {
        add_words(r, cit_text_fill(line, sizeof line, cit_text(c, "visit_add.left_out"), "zone",
                                   name, NULL));
        return;
    }
    for (const cit_field *f = zone_table()->fields; f->key != NULL; f++) {
        if (!is_key(f, compared)) continue;
        field_text(f, planned, was);
        field_text(f, done, is);
        if (was[0] == 0 || strcmp(was, is) == 0) continue;
        add_words(r,
                  cit_text_fill(line, sizeof line, cit_text(c, "visit_add.differs"), "zone", name,
                                "what", f->key, "done", is[0] ? is : "?", "planned", was, NULL));
    }
}

static void note_deviations(record *r, const files *f) {
    if (r->visit.deviations != NULL) add_words(r, r->visit.deviations);
    for (int i = 0; f->protocol != NULL && i < r->planned.zone_count; i++) {
        const cit_done_zone *p = &r->planned_zones[i], *done = NULL;
        for (int j = 0; j < r->visit.zone_count; j++)
            if (strcmp(r->zones[j].site, p->site) == 0 &&
                (r->zones[j].side == p->side || r->zones[j].side == 0))
                done = &r->zones[j];
        note_zone(r, f->catalogue, p, done);
    }
    if (r->deviations[0] != 0) r->visit.deviations = r->deviations;
}

static cit_status write_visit(const arguments *a, const record *r, const files *f,
                              cit_errors *errs) {
    char *entry = NULL, *bytes = NULL, *added = NULL;
    size_t size = 0;
    cit_status st = CIT_OK;
    CIT_TRY(cit_table_write(&cit_done_visit_table, &r->visit, 4, CIT_WRITE_ENTRY, &entry, errs));
    CIT_TRY(cit_file_read(a->case_path, &bytes, &size, errs));
    CIT_TRY(cit_case_append(f->person, bytes, size, "visits", entry, &added, errs));
    CIT_TRY(cit_file_write(a->case_path, added, strlen(added), errs));
done:
    free(entry);
    free(bytes);
    free(added);
    return st;
}

static void tell(const arguments *a, const record *r, const files *f) {
    char line[1600], date[16];
    cit_date_format(r->visit.date, date);
    fprintf(stderr, "%s\n",
            cit_text_fill(line, sizeof line, cit_text(f->catalogue, "visit_add.added"), "file",
                          a->case_path, "date", date, NULL));
    if (r->deviations[0] != 0)
        fprintf(stderr, "%s\n",
                cit_text_fill(line, sizeof line, cit_text(f->catalogue, "visit_add.deviations"),
                              "text", r->deviations, NULL));
    const cit_clearance v = cit_screening_verdict(f->screening, -1, r->visit.who);
    if (v != CIT_CLEARED)
        fprintf(stderr, "%s\n",
                cit_text_fill(line, sizeof line, cit_text(f->catalogue, "visit_add.screened"),
                              "verdict", cit_clearance_choices[v - 1], "who",
                              cit_choice_name(cit_who_choices, r->visit.who), NULL));
}

static cit_status add(const arguments *a, cit_errors *errs) {
    files f = {0};
    record *r = calloc(1, sizeof *r);
    cit_status st = CIT_OK;
    if (r == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    CIT_TRY(open_all(a, &f, errs));
    plan_visit(a, &f, r);
    CIT_TRY(a->answers != NULL ? read_visit(r, a->answers, errs) : ask_visit(r, &f, errs));
    CIT_TRY(check_visit(r, &f, errs));
    note_deviations(r, &f);
    CIT_TRY(cit_screen(f.person, f.protocol, f.catalogue, r->visit.date, &f.screening, errs));
    CIT_TRY(write_visit(a, r, &f, errs));
    tell(a, r, &f);
done:
    for (int i = 0; r != NULL && i < r->doc_count; i++) cit_doc_free(r->docs[i]);
    free(r);
    close_files(&f);
    return st;
}

int run_visit(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.day = today()};
    char name[] = "cit visit";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    int status = 0;
    const cit_status st = strcmp(a.what, "sheet") == 0  ? sheet(&a, &status, &errs)
                          : strcmp(a.what, "care") == 0 ? care(&a, &errs)
                                                        : add(&a, &errs);
    return st == CIT_OK ? status : print_errors(&errs);
}
