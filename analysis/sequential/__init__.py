"""Methods that may be watched while a study runs, each valid for the null that it names.

For win rates `mixture_win_rate`, for scores `betting_mean`; for times to detection
`randomisation_e_process` (where groups are drawn by the study), `logrank_mixture` and
`logrank_e_process`; for several hypotheses at once `e_holm` and `e_bh`. Read `.null` and `.not_for`
of a result before believing it.

Examples
--------
>>> import analysis as ta
>>> watched = ta.sequential.mixture_win_rate([1, 0, 1, 1, 1, 0, 1, 1])
>>> round(float(watched.e_value[-1]), 3), watched.refuted_at
(1.134, None)
"""

from analysis.sequential.anytime import Sequential
from analysis.sequential.design import randomisation_e_process
from analysis.sequential.multiple import Refuted, e_bh, e_holm
from analysis.sequential.rates import betting_mean, mixture_win_rate
from analysis.sequential.times import logrank_e_process, logrank_mixture

__all__ = [
    "Refuted",
    "Sequential",
    "betting_mean",
    "e_bh",
    "e_holm",
    "logrank_e_process",
    "logrank_mixture",
    "mixture_win_rate",
    "randomisation_e_process",
]
