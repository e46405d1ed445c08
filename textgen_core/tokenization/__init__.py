"""Text becomes token ids, by characters, words, bytes or subwords behind one interface.

byte          ByteTokenizer
corpus        Corpus
incremental   IncrementalDecoder
interface     SPECIALS, Tokenizer, END, PAD, SEPARATOR
pairs         WORD, Pair, as_text, check_columns, columns_of, opening, pairs_of, sentence_pairs, sides_of
pieces        piece_name
sequences     in_a_pass
settings      CharSettings, WordSettings, TokenizerSettings, PairSettings, TokenizationOptions, TokenizationSettings
spelling      text_bits
stage         tokenization_key, tokenize
subword       SubwordTokenizer
tokenizers    TOKENIZER, dump, load_tokenizer
"""
