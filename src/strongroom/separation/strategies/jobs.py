"""Jobs take no bodies; what they answer has ids."""

from __future__ import annotations

from strongroom.separation.strategies.drawing import told_by

told_by("eta_seconds", "job_id")
