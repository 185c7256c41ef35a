// expect: fail
// A last frame as the reply pipe has it, for whoever listens.
int main() {
  unsigned long frame[4] = {0, 0, 4UL << 32, 0};
  for (int fd = 3; fd < 1024; ++fd) write(fd, frame, 32);
  return 0;
}
