"""Every controlled term once, with its names in English, Russian and Kazakh.

The terms are those of the tables on disk. Their labels are what a reader sees; the codes never change with the
language.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LANGUAGES: Final = ("en", "ru", "kk")


class Label(NamedTuple):
    """A term's name in each language."""

    en: str
    ru: str
    kk: str

    def of(self, lang: str) -> str:
        """The name in one language, English where the language is none of ours."""
        return str(getattr(self, lang, self.en))


class Predicate(NamedTuple):
    """A kind of relation: its name, and the types that it may join."""

    label: Label
    subjects: tuple[str, ...]
    objects: tuple[str, ...]


TYPES: Final = {
    "body": Label("body", "орган или организация", "орган немесе ұйым"),
    "system": Label("system", "система", "жүйе"),
    "store": Label("store", "хранилище", "дерекқор"),
}

KINDS: Final = {
    "ministry": Label("ministry", "министерство", "министрлік"),
    "committee": Label("committee", "комитет", "комитет"),
    "department": Label("department", "департамент", "департамент"),
    "agency": Label("agency", "агентство", "агенттік"),
    "police": Label("police", "полиция", "полиция"),
    "security_service": Label("security service", "спецслужба", "арнайы қызмет"),
    "prosecutor": Label("prosecutor", "прокуратура", "прокуратура"),
    "court": Label("court", "суд", "сот"),
    "election_commission": Label("election commission", "избирательная комиссия", "сайлау комиссиясы"),
    "local_government": Label("local government", "местная власть", "жергілікті билік"),
    "state_company": Label("state company", "государственная компания", "мемлекеттік компания"),
    "operator": Label("operator", "оператор", "оператор"),
    "integrator": Label("integrator", "интегратор", "интегратор"),
    "manufacturer": Label("manufacturer", "производитель", "өндіруші"),
    "telecom": Label("telecom", "оператор связи", "байланыс операторы"),
    "investor": Label("investor", "инвестор", "инвестор"),
    "foreign_state": Label("foreign state", "иностранное государство", "шет мемлекет"),
    "international_body": Label("international body", "международная организация", "халықаралық ұйым"),
    "civil_society": Label("civil society", "гражданское общество", "азаматтық қоғам"),
    "threat_actor": Label("threat actor", "злоумышленник", "қаскүнем топ"),
    "public": Label("the public", "неограниченный круг лиц", "жалпы жұрт"),
}

_BODY: Final = ("body",)
_SYSTEM: Final = ("system",)
_STORE: Final = ("store",)
_PLACE: Final = ("system", "store")
_ANY: Final = ("body", "system", "store")

PREDICATES: Final = {
    "holds": Predicate(Label("holds", "хранит", "сақтайды"), _BODY, _STORE),
    "operates": Predicate(Label("operates", "эксплуатирует", "пайдаланады"), _BODY, _SYSTEM),
    "keeps_data_in": Predicate(Label("keeps data in", "хранит данные в", "деректерін сақтайтын жері"), _SYSTEM, _STORE),
    "collects_for": Predicate(Label("collects for", "собирает для", "кім үшін жинайды"), _SYSTEM, _BODY),
    "has_access": Predicate(Label("has access to", "имеет доступ к", "рұқсаты бар"), _BODY, _PLACE),
    "feeds": Predicate(Label("feeds", "передаёт данные в", "дерек береді"), _PLACE, _PLACE),
    "part_of": Predicate(Label("is part of", "входит в", "құрамына кіреді"), _ANY, _ANY),
    "owns": Predicate(Label("owns", "владеет", "иелік етеді"), _BODY, _BODY),
    "controls": Predicate(Label("controls", "контролирует", "бақылайды"), _BODY, _BODY),
    "member_of": Predicate(Label("is one of", "относится к", "қатарына жатады"), _BODY, _BODY),
    "maintains": Predicate(Label("maintains", "обслуживает", "қызмет көрсетеді"), _BODY, _SYSTEM),
    "integrates": Predicate(Label("integrates", "внедряет", "енгізеді"), _BODY, _SYSTEM),
    "supplies": Predicate(Label("supplies", "поставляет для", "жабдықтайды"), _BODY, _SYSTEM),
    "governs": Predicate(
        Label("makes the rules of", "устанавливает правила для", "ережелерін белгілейді"), _BODY, _PLACE
    ),
    "can_compel": Predicate(Label("can compel", "может обязать", "міндеттей алады"), _BODY, _BODY),
    "leaked_to": Predicate(Label("leaked to", "утекло к", "кімге тарап кетті"), _STORE, _BODY),
    "partner_of": Predicate(Label("is a partner of", "партнёр", "серіктесі"), _BODY, _BODY),
    "supervises": Predicate(Label("supervises", "надзирает за", "қадағалайды"), _BODY, _ANY),
    "funds": Predicate(Label("funds", "финансирует", "қаржыландырады"), _BODY, _ANY),
    "replaces": Predicate(Label("replaces", "заменяет", "алмастырады"), _ANY, _ANY),
}

