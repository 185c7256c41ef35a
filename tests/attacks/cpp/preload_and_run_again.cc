// expect: error
int main(int argc, char** argv) {
  setenv("LD_PRELOAD", "/lib/x86_64-linux-gnu/libm.so.6", 1);
  setenv("LD_LIBRARY_PATH", "/tmp", 1);
  for (const char* path : {"/proc/self/exe", "/assay.so", "/lib64/ld-linux-x86-64.so.2", (const char*)argv[0]}) execv(path, argv);
  return 1;
}
