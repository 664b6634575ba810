"""Detections to signals: who belongs together, how bad it is, and the words for it.

`evidence`, `severity`, `activity` and `words` compute; `waiting` weighs what adds up over many requests
(log-ins, missing paths); `batch` reads and writes the database. `docs/intake.md` explains the rules.
"""
