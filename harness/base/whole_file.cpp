#include "harness/base/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "harness/base/error.h"
#include "harness/base/fd.h"

namespace assay {

namespace {

/// A file in `folder` under a name of its own; it is removed again unless it was moved into place.
/// Its functions return 0 or an errno.
class PartFile {
 public:
  explicit PartFile(int folder) : folder_(folder) {}
  ~PartFile() {
    if (file_) unlinkat(folder_, name_.c_str(), 0);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  int create() {
    std::uint64_t words[2];
    if (getrandom(words, sizeof words, 0) != sizeof words) return EAGAIN;
    name_ = fmt::format(".assay-{:016x}{:016x}.part", words[0], words[1]);
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_ = Fd(openat(folder_, name_.c_str(), kNew, 0666));
    return file_ ? 0 : errno;
  }

  int fill(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) return errno;
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return fsync(file_.get()) == 0 ? 0 : errno;
  }

  int move_to(const std::string& name) {
    if (renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) return errno;
    file_.reset();
    // The new name must survive too. Some file systems cannot sync a folder; that is no failure.
    return fsync(folder_) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
  }

 private:
  const int folder_;
  std::string name_;
  Fd file_;
};

}  // namespace

static int write_into(int folder, const std::string& name, std::string_view bytes) {
  PartFile part(folder);
  int trouble = part.create();
  if (trouble == 0) trouble = part.fill(bytes);
  if (trouble == 0) trouble = part.move_to(name);
  return trouble;
}

void write_whole_file(const std::string& path, std::string_view bytes) {
  const std::filesystem::path whole(path);
  const std::string folder_path = whole.has_parent_path() ? whole.parent_path().string() : ".";
  struct stat there;
  if (stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    throw Error(fmt::format("{}: cannot be written: something other than a file is there", path));
  }
  const Fd folder(open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int trouble = folder ? write_into(folder.get(), whole.filename().string(), bytes) : errno;
  if (trouble == 0) return;
  throw Error(fmt::format("{}: cannot be written: {}; check its folder and the space on its disk",
                          path, std::strerror(trouble)));
}

}  // namespace assay
