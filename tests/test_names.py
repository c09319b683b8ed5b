"""Names: the same company across alphabets and legal forms, and namesakes that must stay apart."""

from __future__ import annotations

import pytest

from stakeholders.names import ACCEPTABLE, likeness, name_of, variants

SAME = [
    ("АО «РКК Королёва»", "РКК КОРОЛЕВА"),
    ("Счётная палата", "СЧЕТНАЯ ПАЛАТА"),
    ("ТОО «Көркем Телеком»", "Korkem Telecom LLP"),
    ("Corkem Telecom", "Korkem Telecom"),
    ("Казахтелеком", "Kazakhtelecom JSC"),
    ("Қазақтелеком АҚ", "Kazakhtelecom JSC"),
    ("ООО «НТЕХ лаб»", "NtechLab"),
    ("N-Tech Lab", "NTECHLAB LLC"),
    ("АО «Папилон»", "PAPILLON AO"),
    ("АО «Норси-Транс»", "NORSI-TRANS JSC"),
    ("ООО «МФИ Софт»", "MFI SOFT"),
    ("Huawei Technologies Co., Ltd.", "HUAWEI TECHNOLOGIES CO., LTD."),
    ("Dahua Technology", "DAHUA TECHNOLOGY CO. LTD"),
    ("Suzhou Keda", "Suzhou Keda Technology Co., Ltd."),
    ("Xinjiang Tangli", "Xinjiang Tangli Technology Co., Ltd."),
    ("Xinjiang Lianhai Chuangzhi", "Xinjiang Lianhai Chuangzhi Information Technology Co., Ltd."),
    ("Beijing Sinonet", "Beijing Sinonet Science and Technology Co., Ltd."),
    ("Tongfang R.I.A.", "TONGFANG R.I.A. CO., LTD."),
    ("Positive Technologies JSC", "JOINT STOCK COMPANY POSITIVE TECHNOLOGIES"),
    ("Yitu", "YITU LIMITED"),
    ("Sistema Innovatsiy", "Innovatsiy Sistema"),
]

APART = [
    ("АО «Концерн радиостроения „Вега“»", "АО «НИИ „Вега“»"),
    ("Concern Vega", "NII VEGA"),
    ("Concern Vega", "VEGA PILOT PLANT"),
    ("Vega", "NII VEGA"),
    ("Vega", "VEGA PILOT PLANT"),
    ("Speech Technology Center", "SPECIAL TECHNOLOGY CENTER"),
    ("STC", "STC"),
    ("STC Soft", "STC INNOVATIONS"),
    ("China Electronics Corporation", "CHINA ELECTRONICS TECHNOLOGY GROUP CORPORATION"),
    ("Hikvision", "URUMQI HAISHI XIN'AN ELECTRONIC TECHNOLOGY CO., LTD."),
    ("Hikvision", "HIKVISION CANADA INC."),
    ("Huawei", "HUAWEI SOFTWARE TECHNOLOGIES CO., LTD."),
    ("Huawei", "HUAWEI INVESTMENT & HOLDING CO., LTD."),
    ("Huawei", "Huawei Kazakhstan LLP"),
    ("Papilon JSC", "PAPILON SYSTEMS LLC"),
    ("Positive Group PJSC", "POSITIVE TECHNOLOGIES JSC"),
    ("Citadel LLC", "PROMOCIONES CITADEL, S.A. DE C.V."),
    ("CEC", "CEC LIMITED"),
    ("Public Security Bureau of the Xinjiang Production and Construction Corps", "XINJIANG PUBLIC SECURITY BUREAU"),
    ("Xinjiang Production and Construction Corps", "XINJIANG PRODUCTION AND CONSTRUCTION CORPS SECURITY BUREAU"),
    ("ҰҚК", "U.K."),
]


@pytest.mark.parametrize(("ours", "theirs"), SAME)
def test_one_company_in_two_spellings_reaches_the_threshold(ours: str, theirs: str) -> None:
    found = likeness(name_of(ours), name_of(theirs))
    assert found.score >= ACCEPTABLE, found
    assert all(found.reason)


@pytest.mark.parametrize(("ours", "theirs"), APART)
def test_namesakes_stay_below_the_threshold(ours: str, theirs: str) -> None:
    assert likeness(name_of(ours), name_of(theirs)).score < ACCEPTABLE
    assert likeness(name_of(theirs), name_of(ours)).score < ACCEPTABLE


def test_the_reason_names_what_parts_them_as_written() -> None:
    found = likeness(name_of("Концерн Вега"), name_of("НИИ Вега"))
    assert found.reason.en.format(words=found.words) == "differs in: Концерн / НИИ"


def test_a_legal_form_alone_is_kept_as_a_name() -> None:
    assert name_of("Company Limited").words
    assert name_of("ООО").words


def test_what_stands_in_brackets_is_a_name_too() -> None:
    assert variants("Dawning Information Industry Co., Ltd. (Sugon)")[1:] == (
        "Dawning Information Industry Co., Ltd.",
        "Sugon",
    )
    assert variants("G42 (Group 42)") == ("G42 (Group 42)",)
    assert variants("Huawei Digital Technologies (Suzhou)") == ("Huawei Digital Technologies (Suzhou)",)


def test_no_name_is_like_nothing() -> None:
    assert likeness(name_of(""), name_of("Vega")).score == 0
    assert likeness(name_of("«»"), name_of("«»")).score == 0
