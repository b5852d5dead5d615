# Measures R's estimates: Rscript worker.R FOLDER TASK... One line a task: its name, the least
# processor time of several batches in seconds, and the numbers that are compared.

suppressMessages(library(survival))
competing <- requireNamespace("cmprsk", quietly = TRUE)

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
d <- read.csv(file.path(folder, "rooms.csv"))
at <- scan(file.path(folder, "at.txt"), quiet = TRUE)
d$state <- factor(d$cause, 0:2)
event <- as.integer(d$cause > 0)
first <- as.integer(d$cause == 1)

steps <- function(times, ...) {
  place <- findInterval(at, times)
  unlist(lapply(list(...), function(curve) curve[place]))
}

jobs <- list(
  "Kaplan-Meier with interval" = list(
    run = function() survfit(Surv(d$time, event) ~ 1, conf.type = "log-log"),
    read = function(r) steps(r$time, r$surv, r$lower, r$upper)),
  "Aalen-Johansen with errors" = list(
    run = function() survfit(Surv(time, state) ~ 1, d, conf.type = "log-log"),
    read = function(r) steps(r$time, r$pstate[, 2], r$lower[, 2], r$upper[, 2])),
  "Aalen-Johansen with errors (cmprsk)" = list(
    run = function() cmprsk::cuminc(d$time, d$cause),
    # Its variance is Aalen's, near the others' and not equal.
    read = function(r) cmprsk::timepoints(r, at)$est[1, ]),
  "Log-rank, two groups" = list(
    run = function() survdiff(Surv(d$time, first) ~ d$group),
    read = function(r) r$chisq),
  "Cox, three terms, Efron" = list(
    run = function() coxph(Surv(d$time, first) ~ x1 + x2 + x3, d),
    read = function(r) c(coef(r), sqrt(diag(vcov(r))))),
  "Cox, clustered errors" = list(
    run = function() coxph(Surv(d$time, first) ~ x1 + x2 + x3, d, cluster = who),
    read = function(r) c(coef(r), sqrt(diag(vcov(r)))))
)

processor <- function(run, times) {
  taken <- system.time(for (i in seq_len(times)) result <- run())
  list(seconds = sum(taken[1:2]) / times, result = result)
}

# R's clock is coarse: short runs are timed in batches of about 0.1 s.
shortest <- function(run) {
  once <- processor(run, 1)
  if (once$seconds > 2) return(once)
  times <- max(1, ceiling(0.1 / max(once$seconds, 0.0005)))
  for (i in 1:4) {
    again <- processor(run, times)
    if (again$seconds < once$seconds || i == 1) once <- again
  }
  once
}

for (name in arguments[-1]) {
  job <- jobs[[name]]
  if (is.null(job) || (grepl("cmprsk", name) && !competing)) next
  found <- shortest(job$run)
  cat(name, found$seconds, format(job$read(found$result), digits = 17), sep = "\t")
  cat("\n")
}
