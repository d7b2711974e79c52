"""The promise, put to the test: two worlds that differ in hidden work alone must give the same answers.

The topmost floor: it drives the program from outside, on copies of a workspace.
"""
