"""What our decoder makes of JSONTestSuite, and where Python's own parser sees it differently."""

import json
from collections.abc import Mapping

import pytest

from exporter.model.verdicts import Reason, Refusal, RefusedError
from tests.fuzz.json_suite import Case, cases
from tests.unit.ingest.parts import new_decoder

CASES = cases()
DECODER = new_decoder()

# Python's parser reads them and the decoder calls them no JSON, or the other way round; and why.
DIFFERENCES: Mapping[str, frozenset[str]] = {
    "half of a surrogate pair cannot be written as UTF-8, so it never gets in": frozenset(
        {
            "i_object_key_lone_2nd_surrogate",
            "i_string_1st_surrogate_but_2nd_missing",
            "i_string_1st_valid_surrogate_2nd_invalid",
            "i_string_incomplete_surrogate_and_escape_valid",
            "i_string_incomplete_surrogate_pair",
            "i_string_incomplete_surrogates_escape_valid",
            "i_string_invalid_lonely_surrogate",
            "i_string_invalid_surrogate",
            "i_string_inverted_surrogates_U+1D11E",
            "i_string_lone_second_surrogate",
        }
    ),
    "JSON between systems is UTF-8 without a mark (RFC 8259, 8.1); Python guesses": frozenset(
        {
            "i_string_UTF-16LE_with_BOM",
            "i_string_utf16BE_no_BOM",
            "i_string_utf16LE_no_BOM",
            "i_structure_UTF-8_BOM_empty_object",
        }
    ),
    "NaN and Infinity are no JSON (RFC 8259, 6), and no counter could forget them": frozenset(
        {"n_number_NaN", "n_number_infinity", "n_number_minus_infinity"}
    ),
    "rejected as no event, or one without a type, before the broken text is reached": frozenset(
        {
            "i_string_UTF-8_invalid_sequence",
            "i_string_invalid_utf-8",
            "i_string_iso_latin_1",
            "i_string_lone_utf8_continuation_byte",
            "i_string_not_in_unicode_range",
            "i_string_overlong_sequence_2_bytes",
            "i_string_overlong_sequence_6_bytes",
            "i_string_overlong_sequence_6_bytes_null",
            "i_string_truncated-utf-8",
            "n_multidigit_number_then_00",
            "n_object_trailing_comment",
            "n_object_trailing_comment_open",
            "n_object_trailing_comment_slash_open",
            "n_object_trailing_comment_slash_open_incomplete",
            "n_object_with_trailing_garbage",
            "n_string_with_trailing_garbage",
            "n_structure_close_unopened_array",
            "n_structure_number_with_trailing_garbage",
            "n_structure_object_followed_by_closing_object",
            "n_structure_object_with_trailing_garbage",
            "n_structure_trailing_#",
        }
    ),
}


def is_json_for_python(text: bytes) -> bool:
    """Return whether the standard library reads *text*."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def reasons(text: bytes) -> list[Reason | Refusal]:
    """Return why nothing of *text* is an event: no reason at all means an empty array."""
    try:
        decoded = DECODER.decode(text, ndjson=False)
    except RefusedError as error:
        return [error.refusal]
    assert [] == decoded.events
    return [verdict.reason for verdict in decoded.rejected]


def is_json_for_us(text: bytes) -> bool:
    """Return whether our decoder has another reason than the text being no JSON."""
    return {Reason.MALFORMED, Refusal.MALFORMED}.isdisjoint(reasons(text))


def test_the_suite_is_complete() -> None:
    """As many cases as the original has."""
    counted = [sum(case.must == kind for case in CASES) for kind in "yni"]

    assert [95, 188, 35] == counted


@pytest.mark.parametrize("case", [c for c in CASES if c.must == "n"], ids=lambda case: case.name)
def test_what_is_no_json_is_refused(case: Case) -> None:
    """With a reason; an empty array would be an answer of 202."""
    assert reasons(case.text)


@pytest.mark.parametrize("case", [c for c in CASES if c.must == "y"], ids=lambda case: case.name)
def test_what_is_json_is_read(case: Case) -> None:
    """None of it is an event, and that is what the answer says."""
    assert is_json_for_us(case.text)


def test_every_difference_to_pythons_parser_is_wanted() -> None:
    """A new one, or one that is gone, is looked at by a person."""
    different = {c.name for c in CASES if is_json_for_python(c.text) is not is_json_for_us(c.text)}

    assert different == frozenset().union(*DIFFERENCES.values())
    assert sum(map(len, DIFFERENCES.values())) == len(different)
