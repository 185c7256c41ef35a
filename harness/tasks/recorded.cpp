#include "harness/tasks/recorded.h"

#include <fmt/format.h>

#include <csv.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <unordered_map>

#include "datasets/forms/rows.h"
#include "harness/base/error.h"
#include "harness/base/text_file.h"

namespace assay::tasks {

namespace {

using Scores = std::unordered_map<const Stored*, double>;

/// Scores the draws of a sample file.
class Recorded : public search::PrefixVerifier {
 public:
  Recorded(std::shared_ptr<const SampleFile> file, Scores scores)
      : file_(std::move(file)), scores_(std::move(scores)) {}

  search::Stage stage() const override { return search::Stage::answers; }

  std::vector<search::Score> score(const search::Problem&,
                                   std::span<const search::Prefix> prefixes) override {
    std::vector<search::Score> out;
    for (const search::Prefix& prefix : prefixes) {
      out.emplace_back();
      if (prefix->finish != search::Finish::complete) continue;
      const auto found = scores_.find(&SampleFile::drawn(prefix));
      if (found != scores_.end()) out.back() = {found->second, true};
    }
    return out;
  }

 private:
  const std::shared_ptr<const SampleFile> file_;
  const Scores scores_;
};

/// Joins rows with the samples of a file.
class Reader {
 public:
  Reader(const SampleFile& file, std::string column, bool any_number)
      : file_(file), column_(std::move(column)), any_number_(any_number) {}

  void take(const datasets::Row& row) {
    ++rows_;
    if (!row.has(column_))
      row.refuse(
          fmt::format("there is no \"{}\"; recorded:FILE,COLUMN names another column", column_));
    const std::string task_id = row.id_or_empty("task_id"),
                      sample_id = row.id_or_empty("sample_id"), model = row.name_or_empty("model");
    if (task_id.empty() || sample_id.empty())
      row.refuse("a row names its sample by \"task_id\" and \"sample_id\"");
    const std::optional<double> score = score_of(row);
    const std::vector<const Stored*> found = file_.find(task_id, sample_id, model);
    if (found.empty()) {
      ++elsewhere_;
      return;
    }
    if (found.size() > 1)
      row.refuse(fmt::format("sample {} of {} is there of several models in {}: name the \"model\"",
                             sample_id, task_id, file_.path()));
    if (!seen_.insert(found.front()).second)
      row.refuse(fmt::format("sample {} of {} comes twice", sample_id, task_id));
    if (score) scores_[found.front()] = *score;
  }

  std::int64_t rows() const { return rows_; }
  std::int64_t elsewhere() const { return elsewhere_; }
  Scores& scores() { return scores_; }

 private:
  /// None where the sample was not judged.
  std::optional<double> score_of(const datasets::Row& row) const {
    const Value& value = row.value(column_);
    double score = 0;
    if (value.kind == Kind::none || (value.kind == Kind::str && value.text.empty()))
      return std::nullopt;
    if (value.kind == Kind::integer) {
      score = static_cast<double>(value.integer);
    } else if (value.kind == Kind::real) {
      score = value.real;
    } else {
      const char* end = value.text.data() + value.text.size();
      const auto [at, error] = std::from_chars(value.text.data(), end, score);
      if (value.kind != Kind::str || error != std::errc() || at != end) score = NAN;
    }
    if (!std::isfinite(score))
      row.refuse(fmt::format(
          "\"{}\" is no number; where the sample was not judged, it is null or empty", column_));
    if (!any_number_ && (score < 0 || score > 1))
      row.refuse(
          fmt::format("\"{}\" is {:g}, not within 0 to 1: scale the scores, or let "
                      "recorded:FILE+calibrated turn them into chances",
                      column_, score));
    return score;
  }

  const SampleFile& file_;
  const std::string column_;
  const bool any_number_;
  std::int64_t rows_ = 0, elsewhere_ = 0;
  std::set<const Stored*> seen_;
  Scores scores_;
};

void read_csv(const std::string& path, const std::string& column, Reader& reader) {
  std::istringstream text(read_text_file(path));
  try {
    io::CSVReader<4, io::trim_chars<' ', '\t'>, io::double_quote_escape<',', '"'>> csv(path, text);
    csv.read_header(io::ignore_missing_column | io::ignore_extra_column, "task_id", "sample_id",
                    column, "model");
    for (const std::string& name : {std::string("task_id"), std::string("sample_id"), column}) {
      if (!csv.has_column(name))
        throw Error(fmt::format("{}:1: the header lacks the column {}{}", path, name,
                                name == column ? "; recorded:FILE,COLUMN names another" : ""));
    }
    std::string task_id, sample_id, score, model;
    while (csv.read_row(task_id, sample_id, score, model)) {
      const auto text_of = [](const std::string& one) { return Value::of_str(one); };
      reader.take(
          {Value::sequence(Kind::dict, {text_of("task_id"), text_of(task_id), text_of("sample_id"),
                                        text_of(sample_id), text_of(column), text_of(score),
                                        text_of("model"), text_of(model)}),
           {path, csv.get_file_line()}});
    }
  } catch (const io::error::base& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
}

bool is_json(const std::string& path) {
  LineReader reader(path);
  std::string line;
  if (!reader.next_filled(line)) throw Error(path + " is empty");
  const char first = line[line.find_first_not_of(" \t\r\f\v")];
  return first == '{' || first == '[';
}

}  // namespace

std::unique_ptr<search::PrefixVerifier> recorded_verifier(const std::string& name,
                                                          std::shared_ptr<const SampleFile> file,
                                                          bool any_number, const Tell& tell) {
  std::string path = name, column = "score";
  std::error_code error;
  const std::size_t comma = name.rfind(',');
  if (comma != name.npos && !std::filesystem::exists(name, error)) {
    path = name.substr(0, comma);
    column = name.substr(comma + 1);
  }
  Reader reader(*file, column, any_number);
  if (is_json(path)) {
    LineReader lines(path);
    datasets::for_each_row(lines, [&](datasets::Row&& row) { reader.take(row); }, {},
                           {"task_id", "sample_id", "model", column});
  } else {
    read_csv(path, column, reader);
  }
  if (reader.scores().empty())
    throw Error(
        fmt::format("{}: none of its {} rows scores a sample of {}; they are joined by "
                    "task_id and sample_id",
                    path, reader.rows(), file->path()));
  if (tell && reader.elsewhere() > 0)
    tell(fmt::format("{}: {} of its {} rows are of samples that are not tried", path,
                     reader.elsewhere(), reader.rows()));
  return std::make_unique<Recorded>(std::move(file), std::move(reader.scores()));
}

}  // namespace assay::tasks
