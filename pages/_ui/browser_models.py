"""Models as they are sent to browsers, each described once."""

import weakref

from torch import nn

from betavae_core.browser.model import BrowserModel, browser_model

# of a model: shows whether its weights have changed since; and the model as it is sent
_Sent = tuple[tuple[tuple[int, int], ...], BrowserModel]
_sent: weakref.WeakKeyDictionary[nn.Module, _Sent] = weakref.WeakKeyDictionary()


def ready_model(model: nn.Module) -> BrowserModel:
    """Describe a model once, and again only if its weights were replaced or written to. Raises
    `UnsupportedLayer` if its decoder cannot run in a browser."""
    versions = tuple((p.data_ptr(), p._version) for p in model.parameters())
    sent = _sent.get(model)
    if sent is None or sent[0] != versions:
        sent = _sent[model] = versions, browser_model(model)
    return sent[1]
