#include "harness/base/growing_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/base/error.h"
#include "harness/base/text_file.h"

namespace assay {

static constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 36;

GrowingFile::GrowingFile(const std::string& path, const std::string& name,
                         std::string_view line_begin, const TakeLine& take)
    : path_(path) {
  file_ = Fd(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file_) throw Error(fmt::format("{}: it cannot be opened: {}", name, std::strerror(errno)));
  if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
    throw Error(fmt::format("{}: another process writes to it", name));
  const std::string all = read_file_bytes(path, kBytesMax);
  std::string_view rest = all;
  for (std::int64_t number = 1;; ++number) {
    const std::size_t end = rest.find('\n');
    if (end == rest.npos) break;
    take(number, rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  if (rest.empty()) return;
  const std::size_t both = std::min(rest.size(), line_begin.size());
  if (rest.substr(0, both) != line_begin.substr(0, both))
    throw Error(
        fmt::format("{}: its last line is none of those that are kept in it; name a file of "
                    "its own",
                    name));
  mended_ = true;
  if (ftruncate(file_.get(), static_cast<off_t>(all.size() - rest.size())) != 0)
    throw Error(
        fmt::format("{}: its cut last line cannot be removed: {}", name, std::strerror(errno)));
}

void GrowingFile::append(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t count = write(file_.get(), lines.data(), lines.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw Error(fmt::format("{}: a line cannot be written: {}; what is in it stands", path_,
                              std::strerror(errno)));
    lines.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace assay
