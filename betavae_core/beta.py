"""β as text: one spelling for labels, sentences, tables and file names."""


def beta_number(beta: float | None) -> str:
    """Only the number: "4", "0.1", or "not stated"."""
    return "not stated" if beta is None else f"{beta:g}"


def beta_text(beta: float | None) -> str:
    """The number with its name: "β = 4"."""
    return f"β = {beta_number(beta)}"
