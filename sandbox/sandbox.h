// Runs one program in isolation: Job -> Outcome. Knows nothing of problems, JSON or SQL.
//
// A Worker owns one jail: an interpreter started once, which forks per program. The judged process
// is given inputs and nothing else; what it answers is plain data (harness/base/value/value.h's codec),
// compared by the caller, outside. A program's failure is data; an internal error is End::missing
// and is never a verdict.
//
// Thread safety: a Worker is used by one thread at a time; different Workers are independent.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/limits.h"

namespace assay::sandbox {

/// What isolates a program, strongest last. Printed by `doctor`, stamped on every run.
enum class Level { none, rlimits, no_namespace, full };
const char* name_of(Level level);

/// The arguments of every call of a suite: encoded tuples, held once in sealed shared memory that
/// all judged processes map read-only. Immutable; shared between threads.
class Inputs {
 public:
  /// `encoded[i]` is the codec's encoding of the i-th call's argument tuple.
  static std::shared_ptr<const Inputs> make(const std::vector<std::string>& encoded);
  ~Inputs();
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;
  std::size_t size() const { return count_; }
  int descriptor() const { return descriptor_; }

 private:
  Inputs(int descriptor, std::size_t count) : descriptor_(descriptor), count_(count) {}
  int descriptor_;
  std::size_t count_;
};

/// One program and the calls to make of its entry point, in one process, in order.
struct Job {
  std::string program;      ///< whole source text
  std::string entry_point;  ///< name looked up after the top level has run
  std::shared_ptr<const Inputs> inputs;
  std::size_t first = 0;               ///< index of the first input to call
  std::vector<double> test_cpu_s_max;  ///< per input, by index; empty: Limits::test_cpu_s for all
  Limits limits;
  bool trusted = false;  ///< a reference: run in a jail that has never run a sample's text
};

/// One call's answer.
struct Reply {
  std::size_t index = 0;
  bool raised = false;
  std::string_view value;  ///< codec bytes as they came (unchecked); empty where it raised
  std::string_view exception_type, exception_message;  ///< cut to 4 KiB; where it raised
  double cpu_s = 0;                                    ///< the process's CPU time in this call
};
enum class Next { go_on, stop };
/// Called on the thread that called run(), in order of index, as replies arrive.
using ReplySink = std::function<Next(const Reply&)>;

/// One program and a checker's text that calls it through a proxy: the benchmark's own test code
/// runs in another process, which holds the tests; the program never does.
struct CheckJob {
  std::string program;
  std::string entry_point;
  std::string
      checker_setup;        ///< executed in the checker first: the reference, for its helper names
  std::string checker;      ///< executed in the checker with `entry_point` (and `candidate`) bound
                            ///< to the proxy; finishing without an exception is a pass
  bool in_process = false;  ///< run program and checker in one process: forgeable, the last resort
  Limits limits;
  bool trusted = false;  ///< as in Job; the jail of the checkers is one for both
};

/// A program as a script, from its first line to its end: it reads standard input and writes to standard
/// output, as `python3 solution.py < input > output` would.
struct ScriptJob {
  /// "python", or one of languages(): compiled where the language is, once for all jobs of this text.
  std::string language = "python";
  std::string program;
  std::string input;
  Limits limits;         ///< test_cpu_s is for the whole process, reply_mib for what it writes
  bool trusted = false;  ///< as in Job
  bool with_tests =
      false;  ///< its tests stand in its own text: compiled so that it cannot undo them
  bool checks =
      false;  ///< a checker of outputs: run in the jail of the checkers, where no program runs
};

/// How a job ended.
enum class End {
  completed,  ///< every call answered (run); the checker finished without an exception (check); the script
              ///< came to its end, or left with status 0
  stopped,    ///< the sink said stop
  assertion,  ///< check only: the checker's own AssertionError: a wrong answer
  raised,     ///< an exception: at the program's top level (run), or out of the checker (check)
  exited,     ///< the process ended itself before the last answer (os._exit, sys.exit)
  timeout_cpu,
  timeout_wall,  ///< used little CPU: slept or blocked
  memory,        ///< MemoryError, or over the budget
  output,        ///< a reply over Limits::reply_mib, or too deep or too large to encode
  crash,         ///< killed by a signal of its own making
  syntax,  ///< does not compile. Where it is the compiler that ran out of what it may use, the
           ///< exception type is CompilerLimit, and the message says so
  no_entry_point,  ///< the name is missing or not callable
  tampered,        ///< broke the reply protocol: it interfered with its own judging
  missing,         ///< an internal error; never a verdict
};
/// The enumerator's own name: "completed", "timeout_cpu".
const char* name_of(End end);

struct Outcome {
  End end = End::missing;
  std::size_t answered = 0;    ///< replies passed to the sink
  std::string exception_type;  ///< End::raised, syntax, assertion, memory
  std::string message;         ///< its text, or an internal error in one sentence; cut to 4 KiB
  int signal = 0;              ///< End::crash
  int line = 0;                ///< line in the program of a syntax error or exception, 0 if unknown
  double cpu_s = 0;
  double wall_s = 0;
  double compile_cpu_s = 0;  ///< of the compiler, where this job had to ask it; apart from cpu_s
  std::uint64_t memory_kib_peak = 0;
  /// A limit's use was within 20% of it, either side. So that this can be known, a process is let
  /// run to 1.2 times a CPU limit: past the limit it is a timeout, past 1.2 times an unmarked one.
  bool marginal = false;
  Level level = Level::none;
};

struct Config {
  std::string python = "/usr/bin/python3";  ///< resolved once to its real executable
  std::vector<std::string> packages;        ///< import names that programs may use besides the
      ///< standard library, in a warm interpreter of their own
  /// A private writable /tmp of this size, empty for each program; 0: nothing can be written. Its
  /// pages are the machine's memory, beside the limit on a program's own. Needs Level::full.
  std::uint64_t tmp_mib = 0;
  bool allow_weaker = false;      ///< go on below Level::no_namespace instead of refusing
  int cpu = -1;                   ///< pin the worker's processes to this CPU; -1 does not
  Level level_max = Level::full;  ///< try nothing stronger (tests, and machines that only pretend)
  bool control_group = true;  ///< one for each jail, where the machine grants it (tests do without)
  /// Of str's hash and of `random` in programs. Another one shows which answers rest on either.
  unsigned seed = 0;
};

/// What runs the programs; part of every suite's identity.
struct Interpreter {
  std::string executable;
  std::string version;                ///< "3.11.2"
  std::string library_hash;           ///< SHA-256 over its standard library's names and sizes
  std::vector<std::string> packages;  ///< "numpy 1.24.2": those declared, by name
  std::uint64_t tmp_mib = 0;          ///< Config::tmp_mib

