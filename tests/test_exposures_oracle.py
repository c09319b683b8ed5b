"""Exposure by brute force: every simple route over random small datasets, and the laws that must hold on them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from registers import CMIC, ENTITY_LIST, EU, SDN, SECTION_889, entity, listing, register, relation

from graphs.access import build
from graphs.exposures import exposure


def system(name: str, categories: str) -> dict[str, str]:
    return entity(name, "system", categories=categories)


def store(name: str, categories: str) -> dict[str, str]:
    return entity(name, "store", categories=categories)


Row = Mapping[str, str]
SUPPLY = ("supplies", "integrates", "maintains", "operates")
DAYS = ("2015-06-01", "2018-06-01", "2021-06-01")
LISTS = (SDN, ENTITY_LIST, CMIC, EU, SECTION_889)


def random_case(rng: random.Random) -> tuple[list[Row], list[Row], list[Row]]:
    """A few bodies, systems and stores with relations, stakes and listings; every stake is known."""
    bodies = [entity(name) for name in "abcdx"]
    places = [system(f"s{n}", rng.choice(("video", "face", "biometric", "video;face", ""))) for n in range(3)]
    places += [store(f"t{n}", rng.choice(("video", "face", ""))) for n in range(2)]
    names = {row["id"]: row["type"] for row in (*bodies, *places)}
    joins = [(predicate, "body", "system") for predicate in SUPPLY]
    joins += [("keeps_data_in", "system", "store"), ("part_of", "system", "system"), ("owns", "body", "body")]
    found: list[Row] = []
    for number in range(rng.randint(3, 12)):
        predicate, first, second = rng.choice(joins)
        subject = rng.choice([name for name, kind in names.items() if kind == first])
        target = rng.choice([name for name, kind in names.items() if kind == second and name != subject] or [subject])
        if subject == target or (predicate == "part_of" and subject < target):
            continue
        found.append(
            relation(
                subject, predicate, target, id=f"r{rng.randint(10, 99)}-{number}",
                categories=rng.choice(("", "", "video", "face", "biometric")) if predicate != "owns" else "",
                status=rng.choice(("confirmed", "confirmed", "reported", "alleged", "denied")),
                valid_from=rng.choice(("2010", "2010", "2017")), valid_until=rng.choice(("", "", "2019")),
                percent=rng.choice(("20", "30", "50", "60", "100")) if predicate == "owns" else "",
            )
        )  # fmt: skip
    shares: dict[str, float] = {}
    kept = []
    for row in found:
        if row["predicate"] == "owns":
            shares[row["object"]] = shares.get(row["object"], 0) + float(row["percent"])
            twin = any(one is not row and (one["subject"], one["object"]) == (row["subject"], row["object"])
                       for one in found if one["predicate"] == "owns")  # fmt: skip
            if shares[row["object"]] > 100 or twin:
                continue
        kept.append(row)
    listed = [
        listing(rng.choice("abcdx"), rng.choice(LISTS), rng.choice(("2012-01-01", "2016-01-01")),
                rng.choice(("", "", "2020-01-01")), id=f"l{n}")
        for n in range(rng.randint(1, 4))
    ]  # fmt: skip
    return [*bodies, *places], kept, listed


def holds(row: Row, day: str, start: str, end: str) -> bool:
    return row[start] <= day and (not row[end] or day <= row[end] + "-12-31"[: 10 - len(row[end])])


def certain(row: Row, relations: list[Row], day: str) -> bool:
    """Reported or better, and not denied by another row of the day."""
    if row["status"] not in ("confirmed", "reported") or not holds(row, day, "valid_from", "valid_until"):
        return False
    ends = ("subject", "predicate", "object")
    return not any(
        other["status"] == "denied" and all(other[end] == row[end] for end in ends)
        and holds(other, day, "valid_from", "valid_until") and overlap(other["categories"], row["categories"])
        for other in relations
    )  # fmt: skip


WIDE = {"biometric": {"biometric", "face"}, "face": {"face"}, "video": {"video"}}


def closed(cell: str) -> set[str]:
    # The narrower ones of biometric that these datasets name.
    return set().union(*(WIDE[code] for code in cell.split(";"))) if cell else set()


def overlap(one: str, two: str) -> bool:
    return not one or not two or bool(closed(one) & closed(two))


def owned(relations: list[Row], listed: set[str], place: tuple[str, str], day: str) -> dict[str, set[str]]:
    """For each company that counts under a list the listed entities that contribute."""
    strict = place == EU and day < "2024-07-03"
    if place in (CMIC, ENTITY_LIST) or (place == SDN and day < "2014-08-13"):
        return {}
    stakes = [(row["subject"], row["object"], float(row["percent"])) for row in relations
              if row["predicate"] == "owns" and certain(row, relations, day)]  # fmt: skip
    groups = [listed] if place in (SDN, EU) else [{each} for each in listed]
    found: dict[str, set[str]] = {}
    for group in groups:
        counts = set(group)
        while True:
            more = set()
            for company in {company for _, company, _ in stakes} - counts:
                share = sum(percent for owner, it, percent in stakes if it == company and owner in counts)
                if share > 50 or (share == 50 and not strict):
                    more.add(company)
            if not more:
                break
            counts |= more
        for company in counts - group:
            above = {company}
            while wider := {o for o, c, _ in stakes if c in above - group and o in counts} - above:
                above |= wider
            found.setdefault(company, set()).update(above & group)
    return found


def routes(
    relations: list[Row], entities: Mapping[str, Row], vendor: str, day: str
) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Every simple route from a vendor: its end and its relations."""
    usable = [row for row in relations if row["predicate"] != "owns" and certain(row, relations, day)]
    steps = [
        (row["object"], row["subject"], row) if row["predicate"] == "part_of" else (row["subject"], row["object"], row)
        for row in usable
    ]
    walks: list[tuple[tuple[str, ...], tuple[Row, ...]]] = [((vendor,), ())]
    while walks:
        nodes, rows_ = walks.pop()
        if rows_:
            yield nodes[-1], rows_
            for source, target, row in steps:
                if row["predicate"] == "operates" and target == nodes[-1] and source not in nodes:
                    yield source, (*rows_, row)
        for source, target, row in steps:
            if source == nodes[-1] and target not in nodes and (rows_ or row["predicate"] in SUPPLY):
                walks.append(((*nodes, target), (*rows_, row)))


