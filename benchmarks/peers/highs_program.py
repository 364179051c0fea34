"""The textbook's whole-number programs in HiGHS, as a planner with highspy would write them."""

import highspy
import numpy as np
from _locate import answer_all
from scipy import sparse


def solved(case, cost, integer, lower, rows, row_lower, row_upper):
    """Run HiGHS; its value, columns and status."""
    rows = sparse.csr_array(rows)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(cost), len(row_lower)
    program.col_cost_, program.integrality_ = (
        cost,
        [
            highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
            for whole in integer
        ],
    )
    program.col_lower_ = lower
    program.col_upper_ = np.where(integer, 1.0, highspy.kHighsInf)
    program.row_lower_, program.row_upper_ = row_lower, row_upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_, program.a_matrix_.index_ = rows.indptr, rows.indices
    program.a_matrix_.value_ = rows.data
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", float(case["limit_s"]))
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.passModel(program)
    highs.run()
    status = highs.modelStatusToString(highs.getModelStatus())
    columns = np.array(highs.getSolution().col_value)
    return highs.getInfo().objective_function_value, columns, status


def answer(value, opened, status):
    """Only what HiGHS proved is an answer to compare."""
    if status != "Optimal":
        return {"status": f"{status.lower()}; best {value:.6g}"}
    return {"value": float(value), "sites": np.flatnonzero(opened > 0.5).tolist(), "status": status}


def centre(case, given):
    """Minimise the longest: each client has one site, and the radius is at least its minutes."""
    minutes = given["minutes"].astype(float)
    n, m = minutes.shape
    client = np.repeat(np.arange(n), m)
    pair = np.arange(n * m)
    one = sparse.csr_array((np.ones(n * m), (client, pair)), shape=(n, n * m + m + 1))
    open_ = sparse.csr_array(
        (np.r_[-np.ones(n * m), np.ones(n * m)],
         (np.r_[pair, pair], np.r_[pair, n * m + np.tile(np.arange(m), n)])),
        shape=(n * m, n * m + m + 1),
    )  # fmt: skip
    radius = sparse.csr_array(
        (np.r_[-minutes.ravel(), np.ones(n)],
         (np.r_[client, np.arange(n)], np.r_[pair, np.full(n, n * m + m)])),
        shape=(n, n * m + m + 1),
    )  # fmt: skip
    count = sparse.csr_array(np.r_[np.zeros(n * m), np.ones(m), 0.0][None])
    infinite = highspy.kHighsInf
    value, columns, status = solved(
        case,
        np.r_[np.zeros(n * m + m), 1.0],
        np.r_[np.ones(n * m + m, bool), False],
        np.zeros(n * m + m + 1),
        sparse.vstack([one, open_, radius, count]),
        np.r_[np.ones(n), np.zeros(n * m), np.zeros(n), case["p"]],
        np.r_[np.ones(n), np.full(n * m, infinite), np.full(n, infinite), case["p"]],
    )
    return answer(value, columns[n * m : n * m + m], status)


def cover(case, given):
    """Fewest people beyond the limit: a client without an open site within it counts."""
    near = given["minutes"] <= case["within_min"]
    weights = given["weights"]
    n, m = near.shape
    rows = sparse.hstack([sparse.csr_array(near.astype(float)), sparse.eye_array(n)])
    count = sparse.csr_array(np.r_[np.ones(m), np.zeros(n)][None])
    value, columns, status = solved(
        case,
        np.r_[np.zeros(m), weights],
        np.r_[np.ones(m, bool), np.zeros(n, bool)],
        np.zeros(m + n),
        sparse.vstack([rows, count]),
        np.r_[np.ones(n), case["p"]],
        np.r_[np.full(n, highspy.kHighsInf), case["p"]],
    )
    return answer(value, columns[:m], status)


def capacity(case, given):
    """Whole units to p sites, each between its least and its most people."""
    minutes, weights = given["minutes"].astype(float), given["weights"]
    n, m = minutes.shape
    client, site = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    pair, width = np.arange(n * m), n * m + m
    one = sparse.csr_array((np.ones(n * m), (client, pair)), shape=(n, width))
    open_ = sparse.csr_array(
        (np.r_[-np.ones(n * m), np.ones(n * m)], (np.r_[pair, pair], np.r_[pair, n * m + site])),
        shape=(n * m, width),
    )
    load = sparse.csr_array((weights[client], (site, pair)), shape=(m, width)).tocsr()
    own = np.arange(m)

    def limit(people):
        return load - sparse.csr_array((people, (own, n * m + own)), shape=(m, width))

    count = sparse.csr_array(np.r_[np.zeros(n * m), np.ones(m)][None])
    infinite = highspy.kHighsInf
    value, columns, status = solved(
        case,
        np.r_[(weights[:, None] * minutes).ravel(), np.zeros(m)],
        np.ones(width, bool),
        np.zeros(width),
        sparse.vstack([one, open_, limit(given["most"]), limit(given["least"]), count]),
        np.r_[np.ones(n), np.zeros(n * m), np.full(m, -infinite), np.zeros(m), case["p"]],
        np.r_[np.ones(n), np.full(n * m, infinite), np.zeros(m), np.full(m, infinite), case["p"]],
    )
    return answer(value, columns[n * m :], status)


ASKS = {"centre": centre, "cover": cover, "capacity": capacity}
answer_all("highs_program", "highspy", lambda case, given: ASKS[case["ask"]](case, given))
