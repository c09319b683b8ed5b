"""Chokepoints: through whom and what the ways to a target lead, and what every one of them must pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Unpack

import numpy as np

from graphs.access import AccessGraph
from graphs.answers import Answer, Note, Row, stamp
from graphs.engines.counting import places_reached
from graphs.engines.kernels import installed
from graphs.estimates import RECOUNTED, estimated
from graphs.losses import Losses, losses
from graphs.naming import Names, data_of, name_of, names_of, relation_of, ways_of
from graphs.reachability import Target, asked_bodies, caveats, target_of
from graphs.scope import Options, Scope
from graphs.views import View
from graphs.ways import Ways
from stakeholders.errors import AccessMapError
from stakeholders.vocabulary import CERTAINTIES, LEVELS, Label

# Arcs × places beyond which a sample of places is counted, with numba and without: about a minute's work.
MOST_WORK = (1_000_000_000, 100_000_000)
SAMPLE = 300

# The verdicts, best first, with the least certainty of theirs.
_LEAST: Final = {"reaches": CERTAINTIES.index("reported"), "claimed": CERTAINTIES.index("alleged"), "prospective": 0}


def chokepoints(graph: AccessGraph, target: str, *, sample: int | None = None, **options: Unpack[Options]) -> Answer:
    """Entities and relations by how much reach is lost without each, and what every known way must pass.

    Parameters
    ----------
    graph : AccessGraph
    target : str
        An entity's id, or the code of a data category, which asks for all its narrower ones too.
    sample : int, optional
        How many places to count, drawn evenly; 0 for all of them. By default all, up to some 10 000 entities, and 300
        of larger graphs.
    **options : Options
        The assumptions; ``certainty`` is ``reported`` unless said otherwise, ``bodies`` are those that ask.

    Returns
    -------
    Answer
        A row for each entity and each relation without which a pair of body and store is lost, most pairs first:
        ``id``, ``kind`` (``node`` or ``relation``), ``pairs_lost``, ``pairs_total`` (pairs that count for it: not those
        that it is itself an end of), ``margin`` (0 where the figure is exact; that of a sample is right within the
        margin 19 times of 20), ``mandatory_for`` (bodies that lose every pair of theirs), ``sentence``.
        Everything else on some way loses no pair by itself. Beside the rows ``bodies``, ``stores`` and ``pairs`` (how
        many), ``verdicts`` (of each verdict, best first, how many of these: a body and a store count under the best
        that a pair of theirs has), and ``direct`` (bodies with a relation of their own to a place).

    Raises
    ------
    UnknownId
        If the target is neither an entity nor a category.

    Notes
    -----
    Exact: the pairs that hang on something are those of the bodies that it dominates in a place's dominator tree
    (Lengauer and Tarjan 1979, doi 10.1145/357062.357071), counted place by place; see `graphs.losses`. Places are taken
    as they are: what falls with a store makes no system a new place.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> graph = build(read("cabar-2020"))
    >>> answer = chokepoints(graph, "kz-sergek-atyrau-archive", as_of="2020-04-15", bodies=["kz-mia"])
    >>> answer.rows[0]["id"], answer.rows[0]["pairs_lost"], answer.rows[0]["mandatory_for"]
    ('kz-police-atyrau', 1, ['kz-mia'])
    """
    view, asked, lost = _lost(graph, target, sample, options)
    dataset, ids = graph.dataset, graph.ids
    direct = sorted(ids[node] for node in lost.direct)
    over = _is_body(graph, asked)
    holders = {"bodies": names_of(dataset, direct), "count": len(direct)}
    told = [Note(_DIRECT_OVER if over else _DIRECT, holders)] if direct else []
    if lost.spare_nodes or lost.spare_relations:
        spare = {"nodes": lost.spare_nodes, "relations": lost.spare_relations}
        told.append(Note(_SPARE_OVER if over else _SPARE, spare))
    if lost.counted:
        told.append(Note(_SAMPLED, {"counted": lost.counted, "places": len(lost.places), "exact": RECOUNTED}))
    return Answer(
        command="chokepoints",
        complete=not lost.counted,
        question={"target": asked.name, **view.scope.question()},
        dataset=stamp(dataset),
        rows=tuple(_Rows(view, asked, lost).all()),
        notes=(*asked.notes, *told, *caveats(view, [])),
        beside={
            "bodies": len(lost.bodies), "stores": len(lost.places), "pairs": lost.pairs,
            "verdicts": _verdicts(view, asked, lost), "direct": direct,
        },
    )  # fmt: skip


def _verdicts(view: View, asked: Target, lost: Losses) -> dict[str, dict[str, int]]:
    """How many bodies, stores and pairs there are under each verdict, by how many there are at each threshold."""
    found: dict[str, dict[str, int]] = {}
    told = (0, 0, 0)
    for verdict, least in _LEAST.items():
        if least > view.scope.certainty:
            ways = Ways(View.of(view.graph, replace(view.scope, certainty=least)), asked.columns, lost.bodies)
            arcs = ways.source, ways.target, ways.terminal
            of_body, of_place = places_reached(len(ways.node), arcs, ways.layers(), ways.asks)
            places = sum(count > 0 for count in of_place.values())
            here = int(np.count_nonzero(of_body)), places, int(of_body.sum())
        else:
            here = len(lost.bodies), len(lost.places), lost.pairs
        figures = (now - before for now, before in zip(here, told, strict=True))
        found[verdict] = dict(zip(("bodies", "stores", "pairs"), figures, strict=True))
        told = here
    return found


@dataclass(frozen=True)
class PairLosses:
    """How much hangs on each entity and relation, by id; those on which nothing hangs are left out.

    Attributes
    ----------
    pairs : int
        Pairs of body and store.
    nodes, relations : mappings of str to int
        Pairs lost without each.
    ends : mapping of str to int
        Pairs of which an entity is itself an end, which do not count for it; entities without any are left out.
    """

    pairs: int
    nodes: Mapping[str, int]
    relations: Mapping[str, int]
    ends: Mapping[str, int]

    def counting(self, name: str) -> int:
        """Pairs that count for an entity or a relation: not those that it is itself an end of."""
        return self.pairs - self.ends.get(name, 0)


def pair_losses(graph: AccessGraph, target: str, **options: Unpack[Options]) -> PairLosses:
    """The figures of `chokepoints` alone, for whoever draws or ranks.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> pair_losses(build(read("cabar-2020")), "kz-sergek-atyrau-archive", as_of="2020-04-15").nodes["kz-police-atyrau"]
    1
    """
    _, _, lost = _lost(graph, target, None, options)
    nodes = {graph.ids[node]: count for node, count in lost.nodes.items()}
    relations = {graph.relation_id(row): count for row, count in lost.relations.items()}
    return PairLosses(lost.pairs, nodes, relations, {graph.ids[node]: count for node, count in lost.ends.items()})


def _lost(graph: AccessGraph, target: str, sample: int | None, options: Options) -> tuple[View, Target, Losses]:
    if sample is not None and sample < 0:
        raise AccessMapError(f"sample: {sample}: ask for some places, or 0 for all")
    options.setdefault("certainty", "reported")
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    asked = target_of(view, target)
    bodies = asked_bodies(graph, scope, asked.name)
    if sample is None:
        work = len(view) * len(asked.columns)
        sample = SAMPLE if work > MOST_WORK[1] and work > MOST_WORK[not installed()] else 0
    if sample:
        return view, asked, estimated(view, asked.columns, bodies, sample)
    return view, asked, losses(view, asked.columns, bodies)


def _is_body(graph: AccessGraph, asked: Target) -> bool:
    """Whether a body is asked about, which is no place: it is reached itself, and each pair is a body that does."""
    return graph.dataset.is_body(asked.name)


class _Rows:
    def __init__(self, view: View, asked: Target, lost: Losses) -> None:
        self.graph, self.lost = view.graph, lost
        self.target = data_of(view.graph.dataset, asked.name)
        self.places, self.bodies = set(lost.places), set(lost.bodies.tolist())
        self.everyone = (_EVERYONE, _EVERYONE_ELSE) if view.scope.bodies is None else (_ASKING, _ASKING_ELSE)
        self.ways = ways_of(CERTAINTIES[view.scope.certainty], LEVELS[view.scope.level])
        self.without = _WITHOUT_OVER if _is_body(view.graph, asked) else _WITHOUT

    def all(self) -> list[Row]:
        """Most pairs lost first (of estimates: for certain), then nodes, then by id."""
        rows = [*map(self._of_node, self.lost.nodes), *map(self._of_relation, self.lost.relations)]
        return sorted(rows, key=lambda row: (row["margin"] - row["pairs_lost"], row["kind"], row["id"]))

    def _of_node(self, node: int) -> Row:
        lost, name = self.lost, self.graph.ids[node]
        needed = lost.needed_by_nodes.get(node, ())
        label = self.without[0] if not needed else _INTO if node in self.places else _THROUGH
        asks = node in self.bodies  # a body does not need itself: "all" are the others then
        everyone = self._everyone(needed, self.everyone[asks], len(self.bodies) - asks)
        said = Note(label, {"what": name_of(self.graph.dataset, name), "bodies": everyone})
        figures = lost.nodes[node], lost.pairs - lost.ends.get(node, 0), lost.node_margins.get(node, 0)
        return self._row((name, "node"), figures, needed, said)

    def _of_relation(self, row: int) -> Row:
        lost = self.lost
        needed = lost.needed_by_relations.get(row, ())
        label = _RESTS if needed else self.without[1]
        everyone = self._everyone(needed, self.everyone[False], len(self.bodies))
        said = Note(label, {"what": relation_of(self.graph.dataset, row), "bodies": everyone})
        figures = lost.relations[row], lost.pairs, lost.relation_margins.get(row, 0)
        return self._row((self.graph.relation_id(row), "relation"), figures, needed, said)

    def _everyone(self, needed: Sequence[int], everyone: Label, count: int) -> Names:
        if _NAMED < len(needed) == count:
            return {lang: label.format(count=count) for lang, label in everyone._asdict().items()}
        return names_of(self.graph.dataset, sorted(self.graph.ids[body] for body in needed))

    def _row(self, entry: tuple[str, str], figures: tuple[int, int, int], needed: Sequence[int], said: Note) -> Row:
        count, pairs, margin = figures
        values = {
            **said.values,
            "target": self.target,
            "ways": self.ways,
            "lost": f"{count} ± {margin}" if margin else count,
            "total": pairs,
        }
        return {
            "id": entry[0],
            "kind": entry[1],
            "pairs_lost": count,
            "pairs_total": pairs,
            "margin": margin,
            "mandatory_for": sorted(self.graph.ids[body] for body in needed),
            "sentence": Note(said.template, values),
        }


_NAMED = 5  # bodies that a sentence names one by one

_THROUGH = Label(
    "Every {ways} from {bodies} to {target} passes {what}.",
    "{what}: здесь проходят все {ways}. Откуда: {bodies}. Куда: {target}.",
    "{what}: {ways} осы арқылы өтеді. Қайдан: {bodies}. Қайда: {target}.",
)
_INTO = Label(
    "Every {ways} from {bodies} to {target} ends in {what} or passes it.",
    "{what}: здесь заканчиваются или проходят все {ways}. Откуда: {bodies}. Куда: {target}.",
    "{what}: {ways} осында аяқталады немесе осы арқылы өтеді. Қайдан: {bodies}. Қайда: {target}.",
)
_RESTS = Label(
    "Every {ways} from {bodies} to {target} rests on one relation: {what}.",
    "{what}: на этой одной связи держатся все {ways}. Откуда: {bodies}. Куда: {target}.",
    "{what}: {ways} осы бір байланысқа сүйенеді. Қайдан: {bodies}. Қайда: {target}.",
)
# Without an entity, and without a relation.
_WITHOUT = (
    Label(
        "Without {what}, {lost} of {total} known pairs of a body and a store are lost.",
        "{what}: без этого объекта теряются известные пары «орган – хранилище»: {lost} из {total}.",
        "{what}: бұл нысансыз белгілі «орган – дерекқор» жұптары жойылады: {total} жұптан {lost}.",
    ),
    Label(
        "Without one relation ({what}), {lost} of {total} known pairs of a body and a store are lost.",
        "{what}: без этой связи теряются известные пары «орган – хранилище»: {lost} из {total}.",
        "{what}: бұл байланыссыз белгілі «орган – дерекқор» жұптары жойылады: {total} жұптан {lost}.",
    ),
)
_WITHOUT_OVER = (
    Label(
        "Without {what}, {lost} of {total} bodies known to reach {target} no longer do.",
        "{what}: без этого объекта известный путь ({target}) теряют органы и организации: {lost} из {total}.",
        "{what}: бұл нысансыз жолынан ({target}) айырылатын органдар мен ұйымдар: белгілі {total} ішінен {lost}.",
    ),
    Label(
        "Without one relation ({what}), {lost} of {total} bodies known to reach {target} no longer do.",
        "{what}: без этой связи известный путь ({target}) теряют органы и организации: {lost} из {total}.",
        "{what}: бұл байланыссыз жолынан ({target}) айырылатын органдар мен ұйымдар: белгілі {total} ішінен {lost}.",
    ),
)
_EVERYONE = Label(
    "all {count} bodies that reach it", "все, кому доступ возможен ({count})", "қол жеткізетіндердің бәрі ({count})"
)
_EVERYONE_ELSE = Label(
    "all {count} others that reach it", "все остальные, кому доступ возможен ({count})",
    "қол жеткізетін басқалардың бәрі ({count})",
)  # fmt: skip
_ASKING = Label(
    "all {count} asking bodies that reach it", "все запрашивающие, кому доступ возможен ({count})",
    "сұраушылардан қол жеткізетіндердің бәрі ({count})",
)  # fmt: skip
_ASKING_ELSE = Label(
    "all {count} other asking bodies that reach it", "все остальные запрашивающие, кому доступ возможен ({count})",
    "сұраушылардан қол жеткізетін басқалардың бәрі ({count})",
)  # fmt: skip
_DIRECT = Label(
    "With a relation of their own to a place, and nobody in between ({count}): {bodies}.",
    "С собственной связью с местом хранения, без посредников ({count}): {bodies}.",
    "Сақтау орнымен өз байланысы бар, делдалсыз ({count}): {bodies}.",
)
_DIRECT_OVER = Label(
    "With a relation of their own to it, and nobody in between ({count}): {bodies}.",
    "С собственной связью, без посредников ({count}): {bodies}.",
    "Өз байланысы бар, делдалсыз ({count}): {bodies}.",
)
_SAMPLED = Label(
    "Counted at {counted} of {places} places: a figure with a margin is an estimate. Exact are the pairs, the "
    "mandatory passages and the {exact} greatest losses.",
    "Подсчитано не по всем местам хранения ({counted} из {places}): число с погрешностью – оценка. Точны пары, "
    "обязательные звенья и наибольшие потери ({exact}).",
    "Барлық сақтау орны бойынша есептелген жоқ ({places} ішінен {counted}): қателігі көрсетілген сан – бағалау. "
    "Жұптар, міндетті буындар және ең үлкен жоғалтулар ({exact}) дәл.",
)
_SPARE = Label(
    "Also on some way, though no pair hangs on any one of them alone (entities: {nodes}, relations: {relations}).",
    "На каких-то путях стоят и другие объекты ({nodes}) и связи ({relations}), но ни от чего из этого в отдельности ни "
    "одна пара не зависит.",
    "Қайсыбір жолда басқа да нысандар ({nodes}) мен байланыстар ({relations}) тұр; олардың жеке біреуіне бірде-бір жұп "
    "тәуелді емес.",
)
_SPARE_OVER = Label(
    "Also on some way, though nobody's reach hangs on any one of them alone (entities: {nodes}, relations: "
    "{relations}).",
    "На каких-то путях стоят и другие объекты ({nodes}) и связи ({relations}), но ни от чего из этого в отдельности "
    "ничей путь не зависит.",
    "Қайсыбір жолда басқа да нысандар ({nodes}) мен байланыстар ({relations}) тұр; олардың жеке біреуіне ешкімнің жолы "
    "тәуелді емес.",
)
