"""Every number of the reference results is compared with ours, or it is said why it is not."""

import re

import pytest

from tests.analysis import reference_curves, reference_models, reference_shares
from tests.analysis.golden import CHECKS, entries, entry

MODULES = (reference_curves, reference_models, reference_shares)

#: What is not compared, by pattern, and why.
LEFT_OUT = {
    r".*/command|checks/made_with/.*|anytime_mean/(library|x)": "how it was made",
    r"cox/.*/(iter|concordance)": "steps of R's algorithm, and a measure of prediction",
    r"cox/episodes_frailty_gamma/.*": "no frailty model is offered; errors are clustered instead",
    r"competing/.*finegray.*": "no subdistribution hazards: strategies change over time",
    r"competing/(tiny|ses_wall)_cuminc/var_aalen_gray": "another estimator of the same variance",
    r"accuracy_cluster/glmer.*": "no model within interrogators is offered, only averages",
    r"accuracy_cluster/gee_.*/(alpha_se|scale)": "nuisance parameters that are not handed out",
    r"message_clock/exact/.*": "ties at one message are modelled by `discrete_hazard`",
    r"float_ties/no_timefix/.*": "the answer that is wrong",
    r"proportions/.*/(wilson_cc|chisq_cc|p_cc)": "corrections for continuity are too wide",
    r"proportions/padjust/(hochberg|BY|bonferroni)": "Holm and BH are offered",
    r"proportions/fisher/.*": "no exact test of 2 x 2 tables is offered",
    r"calibration/(bins/.*|auc)": "no binned calibration, and no measure of ranking",
    r"anytime_mean/(bernoulli_.*|poly_.*|beta_binomial_.*|predmix_.*)": "other boundaries",
}


def left_out(leaf: str) -> bool:
    return any(re.fullmatch(pattern, leaf) for pattern in LEFT_OUT)


@pytest.mark.parametrize(("file", "name"), list(entries()))
def test_every_number_is_compared(file: str, name: str) -> None:
    held = entry(file, name)
    if (file, name) in CHECKS:
        CHECKS[file, name](held)
    missing = [leaf for leaf in held.unread() if not left_out(leaf)]
    assert not missing, f"nothing compares {missing} with ours"


def test_every_check_has_its_entry() -> None:
    assert set(CHECKS) <= set(entries())
    assert all(module.__name__ in {c.__module__ for c in CHECKS.values()} for module in MODULES)