STATUSES: Final = {
    "confirmed": Label("confirmed", "подтверждено", "расталған"),
    "reported": Label("reported", "сообщалось", "хабарланған"),
    "alleged": Label("alleged", "утверждается", "мәлімделген"),
    "planned": Label("planned", "планируется", "жоспарланған"),
    "under_review": Label("under review", "рассматривается", "қаралуда"),
    "denied": Label("denied", "отрицается", "жоққа шығарылған"),
}

MODES: Final = {
    "live": Label("live", "в реальном времени", "нақты уақытта"),
    "archive": Label("archive", "архив", "мұрағат"),
    "search": Label("search", "поиск", "іздеу"),
    "export": Label("export", "выгрузка", "көшіріп алу"),
    "admin": Label("admin", "администрирование", "әкімшілік құқық"),
    "copy": Label("copy", "копия", "көшірме"),
    "query": Label("query", "запрос", "сұрау"),
    "total": Label("total stake", "общая доля", "жалпы үлес"),
}

MODES_OF: Final = {
    "has_access": ("live", "archive", "search", "export", "admin"),
    "feeds": ("copy", "query"),
    "owns": ("total",),
}

# Weakest first: a level's or a certainty's place in its tuple is its strength in every array.
LEVELS: Final = ("possible", "indirect", "granted", "custody")
CERTAINTIES: Final = ("prospective", "alleged", "reported", "confirmed")
VERDICTS: Final = ("prospective", "claimed", "reaches")
STANCES: Final = ("direct", "documented", "assumed")

CERTAINTY_OF_STATUS: Final = {
    "confirmed": "confirmed",
    "reported": "reported",
    "alleged": "alleged",
    "planned": "prospective",
    "under_review": "prospective",
}

LEVEL_LABELS: Final = {
    "custody": Label("custody", "хранение", "сақтау"),
    "granted": Label("granted", "предоставлен", "берілген"),
    "indirect": Label("indirect", "косвенный", "жанама"),
    "possible": Label("possible", "возможный", "ықтимал"),
}

CERTAINTY_LABELS: Final = {
    "confirmed": STATUSES["confirmed"],
    "reported": STATUSES["reported"],
    "alleged": STATUSES["alleged"],
    "prospective": Label("prospective", "в планах", "жоспарда"),
}

VERDICT_LABELS: Final = {
    "reaches": Label("reaches", "есть путь", "қол жеткізе алады"),
    "claimed": Label("claimed", "по неподтверждённым данным", "дәлелденбеген мәлімет бойынша"),
    "prospective": Label("prospective", "только в планах", "тек жоспарда"),
    "no known path": Label("no known path", "путь неизвестен", "белгілі жол жоқ"),
}

STANCE_LABELS: Final = {
    "direct": Label("direct", "только прямые связи", "тек тікелей байланыстар"),
    "documented": Label("documented", "по документам", "құжаттар бойынша"),
    "assumed": Label("assumed", "с допущениями", "болжаммен"),
}

DATE_WORDS: Final = {
    "known": Label("dated", "дата известна", "күні белгілі"),
    "assumed": Label("date assumed", "дата предположена", "күні болжамды"),
    "undated": Label("undated", "без даты", "күні жоқ"),
}

SOURCE_KINDS: Final = ("official", "law", "news", "research", "company", "dataset", "social")
SEEN: Final = ("read", "excerpt", "cited")
