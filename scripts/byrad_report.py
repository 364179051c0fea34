"""Compute a study and write its report: what a case officer runs.

python scripts/byrad_report.py STUDY --language nb --out out/STUDY
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import navplan as nav


def main() -> int:
    """Run the study, write tables and report, and say where they lie."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", help="name of a study, or the path of its folder")
    parser.add_argument("--language", choices=nav.LANGUAGES, help="the study's own unless told")
    parser.add_argument("--out", type=Path, help="folder for the results; out/STUDY unless told")
    options = parser.parse_args()
    try:
        study = nav.open_study(options.study)
        folder = options.out or Path("out") / study.name
        study.run().write(folder)
        print(nav.write_report(folder, folder, language=options.language))
    except nav.InputError as error:
        print(error, file=sys.stderr)
        return 2
    except nav.InfeasibleError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
