"""One page about all models of a pipeline, without network or script.

chart         WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM, axes, framed
document      document
dots          Dot, dot_chart
heat_map      attention_page
samples       Seed, side_by_side
scale         Scale, LogScale, label
standalone    standalone
settings      ReportingOptions, ReportingSettings, ModelRun
stage         reporting_key, report
text          BEGINNING, shortened, token_name
"""
