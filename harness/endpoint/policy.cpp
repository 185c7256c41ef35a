#include "harness/endpoint/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/endpoint/failure.h"

namespace assay::endpoint {

using nlohmann::json;
using search::Ask;
using search::Finish;
using search::Node;
using search::Prefix;

namespace {

constexpr std::size_t kChoicesMax = 128;  ///< of one request: what OpenAI takes
constexpr int kRounds = 6;                ///< in which a choice is asked for before it is given up
constexpr int kAloneMax = 8;              ///< replies in a row with one choice of several
constexpr int kLetterTokens = 6;          ///< more than a letter and what begins a text can have
constexpr int kLookAhead = 8;             ///< tokens, to tell an empty line from an end

/// What a prefix has to know of its problem.
struct Root {
  std::string prompt;
  std::function<bool(std::string_view)> whole;
  int steps_max;
};
const Root& root_of(const Prefix& prefix) { return *std::static_pointer_cast<Root>(prefix->state); }

std::string text_of(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Whether a server has answered as it does, but for a text that JSON cannot hold or a cut: what comes of
/// another request may be good. A page instead of an answer is something else.
bool is_unreadable(const Reply& reply) {
  return reply.status / 100 == 2 && !reply.good() && reply.body.starts_with('{');
}

/// The seed of an ask; the room above it is for the choices behind the first.
std::uint64_t seed_of(Ask& ask) { return ask.stream.next() >> 34; }

}  // namespace

/// One choice that is wanted.
struct EndpointPolicy::Slot {
  const Prefix* prefix;
  std::uint64_t seed;
  bool greedy;
  std::size_t group;  ///< slots of a group share all but the seed, which goes up by one
  json body;          ///< without `n` and `seed`
  std::string key;
  std::optional<Choice> choice;
  bool given_up = false;  ///< asked for alone its reply could not be read
  std::int64_t tokens_max =
      0;                    ///< fewer than the drawing's where the server had no room for as many
  int shortened = 0;        ///< so many times
  bool to_the_end = false;  ///< `tokens_max` is all the room there is
};

EndpointPolicy::EndpointPolicy(PolicyOptions options, Client& client, Replies& replies)
    : options_(std::move(options)), client_(client), replies_(replies), choices_max_(kChoicesMax) {
  options_.url = checked_address(options_.url, "--policy endpoint:");
  if (options_.url.find_first_of("?#") != std::string::npos)
    throw Error(
        fmt::format("--policy endpoint:{}: what is asked for goes behind the address, so that "
                    "it can have no `?` or `#`",
                    options_.url),
        ExitCode::usage);
  drawing_.sampling = options_.sampling;
  drawing_.model = options_.model;
  if (drawing_.model.empty()) choose_model();
  probe();
}

search::Capabilities EndpointPolicy::capabilities() const {
  return {drawing_.form != Form::whole_answers, false, !drawing_.refused.contains("seed"),
          kChoicesMax};
}

void EndpointPolicy::choose_model() {
  const std::string key = sha256("the model of " + options_.url);
  if (const auto known = replies_.find(key); known && known->contains("model")) {
    const json& name = known->at("model");
    if (!name.is_string()) throw of_another_form();
    drawing_.model = name.get<std::string>();
    return;
  }
  const std::vector<std::string> names = models_at(client_, options_.url);
  if (names.size() != 1 || names.front().empty())
    throw Error(fmt::format("endpoint:{}: name the model by --model{}", options_.url,
                            names.empty() ? "; the server has no list of them"
                                          : "; the server has " + listed(names)),
                ExitCode::usage);
  drawing_.model = names.front();
  replies_.keep(key, {{"model", drawing_.model}});
}

void EndpointPolicy::fail(const Reply& reply) const {
  std::string sentence =
      "endpoint:" + why_failed(client_, options_.url, path_of(drawing_.form), reply);
  if (reply.status == 0 || reply.status == 429 || reply.status >= 500)
    sentence += replies_.path().empty()
                    ? "; with --replies FILE the same command would go on from here"
                    : fmt::format("; what came before is kept in {}: the same command goes on",
                                  replies_.path());
  throw Error(sentence);
}

/// Whether the server draws a text in this form; a field that it names as refused is left out from
/// then on. False where the form is none of its own.
bool EndpointPolicy::draws(const std::string& prompt, const std::string& so_far, std::string* text,
                           std::int64_t* prompt_tokens) {
  for (;;) {
    json body = request_of(drawing_, prompt, so_far, true);
    if (!drawing_.refused.contains("seed")) body["seed"] = 1;
    const std::string key =
        Hasher().add("probe").add(path_of(drawing_.form)).add(text_of(body)).hex();
    std::optional<json> drawn = replies_.find(key);
    Reply reply;
    if (!drawn || !drawn->contains("prompt_tokens")) {
      reply = client_.send({{options_.url + path_of(drawing_.form), text_of(body)}}).front();
      if (reply.good()) {
        const auto choice = choices_in(reply.body, 1).front();
        json& made = drawn.emplace(json::object());
        made["prompt_tokens"] = prompt_tokens_in(reply.body).value_or(0);
        if (choice) made["text"] = choice->text;
        replies_.keep(key, *drawn);
      }
    }
    if (drawn && reply.good()) {
      const json& tokens = drawn->at("prompt_tokens");
      const json words = drawn->value("text", json());
      if (!tokens.is_number_integer() || !(words.is_null() || words.is_string()))
        throw of_another_form();
      if (text) *text = words.is_null() ? "" : words.get<std::string>();
      if (prompt_tokens) *prompt_tokens = tokens.get<std::int64_t>();
      return words.is_string();
    }
    if (is_of_request(reply.status)) {
      // Only what is not asked of it in vain: a server that refuses a field names it.
      const auto names = {"logprobs", "seed", "top_p", "temperature", "max_tokens"};
      const auto named = std::find_if(names.begin(), names.end(), [&](const char* name) {
        return !drawing_.refused.contains(name) && reply.body.find(name) != std::string::npos;
      });
      if (named == names.end()) return false;
      drawing_.refused.insert(*named);
      continue;
    }
    if (reply.status == 404 || reply.status == 405 || reply.status == 501) return false;
    fail(reply);
  }
}

void EndpointPolicy::probe() {
  drawing_.tokens_max = kLookAhead;
  const std::set<std::string> none = drawing_.refused;
  std::string text;
  std::int64_t tokens = 0;
  drawing_.form = Form::completions;
  bool completions = draws("a", "", nullptr, &tokens);
  if (tokens > kLetterTokens) {  // as Ollama does
    completions = false;
    notes_.push_back(fmt::format(
        "endpoint:{}: its /v1/completions puts the prompt into a chat template (a letter "
        "counts as {} tokens), behind which no answer goes on; it is not used",
        options_.url, tokens));
  }
  if (!completions) {
    drawing_.refused = none;
    drawing_.form = Form::prefill;
    const std::string prompt = "Repeat this line exactly: alpha bravo charlie delta";
    // Cut within a word: whoever begins an answer of its own begins with another letter. And at a line
    // end, which some chat templates trim: there an answer would never get behind its first line.
    if (!draws(prompt, "alpha bravo char", &text) || !text.starts_with("lie") ||
        !draws("Write the words one to five, each on a line.", "one\ntwo\n", &text) ||
        text.starts_with("\n")) {
      drawing_.refused = none;
      drawing_.form = Form::whole_answers;
      if (!draws(prompt, "", nullptr)) {
        Reply reply = client_
                          .send({{options_.url + path_of(drawing_.form),
                                  text_of(request_of(drawing_, prompt, "", true))}})
                          .front();
        if (reply.good()) reply.trouble = "its answers hold no text";
        fail(reply);
      }
      notes_.push_back(fmt::format(
          "endpoint:{}: the server has no /v1/completions and does not go on from the beginning of "
          "an answer: it gives whole answers only, so greedy, sample, majority, best-of and what else "
          "takes one of several answers can be tried, beam, dvts and the particle methods cannot",
          options_.url));
    }
  }
  if (drawing_.form == Form::whole_answers) {
    drawing_.tokens_max = options_.answer_tokens_max;
  } else {
    drawing_.stop = options_.step.delimiter;
    drawing_.tokens_max = drawing_.stop.empty() ? 1 : options_.step.tokens_max;
  }
  for (const char* field : {"temperature", "top_p", "seed"})
    if (drawing_.refused.contains(field))
      notes_.push_back(fmt::format("endpoint:{}: the server refuses `{}`: {}", options_.url, field,
                                   std::string_view(field) == "seed"
                                       ? "another run with the same seed draws other texts"
                                       : "it draws by a value of its own"));
}

Prefix EndpointPolicy::open(const search::Problem& problem) {
  return search::make_root(
      problem.task_id, std::make_shared<Root>(Root{
                           problem.prompt, problem.whole,
                           problem.steps_max > 0 ? problem.steps_max : options_.step.steps_max}));
}

/// One request for each run of slots that may be asked for together; what comes is kept at once.
bool EndpointPolicy::fetch_once(const Drawing& drawing, std::vector<Slot>& slots, bool together) {
  struct Run {
    std::size_t begin, count;
  };
  std::vector<Run> runs;
  std::vector<Request> requests;
  const std::size_t most = together ? choices_max_.load() : 1;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].choice || slots[i].given_up) continue;
    const bool joined = !runs.empty() && runs.back().begin + runs.back().count == i &&
                        slots[i - 1].group == slots[i].group && !slots[i].greedy &&
                        slots[i - 1].tokens_max == slots[i].tokens_max && runs.back().count < most;
    if (joined)
      ++runs.back().count;
    else
      runs.push_back({i, 1});
  }
  for (const Run& run : runs) {
    json body = slots[run.begin].body;
    if (run.count > 1) body["n"] = run.count;
    const bool named = body.contains("max_tokens");
    body[named ? "max_tokens" : "max_completion_tokens"] = slots[run.begin].tokens_max;
    if (!drawing.refused.contains("seed")) body["seed"] = slots[run.begin].seed;
    requests.push_back({options_.url + path_of(drawing.form), text_of(body)});
  }
  std::vector<std::optional<Reply>> failed(runs.size());
  bool shortened = false;
  client_.send(requests, [&](std::size_t r, const Reply& reply) {
    const Run& run = runs[r];
    std::vector<std::optional<Choice>> choices(run.count);
    if (reply.good()) {
      choices = choices_in(reply.body, run.count);
      const auto had = std::count_if(choices.begin(), choices.end(),
                                     [](const auto& one) { return one.has_value(); });
      // Whoever ignores `n` always gives one, and is better asked many times at once.
      if (run.count > 1 && (had == 1 ? ++alone_ : alone_ = 0) == kAloneMax) choices_max_ = 1;
    } else if (is_of_request(reply.status) && says_too_long(reply.body)) {
      for (std::size_t k = 0; k < run.count; ++k) {
        if (shorten(slots[run.begin + k], reply.body))
          shortened = true;
        else
          choices[k].emplace().end = Choice::End::context;
      }
    } else if (reply.status >= 400 && reply.status < 500 && says_filtered(reply.body)) {
      for (auto& one : choices) one.emplace().end = Choice::End::refused;
    } else if (run.count > 1 && (is_of_request(reply.status) || says_one_choice(reply.body))) {
      choices_max_ =
          1;  // an `n` that is too large; if it is something else, the next round says so
    } else if (is_unreadable(reply)) {
      slots[run.begin].given_up = run.count == 1;  // of several each is asked for alone
    } else {
      failed[r] = reply;
    }
    for (std::size_t k = 0; k < run.count; ++k) {
      if (!choices[k]) continue;
      Slot& slot = slots[run.begin + k];
      if (choices[k]->end == Choice::End::length && slot.to_the_end)
        choices[k]->end = Choice::End::context;
      replies_.keep(slot.key, kept(*choices[k]));
      slot.choice = std::move(choices[k]);
    }
  });
  for (const auto& reply : failed)
    if (reply) fail(*reply);
  return shortened;
}

