"""OSRM's contraction hierarchies: extract, contract, and one table of all pairs."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import osrm
from _peer import done, folder, roads, settings, timed

given, work = settings(), roads()
place = folder() / "osrm"
shutil.rmtree(place, ignore_errors=True)
place.mkdir()
data = place / "roads.osm.pbf"
data.symlink_to((folder() / "roads.osm.pbf").resolve())
lua = Path(__file__).with_name("osrm.lua")
binaries = Path(osrm.__file__).parent / "bin"
environment = os.environ | {f"NAV_{key}": str(value) for key, value in given["turns"].items()}


def step(*command: str) -> float:
    """Run one of OSRM's programmes [s]."""
    began = time.perf_counter()
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if ran.returncode:
        sys.exit(f"{Path(command[0]).name}: {(ran.stdout + ran.stderr)[-800:]}")
    return time.perf_counter() - began


base = str(place / "roads.osrm")
extract_s = step(str(binaries / "osrm-extract"), "-p", str(lua), str(data))
contract_s = step(str(binaries / "osrm-contract"), base)
engine = osrm.OSRM(
    storage_config=base, algorithm="CH", use_shared_memory=False,
    max_locations_distance_table=-1,
)  # fmt: skip
trees = given["trees"]
origins = list(zip(work["origin_lon"], work["origin_lat"], strict=True))[:trees]
targets = list(zip(work["target_lon"], work["target_lat"], strict=True))
table = osrm.TableParameters(
    coordinates=[(float(a), float(b)) for a, b in origins + targets],
    sources=list(range(len(origins))),
    destinations=list(range(len(origins), len(origins) + len(targets))),
    annotations=["duration"],
    generate_hints=False,
)
result, times = timed(lambda: engine.Table(table), given["repetitions"])
answers = np.array([list(row) for row in result["durations"]], dtype=object)
answers = np.where(answers == None, np.nan, answers).astype(float)  # noqa: E711
share = len(origins) / len(work["origin_lon"])
note = "Table includes finding the nearest street of every point and an answer in JSON"
done(
    "osrm_table", "osrm-bindings", times, answers, share=share, note=note,
    extract_s=extract_s, contract_s=contract_s,
)  # fmt: skip
