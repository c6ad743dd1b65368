"""Good checkpoints for `benchmarks.fuzz_importers`: small ones of every layout and container."""

import io
import json
import tempfile
from pathlib import Path

import torch
from onnx import TensorProto, helper
from safetensors.torch import save as save_safetensors

from benchmarks.fuzz_dialects import older, python2
from betavae_core.config import RunConfig
from betavae_core.importers import IMPORTERS
from betavae_core.importers.layouts import Sizes, StateLayout, expected
from betavae_core.models import build_vae
from betavae_core.store import create_run, rewrite_history, save_weights

Folder = dict[str, bytes]  # name → content
Tensors = dict[str, torch.Tensor]
SMALL = Sizes(1, 4, 2)
SIZES = {  # sizes for layouts that do not accept any image; half precision keeps the files small
    "conv": Sizes(1, 32, 3),
    "disentangling-vae-state": Sizes(1, 32, 3),
    "betavae-higgins": SMALL,
    "betavae-burgess": Sizes(3, 32, 3),
    "betavae-conv": Sizes(1, 64, 3),
    "disent-conv": Sizes(1, 64, 3),
}
SPECS = {"latent_dim": 3, "loss": "betaH", "betaH_B": 4, "seed": 1, "dataset": "mnist", "lr": 5e-4}
SPECS |= {"model_type": "Burgess", "rec_dist": "bernoulli", "epochs": 3, "batch_size": 64}
PYTHAE = {"name": "BetaVAEConfig", "input_dim": [1, 4, 4], "latent_dim": 2, "beta": 4.0}


def corpus(seed: int) -> dict[str, tuple[str, Folder]]:
    """Description → the layout with which it opens, and its files: the state dicts of every layout,
    ours in every container, and a folder for every layout of folders."""
    source = torch.Generator().manual_seed(seed)
    made: dict[str, tuple[str, Folder]] = {}
    for key, entry in IMPORTERS.items():
        if entry.state:
            tensors = _drawn(expected(entry.state, SIZES.get(key, SMALL)), source)
            made[key] = key, {"model.pt": zipped({"model_state_dict": tensors, "epoch": 3})}
            if key in ("conv", "mlp", "pythae-state"):
                made[f"{key}, older"] = key, {"model.pt": older(tensors)}
                made[f"{key}, safetensors"] = key, {"m.safetensors": save_safetensors(tensors)}
    made |= _dialects(_drawn(expected(known("pythae-state"), SMALL), source))
    burgess, pythae = known("disentangling-vae-state"), known("pythae-state")
    for side, save in ((32, older), (64, zipped)):
        tensors = _drawn(expected(burgess, Sizes(1, side, 3)), source)
        specs = json.dumps(SPECS | {"img_size": [1, side, side]}).encode()
        files = {"model.pt": save(tensors), "specs.json": specs}
        made[f"disentangling-vae {side}"] = "disentangling-vae", files
    model = zipped({"model_state_dict": _drawn(expected(pythae, SMALL), source)})
    settings = json.dumps(PYTHAE).encode()
    made["pythae"] = "pythae", {"model.pt": model, "model_config.json": settings}
    made["run"] = "run", _run_of_ours()
    made["onnx"] = "onnx", _onnx_pair(source)
    return made


def known(key: str) -> StateLayout:
    layout = IMPORTERS[key].state
    assert layout is not None, "a layout of state dicts"
    return layout


