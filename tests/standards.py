"""What the makers of the formats of export ask for, as far as we use them."""

from __future__ import annotations

import re

PROPERTIES = {
    "type": "object",
    "not": {"required": ["objectid"]},
    "additionalProperties": {
        "anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "array", "items": {"type": "string"}}]
    },
}
END = {
    "type": "object",
    "properties": {"match_by": {"const": "id"}, "value": {"type": "string", "pattern": "^[^:]+$"}},
    "required": ["match_by", "value"],
    "additionalProperties": False,
}
OPENGRAPH = {
    "type": "object",
    "properties": {
        "metadata": {
            "type": "object",
            "properties": {"source_kind": {"type": "string"}},
            "additionalProperties": False,
        },
        "graph": {
            "type": "object",
            "properties": {
                "nodes": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "string", "pattern": "^[^:]+$"},
                            "kinds": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
                            "properties": PROPERTIES,
                        },
                        "required": ["id", "kinds"],
                        "additionalProperties": False,
                    },
                },
                "edges": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "kind": {"type": "string", "pattern": "^[A-Za-z0-9_]+$"},
                            "start": END,
                            "end": END,
                            "properties": PROPERTIES,
                        },
                        "required": ["kind", "start", "end"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["nodes", "edges"],
            "additionalProperties": False,
        },
    },
    "required": ["graph"],
    "additionalProperties": False,
}
DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
SHARE = {"type": "number", "minimum": 0, "maximum": 100}
BODS_ENTITY = {
    "type": "object",
    "properties": {
        "isComponent": {"const": False},
        "entityType": {
            "type": "object",
            "properties": {
                "type": {"enum": ["registeredEntity", "legalEntity", "state", "stateBody"]},
                "subtype": {"enum": ["governmentDepartment", "stateAgency", "other"]},
                "details": {"type": "string"},
            },
            "required": ["type"],
            "additionalProperties": False,
            "if": {"required": ["subtype"]},
            "then": {"properties": {"type": {"const": "stateBody"}}},
        },
        "name": {"type": "string", "minLength": 1},
        "alternateNames": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "jurisdiction": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "code": {"type": "string", "minLength": 2, "maxLength": 6}},
            "required": ["name"],
        },
    },
    "required": ["isComponent", "entityType", "name"],
    "additionalProperties": False,
}
BODS_RELATIONSHIP = {
    "type": "object",
    "properties": {
        "isComponent": {"const": False},
        "subject": {"type": "string"},
        "interestedParty": {"type": "string"},
        "interests": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "type": {"const": "shareholding"},
                    "directOrIndirect": {"enum": ["direct", "unknown"]},
                    "beneficialOwnershipOrControl": {"const": False},
                    "details": {"type": "string"},
                    "share": {
                        "type": "object",
                        "properties": {"exact": SHARE, "minimum": SHARE, "maximum": SHARE},
                        "additionalProperties": False,
                    },
                    "startDate": DAY,
                    "endDate": DAY,
                },
                "additionalProperties": False,
            },
        },
    },
    "required": ["isComponent", "subject", "interestedParty", "interests"],
    "additionalProperties": False,
}
BODS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "statementId": {"type": "string", "minLength": 32, "maxLength": 64},
            "statementDate": DAY,
            "recordId": {"type": "string"},
            "recordStatus": {"const": "new"},
            "declarationSubject": {"type": "string"},
            "recordType": {"enum": ["entity", "relationship"]},
            "recordDetails": {"type": "object"},
            "publicationDetails": {
                "type": "object",
                "properties": {
                    "publicationDate": DAY,
                    "bodsVersion": {"const": "0.4"},
                    "publisher": {"type": "object", "required": ["name"]},
                },
                "required": ["publicationDate", "bodsVersion", "publisher"],
                "additionalProperties": False,
            },
            "annotations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"motivation": {"const": "commenting"}, "statementPointerTarget": {"const": ""}},
                    "required": ["motivation", "statementPointerTarget"],
                },
            },
            "source": {
                "type": "object",
                "properties": {
                    "type": {"const": ["thirdParty"]},
                    "description": {"type": "string"},
                    "url": {"type": "string", "pattern": "^https?://"},
                    "assertedBy": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                },
                "additionalProperties": False,
            },
        },
        "required": ["statementId", "declarationSubject", "recordId", "recordType", "recordDetails", "statementDate"],
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {"recordType": {"const": "entity"}}},
                "then": {"properties": {"recordDetails": BODS_ENTITY}},
                "else": {"properties": {"recordDetails": BODS_RELATIONSHIP}},
            }
        ],
    },
}

