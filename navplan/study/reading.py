"""A study file → its entries, or every fault of it with key and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from navplan.errors import Fault, InputError, raise_faults
from navplan.study.schema import ProfileEntry, StudyFile

MAX_STUDY_FILE_BYTES: Final = 1_000_000
_BRANCH: Final = re.compile(r"(tuple|literal)\[")


def _line(text: str, path: tuple[int | str, ...]) -> int | None:
    """Find the line a key stands on; tomllib keeps no positions, so the text is searched."""
    lines = text.splitlines()
    at = 0
    found = None
    for place, part in enumerate(path):
        if isinstance(part, int):
            continue
        after = path[place + 1] if place + 1 < len(path) else 0
        nth = after if isinstance(after, int) else 0
        header = re.compile(rf"\s*\[\[?\s*{re.escape(part)}\s*\]?\]")
        key = re.compile(rf"\s*\"?{re.escape(part)}\"?\s*=")
        headers = [i for i, row in enumerate(lines) if i >= at and header.match(row)]
        if place == 0 and len(headers) > nth:
            at = found = headers[nth]
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("[")), len(lines))
        keys = [i for i in range(at, end) if key.match(lines[i])]
        if not keys:
            break
        at = found = keys[0]
    return None if found is None else found + 1


def _dotted(path: tuple[int | str, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _fault(error: ErrorDetails, text: str, raw: dict[str, Any], where: str) -> Fault:
    # pydantic names the branch of a union in the path; the file has no such key
    path = tuple(part for part in error["loc"] if not _BRANCH.match(str(part)))
    key = _dotted(path)
    line = _line(text, path)
    if line is not None:
        key += f" (line {line})"
    first = path[0] if path else ""
    if len(path) > 1 and isinstance(path[1], int) and isinstance(raw.get(str(first)), list):
        entry = raw[str(first)][path[1]]
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            key += f" of {entry['name']!r}"
    if error["type"] == "extra_forbidden":
        return Fault(where, key, "is not a known key.", "Correct its spelling or remove it.")
    if error["type"] == "missing":
        return Fault(where, key, "is missing.", "Add it.")
    if error["type"] == "string_pattern_mismatch":
        remedy = "Use lower-case letters a–z, digits and hyphens."
        return Fault(where, key, f"{error['input'][:80]!r} is no name.", remedy)
    given = repr(error["input"])
    return Fault(where, key, f"{given[:80]} was given. {error['msg']}.", "")


def _set(raw: dict[str, Any], setting: str) -> list[Fault]:
    """Apply ``profile.transit.percentile=75``: a named entry of a list is chosen by its name."""
    path, equals, text = setting.partition("=")
    if not equals or not path.strip():
        problem = f"{setting!r} gives no key and value."
        return [Fault("--set", path, problem, "Write it as in profile.car.limit_min=90.")]
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text
    *steps, last = path.strip().split(".")
    at: Any = raw
    for step in steps:
        if isinstance(at, list):
            at = next((e for e in at if isinstance(e, dict) and e.get("name") == step), None)
        else:
            at = at.get(step)
        if not isinstance(at, dict | list):
            problem = f"{setting!r}: there is no {step!r}."
            return [Fault("--set", path, problem, "Write it as in profile.car.limit_min=90.")]
    if isinstance(at, list):
        names = ", ".join(str(e["name"]) for e in at if isinstance(e, dict) and "name" in e)
        remedy = f"Add one of: {names}." if names else "Change the list as a whole."
        return [Fault("--set", path, "names no single entry.", remedy)]
    at[last] = value
    return []


def read_study_file(path: Path, settings: Sequence[str] = ()) -> StudyFile:
    """Read and check a study file.

    Parameters
    ----------
    path : Path
        A TOML file.
    settings : sequence of str
        Changes on top of the file, each ``key.key=value`` with the value written as in TOML.

    Returns
    -------
    StudyFile
        Frozen; unknown keys have been refused.

    Raises
    ------
    InputError
        With every fault, its key and its line.
    """
    where = path.name
    if not path.is_file():
        raise_faults([Fault(str(path), "", "there is no such file.", "Check the study's name.")])
    if path.stat().st_size > MAX_STUDY_FILE_BYTES:
        raise_faults([Fault(where, "", "is larger than 1 MB.", "Move tables to CSV files.")])
    raw: dict[str, Any] = {}
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError:
        raise_faults([Fault(where, "", "is not UTF-8.", "Save it as UTF-8.")])
    except RecursionError:
        raise_faults([Fault(where, "", "is nested too deeply.", "Close the brackets.")])
    except ValueError as error:  # tomllib's own, and integers of thousands of digits
        raise_faults([Fault(where, "", f"is not valid TOML: {error}.", "Correct the line.")])
    raise_faults([fault for setting in settings for fault in _set(raw, setting)])
    try:
        file = StudyFile.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise_faults([_fault(e, text, raw, where) for e in found if not _follows(e, found)])
        raise AssertionError from error
    raise_faults([fault for profile in file.profile for fault in _profile_faults(profile, where)])
    return file


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list only seems too short because its entries are at fault."""
    path = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in errors
    )


def _profile_faults(profile: ProfileEntry, where: str) -> list[Fault]:
    if profile.arrive is not None and profile.depart is not None:
        problem = "both arrive and depart are given; a profile has one window."
        return [Fault(where, f"profile {profile.name}, depart", problem, "Remove one of them.")]
    try:
        profile.noun()
    except InputError as error:
        return [Fault(where, f"{f.where}, {f.key}", f.problem, f.remedy) for f in error.faults]
    return []
