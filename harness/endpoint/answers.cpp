#include "harness/endpoint/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/endpoint/failure.h"

namespace assay::endpoint {

using nlohmann::json;

namespace {

constexpr int kTriesMax = 6;         ///< of an answer that good replies lack
constexpr int kShortRepliesMax = 3;  ///< in a row with as few choices: the server has no more
constexpr int kLostInARowMax = 16;   ///< requests; then the server is away
constexpr std::size_t kWhyShown = 300;

/// What ends it all: the server will not answer the next request either.
struct Fatal {
  Reply reply;
};

bool ends_all(int status) {
  return status == 401 || status == 402 || status == 403 || status == 404 || status == 405 ||
         status == 429 || status == 501;
}

}  // namespace

/// One call of draw().
class AnswerSource::Round {
 public:
  Round(AnswerSource& source, const std::vector<WantedAnswers>& wanted, const Take& take)
      : source_(source), wanted_(wanted), take_(take), closed_(wanted.size()) {}

  std::optional<Request> next() {
    const std::optional<Unit> unit = next_unit();
    if (!unit) return std::nullopt;
    flying_[begun_++] = *unit;
    return request_for(*unit);
  }
  void arrived(std::size_t index, const Reply& reply) {
    const Unit unit = flying_.extract(index).mapped();
    if (reply.good())
      keep(unit, reply);
    else
      refuse(unit, reply);
  }

  std::vector<NotDrawn> not_drawn;

 private:
  /// Answers `first` to `first + count - 1` of a prompt: one request.
  struct Unit {
    std::size_t prompt = 0;
    std::uint32_t first = 0, count = 0;
    int tries = 0;
    bool of_refused = false;         ///< part of a request for several that was refused
    std::size_t fields_refused = 0;  ///< as it was asked
  };

  std::optional<Unit> next_unit() {
    while (!again_.empty()) {
      Unit unit = again_.front();
      again_.pop_front();
      unit.fields_refused = source_.options_.drawing.refused.size();
      if (closed_[unit.prompt].empty()) return unit;
      give_up(unit.prompt, unit.count, closed_[unit.prompt]);
    }
    for (; prompt_ < wanted_.size(); ++prompt_, at_ = 0) {
      const std::vector<std::uint32_t>& numbers = wanted_[prompt_].numbers;
      if (at_ == numbers.size()) continue;
      if (!closed_[prompt_].empty()) {
        give_up(prompt_, static_cast<std::int64_t>(numbers.size() - at_), closed_[prompt_]);
        continue;
      }
      Unit unit{prompt_, numbers[at_], 1};
      unit.fields_refused = source_.options_.drawing.refused.size();
      while (++at_ < numbers.size() && unit.count < source_.choices_max_ &&
             numbers[at_] == unit.first + unit.count)
        ++unit.count;
      return unit;
    }
    return std::nullopt;
  }

  Request request_for(const Unit& unit) const {
    const AnswerOptions& options = source_.options_;
    const WantedAnswers& wanted = wanted_[unit.prompt];
    json body = request_of(options.drawing, wanted.prompt, "", false);
    if (!options.system.empty())
      body["messages"].insert(body["messages"].begin(),
                              json::object({{"role", "system"}, {"content", options.system}}));
    if (!options.stops.empty()) body["stop"] = options.stops;
    if (unit.count > 1) body["n"] = unit.count;
    if (!options.drawing.refused.contains("seed")) body["seed"] = wanted.seed + unit.first;
    return {options.url + path_of(options.drawing.form),
            body.dump(-1, ' ', false, json::error_handler_t::replace)};
  }

  void keep(const Unit& unit, const Reply& reply) {
    const auto answers = answers_in(reply.body, unit.count);
    const std::string model = model_in(reply.body);
    const bool seeded = !source_.options_.drawing.refused.contains("seed");
    std::vector<Drawn> drawn;
    for (std::uint32_t i = 0; i < unit.count; ++i) {
      if (!answers[i]) continue;
      Drawn& one = drawn.emplace_back(
          Drawn{unit.prompt, unit.first + i, *answers[i], model, std::nullopt, i, unit.count});
      if (seeded) one.seed = wanted_[unit.prompt].seed + unit.first;
    }
    if (!drawn.empty()) {
      take_(drawn);
      source_.answered_ = true;
      lost_in_a_row_ = 0;
      if (unit.of_refused) source_.choices_max_ = 1;  // it was their number that was refused
    }
    learn(unit, drawn.size());
    ask_again(unit, std::max<std::size_t>(1, drawn.size()),
              [&](std::uint32_t i) { return !answers[i]; });
  }

