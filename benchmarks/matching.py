"""G7: matching by name. Precision and recall on the bundled names against the bundled lists, and names per second.

Run ``python -m benchmarks.matching``; with ``--list FILE`` also on a sanctions list of your own, by names alone, where
the registry numbers of the Treasury that the bundled listings cite tell which entry is which body.

Entries are the bundled names as official lists print them: in capitals, in Latin letters, legal forms written out or
added. In the hard case the very name is taken out of the dataset first, so that only the body's other names can find
it; a body with one name alone cannot be found then and is left out.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import markdown
from stakeholders.dataset import Dataset, split
from stakeholders.formats.list_files import ORGANISATION, ListEntry
from stakeholders.identifiers import identifiers_in
from stakeholders.names import name_of
from stakeholders.screening import Matcher, open_list
from stakeholders.tables import read
from stakeholders.transliteration import latin

NAMES = 100_000
FORMS = {"CN": "CO., LTD.", "RU": "JOINT STOCK COMPANY", "KZ": "LLP"}
WRITTEN_OUT = (
    (r"\bCO\., LTD\.?", "COMPANY LIMITED"),
    (r"\b(?:LLC|OOO)\b", "LIMITED LIABILITY COMPANY"),
    (r"\bJSC\b", "JOINT STOCK COMPANY"),
    (r"\bAO\b", "AKTSIONERNOE OBSHCHESTVO"),
    (r"\bPAO\b", "PUBLIC JOINT STOCK COMPANY"),
    (r"\bINC\.", "INCORPORATED"),
)

# Namesakes that the bundled notes warn of, and companies that only share a word with a listed one.
NAMESAKES = """
SPECIAL TECHNOLOGY CENTER LIMITED LIABILITY COMPANY; VEGA PILOT PLANT; VEGA TRAVEL AGENCY; CITADEL SECURITIES;
HIKVISION XINJIANG ELECTRONIC TECHNOLOGY; HUAWEI SOFTWARE TECHNOLOGIES CO., LTD.; DAHUA SECURITY HOLDING;
CHINA ELECTRONICS STANDARDIZATION INSTITUTE; CHINA MOBILE INTERNATIONAL LIMITED; POSITIVE GROUP HOLDINGS LIMITED;
ECHELON TRADING; PROTEI TELECOM; SENSETIME TRADING; BEIJING MEGVII INVESTMENT; MTS BANK; VK COMPANY; STC LIMITED;
CEC BANK; SUGON CLOUD; PAPILON FASHION HOUSE
"""
CONSONANTS = "b d f g k l m n p r s t v z ch sh zh"
VOWELS = "a e i o u an en on"
COMMON = "Technology Information Trading Group International Electronics System Center Security Digital"


@dataclass(frozen=True)
class Asked:
    """An entry and the body that it is, none for a namesake."""

    entry: ListEntry
    body: str
    name: str


@dataclass
class Tally:
    """What the suggestions of a run were worth."""

    wanted: int = 0
    found: int = 0
    false: int = 0

    def row(self, title: str) -> list[str]:
        precision = self.found / (self.found + self.false) if self.found + self.false else 1.0
        recall = self.found / self.wanted if self.wanted else 1.0
        return [title, str(self.wanted), str(self.found), str(self.false), f"{precision:.3f}", f"{recall:.3f}"]


def official(name: str, country: str) -> str:
    """A name as a list prints it."""
    text = latin(name).upper().replace("«", "").replace("»", "").replace("„", "").replace("“", "")
    if name_of(text).full == " ".join(sorted(name_of(text).words)):
        return f"{text} {FORMS.get(country, 'LIMITED')}"
    for form, long in WRITTEN_OUT:
        text = re.sub(form, long, text)
    return text


def entries(dataset: Dataset, with_country: bool) -> Iterator[Asked]:
    """An entry for each name of each listed body; abbreviations of four letters or fewer are no names to match by."""
    listed = set(dataset.listings.column("entity"))
    for row in dataset.entities.rows():
        if row["id"] not in listed or row["collective"] or row["type"] != "body":
            continue
        names = [row["name"], row["name_ru"], row["name_kk"], *split(row["aliases"])]
        for number, name in enumerate(dict.fromkeys(name for name in names if name)):
            if not name_of(name).short:
                text = official(name, row["country"])
                countries = (row["country"],) if with_country and row["country"] else ()
                yield Asked(
                    ListEntry(f"{row['id']}-{number}", ORGANISATION, (text,), countries=countries), row["id"], name
                )


def tally(dataset: Dataset, asked: Sequence[Asked], *, hard: bool = False) -> Tally:
    """Suggestions for entries, in the hard case with each entry's own name taken out."""
    matcher, counted = Matcher(dataset), Tally()
    for one in asked:
        if hard:
            bare = _less(dataset, one)
            if bare is None:
                continue
            matcher = Matcher(bare)
        counted.wanted += bool(one.body)
        for candidate in matcher.candidates(one.entry):
            if candidate.suggested:
                counted.found += candidate.entity == one.body
                counted.false += candidate.entity != one.body
    return counted


