#include "harness/probe/mutate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/base/value/parts.h"

namespace assay::probe {

/// Of a place so many values are remembered, of a value so many items looked at, so deep.
static constexpr std::size_t kSeenMax = 200, kItemsMax = 64;
static constexpr int kDepthSeenMax = 8;
/// In a list or tuple of up to so many items their places are told apart; among the arguments always.
static constexpr std::size_t kPositionsMax = 8;
/// A list that had one length so often has it always; of a tuple once is enough.
static constexpr std::size_t kSameLengthMin = 8;
/// So many tuples in a row that are not new end a search for one.
static constexpr std::size_t kMissesMax = 400;
/// Borders are tried in so many of the smallest inputs.
static constexpr std::size_t kBorderSeeds = 3;

struct Place {
  std::vector<Value> seen;  ///< distinct
  std::set<std::string> known;
  std::map<std::size_t, std::size_t> lengths;  ///< of lists and tuples: how often
  bool any_tuple = false;
  double least = 0, most = 0;                     ///< numbers
  std::vector<std::string> characters;            ///< of strings, distinct
  std::unique_ptr<Place> item, key, value;        ///< of sequences and sets; of mappings
  std::vector<std::unique_ptr<Place>> positions;  ///< of sequences whose length is fixed

  bool is_fixed() const {
    return lengths.size() == 1 && (any_tuple || lengths.begin()->second >= kSameLengthMin);
  }
  const Place* at(std::size_t index) const {
    if (is_fixed() && index < positions.size()) return positions[index].get();
    return item.get();
  }
};

static bool is_sequence(Kind kind) {
  return kind == Kind::list || kind == Kind::tuple || kind == Kind::deque;
}
static bool is_set(Kind kind) { return kind == Kind::set || kind == Kind::frozenset; }

static std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
    out.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

static std::string joined(const std::vector<std::string>& characters) {
  std::string out;
  for (const std::string& one : characters) out += one;
  return out;
}

/// Sets and mappings hold each member once; the members of a set stand in an order of their own.
static void put_in_order(Value& value) {
  for (Value& item : value.items) put_in_order(item);
  const std::size_t step = value.is_mapping() ? 2 : 1;
  if (step == 1 && !is_set(value.kind)) return;
  std::map<std::string, std::size_t> members;
  std::vector<Value> kept;
  for (std::size_t i = 0; i + step <= value.items.size(); i += step) {
    if (!members.try_emplace(encode(value.items[i]), i).second) continue;
    for (std::size_t part = 0; part < step; ++part) kept.push_back(value.items[i + part]);
  }
  if (step == 1) {
    kept.clear();
    for (const auto& [encoded, at] : members) kept.push_back(value.items[at]);
  }
  value.items = std::move(kept);
}

// ---- what the suites' inputs look like

static std::unique_ptr<Place>& made(std::unique_ptr<Place>& place) {
  if (!place) place = std::make_unique<Place>();
  return place;
}

static void learn(Place& place, const Value& value, int depth) {
  if (depth > kDepthSeenMax) return;
  if (place.seen.size() < kSeenMax) {
    std::string encoded = encode(value);
    if (encoded.size() <= kInputBytesMax / 4 && place.known.insert(std::move(encoded)).second)
      place.seen.push_back(value);
  }
  if (value.kind == Kind::integer || value.kind == Kind::real) {
    const double number =
        value.kind == Kind::real ? value.real : static_cast<double>(value.integer);
    if (std::isfinite(number)) {
      place.least = std::min(place.least, number);
      place.most = std::max(place.most, number);
    }
  }
  if (value.kind == Kind::str) {
    for (std::string& one : characters_of(head(value.text, kItemsMax))) {
      if (place.characters.size() < kSeenMax &&
          std::find(place.characters.begin(), place.characters.end(), one) ==
              place.characters.end())
        place.characters.push_back(std::move(one));
    }
  }
  const std::size_t looked_at = std::min(value.items.size(), kItemsMax);
  if (is_sequence(value.kind) || is_set(value.kind)) {
    if (is_sequence(value.kind)) ++place.lengths[value.items.size()];
    place.any_tuple |= value.kind == Kind::tuple;
    for (std::size_t i = 0; i < looked_at; ++i) {
      learn(*made(place.item), value.items[i], depth + 1);
      if (!is_sequence(value.kind) || (depth > 0 && value.items.size() > kPositionsMax)) continue;
      if (place.positions.size() <= i) place.positions.emplace_back();
      learn(*made(place.positions[i]), value.items[i], depth + 1);
    }
  } else if (value.is_mapping()) {
    for (std::size_t i = 0; i + 1 < looked_at; i += 2) {
      learn(*made(place.key), value.items[i], depth + 1);
      learn(*made(place.value), value.items[i + 1], depth + 1);
    }
  }
}

// ---- changes

namespace {

/// Changes one value, by the place it stands in.
class Change {
 public:
  explicit Change(RandomStream& random) : random_(random) {}

