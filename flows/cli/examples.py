"""An example of each command, shown at the end of its help. Tests hold that they are understood."""

EXAMPLES = {
    "demo": "textgen demo --output demo",
    "quickstart": "textgen quickstart book.txt.gz --preset small",
    "init": "textgen init 'articles/*.jsonl' --output articles.yaml",
    "run": "textgen run articles.yaml --ui",
    "retrain": "textgen retrain --registry models --inputs inbox --preset small",
    "ingest": "textgen ingest reviews.csv --text-column review --keep-columns stars --output corpus",
    "tokenize": "textgen tokenize corpus --tokenizer subword --vocab-size 8000 --output tokens",
    "train": "textgen train tokens --preset small --family transformer --output model",
    "generate": "textgen generate model seeds.csv --sampler greedy --sampler name=warm,temperature=1.2 --output made",
    "evaluate": "textgen evaluate OUT/MODEL/generations --group-by topic --output judged",
    "report": "textgen report OUT --seeds 20 --output page",
    "seeds": "textgen seeds corpus --count 100 --how spans --words 8 --output seeds",
    "try": 'textgen try OUT/MODEL/model "Once upon a" --temperature 0.8 --explain',
    "score": "textgen score OUT/MODEL/model letter.txt --lines",
    "samplers": "textgen samplers --json",
    "frontier": "textgen frontier OUT/MODEL/model seeds.parquet --sweep top_p=0.8:0.9:0.95 --output swept",
    "registry": "textgen registry list models",
    "show": "textgen show OUT/MODEL/generations --examples 5",
    "verify": "textgen verify OUT",
    "prune": "textgen prune OUT --dry-run",
    "doctor": "textgen doctor --quick",
    "up": "textgen up --nightly inbox --registry models",
    "completion": "textgen completion --shell zsh",
}
"""By the command's name; ``down`` needs none."""
