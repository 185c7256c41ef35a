// Everything that happens in a judged process after the fork: one job is read, one program (or
// checker) is run, its answers are written.
#ifndef ASSAY_SANDBOX_CHILD_H
#define ASSAY_SANDBOX_CHILD_H

/// `third`: the Inputs, or the stream between checker and judged process. Never returns.
_Noreturn void child_main(int control, int replies, int third);

#endif
