/* Kinds of people: a finite number of cases that stand for a population, and what screening says of them.
 *
 * Every distribution of the population is cut into as many equal parts as there are kinds; each part is
 * taken once, in an order of its own for each distribution (a Latin hypercube: McKay and others,
 * Technometrics 1979; 21:239-245). Somebody is of a kind at even odds. */
#include "trial_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- questions ------------------------------------------------------------------------------------ */

static const cit_table *table_at(const cit_table *table, const char *key) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0) return f->table;
    return NULL;
}
static const cit_table *health_table(void) { return table_at(&cit_case_table, "health"); }
static const cit_table *zone_table(void) { return table_at(&cit_case_table, "zones"); }

static bool is_answer(const cit_field *f) {
    return f->kind == CIT_CHOICE && f->choices == cit_answer_choices;
}

static bool asks(const cit_table *table, const char *question) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (is_answer(f) && strcmp(f->key, question) == 0) return true;
    return false;
}

bool question_is_known(const char *question, const char **ret_near) {
    const char *names[128];
    int n = 0;
    if (asks(health_table(), question) || asks(zone_table(), question)) return true;
    const cit_table *const both[] = {health_table(), zone_table()};
    for (int i = 0; i < 2; i++)
        for (const cit_field *f = both[i]->fields; f->key != NULL && n < 127; f++)
            if (is_answer(f)) names[n++] = f->key;
    names[n] = NULL;
    *ret_near = cit_nearest(question, names);
    return false;
}

/* ---- a case of a kind -------------------------------------------------------------------------- */

static bool says_yes(const cit_trial *t, uint32_t yes, const char *question) {
    for (int i = 0; i < t->population.health_count; i++)
        if (yes >> i & 1 && strcmp(t->population.health[i].question, question) == 0) return true;
    return false;
}

/* Every question is answered: no, but for those in `yes`. */
static void put_answers(FILE *out, const cit_trial *t, const cit_table *table, uint32_t yes,
                        const char *indent) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (is_answer(f))
            fprintf(out, "%s%s: %s\n", indent, f->key, says_yes(t, yes, f->key) ? "yes" : "no");
}

static void put_number(FILE *out, const char *key, double value, const char *unit) {
    if (cit_known(value))
        fprintf(out, ", %s: %.9g%s", key, value, unit);
    else
        fprintf(out, ", %s: unknown", key);
}

static const cit_trial_scars *scars_of(const cit_trial *t, int type) {
    for (int i = 0; i < t->population.scar_count; i++)
        if (t->population.scars[i].type == type) return &t->population.scars[i];
    return NULL;
}

static void put_scars(FILE *out, const cit_trial *t, const cit_trial_kind *k) {
    bool any = t->population.scars != NULL;
    for (int i = 0; i < CIT_SCAR_TYPES; i++) any = any || k->count[i] != CIT_UNKNOWN_INT;
    fprintf(out, any ? "    scars:\n" : "    scars: unknown\n");
    for (int i = 0; i < CIT_SCAR_TYPES && any; i++) {
        const cit_trial_scars *s = scars_of(t, i + 1);
        fprintf(out, "      - {type: %s", cit_choice_name(cit_case_scar_choices, i + 1));
        put_number(out, "count", k->count[i] == CIT_UNKNOWN_INT ? (double)NAN : k->count[i], "");
        put_number(out, "width", s != NULL ? s->width_mm : (double)NAN, " mm");
        put_number(out, "depth", s != NULL ? s->depth_mm : (double)NAN, " mm");
        fprintf(out, "}\n");
    }
}

static cit_status case_text(const cit_trial *t, const cit_trial_kind *k, uint32_t yes, char **ret,
                            cit_errors *errs) {
    size_t size = 0;
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, &size);
    if (out == NULL) {
        (void)!cit_fail(errs, CIT_NOMEM, "", "no memory for a case");
        return CIT_NOMEM;
    }
    fprintf(out, "schema: cit/case/1\nname: a kind of person in a virtual trial\n");
    if (cit_known(k->age_day)) fprintf(out, "age: %.9g days\n", k->age_day);
    if (k->sex != 0) fprintf(out, "sex: %s\n", k->sex == 1 ? "female" : "male");
    if (k->skin_type != 0)
        fprintf(out, "skin_type: %s\n", cit_choice_name(cit_skin_type_choices, k->skin_type));
    fprintf(out, "cause: acne\nmedication: []\nearlier: []\nhealth:\n");
    put_answers(out, t, health_table(), yes, "  ");
    if (k->grade != CIT_UNKNOWN_INT) fprintf(out, "assessment:\n  grade: %d\n", k->grade);
    fprintf(out, "zones:\n  - site: %s\n    side: %s\n", t->population.site,
            cit_choice_name(cit_side_choices, t->population.side));
    put_answers(out, t, zone_table(), yes, "    ");
    put_scars(out, t, k);
    if (fclose(out) != 0) {
        free(bytes);
        (void)!cit_fail(errs, CIT_NOMEM, "", "no memory for a case");
        return CIT_NOMEM;
    }
    *ret = bytes;
    return CIT_OK;
}

