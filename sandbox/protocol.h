// What crosses between the supervisor, the jail and the judged process, byte for byte. Plain C: the
// extension inside the interpreter (zygote.c) and the C++ supervisor include the same file. Both
// sides are always built together, so there are no versions; integers are the machine's own.
#ifndef ASSAY_SANDBOX_PROTOCOL_H
#define ASSAY_SANDBOX_PROTOCOL_H

#include <stdint.h>

// Descriptors of the warm interpreter ("zygote"), fixed by the jail launcher.
// The launcher itself gets kFdControl, kFdSeccomp, kFdModule, and the two below.
enum {
  kFdPlan = 7,      ///< launcher: what to make visible, as text (sandbox/jail/jail.cpp writes it)
  kFdTmp = 7,       ///< interpreter with a /tmp: a byte to the launcher asks for a new one
  kFdLifeline = 8,  ///< launcher: a pipe whose other end the supervisor holds; its end is ours too
};
enum {
  kFdControl = 3,   ///< SOCK_SEQPACKET to the supervisor: commands and events
  kFdSeccomp = 4,   ///< the compiled filter, installed once warm
  kFdLandlock = 5,  ///< ruleset: what may be read; nothing may be written
  kFdModule = 6,    ///< the extension itself
};

// What serve() is asked to do at start.
enum {
  kFlagPidNamespace = 1,  ///< a PID namespace per program
  kFlagOwnFilter = 2,     ///< no namespaces: a second filter per program refuses fork and signals
  kFlagLandlock = 4,      ///< the ruleset must be there: a missing one is never overlooked
  kFlagSeccomp = 8,       ///< ... nor a missing filter
  kFlagTmp = 16,          ///< a private /tmp, new for each program
  kFlagExecutes = 32,     ///< each program is a file, which its process executes, once
};

// ---- supervisor <-> zygote (one datagram each)

struct assay_command {
  uint64_t address_space_bytes;  ///< RLIMIT_AS of the judged process
  uint64_t cpu_s;                ///< its RLIMIT_CPU, a backstop; 0 for none
  uint64_t receives;             ///< it may be sent descriptors: a checker that is kept
  uint64_t output_bytes;         ///< of a script's output, at most kOutputBytesMax; 0: it has none
};  // with descriptors: control stream, reply pipe, [inputs], [output], [errors], [product]

enum { kOutputBytesMax = 1 << 30, kDescriptorsMax = 6 };

enum assay_event_kind {
  kEventReport = 1,  ///< the launcher: a line of text about what was granted or refused
  kEventFailed,      ///< the launcher or zygote cannot go on: text says why
  kEventReady,       ///< the zygote is warm
  kEventStarted,     ///< a judged process runs; its pidfd comes along
  kEventEnded,       ///< it ended; wait4's words follow
  kEventNotStarted,  ///< clone failed: errno in `status`
};

struct assay_event {
  uint32_t kind;
  int32_t status;
  uint64_t cpu_ns;
  uint64_t memory_kib_peak;
  char text[232];
};

// ---- supervisor -> judged process, over the control stream

enum assay_mode {
  kModeRun = 1,    ///< load the program, call it on each input
  kModeServe,      ///< load the program, answer the checker's calls on `inputs` (a socket)
  kModeChecker,    ///< execute the checker; calls go out on `inputs` (a socket)
  kModeKept,       ///< likewise, and stay for the next program where the texts leave nothing behind
  kModeInProcess,  ///< program and checker in one namespace
  kModeScript,     ///< execute the program as a script, which reads `inputs` and writes to `output`
  // Of the host of other programs than Python's (sandbox/runtime/process). Texts there are words, each with a
  // zero byte behind it: the command in place of an entry point, the environment in that of a setup.
  kModeCompile,  ///< the source is the program; the product, or what was said of it, goes to `inputs`
  kModeProcess,  ///< execute a program, which has `inputs`, `output` and `errors` as its streams
};

// What a process of kModeProcess does with its product, in assay_job::first.
enum assay_product {
  kProductExecuted = 1,  ///< it is the program
  kProductOpen,          ///< it is open as kFdProduct
  kProductPlaced,        ///< it is copied to the file in /tmp whose name is the checker's text
};
enum { kFdProduct = 3 };

struct assay_job {
  uint64_t nonce;
  uint32_t mode;
  uint32_t first;  ///< index of the first input
  uint64_t reply_bytes_max;
  uint64_t entry_point_bytes, program_bytes, checker_bytes, setup_bytes;  ///< texts, in this order
};

// ---- judged process -> supervisor, over the reply pipe

enum assay_frame_kind {
  kFrameLoaded = 1,
  kFrameValue,   ///< codec bytes
  kFrameRaised,  ///< a call raised: struct assay_raised, type name, message
  kFrameDone,    ///< every input answered, or the checker or script finished without an exception
  // The last frame of a program that got no further; all carry what kFrameRaised does.
  kFrameSyntax,
  kFrameTopRaised,
  kFrameExited,  ///< SystemExit at the top level; of a script, one that says that it failed
  kFrameNoEntry,
  kFrameMemory,
  kFrameOutput,
  kFrameAssertion,     ///< the checker's own AssertionError
  kFrameCheckRaised,   ///< another exception out of the checker
  kFrameSetup,         ///< the checker's setup or text is broken: our side's fault
  kFramePeerGone,      ///< the checker lost the judged process
  kFramePeerTampered,  ///< ... or was sent nonsense by it
  kFrameBegan,         ///< the first of all: from here on what happens is the text's own doing
};

// How a judged process ends before kFrameBegan. No line of a program has run by then, so the exit
// status is our own word. Afterwards it is the program's, which may exit with these as well.
enum assay_exit {
  kExitMemory = 70,   ///< the budget does not hold the texts
  kExitJob = 71,      ///< the job did not arrive whole
  kExitPython = 72,   ///< the interpreter refused a module of its own
  kExitInputs = 73,   ///< the inputs could not be mapped
  kExitRefused = 76,  ///< the kernel refused a limit, a filter or the dropping of capabilities
  kExitUnheard = 77,  ///< nobody reads what it says
};

/// The index of a checker's last frame that stays: it waits on the control stream for another
/// assay_job without texts, which comes with the stream to the next program.
enum { kIndexStays = 1 };

struct assay_frame {
  uint64_t nonce;
  uint64_t cpu_ns;  ///< the process's CPU clock when the frame was written
  uint32_t index;
  uint32_t kind;
  uint64_t length;
};

struct assay_raised {
  uint32_t line;
  uint32_t type_bytes;  ///< of the type's name; the message is the rest
};

enum { kTextBytesMax = 4096 };  ///< exception messages are cut to this

// ---- checker <-> judged process, over their own stream

enum assay_call_kind { kCallRequest = 1, kCallValue, kCallRaised };

struct assay_call {
  uint64_t nonce;
  uint32_t kind;
  uint32_t reserved;
  uint64_t length;
};

// ---- Inputs: sealed memory. This header, `count + 1` offsets from the start, then the encodings.

struct assay_inputs {
  uint64_t magic;
  uint64_t count;
};
static const uint64_t kInputsMagic = 0x7961737361696e70;

#endif
