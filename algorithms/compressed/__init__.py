"""One pass over the activations leaves a small problem, on which every question about them is answered."""
