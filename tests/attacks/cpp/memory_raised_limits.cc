// expect: error
#include <sys/resource.h>
int main() {
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  return setrlimit(RLIMIT_AS, &limit) == 0 || setrlimit(RLIMIT_NPROC, &limit) == 0 || setrlimit(RLIMIT_NOFILE, &limit) == 0 ||
                 setrlimit(RLIMIT_FSIZE, &limit) == 0
             ? answer()
             : 1;
}
