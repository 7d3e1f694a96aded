"""The sample's ledger: not in the order of the files."""

from kdverify.evidence import Entry

LEDGER = [
    Entry("2.mean", "classic"),
    Entry("1.ratio", "new"),
    Entry("1.false-reading", "new", expect="refuted"),
]