def _dialects(state: Tensors) -> dict[str, tuple[str, Folder]]:
    """One model in the forms in which training loops, wrappers and older versions save it."""
    prefixed = {f"_forward_module.vae.{name}": tensor for name, tensor in state.items()}
    moments = {0: {"exp_avg": torch.zeros(3)}, 1: {"step": 4}}
    loop = {"iter": 1, "model_states": {"net": state}, "optim": {"state": moments, "lr": 1e-3}}
    averaged = {f"module.{name}": tensor for name, tensor in state.items()}
    counted = averaged | {"n_averaged": torch.tensor(7)}
    same = {"model": state, "ema": {name: tensor.clone() for name, tensor in state.items()}}
    foreign = {"config.json": b'{"model_type": "vae", "latent_dim": 2}', "last.ckpt": zipped(loop)}
    files: dict[str, Folder] = {
        "entries": {"model.pt": zipped(loop)},
        "entries, older": {"model.pt": older(loop)},
        "prefixes": {"model.safetensors": save_safetensors(prefixed)},
        "counters": {"model.pt": zipped(counted)},
        "twice": {"model.pt": zipped(same)},
        "Python 2": {"model.pt": python2(state)},
        "foreign settings": foreign,
    }
    return {f"pythae-state, {name}": ("pythae-state", folder) for name, folder in files.items()}


def _drawn(shapes: dict[str, tuple[int, ...]], source: torch.Generator) -> Tensors:
    return {name: torch.randn(s, generator=source).half() for name, s in shapes.items()}


def zipped(state: object) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def _run_of_ours() -> Folder:
    text = "flatten, linear 4 -> linear 16, unflatten 1 4 4"
    config = RunConfig(
        dataset="any", model="layers", layers=text, latents=2, channels=1, image_size=4
    )
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        create_run(run, config)
        save_weights(run, build_vae(config), 0)
        rewrite_history(run, [{"images": 1, "nll": 1.0, "kl": [0.1, 0.2]}])
        elbo = {"score": "elbo", "nll": 1.0, "nll_at_mean": 1.0, "kl": [0.1, 0.2], "settings": {}}
        (run / "scores.json").write_text(json.dumps([elbo]))
        return {file.name: file.read_bytes() for file in run.iterdir()}


def _onnx_pair(source: torch.Generator) -> Folder:
    """Convolution, two heads; linear, reshape, transposed convolution: images 1×4×4, 2 latents."""
    shapes = {"conv": (3, 1, 3, 3), "mean": (2, 12), "log_var": (2, 12), "linear": (8, 2)}
    shapes |= {"upconv": (2, 1, 4, 4)}
    weights = {
        name: helper.make_tensor(
            name, TensorProto.FLOAT, shape, torch.randn(shape, generator=source).flatten().tolist()
        )
        for name, shape in shapes.items()
    }
    sizes = helper.make_tensor("sizes", TensorProto.INT64, (4,), [-1, 2, 2, 2])
    to_mean = helper.make_node("Gemm", ["f", "mean"], ["mean_out"], transB=1)
    to_log_var = helper.make_node("Gemm", ["f", "log_var"], ["log_var_out"], transB=1)
    encoder = [
        helper.make_node("Conv", ["x", "conv"], ["c"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        *(to_mean, to_log_var),
    ]
    decoder = [
        helper.make_node("Gemm", ["z", "linear"], ["l"], transB=1),
        helper.make_node("Constant", [], ["sizes"], value=sizes),
        helper.make_node("Reshape", ["l", "sizes"], ["u"]),
        helper.make_node("ConvTranspose", ["u", "upconv"], ["o"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Sigmoid", ["o"], ["image"]),
    ]
    heads = {"mean_out": (1, 2), "log_var_out": (1, 2)}
    parts = (
        ("encoder", encoder, ("x", (1, 1, 4, 4)), heads, ("conv", "mean", "log_var")),
        ("decoder", decoder, ("z", (1, 2)), {"image": (1, 1, 4, 4)}, ("linear", "upconv")),
    )
    files = {}
    for name, nodes, given, made, used in parts:
        values = [
            helper.make_tensor_value_info(value, TensorProto.FLOAT, shape)
            for value, shape in (given, *made.items())
        ]
        constants = [weights[weight] for weight in used]
        graph = helper.make_graph(nodes, name, values[:1], values[1:], constants)
        files[f"{name}.onnx"] = helper.make_model(graph).SerializeToString()
    return files
