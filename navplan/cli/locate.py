"""The verb that asks where offices should lie, with all that is told beside the best."""

from __future__ import annotations

import json
import sys
from typing import Any, Literal, Self

import click
import pandas as pd

from navplan.cli.common import (
    EXIT_INTERRUPTED,
    json_option,
    outlook_option,
    percent,
    planner_errors,
    profile_option,
)
from navplan.locate import AIMS, OBJECTIVES, Aim, Gap, Solution
from navplan.study import open_study

_UNITS = {"min": "minutes", "persons": "persons", "offices": "offices"}


@click.command()
@click.argument("study")
@click.option("--question", help="A question of the study; otherwise one is made of the options.")
@click.option("--offices", type=click.IntRange(min=1), help="How many offices.")
@click.option("--areas", type=click.Choice(["whole", "split"]), default="whole", show_default=True)
@click.option("--sites", type=click.Choice(["all", "existing"]), default="all", show_default=True)
@click.option("--minimise", type=click.Choice(AIMS), default="mean_minutes", show_default=True)
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
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Longest a search may take; 60 unless told.",
)
@profile_option
@outlook_option
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True)
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
    time_limit_s: float | None,
    profile: str | None,
    outlook: str | None,
    top: int,
    progress: bool,
    *,
    as_json: bool,
) -> None:
    """Find the best office structure of STUDY, with its proof, and show the runners-up.

    Ctrl-C ends a search with the best so far: it is shown with its gap, and the exit code is 130.
    """
    opened = open_study(study)
    asked = opened.asked(
        question=question, offices=offices, areas=areas, sites=sites, keep=keep, close=close,
        limit_min=limit_min, time_limit_s=time_limit_s,
    )  # fmt: skip
    where: dict[str, Any] = {"profile": profile, "outlook": outlook}
    with _Line(shown=progress or sys.stderr.isatty()) as line:
        solution = opened.locate(question=asked, minimise=minimise, progress=line.tell, **where)
    near = None if within is None else opened.near_best(asked, within=within / 100, **where)
    told = {
        "near_best": None if near is None else near.head(top),
        "prices": opened.prices(asked, demands=price, **where).table if price else None,
        "front": opened.front(asked, **where).table if front else None,
        "regret": opened.regret(asked, profile=profile).table if regret else None,
    }
    shown = {name: table for name, table in told.items() if table is not None}
    found = {} if near is None else {"count": near.count, "complete": near.complete}
    if as_json:
        _answer_json(solution, shown, top, near_best=found)
    else:
        _answer(solution, shown, top)
        if near is not None:
            whole = "" if near.complete else f" were found before the {near.status}"
            click.echo(f"\n{near.count:,} structures within {within:g} % of the best{whole}.")
    if solution.status == "interrupted":
        sys.exit(EXIT_INTERRUPTED)


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
        if not self.shown or gap.seconds < self.last_s + 0.2:
            return
        self.said, self.last_s = True, gap.seconds
        open_ = f"gap {100 * gap.share:.3f} %" if gap.share < float("inf") else "no gap yet"
        text = f"{gap.step}: {open_}, {gap.nodes:,} nodes, {gap.seconds:.1f} s"
        click.echo(f"\r{text:<70}", nl=False, err=True)


def _answer_json(
    solution: Solution, told: dict[str, pd.DataFrame], top: int, *, near_best: dict[str, Any]
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
    answer |= {f"near_best_{name}": value for name, value in near_best.items()}
    click.echo(json.dumps(answer, ensure_ascii=False))


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
        click.echo(f"{solution.ranking.count:,} structures ranked; {solution.reason}.")
    else:
        unit = _UNITS.get(solution.unit, solution.unit)
        click.echo(
            f"{solution.objective}: {solution.value:,.3f} {unit}, "
            f"without a time {percent(solution.share_without_time)}\n"
            f"     {', '.join(_places(solution))}\n"
            f"{solution.status}: no structure is better than {solution.bound:,.3f} {unit} "
            f"(gap {solution.gap:,.3f}; {solution.reason}; {solution.seconds:.1f} s)"
        )
    for name, table in told.items():
        click.echo(f"\n{name.replace('_', ' ')}\n{table.to_string(index=False)}")


def _places(solution: Solution) -> list[str]:
    scenario = solution.scenario
    whole = sorted(f"{area}={office}" for area, office in scenario.allocation.items())
    served = set(scenario.allocation.values())
    return whole if served <= set(scenario.offices) else sorted(scenario.offices)
