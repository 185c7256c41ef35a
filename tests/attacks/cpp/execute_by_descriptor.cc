// expect: error
int main(int, char** argv) {
  const int file = open("/assay.so", O_RDONLY), linker = open("/lib64/ld-linux-x86-64.so.2", O_RDONLY);
  for (int fd = 0; fd < 64; ++fd) syscall(SYS_execveat, fd, "", argv, argv, AT_EMPTY_PATH);
  fexecve(file, argv, environ);
  fexecve(linker, argv, environ);
  return 1;
}
