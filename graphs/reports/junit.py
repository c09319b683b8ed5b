"""Checks as JUnit XML, which build servers show as tests: a test case a rule, failing with its findings."""

from __future__ import annotations

from xml.etree import ElementTree as Tree

from graphs.answers import Row
from graphs.checks import Checked


def as_junit(answer: Checked, lang: str = "en") -> str:
    """A check as JUnit XML.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> from graphs.checks import check
    >>> as_junit(check(build(read("cabar-2020")), as_of="2020-04-15")).splitlines()[1][:40]
    '<testsuites name="accessmap check" tests'
    """
    suites = Tree.Element("testsuites", {"name": "accessmap check"})
    counts = [0, 0]
    for source in dict.fromkeys(rule["policies"] for rule in answer.rules):
        rules = [rule for rule in answer.rules if rule["policies"] == source]
        failing = [rule for rule in rules if rule["violated"] and rule["severity"] != "note"]
        counts = [counts[0] + len(rules), counts[1] + len(failing)]
        sizes = {"name": source, "tests": str(len(rules)), "failures": str(len(failing)), "errors": "0"}
        suite = Tree.SubElement(suites, "testsuite", sizes)
        for rule in rules:
            _case(suite, rule, [row for row in answer.rows if row["rule"] == rule["id"]], lang)
    suites.set("tests", str(counts[0]))
    suites.set("failures", str(counts[1]))
    Tree.indent(suites, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Tree.tostring(suites, encoding="unicode") + "\n"


def _case(suite: Tree.Element, rule: Row, rows: list[Row], lang: str) -> None:
    title = rule["title"].text(lang)
    case = Tree.SubElement(suite, "testcase", {"classname": rule["policies"], "name": f"{rule['id']}: {title}"})
    against = [row for row in rows if row["verdict"] == "violated"]
    lines = [_clean(f"{row['id']}: {row['sentence'].text(lang)}") for row in against]
    if against and rule["severity"] != "note":
        told = {"message": f"{len(against)} × {title}", "type": rule["severity"]}
        failure = Tree.SubElement(case, "failure", told)
        failure.text = "\n".join(lines)
        lines = []
    for row in rows:
        if row["verdict"] == "excepted":
            why = f"{row['reason']}, {row['owner']}, {row['excepted_until'] or '…'}"
            lines.append(_clean(f"{row['id']}: {row['sentence'].text(lang)} [{why}]"))
    lines += [_clean(row["sentence"].text(lang)) for row in rows if row["verdict"] not in ("violated", "excepted")]
    if lines:
        Tree.SubElement(case, "system-out").text = "\n".join(lines)


def _clean(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n\r" or letter >= " ")