  Value of(const Value& value, const Place* place, int depth = 0) {
    if (place && !place->seen.empty() && below(8) == 0) return pick(place->seen);
    switch (value.kind) {
      case Kind::boolean:
        return Value::of_bool(value.integer == 0);
      case Kind::integer:
        return Value::of_int(integer(value.integer, place));
      case Kind::real:
        return Value::of_real(real(value.real, place));
      case Kind::complex:
        return below(2) == 0 ? Value::of_complex(real(value.real, nullptr), value.imaginary)
                             : Value::of_complex(value.real, real(value.imaginary, nullptr));
      case Kind::str:
        return Value::of_str(text(value.text, place));
      case Kind::list:
      case Kind::tuple:
      case Kind::deque:
        return sequence(value, place, depth);
      case Kind::set:
      case Kind::frozenset:
        return set(value, place, depth);
      case Kind::dict:
      case Kind::ordered_dict:
        return mapping(value, place, depth);
      default:
        return value;
    }
  }

 private:
  std::uint32_t below(std::size_t bound) {
    return random_.below(static_cast<std::uint32_t>(std::max<std::size_t>(1, bound)));
  }
  template <typename T>
  const T& pick(const std::vector<T>& all) {
    return all[below(all.size())];
  }

  /// None grows far beyond what was seen: a change of a change of a change would.
  std::int64_t integer(std::int64_t x, const Place* place) {
    const double most = place ? std::max({place->most, -place->least, 10.0}) : 100;
    const std::int64_t out = any_integer(x, place);
    return std::abs(static_cast<double>(out)) <= 10 * most + 1 ? out : x;
  }
  std::int64_t any_integer(std::int64_t x, const Place* place) {
    std::int64_t out = 0;
    const double most = place ? std::min(std::max(place->most, -place->least), 1e15) : 100;
    switch (below(8)) {
      case 0:
        return __builtin_add_overflow(x, 1, &out) ? x : out;
      case 1:
        return __builtin_sub_overflow(x, 1, &out) ? x : out;
      case 2:
        return x == std::numeric_limits<std::int64_t>::min() ? x : -x;
      case 3:
        return __builtin_mul_overflow(x, below(2) == 0 ? 2 : 10, &out) ? x : out;
      case 4:
        return x / (below(2) == 0 ? 2 : 10);
      case 5: {  // beyond what was seen
        const auto far = static_cast<std::int64_t>(most * 10);
        return below(2) == 0 ? far : far + 1;
      }
      case 6: {
        static constexpr std::int64_t kPlain[] = {0, 1, -1, 2, 3, 10};
        return kPlain[below(std::size(kPlain))];
      }
      default:
        return static_cast<std::int64_t>(random_.uniform() * (most + 2)) *
               (place && place->least < 0 && below(2) == 0 ? -1 : 1);
    }
  }

  double real(double x, const Place* place) {
    const double most = place ? std::min(std::max(place->most, -place->least), 1e100) : 100;
    switch (below(9)) {
      case 0:
        return x + 1;
      case 1:
        return x - 1;
      case 2:
        return 0.0 - x;
      case 3:
        return std::isfinite(x * 10) ? x * 10 : x;
      case 4:
        return x / 10;
      case 5:
        return std::trunc(x);
      case 6:
        return std::trunc(x) + 0.5;
      case 7: {
        static constexpr double kPlain[] = {0, 1, -1, 0.5, 0.1, 2};
        return kPlain[below(std::size(kPlain))];
      }
      default:
        return std::round(random_.uniform() * (most + 2) * 100) / 100;
    }
  }

