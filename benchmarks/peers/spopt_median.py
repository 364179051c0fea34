"""spopt's PMedian, written by PuLP and solved by HiGHS: what a planner with Python reaches for."""

import numpy as np
import pulp
from _locate import answer_all
from spopt.locate import PMedian


def call(case, given):
    """PuLP's own word is "Optimal" at a time limit too, so HiGHS is asked as well."""
    model = PMedian.from_cost_matrix(given["minutes"].astype(float), given["weights"], case["p"])
    solver = pulp.HiGHS(msg=False, timeLimit=case["limit_s"], gapRel=0.0)
    try:
        model.solve(solver, results=False)
    except RuntimeError:  # spopt's way to say that PuLP found nothing
        return {"status": pulp.LpStatus[model.problem.status]}
    highs = model.problem.solverModel
    truth = highs.modelStatusToString(highs.getModelStatus())
    sites = [j for j, y in enumerate(model.fac_vars) if (y.varValue or 0.0) > 0.5]
    return {
        "value": float(pulp.value(model.problem.objective)),
        "sites": np.asarray(sites).tolist(),
        "status": f"{pulp.LpStatus[model.problem.status]} (HiGHS: {truth})",
        "proved": truth == "Optimal",
    }


answer_all("spopt_median", "spopt", call)
