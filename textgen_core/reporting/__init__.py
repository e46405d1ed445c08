"""One page about all models of a pipeline, without network or script.

settings      ReportingOptions, ReportingSettings, ModelRun
stage         reporting_key, report
"""
