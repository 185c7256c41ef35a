// expect: error
#include <sys/file.h>
int main() {
  for (int fd = 0; fd < 3; ++fd) {
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0 || ftruncate(fd, 0) == 0 || fallocate(fd, 0, 0, 1 << 20) == 0 ||
        fchmod(fd, 0) == 0 || fcntl(fd, F_SETOWN, 1) == 0 || flock(fd, 2) == 0)
      return answer();
  }
  return write(0, "1 1\n", 4) > 0 ? answer() : 1;
}
