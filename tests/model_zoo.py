"""Small models of the kinds that people have, with random weights, and what their layers give by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

IMAGES = 12


@dataclass(frozen=True)
class Kind:
    """``make()``: the model; ``batches``: what ``capture`` is given; ``by_hand(model)``: layer name -> its axes and
    values, by functions of torch alone; ``options``: of ``capture``."""

    make: Callable[[], nn.Module]
    batches: Any
    by_hand: Callable[[Any], dict[str, tuple[str, Tensor]]]
    options: dict[str, Any] = field(default_factory=dict)


def _random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(3))


PICTURES, SEQUENCES = _random(IMAGES, 3, 8, 8), _random(IMAGES, 6, 5)
IDS = torch.randint(0, 40, (IMAGES, 7), generator=torch.Generator().manual_seed(4))
MASK = (torch.arange(7) < torch.arange(IMAGES)[:, None] % 5 + 3).long()


class Convolutional(nn.Module):
    """A residual block, whose sum no module gives, and a pooled head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.block, self.relu = nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(inplace=True)
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(6, 4)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.relu(self.norm(self.stem(images)))
        hidden = self.relu(self.block(hidden) + hidden)
        return self.head(self.pool(hidden).flatten(1))

    @staticmethod
    def by_hand(model: Any) -> dict[str, tuple[str, Tensor]]:
        functional, norm = nn.functional, model.norm
        stem = functional.conv2d(PICTURES, model.stem.weight, model.stem.bias, padding=1)
        first = functional.batch_norm(stem, norm.running_mean, norm.running_var, norm.weight, norm.bias).relu()
        block = functional.conv2d(first, model.block.weight, model.block.bias, padding=1)
        second = (block + first).relu()
        logits = second.mean((2, 3)) @ model.head.weight.T + model.head.bias
        found = {"stem": stem, "relu": first, "relu#1": second, "block": block}
        return {name: ("nchw", values) for name, values in found.items()} | {"head": ("nc", logits)}


