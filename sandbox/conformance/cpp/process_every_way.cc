// expect: error
#include <spawn.h>
#include <sched.h>
int main(int, char** argv) {
  pid_t pid;
  if (posix_spawn(&pid, "/assay.so", 0, 0, argv, environ) == 0 || system("true") == 0 || popen("true", "r")) {
    return answer();
  }
  for (const long flags : {0x00020000L, 0x20000000L, 0x10000000L, 0x00000100L, 0x40000000L, 0x02000000L}) {
    if (syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0) >= 0 || unshare((int)flags) == 0) return answer();
  }
  unsigned long arguments[11] = {0, 0, 0, 0, SIGCHLD};
  return syscall(SYS_clone3, arguments, sizeof arguments) >= 0 || syscall(SYS_vfork) >= 0 ? answer() : 1;
}
