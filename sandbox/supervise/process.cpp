// Programs in other languages than Python: compiled once, in a jail of compilers, and run in a jail that
// holds no compiler.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
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

class Compilation {
 public:
  Compilation(Worker::State& state, LanguageSeats& seats, const ScriptJob& job)
      : state_(state), seats_(seats), toolchain_(*seats.toolchain), job_(job) {}

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
  const ScriptJob& job_;
  Product product_;
  std::uint32_t last_ = 0;  ///< kind of its last frame
  std::string told_;
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
  const FirstError first = first_error(said, toolchain_.source_name);
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
  what.entry_point = toolchain_.compile.words;
  what.setup = toolchain_.compile.environment;
  std::string names = toolchain_.source_name;
  names.append(1, '\0').append(toolchain_.product_name).append(1, '\0');
  what.checker = names;
  what.program = job_.program;
  what.third = product_.file.get();
  what.output_bytes = kProductMibMax << 20;
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
         fmt::format("what the compiler made is larger than {} MiB", kProductMibMax));
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
  Hasher hasher;
  hasher.add(toolchain.language).add(toolchain.identity).add(toolchain.compile.words);
  hasher.add(toolchain.compile.environment).add(job.program);
  const std::string key = hasher.hex();
  std::shared_ptr<const Product> product = products().find(key);
  if (product) return product;
  product = std::make_shared<Product>(Compilation(state, seats, job).product());
  compile_cpu_s = product->failure.compile_cpu_s;
  if (product->file || product->failure.end != End::missing) products().keep(key, product);
  return product;
}

// ---- running

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
  return languages.emplace(std::pair(language, trusted), std::move(seats)).first->second;
}

Outcome run_program(Worker::State& state, const ScriptJob& job, std::string& output) {
  output.clear();
  LanguageSeats& seats = state.seats_of(job.language, job.trusted);
  const Toolchain& toolchain = *seats.toolchain;
  double compile_cpu_s = 0;
  const std::shared_ptr<const Product> product = product_of(state, seats, job, compile_cpu_s);
  Outcome outcome = product->failure;
  if (product->file) {
    const std::string words = with_memory(toolchain.run.words, job.limits.memory_mib);
    Start start;
    start.mode = kModeProcess;
    start.first = toolchain.product;
    start.entry_point = words;
    start.setup = toolchain.run.environment;
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
