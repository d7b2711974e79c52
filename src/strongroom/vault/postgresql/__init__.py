"""The vault on PostgreSQL (15 or newer): forced row-level security, and a context that nobody but the vault can set.

Readers, writers and the registry log in as roles of their own that own nothing. What a transaction may see is told to it at
its beginning, signed for this backend and this transaction; the policies believe nothing else. See docs/postgresql.md.
"""
