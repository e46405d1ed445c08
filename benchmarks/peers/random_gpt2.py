"""The model that all peers load: a GPT-2 with random weights, as Hugging Face saves it, and converted for CTranslate2.

    PYTHON random_gpt2.py JSON_SHAPE FOLDER

Speed does not depend on the weights. Every id is a word of the tokenizer, for CTranslate2 takes words.
"""

import json
import sys
from pathlib import Path

from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer, models
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast


def main() -> None:
    shape, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
    ends = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), 1)
    config = GPT2Config(
        n_layer=shape["layers"],
        n_embd=shape["width"],
        n_head=shape["heads"],
        n_positions=shape["context"],
        vocab_size=shape["vocab"],
        **ends,
    )
    GPT2LMHeadModel(config).save_pretrained(folder / "hf")
    words = {str(id): id for id in range(shape["vocab"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="0"))
    special = {"unk_token": "0", "bos_token": "1", "eos_token": "1"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder / "hf")
    for quantization in ("float32", "int8"):
        converter = TransformersConverter(str(folder / "hf"))
        converter.convert(str(folder / f"ct2-{quantization}"), quantization=quantization)


if __name__ == "__main__":
    main()
