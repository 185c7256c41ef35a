// expect: fail, error
int main() {
  for (int fd = 0; fd < 4096; ++fd) write(fd, "3\n-2\n1100\n7\n777777\n", 20);
  for (int fd = 3; fd < 4096; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) return answer();
  }
  return 1;
}
