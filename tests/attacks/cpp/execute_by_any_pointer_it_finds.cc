// expect: error
// The one execution is bound to an address. What its own stack and data hold is tried as that.
#include <link.h>
int main(int, char** argv) {
  const int linker = open("/lib64/ld-linux-x86-64.so.2", O_RDONLY);
  char* helper[] = {(char*)"ld", (char*)"--help", 0};
  for (char** at = argv - 4096; *at != (char*)1 && at < argv + 64; ++at)
    syscall(SYS_execveat, linker, *at, helper, helper, AT_EMPTY_PATH);
  for (unsigned long page = 0; page < 1 << 20; ++page)
    syscall(SYS_execveat, linker, (page << 26) + 4096, helper, helper, AT_EMPTY_PATH);
  return 1;
}
