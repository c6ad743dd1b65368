"""The state of a run that the options --after and --beta choose, for the kinds of export."""

from ..errors import InputError, Refusal, wrong_value
from ..store import Run
from ..store.snapshots import at_snapshot


def no_option(kind: str, option: str) -> InputError:
    return InputError(
        f"The export {kind} does not have the option --{option}.",
        Refusal.CONFLICT,
        export=kind,
        option=option,
    )


def after(run: Run, images: int) -> Run:
    """The run after this many images; its last state is the run itself."""
    return run if images == run.images_seen else at_snapshot(run, images)


def betas(text: str, expected: str, count: int) -> tuple[float, ...]:
    """The numbers of --beta."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if len(found) != count:
        raise wrong_value("--beta", expected, text, "takes")
    return found