  std::string text(const std::string& given, const Place* place) {
    std::vector<std::string> all = characters_of(given);
    const std::size_t at = below(all.size()),
                      length = 1 + below(std::min<std::size_t>(4, all.size()));
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), at + length));
    const std::string one = place && !place->characters.empty() ? pick(place->characters) : "a";
    switch (below(9)) {
      case 0:
        if (!all.empty()) all.erase(begin, end);
        break;
      case 1: {
        const std::vector<std::string> again(begin, end);
        all.insert(begin, again.begin(), again.end());
        break;
      }
      case 2:
        if (!all.empty()) std::swap(all[at], all[below(all.size())]);
        break;
      case 3:
        all.insert(begin, one);
        break;
      case 4:
        if (!all.empty()) all[at] = one;
        break;
      case 5:
        if (!all.empty()) all[at] = other_case(all[at]);
        break;
      case 6: {  // a part of another
        const std::vector<std::string> other = characters_of(text_seen(place));
        const std::size_t from = below(other.size());
        const std::size_t to = std::min(other.size(), from + 1 + below(6));
        all.insert(begin, other.begin() + static_cast<std::ptrdiff_t>(std::min(from, other.size())),
                   other.begin() + static_cast<std::ptrdiff_t>(to));
        break;
      }
      case 7:
        all.resize(below(all.size() + 1));
        break;
      default:
        std::reverse(all.begin(), all.end());
    }
    return joined(all);
  }
  static std::string other_case(std::string one) {
    if (one.size() == 1 && ((one[0] >= 'a' && one[0] <= 'z') || (one[0] >= 'A' && one[0] <= 'Z')))
      one[0] = static_cast<char>(one[0] ^ 0x20);
    return one;
  }
  std::string text_seen(const Place* place) {
    if (!place || place->seen.empty()) return "";
    const Value& value = pick(place->seen);
    return value.kind == Kind::str ? value.text : "";
  }

  /// Another item for a container: one that was seen, or one of its own, changed.
  std::optional<Value> new_item(const std::vector<Value>& own, std::size_t first, std::size_t step,
                                const Place* place, int depth) {
    const bool any = own.size() > first;
    if (place && !place->seen.empty() && (!any || below(2) == 0)) return pick(place->seen);
    if (!any) return std::nullopt;
    return of(own[first + step * below(own.size() / step)], place, depth + 1);
  }

  Value sequence(Value value, const Place* place, int depth) {
    std::vector<Value>& items = value.items;
    const bool fixed = place && place->is_fixed();
    const std::size_t at = below(items.size());
    const auto here = items.begin() + static_cast<std::ptrdiff_t>(at);
    const auto change_one = [&] {
      if (!items.empty()) items[at] = of(items[at], place ? place->at(at) : nullptr, depth + 1);
    };
    switch (fixed ? 0 : below(10)) {
      case 0:
      case 1:
      case 2:
        change_one();
        break;
      case 3:
        if (!items.empty()) items.erase(here);
        break;
      case 4:
        if (!items.empty()) {
          Value again = items[at];
          items.insert(items.begin() + below(items.size() + 1), std::move(again));
        }
        break;
      case 5:
      case 6:
        if (auto item = new_item(items, 0, 1, place ? place->item.get() : nullptr, depth))
          items.insert(items.begin() + below(items.size() + 1), std::move(*item));
        break;
      case 7:
        if (!items.empty()) std::swap(items[at], items[below(items.size())]);
        break;
      case 8:
        items.resize(below(items.size() + 1));
        break;
      default:
        if (below(2) == 0)
          std::reverse(items.begin(), items.end());
        else
          std::stable_sort(items.begin(), items.end(), [](const Value& a, const Value& b) {
            return a.kind == Kind::integer && b.kind == Kind::integer ? a.integer < b.integer
                                                                      : encode(a) < encode(b);
          });
    }
    return value;
  }

  Value set(Value value, const Place* place, int depth) {
    std::vector<Value>& items = value.items;
    const Place* of_item = place ? place->item.get() : nullptr;
    const std::size_t at = below(items.size());
    switch (below(4)) {
      case 0:
        if (!items.empty()) items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        if (!items.empty()) items[at] = of(items[at], of_item, depth + 1);
        break;
      default:
        if (auto item = new_item(items, 0, 1, of_item, depth)) items.push_back(std::move(*item));
    }
    return value;
  }

  Value mapping(Value value, const Place* place, int depth) {
    std::vector<Value>& items = value.items;
    const Place *of_key = place ? place->key.get() : nullptr,
                *of_value = place ? place->value.get() : nullptr;
    const std::size_t at = 2 * below(items.size() / 2);
    switch (below(6)) {
      case 0:
        if (!items.empty())
          items.erase(items.begin() + static_cast<std::ptrdiff_t>(at),
                      items.begin() + static_cast<std::ptrdiff_t>(at + 2));
        break;
      case 1:
        if (!items.empty()) items[at] = of(items[at], of_key, depth + 1);
        break;
      case 2:
      case 3:
        if (!items.empty()) items[at + 1] = of(items[at + 1], of_value, depth + 1);
        break;
      default: {
        auto key = new_item(items, 0, 2, of_key, depth);
        auto its = new_item(items, 1, 2, of_value, depth);
        if (key && its) {
          items.push_back(std::move(*key));
          items.push_back(std::move(*its));
        }
      }
    }
    return value;
  }

  RandomStream& random_;
};

