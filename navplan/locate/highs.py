"""Linear programs with whole-number columns, solved by HiGHS under a watch.

Every solver of this package that needs a general program builds a `Program` of arrays and asks
`solve_program`. Numbers are checked before HiGHS sees them (a NaN has crashed it), the solution is
checked after, and a time limit is never "proved".

HiGHS: Q. Huangfu and J. A. J. Hall, "Parallelizing the dual revised simplex method",
Mathematical Programming Computation 10 (2018), doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import highspy
import numpy as np

from navplan.locate.array_types import Floats
from navplan.locate.program import Program, rows_of
from navplan.locate.watch import PROVED_GAP, Gap, Watch

__all__ = ["TOLERANCE", "Answer", "Outcome", "Program", "rows_of", "solve_program"]


Outcome: TypeAlias = Literal["proved", "infeasible", "time limit", "interrupted"]
"""Why HiGHS stopped; ``infeasible`` is a proof too."""

TOLERANCE: Final = 1e-6
"""How far a row may be broken, as a share of its largest term and at least of 1."""

# HiGHS drops branches within 1e-6 of the best value: the value is scaled to about this much, so
# that 1e-6 is far below PROVED_GAP of it.
_SCALED: Final = 1e5
_LARGEST_COST: Final = 1e10
_POLL_S: Final = 0.1
_TELL_S: Final = 0.5


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS found.

    Parameters
    ----------
    columns : array (columns) or None
        The best solution, whole numbers rounded; None where there is none.
    value : float
        Value of `columns`, summed anew; inf where there is none.
    bound : float
        Nothing can be better than this; never above `value`; where the program is infeasible,
        inf, or the `at_most` given to `solve_program`.
    status : {"proved", "infeasible", "time limit", "interrupted"}
        Why it stopped. With `enough` given to `solve_program`, ``proved`` says that the question
        is answered: a solution is at most `enough`.
    nodes : int
        Parts of the search tree looked at.
    row_duals : array (rows) or None
        Value of one more unit in each row, of a program without whole-number columns.
    """

    columns: Floats | None
    value: float
    bound: float
    status: Outcome
    nodes: int = 0
    row_duals: Floats | None = None


def solve_program(
    program: Program,
    watch: Watch,
    *,
    step: str = "program",
    start: Floats | None = None,
    at_most: float = float("inf"),
    enough: float | None = None,
    size: float | None = None,
) -> Answer:
    """Solve a program to proof, or as far as the watch allows.

    Runs on one thread with the watch's seed: the same program gives the same answer. A
    ``KeyboardInterrupt`` ends the search and gives the best so far; a second one goes through.

    Parameters
    ----------
    program : Program
        What is solved.
    watch : Watch
        Its limit, who is told, and the seed.
    step : str
        What `Gap.step` says.
    start : array (columns), optional
        A solution to begin with.
    at_most : float
        Solutions above are of no use: ``infeasible`` then says that none is at most this.
    enough : float, optional
        Stop at the first solution of at most this value.
    size : float, optional
        About how large the value is; it is found out where left out.

    Returns
    -------
    Answer
        ``proved`` means within `PROVED_GAP` of the value.

    Raises
    ------
    RuntimeError
        If HiGHS fails, or its solution breaks a row by more than `TOLERANCE`.
    """
    if watch.over:
        return Answer(None, float("inf"), _trivial_bound(program), "time limit")
    if not program.rows.shape[1]:
        return _without_columns(program)
    factor = _factor(program, size)
    answer = _solve(program, watch, step, start, at_most, enough, factor)
    if size is not None or enough is not None or answer.status != "proved":
        return answer
    # Where the value is much smaller than thought, the bound is not as sharp as it must be.
    sharper = _factor(program, abs(answer.value))
    if not program.integer.any() or factor * abs(answer.value) >= TOLERANCE / PROVED_GAP:
        return answer
    if sharper <= factor:
        return answer
    return _solve(program, watch, step, answer.columns, at_most, enough, sharper)