static cit_status make_case(const cit_trial *t, const cit_trial_kind *k, uint32_t yes,
                            cit_case **ret, cit_errors *errs) {
    char *text = NULL;
    cit_status st = case_text(t, k, yes, &text, errs);
    if (st == CIT_OK) st = cit_case_parse("a virtual person", text, strlen(text), ret, errs);
    free(text);
    return st;
}

/* ---- drawing kinds ------------------------------------------------------------------------------ */

double range_quantile(const cit_trial_range *r, double u) {
    if (!cit_known(r->mean)) return r->lo + (r->hi - r->lo) * u;
    const double lo = cit_normal_cdf((r->lo - r->mean) / r->sd);
    const double hi = cit_normal_cdf((r->hi - r->mean) / r->sd);
    const double x = r->mean + r->sd * cit_normal_quantile(lo + u * (hi - lo));
    return fmin(fmax(x, r->lo), r->hi);
}

static int weighted(const double *weight, int count, double u) {
    double sum = 0, below = 0;
    for (int i = 0; i < count; i++) sum += weight[i];
    for (int i = 0; i < count; i++) {
        below += weight[i];
        if (u * sum < below) return i;
    }
    return count - 1;
}

/* Which part of this distribution the kind has: its rank among random numbers. */
static double part_of(uint64_t seed, const char *name, int kind, int count) {
    const uint32_t stream = cit_random_stream(name);
    const double own = cit_random(seed, 0, stream, (uint32_t)kind);
    int rank = 0;
    for (int i = 0; i < count; i++) rank += cit_random(seed, 0, stream, (uint32_t)i) < own;
    return (rank + 0.5) / count;
}

static cit_trial_kind draw_kind(const cit_trial *t, uint64_t seed, int i, int count) {
    static const char *const scar_streams[] = {"trial rolling", "trial boxcar", "trial ice-pick"};
    const cit_trial_population *p = &t->population;
    cit_trial_kind k = {.age_day = CIT_UNKNOWN_NUMBER, .grade = CIT_UNKNOWN_INT};
    if (cit_known(p->age_day.lo))
        k.age_day = range_quantile(&p->age_day, part_of(seed, "trial age", i, count));
    if (cit_known(p->female_share))
        k.sex = part_of(seed, "trial sex", i, count) < p->female_share ? 1 : 2;
    if (p->skin_types != NULL)
        k.skin_type = 1 + weighted(p->skin_types, 6, part_of(seed, "trial skin type", i, count));
    if (p->grades != NULL)
        k.grade = 2 + weighted(p->grades, 3, part_of(seed, "trial grade", i, count));
    for (int type = 0; type < CIT_SCAR_TYPES; type++) {
        const cit_trial_scars *s = scars_of(t, type + 1);
        k.count[type] = p->scars == NULL ? CIT_UNKNOWN_INT : 0;
        if (s != NULL)
            k.count[type] =
                (int)lround(range_quantile(&s->count, part_of(seed, scar_streams[type], i, count)));
    }
    return k;
}

/* ---- screening ----------------------------------------------------------------------------------- */

static cit_status screen_one(const cit_trial *t, const cit_catalogue *catalogue,
                             const cit_case *person, cit_clearance *ret, cit_errors *errs) {
    *ret = CIT_CLEARED;
    for (int i = 0; i < t->arm_count; i++) {
        const cit_protocol *p = t->arms[i].protocol;
        cit_screening *s = NULL;
        if (t->arms[i].untreated == CIT_YES) continue;
        const cit_status st = cit_screen(person, p, catalogue, t->conduct.start, &s, errs);
        if (st != CIT_OK) return st;
        const cit_clearance v = cit_screening_verdict(s, -1, cit_who_of(person, p));
        if (v > *ret) *ret = v;
        cit_screening_free(s);
    }
    return CIT_OK;
}

