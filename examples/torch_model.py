"""Two torch models of your own, layer by layer, against what shuffled images give.

Run: python examples/torch_model.py        (needs the extra "networks")
"""

import torch
from torch import nn

import spanmatch as sm


def train(seed: int) -> nn.Module:
    """A small network that learns to tell which of two halves of its input is the brighter one."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 2))
    data = torch.randn(2048, 16, generator=torch.Generator().manual_seed(0))
    labels = (data[:, :8].sum(1) > data[:, 8:].sum(1)).long()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(data), labels).backward()
        optimiser.step()
    return model


# The same images in the same order for both: every row of the activations must mean the same input.
images = torch.randn(3000, 16, generator=torch.Generator().manual_seed(1))
layers = ["1", "3", "4"]  # names as in model.named_modules(): the two ReLUs and the logits
a, b = (sm.capture(train(seed), images, layers) for seed in (0, 1))

comparison = sm.compare(a, b, names=("seed 0", "seed 1"))
print(comparison)
for layer in comparison:
    null = dict(zip(layer.epsilons, layer.null, strict=True))
    print(f"{layer.name}: s(0.5) = {layer.at(0.5):.2f}, with shuffled images {null[0.5]:.2f}")
