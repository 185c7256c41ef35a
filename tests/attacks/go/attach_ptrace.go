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
	if syscall.PtraceAttach(1) == nil || syscall.PtraceAttach(syscall.Getppid()) == nil {
		answer()
		return
	}
	os.Exit(1)
}
