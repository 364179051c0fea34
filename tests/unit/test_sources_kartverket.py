"""Borders, addresses and place names from Kartverket's documents, faults included."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import shapely
from shapely import box

from navplan.errors import FetchError, InputError
from navplan.sources.addresses import geocode
from navplan.sources.kommuneinfo import borders, kommune_at
from navplan.sources.place_names import places_named
from tests.services import kartverket
from tests.services.fixtures import WebOf
from tests.services.kartverket import KOMMUNER, X, Y
from tests.services.server import Reply, Request, Server, json_reply


def test_borders_come_with_norwegian_names_in_the_order_asked(web_of: WebOf) -> None:
    with Server(kartverket.services()) as server:
        frame, sources = borders(web_of(server), ["1840", "1804", "1840"])
    assert frame[["kommune", "name"]].to_numpy().tolist() == [
        ["1840", "Prøvebygd"], ["1804", "Eksempelvik"],
    ]  # fmt: skip
    assert frame.geometry.iloc[1].equals(KOMMUNER["1804"][2])
    assert frame.crs.to_epsg() == 25833
    assert len(sources) == 4
    assert {(s.publisher, s.licence, s.attribution) for s in sources} == {
        ("Kartverket", "CC BY 4.0", "© Kartverket")
    }


def test_borders_in_another_system_lie_at_the_same_place(web_of: WebOf) -> None:
    with Server(kartverket.services()) as server:
        frame, _ = borders(web_of(server), ["4601"], crs="EPSG:25832")
    assert frame.crs.to_epsg() == 25832
    back = frame.to_crs("EPSG:25833").geometry.iloc[0]
    assert back.hausdorff_distance(KOMMUNER["4601"][2]) < 0.01


def test_unknown_kommuner_are_named_together(web_of: WebOf) -> None:
    with Server(kartverket.services()) as server, pytest.raises(InputError) as caught:
        borders(web_of(server), ["1201", "1804", "9999"])
    assert [(f.key, f.problem) for f in caught.value.faults] == [
        ("1201", "Kartverket knows no kommune with this number today."),
        ("9999", "Kartverket knows no kommune with this number today."),
    ]


def changed(omrade: object) -> Reply:
    return json_reply({"kommunenummer": "1804", "kommunenavn": "Eksempelvik", "omrade": omrade})


SQUARE = shapely.geometry.mapping(KOMMUNER["1804"][2])
SWAPPED = shapely.geometry.mapping(box(Y, X, Y + 20_000, X + 20_000))


@pytest.mark.parametrize(
    ("omrade", "says"),
    [
        ({**SQUARE, "crs": {"properties": {"name": "EPSG:25832"}}}, "came in EPSG:25832"),
        ({**SQUARE, "crs": "no"}, "a polygon under omrade"),
        (SWAPPED, "the two coordinates seem to be swapped"),
        ({"type": "Point", "coordinates": [X, Y]}, "a polygon under omrade"),
        ({"type": "Polygon", "coordinates": [[[X, Y], [X, Y], [X, Y], [X, Y]]]}, "with an area"),
        (None, "a polygon under omrade"),
    ],
)
def test_a_border_that_cannot_be_is_refused(web_of: WebOf, omrade: object, says: str) -> None:
    def answer(request: Request) -> Reply:
        return changed(omrade)

    with Server({"kommuneinfo": answer}) as server, pytest.raises(FetchError, match=says):
        borders(web_of(server), ["1804"])


def test_a_kommune_without_a_name_tells_of_a_changed_service(web_of: WebOf) -> None:
    def answer(request: Request) -> Reply:
        return json_reply({"kommunenummer": "1804", "omrade": SQUARE})

    with Server({"kommuneinfo": answer}) as server, pytest.raises(FetchError, match="kommunenavn"):
        borders(web_of(server), ["1804"])


def test_other_failures_are_not_taken_for_an_unknown_kommune(web_of: WebOf) -> None:
    with Server(kartverket.services()) as server:
        server.trouble("kommuneinfo", 403)
        with pytest.raises(FetchError) as caught:
            borders(web_of(server), ["1804"])
    assert caught.value.status == 403


def test_the_kommune_at_a_point(web_of: WebOf) -> None:
    with Server(kartverket.services()) as server:
        web = web_of(server)
        number, name, source = kommune_at(web, X + 25_000, Y + 5_000)
        assert (number, name) == ("1840", "Prøvebygd")
        assert source.address.startswith("https://api.kartverket.no/kommuneinfo/v1/punkt?")
        lon, lat = kartverket.TO_DEGREES.transform(X + 25_000, Y + 5_000)
        assert kommune_at(web, lon, lat, crs="EPSG:4258")[0] == "1840"
        with pytest.raises(InputError, match="lies in no kommune"):
            kommune_at(web, 0, Y)


def table(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    columns = ["street", "number", "letter", "postcode", "kommune"]
    index = pd.Index([f"O{n}" for n in range(1, len(rows) + 1)], name="office")
    return pd.DataFrame(list(rows), columns=columns, index=index)


def test_addresses_are_found_by_door_then_street_then_postcode(web_of: WebOf) -> None:
    asked = table(
        ("prøvegata", "3", "", "8099", "1804"),
        ("Prøvegata", "7", "b", "8099", ""),
        ("Prøvegata", "99", "", "8099", ""),
        ("Ukjentgata", "1", "", "8098", ""),
    )
    with Server(kartverket.services()) as server:
        found, sources = geocode(web_of(server), asked)
    assert found.index.equals(asked.index)
    assert list(found["match"]) == ["address", "address", "street", "postcode"]
    assert list(found["quality"]) == ["official", "official", "approximate", "approximate"]
    assert list(found["found"]) == [
        "Prøvegata 3, 8099 EKSEMPELVIK",
        "Prøvegata 7B, 8099 EKSEMPELVIK",
        "Prøvegata, 8099 EKSEMPELVIK",
        "8098 PRØVEBYGD",
    ]
    assert list(found["hits"]) == [1, 1, 7, 1]
    # the mean of doors 1 … 5, 7A and 7B along the street
    along = [9_300, 9_720, 9_000 + (100 + 200 + 300 + 400 + 500 + 700 + 720) / 7, 29_000]
    assert found.geometry.x.to_numpy() - X == pytest.approx(along, abs=0.5)
    assert found.crs.to_epsg() == 25833
    assert len(sources) == 4


def test_an_address_in_two_kommuner_is_named_not_guessed(web_of: WebOf) -> None:
    both = table(("Kirkeveien", "2", "", "", ""), ("Kirkeveien", "", "", "", ""))
    with Server(kartverket.services()) as server:
        web = web_of(server)
        with pytest.raises(InputError) as caught:
            geocode(web, both)
        assert [f.key for f in caught.value.faults] == ["O1", "O2"]
        assert caught.value.faults[0].problem == (
            "stands in 2 places: Kirkeveien 2, 8099 EKSEMPELVIK (kommune 1804); "
            "Kirkeveien 2, 8098 PRØVEBYGD (kommune 1840). Give postcode and kommune."
        )
        found, _ = geocode(web, table(("Kirkeveien", "2", "", "", "1840")))
    assert found.geometry.x.iloc[0] - X == pytest.approx(29_000, abs=0.5)


def test_a_street_with_another_postcode_is_named_not_guessed(web_of: WebOf) -> None:
    with Server(kartverket.services()) as server:
        web = web_of(server)
        with pytest.raises(InputError, match="Prøvegata is not in postcode 8098 but in 8099 EKS"):
            geocode(web, table(("Prøvegata", "3", "", "8098", "1804")))
        found, sources = geocode(web, table())
    assert found.empty
    assert sources == ()


def test_addresses_that_are_nowhere_are_named_together(web_of: WebOf) -> None:
    nowhere = table(
        ("Ukjentgata", "1", "", "1234", ""), ("", "", "", "", ""), ("Postboks 5", "", "", "80", "")
    )
    with Server(kartverket.services()) as server, pytest.raises(InputError) as caught:
        geocode(web_of(server), nowhere, where="offices.xlsx")
    missing = "is not in the address register, nor is its street or postcode."
    assert [(fault.where, fault.key, fault.problem) for fault in caught.value.faults] == [
        ("offices.xlsx", "O1", f"'Ukjentgata 1 1234' {missing}"),
        ("offices.xlsx", "O2", "has neither street nor postcode."),
        ("offices.xlsx", "O3", "'80' is no postcode; expected four digits."),
    ]
    assert {fault.remedy for fault in caught.value.faults} == {
        "Correct the address, or give the position (x and y) in the table."
    }


def test_all_pages_of_a_street_are_read(web_of: WebOf) -> None:
    def paged(request: Request) -> Reply:
        params = {**request.params, "treffPerSide": ["3"]}
        return kartverket.addresses(Request("GET", request.path, params))

    with Server({"addresses": paged}) as server:
        found, sources = geocode(web_of(server), table(("Prøvegata", "", "", "8099", "")))
    assert found["hits"].iloc[0] == 7
    assert len(sources) == 3


def test_the_system_of_a_point_is_honoured(web_of: WebOf) -> None:
    def projected(request: Request) -> Reply:
        point = {"epsg": "EPSG:25833", "lon": X + 100.0, "lat": Y + 200.0}
        address = {**kartverket.ADDRESSES[0], "representasjonspunkt": point}
        return json_reply({"metadata": {"totaltAntallTreff": 1}, "adresser": [address]})

    with Server({"addresses": projected}) as server:
        found, _ = geocode(web_of(server), table(("Prøvegata", "1", "", "", "")))
    assert (found.geometry.x.iloc[0], found.geometry.y.iloc[0]) == pytest.approx(
        (X + 100, Y + 200), abs=0.01
    )


@pytest.mark.parametrize(
    "document",
    [
        {"adresser": [{**kartverket.ADDRESSES[0], "representasjonspunkt": None}]},
        {"adresser": [{**kartverket.ADDRESSES[0],
                       "representasjonspunkt": {"epsg": "EPSG:4258", "lon": 67.0, "lat": 14.0}}]},
        {"adresser": [{**kartverket.ADDRESSES[0],
                       "representasjonspunkt": {"epsg": "EPSG:1", "lon": 14.0, "lat": 67.0}}]},
        {"addresses": []},
        [],
    ],
)  # fmt: skip
def test_an_answer_of_another_form_is_refused(web_of: WebOf, document: object) -> None:
    if isinstance(document, dict):
        document = {"metadata": {"totaltAntallTreff": 1}, **document}

    def answer(request: Request) -> Reply:
        return json_reply(document)

    with Server({"addresses": answer}) as server, pytest.raises(FetchError, match="report this"):
        geocode(web_of(server), table(("Prøvegata", "1", "", "", "")))


def test_hits_without_end_are_refused(web_of: WebOf) -> None:
    def endless(request: Request) -> Reply:
        return json_reply(
            {"metadata": {"totaltAntallTreff": 10**6}, "adresser": kartverket.ADDRESSES[:1]}
        )

    with (
        Server({"addresses": endless}) as server,
        pytest.raises(FetchError, match="more than 20,000 hits"),
    ):
        geocode(web_of(server), table(("Prøvegata", "", "", "", "")))


def test_place_names_give_points(web_of: WebOf, tmp_path: Path) -> None:
    with Server(kartverket.services()) as server:
        web = web_of(server)
        found, source = places_named(web, "Prøvenes")
        assert found[["name", "kind", "kommune"]].to_numpy().tolist() == [
            ["Prøvenes", "Tettsted", "1804"]
        ]
        assert (found.geometry.x[0] - X, found.geometry.y[0] - Y) == pytest.approx(
            (9000, 9000), abs=0.01
        )
        assert "sok=Pr%C3%B8venes" in source.address
        assert len(places_named(web, "Prøvenæs")[0]) == 0
        assert len(places_named(web, "Prøvenæs", fuzzy=True)[0]) == 1


@pytest.mark.parametrize(
    ("point", "says"),
    [
        ({"nord": 67.0}, "nord and øst"),
        ({"nord": 14.0, "øst": 67.0}, "swapped|outside"),
        ({"nord": 67.0, "øst": 14.0, "koordsys": "?"}, "nord and øst"),
    ],
)
def test_places_that_cannot_be_are_refused(web_of: WebOf, point: object, says: str) -> None:
    def answer(request: Request) -> Reply:
        return json_reply({"navn": [{"skrivemåte": "Her", "representasjonspunkt": point}]})

    with Server({"place-names": answer}) as server, pytest.raises(FetchError, match=says):
        places_named(web_of(server), "Her")