def _whole_costs(program: Program) -> bool:
    """Tell whether every value is a whole number, which HiGHS sees and proves exactly."""
    costly = program.cost != 0
    return bool(
        program.integer[costly].all()
        and (program.cost == np.rint(program.cost)).all()
        and program.offset == np.rint(program.offset)
        and np.abs(program.cost).max(initial=0.0) < _SCALED
    )


def _factor(program: Program, size: float | None) -> float:
    """Give what costs are multiplied by."""
    largest = float(np.abs(program.cost).max(initial=0.0))
    if _whole_costs(program) or largest == 0:
        return 1.0
    # Sums of costs are no more exact than a float of the largest: nothing is won beyond that.
    size = largest if size is None else max(size, largest * _SCALED / _LARGEST_COST)
    # A power of two changes no digit of the costs.
    return float(2.0 ** np.floor(np.log2(_SCALED / size)))


def _trivial_bound(program: Program) -> float:
    used = program.cost != 0
    cheap = np.where(program.cost > 0, program.lower, program.upper)
    return program.offset + float((program.cost[used] * cheap[used]).sum())


def _without_columns(program: Program) -> Answer:
    """HiGHS calls a program without columns empty and does not look at its rows."""
    if (program.row_lower > 0).any() or (program.row_upper < 0).any():
        return Answer(None, float("inf"), float("inf"), "infeasible")
    return Answer(np.empty(0), program.offset, program.offset, "proved")


class _Run:
    """One run of HiGHS in a thread of its own, so that an interrupt reaches this one."""

    def __init__(self, solver: highspy.Highs) -> None:
        self.solver = solver
        self.best = (float("inf"), -float("inf"), 0)
        self.stopping = False
        self.done = threading.Event()
        self.fault: BaseException | None = None
        kinds = highspy.cb.HighsCallbackType
        solver.setCallback(self._hear, None)
        for kind in (
            kinds.kCallbackMipInterrupt,
            kinds.kCallbackSimplexInterrupt,
            kinds.kCallbackIpmInterrupt,
        ):
            solver.startCallback(kind)

    def _hear(self, kind: Any, _message: str, out: Any, back: Any, _data: Any) -> None:
        if kind == highspy.cb.HighsCallbackType.kCallbackMipInterrupt:
            self.best = (out.mip_primal_bound, out.mip_dual_bound, out.mip_node_count)
        if self.stopping:
            back.user_interrupt = True

    def _work(self) -> None:
        try:
            self.solver.run()
        except BaseException as fault:  # noqa: BLE001  (raised again in the caller's thread)
            self.fault = fault
        finally:
            self.done.set()

    def join(self, watch: Watch, step: str, factor: float) -> None:
        """Run to the end; True where it was interrupted."""
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        try:
            told = watch.seconds
            while not self.done.wait(_POLL_S):
                if watch.seconds - told >= _TELL_S:
                    told = watch.seconds
                    value, bound, nodes = self.best
                    watch.tell(Gap(step, value / factor, bound / factor, told, nodes))
        except KeyboardInterrupt:
            self.stopping = True
            self.done.wait()
        except BaseException:
            self.stopping = True
            raise
        thread.join()
        if self.fault is not None:
            raise self.fault


def _solver(program: Program, factor: float) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    lp = highspy.HighsLp()
    count, columns = program.rows.shape
    lp.num_col_, lp.num_row_ = columns, count
    lp.col_cost_ = program.cost * factor
    lp.offset_ = program.offset * factor
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.rows.indptr
    lp.a_matrix_.index_ = program.rows.indices
    lp.a_matrix_.value_ = program.rows.data
    if program.integer.any():
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole if i else real for i in program.integer.tolist()]
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS refuses the program")
    return solver


