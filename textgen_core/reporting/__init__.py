"""One page about all models of a pipeline, without network or script.

chart         WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM, axes, framed
document      document
heat_map      attention_page
scale         Scale, label
settings      ReportingOptions, ReportingSettings, ModelRun
stage         reporting_key, report
text          token_name
"""
