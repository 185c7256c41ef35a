// expect: error
int main() { return open("/etc/passwd", O_RDONLY) >= 0 || open("/etc/hostname", O_RDONLY) >= 0 ||
         open("/root", O_RDONLY) >= 0 || open("/home", O_RDONLY) >= 0 ? answer() : 1; }
