"""Lists, counts, numbers and whole sentences."""

import pytest

from betavae_core.sentences.words import counted, listed, sentence, spelled


def test_lists_and_counts_read_as_english() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert counted(3, 3, "model") == "all 3 models"
    assert counted(2, 2, "model") == "both models"
    assert counted(1, 3, "model") == "1 of 3 models"
    assert counted(0, 3, "model") == "none of the 3 models"
    assert counted(1, 1, "model") == "the model"
    assert counted(0, 1, "model") == "not the model"


@pytest.mark.parametrize(
    ("values", "decimals", "expected"),
    [
        ([0.8, 0.69], 2, ["0.80", "0.69"]),
        ([0.801, 0.799], 2, ["0.801", "0.799"]),  # two decimals would read the same
        ([0.8, 0.8], 2, ["0.80", "0.80"]),  # and these are the same
        ([0.80001, 0.80002], 2, ["0.80", "0.80"]),  # a difference that no text needs
        ([1808.2, 93.4], None, ["1,808", "93"]),
        ([43.21, 9.8], None, ["43.2", "9.8"]),
        ([0.0123, 0.03], None, ["0.0123", "0.0300"]),
        ([0.0], None, ["0.00"]),
    ],
)
def test_numbers_have_the_decimals_that_tell_them_apart(
    values: list[float], decimals: int | None, expected: list[str]
) -> None:
    assert spelled(values, decimals) == expected


def test_a_sentence_begins_with_a_capital_unless_a_name_does() -> None:
    assert sentence("the loss falls", "", "it rises") == "The loss falls; it rises."
    assert sentence("z5 stands for shape") == "z5 stands for shape."
    assert sentence("β = 4 is best") == "β = 4 is best."
    assert sentence("", "") == ""
