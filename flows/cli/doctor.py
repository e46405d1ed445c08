"""``textgen doctor``: what this installation has, what it lacks, and how to mend it."""

from __future__ import annotations

from flows.cli.common import Common, Switch
from flows.cli.output import print_json, print_table, say


def doctor(*, quick: Switch = False, common: Common | None = None) -> int:
    """Check versions, devices, memory, disk and server; exit code 1 if something must be mended.

    Args:
        quick: Leave out starting TensorFlow, which takes seconds.
    """
    from flows.cli.checks import CHECKS, SLOW, Finding

    common = common or Common()
    findings: list[Finding] = []
    for check in CHECKS if quick else (*CHECKS, *SLOW):
        common.note(f"{check.__name__.replace('_', ' ')} ...")
        findings += check()
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if common.json:
        print_json({"healthy": not wrong, "findings": [finding._asdict() for finding in findings]})
    else:
        print_table(
            ("", "what", "found", "remedy"), ((each.state, each.what, each.found, each.remedy) for each in findings)
        )
        say("Something must be mended." if wrong else "All is well.")
    return 1 if wrong else 0
