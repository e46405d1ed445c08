"""From a language to an automaton over bytes that may be in several states at once (Thompson 1968)."""

from __future__ import annotations

from textgen_core.decoding.constraints.language import Choice, Language, OneOf, Repeat, Sequence
from textgen_core.decoding.constraints.limits import MOST_NODES, Meter
from textgen_core.decoding.constraints.utf8 import FINAL, START, Arc, byte_graph


class NFA:
    """Accepts the UTF-8 of the texts of a language, from node 0 to node ``final``.

    Attributes:
        arcs: of each node, moves that read a byte.
        empty: of each node, the nodes that it leads to without reading.

    Raises:
        SettingsError: it has too many nodes.
    """

    def __init__(self, language: Language) -> None:
        self.arcs: list[list[Arc]] = []
        self.empty: list[list[int]] = []
        self._meter = Meter(MOST_NODES, "nodes")
        self.final = self._add(language, self._node())

    def _node(self) -> int:
        self._meter.spend()
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
