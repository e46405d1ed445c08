"""Continuing prompts in bulk: pure, without files. A row's text depends on that row alone.

Read ``request``, ``engine``, ``lane``, ``ladder`` and ``tile`` first: how rows come and go; then ``sampling``, greedy
among it, and ``choosing``: how the next token is found; then ``beam``. How a row ends is in ``results``, by what
``stops`` and ``loops`` look for. ``processors/``, ``truncations/`` and ``constraints/`` are each an idea a file.

choosing      own_logprobs, processed, truncated
constraints.automaton  TokenAutomaton
constraints.bank  Bank
constraints.building  automaton
constraints.compiling  Compiler, Constraint, KINDS
constraints.keywords  COMBINING, KEYWORDS, VALUES
constraints.limits  OF_JOB, OF_ROW
constraints.pattern  parse
engine        Engine
pool          Pool, Prompted
processing    Processing, processors_of
processors    PROCESSORS
programs      Programs, CHUNK
request       Request, Completion
sampling      Sampling, features_of, in_order
settings      SamplerSettings, OF_CHOOSING, USED_BY, KNOBS
shapes        capacity_class, power_of_two, prompt_bucket
telemetry     in_loop
truncations   TRUNCATIONS
truncations.top_k  top_k
vocabulary    Vocabulary
"""
