"""Every claim of the theory, once, in the theory's order.

``expect="refuted"`` marks a tempting false reading that must come out refuted.
"""

from __future__ import annotations

from kdverify.evidence import Entry

LEDGER = [
    Entry("1.unique", "classic"),
    Entry("1.scale", "classic"),
    Entry("1.omega-bounds", "classic"),
    Entry("1.omega-mean", "new"),
    Entry("1.complements", "new"),
    Entry("1.ridge", "classic"),
    Entry("1.ridge-loses", "new"),
    Entry("1.ridge-limit", "classic"),
    Entry("1.slope", "new"),
    Entry("1.curvature", "new"),
    Entry("1.certificate", "new"),
    Entry("1.real-n", "new"),
    Entry("2.risk", "paper"),
    Entry("2.four-term", "paper"),
    Entry("2.rotation", "paper"),
    Entry("2.classical", "classic"),
    Entry("2.transfer", "new"),
    Entry("2.coordinates", "new"),
    Entry("2.coordinates-literal", "paper", expect="refuted"),
    Entry("2.isotropic-exact", "new"),
    Entry("2.isotropic-noise", "classic"),
    Entry("2.least-squares", "classic"),
    Entry("3.optimal", "paper"),
    Entry("3.transition", "paper"),
    Entry("3.both-kinds", "new"),
    Entry("3.no-gain", "paper"),
    Entry("3.teacher-not-best", "paper"),
    Entry("3.improvement", "new"),
    Entry("3.improvement-bounds", "new"),
    Entry("4.rule", "paper"),
    Entry("4.tail", "paper"),
    Entry("4.strict", "paper"),
    Entry("4.exhaustive", "paper"),
    Entry("4.not-own-teacher", "new"),
    Entry("8.values", "paper"),
]