# FollowTheMoney: what each schema has, and what its links may lead to.
THING = {"name", "alias", "country", "summary", "notes", "keywords", "address", "sourceUrl", "publisher"}
LEGAL = THING | {"incorporationDate", "dissolutionDate"}
INTERVAL = {"startDate", "endDate", "summary", "description", "recordId", "sourceUrl", "publisher"}
INTEREST = INTERVAL | {"role", "status"}
LISTED = INTERVAL | {"entity", "authority", "program", "reason", "listingDate"}
FTM = {
    "Asset": THING,
    "Company": LEGAL,
    "PublicBody": LEGAL,
    "Organization": LEGAL,
    "LegalEntity": LEGAL,
    "Ownership": INTEREST | {"owner", "asset", "percentage"},
    "Membership": INTEREST | {"member", "organization"},
    "Succession": INTEREST | {"predecessor", "successor"},
    "UnknownLink": INTEREST | {"subject", "object"},
    "Sanction": LISTED | {"authorityId", "provisions"},
    "Risk": LISTED,
}
BODIES = {"Company", "PublicBody", "Organization", "LegalEntity"}
LEADS_TO = {
    "owner": BODIES, "asset": {"Company", "Asset"}, "member": BODIES,
    "organization": {"Company", "PublicBody", "Organization"}, "predecessor": BODIES, "successor": BODIES,
    "subject": {*BODIES, "Asset"}, "object": {*BODIES, "Asset"}, "entity": {*BODIES, "Asset"},
}  # fmt: skip


def triples(text: str) -> dict[str, list[tuple[str, str]]]:
    """The subjects of the Turtle that we write, with their predicates and objects; fails on anything else."""
    iri = r"(?:[a-z]*:(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+|<[^\x00-\x20<>\"{}|^`\\]+>|a)"
    literal = r'"(?:[^"\\\n]|\\["\\nr])*"@[a-z]+'
    found: dict[str, list[tuple[str, str]]] = {}
    blocks = [block for block in text.split("\n\n") if block.strip() and not block.startswith("#")]
    prefixes = re.findall(r"^@prefix ([a-z]*): <[^>]+> \.$", blocks[0], re.M)
    assert len(prefixes) == len(blocks[0].splitlines())
    for block in blocks[1:]:
        head, *lines = block.strip().split("\n")
        subject, kind = re.fullmatch(rf"({iri}) a ({iri}) ;", head).groups()  # type: ignore[union-attr]
        assert subject not in found
        found[subject] = [("a", kind)]
        assert all(line.endswith(" ;") for line in lines[:-1])
        assert lines[-1].endswith(" .")
        for line in lines:
            predicate, rest = re.fullmatch(rf"  ({iri}) (.*) [;.]", line).groups()  # type: ignore[union-attr]
            assert re.fullmatch(rf"({iri}|{literal})(, ({iri}|{literal}))*", rest), line
            found[subject] += [(predicate, found_one) for found_one in re.findall(rf"{literal}|{iri}", rest)]
    used = {
        name.partition(":")[0] for facts in found.values() for pair in facts for name in pair if name[0] not in '<"'
    }
    assert used <= {*prefixes, "a"}
    return found
