"""Two networks layer by layer: maximum match, minimal matches and units, against the null."""
