"""β in words: the one spelling for labels, sentences, tables and file names."""


def beta_number(beta: float | None) -> str:
    """The number alone: "4", "0.1", or "not stated"."""
    return "not stated" if beta is None else f"{beta:g}"


def beta_text(beta: float | None) -> str:
    """With its name: "β = 4"."""
    return f"β = {beta_number(beta)}"
