"""`navplan fetch`: the only verb that touches the network."""

from __future__ import annotations

import json

import click

from navplan.cli.common import json_option, planner_errors, tell
from navplan.errors import Fault, raise_faults
from navplan.sources.ledger import pins_of
from navplan.sources.web import Web, cache_folder, mirrored
from navplan.study import fetch_study, find_study
from navplan.study.fetching.parts import PARTS
from navplan.study.fetching.record import read_ledger


@click.command()
@click.argument("study")
@click.option("--offline", is_flag=True, help="Only what is in the cache; ask nobody.")
@click.option("--mirror", metavar="ADDRESS", help="Ask ADDRESS/SERVICE instead of each service.")
@click.option("--update", is_flag=True, help="Take today's answers instead of those of last time.")
@click.option(
    "--only",
    "only",
    multiple=True,
    type=click.Choice(PARTS),
    help="Only this part; may be given several times.",
)
@json_option
@planner_errors
def fetch(
    study: str,
    only: tuple[str, ...],
    mirror: str | None,
    *,
    offline: bool,
    update: bool,
    as_json: bool,
) -> None:
    """Fetch what STUDY's [fetch] section names, from places and people to timetable and offices.

    What was fetched before is kept and gives the same answer next year; sources.csv says where
    everything comes from. Files of your own are never touched.
    """
    if offline and update:
        problem = "and --update exclude each other: today's answers are not in the cache."
        raise_faults([Fault("fetch", "--offline", problem, "Leave one of them out.")])
    folder = find_study(study)
    with Web(
        cache_folder(),
        offline=offline,
        mirrors=None if mirror is None else mirrored(mirror),
        pins=pins_of(read_ledger(folder)),
        update=update,
        tell=tell,
    ) as web:
        done = fetch_study(folder, web, only=only, update=update, tell=tell)
    if as_json:
        click.echo(
            json.dumps({"study": folder.resolve().name, "folder": str(folder), **vars(done)})
        )
        return
    for notice in done.notices:
        click.echo(f"Note: {notice}")
    for name in done.kept:
        click.echo(f"Left alone, not written by a fetch: {name}. Move it away to have it fetched.")
    click.echo(f"Written: {', '.join(done.written) or 'nothing new'}")
    if done.unchanged:
        click.echo(f"As fetched before: {', '.join(done.unchanged)}")
    click.echo(f"Next: navplan check {folder}")
