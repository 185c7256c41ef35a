// A server on the loopback that hosts a model of ours behind OpenAI's addresses, for tests: it behaves
// as vLLM does, and misbehaves on a share of the attempts by a seeded plan.
//
//   gpt_server MODEL.gpt | MODEL.bin,TOKENIZER.bin  [--share S] [--seed N] [--slow SECONDS] [--context N]
//              [--words vllm|none] [--chat 1] [--choices N] [--log FILE]
//
// Writes its port as a line and serves until its input ends. --chat: only /v1/chat/completions, which
// goes on from an assistant's message; --choices: the most of one request, others are left out;
// --words none: a text that is too long is refused without numbers. The log has a line of JSON for each
// request for texts: its serial number, the second when it came, what was asked, what went wrong with
// it on purpose, and `good`: the indices of the choices that it answered well.
#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/base/random.h"
#include "harness/models/gpt.h"
#include "harness/models/token_policy.h"

namespace {

using namespace assay;
using models::Past;
using nlohmann::json;

constexpr int kThreads = 128;  // each holds a connection
constexpr int kWaiting = 256;  // connections; the library's 5 are soon full, and more wait long
constexpr int kBadInARow = 5;  // then the same request is answered: patience is rewarded
constexpr double kAnsweredWell = 0.5;  // seconds: behind a slower answer the client may have gone

/// What goes wrong, each as often as it stands here.
const std::vector<std::string> kFates = {
    "429",     "500",   "502",   "503",     "cut", "no json", "fewer",    "more",
    "doubled", "two",   "order", "429",     "500", "502",     "503",      "cut",
    "no json", "fewer", "more",  "doubled", "two", "order",   "429 wait", "slow"};

struct Options {
  std::string model, log, words = "vllm";
  double share = 0, slow = 5;
  std::uint64_t seed = 1;
  std::int64_t context = 0, choices = 128;
  bool chat = false;
};

/// A text that was drawn.
struct Drawn {
  std::string text, finish;
  json stop_reason;
  std::vector<std::string> tokens;
  std::vector<double> log_probabilities;
};

class Host {
 public:
  explicit Host(const Options& options)
      : options_(options), gpt_(loaded(options.model)), log_(options.log, std::ios::app) {
    context_ = options.context ? options.context : gpt_.context();
  }

  void answer(const httplib::Request& asked, bool chat, httplib::Response& response);

 private:
  static models::Model loaded(const std::string& text) {
    const std::size_t comma = text.find(',');
    return comma == text.npos ? models::load(text)
                              : models::load_llama2c(text.substr(0, comma), text.substr(comma + 1));
  }
  std::vector<Drawn> draw(const std::vector<std::int32_t>& prompt, const json& request,
                          std::size_t n) const;
  std::string fate_of(const std::string& body);

