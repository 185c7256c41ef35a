#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/error.h"
#include "harness/base/fd.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/cli/service_options.h"
#include "harness/service/routes.h"

namespace assay::cli {

namespace {

/// A line longer than this is answered as bad, and passed over.
constexpr std::size_t kQuestionBytesMax = 64 << 20;
constexpr std::size_t kPieceBytes = 256 << 10;
/// What --reward leaves of an answer.
const std::set<std::string> kRewardKeys = {"id", "line", "reward", "status"};
constexpr int kLookEveryMs = 200;  ///< for a signal that another thread got

struct Options {
  ServiceOptions service;
  std::string file = "-";
  bool reward = false;
  std::size_t in_flight = 1024;
};

/// Lines that come whenever they come: what has arrived is split, and nobody is waited for.
class Lines {
 public:
  explicit Lines(const std::string& path) : name_(path == "-" ? "standard input" : path) {
    if (path == "-") return;
    file_.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file_) throw Error(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
    descriptor_ = file_.get();
  }
  const std::string& name() const { return name_; }
  int descriptor() const { return descriptor_; }
  bool at_end() const { return ended_ && begin_ == bytes_.size(); }
  bool wants_more() const { return !ended_ && bytes_.find('\n', begin_) == std::string::npos; }
  std::uint64_t number() const { return number_; }
  void stop() {
    ended_ = true;
    bytes_.clear(), begin_ = 0;
  }

  /// What is there now, and waits where there is nothing.
  void read_more() {
    bytes_.erase(0, std::exchange(begin_, 0));
    const std::size_t had = bytes_.size();
    bytes_.resize(had + kPieceBytes);
    const ssize_t count = ::read(descriptor_, bytes_.data() + had, kPieceBytes);
    bytes_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno != EINTR && errno != EAGAIN)
      throw Error(fmt::format("{} cannot be read: {}", name_, std::strerror(errno)));
    ended_ |= count == 0;
  }

  /// The next whole line; `too_long`: only that there was one. False: there is none yet.
  bool next(std::string& line, bool& too_long) {
    std::size_t end = bytes_.find('\n', begin_);
    if (end == std::string::npos) {
      if (bytes_.size() - begin_ > kQuestionBytesMax) {
        skipping_ = true;
        bytes_.clear(), begin_ = 0;
      }
      if (!ended_ || (begin_ == bytes_.size() && !skipping_)) return false;
      end = bytes_.size();
    }
    too_long = std::exchange(skipping_, false) || end - begin_ > kQuestionBytesMax;
    line.assign(bytes_, begin_, too_long ? 0 : end - begin_);
    begin_ = std::min(end + 1, bytes_.size());
    ++number_;
    return true;
  }

 private:
  const std::string name_;
  Fd file_;
  int descriptor_ = 0;  // standard input
  std::string bytes_;
  std::size_t begin_ = 0;
  bool ended_ = false, skipping_ = false;
  std::uint64_t number_ = 0;
};

/// One call of `assay judge`. This thread reads, asks and prints; the desk's threads judge.
class JudgeCommand {
 public:
  JudgeCommand(const Common& common, Options& options)
      : common_(common),
        options_(options),
        stop_(stop_on_signals()),
        lines_(options.file),
        bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        catalog_(make_catalog(options.service)),
        errors_(known_errors(options.service, catalog_)) {
    options_.service.desk.waiting_max = options_.in_flight;
    desk_ = std::make_unique<service::Desk>(options_.service.desk);
  }

  int run() {
    for (const std::string& sentence : errors_.sentences()) remark(common_.quiet, sentence);
    while (!lines_.at_end() || in_flight_ > 0) {
      if (stop_ && !stopped_) {
        stopped_ = true;
        lines_.stop();
        desk_->cancel_all(true);
      }
      ask();
      print_answers();
      wait();
    }
    say_end();
    if (stopped_) return static_cast<int>(ExitCode::interrupted);
    return static_cast<int>(bad_ + unjudged_ > 0 ? ExitCode::incomplete : ExitCode::done);
  }

 private:
  struct Answered {
    std::uint64_t line = 0;
    std::shared_ptr<const service::Asked> asked;
    std::shared_ptr<const service::Answer> answer;
    service::Source source = service::Source::judged;
  };

  void ask() {
    std::string line;
    bool too_long = false;
    while (in_flight_ < options_.in_flight && lines_.next(line, too_long)) {
      if (too_long) {
        refuse(nullptr, fmt::format("the line is longer than {} MiB", kQuestionBytesMax >> 20));
      } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
        ask_one(line);
      }
    }
  }

