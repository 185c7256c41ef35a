// expect: pass
int main(int argc, char** argv) {
  memset(argv[0], 'x', strlen(argv[0]));
  for (char** at = environ; *at; ++at) {
    for (const char* word : {"assay", "/work", "/root", "USER", "SSH", "TOKEN"}) {
      if (strstr(*at, word)) return 1;
    }
  }
  return argc == 1 ? answer() : 1;
}
