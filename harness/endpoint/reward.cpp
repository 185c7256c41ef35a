#include "harness/endpoint/reward.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/error.h"
#include "harness/base/hash.h"

namespace assay::endpoint {

using nlohmann::json;
using search::Prefix;
using search::Score;

namespace {

constexpr std::size_t kTextsMax = 32;  ///< of one request
constexpr int kRounds = 4;             ///< in which a score is asked for before it is given up
constexpr double kSumTolerance = 1e-3;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// A score that means something: from 0 to 1.
bool is_score(double value) { return value >= 0 && value <= 1; }
double bounded(double value, const std::string& where) {
  if (!is_score(value))
    throw Error(
        fmt::format("{}: it scores {:g}, where a number from 0 to 1 is expected; map it "
                    "there in the server",
                    where, value));
  return value;
}

std::string shown(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 200);
}

bool is_numbers(const json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const json& x) { return x.is_number(); });
}

/// What the server says of an item; nothing where it says that it is not judged.
std::optional<double> said(const json& item, const char* key, const std::string& where) {
  const auto found = item.is_object() ? item.find(key) : item.end();
  if (!item.is_object() || found == item.end())
    throw Error(fmt::format("{}: its answer has no `{}`: {}", where, key, shown(item)));
  if (found->is_null()) return std::nullopt;
  if (std::string_view(key) == "data") return pooled_score(*found, where);
  if (std::string_view(key) == "probs") {
    if (!is_numbers(*found) || found->size() > 2)
      throw Error(
          fmt::format("{}: `probs` must be one number or two, not {}", where, shown(*found)));
    return bounded(found->back().get<double>(), where);
  }
  if (!found->is_number())
    throw Error(
        fmt::format("{}: `{}` must be a number or null, not {}", where, key, shown(*found)));
  return bounded(found->get<double>(), where);
}

}  // namespace

double pooled_score(const json& data, const std::string& where) {
  const auto wrong = [&] {
    return Error(
        fmt::format("{}: `data` must be a number, a list of one, or a list of those or of "
                    "pairs, not {}",
                    where, shown(data)));
  };
  if (data.is_number()) return logistic(data.get<double>());
  if (!data.is_array() || data.empty()) throw wrong();
  const json& last = data.back();
  if (last.is_number()) {
    if (data.size() != 1) throw wrong();  // an embedding?
    return logistic(last.get<double>());
  }
  if (!is_numbers(last) || last.size() > 2) throw wrong();
  if (last.size() == 1) return logistic(last[0].get<double>());
  const double bad = last[0].get<double>(), good = last[1].get<double>();
  const bool probabilities = bad >= 0 && good >= 0 && std::abs(bad + good - 1) < kSumTolerance;
  return probabilities ? std::min(good, 1.0) : logistic(good - bad);
}

/// A text to be scored.
struct RewardVerifier::Item {
  std::string text, key;
  bool finished;
  bool done = false;      ///< it has been answered, if only by a null
  bool given_up = false;  ///< asked for alone it was refused
  Score score;
};

RewardVerifier::RewardVerifier(const std::string& url, std::string model, Client& client,
                               Replies& replies)
    : url_(url), model_(std::move(model)), client_(client), replies_(replies) {
  checked_address(url, "--verifier endpoint:");
  const std::string path = url.substr(0, url.find('?'));
  form_ = path.ends_with("/classify")  ? Form::classify
          : path.ends_with("/pooling") ? Form::pooling
          : path.ends_with("/score")   ? Form::score
                                       : Form::hook;
}

json RewardVerifier::body_of(const search::Problem& problem,
                             const std::vector<const Item*>& items) const {
  if (form_ == Form::hook)
    return {{"prompt", problem.prompt},
            {"prefix", items.front()->text},
            {"problem", problem.task_id},
            {"finished", items.front()->finished}};
  json body = json::object(), texts = json::array();
  if (!model_.empty()) body["model"] = model_;
  for (const Item* item : items)
    texts.push_back(form_ == Form::score ? item->text : problem.prompt + item->text);
  if (form_ == Form::score) body["text_1"] = problem.prompt;
  body[form_ == Form::score ? "text_2" : "input"] = std::move(texts);
  // The raw number, whatever the server's default; earlier and later names of the same.
  if (form_ == Form::pooling) body["activation"] = body["use_activation"] = false;
  return body;
}

