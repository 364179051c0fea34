"""SOSI, the Norwegian text format for maps: recognised, not read, with the way round it."""

from __future__ import annotations

from typing import Final

from navplan.errors import Fault

_SUFFIXES: Final = (".sos", ".sosi")
_HEAD: Final = b".HODE"
_CONVERT: Final = (
    "Convert it to GeoPackage: in QGIS with the SOSI plugin, or by ogr2ogr where GDAL was built "
    "with the SOSI driver (ogr2ogr -f GPKG out.gpkg in.sos). Data of Kartverket: order the same "
    "set from Geonorge as GML, FGDB or GeoJSON instead."
)


def sosi_fault(suffix: str, head: bytes, *, where: str) -> Fault | None:
    """Tell whether a file is SOSI, by its name or by how it begins.

    The common builds of GDAL have no SOSI driver, so the format cannot be read here.

    Parameters
    ----------
    suffix : str
        End of the file's name, with the point.
    head : bytes
        How the file begins.
    where : str
        File name for the fault.

    Returns
    -------
    Fault or None
        The fault with a word on how to convert, or none where it is no SOSI.
    """
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    # comment lines, which begin with an exclamation mark, may stand before .HODE
    while begins.startswith(b"!") and b"\n" in begins:
        begins = begins.split(b"\n", 1)[1].lstrip()
    if suffix.lower() in _SUFFIXES or begins.upper().startswith(_HEAD):
        return Fault(where, "", "is a SOSI file, which cannot be read here.", _CONVERT)
    return None
