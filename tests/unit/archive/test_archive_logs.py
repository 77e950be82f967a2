"""CSV that spreadsheets open without running it, and without losing a character."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossid.archive.logs import csv_bytes, json_bytes

COLUMNS = {"text": None, "number": 3}


def back(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_texts_that_a_spreadsheet_would_run_are_quoted_and_numbers_never(start):
    assert back(csv_bytes(COLUMNS, [(f"{start}1+1", -1.5)]))[1] == [f"'{start}1+1", "-1.500"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_every_text_comes_back_with_at_most_a_quote_before_it(text):
    cell = back(csv_bytes(COLUMNS, [(text, None)]))[1][0]
    assert cell in {text, f"'{text}"}
    assert not cell.startswith(("=", "+", "-", "@", "\t"))


def test_rows_end_as_rfc_4180_says_and_unknown_cells_are_empty():
    assert csv_bytes(COLUMNS, [("a", None), ('b "c", d', 1.0)]) == (
        b'\xef\xbb\xbftext,number\r\na,\r\n"b ""c"", d",1.000\r\n'
    )


def test_no_row_is_still_a_header():
    assert back(csv_bytes(COLUMNS, [])) == [["text", "number"]]


def test_minus_zero_is_zero():
    assert back(csv_bytes(COLUMNS, [("", -0.0001)]))[1] == ["", "0.000"]


def test_odd_bytes_of_names_are_shown_and_json_reads_them_back():
    assert back(csv_bytes(COLUMNS, [("a\udcff", 0.0)]))[1][0] == "a\\udcff"
    assert json.loads(json_bytes({"video": "a\udcff é"})) == {"video": "a\udcff é"}
