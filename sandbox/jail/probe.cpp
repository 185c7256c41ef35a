#include "sandbox/jail/probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/base/error.h"
#include "sandbox/jail/jail.h"
#include "sandbox/runtime/python/interpreter.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

namespace assay::sandbox {

namespace {

long sysctl_of(const char* path) {
  long value = -1;
  std::ifstream(path) >> value;
  return value;
}

/// errno of unshare(flags), tried in a process of its own; 0 where it is granted.
int unshare_error(int flags) {
  const pid_t pid = fork();
  if (pid == 0) _exit(unshare(flags) ? errno : 0);
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return EAGAIN;
  return WEXITSTATUS(status);
}

std::string user_namespace_switch() {
  if (sysctl_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1) {
    return "sysctl kernel.apparmor_restrict_unprivileged_userns=0 grants it";
  }
  if (sysctl_of("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
    return "sysctl kernel.unprivileged_userns_clone=1 grants it";
  }
  if (sysctl_of("/proc/sys/user/max_user_namespaces") == 0) {
    return "sysctl user.max_user_namespaces=15000 grants it";
  }
  return "in a container: docker run --security-opt seccomp=unconfined --security-opt "
         "systempaths=unconfined, or --cap-add SYS_ADMIN, grants it";
}

Layer namespace_layer(const char* name, int flags) {
  Layer layer{name, false, ""};
  const int error = unshare_error(geteuid() == 0 ? flags : flags | CLONE_NEWUSER);
  layer.granted = error == 0;
  if (error) layer.detail = fmt::format("{}; {}", std::strerror(error), user_namespace_switch());
  return layer;
}

Layer landlock_layer() {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, 1);
  if (abi >= 1) return {"landlock", true, fmt::format("ABI {}", abi)};
  return {"landlock", false,
          fmt::format("{}; Linux 5.13 or later with landlock in the kernel's lsm= list grants it",
                      std::strerror(errno))};
}

Layer seccomp_layer() {
  const unsigned action = SECCOMP_RET_ERRNO;
  const bool granted = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  return {"seccomp", granted, granted ? "" : "CONFIG_SECCOMP_FILTER in the kernel grants it"};
}

Layer jail_layer(Level level, const Config& config) {
  Layer layer{fmt::format("a jail of level {}", name_of(level)), false, ""};
  try {
    const Jail jail(inspect(config.python, {}), config, level);
    layer.granted = true;
    if (const int version = jail.cgroup_version()) {
      layer.detail = fmt::format("and in a control group of its own (version {})", version);
    }
  } catch (const Error& error) {
    layer.detail = error.what();
  }
  return layer;
}

}  // namespace

std::string advice(const Config& config) {
  std::string text;
  for (const Layer& layer : probe(config).layers) {
    if (!layer.granted) text += fmt::format("\n  {}: {}", layer.name, layer.detail);
  }
  return "level no-namespace needs seccomp and landlock, level full needs namespaces; "
         "--allow-weaker goes on with less. Refused here:" +
         text;
}

Probe probe(const Config& config) {
  Probe found;
  found.layers.push_back(namespace_layer("user namespace", CLONE_NEWUSER));
  found.layers.push_back(namespace_layer("mount namespace", CLONE_NEWNS));
  found.layers.push_back(namespace_layer("PID namespace", CLONE_NEWPID));
  found.layers.push_back(namespace_layer("network namespace", CLONE_NEWNET));
  found.layers.push_back(landlock_layer());
  const Layer seccomp = seccomp_layer();
  found.layers.push_back(seccomp);
  for (const Level level : {Level::full, Level::no_namespace}) {
    found.layers.push_back(jail_layer(level, config));
    if (found.layers.back().granted && found.level < level) found.level = level;
  }
  if (found.level == Level::none && seccomp.granted) found.level = Level::rlimits;
  return found;
}

}  // namespace assay::sandbox
