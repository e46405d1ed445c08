"""One page about all models of a pipeline, without network or script.

settings      ReportingOptions, ReportingSettings, Run
stage         reporting_key, report
"""
