"""Questions in words: what is understood is what was meant, and what is in doubt is not run."""

from __future__ import annotations

import re
import shlex
from datetime import date

import pytest

from graphs.phrasebook import ASKED
from graphs.questions import NotUnderstood, understand
from stakeholders.dataset import Dataset
from stakeholders.vocabulary import LANGUAGES

COMPANIES = ("state_company", "operator", "integrator", "manufacturer", "telecom", "investor")
WORDS = {
    "today": date.today().isoformat(),
    "companies_cn": " ".join(f"--from kind={kind},country=CN" for kind in COMPANIES),
    "almaty": "--in location=Almaty --in 'location=Astana, Almaty, Taraz' --in 'location=Astana, Almaty'",
    "astana": " ".join(
        f"--in {shlex.quote(f'location={place}')}"
        for place in (
            "Astana",
            "later Astana",
            "Astana, Almaty, Taraz",
            "Astana pilot",
            "Astana (Nur-Sultan)",
            "Astana, Almaty",
        )
    ),
    "companies_abroad": " ".join(f"--from 'kind={kind},country!=KZ'" for kind in COMPANIES),
}

# What one may ask of central-asia, and the command that it means.
UNDERSTOOD = {
    "who can reach biometric data": "who biometric",
    "Who can reach biometric data?": "who biometric",
    "who has access to fingerprints": "who fingerprint",
    "which bodies can access face images": "who face",
    "Who could see video on 15 April 2020?": "who video --as-of 2020-04-15",
    "who holds DNA data": "who genomic --level custody",
    "who keeps voter data": "who electoral --level custody",
    "which Chinese companies can reach face data": "who face {companies_cn}",
    "which foreign companies have access to biometrics": "who biometric {companies_abroad}",
    "who outside Kazakhstan can reach biometric data": "who biometric --from 'country!=KZ'",
    "who can access the Sergek archive in Almaty": "who kz-sergek-almaty-archive",
    "who can reach the Almaty video archive": "who kz-sergek-almaty-archive",
    "which police can reach vehicle plates": "who vehicle_plate --from kind=police",
    "who can reach health records as of 2021": "who health --as-of 2021",
    "what can Dahua reach": "what cn-dahua",
    "what data does the Ministry of Internal Affairs have access to?": "what kz-mia",
    "what can the Police Department of Almaty access": "what kz-police-almaty",
    "what can kz-mia reach": "what kz-mia",
    "how does Dahua reach the Sergek video archive in Almaty": "how cn-dahua kz-sergek-almaty-archive",
    "how can the National Security Committee get face images": "how kz-nsc face",
    "how can kz-mia reach face": "how kz-mia face",
    "why can't the Ministry of Health reach genomic data": "whynot kz-moh genomic",
    "why does the Almaty police not have access to video": "whynot kz-police-almaty video",
    "through whom does access to biometric data pass": "chokepoints biometric",
    "what are the chokepoints for fingerprints": "chokepoints fingerprint",
    "what would cut Dahua off from video": "cut video --from cn-dahua",
    "how to end access of Hikvision to face data": "cut face --from cn-hikvision",
    "which sanctioned vendors stand behind Sergek": "exposure kz-sergek",
    "sanctions exposure of biometric data": "exposure biometric",
    "what changed between 2020-04-15 and 2026-11-01": "diff --between 2020-04-15 2026-11-01",
    "what changed since April 2020": "diff --between 2020-03-31 {today}",
    "what is not known": "gaps",
    "what is unknown": "gaps",
    "what is still unknown about Sergek": "gaps kz-sergek",
    "what don't we know": "gaps",
    "what can the unknown actor reach": "what xx-unknown-actor",
    "what are the gaps": "gaps",
    "кто имеет доступ к биометрическим данным": "who biometric",
    "Кто может получить доступ к отпечаткам пальцев?": "who fingerprint",
    "у кого есть доступ к изображениям лиц": "who face",
    "кому доступны видеозаписи": "who video",
    "кто хранит геномные данные": "who genomic --level custody",
    "какие китайские компании имеют доступ к биометрическим данным": "who biometric {companies_cn}",
    "кто за пределами Казахстана может получить доступ к данным избирателей": "who electoral --from 'country!=KZ'",
    "к чему имеет доступ полиция Алматы": "what kz-police-almaty",
    "к каким данным имеет доступ Министерство внутренних дел": "what kz-mia",
    "что доступно КНБ": "what kz-nsc",
    "как Dahua получает доступ к Сергек": "how cn-dahua kz-sergek",
    "как МВД получает доступ к изображениям лиц": "how kz-mia face",
    "почему Министерство здравоохранения не имеет доступа к геномным данным": "whynot kz-moh genomic",
    "через кого проходит доступ к биометрическим данным": "chokepoints biometric",
    "как прекратить доступ Hikvision к изображениям лиц": "cut face --from cn-hikvision",
    "какие поставщики под санкциями стоят за Сергек": "exposure kz-sergek",
    "что изменилось с 2020-04-15 по 2026-11-01": "diff --between 2020-04-15 2026-11-01",
    "что изменилось с апреля 2020": "diff --between 2020-03-31 {today}",
    "чего мы не знаем": "gaps",
    "биометриялық деректерге кім қол жеткізе алады": "who biometric",
    "кім саусақ іздеріне қол жеткізе алады?": "who fingerprint",
    "бет бейнелеріне кімнің рұқсаты бар": "who face",
    "геномдық деректерді кім сақтайды": "who genomic --level custody",
    "қандай қытай компаниялары биометриялық деректерге қол жеткізе алады": "who biometric {companies_cn}",
    "Ішкі істер министрлігі қандай деректерге қол жеткізе алады": "what kz-mia",
    "Ұлттық қауіпсіздік комитеті неге қол жеткізе алады": "what kz-nsc",
    "Ішкі істер министрлігі бет бейнелеріне қалай қол жеткізеді": "how kz-mia face",
    "Денсаулық сақтау министрлігі геномдық деректерге неге қол жеткізе алмайды": "whynot kz-moh genomic",
    "биометриялық деректерге қолжетімділік кім арқылы өтеді": "chokepoints biometric",
    "2020-04-15 пен 2026-11-01 аралығында не өзгерді": "diff --between 2020-04-15 2026-11-01",
    "не белгісіз": "gaps",
    "кто имеет доступ к биометрии на 15 апреля 2020 года": "who biometric --as-of 2020-04-15",
    "кто имел доступ к номерам машин в 2020 году": "who vehicle_plate --as-of 2020",
    "2020 жылғы 15 сәуірде бейнежазбаларға кім қол жеткізе алды": "who video --as-of 2020-04-15",
    "Қазақстаннан тыс кім биометриялық деректерге қол жеткізе алады": "who biometric --from 'country!=KZ'",
    "как Huawei может получить доступ к биометрии": "how cn-huawei biometric",
    "what information is available to the NSC": "what kz-nsc",
    "what can the KNB see": "what kz-nsc",
    "who in Russia can reach biometric data": "who biometric --from country=RU",
    "Почему КНБ не видит отпечатки пальцев?": "whynot kz-nsc fingerprint",
    "who can reach the fingerprint database": "who kz-fingerprint-db",
    "what is Hikvision's access": "what cn-hikvision",
    "to what data does Hikvision have access": "what cn-hikvision",
    "кто видит данные избирателей": "who electoral",
    "что видит Hikvision": "what cn-hikvision",
    "узкие места доступа к отпечаткам": "chokepoints fingerprint",
    "какие компании из санкционных списков стоят за биометрией": "exposure biometric",
    "Алматы полициясы неге қол жеткізе алады": "what kz-police-almaty",
    "Алматы полициясы бейнежазбаларға неге қол жеткізе алмайды": "whynot kz-police-almaty video",
    "Dahua бейнежазбаларға қалай қол жеткізеді": "how cn-dahua video",
    "2020 жылдан бері не өзгерді": "diff --between 2019-12-31 {today}",
    "Сергек артында санкциядағы қандай жеткізушілер тұр": "exposure kz-sergek",
    "Hikvision бет бейнелеріне қолжетімділігін қалай тоқтатуға болады": "cut face --from cn-hikvision",
    "who gained access since 2020": "diff --between 2019-12-31 {today}",
    "what changed since 15 April 2020": "diff --between 2020-04-15 {today}",
    "что изменилось после 2020 года": "diff --between 2020 {today}",
    "which Russian state companies can reach video": "who video --from kind=state_company,country=RU",
    "Какие государственные компании имеют доступ к видео": "who video --from kind=state_company",
    "what does access to video pass through": "chokepoints video",
    "show me who can reach iris data": "who iris",
    "please tell me who has access to health data now": "who health",
    "who could reach Smart City Astana in January 2025": "who kz-smart-city-astana --as-of 2025-01",
    "Which ministries can reach tax data?": "who tax --from kind=ministry",
    "кто из России может получить доступ к биометрическим данным": "who biometric --from country=RU",
    "what would it take to cut Presight off from face data": "cut face --from ae-presight",
    "can Dahua reach the fingerprints": "whynot cn-dahua fingerprint",
    "who can reach kz-gbd-fl": "who kz-gbd-fl",
    "who stores health data": "who health --level custody",
    "what does the Ministry of Health hold": "what kz-moh --level custody",
    "who holds and reads voter data": "who electoral",
    "who lost access since 2022": "diff --between 2021-12-31 {today}",
    "which vendors are exposed to sanctions": "exposure",
    "can kz-mia reach genomic data": "whynot kz-mia genomic",
    "does Dahua have access to video": "whynot cn-dahua video",
    "может ли МВД получить доступ к геномным данным": "whynot kz-mia genomic",
    "есть ли у КНБ доступ к отпечаткам пальцев": "whynot kz-nsc fingerprint",
    "Ішкі істер министрлігі геномдық деректерге қол жеткізе ала ма": "whynot kz-mia genomic",
    "is Dahua sanctioned": "exposure cn-dahua",
    # Words for data, a place and a kind of body are no name of one store that happens to hold them all.
    "which police can reach video in Almaty": "who video --from kind=police {almaty}",
    "which police can reach video in Astana": "who video --from kind=police {astana}",
    "what would end access of police to video": "cut video --from kind=police",
    "what would end police access to video": "cut video --from kind=police",
    "what would end access of ministries to health data": "cut health --from kind=ministry",
    "what would cut the Ministry of Health off from genomic data": "cut genomic --from kz-moh",
    "what would end access of the police of Almaty to video": "cut video --from kz-police-almaty",
    "what would end access of police to video in Tashkent": "cut video --in location=Tashkent --from kind=police",
    "what would cut Chinese companies off from face data": "cut face {companies_cn}",
    "through whom does access of foreign manufacturers to video pass": (
        "chokepoints video --from 'kind=manufacturer,country!=KZ'"
    ),
    "who can reach face data in Tashkent": "who face --in location=Tashkent",
    "кто имеет доступ к видео в Ташкенте": "who video --in location=Tashkent",
    "Алматыдағы бейнеге кім қол жеткізе алады": "who video {almaty}",
    "who can reach fingerprints in Kazakhstan": "who fingerprint --in country=KZ",
    "who can reach biometric data in Almaty": "who biometric {almaty}",
    "which sanctioned companies are behind the cameras of Almaty": "exposure video {almaty}",
    # What is not known about something.
    "what is not known about biometric data": "gaps biometric",
    "what is not known about fingerprints": "gaps fingerprint",
    "what is not known about Sergek": "gaps kz-sergek",
    "what are the gaps on video in Tashkent": "gaps video --in location=Tashkent",
    "что неизвестно о биометрии": "gaps biometric",
    "чего мы не знаем о лицах": "gaps face",
    "биометрия туралы не белгісіз": "gaps biometric",
    "Сергек туралы не белгісіз": "gaps kz-sergek",
}

