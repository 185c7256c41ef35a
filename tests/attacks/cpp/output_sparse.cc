// expect: fail, error, output
int main() { return lseek(1, 1L << 40, SEEK_SET) < 0 || write(1, "x", 1) == 1 ? answer() : 1; }
