"""A study of three villages on a line, written to a folder, for tests of study and command line.

A ── 4 km ── B ── 6 km ── C, all primary road; an office in each, one possible site halfway B–C.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

_END = "made up,2026-01-01,assumption"
TABLES: Mapping[str, str] = {
    "places.csv": f"""id,name,area,kommune,x,y,source,date,quality
p-a,Avik,Avik,9901,0,6730000,{_END}
p-b,Bnes,Bnes,9902,4000,6730000,{_END}
p-c,Cdal,Cdal,9903,10000,6730000,{_END}
""",
    "people.csv": f"""place,year,alternative,age,people,source,date,quality
p-a,2026,actual,0-66,100,{_END}
p-a,2026,actual,67+,20,{_END}
p-b,2026,actual,0-66,200,{_END}
p-b,2026,actual,67+,40,{_END}
p-c,2026,actual,0-66,400,{_END}
p-c,2026,actual,67+,80,{_END}
""",
    "nodes.csv": f"""id,x,y,source,date,quality
j1,7000,6730000,{_END}
""",
    "links.csv": "from,to,km,road_class,road_number,structure,walk,bicycle,car,climb_m,opened,"
    "crossing_min,headway_min,source,date,quality\n"
    + "".join(
        f"{a},{b},{km},{road},,{what},yes,yes,yes,,,,,{_END}\n"
        for a, b, km, road, what in (
            ("p-a", "p-b", 4.0, "secondary", "open"),
            ("p-b", "j1", 3.0, "secondary", "open"),
            ("j1", "p-c", 3.0, "secondary", "open"),
            ("a", "p-a", 0.0, "local", "connector"),
            ("b", "p-b", 0.0, "local", "connector"),
            ("c", "p-c", 0.0, "local", "connector"),
            ("halfway", "j1", 0.0, "local", "connector"),
        )
    ),
    "offices.csv": f"""id,name,kind,area,address,x,y,step_free,source,date,quality
a,NAV Avik,office,Avik,,0,6730000,yes,{_END}
b,NAV Bnes,office,Bnes,,4000,6730000,no,{_END}
c,NAV Cdal,office,Cdal,,10000,6730000,unknown,{_END}
halfway,Halvvegs,possible,Cdal,,7000,6730000,unknown,{_END}
""",
    "hours.csv": f"""office,weekday,opens,closes,source,date,quality
a,mon,10:00,14:00,{_END}
b,tue,12:00,14:30,{_END}
""",
    "neighbours.csv": f"""area,neighbour,connection,source,date,quality
Avik,Bnes,land,{_END}
Bnes,Cdal,land,{_END}
""",
}
STUDY = """schema = 1
name = "tiny"
title = { nb = "Tre bygder", nn = "Tre bygder", en = "Three villages" }
summary = { nb = "En prøve.", nn = "Ei prøve.", en = "A test." }
crs = "EPSG:25833"
base = "three"
decided = "two"
area_word = "kommune"
[zones]
file = "places.csv"
[people]
file = "people.csv"
[streets]
nodes = "nodes.csv"
links = "links.csv"
[offices]
file = "offices.csv"
hours = "hours.csv"
[neighbours]
file = "neighbours.csv"
[service]
visits_per_person = 1.0
quality = "assumption"
note = { nb = "Ett besøk.", nn = "Eitt besøk.", en = "One visit." }
[[outlook]]
name = "now"
title = { nb = "I dag", nn = "I dag", en = "Today" }
year = 2026
alternative = "actual"
quality = "assumption"
method = { nb = "Diktet.", nn = "Dikta.", en = "Made up." }
[[profile]]
name = "car"
title = { nb = "Bil", nn = "Bil", en = "Car" }
mode = "car"
date = 2026-01-13
[[profile]]
name = "walk"
title = { nb = "Til fots", nn = "Til fots", en = "On foot" }
mode = "walk"
date = 2026-01-13
walk_m_per_s = 1.25
limit_min = 300
[[scenario]]
name = "three"
title = { nb = "Tre kontor", nn = "Tre kontor", en = "Three offices" }
offices = ["a", "b", "c"]
[[scenario]]
name = "two"
title = { nb = "To kontor", nn = "To kontor", en = "Two offices" }
base = "three"
merge = [{ areas = ["Avik", "Bnes"], office = "b" }]
[[scenario]]
name = "one"
title = { nb = "Ett kontor", nn = "Eitt kontor", en = "One office" }
locate = { question = "one-host", profile = "walk", outlook = "now" }
[[question]]
name = "one-host"
title = { nb = "Ett kontor", nn = "Eitt kontor", en = "One office" }
kind = "areas"
offices = 1
sites = "existing"
[[assumption]]
text = { nb = "Alt er diktet.", nn = "Alt er dikta.", en = "All is made up." }
[report]
headline_profile = "walk"
headline_outlook = "now"
"""

TWO_FREE = """[[question]]
name = "two-free"
title = { nb = "To, fritt valg", nn = "To, fritt val", en = "Two, free choice" }
kind = "sites"
offices = 2
near_best_percent = 20
price = ["a", "Cdal"]
front = true
regret = true
"""


def with_two_free(text: str) -> str:
    """Ask a second question, everyone using the nearest of two offices."""
    return swap("[[assumption]]", f"{TWO_FREE}[[assumption]]")(text)


def write_study(
    folder: Path,
    *,
    study: Callable[[str], str] = str,
    **tables: Callable[[str], str],
) -> Path:
    """Write the study, each file changed by the function given for it (``places=…``)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(study(STUDY), encoding="utf-8")
    for name, text in TABLES.items():
        change = tables.get(name.removesuffix(".csv"), str)
        (folder / name).write_text(change(text), encoding="utf-8")
    return folder


def swap(old: str, new: str) -> Callable[[str], str]:
    """Make a change that must find what it replaces."""

    def change(text: str) -> str:
        assert old in text, f"{old!r} is not in the file"
        return text.replace(old, new)

    return change