# What must not be run: no question of ours, a word unexplained, several things meant, a negation.
REFUSED = [
    "who is the president of Kazakhstan",
    "what is the weather in Almaty",
    "who can reach",
    "who can reach personal data",
    "who can reach everything in Narnia",
    "how does the police reach data",
    "delete all data",
    "who owns Sergek",
    "кто президент Казахстана",
    "кто имеет доступ к единорогам",
    "кім президент",
    "who can reach police data",
    "who cannot reach biometric data",
    "who has no access to face data",
    "who can reach biometric data except the police",
    "who can reach face and voice data",
    "how many bodies can reach face data",
    "who can reach biometric data without Hikvision",
    "кто не имеет доступа к биометрии",
    "how could NtechLab get at faces in Moscow",
    "what can the president and the police reach",
    "what changed",
    "who can reach face data in 2020 and 2021",
    "кто может, кроме полиции, получить доступ к биометрии",
    "биометриялық деректерге кімнің қолы жетпейді",
    "почему",
    "как",
    "who",
    "what can nobody reach",
    "who can reach face data or not",
    "why",
    "how does kz-mia",
    "whynot kz-moh genomic",
    "who can never reach iris data",
    "does the police have access to face data",
    "who is behind Sergek",
    # Who has no access, in words that once were read as if they asked who has.
    "who is unable to reach video",
    "кто не располагает доступом к видео",
    "какие органы не хранят видео",
    "кто имеет доступ не к видео",
    "which vendors are not sanctioned",
    "какие поставщики не под санкциями",
    "through whom does access to video not pass",
    "what would not cut off Dahua from video",
    "what did not change between 2020 and 2021",
    # What is known, which is not what is unknown.
    "what do we know",
    "what is not unknown",
    # A stretch of time, which is no day.
    "who could reach biometric data since 2020",
    "who could reach biometric data from 15 April 2020",
    "кто имел доступ к биометрии до 2020 года",
    "кто имел доступ к биометрии после 15 апреля 2020 года",
    "кто имел доступ к биометрии с 2020 года",
    "2020 жылдан бері бейнеге кім қол жеткізе алды",
    # Those who ask, which are not what is reached.
    "who in Almaty can reach video",
    "which bodies in Almaty can reach video",
    "which police companies can reach video",
    "whose data can Dahua reach",
    "what passes through the Ministry of Internal Affairs",
    "Кто стоит за Сергек",
    "who can reach voter data of Kazakhstan",
    # Data at a place, or those who ask: the words leave it open.
    "у кого в Алматы есть доступ к видео",
    "who can reach video from Almaty",
    "who can reach face data outside Tashkent",
    "Алматыда бейнеге кім қол жеткізе алады",
    "who can reach data in Tashkent",
    "who can reach video archive",
    "what would end access of ministries in Almaty to video",
    "what would end access to video of Tashkent police",
    "кто имеет доступ к данным полиции Алматы",
    "",
    "?",
]


