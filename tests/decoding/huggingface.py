"""Run by the Python of the benchmarks' peers: what Hugging Face transformers makes of the same.

    PYTHON huggingface.py FOLDER

Reads given.json and logits.npy there; leaves model/, answers.json and filtered.npz.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.generation import logits_process as hf

END = 0
"""Of the model, whose ids are those of ours but PAD: less by one. Logits to filter have all."""
WARPERS = {
    "temperature": hf.TemperatureLogitsWarper,
    "top_k": hf.TopKLogitsWarper,
    "top_p": hf.TopPLogitsWarper,
    "min_p": hf.MinPLogitsWarper,
    "typical_p": hf.TypicalLogitsWarper,
    "epsilon_cutoff": hf.EpsilonLogitsWarper,
    "eta_cutoff": hf.EtaLogitsWarper,
    "top_h": hf.TopHLogitsWarper,
    "repetition_penalty": hf.RepetitionPenaltyLogitsProcessor,
    "no_repeat_ngram": hf.NoRepeatNGramLogitsProcessor,
}


def random_model(shape):
    """With weights large enough to prefer some tokens, and an end that comes."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    ends = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), END)
    config = GPT2Config(**shape, **ends, initializer_range=0.25, tie_word_embeddings=False)
    model = GPT2LMHeadModel(config).eval()
    end = model.lm_head.weight[END].detach()
    model.transformer.ln_f.bias.data = 2.5 * end / (end @ end)
    return model


def continued(model, prompt, **options):
    """Tokens after the prompt up to the end, in our ids, and beam scores."""
    rows = torch.tensor([prompt]) - 1
    out = model.generate(
        rows,
        attention_mask=torch.ones_like(rows),
        do_sample=False,
        return_dict_in_generate=True,
        output_scores=True,
        **options,
    )
    tokens = [row[len(prompt) :].tolist() for row in out.sequences]
    scores = getattr(out, "sequences_scores", None)
    ended = [row[: row.index(END) + 1] if END in row else row for row in tokens]
    return {
        "tokens": [[id + 1 for id in row] for row in ended],
        "scores": None if scores is None else scores.tolist(),
    }


def filtered(name, knob, said, logits):
    scores, rows = torch.from_numpy(logits), torch.tensor(said)
    if name == "min_new_tokens":
        early = hf.MinNewTokensLengthLogitsProcessor(rows.shape[1] - 3, knob, END + 1, device="cpu")
        return early(rows, scores.clone()).numpy()
    return WARPERS[name](knob)(rows, scores.clone()).numpy()


def main():
    folder = Path(sys.argv[1])
    given, logits = json.loads((folder / "given.json").read_text()), np.load(folder / "logits.npy")
    model = random_model(given["shape"])
    model.save_pretrained(folder / "model")
    with torch.inference_mode():
        answers = [[continued(model, prompt, **search) for prompt in given["prompts"]] for search in given["searches"]]
    (folder / "answers.json").write_text(json.dumps(answers))
    scores = {str(i): filtered(name, knob, given["said"], logits) for i, (name, knob) in enumerate(given["filters"])}
    np.savez(folder / "filtered.npz", **scores)


if __name__ == "__main__":
    main()
