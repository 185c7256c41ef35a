#include "harness/run/style.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/crew.h"
#include "harness/base/error.h"
#include "harness/base/value/value.h"
#include "harness/run/exchange.h"
#include "harness/store/judging.h"

extern "C" const char assay_style_py_begin[], assay_style_py_end[];

namespace assay::run {

namespace {

/// Programs that make a second jail worth its start.
constexpr std::size_t kProgramsPerJail = 200;
constexpr std::size_t kTextsPerProcess = 32;
constexpr std::size_t kTextBytesMax = 1 << 20;  ///< nobody wrote more than that

sandbox::Limits limits() {
  sandbox::Limits out;
  out.test_cpu_s = out.load_cpu_s = 5;
  out.reply_mib = 1;
  return out;
}

/// Calls style.py's `measure` with one text after the other, as long as `take` says to go on.
sandbox::Outcome measure(sandbox::Executor& executor, const std::vector<std::string>& texts,
                         const std::function<sandbox::Next(Value)>& take) {
  sandbox::Job job;
  job.program.assign(assay_style_py_begin, assay_style_py_end);
  job.entry_point = "measure";
  job.limits = limits();
  std::vector<std::string> arguments;
  for (const std::string& text : texts)
    arguments.push_back(encode(Value::sequence(Kind::tuple, {Value::of_str(text)})));
  job.inputs = sandbox::Inputs::make(arguments);
  return executor.run(job, [&](const sandbox::Reply& reply) {
    Value value;
    if (reply.raised || !decode_whole(reply.value, value)) return sandbox::Next::stop;
    return take(std::move(value));
  });
}

std::unique_ptr<sandbox::Executor> start(sandbox::Config config, const Launch& launch) {
  const std::vector<std::vector<std::string>> wanted = {
      {"pycodestyle", "mccabe"}, {"pycodestyle"}, {"mccabe"}};
  for (const auto& packages : wanted) {
    config.packages = packages;
    try {
      return launch(config);
    } catch (const Error&) {
      // Not installed for this interpreter, or no jail at all: the last try below tells.
    }
  }
  config.packages.clear();
  return launch(config);
}

/// Takes only what can be true of the text: the numbers come out of a jail.
store::Style checked(const Value& answer, std::size_t text_bytes) {
  store::Style style;
  if (answer.kind != Kind::dict) {
    style.reason = "no answer that can be read";
    return style;
  }
  for (std::size_t i = 0; i + 1 < answer.items.size(); i += 2) {
    const Value &key = answer.items[i], &value = answer.items[i + 1];
    if (key.text == "reason" && value.kind == Kind::str) style.reason = value.text.substr(0, 500);
    if (value.kind != Kind::integer || value.integer < 0 ||
        value.integer > static_cast<std::int64_t>(text_bytes) * 20 + 1)
      continue;
    for (const auto& [name, field] : store::style_fields())
      if (key.text == name) style.*field = value.integer;
  }
  return style;
}

struct Batch {
  std::vector<std::int64_t> program_ids;
  std::vector<std::string> texts;
};
struct Result {
  std::int64_t program_id = 0;
  store::Style style;
};
using Channel = Exchange<Batch, Result>;

void work(StyleReader& reader, Channel& channel) {
  const Channel::Presence presence(channel);
  while (std::optional<Batch> batch = channel.take()) {
    const auto styles = reader.read(batch->texts);
    for (std::size_t i = 0; i < styles.size(); ++i)
      if (styles[i]) channel.put({batch->program_ids[i], *styles[i]});
  }
}

/// The caller's thread: gives texts, stores what comes back.
class Measuring {
 public:
  Measuring(store::Database& database, StyleSummary& summary,
            const std::function<void(std::int64_t, std::int64_t)>& progress,
            const std::atomic<bool>& stop)
      : database_(database), summary_(summary), progress_(progress), stop_(stop) {}

  void run(const std::vector<std::int64_t>& programs,
           std::vector<std::unique_ptr<StyleReader>>& readers) {
    total_ = static_cast<std::int64_t>(programs.size());
    measured_by_ = readers.front()->measured_by();
    Channel channel(4 * readers.size());
    const auto interrupt = [&] {
      channel.drop();
      for (auto& reader : readers) reader->interrupt();
    };
    Crew crew(interrupt);
    for (auto& reader : readers)
      crew.start([&channel, reader = reader.get()] { work(*reader, channel); });
    crew.lead([&] { feed(programs, channel); });
    channel.close();
    while (channel.left() < readers.size()) {
      if (stop_) interrupt();
      take(channel);
    }
    take(channel);
    crew.join();
  }