def _solve(
    program: Program,
    watch: Watch,
    step: str,
    start: Floats | None,
    at_most: float,
    enough: float | None,
    factor: float,
) -> Answer:
    solver = _solver(program, factor)
    options: dict[str, float | int | str] = {
        "threads": 1,
        "random_seed": watch.seed % 2**31,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.0,
    }
    if np.isfinite(watch.limit_s):
        options["time_limit"] = max(watch.left_s, 1e-3)
    # So much more that a value of exactly the limit is kept. What ends the search has to be well
    # inside, or rounding could end it at a value that is then not taken.
    for name, limit, more in (("objective_bound", at_most, 1), ("objective_target", enough, 1 / 2)):
        if limit is not None and np.isfinite(limit):
            kept = limit + more * PROVED_GAP * abs(limit)
            options[name] = np.floor(kept) + 1 / 2 if _whole_costs(program) else kept * factor
    for name, option in options.items():
        if solver.setOptionValue(name, option) == highspy.HighsStatus.kError:
            raise RuntimeError(f"HiGHS refuses the option {name} = {option}")
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)
    run = _Run(solver)
    run.join(watch, step, factor)
    answer = _answer(program, solver, run, factor)
    if answer.value <= at_most + PROVED_GAP * abs(at_most):
        return answer
    # HiGHS looks at the ceiling only in its search, not where presolve finds the best at once.
    refuted = answer.status in {"proved", "infeasible"}
    status: Outcome = "infeasible" if refuted else answer.status
    bound = at_most if refuted and np.isfinite(at_most) else answer.bound
    return Answer(None, float("inf"), bound, status, answer.nodes)


def _answer(program: Program, solver: highspy.Highs, run: _Run, factor: float) -> Answer:
    info = solver.getInfo()
    status = _outcome(solver, run)
    nodes = max(0, int(info.mip_node_count))
    if status == "infeasible":
        return Answer(None, float("inf"), float("inf"), status, nodes)
    mixed = bool(program.integer.any())
    columns = None
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        columns = np.array(solver.getSolution().col_value)
        columns[program.integer] = np.rint(columns[program.integer])
        np.clip(columns, program.lower, program.upper, out=columns)
        _check_solution(program, columns)
    value = float("inf") if columns is None else program.offset + float(program.cost @ columns)
    bound = _trivial_bound(program)
    model = highspy.HighsModelStatus
    if mixed and np.isfinite(info.mip_dual_bound):
        bound = max(bound, info.mip_dual_bound / factor)
    elif solver.getModelStatus() == model.kOptimal:
        bound = value
    duals = None
    if not mixed and status == "proved":
        duals = np.array(solver.getSolution().row_dual) / factor
    return Answer(columns, value, min(bound, value), status, nodes, duals)


def _outcome(solver: highspy.Highs, run: _Run) -> Outcome:
    model = highspy.HighsModelStatus
    outcomes: dict[highspy.HighsModelStatus, Outcome] = {
        model.kOptimal: "proved",
        model.kObjectiveTarget: "proved",
        model.kInfeasible: "infeasible",
        model.kObjectiveBound: "infeasible",
        # No program falls without end: its columns with a cost are bounded.
        model.kUnboundedOrInfeasible: "infeasible",
        model.kTimeLimit: "time limit",
        model.kInterrupt: "interrupted",
    }
    found = solver.getModelStatus()
    if found not in outcomes:
        raise RuntimeError(f"HiGHS stopped with: {solver.modelStatusToString(found)}")
    outcome = outcomes[found]
    return "interrupted" if run.stopping and outcome == "time limit" else outcome


def _check_solution(program: Program, columns: Floats) -> None:
    terms = program.rows.copy()
    terms.data = np.abs(terms.data * columns[terms.indices])
    largest = np.ones(len(program.row_lower))
    filled = np.diff(terms.indptr) > 0
    if filled.any():
        largest[filled] = np.maximum(
            1.0, np.maximum.reduceat(terms.data, terms.indptr[:-1][filled])
        )
    sums = program.rows @ columns
    broken = np.maximum(program.row_lower - sums, sums - program.row_upper) / largest
    if broken.max(initial=0.0) > TOLERANCE:
        raise RuntimeError(f"the solution of HiGHS breaks a row by {broken.max():g} of its size")
