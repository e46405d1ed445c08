"""The families by what they learn from, so that tests find a new one by themselves."""

from textgen_core.models.families import FAMILIES
from textgen_core.training.settings import TrainingOptions

OPTIONS = {family: TrainingOptions.model_validate({"model": {"family": family}}) for family in FAMILIES}
COUNTED = [family for family, options in OPTIONS.items() if options.counted]
ON_PAIRS = [family for family, options in OPTIONS.items() if options.reads_source]
BY_GRADIENTS = [family for family in FAMILIES if family not in (*COUNTED, *ON_PAIRS)]
