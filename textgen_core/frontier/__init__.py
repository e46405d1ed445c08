"""Quality against diversity: one model, its samplers and their knobs, and the setting that comes nearest to people.

plot          plot, knobs
points        Figure, Point
reference     refer, reference_key
settings      FrontierSettings, ReferenceSettings, SummarySettings, SWEEPS, HUMAN, sampler_name, sampler_of
steps         FrontierStage, sweep, plan
summary       summarize, summary_key
"""
