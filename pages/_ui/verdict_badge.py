"""A verdict as a coloured badge."""

from betavae_core.report.verdict import NOT, PARTLY, REPRODUCED, Judged

COLOURS = {REPRODUCED: "green", PARTLY: "orange", NOT: "red"}


def badge(judged: Judged) -> str:
    return f":{COLOURS.get(judged.verdict, 'gray')}-badge[{judged.verdict}]"
