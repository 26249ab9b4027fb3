/* cit/cit.h -- the whole library, in reading order. */
#pragma once
#include <cit/base.h>
#include <cit/case.h>
#include <cit/catalogue.h>
#include <cit/forecast.h>
#include <cit/healing.h>
#include <cit/interview.h>
#include <cit/needling.h>
#include <cit/num.h>
#include <cit/outcome.h>
#include <cit/planning.h>
#include <cit/protocol.h>
#include <cit/report.h>
#include <cit/scar.h>
#include <cit/screening.h>
#include <cit/statistics.h>
#include <cit/trial.h>
