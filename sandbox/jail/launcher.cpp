// The jail launcher: a small static program of its own, embedded in assay. Makes namespaces, the
// file system the interpreter may see, and the interpreter itself; then only watches: when the
// supervisor is gone, by whatever death, so is the jail. Tries one level and says why where it
// fails.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/protocol.h"
#include "sandbox/sandbox.h"

namespace {

using assay::sandbox::Level;

constexpr unsigned kNobody = 65534;

// ---- talking to the supervisor

void send_event(std::uint32_t kind, int status, const std::string& text) {
  assay_event event{};
  event.kind = kind;
  event.status = status;
  std::strncpy(event.text, text.c_str(), sizeof event.text - 1);
  send(kFdControl, &event, sizeof event, MSG_NOSIGNAL);
}

[[noreturn]] void fail(const std::string& what) {
  send_event(kEventFailed, errno, what + ": " + std::strerror(errno));
  _exit(1);
}

void require(bool good, const std::string& what) {
  if (!good) fail(what);
}

// ---- the plan

struct Plan {
  Level level = Level::none;
  int cpu = -1;
  std::string tmp_mib;  ///< empty: no /tmp
  std::vector<std::string> directories, files, masks, arguments;
  std::vector<std::pair<std::string, std::string>> links, placed;
};

std::string read_all(int fd) {
  std::string text;
  char bytes[4096];
  ssize_t n;
  lseek(fd, 0, SEEK_SET);
  while ((n = read(fd, bytes, sizeof bytes)) > 0) text.append(bytes, static_cast<std::size_t>(n));
  return text;
}

/// Records end with a zero byte: "key value". A link's value is "path\ntarget".
Plan read_plan() {
  Plan plan;
  const std::string text = read_all(kFdPlan);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\0', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t space = line.find(' ');
    const std::string key = line.substr(0, space), value = line.substr(space + 1);
    if (key == "level") plan.level = static_cast<Level>(std::atoi(value.c_str()));
    if (key == "cpu") plan.cpu = std::atoi(value.c_str());
    if (key == "tmp") plan.tmp_mib = value;
    if (key == "directory") plan.directories.push_back(value);
    if (key == "file") plan.files.push_back(value);
    if (key == "mask") plan.masks.push_back(value);
    if (key == "argument") plan.arguments.push_back(value);
    if (key == "link" || key == "placed") {
      const std::size_t split = value.find('\n');
      (key == "link" ? plan.links : plan.placed)
          .emplace_back(value.substr(0, split), value.substr(split + 1));
    }
  }
  close(kFdPlan);
  return plan;
}

// ---- user namespace

void write_file(int folder, const char* name, const std::string& text) {
  const int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);
  require(fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
          std::string("user namespace: writing ") + name);
  close(fd);
}

/// Enters a user namespace in which this process is nobody, mapped to itself outside.
bool enter_user_namespace(int proc_self, int more_flags) {
  const unsigned uid = geteuid(), gid = getegid();
  if (unshare(CLONE_NEWUSER | more_flags)) return false;
  write_file(proc_self, "setgroups", "deny");
  write_file(proc_self, "uid_map", std::to_string(kNobody) + " " + std::to_string(uid) + " 1");
  write_file(proc_self, "gid_map", std::to_string(kNobody) + " " + std::to_string(gid) + " 1");
  return true;
}

// ---- the file system

void set_attributes(const std::string& path, std::uint64_t attributes, bool recursive) {
  mount_attr wanted{};
  wanted.attr_set = attributes;
  require(syscall(SYS_mount_setattr, AT_FDCWD, path.c_str(), recursive ? AT_RECURSIVE : 0, &wanted,
                  sizeof wanted) == 0,
          "mount_setattr (Linux 5.12 or later) on " + path);
}

void make_parents(const std::string& path) {
  for (std::size_t at = 1; (at = path.find('/', at)) != std::string::npos; ++at) {
    const std::string folder = path.substr(0, at);
    if (mkdir(folder.c_str(), 0755) && errno != EEXIST) fail("mkdir " + folder);
  }
}

