"""Strongroom: label, adapt, ask and evaluate, where not everyone may see everything."""
