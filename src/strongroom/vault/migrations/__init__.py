"""How the database came to look as it does: one file in `versions` for each change of a table, applied in order.

A room that changes its tables adds one (docs/vault.md says how); a test compares what the migrations make with what the
tables declare.
"""
