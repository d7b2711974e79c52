"""How far annotators agree: coefficients in a file each, with intervals that resample items.

Which one: Krippendorff's α where answers are missing or classes have an order; Gwet's AC1 beside it where
one class is much more frequent than the others; Cohen's κ for two given people; Fleiss' κ to compare with
what others report. None of them says that people are right: a whole team may agree on an error.
"""

from strongroom.quality.agreement.agreement import Agreement
from strongroom.quality.agreement.cohen import cohen_kappa
from strongroom.quality.agreement.fleiss import fleiss_kappa
from strongroom.quality.agreement.gwet import gwet_ac1, gwet_ac2
from strongroom.quality.agreement.krippendorff import krippendorff_alpha
from strongroom.quality.agreement.percent import percent_agreement

__all__ = [
    "Agreement",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "krippendorff_alpha",
    "percent_agreement",
]
