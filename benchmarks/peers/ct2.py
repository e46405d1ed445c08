"""CTranslate2: generate_batch() over all prompts at once, which it sorts by length and shares out among its workers."""

from pathlib import Path

import ctranslate2
from _turns import answer, given, prompts

words = [[str(id) for id in row] for row in prompts.tolist()]
generators: dict[tuple[int, int], ctranslate2.Generator] = {}


def run(rows: int, batch: int, workers: int, threads: int) -> int:
    """workers batches at a time, each on so many threads."""
    if (workers, threads) not in generators:
        generators.clear()
        generators[workers, threads] = ctranslate2.Generator(
            str(Path(given["model"]) / f"ct2-{given['precision']}"),
            device="cpu",
            compute_type=given["precision"],
            inter_threads=workers,
            intra_threads=threads,
        )
    search = {"beam_size": given["beams"]} if given.get("beams") else {"sampling_topk": given["top_k"]}
    results = generators[workers, threads].generate_batch(
        words[:rows],
        max_batch_size=batch,
        min_length=given["new"],
        max_length=given["new"],
        include_prompt_in_result=False,  # the prompt is read at once
        **search,
    )
    return sum(len(result.sequences_ids[0]) for result in results)


answer(run, version=ctranslate2.__version__)
