"""Sentences, at the boundaries that Unicode gives them by default (UAX 29, rules SB1 to SB998), but for English titles.

By the rules alone ``Mr. Darcy`` is two; UAX 29 leaves abbreviations to lists for each language. Here are those of
English that hardly ever end a sentence; a capital letter by itself is an initial. They join sentences, and part none.
"""

from __future__ import annotations

import regex

_SAME = r"[\p{SB=Extend}\p{SB=Format}]*+"  # SB5: what belongs to the character before
_PARAGRAPH = r"(?:\r\n|[\r\n\p{SB=Sep}])"
_LETTERS = r"\p{SB=OLetter}\p{SB=Upper}\p{SB=Lower}"
_ENDING = r"\p{SB=STerm}\p{SB=ATerm}"
_CLOSED = rf"(?:\p{{SB=Close}}{_SAME})*+(?:\p{{SB=Sp}}{_SAME})*+"  # SB9, SB10
_OVER = rf"(?![\p{{SB=SContinue}}{_ENDING}])"  # SB8a
_SMALL = rf"(?![^{_LETTERS}{_ENDING}\r\n\p{{SB=Sep}}]*+\p{{SB=Lower}})"  # SB8
_INITIAL = rf"(?=\p{{SB=ATerm}})(?<=[\p{{SB=Upper}}\p{{SB=Lower}}]{_SAME})"
_STOP = rf"\p{{SB=ATerm}}{_SAME}(?!\p{{SB=Numeric}})"  # SB6
_TITLES = (
    "Mr|Mrs|Ms|Mx|Messrs|Mme|Mlle|Dr|Drs|Prof|St|Ste|Fr|Rev|Msgr|Hon|Gov"
    "|Capt|Cpt|Cmdr|Col|Cpl|Lt|Maj|Pvt|Sgt|Adm|Insp|Supt|Mt"
)  # without Gen and Sen, words of German and Turkish that end sentences
_LINKS = r"vs|cf|viz|i\.e|e\.g"
_INITIALS = r"(?<![^\s\p{Ps}\p{Pi}\"])[A-HJ-NP-Z]"  # without I and O, pronouns of English and Turkish
_OPENERS = (
    "A|An|And|As|At|But|For|He|Her|His|How|I|If|In|It|Its|My|No|Now|Of|On|Or|Our|She|So|That|The|Then|There|These|They"
    "|This|Those|To|We|What|When|Who|Why|Yes|Yet|You|Your"
)
"""Such a word after a title or an initial begins a sentence: ``Baker St. The ..``, ``vitamin C. It ..``."""
_ABBREVIATED = (
    rf"(?<=(?<![\p{{L}}\p{{M}}\p{{N}}])(?:{_TITLES}|{_TITLES.upper()}|{_LINKS})|{_INITIALS})\."
    rf"(?=\p{{SB=Sp}}++\p{{SB=Upper}})(?!\p{{SB=Sp}}++(?:{_OPENERS})\b(?!\.))"
)
_END = regex.compile(
    rf"{_PARAGRAPH}"  # SB4
    rf"|[{_ENDING}]{_SAME}{_CLOSED}{_PARAGRAPH}"  # SB11
    rf"|\p{{SB=STerm}}{_SAME}{_CLOSED}{_OVER}"
    rf"|(?!{_INITIAL}){_STOP}{_CLOSED}{_OVER}{_SMALL}"
    rf"|(?!{_ABBREVIATED}){_INITIAL}{_STOP}(?!\p{{SB=Upper}}){_CLOSED}{_OVER}{_SMALL}"  # SB7
)


_MARKED = regex.compile(rf"[{_ENDING}]{_SAME}{_CLOSED}{_PARAGRAPH}?$")


def sentences(text: str) -> list[str]:
    """The sentences of a text; joined they are the text: spaces and a line's end go with what they follow."""
    ends = [match.end() for match in _END.finditer(text)]
    return [text[begin:end] for begin, end in zip([0, *ends], [*ends, len(text)], strict=True) if begin < end]


def is_cut(sentence: str) -> bool:
    """Whether a line's end alone ends it: no sentence mark stands before."""
    return sentence.splitlines() != [sentence] and _MARKED.search(sentence) is None
