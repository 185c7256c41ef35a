// Programs in other languages than Python: compiled once, in a jail of compilers, and run in a jail that
// holds no compiler.
#include <elf.h>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/memory_file.h"
#include "sandbox/runtime/process/products.h"
#include "sandbox/supervise/meter.h"
#include "sandbox/supervise/worker_state.h"

namespace assay::sandbox {

namespace {

constexpr std::size_t kSaidMax = 64 << 10;

// ---- compiling

/// What a compiler says where it wants more than it may have.
bool speaks_of_memory(std::string_view said) {
  for (const char* words :
       {"out of memory", "memory exhausted", "Cannot allocate memory", "std::bad_alloc",
        "OutOfMemoryError", "memory allocation of", "signal terminated program"}) {
    if (said.find(words) != std::string_view::npos) return true;
  }
  return false;
}

/// What a compiler is asked.
struct Question {
  std::string words, environment;
  std::string_view program;
  std::uint64_t product_mib_max = kProductMibMax;
};

class Compilation {
 public:
  Compilation(Worker::State& state, LanguageSeats& seats, const Question& question)
      : state_(state), seats_(seats), toolchain_(*seats.toolchain), question_(question) {}

  /// Its file, or how it failed. An internal error is `missing`, and not to be kept.
  Product product();

 private:
  bool take(const Frame& frame);
  void wait(Judged& judged);
  void fail(End end, std::string type, std::string message);
  void judge_failure(const Judged& judged);

