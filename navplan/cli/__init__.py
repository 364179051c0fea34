"""The command line: every verb ends in files or in a table, and says where."""

from __future__ import annotations

import datetime as dt
import json
import warnings
from pathlib import Path

import click
import pandas as pd

from navplan.cli.common import (
    json_option,
    out_option,
    outlook_option,
    percent,
    planner_errors,
    profile_option,
    show,
    tell,
)
from navplan.cli.fetch import fetch
from navplan.cli.locate import locate
from navplan.errors import NavplanWarning
from navplan.network import feed_report
from navplan.report import write_report
from navplan.results import check_folder
from navplan.results.layers import write_layer
from navplan.study import (
    ADDRESSES,
    find_study,
    list_studies,
    new_study,
    open_study,
    read_title,
)
from navplan.units import LANGUAGES, Language


def _results_folder(study: str, out: Path | None) -> Path:
    return out if out is not None else Path("out") / find_study(study).resolve().name


def _told_out(out: Path | None) -> str:
    return "" if out is None else f" --out {out}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="navplan")
def main() -> None:
    """Decide where NAV offices should lie: travel times, location, comparison, report."""


@main.command()
@json_option
@planner_errors
def studies(*, as_json: bool) -> None:
    """List the studies that can be opened by name."""
    rows = [
        {"name": name, "title": read_title(folder), "folder": str(folder)}
        for name, folder in list_studies().items()
    ]
    show(pd.DataFrame(rows, columns=["name", "title", "folder"]), as_json=as_json)


@main.command()
@click.argument("study")
@json_option
@planner_errors
def check(study: str, *, as_json: bool) -> None:
    """Report every fault of STUDY and its inputs at once."""
    checked = open_study(study)
    if as_json:
        click.echo(json.dumps({"study": checked.name, "faults": [], "notices": checked.notices}))
        return
    for notice in checked.notices:
        click.echo(f"Note: {notice}")
    click.echo(f"{checked!r}\nNo faults.\nNext: navplan run {study}")


