/* Private to the healing room: the column for many people at once. */
#pragma once
#include <cit/healing.h>

extern const double column_slack_three[CIT_LAYER_FIELDS * 3 + CIT_SINGLE_FIELDS];

/* The same functions for each instruction set (column_lanes.c); kernels of three layers. */
extern const cit_lanes_kernel column_kernel_portable, column_kernel_avx2, column_kernel_avx512;

/* What a lane reads of a column, and how many numbers that is. */
void column_coefficients(const cit_column *column, double *q, int stride);
extern const int column_coefficient_count, column_work_count;
