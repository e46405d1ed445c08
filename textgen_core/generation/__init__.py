"""Seeds stream through the engine into a dataset of continuations; a prompt in the hand goes the same way.

alignment     align
attending     check_attention
explanation   explain, remade
formats       check_seed_file
preview       continue_prompt
seeds         KNOBS, Seed, read_seeds
settings      GenerationOptions, GenerationSettings, MaxNewTokens
stage         generation_key, generate, model_id
survey        survey
"""
