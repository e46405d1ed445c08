"""Language models in Keras: one file a family, behind one interface.

backend           compiled, on_device, placement, prepare_device, seeded
config            MODEL_FILES, WEIGHTS, first_line, read_config
directory         load_model, load_weights, put_weights, save_model
encoder_decoder   EncoderDecoder
families          build_model, count_parameters
files             misfit, read_weights, write_model
half              halve
in_place          InPlace, updating
interface         LanguageModel, State, Step
seq2seq_settings  EncoderDecoderSettings, attends
settings          CNNSettings, ModelSettings, NgramSettings, Architecture, TransformerSettings
shapes            WIDEST, RNNShape, TransformerShape, are_tied
sizes             size_of
"""

import os

# Set here because whatever imports Keras for this project passes through this package first. The custom gradients
# and the compiled scan are written for this backend, so another one in the environment must not win.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its notes about drivers hide our own messages
# On processors without AVX-512 TensorFlow leaves oneDNN out by itself. With it trainings are a fifth to a third faster
# there: its products are better, and memory of large tensors is kept for the next ones, not asked for page by page.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
