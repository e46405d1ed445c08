"""docs/samplers.md and its plots, from the settings: ``python -m flows.cli.sampler_reference`` rewrites them.

With a model directory behind it, the command makes the example texts anew, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flows.cli.pages import own_table, own_text
from flows.cli.sampler_examples import store, stored
from flows.cli.sampler_plots import plots
from flows.cli.samplers import Knob, knobs, strategy_text
from textgen_core import markdown
from textgen_core.decoding.constraints.keywords import COMBINING, KEYWORDS, VALUES
from textgen_core.decoding.settings import KNOBS, USED_BY

DOCS = Path(__file__).parents[2] / "docs"
PATH = DOCS / "samplers.md"
IMAGES = DOCS / "images" / "samplers"

HEAD = """\
# Samplers

Written by `python -m flows.cli.sampler_reference` from the settings; change those. `textgen samplers` prints the lists.

A sampler is a strategy and its knobs. Each knob is a flag of [`textgen generate`](commands.md#textgen-generate), a key
in the YAML, and a column of a seed file that holds for its row alone. A job's knob that its strategy does not read is
an error, and so is one that works through another knob which is left out. `order` is the job's, and so are `samples`
and the strategy; a row chooses among the job's samplers by the column `sampler`. A cell with a list has one text, or a
JSON list: `["A:", "B:"]`.

Which setting suits a model can be measured: [`textgen frontier`](commands.md#textgen-frontier) turns each knob, draws
quality against diversity, and names the setting that comes nearest to held-out human text.
"""

ENDS = """\
## What ends a text

The column `finish_reason` says it:

- `end`: the model itself, with the token that closes its documents.
- `stop`: one of the `stop` strings, or a token of `stop_tokens`; the text ends before it. The string may begin in one
  token and end in another, and must lie in the new text as a whole.
- `loop`: its last tokens, at most `loop_length`, came `loop_repeats` times in a row.
- `length`: it has `max_new_tokens`.
- `error`: no token could be chosen, since the model's logits were no numbers, or all tokens were banned.

Where several come with the same token, a stop goes before a loop, and a full length is last. A search looks for whole
texts and does not end at `stop`: what it has found is cut. A constraint ends a text where nothing more may follow.

## Constraints

`regex`, `choices` or `json_schema`, for the job or as columns of a row, are kept by every text of every strategy; what
can't be kept is an error, of a row one in `rejects/`. Of JSON Schema are known, for any type, {any_type}; {each}.
"""

DISTRIBUTION = """\
## What each does to the same distribution

Twenty tokens whose probabilities follow Zipf's law, as words do: pale what the model says, blue what is drawn from.
"""

NOT_WANTED = """\
## Not wanted, and why

- **Contrastive search** (Su et al. 2022) runs the model on each of k candidates at every step and compares the hidden
  states of all tokens so far, for one text that is the same each time: k times the work of greedy decoding. Hugging
  Face transformers took it out in 2025.
- **Diverse (group) beam search** (Vijayakumar et al. 2018) makes beams differ by a penalty that has to be tuned for
  each model; samples differ by themselves. transformers moved it out of its code, too.
- **Forced-word (constrained) beam search** makes beams hold given words, at the price of a search through the places
  where they could stand; a filter over several samples, or a pattern that texts must match, asks for less.
  transformers took it out in 2025.
- **Mirostat** (Basu et al. 2021) steers the surprise of a text towards a target by a threshold that moves after each
  token. Where it is on, other truncations are off, and the target is one more number to find for each model.
- **Dynamic temperature** takes a temperature from the entropy of the distribution, by two ends and an exponent: three
  numbers to tune instead of one. We know of no study that finds it better than one temperature at its best.
- **Draft models** (speculative decoding, Leviathan et al. 2023) change no text, only the time: they use arithmetic
  that lies idle while a few texts are written at a time. Here each step works on full tiles of 128 rows; at such
  batches others measured gains that vanish or turn into losses, since what a rejected draft cost is lost. So it is with
  **prompt-lookup drafting**, whose drafts are copied from the prompt; we have not measured it here.
"""


def page() -> str:
    """The page."""
    sections = [HEAD, _strategies(), _knobs(), _ends(), DISTRIBUTION + "\n" + _pictures(), _examples(), NOT_WANTED]
    return "\n".join(section.rstrip() + "\n" for section in sections)


def pictures() -> dict[Path, str]:
    """The plots by the file that each goes to."""
    return {IMAGES / f"{knob}.svg": svg for knob, svg in plots(truncations()).items()}


def truncations() -> list[str]:
    """The knobs that change the distribution at hand, in the order in which they do."""
    from textgen_core.decoding.truncations import TRUNCATIONS

    return [knob for knob in TRUNCATIONS if knob in KNOBS]


def _strategies() -> str:
    rows = [{"strategy": name, "knobs it reads": ", ".join(read) or "none"} for name, read in USED_BY.items()]
    return f"## Strategies\n\n{strategy_text()}\n\n{own_table(rows)}"


def _ends() -> str:
    each = "; ".join(f"for {kind} {_words(sorted(words))}" for kind, words in KEYWORDS.items() if words)
    return ENDS.format(any_type=_words([*VALUES, *COMBINING]), each=each)


def _words(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _knobs() -> str:
    about_order = "Truncations go in another order if `order` says so; it must name all that are in use."
    table = own_table([_row(knob) for knob in knobs()])
    return f"## Knobs\n\nFrom the first to act to the last. {about_order}\n\n{table}"


def _row(knob: Knob) -> dict[str, str]:
    return {
        "knob": f"`{knob.name}`",
        "strategies": ", ".join(knob.strategies),
        "accepts": knob.accepts,
        "left out": f"`{knob.default}`",
        "what it does": own_text(knob.about),
    }


def _pictures() -> str:
    return "\n\n".join(f"`{knob}`\n\n![{knob}](images/samplers/{knob}.svg)" for knob in truncations())


def _examples() -> str:
    found = stored()
    head = (
        "## What each says after the same prompts\n\n"
        f"By {found['model']}: small, so that the differences show. One draw each, not chosen."
    )
    tables = [
        f"After {markdown.inline(prompt)}:\n\n"
        + markdown.table([{"sampler": name, "text": texts[place]} for name, texts in found["texts"].items()])
        for place, prompt in enumerate(found["prompts"])
    ]
    return "\n\n".join([head, *tables])


def write() -> None:
    """Write the page and its plots; plots of knobs that are no more go."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    drawn = pictures()
    for old in set(IMAGES.glob("*.svg")) - drawn.keys():
        old.unlink()
    for path, svg in drawn.items():
        path.write_text(svg)
    PATH.write_text(page())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        store(Path(sys.argv[1]))
    write()
