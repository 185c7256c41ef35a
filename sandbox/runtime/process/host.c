// The host of programs in other languages than Python: a small static program of its own, embedded in
// assay, that stands in a jail where the warm interpreter would. As a maker of judged processes
// (confined.h) it makes two kinds: a process that becomes the program (kModeProcess), and the first
// process of a compiler's (kModeCompile), which starts the commands, waits for all that they start, and
// hands out what they made.
#include "sandbox/runtime/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kWordsMax = 256 };

static struct assay_job job;
static int replies;

// ---- the supervisor's line

static void read_whole(int fd, char* at, uint64_t size) {
  while (size > 0) {
    const ssize_t n = read(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(kExitJob);
    at += n;
    size -= (uint64_t)n;
  }
}

static char* read_text(int fd, uint64_t size) {
  char* text = malloc(size + 1);
  if (!text) _exit(kExitMemory);
  read_whole(fd, text, size);
  text[size] = 0;
  return text;
}

/// 0, or errno.
static int write_whole(int fd, const char* at, uint64_t size) {
  while (size > 0) {
    const ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return errno;
    at += n;
    size -= (uint64_t)n;
  }
  return 0;
}

/// Few and small: the pipe holds them.
static void send_frame(uint32_t kind, const char* text) {
  const struct assay_raised raised = {0, 0};
  struct assay_frame head = {job.nonce, 0, 0, kind, 0};
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  head.cpu_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
  if (text) head.length = sizeof raised + strlen(text);
  char bytes[sizeof head + sizeof raised + 256];
  size_t size = sizeof head;
  memcpy(bytes, &head, sizeof head);
  if (text) {
    memcpy(bytes + size, &raised, sizeof raised);
    size += sizeof raised;
    memcpy(bytes + size, text, strlen(text));
    size += strlen(text);
  }
  if (write_whole(replies, bytes, size)) _exit(kExitUnheard);
}

static _Noreturn void finish(uint32_t kind, const char* text) {
  send_frame(kind, text);
  _exit(0);
}

/// The words of a text up to an empty one, behind which `*at` is left. A null pointer behind the last.
static char** words_of(char** at, const char* end) {
  char** const list = malloc((kWordsMax + 1) * sizeof *list);
  int count = 0;
  if (!list) _exit(kExitMemory);
  while (*at < end && **at && count < kWordsMax) {
    list[count++] = *at;
    *at += strlen(*at) + 1;
  }
  list[count] = NULL;
  if (*at < end) ++*at;
  return list;
}

// ---- programs

static void copy_file(int from, int to) {
  static char bytes[1 << 16];
  ssize_t n;
  off_t at = 0;
  while ((n = pread(from, bytes, sizeof bytes, at)) > 0) {
    if (write_whole(to, bytes, (uint64_t)n)) _exit(kExitInputs);
    at += n;
  }
}

/// What is executed; everything that is not the program's is closed by executing it.
static int open_program(const char* path, const char* name, int product) {
  if (job.first == kProductExecuted) return product;
  if (job.first == kProductPlaced) {
    const int file = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) _exit(kExitInputs);
    copy_file(product, file);
    close(file);
  }
  const int program = open(path, O_PATH | O_CLOEXEC);
  if (program < 0) _exit(kExitJob);
  if (job.first != kProductOpen) return program;
  const int high = fcntl(program, F_DUPFD_CLOEXEC, 20);
  if (product != kFdProduct) dup3(product, kFdProduct, 0);
  if (product == kFdProduct) fcntl(kFdProduct, F_SETFD, 0);
  return high;
}

static int moved_high(int fd) {
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, 20);
  if (high < 0) _exit(kExitRefused);
  return high;
}

static _Noreturn void run_program(char* command, char* environment, const char* name,
                                  const int* fds) {
  char** const arguments = words_of(&command, command + job.entry_point_bytes);
  char** const variables = words_of(&environment, environment + job.setup_bytes);
  if (!arguments[0]) _exit(kExitJob);
  replies = moved_high(replies);
  const int product = moved_high(fds[5]);
  for (int stream = 0; stream < 3; ++stream) {
    if (dup2(fds[2 + stream], stream) < 0) _exit(kExitInputs);
  }
  const int program = open_program(arguments[0], name, product);
  if (job.first == kProductExecuted) arguments[0] = (char*)"solution";
  // What is written beyond a limit fails, as a full disk does; all else is as a shell starts programs.
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  send_frame(kFrameBegan, NULL);
  syscall(SYS_execveat, program, secret_path, arguments, variables, AT_EMPTY_PATH);
  // A product that the kernel refuses is so by its own text: by an interpreter that it names, for one.
  const uint32_t kind = job.first == kProductExecuted ? kFrameTopRaised : kFrameSetup;
  finish(errno == ENOMEM ? kFrameMemory : kind, strerror(errno));
}

