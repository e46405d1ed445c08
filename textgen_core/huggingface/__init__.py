"""GPT-2 as Hugging Face transformers keeps it, in and out. Neither needs transformers, nor Keras.

settings      ImportSettings, ExportSettings
importing     import_key, import_model
exporting     export_key, export_model
"""
