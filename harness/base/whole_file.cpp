#include "harness/base/whole_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/base/error.h"

namespace assay {

void write_whole_file(const std::string& path, std::string_view bytes) {
  const std::string part = fmt::format("{}.{}.part", path, getpid());
  std::error_code trouble;
  errno = 0;
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file)
    trouble = {errno != 0 ? errno : EIO, std::generic_category()};
  else
    std::filesystem::rename(part, path, trouble);
  if (!trouble) return;
  const std::string cause = trouble.message();
  std::filesystem::remove(part, trouble);
  throw Error(fmt::format("{}: cannot be written: {}; check its folder and the space on its disk",
                          path, cause));
}

}  // namespace assay
