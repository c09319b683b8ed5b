"""The words in which people ask, in English, Russian and Kazakh: what each tells about the question meant.

Patterns are matched at the beginning of a word, in small letters; they stand for all the forms that begin so. A word of
at most three letters, and one that ends in ``$``, stands for itself alone.
"""

from __future__ import annotations

import re
from typing import Final

from stakeholders.vocabulary import Label

# What nobody knows; an actor may be called unknown, too.
UNKNOWN: Final = r"\b(is|are|remains?)( still)? unknown\b"

# A question, by what betrays it. Tried in this order: the rarer intention before the commoner.
INTENTIONS: Final = {
    "gaps": (
        rf"\bgaps?\b|\bnot known\b|{UNKNOWN}|\b(do (we|you) not|(don't|do not) (we|you)|we (don't|do not)) know\b",
        r"\bпробел|\bнеизвестно\b|\bне (знаем|известно)\b",
        r"\bбелгісіз\b|\bбілмейміз\b|\bолқылық",
    ),
    "diff": (
        r"\bchang(e|ed|es)\b|\bgained\b|\blost\b|\bdiffer",
        r"\bизмени|\bменял|\bразниц|\bутратил|\bпоявил",
        r"\bөзгер|\bайырма",
    ),
    "exposure": (
        r"\bsanction|\bexposure\b|\bexposed\b|\bblacklist|\blisted (vendor|compan|supplier|entit)|\bexport control",
        r"\bсанкци|\bподсанкцион|\bчёрн\w+ спис|\bэкспортн\w+ контрол",
        r"\bсанкци|\bқара тізім",
    ),
    "chokepoints": (
        (
            r"\bchoke ?-?points?\b|\bbottleneck|\b(through|via) wh|\bgatekeeper|\bstands? between\b"
            r"|\bpass(es)? through(?= to\b| on\b|$)"
        ),
        r"\bузк\w+ мест|\bчерез (кого|что)\b|\bключев\w+ узл|\bузлов",
        r"\b(кім|кімдер|не) арқылы\b|\bтар жер|\bтүйін|\bтораптар",
    ),
    "cut": (
        (
            r"\bcut(ting|s)?\b|\bsever\b|\bstop\b|\bend ([\w-]+ ){0,4}(access|reach)|\bwould end\b"
            r"|\brevok|\bblock\b|\bprevent\b|\bshut\b"
            r"|\bdeprive\b|\btake away\b"
        ),
        r"\bотреза|\bпрекрати|\bперекры|\bзакры(ть|л)|\bотозва|\bлишить\b|\bзаблокир|\bпресе[чк]",
        r"\bтоқтат|\bүзу|\bжабу|\bайыру|\bшектеу|\bбөгеу",
    ),
    "whynot": (
        r"^(can|could|may|might|does|do|has|is)\b|\bwhy\b.*(\bnot\b|n't\b|\bcannot\b|\bno\b|\bunable\b)",
        r"^(может|могут|имеет|есть|видит|получает) ли\b|\bпочему\b.*\b(не|нет)\b",
        r"\b(ала|жете|бар|көре) ?(ма|ме|ба|бе)\b|\b(неге|неліктен|не үшін)\b.*\b(алмайды|майды|жоқ)\b|\bжете алмай",
    ),
    "how": (
        r"^(and )?how\b|\bby (what|which) (path|route|way)|\bwhy\b",
        r"^(а )?как\b|\bкаким (образом|путём|путем)\b|\bпочему\b",
        r"\bқалай\b|\bқандай жолмен\b|\bнеліктен\b",
    ),
    "what": (
        r"\bwhat (can|could|may|might|does|do|is|are)\b|\bto what\b|\b(which|what) (data|stores|systems|information)\b",
        r"\bк чему\b|\b(к )?как(им|ие|ими|ой|ую) (\w+ )?(данны|хранилищ|систем|сведени|категори|информаци)|^что\b",
        r"\bнеге\b|\bнелерге\b|\bнеменеге\b|\bқандай (\w+ )?(дерек|жүйе|мәлімет|ақпарат|санат)|^не(ні)?\b",
    ),
    "who": (
        r"\bwho\b|\bwhom\b|\b(which|what|any) \w+",
        r"\bкто\b|\bкому\b|\bкого\b|\bкак(ие|ая|ой) \w+",
        r"\bкім\w*|\bқай(сы)?\b|\bқандай \w+",
    ),
}