class Recurrent(nn.Module):
    """Gives a tuple of everything; ``batch_first`` or with the sequence along the first axis."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.embed = nn.Linear(5, 4)
        self.rnn = nn.LSTM(4, 8, batch_first=batch_first)
        self.head = nn.Linear(8, 3)

    def forward(self, sequences: Tensor) -> tuple[Tensor, Any]:
        hidden, states = self.rnn(self.embed(sequences))
        return self.head(hidden), states

    @staticmethod
    def by_hand(model: Any) -> dict[str, tuple[str, Tensor]]:
        rnn, axes = model.rnn, "ntc" if model.rnn.batch_first else "tnc"
        embed = SEQUENCES @ model.embed.weight.T + model.embed.bias
        hidden, cell, steps = torch.zeros(IMAGES, 8), torch.zeros(IMAGES, 8), []
        for step in embed.unbind(1):
            gates = step @ rnn.weight_ih_l0.T + rnn.bias_ih_l0 + hidden @ rnn.weight_hh_l0.T + rnn.bias_hh_l0
            i, f, g, o = gates.chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
            steps.append(hidden)
        states = torch.stack(steps, 1)
        found = {"embed": embed, "rnn": states, "head": states @ model.head.weight.T + model.head.bias}
        return {
            name: (axes, values if model.rnn.batch_first else values.transpose(0, 1)) for name, values in found.items()
        }


def _transformer() -> nn.Module:
    """The encoder that has a fast path of its own in eval mode."""
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.Sequential(nn.Linear(5, 8), nn.TransformerEncoder(layer, 2))


def _attention(inputs: Tensor, qkv: Tensor, bias: Tensor | None, heads: int, mask: Tensor | None = None) -> Tensor:
    """Attention of (images, tokens, width), the heads side by side; ``mask``: added to the scores."""
    q, k, v = (
        part.unflatten(-1, (heads, -1)).transpose(1, 2)
        for part in (inputs @ qkv.T + (0 if bias is None else bias)).chunk(3, -1)
    )
    scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5 + (0 if mask is None else mask)
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


def _linear(module: Any, inputs: Tensor) -> Tensor:
    return inputs @ module.weight.T + module.bias


def _normed(module: Any, inputs: Tensor) -> Tensor:
    apart = inputs - inputs.mean(-1, keepdim=True)
    return apart / (apart.square().mean(-1, keepdim=True) + module.eps).sqrt() * module.weight + module.bias


def _transformer_by_hand(model: Any) -> dict[str, tuple[str, Tensor]]:
    hidden = _linear(model[0], SEQUENCES)
    found = {"0": hidden}
    for k, layer in enumerate(model[1].layers):
        own = layer.self_attn
        mixed = _linear(own.out_proj, _attention(hidden, own.in_proj_weight, own.in_proj_bias, 2))
        found[f"1.layers.{k}.self_attn"] = mixed
        hidden = _normed(layer.norm1, hidden + mixed)
        found[f"1.layers.{k}.norm1"] = hidden
        hidden = _normed(layer.norm2, hidden + _linear(layer.linear2, _linear(layer.linear1, hidden).relu()))
        found[f"1.layers.{k}"] = hidden
    return {name: ("ntc", values) for name, values in found.items()}


def _vit() -> nn.Module:
    from transformers import ViTConfig, ViTModel

    return ViTModel(ViTConfig(**_SIZE, image_size=8, patch_size=4, num_channels=3))


_SIZE: dict[str, Any] = {
    "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 20,
}  # fmt: skip


def _vit_by_hand(model: Any) -> dict[str, tuple[str, Tensor]]:
    embeddings = model.embeddings
    projection = embeddings.patch_embeddings.projection
    patches = nn.functional.conv2d(PICTURES, projection.weight, projection.bias, stride=4)
    tokens = torch.cat([embeddings.cls_token.expand(IMAGES, -1, -1), patches.flatten(2).transpose(1, 2)], 1)
    hidden, found = tokens + embeddings.position_embeddings, {}
    for k, layer in enumerate(model.layers):
        own = layer.attention
        qkv = [own.q_proj, own.k_proj, own.v_proj]
        weight, bias = (torch.cat([getattr(one, what) for one in qkv]) for what in ("weight", "bias"))
        hidden = hidden + _linear(own.o_proj, _attention(_normed(layer.layernorm_before, hidden), weight, bias, 2))
        inner = nn.functional.gelu(_linear(layer.mlp.fc1, _normed(layer.layernorm_after, hidden)))
        hidden = hidden + _linear(layer.mlp.fc2, inner)
        found |= {f"layers.{k}.mlp.activation_fn": inner, f"layers.{k}": hidden}
    found["layernorm"] = _normed(model.layernorm, hidden)
    patches_named = {"embeddings.patch_embeddings.projection": ("nchw", patches)}
    return patches_named | {name: ("ntc", values) for name, values in found.items()}


def _bert() -> nn.Module:
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig(**_SIZE, vocab_size=40, max_position_embeddings=10))


def _bert_by_hand(model: Any) -> dict[str, tuple[str, Tensor]]:
    embeddings, found = model.embeddings, {}
    words = embeddings.word_embeddings.weight[IDS]
    hidden = words + embeddings.token_type_embeddings.weight[0] + embeddings.position_embeddings.weight[:7]
    hidden = found["embeddings"] = _normed(embeddings.LayerNorm, hidden)
    mask = torch.where(MASK[:, None, None] == 0, -torch.inf, 0.0)
    for k, layer in enumerate(model.encoder.layer):
        own, out = layer.attention.self, layer.attention.output
        weight, bias = (
            torch.cat([getattr(one, what) for one in (own.query, own.key, own.value)]) for what in ("weight", "bias")
        )
        hidden = _normed(out.LayerNorm, hidden + _linear(out.dense, _attention(hidden, weight, bias, 2, mask)))
        inner = nn.functional.gelu(_linear(layer.intermediate.dense, hidden))
        hidden = _normed(layer.output.LayerNorm, hidden + _linear(layer.output.dense, inner))
        found |= {f"encoder.layer.{k}.intermediate": inner, f"encoder.layer.{k}": hidden}
    named = {name: ("ntc", values) for name, values in (found | {"encoder": hidden}).items()}
    return named | {"pooler": ("nc", _linear(model.pooler.dense, hidden[:, 0]).tanh())}


def _gpt2() -> nn.Module:
    from transformers import GPT2Config, GPT2Model

    size = {"n_embd": 12, "n_layer": 2, "n_head": 2, "vocab_size": 40, "n_positions": 10}
    return GPT2Model(GPT2Config(**size, bos_token_id=0, eos_token_id=0))


def _gpt2_by_hand(model: Any) -> dict[str, tuple[str, Tensor]]:
    def mapped(module: Any, inputs: Tensor) -> Tensor:
        return inputs @ module.weight + module.bias

    hidden, found = model.wte.weight[IDS] + model.wpe.weight[:7], {}
    mask = torch.full((7, 7), -torch.inf).triu(1)
    for k, layer in enumerate(model.h):
        own = layer.attn
        mixed = _attention(_normed(layer.ln_1, hidden), own.c_attn.weight.T, own.c_attn.bias, 2, mask)
        hidden = hidden + mapped(own.c_proj, mixed)
        inner = nn.functional.gelu(mapped(layer.mlp.c_fc, _normed(layer.ln_2, hidden)), approximate="tanh")
        hidden = hidden + mapped(layer.mlp.c_proj, inner)
        found |= {f"h.{k}.mlp.act": inner, f"h.{k}": hidden}
    return {name: ("ntc", values) for name, values in (found | {"ln_f": _normed(model.ln_f, hidden)}).items()}


def _compiled() -> nn.Module:
    """Compiled, and already run: what was compiled knows of no hooks."""
    model = torch.compile(Convolutional(), backend="eager")
    with torch.no_grad():
        model.eval()(PICTURES)
    return model  # type: ignore[return-value]


TOKENS = {"input_ids": IDS, "attention_mask": MASK}
PARTS = [(PICTURES[:5], 0), (PICTURES[5:], 1)]

KINDS: dict[str, Kind] = {
    "cnn": Kind(Convolutional, PARTS, Convolutional.by_hand),
    "compiled": Kind(_compiled, PARTS, lambda model: Convolutional.by_hand(model._orig_mod)),
    "DataParallel": Kind(
        lambda: nn.DataParallel(Convolutional()), PARTS, lambda model: Convolutional.by_hand(model.module)
    ),
    "lstm": Kind(lambda: Recurrent(True), list(SEQUENCES.split(5)), Recurrent.by_hand),
    "lstm, sequence first": Kind(
        lambda: Recurrent(False), list(SEQUENCES.transpose(0, 1).split(5, 1)), Recurrent.by_hand
    ),
    "transformer": Kind(_transformer, list(SEQUENCES.split(5)), _transformer_by_hand),
    "vit": Kind(_vit, [{"pixel_values": PICTURES}], _vit_by_hand),
    "bert": Kind(_bert, TOKENS, _bert_by_hand),
    "gpt2": Kind(
        _gpt2, [(IDS[:4], "a"), (IDS[4:], "b")], _gpt2_by_hand,
        {"call": lambda model, batch: model(input_ids=batch[0], use_cache=False)},
    ),
}  # fmt: skip


def made(kind: str, seed: int) -> Any:
    """A model of a kind, in training mode, on its own random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return KINDS[kind].make().train()
