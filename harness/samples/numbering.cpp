#include "harness/samples/numbering.h"

#include "harness/base/hash.h"

namespace assay::samples {

Numbering::Cell& Numbering::cell_of(const store::SampleRow& row) {
  const auto [entry, is_new] = cells_.try_emplace({row.model_id, row.problem_id});
  Cell& cell = entry->second;
  if (is_new && numbers_ == Numbers::by_text) {
    store::for_each_given(database_, row.problem_id, row.model_id,
                          [&](std::string sample_id, const std::string& hash) {
                            cell.stored[hash].ids.push_back(std::move(sample_id));
                          });
  }
  return cell;
}

std::string Numbering::id_of(const store::SampleRow& row) {
  Cell& cell = cell_of(row);
  std::string known;
  if (!cell.stored.empty()) {
    const auto same = cell.stored.find(sha256(row.given));
    if (same != cell.stored.end() && same->second.came < same->second.ids.size()) {
      known = same->second.ids[same->second.came++];
    }
  }
  if (!row.sample_id.empty()) return row.sample_id;
  if (!known.empty()) return known;
  if (!cell.next) {
    cell.next = numbers_ == Numbers::by_place
                    ? 0
                    : store::next_sample_number(database_, row.problem_id, row.model_id);
  }
  return std::to_string((*cell.next)++);
}

std::int64_t Numbering::left_aside() const {
  std::size_t count = 0;
  for (const auto& [of, cell] : cells_) {
    if (!cell.next) continue;
    for (const auto& [hash, same] : cell.stored) count += same.ids.size() - same.came;
  }
  return static_cast<std::int64_t>(count);
}

}  // namespace assay::samples
