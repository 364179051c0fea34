"""lokigi's complete enumeration ("brute-force"): its only exact way."""

import numpy as np
import pandas as pd
from _locate import answer_all
from lokigi.site import SiteProblem

AIMS = {"centre": "p_center", "cover": "mclp", "median": "p_median"}
COLUMNS = {"centre": "max", "cover": "proportion_within_coverage_threshold"}


def call(case, given):
    """All p of the sites."""
    minutes, weights = given["minutes"].astype(float), given["weights"]
    names = [f"s{j}" for j in range(minutes.shape[1])]
    zones = [f"c{i}" for i in range(len(minutes))]
    problem = SiteProblem(debug_mode=False)
    problem.add_demand(pd.DataFrame({"zone": zones, "people": weights}), "people", "zone")
    matrix = pd.DataFrame(minutes, columns=names)
    matrix.insert(0, "zone", zones)
    problem.add_travel_matrix(matrix, "zone", unit="minutes")
    ask = case["ask"]
    found = problem.solve(
        p=case["p"],
        objectives=AIMS[ask],
        search_strategy="brute-force",
        brute_force_keep_best_n=1,
        # it counts times below its threshold; ours counts times up to the limit
        threshold_for_coverage=np.nextafter(case["within_min"], np.inf) if ask == "cover" else None,
    ).solution_df.iloc[0]
    value = float(found[COLUMNS[ask]])
    return {
        "value": (1 - value) * float(weights.sum()) if ask == "cover" else value,
        "sites": [int(j) for j in found["site_indices"]],
        "status": "all compared",
    }


answer_all("lokigi_all", "lokigi", call)
