"""The verb that asks where offices should lie, with all that is told beside the best."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from typing import Any, Literal, Self, TypeVar

import click
import pandas as pd

from navplan.cli.common import (
    EXIT_INTERRUPTED,
    count,
    json_option,
    outlook_option,
    percent,
    planner_errors,
    profile_option,
)
from navplan.errors import Fault, raise_faults
from navplan.locate import AIMS, OBJECTIVES, Aim, Gap, Solution
from navplan.study import open_study
from navplan.study.solved import allocation_of

_UNITS = {"min": "minutes", "persons": "persons", "offices": "offices"}


@click.command()
@click.argument("study")
@click.option("--question", help="A question of the study; otherwise one is made of the options.")
@click.option("--offices", type=click.IntRange(min=1), help="How many offices.")
@click.option(
    "--areas",
    type=click.Choice(["whole", "split"]),
    default="whole",
    show_default=True,
    help="Whole areas belong to one office each, or everyone uses the nearest.",
)
@click.option(
    "--sites",
    type=click.Choice(["all", "existing"]),
    default="all",
    show_default=True,
    help="All sites of the study, or the offices of today alone.",
)
@click.option(
    "--minimise",
    type=click.Choice(AIMS),
    default="mean_minutes",
    show_default=True,
    help="What is best; docs/location.md says what each means.",
)
@click.option("--keep", multiple=True, metavar="SITE", help="A site that must be open.")
@click.option("--close", multiple=True, metavar="SITE", help="A site that must not be open.")
@click.option(
    "--limit-min",
    type=click.FloatRange(min=0, min_open=True),
    help="Nobody may have longer than this; for people_beyond and offices the limit that counts.",
)
@click.option(
    "--within",
    type=click.FloatRange(min=0),
    metavar="PERCENT",
    help="List every structure so near the best.",
)
@click.option(
    "--price", multiple=True, metavar="SITE|AREA", help="Tell what an office there costs."
)
@click.option("--front", is_flag=True, help="Set the mean against the longest way.")
@click.option("--regret", is_flag=True, help="Find what does least badly whatever the outlook.")
@click.option(
    "--stability", is_flag=True, help="Tell whether the best stays so over outlooks and modes."
)
@click.option(
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Longest a search may take; 60 unless told.",
)
@profile_option
@outlook_option
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Rows shown of the ranking and of near-best structures.",
)
@click.option("--progress", is_flag=True, help="Tell of a search also where no terminal is.")
@json_option
@planner_errors
def locate(
    study: str,
    question: str | None,
    offices: int | None,
    areas: Literal["whole", "split"],
    sites: Literal["all", "existing"],
    minimise: Aim,
    keep: tuple[str, ...],
    close: tuple[str, ...],
    limit_min: float | None,
    within: float | None,
    price: tuple[str, ...],
    front: bool,
    regret: bool,
    stability: bool,
    time_limit_s: float | None,
    profile: str | None,
    outlook: str | None,
    top: int,
    progress: bool,
    *,
    as_json: bool,
) -> None:
    """Find the best office structure of STUDY, with its proof, and show the runners-up.

    With a question of the study, its number of offices, areas and sites hold; --keep, --close and
    the limits narrow it. Near-best structures, prices, regret and stability are told in what is
    minimised if it is the mean, the worst or the equal equivalent.

    Ctrl-C ends a search with the best so far: it is shown with its gap, and the exit code is 130.
    """
    own = [] if question is None else _given("areas", "sites")
    raise_faults(
        Fault("locate", name, "cannot be changed for a question of the study.", "Leave it out.")
        for name in own
    )
    told_in = next((o for o in OBJECTIVES if o == minimise), None)
    if told_in is None and (price or regret or stability or within is not None):
        given = f"{minimise}: --within, --price, --regret and --stability are not told in it."
        raise_faults(
            [Fault("locate", "minimise", given, f"Ask for one of {', '.join(OBJECTIVES)}.")]
        )
    opened = open_study(study)
    if minimise == "offices" and offices is None and question is None:
        offices = opened.most_offices(sites, close)
    asked = opened.asked(
        question=question, offices=offices, areas=areas, sites=sites, keep=keep, close=close,
        limit_min=limit_min, time_limit_s=time_limit_s,
    )  # fmt: skip
    where: dict[str, Any] = {"profile": profile, "outlook": outlook}
    with _Line(shown=progress or sys.stderr.isatty()) as line:
        solution = opened.locate(question=asked, minimise=minimise, progress=line.tell, **where)
        beside = _Beside(stopped=solution.status == "interrupted")
        ways: dict[str, Any] = {"progress": line.tell} | where
        aim: dict[str, Any] = ways | {"minimise": told_in}
        share = 0.0 if within is None else within / 100
        near = beside.ask(
            "near_best", within is not None, lambda: opened.near_best(asked, within=share, **aim)
        )
        prices = beside.ask(
            "prices", bool(price), lambda: opened.prices(asked, demands=price, **aim)
        )
        front_ = beside.ask("front", front, lambda: opened.front(asked, **ways))
        stable = beside.ask("stability", stability, lambda: opened.stability(asked, **aim))
        aim.pop("outlook")
        least = beside.ask("regret", regret, lambda: opened.regret(asked, **aim))
    shown: dict[str, pd.DataFrame] = {}
    if near is not None:
        shares = near.share.rename_axis("site").reset_index(name="share")
        shown["near_best"] = near.head(top)
        shown["site_shares"] = shares[shares["share"] > 0].head(top)
    told = {"prices": prices, "front": front_, "regret": least, "stability": stable}
    shown |= {name: found.table for name, found in told.items() if found is not None}
    if as_json:
        found = {} if near is None else {"count": near.count, "complete": near.complete}
        more = {f"near_best_{name}": value for name, value in found.items()}
        _answer_json(solution, shown, top, more | {"left_out": beside.left_out})
    else:
        _answer(solution, shown, top)
        if near is not None:
            whole = "" if near.complete else f" were found before the {near.status}"
            click.echo(
                f"\n{count(near.count, 'structure')} within {within:g} % of the best{whole}."
            )
        if beside.left_out:
            click.echo(f"\nInterrupted before: {', '.join(beside.left_out)}.")
    if beside.stopped:
        sys.exit(EXIT_INTERRUPTED)


def _given(*names: str) -> list[str]:
    """Options of the command that are not left at their default."""
    context = click.get_current_context()
    default = click.core.ParameterSource.DEFAULT
    return [name for name in names if context.get_parameter_source(name) != default]


_T = TypeVar("_T")


class _Beside:
    """What is told beside the best; whoever interrupts once does not wait for the rest."""

    def __init__(self, *, stopped: bool) -> None:
        self.stopped = stopped
        self.left_out: list[str] = []

    def ask(self, name: str, wanted: bool, question: Callable[[], _T]) -> _T | None:
        """Answer, if it is wanted and nobody has interrupted."""
        if not wanted:
            return None
        if not self.stopped:
            try:
                found = question()
            except KeyboardInterrupt:
                self.stopped = True
            else:
                self.stopped = _interrupted(found)
                return found
        self.left_out.append(name)
        return None


def _interrupted(found: object) -> bool:
    """Whether a search behind an answer was stopped by hand."""
    table = getattr(found, "table", None)
    if isinstance(table, pd.DataFrame):
        return "status" in table and bool((table["status"] == "interrupted").any())
    return getattr(found, "status", None) == "interrupted"


class _Line:
    """A line on standard error with the gap closing; nothing unless it is to be shown."""

    def __init__(self, *, shown: bool) -> None:
        self.shown, self.said, self.last_s = shown, False, -1.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.said:
            click.echo(err=True)

    def tell(self, gap: Gap) -> None:
        """Write how far a search has come, at most some times a second."""
        if gap.seconds < self.last_s:  # another search has begun
            self.last_s = -1.0
        if not self.shown or gap.seconds < self.last_s + 0.2:
            return
        self.said, self.last_s = True, gap.seconds
        open_ = f"gap {100 * gap.share:.3f} %" if gap.share < float("inf") else "no gap yet"
        text = f"{gap.step}: {open_}, {gap.nodes:,} nodes, {gap.seconds:.1f} s"
        click.echo(f"\r{text:<70}", nl=False, err=True)


def _answer_json(
    solution: Solution, told: dict[str, pd.DataFrame], top: int, more: dict[str, Any]
) -> None:
    answer: dict[str, Any] = {
        "objective": solution.objective,
        "value": solution.value,
        "bound": solution.bound,
        "gap": solution.gap,
        "unit": solution.unit,
        "status": solution.status,
        "reason": solution.reason,
        "offices": sorted(solution.scenario.offices),
        "allocation": dict(solution.scenario.allocation),
        "share_without_time": solution.share_without_time,
        "seconds": solution.seconds,
        "seed": solution.seed,
        "count": None,
        "best": [],
    }
    if solution.ranking is not None:
        objective = next(o for o in OBJECTIVES if o == solution.objective)
        answer["count"] = solution.ranking.count
        answer["best"] = _records(solution.ranking.head(top, objective))
    answer |= {name: _records(table) for name, table in told.items()}
    known = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in (answer | more).items()
    }
    click.echo(json.dumps(known, ensure_ascii=False, allow_nan=False))


def _records(table: pd.DataFrame) -> Any:
    return json.loads(table.to_json(orient="records", force_ascii=False))


def _answer(solution: Solution, told: dict[str, pd.DataFrame], top: int) -> None:
    if solution.ranking is not None:
        objective = next(o for o in OBJECTIVES if o == solution.objective)
        for rank, row in enumerate(solution.ranking.head(top, objective).to_dict("records"), 1):
            click.echo(
                f"{rank:>3}  mean {row['mean_minutes']:.1f}  worst {row['worst_minutes']:.1f}  "
                f"equal equivalent {row['ede_minutes']:.1f} min  "
                f"without a time {percent(row['share_without_time'])}\n"
                f"     {(row['allocation'] or row['offices']).replace(';', ', ')}"
            )
        click.echo(f"{count(solution.ranking.count, 'structure')} ranked; {solution.reason}.")
    else:
        unit = _UNITS.get(solution.unit, solution.unit)
        scenario = solution.scenario
        places = allocation_of(scenario) or ";".join(sorted(scenario.offices))
        click.echo(
            f"{solution.objective}: {solution.value:,.3f} {unit}, "
            f"without a time {percent(solution.share_without_time)}\n"
            f"     {places.replace(';', ', ')}\n"
            f"{solution.status}: no structure is better than {solution.bound:,.3f} {unit} "
            f"(gap {solution.gap:,.3f}; {solution.reason}; {solution.seconds:.1f} s)"
        )
    for name, table in told.items():
        text = _text(table) if len(table) else "none found"
        click.echo(f"\n{name.replace('_', ' ')}\n{text}")


def _text(table: pd.DataFrame) -> str:
    """Write a table for a terminal: no columns without a word, minutes to the hundredth."""
    said = (table.notna() & (table != "")).any()
    shown = table.loc[:, said].drop(columns="question", errors="ignore")
    return shown.to_string(index=False, float_format=lambda number: f"{number:,.2f}", na_rep="–")
