"""Claims that are proved or refuted."""

from typing import Any

from _shared import ratio

from kdverify.evidence import Claim, Control, Forall, Identity, Step


def below(bound: str) -> Any:
    def build(smt: Any) -> Any:
        x = smt.Real("x")
        return [x > 0], x / (1 + x) < smt.number(bound)

    return build


def complement() -> Any:
    from _shared import ratio  # a helper imported when the evidence runs

    return 1 - ratio()


def other_side() -> Any:
    (x,) = ratio().free_symbols
    return 1 / (1 + x)


RATIO = Claim(
    id="1.ratio",
    title="A ratio and its complement",
    statement=r"x/(1+x) < 1,\ 1 - x/(1+x) = 1/(1+x)",
    source="new",
    parts=("bound", "complement"),
    steps=[Step("Bring to one denominator.", other_side)],
    evidence=[
        Forall("bound", build=below("1"), witness={"x": 2}),
        Identity("complement", left=complement, right=other_side),
    ],
    controls=[Control(Forall("bound", build=below("3/4")), wrong="bound 3/4")],
)

FALSE_READING = Claim(
    id="1.false-reading",
    title="The ratio is below one half",
    statement=r"x/(1+x) < 1/2",
    source="new",
    needs=["1.ratio"],
    evidence=[
        Forall("whole", build=below("1/2")),
        Identity("x = 1", left=ratio, right=other_side),
    ],
    controls=[Control(Forall("whole", build=below("1/3")), wrong="bound 1/3")],
    expect="refuted",
)

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script([RATIO, FALSE_READING]))
