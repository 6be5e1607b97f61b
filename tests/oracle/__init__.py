"""Guarantees 4 and 5, proved by generated histories and an oracle that shares no code with the rules.

``history`` invents what happens, ``memory`` plays it with the pure rules, ``office`` with the real
database and ``tasks.chase``; ``verdict`` (plain dates and dicts) says what was false or missed.
"""
