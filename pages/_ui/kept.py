"""Results of functions that depend on nothing but their arguments, kept for all visitors: tables,
figures and pictures are computed when something that they show has changed, not at every rerun."""

import hashlib
import io
import pickle
from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.store import Run
from pages._ui.runs import stamp_of

T = TypeVar("T")
MOST = 600  # tables, figures and picture files, of about 50 KB; the oldest go first
FEW = 24  # results of megabytes


class _Arguments(pickle.Pickler):
    """Arguments as bytes: a run by its files' time stamps, a dataset by its key, functions by their
    names."""

    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, Run):
            state = stamp_of(value) or (value.config, value.history, value.scores)
            return "run", str(value.path), value.snapshot, value.weights_hash, state
        if isinstance(value, Dataset):
            return "dataset", value.key, value.shape
        if isinstance(value, torch.Tensor):
            return "tensor", tuple(value.shape), str(value.dtype), value.numpy().tobytes()
        if isinstance(value, pd.DataFrame):
            columns = [(name, str(of.dtype), of.to_numpy()) for name, of in value.items()]
            return "table", columns, value.index.to_numpy()
        return None


def key_of(*arguments: Any) -> str:
    """A text that differs for different arguments; raises `pickle.PicklingError` or
    `AttributeError` for what has no name, such as a lambda."""
    data = io.BytesIO()
    pickler = _Arguments(data, pickle.HIGHEST_PROTOCOL)
    pickler.fast = True  # without a memo: equal values are equal bytes, shared or not
    pickler.dump(arguments)
    return hashlib.blake2b(data.getbuffer(), digest_size=16).hexdigest()


def kept(make: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """`make(*arguments, **named)`, computed once for equal arguments. The result is shared by all
    visitors: nobody may change it. `make` is a function of a module, and its result depends on
    nothing but the arguments."""
    result: T = _kept(key_of(make, arguments, named), make, arguments, named)
    return result


def kept_few(make: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """The same for results of megabytes, of which fewer are kept."""
    result: T = _kept_few(key_of(make, arguments, named), make, arguments, named)
    return result


@st.cache_resource(max_entries=FEW, show_spinner=False)
def _kept_few(key: str, _make: Callable[..., T], _arguments: Any, _named: dict[str, Any]) -> T:
    return _make(*_arguments, **_named)


@st.cache_resource(max_entries=MOST, show_spinner=False)
def _kept(key: str, _make: Callable[..., T], _arguments: Any, _named: dict[str, Any]) -> T:
    return _make(*_arguments, **_named)