  Worker::State& state_;
  LanguageSeats& seats_;
  const Toolchain& toolchain_;
  const Question& question_;
  Product product_;
  std::uint32_t last_ = 0;  ///< kind of its last frame
  std::string source_name_, told_;
  bool interrupted_ = false, over_wall_ = false;
};

bool Compilation::take(const Frame& frame) {
  last_ = frame.head.kind;
  Raised raised;
  if (last_ != kFrameDone && parse_raised(frame.content, raised)) told_ = raised.message;
  return false;
}

void Compilation::wait(Judged& judged) {
  Limits limits;
  Patience patience;
  patience.restart(limits, kCompileCpuS);
  Judged* const all[] = {&judged};
  std::optional<WallClock::time_point> killed;
  while (!judged.ended() && !judged.lost()) {
    const int sleep_ms = patience.next_sleep_ms();
    if (interrupted_ || over_wall_) {
      judged.kill();
      if (!killed) killed = WallClock::now();
      if (WallClock::now() > *killed + std::chrono::milliseconds(kKillMsMax)) break;
    }
    interrupted_ |= sleep_until_event(state_, all, sleep_ms);
    judged.drain([this](const Frame& frame) { return take(frame); });
    over_wall_ |= !judged.ended() && patience.exhausted(all);
  }
  if (!judged.lost()) judged.drain([this](const Frame& frame) { return take(frame); });
  if (!judged.ended()) seats_.compiler.jail.reset();
}

void Compilation::fail(End end, std::string type, std::string message) {
  product_.file.reset();
  product_.failure.end = end;
  product_.failure.exception_type = std::move(type);
  product_.failure.message = std::move(message);
}

/// The compiler did not accept the text, or had not enough to read it: the latter is told apart.
void Compilation::judge_failure(const Judged& judged) {
  constexpr const char* kLimit = "CompilerLimit";
  const std::string said = content_of(product_.file.get(), kSaidMax);
  const double cpu_s = static_cast<double>(judged.end().cpu_ns) / 1e9;
  const FirstError first = first_error(said, source_name_);
  if (cpu_s >= 0.9 * kCompileCpuS) {
    return fail(
        End::syntax, kLimit,
        fmt::format("the compiler was stopped at its limit of {:g} s of CPU time", kCompileCpuS));
  }
  if (speaks_of_memory(said) || judged.killed_for_memory() || told_.starts_with("signal")) {
    return fail(End::syntax, kLimit,
                fmt::format("the compiler went beyond its {} MiB of memory or broke ({}): {}",
                            kCompileMemoryMib, told_, first.message));
  }
  if (said.find("No space left on device") != std::string::npos ||
      said.find("File too large") != std::string::npos) {
    return fail(End::syntax, kLimit,
                fmt::format("the compiler went beyond its {} MiB of files: {}", kCompileScratchMib,
                            first.message));
  }
  fail(End::syntax, "CompileError", first.message);
  product_.failure.line = first.line;
}

Product Compilation::product() {
  product_.file = new_memory_file("assay-product", true);
  Judged judged(state_.started(seats_.compiler));
  judged.set_backstop(kCompileCpuS);
  Start what;
  what.mode = kModeCompile;
  what.entry_point = question_.words;
  what.setup = question_.environment;
  source_name_ = with_name(toolchain_, question_.program, toolchain_.source_name);
  std::string names = source_name_;
  names.append(1, '\0').append(toolchain_.product_name).append(1, '\0');
  if (toolchain_.second) {
    names.append(toolchain_.second_name).append(1, '\0');
    names.append(toolchain_.second(question_.program)).append(1, '\0');
  }
  what.checker = names;
  what.program = question_.program;
  what.third = product_.file.get();
  what.output_bytes = question_.product_mib_max << 20;
  Limits limits;
  limits.memory_mib = kCompileMemoryMib;
  if (judged.start(what, limits)) wait(judged);
  if (last_ == kFrameDone && !judged.lost()) {
    seal(product_.file.get());
    product_.bytes = static_cast<std::uint64_t>(lseek(product_.file.get(), 0, SEEK_END));
  } else if (last_ == kFrameSyntax || (judged.ended() && judged.killed_for_memory())) {
    judge_failure(judged);
  } else if (last_ == kFrameOutput) {
    fail(End::syntax, "CompilerLimit",
         fmt::format("what the compiler made is larger than {} MiB", question_.product_mib_max));
  } else {
    fail(End::missing, "",
         interrupted_ ? "interrupted"
         : over_wall_ ? "the compiler slept or waited too long"
                      : fmt::format("the compiler's process ended by itself ({})", told_));
  }
  if (judged.ended())
    product_.failure.compile_cpu_s = static_cast<double>(judged.end().cpu_ns) / 1e9;
  return std::move(product_);
}

/// From the cache, or made now; `compile_cpu_s` is of this call.
std::shared_ptr<const Product> product_of(Worker::State& state, LanguageSeats& seats,
                                          const ScriptJob& job, double& compile_cpu_s) {
  const Toolchain& toolchain = *seats.toolchain;
  if (toolchain.compile.empty()) {
    auto text = std::make_shared<Product>();
    text->file = memory_file("assay-program", job.program);
    return text;
  }
  const Question question{words_for(toolchain, job.program, job.with_tests),
                          toolchain.compile.environment, job.program};
  Hasher hasher;
  hasher.add(toolchain.language).add(toolchain.identity).add(question.words);
  hasher.add(toolchain.compile.environment).add(job.program);
  const std::string key = hasher.hex();
  std::shared_ptr<const Product> product = products().find(key);
  if (product) return product;
  product = std::make_shared<Product>(Compilation(state, seats, question).product());
  compile_cpu_s = product->failure.compile_cpu_s;
  if (product->file || product->failure.end != End::missing) products().keep(key, product);
  return product;
}

// ---- what is compiled ahead

/// Where the user keeps what can be made again; empty where there is no such place.
std::filesystem::path cache_folder() {
  if (const char* folder = std::getenv("XDG_CACHE_HOME"); folder && *folder == '/')
    return std::filesystem::path(folder) / "assay";
  if (const char* home = std::getenv("HOME"); home && *home == '/')
    return std::filesystem::path(home) / ".cache" / "assay";
  return {};
}

/// Under its name only when it is whole. False where it cannot be written.
bool put_file(const std::filesystem::path& path, int from, std::uint64_t bytes) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::string part = path.string() + ".XXXXXX";
  const Fd file(mkstemp(part.data()));
  if (!file) return false;
  off_t at = 0;
  while (static_cast<std::uint64_t>(at) < bytes) {
    if (sendfile(file.get(), from, &at, bytes - static_cast<std::uint64_t>(at)) <= 0) break;
  }
  const bool whole = static_cast<std::uint64_t>(at) == bytes && fchmod(file.get(), 0644) == 0 &&
                     rename(part.c_str(), path.c_str()) == 0;
  if (!whole) unlink(part.c_str());
  return whole;
}

/// Shows compilers what is compiled ahead; it is made where this machine has none, in their jail before any
/// program has come there. Where it cannot be made or kept, they take longer, or lack a library.
void show_ahead(Worker::State& state, LanguageSeats& seats) {
  constexpr std::uint64_t kMibMax = 240;
  static std::mutex one_at_a_time;
  const std::filesystem::path folder = cache_folder();
  if (folder.empty()) return;
  const std::lock_guard lock(one_at_a_time);
  for (const Ahead& ahead : seats.toolchain->ahead) {
    const std::filesystem::path path = folder / ("ahead-" + ahead.key);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
      const Question question{ahead.compile.words, ahead.compile.environment, "", kMibMax};
      const Product made = Compilation(state, seats, question).product();
      seats.compiler.jail.reset();
      seats.compiler.taken = false;
      if (!made.file || !put_file(path, made.file.get(), made.bytes)) return;
    }
    seats.compiler.installation.placed.emplace_back(path, ahead.place);
  }
}