@main.command()
@click.argument("study")
@out_option
@click.option("--scenario", "names", multiple=True, help="Only these scenarios (and the base).")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting, for example profile.transit.percentile=75.",
)
@json_option
@planner_errors
def run(
    study: str,
    out: Path | None,
    names: tuple[str, ...],
    settings: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Compute STUDY and write tables, GeoPackage and run.json."""
    folder = _results_folder(study, out)
    opened = open_study(study, settings=settings)
    check_folder(folder)  # before anything is computed
    results = opened.run(scenarios=names or None, progress=tell)
    results.write(folder)
    if as_json:
        click.echo(json.dumps({"study": opened.name, "folder": str(folder)}))
    else:
        click.echo(f"Results: {folder}\nNext: navplan report {study}{_told_out(out)}")


@main.command()
@click.argument("study")
@out_option
@click.option("--language", type=click.Choice(LANGUAGES), help="The study's own unless told.")
@json_option
@planner_errors
def report(study: str, out: Path | None, language: Language | None, *, as_json: bool) -> None:
    """Write the report from what `run` wrote."""
    folder = _results_folder(study, out)
    path = write_report(folder, folder, language=language)
    click.echo(json.dumps({"report": str(path)}) if as_json else f"Report: {path}")


@main.command()
@click.argument("study")
@click.option("--scenario", "names", multiple=True, help="Which scenarios; all unless told.")
@profile_option
@outlook_option
@click.option(
    "--measure", default="mean_minutes", show_default=True, help="As comparison.csv names it."
)
@click.option("--by", type=click.Choice(["all", "area", "age"]), default="area", show_default=True)
@json_option
@planner_errors
def compare(
    study: str,
    names: tuple[str, ...],
    profile: str | None,
    outlook: str | None,
    measure: str,
    by: str,
    *,
    as_json: bool,
) -> None:
    """Set the scenarios of STUDY side by side for one measure."""
    opened = open_study(study)
    profile, outlook = profile or opened.headline_profile, outlook or opened.headline_outlook
    result = opened.compare(
        *(names or opened.scenario_names), profiles=[profile], outlooks=[outlook]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NavplanWarning)  # the shares stand in the table
        values = result.table(measure, by=by)
    if as_json:
        show(values.reset_index(), as_json=True)
        return
    shares = result.table(measure, by=by, of="share_without_time")
    click.echo(f"{values.columns.name}, {profile}, {outlook}")
    shown = values.map(lambda value: "no time" if pd.isna(value) else f"{value:,.1f}")
    without = shares.map(lambda share: f" ({percent(share)} without)" if 0 < share < 1 else "")
    # Scenarios go down: their names are long, and groups are few.
    click.echo((shown + without).T.rename_axis(None).rename_axis(None, axis=1).to_string())


@main.command()
@click.argument("feed", type=click.Path(path_type=Path))
@click.option(
    "--date",
    required=True,
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The service day, for example 2025-10-14.",
)
@click.option("--crs", default="EPSG:25833", show_default=True, help="System the stops go to.")
@planner_errors
def feed(feed: Path, date: dt.datetime, crs: str) -> None:
    """Tell what the GTFS FEED holds on a day, and what had to be repaired or left out."""
    click.echo(feed_report(feed, date.date(), crs=crs))


@main.command()
@click.argument("study")
@click.argument("zone")
@click.argument("site")
@click.option("--at", default="12:00", show_default=True, help="Wished arrival (or departure).")
@profile_option
@json_option
@planner_errors
def trip(study: str, zone: str, site: str, at: str, profile: str | None, *, as_json: bool) -> None:
    """Show one trip of STUDY from ZONE to SITE leg by leg, to check the minutes by hand."""
    found = open_study(study).itinerary(zone, site, at=at, profile=profile)
    if as_json:
        show(pd.DataFrame(found.legs.drop(columns="geometry")), as_json=True)
    else:
        click.echo(str(found))


@main.command()
@click.argument("study")
@click.option("--stay", "stay_min", type=float, default=30.0, show_default=True, help="Minutes.")
@profile_option
@json_option
@planner_errors
def visits(study: str, stay_min: float, profile: str | None, *, as_json: bool) -> None:
    """Ask from where each office of STUDY can be visited: open when one comes, home the same day.

    Shows for each site how many zones a visit is possible from, and why not from the others.
    """
    found = open_study(study).visits(stay_min=stay_min, profile=profile)
    table = found.table.reset_index()
    if as_json:
        show(table, as_json=True)
        return
    counts = table.groupby(["site", "reason"], sort=False).size().unstack(fill_value=0)
    away = table.groupby("site", sort=False)["minutes_away"].median().round()
    shown = counts.assign(**{"median minutes away": away})
    click.echo(f"{found!r}\n{shown.rename_axis(None).rename_axis(None, axis=1).to_string()}")


@main.command()
@click.argument("study")
@click.argument("sites", nargs=-1, required=True)
@click.option(
    "--limit",
    "limits",
    type=float,
    multiple=True,
    default=(15, 30, 45, 60),
    show_default=True,
    help="Minutes; may be given several times.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A GeoPackage to write."
)
@profile_option
@json_option
@planner_errors
def isochrones(
    study: str,
    sites: tuple[str, ...],
    limits: tuple[float, ...],
    out: Path | None,
    profile: str | None,
    *,
    as_json: bool,
) -> None:
    """Draw the land from which one gets to any of SITES within each limit, and count its people."""
    found = open_study(study).isochrones(*sites, limits_min=limits, profile=profile)
    if out is not None:
        write_layer(found, out, name="isochrones")
    show(pd.DataFrame(found.drop(columns="geometry")), as_json=as_json)


@main.command()
@click.argument("name")
@click.option(
    "--kommune",
    "kommuner",
    multiple=True,
    metavar="NUMBER",
    help="Have the tables fetched for this kommune (four digits); may be given several times.",
)
@click.option("--fylke", metavar="NUMBER", help="The same for every kommune of a fylke.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to make it; the working folder unless told.",
)
@json_option
@planner_errors
def new(
    name: str, kommuner: tuple[str, ...], fylke: str | None, folder: Path, *, as_json: bool
) -> None:
    """Make a folder NAME with a commented study file, and tables to fill in or to have fetched."""
    path = new_study(name, folder=folder, kommuner=kommuner, fylke=fylke)
    if as_json:
        click.echo(json.dumps({"study": name, "folder": str(path)}))
    elif kommuner or fylke:
        click.echo(
            f"New study: {path}\nPut the offices' addresses into {path / ADDRESSES} if you have "
            f"them, then: navplan fetch {path}"
        )
    else:
        click.echo(
            f"New study: {path}\nFill in the tables (COLUMNS.md says what they hold), name today's "
            f"offices in study.toml under [[scenario]], then: navplan check {path}"
        )


main.add_command(fetch)
main.add_command(locate)