/// Keeps what a good reply says of these; those that it leaves out stay undone.
void RewardVerifier::take(const Reply& reply, const std::vector<Item*>& items) {
  const json body = json::parse(reply.body);
  const std::string where = "endpoint:" + url_;
  const auto give = [&](Item& item, std::optional<double> value) {
    replies_.keep(item.key, {{"score", value ? json(*value) : json()}});
    item.score = {value.value_or(0), value.has_value()};
    item.done = true;
  };
  if (form_ == Form::hook) return give(*items.front(), said(body, "score", where));
  const auto data = body.is_object() ? body.find("data") : body.end();
  if (!body.is_object() || data == body.end() || !data->is_array())
    throw Error(fmt::format("{}: its answer has no list `data`: {}", where, shown(body)));
  const char* key = form_ == Form::classify ? "probs" : form_ == Form::pooling ? "data" : "score";
  std::vector<const json*> by_index(items.size());
  std::vector<bool> distrusted(items.size());  // two different ones
  for (std::size_t i = 0; i < data->size(); ++i) {
    const json& one = (*data)[i];
    std::size_t index = i;
    if (one.is_object() && one.contains("index") && !one["index"].is_null()) {
      if (!one["index"].is_number_unsigned()) continue;
      index = one["index"].get<std::size_t>();
    }
    if (index >= items.size()) continue;
    if (by_index[index] && *by_index[index] != one) distrusted[index] = true;
    by_index[index] = &one;
  }
  for (std::size_t i = 0; i < items.size(); ++i)
    if (by_index[i] && !distrusted[i]) give(*items[i], said(*by_index[i], key, where));
}

void RewardVerifier::ask(const search::Problem& problem, const std::vector<Item*>& items,
                         std::size_t together) {
  std::vector<std::vector<Item*>> parts;
  std::vector<Request> requests;
  for (std::size_t i = 0; i < items.size(); i += together) {
    parts.emplace_back(
        items.begin() + static_cast<std::ptrdiff_t>(i),
        items.begin() + static_cast<std::ptrdiff_t>(std::min(i + together, items.size())));
    const json body = body_of(problem, {parts.back().begin(), parts.back().end()});
    requests.push_back({url_, body.dump(-1, ' ', false, json::error_handler_t::replace)});
  }
  client_.send(requests, [&](std::size_t i, const Reply& reply) {
    if (reply.good()) return take(reply, parts[i]);
    // What concerns these texts leaves them unjudged; what concerns the server ends the search.
    const bool texts =
        reply.status == 400 || reply.status == 413 || reply.status == 422 || reply.status >= 500;
    if (!texts) throw Error(fmt::format("endpoint:{}: {}", url_, reply.trouble));
    parts[i].front()->given_up = parts[i].size() == 1;
  });
}

std::vector<Score> RewardVerifier::score(const search::Problem& problem,
                                         std::span<const Prefix> prefixes) {
  std::vector<Item> items;
  for (const Prefix& prefix : prefixes) {
    Item item{search::text_of(prefix), "", prefix->finish != search::Finish::open};
    Hasher hasher;
    hasher.add("score").add(std::to_string(static_cast<int>(form_))).add(model_);
    hasher.add(problem.prompt).add(item.text);
    if (form_ == Form::hook) hasher.add(problem.task_id).add(item.finished ? "finished" : "");
    item.key = hasher.hex();
    items.push_back(std::move(item));
  }
  // Equal texts are one question.
  std::vector<Item*> open;
  for (Item& item : items) {
    const auto twin = std::find_if(open.begin(), open.end(),
                                   [&](const Item* one) { return one->key == item.key; });
    if (twin != open.end()) continue;
    if (const auto known = replies_.find(item.key); known && known->contains("score")) {
      const json& value = known->at("score");
      if (!value.is_null() && !(value.is_number() && is_score(value.get<double>())))
        throw of_another_form();
      item.score = {value.is_number() ? value.get<double>() : 0, value.is_number()};
      item.done = true;
    }
    open.push_back(&item);
  }
  const std::vector<Item*> asked = open;
  for (int round = 0; round < kRounds; ++round) {
    std::erase_if(open, [](const Item* item) { return item->done || item->given_up; });
    if (open.empty()) break;
    ask(problem, open, round == 0 && form_ != Form::hook ? kTextsMax : 1);
  }
  std::vector<Score> scores;
  for (const Item& item : items) {
    const Item* first = *std::find_if(asked.begin(), asked.end(),
                                      [&](const Item* one) { return one->key == item.key; });
    if (!first->done) ++refused_;
    scores.push_back(first->score);
    scores.back().lost = !first->done;
  }
  return scores;
}

}  // namespace assay::endpoint