// ---- running

/// What an executable file asks for when it is loaded, before it runs; 0 where it is none of this machine's.
std::uint64_t loaded_bytes(int file) {
  Elf64_Ehdr head{};
  if (pread(file, &head, sizeof head, 0) != sizeof head || head.e_phentsize != sizeof(Elf64_Phdr))
    return 0;
  std::uint64_t bytes = 0;
  for (unsigned i = 0; i < head.e_phnum; ++i) {
    Elf64_Phdr part{};
    const auto at = static_cast<off_t>(head.e_phoff + i * sizeof part);
    if (pread(file, &part, sizeof part, at) != sizeof part) return 0;
    if (part.p_type == PT_LOAD) bytes += std::min<std::uint64_t>(part.p_memsz, 1ull << 48);
  }
  return bytes;
}

std::string with_memory(std::string words, std::uint64_t memory_mib) {
  constexpr std::string_view kMark = "{memory}";
  for (std::size_t at; (at = words.find(kMark)) != std::string::npos;)
    words.replace(at, kMark.size(), std::to_string(memory_mib));
  return words;
}

}  // namespace

LanguageSeats& Worker::State::seats_of(const std::string& language, bool trusted) {
  const auto at = languages.find({language, trusted});
  if (at != languages.end()) return at->second;
  const Toolchain& toolchain = toolchain_of(language);
  if (level != Level::full) {
    throw Error(fmt::format(
        "programs in {} are run at level full alone, which takes namespaces: assay doctor says what this "
        "machine refuses",
        toolchain.display));
  }
  LanguageSeats seats{&toolchain, {toolchain.compiler}, {toolchain.runtime}};
  seats.compiler.tmp_mib = kCompileScratchMib;
  if (toolchain.product == kProductPlaced)
    seats.programs.tmp_mib = std::max(config.tmp_mib, kProductMibMax);
  show_ahead(*this, seats);
  return languages.emplace(std::pair(language, trusted), std::move(seats)).first->second;
}

Outcome run_program(Worker::State& state, const ScriptJob& job, std::string& output) {
  output.clear();
  LanguageSeats& seats = state.seats_of(job.language, job.trusted);
  const Toolchain& toolchain = *seats.toolchain;
  double compile_cpu_s = 0;
  const std::shared_ptr<const Product> product = product_of(state, seats, job, compile_cpu_s);
  Outcome outcome = product->failure;
  // The kernel would kill it while it is loaded, without a word.
  const std::uint64_t loaded = product->file && toolchain.product == kProductExecuted
                                   ? loaded_bytes(product->file.get()) >> 20
                                   : 0;
  if (toolchain.address_space && loaded > job.limits.memory_mib) {
    outcome.end = End::memory;
    outcome.message = fmt::format("its own data are {} MiB", loaded);
  } else if (product->file) {
    const std::string words =
        with_memory(with_name(toolchain, job.program, toolchain.run.words), job.limits.memory_mib);
    const std::string environment = with_memory(toolchain.run.environment, job.limits.memory_mib);
    Start start;
    start.mode = kModeProcess;
    start.first = toolchain.product;
    start.entry_point = words;
    start.setup = environment;
    start.checker = toolchain.product_name;
    start.product = product->file.get();
    start.address_space = toolchain.address_space;
    start.more_bytes = toolchain.base_mib << 20;
    outcome = run_script(state, job, {seats.programs, start, &toolchain}, output);
  }
  outcome.level = state.level;
  outcome.compile_cpu_s = compile_cpu_s;
  return outcome;
}

std::string Executor::toolchain(const std::string& language) const {
  if (language != "python") throw Error(fmt::format("scripts in {} cannot be run here", language));
  return interpreter().identity();
}

std::string Worker::toolchain(const std::string& language) const {
  if (language == "python") return interpreter().identity();
  return state_->seats_of(language, false).toolchain->identity;
}

}  // namespace assay::sandbox
