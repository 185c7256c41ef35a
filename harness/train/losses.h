// Losses of GFlowNets in plain numbers. With g_i = log q(z_1..i, stop) - log R(z_1..i) of the states on
// a trajectory z, which is -log Z at every state once q is the posterior R / Z:
//   modified sub-trajectory balance (arXiv 2310.04363): F(s) = R(s) / q(stop | s), so that what is left
//     over of the part from state i to j is g_j - g_i, and the loss the spread of g on a trajectory;
//   VarGrad trajectory balance (arXiv 2503.18929): the spread of g at the ends over a batch, whose mean
//     stands for -log Z.
// So a loss is a function of g, and its gradient by g that by log q. Pure; thread-safe.
#pragma once

#include <vector>

namespace assay::train {

struct Loss {
  double value = 0;
  std::vector<std::vector<double>> gradient;  ///< by each g, of the same shape
};

/// g of the states of each trajectory, in order, the last that of its end.
using Spread = std::vector<std::vector<double>>;

/// What a residual counts: its square; beyond `huber` (0: nowhere) it grows as a straight line does, as
/// 2 huber |r| - huber^2.
double penalty(double residual, double huber);
double penalty_slope(double residual, double huber);

/// The mean over all pairs of states of all trajectories; 0 where there are none.
Loss sub_trajectory_balance(const Spread& g, double huber = 0);
/// The mean over the trajectories, against the mean of their ends.
Loss var_grad(const Spread& g, double huber = 0);
/// a + weight b. REQUIRES: the same shape.
Loss sum(Loss a, const Loss& b, double weight);

}  // namespace assay::train
