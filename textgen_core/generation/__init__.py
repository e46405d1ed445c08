"""Seeds stream through the engine into a dataset of continuations; a prompt in the hand goes the same way.

explanation   explain
preview       continue_prompt
settings      GenerationOptions, GenerationSettings, MaxNewTokens
stage         generation_key, generate
"""
