#include "harness/models/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "harness/base/error.h"

namespace assay::models {

Matrix::Matrix(std::span<const float> rows, int out, int in) : out_(out), in_(in) {
  ASSAY_INVARIANT(rows.size() == static_cast<std::size_t>(out) * static_cast<std::size_t>(in));
  const int panels = (out + kPanel - 1) / kPanel;
  panels_.resize(static_cast<std::size_t>(panels) * kPanel * static_cast<std::size_t>(in));
  for (int o = 0; o < out; ++o)
    for (int i = 0; i < in; ++i)
      panels_[(static_cast<std::size_t>(o / kPanel) * static_cast<std::size_t>(in) +
               static_cast<std::size_t>(i)) *
                  kPanel +
              static_cast<std::size_t>(o % kPanel)] =
          rows[static_cast<std::size_t>(o) * static_cast<std::size_t>(in) +
               static_cast<std::size_t>(i)];
}

const float* Matrix::panel(int p) const {
  return panels_.data() + static_cast<std::size_t>(p) * kPanel * static_cast<std::size_t>(in_);
}

namespace {

constexpr int kLanes = 8;
/// Eight numbers at once; the compiler makes two halves of them where the machine has no wider ones.
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
#define ASSAY_INLINE [[gnu::always_inline]] inline

ASSAY_INLINE void load(Lanes& lanes, const float* from) { std::memcpy(&lanes, from, sizeof lanes); }

/// `kRows` rows by one panel. Each sum is built input by input, whatever kRows is.
template <int kRows>
ASSAY_INLINE void multiply_rows(const float* panel, int in, const float* x, float* y, int out,
                                int width) {
  Lanes low[kRows] = {}, high[kRows] = {};
  for (int i = 0; i < in; ++i, panel += Matrix::kPanel) {
    Lanes a, b;
    load(a, panel);
    load(b, panel + kLanes);
    for (int r = 0; r < kRows; ++r) {
      const float factor = x[static_cast<std::ptrdiff_t>(r) * in + i];
      low[r] += factor * a;
      high[r] += factor * b;
    }
  }
  for (int r = 0; r < kRows; ++r) {
    float sums[Matrix::kPanel];
    std::memcpy(sums, &low[r], sizeof low[r]);
    std::memcpy(sums + kLanes, &high[r], sizeof high[r]);
    std::copy_n(sums, width, y + static_cast<std::ptrdiff_t>(r) * out);
  }
}

ASSAY_INLINE void multiply_all(const Matrix& matrix, const float* x, int rows, float* y) {
  constexpr int kBlock = 4;
  const int in = matrix.in(), out = matrix.out();
  for (int begin = 0, p = 0; begin < out; begin += Matrix::kPanel, ++p) {
    const float* panel = matrix.panel(p);
    const int width = std::min(Matrix::kPanel, out - begin);
    int r = 0;
    for (; r + kBlock <= rows; r += kBlock)
      multiply_rows<kBlock>(panel, in, x + static_cast<std::ptrdiff_t>(r) * in,
                            y + static_cast<std::ptrdiff_t>(r) * out + begin, out, width);
    for (; r < rows; ++r)
      multiply_rows<1>(panel, in, x + static_cast<std::ptrdiff_t>(r) * in,
                       y + static_cast<std::ptrdiff_t>(r) * out + begin, out, width);
  }
}

ASSAY_INLINE float dot(const float* a, const float* b, int size) {
  Lanes sum = {};
  int i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    Lanes x, y;
    load(x, a + i);
    load(y, b + i);
    sum += x * y;
  }
  float total = 0;
  for (int lane = 0; lane < kLanes; ++lane) total += sum[lane];
  for (; i < size; ++i) total += a[i] * b[i];
  return total;
}

ASSAY_INLINE void attend_all(const Head& head, const float* const* kept, int length,
                             float* scratch) {
  const float scale = 1 / std::sqrt(static_cast<float>(head.dim));
  float top = -INFINITY;
  for (int t = 0; t < length; ++t) {
    scratch[t] = scale * dot(head.query, kept[t] + head.key, head.dim);
    top = std::max(top, scratch[t]);
  }
  float sum = 0;
  for (int t = 0; t < length; ++t) {
    scratch[t] = std::exp(scratch[t] - top);
    sum += scratch[t];
  }
  std::fill_n(head.out, head.dim, 0.f);
  for (int t = 0; t < length; ++t) {
    const float weight = scratch[t] / sum;
    const float* value = kept[t] + head.value;
    for (int i = 0; i < head.dim; ++i) head.out[i] += weight * value[i];
  }
}

// The same code for machines with wide registers and for those without; which it is, is found out
// once.
#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void multiply_wide(const Matrix& m, const float* x, int rows,
                                               float* y) {
  multiply_all(m, x, rows, y);
}
[[gnu::target("avx2,fma")]] void attend_wide(const Head& head, const float* const* kept, int length,
                                             float* scratch) {
  attend_all(head, kept, length, scratch);
}
const bool kWide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
constexpr bool kWide = false;
constexpr auto multiply_wide = multiply_all;
constexpr auto attend_wide = attend_all;
#endif

}  // namespace

void multiply(const Matrix& matrix, const float* x, int rows, float* y) {
  if (kWide) return multiply_wide(matrix, x, rows, y);
  multiply_all(matrix, x, rows, y);
}

void attend(const Head& head, const float* const* kept, int length, float* scratch) {
  if (kWide) return attend_wide(head, kept, length, scratch);
  attend_all(head, kept, length, scratch);
}

}  // namespace assay::models
