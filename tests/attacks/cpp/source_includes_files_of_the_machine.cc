// expect: syntax
#if __has_include("/etc/hostname") || __has_include("/proc/self/environ") || __has_include("/etc/debian_version") || \
    __has_include("/assay.so/../etc/group") || __has_include("/dev/null") || __has_include("/etc/ld.so.cache")
int main() { return answer(); }
#else
#error nothing of the machine is there
#endif
