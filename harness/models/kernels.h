// The two products that a model spends its time in. What they give for a row does not depend on which
// other rows are computed with it, to the last bit: a text is worth the same alone and in a batch,
// which no general library of matrices promises. Pure; thread-safe; one thread each.
#pragma once

#include <span>
#include <vector>

namespace assay::models {

/// A matrix [out][in], laid out for `multiply`.
class Matrix {
 public:
  Matrix() = default;
  /// Rows one behind the other. REQUIRES: as many as fill out * in numbers.
  Matrix(std::span<const float> rows, int out, int in);
  int out() const { return out_; }
  int in() const { return in_; }

  static constexpr int kPanel = 16;  ///< outputs that lie together
  /// Panel p: for each input, its weights in outputs p * kPanel and on, with zeros behind the last.
  const float* panel(int p) const;

 private:
  int out_ = 0, in_ = 0;
  std::vector<float> panels_;
};

/// y[r][out] = matrix x[r][in] for each of `rows` rows.
void multiply(const Matrix& matrix, const float* x, int rows, float* y);

/// One head looks at what was kept of `length` tokens: out = sum of values, weighted by the softmax of
/// query * key / sqrt(dim). Keys and values are at these offsets in each of `kept`.
struct Head {
  const float* query;
  int dim;
  std::size_t key, value;
  float* out;
};
/// `scratch` has room for `length` numbers.
void attend(const Head& head, const float* const* kept, int length, float* scratch);

}  // namespace assay::models