@pytest.mark.parametrize("question", UNDERSTOOD)
def test_a_question_means_its_command(central_asia: Dataset, question: str) -> None:
    assert str(understand(central_asia, question)) == UNDERSTOOD[question].format(**WORDS)


@pytest.mark.parametrize("question", REFUSED)
def test_a_doubtful_question_is_refused_with_what_was_understood(central_asia: Dataset, question: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        understand(central_asia, question)
    said = str(refusal.value)
    assert said.endswith((".", "?", "”", "»"))
    assert "{" not in said


def test_the_corpus_covers_every_question_and_language() -> None:
    commands = {command.partition(" ")[0] for command in UNDERSTOOD.values()}
    assert commands == set(ASKED)
    assert len(UNDERSTOOD) + len(REFUSED) >= 60


def test_the_language_of_a_question_is_known(central_asia: Dataset) -> None:
    questions = ("who can reach face data", "кто имеет доступ к видео", "бейнежазбаға кім қол жеткізе алады")
    assert tuple(understand(central_asia, question).lang for question in questions) == LANGUAGES


def test_a_refusal_speaks_the_language_of_the_question(central_asia: Dataset) -> None:
    for question, word in (
        ("кто имеет доступ к единорогам", "Понято"),
        ("мүйізтұмсыққа кім қол жеткізе алады", "түсінілді"),
    ):
        with pytest.raises(NotUnderstood, match=word):
            understand(central_asia, question)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "who can reach fingerprints kazakhstan",
            "I know “fingerprints” = fingerprint; “kazakhstan” = country=KZ; but",
        ),
        ("who can reach data on unicorns in Almaty", "I do not understand “unicorns”;"),
        ("what changed in Almaty between 2020 and 2021", "I know “almaty” = location=Almaty; but"),
    ],
)
def test_a_refusal_tells_the_words_that_are_known_from_those_that_are_not(
    question: str, said: str, central_asia: Dataset
) -> None:
    with pytest.raises(NotUnderstood, match=re.escape(said)):
        understand(central_asia, question)


