/* Private to the catalogue room: the field tables of its three kinds of file. */
#pragma once
#include <cit/catalogue.h>

extern const cit_table cit_device_table, cit_site_table, cit_study_table;
