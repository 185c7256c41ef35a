#include "harness/base/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/memory_file.h"
#include "harness/base/unpacked.h"

namespace assay {

struct LineReader::State {
  TextPlace place;
  Fd file;  // until its first bytes are asked for
  std::unique_ptr<ByteSource> bytes;
  std::vector<char> buffer = std::vector<char>(1 << 16);
  std::size_t begin = 0, end = 0;  // what of `buffer` is not yet given out
  std::uint64_t line_bytes_max = kLineBytesMax;

  State(std::string name, Fd from) : place{std::move(name)}, file(std::move(from)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool fill() {
    if (!bytes) bytes = unpacked(std::move(file), place);
    begin = 0;
    end = bytes->read(buffer.data(), buffer.size());
    return end > 0;
  }
};

static Fd open_file(const std::string& path, int flags = 0) {
  Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (!file) {
    throw Error(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
  }
  struct stat facts;
  if (fstat(file.get(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
    throw Error(fmt::format("{}: is a folder, where a file is expected", path));
  }
  return file;
}

LineReader::LineReader(const std::string& path)
    : state_(std::make_unique<State>(path, open_file(path))) {}
LineReader::LineReader(const std::string& path, std::uint64_t line_bytes_max) : LineReader(path) {
  state_->line_bytes_max = line_bytes_max;
}
LineReader::LineReader(const std::string& name, std::string_view bytes)
    : state_(std::make_unique<State>(name, memory_file("assay-text", bytes))) {}
LineReader::LineReader(const std::string& name, Fd file, std::uint64_t line_bytes_max)
    : state_(std::make_unique<State>(name, std::move(file))) {
  state_->line_bytes_max = line_bytes_max;
}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

std::uint64_t LineReader::line_number() const { return state_->place.line; }
const std::string& LineReader::name() const { return state_->place.name; }
std::string LineReader::at(const std::string& what) const {
  return fmt::format("{}:{}: {}", state_->place.name, state_->place.line, what);
}

bool LineReader::next(std::string& line) {
  State& s = *state_;
  line.clear();
  std::uint64_t bytes = 0;
  bool any = false;
  for (;;) {
    if (s.begin == s.end && !s.fill()) break;
    any = true;
    const char* from = s.buffer.data() + s.begin;
    const char* until = s.buffer.data() + s.end;
    const char* newline = std::find(from, until, '\n');
    bytes += static_cast<std::uint64_t>(newline - from);
    if (bytes <= s.line_bytes_max) line.append(from, newline);
    if (bytes > kTextBytesMax) {
      throw Error(fmt::format("{}:{}: the line is longer than {} MiB", s.place.name,
                              s.place.line + 1, kTextBytesMax >> 20));
    }
    s.begin = static_cast<std::size_t>(newline - s.buffer.data());
    if (newline != until) {
      ++s.begin;
      break;
    }
  }
  if (!any) return false;
  ++s.place.line;
  if (bytes > s.line_bytes_max) {
    line.clear();
    throw LineTooLong(at(""),
                      fmt::format("the line is longer than {} MiB", s.line_bytes_max >> 20));
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (s.place.line == 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
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
      throw Error(fmt::format("{}: the text is longer than {} MiB", state_->place.name,
                              kTextBytesMax >> 20));
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
  const Fd file = open_file(path);
  char magic[2] = {};
  return read(file.get(), magic, 2) == 2 && std::string_view(magic, 2) == "\x1f\x8b";
}

std::string read_text_file(const std::string& path) {
  LineReader reader(path);
  return reader.rest();
}

std::string read_file_bytes(const std::string& path, std::uint64_t bytes_max) {
  const Fd file = open_file(path, O_NONBLOCK);  // a pipe would wait for whoever writes it
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
