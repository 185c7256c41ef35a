#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <initializer_list>
[[maybe_unused]] static int answer() {
  for (long a, b; scanf("%ld %ld", &a, &b) == 2;) printf("%ld\n", a + b);
  return fflush(stdout);
}
#line 1
