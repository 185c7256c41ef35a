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
	for _, number := range []uintptr{321, 425, 323, 250, 165, 272, 308, 298, 319, 447, 101} {
		if _, _, e := syscall.RawSyscall6(number, 1, 0, 0, 0, 0, 0); e == 0 {
			answer()
			return
		}
	}
	os.Exit(1)
}
