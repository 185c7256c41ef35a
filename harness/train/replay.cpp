#include "harness/train/replay.h"

#include <algorithm>
#include <numeric>

#include "harness/search/weights.h"

namespace assay::train {

std::size_t edit_distance(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  std::vector<std::size_t> row(b.size() + 1);  // to the first so many of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

void Replay::offer(const std::vector<std::int32_t>& sequence, double log_reward) {
  if (size_ == 0 || (items_.size() == size_ && items_.back().log_reward >= log_reward)) return;
  const auto almost = [&](const Item& item) {
    return item.sequence == sequence ||
           static_cast<double>(edit_distance(item.sequence, sequence)) <
               nearness_ * static_cast<double>(item.sequence.size() + sequence.size());
  };
  // A new one must be better than all that it is almost: it takes the place of all of them.
  for (const Item& item : items_)
    if (item.log_reward >= log_reward && almost(item)) return;
  std::erase_if(items_, almost);
  const auto place = std::find_if(items_.begin(), items_.end(),
                                  [&](const Item& item) { return item.log_reward < log_reward; });
  items_.insert(place, {sequence, log_reward});
  if (items_.size() > size_) items_.pop_back();
}

std::vector<Replay::Item> Replay::draw(std::size_t count, RandomStream& stream) const {
  if (items_.size() <= count) return items_;
  std::vector<double> logs;
  for (const Item& item : items_) logs.push_back(item.log_reward);
  const std::vector<double> weights = search::normalised(logs);
  std::vector<Item> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(items_[search::drawn(weights, stream)]);
  return out;
}

}  // namespace assay::train
