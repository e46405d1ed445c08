"""Quality against diversity: one model, its samplers and their knobs, and the setting that comes nearest to people.

reference     refer, reference_key
settings      FrontierSettings, ReferenceSettings, SummarySettings, SWEEPS, sampler_name, sampler_of
steps         FrontierStage, sweep, plan
summary       summarize, summary_key
"""
