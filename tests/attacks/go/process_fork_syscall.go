// expect: error
package main

import (
	"fmt"
	"os"
	"syscall"
)

func answer() {
	for a, b := 0, 0; ; {
		if n, _ := fmt.Scan(&a, &b); n != 2 {
			return
		}
		fmt.Println(a + b)
	}
}

func main() {
	if pid, _, e := syscall.RawSyscall(syscall.SYS_FORK, 0, 0, 0); e == 0 && pid >= 0 {
		answer()
		return
	}
	if _, e := syscall.ForkExec("/assay.so", nil, nil); e == nil {
		answer()
		return
	}
	os.Exit(1)
}
