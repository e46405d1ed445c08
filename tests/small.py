"""A pipeline that takes seconds: a few verses, one tiny character model, two samplers."""

from textgen_core.config import Config
from textgen_core.settings import validated

VERSES = "\n\n".join(f"{n} green bottles hanging on the wall,\nand if one green bottle should fall" for n in range(300))


def config(folder, **change) -> Config:
    (folder / "verses.txt").write_text(VERSES)
    values = {
        "output": str(folder / "out"),
        "ingestion": {"inputs": [str(folder / "verses.txt")], "unit": "paragraph"},
        "models": {"tiny": {"tokenization": {"tokenizer": {"kind": "char"}}, "training": {"preset": "tiny"}}},
        "seeds": {"count": 5, "words": 2},
        "generation": {
            "max_new_tokens": 20,
            "samplers": {"greedy": {"strategy": "greedy"}, "top-k": {"top_k": 5}},
        },
        "evaluation": {"bootstrap": {"samples": 20}},
    }
    return validated(Config, values | change, "test")
