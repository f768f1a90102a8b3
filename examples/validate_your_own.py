"""Your own implementation of the maximum match, held to questions whose answers are known exactly.

Run: python examples/validate_your_own.py        (needs the extra "verify")
"""

import numpy as np

from spanmatch.proofs_check.conformance.kit import conform


class Mine:
    """The published algorithm, by least squares. It forgets that a neuron of length 0 matches anything."""

    def max_match(self, X, Y, epsilon):
        sides = [list(range(X.shape[1])), list(range(Y.shape[1]))]
        while True:
            out = [
                [i for i in sides[0] if not self.close(X[:, i], Y[:, sides[1]], epsilon)],
                [j for j in sides[1] if not self.close(Y[:, j], X[:, sides[0]], epsilon)],
            ]
            if not any(out):
                return sides
            sides = [[v for v in side if v not in gone] for side, gone in zip(sides, out, strict=True)]

    def close(self, v, T, epsilon):
        left = v - T @ np.linalg.lstsq(T, v, rcond=None)[0] if T.size else v
        return np.linalg.norm(v) > 0 and np.linalg.norm(left) <= epsilon * np.linalg.norm(v)


report = conform(Mine(), levels=["required"], cases=8)
print(report.summary)
for check in report.failed():
    print(f"\n{check}: {report[check].detail}\n\n{report[check].script}")

# Once declared, this is not counted as a failure: such cases are judged by the policy that was declared.
Mine.spanmatch_capabilities = {"dead_neurons": "unmatched"}
print(conform(Mine(), levels=["required"], cases=8).summary)