/// Fits what is asked for to what a server says of its room; false where there is none. Told once it is
/// believed, told again a token less is tried (some count one more), then it is halved. A part of the
/// room that is no more than a guess may end a step, which goes on as the next one.
bool EndpointPolicy::shorten(Slot& slot, const std::string& words) {
  const Room room = room_in(words, slot.tokens_max);
  if (room.tokens && *room.tokens < 1) return false;
  const std::int64_t before = slot.tokens_max;
  const bool told = room.tokens && slot.shortened < 2;
  slot.tokens_max = told ? std::min(*room.tokens, before - 1) : before / 2;
  slot.to_the_end = told && !room.of_replies;
  if (slot.tokens_max < 1) return false;
  if (slot.shortened++ == 0) ++counts_.shortened;
  return true;
}

void EndpointPolicy::fetch(const Drawing& drawing, std::vector<Slot>& slots) {
  for (Slot& slot : slots) {
    const Root& root = root_of(*slot.prefix);
    slot.body = request_of(drawing, root.prompt, search::text_of(*slot.prefix), slot.greedy);
    slot.tokens_max = drawing.tokens_max;
    slot.key = Hasher()
                   .add(path_of(drawing.form))
                   .add(text_of(slot.body))
                   .add(slot.greedy ? "greedy" : std::to_string(slot.seed))
                   .hex();
    if (const auto known = replies_.find(slot.key)) slot.choice = choice_of(*known);
  }
  for (int round = 0; round < kRounds; ++round) {
    if (std::all_of(slots.begin(), slots.end(),
                    [](const Slot& one) { return one.choice || one.given_up; }))
      return;
    while (fetch_once(drawing, slots, round == 0)) continue;
  }
}