  const Options options_;
  const models::Gpt gpt_;
  std::int64_t context_;
  std::mutex mutex_;
  std::ofstream log_;
  std::int64_t serial_ = 0;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::map<std::string, int> attempts_;  // by body
};

/// Choice i is drawn from the seed + i, as vLLM has it, whatever else is asked for.
std::vector<Drawn> Host::draw(const std::vector<std::int32_t>& prompt, const json& request,
                              std::size_t n) const {
  const models::Tokenizer& tokenizer = gpt_.tokenizer();
  const double temperature = request.value("temperature", 1.0);
  const bool greedy = temperature == 0;
  const search::Sampling sampling{greedy ? 1 : temperature, request.value("top_p", 1.0)};
  const auto tokens_max = static_cast<std::size_t>(request.value("max_tokens", 16));
  const std::vector<std::string> stops = request.value("stop", std::vector<std::string>{});
  const auto vocabulary = static_cast<std::size_t>(tokenizer.size());

  std::vector<std::shared_ptr<Past>> reading = models::chain(nullptr, prompt);
  std::vector<Drawn> out(n);
  std::vector<RandomStream> streams;
  std::vector<std::size_t> active, place(n, prompt.size() - 1);
  std::vector<std::shared_ptr<const Past>> past(n, reading.back());
  for (std::size_t i = 0; i < n; ++i) {
    streams.emplace_back(request.value("seed", std::uint64_t{0}) + i, "choice");
    active.push_back(i);
  }
  std::vector<float> logits;
  while (!active.empty()) {
    gpt_.read(reading, &logits);
    reading.clear();
    std::vector<std::size_t> still;
    for (const std::size_t i : active) {
      Drawn& one = out[i];
      const std::span<const float> here(logits.data() + place[i] * vocabulary, vocabulary);
      const std::int32_t token = models::drawn_token(here, sampling, greedy, streams[i]);
      one.tokens.push_back(tokenizer.text(token, past[i]->token));
      one.log_probabilities.push_back(models::log_softmax(here)[static_cast<std::size_t>(token)]);
      one.text += one.tokens.back();
      for (const std::string& stop : stops) {
        const std::size_t found = one.text.find(stop);
        if (found == one.text.npos) continue;
        one.text.resize(found);
        one.finish = "stop";
        one.stop_reason = stop;
      }
      if (tokenizer.ends(token))
        one.finish = "stop";
      else if (one.finish.empty() && one.tokens.size() >= tokens_max)
        one.finish = "length";
      if (!one.finish.empty()) continue;
      const auto next = models::behind(past[i], token);
      past[i] = next;
      place[i] = reading.size();
      reading.push_back(next);
      still.push_back(i);
    }
    active = std::move(still);
  }
  return out;
}

std::string Host::fate_of(const std::string& body) {
  const std::lock_guard lock(mutex_);
  const int attempt = ++attempts_[body];
  RandomStream stream(options_.seed + static_cast<std::uint64_t>(attempt), body);
  if (attempt > kBadInARow || stream.uniform() >= options_.share) return "";
  return kFates[stream.below(static_cast<std::uint32_t>(kFates.size()))];
}

json error_of(int code, const std::string& words) {
  return {{"error", {{"message", words}, {"type", "BadRequestError"}, {"code", code}}}};
}

void Host::answer(const httplib::Request& asked, bool chat, httplib::Response& response) {
  const auto begun = std::chrono::steady_clock::now();
  const json request = json::parse(asked.body);
  const auto say = [&](int status, const json& body) {
    response.status = status;
    response.set_content(body.dump(-1, ' ', false, json::error_handler_t::replace),
                         "application/json");
  };
  const std::string fate = fate_of(asked.body);
  std::vector<std::size_t> good;
  const auto finish = [&] {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (took.count() > kAnsweredWell) good.clear();
    const std::lock_guard lock(mutex_);
    const std::chrono::duration<double> at = begun - begun_;
    log_ << json{{"serial", ++serial_}, {"at", at.count()}, {"request", request},
                 {"fate", fate},        {"good", good},     {"status", response.status}}
                .dump()
         << std::endl;
  };

  std::string text = request.value("prompt", "");
  bool continued = true;
  if (chat) {
    for (const json& message : request["messages"]) text += message["content"].get<std::string>();
    continued = request.value("continue_final_message", false);
  }
  const auto read = models::prompt_tokens(gpt_.tokenizer(), text);
  // What it has no tokens for it reads as an empty text: such servers have a token for everything.
  const std::vector<std::int32_t> prompt =
      read && !read->empty() ? *read : std::vector{gpt_.tokenizer().begin()};
  const auto length = static_cast<std::int64_t>(prompt.size());
  const std::int64_t tokens_max = request.value("max_tokens", 16);
  const std::size_t n = request.value("n", std::size_t{1});

  if (fate == "500" || fate == "502" || fate == "503") {
    say(std::stoi(fate), error_of(std::stoi(fate), "overloaded"));
    return finish();
  }
  if (fate.starts_with("429")) {
    say(429, error_of(429, "slow down"));
    if (fate == "429 wait") response.set_header("Retry-After", "0.05");
    return finish();
  }
  if (length + tokens_max > context_) {
    const std::string words =
        "This model's maximum context length is " + std::to_string(context_) +
        " tokens. However, you requested " + std::to_string(length + tokens_max) + " tokens (" +
        std::to_string(length) + " in the messages, " + std::to_string(tokens_max) +
        " in the completion). Please reduce the length of the messages or completion.";
    say(400, error_of(400, options_.words == "vllm" ? words : "context_length_exceeded"));
    return finish();
  }
  std::vector<Drawn> drawn =
      draw(prompt, request, std::min(n, static_cast<std::size_t>(options_.choices)));
  // Whether a server goes on from within an answer is asked in words, which a model of numbers lacks.
  if (chat && continued && text.ends_with("alpha bravo char")) drawn[0].text = "lie";

  json choices = json::array();
  std::size_t made = 0;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const Drawn& one = drawn[i];
    json choice = {{"index", i}, {"finish_reason", one.finish}, {"stop_reason", one.stop_reason}};
    if (chat)
      choice["message"] = {{"role", "assistant"}, {"content", one.text}};
    else
      choice["text"] = one.text;
    if (request.contains("logprobs")) {
      json told = {{"tokens", one.tokens}, {"token_logprobs", one.log_probabilities}};
      if (chat) {
        told = {{"content", json::array()}};
        for (std::size_t t = 0; t < one.tokens.size(); ++t)
          told["content"].push_back(
              {{"token", one.tokens[t]}, {"logprob", one.log_probabilities[t]}});
      }
      choice["logprobs"] = std::move(told);
    }
    choices.push_back(std::move(choice));
    good.push_back(i);
    made += one.tokens.size();
  }
  const auto change = [&](json& choice) {
    (chat ? choice["message"]["content"] : choice["text"]) = "another";
  };
  if (fate == "fewer") {
    choices.erase(0);
    good.erase(good.begin());
  } else if (fate == "more") {
    choices.push_back(choices[0]);
    choices.back()["index"] = n + 7;
    choices.push_back("rubbish");
  } else if (fate == "doubled") {
    choices.insert(choices.begin(), choices[0]);
  } else if (fate == "two") {
    choices.push_back(choices[0]);
    change(choices.back());
    good.erase(good.begin());
  } else if (fate == "order") {
    std::reverse(choices.begin(), choices.end());
  }
  const json reply = {{"object", chat ? "chat.completion" : "text_completion"},
                      {"model", "gpt"},
                      {"choices", choices},
                      {"usage",
                       {{"prompt_tokens", length},
                        {"completion_tokens", made},
                        {"total_tokens", length + static_cast<std::int64_t>(made)}}}};
  say(200, reply);
  if (fate == "no json" || fate == "cut" || fate == "slow") good.clear();
  if (fate == "no json") {
    response.body.resize(response.body.size() - 9);
  } else if (fate == "cut") {
    const std::string whole = std::move(response.body);
    response.body.clear();
    response.set_content_provider(
        whole.size(), "application/json",
        [whole](std::size_t offset, std::size_t, httplib::DataSink& sink) {
          return offset == 0 && sink.write(whole.data(), whole.size() / 2);
        });
  }
  finish();  // before the pause, behind which others are logged that the client asked for instead
  if (fate == "slow") std::this_thread::sleep_for(std::chrono::duration<double>(options_.slow));
}