 private:
  void feed(const std::vector<std::int64_t>& programs, Channel& channel) {
    for (std::size_t at = 0; at < programs.size() && !stop_ && !channel.dropped();
         at += kTextsPerProcess) {
      Batch batch;
      for (std::size_t i = at; i < std::min(at + kTextsPerProcess, programs.size()); ++i) {
        batch.program_ids.push_back(programs[i]);
        batch.texts.push_back(store::program_text(database_, programs[i]));
      }
      while (!stop_ && !channel.try_give(batch)) take(channel);
    }
  }

  void take(Channel& channel) {
    const auto results = channel.collect(std::chrono::milliseconds(100));
    if (results.empty()) return;
    store::Transaction transaction(database_);
    for (const Result& result : results) {
      store::put_style(database_, result.program_id, measured_by_, result.style);
      ++summary_.measured;
    }
    transaction.commit();
    if (progress_) progress_(summary_.measured, total_);
  }

  store::Database& database_;
  StyleSummary& summary_;
  const std::function<void(std::int64_t, std::int64_t)>& progress_;
  const std::atomic<bool>& stop_;
  std::string measured_by_;
  std::int64_t total_ = 0;
};

}  // namespace

StyleReader::StyleReader(const sandbox::Config& config, const Launch& launch)
    : worker_(start(config, launch)) {
  const sandbox::Outcome outcome = measure(*worker_, {""}, [&](const Value& answer) {
    if (answer.kind == Kind::str) measured_by_ = answer.text.substr(0, 200);
    return sandbox::Next::stop;
  });
  if (measured_by_.empty())
    throw Error(fmt::format("the reader of code style does not start: {}", outcome.message));
}

std::vector<std::optional<store::Style>> StyleReader::read(const std::vector<std::string>& texts) {
  std::vector<std::optional<store::Style>> styles;
  measure(*worker_, texts, [&](const Value& answer) {
    store::Style style = checked(answer, texts[styles.size()].size());
    if (!style.reason.empty()) return sandbox::Next::stop;  // read again below, alone
    styles.push_back(std::move(style));
    return sandbox::Next::go_on;
  });
  while (styles.size() < texts.size()) styles.push_back(read_alone(texts[styles.size()]));
  return styles;
}

std::optional<store::Style> StyleReader::read_alone(const std::string& text) {
  store::Style style;
  style.reason = "reading it needs too much time or memory";
  if (text.size() > kTextBytesMax) return style;
  const sandbox::Outcome outcome = measure(*worker_, {text}, [&](const Value& answer) {
    style = checked(answer, text.size());
    return sandbox::Next::go_on;
  });
  if (outcome.end == sandbox::End::missing) return std::nullopt;
  return style;
}

StyleSummary measure_style(store::Database& database, std::int64_t dataset_id,
                           const std::vector<std::int64_t>& model_ids,
                           const sandbox::Config& config, const Launch& launch, std::size_t jobs,
                           const std::function<void(std::int64_t, std::int64_t)>& progress,
                           const std::atomic<bool>& stop) {
  StyleSummary summary;
  std::vector<std::int64_t> programs;
  try {
    if (store::programs_without_style(database, dataset_id, model_ids).empty()) return summary;
    std::vector<std::unique_ptr<StyleReader>> readers;
    readers.push_back(std::make_unique<StyleReader>(config, launch));
    programs = store::programs_without_style(database, dataset_id, model_ids,
                                             readers.front()->measured_by());
    const std::size_t jails = std::min(jobs, 1 + programs.size() / kProgramsPerJail);
    while (readers.size() < jails) readers.push_back(std::make_unique<StyleReader>(config, launch));
    if (!programs.empty()) Measuring(database, summary, progress, stop).run(programs, readers);
  } catch (const std::exception& error) {
    summary.trouble = fmt::format("code style was not measured: {}", error.what());
  }
  summary.left = static_cast<std::int64_t>(programs.size()) - summary.measured;
  return summary;
}

}  // namespace assay::run
