#include "harness/base/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "harness/base/error.h"

namespace assay {

// zlib's gzFile reads plain files as they are, and gzipped ones (of several members too) unzipped.
struct LineReader::State {
  std::string name;
  gzFile file = nullptr;
  std::vector<char> buffer = std::vector<char>(1 << 16);
  std::size_t begin = 0, end = 0;  // what of `buffer` is not yet given out
  std::uint64_t line = 0;

  State(std::string file_name, int descriptor) : name(std::move(file_name)) {
    file = gzdopen(descriptor, "rb");
    if (!file) {
      close(descriptor);
      throw Error(fmt::format("{}: not enough memory to read it", name));
    }
    gzbuffer(file, 1 << 17);
  }
  ~State() { gzclose_r(file); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool fill() {
    const int count = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
    int code = Z_OK;
    const char* text = gzerror(file, &code);
    if (code == Z_ERRNO) {
      throw Error(fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
    }
    // A truncated stream reads as a plain end unless the code is asked for. What came is given out
    // first.
    if (code == Z_BUF_ERROR && count <= 0) {
      throw Error(fmt::format(
          "{}: the gzip data ends too early after line {}; the file is truncated", name, line));
    }
    if (count < 0 || (code != Z_OK && code != Z_BUF_ERROR)) {
      throw Error(fmt::format("{}: the gzip data is corrupt after line {} ({})", name, line, text));
    }
    begin = 0;
    end = static_cast<std::size_t>(count);
    return count > 0;
  }
};

static int open_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw Error(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
  }
  struct stat facts;
  if (fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode)) {
    close(descriptor);
    throw Error(fmt::format("{}: is a folder, where a file is expected", path));
  }
  return descriptor;
}

static int memory_file(const std::string& name, std::string_view bytes) {
  const int descriptor = memfd_create("assay-text", MFD_CLOEXEC);
  if (descriptor < 0) throw Error(fmt::format("{}: {}", name, std::strerror(errno)));
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      close(descriptor);
      throw Error(fmt::format("{}: {}", name, std::strerror(errno)));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  lseek(descriptor, 0, SEEK_SET);
  return descriptor;
}

LineReader::LineReader(const std::string& path)
    : state_(std::make_unique<State>(path, open_file(path))) {}
LineReader::LineReader(const std::string& name, std::string_view bytes)
    : state_(std::make_unique<State>(name, memory_file(name, bytes))) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

std::uint64_t LineReader::line_number() const { return state_->line; }
const std::string& LineReader::name() const { return state_->name; }
std::string LineReader::at(const std::string& what) const {
  return fmt::format("{}:{}: {}", state_->name, state_->line, what);
}

bool LineReader::next(std::string& line) {
  State& s = *state_;
  line.clear();
  bool any = false;
  for (;;) {
    if (s.begin == s.end && !s.fill()) break;
    any = true;
    const char* from = s.buffer.data() + s.begin;
    const char* until = s.buffer.data() + s.end;
    const char* newline = std::find(from, until, '\n');
    line.append(from, newline);
    s.begin = static_cast<std::size_t>(newline - s.buffer.data());
    if (line.size() > kLineBytesMax) {
      throw Error(fmt::format("{}:{}: the line is longer than {} MiB", s.name, s.line + 1,
                              kLineBytesMax >> 20));
    }
    if (newline != until) {
      ++s.begin;
      break;
    }
  }
  if (!any) return false;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (++s.line == 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
  return true;
}

std::string LineReader::rest() {
  State& s = *state_;
  std::string text(s.buffer.data() + s.begin, s.end - s.begin);
  while (s.fill()) text.append(s.buffer.data(), s.end);
  s.begin = s.end;
  return text;
}

bool LineReader::next_filled(std::string& line) {
  while (next(line)) {
    if (line.find_first_not_of(" \t\r\f\v") != std::string::npos) return true;
  }
  return false;
}

std::string read_text_file(const std::string& path) {
  LineReader reader(path);
  return reader.rest();
}

std::string read_file_bytes(const std::string& path) {
  const int descriptor = open_file(path);
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int trouble = errno;
      close(descriptor);
      throw Error(fmt::format("{}: cannot be read: {}", path, std::strerror(trouble)));
    }
    if (count == 0) break;
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
  close(descriptor);
  return bytes;
}

}  // namespace assay
