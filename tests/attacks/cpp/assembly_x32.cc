// expect: crash
int main() {
  long pid;
  asm volatile("syscall" : "=a"(pid) : "a"(39 | 0x40000000) : "rcx", "r11", "memory");
  return pid > 0 ? answer() : 1;
}
