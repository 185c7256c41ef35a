#include "harness/endpoint/replies.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace assay::endpoint {

using nlohmann::json;

static constexpr std::string_view kLineBegin = "{\"key\":\"";

static std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Replies::Replies(const std::string& path, const std::string& option) : path_(path) {
  if (path.empty()) return;
  const auto keep_line = [&](std::int64_t number, std::string_view line) {
    const json row = json::parse(line, nullptr, false);
    if (!row.is_object() || !row.contains("key") || !row["key"].is_string() ||
        !row.contains("reply") || !row["reply"].is_object())
      throw Error(fmt::format("{}:{}: it is no kept reply; give {} a file of its own", path, number,
                              option));
    known_.try_emplace(row["key"].get<std::string>(), text_of(row["reply"]));
  };
  file_ = GrowingFile(path, fmt::format("{} {}", option, path), kLineBegin, keep_line);
  read_ = static_cast<std::int64_t>(known_.size());
  if (file_.mended())
    note_ = fmt::format("{}: its last line was cut off and is removed; {} replies before it stand",
                        path, read_);
}

std::optional<json> Replies::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  if (found == known_.end()) return std::nullopt;
  ++reused_;
  return json::parse(found->second);
}

void Replies::keep(const std::string& key, const json& reply) {
  const std::string text = text_of(reply);
  const std::lock_guard lock(mutex_);
  if (!known_.try_emplace(key, text).second || !file_.is_open()) return;
  file_.append(fmt::format("{}{}\",\"reply\":{}}}\n", kLineBegin, key, text));
}

std::int64_t Replies::reused() const {
  const std::lock_guard lock(mutex_);
  return reused_;
}

Error of_another_form() {
  return Error("the file of --replies holds a reply of another form; give it a file of its own");
}

}  // namespace assay::endpoint