def _less(dataset: Dataset, one: Asked) -> Dataset | None:
    """The dataset without a name of a body; none if the body has no other."""
    from dataclasses import replace

    table = dataset.entities
    row = table.index[one.body]
    columns = {name: list(table.column(name)) for name in ("name", "name_ru", "name_kk", "aliases")}
    same = name_of(one.name).words
    for name in ("name", "name_ru", "name_kk"):
        if name_of(columns[name][row]).words == same:
            columns[name][row] = ""
    columns["aliases"][row] = ";".join(each for each in split(columns["aliases"][row]) if name_of(each).words != same)
    if not any(column[row] for column in columns.values()):
        return None
    for name, column in columns.items():
        table = table.with_column(name, column)
    return replace(dataset, tables={**dataset.tables, "entities": table})


def synthetic(count: int, seed: int = 1) -> list[ListEntry]:
    """Company names of invented words between words that many companies have."""
    rng = random.Random(seed)
    syllables = [one + two for one in CONSONANTS.split() for two in VOWELS.split()]
    words = ["".join(rng.choices(syllables, k=rng.choice((2, 2, 3)))) for _ in range(30_000)]
    forms = ("Co., Ltd.", "LLC", "JSC", "Limited", "GmbH", "Inc.", "")
    made = []
    for number in range(count):
        parts = [*rng.sample(words, rng.choice((1, 1, 2))), *rng.sample(COMMON.split(), rng.choice((0, 1, 2)))]
        text = " ".join((*parts, rng.choice(forms))).strip().title()
        made.append(ListEntry(str(number), ORGANISATION, (text,), countries=(rng.choice(("CN", "RU", "KZ", "US")),)))
    return made


def speed(dataset: Dataset, count: int) -> tuple[float, int]:
    """Names a second, and how many of the invented ones were suggested."""
    matcher, made = Matcher(dataset), synthetic(count)
    start = time.perf_counter()
    suggested = sum(candidate.suggested for entry in made for candidate in matcher.candidates(entry))
    return count / (time.perf_counter() - start), suggested


def on_a_list(dataset: Dataset, path: Path) -> Tally:
    """Suggestions by name alone on a real list, judged by the Treasury's numbers in the bundled references."""
    bodies = {
        number.value: row["entity"]
        for row in dataset.listings.rows()
        for number in identifiers_in(row["reference"])
        if number.kind == "OFAC"
    }
    matcher, counted = Matcher(dataset), Tally()
    for entry in open_list(path)[1]:
        numbers = {
            number.value for text in entry.identifiers for number in identifiers_in(text) if number.kind == "OFAC"
        }
        body = next((bodies[number] for number in numbers if number in bodies), "")
        if entry.kind != ORGANISATION or not numbers:
            continue
        counted.wanted += bool(body)
        bare = ListEntry(entry.id, entry.kind, entry.names, countries=entry.countries)
        for candidate in matcher.candidates(bare):
            if candidate.suggested:
                counted.found += candidate.entity == body
                counted.false += candidate.entity != body
    return counted


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", type=Path, help="a sanctions list in a format that `accessmap screen` reads")
    parser.add_argument("--names", type=int, default=NAMES, help="how many invented names to time")
    given = parser.parse_args(argv)
    dataset = read("central-asia")
    known, bare = list(entries(dataset, with_country=True)), list(entries(dataset, with_country=False))
    strangers = [
        Asked(ListEntry(str(number), ORGANISATION, (name,), countries=countries), "", name)
        for number, name in enumerate(split(NAMESAKES.replace("\n", " ")))
        for countries in ((), ("CN",), ("RU",))
    ]
    rows = [
        tally(dataset, known).row("bundled names, country given"),
        tally(dataset, bare).row("bundled names, no country"),
        tally(dataset, known, hard=True).row("the same, that name taken out"),
        tally(dataset, strangers).row("namesakes"),
    ]
    if given.list:
        rows.append(on_a_list(dataset, given.list).row(f"{given.list.name}, names alone"))
    print(markdown(("entries", "true pairs", "suggested right", "suggested wrong", "precision", "recall"), rows))
    pace, wrong = speed(dataset, given.names)
    print(f"\n{given.names:,} invented names: {pace:,.0f} a second, {wrong} suggested")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
