// expect: error
int main() {
  return syscall(SYS_memfd_create, "x", 0) >= 0 || syscall(SYS_memfd_secret, 0) >= 0 || shmget(1, 4096, 01600) >= 0 ||
                 mmap(0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
             ? answer()
             : 1;
}
