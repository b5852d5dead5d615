"""Where a step curve begins to fade."""

import numpy as np

from analysis.plots.step_curve import solid_until
from tests.analysis.plots.test_incidence import curve


def test_curve_fades_where_few_are_at_risk() -> None:
    many = curve(200, 20)
    few = np.flatnonzero((many.n_at_risk < 10) | (many.n_clusters_at_risk < 5))[0]
    # The first time with too few at risk: too few were so since the time before.
    assert solid_until(many) == many.times[few - 1]
    assert solid_until(curve(200, 4)) == 0
    assert solid_until(curve(9, 9)) == 0
