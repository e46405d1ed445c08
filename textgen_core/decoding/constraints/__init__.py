"""Constrained decoding: every output matches a regular expression, is one of some choices, or obeys a JSON schema.

A constraint's text becomes a language (pattern, choices, schema), that an automaton over bytes (nfa, dfa), that one
over tokens (tokens, automaton). Rows carry its state through the graph (steering), whose tables a tile brings (bank).
"""
