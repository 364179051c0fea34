"""One self-contained HTML page: no script, nothing fetched, readable on paper and by ear."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from navplan.errors import Fault, raise_faults
from navplan.report.answer import answer, side_by_side
from navplan.report.background import method, nearest, population, sources
from navplan.report.fronts import fronts
from navplan.report.futures import futures
from navplan.report.groups import by_group, losers
from navplan.report.maps import maps
from navplan.report.model import Figure, Report
from navplan.report.prices import prices
from navplan.report.ranks import ranking
from navplan.report.view import View
from navplan.report.words import read_words
from navplan.results import Results
from navplan.units import LANGUAGES, Language

FILE_NAMES: Final[dict[Language, str]] = {
    "nb": "rapport.html",
    "nn": "rapport-nn.html",
    "en": "report-en.html",
}
_FRAME: Final = ("skip", "contents", "footer")


def build_report(view: View) -> Report:
    """Put the chapters together, the answer first.

    Parameters
    ----------
    view : View
        The run in one language.

    Returns
    -------
    Report
    """
    w, run = view.words, view.run
    chapters = (
        *(answer, side_by_side, maps, by_group, losers, ranking, prices, fronts, futures),
        *(nearest, population, method, sources),
    )
    subtitle = w("page.subtitle", date=w.date(str(run.get("created", ""))))
    return Report(
        language=w.language,
        title=w.title(run["title"]) or str(run["study"]),
        subtitle=subtitle,
        sections=tuple(found for chapter in chapters if (found := chapter(view))),
        texts={key: w(f"page.{key}") for key in _FRAME},
    )


def _image(figure: Figure) -> str:
    held = base64.b64encode(figure.svg.encode("utf-8")).decode("ascii")
    return f"data:image/svg+xml;base64,{held}"


def render_html(report: Report) -> str:
    """Write the report as one HTML page.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        A page that names no other host and needs no script.
    """
    folder = files("navplan.report") / "templates"
    template = (folder / "report.html.j2").read_text("utf-8")
    style = (folder / "report.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    rules = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["image"] = _image
    environment.filters["kind"] = lambda block: type(block).__name__
    page = environment.from_string(template)
    ours = Markup(style)  # noqa: S704 - the style sheet of this package, nothing of a study
    return page.render(report=report, style=ours, rules=rules)


def write_report(results_folder: Path, out: Path, *, language: Language | None = None) -> Path:
    """Write the report of a run from what `navplan run` wrote; nothing is computed anew.

    Parameters
    ----------
    results_folder : Path
        The tables and `run.json` of the run.
    out : Path
        The folder the page is written to; made if it is not there.
    language : {"nb", "nn", "en"}, optional
        Bokmål, nynorsk or English; without it the language of the study, else bokmål.

    Returns
    -------
    Path
        ``rapport.html`` (nb), ``rapport-nn.html`` or ``report-en.html``.

    Raises
    ------
    InputError
        If the folder lacks a table or key, names something that is not there, or the language
        is not known.
    """
    results = Results.read(Path(results_folder))
    chosen = language or (results.run.get("report") or {}).get("language") or "nb"
    if chosen not in LANGUAGES:
        given = f"{chosen!r}; expected {', '.join(LANGUAGES)}."
        raise_faults([Fault("report", "language", given, "Choose one of them.")])
    html = render_html(build_report(View(results, read_words(chosen))))
    out.mkdir(parents=True, exist_ok=True)
    path = out / FILE_NAMES[chosen]
    path.write_text(html, encoding="utf-8", newline="\n")
    return path
