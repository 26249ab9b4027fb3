/* What the evidence told of each parameter. */
#include "inference_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

double cit_learnt_limit(const cit_samples *s) {
    /* Else three deviations of the sample variance of half as many standard normal numbers: draws that
     * share ancestors are worth about half of independent ones. Measured on numbers that no figure sees. */
    return cit_known(s->chance) ? s->chance : 3 * sqrt(4.0 / (s->draws > 2 ? s->draws - 2 : 1));
}

static double value_at(const cit_law *law, double z) {
    return cit_law_quantile(law, cit_normal_cdf(z));
}

static cit_learnt learn(const cit_samples *s, const cit_parameter *row, int place, double *z) {
    const cit_law law = cit_param_law(&row->param);
    for (int i = 0; i < s->draws; i++)
        z[i] = s->numbers[(size_t)i * (size_t)s->rows + (size_t)place];
    cit_learnt l = {.row = row,
                    .prior = value_at(&law, 0),
                    .prior_lo90 = value_at(&law, -1.6448536269514722),
                    .prior_hi90 = value_at(&law, 1.6448536269514722),
                    .shift = cit_mean(z, s->draws),
                    .contraction = 1 - cit_variance(z, s->draws)};
    cit_sort(z, s->draws);
    l.median = value_at(&law, cit_quantile_sorted(z, s->draws, 0.5));
    l.lo90 = value_at(&law, cit_quantile_sorted(z, s->draws, 0.05));
    l.hi90 = value_at(&law, cit_quantile_sorted(z, s->draws, 0.95));
    return l;
}

static int by_contraction(const void *a, const void *b) {
    const cit_learnt *x = a, *y = b;
    if (x->contraction != y->contraction) return x->contraction < y->contraction ? 1 : -1;
    return strcmp(x->row->param.name, y->row->param.name);
}

cit_status cit_learnt_of(const cit_samples *s, cit_learnt **ret, int *ret_count, cit_errors *errs) {
    int rows, count = 0;
    const cit_parameter *table = cit_parameter_table(&rows);
    cit_learnt *list = calloc((size_t)rows, sizeof *list);
    double *z = malloc(((size_t)s->draws + 1) * sizeof *z);
    if (list == NULL || z == NULL) {
        free(list);
        free(z);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    for (int i = 0; i < rows; i++)
        if (cit_is_fitted(&table[i])) list[count++] = learn(s, &table[i], i, z);
    free(z);
    qsort(list, (size_t)count, sizeof *list, by_contraction);
    *ret = list;
    *ret_count = count;
    return CIT_OK;
}

int cit_samples_distinct(const cit_samples *s) {
    int distinct = 0;
    for (int i = 0; i < s->draws; i++) {
        bool seen = false;
        for (int j = 0; j < i && !seen; j++)
            seen = memcmp(s->likelihood + (size_t)i * (size_t)s->studies,
                          s->likelihood + (size_t)j * (size_t)s->studies,
                          (size_t)s->studies * sizeof(double)) == 0;
        distinct += !seen;
    }
    return distinct;
}
