/* What things cost in one place: field tables, checks, and reading somebody's own list. */
#include "catalogue_impl.h"
#include <stdlib.h>
#include <string.h>

const char *const cit_per_choices[] = {"visit", "course", "item", "month", NULL};

static const cit_mark top = {0, 0};

/* ISO 4217, the currencies in use; without funds, metals and codes for testing. */
static const char currencies[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR "
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ";

/* What a plan asks the price of; anything else names its adjunct. */
static const char *const usual_items[] = {"consultation",
                                          "cream",
                                          "cross",
                                          "filler",
                                          "home-device",
                                          "home-cartridge",
                                          "laser-ablative",
                                          "laser-non-ablative",
                                          "peel",
                                          "photo",
                                          "prp",
                                          "punch",
                                          "rf-needling",
                                          "subcision",
                                          "sunscreen",
                                          "visit-aesthetician",
                                          "visit-physician",
                                          NULL};

#define P(kind, key, member, ...) kind(cit_price, key, member, __VA_ARGS__)
static const cit_field price_fields[] = {
    {"id", CIT_ID, offsetof(cit_price, id), 0, KNOWN, NULL, 0, 0, NULL, NULL, "a usual item"},
    P(TEXT, "name", name, KNOWN, "what is paid for"),
    P(CHOICE, "per", per, KNOWN, cit_per_choices, "how often it is paid"),
    P(NUMBER, "low", low, KNOWN, "", 0, 1e9, "the least that was read"),
    P(NUMBER, "high", high, KNOWN, "", 0, 1e9, "the most that was read"),
    P(NUMBER, "typical", typical, 0, "", 0, 1e9, "what a source calls usual"),
    P(CHOICES, "users", users, 0, cit_user_choices, "who charges it"),
    P(TEXT, "adjunct", adjunct, 0, "an adjunct of the catalogue"),
    P(CHOICE, "device_kind", device_kind, 0, cit_device_kind_choices, "with such a device"),
    P(CHOICE, "with_needling", with_needling, 0, cit_answer_choices,
      "is the needling of that visit in it"),
    P(TEXT, "source", source, KNOWN, "a citation, or assumed: why"),
    P(TEXT, "note", note, 0, "note"),
    {0}};
static const cit_table price_table = {"price", NULL, sizeof(cit_price), price_fields,
                                      offsetof(cit_price, mark)};

#define L(kind, key, member, ...) kind(cit_prices, key, member, __VA_ARGS__)
static const cit_field prices_fields[] = {
    ID(cit_prices),
    L(TEXT, "place", place, KNOWN, "where these are paid"),
    L(TEXT, "currency", currency, KNOWN, "ISO 4217"),
    L(INTEGER, "year", year, KNOWN, 1990, 2100, "in which they were read"),
    L(CHOICE, "complete", complete, KNOWN, cit_answer_choices, "has it every usual item"),
    L(LIST, "items", items, item_count, CIT_REQUIRED, &price_table, "prices"),
    GROUNDS(cit_prices),
    {0}};
const cit_table cit_prices_table = {"prices", "cit/prices/1", sizeof(cit_prices), prices_fields,
                                    CIT_NO_MARK};

const cit_price *cit_price_named(const cit_prices *prices, const char *id) {
    for (int i = 0; i < prices->item_count; i++)
        if (strcmp(prices->items[i].id, id) == 0) return &prices->items[i];
    return NULL;
}

static bool is_currency(const char *code) {
    const char *at = strlen(code) == 3 ? strstr(currencies, code) : NULL;
    return at != NULL && at[3] == ' ';
}

static bool is_usual(const char *id) {
    for (int i = 0; usual_items[i] != NULL; i++)
        if (strcmp(usual_items[i], id) == 0) return true;
    return false;
}

static void check_price(const cit_doc *doc, const cit_prices *list, const cit_price *p,
                        cit_errors *errs) {
    if (p->low > p->high)
        cit_doc_fail(doc, p->mark, errs, "low %g is above high %g", p->low, p->high);
    else if (p->typical < p->low || p->typical > p->high)
        cit_doc_fail(doc, p->mark, errs, "typical %g is not from %g to %g", p->typical, p->low,
                     p->high);
    if (*p->source == 0)
        cit_doc_fail(doc, p->mark, errs, "the source is empty; name one, or say 'assumed: why'");
    if (!is_usual(p->id) && p->adjunct == NULL) {
        const char *near = cit_nearest(p->id, usual_items);
        cit_doc_fail(doc, p->mark, errs,
                     "'%.40s' is no usual item, so it must name its adjunct%s%s%s", p->id,
                     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (cit_price_named(list, p->id) != p)
        cit_doc_fail(doc, p->mark, errs, "two prices of '%.40s'", p->id);
}

void check_prices(const cit_doc *doc, const cit_prices *list, cit_errors *errs) {
    if (!is_currency(list->currency))
        cit_doc_fail(doc, top, errs, "currency: '%.40s' is no code of ISO 4217, like EUR",
                     list->currency);
    for (int i = 0; i < list->item_count; i++) check_price(doc, list, &list->items[i], errs);
    for (int i = 0; usual_items[i] != NULL && list->complete == CIT_YES; i++)
        if (cit_price_named(list, usual_items[i]) == NULL)
            cit_doc_fail(doc, top, errs, "complete, but without '%s'", usual_items[i]);
    check_grounds(doc, &list->grounds, errs);
}

void check_prices_named(const cit_catalogue *c, const cit_prices *list, cit_errors *errs) {
    for (int i = 0; i < list->item_count; i++) {
        const char *id = list->items[i].adjunct;
        if (id != NULL)
            need_entry(c, list->doc, list->items[i].mark, "adjunct", id,
                       cit_catalogue_adjunct(c, id), cit_catalogue_near_adjunct, errs);
    }
}

/* ---- a list by itself ------------------------------------------------------------------------ */

struct cit_prices_file {
    cit_doc *doc;
    cit_prices prices;
};

cit_status cit_prices_read(const char *path, const cit_catalogue *catalogue, cit_prices_file **ret,
                           cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const int before = errs->count + errs->lost;
    cit_prices_file *file = calloc(1, sizeof *file);
    if (file == NULL) return cit_fail(errs, CIT_NOMEM, path, "no memory");
    CIT_TRY(cit_doc_read(path, &file->doc, errs));
    CIT_TRY(cit_bind(file->doc, cit_doc_root(file->doc), &cit_prices_table, &file->prices, errs));
    file->prices.doc = file->doc;
    check_prices(file->doc, &file->prices, errs);
    check_prices_named(catalogue, &file->prices, errs);
    if (errs->count + errs->lost > before) {
        st = CIT_INVALID;
        goto done;
    }
    *ret = file;
    file = NULL;
done:
    cit_prices_file_free(file);
    return st;
}

const cit_prices *cit_prices_of_file(const cit_prices_file *file) { return &file->prices; }

void cit_prices_file_free(cit_prices_file *file) {
    if (file == NULL) return;
    cit_doc_free(file->doc);
    free(file);
}
