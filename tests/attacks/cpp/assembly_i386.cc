// expect: crash
int main() {
  int pid;
  asm volatile("int $0x80" : "=a"(pid) : "a"(20));
  return pid > 0 ? answer() : 1;
}
