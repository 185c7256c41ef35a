// expect: error
int main() { return open("/proc/self/mem", O_RDWR) >= 0 || open("/proc/self/maps", O_RDONLY) >= 0 ||
         open("/proc/1/environ", O_RDONLY) >= 0 ? answer() : 1; }
