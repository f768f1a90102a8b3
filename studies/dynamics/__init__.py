"""The effective theory of two-point training, against trained networks."""

STEPS = 3000
SCALES: dict[str, tuple[float, float]] = {"rich": (0.4, 0.15), "middle": (0.8, 0.05), "lazy": (1.6, 0.005)}
"""Initial scale -> (gain of the initial weights, step size)."""
DYNAMICS_FILES = ("dynamics.json", "dynamics.png", "dynamics.html")
"""The files of a run in its folder."""
