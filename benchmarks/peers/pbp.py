"""pbp-pmedian: p-median by reduced models and Benders' decomposition, with HiGHS."""

from _locate import answer_all
from pbp_pmedian import solve


def call(case, given):
    """Its own choice of engine."""
    costs = (given["minutes"].astype(float) * given["weights"][:, None]).T  # sites × clients
    value, sites, _, status, engine = solve(costs, case["p"], time_limit=case["limit_s"])
    if status != 0:
        return {"status": "no answer within its time"}
    return {"value": float(value), "sites": [int(j) for j in sites], "status": f"proved, {engine}"}


answer_all("pbp", "pbp-pmedian", call)
