"""All commands. A command's module is imported when it is called, so that ``textgen --help`` stays quick."""

from __future__ import annotations

import importlib.metadata

from cyclopts import App, Group

from flows.cli.examples import EXAMPLES
from flows.cli.groups import OPTIONS

PIPELINE = Group("The whole pipeline", sort_key=1)
STAGES = Group("One stage", sort_key=2)
MODELS = Group("A model in the hand", sort_key=3)
DATASETS = Group("What was made", sort_key=4)
SERVICE = Group("Server, schedules, machine", sort_key=5)

COMMANDS: dict[str, tuple[Group, str, str]] = {
    "demo": (PIPELINE, "flows.cli.demo:demo", "Train two models on this Python's own documentation and compare them."),
    "quickstart": (PIPELINE, "flows.cli.quickstart:quickstart", "Any text file in, everything out; no configuration."),
    "init": (PIPELINE, "flows.cli.init:init", "Write a configuration with a comment on every setting."),
    "run": (PIPELINE, "flows.cli.run:run", "Run the whole pipeline of a configuration; only what changed is done."),
    "retrain": (
        PIPELINE,
        "flows.cli.retrain:retrain",
        "One round: read what is new, train, promote only what is better.",
    ),
    "compare": (
        PIPELINE,
        "flows.cli.compare:compare",
        "Families, levels, sizes and shares of a corpus in one grid, and what follows from it.",
    ),
    "ingest": (STAGES, "flows.cli.stages:ingest", "Read a corpus into documents."),
    "tokenize": (STAGES, "flows.cli.stages:tokenize", "Turn documents into token ids, with a tokenizer made for them."),
    "train": (STAGES, "flows.cli.stages:train", "Train a language model on token ids."),
    "generate": (STAGES, "flows.cli.stages:generate", "Continue every prompt of a seed file."),
    "evaluate": (STAGES, "flows.cli.stages:evaluate", "Measure a model and what it generated."),
    "report": (STAGES, "flows.cli.stages:report", "Write report.html: one page that compares models and samplers."),
    "seeds": (STAGES, "flows.cli.stages:seeds", "Draw a seed file from documents held out of training."),
    "try": (MODELS, "flows.cli.try_model:try_model", "Continue a prompt as you watch."),
    "score": (MODELS, "flows.cli.score:score", "Log-probability, perplexity and bits per character of any text."),
    "models": (MODELS, "flows.cli.models:models", "The families of models, with their weights, memory and speed."),
    "samplers": (
        MODELS,
        "flows.cli.samplers:samplers",
        "All samplers, their knobs, and the order in which they are applied.",
    ),
    "frontier": (
        MODELS,
        "flows.cli.frontier:frontier",
        "Sweep samplers on a model, draw quality against diversity, recommend settings.",
    ),
    "import": (MODELS, "flows.cli.exchange:import_model", "Take over a GPT-2 from a local Hugging Face directory."),
    "export": (MODELS, "flows.cli.exchange:export_model", "Write a model as Hugging Face transformers loads it."),
    "registry": (MODELS, "flows.cli.registry:app", "The champion, its predecessors, and the way back."),
    "show": (DATASETS, "flows.cli.show:show", "What a directory holds: schema, rows, examples, manifest."),
    "verify": (DATASETS, "flows.cli.verify:verify", "Check every file of a directory against its manifest."),
    "prune": (
        DATASETS,
        "flows.cli.prune:prune_store",
        "Remove what earlier configurations left in an output directory.",
    ),
    "doctor": (SERVICE, "flows.cli.doctor:doctor", "What this installation has, what it lacks, and how to mend it."),
    "up": (SERVICE, "flows.cli.service:up", "Start server, worker and deployments on this machine."),
    "down": (SERVICE, "flows.cli.service:down", "Stop what `textgen up` started."),
    "completion": (
        SERVICE,
        "flows.cli.completion:completion",
        "Install completion of commands and flags in a shell.",
    ),
}


def version() -> str:
    """The installed version."""
    return importlib.metadata.version("textgen")


def epilogue(name: str, where: str) -> dict[str, str]:
    """The example at the end of a command's help; a group of commands has its own."""
    return {"help_epilogue": f"Example: {EXAMPLES[name]}"} if name in EXAMPLES and not where.endswith(":app") else {}


app = App(
    name="textgen",
    help="""Batch text generation: a corpus and seeds in, Parquet datasets of generated text and of metrics out.

Start with `textgen demo`, or with your own text: `textgen quickstart book.txt`.""",
    version=version,
    group_parameters=OPTIONS,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,  # exits.py says what an interrupted command left
)
for order, (name, (group, where, text)) in enumerate(COMMANDS.items()):
    app.command(where, name=name, help=text, group=group, sort_key=order, **epilogue(name, where))
app["--help"].group = app["--version"].group = SERVICE
