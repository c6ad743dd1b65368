"""The choice that follows a visitor from page to page: taken from the address that led here, and
added to links to other pages."""

from betavae_core import choice as choice_of
from betavae_core.addresses import key_of, keys_of
from betavae_core.choice import Choice
from betavae_core.datasets import DATASETS, dataset_title, own_datasets
from betavae_core.store import Run
from pages._ui.address import answered, harmless, respell, say, visit
from pages._ui.runs import all_runs


def followed() -> Choice:
    """The visitor's choice after the address that led here."""
    now, everything = visit(), all_runs(baselines=True, multirate=True, steered=True)[0]
    came, now.came = now.came, None
    if came is None:
        return now.choice
    rows = {name: row.choice for name in came if (row := key_of(name)) and row.choice}
    here = {row.choice for row in keys_of(now.page)}
    choice = now.choice
    if now.back:  # values missing from the address have their defaults
        choice = Choice(run=None if "run" in here else choice.run)
    run = next(
        (r for r in everything for n in rows if rows[n] == "run" and r.name in came[n]), None
    )
    known = {name for name in rows if rows[name] == "run" and run is not None}
    if run is not None:
        choice = choice_of.choose_run(choice, run)
    for name in [name for name in rows if rows[name] == "dataset"]:
        found = dataset_named(came[name][-1], everything)
        if run is not None and found != run.config.dataset:
            answered(name)
            say(
                f'The link names the dataset "{harmless(came[name][-1])}" and the '
                f"model {harmless(run.name)}, which was trained on "
                f"{dataset_title(run.config.dataset)}; "
                "showing the model."
            )
        elif found is not None:
            known.add(name)
            title = offered_name(found) if name == "data" else dataset_title(found)
            respell(name, [title])  # it may be named as on the command line
            choice = choice_of.choose_dataset(choice, found)
    for name in [name for name in rows if rows[name] == "seed"]:
        dataset, text = name.removeprefix("seed-"), came[name][-1]
        seeds = {run.config.seed for run in everything if run.config.dataset == dataset}
        if run is not None or choice.dataset not in (None, dataset):
            answered(name)
            shown = run.config.dataset if run is not None else choice.dataset or dataset
            seed = choice.seed if run is not None else None
            if shown != dataset or (seed is not None and text != str(seed)):
                say(
                    f'The link names the random seed "{harmless(text)}" of '
                    f"{dataset_title(dataset)}, but also values that do not belong to it; the page "
                    f"shows {dataset_title(shown)}."
                )
        elif text.isdecimal() and int(text) in seeds:
            known.add(name)
            choice = choice_of.choose_seed(choice, dataset, int(text), everything)
    for name in known:
        row = key_of(name)
        if row is not None and now.page not in row.pages:
            answered(name)  # it is followed, although nothing here names it
    now.choice = choice
    return choice


def dataset_named(text: str, runs: list[Run]) -> str | None:
    """The dataset that an address means, by its title on the pages or by its name."""
    own = own_datasets()
    names = dict.fromkeys([*DATASETS, *(run.config.dataset for run in runs), *own])
    spelled = {f"{name} (your own)": name for name in own} | {name: name for name in names}
    return (spelled | {dataset_title(name): name for name in names}).get(text)


def leading_to(page: str, runs: list[Run]) -> dict[str, str]:
    """The part of a link to another page that carries the present choice there."""
    choice, names = visit().choice, {row.name for row in keys_of(page)}
    if choice.dataset is None:
        return {}
    if "run" in names and "dataset" not in names:
        return {"run": choice_of.shown_run(choice, runs).name}
    seed = {f"seed-{choice.dataset}": str(choice.seed)} if choice.seed is not None else {}
    if "data" in names:
        return {"data": offered_name(choice.dataset)}
    return {"dataset": dataset_title(choice.dataset)} | (seed if "seed-*" in names else {})


def offered_name(dataset: str) -> str:
    """Its name on the page Datasets."""
    return dataset_title(dataset) if dataset in DATASETS else f"{dataset} (your own)"
