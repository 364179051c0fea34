"""A service's pace and its pauses: never more calls in a window than it allows."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import FetchError
from navplan.sources.web import Service
from navplan.sources.web.pacing import Pacer
from navplan.sources.web.retries import MOST_WAIT_S, PassingError, patiently, pause_asked
from tests.services.fixtures import StillClock, WebOf
from tests.services.server import Server, json_reply


def service(calls: int | None, window_s: float = 60.0) -> Service:
    return Service("ssb", "SSB", "https://data.ssb.no", "CC BY 4.0", "SSB", calls, window_s)


@given(
    calls=st.integers(1, 5),
    window_s=st.floats(0.5, 90.0),
    work=st.lists(st.tuples(st.floats(0.0, 40.0), st.floats(0.0, 40.0)), max_size=30),
)
def test_no_window_holds_more_calls_than_allowed(
    calls: int, window_s: float, work: list[tuple[float, float]]
) -> None:
    clock = StillClock()
    pacer = Pacer(clock, lambda _: None)
    began: list[float] = []
    ended: list[float] = []
    for pause, length in work:
        clock.passed += pause
        with pacer.call(service(calls, window_s)):
            began.append(clock.passed)
            clock.passed += length
            ended.append(clock.passed)
    # Whenever within its duration each call reached the service.
    for end, begin in zip(ended, began[calls:], strict=False):
        assert begin - end >= window_s * (1 - 1e-9) - 1e-9


@given(work=st.lists(st.floats(0.0, 100.0), max_size=20))
def test_nobody_waits_who_keeps_the_pace(work: list[float]) -> None:
    clock = StillClock()
    pacer = Pacer(clock, lambda _: None)
    for pause in work:
        clock.passed += 30.0 + pause
        with pacer.call(service(2, 60.0)):
            pass
        with pacer.call(service(None)):
            pass
    assert not [slept for slept in clock.slept if slept > 1e-6]


def test_pace_is_kept_over_tries_and_told(web_of: WebOf) -> None:
    clock = StillClock()
    said: list[str] = []
    with Server({"ssb": lambda _: json_reply([1])}) as server:
        server.trouble("ssb", "drop", 500)
        web = web_of(server, clock=clock, tell=said.append)
        for number in range(4):
            web.get(service(3), f"{number}")
        assert len(server.asked) == 6
    assert clock.passed >= 60.0
    assert [one for one in said if one.startswith("SSB takes 3 calls in 60 s: waiting ")]


@given(st.integers(0, 10**6))
def test_waits_double_and_end(seed: int) -> None:
    clock = StillClock()

    def fails() -> None:
        raise PassingError(FetchError("It is raining.", "Wait."))

    with pytest.raises(FetchError, match=r"It is raining\. Wait\."):
        patiently(fails, clock=clock, dice=random.Random(seed), tell=lambda _: None)
    assert len(clock.slept) == 4
    assert 7.5 <= clock.passed <= 22.5


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        (None, None),
        ("12", 12.0),
        ("0", 0.0),
        ("-3", 0.0),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("soon", None),
        ("", None),
        ("Sun, 22 Nov 2026 12:01:40 GMT", 100.0),
        ("Sun, 22 Nov 2026 12:01:40 -0000", 100.0),
        ("Sun, 22 Nov 2020 12:00:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_what_a_service_writes_as_a_pause(value: str | None, pause: float | None) -> None:
    assert pause_asked(value, NOW) == pause


@given(st.text(max_size=40))
def test_no_pause_breaks_anything(value: str) -> None:
    pause = pause_asked(value, NOW)
    assert pause is None or pause >= 0.0


def test_a_longer_pause_than_allowed_is_not_waited_for() -> None:
    clock = StillClock()

    def fails() -> None:
        raise PassingError(FetchError("Full."), wait_s=MOST_WAIT_S + 1)

    with pytest.raises(FetchError, match="Full"):
        patiently(fails, clock=clock, dice=random.Random(1), tell=lambda _: None)
    assert not clock.slept
