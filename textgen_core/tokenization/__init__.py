"""Text becomes token ids, by characters, words, bytes or subwords behind one interface.

corpus        Corpus
incremental   IncrementalDecoder
interface     Tokenizer, END, PAD
settings      TokenizationOptions, TokenizationSettings
stage         tokenization_key, tokenize
tokenizers    TOKENIZER, load_tokenizer
"""