# The same, as one says it back.
ASKED: Final = {
    "who": Label("who can reach some data", "у кого возможен доступ к данным", "деректерге кім қол жеткізе алады"),
    "what": Label("what a body can reach", "какие данные доступны органу", "орган қандай деректерге қол жеткізе алады"),
    "how": Label(
        "how a body reaches some data", "каким путём орган получает доступ", "орган деректерге қалай қол жеткізеді"
    ),
    "whynot": Label(
        "whether a body reaches some data, or why not",
        "доступны ли данные органу, а если нет, то почему",
        "орган деректерге жете ме, жетпесе неге",
    ),
    "chokepoints": Label("through whom access passes", "через кого проходит доступ", "қолжетімділік кім арқылы өтеді"),
    "cut": Label("what would end some access", "что прекратило бы доступ", "қолжетімділікті не тоқтатар еді"),
    "exposure": Label(
        "which listed companies stand behind something",
        "какие компании из санкционных списков за этим стоят",
        "бұның артында тізімдегі қандай компаниялар тұр",
    ),
    "diff": Label(
        "what changed between two dates", "что изменилось между двумя датами", "екі күн аралығында не өзгерді"
    ),
    "gaps": Label("what is not known", "что неизвестно", "не белгісіз"),
}

# Reach, without which "who", "what" and "how" are about something else.
REACH: Final = (
    r"\breach|\baccess|\bsees?\b|\bview|\breads?\b|\bget(s|ting)?\b|\bobtain|\bavailable\b|\bhands on\b|\blook at\b",
    r"\bдоступ|\bвид(ит|ят|еть)\b|\bполуч|\bчита|\bраспола|\bпопада|\bдобрать|\bдотян|\bпут(ь|и|ей)\b",
    r"\bқол ?жет|\bжете ал|\bжетеді\b|\bжетуі|\bкөре ал|\bкөреді\b|\bрұқсат|\bқолында\b|\bжол\w*\b",
)
CUSTODY: Final = (
    r"\bholds?\b|\bkeeps?\b|^who stores?\b|\bcustody\b",
    r"\bхран(ит|ят|ится|ятся)\b|\bдерж(ит|ат)\b",
    r"\bсақта",
)
AFTER: Final = r"\bпосле\b"
SINCE: Final = rf"\bsince\b|\bс\b|{AFTER}|\bбері\b|\bбастап\b"
# What makes of a day a stretch of time, said before it or after it.
STRETCH: Final = (
    r"\b(?:since|from|to|till|until|before|after|с|со|от|до|после|по)(?: the)?\s+\0"
    r"|\0(?:\s+\w+)?\s+(?:бері|бастап|дейін|шейін|кейін|бұрын)\b"
)
# Whoever asks who has no access is not to be told who has.
NEGATION: Final = (
    r"\bnot\b|n't\b|\bcannot\b|\bunable\b|\bno\b|\bnever\b|\bnobody\b",
    r"\bн[еи]\b|\bнет\b|\bникто\b|\bнельзя\b",
    r"алмай|жетпей|\bжоқ\b|\bешкім|\bемес\b",
)

