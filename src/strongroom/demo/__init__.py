"""A workspace to look at: two projects, a dozen people who may not see the same things, and work already under way."""
