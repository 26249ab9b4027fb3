/* Along a course with a solver that knows nothing of visits. */
#include "solvers.h"
#include <math.h>
#include <string.h>

static const double raised_after_day = 60;

void walk_course(void *state, advance_function *advance, cit_course *c, double *y) {
    cit_column column = c->column;
    const size_t n = (size_t)cit_column_size(&column);
    double day = 0, raised = HUGE_VAL;
    int visit = 0;
    bool begins = true;
    cit_column_start(&column, y);
    for (int i = 0; i < c->time_count; i++) {
        while (day < c->times[i]) {
            if (visit < c->visits && c->days[visit] <= day) {
                cit_column_visit(&column, &c->wounds[visit++], c->c_cut, c->band_floor, y);
                raised = day + raised_after_day;
                begins = true;
                continue;
            }
            if (raised <= day) {
                column.counts_raised = true;
                raised = HUGE_VAL;
                begins = true;
            }
            const double end = c->times[c->time_count - 1],
                         next = visit < c->visits ? fmin(c->days[visit], end) : end,
                         until = fmin(next, raised), to = fmin(c->times[i], until);
            const stretch s = {&column, day, to, until, begins};
            advance(state, &s, y);
            begins = false;
            day = to;
        }
        memcpy(c->values + n * (size_t)i, y, n * sizeof *y);
    }
}
