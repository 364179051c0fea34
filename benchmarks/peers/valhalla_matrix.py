"""Valhalla's cost matrix for cars: its own speeds and turn costs cannot be switched off whole."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import valhalla
from _peer import done, folder, roads, settings, timed
from valhalla import Actor, get_config

given, work = settings(), roads()
place = folder() / "valhalla"
shutil.rmtree(place, ignore_errors=True)
(place / "tiles").mkdir(parents=True)
config = get_config(tile_extract="", tile_dir=str(place / "tiles"), verbose=False)
limits = config["service_limits"]
limits["auto"].update(
    max_matrix_distance=1e9, max_matrix_location_pairs=10**9, max_distance=1e9, max_locations=10**6
)
limits["max_timedep_distance_matrix"] = 0
config["mjolnir"]["concurrency"] = 2
(place / "valhalla.json").write_text(json.dumps(config), encoding="utf-8")
builder = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
command = [str(builder), "-c", str(place / "valhalla.json"), str(folder() / "roads.osm.pbf")]


def build() -> None:
    """Tiles from OpenStreetMap data."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit((ran.stdout + ran.stderr)[-800:])


_, built = timed(build, 1)
actor = Actor(place / "valhalla.json")
trees = given["valhalla_trees"]


def places(kind: str) -> list[dict[str, float]]:
    """Points as Valhalla wants them."""
    pairs = zip(work[f"{kind}_lon"][:trees], work[f"{kind}_lat"][:trees], strict=True)
    return [{"lon": float(lon), "lat": float(lat)} for lon, lat in pairs]


ask = {
    "sources": places("origin"),
    "targets": places("target"),
    "costing": "auto",
    "costing_options": {
        "auto": {"ignore_closures": True, "top_speed": 252, "service_penalty": 0,
                 "maneuver_penalty": 0, "use_tracks": 1}
    },
    "verbose": False,
}  # fmt: skip
text = json.dumps(ask)
result, times = timed(lambda: actor.matrix(text), given["valhalla_repetitions"])
result = json.loads(result) if isinstance(result, str) else result
durations = result["sources_to_targets"]["durations"]
answers = np.array([[np.nan if s is None else s for s in row] for row in durations], dtype=float)
whole = len(work["origin_lon"]) * len(work["target_lon"])
note = (
    f"{trees} × {trees} of the pairs, scaled by the number of points (its searches grow with"
    " sources + targets); its own turn costs and speeds in whole km/h, so its answers differ"
)
share = 2 * trees / (len(work["origin_lon"]) + len(work["target_lon"]))
done("valhalla_matrix", "pyvalhalla", times, answers, share=share, note=note, build_s=built[0])
