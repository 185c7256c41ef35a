#include "harness/base/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/fd.h"
#include "harness/base/memory_file.h"

namespace assay {

// zlib's gzFile reads plain files as they are, and gzipped ones (of several members too) unzipped.
struct LineReader::State {
  std::string name;
  gzFile file = nullptr;
  std::vector<char> buffer = std::vector<char>(1 << 16);
  std::size_t begin = 0, end = 0;  // what of `buffer` is not yet given out
  std::uint64_t line = 0;
  std::uint64_t line_bytes_max = kLineBytesMax;

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

static int open_file(const std::string& path, int flags = 0) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
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

LineReader::LineReader(const std::string& path)
    : state_(std::make_unique<State>(path, open_file(path))) {}
LineReader::LineReader(const std::string& path, std::uint64_t line_bytes_max) : LineReader(path) {
  state_->line_bytes_max = line_bytes_max;
}
LineReader::LineReader(const std::string& name, std::string_view bytes)
    : state_(std::make_unique<State>(name, memory_file("assay-text", bytes).release())) {}
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
    if (line.size() > s.line_bytes_max) {
      throw Error(fmt::format("{}:{}: the line is longer than {} MiB", s.name, s.line + 1,
                              s.line_bytes_max >> 20));
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

bool LineReader::next_piece(std::string_view& piece) {
  State& s = *state_;
  if (s.begin == s.end && !s.fill()) return false;
  piece = std::string_view(s.buffer.data() + s.begin, s.end - s.begin);
  s.begin = s.end;
  return true;
}

std::string LineReader::rest() {
  std::string text;
  for (std::string_view piece; next_piece(piece);) {
    text += piece;
    if (text.size() > kTextBytesMax) {
      throw Error(
          fmt::format("{}: the text is longer than {} MiB", state_->name, kTextBytesMax >> 20));
    }
  }
  return text;
}

bool LineReader::next_filled(std::string& line) {
  while (next(line)) {
    if (line.find_first_not_of(" \t\r\f\v") != std::string::npos) return true;
  }
  return false;
}

bool is_gzipped(const std::string& path) {
  const Fd file(open_file(path));
  char magic[2] = {};
  return read(file.get(), magic, 2) == 2 && std::string_view(magic, 2) == "\x1f\x8b";
}

std::string read_text_file(const std::string& path) {
  LineReader reader(path);
  return reader.rest();
}

std::string read_file_bytes(const std::string& path, std::uint64_t bytes_max) {
  const Fd file(open_file(path, O_NONBLOCK));  // a pipe would wait for whoever writes it
  struct stat facts;
  if (fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    throw Error(fmt::format("{}: is no regular file", path));
  }
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    }
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(count));
    if (bytes.size() > bytes_max) {
      throw Error(fmt::format("{}: is larger than {} MiB", path, bytes_max >> 20));
    }
  }
}

}  // namespace assay
