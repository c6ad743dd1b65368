"""β in texts."""

from betavae_core.beta import beta_text, unbroken, unbroken_page


def test_no_line_ends_between_a_letter_and_its_number() -> None:
    shown = unbroken(f"From {beta_text(0.1)} to {beta_text(10)}, L = 64, z3 = −1.2.")
    words = shown.split(" ")
    assert words == ["From", "β\u00a0=\u00a00.1", "to", "β\u00a0=\u00a010,",
                     "L\u00a0=\u00a064,", "z3\u00a0=\u00a0−1.2."]  # fmt: skip
    for other in ("β = not stated", "--beta=4", "ALL = 4", "a model of β"):
        assert unbroken(other) == other


def test_no_line_ends_between_a_number_and_its_percent_sign() -> None:
    assert unbroken("from 8.5 % to 99 %.") == "from 8.5\u00a0% to 99\u00a0%."
    assert unbroken("the % of a score") == "the % of a score"


def test_what_is_stored_keeps_its_spaces() -> None:
    assert beta_text(4) == "β = 4"


def test_only_the_text_of_a_page_is_changed() -> None:
    program = "<script>const L = 4;</script>"
    style = "<style media='print'>/* β = 1 */</style>"
    title = "<title>β = 4</title>"
    page = f"{title}<p>At β = 4</p>{program}L = 64{style}<img alt='z1 = −1'>"
    shown = "<p>At β\u00a0=\u00a04</p>", "L\u00a0=\u00a064", "<img alt='z1\u00a0=\u00a0−1'>"
    assert unbroken_page(page) == f"{title}{shown[0]}{program}{shown[1]}{style}{shown[2]}"
    assert unbroken_page("β = 4") == "β\u00a0=\u00a04"