static cit_status judge(const cit_trial *t, const cit_catalogue *catalogue, kind_case *k,
                        uint32_t yes, cit_errors *errs) {
    judged *j = malloc(sizeof *j);
    cit_case *person = NULL;
    cit_status st = CIT_OK;
    if (j == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    *j = (judged){.yes = yes, .next = k->judged};
    CIT_TRY(make_case(t, &k->is, yes, &person, errs));
    CIT_TRY(screen_one(t, catalogue, person, &j->verdict, errs));
    k->judged = j;
    j = NULL; /* handed over */
done:
    cit_case_free(person);
    free(j);
    return st;
}

static const judged *verdict_on(const kind_case *k, uint32_t yes) {
    const judged *j = k->judged;
    while (j != NULL && j->yes != yes) j = j->next;
    return j;
}

cit_status kind_verdict(const cit_trial *t, const cit_catalogue *catalogue, kind_case *k,
                        uint32_t yes, cit_clearance *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
#pragma omp critical(trial_screening)
    {
        if (verdict_on(k, yes) == NULL) st = judge(t, catalogue, k, yes, errs);
        if (st == CIT_OK) *ret = verdict_on(k, yes)->verdict;
    }
    return st;
}

static cit_status make_kind(const cit_trial *t, const cit_catalogue *catalogue, kind_case *k,
                            cit_errors *errs) {
    cit_status st = make_case(t, &k->is, 0, &k->person, errs);
    for (int i = 0; i < t->arm_count && st == CIT_OK; i++)
        st = cit_check_together(k->person, t->arms[i].protocol, catalogue, errs);
    return st;
}

cit_status kinds_make(const cit_trial *t, const cit_catalogue *catalogue, uint64_t seed, kinds *ret,
                      cit_errors *errs) {
    if (t->population.people != NULL && t->row_count == 0)
        return cit_fail(errs, CIT_INVALID, cit_doc_name(t->doc), "the file of people is not read");
    ret->count = t->row_count > 0 ? t->row_count : t->population.kinds;
    ret->items = calloc((size_t)ret->count, sizeof *ret->items);
    if (ret->items == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < ret->count; i++) {
        ret->items[i].is = t->row_count > 0 ? t->rows[i] : draw_kind(t, seed, i, ret->count);
        const cit_status st = make_kind(t, catalogue, &ret->items[i], errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

void kinds_free(kinds *k) {
    for (int i = 0; i < k->count && k->items != NULL; i++) {
        cit_case_free(k->items[i].person);
        for (judged *j = k->items[i].judged, *next; j != NULL; j = next) {
            next = j->next;
            free(j);
        }
    }
    free(k->items);
    *k = (kinds){0};
}

/* ---- a file of people ----------------------------------------------------------------------------- */

enum { COLUMNS = 7, LINE_MAX = 4000 };
static const char *const columns[COLUMNS + 1] = {"age",     "sex",    "skin_type", "grade",
                                                 "rolling", "boxcar", "ice_pick",  NULL};

typedef struct csv_cell {
    const char *text;
    int column; /* of the line, from 1 */
} csv_cell;

/* Cuts a line at its commas, in place; spaces around cells and quotes are not part of them. */
static int cut(char *line, csv_cell cells[], int most) {
    int n = 0;
    for (char *at = line; at != NULL && n < most; n++) {
        char *comma = strchr(at, ',');
        if (comma != NULL) *comma = 0;
        while (*at == ' ' || *at == '"') at++;
        for (size_t length = strlen(at); length > 0 && strchr(" \r\"", at[length - 1]) != NULL;
             length--)
            at[length - 1] = 0;
        cells[n] = (csv_cell){at, (int)(at - line) + 1};
        at = comma != NULL ? comma + 1 : NULL;
    }
    return n;
}

static bool whole(const char *cell, int lo, int hi, int *ret) {
    char why[160];
    double number = 0;
    if (!cit_quantity_parse(cell, "", &number, why) || number != floor(number) || number < lo ||
        number > hi)
        return false;
    *ret = (int)number;
    return true;
}

static int place_in(const char *cell, const char *const *names) {
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(cell, names[i]) == 0) return i + 1;
    return 0;
}

static bool take_cell(int column, const char *cell, cit_trial_kind *k) {
    static const char *const sexes[] = {"female", "male", NULL};
    char why[160];
    double years = 0;
    if (*cell == 0 || strcmp(cell, "unknown") == 0) return true;
    switch (column) {
    case 0:
        if (!cit_quantity_parse(cell, "", &years, why) || !(years > 0) || years > 120) return false;
        k->age_day = years * CIT_YEAR_DAYS;
        return true;
    case 1:
        k->sex = place_in(cell, sexes);
        return k->sex != 0;
    case 2:
        k->skin_type = place_in(cell, cit_skin_type_choices);
        return k->skin_type != 0;
    case 3:
        return whole(cell, 2, 4, &k->grade);
    default:
        return whole(cell, 0, 500, &k->count[column - 4]);
    }
}

typedef struct reading {
    const char *name;
    int column[COLUMNS], count; /* of the file: which of the columns above */
    int line;
    cit_errors *errs;
} reading;

/* What a cell of each column may hold. */
static const char *const allowed[COLUMNS] = {"years above 0, up to 120",
                                             "female or male",
                                             "I to VI",
                                             "2, 3 or 4",
                                             "a whole number from 0 to 500",
                                             "a whole number from 0 to 500",
                                             "a whole number from 0 to 500"};

static void fault(const reading *r, int column, const char *format, ...) CIT_PRINTF(3, 4);
static void fault(const reading *r, int column, const char *format, ...) {
    char where[192], text[300];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    snprintf(where, sizeof where, "%.150s:%d:%d", r->name, r->line, column);
    (void)!cit_fail(r->errs, CIT_INVALID, where, "%s", text);
}

static void take_heading(reading *r, char *line) {
    csv_cell cells[COLUMNS + 1];
    r->count = cut(line, cells, COLUMNS + 1);
    if (r->count > COLUMNS) {
        fault(r, cells[COLUMNS].column, "more than %d columns", COLUMNS);
        r->count = COLUMNS;
    }
    for (int i = 0; i < r->count; i++) {
        r->column[i] = place_in(cells[i].text, columns) - 1;
        if (r->column[i] < 0)
            fault(r, cells[i].column,
                  "no column has the name '%.40s'; there are age, sex, skin_type, grade, rolling, "
                  "boxcar, ice_pick",
                  cells[i].text);
        for (int j = 0; j < i; j++)
            if (r->column[i] == r->column[j] && r->column[i] >= 0)
                fault(r, cells[i].column, "the column '%.40s' stands twice", cells[i].text);
    }
}

static void take_line(reading *r, char *line, cit_trial_kind *k) {
    csv_cell cells[COLUMNS + 1];
    *k = (cit_trial_kind){.age_day = CIT_UNKNOWN_NUMBER, .grade = CIT_UNKNOWN_INT};
    for (int i = 0; i < CIT_SCAR_TYPES; i++) k->count[i] = CIT_UNKNOWN_INT;
    const int n = cut(line, cells, COLUMNS + 1);
    if (n != r->count) fault(r, 1, "%d cell%s; the heading has %d", n, n == 1 ? "" : "s", r->count);
    for (int i = 0; i < n && i < r->count; i++)
        if (r->column[i] >= 0 && !take_cell(r->column[i], cells[i].text, k))
            fault(r, cells[i].column, "%s cannot be '%.40s': %s, or empty", columns[r->column[i]],
                  cells[i].text, allowed[r->column[i]]);
}

/* A line that is too long is none. */
static bool next_line(reading *r, const char **at, char line[LINE_MAX]) {
    const char *end = strchr(*at, '\n');
    const size_t size = end != NULL ? (size_t)(end - *at) : strlen(*at);
    if (**at == 0) return false;
    r->line++;
    if (size >= LINE_MAX) fault(r, 1, "a line of %zu bytes; %d at most", size, LINE_MAX - 1);
    snprintf(line, LINE_MAX, "%.*s", size < LINE_MAX ? (int)size : 0, *at);
    *at += size + (end != NULL);
    return true;
}

cit_status cit_trial_take_people(cit_trial *t, const char *name, const char *bytes, size_t size,
                                 cit_errors *errs) {
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as spreadsheets write it */
    char line[LINE_MAX];
    cit_errors unheard = {0};
    reading r = {.name = name, .errs = errs != NULL ? errs : &unheard};
    const int before = r.errs->count + r.errs->lost;
    if (strlen(bytes) != size || !cit_text_is_plain(bytes))
        return cit_fail(r.errs, CIT_INVALID, name, "is not plain text in UTF-8");
    free(t->rows);
    t->row_count = 0;
    t->rows = calloc(CIT_TRIAL_KINDS_MAX, sizeof *t->rows);
    if (t->rows == NULL) return cit_fail(errs, CIT_NOMEM, name, "no memory");
    const bool marked = strncmp(bytes, mark, sizeof mark - 1) == 0;
    for (const char *at = bytes + (marked ? sizeof mark - 1 : 0); next_line(&r, &at, line);) {
        if (r.line == 1) {
            if (r.errs->count + r.errs->lost > before) return CIT_INVALID;
            take_heading(&r, line);
        } else if (line[strspn(line, " \r")] != 0) {
            if (t->row_count == CIT_TRIAL_KINDS_MAX)
                return cit_fail(r.errs, CIT_INVALID, name,
                                "more than %d people; a sample of them will do, since people of a "
                                "line differ in all that it does not say",
                                CIT_TRIAL_KINDS_MAX);
            take_line(&r, line, &t->rows[t->row_count++]);
        }
    }
    if (t->row_count == 0)
        (void)!cit_fail(r.errs, CIT_INVALID, name,
                        "there are no people in it; a heading and a line for each are needed");
    return r.errs->count + r.errs->lost > before ? CIT_INVALID : CIT_OK;
}