class Server : public httplib::Server {
 public:
  void widen() { ::listen(svr_sock_, kWaiting); }
};

Options options_of(int argc, char** argv) {
  Options out;
  if (argc < 2) throw std::runtime_error("which model?");
  out.model = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--share") out.share = std::stod(value);
    if (name == "--seed") out.seed = std::stoull(value);
    if (name == "--slow") out.slow = std::stod(value);
    if (name == "--context") out.context = std::stoll(value);
    if (name == "--choices") out.choices = std::stoll(value);
    if (name == "--words") out.words = value;
    if (name == "--chat") out.chat = value == "1";
    if (name == "--log") out.log = value;
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = options_of(argc, argv);
    Host host(options);
    Server server;
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server.set_keep_alive_max_count(1'000'000'000);
    server.set_tcp_nodelay(true);
    server.Get("/v1/models", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(R"({"object": "list", "data": [{"id": "gpt", "object": "model"}]})",
                           "application/json");
    });
    if (!options.chat) {
      server.Post("/v1/completions", [&](const httplib::Request& asked, httplib::Response& out) {
        host.answer(asked, false, out);
      });
    }
    server.Post("/v1/chat/completions", [&](const httplib::Request& asked, httplib::Response& out) {
      host.answer(asked, true, out);
    });
    const int port = server.bind_to_any_port("127.0.0.1");
    server.widen();
    std::cout << port << std::endl;
    std::jthread waiting([&] {
      while (std::cin.get() != std::char_traits<char>::eof()) continue;
      server.stop();
    });
    server.listen_after_bind();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "gpt_server: " << error.what() << std::endl;
    return 1;
  }
}
