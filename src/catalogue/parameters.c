/* The parameter table, expanded from the same rows as the structs of cit/parameters.h. */
#include <cit/catalogue.h>

static const cit_parameter table[] = {
#define ROW(name, unit, value, low, high, spread, width, level, source, meaning)                   \
    {GROUP_NAME,                                                                                   \
     {#name, unit, offsetof(cit_parameters, GROUP.name), value, low, high, (cit_spread)(spread),   \
      width, (cit_level)(level), source, meaning}},
#define GROUP      healing
#define GROUP_NAME "healing"
    cit_kinetics_ROWS(ROW)
#undef GROUP
#undef GROUP_NAME
#define GROUP      needling
#define GROUP_NAME "needling"
        cit_needling_params_ROWS(ROW)
#undef GROUP
#undef GROUP_NAME
#define GROUP      scar
#define GROUP_NAME "scar"
            cit_scar_params_ROWS(ROW)
#undef GROUP
#undef GROUP_NAME
#define GROUP      outcome
#define GROUP_NAME "outcome"
                cit_outcome_params_ROWS(ROW)
#undef GROUP
#undef GROUP_NAME
#define GROUP      prior
#define GROUP_NAME "prior"
                    cit_priors_ROWS(ROW)
#undef GROUP
#undef GROUP_NAME
#define GROUP      study
#define GROUP_NAME "study"
                        cit_study_params_ROWS(ROW)
#undef GROUP
#undef GROUP_NAME
#undef ROW
};

static const cit_parameter serum_table[] = {
#define ROW(name, unit, value, low, high, spread, width, level, source, meaning)                   \
    {"serum",                                                                                      \
     {#name, unit, offsetof(cit_serum_params, name), value, low, high, (cit_spread)(spread),       \
      width, (cit_level)(level), source, meaning}},
    cit_serum_params_ROWS(ROW)
#undef ROW
};

const cit_parameter *cit_serum_parameter_table(int *ret_count) {
    *ret_count = (int)(sizeof serum_table / sizeof *serum_table);
    return serum_table;
}

const cit_parameter *cit_parameter_table(int *ret_count) {
    *ret_count = (int)(sizeof table / sizeof *table);
    return table;
}

double cit_parameter_get(const cit_parameters *parameters, const cit_parameter *row) {
    return *(const double *)((const char *)parameters + row->param.offset);
}

void cit_parameter_set(cit_parameters *parameters, const cit_parameter *row, double value) {
    *(double *)((char *)parameters + row->param.offset) = value;
}

void cit_parameters_default(cit_parameters *ret) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cit_parameter_set(ret, &table[i], table[i].param.value);
}
