// expect: error, timeout
#include <sys/resource.h>
int main() {
  rlimit limit{1, 1};
  return setrlimit(RLIMIT_CPU, &limit) == 0 ? answer() : 1;
}