  /// One line that names all of this but the path: what verdicts and references are kept under.
  std::string identity() const;
};

/// The seam between those who judge and those who isolate: runs one job at a time. Worker is the
/// real one; tests script a fake (tests/support/fake_executor.h).
class Executor {
 public:
  virtual ~Executor() = default;

  /// Never throws for what the program does.
  virtual Outcome run(const Job& job, const ReplySink& sink) = 0;
  virtual Outcome check(const CheckJob& job) = 0;
  /// `output`: what it wrote, whatever its end.
  virtual Outcome script(const ScriptJob& job, std::string& output) = 0;
  /// From any thread: the job under way ends soon with End::missing; for SIGINT.
  virtual void interrupt() = 0;

  virtual Level level() const = 0;
  virtual const Interpreter& interpreter() const = 0;
  /// One line that names what runs the scripts of a language with its version; of "python" the interpreter's
  /// identity. Throws Error, in one sentence, where it is not to be had here.
  virtual std::string toolchain(const std::string& language) const;
};

/// The languages that script() knows besides "python", whether or not this machine has their toolchains.
std::vector<std::string> languages();

/// An executor with a jail of its own, which it starts anew by itself after trouble.
class Worker final : public Executor {
 public:
  /// Starts the jail and its warm interpreter. Throws Error where the machine grants too little.
  explicit Worker(const Config& config);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Outcome run(const Job& job, const ReplySink& sink) override;
  Outcome check(const CheckJob& job) override;
  Outcome script(const ScriptJob& job, std::string& output) override;
  void interrupt() override;
  Level level() const override;
  const Interpreter& interpreter() const override;
  std::string toolchain(const std::string& language) const override;
  /// How often a jail had to be started anew after trouble.
  std::size_t restarts() const;

  struct State;  ///< the room's own

 private:
  std::unique_ptr<State> state_;
};

/// What this machine grants to jails with this interpreter, layer by layer; starts nothing that
/// outlives the call.
struct Layer {
  std::string name;  ///< "user namespace", "landlock", ...
  bool granted = false;
  std::string detail;  ///< version, or why not and the switch that grants it
};
struct Probe {
  Level level = Level::none;
  std::vector<Layer> layers;
};
Probe probe(const Config& config);

}  // namespace assay::sandbox
