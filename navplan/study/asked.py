"""What a study is asked: its questions and those of one's own, each with its ranking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import index
from typing import Any, Literal

from navplan.compare import base_kappa
from navplan.errors import Fault, InfeasibleError, InputError, raise_faults
from navplan.locate import (
    Ranking,
    TooManyError,
    rank_area_structures,
    rank_site_choices,
)
from navplan.nouns import Profile, TravelTimes
from navplan.study.opened import OpenedStudy, find_name
from navplan.study.questions import question_faults, sites_of
from navplan.study.schema import Question, Words


@dataclass(frozen=True, repr=False, eq=False)
class AskedStudy(OpenedStudy):
    """An opened study with its questions; `LocatingStudy` answers them."""

    _rankings: dict[tuple[Any, ...], Ranking | TooManyError] = field(
        init=False, default_factory=dict
    )

    def kappa(self, profile: str | Profile | None = None, outlook: str | None = None) -> float:
        """Give Kolm–Pollak's κ, fixed by the base scenario, see `measures.kolm_pollak_kappa`.

        Parameters
        ----------
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        float
            Aversion to inequality [1/min].
        """
        base, population = self.inputs.scenarios[self.file.base], self.population(outlook)
        return base_kappa(base, population, self.travel_times(profile), self.zones)

    def question(self, name: str | Question) -> Question:
        """Give a question.

        Parameters
        ----------
        name : str or Question
            As in the study file, or one made for the purpose, which is given back.

        Returns
        -------
        Question
            Frozen; change one with ``question.model_copy(update={…})``.

        Raises
        ------
        InputError
            If there is none of the name.
        """
        if isinstance(name, Question):
            return name
        known = {q.name: q for q in self.file.question}
        return known[find_name(name, known, "question", self.name)]

    def ranking(
        self,
        question: str | Question,
        *,
        profile: str | Profile | None = None,
        outlook: str | None = None,
    ) -> Ranking:
        """Rank every structure of a question.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        Ranking
            Complete.

        Raises
        ------
        InputError
            If there is no such question, or it has more structures than can be enumerated; then
            ask `locate`.
        InfeasibleError
            If no structure satisfies it.
        """
        question = self.question(question)
        times = self.travel_times(profile)
        outlook = outlook or self.headline_outlook
        sites = sites_of(question, self.offices)
        rules = (question.kind, question.offices, question.contiguous, question.inside)
        key = (rules, sites, times.profile, outlook)
        with naming(question):
            if key not in self._rankings:
                self._rankings[key] = self._ranked(question, sites, times, outlook)
            found = self._rankings[key]
            if isinstance(found, TooManyError):
                raise TooManyError(found.faults)
            for site in question.keep:
                found = found.keeping(site)
            return found if question.limit_min is None else found.within(question.limit_min)

    def _ranked(
        self, question: Question, sites: tuple[str, ...], times: TravelTimes, outlook: str
    ) -> Ranking | TooManyError:
        """Rank, or give the fault that says there are too many structures for it."""
        people, kappa = self.population(outlook).people, self.kappa(times.profile, outlook)
        try:
            if question.kind == "areas":
                return rank_area_structures(
                    times, people, zones=self.zones, offices=self.offices,
                    neighbours=self.inputs.neighbours, count=question.offices, sites=sites,
                    contiguous=question.contiguous, inside=question.inside, kappa=kappa,
                )  # fmt: skip
            return rank_site_choices(
                times, people, zones=self.zones, sites=sites, count=question.offices, kappa=kappa
            )
        except TooManyError as error:
            return error

    def can_rank(
        self,
        question: str | Question,
        *,
        profile: str | Profile | None = None,
        outlook: str | None = None,
    ) -> bool:
        """Tell whether a question has so few structures that all are ranked.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        bool
            Where it is not so, `locate` asks the solver.

        Raises
        ------
        InfeasibleError
            If no structure satisfies it.
        """
        try:
            self.ranking(question, profile=profile, outlook=outlook)
        except TooManyError:
            return False
        return True

    def most_offices(
        self, sites: str | Sequence[str] = "all", close: str | Sequence[str] = ()
    ) -> int:
        """Count the sites that may be open: as many offices as there can be.

        Parameters
        ----------
        sites : {"all", "existing"} or sequence of str
            Where offices may lie.
        close : sequence of str
            Sites that must not be open.

        Returns
        -------
        int
            At least 1, so that what is wrong with the sites themselves is told.
        """
        known = {"all": tuple(self.offices.table.index), "existing": self.offices.existing}
        named = known[sites] if isinstance(sites, str) and sites in known else names_of(sites)
        return max(len(set(named) - set(names_of(close))), 1)

    def asked(
        self,
        *,
        question: str | Question | None = None,
        offices: int | None = None,
        areas: Literal["whole", "split"] = "whole",
        contiguous: bool = True,
        sites: Literal["all", "existing"] | Sequence[str] = "all",
        keep: Sequence[str] = (),
        close: Sequence[str] = (),
        limit_min: float | None = None,
        time_limit_s: float | None = None,
    ) -> Question:
        """Make a question of one's own, or narrow one of the study file.

        Parameters
        ----------
        question : str or Question, optional
            What is narrowed; then number, areas and sites are its own.
        offices : int, optional
            How many; needed unless a question is named.
        areas : {"whole", "split"}
            Whether whole areas share an office, or everyone goes to the nearest.
        contiguous : bool
            Whether areas that share an office must border on each other.
        sites : {"all", "existing"} or sequence of str
            Where offices may lie.
        keep, close : sequence of str
            Sites that must be open, and sites that must not, beside those of the question.
        limit_min : float, optional
            Nobody may have longer than this [min].
        time_limit_s : float, optional
            Longest a search may take [s].

        Returns
        -------
        Question
            Checked; give it to `locate`, `ranking`, `prices` and the others.

        Raises
        ------
        InputError
            If neither a whole number of offices nor a question is given, a question asks for
            another number, or a name is not known.
        """
        if areas not in ("whole", "split"):
            given = f"{areas!r}; expected 'whole' or 'split'."
            raise InputError([Fault("locate", "areas", given)])
        if question is not None:
            start = self.question(question)
            if offices not in (None, start.offices):
                given = f"{offices}, but question {start.name} asks for {start.offices}."
                remedy = "Leave one of them out."
                raise InputError([Fault("locate", "offices", given, remedy)])
        elif offices is None:
            remedy = "Give offices=5, or question= with a name of the study file."
            raise InputError([Fault("locate", "offices", "is not given.", remedy)])
        else:
            try:
                offices = index(offices)
            except TypeError:
                given = f"{offices!r}; expected a whole number."
                raise InputError([Fault("locate", "offices", given)]) from None
            if offices < 1:
                given = f"{offices}; expected at least 1."
                raise InputError([Fault("locate", "offices", given)])
            start = Question(
                name="own",
                title=Words(nb="Egen sak", nn="Eiga sak", en="Own question"),
                kind="areas" if areas == "whole" else "sites",
                offices=offices,
                contiguous=contiguous,
                sites=sites if sites in ("all", "existing") else names_of(sites),
            )
        changes: dict[str, Any] = {
            "keep": tuple(dict.fromkeys((*start.keep, *names_of(keep)))),
            "close": tuple(dict.fromkeys((*start.close, *names_of(close)))),
            "limit_min": start.limit_min if limit_min is None else limit_min,
            "time_limit_s": start.time_limit_s if time_limit_s is None else time_limit_s,
        }
        faults = [
            Fault("locate", key, f"{changes[key]:g}; expected more than 0.")
            for key in ("limit_min", "time_limit_s")
            if changes[key] is not None and not changes[key] > 0
        ]
        raise_faults(faults)
        own = start.model_copy(update=changes)
        table = self.offices.table.rename_axis("id").reset_index()
        raise_faults(question_faults(own, table, set(self.zones.areas), f"study {self.name}"))
        return own


@contextmanager
def naming(question: Question) -> Iterator[None]:
    """Let what is said of no structure begin with the question it is said of.

    Parameters
    ----------
    question : Question
        Which is being answered.

    Yields
    ------
    None

    Raises
    ------
    InfeasibleError
        The one raised within, with the question's name before its words.
    """
    try:
        yield
    except InfeasibleError as error:
        raise type(error)(f"question {question.name}: {error}") from error


def names_of(given: str | Sequence[str]) -> tuple[str, ...]:
    """Take a single name for a list of one.

    Parameters
    ----------
    given : str or sequence of str
        One name, or several.

    Returns
    -------
    tuple of str
        Names.
    """
    return (given,) if isinstance(given, str) else tuple(given)
