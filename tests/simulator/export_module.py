"""Worked example of `assay fit --module`: a TorchScript module in place of the fitted model.

forward(counts [P,4] float64: tp, fp, fn, tn; k [k] float64) -> (accepted, tp, fp), each [P,k]:
the chance that a problem's first accepted sample comes within k draws, and that it is correct or
wrong. This one puts the same prior on every problem: Dirichlet(1, 1, 2) over correct, wrong, rejected.
"""
import sys
from typing import Tuple

import torch


class DirichletModule(torch.nn.Module):
    def forward(self, counts: torch.Tensor, k: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        correct = counts[:, 0] + 1.0
        wrong = counts[:, 1] + 1.0
        rejected = counts[:, 2] + counts[:, 3] + 2.0
        total = correct + wrong
        ratio = (torch.lgamma((rejected + total).unsqueeze(1)) - torch.lgamma(rejected.unsqueeze(1))
                 + torch.lgamma(rejected.unsqueeze(1) + k)
                 - torch.lgamma((rejected + total).unsqueeze(1) + k))
        accepted = 1.0 - torch.exp(ratio)
        return accepted, accepted * (correct / total).unsqueeze(1), accepted * (wrong / total).unsqueeze(1)


if __name__ == "__main__":
    torch.jit.script(DirichletModule()).save(sys.argv[1])
