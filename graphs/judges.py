"""What goes against one rule: the questions behind it, and a sentence for each finding."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from graphs.access import BODY, AccessGraph, Flags, build
from graphs.answers import Note, Row
from graphs.exposed import Exposure
from graphs.exposures import exposure, supply_options
from graphs.naming import Names, name_of
from graphs.policies import Exemption, Rule
from graphs.reachability import Column, every_column, reachable_from, who_can_reach
from graphs.scope import Options, Scope
from graphs.views import ALLEGED, View
from stakeholders.dataset import split
from stakeholders.dates import day_asked
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm
from stakeholders.intervals import entity_intervals
from stakeholders.listings import Listing
from stakeholders.lookup import resolve
from stakeholders.selectors import select
from stakeholders.vocabulary import CERTAINTIES, CERTAINTY_OF_STATUS, LANGUAGES, LEVEL_LABELS, PREDICATES, Label

_NOT_YET = ("denied", "planned", "under_review")

_REACHES = Label(
    "{body} can reach {store} ({what}): {level}.",
    "{body}: есть доступ к «{store}» ({what}), уровень – {level}.",
    "{body}: «{store}» ({what}) деректеріне қол жеткізеді, деңгейі – {level}.",
)
_MISSES = Label(
    "No known path from {body} to {store}, which it must be able to reach.",
    "{body}: путь к «{store}» неизвестен, хотя доступ должен быть.",
    "{body}: «{store}» деректеріне белгілі жол жоқ, ал қолжетімділік болуы тиіс.",
)
_FALLS_SHORT = Label(
    "{body} must be able to reach {store}; the known paths are weaker than the rule asks.",
    "{body}: доступ к «{store}» должен быть; известные пути слабее, чем требует правило.",
    "{body}: «{store}» деректеріне қолжетімділік болуы тиіс; белгілі жолдар ереже талап еткеннен әлсіз.",
)
_BYPASSES = Label(
    "{body} can reach {store} without passing {through}.",
    "{body}: есть доступ к «{store}» в обход «{through}».",
    "{body}: «{store}» деректеріне «{through}» арқылы өтпей-ақ қол жеткізеді.",
)
_NO_BASIS = Label(
    "{subject} – {predicate} – {object}: no legal basis is named.",
    "{subject} – {predicate} – {object}: правовое основание не указано.",
    "{subject} – {predicate} – {object}: құқықтық негізі көрсетілмеген.",
)
_NO_END = Label(
    "{subject} – {predicate} – {object}: no end date is named.",
    "{subject} – {predicate} – {object}: срок окончания не указан.",
    "{subject} – {predicate} – {object}: аяқталу мерзімі көрсетілмеген.",
)
_FEW_SOURCES = Label(
    "{subject} – {predicate} – {object}: {count} of {least} sources.",
    "{subject} – {predicate} – {object}: источников {count} вместо {least}.",
    "{subject} – {predicate} – {object}: дереккөз саны {least} орнына {count}.",
)
_OUTLIVES = Label(
    "{body}: its relation to {store} ended on {date}, but it can still reach it: {level}.",
    "{body}: связь с «{store}» закончилась {date}, но доступ остался, уровень – {level}.",
    "{body}: «{store}» байланысы {date} аяқталды, бірақ қолжетімділік қалды, деңгейі – {level}.",
)
_UNSEEN = Label(
    "{store}: no oversight such as the rule asks for is on record.",
    "{store}: сведений о надзоре, которого требует правило, нет.",
    "{store}: ереже талап ететін қадағалау туралы мәлімет жоқ.",
)
_DEPENDS = Label(
    "{store} depends on {body} alone, who is listed for: {measures}.",
    "{store}: единственный поставщик – {body}; меры по спискам: {measures}.",
    "{store}: жалғыз жеткізуші – {body}; тізімдер бойынша шаралар: {measures}.",
)


_DEPENDS_ON_OWNED = Label(
    "{store} depends on {vendor} alone, which counts as owned by {body} or as its affiliate; {body} is listed for: "
    "{measures}.",
    "{store}: единственный поставщик – {vendor}, считается принадлежащим {body} или аффилированным; меры по спискам: "
    "{measures}.",
    "{store}: жалғыз жеткізуші – {vendor}, {body} меншігі не үлестесі деп есептеледі; тізімдер бойынша шаралар: "
    "{measures}.",
)


@dataclass(frozen=True)
class Finding:
    """What goes against a rule: about whom and what, with the path that shows it."""

    sentence: Note
    body: str | None = None
    store: str | None = None
    category: str | None = None
    relation: str | None = None
    path: tuple[str, ...] = ()


class Judge:
    """Asks what a rule is about, and tells what goes against it."""

    def __init__(self, graph: AccessGraph, rule: Rule, source: str, options: Options) -> None:
        self.graph, self.dataset, self.rule = graph, graph.dataset, rule
        self.where = f"rule {rule.id!r} in {source}"
        self.options: Options = {**options, **rule.options}  # type: ignore[typeddict-item]  # words checked before
        self.scope = Scope.of(**self.options)
        self.who = set(self._selected("who", rule.who)) if rule.who else None

    def findings(self) -> Iterator[Finding]:
        """Everything that goes against the rule."""
        judged: Mapping[str, Callable[[], Iterator[Finding]]] = {
            "reach": self._reach,
            "pass through": self._bypasses,
            "have a legal basis": lambda: self._cells("legal_basis", _NO_BASIS),
            "have an end date": lambda: self._cells("valid_until", _NO_END),
            "be overseen": self._unseen,
            "rest on sources": self._few_sources,
            "outlive its end": self._outliving,
            "depend on a sole listed supplier": self._dependent,
        }
        return judged[self.rule.verb]()

    def excepted(self, exemption: Exemption) -> Callable[[Row], bool]:
        """A test of whether an exception fits a finding."""
        who = set(self._selected("except: who", exemption.who))
        what = set(exemption.what) & set(self.dataset.tree.codes)
        places = set(self._selected("except: what", [one for one in exemption.what if one not in what]))

        def fits(row: Row) -> bool:
            if exemption.who and row["body"] not in who:
                return False
            if exemption.what and row["store"] not in places and row["category"] not in what:
                return False
            return not exemption.relation or exemption.relation in (row["relation"], *row["path"])

        return fits

    def _selected(self, key: str, selectors: Sequence[str]) -> list[str]:
        asked = self.options.get("as_of")
        day = None if asked is None else date.fromordinal(day_asked(asked))
        try:
            return select(self.dataset, selectors, day)
        except (UnknownId, UnknownTerm) as error:
            raise AccessMapError(f"{self.where}: {key}: {error}") from None

    def _meant(self, key: str, text: str) -> str:
        try:
            return resolve(self.dataset, text).id
        except UnknownId as error:
            raise AccessMapError(f"{self.where}: {key}: {error}") from None

    # ------------------------------------------------------------------------------------------- reach, and ways of it

    def _targets(self) -> list[str]:
        """Categories and places that the rule is about."""
        found: list[str] = []
        for one in self.rule.what:
            found += self._selected("what", [one]) if "=" in one else [self._meant("what", one)]
        return list(dict.fromkeys(found))

    def _pairs(self, graph: AccessGraph | None = None) -> Iterator[tuple[str, Row]]:
        """What is asked for and each pair of body and place that reaches it, as the question answers."""
        graph = graph or self.graph
        if not self.rule.what:
            bodies = [graph.ids[node] for node in range(graph.n_nodes) if graph.types[node] == BODY]
            yield from (("", row) for row in self._everything(graph, bodies))
        for target in self._targets():
            if target in graph.position or target in graph.categories:
                rows = who_can_reach(graph, target, by="pair", **self.options).rows
                yield from ((target, row) for row in rows if self._counts(row))

    def _everything(self, graph: AccessGraph, bodies: Collection[str]) -> Iterator[Row]:
        """All that some bodies reach."""
        asked: Options = {**self.options}
        among = asked.pop("bodies", None)
        for body in sorted(bodies):
            if body in graph.position and (among is None or body in among):
                yield from (row for row in reachable_from(graph, body, **asked).rows if self._counts(row))

    def _counts(self, row: Row) -> bool:
        if self.rule.abroad:
            ours, theirs = (self.dataset.entities.column("country")[self.graph.position[row[end]]]
                            for end in ("body", "store"))  # fmt: skip
            if not ours or not theirs or ours == theirs:
                return False
        if self.who is None:
            return True
        return (row["body"] in self.who) != (self.rule.demand == "may")

    def _reach(self) -> Iterator[Finding]:
        if self.rule.demand == "must":
            yield from self._misses()
            return
        for target, row in self._pairs():
            values = {**self._names(body=row["body"], store=row["store"]), "what": self._what(target, row),
                      "level": LEVEL_LABELS[row["level"]]._asdict()}  # fmt: skip
            yield self._pair(target, row, Note(_REACHES, values))

    def _misses(self) -> Iterator[Finding]:
        reached = {(row["body"], row["store"]) for _, row in self._pairs()}
        columns = self._columns(self.graph)
        places = {self.graph.ids[place] for target in self._targets() for place, layer in columns
                  if self.graph.ids[place] == target
                  or (layer >= 0 and self.graph.categories.codes[layer] in self._narrower(target))}  # fmt: skip
        # Whom and what nobody asked about, nothing is said of.
        asked = {body for body in self.who or () if self.scope.bodies is None or body in self.scope.bodies}
        missing = [(body, store) for body in sorted(asked) for store in sorted(places)
                   if (body, store) not in reached and body != store]  # fmt: skip
        weaker = self._reached_somehow() if missing else set()
        for body, store in missing:
            label = _FALLS_SHORT if (body, store) in weaker else _MISSES
            yield Finding(Note(label, self._names(body=body, store=store)), body, store)

    def _columns(self, graph: AccessGraph) -> list[Column]:
        """Every place that counts, with each of its categories."""
        counted = self.scope.places(graph)
        columns = every_column(View.of(graph, self.scope))
        return columns if counted is None else [column for column in columns if column[0] in counted]

    def _reached_somehow(self) -> set[tuple[str, str]]:
        """Pairs with any path of the same stance, however weak, uncertain or old."""
        asked: Options = {**self.options, "level": "possible", "certainty": "prospective", "fresh": None}
        return {
            (row["body"], row["store"])
            for target in self._targets()
            for row in who_can_reach(self.graph, target, by="pair", **asked).rows
        }

    def _narrower(self, target: str) -> tuple[str, ...]:
        tree = self.dataset.tree
        return tree.narrower(target) if target in tree else ()

    def _bypasses(self) -> Iterator[Finding]:
        through = self.rule.through
        try:
            graph = build(self.dataset.without([through]))
        except UnknownId as error:
            raise AccessMapError(f"{self.where}: through: {error}") from None
        # Where the data of a system are kept is known all the same: it is no place of its own for want of what is gone.
        places = {self.graph.ids[place] for place, _ in self._columns(self.graph)} | set(self._targets())
        for target, row in self._pairs(graph):
            if row["store"] not in places:
                continue
            names = {**self._names(body=row["body"], store=row["store"]), "through": self._name(through)}
            yield self._pair(target, row, Note(_BYPASSES, names))

    def _outliving(self) -> Iterator[Finding]:
        spans = self.graph.intervals
        over: dict[tuple[str, str], list[tuple[int, Mapping[str, str]]]] = {}
        for number, cells in enumerate(self.dataset.relations.rows()):
            # What was only planned, is not certain enough to count, or nobody could know of has not ended.
            if cells["status"] in _NOT_YET or spans.known[number] > self.scope.known_by:
                continue
            if CERTAINTIES.index(CERTAINTY_OF_STATUS[cells["status"]]) < self.scope.certainty:
                continue
            if spans.end[number] < self.scope.as_of and cells["predicate"] in self.rule.predicates:
                over.setdefault((cells["subject"], cells["object"]), []).append((number, cells))
        bodies = {body for body, _ in over} & (self.who if self.who is not None else {body for body, _ in over})
        now = {(row["body"], row["store"]): row for row in self._everything(self.graph, bodies)}
        wanted = self._touched()
        for pair, ended_ones in over.items():
            row = now.get(pair)
            if row is None or (wanted is not None and pair[1] not in wanted):
                continue
            _, last = max(ended_ones, key=lambda one: int(spans.end[one[0]]))
            values = {**self._names(body=pair[0], store=pair[1]), "date": last["valid_until"],
                      "level": LEVEL_LABELS[row["level"]]._asdict()}  # fmt: skip
            yield Finding(Note(_OUTLIVES, values), *pair, relation=last["id"], path=tuple(row["path"]))

    def _pair(self, target: str, row: Row, sentence: Note) -> Finding:
        category = target if target in self.dataset.tree else None
        return Finding(sentence, row["body"], row["store"], category, path=tuple(row["path"]))

    # ------------------------------------------------------------------------------------------ relations, one by one

    def _in_force(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Relations in force that the rule is about: by predicate, by body, by what is at their other end."""
        relations, wanted = self.dataset.relations, self._touched()
        for number, cells in enumerate(relations.rows()):
            if self.rule.predicates and cells["predicate"] not in self.rule.predicates:
                continue
            if not self._certain[number] or (self.who is not None and cells["subject"] not in self.who):
                continue
            if wanted is None or cells["object"] in wanted or cells["subject"] in wanted:
                yield number, cells

    @cached_property
    def _certain(self) -> Flags:
        """Of each relation, whether it is in force, known and certain enough; a contested one is alleged at best."""
        graph, scope = self.graph, self.scope
        codes, words = self.dataset.relations.codes("status")
        worth = [CERTAINTIES.index(CERTAINTY_OF_STATUS[word]) if word != "denied" else -1 for word in words]
        certainty = np.array(worth, dtype=np.int8)[codes]
        denials = graph.denials
        holds = (denials.start <= scope.as_of) & (denials.end >= scope.as_of) & (denials.known <= scope.known_by)
        contested = denials.relation[holds]
        certainty[contested] = np.minimum(certainty[contested], ALLEGED)
        spans = graph.intervals
        found: Flags = spans.in_force(scope.as_of) & (spans.known <= scope.known_by) & (certainty >= scope.certainty)
        return found & (certainty >= 0)

    def _touched(self) -> set[str] | None:
        """Entities that hold what the rule is about; nothing where it is about all."""
        if not self.rule.what:
            return None
        found: set[str] = set()
        for target in self._targets():
            codes = set(self._narrower(target))
            found |= {target} if target in self.graph.position else set()
            found |= {row["id"] for row in self.dataset.entities.rows() if codes & set(split(row["categories"]))}
        return found

    def _cells(self, column: str, label: Label) -> Iterator[Finding]:
        for _, cells in self._in_force():
            if not cells.get(column):
                yield self._relation(cells, Note(label, self._sentence(cells)))

    def _few_sources(self) -> Iterator[Finding]:
        # A grant is as strong as it is, whatever weaker arcs are assumed to follow from it.
        arcs = self.graph.arcs
        own = arcs.holding < 0
        levels = dict(zip(arcs.relation[own].tolist(), arcs.level[own].tolist(), strict=True))
        least = self.scope.level
        for number, cells in self._in_force():
            count = len(set(split(cells["sources"])))
            if count < self.rule.sources and levels.get(number, -1) >= least:
                values = {**self._sentence(cells), "count": count, "least": self.rule.sources}
                yield self._relation(cells, Note(_FEW_SOURCES, values))

    def _relation(self, cells: Mapping[str, str], sentence: Note) -> Finding:
        ends = {self.dataset.type_of(cells[end]): cells[end] for end in ("subject", "object")}
        body = cells["subject"] if self.dataset.is_body(cells["subject"]) else ends.get("body")
        store = ends.get("store") or ends.get("system")
        return Finding(sentence, body, store, relation=cells["id"], path=(cells["id"],))

    # ------------------------------------------------------------------------------------------- oversight, dependence

    def _unseen(self) -> Iterator[Finding]:
        overseers = set(self._selected("by", self.rule.by))
        start, end = entity_intervals(self.dataset)
        counted = self.scope.places(self.graph)
        seen: set[str] = set()
        keepers: dict[str, set[str]] = {}
        for number, cells in enumerate(self.dataset.relations.rows()):
            if not self._certain[number] or cells["status"] in _NOT_YET:
                continue
            if cells["predicate"] == "supervises" and cells["subject"] in overseers:
                seen.add(cells["object"])
            elif cells["predicate"] in ("holds", "operates"):
                keepers.setdefault(cells["object"], set()).add(cells["subject"])
        touched = self._touched()
        for place in sorted(self.graph.ids if touched is None else touched):
            node = self.graph.position[place]
            there = start[node] <= self.scope.as_of <= end[node] and (counted is None or node in counted)
            if self.graph.types[node] == BODY or not there:
                continue
            if place not in seen and not keepers.get(place, set()) & seen:
                yield Finding(Note(_UNSEEN, self._names(store=place)), store=place)

    def _dependent(self) -> Iterator[Finding]:
        answer = exposure(self.graph, regime=self.rule.regime or None, **supply_options(self.options))
        wanted = self._touched()
        alone: dict[tuple[str, str, str], list[Exposure]] = {}
        for each in answer.exposed:
            row, pair = each.row, (each.row["listed_entity"], each.row["entity"])
            # Whether a rule on ownership reaches a supplier at all may not be settled: then nobody listed is known.
            if not row["sole_supplier"] or row["rule"] == "undetermined" or self.dataset.is_body(row["entity"]):
                continue
            if (self.who is not None and pair[0] not in self.who) or (wanted is not None and pair[1] not in wanted):
                continue
            alone.setdefault((*pair, each.vendor), []).append(each)
        told: dict[tuple[str, str], Finding] = {}
        for (body, store, vendor), found in alone.items():
            label = _DEPENDS if vendor == body else _DEPENDS_ON_OWNED
            values = {**self._names(body=body, store=store, vendor=vendor),
                      "measures": self._measures([each.listing for each in found])}  # fmt: skip
            finding = Finding(Note(label, values), body, store, path=tuple(found[0].row["route"]))
            told.setdefault((body, store), finding)
        yield from told.values()

    def _measures(self, found: Sequence[Listing]) -> dict[str, str]:
        """What each listing does and who made it: a bare list says neither."""
        return {
            lang: ", ".join(dict.fromkeys(
                f"{each.program.effect.name.of(lang)} ({self._name(each.authority)[lang]}: {each.list})"
                for each in found
            ))
            for lang in LANGUAGES
        }  # fmt: skip

    # --------------------------------------------------------------------------------------------------------- words

    def _name(self, what: str) -> Names:
        return name_of(self.dataset, what)

    def _names(self, **ids: str) -> dict[str, Any]:
        return {key: self._name(one) for key, one in ids.items()}

    def _what(self, target: str, row: Row) -> Any:
        codes = row["categories"] if target not in self.dataset.tree else [target]
        names = [self._name(code) for code in codes]
        return {lang: ", ".join(name[lang] for name in names) or "–" for lang in ("en", "ru", "kk")}

    def _sentence(self, cells: Mapping[str, str]) -> dict[str, Any]:
        verb = PREDICATES.get(cells["predicate"])
        said = verb.label._asdict() if verb else cells["predicate"]
        return {**self._names(subject=cells["subject"], object=cells["object"]), "predicate": said}