# Words that carry nothing once the intention is known.
_EMPTY: Final = """
    a an the of in on at to for from by with into about and or is are be was were been being am do does did can could
    may might would should will able it its they them their there this that these those any all anyone anybody
    everyone everybody somebody someone who whom whose what which how why not no get gets getting reach reaches
    reached access accesses see sees view read reads obtain available hands has have had having hold holds keep keeps
    path paths known way ways route t s m re currently now today please me us we you tell show find out possible data
    information personal record records cut off stop end revoke block prevent shut take away deprive sever smallest
    set least takes pass passes through via chokepoint chokepoints choke point points bottleneck bottlenecks
    gatekeepers stands stand between behind sanction sanctions sanctioned exposure exposed listed vendor vendors
    supplier suppliers change changed changes gained lost since gap gaps cannot unable as day date disposal look case
    there's what's who's don don't can't doesn't couldn't n't goes go single failure everything else need needed order
    know и а в
    во на к ко с со у о об от до для по за из или ли же бы не нет есть быть был была были кто кому кого кем чего чему
    что чем как каким какие какой какая каких какими образом путём путем почему это этот эти его её их мы нам может
    могут можно мог могла имеет имеют иметь получить получает получают получил получила доступ доступа доступу
    доступом доступны доступно доступна видит видят увидеть читает располагает попадает попадают путь пути сейчас
    сегодня данные данных данным данными сведения сведений сведениям информация информации информацию персональные
    персональным персональных личные личным хранит хранят хранится держит держат через проходит идёт идет узкие узкое
    место места прекратить отрезать закрыть перекрыть отозвать лишить нужно надо чтобы санкции санкциями санкций
    санкционные под поставщики поставщиков какие-то изменилось изменился изменилась после знаем известно неизвестно
    пробелы стоят стоит риски риск все всё всех весь вся кто-то кто-нибудь добраться ключевые узлы том этой этого мен
    пен бен және нені неге нелерге неменеге неліктен қалай қандай қай қайсы кім кімге кімдер кімнің үшін бар жоқ ма ме
    ба бе па пе қол жеткізе жеткізеді жеткізу жеткізуге қолжетімділігі қолжетімділік қолжетімділігін қолжетімді алады
    алмайды ала жете жетеді көре көреді рұқсаты рұқсат рұқсаттары деректер деректерге деректерді деректерін
    деректеріне деректерінің дерек мәліметтер мәліметтерге мәлімет дербес жеке сақтайды сақтаған бүгін қазір арқылы
    туралы жайында
    өтеді тар жерлері жері тоқтатуға тоқтату болады бола санкция санкциядағы санкциялар жеткізушілер артында тұр
    өзгерді өзгерген бері бастап аралығында белгісіз білмейміз біз барлық жол жолы жолмен мүмкін мүмкіндігі ие ғана
    имел имела имели алды алған алатын company companies firm firms компании компания компаний компанию списков список
    списки списках списке санкционных санкционным lists list жылы жылғы жыл жылдан күні күнгі года году год г
"""
EMPTY: Final = frozenset(_EMPTY.split())

# Who asks: kinds, as selectors. A company of a state is no state.
STATE_COMPANY: Final = r"\b(?:state|государственн\w+|мемлекеттік) (?:compan|компани)\w+"
_COMPANIES: Final = ("state_company", "operator", "integrator", "manufacturer", "telecom", "investor")
KINDS: Final[dict[str, tuple[str, ...]]] = {
    r"state_company$": ("state_company",),
    r"polic|полици": ("police",),
    r"ministr|министерств|министрлі": ("ministry",),
    r"compan|firm|компани|фирм": _COMPANIES,
    r"manufacturer|maker|производител|өндіруші": ("manufacturer",),
    r"vendor|supplier|поставщик|жеткізуші": ("manufacturer", "integrator"),
    r"operator|оператор": ("operator", "telecom"),
    r"prosecutor|прокурат": ("prosecutor",),
    r"court|суд$|суды$|сот$|соттар": ("court",),
    r"investor|инвестор": ("investor",),
    r"akimat|акимат|әкімд": ("local_government",),
    r"hacker|хакер": ("threat_actor",),
    r"state$|states$|government|государств|мемлекет|үкімет": ("foreign_state",),
    r"bod(y|ies)|organi[sz]ation|agenc|institution|entit|орган|организаци|учрежден|ведомств|ұйым|мекеме": (),
}
FOREIGN: Final = r"foreign|abroad|иностранн|зарубежн|шетел|шет$"
OUTSIDE: Final = r"(?:outside(?: of)?|вне|за пределами) (\w+)|(\w+?)(?:нан|нен|дан|ден|тан|тен) тыс\w*"
WITHIN: Final = r"\b(?:who|кто) (?:in|from|в|из) (\w+)"
# Where, or of what, those are who ask: what follows is no part of what they reach.
OF_WHERE: Final = r"(?:in|from|at|of|в|во|из|от|при) \w+"

