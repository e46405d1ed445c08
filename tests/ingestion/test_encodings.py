# ruff: noqa: RUF001 - letters of many alphabets
"""Files in every encoding and with every end of a line: what is guessed is said."""

import pytest

from tests.ingestion.conftest import run, write


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_are_found(ingested, encoding):
    text = "Ein längerer Text über Käse.\r\nUnd noch eine Zeile.\r\n"
    assert ingested({"x.txt": text.encode(encoding)}, unit="line").texts == text.split("\r\n")[:2]


LEGACY = {
    "cp1254": "Dinle neyden kim hikâyet etmede, ayrılıklardan şikâyet etmede. Kamışlıktan kopardılar, nâlişim ağlattı.",
    "latin-1": "Le garçon numéro un a été très étonné par l'été. Où êtes-vous, à l'hôtel de Noël?",
    "shift_jis": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    "euc_jp": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    "iso2022_jp": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    "gb18030": "道可道，非常道。名可名，非常名。无名天地之始；有名万物之母。",
    "big5": "道可道，非常道。名可名，非常名。無名天地之始；有名萬物之母。",
    "koi8-r": "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.",
}


@pytest.mark.parametrize("encoding", LEGACY)
def test_legacy_encodings_are_guessed_and_the_guess_is_said(ingested, encoding, caplog):
    text = LEGACY[encoding]
    result = ingested({"x.txt": "\n".join([text] * 50).encode(encoding)}, unit="line")
    assert result.texts == [text]
    said = [record for record in caplog.messages if "x.txt" in record and "a guess" in record]
    assert len(said) == (encoding != "iso2022_jp")  # which says itself what it is


def test_a_detected_and_a_declared_encoding(tmp_path):
    lines = [f"Le garçon numéro {n} a été très étonné par l'été." for n in range(200)]
    path = write(tmp_path / "x.txt", "\n".join(lines).encode("cp1252"))
    assert run(tmp_path / "a", path, unit="line").texts == lines
    assert run(tmp_path / "b", path, unit="line", encoding="latin-1").texts == lines


def test_line_ends(ingested):
    text = "one\r\ntwo\nthree\rfour\u2028still four\x85and so on\x0bhere\x0ctoo"
    assert ingested({"x.txt": text}, unit="line").texts == ["one", "two", "three", text.split("\r")[-1]]
