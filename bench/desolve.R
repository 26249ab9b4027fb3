# Courses with deSolve's LSODA, as a user of R would run them: a compiled model, and a call for each stretch
# between events. Started by bench/desolve.c as `Rscript desolve.R MODEL.so COURSE_BYTES`; reads how many
# courses, the tolerance and the courses from descriptor 3; writes to descriptor 4 the states, the steps,
# the processor's seconds, and the seconds of the same calls with a model that has no work.
suppressPackageStartupMessages(library(deSolve))
arguments <- commandArgs(trailingOnly = TRUE)
dyn.load(arguments[1])
library_name <- sub("\\.so$", "", basename(arguments[1]))
course_bytes <- as.integer(arguments[2])
slack <- .Call("slack")
raised_after_day <- 60
from_bench <- file("/dev/fd/3", "rb", raw = TRUE)
to_bench <- file("/dev/fd/4", "wb", raw = TRUE)

steps <- 0
advance <- function(y, from, to, parms, model, rtol) {
  out <- lsoda(y, c(from, to), model[1], parms, rtol = rtol, atol = 1e-3 * rtol * slack,
               jacfunc = model[2], jactype = "fullusr", dllname = library_name, initfunc = "begin",
               maxsteps = 1e6)
  steps <<- steps + attr(out, "istate")[2]
  out[2, -1]
}

run <- function(course, model, rtol) {
  y <- course$start
  parms <- course$parms
  until <- c(course$days[-1], course$end)
  values <- matrix(0, length(y), length(until) + 1)
  for (i in seq_along(until)) {
    values[, i] <- y
    from <- course$days[i]
    after <- .C("visit", parms = parms, y = y, i)
    parms <- after$parms
    raised <- from + raised_after_day
    y <- advance(after$y, from, min(raised, until[i]), parms, model, rtol)
    if (raised < until[i]) {
      parms <- .C("count_raised", parms = parms)$parms
      y <- advance(y, raised, until[i], parms, model, rtol)
    }
  }
  values[, length(until) + 1] <- y
  values
}

seconds <- function(work) {
  used <- system.time(work, gcFirst = FALSE)
  used[["user.self"]] + used[["sys.self"]]
}

writeBin(1, to_bench)
flush(to_bench)
repeat {
  head <- readBin(from_bench, "double", 2)
  if (length(head) < 2) break
  courses <- lapply(seq_len(head[1]), function(i)
    .Call("course", readBin(from_bench, "raw", course_bytes)))
  steps <- 0
  raw <- seconds(values <- lapply(courses, run, model = c("rates", "slopes"), rtol = head[2]))
  taken <- steps
  calls <- seconds(lapply(courses, run, model = c("nothing", "no_slopes"), rtol = head[2]))
  writeBin(c(taken, raw, calls, unlist(values)), to_bench)
  flush(to_bench)
}