# Before a place: that data are there; that they are not, or that something comes from there.
IN: Final = r"(?:in|within|в|во)\b"
AWAY: Final = r"(?:from|to|outside|near|except|but|through|via|without|из|от|до|вне|кроме|через|без|около)\b"
TO: Final = r"to|к|ко"  # between who reaches and what is reached
# Kazakh: of a place, rather than in it or from it, where it is open whether the data or those who ask are meant.
ATTRIBUTIVE: Final = r"(?:[дт][ае]ғы|[нтд][ыі]ң)$"

MONTHS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"jan|январ|қаңтар", r"feb|феврал|ақпан", r"mar|март|наурыз", r"apr|апрел|сәуір", r"may|ма[йея]|мамыр",
        r"jun|июн|маусым", r"jul|июл|шілде", r"aug|август|тамыз", r"sep|сентябр|қыркүйек", r"oct|октябр|қазан$",
        r"nov|ноябр|қараша", r"dec|декабр|желтоқсан",
    )
)  # fmt: skip

# What people say for a category beside its names.
SAID: Final = {
    "biometric": ("biometrics", "биометрия", "биометрика"),
    "face": (
        "face",
        "faces",
        "facial images",
        "face recognition",
        "лица",
        "изображения лиц",
        "распознавание лиц",
        "бет",
        "бет бейнелері",
        "жүз",
    ),
    "fingerprint": ("fingerprint", "отпечатки", "дактилоскопия", "саусақ ізі", "саусақ іздері"),
    "genomic": ("dna", "genome", "genetic", "днк", "геном", "генетика"),
    "iris": ("iris", "радужка"),
    "voice": ("voice", "voiceprints", "голос", "голоса", "дауыс"),
    "video": ("video", "cctv", "footage", "camera", "видео", "камеры", "видеозаписи", "бейне", "бейнежазба"),
    "vehicle_plate": (
        "number plates",
        "license plates",
        "licence plates",
        "plates",
        "номера машин",
        "автомобильные номера",
        "номера автомобилей",
        "көлік нөмірлері",
    ),
    "location": ("location", "geolocation", "movements", "геолокация", "местоположение"),
    "travel": ("travel", "border crossings", "поездки", "пересечения границы", "сапарлар"),
    "identity": (
        "identity",
        "passports",
        "identity documents",
        "id cards",
        "паспорта",
        "удостоверения личности",
        "жеке куәлік",
    ),
    "health": ("health", "medical", "здоровье", "медицинские", "медицина", "денсаулық", "медициналық"),
    "tax": ("tax", "taxes", "налоги", "налоговые", "салық"),
    "financial": ("financial", "bank", "finance", "финансовые", "банковские", "қаржы", "қаржылық"),
    "criminal": ("criminal", "convictions", "судимости", "уголовные дела", "соттылық"),
    "electoral": ("voter", "voters", "electoral", "избиратели", "избирательные", "сайлаушылар"),
    "communications": ("communications", "связь", "переписка", "байланыс"),
    "communications_metadata": ("call metadata", "phone metadata", "metadata", "метаданные", "метадеректер"),
    "communications_content": ("messages", "calls", "conversations", "сообщения", "разговоры", "хабарламалар"),
    "education": ("education", "school", "образование", "білім"),
    "employment": ("employment", "work", "трудовые", "еңбек"),
    "property": ("property", "имущество", "недвижимость", "мүлік"),
    "address": ("address", "addresses", "адреса", "мекенжай"),
    "social": ("social", "benefits", "социальные", "пособия", "әлеуметтік"),
    "device_files": ("phone contents", "device files", "файлы устройств"),
    "civil_status": ("civil status", "marriages", "births", "браки", "гражданское состояние"),
    "administrative_offence": (
        "administrative offences",
        "traffic offences",
        "fines",
        "штрафы",
        "административные правонарушения",
    ),
}


def kinds_of(word: str) -> tuple[str, ...] | None:
    """The kinds of body that a word stands for: none in particular, or nothing where it is no such word.

    Examples
    --------
    >>> kinds_of("polices"), kinds_of("bodies"), kinds_of("video")
    (('police',), (), None)
    """
    return next((kinds for pattern, kinds in KINDS.items() if re.match(pattern, word)), None)