  /// Whoever gives fewer than were asked for, again and again as many, has no more.
  void learn(const Unit& unit, std::size_t had) {
    if (unit.count == 1) return;
    if (had == unit.count) {
      if (had > source_.short_by_) source_.short_replies_ = 0;
      return;
    }
    source_.short_replies_ = had == source_.short_by_ ? source_.short_replies_ + 1 : 1;
    source_.short_by_ = had;
    if (source_.short_replies_ >= kShortRepliesMax)
      source_.choices_max_ = std::clamp<std::size_t>(had, 1, source_.choices_max_);
  }

  /// Queues what of a unit is lacking, `together` at most in a request.
  template <typename Lacks>
  void ask_again(const Unit& unit, std::size_t together, const Lacks& lacks,
                 bool of_refused = false) {
    std::optional<Unit> piece;
    const auto queue = [&] {
      if (!piece) return;
      if (piece->tries < kTriesMax)
        again_.push_back(*piece);
      else
        give_up(piece->prompt, piece->count,
                fmt::format("{} replies in a row had no such answer", kTriesMax));
      piece.reset();
    };
    for (std::uint32_t i = 0; i < unit.count; ++i) {
      if (!lacks(i) || (piece && piece->count == together)) queue();
      if (!lacks(i)) continue;
      if (!piece) piece = Unit{unit.prompt, unit.first + i, 0, unit.tries + 1, of_refused};
      ++piece->count;
    }
    queue();
  }

  void refuse(const Unit& unit, const Reply& reply) {
    const auto ask_one_by_one = [&] {
      ask_again(
          unit, 1, [](std::uint32_t) { return true; }, true);
    };
    if (unit.count > 1 && says_one_choice(reply.body)) return ask_one_by_one();
    if (reply.status >= 400 && reply.status < 500 && says_filtered(reply.body))
      return close(unit, reply);
    if (is_of_request(reply.status)) {
      if (says_too_long(reply.body)) return close(unit, reply);
      refuse_field(reply.body);
      if (unit.fields_refused != source_.options_.drawing.refused.size())
        return again_.push_back(unit);
      if (unit.count > 1) return ask_one_by_one();
    }
    if (ends_all(reply.status) || !source_.answered_ || ++lost_in_a_row_ == kLostInARowMax)
      throw Fatal{reply};
    give_up(unit.prompt, unit.count, reply.trouble);
  }

  /// A server that refuses a field names it, and refuses it in the first request already.
  void refuse_field(const std::string& words) {
    if (source_.answered_) return;
    std::set<std::string>& refused = source_.options_.drawing.refused;
    for (const char* field : {"max_tokens", "seed"})
      if (words.find(field) != std::string::npos && refused.insert(field).second) return;
  }

  /// Nothing more of this prompt is asked for.
  void close(const Unit& unit, const Reply& reply) {
    closed_[unit.prompt] = reply.trouble;
    give_up(unit.prompt, unit.count, reply.trouble);
  }
  void give_up(std::size_t prompt, std::int64_t answers, const std::string& why) {
    const std::string shown = cut(why, kWhyShown);
    if (not_drawn.empty() || not_drawn.back().prompt != prompt || not_drawn.back().why != shown)
      not_drawn.push_back({prompt, 0, shown});
    not_drawn.back().answers += answers;
  }

  AnswerSource& source_;
  const std::vector<WantedAnswers>& wanted_;
  const Take& take_;
  std::vector<std::string> closed_;  ///< by prompt, why no more of it is asked for
  std::size_t prompt_ = 0, at_ = 0;  ///< the next that was never asked for
  std::deque<Unit> again_;
  std::map<std::size_t, Unit> flying_;
  std::size_t begun_ = 0;
  int lost_in_a_row_ = 0;
};

AnswerSource::AnswerSource(AnswerOptions options, Client& client)
    : options_(std::move(options)), client_(client), choices_max_(options_.per_request) {
  options_.drawing.refused.insert("logprobs");
}

std::vector<NotDrawn> AnswerSource::draw(const std::vector<WantedAnswers>& wanted,
                                         const Take& take) {
  Round round(*this, wanted, take);
  try {
    client_.send([&] { return round.next(); },
                 [&](std::size_t index, const Reply& reply) { round.arrived(index, reply); });
  } catch (const Fatal& fatal) {
    throw Error(why_failed(client_, options_.url, path_of(options_.drawing.form), fatal.reply));
  }
  return std::move(round.not_drawn);
}

std::vector<std::string> AnswerSource::notes() const {
  std::vector<std::string> out;
  if (choices_max_ < options_.per_request)
    out.push_back(
        fmt::format("{}: the server gives {} answer{} a request; the rest was asked for so",
                    options_.url, choices_max_, choices_max_ == 1 ? "" : "s"));
  if (options_.drawing.refused.contains("seed"))
    out.push_back(fmt::format(
        "{}: the server takes no `seed`: another run with the same one draws other texts",
        options_.url));
  return out;
}

}  // namespace assay::endpoint
