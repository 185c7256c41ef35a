#include "harness/endpoint/replies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/text_file.h"

namespace assay::endpoint {

using nlohmann::json;

static constexpr std::string_view kLineBegin = "{\"key\":\"";

static std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Replies::Replies(const std::string& path, const std::string& option) : path_(path) {
  if (path.empty()) return;
  file_ = Fd(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file_)
    throw Error(fmt::format("{} {}: it cannot be opened: {}", option, path, std::strerror(errno)));
  if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
    throw Error(fmt::format("{} {}: another process writes to it", option, path));
  const std::string all = read_file_bytes(path, std::uint64_t{1} << 36);
  std::size_t begin = 0;
  for (std::int64_t line = 1; begin < all.size(); ++line) {
    const std::size_t end = all.find('\n', begin);
    if (end == all.npos) break;
    const json row = json::parse(all.begin() + static_cast<std::ptrdiff_t>(begin),
                                 all.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!row.is_object() || !row.contains("key") || !row["key"].is_string() ||
        !row.contains("reply") || !row["reply"].is_object())
      throw Error(
          fmt::format("{}:{}: it is no kept reply; give {} a file of its own", path, line, option));
    known_.try_emplace(row["key"].get<std::string>(), text_of(row["reply"]));
    begin = end + 1;
  }
  read_ = static_cast<std::int64_t>(known_.size());
  if (begin == all.size()) return;
  const std::size_t compared = std::min(all.size() - begin, kLineBegin.size());
  if (all.compare(begin, compared, kLineBegin, 0, compared) != 0)
    throw Error(
        fmt::format("{}: its last line is no kept reply; give {} a file of its own", path, option));
  note_ = fmt::format("{}: its last line was cut off and is removed; {} replies before it stand",
                      path, read_);
  if (ftruncate(file_.get(), static_cast<off_t>(begin)) != 0)
    throw Error(
        fmt::format("{}: its cut last line cannot be removed: {}", path, std::strerror(errno)));
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
  if (!known_.try_emplace(key, text).second || !file_) return;
  const std::string line = fmt::format("{}{}\",\"reply\":{}}}\n", kLineBegin, key, text);
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t count = write(file_.get(), line.data() + at, line.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw Error(fmt::format("{}: a reply cannot be written: {}", path_, std::strerror(errno)));
    at += static_cast<std::size_t>(count);
  }
}

std::int64_t Replies::reused() const {
  const std::lock_guard lock(mutex_);
  return reused_;
}

Error of_another_form() {
  return Error("the file of --replies holds a reply of another form; give it a file of its own");
}

}  // namespace assay::endpoint