/// The values at the borders of a place, of the types that were seen there.
std::vector<Value> borders_of(const Place& place) {
  std::set<Kind> kinds;
  for (const Value& value : place.seen) kinds.insert(value.kind);
  std::vector<Value> out;
  for (const Kind kind : kinds) {
    if (kind == Kind::boolean) {
      for (const bool one : {false, true}) out.push_back(Value::of_bool(one));
    } else if (kind == Kind::integer) {
      for (const std::int64_t one : {0, 1, -1, 2}) out.push_back(Value::of_int(one));
      if (place.most < 1e15)
        out.push_back(Value::of_int(static_cast<std::int64_t>(place.most) + 1));
    } else if (kind == Kind::real) {
      for (const double one : {0.0, 1.0, -1.0, 0.5}) out.push_back(Value::of_real(one));
    } else if (kind == Kind::str) {
      out.push_back(Value::of_str(""));
      if (place.characters.empty()) continue;
      for (const std::string& one : {place.characters.front(), place.characters.back()}) {
        out.push_back(Value::of_str(one));
        out.push_back(Value::of_str(one + one));
      }
    } else if (is_sequence(kind) || is_set(kind)) {
      if (place.is_fixed()) continue;
      out.push_back(Value::sequence(kind, {}));
      if (!place.item || place.item->seen.empty()) continue;
      for (Value& one : borders_of(*place.item))
        out.push_back(Value::sequence(kind, {std::move(one)}));
      const Value& item = place.item->seen.front();
      out.push_back(Value::sequence(kind, {item}));
      if (is_sequence(kind)) out.push_back(Value::sequence(kind, {item, item}));
    } else if (kind == Kind::dict || kind == Kind::ordered_dict) {
      out.push_back(Value::sequence(kind, {}));
    }
  }
  return out;
}

}  // namespace

// ---- tuples

Mutator::Mutator(const std::vector<std::string>& inputs, std::uint64_t seed, std::string_view name)
    : arguments_(std::make_unique<Place>()), random_(seed, name) {
  for (const std::string& encoded : inputs) {
    Value tuple;
    if (!decode_whole(encoded, tuple) || tuple.kind != Kind::tuple) continue;
    put_in_order(tuple);
    const std::string in_order = encode(tuple);
    if (!known_.insert(sha256(in_order)).second || in_order.size() > kInputBytesMax) continue;
    learn(*arguments_, tuple, 0);
    seeds_.push_back({std::move(tuple), in_order.size()});
  }
  queue_borders();
}

Mutator::~Mutator() = default;

void Mutator::queue_borders() {
  std::vector<const Seed*> smallest;
  for (const Seed& seed : seeds_) smallest.push_back(&seed);
  std::stable_sort(smallest.begin(), smallest.end(),
                   [](const Seed* a, const Seed* b) { return a->bytes < b->bytes; });
  smallest.resize(std::min(smallest.size(), kBorderSeeds));
  for (const Seed* seed : smallest) {
    for (std::size_t i = 0; i < seed->arguments.items.size(); ++i) {
      if (i >= arguments_->positions.size() || !arguments_->positions[i]) continue;
      for (Value& border : borders_of(*arguments_->positions[i])) {
        borders_.push_back(seed->arguments);
        borders_.back().items[i] = std::move(border);
      }
    }
  }
}

/// Small ones are chosen more often: what they show is easier to read.
const Mutator::Seed& Mutator::chosen_seed() {
  const auto any = [&]() -> const Seed& {
    return seeds_[random_.below(static_cast<std::uint32_t>(seeds_.size()))];
  };
  const Seed &one = any(), &other = any();
  return random_.below(4) == 0 || one.bytes <= other.bytes ? one : other;
}

Value Mutator::changed_tuple() {
  Value tuple = chosen_seed().arguments;
  if (tuple.items.empty()) return tuple;
  Change change(random_);
  do {  // an argument, or several, each once or more
    const std::size_t at = random_.below(static_cast<std::uint32_t>(tuple.items.size()));
    const Place* place = at < arguments_->positions.size() ? arguments_->positions[at].get()
                                                           : arguments_->item.get();
    tuple.items[at] = change.of(tuple.items[at], place);
  } while (random_.below(2) == 0);
  return tuple;
}

bool Mutator::is_new(Value tuple, std::string& encoded) {
  put_in_order(tuple);
  encoded = encode(tuple);
  Value again;
  return encoded.size() <= kInputBytesMax && decode_whole(encoded, again) &&
         known_.insert(sha256(encoded)).second;
}

std::vector<std::string> Mutator::more(std::size_t count) {
  std::vector<std::string> out;
  std::string encoded;
  for (; !borders_.empty() && out.size() < count; borders_.pop_front()) {
    if (is_new(std::move(borders_.front()), encoded)) out.push_back(encoded);
  }
  for (std::size_t misses = 0; !seeds_.empty() && out.size() < count && misses < kMissesMax;) {
    if (is_new(changed_tuple(), encoded)) {
      out.push_back(encoded);
      misses = 0;
    } else {
      ++misses;
    }
  }
  return out;
}

void Mutator::admit(const std::string& encoded) {
  Seed seed{{}, encoded.size()};
  if (decode_whole(encoded, seed.arguments)) seeds_.push_back(std::move(seed));
}

}  // namespace assay::probe
