import json

from tests.cli.stages import finish
from textgen_core.datasets.store import STORE

CONFIG = """
output: out
ingestion: {{inputs: [book.txt]}}
generation: {{max_new_tokens: {length}}}
"""


def test_what_an_earlier_configuration_left_is_removed_and_the_rest_stays(tmp_path, textgen):
    (tmp_path / "book.txt").write_text("a book")
    path = tmp_path / "config.yaml"
    for length in (10, 20):
        path.write_text(CONFIG.format(length=length))
        finish(path)
    out = tmp_path / "out"
    code, said, _ = textgen("prune", out, "--dry-run", "--json")
    planned = json.loads(said)
    stages = {name.split("/")[-1].split("-")[0] for name in planned["paths"] if not name.endswith(".lock")}
    assert (
        code == 0 and not planned["removed"] and stages == {"generation", "reporting"}
    )  # evaluation saw the same texts
    code, said, _ = textgen("prune", out)
    assert code == 0 and "Freed" in said
    assert textgen("run", path)[0] == 0, "what is named is still finished"
    assert json.loads(textgen("prune", out, "--json")[1])["paths"] == []


def test_what_is_no_output_directory_is_refused(tmp_path, textgen):
    code, _, err = textgen("prune", tmp_path)
    assert code == 4 and STORE in err and "Traceback" not in err
