#include "harness/cli/output_path.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "harness/base/error.h"

namespace assay::cli {

namespace fs = std::filesystem;

static constexpr const char* kBeside[] = {"-wal", "-shm", "-journal"};

/// Behind links, also where they lead to what is not there yet.
static fs::path resolved(const std::string& path) {
  static constexpr int kLinksMax = 40;
  std::error_code ignored;
  fs::path file = fs::absolute(path);
  for (int links = 0; links < kLinksMax && fs::is_symlink(file, ignored); ++links)
    file = file.parent_path() / fs::read_symlink(file, ignored);
  const fs::path whole = fs::weakly_canonical(file, ignored);
  return ignored ? file : whole;
}

static bool is_sqlite(const fs::path& file) {
  static constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return false;
  std::string begin(kMagic.size(), ' ');
  std::ifstream(file, std::ios::binary)
      .read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin == kMagic;
}

void refuse_database(const std::string& option, const std::string& path,
                     const std::string& database) {
  if (path.empty() || path == "-") return;
  const auto refuse = [&](const std::string& what) {
    throw Error(fmt::format("{} {}: {}; name another file", option, path, what), ExitCode::usage);
  };
  const fs::path file = resolved(path), own = resolved(database);
  const auto same = [&](const fs::path& other) {
    std::error_code ignored;  // equivalent: a hard link
    return file == other || fs::equivalent(file, other, ignored);
  };
  if (same(own)) refuse("is the database itself");
  if (is_sqlite(file)) refuse("is an SQLite database");
  for (const std::string_view end : kBeside) {
    if (same(own.string() += end)) refuse("belongs to the database " + database);
    const std::string name = file.string();
    if (name.ends_with(end) && is_sqlite(name.substr(0, name.size() - end.size())))
      refuse("belongs to the database beside it");
  }
}

}  // namespace assay::cli
