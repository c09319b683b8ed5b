"""Names of bodies across alphabets and spellings: how alike two are, and why.

A score alone cannot part namesakes: "Concern Vega" and "NII Vega" share their only rare word, "China Electronics
Corporation" and "China Electronics Technology Group" nearly all of theirs. So words are of three kinds: legal forms
say nothing and are dropped; soft words (technology, information) may be missing on one side when a rare word is
shared; every other word that only one side has keeps the pair below the threshold, and is named as the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

from stakeholders.transliteration import key
from stakeholders.vocabulary import Label

ACCEPTABLE: Final = 0.85  # the suggested threshold: see benchmarks/matching.py

FORMS_APART: Final = 0.98  # "China Mobile Limited" is a company of its own beside "China Mobile Group"

SAME: Final = Label("same name", "то же название", "сол атау")
SAME_FORMS_APART: Final = Label(
    "same name but for its legal form", "то же название без правовой формы", "құқықтық нысанынан басқа атауы сол"
)
SAME_WORDS: Final = Label("same words", "те же слова", "сол сөздер")
SOFT: Final = Label(
    "same but for common words: {words}",
    "совпадает, кроме общих слов: {words}",
    "жалпы сөздерден басқасы сәйкес: {words}",
)
SPELLING: Final = Label(
    "one word spelt otherwise: {words}", "одно слово написано иначе: {words}", "бір сөз басқаша жазылған: {words}"
)
DIFFERENT: Final = Label("differs in: {words}", "отличается: {words}", "айырмасы: {words}")
SHORT: Final = Label(
    "too short to tell bodies apart: {words}",
    "слишком короткое, чтобы различать организации: {words}",
    "ұйымдарды ажыратуға тым қысқа: {words}",
)

_DOTTED: Final = re.compile(r"\b(\w)\.(?=(?:\s?\w\.)|\s|$|,)")
_BRACKETS: Final = re.compile(r"[(\[（]([^()\[\]（）]*)[)\]）]")
_PARTS: Final = re.compile(r"[^\w'’‘ʼʻ`´]+|_")

_FORMS: Final = """
ltd limited llc llp lp inc incorporated corp corporation co company companies jsc ojsc cjsc pjsc plc gmbh ag sa bv nv oy
ab srl sarl sro spa pte pty kk fze fzco dmcc bhd sdn kg as aps
joint stock public open closed private liability responsibility the of and by with
ооо ао оао зао пао нао тоо ип гуп фгуп муп гкп ргп мкао мкпао мкооо ак тов
общество с ограниченной ответственностью акционерное публичное открытое закрытое непубличное товарищество
компания корпорация международная
obshchestvo ogranichennoy otvetstvennostyu aktsionernoe publichnoe otkrytoe zakrytoe tovarishchestvo kompaniya
ooo ao oao zao pao nao too mkao mkpao
жшс ақ жақ шжқ рмк мкк ұқ жауапкершілігі шектеулі серіктестігі серіктестік акционерлік қоғамы қоғам
youxian zeren gongsi gufen youxiangongsi
"""

_SOFT: Final = """
technology technologies tech science information intelligent intelligence network networks communication communications
development electronic electronics digital industry industrial
технологии технолоджис технологии технологий
"""

# Of a single rare word only these may be missing: "Huawei Software" is another company than "Huawei".
_SOFTEST: Final = "technology technologies tech технологии технолоджис"

_COMMON: Final = """
china chinese russia russian kazakhstan kazakh kyrgyz kyrgyzstan uzbekistan tajikistan turkmenistan iran hong kong
beijing shanghai shenzhen hangzhou zhejiang xinjiang chengdu suzhou nanjing xiamen guangzhou tianjin wuhan urumqi almaty
astana moscow moskva petersburg bishkek tashkent dushanbe international global national state group holding holdings
concern corporation system systems service services center centre institute research academy university bureau ministry
department agency committee public security police main general special industries enterprise enterprises trading trade
investment capital bank fund media solutions engineering security software equipment data cloud smart city safe
government council foreign internal affairs interior defence defense justice health finance commerce office authority
administration central election commission prosecutor statistics republic region district municipal social company
"""


@dataclass(frozen=True)
class Name:
    """A name taken apart for comparison.

    Attributes
    ----------
    text : str
        As written.
    words : tuple of str
        Keys of its words without legal forms, in order.
    written : tuple of str
        The same words as written.
    every : tuple of str
        Keys of all its words, legal forms included.
    short : bool
        Whether it is an abbreviation of so few letters that others share it.
    """

    text: str
    words: tuple[str, ...]
    written: tuple[str, ...]
    every: tuple[str, ...]
    short: bool

    @cached_property
    def joined(self) -> str:
        """The keys as one word."""
        return "".join(self.words)

    @cached_property
    def loose(self) -> str:
        """The same without what romanisations of foreign words disagree on: НТЕХ лаб is NtechLab."""
        return self.joined.replace("ch", "k").replace("h", "")

    @cached_property
    def full(self) -> str:
        """Keys of all its words in alphabetical order: the name with its legal form."""
        return " ".join(sorted(self.every))

    @cached_property
    def weight(self) -> float:
        """Sum of what its words tell."""
        return sum(word_weight(word) for word in self.words)

    @property
    def generic(self) -> bool:
        """Whether every word is one that many names have."""
        return all(word in _common_keys() for word in self.words)

    def said(self, words: list[str]) -> str:
        """Words as they are written here."""
        shown = dict(zip(self.words, self.written, strict=True))
        return " ".join(shown.get(word, word) for word in words)


class Likeness(NamedTuple):
    """How alike two names are, from 0 to 1, and why: a template and the words in question."""

    score: float
    reason: Label
    words: str = ""


def name_of(text: str) -> Name:
    """A name taken apart.

    Examples
    --------
    >>> name_of("ТОО «Көркем Телеком»").words == name_of("Korkem Telecom LLP").words
    True
    >>> name_of("Hangzhou Hikvision Digital Technology Co., Ltd.").words
    ('hangjou', 'hikvision', 'digital', 'technologi')
    """
    plain = _DOTTED.sub(r"\1", text) if "." in text else text
    forms = _form_keys()
    every: list[str] = []
    kept: list[str] = []
    written: list[str] = []
    for word in _PARTS.split(plain):
        if not word:
            continue
        part = word_key(word)
        for each in (part,) if " " not in part else part.split():
            if each:
                every.append(each)
                if each not in forms:
                    kept.append(each)
                    written.append(word)
    if not kept:
        # A name made of legal forms alone keeps them: they are all it has.
        kept, written = every, list(every)
    letters = sum(map(len, written))
    capitals = len(every) == 1 and letters <= 4 and text.strip().isupper()
    return Name(text, tuple(kept), tuple(written), tuple(every), letters <= 3 or capitals)


def variants(text: str) -> tuple[str, ...]:
    """A name, and what stands in its brackets or before them, each a name of its own.

    Brackets that hold a place or a number are part of the name; words in small letters ("as a class") are a remark.

    Examples
    --------
    >>> variants("Vega Radio Engineering Corporation (Concern Vega)")
    ('Vega Radio Engineering Corporation (Concern Vega)', 'Vega Radio Engineering Corporation', 'Concern Vega')
    """
    inside = [part.strip() for part in _BRACKETS.findall(text)]
    named = [part for part in inside if part and not any(letter.isdigit() for letter in part) and not _is_common(part)]
    if not named or len(named) != len(inside):
        return (text,)
    named = [part for part in named if not part[0].islower() or "." in part]
    outside = " ".join(_BRACKETS.sub(" ", text).split()).strip(" ,;")
    return tuple(part for part in dict.fromkeys((text, outside, *named)) if part)


def likeness(one: Name, two: Name, least: float = 0.0) -> Likeness:
    """How alike two names are, and why.

    Parameters
    ----------
    one : Name
        Of a body in the dataset; whether it is an abbreviation shows in it, as lists are often all in capitals.
    two : Name
    least : float
        Below this score nobody asks why.

    Examples
    --------
    >>> likeness(name_of("Казахтелеком"), name_of("Kazakhtelecom JSC")).score
    0.98
    >>> found = likeness(name_of("NII Vega"), name_of("Concern Vega"))
    >>> found.score < ACCEPTABLE, found.words
    (True, 'NII / Concern')
    """
    if not one.words or not two.words:
        return Likeness(0.0, DIFFERENT)
    if one.joined == two.joined:
        if one.short:
            return Likeness(0.75, SHORT, one.text)
        return Likeness(1.0, SAME) if one.full == two.full else Likeness(FORMS_APART, SAME_FORMS_APART)
    left, right, shared = _apart(one.words, two.words)
    if not left and not right:
        return Likeness(0.75 if one.short else 0.96, SAME_WORDS)
    if one.loose == two.loose and len(one.joined) >= 6:
        return Likeness(0.95, SPELLING, _said(one, left, two, right))
    if len(left) == len(right) == 1:
        ratio = _ratio(left[0], right[0])
        if ratio >= 0.88 and (shared or min(len(left[0]), len(right[0])) >= 6):
            return Likeness(round(0.4 + 0.5 * ratio, 3), SPELLING, _said(one, left, two, right))
    weight = sum(word_weight(word) for word in shared)
    dice = 2 * weight / (one.weight + two.weight) if shared else 0.0
    if dice < least - 0.1:
        return Likeness(dice, DIFFERENT)
    rare = [word for word in shared if word not in _common_keys() and len(word) >= 4]
    if rare and not (left and right):
        soft = _soft_keys() if len(shared) > 1 else _softest_keys()
        if all(word in soft for word in (*left, *right)):
            return Likeness(max(0.9, round(dice, 3)), SOFT, _said(one, left, two, right))
    return Likeness(round(min(dice, 0.8), 3), DIFFERENT, _said(one, left, two, right))


@lru_cache(maxsize=1 << 18)
def word_key(word: str) -> str:
    """What a word has in common with its other spellings; of an apostrophe nothing is left.

    Examples
    --------
    >>> word_key("Телеком") == word_key("Telecom")
    True
    """
    return key(word)


def _said(one: Name, left: list[str], two: Name, right: list[str]) -> str:
    """What parts two names, as written."""
    return " / ".join(part for part in (one.said(left), two.said(right)) if part)


def _apart(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[list[str], list[str], list[str]]:
    """Words that only the first has, only the second, and both; a repeated word counts each time."""
    right, left, shared = list(two), [], []
    for word in one:
        if word in right:
            right.remove(word)
            shared.append(word)
        else:
            left.append(word)
    return left, right, shared


def _ratio(one: str, two: str) -> float:
    return float(_fuzz().ratio(one, two)) / 100


@lru_cache(maxsize=1)
def _fuzz() -> Any:
    from rapidfuzz import fuzz  # only matching pays for it

    return fuzz


@lru_cache(maxsize=1 << 18)
def word_weight(word: str) -> float:
    """What the key of a word tells: a rare word most, one that half of all companies bear least."""
    if word in _soft_keys():
        return 0.3
    return 0.5 if word in _common_keys() else 1.0


def _is_common(text: str) -> bool:
    words = [part for word in _PARTS.split(text) if word for part in word_key(word).split()]
    return all(word in _common_keys() or word in _form_keys() for word in words)


@lru_cache(maxsize=1)
def _form_keys() -> frozenset[str]:
    return _keys(_FORMS)


@lru_cache(maxsize=1)
def _soft_keys() -> frozenset[str]:
    return _keys(_SOFT)


@lru_cache(maxsize=1)
def _softest_keys() -> frozenset[str]:
    return _keys(_SOFTEST)


@lru_cache(maxsize=1)
def _common_keys() -> frozenset[str]:
    return _keys(f"{_COMMON} {_SOFT}")


def _keys(words: str) -> frozenset[str]:
    return frozenset(part for word in words.split() for part in word_key(word).split())
