# Makes the expected values of tests/test_against_r.py: Rscript make_reference.R (in this folder).
# Needs the R packages survey, psych, MASS and jsonlite. Data: api and fpc of survey, bfi of psych.
suppressMessages({library(survey); library(psych); library(MASS); library(jsonlite)})
data(api); data(fpc); data(bfi)
numbers <- function(x) setNames(as.list(as.numeric(x)), names(x))

schools <- data.frame(stype = apistrat$stype, sch_wide = apistrat$sch.wide, awards = apistrat$awards, pw = apistrat$pw,
                      fpc = apistrat$fpc, api00 = apistrat$api00, enroll = apistrat$enroll)
schools$grade <- as.integer(cut(schools$api00, c(0, 550, 650, 750, 1000)))
schools[c("meals", "ell", "mobility")] <- apistrat[c("meals", "ell", "mobility")]
write.csv(schools, "apistrat.csv", row.names = FALSE, quote = FALSE)
write.csv(fpc, "fpc.csv", row.names = FALSE, quote = FALSE)
design <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = schools, fpc = ~fpc)
endless <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = schools)

estimates <- function(m, d) {
  ci <- confint(m, df = degf(d))
  list(mean = as.numeric(coef(m)), se = as.numeric(SE(m)), ci_low = as.numeric(ci[, 1]), ci_high = as.numeric(ci[, 2]))
}
means <- list(
  with_fpc = estimates(svymean(~api00 + enroll, design), design),
  without_fpc = estimates(svymean(~api00 + enroll, endless), endless),
  small_sample = estimates(svymean(~x, svydesign(ids = ~psuid, strata = ~stratid, fpc = ~Nh, data = fpc, nest = TRUE)),
                           svydesign(ids = ~psuid, strata = ~stratid, fpc = ~Nh, data = fpc, nest = TRUE)))
domains <- svyby(~api00, ~sch_wide, design, svymean)
crossing <- svyby(~api00, ~sch_wide + awards, design, svymean)
share <- svyby(~I(as.numeric(grade >= 3)), ~sch_wide, design, svymean)
quantiles <- sapply(c(0.1, 0.25, 0.5, 0.75, 0.9), function(p) coef(svyquantile(~api00, design, p, qrule = "math")))
by_quantile <- sapply(c("No", "Yes"), function(x) coef(svyquantile(~api00, subset(design, sch_wide == x), 0.5, qrule = "math")))
schools$high <- as.numeric(schools$api00 > 650)
highs <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = schools, fpc = ~fpc)
# As the package's default, the degrees of freedom of a part are those of its own respondents.
parts <- list(highs, subset(highs, sch_wide == "No"), subset(highs, sch_wide == "Yes"))
ciprop <- sapply(parts, function(d) as.numeric(attr(svyciprop(~high, d, method = "logit", df = degf(d)), "ci")))
woodruff <- sapply(parts, function(d) as.numeric(svyquantile(~api00, d, 0.5, qrule = "math", df = degf(d))$api00))
association <- svychisq(~sch_wide + high, highs)
association_three <- svychisq(~grade + sch_wide, svydesign(id = ~1, strata = ~stype, weights = ~pw, data = schools))
paired <- svyttest(I(api00 - enroll) ~ 0, design)
contrast <- svycontrast(svyby(~api00, ~stype, design, svymean, covmat = TRUE), list(d = c(1, -1, 0)))
rank <- svyranktest(api00 ~ sch_wide, endless)
ordinal <- svyolr(factor(grade, ordered = TRUE) ~ sch_wide, endless, control = list(reltol = 1e-15, maxit = 1000))
raked <- rake(endless, list(~stype, ~awards),
              list(data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018)),
                   data.frame(awards = c("No", "Yes"), Freq = c(2100, 4094))),
              control = list(maxit = 200, epsilon = 1e-10, verbose = FALSE))

traits <- head(na.omit(data.frame(A1 = 7 - bfi$A1, bfi[, c("A2", "A3", "A4", "A5")])), 300)
write.csv(traits, "bfi.csv", row.names = FALSE)
raw <- suppressWarnings(psych::alpha(traits))
one <- factanal(traits, 1, control = list(opt = list(factr = 1)))
loads <- as.numeric(one$loadings) * sapply(traits, sd)
left <- as.numeric(one$uniquenesses) * sapply(traits, var)
poly <- polychoric(traits, correct = 0)
ordinal_alpha <- suppressWarnings(psych::alpha(poly$rho))

write_json(list(
  made_with = list(R = R.version.string, survey = as.character(packageVersion("survey")),
                   psych = as.character(packageVersion("psych"))),
  means = means,
  domains = list(level = as.character(domains$sch_wide), mean = as.numeric(coef(domains)), se = as.numeric(SE(domains))),
  crossing = list(a = as.character(crossing$sch_wide), b = as.character(crossing$awards),
                  mean = as.numeric(coef(crossing)), se = as.numeric(SE(crossing))),
  share = list(level = as.character(share$sch_wide), mean = as.numeric(coef(share)), se = as.numeric(SE(share))),
  quantiles = list(p = c(0.1, 0.25, 0.5, 0.75, 0.9), value = as.numeric(quantiles)),
  medians = list(level = c("No", "Yes"), value = as.numeric(by_quantile)),
  contrast = list(difference = as.numeric(coef(contrast)), se = as.numeric(SE(contrast))),
  ciprop = list(low = ciprop[1, ], high = ciprop[2, ]),
  woodruff = list(median = woodruff[1, ], low = woodruff[2, ], high = woodruff[3, ], se = woodruff[4, ]),
  association = list(statistic = as.numeric(association$statistic), df = as.numeric(association$parameter),
                     p_value = as.numeric(association$p.value)),
  association_three = list(statistic = as.numeric(association_three$statistic), df = as.numeric(association_three$parameter),
                           p_value = as.numeric(association_three$p.value)),
  paired = list(difference = as.numeric(paired$estimate), t = as.numeric(paired$statistic), p_value = as.numeric(paired$p.value)),
  rank = list(difference = as.numeric(rank$estimate), t = as.numeric(rank$statistic), df = as.numeric(rank$parameter),
              p_value = as.numeric(rank$p.value)),
  ordinal = list(coefficient = as.numeric(coef(ordinal)[1]), se = as.numeric(sqrt(diag(vcov(ordinal)))[1]),
                 cuts = as.numeric(ordinal$zeta)),
  raked = list(weights_sum = sum(weights(raked)), enroll = as.numeric(coef(svymean(~enroll, raked))),
               se = as.numeric(SE(svymean(~enroll, raked))),
               weights = as.numeric(head(weights(raked), 20))),
  reliability = list(alpha = raw$total$raw_alpha, dropped = raw$alpha.drop$raw_alpha,
                     corrected = raw$item.stats$r.drop, omega = sum(loads)^2 / (sum(loads)^2 + sum(left)),
                     loadings = as.numeric(one$loadings), polychoric = poly$rho[lower.tri(poly$rho)],
                     ordinal_alpha = ordinal_alpha$total$raw_alpha)
), "reference.json", digits = 14, auto_unbox = TRUE, pretty = TRUE)
