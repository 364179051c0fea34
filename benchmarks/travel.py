"""Travel times, ours and the peers' on the same work: writes results.json and results.md.

    python -m benchmarks.travel --shared ../shared/data --peers .venv-peers/bin/python

Peers run one after another in an environment of their own, see benchmarks/peers; without it every
peer's row says that it is missing, and ours are measured all the same. ``--only`` takes the works
whose id contains a word and prints without writing; ``--quick`` shows that all runs and measures
nothing worth keeping.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial

from benchmarks.country_works import national_work, what_if_work
from benchmarks.running import Work, opened, parsed, peer_versions, run
from benchmarks.street_works import (
    CITY_NODES,
    PLACES,
    Network,
    million_work,
    node_work,
    place,
    tiles,
    turn_work,
)
from benchmarks.transit_works import four_helsinkis, helsinki, romerike, transit_work
from benchmarks.travel_report import write_report, write_rows
from benchmarks.works import Bench, Outcome

ALL_PEERS = ("scipy", "pyroutingkit", "cafein", "osrm", "valhalla")
FEW_PEERS = ("scipy", "pyroutingkit")


def works() -> dict[str, Work]:
    """All works by id, in the order in which they run.

    Returns
    -------
    dict of str to callable
        Each takes the bench and its own id.
    """
    found: dict[str, Work] = {
        "streets-city-car-2000x2000": partial(_city, peers=ALL_PEERS),
        "streets-city-car-turns-2000x2000": _city_turns,
    }
    for name in PLACES:
        found[f"streets-{name}-car-2000x2000"] = partial(_place, name=name)
    return found | {
        "streets-million-512x100000": million_work,
        "transit-1200x300x60": _helsinki,
        "transit-romerike-1200x300x60": _romerike,
        "transit-four-helsinkis-1200x300x60": _four_helsinkis,
        "national-car": national_work,
        "what-if-bergen": what_if_work,
    }


def _city(bench: Bench, work: str, *, peers: tuple[str, ...]) -> Outcome:
    network, made = tiles(bench, CITY_NODES)
    return node_work(bench, work, network, made, peers=peers)


def _city_turns(bench: Bench, work: str) -> Outcome:
    return turn_work(bench, work, *tiles(bench, CITY_NODES))


def _place(bench: Bench, work: str, *, name: str) -> Outcome:
    network = Network.of(place(bench, name))
    made = f"The real extract {PLACES[name][0]}, its largest part for cars: {network.size}"
    return node_work(bench, work, network, made, peers=FEW_PEERS)


def _helsinki(bench: Bench, work: str) -> Outcome:
    made = "The feed of Helsinki's inner city on a Tuesday, headways written out as trips"
    return transit_work(bench, work, helsinki(bench), made, spacing_m=100.0)


def _romerike(bench: Bench, work: str) -> Outcome:
    made = "The feed of Upper Romerike on a Tuesday"
    return transit_work(bench, work, romerike(bench), made, spacing_m=150.0)


def _four_helsinkis(bench: Bench, work: str) -> Outcome:
    made = (
        "Two by two copies of Helsinki's feed, each sharing two fifths of its width with its"
        " neighbours, where one changes on foot"
    )
    return transit_work(bench, work, four_helsinkis(bench), made, spacing_m=100.0, share=60)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and write what was found."""
    given = parsed(__doc__.splitlines()[0], arguments)
    with opened(given) as bench:
        outcomes = run(works(), bench, given.only)
        versions = peer_versions(bench.scratch)
    if given.only:
        return
    today = dt.datetime.now(tz=dt.UTC).date()
    given.out.mkdir(parents=True, exist_ok=True)
    write_rows(given.out / "results.json", outcomes)
    write_report(given.out / "results.md", outcomes, versions, today.isoformat())
    print(f"Written to {given.out}: results.json, results.md.")


if __name__ == "__main__":
    main()