def passes(entities: Mapping[str, Row], end: str, way: tuple[Row, ...]) -> bool:
    """Whether some category of the place, or for an operator of its system, gets through every relation."""
    place = end
    if entities[end]["type"] == "body":
        place = way[-1]["object"]
    own = entities[place].get("categories", "")
    if not own:
        return True
    return any(all(not row["categories"] or code in closed(row["categories"]) for row in way) for code in closed(own))


def brute_force(
    entities: list[Row], relations: list[Row], listed: list[Row], day: str
) -> set[tuple[str, str, str, str]]:
    """Entity, listed entity, listing and rule of everything exposed on a day."""
    by_id = {row["id"]: row for row in entities}
    live = [
        row for row in listed if row["listed_from"] <= day and (not row["listed_until"] or day <= row["listed_until"])
    ]
    found: dict[tuple[str, str, str], str] = {}
    for row in live:
        place = (row["authority"], row["list"])
        on = {one["entity"] for one in live if (one["authority"], one["list"]) == place}
        vendors = [(row["entity"], "listed")]
        vendors += [
            (company, "owned")
            for company, owners in owned(relations, on, place, day).items()
            if row["entity"] in owners
        ]
        for vendor, rule in vendors:
            ends = {vendor} | {end for end, way in routes(relations, by_id, vendor, day) if passes(by_id, end, way)}
            for end in ends - {row["entity"]}:
                key = (end, row["entity"], row["id"])
                found[key] = min(found.get(key, rule), rule)  # "listed" comes before "owned"
    return {(*key, rule) for key, rule in found.items()}


def test_exposure_is_what_brute_force_finds() -> None:
    rng = random.Random(7)
    seen = {"listed": 0, "owned": 0}
    for _ in range(400):
        entities, relations, listed = random_case(rng)
        graph = build(register(relations, listed, entities))
        for day in DAYS:
            answer = exposure(graph, as_of=day)
            ours = {(row["entity"], row["listed_entity"], row["listing"], row["rule"]) for row in answer.rows}
            assert ours == brute_force(entities, relations, listed, day), (day, relations, listed)
            for *_, rule in ours:
                seen[rule] += 1
            for row, each in zip(answer.rows, answer.exposed, strict=True):
                if each.route is not None:
                    _check_route(entities, relations, row, each.vendor, day)
    assert min(seen.values()) > 80, seen


def _check_route(entities: list[Row], relations: list[Row], row: dict, vendor: str, day: str) -> None:
    """The route is one of the brute-force ones, none is more certain, of those none is shorter, then smaller."""
    by_id = {each["id"]: each for each in entities}
    ways = [
        (
            max(("confirmed", "reported").index(step["status"]) for step in way),
            len(way),
            tuple(step["id"] for step in way),
        )
        for end, way in routes(relations, by_id, vendor, day)
        if end == row["entity"] and passes(by_id, end, way)
    ]
    supply = tuple(name for name in row["route"] if not _is_stake(relations, name))
    assert supply == min(ways)[2], (row, ways)


def _is_stake(relations: list[Row], name: str) -> bool:
    return next(each for each in relations if each["id"] == name)["predicate"] == "owns"


def test_more_listings_and_more_supply_never_shrink_exposure() -> None:
    rng = random.Random(8)
    for _ in range(150):
        entities, relations, listed = random_case(rng)
        relations = [row for row in relations if row["status"] != "denied"]

        def exposed(some: list[Row], lists: list[Row], things: list[Row] = entities) -> set[tuple[str, str, str]]:
            found = exposure(build(register(some, lists, things)), as_of="2018-06-01").rows
            return {(row["entity"], row["authority"], row["list"]) for row in found}

        before = exposed(relations, listed)
        extra = listing(rng.choice("abcdx"), rng.choice(LISTS), id="extra")
        # A body that becomes listed itself is no longer exposed to that list, it is on it.
        itself = {(extra["entity"], extra["authority"], extra["list"])}
        assert before - itself <= exposed(relations, [*listed, extra])
        supply = relation(rng.choice("abcdx"), rng.choice(SUPPLY), rng.choice(("s0", "s1", "s2")), id="more")
        assert before <= exposed([*relations, supply], listed)
