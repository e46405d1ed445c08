"""From a language to an automaton over bytes that may be in several states at once (Thompson 1968)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from textgen_core.decoding.constraints.acyclic import smallest
from textgen_core.decoding.constraints.dfa import DFA, together
from textgen_core.decoding.constraints.language import Choice, Common, Language, OneOf, Repeat, Sequence, Words
from textgen_core.decoding.constraints.limits import Budget
from textgen_core.decoding.constraints.utf8 import FINAL, START, Arc, byte_graph


class NFA:
    """Accepts the UTF-8 of the texts of a language, from node 0 to node ``final``.

    Args:
        built: makes the automata of languages that are read side by side.

    Attributes:
        arcs: of each node, moves that read a byte.
        empty: of each node, the nodes that it leads to without reading.

    Raises:
        SettingsError: it has too many nodes.
    """

    def __init__(self, language: Language, budget: Budget, built: Callable[[Language, Budget], DFA]) -> None:
        self.arcs: list[list[Arc]] = []
        self.empty: list[list[int]] = []
        self.budget = budget
        self._built = built
        self.final = self._add(language, self._node())

    def _node(self) -> int:
        self.budget.nodes.spend()
        self.arcs.append([])
        self.empty.append([])
        return len(self.arcs) - 1

    def _add(self, language: Language, source: int) -> int:
        """Read one text of the language from source on; the node where it is over, with no arcs so far."""
        match language:
            case OneOf():
                return self._add_character(language, source)
            case Sequence():
                for part in language.parts:
                    source = self._add(part, source)
                return source
            case Choice():
                end = self._node()
                for option in language.options:
                    self.empty[self._add(option, self._after(source))].append(end)
                return end
            case Repeat():
                return self._add_repeat(language, source)
            case Words():
                return self._add_words(language, source)
            case Common():
                return self._add_common(language, source)

    def _after(self, source: int) -> int:
        """A new node that source leads to."""
        node = self._node()
        self.empty[source].append(node)
        return node

    def _add_character(self, one: OneOf, source: int) -> int:
        graph = byte_graph(one.characters)
        nodes = [source if node == START else self._node() for node in range(len(graph))]
        for node, arcs in zip(nodes, graph, strict=True):
            self.arcs[node] += [(first, last, nodes[target]) for first, last, target in arcs]
        return nodes[FINAL]

    def _add_repeat(self, repeat: Repeat, source: int) -> int:
        for _ in range(repeat.least):
            source = self._add(repeat.body, self._after(source))
        if repeat.most is None:
            loop = self._after(source)
            self.empty[self._add(repeat.body, self._after(loop))].append(loop)
            return self._after(loop)
        end = self._node()
        for _ in range(repeat.most - repeat.least):
            self.empty[source].append(end)
            source = self._add(repeat.body, self._after(source))
        self.empty[source].append(end)
        return end

    def _add_words(self, words: Words, source: int) -> int:
        graph = smallest(_as_bytes(words.texts))
        nodes = [self._node() for _ in graph]
        end = self._node()
        for node, copy in zip(graph, nodes, strict=True):
            self.arcs[copy] = [(byte, byte, nodes[after.number]) for byte, after in node.arcs.items()]
            if node.final:
                self.empty[copy].append(end)
        self.empty[source].append(nodes[-1])
        return end

    def _add_common(self, common: Common, source: int) -> int:
        """As the automata of the languages, read side by side."""
        dfa = together([self._built(part, self.budget) for part in common.languages], common.just_one, self.budget)
        nodes = [self._node() for _ in dfa.moves]
        end = self._node()
        for state in range(dfa.dead):
            row = dfa.moves[state][dfa.kind_of].tolist()
            self.arcs[nodes[state]] = [
                (byte, byte, nodes[after]) for byte, after in enumerate(row) if after != dfa.dead
            ]
            if dfa.accepting[state]:
                self.empty[nodes[state]].append(end)
        self.empty[source].append(nodes[0])
        return end


def _as_bytes(texts: Iterable[str]) -> Iterator[bytes]:
    """Those that are texts: UTF-8 has no lone surrogates."""
    for text in texts:
        with suppress(UnicodeEncodeError):
            yield text.encode()
