// expect: error
int main() { return ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 || ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0 ||
         ptrace(PTRACE_SEIZE, 1, 0, 0) == 0 ? answer() : 1; }