// ---- compilers

static void write_source(const char* name, const char* text, uint64_t size) {
  const int file = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) _exit(kExitInputs);
  if (write_whole(file, text, size)) _exit(kExitInputs);
  close(file);
}

static char said[1 << 16];  ///< the beginning of what the commands wrote to their standard streams
static size_t said_size;

/// To the last byte, until nobody holds the other end.
static void hear(int line) {
  static char rest[1 << 12];
  for (;;) {
    const size_t room = sizeof said - said_size;
    const ssize_t n = room ? read(line, said + said_size, room) : read(line, rest, sizeof rest);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    if (room) said_size += (size_t)n;
  }
}

/// wait()'s word of `command`. All that it left behind is this process's child, and ends with it.
static int run_command(char** command, char** variables) {
  int line[2];
  if (pipe(line)) _exit(kExitRefused);
  const pid_t pid = fork();
  if (pid < 0) _exit(kExitRefused);
  if (pid == 0) {
    if (dup2(line[1], 1) < 0 || dup2(line[1], 2) < 0) _exit(127);
    syscall(SYS_close_range, 3, ~0u, 0);
    execve(command[0], command, variables);
    _exit(127);
  }
  close(line[1]);
  hear(line[0]);
  close(line[0]);
  for (int status;;) {
    const pid_t ended = wait(&status);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) _exit(kExitJob);
  }
}

/// The last word on a text that does not compile; what was said takes the product's place.
static _Noreturn void say_end_of(int status, int output) {
  write_whole(output, said, said_size);
  char text[64] = "exit status ";
  int number = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) {
    strcpy(text, "signal ");
    number = WTERMSIG(status);
  }
  char digits[16];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while (number /= 10);
  size_t size = strlen(text);
  while (count > 0) text[size++] = digits[--count];
  text[size] = 0;
  finish(kFrameSyntax, text);
}

static _Noreturn void hand_out(const char* name, int output, uint64_t bytes_max) {
  const int product = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat status;
  if (product < 0 || fstat(product, &status)) finish(kFrameSetup, "the compiler made nothing");
  if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > bytes_max) finish(kFrameOutput, "");
  copy_file(product, output);
  finish(kFrameDone, NULL);
}

static _Noreturn void compile(char* commands, char* environment, char* names, const char* source,
                              const struct assay_command* command, const int* fds) {
  char* const end = commands + job.entry_point_bytes;
  char** const variables = words_of(&environment, environment + job.setup_bytes);
  char** const files = words_of(&names, names + job.checker_bytes);
  const char *from = files[0], *product = files[0] ? files[1] : NULL;
  const char *second = product ? files[2] : NULL, *text = second ? files[3] : NULL;
  if (!product) _exit(kExitJob);
  send_frame(kFrameBegan, NULL);
  write_source(from, source, job.program_bytes);
  if (second && text) write_source(second, text, strlen(text));
  while (commands < end) {
    const int status = run_command(words_of(&commands, end), variables);
    if (status) say_end_of(status, fds[2]);
  }
  hand_out(product, fds[2], command->output_bytes);
}

// ---- both

static _Noreturn void judged(const struct assay_command* command, const int* fds) {
  read_whole(fds[0], (char*)&job, sizeof job);
  char* const words = read_text(fds[0], job.entry_point_bytes);
  char* const source = read_text(fds[0], job.program_bytes);
  char* const names = read_text(fds[0], job.checker_bytes);
  char* const environment = read_text(fds[0], job.setup_bytes);
  replies = fds[1];
  if (job.mode == kModeProcess) run_program(words, environment, names, fds);
  if (job.mode == kModeCompile) compile(words, environment, names, source, command, fds);
  _exit(kExitJob);
}

int main(int argc, char** argv) {
  const struct maker host = {NULL, NULL, NULL, judged};
  // A program's are few: pipes and sockets hold memory that no account of its process shows.
  enum { kDescriptorsOfProgram = 64, kDescriptorsOfCompiler = 256 };
  if (argc != 2) return 1;
  const int flags = atoi(argv[1]);
  make_judged(flags, flags & kFlagExecutes ? kDescriptorsOfProgram : kDescriptorsOfCompiler, &host);
}