/// A server that does not tell its stop text from the model's end: where a step is empty, it is asked
/// what comes when it does not stop. Nothing: the answer has ended; else it was an empty line.
void EndpointPolicy::tell_ends_apart(std::vector<Slot>& slots) {
  std::vector<Slot> doubtful;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& choice = slots[i].choice;
    if (!choice || choice->end != Choice::End::either || !choice->text.empty()) continue;
    doubtful.push_back({slots[i].prefix, slots[i].seed, slots[i].greedy, i});
    which.push_back(i);
  }
  if (doubtful.empty()) return;
  Drawing on = drawing_;
  on.stop.clear();
  on.tokens_max = kLookAhead;
  fetch(on, doubtful);
  for (std::size_t k = 0; k < which.size(); ++k) {
    const auto& seen = doubtful[k].choice;
    slots[which[k]].choice->end =
        seen && !seen->text.empty() ? Choice::End::text : Choice::End::model;
  }
}

Prefix EndpointPolicy::step_of(const Ask& ask, const Slot& slot) {
  Node step;
  step.state = ask.prefix->state;
  if (!slot.choice) {
    ++counts_.refused;
    step.finish = Finish::refused;
    step.lost = true;
    return search::behind(ask.prefix, std::move(step));
  }
  const Choice& choice = *slot.choice;
  const Root& root = root_of(ask.prefix);
  step.text = choice.text;
  step.tokens_out = choice.tokens;
  if (!choice.counted) ++counts_.estimated;
  // Servers tell log p of the model itself, which is that of the draw at these settings only.
  if (!ask.greedy && options_.sampling.temperature == 1 && options_.sampling.top_p == 1)
    step.log_probability = choice.log_probability;
  const std::string& delimiter = drawing_.stop;
  bool full = false;
  const std::size_t found = delimiter.empty() ? step.text.npos : step.text.find(delimiter);
  if (choice.end == Choice::End::refused) {
    ++counts_.refused;
    step.finish = Finish::refused;
  } else if (choice.end == Choice::End::context) {
    full = !(root.whole && root.whole(search::text_of(ask.prefix) + step.text));
    step.finish = full ? Finish::cut : Finish::complete;
    if (full && step.text.empty() && ask.prefix->depth == 0) step.finish = Finish::refused;
  } else if (drawing_.form == Form::whole_answers) {
    step.finish = choice.end == Choice::End::length ? Finish::cut : Finish::complete;
  } else if (found != step.text.npos) {  // of a server that does not stop, or that echoes
    step.text.resize(found + delimiter.size());
  } else if (choice.end == Choice::End::length) {
    full = step.text.empty();  // the same prefix would be asked for again, and bring nothing again
    if (full) step.finish = Finish::cut;
  } else {
    const bool ended = choice.end == Choice::End::model || delimiter.empty();
    if (ended)
      step.finish = Finish::complete;
    else
      step.text += delimiter;
  }
  if (full) ++(step.finish == Finish::refused ? counts_.too_long : counts_.full);
  if (step.finish == Finish::open && root.whole &&
      root.whole(search::text_of(ask.prefix) + step.text))
    step.finish = Finish::complete;
  if (step.finish == Finish::open && ask.prefix->depth + 1 >= root.steps_max)
    step.finish = Finish::cut;
  return search::behind(ask.prefix, std::move(step));
}

std::vector<Prefix> EndpointPolicy::extend(std::span<Ask> asks) {
  // Groups in the order of their first members, each a run of slots.
  std::map<std::pair<std::uint64_t, bool>, std::size_t> group_of;
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    const auto [at, fresh] =
        group_of.try_emplace({asks[i].prefix->key, asks[i].greedy}, groups.size());
    if (fresh) groups.emplace_back();
    groups[at->second].push_back(i);
  }
  std::vector<Slot> slots;
  std::vector<std::size_t> asked;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::uint64_t first = seed_of(asks[groups[g].front()]);
    for (std::size_t k = 0; k < groups[g].size(); ++k) {
      const Ask& ask = asks[groups[g][k]];
      slots.push_back({&ask.prefix, first + k, ask.greedy, g});
      asked.push_back(groups[g][k]);
    }
  }
  fetch(drawing_, slots);
  if (!drawing_.stop.empty()) tell_ends_apart(slots);
  std::vector<Prefix> out(asks.size());
  for (std::size_t s = 0; s < slots.size(); ++s) out[asked[s]] = step_of(asks[asked[s]], slots[s]);
  return out;
}

}  // namespace assay::endpoint
