// expect: error
#include <linux/seccomp.h>
#include <sys/prctl.h>
int main() {
  static char filter[16];
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter) == 0 ||
                 syscall(SYS_seccomp, 1, 0, filter) >= 0 || prctl(PR_SET_DUMPABLE, 1) == 0 || prctl(PR_SET_MM, 1, 0, 0, 0) == 0
             ? answer()
             : 1;
}
