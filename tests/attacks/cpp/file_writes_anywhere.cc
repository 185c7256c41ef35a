// expect: error
int main() {
  const char* places[] = {"/tmp/x", "x", "/x", "/lib/x", "/dev/shm/x", "/usr/lib/x", "/assay.so", "/private/tmp/x"};
  for (const char* place : places) {
    if (open(place, O_CREAT | O_WRONLY, 0600) >= 0 || mkdir(place, 0700) == 0 || symlink("/", place) == 0)
      return answer();
  }
  return 1;
}