  void ask_one(const std::string& line) {
    nlohmann::json id;
    try {
      const datasets::Row row = datasets::read_row(line, {lines_.name(), lines_.number()});
      id = service::id_in(row);
      const auto asked = std::make_shared<const service::Asked>(
          service::read_question(row, catalog_, options_.service.defaults));
      ++in_flight_;
      const bool taken = desk_->submit(
          asked->question,
          [this, asked, line = lines_.number()](
              const std::shared_ptr<const service::Answer>& answer, service::Source source) {
            const std::lock_guard lock(mutex_);
            answers_.push_back({line, asked, answer, source});
            const std::uint64_t one = 1;
            [[maybe_unused]] const ssize_t rung = ::write(bell_.get(), &one, sizeof one);
          });
      ASSAY_INVARIANT(taken);
    } catch (const datasets::RowError& error) {
      refuse(id, error.what_is_wrong);
    }
  }

  void refuse(const nlohmann::json& id, const std::string& why) {
    ++bad_;
    nlohmann::json record = {{"line", lines_.number()}, {"error", why}};
    if (!id.is_null()) record["id"] = id;
    print_json(record);
  }

  void print_answers() {
    std::vector<Answered> answers;
    {
      const std::lock_guard lock(mutex_);
      answers.swap(answers_);
    }
    for (const Answered& one : answers) show(one);
    if (!answers.empty() || bad_ > bad_flushed_) output().flush();
    bad_flushed_ = bad_;
  }

  void show(const Answered& one) {
    --in_flight_;
    const auto reward = one.answer->reward();
    const bool judged =
        one.answer->ran ? one.answer->outcome.end != sandbox::End::missing : reward.has_value();
    ++(judged ? judged_ : unjudged_);
    nlohmann::json record = service::record_with_errors(*one.answer, *one.asked, errors_);
    if (one.source != service::Source::judged) record["cached"] = true;
    if (one.asked->id.is_null()) record["line"] = one.line;
    if (options_.reward) {
      for (auto at = record.begin(); at != record.end();)
        at = kRewardKeys.contains(at.key()) ? std::next(at) : record.erase(at);
    }
    print_json(record);
  }

  /// For a line, an answer, a signal, or the end of whoever reads.
  void wait() {
    const bool reads = in_flight_ < options_.in_flight && lines_.wants_more();
    pollfd polled[] = {
        {reads ? lines_.descriptor() : -1, POLLIN, 0}, {bell_.get(), POLLIN, 0}, {1, 0, 0}};
    {
      const std::lock_guard lock(mutex_);
      if (!answers_.empty() || (lines_.at_end() && in_flight_ == 0)) return;
    }
    if (poll(polled, std::size(polled), kLookEveryMs) <= 0) return;
    std::uint64_t rings = 0;
    [[maybe_unused]] const ssize_t heard = ::read(bell_.get(), &rings, sizeof rings);
    if (polled[0].revents != 0) lines_.read_more();
    if (polled[2].revents & POLLERR) throw ReaderGone{};
  }

  void say_end() {
    const service::Figures figures = desk_->figures();
    remark(common_.quiet,
           fmt::format("{} judged, {} of them from memory or together with an equal one, {} judged "
                       "again alone, {} not judged, {} lines not understood",
                       judged_, figures.remembered + figures.joined, figures.judged_again,
                       unjudged_, bad_));
  }

  const Common& common_;
  Options& options_;
  const std::atomic<bool>& stop_;
  Lines lines_;
  const Fd bell_;
  std::mutex mutex_;
  std::vector<Answered> answers_;
  service::Catalog catalog_;
  const service::KnownErrors errors_;
  std::size_t in_flight_ = 0, judged_ = 0, unjudged_ = 0, bad_ = 0, bad_flushed_ = 0;
  bool stopped_ = false;
  std::unique_ptr<service::Desk> desk_;  ///< ends first: its threads ring the bell
};

}  // namespace

Act add_judge(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_service_options(command, options->service);
  command
      .add_option("file", options->file, "Questions, one JSON object a line; - is standard input")
      ->capture_default_str();
  command.add_flag("--reward", options->reward, "Print id, reward and status alone");
  command
      .add_option("--in-flight", options->in_flight,
                  "So many questions are under way at a time; reading waits while they are")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.footer(
      "A question is {\"id\"?, \"task_id\", \"solution\" or \"completion\", \"suite\"?} of a --dataset, or "
      "brings its tests:\n{\"code\", \"tests\": [{\"input\", \"output\"}]}, {\"code\", \"entry_point\", "
      "\"reference\"?, \"tests\": text}. Answers come as\nthey are made, in any order; a reward is 1, 0, or "
      "null where it could not be judged. Nothing is stored.\ndocs/service.md has every key.\n"
      "Example: assay judge --dataset humaneval --reward < answers.jsonl\n"
      "         echo '{\"code\": \"def f(x): return x + 1\", \"entry_point\": \"f\", \"tests\": \"assert "
      "f(1) == 2\"}' | assay judge");
  return [&common, options] { return JudgeCommand(common, *options).run(); };
}

}  // namespace assay::cli
