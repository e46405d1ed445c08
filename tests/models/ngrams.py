"""Kneser-Ney by the book: dictionaries and recursion, slow and plain, to hold the fast one against."""

from collections import Counter
from functools import cache

import numpy as np

from textgen_core.models.directory import put_weights
from textgen_core.models.families import build_model
from textgen_core.models.settings import NgramSettings
from textgen_core.tokenization.interface import END, PAD
from textgen_core.training.ngrams.kneser_ney import smoothed
from textgen_core.training.ngrams.levels import count_levels
from textgen_core.training.ngrams.tables import tables_of


def stream_of(documents):
    return np.array([token for document in documents for token in (*document, END)], np.uint16)


def counted(documents, order, vocab_size):
    """The model that the product makes of documents."""
    levels = count_levels(stream_of(documents), vocab_size, order)
    model = build_model(NgramSettings(order=order), vocab_size)
    put_weights(model, tables_of(levels, smoothed(levels, vocab_size), vocab_size))
    return model


def textbook(documents, order, vocab_size):
    """probability(token, history), history a tuple that begins with the END before the document, or anywhere later."""
    occurrences = Counter()
    for document in documents:
        text = (END, *document, END)
        for last in range(1, len(text)):
            occurrences.update(text[first : last + 1] for first in range(max(0, last + 1 - order), last + 1))
    before = Counter(gram[1:] for gram in occurrences if len(gram) > 1)  # each of them once: different ones
    counts = {
        gram: count if len(gram) == order or (len(gram) > 1 and gram[0] == END) else before[gram]
        for gram, count in occurrences.items()
    }
    followers = {}
    for gram, count in counts.items():
        followers.setdefault(gram[:-1], {})[gram[-1]] = count
    lengths = {len(gram) for gram in counts}
    taken = {n: by_the_book([count for gram, count in counts.items() if len(gram) == n]) for n in lengths}

    @cache
    def probability(token, history):
        if token == PAD:
            return 0.0
        lower = probability(token, history[1:]) if history else 1 / (vocab_size - 1)
        if history not in followers:
            return lower
        seen, discount = followers[history], taken[len(history) + 1]
        kept = max(0, seen.get(token, 0) - discount(seen.get(token, 0)))
        return (kept + sum(discount(count) for count in seen.values()) * lower) / sum(seen.values())

    def after(history):
        """[vocab] probabilities after any tokens: those before the last END have no effect."""
        history = tuple(history)
        begin = max((place for place, token in enumerate(history) if token == END), default=0)
        history = history[max(begin, len(history) - order + 1) :] if order > 1 else ()
        return np.array([probability(token, history) for token in range(vocab_size)])

    return after


def by_the_book(counts):
    """How much is taken from a count, among all counts of n-grams of one length."""
    n = Counter(counts)
    if not (n[1] and n[2]):
        return lambda count: 0.5 if count else 0.0
    y = n[1] / (n[1] + 2 * n[2])
    one, two = 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2]
    three = 3 - 4 * y * n[4] / n[3] if n[3] else None
    if not (n[3] and n[4] and 0 < two <= 2 and 0 < three <= 3):
        return lambda count: y if count else 0.0
    return lambda count: (0.0, one, two, three)[min(count, 3)]
