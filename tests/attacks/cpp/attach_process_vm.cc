// expect: error
#include <sys/uio.h>
int main() {
  char bytes[8];
  iovec here{bytes, 8}, there{bytes, 8};
  return process_vm_readv(1, &here, 1, &there, 1, 0) > 0 || syscall(SYS_pidfd_open, 1, 0) >= 0 ||
                 syscall(SYS_kcmp, 1, 1, 0, 0, 0) >= 0
             ? answer()
             : 1;
}
