# Results beside those of the other files: run in this folder with `Rscript checks.R`; writes checks.json.
# Needs survival, cmprsk, clubSandwich and jsonlite.
library(survival); library(cmprsk); library(clubSandwich); library(jsonlite)
read <- function(name) read.csv(paste0(name, ".csv"), stringsAsFactors = FALSE)
sessions <- read("sessions"); episodes <- read("episodes"); verdicts <- read("verdicts")
first <- relevel(factor(sessions$strategy_first), "smalltalk")
used <- relevel(factor(episodes$strategy), "smalltalk")
verdicts$strategy <- relevel(factor(verdicts$strategy), "smalltalk")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
exact <- glm.control(epsilon = 1e-15, maxit = 100)
out <- list(made_with = c(list(R = R.version.string), sapply(
  c("survival", "cmprsk", "clubSandwich"), function(p) as.character(packageVersion(p)), simplify = FALSE)))

# cox.zph since survival 3.0: the score test, one test per coefficient (terms = FALSE).
zph <- function(fit, transforms = c("km", "identity", "rank", "log")) {
  one <- function(g) { t <- cox.zph(fit, transform = g, terms = FALSE)$table
                       list(chisq = unname(t[, 1]), df = unname(t[, 2]), p = unname(t[, 3])) }
  c(list(command = paste("cox.zph(", deparse1(fit$call), ", g, terms = FALSE)")),
    sapply(transforms, one, simplify = FALSE))
}
by_start <- coxph(Surv(start, stop, outcome == 1) ~ used + model_id, episodes, control = tight)
by_strata <- coxph(Surv(start, stop, outcome == 1) ~ used + strata(model_id), episodes, control = tight)
by_breslow <- coxph(Surv(n_messages, outcome == 1) ~ first, sessions, ties = "breslow", control = tight)
by_efron <- coxph(Surv(n_messages, outcome == 1) ~ first, sessions, control = tight)
by_ovarian <- coxph(Surv(futime, fustat) ~ age + ecog.ps, ovarian, control = tight)
out$zph <- list(start_stop = zph(by_start), strata = zph(by_strata), breslow = zph(by_breslow),
                efron = zph(by_efron), ovarian = zph(by_ovarian))

# The fits of cox.json and message_clock.json, run until nothing moves.
cox <- function(fit) c(list(command = deparse1(fit$call), coef = unname(coef(fit)),
                            loglik = fit$loglik, vcov = unname(fit$var)),
                       if (!is.null(fit$naive.var)) list(naive = unname(fit$naive.var)))
out$cox <- list(
  start_stop = cox(coxph(Surv(start, stop, outcome == 1) ~ used + model_id, episodes,
                         cluster = interrogator_id, control = tight)),
  breslow = cox(coxph(Surv(n_messages, outcome == 1) ~ first, sessions, ties = "breslow",
                      cluster = interrogator_id, control = tight)),
  efron = cox(coxph(Surv(n_messages, outcome == 1) ~ first, sessions,
                    cluster = interrogator_id, control = tight)))

messages <- survSplit(Surv(n_messages, outcome == 1) ~ ., sessions,
                      cut = seq_len(max(sessions$n_messages)), episode = "msg")
messages$first <- relevel(factor(messages$strategy_first), "smalltalk")
messages$bin <- cut(messages$msg, c(0, 5, 10, 20, 40, 80, Inf))
discrete <- glm(event ~ first + bin, binomial("cloglog"), messages, control = exact)
out$discrete_cloglog <- list(
  command = "survSplit to one row per message; glm(event ~ first + bin, binomial('cloglog'), control = glm.control(1e-15, 100))",
  n_rows = nrow(messages), coef = unname(coef(discrete)), deviance = deviance(discrete),
  se = unname(sqrt(diag(vcov(discrete)))))

# The logistic model of accuracy_cluster.json, run until nothing moves.
logit <- glm(correct ~ strategy + model_id, binomial, verdicts, control = exact)
robust <- function(type) unname(sqrt(diag(vcovCR(logit, verdicts$interrogator_id, type = type))))
tests <- coef_test(logit, vcov = "CR2", cluster = verdicts$interrogator_id, test = "Satterthwaite")
out$logistic <- list(
  command = "glm(correct ~ strategy + model_id, binomial, control = glm.control(1e-15, 100)); vcovCR(., interrogator_id); coef_test(., 'CR2', test = 'Satterthwaite')",
  coef = unname(coef(logit)), se = unname(sqrt(diag(vcov(logit)))), loglik = as.numeric(logLik(logit)),
  CR0 = robust("CR0"), CR1 = robust("CR1"), CR1S = robust("CR1S"), CR2 = robust("CR2"),
  CR3 = robust("CR3"), df = tests$df, p = tests$p_Satt)

# Tests that the other files do not hold.
diff_of <- function(f, ...) { t <- survdiff(f, ...)
  list(command = deparse1(t$call), observed = unname(rowSums(cbind(t$obs))),
       expected = unname(rowSums(cbind(t$exp))), chisq = t$chisq) }
out$logrank <- list(
  peto = diff_of(Surv(wall_s, outcome == 1) ~ strategy_first, sessions, rho = 1),
  half = diff_of(Surv(n_messages, outcome == 1) ~ strategy_first, sessions, rho = 0.5),
  strata = diff_of(Surv(wall_s, outcome == 1) ~ strategy_first + strata(model_id), sessions),
  strata_peto = diff_of(Surv(n_messages, outcome == 1) ~ strategy_first + strata(model_id), sessions, rho = 1))
gray <- function(...) unname(cuminc(sessions$wall_s, sessions$outcome, sessions$strategy_first, ...)$Tests)
messages_gray <- unname(cuminc(sessions$n_messages, sessions$outcome, sessions$strategy_first)$Tests)
out$gray <- list(command = "cuminc(wall_s, outcome, strategy_first, ...)$Tests; columns statistic, p, df",
                 plain = gray(), rho = gray(rho = 1), strata = gray(strata = sessions$model_id),
                 messages = messages_gray)

# Late entry: rows that come under observation after the start.
entry <- (sessions$wall_s * 7 + seq_len(nrow(sessions)) * 13) %% 900
late <- subset(data.frame(sessions, entry), entry < wall_s)
km <- function(fit) { q <- quantile(fit, c(.25, .5, .75))
  list(command = deparse1(fit$call), time = fit$time, n_risk = fit$n.risk, survival = fit$surv,
       std_error = fit$std.err * (if (fit$logse) fit$surv else 1), low = fit$lower, high = fit$upper,
       quantile = unname(q$quantile)) }
out$late_entry <- list(
  plain = km(survfit(Surv(entry, wall_s, outcome == 1) ~ 1, late, conf.type = "log-log")),
  entry = late$entry, wall_s = late$wall_s, event = as.integer(late$outcome == 1),
  interrogator_id = late$interrogator_id)
by_person <- survfit(Surv(entry, wall_s, outcome == 1) ~ 1, late, cluster = interrogator_id)
out$late_entry$clustered <- list(command = deparse1(by_person$call), std_error = unname(
  by_person$std.err * (if (by_person$logse) by_person$surv else 1)))

write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", always_decimal = FALSE), "checks.json")
