#include "harness/tasks/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "datasets/sample.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/numbers.h"
#include "harness/samples/bad_rows.h"
#include "harness/samples/source.h"

namespace assay::tasks {

using search::Prefix;

namespace {

/// Whole answers; greedy takes the first.
class SamplePolicy : public search::Policy {
 public:
  explicit SamplePolicy(std::shared_ptr<const SampleFile> file) : file_(std::move(file)) {}

  search::Capabilities capabilities() const override { return {false, false, true, 1024}; }

  Prefix open(const search::Problem& problem) override {
    const std::vector<Stored>& samples = file_->of(problem.task_id);
    ASSAY_INVARIANT(!samples.empty());
    return search::make_root(problem.task_id,
                             std::make_shared<const std::vector<Stored>*>(&samples));
  }

  std::vector<Prefix> extend(std::span<search::Ask> asks) override {
    std::vector<Prefix> out;
    for (search::Ask& ask : asks) {
      const auto& samples =
          **std::static_pointer_cast<const std::vector<Stored>*>(ask.prefix->state);
      const std::size_t at =
          ask.greedy ? 0 : ask.stream.below(static_cast<std::uint32_t>(samples.size()));
      const Stored& sample = samples[at];
      search::Node step;
      step.text = sample.text;
      step.alone = !sample.is_completion;
      step.tokens_out = static_cast<std::int64_t>((sample.text.size() + 3) / 4);
      step.finish = search::Finish::complete;
      step.state = std::make_shared<const Stored*>(&sample);
      out.push_back(search::behind(ask.prefix, std::move(step)));
    }
    return out;
  }

 private:
  const std::shared_ptr<const SampleFile> file_;
};

/// What a row without a sample_id is called, by the problem and the model: as `assay run` counts
/// them in an empty database, on from the highest number that has come.
class Numbers {
 public:
  std::string next(const std::string& task_id, const std::string& model) {
    return std::to_string(next_[{task_id, model}]++);
  }
  void seen(const std::string& task_id, const std::string& model, const std::string& sample_id) {
    std::int64_t& next = next_[{task_id, model}];
    if (const auto number = number_in<std::int64_t>(sample_id)) next = std::max(next, *number + 1);
  }

