/* What the reports of a trial share: numbers of an endpoint in words. */
#include "report_impl.h"
#include <math.h>
#include <string.h>

const char *const trial_is_no_evidence = "A virtual arm is no evidence: it says what would "
                                         "probably be seen if the model holds and its people are "
                                         "like those who come. Nobody was treated; only a trial "
                                         "with people can show that a treatment works.";

bool trial_is_odds(const cit_trial_endpoint *e) { return e->test == CIT_TRIAL_ODDS_RATIO; }
bool trial_is_share(const cit_trial_endpoint *e) {
    return e->test == CIT_TRIAL_SHARES || e->test == CIT_TRIAL_PAIRED_SHARES;
}

/* A difference as people read it: of shares in percentage points, of odds as a ratio. */
double trial_difference(const cit_trial_endpoint *e, double value) {
    if (trial_is_odds(e)) return exp(value);
    return trial_is_share(e) ? 100 * value : value;
}

const char *trial_difference_unit(const cit_trial_endpoint *e) {
    if (trial_is_odds(e)) return "odds ratio";
    if (trial_is_share(e)) return "percentage points";
    const char *unit = cit_quantity_unit((cit_quantity)(e->quantity - 1));
    return strcmp(unit, "%") == 0 ? "percentage points" : unit;
}

const cit_trial_summary *trial_size_found(const cit_trial_report *r) {
    const cit_trial_result *result = r->result;
    for (int i = 0; i < result->run_count && result->sample_size > 0; i++)
        if (result->runs[i].kind == CIT_RUN_SIZE && result->runs[i].people == result->sample_size)
            return &result->runs[i];
    return NULL;
}

const char *trial_number(char text[24], double value) {
    if (!cit_known(value))
        snprintf(text, 24, "-");
    else
        snprintf(text, 24, fabs(value) < 10 ? "%.2f" : "%.1f", value + 0.0);
    return text;
}

const char *trial_range(char text[80], double middle, double lo, double hi) {
    char a[24], b[24], c[24];
    snprintf(text, 80, "%s (%s to %s)", trial_number(a, middle), trial_number(b, lo),
             trial_number(c, hi));
    return text;
}

const char *trial_percent(char text[60], const cit_trial_share *s) {
    snprintf(text, 60, "%.1f %% (%.1f to %.1f)", 100 * s->share, 100 * s->lo, 100 * s->hi);
    return text;
}