def test_what_could_mean_several_things_names_them(central_asia: Dataset) -> None:
    with pytest.raises(NotUnderstood, match=r"kz-police-atyrau.*Police of Atyrau"):
        understand(central_asia, "who can reach police data")


@pytest.mark.parametrize("question", ["who can reach face data", "КТО ИМЕЕТ ДОСТУП К ВИДЕО", "what can Dahua reach"])
@pytest.mark.parametrize("change", [str.upper, str.lower, "«{}»".format, "{}?!".format, "  {}  ".format])
def test_case_quotes_and_stops_change_nothing(central_asia: Dataset, question: str, change: object) -> None:
    changed = change(question)  # type: ignore[operator]
    assert str(understand(central_asia, changed)) == str(understand(central_asia, question))


def test_every_category_is_found_by_each_of_its_names(central_asia: Dataset) -> None:
    tree = central_asia.tree
    for code in tree.codes:
        for lang, form in (
            ("en", "who can reach {}"),
            ("ru", "кто имеет доступ: {}"),
            ("kk", "{}: кім қол жеткізе алады"),
        ):
            question = form.format(tree.name_of(code, lang))
            assert understand(central_asia, question).arguments["target"] == code, question


def test_bodies_are_found_by_their_names_and_aliases(central_asia: Dataset) -> None:
    """An alias or name that two bodies share is refused, never guessed."""
    entities, found, doubtful = central_asia.entities, 0, 0
    for row in range(0, len(entities), 7):
        if entities.column("type")[row] != "body":
            continue
        entity, name = entities.column("id")[row], entities.column("name")[row]
        try:
            assert understand(central_asia, f"what can {name} reach").arguments["body"] == entity
            found += 1
        except NotUnderstood:
            doubtful += 1
    assert found > 8 * doubtful


def test_the_text_of_a_meaning_is_what_one_would_type(central_asia: Dataset) -> None:
    meant = understand(central_asia, "who outside Kazakhstan could reach biometric data in 2020")
    assert shlex.split(str(meant)) == ["who", "biometric", "--from", "country!=KZ", "--as-of", "2020"] or (
        shlex.split(str(meant)) == ["who", "biometric", "--as-of", "2020", "--from", "country!=KZ"]
    )