 private:
  std::map<std::pair<std::string, std::string>, std::int64_t> next_;
};

/// Leaves out, or refuses, what has no sample.
void keep_sampled(explore::Task& task, const SampleFile& file, bool leave_out) {
  const auto lacks = [&](const search::Problem& one) { return file.of(one.task_id).empty(); };
  const auto first = std::find_if(task.problems.begin(), task.problems.end(), lacks);
  if (first == task.problems.end()) return;
  const auto count = std::count_if(task.problems.begin(), task.problems.end(), lacks);
  const auto all = static_cast<std::ptrdiff_t>(task.problems.size());
  if (!leave_out || count == all) {
    throw Error(fmt::format(
        "--policy {}{}: {} of {} problems of {} {} no sample in it; the first is {}{}",
        kSamplesPrefix, file.path(), count, all, task.name, count == 1 ? "has" : "have",
        first->task_id, count == all ? "" : "; --only-sampled leaves such problems out"));
  }
  std::erase_if(task.problems, lacks);
  for (std::size_t i = 0; i < task.problems.size(); ++i) task.problems[i].index = i;
}

}  // namespace

SampleFile::SampleFile(const std::string& path, const std::vector<std::string>& task_ids,
                       const Tell& tell)
    : path_(path) {
  for (const std::string& id : task_ids) named_.problems.emplace_back().task_id = id;
  index_.emplace(named_);
  const samples::Source source = samples::file_source(path);
  samples::BadRows bad;
  Numbers numbers;
  std::map<std::tuple<std::string, std::string, std::string>, std::pair<bool, std::string>> seen;
  Hasher hasher;
  std::int64_t good = 0, elsewhere = 0;
  std::string first_elsewhere;
  source.read(
      [&](datasets::Sample&& sample) {
        const datasets::Problem* problem = index_->find(sample.task_id);
        if (!problem) {
          if (elsewhere++ == 0) first_elsewhere = sample.task_id;
          return;
        }
        Stored one{std::move(sample.text), sample.is_completion,
                   sample.model.empty() ? source.model : std::move(sample.model),
                   std::move(sample.sample_id)};
        if (one.sample_id.empty()) one.sample_id = numbers.next(problem->task_id, one.model);
        numbers.seen(problem->task_id, one.model, one.sample_id);
        ++good;
        const auto [known, is_new] = seen.try_emplace({problem->task_id, one.model, one.sample_id},
                                                      std::pair(one.is_completion, one.text));
        if (!is_new) {
          if (known->second == std::pair(one.is_completion, one.text)) return;
          throw Error(fmt::format(
              "{}: sample {} of {} comes with another text before; give one of them another "
              "sample_id or model",
              sample.place.text(), one.sample_id, problem->task_id));
        }
        for (const std::string& part : {problem->task_id, one.model, one.sample_id, one.text})
          hasher.add(part);
        hasher.add(one.is_completion ? "completion" : "solution");
        samples_[problem->task_id].push_back(std::move(one));
      },
      [&](const datasets::RowError& error) { bad.note(error); });
  bad.end_source(good + elsewhere);
  if (good == 0)
    throw Error(
        fmt::format("{}: none of its {} samples is of a problem that is tried: they are of "
                    "problems such as {}; is --task right for them?",
                    path, elsewhere, first_elsewhere));
  identity_ = hasher.hex();
  if (tell && bad.count() > 0)
    tell(fmt::format("{}: {} rows cannot be read and are passed over; the first is {}: {}", path,
                     bad.count(), bad.first().front().place, bad.first().front().why));
  if (tell && elsewhere > 0)
    tell(fmt::format("{}: {} samples are of problems that are not tried, such as {}", path,
                     elsewhere, first_elsewhere));
}

const std::vector<Stored>& SampleFile::of(const std::string& task_id) const {
  static const std::vector<Stored> none;
  const auto found = samples_.find(task_id);
  return found == samples_.end() ? none : found->second;
}

std::vector<const Stored*> SampleFile::find(const std::string& task_id,
                                            const std::string& sample_id,
                                            const std::string& model) const {
  std::vector<const Stored*> out;
  const datasets::Problem* problem = index_->find(task_id);
  if (!problem) return out;
  for (const Stored& one : of(problem->task_id))
    if (one.sample_id == sample_id && (model.empty() || one.model == model)) out.push_back(&one);
  return out;
}

const Stored& SampleFile::drawn(const Prefix& prefix) {
  return **std::static_pointer_cast<const Stored*>(prefix->state);
}

std::shared_ptr<const SampleFile> add_samples(explore::Task& task, const std::string& path,
                                              bool leave_out, const Tell& tell) {
  std::vector<std::string> ids;
  const auto name_those_of = [&](const explore::Task& one) {
    for (const search::Problem& problem : one.problems) ids.push_back(problem.task_id);
  };
  name_those_of(task);
  if (task.calibration) name_those_of(task.calibration());
  const auto file = std::make_shared<const SampleFile>(path, ids, tell);
  const std::size_t all = task.problems.size();
  keep_sampled(task, *file, leave_out);
  if (tell && task.problems.size() < all)
    tell(fmt::format("{} of the {} problems are left out: {} has no sample of them",
                     all - task.problems.size(), all, path));
  if (task.calibration) {
    task.calibration = [others = std::move(task.calibration), file, leave_out] {
      explore::Task left = others();
      keep_sampled(left, *file, leave_out);
      return left;
    };
  }
  task.policies[std::string(kSamplesPrefix) + path] = [file] {
    return std::make_unique<SamplePolicy>(file);
  };
  return file;
}

}  // namespace assay::tasks