constexpr std::uint64_t kReadOnly = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

void bind_read_only(const std::string& path, bool directory, const std::string& as) {
  const std::string from = "/old" + path, to = "/new" + as;
  make_parents(to);
  if (directory) {
    if (mkdir(to.c_str(), 0755) && errno != EEXIST) fail("mkdir " + to);
  } else {
    const int fd = open(to.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    require(fd >= 0, "create " + to);
    close(fd);
  }
  require(mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0,
          "bind mount of " + path);
  set_attributes(to, kReadOnly, true);
}

void pivot(const char* root, const char* old) {
  require(syscall(SYS_pivot_root, root, old) == 0, "pivot_root");
  require(chdir("/") == 0, "chdir");
}

void copy_module() {
  const std::string bytes = read_all(kFdModule);
  const int fd = open("/new/assay.so", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
  require(fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
          "copying the extension");
  close(fd);
}

/// Where a /tmp is mounted, again for each program. A landlock rule holds for a folder and what is
/// mounted below it, but not for a mount that comes later in its own place: so it stands on kPrivate.
constexpr char kPrivate[] = "/private", kPrivateTmp[] = "/private/tmp";
constexpr char kTmpFiles[] = "4096";  ///< each takes about a KiB of the kernel's memory

void make_place_for_tmp() {
  require(mkdir("/new/private", 0755) == 0 && mkdir("/new/private/tmp", 0755) == 0,
          "making /private/tmp");
  require(symlink("private/tmp", "/new/tmp") == 0,
          "--tmp: making /tmp, where the interpreter or a package must not lie");
}

/// Nothing of one program is there for the next: no file, no time, no number that counts on.
bool mount_tmp(const Plan& plan) {
  const std::string options = "size=" + plan.tmp_mib + "m,nr_inodes=" + kTmpFiles + ",mode=700";
  return mount("assay", kPrivateTmp, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()) ==
         0;
}

/// A root of tmpfs that shows the interpreter and its libraries, read-only, and nothing else.
void build_root(const Plan& plan) {
  require(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
  require(mount("assay", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755") == 0,
          "mounting a tmpfs");
  require(mkdir("/tmp/old", 0755) == 0 && mkdir("/tmp/new", 0755) == 0, "mkdir");
  pivot("/tmp", "/tmp/old");
  require(mount("assay", "/new", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755") == 0,
          "mounting the root");
  for (const std::string& path : plan.directories) bind_read_only(path, true, path);
  for (const std::string& path : plan.masks) {
    require(mount("assay", ("/new" + path).c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_RDONLY,
                  "size=4k,mode=755") == 0,
            "hiding " + path);
  }
  for (const std::string& path : plan.files) bind_read_only(path, false, path);
  for (const auto& [path, as] : plan.placed) bind_read_only(path, false, as);
  for (const auto& [path, target] : plan.links) {
    make_parents("/new" + path);
    if (symlink(target.c_str(), ("/new" + path).c_str()) && errno != EEXIST) {
      fail("symlink " + path);
    }
  }
  copy_module();
  if (!plan.tmp_mib.empty()) make_place_for_tmp();
  require(mkdir("/new/.old", 0700) == 0, "mkdir");
  pivot("/new", "/new/.old");
  require(umount2("/.old", MNT_DETACH) == 0 && rmdir("/.old") == 0, "leaving the old root");
  set_attributes("/", kReadOnly, false);
}

// ---- landlock

int landlock_abi() {
  return static_cast<int>(
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

/// linux/landlock.h of Debian 12 ends at ABI 2; the kernel takes what it knows.
struct Ruleset {
  std::uint64_t handled_access_fs, handled_access_net, scoped;
};

constexpr std::uint64_t kFsRefer = 1u << 13, kFsTruncate = 1u << 14;
constexpr std::uint64_t kFsRead =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

/// Plain files and folders: no links, devices, pipes or sockets.
constexpr std::uint64_t kFsChange = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                    LANDLOCK_ACCESS_FS_MAKE_REG | kFsRefer | kFsTruncate;

void allow(int ruleset, const std::string& path, std::uint64_t access) {
  const int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
  require(fd >= 0, "open " + path);
  struct stat status {};
  fstat(fd, &status);
  landlock_path_beneath_attr rule{};
  rule.parent_fd = fd;
  rule.allowed_access = S_ISDIR(status.st_mode) ? access : access & ~LANDLOCK_ACCESS_FS_READ_DIR;
  require(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0,
          "landlock rule for " + path);
  close(fd);
}

/// What may be read; writing and making are handled and granted in /tmp at most, connecting to
/// nobody.
int make_ruleset(const Plan& plan) {
  const int abi = landlock_abi();
  if (abi < 1) return -1;
  Ruleset wanted{(1u << 13) - 1, 0, 0};
  std::size_t size = sizeof wanted.handled_access_fs;
  if (abi >= 2) wanted.handled_access_fs |= kFsRefer;
  if (abi >= 3) wanted.handled_access_fs |= kFsTruncate;
  if (abi >= 4) {
    wanted.handled_access_net = 3;  // bind, connect
    size = 16;
  }
  if (abi >= 5) wanted.handled_access_fs |= 1u << 15;  // ioctl on devices
  if (abi >= 6) {
    wanted.scoped = 3;  // abstract sockets, signals
    size = 24;
  }
  const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &wanted, size, 0));
  require(ruleset >= 0, "landlock ruleset");
  if (plan.level == Level::full) {
    allow(ruleset, "/", kFsRead);
    if (!plan.tmp_mib.empty()) allow(ruleset, kPrivate, kFsChange & wanted.handled_access_fs);
  } else {
    for (const std::string& path : plan.directories) allow(ruleset, path, kFsRead);
    for (const std::string& path : plan.files) allow(ruleset, path, kFsRead);
  }
  return ruleset;
}

// ---- the interpreter

void set_capabilities(unsigned permitted, unsigned inheritable) {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  data[0].effective = data[0].permitted = permitted;
  data[0].inheritable = inheritable;
  require(syscall(SYS_capset, &head, data) == 0, "capset");
}

/// In a user namespace: no capability but the one that a PID namespace per program takes.
void keep_only_sys_admin(bool keep) {
  const unsigned kept = keep ? 1u << CAP_SYS_ADMIN : 0;
  // Inheritable first: it must be within the bounding set, which is emptied next.
  if (keep) set_capabilities(kept | 1u << CAP_SETPCAP, kept);
  for (int capability = 0; capability <= 63; ++capability) {
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  set_capabilities(kept, kept);
  if (keep) {
    require(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) == 0,
            "ambient capability");
  }
}

void pin(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

/// The descriptor under a number that is none of the fixed ones.
int moved_high(int fd) {
  if (fd < 0) return -1;
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, 20);
  require(high >= 0, "fcntl");
  close(fd);
  return high;
}

/// Both stand high: dup2 to a number that a descriptor has already leaves it close-on-exec.
[[noreturn]] void become_interpreter(const Plan& plan, int ruleset, int tmp) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  for (const auto& [fd, number] : {std::pair(ruleset, +kFdLandlock), {tmp, +kFdTmp}}) {
    require(fd < 0 || dup2(fd, number) >= 0, "dup2");
    if (fd < 0) close(number);
  }
  if (plan.level == Level::full) close(kFdModule);
  close_range(kFdTmp + 1, ~0u, 0);
  // A fixed stack: it decides how deep C may recurse, and the layout of memory.
  rlimit stack{8u << 20, 8u << 20};
  setrlimit(RLIMIT_STACK, &stack);
  pin(plan.cpu);
  keep_only_sys_admin(plan.level == Level::full);
  std::vector<char*> arguments;
  for (const std::string& argument : plan.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  fail("executing " + plan.arguments[0]);
}

/// The interpreter asks when no program runs. False where it cannot be had: then the jail ends.
bool renew_tmp(const Plan& plan, int tmp) {
  char asked;
  if (read(tmp, &asked, 1) != 1) return false;
  return umount2(kPrivateTmp, MNT_DETACH | UMOUNT_NOFOLLOW) == 0 && mount_tmp(plan) &&
         write(tmp, &asked, 1) == 1;
}

/// Ends with the interpreter, or ends it when the supervisor's end of the lifeline closes.
[[noreturn]] void watch(const Plan& plan, pid_t zygote, int tmp) {
  close_range(kFdControl, kFdLifeline - 1, 0);
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, zygote, 0));
  pollfd all[3] = {{kFdLifeline, 0, 0}, {pidfd, POLLIN, 0}, {tmp, POLLIN, 0}};
  for (;;) {
    if (poll(all, 3, -1) < 0 && errno == EINTR) continue;
    if (all[0].revents || all[1].revents || !renew_tmp(plan, tmp)) break;
  }
  kill(zygote, SIGKILL);
  waitpid(zygote, nullptr, 0);
  _exit(0);
}

void isolate(const Plan& plan) {
  const int proc_self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  require(proc_self >= 0, "opening /proc/self");
  int spaces = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  // A copy of what root mounted, locked, and our own to mount in.
  if (!plan.tmp_mib.empty()) spaces |= CLONE_NEWNS;
  if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) {
    // As root the files are reached first (a library may stand in a closed home folder); then root
    // is given up, and the interpreter's one capability is worth nothing outside its namespace.
    build_root(plan);
    require(setgroups(0, nullptr) == 0 && setresgid(kNobody, kNobody, kNobody) == 0, "setgid");
    prctl(PR_SET_KEEPCAPS, 1);
    require(setresuid(kNobody, kNobody, kNobody) == 0, "setuid");
    prctl(PR_SET_DUMPABLE, 1);
    if (!enter_user_namespace(proc_self, spaces)) {
      set_capabilities(1u << CAP_SYS_ADMIN | 1u << CAP_SETPCAP | 1u << CAP_KILL, 0);
      require(unshare(spaces) == 0, "namespaces");
    }
  } else {
    require(enter_user_namespace(proc_self, CLONE_NEWNS | spaces),
            "user namespace (unshare CLONE_NEWUSER)");
    build_root(plan);
  }
  if (!plan.tmp_mib.empty()) require(mount_tmp(plan), "mounting /tmp");
  sethostname("assay", 5);
  close(proc_self);
}

}  // namespace

int main() {
  // Whatever else the supervisor had open without close-on-exec is none of a jail's business.
  close(kFdLandlock);  // made here, later
  close_range(kFdLifeline + 1, ~0u, 0);
  const Plan plan = read_plan();
  prctl(PR_SET_NAME, "assay-jail");
  setsid();
  umask(022);
  signal(SIGHUP, SIG_IGN);
  const int lifeline_flags = fcntl(kFdLifeline, F_GETFD);
  fcntl(kFdLifeline, F_SETFD, lifeline_flags | FD_CLOEXEC);
  if (plan.level == Level::full) isolate(plan);
  require(chdir("/") == 0, "chdir");
  const int ruleset = plan.level >= Level::no_namespace ? moved_high(make_ruleset(plan)) : -1;
  if (plan.level == Level::no_namespace) require(ruleset >= 0, "landlock");
  int tmp[2] = {-1, -1};  // ours, the interpreter's
  if (!plan.tmp_mib.empty()) {
    require(plan.level == Level::full, "--tmp takes namespaces");
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, tmp) == 0, "socketpair");
    for (int& end : tmp) end = moved_high(end);
  }
  const pid_t zygote = fork();
  require(zygote >= 0, "fork");
  if (zygote == 0) become_interpreter(plan, ruleset, tmp[1]);
  close(tmp[1]);
  send_event(kEventReport, zygote, "");
  watch(plan, zygote, tmp[0]);
}
